"""The earlier orders of a customer, and lines taken over from them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from models.base import db
from models.order import OrderLine
from models.party import Company, Person
from permissions import SYSTEM
from services.editing.earlier_orders import AT_ONCE, earlier_orders, lines_to_take, taken
from services.editing.typed import Typed, TypedLine
from services.errors import Refused
from services.sign_in import actor_of
from tests.admin_views.orders.test_statements import counted
from tests.factories import NOON, make_company, make_order, make_person, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")


def numbers(company: Company | None = None, person: Person | None = None, **asked: int) -> list[int]:
    found = earlier_orders(company.id if company else None, person.id if person else None, actor=SYSTEM, **asked)
    return [order.id for order in found.orders]


def line_ids(number: int) -> list[int]:
    return list(db.session.scalars(db.select(OrderLine.id).where(OrderLine.order_id == number).order_by("position")))


def take(ids: list[int], company: Company, *, at_old_prices: bool) -> list[TypedLine]:
    form = Typed("0" * 32, company_id=company.id)
    return taken(ids, form, at_old_prices=at_old_prices, actor=SYSTEM, base_currency="EUR", language="nl")


def by_hand(line: TypedLine, price: str) -> TypedLine:
    return replace(line, price=price, is_price_typed=True, discount="0,00", is_discount_typed=True)


def test_the_orders_of_the_company_or_person_are_given_newest_first() -> None:
    company, anna = make_company("Maas"), make_person("Anna", "Berg")
    old = make_order(company=company)
    new = make_order(company=company, created=NOON + timedelta(days=1))
    make_order(company=company, is_deleted=True)
    make_order(company=make_company("Rijn"))
    hers = make_order(user=anna)
    assert numbers(company) == [new, old]
    assert numbers(company, besides=new) == [old]
    assert numbers(person=anna) == [hers]
    assert numbers() == []


def test_twenty_at_a_time_are_given_also_of_one_moment() -> None:
    company = make_company("Maas")
    made = [make_order(company=company) for _ in range(AT_ONCE + 2)]
    first = earlier_orders(company.id, None, actor=SYSTEM)
    assert [order.id for order in first.orders] == made[:1:-1]
    assert first.has_older
    older = earlier_orders(company.id, None, actor=SYSTEM, before=made[2])
    assert [order.id for order in older.orders] == made[1::-1]
    assert not older.has_older
    assert numbers(company, before=10**30) == numbers(company, before=make_order()) == []


def test_the_orders_of_others_do_not_exist() -> None:
    ours, theirs = make_company("Ours"), make_company("Theirs")
    number = make_order(company=theirs)
    actor = actor_of(make_staff("limited", ["order:owner", "backoffice:viewer"], limited_to=[ours]).id)
    db.session.info["actor"] = actor
    assert not earlier_orders(theirs.id, None, actor=actor).orders
    assert lines_to_take(number, theirs.id, None, actor=actor) is None
    form = Typed("0" * 32, company_id=theirs.id)
    ids = [1, 2, 3]
    assert taken(ids, form, at_old_prices=False, actor=actor, base_currency="EUR", language="en") == []


def test_an_order_offers_its_products_without_what_was_given() -> None:
    company = make_company("Maas")
    sold, old = make_product("Pump", "P"), make_product("Old", "O", is_active=False)
    number = make_order(
        company=company,
        lines=[
            {"sku": "P", "name": "Pump", "quantity": 2, "price": "10", "product_id": sold.id},
            {"sku": "O", "name": "Old", "quantity": 1, "price": "5", "product_id": old.id},
            {"sku": "OWN", "name": "Own", "quantity": 1, "price": "3"},
            {"sku": "B", "name": "Bonus", "quantity": 1, "price": "0", "is_bonus": True},
            {"sku": "S", "name": "Postage", "quantity": 1, "price": "4", "line_class": "postage"},
        ],
    )
    found = lines_to_take(number, company.id, None, actor=SYSTEM)
    assert found is not None
    assert [(each.line.text.sku, each.is_sold) for each in found[1]] == [("P", True), ("O", False), ("OWN", True)]
    assert lines_to_take(number, make_company("Rijn").id, None, actor=SYSTEM) is None
    assert lines_to_take(10**30, company.id, None, actor=SYSTEM) is None


def test_lines_are_taken_over_at_todays_price_or_the_old_one() -> None:
    company = make_company("Maas")
    pump, old = make_product("Pump", "P", minimum_quantity=6), make_product("Old", "O", is_active=False)
    number = make_order(
        company=company,
        lines=[
            {"sku": "P-OLD", "name": "Pump", "quantity": 2, "price": "1234.5", "product_id": pump.id, "notes": "red"},
            {"sku": "O", "name": "Old", "quantity": 1, "price": "5", "product_id": old.id},
            {"sku": "OWN", "name": "Own", "quantity": 1, "price": "3"},
        ],
    )
    other = line_ids(make_order(company=make_company("Rijn")))
    today = TypedLine("", pump.id, sku="P", name="Pump", quantity="2", notes="red")
    own = by_hand(TypedLine("", sku="OWN", name="Own"), "3,00")
    ids = [*line_ids(number), *other, 10**30]
    assert take(ids, company, at_old_prices=False) == [today, own]
    assert take(ids, company, at_old_prices=True) == [by_hand(today, "1.234,50"), own]


def test_old_prices_of_another_currency_are_refused() -> None:
    company = make_company("Maas")
    pump = make_product("Pump", "P")
    line = {"sku": "P", "name": "Pump", "quantity": 2, "price": "10", "product_id": pump.id}
    number = make_order(
        company=company, lines=[line, {**line, "product_id": None}], currency="PLN", currency_rate=Decimal("0.25")
    )
    with pytest.raises(Refused, match=f"Order {number} has prices in PLN"):
        take(line_ids(number), company, at_old_prices=True)
    assert [(made.price, made.is_price_typed) for made in take(line_ids(number), company, at_old_prices=False)] == [
        ("", False),
        ("", False),
    ]


def test_statements_do_not_grow_with_orders_and_lines(app: Flask) -> None:
    company = make_company("Maas")
    number = make_order(company=company)
    assert company.id

    def ask() -> None:
        for order in earlier_orders(company.id, None, actor=SYSTEM).orders:
            assert order.status.name
        found = lines_to_take(number, company.id, None, actor=SYSTEM)
        assert found is not None
        take([each.line.id for each in found[1]], company, at_old_prices=True)

    with counted(app) as few:
        ask()
    line = {"sku": "P", "name": "Pump", "quantity": 2, "price": "10"}
    for _ in range(3):
        number = make_order(company=company, lines=[line] * 9)
    assert company.id
    with counted(app) as many:
        ask()
    assert len(few) == len(many) == 4
