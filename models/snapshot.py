"""Whether anything has been written to the database since."""

from collections.abc import Hashable
from typing import Any

from sqlalchemy import Connection, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Seen(FunctionElement[str]):
    """What a statement that selects it tells of the writes that it sees: the text that `snapshot` takes."""

    type = String()
    inherit_cache = True


@compiles(Seen, "sqlite")
def _seen_by_sqlite(_element: Seen, _compiler: Any, **_kwargs: Any) -> str:
    """Tell what others have committed (https://www.sqlite.org/pragma.html#pragma_data_version) and we have changed."""
    return "(SELECT data_version || ' ' || total_changes() FROM pragma_data_version)"


@compiles(Seen, "postgresql")
def _seen_by_postgresql(_element: Seen, _compiler: Any, **_kwargs: Any) -> str:
    """Tell which transactions have ended, as nothing else decides what is seen.

    https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
    """
    return "CAST(pg_current_snapshot() AS TEXT)"


def snapshot(connection: Connection, seen: str) -> Hashable:
    """Give what is equal again only where nobody has written anything since, in this program or in another.

    `seen` was just read through the connection; what is read later is at least as new.
    """
    if connection.dialect.name == "sqlite":  # its numbers say something of one connection only
        return connection.connection.info.setdefault("itself", object()), seen
    return connection.engine.url, seen
