"""Services are called as the system, without a web request."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from models.base import db
from permissions import SYSTEM, Actor, everything
from services import order_pages
from tests.factories import make_staff


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


@pytest.fixture
def mia() -> Actor:
    """Somebody who may do everything."""
    return Actor(make_staff("mia", []).id, "Mia", frozenset(everything()))


@pytest.fixture
def eve(mia: Actor) -> Actor:
    """A colleague of hers."""
    return replace(mia, staff_id=make_staff("eve", []).id)
