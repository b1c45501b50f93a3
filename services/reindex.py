"""Making anew what is kept beside the orders for speed: their numbers, the texts they are found by, the index."""

import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from models.base import db, writing
from models.order import Order, OrderSearch
from models.trigrams import INDEXED, SUFFIX
from services.order_counts import recount

AT_ONCE = 5_000
PAGES_AT_ONCE = 250
ORDERS: Any = Order.__table__
SEARCH: Any = OrderSearch.__table__
log = logging.getLogger(__name__)
WRITTEN = [ORDERS.c.id, *(ORDERS.c[name] for name in OrderSearch.FIELDS)]


def reindex(report: Callable[[int], None]) -> None:
    """Make all of it anew, some thousand orders at a time; people may go on working. Reports how many are done."""
    recount()
    done, last = 0, 0
    while numbers := _write_texts(last):
        done, last = done + len(numbers), numbers[-1]
        report(done)
    for table in INDEXED:
        _rebuild(f"{table.name}{SUFFIX}")
    tidy_index()


def tidy_index(look_up: Callable[[], None] = lambda: None) -> None:
    """Merge what many writes have left in pieces in SQLite's index, as a search looks into each of them.

    That may mean to write all of it anew, some megabytes at a time. `look_up` is called in between. Where somebody
    else writes for very long it is left for the next time.
    """
    if db.engine.dialect.name != "sqlite":
        return
    with suppress(OperationalError):
        for table in INDEXED:
            index = f"{table.name}{SUFFIX}"
            while _merges(index):
                look_up()


def merge_new() -> None:
    """Merge into PostgreSQL's index what was written lately, which every search would read through.

    By itself that is done when it has grown to four megabytes, by whoever writes next. Where the index is being made
    anew, or belongs to somebody else, it is left as it is.
    """
    if db.engine.dialect.name != "postgresql":
        return
    merges = select(*(func.gin_clean_pending_list(f"ix_{each.name}{SUFFIX}") for each in INDEXED))
    try:
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            connection.execute(merges)
    except DBAPIError as error:
        log.info("The search index was not merged: %s", error.orig)


def _merges(index: str) -> bool:
    """Merge some pages of pieces and leave others as long to write; say whether there were any."""
    start = monotonic()
    with writing():
        connection = db.session.connection()
        changes = select(func.total_changes())
        before = connection.execute(changes).scalar_one()
        connection.execute(text(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', {PAGES_AT_ONCE})"))  # nosec B608: ours
        # Whoever merges nothing makes one change (https://www.sqlite.org/fts5.html#the_merge_command).
        is_merged: bool = connection.execute(changes).scalar_one() - before > 1
    sleep(monotonic() - start)
    return is_merged


def _write_texts(after: int) -> list[int]:
    """Write the texts of the next orders; give their numbers."""
    with writing():
        connection = db.session.connection()
        wanted = select(*WRITTEN).where(ORDERS.c.id > after).order_by(ORDERS.c.id).limit(AT_ONCE)
        orders = connection.execute(wanted.with_for_update(read=True)).all()
        if orders:
            within = SEARCH.c.order_id.between(orders[0].id, orders[-1].id)
            connection.execute(delete(SEARCH).where(within))
            connection.execute(
                insert(SEARCH), [{"order_id": row.id, **OrderSearch.values(row._asdict())} for row in orders]
            )
    return [row.id for row in orders]


def _rebuild(index: str) -> None:
    with writing():
        is_sqlite = db.engine.dialect.name == "sqlite"
        anew = f"INSERT INTO {index} ({index}) VALUES ('rebuild')"  # nosec B608: a name of ours
        db.session.connection().execute(text(anew if is_sqlite else f"REINDEX INDEX ix_{index}"))
