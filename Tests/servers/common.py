"""What the servers of the tests share: a certificate, a log, and an end.

Each prints its port when it is ready, writes what it gets to a file, a JSON text a line, and ends
when its standard input does: whatever its test dies of.
"""

import json
import os
import ssl
import subprocess
import sys
import threading


class Log:
    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")

    def write(self, **entry):
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


def end_with_input():
    def wait():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def tls_context(folder):
    """A certificate for 127.0.0.1 in `folder`, from an authority of its own, `ca.pem`."""
    script = """
    cd "$1"
    echo subjectAltName=IP:127.0.0.1 >san
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Rookery tests' -keyout ca.key -out ca.pem
    openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem
    """
    subprocess.run(
        ["bash", "-ceu", script, "bash", folder],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    return context
