"""The transactions of the session."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db, writing
from models.choices import OrderSource


def add_source(divisor: int) -> float:
    with writing():
        db.session.add(OrderSource(name="Fair"))
        db.session.flush()
        return 1 / divisor


def test_a_write_is_kept_in_the_end_and_taken_back_at_once_when_something_is_raised(app: Flask) -> None:
    found = select(func.count()).select_from(OrderSource).where(OrderSource.name == "Fair")
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            add_source(0)
        assert not db.session().in_transaction()
        assert db.session.scalar(found) == 0
        add_source(1)
        assert not db.session().in_transaction()
        assert db.session.scalar(found) == 1
