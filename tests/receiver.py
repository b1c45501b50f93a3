"""A program of somebody else's, to which workflows and other calls may lead: over HTTPS, on this machine only."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from config import OutboundHost, Settings
from tests.servers import ROOT

TLS = ROOT / "tests" / "data" / "tls"
NAME = "hooks.seller.example"
"""The name in its certificate, beside 127.0.0.1."""


@dataclass(frozen=True)
class Call:
    """What was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A server that keeps what it is sent and answers what it is told to; the last answer is given again and again.

    An answer is the status and the body, or a function that writes to the connection. `ended` is set in the end.
    """

    port: int = 0
    answers: list[Any] = field(default_factory=lambda: [(200, b'{"message": "All of it is in stock."}')])
    calls: list[Call] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/orders?shop=1"

    def named(self, name: str = "127.0.0.1", network: str = "") -> Sequence[OutboundHost]:
        """Give how OUTBOUND_HOSTS names it."""
        entry = f"{name}:{self.port}" + (f"={network}" if network else "")
        return Settings.from_environ(
            {"OUTBOUND_HOSTS": entry, "DATABASE_URL": "sqlite:///x", "SECRET_KEY": "only for tests"}
        ).outbound_hosts

    def answer(self, *answers: tuple[int, bytes] | Callable[[BaseHTTPRequestHandler], None]) -> None:
        """Say what it answers from now on."""
        self.answers[:] = answers


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve meanwhile."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Call(self.path, dict(self.headers), body))
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            with suppress(OSError):  # whoever called has gone away
                if callable(answer):
                    answer(self)
                else:
                    self.send_response(answer[0])
                    self.send_header("Location", "https://127.0.0.1/elsewhere")
                    self.send_header("Content-Length", str(len(answer[1])))
                    self.end_headers()
                    self.wfile.write(answer[1])

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_given: Any) -> None:
            """Whoever does not like the certificate hangs up; that is no error here."""

    with Server(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver.port = server.server_port
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield receiver
        finally:
            receiver.ended.set()
            server.shutdown()
            serving.join()
