"""A copy of everything, taken while people work, and how it is brought back.

A copy is a tar file: the files of the store, the database as its own program copies it, and at last what the copy is.
Files are taken before and after the database. So every file that a row names is there, also when it was made or
removed meanwhile.
"""

import io
import json
import os
import shutil
import subprocess  # nosec B404: PostgreSQL's own programs
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

import psycopg
from sqlalchemy import inspect

from models.base import db, sqlite_driver
from services import schema
from services.demo import is_empty
from services.errors import Refused
from services.storage import store

ABOUT, DATABASE, FILES = "about.json", "database", "files/"
DROP_ALL = """
SET client_min_messages = warning;
DO $$
DECLARE
    drops text;
BEGIN
    SELECT string_agg(format('DROP %s IF EXISTS %s CASCADE', kind, name), ';') INTO drops FROM (
        SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
        )
    ) AS ours;
    EXECUTE coalesce(drops, '');
END $$
"""
"""Leaves extensions, which may be somebody else's to drop."""


@dataclass(frozen=True)
class Copy:
    """What a copy is: the kind of its database, the state of the schema, and when it was made."""

    database: str
    schema: str
    made_at: str


def back_up(path: Path, *, now: datetime) -> int:
    """Copy everything into a new file, whole or not at all, and give how many stored files it has. Raises Refused."""
    if path.exists():
        raise Refused("%(path)s is there already; a backup replaces nothing.", path=path)
    try:
        with TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            written, database = Path(folder) / "whole", Path(folder) / DATABASE
            written.touch(mode=0o600)
            with tarfile.open(written, "w:gz" if path.suffix == ".gz" else "w") as archive:
                copied = _copy_files(archive, set(), now)
                copy = Copy(db.engine.dialect.name, _schema(), now.isoformat(timespec="seconds"))
                _PROGRAMS[copy.database].copy(database)
                archive.add(database, DATABASE)
                copied |= _copy_files(archive, copied, now)
                about = json.dumps(asdict(copy)).encode()
                _add(archive, ABOUT, io.BytesIO(about), len(about), now)
            written.rename(path)
    except OSError as error:
        raise Refused("The backup cannot be written: %(reason)s.", reason=error.strerror or error) from error
    return len(copied)


def _schema() -> str:
    with db.engine.connect() as connection:
        found = schema.found(connection)
    if found is None:
        raise Refused("The database has no tables, so there is nothing to copy.")
    return found


def _copy_files(archive: tarfile.TarFile, copied: set[str], now: datetime) -> set[str]:
    """Copy the files that were not copied yet; one that is removed at this moment is wanted no more."""
    new = set()
    for name in store.every_name():
        if name not in copied:
            try:
                with store.open(name) as content:
                    _add(archive, f"{FILES}{name}", content, store.size(name), now)
            except FileNotFoundError:
                continue
            new.add(name)
    return new


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int, now: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(now.timestamp()), 0o600
    archive.addfile(entry, content)


def restore(path: Path, *, replaces: bool) -> Copy:
    """Bring a copy back into the database and the store, and give what it is. Its schema may be an older one.

    Nobody may work meanwhile. What is there is replaced only if `replaces`; files that the copy has not stay.
    Raises Refused before anything is changed, unless the store takes a file no more when the database is back.
    """
    with _reading(path) as archive:
        copy = _about(archive)
        _check(copy, replaces=replaces)
        db.session.remove()
        with TemporaryDirectory(prefix=".restore-", dir=path.parent) as folder:
            database = Path(folder) / DATABASE
            with database.open("wb") as written:
                shutil.copyfileobj(_content(archive, DATABASE), written)
            _PROGRAMS[copy.database].check(database)
            _PROGRAMS[copy.database].bring_back(database)
            for name in _stored_names(archive):
                with store.writing(name) as stored:
                    shutil.copyfileobj(_content(archive, f"{FILES}{name}"), stored)
    db.engine.dispose()
    return copy


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path) as archive:
            yield archive
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise Refused("%(path)s cannot be restored: %(reason)s.", path=path, reason=error) from error


def _about(archive: tarfile.TarFile) -> Copy:
    try:
        return Copy(**json.load(_content(archive, ABOUT)))
    except (TypeError, ValueError) as error:
        raise tarfile.TarError("it says not what it is") from error


def _content(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        content = archive.extractfile(name)
    except KeyError:
        content = None
    if content is None:
        raise tarfile.TarError(f"it is no backup, or not a whole one; {name} is missing")
    return content


def _stored_names(archive: tarfile.TarFile) -> list[str]:
    names = [name.removeprefix(FILES) for name in archive.getnames() if name.startswith(FILES)]
    if any(".." in PurePosixPath(name).parts or name.startswith("/") for name in names):
        raise tarfile.TarError("it names a file outside the store")
    return names


def _check(copy: Copy, *, replaces: bool) -> None:
    if copy.database != db.engine.dialect.name:
        raise Refused(
            "The backup is one of %(theirs)s, and DATABASE_URL names a database of %(ours)s.",
            theirs=copy.database,
            ours=db.engine.dialect.name,
        )
    if copy.schema not in schema.known():
        raise Refused("The backup was made by a newer version of the product: %(schema)s.", schema=copy.schema)
    if not replaces and _holds_something():
        raise Refused("The database holds data. With --replace all of it is replaced by the backup.")


def _holds_something() -> bool:
    tables = inspect(db.engine).get_table_names()
    return bool(tables) and not ({"orders", "staff"} <= set(tables) and is_empty())


# ---- what each kind of database is copied with ----


@dataclass(frozen=True)
class _Programs:
    copy: Callable[[Path], None]
    check: Callable[[Path], None]
    bring_back: Callable[[Path], None]


@contextmanager
def _both(path: Path) -> Iterator[tuple[Any, Any]]:
    """Give the connections to our own file and to another one. Raises Refused."""
    try:
        with closing(db.engine.raw_connection()) as ours, closing(sqlite_driver.connect(path)) as other:
            yield ours.driver_connection, other
    except sqlite_driver.Error as error:
        raise Refused("The database could not be copied: %(reason)s.", reason=error) from error


def _copy_file(path: Path) -> None:
    with _both(path) as (ours, other):
        ours.backup(other)


def _check_file(path: Path) -> None:
    with closing(sqlite_driver.connect(path)) as connection:
        try:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite_driver.DatabaseError as error:
            said = str(error)
    if said != "ok":
        raise Refused("The database in the backup is damaged: %(said)s.", said=said)


def _bring_file_back(path: Path) -> None:
    """Write the copy over our file as one transaction, so that who has it open sees the one or the other."""
    with _both(path) as (ours, other):
        ours.execute("BEGIN EXCLUSIVE")  # the copying itself would wait without end for who writes
        ours.execute("ROLLBACK")
        other.backup(ours)


def _dump(path: Path) -> None:
    _run_on_ours("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--file={path}")


def _check_dump(path: Path) -> None:
    _run("pg_restore", "--list", f"--file={os.devnull}", str(path))


def _bring_dump_back(path: Path) -> None:
    """Replace what is there in one transaction, begun when all of the copy has been read."""
    script = path.with_suffix(".sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(path))
    _run_on_ours(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        f"--command={DROP_ALL}",
        f"--file={script}",
    )


def _run_on_ours(program: str, *options: str) -> None:
    """Name the database as our connections do; the password not there, where other accounts could read it."""
    with closing(db.engine.raw_connection()) as pooled:
        ours = cast(psycopg.Connection, pooled.driver_connection).info
    _run(program, f"--dbname={ours.dsn}", *options, password=ours.password)


def _run(program: str, *options: str, password: str = "") -> None:
    found = shutil.which(program)
    if found is None:
        raise Refused("%(program)s is not installed; it comes with the client programs of PostgreSQL.", program=program)
    environ = {**os.environ, "PGPASSWORD": password} if password else None
    done = subprocess.run(  # nosec B603: no input in it
        [found, *options], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused("%(said)s", said=done.stderr.strip().partition("\n")[0] or f"{program}: {done.returncode}")


_PROGRAMS = {
    "sqlite": _Programs(_copy_file, _check_file, _bring_file_back),
    "postgresql": _Programs(_dump, _check_dump, _bring_dump_back),
}
