"""What the database itself refuses, whoever writes: alike on both databases."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from models.base import Base, db
from models.order import Order, OrderLine
from models.party import Company, Person
from models.status import OrderStatus
from tests.factories import NOON, make_company, make_order

ORDERS: Any = Order.__table__
LINES: Any = OrderLine.__table__


def refused(statement: Any) -> None:
    """Run a statement beside the unit of work and see the database refuse it."""
    with db.engine.begin() as connection, pytest.raises((IntegrityError, DataError)):
        connection.execute(statement)


def test_an_order_that_cannot_be_is_refused(app: Flask, subtests: pytest.Subtests) -> None:
    impossible: list[dict[str, Any]] = [
        {"payment_status": "MAYBE"},
        {"export_status": "exported"},
        {"discount_type": "X"},
        {"shipping_method": "DRONE"},
        {"currency": "EU"},
        {"currency_rate": 0},
        {"item_count": -1},
        {"version": 0},
        {"total_net": 1},
        {"source": "x" * 51},
        {"status_id": 10**6},
        {"company_id": 10**6},
    ]
    with app.app_context():
        number = make_order()
        for values in impossible:
            with subtests.test(**values):
                refused(update(ORDERS).where(ORDERS.c.id == number).values(values))


def test_a_line_that_cannot_be_is_refused(app: Flask, subtests: pytest.Subtests) -> None:
    impossible: list[dict[str, Any]] = [
        {"quantity": 0},
        {"line_class": "gift"},
        {"tax_percentage": 101},
        {"discount_percentage": -1},
    ]
    with app.app_context():
        number = make_order()
        for values in impossible:
            with subtests.test(**values):
                refused(update(LINES).where(LINES.c.order_id == number).values(values))


def test_two_orders_of_a_source_cannot_have_one_external_number(app: Flask) -> None:
    with app.app_context():
        make_order(source="shop", external_order_id="7")
        make_order(source="market", external_order_id="7")
        other = make_order(source="shop", external_order_id="8")
        refused(update(ORDERS).where(ORDERS.c.id == other).values(external_order_id="7"))


def test_a_contact_has_a_company_and_a_customer_none(app: Flask) -> None:
    with app.app_context():
        person: Any = Person.__table__
        nobody = {"first_name": "A", "last_name": "B", "name_folded": "a b", "debtor_id": "", "email": "", "phone": ""}
        refused(insert(person).values(kind="CONTACT", language="en", company_id=None, **nobody))


def test_an_order_type_has_one_default_status(app: Flask) -> None:
    with app.app_context():
        refused(update(OrderStatus).where(OrderStatus.code == "CONFIRMED").values(is_default=True))


def test_an_e_mail_address_of_staff_is_kept_in_lower_case(app: Flask) -> None:
    with app.app_context():
        values = {"name": "A", "password_hash": "", "timezone": "", "is_active": True, "is_limited": False}
        refused(insert(Base.metadata.tables["staff"]).values(email="A@seller.example", created_at=NOON, **values))


def test_the_number_of_a_removed_order_is_never_given_again(app: Flask) -> None:
    with app.app_context():
        removed = make_order()
        with db.engine.begin() as connection:
            for part in map(Base.metadata.tables.__getitem__, ("order_search", "order_history", "order_line")):
                connection.execute(delete(part).where(part.c.order_id == removed))
            connection.execute(delete(ORDERS).where(ORDERS.c.id == removed))
        assert make_order() > removed


def test_a_name_is_folded_when_it_changes(app: Flask) -> None:
    with app.app_context():
        company = make_company("Müller & Söhne")
        company.name = "Żubr"
        db.session.commit()
        assert db.session.scalar(select(Company.name_folded)) == "zubr"
