"""The page of an order as a form: what may be typed there, what a fault says, and what two people changed at once."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.batch import BatchAction
from models.choices import OrderSource, PaymentMethod
from models.external_source import ExternalSource
from models.order import Order
from models.order_note import OrderNote
from permissions import SYSTEM, Action
from services.order_notes import notes_of
from services.order_saving import OrderWanted, save
from services.sign_in import actor_of
from services.unit_of_work import Edit
from tests.admin_views.orders.test_detail import HOSTILE, words
from tests.batches import LATER, did, person
from tests.factories import (
    NOON,
    make_company,
    make_order,
    make_part,
    make_person,
    make_product,
    make_staff,
    make_wish_list,
)
from tests.people import GRANTS, csrf_token

NAMED = re.compile(r'<(?:input|select|textarea)[^>]*name="([a-z_]+)"[^>]*form="order-save"')


@pytest.fixture
def number(app: Flask) -> int:
    """An order that was imported, and what there is to choose from."""
    with app.app_context():
        db.session.add(PaymentMethod(name="iDEAL", code="IDEAL"))
        db.session.add(OrderSource(name="EDI"))
        db.session.commit()
        return make_order(reference="PO-1", payment_method="Barter", payment_status="OPEN", source="Fair")


def post(client: FlaskClient, number: int, path: str = "save", **fields: Any) -> tuple[int, str]:
    """Send a form of the order's page; give the answer's status and its text, or where it leads."""
    token = csrf_token(client, f"/admin/orders/{number}/")
    data = {"csrf_token": token, "version": "1", **fields}
    answer = client.post(f"/admin/orders/{number}/{path}?list=tab=all", data=data)
    return answer.status_code, answer.location or unescape(answer.text)


def stored(app: Flask, number: int) -> tuple[str, str, str, str, int]:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        order = db.session.get_one(Order, number)
        return order.reference, order.payment_method, order.payment_status, order.source, order.version


def saved_by(app: Flask, number: int, **fields: str) -> int:
    """Let somebody else save, and give who that is."""
    with app.app_context():
        other = actor_of(make_staff("ben", GRANTS["editor"]).id)
        db.session.info["actor"] = other
        save(number, OrderWanted(fields, "Ben was here"), seen=1, edit=Edit(other, Action.ORDERS_EDIT, LATER))
        return other.staff_id or 0


def test_each_tab_has_the_fields_that_it_shows_and_only_for_who_may_edit(
    app: Flask, editor: FlaskClient, viewer: FlaskClient, number: int
) -> None:
    with app.app_context():
        confirmed, binned = make_order(status="CONFIRMED"), make_order(is_deleted=True)
    everywhere = {"reference", "payment_method", "payment_status", "accounting_id"}
    more = {"products": {"note"}, "source": {"source"}}
    for tab in ("products", "invoices", "statuses", "financials", "source", "wished-items"):
        page = editor.get(f"/admin/orders/{number}/{tab}/").text
        named = NAMED.findall(page)
        assert sorted(named) == sorted(everywhere | more.get(tab, set())), tab
        assert page.count("data-save") == 1
        watched = viewer.get(f"/admin/orders/{number}/{tab}/").text
        assert not NAMED.findall(watched)
        assert "data-save" not in watched
    assert "orders cannot be edited" not in editor.get(f"/admin/orders/{number}/").text
    locked = editor.get(f"/admin/orders/{confirmed}/").text
    assert "Confirmed orders cannot be edited: lines, prices and addresses stay" in locked
    assert NAMED.findall(locked)
    assert not NAMED.findall(editor.get(f"/admin/orders/{binned}/").text)


def test_a_value_that_nobody_set_up_here_stays_to_be_chosen(editor: FlaskClient, number: int) -> None:
    page = editor.get(f"/admin/orders/{number}/source/").text
    none = '<option value="">Not set</option>'
    assert f'{none}<option value="Fair" selected>Fair</option><option value="EDI">EDI</option>' in page
    assert f'{none}<option value="Barter" selected>Barter</option><option value="iDEAL">iDEAL</option>' in page


def test_what_is_saved_is_told_and_leads_back_to_the_tab(app: Flask, editor: FlaskClient, number: int) -> None:
    answer = post(editor, number, tab="source", source="EDI", payment_method="iDEAL", payment_status="PAID")
    assert answer == (302, f"/admin/orders/{number}/source/?list=tab%3Dall")
    assert stored(app, number) == ("PO-1", "iDEAL", "PAID", "EDI", 2)
    page = words(editor, answer[1])
    for said in ("is saved.", "Payment method: Barter → iDEAL", "Payment status: Open → Paid", "Source: Fair → EDI"):
        assert said in page
    assert post(editor, number, tab="no-such", version="2", source="EDI")[1].startswith(f"/admin/orders/{number}/?")
    assert "Nothing was changed." in words(editor, f"/admin/orders/{number}/")
    assert editor.get(f"/admin/orders/{number}/save").status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"payment_status": "BARTERED"}, "There is no such payment status."),
        ({"payment_method": HOSTILE}, "Choose one of the payment methods in use."),
        ({"source": "Fax", "tab": "source"}, "Choose one of the sources in use."),
        ({"accounting_id": "7" * 65}, "At most 64 characters fit here."),
        ({"note": "x" * 4_001}, "A note may have at most 4000 characters."),
    ],
)
def test_a_fault_stands_by_its_field_and_on_top_and_nothing_typed_is_lost(
    app: Flask, editor: FlaskClient, number: int, fields: dict[str, str], sentence: str
) -> None:
    answer, page = post(editor, number, **{"reference": "PO-99", "note": "Called.", **fields})
    assert answer == 200
    field = next(name for name in fields if name != "tab")
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true" aria-describedby="order-{field}-error"', page)
    assert page.count(sentence) == 2
    assert f'Nothing is saved yet. <a href="#order-{field}">{sentence}</a>' in page
    assert 'value="PO-99"' in page
    assert page.count(">Called.<") == int("tab" not in fields and field != "note")  # in its own field, not in a dialog
    assert 'data-unsaved="yes"' in page
    assert HOSTILE not in page
    assert stored(app, number) == ("PO-1", "Barter", "OPEN", "Fair", 1)


@pytest.mark.parametrize("version", ["", "0", "-1", "1e9", "9" * 30, HOSTILE])
def test_a_form_without_a_version_that_can_be_read_overwrites_nobody(
    app: Flask, editor: FlaskClient, number: int, version: str
) -> None:
    saved_by(app, number, reference="PO-2")
    _answer, page = post(editor, number, reference="PO-9", version=version)
    assert ("Not saved yet" in page) or version == "9" * 30
    assert stored(app, number)[0] == "PO-2" or version == "9" * 30


# ---- two people ----


def test_who_comes_second_sees_both_values_and_by_whom_and_may_take_either(
    app: Flask, editor: FlaskClient, number: int
) -> None:
    saved_by(app, number, reference="PO-2", payment_status="PAID", payment_method="iDEAL")
    mine = {"reference": "PO-9", "payment_status": "FAILED", "payment_method": "Barter", "note": "Line 1\nLine <2>"}
    answer, page = post(editor, number, tab="source", source="EDI", **mine)
    assert answer == 200
    assert "Ben saved it on 31 Mar 2026" in page
    assert "Nothing you typed is lost." in page
    assert "2 fields were changed on both sides" in page
    for value in ("was PO-1", "PO-2", "PO-9", "was Open", "Paid", "Failed", "Source: EDI"):
        assert value in page, value
    assert "Payment method: Barter → iDEAL" in page
    assert "Internal note: Ben was here" in page
    assert stored(app, number) == ("PO-2", "iDEAL", "PAID", "Fair", 2)
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    del again["csrf_token"]
    assert again == {"version": "2", "tab": "source", "reference": "PO-9", "payment_status": "FAILED", "source": "EDI"}
    taken = {"take-reference": "theirs", "take-payment_status": "mine"}
    answer, where = post(editor, number, **again, **taken, note=mine["note"])
    assert (answer, where) == (302, f"/admin/orders/{number}/source/?list=tab%3Dall")
    assert stored(app, number) == ("PO-2", "iDEAL", "FAILED", "EDI", 3)
    assert "Line 1\nLine &lt;2&gt;" in editor.get(f"/admin/orders/{number}/").text


# ---- notes ----


def test_notes_are_read_by_all_and_removed_by_their_author_or_an_owner(
    app: Flask, editor: FlaskClient, viewer: FlaskClient, owner: FlaskClient, number: int
) -> None:
    post(editor, number, note=f"{HOSTILE}\nhttps://seller.example")
    with app.app_context():
        ben = make_staff("ben", GRANTS["editor"]).id
        make_part(OrderNote(order_id=number, staff_id=ben, at=NOON, text="Of Ben"))
        db.session.info["actor"] = SYSTEM
        own, other = (note.id for note in notes_of(db.session.get_one(Order, number)))
    remove = f"/admin/orders/{number}/notes/{{}}/remove"
    watched = viewer.get(f"/admin/orders/{number}/").text
    assert HOSTILE not in watched
    assert f"{HOSTILE}\nhttps://seller.example" in unescape(watched)
    assert 'href="https://seller.example' not in watched
    assert "/notes/" not in watched
    page = editor.get(f"/admin/orders/{number}/").text
    assert (remove.format(own) in page, remove.format(other) in page) == (True, False)
    assert remove.format(other) in owner.get(f"/admin/orders/{number}/").text
    refused = editor.get(remove.format(other))
    assert (refused.status_code, "You may not remove notes of others." in refused.text) == (403, True)
    assert post(editor, number, f"notes/{other}/remove")[0] == 403
    assert "https://seller.example" in words(editor, remove.format(own))
    for said in ("The note is removed.", "Somebody else has removed this note meanwhile."):
        assert post(editor, number, f"notes/{own}/remove")[0] == 302
        assert said in words(editor, f"/admin/orders/{number}/")
    assert editor.get(remove.format(own)).status_code == 404
    assert post(owner, number, f"notes/{other}/remove")[0] == 302
    assert "Internal note removed: Of Ben" in words(viewer, f"/admin/orders/{number}/")


# ---- source, wished items ----


def test_the_source_tab_names_channel_cart_and_other_systems(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(channel="Webshop NL", cart_id="C-77")
        make_part(ExternalSource(order_id=number, name="Coupa", external_id=HOSTILE[:60]))
    page = words(viewer, f"/admin/orders/{number}/source/")
    assert "Channel Webshop NL Cart id C-77" in page
    assert "External sources System Its id of this order Coupa" in page
    assert HOSTILE[:60] in page


def test_wished_items_are_linked_shown_and_unlinked(app: Flask, editor: FlaskClient, viewer: FlaskClient) -> None:
    with app.app_context():
        company = make_company("Ours")
        pump = make_product("Pump", "P-1")
        make_wish_list("Autumn", person=make_person("Bo", "Berg", company))
        wished = make_wish_list(HOSTILE, company, wishes={pump: 5}).id
        lines = [{"sku": "P-1", "quantity": 3, "price": "1", "product_id": pump.id}]
        number = make_order(company=company, lines=lines)
    tab = f"/admin/orders/{number}/wished-items/"
    assert "Link one to see here" not in words(viewer, tab)
    assert "Autumn" not in words(editor, tab)
    assert post(editor, number, "wished-items/link", wish_list="x")[0] == 302
    assert "Choose one of the customer's wish lists." in words(editor, tab)
    assert post(editor, number, "wished-items/link", wish_list=wished) == (302, f"{tab}?list=tab%3Dall")
    page = words(editor, tab)
    assert "Wished items 1" in page
    assert f"{HOSTILE} Move into the editor Unlink Product Wished Ordered Pump P-1 5 3 of 5 in this order" in page
    assert "Unlink" not in words(viewer, tab)
    assert "3 of 5 in this order" in words(viewer, tab)
    post(editor, number, "wished-items/unlink", wish_list=wished)
    assert "The wish list is unlinked." in words(editor, tab)
    post(editor, number, "wished-items/unlink", wish_list=wished)
    assert "The link has been changed meanwhile." in words(editor, tab)


def test_a_customer_without_wish_lists_is_led_to(app: Flask, editor: FlaskClient, viewer: FlaskClient) -> None:
    with app.app_context():
        company, anna = make_company("Ours"), make_person("Anna", "Berg")
        found = {"companies": (company.id, make_order(company=company)), "customers": (anna.id, make_order(user=anna))}
        guest = make_order()
    for view, (row, number) in found.items():
        tab = f"/admin/orders/{number}/wished-items/"
        assert "This customer has no wish lists. Open the customer" in words(editor, tab)
        assert f'href="/admin/{view}/details/?id={row}"' in editor.get(tab).text
        assert "Open the customer" not in words(viewer, tab)
    assert "has no company and no person" in words(viewer, f"/admin/orders/{guest}/wished-items/")


def test_what_was_typed_on_an_order_that_is_deleted_meanwhile_is_there_to_copy(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order(status="CANCELLED")
        did(BatchAction.DELETE, [number], person("deleter"))
    token = csrf_token(editor, "/admin/account/password/")
    sent = {"csrf_token": token, "version": "1", "tab": "products", "reference": "PO-9", "note": "Called."}
    answer = editor.post(f"/admin/orders/{number}/save", data=sent)
    assert answer.status_code == 410
    page = " ".join(re.sub("<[^>]+>", " ", answer.text).split())
    assert "What you typed Reference PO-9 Note Called." in page
