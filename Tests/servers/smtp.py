"""An SMTP server that answers as it is told to.

    smtp.py LOG ANSWERS [--starttls FOLDER | --smtps FOLDER] [--auth USER:PASSWORD [--mechanism NAME]]

ANSWERS, for one message after the other, the last for all that follow: `accept`, a reply such as
`451` to the message, `rcpt-550` to a recipient, `drop` (takes the message and closes without a
word), `drop-early` (closes at the recipient), `silent` (never greets).
"""

import argparse
import asyncio
import email
import email.policy
import hashlib

from aiosmtpd.smtp import SMTP, AuthResult

from common import Log, end_with_input, tls_context

parser = argparse.ArgumentParser()
parser.add_argument("log")
parser.add_argument("answers", type=lambda text: text.split(","))
parser.add_argument("--starttls")
parser.add_argument("--smtps")
parser.add_argument("--auth")
parser.add_argument("--mechanism", default="PLAIN")
options = parser.parse_args()
log = Log(options.log)
answers = options.answers


def next_answer():
    return answers.pop(0) if len(answers) > 1 else answers[0]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        log.write(event="rcpt", to=address)
        if answers[0] == "drop-early":
            next_answer()
            server.transport.abort()
            return "421 closing"
        if answers[0].startswith("rcpt-"):
            return next_answer()[5:] + " no such mailbox " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = next_answer()
        log.write(
            event="message",
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            tls=session.ssl is not None or options.smtps is not None,
            user=session.auth_data.login.decode() if session.auth_data else None,
            answer=answer,
            **read(envelope.content),
        )
        if answer == "drop":
            server.transport.abort()
            return "421 closing"
        return "250 taken" if answer == "accept" else answer + " as the test has it"


def read(content):
    """The message as Python's own reader has it, which finds defects."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = list(message.iter_attachments())
    return {
        "from": message["From"],
        "subject": message["Subject"],
        "date": message["Date"].datetime.isoformat(),
        "id": message["Message-ID"],
        "text": message.get_body().get_content(),
        "attachments": [
            {
                "name": part.get_filename(),
                "type": part.get_content_type(),
                "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest(),
            }
            for part in parts
        ],
        "defects": [
            str(defect) for part in message.walk() for defect in part.defects
        ],
        "longestLine": max(map(len, content.splitlines())),
    }


def authenticate(server, session, envelope, mechanism, data):
    log.write(event="auth", mechanism=mechanism, password=data.password.decode())
    right = f"{data.login.decode()}:{data.password.decode()}" == options.auth
    # A careless server: it says the password aloud.
    reply = None if right else f"535 not with {data.password.decode()}"
    return AuthResult(success=right, handled=False, auth_data=data, message=reply)


def session():
    context = tls_context(options.starttls) if options.starttls else None
    return lambda: SMTP(
        Handler(),
        tls_context=context,
        require_starttls=context is not None,
        authenticator=authenticate if options.auth else None,
        auth_required=options.auth is not None,
        auth_exclude_mechanism={"PLAIN", "LOGIN"} - {options.mechanism},
        # Over smtps:// the whole session is encrypted, which the library does not know of.
        auth_require_tls=options.smtps is None,
        hostname="tests",
    )


class Silent(asyncio.Protocol):
    def connection_made(self, transport):
        log.write(event="connection")
        self.transport = transport


async def main():
    factory = Silent if answers == ["silent"] else session()
    context = tls_context(options.smtps) if options.smtps else None
    server = await asyncio.get_running_loop().create_server(
        factory, "127.0.0.1", 0, ssl=context
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    end_with_input()
    await server.serve_forever()


asyncio.run(main())
