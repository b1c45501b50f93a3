"""What is looked up for a form of the editor, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from models.party import AddressText
from models.price import CustomerGroup, Price, PriceList
from models.product import ProductName
from permissions import SYSTEM, Actor
from services.editing.offers import Customer, Offers, look_up
from services.editing.typed import Typed, TypedLine
from services.editing.wanted import read
from services.pricing import Break
from tests.batches import counted
from tests.factories import NOON, make_company, make_order, make_person, make_product

TODAY = date(2026, 3, 31)
FORM = Typed("0" * 32)
pytestmark = pytest.mark.usefixtures("database")


def offers(typed: Typed, *, actor: Actor = SYSTEM, today: date = TODAY, zone: ZoneInfo | None = None) -> Offers:
    """Look up what a form needs."""
    wanted, _faults = read(typed, "en")
    return look_up(wanted, actor=actor, today=today, base_currency="EUR", zone=zone or UTC)


def price_list(name: str, product_id: int, price: str = "5", **columns: object) -> PriceList:
    """Make a list with a price from the first piece on."""
    made = PriceList(name=name, **{"currency": "EUR", **columns})
    db.session.add(made)
    db.session.flush()
    db.session.add(Price(price_list_id=made.id, product_id=product_id, from_quantity=1, price=Decimal(price)))
    db.session.commit()
    return made


def test_products_are_named_in_the_language_of_the_order() -> None:
    lamp = make_product("Lamp", "L-1", list_price=Decimal("9.5"), cost_price=Decimal(4), tax_code="L", step_quantity=2)
    lamp.names = [ProductName(language="de", name="Leuchte"), ProductName(language="fr", name="Lampe")]
    bulb = make_product("Bulb", "B-1", is_active=False, ean="40170725")
    form = replace(FORM, language="de").with_lines(
        [TypedLine("", product_id=lamp.id), TypedLine("", product_id=bulb.id)]
    )
    found = offers(form).articles
    assert [found[each.id].text.name for each in (lamp, bulb)] == ["Leuchte", "Bulb"]
    assert (found[lamp.id].list_price, found[lamp.id].cost_price, found[lamp.id].tax_code) == (
        Decimal("9.5"),
        Decimal(4),
        "L",
    )
    assert (found[lamp.id].step_quantity, found[bulb.id].is_active, found[bulb.id].text.ean) == (2, False, "40170725")


@pytest.mark.parametrize(
    ("columns", "price"),
    [
        ({}, 4),
        ({"valid_from": TODAY, "valid_until": TODAY}, 4),
        ({"valid_from": TODAY + timedelta(1)}, 5),
        ({"valid_until": TODAY - timedelta(1)}, 5),
        ({"is_active": False}, 5),
        ({"currency": "USD"}, 5),
    ],
)
def test_the_companys_own_list_counts_or_else_that_of_its_group(columns: dict[str, object], price: int) -> None:
    lamp = make_product("Lamp", "L-1")
    own, shared = price_list("Own", lamp.id, "4", **columns), price_list("Shared", lamp.id)
    company = make_company("Acme")
    company.price_list, company.customer_group = own, CustomerGroup(name="Trade", price_list=shared)
    db.session.commit()
    found = offers(replace(FORM, company_id=company.id).with_lines([TypedLine("", product_id=lamp.id)]))
    assert found.breaks == {lamp.id: [Break(1, Decimal(price))]}
    passed_over = (own.id, "Own", "USD") if "currency" in columns else None
    assert found.customer.passed_over == passed_over


def test_a_private_customer_has_the_list_of_the_group_and_a_contact_that_of_the_company() -> None:
    lamp = make_product("Lamp", "L-1")
    group = CustomerGroup(name="Friends", price_list=price_list("Friends", lamp.id))
    company = make_company("Acme")
    company.discount_percentage = Decimal("7.5")
    private, contact = make_person("Ann", "Private"), make_person("Bob", "Contact", company)
    private.customer_group = contact.customer_group = group
    db.session.commit()
    form = FORM.with_lines([TypedLine("", product_id=lamp.id)])
    assert offers(replace(form, user_id=private.id)).breaks == {lamp.id: [Break(1, Decimal(5))]}
    in_dollars = offers(replace(form, user_id=private.id, currency="USD"))
    assert in_dollars.breaks == {}
    assert in_dollars.customer.passed_over == (group.price_list_id, "Friends", "EUR")
    both = offers(replace(form, company_id=company.id, user_id=contact.id))
    assert (both.breaks, both.customer.discount_percentage, both.customer.is_user_of_company) == (
        {},
        Decimal("7.5"),
        True,
    )


def test_what_may_not_order_is_told_and_who_is_out_of_scope_is_not_there() -> None:
    acme, other = make_company("Acme"), make_company("Other")
    acme.is_hidden = True
    stranger = make_person("Ann", "Private")
    stranger.is_active = False
    db.session.commit()
    asked = replace(FORM, company_id=acme.id, user_id=stranger.id)
    told = offers(asked).customer
    assert (told.is_company_offered, told.is_user_offered, told.is_user_of_company) == (False, False, False)
    limited = Actor(None, "limited", SYSTEM.grants, frozenset({other.id}))
    db.session.info["actor"] = limited
    unseen = offers(asked, actor=limited).customer
    assert (unseen.is_company_there, unseen.is_user_there) == (False, False)
    assert offers(replace(FORM, company_id=2**62, user_id=2**62)).customer.is_company_there is False
    assert offers(FORM).customer == Customer()


def test_a_stored_line_has_its_agreed_price_in_its_own_order_only() -> None:
    line = {"sku": "A", "name": "Adapter", "quantity": 2, "price": "10.00"}
    mine, other = make_order(lines=[line]), make_order(lines=[{**line, "price": "99.00"}])
    found = offers(replace(FORM, order_id=mine))
    assert found.order is not None
    assert [(each.price, each.text.sku, each.total) for each in found.lines.values()] == [
        (Decimal(10), "A", Decimal(20))
    ]
    assert found.order.subtotal == 20
    assert not set(found.lines) & set(offers(replace(FORM, order_id=other)).lines)
    limited = Actor(None, "limited", SYSTEM.grants, frozenset({1}))
    db.session.info["actor"] = limited
    unseen = offers(replace(FORM, order_id=mine), actor=limited)
    assert (unseen.order, unseen.lines) == (None, {})


def test_the_day_of_a_stored_order_is_that_of_its_zone() -> None:
    number = make_order(created=datetime(2025, 12, 31, 23, 30, tzinfo=UTC), delivery=AddressText(country="DE"))
    found = offers(replace(FORM, order_id=number), zone=ZoneInfo("Europe/Amsterdam"))
    assert (found.day, found.order and found.order.country) == (date(2026, 1, 1), "DE")
    assert offers(FORM).day == TODAY


def test_the_latest_rate_of_a_currency_is_suggested() -> None:
    make_order(currency="USD", currency_rate=Decimal("0.9"))
    make_order(currency="USD", currency_rate=Decimal("0.85"), created=NOON - timedelta(9))
    make_order(currency="USD", currency_rate=Decimal("0.7"), is_deleted=True)
    assert offers(replace(FORM, currency="USD")).suggested_rate == Decimal("0.85")
    assert offers(replace(FORM, currency="SEK")).suggested_rate is None
    assert offers(replace(FORM, currency="EUR")).suggested_rate is None


def test_what_is_in_use_may_be_chosen_and_what_the_order_has() -> None:
    db.session.add_all([Carrier(name="DHL", costs=Decimal("6.95"), free_from=Decimal(250), tax_code="L")])
    db.session.add_all([Carrier(name="Old", is_active=False), Carrier(name="Counter", kind="PICKUP")])
    db.session.add_all([PaymentMethod(name="iDEAL", code="IDEAL", costs=Decimal("0.35"))])
    db.session.add_all([OrderSource(name="Backoffice"), OrderSource(name="Fax", is_active=False)])
    db.session.commit()
    found = offers(replace(FORM, order_id=make_order(carrier="Courier", payment_method="Barter", source="Fax")))
    assert found.carriers_for("DELIVERY") == ["Courier", "DHL"]
    assert found.carriers_for("PICKUP") == ["Counter"]
    assert (found.payment_methods, found.sources) == (["Barter", "iDEAL"], ["Fax", "Backoffice"])
    dhl = found.carriers["DHL"]
    assert (dhl.costs, dhl.free_from, dhl.tax_code) == (Decimal("6.95"), Decimal(250), "L")
    assert found.methods["iDEAL"].costs == Decimal("0.35")


def test_what_is_asked_does_not_grow_with_the_lines(app: Flask) -> None:
    company = make_company("Acme")
    person = make_person("Ann", "Buyer", company)
    products = [make_product(f"Lamp {number}", f"L-{number}").id for number in range(30)]
    company.price_list = price_list("Own", products[0])
    db.session.commit()
    order = make_order(company=company, user=person)
    form = replace(FORM, order_id=order, company_id=company.id, user_id=person.id, currency="USD")
    counts = []
    for chosen in (products[:1], products):
        with counted() as asked:
            offers(form.with_lines(TypedLine("", product_id=number) for number in chosen))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10
