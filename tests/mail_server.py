"""A mail server of a test's own: real sockets, real SMTP (RFC 5321), and the answers that the test wants."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails and keeps them. ``answers`` gives the reply to a command (its first word) where it is no usual one.

    ``on_data`` is called when a mail is whole, before it is acknowledged.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[tuple[str, Message]] = []
        self.answers: dict[str, str] = {}
        self.on_data: Callable[[], object] = lambda: None
        self.hangs_up = False

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 test ready")
        recipient = ""
        for line in iter(self.rfile.readline, b""):
            word = line.decode().split(" ")[0].strip().upper()
            if word == "RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if word in self.server.answers:
                self.say(self.server.answers[word])
            elif word == "DATA":
                self.say("354 go on")
                self.take(recipient)
                if self.server.hangs_up:
                    return
                self.say("250 taken")
            else:
                self.say("221 bye" if word == "QUIT" else "250 ok")
                if word == "QUIT":
                    return

    def take(self, recipient: str) -> None:
        lines = [line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n")]
        self.server.on_data()
        self.server.mails.append((recipient, message_from_bytes(b"".join(lines))))

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def run_mail_server() -> Iterator[MailServer]:
    """Serve mails until the end of the block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
