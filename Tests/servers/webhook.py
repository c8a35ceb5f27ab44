"""An HTTP server that answers as it is told to.

    webhook.py LOG ANSWERS [--tls FOLDER] [--secret TEXT]

ANSWERS, for one request after the other, the last for all that follow: a status, `429/SECONDS` (with
Retry-After), `307/URL` (a redirect), `drop` (takes the request and closes without a word), `silent`
(takes it and never answers), `slow` (status 200, and a body that never ends).
"""

import argparse
import base64
import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import Log, end_with_input, tls_context

parser = argparse.ArgumentParser()
parser.add_argument("log")
parser.add_argument("answers", type=lambda text: text.split(","))
parser.add_argument("--tls")
parser.add_argument("--secret", default="")
options = parser.parse_args()
log = Log(options.log)
answers = options.answers
never = threading.Event()


def signature(headers, body):
    """As the Standard Webhooks have it."""
    signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    digest = hmac.new(options.secret.encode(), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        log.write(
            path=self.path,
            headers=headers,
            body=body.decode(),
            answer=answer,
            isSigned=headers.get("webhook-signature") == signature(headers, body),
        )
        word, _, value = answer.partition("/")
        self.close_connection = True
        if word == "drop":
            return
        if word == "silent":
            never.wait()
        self.send_response(200 if word == "slow" else int(word))
        if word.startswith("3"):
            self.send_header("Location", value)
        elif value:
            self.send_header("Retry-After", value)
        self.send_header("Content-Length", "1000" if word == "slow" else "0")
        self.end_headers()
        if word == "slow":
            self.wfile.write(b"so ")
            self.wfile.flush()
            never.wait()

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if options.tls:
    server.socket = tls_context(options.tls).wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
end_with_input()
server.serve_forever()
