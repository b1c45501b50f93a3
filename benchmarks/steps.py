"""How much each query of the list reads, whatever the machine: SQLite's steps, PostgreSQL's rows.

The same query at two sizes tells how it grows. It is asked through the product's own functions.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from admin_views import kept_answers
from benchmarks.data import YEAR, Facts
from benchmarks.floor import PAGE
from benchmarks.workloads import EVERY_FIELD, middle_page
from models.base import db
from permissions import SYSTEM
from services.order_pages import Known, page
from services.order_query import Condition, Operator, OrderQuery
from services.status_counts import status_counts

COLUMNS = (
    "order_number", "company", "status", "payment_status", "debtor_id", "source", "total", "items_count", "updated_by",
    "created", "updated", "status_changed", "export_status", "exported", "export_message",
)  # fmt: skip
FIVE = ("order_number", "company", "debtor_id", "reference", "email")
REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
Ask = Callable[[], object]


def queries(facts: Facts) -> dict[str, Ask]:
    """Give the named queries of a database; each is asked in an application context of the product."""
    first, last = (datetime.combine(day, time(), UTC) for day in YEAR)
    year = (
        Condition("created", Operator.FROM, first),
        Condition("created", Operator.BEFORE, last + timedelta(days=1)),
    )
    words = {"rare": facts.rare, "medium": facts.medium, "broad": facts.broad, "none": facts.none}
    every = tuple(EVERY_FIELD.split(","))
    return {
        "a first page": _page(OrderQuery()),
        "a first page by company": _page(OrderQuery(sort="company"), known=_everything()),
        "b status set": _page(OrderQuery(statuses=tuple(facts.statuses))),
        "c tab counts": lambda: status_counts(SYSTEM, company=None, managed_by=None),
        "c tab counts of a company": lambda: status_counts(SYSTEM, company=facts.company, managed_by=None),
        "d company and year by total": _page(OrderQuery(company=facts.company, conditions=year, sort="total")),
        "d filter that fits nothing": _page(OrderQuery(conditions=(Condition("price", Operator.FROM, 10**12),))),
        **{f"e search {name}": _page(OrderQuery(words=(word,), fields=FIVE)) for name, word in words.items()},
        **{
            f"e23 search {name}": _page(OrderQuery(words=(word,), fields=every))
            for name, word in {**words, "article": facts.article}.items()
        },
        **_far_pages(facts),
    }


def _far_pages(facts: Facts) -> dict[str, Ask]:
    """Give far pages of the list, of its largest tab, and of other sorts, whose middle is skipped order by order."""
    known = _everything()
    middle = (middle_page(facts.orders) - 1) * PAGE
    tab = max(status_counts(SYSTEM, company=None, managed_by=None).statuses, key=lambda status: status.orders)
    of_tab = tab.orders // 2 // PAGE * PAGE
    return {
        f"f page {middle // PAGE + 1}": _page(OrderQuery(), skip=middle),
        f"f oldest first, page {middle // PAGE + 1}": _page(OrderQuery(desc=False), skip=middle),
        f"f of a tab, page {of_tab // PAGE + 1}": _page(OrderQuery(statuses=(tab.id,)), skip=of_tab),
        f"f by update, page {middle // PAGE + 1}": _page(OrderQuery(sort="updated"), skip=middle),
        "f by total, last page": _page(OrderQuery(sort="total"), skip=known.matching - PAGE, known=known),
    }


def _everything() -> Known:
    orders = status_counts(SYSTEM, company=None, managed_by=None).orders
    return Known(orders, orders)


def _page(query: OrderQuery, *, skip: int = 0, known: Known | None = None) -> Ask:
    return lambda: page(query, SYSTEM, COLUMNS, skip=skip, take=PAGE, known=known)


def count_steps(app: Flask, facts: Facts) -> dict[str, int]:
    """Give, by name, the virtual machine's steps on SQLite or the rows read on PostgreSQL of each query."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        counted = {}
        for name, ask in queries(facts).items():
            counted[name] = _sqlite_steps(ask) if db.engine.dialect.name == "sqlite" else _postgresql_rows(ask)
            db.session.rollback()
        return counted


def growth(small: Mapping[str, int], large: Mapping[str, int]) -> dict[str, float]:
    """Give, by the first word or words of its name, how many times more a query reads in the larger database."""
    of_small = {_bare(name): count for name, count in small.items()}
    return {_bare(name): count / max(1, of_small[_bare(name)]) for name, count in large.items()}


def _bare(name: str) -> str:
    """Leave out the number of the page, which differs with the size."""
    return name.rstrip("0123456789 ")


def _sqlite_steps(ask: Ask) -> int:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = db.session.connection().connection.dbapi_connection
    assert connection is not None
    connection.set_progress_handler(step, 1)
    try:
        ask()
    finally:
        connection.set_progress_handler(None, 1)
    return steps


def _postgresql_rows(ask: Ask) -> int:
    with statements(db.engine) as heard:
        ask()
    cursor = db.session.connection().connection.cursor()
    read = 0
    for statement, values in heard:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
        [([explained],)] = cursor.fetchall()
        read += round(sum(_rows_of(node) for node in _nodes(explained["Plan"])))
    return read


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _rows_of(node: dict[str, Any]) -> float:
    """Give the rows that a node gave or threw away, of all its loops."""
    return node["Actual Loops"] * (node["Actual Rows"] + sum(node.get(name, 0) for name in REMOVED))


@contextmanager
def statements(engine: Any) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements, with their parameters, that reach the database meanwhile; what begins and ends apart."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            heard.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def statements_of_page(app: Flask, client: FlaskClient, path: str) -> int:
    """Count the statements of a page that is made a second time."""
    with app.app_context():
        engine = db.engine
    client.get(path)
    kept_answers.forget()
    with statements(engine) as heard:
        client.get(path)
    return len(heard)
