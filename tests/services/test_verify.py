"""Finding what is broken."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from models.base import db
from models.job import JobKind
from services.demo import DemoRequest, load_demo
from services.job_handlers import clean
from services.jobs import Run, WorkerContext
from services.reindex import reindex, tidy_index
from services.verify import EXAMPLES, Check, verify, verify_on

ORDERS = 60
MONEY = "totals, counts and VAT follow from the lines"
STATUS = "the status is the last one of the history"
STAMPS = "the dates and Updated By are those of the history"
VERSIONS = "the version counts the committed changes"
SEARCH = "the search texts are those of the order"
BUYER = "a buyer's name stands for a missing company, folded"
PARENTS = "a line belongs to a line of its own order, and to no line of its own"
CREDIT = "a credit order takes everything back, and no other order does"
TEXTS = "rows of line_text have the key and the folded texts of what they say"
ADDRESSES = "rows of address have the key and the folded texts of what they say"
NAMES = "companies and persons are sorted and found by their names, folded"
DEFAULTS = "every order type has one default status"
BIN = "an order is in the bin when it says so, and gone when it was purged"
BATCHES = "a batch has as many orders as it says, and is done when none waits"
COUNTS = "the kept numbers of orders are those of the orders"
INDEX = "the search index holds the texts of its rows"
SOURCES = "a source gave no order number twice"
REFERENCES = "every reference leads to a row"
MOMENTS = "moments are stored in one form"

A_MOMENT = "'2026-01-01 10:00:00.000000'"
CORRUPTIONS = (
    ("UPDATE order_line SET total = total + 1 WHERE order_id = 7 AND position = 1", MONEY),
    ("UPDATE order_line SET quantity = quantity + 1 WHERE order_id = 7 AND position = 1", MONEY),
    ("UPDATE order_line SET tax_percentage = 1234 WHERE order_id = 7 AND position = 1", MONEY),
    ("UPDATE orders SET total_gross = total_gross + 1, total_net = total_net + 1 WHERE id = 7", MONEY),
    ("UPDATE orders SET total_tax = total_tax + 1, total_net = total_net + 1 WHERE id = 7", MONEY),
    ("UPDATE orders SET total_base = total_base + 1 WHERE id = 7", MONEY),
    ("UPDATE orders SET item_count = item_count + 1 WHERE id = 7", MONEY),
    ("UPDATE orders SET shipping_costs = shipping_costs + 1 WHERE id = 7", MONEY),
    ("DELETE FROM order_line WHERE order_id = 7", MONEY),
    ("UPDATE orders SET status_id = (SELECT id FROM order_status WHERE code = 'DRAFT_ORDER') WHERE id = 7", STATUS),
    ("UPDATE order_history SET new_value = 'DRAFT_ORDER' WHERE order_id = 7", STATUS),
    ("DELETE FROM order_history WHERE order_id = 7", VERSIONS),
    ("UPDATE orders SET version = version + 1 WHERE id = 7", VERSIONS),
    ("UPDATE orders SET updated_at = created_at, created_at = '2020-01-01 00:00:00.000000' WHERE id = 7", STAMPS),
    ("UPDATE orders SET updated_by_id = (SELECT min(id) FROM staff) WHERE id = 7", STAMPS),
    ("UPDATE order_search SET email = 'x' WHERE order_id = 7", SEARCH),
    ("UPDATE orders SET remarks = 'Ready' WHERE id = 7", SEARCH),
    ("DELETE FROM order_search WHERE order_id = 7", SEARCH),
    ("UPDATE orders SET buyer_name = 'Ann', buyer_name_folded = 'ann' WHERE company_id IS NOT NULL", BUYER),
    ("UPDATE orders SET buyer_name = 'Ann', buyer_name_folded = 'x', company_id = NULL WHERE id = 7", BUYER),
    ("UPDATE order_line SET parent_id = id WHERE order_id = 7 AND position = 1", PARENTS),
    ("UPDATE order_line SET parent_id = (SELECT min(id) FROM order_line) WHERE order_id = 7", PARENTS),
    ("UPDATE orders SET is_credit = true WHERE id = 7", CREDIT),
    ("UPDATE order_line SET quantity = -quantity WHERE order_id = 7", CREDIT),
    ("UPDATE line_text SET name_folded = 'x' WHERE id = 7", TEXTS),
    ("UPDATE line_text SET notes = 'x', notes_folded = 'x' WHERE id = 7", TEXTS),
    ("UPDATE address SET company_folded = 'x' WHERE id = 3", ADDRESSES),
    ("UPDATE address SET city = 'x' WHERE id = 3", ADDRESSES),
    ("UPDATE company SET name_folded = 'x' WHERE id = 2", NAMES),
    ("UPDATE person SET last_name = 'x' WHERE id = 2", NAMES),
    ("UPDATE orders SET is_deleted = true WHERE id = 7", BIN),
    (f"INSERT INTO deleted_order (id, deleted_at) VALUES (7, {A_MOMENT})", BIN),
    (f"INSERT INTO deleted_order (id, deleted_at) VALUES (999999, {A_MOMENT})", BIN),
    (f"INSERT INTO deleted_order (id, deleted_at, purged_at) VALUES (7, {A_MOMENT}, {A_MOMENT})", BIN),
    ("UPDATE order_count SET orders = orders + 1 WHERE company_id = 0", COUNTS),
    ("DELETE FROM order_count WHERE company_id <> 0", COUNTS),
    ("INSERT INTO order_count (company_id, status_id, orders) VALUES (0, 999, 1)", COUNTS),
    ("UPDATE order_day SET orders = orders + 1 WHERE status_id = 0", COUNTS),
    ("DELETE FROM order_day WHERE status_id <> 0", COUNTS),
    ("INSERT INTO order_day (day, status_id, orders) VALUES ('2026-01-01', 999, 1)", COUNTS),
    ("UPDATE order_status SET is_default = false WHERE code = 'NEW'", DEFAULTS),
)
TWICE = ("DROP INDEX uq_orders_source_external_order_id", "UPDATE orders SET source = 'EDI', external_order_id = '1'")
SQLITE_ONLY = (
    ("UPDATE orders SET exported_at = '2026-01-01 10:00:00' WHERE id = 7", MOMENTS),
    ("UPDATE staff SET created_at = '2026-01-01T10:00:00.000000' WHERE id = 1", MOMENTS),
    ("UPDATE orders SET company_id = 999999, buyer_name = '' WHERE id = 7", REFERENCES),
    ("UPDATE order_line SET text_id = 999999 WHERE order_id = 7", REFERENCES),
    ("DELETE FROM staff WHERE id = 1", REFERENCES),
)


@pytest.fixture
def loaded(database: None, tmp_path: Path) -> None:
    """A small whole database."""
    until = datetime(2026, 3, 31, tzinfo=UTC)
    load_demo(DemoRequest(ORDERS, seed=1, until=until, base_currency="EUR", instance=tmp_path))


@pytest.fixture
def connection(loaded: None) -> Iterator[Connection]:
    """A connection on which SQLite does not hold references."""
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys = off")
        yield connection
        connection.rollback()
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys = on")


def found_after(connection: Connection, *statements: str) -> dict[str, Check]:
    """Break the data, look at it, and mend it again."""
    for statement in statements:
        connection.execute(text(statement))
    found = {check.name: check for check in verify_on(connection) if check.count}
    connection.rollback()
    return found


FEW = 2
"""Pieces that are left: one that is large, and one of what came after it."""


def pieces(engine_name: str) -> int:
    """Count the pieces of SQLite's index of orders; PostgreSQL has one always."""
    db.session.rollback()
    counted = text("SELECT count(DISTINCT segid) FROM order_search_trigrams_idx")
    return db.session.scalar(counted) or 0 if engine_name == "sqlite" else 1


@pytest.mark.usefixtures("loaded")
def test_an_index_that_missed_a_change_is_found_and_made_anew(engine_name: str) -> None:
    if engine_name == "sqlite":
        missing = [
            "DROP TRIGGER order_search_trigrams_updated",
            "UPDATE order_search SET email = 'x' WHERE order_id = 7",
        ]
    else:
        missing = ["ALTER TABLE orders DISABLE TRIGGER count_updated", "UPDATE order_search SET email = 'x'"]
    moved = "UPDATE orders SET status_id = (SELECT id FROM order_status WHERE code = 'ARCHIVED') WHERE id = 7"
    with db.engine.execution_options(writes=1_000).begin() as connection:
        for statement in [*missing, moved, "DELETE FROM order_count", "DELETE FROM order_day"]:
            connection.execute(text(statement))
    broken = {check.name for check in verify() if check.count}
    assert broken >= {COUNTS, SEARCH} | ({INDEX} if engine_name == "sqlite" else set())
    done: list[int] = []
    reindex(done.append)
    assert done == [ORDERS]
    assert not {check.name for check in verify() if check.count} & {COUNTS, SEARCH, INDEX}
    assert pieces(engine_name) <= FEW


def write_in_pieces() -> None:
    """Change an order's texts and change them back."""
    for change in ("remarks || 'x'", "substr(remarks, 1, length(remarks) - 1)"):
        with db.engine.execution_options(writes=1_000).begin() as connection:
            connection.execute(text(f"UPDATE order_search SET remarks = {change} WHERE order_id = 7"))


@pytest.mark.usefixtures("loaded")
def test_pieces_of_the_index_are_merged_also_by_the_daily_job(engine_name: str) -> None:
    assert pieces(engine_name) <= FEW, "after a load"
    before, looks = [check.count for check in verify()], list[int]()
    daily = Run(0, JobKind.CLEAN, None, None, 1, 0, 1, WorkerContext(lambda: datetime(2026, 3, 31, tzinfo=UTC)))
    ways: list[Callable[[], None]] = [lambda: tidy_index(lambda: looks.append(1)), lambda: clean(daily, bin_days=30)]
    for tidy in ways:
        write_in_pieces()
        assert engine_name == "postgresql" or pieces(engine_name) > FEW
        tidy()
        assert pieces(engine_name) <= FEW
        assert [check.count for check in verify()] == before
    assert bool(looks) == (engine_name == "sqlite")


@pytest.mark.usefixtures("loaded")
def test_demo_data_is_whole() -> None:
    checks = verify()
    assert len(checks) >= 11
    assert not [check for check in checks if check.count]


def test_every_corruption_is_found(connection: Connection) -> None:
    only_here = SQLITE_ONLY if connection.dialect.name == "sqlite" else ()
    for statement, check in (*CORRUPTIONS, *only_here):
        assert check in found_after(connection, statement), statement
    assert SOURCES in found_after(connection, *TWICE)
    assert not found_after(connection)
    purged = f"INSERT INTO deleted_order (id, deleted_at, purged_at) VALUES (999999, {A_MOMENT}, {A_MOMENT})"
    binned = f"INSERT INTO deleted_order (id, deleted_at) VALUES (7, {A_MOMENT})"
    assert not found_after(connection, purged, binned, "UPDATE orders SET is_deleted = true WHERE id = 7")


@pytest.mark.parametrize(
    ("state", "total", "outcome", "is_whole"),
    [
        ("WAITING", 1, "WAITING", True),
        ("STOPPED", 1, "WAITING", True),
        ("DONE", 1, "DONE", True),
        ("DONE", 1, "WAITING", False),
        ("RUNNING", 1, "DONE", False),
        ("DONE", 2, "DONE", False),
    ],
)
def test_a_batch_that_lost_count_is_found(
    connection: Connection, state: str, total: int, outcome: str, *, is_whole: bool
) -> None:
    batch = (
        "INSERT INTO batch (id, key, action, staff_id, to_status, note, state, total, created_at)"
        f" SELECT 1, 'k', 'DELETE', min(id), '', '', '{state}', {total}, {A_MOMENT} FROM staff"
    )
    order = (
        "INSERT INTO batch_order (batch_id, order_id, version, outcome, reason, reason_text)"
        f" VALUES (1, 7, 1, '{outcome}', '', '')"
    )
    assert (BATCHES in found_after(connection, batch, order)) != is_whole


def test_the_order_that_is_broken_is_named(connection: Connection) -> None:
    broken = found_after(connection, "UPDATE orders SET total_base = total_base + 1 WHERE id IN (7, 12)")
    assert broken == {MONEY: Check(MONEY, 2, ["order 7", "order 12"])}


def test_all_are_counted_and_some_are_named(connection: Connection) -> None:
    check = found_after(connection, "UPDATE orders SET total_base = total_base + 1")[MONEY]
    assert check.count == ORDERS
    assert check.examples == [f"order {number}" for number in range(1, EXAMPLES + 1)]
