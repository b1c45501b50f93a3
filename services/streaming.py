"""Rows of a long file, of one moment, read as they are asked for in a session that outlives the request.

PostgreSQL sends them while those before them are written, so that neither side waits for the other.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from typing import Any, Self, cast

import psycopg
from sqlalchemy import Engine, Result, Row, Select
from sqlalchemy.orm import Session

from models.base import db
from permissions import Actor

AT_ONCE = 1_000
"""Rows taken into memory; PostgreSQL stops when the network holds what it can beyond them."""
FETCHED_AT_ONCE = 4_000
"""Rows that SQLite reads at once."""
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How PostgreSQL keeps to one moment; SQLite does so in every transaction that reads."""

Values = tuple[Any, ...]


def rows_in_own_session(actor: Actor, statement: Select[Any]) -> Generator[Row[Any]]:
    """Read columns in a session of its own, which outlives the request and keeps to the actor's scope as well."""
    return _rows(db.engine, actor, statement)


def _rows(engine: Engine, actor: Actor, statement: Select[Any]) -> Generator[Row[Any]]:
    with one_moment(engine, actor) as session, closing(_executed(session, statement)) as rows:
        yield from unmapped(rows)


def _executed(session: Session, statement: Select[Any]) -> Result[Any]:
    is_sent = session.connection().dialect.name == "postgresql"
    return _sent_ahead(session, statement) if is_sent else session.execute(streamed(statement))


@contextmanager
def one_moment(engine: Engine, actor: Actor) -> Iterator[Session]:
    """Give a session of its own, all of whose statements see the same moment, within the actor's scope."""
    with Session(engine, info={"actor": actor}) as session:
        if engine.dialect.name == "postgresql":
            session.connection(execution_options=SNAPSHOT)
        yield session


def streamed(statement: Select[Any]) -> Select[Any]:
    """Let the rows of a statement be read as they are asked for."""
    return statement.execution_options(yield_per=FETCHED_AT_ONCE)


def unmapped(result: Result[Any]) -> Iterable[Row[Any]]:
    """Give the rows of an ORM statement that selects columns, without the look that it would take at each value."""
    return result.raw  # type: ignore[attr-defined]


class SentAhead(psycopg.Cursor[Values]):
    """A cursor whose rows are taken as they come in. Until it is closed its connection answers nothing else."""

    _coming: Generator[Values] | None = None
    _rows: Iterator[Values] = iter(())

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Send the query and wait for its first rows."""
        self._coming = cast("Generator[Values]", self.stream(query, params, size=AT_ONCE))
        first = next(self._coming, None)
        if first is None:  # what its columns are comes with a row, or when it is executed as others are
            return super().execute(query, params, **options)
        self._rows = chain([first], self._coming)
        return self

    def fetchone(self) -> Values | None:
        """Give the next row."""
        return next(self._rows, None)

    def close(self) -> None:
        """Let PostgreSQL stop, if it is not done."""
        if self._coming is not None:
            self._coming.close()
        super().close()


def _sent_ahead(session: Session, statement: Select[Any]) -> Result[Any]:
    """Execute the last statement of a session on PostgreSQL, whose rows are read as they are asked for."""
    driver: Any = session.connection().connection.driver_connection
    driver.cursor_factory = SentAhead
    try:
        return session.execute(statement)
    finally:
        driver.cursor_factory = psycopg.Cursor
