"""A copy of everything, and what it brings back."""

import io
import json
import os
import resource
import secrets
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import flask_migrate
import pytest
from click.testing import Result
from flask import Flask
from psycopg import sql
from sqlalchemy import func, select, text

from config import Settings
from models.base import db
from models.order import Order
from permissions import SYSTEM
from services import backup
from services.errors import Refused
from services.storage import store
from tests.factories import make_order
from tests.servers import ROOT, connect, postgresql_programs

PDF = "invoices/1.pdf"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of PostgreSQL are installed."""
    monkeypatch.setenv("PATH", f"{postgresql_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def elsewhere(engine_name: str, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The settings of an installation without a table and without a file."""
    new = replace(settings, files_url=f"file://{settings.instance}/other-files")
    if engine_name == "sqlite":
        yield replace(new, database_url=f"sqlite:///{settings.instance}/other.db")
        return
    server, name = request.getfixturevalue("postgresql"), f"empty_{secrets.token_hex(8)}"
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield replace(new, database_url=f"{settings.database_url.rpartition('/')[0]}/{name}")
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def keep(name: str, content: bytes) -> None:
    with store.writing(name) as written:
        written.write(content)


def orders(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Order.__table__)) or 0


def add_order(app: Flask) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        make_order()


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process become larger, as on a full disk."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_backup_brings_database_and_files_back_elsewhere(app: Flask, elsewhere: Settings, tmp_path: Path) -> None:
    add_order(app)
    keep(PDF, b"%PDF")
    keep("7-1.csv", b"")
    copy = tmp_path / "copy.tar.gz"
    done = run(app, "backup", copy)
    assert (done.exit_code, done.output) == (0, f"{copy} holds the database and 2 stored files.\n")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    connect(app, elsewhere)
    done = run(app, "restore", copy)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("The backup of 2")
    assert " is restored.\nok  " in done.output
    assert orders(app) == 1
    assert (store.open(PDF).read(), store.size("7-1.csv")) == (b"%PDF", 0)
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_is_there_is_replaced_only_when_that_is_said(app: Flask, tmp_path: Path) -> None:
    add_order(app)
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    add_order(app)
    refused = run(app, "restore", tmp_path / "copy.tar")
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: The database holds data. With --replace all of it is replaced by the backup.\n",
    )
    assert orders(app) == 2
    assert run(app, "restore", "--replace", tmp_path / "copy.tar").exit_code == 0
    assert orders(app) == 1
    add_order(app)
    assert run(app, "verify").exit_code == 0


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_dump_that_fails_in_the_middle_leaves_the_database_as_it_was(app: Flask, tmp_path: Path) -> None:
    add_order(app)
    keep(PDF, b"%PDF")
    with app.app_context(), db.engine.begin() as connection:
        made = "CREATE OR REPLACE FUNCTION ok(bigint) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN {}; END'"
        connection.execute(text(made.format("1")))
        connection.execute(text("CREATE INDEX ON orders (ok(id))"))
        connection.execute(text(made.format("lost()")))
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP FUNCTION ok CASCADE"))
    add_order(app)
    keep(PDF, b"newer")
    done = run(app, "restore", "--replace", tmp_path / "copy.tar")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "function lost() does not exist" in done.output
    assert (orders(app), store.open(PDF).read()) == (2, b"newer")
    assert run(app, "verify").exit_code == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_disk_that_is_full_in_the_middle_leaves_the_database_as_it_was(app: Flask, tmp_path: Path) -> None:
    add_order(app)
    keep(PDF, b"%PDF")
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    add_order(app)
    keep(PDF, b"newer")
    with tarfile.open(tmp_path / "copy.tar") as archive:
        room = archive.getmember("database").size  # enough for the copy, not for the log of its writing
    with files_up_to(room):
        done = run(app, "restore", "--replace", tmp_path / "copy.tar")
    assert (done.exit_code, done.output) == (1, "Error: The database could not be copied: disk I/O error.\n")
    assert (orders(app), store.open(PDF).read()) == (2, b"newer")
    assert run(app, "verify").exit_code == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_full_disk_leaves_no_half_of_a_backup(app: Flask, tmp_path: Path) -> None:
    with files_up_to(100_000):
        done = run(app, "backup", tmp_path / "new.tar")
    assert (done.exit_code, done.output) == (1, "Error: The database could not be copied: disk I/O error.\n")
    assert [*tmp_path.glob("new*"), *tmp_path.glob(".*")] == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_database_that_somebody_still_writes_is_not_replaced(app: Flask, tmp_path: Path) -> None:
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    with app.app_context(), db.engine.connect() as impatient, db.engine.connect() as writer:
        writer.execution_options(writes=0).execute(text("SELECT 1"))
        impatient.execute(text("PRAGMA busy_timeout = 0"))
        impatient.close()
        done = run(app, "restore", "--replace", tmp_path / "copy.tar")
    assert (done.exit_code, done.output) == (1, "Error: The database could not be copied: database is locked.\n")


def test_a_backup_that_is_made_while_orders_come_is_whole(app: Flask, tmp_path: Path) -> None:
    some, enough = Event(), Event()

    def take_orders() -> None:
        while not enough.is_set():
            add_order(app)
            some.set()

    add_order(app)
    writer = Thread(target=take_orders)
    writer.start()
    try:
        assert some.wait(30)
        assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    finally:
        enough.set()
        writer.join()
    there = orders(app)
    done = run(app, "restore", "--replace", tmp_path / "copy.tar")
    assert done.exit_code == 0, done.output
    assert 1 < orders(app) <= there


def test_a_file_that_comes_with_an_order_meanwhile_is_in_the_backup(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(PDF, b"removed meanwhile")
    state = backup._schema

    def meanwhile() -> str:
        keep("invoices/2.pdf", b"added meanwhile")
        store.remove(PDF)
        return state()

    monkeypatch.setattr(backup, "_schema", meanwhile)
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    with tarfile.open(tmp_path / "copy.tar") as archive:
        assert archive.getnames() == ["files/invoices/1.pdf", "database", "files/invoices/2.pdf", "about.json"]


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        flask_migrate.downgrade(str(ROOT / "migrations"), revision="-1")
        db.engine.dispose()
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    done = run(app, "restore", "--replace", tmp_path / "copy.tar")
    assert done.exit_code == 0, done.output
    assert (app.test_client().get("/readyz").json or {})["migrations"] == "ok"


Change = Callable[[str, bytes], tuple[str, bytes] | None]


def rewritten(path: Path, change: Change) -> Path:
    """Write a backup anew, each part as `change` gives it."""
    new = path.with_name("rewritten.tar")
    with tarfile.open(path) as archive, tarfile.open(new, "w") as changed:
        for entry in archive.getmembers():
            content = archive.extractfile(entry)
            assert content is not None
            if part := change(entry.name, content.read()):
                made = tarfile.TarInfo(part[0])
                made.size = len(part[1])
                changed.addfile(made, io.BytesIO(part[1]))
    return new


def told(**what: str) -> Change:
    """Let a backup say something else of itself."""
    return lambda name, content: (
        name,
        json.dumps({**json.loads(content), **what}).encode() if name == "about.json" else content,
    )


WRONG: list[tuple[Change, str]] = [
    (told(database="oracle"), "The backup is one of oracle, and DATABASE_URL names a database of "),
    (told(schema="9999"), "The backup was made by a newer version of the product: 9999."),
    (told(colour="red"), "rewritten.tar cannot be restored: it says not what it is."),
    (lambda name, content: None if name == "database" else (name, content), "not a whole one; database is missing"),
    (lambda name, content: (name.replace("invoices", ".."), content), "it names a file outside the store"),
    (lambda name, content: (name, b"no" * 600 if name == "database" else content), "Error: "),
]


def test_what_is_no_whole_backup_of_this_product_is_refused_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    add_order(app)
    keep(PDF, b"%PDF")
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    keep(PDF, b"newer")
    for change, sentence in WRONG:
        done = run(app, "restore", "--replace", rewritten(tmp_path / "copy.tar", change))
        assert (done.exit_code, done.output.count("\n")) == (1, 1)
        assert sentence in done.output
    assert (orders(app), store.open(PDF).read()) == (1, b"newer")


def test_a_backup_that_ends_in_the_middle_is_refused(app: Flask, tmp_path: Path) -> None:
    assert run(app, "backup", tmp_path / "copy.tar.gz").exit_code == 0
    (tmp_path / "half").write_bytes((tmp_path / "copy.tar.gz").read_bytes()[:9_000])
    for name in ("half", "nowhere"):
        done = run(app, "restore", "--replace", tmp_path / name)
        assert (done.exit_code, done.output.count("\n")) == (1, 1)
        assert f"{name} cannot be restored: " in done.output


def test_a_backup_replaces_no_file_and_says_what_it_cannot_write(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "copy.tar").touch()
    assert "is there already; a backup replaces nothing." in run(app, "backup", tmp_path / "copy.tar").output
    done = run(app, "backup", "/proc/nowhere/copy.tar")
    assert (done.exit_code, done.output) == (1, "Error: The backup cannot be written: No such file or directory.\n")


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(Refused, match="pg_dump is not installed; it comes with"):
        backup._run("pg_dump")
