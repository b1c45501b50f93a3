"""How workers are woken: a queue that carries no work, only that there is some.

The rows of `models.job` are the truth. What the queue loses is found by the workers' next look, so none of
its failures matters. Of Huey this takes its storages, which hold bytes; its tasks are pickles, and whoever
can write to the queue could then run anything.
"""

import logging
import time
from threading import Event
from typing import Any

from huey.storage import BaseStorage, PostgresStorage, SqliteStorage
from sqlalchemy import make_url

from models.base import SAFE_WAL, sqlite_driver

LOOK_EVERY = 0.2
"""Seconds between two looks into a queue file; PostgreSQL calls by itself."""

TABLES_LOCK = 0x71756575
"""The advisory lock under which the tables are made."""

log = logging.getLogger(__name__)


class QueueFile(SqliteStorage):
    """Huey's queue in a file, opened with the same SQLite as the database."""

    integrity_error = sqlite_driver.IntegrityError
    operational_error = sqlite_driver.OperationalError

    def _create_connection(self) -> Any:
        connection = sqlite_driver.connect(self.filename, timeout=1, check_same_thread=False)
        connection.isolation_level = None
        self._set_journal_mode(connection)
        connection.execute("PRAGMA synchronous = off")  # a lost queue loses nothing
        return connection


class QueueTables(PostgresStorage):
    """Huey's queue in PostgreSQL, whose tables one process makes while the others wait."""

    def initialize_schema(self) -> None:
        """Make the tables; at once, `CREATE TABLE IF NOT EXISTS` fails for all but one."""
        alone = f"SELECT pg_advisory_xact_lock({TABLES_LOCK})"
        self.ddl: list[str] = [alone, *self.ddl]
        super().initialize_schema()


class Queue:
    """The queue of this process, connected when the application is made."""

    def __init__(self) -> None:
        self._url = ""
        self._storage: BaseStorage | None = None

    def connect(self, url: str) -> None:
        """Name the queue; it is opened when it is first used."""
        self._close()
        self._url = url

    def announce(self) -> None:
        """Say that there is something to do, once until somebody has heard it."""
        try:
            storage = self._opened()
            if not storage.queue_size():
                storage.enqueue(b"")
        except Exception as error:  # noqa: BLE001  each storage has errors of its own
            self._give_up(error)

    def wait(self, seconds: float, stop: Event) -> bool:
        """Wait until there is something to do, `stop` is set, or the seconds are over; say whether it was the first."""
        deadline = time.monotonic() + seconds
        while not stop.is_set() and time.monotonic() < deadline:
            try:
                storage = self._opened()
                if storage.dequeue() is not None:
                    return True
                pause = 0 if storage.blocking else LOOK_EVERY
            except Exception as error:  # noqa: BLE001  each storage has errors of its own
                self._give_up(error)
                pause = 1
            stop.wait(min(pause, max(0, deadline - time.monotonic())))
        return False

    def _opened(self) -> BaseStorage:
        if self._storage is None:
            self._storage = _storage(self._url)
        return self._storage

    def _give_up(self, error: Exception) -> None:
        log.warning("The queue does not answer (%s); jobs are found a little later.", type(error).__name__)
        self._close()

    def _close(self) -> None:
        storage, self._storage = self._storage, None
        if storage is not None:
            storage.close()


def _storage(url: str) -> BaseStorage:
    address = make_url(url)
    if address.drivername == "sqlite":
        journal = "wal" if sqlite_driver.sqlite_version_info >= SAFE_WAL else "delete"
        return QueueFile("jobs", filename=address.database, journal_mode=journal)
    dsn = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return QueueTables("jobs", dsn=dsn, connect_timeout=2)


queue = Queue()
