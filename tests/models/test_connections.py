"""Connections are alike, however the server is set."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.order import Order
from models.types import stored
from tests.factories import make_order


@pytest.fixture
def engine_name() -> str:
    """PostgreSQL has settings of its own."""
    return "postgresql"


def test_stored_moments_and_days_read_alike(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c datestyle=German,DMY -c timezone=Asia/Tokyo")
    with app.app_context():
        db.engine.dispose()
        make_order(created_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC), requested_on=date(2026, 7, 1))
        read = select(stored(Order.created_at), stored(Order.requested_on))
        assert tuple(db.session.connection().execute(read).one()) == ("2026-07-01 12:30:00", "2026-07-01")
