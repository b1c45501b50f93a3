"""Lines that PostgreSQL copies, whatever becomes of the connection."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DataError, OperationalError

from models.base import db
from models.order import Order
from permissions import SYSTEM
from services.streaming import copied
from tests.factories import make_company, make_order

MANY = 10**9
NUMBER = func.generate_series(1, MANY)
AS_CSV = "FORMAT csv"


@pytest.fixture
def engine_name() -> str:
    """SQLite copies nothing."""
    return "postgresql"


def test_a_connection_that_is_lost_is_told_as_by_any_other_statement(app: Flask) -> None:
    with app.app_context():
        order = make_order()
        lines = copied(SYSTEM, select(func.pg_backend_pid(), NUMBER).select_from(Order), AS_CSV)
        server = int(bytes(next(lines)).partition(b",")[0])
        db.session.execute(text("SELECT pg_terminate_backend(:server)"), {"server": server})
        with pytest.raises(OperationalError):
            list(lines)
        db.session.remove()
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert [bytes(line) for line in copied(SYSTEM, select(Order.id), AS_CSV)] == [f"{order}\n".encode()]


@pytest.mark.parametrize("bad", [1, 4_000])
def test_an_error_is_told_as_by_any_other_statement(app: Flask, bad: int) -> None:
    with app.app_context():
        make_order()
        db.session.remove()
        parts: Any = select(Order.id, 1 / (NUMBER - bad))
        lines = copied(SYSTEM, parts, AS_CSV)
        with pytest.raises(DataError, match="division by zero"):
            list(lines)
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_connection_that_was_copied_from_is_as_before(app: Flask) -> None:
    with app.app_context():
        make_order()
        db.session.remove()
        lines = copied(SYSTEM, select(NUMBER, Order.id), AS_CSV)
        assert bytes(next(lines)).startswith(b"1,")
        lines.close()
        with db.engine.connect() as connection:
            first, second = (connection.execute(text(f"SELECT {number}")) for number in (1, 2))
            assert (first.scalar(), second.scalar()) == (1, 2)
            assert connection.scalar(text("SHOW max_parallel_workers_per_gather")) != "0"


def test_whoever_is_limited_to_companies_gets_their_lines_only(app: Flask) -> None:
    with app.app_context():
        mine, theirs = make_company("Mine"), make_company("Theirs")
        order = make_order(company=mine)
        make_order(company=theirs)
        actor = replace(SYSTEM, companies=frozenset({mine.id}))
        assert [bytes(line) for line in copied(actor, select(Order.id), AS_CSV)] == [f"{order}\n".encode()]
