"""Rows that PostgreSQL sends ahead, whatever becomes of the connection."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DataError, OperationalError

from models.base import db
from models.order import Order
from permissions import SYSTEM
from services.streaming import rows_in_own_session
from tests.factories import make_order

MANY = 10**9
NUMBER = func.generate_series(1, MANY)


@pytest.fixture
def engine_name() -> str:
    """SQLite sends nothing."""
    return "postgresql"


def test_a_connection_that_is_lost_is_told_as_by_any_other_cursor(app: Flask) -> None:
    with app.app_context():
        order = make_order()
        rows = rows_in_own_session(SYSTEM, select(Order.id, NUMBER, func.pg_backend_pid().label("server")))
        db.session.execute(text("SELECT pg_terminate_backend(:server)"), {"server": next(rows).server})
        with pytest.raises(OperationalError):
            list(rows)
        db.session.remove()
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert [row.id for row in rows_in_own_session(SYSTEM, select(Order.id))] == [order]


@pytest.mark.parametrize("bad", [1, 4_000])
def test_an_error_is_told_as_by_any_other_cursor(app: Flask, bad: int) -> None:
    with app.app_context():
        make_order()
        db.session.remove()
        parts: Any = select(Order.id, 1 / (NUMBER - bad))
        rows = rows_in_own_session(SYSTEM, parts)
        with pytest.raises(DataError, match="division by zero"):
            list(rows)
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_connection_that_was_read_from_has_its_usual_cursors_again(app: Flask) -> None:
    with app.app_context():
        make_order()
        db.session.remove()
        rows = rows_in_own_session(SYSTEM, select(NUMBER.label("number"), Order.id))
        assert next(rows).number == 1
        rows.close()
        with db.engine.connect() as connection:
            first, second = (connection.execute(text(f"SELECT {number}")) for number in (1, 2))
            assert (first.scalar(), second.scalar()) == (1, 2)
