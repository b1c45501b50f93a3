"""The base currency: free until there are orders, fixed from then on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from config import Settings
from models.base import db
from models.order_history import Origin
from services.errors import Refused
from services.ledger import check_base_currency
from services.loading import loading
from tests.factories import make_order, make_staff
from tests.people import GRANTS, signed_in


@pytest.fixture
def in_dollars(settings: Settings) -> Iterator[Flask]:
    """The product on the same database, set to another base currency."""
    other = create_app(replace(settings, base_currency="USD"))
    yield other
    with other.app_context():
        db.engine.dispose()


def test_without_orders_any_base_currency_will_do(app: Flask, in_dollars: Flask) -> None:
    with app.app_context():
        assert not check_base_currency(db.session.connection(), "EUR")
        assert not check_base_currency(db.session.connection(), "USD")
    assert in_dollars.test_client().get("/login").status_code == 200


def test_the_first_orders_fix_it(app: Flask) -> None:
    with app.app_context():
        with loading(Origin.IMPORT, "USD"):
            pass
        assert check_base_currency(db.session.connection(), "USD")
        with pytest.raises(Refused, match="kept in USD"), loading(Origin.IMPORT, "EUR"):
            pass


def test_a_product_set_to_another_one_shows_no_page_but_says_why(app: Flask, in_dollars: Flask) -> None:
    with app.app_context():
        make_order()
        make_staff("viewer", GRANTS["viewer"])
    assert signed_in(app, "viewer@seller.example").get("/admin/orders/").status_code == 200
    answer = in_dollars.test_client().get("/login")
    assert answer.status_code == 503
    assert "The orders are kept in EUR, but BASE_CURRENCY is USD." in answer.text
    assert in_dollars.test_client().get("/healthz").status_code == 200
