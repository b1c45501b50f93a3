"""Services are called as the system, without a web request."""

from collections.abc import Iterator

import pytest
from flask import Flask

from models.base import db
from permissions import SYSTEM
from services import order_pages


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """The session on a fresh database."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        yield
        db.session.rollback()


@pytest.fixture
def few_orders_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page but the first skips whole days."""
    monkeypatch.setattr(order_pages, "MANY_SKIPPED", 1)
