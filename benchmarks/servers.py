"""The product, the floor and the peers as they are served: each with the processes of `make run`."""

import http.client
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

from benchmarks.data import Database
from benchmarks.workloads import ROOTS, Who
from tests.servers import ROOT, UNTIL_OUR_END, free_port, running

APPLICATIONS = {
    Who.PRODUCT: "app:create_app()",
    Who.FLOOR: "benchmarks.floor:create_app()",
    Who.FLASK_ADMIN: "benchmarks.peers.flask_admin_peer:create_app()",
    Who.DJANGO: "benchmarks.peers.django_peer:application",
}
HEALTH = {Who.PRODUCT: "/healthz", Who.FLOOR: "/healthz"}
LONGEST_WAIT = 600
"""Seconds that an answer may take: a peer's file of a million orders takes minutes."""
PIECE = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back: the body, the seconds until its first and its last byte, and where it leads."""

    status: int
    body: bytes
    first_byte: float
    seconds: float
    location: str = ""

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """A browser with one connection that stays open, and its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str, *, keep: bool = True) -> Answer:
        """Get a page; of one that is not kept, the body is read, and its size stands for it in eight bytes."""
        return self._ask("GET", path, None, {}, keep=keep)

    def post(
        self, path: str, form: Mapping[str, object], headers: Mapping[str, str] | None = None, *, keep: bool = True
    ) -> Answer:
        """Send a form, on a connection of its own, so that it is never sent twice."""
        self.close()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}{path}"}
        return self._ask("POST", path, urlencode(form, doseq=True), {**kind, **(headers or {})}, keep=keep)

    def post_json(self, path: str, text: str) -> Answer:
        """Send a JSON text, likewise."""
        self.close()
        return self._ask("POST", path, text, {"Content-Type": "application/json"}, keep=True)

    def token(self, path: str, name: str = "csrf_token") -> str:
        """Give the token that the forms of a page carry."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', self.get(path).text)
        return found[1] if found else ""

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str], *, keep: bool) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookie, "Accept-Encoding": "identity", **headers}
        start = perf_counter()
        try:
            response = self._sent(method, path, body, sent)
        except (http.client.HTTPException, ConnectionError):  # it was closed for being idle
            self.close()
            start = perf_counter()
            response = self._sent(method, path, body, sent)
        first = response.read(1)
        first_byte = perf_counter() - start
        pieces, size = [first], len(first)
        while piece := response.read(PIECE):
            size += len(piece)
            if keep:
                pieces.append(piece)
        seconds = perf_counter() - start
        for header in response.headers.get_all("Set-Cookie", ()):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        body_read = b"".join(pieces) if keep else size.to_bytes(8, "big")
        return Answer(response.status, body_read, first_byte, seconds, response.headers.get("Location", ""))

    def _sent(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT)
        self._connection.request(method, path, body, dict(headers))
        return self._connection.getresponse()


@dataclass(frozen=True)
class Served:
    """One who is measured, served: the number of the server's first process, and a client that is signed in."""

    who: Who
    process: int
    client: Client

    def another_client(self) -> Client:
        """Give a second browser of the same person."""
        return Client(self.client.port, dict(self.client.cookies))


@contextmanager
def serving(who: Who, database: Database, folder: Path, workers: int | None = None) -> Iterator[Served]:
    """Serve one of them on a database, with as many workers as `make run` starts unless it is told."""
    port = free_port()
    home = folder / f"server-{who.value.lower()}"
    home.mkdir(parents=True, exist_ok=True)
    command = [
        *UNTIL_OUR_END,
        sys.executable,
        "-m",
        "gunicorn",
        f"--config={ROOT / 'gunicorn.conf.py'}",
        f"--chdir={ROOT}",
        *([f"--workers={workers}"] if workers else []),
        APPLICATIONS[who],
    ]
    environ = {**database.environ, "PORT": str(port), "WORKER": "1" if who is Who.PRODUCT else "0"}
    client = Client(port)
    with running(command, home, lambda: _answers(client, HEALTH.get(who, ROOTS[who])), environ) as process:
        if who is Who.PRODUCT:
            sign_in(client, *database.login)
        try:
            yield Served(who, process, client)
        finally:
            client.close()


def sign_in(client: Client, email: str, password: str) -> None:
    """Sign in to the product."""
    form = {"email": email, "password": password, "csrf_token": client.token("/login")}
    assert client.post("/login", form).status == 302, "the demo's owner cannot sign in"


def _answers(client: Client, path: str) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return client.get(path).status == 200
    return False


def ask_django(client: Client, path: str) -> Answer:
    """Start Django's action on all orders, as its button does."""
    form = {
        "csrfmiddlewaretoken": client.token(path, "csrfmiddlewaretoken"),
        "action": "export_csv",
        "select_across": "1",
        "_selected_action": "1",
    }
    with closing(Client(client.port, client.cookies)) as other:
        return other.post(path, form, keep=False)
