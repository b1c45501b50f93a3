"""A mail server that does what a test wants, and remembers what it took."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

TAKEN = "250 OK"


class Taken(NamedTuple):
    """A message that was taken, and for whom."""

    message_id: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, read."""
        return message_from_bytes(self.content, _class=EmailMessage, policy=policy.default)


class MailServer:
    """What it answers may be set at any time: to an address, to a message, or nothing at all."""

    def __init__(self) -> None:
        self.url = ""
        self.log: list[Taken] = []
        self.to_address: dict[str, str] = {}
        self.to_message = TAKEN
        self.dies = False
        self.hangs = False

    async def handle_RCPT(  # noqa: N802  the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take an address, or refuse it."""
        answer = self.to_address.get(address, TAKEN)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or refuse it."""
        if self.hangs:
            await asyncio.sleep(60)
        if self.to_message == TAKEN:
            content: Any = envelope.original_content
            message = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
            self.log.append(Taken(str(message["Message-ID"]), list(envelope.rcpt_tos), content))
        if self.dies:
            assert server.transport
            server.transport.abort()  # type: ignore[attr-defined]
        return self.to_message


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run one on a free port of this machine."""
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=0, ready_timeout=10)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    server.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield server
    finally:
        controller.stop()
