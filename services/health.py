"""Whether the database is there and fits this version, and whether a worker and the file store are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from models.base import SAFE_WAL, db, sqlite_driver
from models.job import WorkerBeat
from services import schema
from services.storage import store
from services.worker import SILENCE


@dataclass(frozen=True)
class Readiness:
    """What was found, part by part, in words that give nothing away."""

    is_ready: bool
    parts: dict[str, str]


def readiness(*, now: datetime) -> Readiness:
    """Look at the database, its schema, the worker and the file store.

    A missing worker or store is told, and the pages stay ready: they work without, and jobs wait or are tried again.
    """
    try:
        with db.engine.connect() as connection:
            migrations = schema.fits(connection)
            worker = _worker(connection, now) if migrations == schema.OK else "unknown"
    except SQLAlchemyError:
        return Readiness(is_ready=False, parts={"database": "unreachable"})
    parts = {"database": "ok", "migrations": migrations, "worker": worker}
    parts["files"] = "ok" if store.is_usable() else "cannot be written or read"
    if db.engine.dialect.name == "sqlite" and sqlite_driver.sqlite_version_info < SAFE_WAL:
        parts["journal"] = "delete: this SQLite is too old for a safe write-ahead log"
    return Readiness(is_ready=migrations == schema.OK, parts=parts)


def _worker(connection: Connection, now: datetime) -> str:
    at = connection.scalar(select(WorkerBeat.at))
    if at is None:
        return "not running: none was ever started"
    return "ok" if now - at <= SILENCE else f"not running since {at:%Y-%m-%dT%H:%M:%SZ}"
