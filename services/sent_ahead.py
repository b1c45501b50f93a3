"""Rows that PostgreSQL sends while those before them are written, so that neither side waits for the other."""

from collections.abc import Generator, Iterator
from itertools import chain
from typing import Any, Self, cast

import psycopg
from sqlalchemy import Result, Select
from sqlalchemy.orm import Session

AT_ONCE = 1_000
"""Rows taken into memory; PostgreSQL stops when the network holds what it can beyond them."""

Values = tuple[Any, ...]


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


def sent_ahead(session: Session, statement: Select[Any]) -> Result[Any]:
    """Execute the last statement of a session on PostgreSQL, whose rows are read as they are asked for."""
    driver: Any = session.connection().connection.driver_connection
    driver.cursor_factory = SentAhead
    try:
        return session.execute(statement)
    finally:
        driver.cursor_factory = psycopg.Cursor
