"""Rows of a long file, of one moment, read as they are asked for in a session that outlives the request."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Self

import psycopg
from sqlalchemy import Engine, Result, Row, Select, func, select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.base import db
from permissions import Actor

FETCHED_AT_ONCE = 4_000
"""Rows taken into memory."""
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How PostgreSQL keeps to one moment; SQLite does so in every transaction that reads."""
ON_ONE_CORE = select(func.set_config("max_parallel_workers_per_gather", "0", true()))
"""How PostgreSQL leaves the other cores to whoever works meanwhile, until the transaction ends."""

Values = tuple[Any, ...]


def rows_in_own_session(actor: Actor, statement: Select[Any]) -> Generator[Row[Any]]:
    """Read columns in a session of its own, which outlives the request and keeps to the actor's scope as well."""
    return _rows(db.engine, actor, statement)


def _rows(engine: Engine, actor: Actor, statement: Select[Any]) -> Generator[Row[Any]]:
    with one_moment(engine, actor) as session, closing(session.execute(streamed(statement))) as rows:
        yield from unmapped(rows)


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


class ColumnsOnly(psycopg.Cursor[Values]):
    """A cursor that knows what it was asked for, and gives the columns of it without any rows."""

    query: Any = None
    params: Any = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Ask for the columns."""
        self.query, self.params = query, params
        return super().execute(f"SELECT * FROM ({query}) AS asked LIMIT 0", params, **options)  # nosec B608: SQLAlchemy's own


def copied(actor: Actor, statement: Select[Any], options: str) -> Generator[bytes]:
    """Let PostgreSQL write the rows of a statement by COPY, and give each line; read as `rows_in_own_session` does."""
    return _copied(db.engine, actor, statement, options)


def _copied(engine: Engine, actor: Actor, statement: Select[Any], options: str) -> Generator[bytes]:
    with one_moment(engine, actor) as session:
        driver: Any = session.connection().connection.driver_connection
        session.execute(ON_ONE_CORE)
        driver.cursor_factory = ColumnsOnly
        try:
            asked: Any = session.execute(statement).raw.cursor  # type: ignore[attr-defined]
        finally:
            driver.cursor_factory = psycopg.Cursor
        copy = f"COPY ({asked.query}) TO STDOUT ({options})"
        try:
            with driver.cursor() as cursor, cursor.copy(copy, asked.params) as lines:
                yield from lines
        except psycopg.Error as error:
            raise DBAPIError.instance(copy, asked.params, error, psycopg.Error) from error
