"""Texts that are kept once: equal ones share a row, which is never changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

AT_ONCE = 500
"""Values in one IN list."""


def shared_ids(connection: Connection, table: Any, values: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Give the ids of rows by their digests, making those that are missing of the columns given by digest.

    They are made in the order of their digests: two who make the same ones at once do not wait for each other.
    """
    ids: dict[str, int] = {}
    for part in _parts(sorted(values)):
        wanted = select(table.c.digest, table.c.id).where(table.c.digest.in_(part))
        found = {row.digest: row.id for row in connection.execute(wanted)}
        if missing := [values[digest] for digest in part if digest not in found]:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            connection.execute(dialect.insert(table).on_conflict_do_nothing(), missing)
            found = {row.digest: row.id for row in connection.execute(wanted)}
        ids.update(found)
    return ids


def _parts(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(digests), AT_ONCE):
        yield digests[start : start + AT_ONCE]
