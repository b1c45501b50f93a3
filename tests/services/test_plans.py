"""What PostgreSQL plans for its values, and what it plans once."""

import pytest
from flask import Flask
from sqlalchemy import text

from models.base import begin_reading, db
from permissions import SYSTEM
from services.order_pages import page
from services.order_query import OrderQuery, capped_count
from services.status_counts import status_counts
from tests.factories import make_order

OFTEN = 8
"""More often than the driver waits until it prepares a statement."""


@pytest.fixture
def engine_name() -> str:
    """SQLite plans each statement once, and has no plan for values."""
    return "postgresql"


def test_lists_and_searches_are_planned_for_their_values(app: Flask) -> None:
    with app.app_context():
        make_order(buyer_name="Vermeer")
        db.session.info["actor"] = SYSTEM
        db.session.rollback()
        begin_reading()
        for place in range(OFTEN):
            search = OrderQuery(words=(f"vermeer{place}",), fields=("company",))
            for query in (OrderQuery(), search, OrderQuery(statuses=(place,))):
                page(query, SYSTEM, ("order_number",), skip=0, take=25)
                capped_count(query, SYSTEM)
            status_counts(SYSTEM, company=None, managed_by=None)
        prepared = db.session.execute(text("SELECT statement, parameter_types FROM pg_prepared_statements")).all()
        assert any("order_count" in statement for statement, _types in prepared)
        of_orders = [types for statement, types in prepared if "FROM orders" in statement]
        assert of_orders == [[]], "the first page, with its values written into it"
