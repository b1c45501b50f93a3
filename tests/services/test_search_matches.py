"""Where a search found an order: in which field, and with which text."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from models.base import db
from models.party import AddressText
from permissions import SYSTEM
from services.order_pages import page
from services.order_query import OrderQuery
from services.order_search import SEARCHED
from services.search_matches import Match, matches
from tests.factories import make_company, make_order

EVERY = tuple(SEARCHED)
TEXTS = {
    "debtor_id": "D-Żuraw",
    "email": "Zuraw@example.test",
    "reference": "PO ŻURAW 7",
    "remarks": "żuraw",
    "extra3": "ŻURAW-3",
    "extra4": "ŻURAW-4",
    "accounting_id": "A-ŻURAW",
    "external_order_id": "W-ŻURAW",
}


def _order(field: str) -> tuple[int, str]:
    """Make an order that holds a word in one field, and give its number and the text there."""
    text = TEXTS.get(field, f"Żuraw {field}")
    kind, _, name = field.partition("_")
    match kind:
        case "company":
            return make_order(company=make_company(text)), text
        case "invoice":
            return make_order(invoice=AddressText(company="Firma", **{name: text})), text
        case "recipient":
            return make_order(delivery=AddressText(**{name: text})), text
        case "item":
            line = {"sku": "B", "name": "Other", "quantity": 1, "price": "1", name: text}
            return make_order(lines=[{"sku": "A", "name": "First", "quantity": 1, "price": "1"}, line]), text
    column: Any = {field: text}
    return make_order(**column), text


@pytest.mark.parametrize("field", [name for name in EVERY if name != "order_number"])
def test_the_field_that_holds_a_word_is_told_with_its_text(app: Flask, field: str) -> None:
    with app.app_context():
        number, text = _order(field)
        make_order()
        rows, _count = page(OrderQuery(words=("zuraw",), fields=EVERY), SYSTEM, ("order_number",), skip=0, take=10)
        assert [row.order_id for row in rows] == [number]
        assert matches([number], ["ZURAW"], EVERY, SYSTEM) == {number: [Match(field, text)]}
        others = [name for name in EVERY if name != field]
        assert matches([number], ["zuraw"], others, SYSTEM) == {number: []}


def test_each_word_has_its_first_field_and_a_text_is_told_once(app: Flask) -> None:
    with app.app_context():
        company = make_company("Berg en Dal")
        invoice = AddressText(company="Dalmeer")
        number = make_order(company=company, reference="Dal", invoice=invoice, remarks="Berg op")
        told = matches([number], ["berg", "dal", "dalm", str(number), "op"], EVERY, SYSTEM)[number]
        assert told == [
            Match("company", "Berg en Dal"),
            Match("company", "Dalmeer"),
            Match("order_number", str(number)),
            Match("remarks", "Berg op"),
        ]


def test_a_long_text_is_cut_around_the_word(app: Flask) -> None:
    with app.app_context():
        number = make_order(remarks=f"{'a' * 300} Kärcher {'b' * 300}", reference=f"Kärcher {'c' * 90}")
        told = matches([number], ["karcher"], ["remarks"], SYSTEM)[number]
        assert told == [Match("remarks", f"…{'a' * 29} Kärcher {'b' * 29}…")]
        assert matches([number], ["karcher"], ["reference"], SYSTEM)[number][0].text == f"Kärcher {'c' * 29}…"


def test_only_orders_that_the_actor_may_see_are_told_of(app: Flask) -> None:
    with app.app_context():
        mine, theirs = make_company("Mine"), make_company("Theirs")
        orders = [make_order(company=company, reference="PO-1") for company in (mine, theirs)]
        limited = replace(SYSTEM, companies=frozenset({mine.id}))
        db.session.info["actor"] = limited
        assert matches([*orders, 10**9], ["po-1"], ["reference"], limited) == {orders[0]: [Match("reference", "PO-1")]}
