"""The drawers of the editor, as somebody without scripts uses them, and what scripts fetch."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views.orders.editor import products_drawer
from models.base import db
from models.order import OrderLine
from models.party import Address, AddressKind, AddressText, PartyAddress
from services.editing.matching import Answer, answers
from services.editing.pasted import PastedLine
from services.notation import Notation
from tests.admin_views.orders.test_statements import counted
from tests.factories import make_company, make_order, make_person, make_product
from tests.forms import Form, opened, send

NEW = "/admin/orders/new"
HOME = AddressText(company="Maas", street="Kade", number="1", city="Breda", country="NL")


@pytest.fixture
def house(app: Flask) -> dict[str, int]:
    """Give the ids of a company with a contact and an address, a private customer, two products and an order."""
    with app.app_context():
        company = make_company("Maas <b>", "D1")
        db.session.add(PartyAddress(company=company, kind=AddressKind.DELIVERY, address=Address.of(HOME)))
        db.session.commit()
        pump = make_product("Pump", "PU-1", list_price=10, ean="4006381333931")
        line = {"sku": "PU-1", "name": "Pump", "quantity": 3, "price": "7", "product_id": pump.id}
        return {
            "company": company.id,
            "contact": make_person("Helma", "Maas", company).id,
            "private": make_person("Anna", "Berg").id,
            "pump": pump.id,
            "valve": make_product("Valve", "BV-12", minimum_quantity=12, step_quantity=12).id,
            "order": (order := make_order(company=company, lines=[line])),
            "line": db.session.scalars(db.select(OrderLine.id).where(OrderLine.order_id == order)).one(),
        }


def pressed(client: FlaskClient, form: dict[str, Any], do: str, **typed: Any) -> dict[str, Any]:
    """Press a button of the form with some fields changed, and give the form that comes back with its page."""
    sent = {name: value for name, value in form.items() if name != "page"}
    answer = send(client, NEW, sent, do=do, **{name.replace("_", "-"): value for name, value in typed.items()})
    assert answer.status_code == 200, answer.text
    return {**Form(answer.text).values, "page": answer.text}


def lines(form: dict[str, Any]) -> list[tuple[str, str]]:
    return [(form[f"line-{key}-sku"][0], form[f"line-{key}-quantity"][0]) for key in form.get("line", ())]


def test_a_company_and_its_contact_are_found_and_taken(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), "open:customer")
    form = pressed(owner, form, "open:customer", find_words="MAAS", find_company=str(house["company"]))
    assert "Maas &lt;b&gt;" in form["page"]
    assert f'value="customer:{house["company"]}:{house["contact"]}"' in form["page"]
    form = pressed(owner, form, f"customer:{house['company']}:{house['contact']}")
    assert (form["company_id"], form["user_id"]) == ([str(house["company"])], [str(house["contact"])])
    assert (form["debtor_id"], form["delivery-city"], form["invoice-city"]) == (["D1"], ["Breda"], ["Breda"])
    assert "find-words" not in form


def test_a_private_customer_is_taken_and_who_cannot_order_is_told(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), f"customer::{house['private']}")
    assert (form["company_id"], form["user_id"]) == ([""], [str(house["private"])])
    form = pressed(owner, pressed(owner, form, "open:customer"), "customer:x:")
    assert "Choose who the order is for." in form["page"]
    assert "find-words" in form


def test_another_customer_asks_what_becomes_of_edited_addresses(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), f"customer:{house['company']}:")
    form["delivery-city"] = ["Tilburg"]
    form = pressed(owner, form, "open:customer")
    assert form["find-addresses"] == ["anew"]
    kept = pressed(owner, form, f"customer::{house['private']}", find_addresses="keep")
    assert kept["delivery-city"] == ["Tilburg"]
    assert pressed(owner, form, f"customer::{house['private']}")["delivery-city"] == [""]


def test_an_address_of_the_book_is_chosen(owner: FlaskClient, app: Flask, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), f"customer:{house['company']}:")
    form["delivery-city"] = ["Tilburg"]
    form = pressed(owner, form, "open:addresses")
    assert form["find-delivery"] == [""]
    with app.app_context():
        number = db.session.scalars(db.select(Address.id)).one()
    assert pressed(owner, form, "addresses", find_delivery=str(number))["delivery-city"] == ["Breda"]
    assert "not in the customer" in pressed(owner, form, "addresses", find_delivery="999")["page"]


def test_a_product_is_added_by_what_is_typed(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), "add", add_words="4006381333931")
    assert lines(form) == [("PU-1", "1")]
    form = pressed(owner, form, f"add:{house['valve']}")
    assert lines(form) == [("PU-1", "1"), ("BV-12", "12")]
    assert lines(pressed(owner, form, "seek:bv-12", add_words="typed meanwhile"))[1] == ("BV-12", "24")
    assert pressed(owner, form, "seek:a:b")["add-words"] == ["a:b"]
    for words, told in (("zzz", "No product is found by “zzz”."), (" ", "Type a name, SKU or EAN.")):
        assert told in pressed(owner, form, "add", add_words=words)["page"]


def test_products_that_are_ticked_stay_ticked_and_are_added(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), "open:products")
    quantity = {f"tick-{house['pump']}-quantity": "five"}
    form = pressed(owner, form, "open:products", find_words="valve", tick=[str(house["pump"])], **quantity)
    assert form["tick"] == [str(house["pump"])]
    form = pressed(owner, form, "products", tick=[str(house["pump"]), str(house["valve"])])
    assert sorted(lines(form)) == [("BV-12", "12"), ("PU-1", "five")]
    form = pressed(owner, pressed(owner, form, "open:products"), "products")
    assert "Tick at least one product." in form["page"]


def test_a_pasted_list_is_answered_and_what_is_bad_stays(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), "open:products")
    form = pressed(
        owner, form, "open:products", paste="SKU;Qty\r\nPU-1;2\r\nBV-12;25\r\nBV-13;12\r\nPU-1;x\r\n", find_mode="paste"
    )
    for told in (
        "1 of 4 lines can be added",
        "Per 12: 24 or 36.",
        "Meant BV-12?",
        "“x” is not a whole number.",
        "20.00",
    ):
        assert told in form["page"]
    assert lines(form) == []
    form = pressed(owner, form, "paste")
    assert lines(form) == [("PU-1", "2")]
    assert form["paste"][0].split() == ["SKU;Qty", "BV-12;25", "BV-13;12", "PU-1;x"]
    form = pressed(owner, form, "paste")
    assert "There is no line that can be added yet." in form["page"]
    form = pressed(owner, form, "paste", paste="PU-1;1\nBV-12;24")
    assert lines(form) == [("PU-1", "3"), ("BV-12", "24")]
    assert "paste" not in form


def test_a_pasted_list_is_answered_once_for_a_request(
    owner: FlaskClient, house: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def noted(lines: Sequence[PastedLine], notation: Notation) -> list[Answer]:
        asked.append(len(lines))
        return answers(lines, notation)

    monkeypatch.setattr(products_drawer, "answers", noted)
    form = pressed(owner, opened(owner, NEW), "open:products")
    asked.clear()
    form = pressed(owner, form, "paste", paste="PU-1;2\nBV-13;12\nBV-12;12\nPU-1;x", find_mode="paste")
    assert asked == [4]
    assert lines(form) == [("PU-1", "2"), ("BV-12", "12")]
    assert form["paste"][0].split() == ["BV-13;12", "PU-1;x"]
    assert re.findall(r'<span class="muted tnum">(\d+)</span>', form["page"]) == ["1", "2"]


def test_lines_of_an_earlier_order_are_taken_over(owner: FlaskClient, house: dict[str, int]) -> None:
    form = pressed(owner, opened(owner, NEW), "open:earlier")
    assert "Choose who the order is for first." in form["page"]
    form = pressed(owner, pressed(owner, form, f"customer:{house['company']}:"), "open:earlier")
    form = pressed(owner, form, "open:earlier", find_order=str(house["order"]))
    assert "3 × 7.00" in form["page"]
    form = pressed(owner, form, "take", take=[str(house["line"])], find_price="old")
    assert lines(form) == [("PU-1", "3")]
    assert re.fullmatch(r"7\.0+", form["line-n1-price"][0])
    assert "take" not in form
    assert "Tick at least one line" in pressed(owner, form, "take")["page"]


def test_parts_are_found_by_scripts_for_who_may_edit(
    owner: FlaskClient, viewer: FlaskClient, app: Flask, house: dict[str, int]
) -> None:
    parts = {
        "customers?find-words=maas": "Maas &lt;b&gt;",
        f"contacts?find-company={house['company']}": "Helma Maas",
        "products?find-words=PU": "PU-1",
        "suggestions?find-words=PU": f'id="suggestion-{house["pump"]}"',
    }
    for address, text in parts.items():
        with counted(app) as statements:
            answer = owner.get(f"/admin/orders/editor/{address}")
        assert text in answer.text
        assert "<html" not in answer.text
        assert len(statements) <= 8, statements
        assert viewer.get(f"/admin/orders/editor/{address}").status_code == 403
    for hostile in ("%00", "%25", "_", "x" * 3_000, "'\"<"):
        assert owner.get(f"/admin/orders/editor/customers?find-words={hostile}&find-company=9e9").status_code == 200
        assert owner.get(f"/admin/orders/editor/products?find-words={hostile}&find-maker={hostile}").status_code == 200
