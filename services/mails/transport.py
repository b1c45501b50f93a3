"""The way out: a folder of files, or a mail server."""

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit

from services.errors import NotNow, Refused

PATIENCE = 20.0
"""Seconds that a mail server may take for each answer."""
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
LONGEST_ANSWER = 200


class ServerAway(NotNow):
    """The mail server cannot be reached, or broke off."""

    def __init__(self, said: str) -> None:
        super().__init__("The mail server does not answer: %(said)s", said=said[:LONGEST_ANSWER])


class ServerBusy(NotNow):
    """The mail server takes the mail not now."""

    def __init__(self, said: str) -> None:
        super().__init__("The mail server does not take the mail now: %(said)s", said=said[:LONGEST_ANSWER])


class FolderFails(NotNow):
    """The folder for mails cannot be written."""

    def __init__(self, said: str) -> None:
        super().__init__("The mail cannot be written as a file: %(said)s", said=said[:LONGEST_ANSWER])


class ServerRefuses(Refused):
    """The mail server will never take the mail."""

    def __init__(self, said: str) -> None:
        super().__init__("The mail server refuses the mail: %(said)s", said=said[:LONGEST_ANSWER])


@dataclass(frozen=True)
class OutgoingMail:
    """A mail on its way: its name as a file, its bytes, from whom, and to whom."""

    name: str
    message: bytes
    sender: str
    recipients: Sequence[str]


@dataclass
class Receipt:
    """What became of the addresses: taken, refused for good, not now; the last two with the server's answer.

    `instead` says what was done with the mail where nobody gets it.
    """

    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)
    instead: Refused | None = None


class Outbox:
    """The way out of this process, named when the application is made."""

    def __init__(self) -> None:
        self._url, self._folder = "", Path()

    def connect(self, url: str, folder: Path) -> None:
        """Name the mail server; without one, mails become files in the folder."""
        self._url, self._folder = url, folder

    @property
    def is_folder(self) -> bool:
        """Whether mails stay here as files."""
        return not self._url

    def post(self, posted: OutgoingMail, *, handing_over: Callable[[], None]) -> Receipt:
        """Hand a mail over; `handing_over` is called right before that, once somebody can get it.

        Raises Refused when it is refused for good, NotNow when it may be taken later. Whoever is refused alone, among
        others who are not, stands in what is given.
        """
        if self.is_folder:
            handing_over()
            _keep_whole(self._folder / posted.name, posted.message)
            kept = Refused("No mail server is named, so the mail was kept as a file and nobody got it.")
            return Receipt(accepted=list(posted.recipients), instead=kept)
        with _saying_why(), _connected(self._url) as server:
            return _hand_over(server, posted, handing_over)


def _keep_whole(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as part:
            try:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise FolderFails(error.strerror or type(error).__name__) from error


def _hand_over(server: smtplib.SMTP, posted: OutgoingMail, handing_over: Callable[[], None]) -> Receipt:
    receipt = Receipt()
    code, answer = server.mail(posted.sender, [f"size={len(posted.message)}"] if server.has_extn("size") else [])
    _must_be_taken(code, answer)
    for address in posted.recipients:
        code, answer = server.rcpt(address)
        if code == 421:
            raise ServerBusy(_said(code, answer))
        if 200 <= code < 300:
            receipt.accepted.append(address)
        else:
            told = receipt.refused if code >= 500 else receipt.deferred
            told[address] = _said(code, answer)
    if receipt.accepted:
        handing_over()
        _must_be_taken(*server.data(posted.message))
    return receipt


def _must_be_taken(code: int, answer: bytes) -> None:
    if not 200 <= code < 300:
        raise (ServerRefuses if code >= 500 else ServerBusy)(_said(code, answer))


def _said(code: int, answer: bytes) -> str:
    """Write an answer of a server in one line."""
    text = " ".join(answer.decode("utf-8", "replace").split())
    return "".join(filter(str.isprintable, f"{code} {text}"))[:LONGEST_ANSWER]


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    server = (
        smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=PATIENCE)
    )
    try:
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


@contextmanager
def _saying_why() -> Iterator[None]:
    """Let every way in which a server can fail become one of ours."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise ServerBusy(_said(error.smtp_code, _bytes(error.smtp_error))) from error
    except smtplib.SMTPDataError as error:
        _must_be_taken(error.smtp_code, _bytes(error.smtp_error))
    except smtplib.SMTPResponseException as error:
        raise ServerBusy(_said(error.smtp_code, _bytes(error.smtp_error))) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ServerAway(str(error) or type(error).__name__) from error


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


outbox = Outbox()
