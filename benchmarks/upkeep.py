"""What the kept counts and the search index cost whoever writes: the same deeds with them and without, in plain SQL.

Every deed is taken back, so nothing of it stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Insert, Table, case, create_engine, func, insert, literal, select, text, update

from benchmarks.data import Database
from models.base import sqlite_driver
from models.order import Order, OrderSearch
from models.party import Company
from models.status import OrderStatus
from models.trigrams import INDEXED, SUFFIX

MANY = 1_000
ORDERS: Table = Order.__table__  # type: ignore[assignment]
SEARCH: Table = OrderSearch.__table__  # type: ignore[assignment]
COMPANIES: Table = Company.__table__  # type: ignore[assignment]
STATUSES: Table = OrderStatus.__table__  # type: ignore[assignment]


def measure_upkeep(database: Database, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Give the seconds of each deed, with all that is kept and with nothing of it, in each round, turned round."""
    found: dict[str, dict[str, list[float]]] = {}
    for place in range(rounds):
        for is_kept in (True, False) if place % 2 else (False, True):
            for name, seconds in _deeds(database, is_kept=is_kept):
                found.setdefault(name, {"with": [], "without": []})["with" if is_kept else "without"].append(seconds)
    return found


def _deeds(database: Database, *, is_kept: bool) -> Iterator[tuple[str, float]]:
    with _taken_back(database) as connection:
        if not is_kept:
            _keep_nothing(connection)
        last = connection.scalar(select(func.max(ORDERS.c.id))) or 0
        chosen = ORDERS.c.id > last - MANY
        yield f"{MANY:,} new orders", _timed(connection, *copies_of_newest(MANY, last))
        one, other = connection.scalars(select(STATUSES.c.id).where(STATUSES.c.order_type == "ORDER").limit(2)).all()
        changed = case((ORDERS.c.status_id == one, other), else_=one)
        yield f"status of {MANY:,} orders", _timed(connection, update(ORDERS).where(chosen).values(status_id=changed))
        referred = update(SEARCH).where(SEARCH.c.order_id > last - MANY).values(reference=SEARCH.c.reference + " later")
        yield f"reference of {MANY:,} orders", _timed(connection, referred)
        renamed = COMPANIES.c.id.in_(select(COMPANIES.c.id).order_by(COMPANIES.c.id).limit(MANY // 10))
        named = {"name_folded": COMPANIES.c.name_folded + " group"}
        yield f"names of {MANY // 10:,} companies", _timed(connection, update(COMPANIES).where(renamed).values(named))


@contextmanager
def _taken_back(database: Database) -> Iterator[Connection]:
    engine = create_engine(database.url, **({"module": sqlite_driver} if database.engine == "sqlite" else {}))
    try:
        with engine.connect() as connection:
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _keep_nothing(connection: Connection) -> None:
    """Take the triggers away, and the index of PostgreSQL's, until all is taken back."""
    if connection.dialect.name == "sqlite":
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        return
    for table in INDEXED:
        connection.execute(text(f"DROP INDEX ix_{table.name}{SUFFIX}"))
    connection.execute(text(f"ALTER TABLE {ORDERS.name} DISABLE TRIGGER USER"))


def copies_of_newest(many: int, last: int) -> tuple[Insert, Insert]:
    """Add so many of the newest orders once more, as orders after the last, with what they are searched by."""
    return _copied(ORDERS, "id", many, last), _copied(SEARCH, "order_id", many, last)


def _copied(table: Table, key: str, many: int, last: int) -> Insert:
    names = [column.name for column in table.columns if column.computed is None]
    values: list[Any] = [table.c[name] + many if name == key else table.c[name] for name in names]
    if "external_order_id" in names and table is ORDERS:
        values[names.index("external_order_id")] = literal("")
    return insert(table).from_select(names, select(*values).where(table.c[key] > last - many, table.c[key] <= last))


def _timed(connection: Connection, *statements: Any) -> float:
    start = perf_counter()
    for statement in statements:
        connection.execute(statement)
    return perf_counter() - start
