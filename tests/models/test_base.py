"""The transactions of the session, and statements that are asked again and again."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Integer, bindparam, func, literal, select

from models.base import db, listed, repeated_rows, writing
from models.choices import OrderSource
from permissions import SYSTEM


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


def test_a_statement_with_its_values_in_its_text_gives_what_it_gave(app: Flask) -> None:
    hostile = """50% o'clock: :name %s ? \\ "é"""
    statement: Any = select(literal(hostile).label("text"), bindparam("number", type_=Integer).label("number"))
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        for number in (1, 2, 1):
            [row] = repeated_rows(statement, number=number)
            assert (row.text, row.number) == (hostile, number)


def test_all_rows_come_in_one_value_in_their_order(app: Flask) -> None:
    with app.app_context():
        for name in ("B", "ä", "C"):
            db.session.add(OrderSource(name=name, is_active=name != "C"))
        db.session.commit()
        sources: Any = select(OrderSource.name, OrderSource.is_active, OrderSource.id)
        ordered = sources.order_by(OrderSource.name.desc())
        assert db.session.scalar(select(listed(ordered))) == [list(row) for row in db.session.execute(ordered)]
        assert db.session.scalar(select(listed(sources.where(OrderSource.name == "nothing")))) == []
