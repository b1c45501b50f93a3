"""The Shipments tab, the form of a shipment, and what the second of two people is told."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.batch import BatchAction
from models.choices import Carrier
from models.order import OrderLine
from models.shipment import Shipment
from permissions import SYSTEM, Action
from services.shipments import as_wanted, delete
from services.unit_of_work import Edit, changing_one
from tests.admin_views.orders.test_invoices import words
from tests.batches import LATER, did, person
from tests.factories import make_company, make_order, make_shipment, make_staff
from tests.forms import errors, opened, send, written
from tests.people import csrf_token, signed_in

HOSTILE = "<script>alert(1)</script>"
TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
LINES = (
    {"sku": "CU-15", "name": "Copper pipe", "quantity": 40, "price": "2.00"},
    {"sku": "PU-1", "name": "Pump", "quantity": 2, "price": "90.00"},
    {"sku": "F", "name": "Freight", "quantity": 1, "price": "9.00", "line_class": "postage"},
)


@pytest.fixture
def order(app: Flask) -> int:
    """An order of forty pipes and two pumps, and a carrier whose parcels can be followed."""
    with app.app_context():
        db.session.add(Carrier(name="DHL", tracking_url="https://dhl.example/?c={code}"))
        db.session.add(Carrier(name="Odd", tracking_url="javascript:alert('{code}')"))
        db.session.commit()
        return make_order(lines=LINES)


def tab(order: int) -> str:
    return f"/admin/orders/{order}/shipments/"


def fields(app: Flask, order: int) -> list[str]:
    """Give the names of the fields for the pieces of each line."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        found = db.session.scalars(db.select(OrderLine.id).where(OrderLine.order_id == order).order_by(OrderLine.id))
        return [f"quantity__{line}" for line in found]


def kept(app: Flask) -> list[tuple[int, str, list[int], list[tuple[str, str]]]]:
    """Give every shipment: number, status, pieces, codes with their carriers."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        shipments = [as_wanted(each) for each in db.session.scalars(db.select(Shipment).order_by(Shipment.number))]
        return [
            (place, each.status, [*each.quantities.values()], [(code.code, code.carrier) for code in each.tracking])
            for place, each in enumerate(shipments, 1)
        ]


def test_without_shipments_the_tab_shows_what_is_left(viewer: FlaskClient, editor: FlaskClient, order: int) -> None:
    told = words(viewer, tab(order))
    assert "Shipments 0" in told
    assert "Still to ship 42 of 42 pieces" in told
    assert "Copper pipe CU-15 40 of 40 left Pump PU-1 2 of 2 left" in told
    assert "This order has no shipment yet." in told
    assert "Freight" not in told.partition("Still to ship")[2].partition("Customer")[0]
    assert "New shipment" not in told
    assert "New shipment" in words(editor, tab(order))


def test_a_shipment_is_made_shown_changed_and_told(
    app: Flask, viewer: FlaskClient, editor: FlaskClient, order: int
) -> None:
    pipe, pump, _freight = fields(app, order)
    page = f"{tab(order)}new"
    form = opened(editor, page)
    assert [form[name.replace("__", "-")] for name in (pipe, pump)] == [["40"], ["2"]]
    answer = send(
        editor,
        page,
        form,
        **{pipe: "24", pump: " "},
        status="IN_TRANSIT",
        expected_on=TOMORROW.isoformat(),
        tracking__0__code=" 3S 1/2 ",
        tracking__0__carrier="DHL",
        tracking__2__code="3S2",
    )
    assert (answer.status_code, answer.location) == (302, tab(order)), errors(answer)
    assert kept(app) == [(1, "IN_TRANSIT", [24], [("3S 1/2", "DHL"), ("3S2", "")])]
    text = viewer.get(tab(order)).text
    assert re.search(r'href="https://dhl.example/\?c=3S%201%2F2" target="_blank" rel="noopener noreferrer"', text)
    told = words(editor, tab(order))
    assert "Shipment 1 is created." in told
    assert "Partly shipped" in told
    assert "Still to ship 18 of 42 pieces" in told
    assert "Copper pipe CU-15 16 of 40 left" in told
    assert "Shipment 1 On its way" in told
    assert "24 × Copper pipe" in told
    assert "Shipment 1: tracking code 3S 1/2 (DHL), 3S2 added" in told
    edit = re.search(rf'href="({tab(order)}\d+/edit)"', editor.get(tab(order)).text)
    assert edit
    assert edit[1] not in text
    rest = {pipe: "40", pump: "2", "status": "DELIVERED", "expected_on": "", "tracking__0__code": ""}
    assert send(editor, edit[1], None, **rest, tracking__0__carrier="").status_code == 302
    told = words(editor, tab(order))
    assert kept(app) == [(1, "DELIVERED", [40, 2], [("3S2", "")])]
    assert "Fully shipped" in told
    assert "Everything is shipped." in told
    assert "New shipment" not in told
    assert re.search(r"Shipment 1: On its way, expected [^→]+ → Delivered, no day", told)
    assert "24 × CU-15 → 40 × CU-15, 2 × PU-1" in told
    assert editor.get(page).location == tab(order)
    assert "Everything is shipped." in words(editor, tab(order))


@pytest.mark.usefixtures("order")
def test_a_new_shipment_proposes_the_carrier_of_the_order(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order(lines=LINES, carrier="DHL")
    page = f"{tab(number)}new"
    assert opened(editor, page)["tracking-0-carrier"] == ["DHL"]
    pipe, pump, _freight = fields(app, number)
    assert send(editor, page, None, **{pipe: "1", pump: ""}).status_code == 302
    assert send(editor, page, None, **{pipe: "2", pump: ""}, tracking__0__code="3S1").status_code == 302
    assert kept(app) == [(1, "CREATED", [1], []), (2, "CREATED", [2], [("3S1", "DHL")])]
    wrong = send(editor, page, None, **{pipe: "3", pump: ""}, tracking__0__carrier="Odd")
    assert errors(wrong) == {"tracking-0-code": "Give the code, or choose no carrier."}


def test_every_fault_stands_by_its_field_and_what_was_typed_stays(app: Flask, editor: FlaskClient, order: int) -> None:
    pipe, pump, _freight = fields(app, order)
    yesterday = (TOMORROW - timedelta(days=2)).isoformat()
    wrong = {pipe: "41", pump: "two", "status": HOSTILE, "expected_on": yesterday}
    answer = send(editor, f"{tab(order)}new", None, **wrong, tracking__0__carrier=HOSTILE, tracking__1__code="3S2")
    assert errors(answer) == {
        "status": "There is no such status of a shipment.",
        "expected_on": "This day is in the past.",
        pipe.replace("__", "-"): "Of Copper pipe, 40 of 40 are left.",
        pump.replace("__", "-"): "This is not a whole number.",
        "tracking-0-code": "Give the code, or choose no carrier.",
        "tracking-0-carrier": "There is no carrier of this name any more.",
    }
    for typed in ('value="41"', 'value="two"', f'value="{yesterday}"', 'value="3S2"'):
        assert typed in answer.text
    assert HOSTILE not in answer.text
    assert "Nothing is saved yet." in answer.text
    assert errors(send(editor, f"{tab(order)}new", None, **{pipe: "0", pump: ""}, expected_on="1 May")) == {
        "lines": "Give the pieces of at least one line.",
        "expected_on": "“1 May” is not a day. Write it as 2026-03-31.",
    }
    assert kept(app) == []


def test_pieces_of_nothing_make_no_shipment_and_no_shipment_has_the_number_0(
    app: Flask, editor: FlaskClient, order: int
) -> None:
    pipe, pump, _freight = fields(app, order)
    answer = send(editor, f"{tab(order)}new", None, **{pipe: "00", pump: "0"})
    assert "Give the pieces of at least one line." in answer.text
    answer = send(editor, f"{tab(order)}0/edit", opened(editor, f"{tab(order)}new"), **{pipe: "1"})
    assert "Somebody else has deleted this shipment" in answer.text
    assert kept(app) == []


def test_a_link_is_made_of_a_web_address_only_and_marks_are_not_obeyed(
    app: Flask, editor: FlaskClient, order: int
) -> None:
    code = '"><img src=x>'
    codes = {"tracking__0__code": code, "tracking__0__carrier": "Odd", "tracking__1__code": HOSTILE}
    assert send(editor, f"{tab(order)}new", None, **codes).status_code == 302
    text = editor.get(tab(order)).text
    assert "javascript:" not in text
    assert "<img src=x>" not in text
    assert HOSTILE not in text
    assert code in unescape(text)


def test_who_comes_second_is_told_what_happened_and_keeps_what_was_typed(
    app: Flask, editor: FlaskClient, order: int
) -> None:
    pipe, pump, _freight = fields(app, order)
    with app.app_context():
        shipment = make_shipment(order, pieces=1)
    page = f"{tab(order)}{shipment}/edit"
    form, new = opened(editor, page), opened(editor, f"{tab(order)}new")
    assert send(editor, f"{tab(order)}new", None, **{pipe: "39", pump: ""}).status_code == 302
    answer = send(editor, page, form, **{pipe: "1"}, tracking__0__code="3S9")
    assert answer.status_code == 200
    assert "The order was changed meanwhile, so nothing was done." in answer.text
    assert "Shipment 2 created" in answer.text
    assert 'value="3S9"' in answer.text
    assert kept(app)[0] == (1, "CREATED", [1, 1, 1], [])
    late = send(editor, f"{tab(order)}new", new, **{pipe: "39", pump: "1"})
    assert errors(late) == {pipe.replace("__", "-"): "Of Copper pipe, 0 of 40 are left."}
    assert "Shipment 2 created" in late.text
    again = {**form, "version": ["2"]}
    assert send(editor, page, again, tracking__0__code="3S9").status_code == 302
    assert kept(app)[0][3] == [("3S9", "")]


@pytest.mark.parametrize("version", ["", "-1", "9" * 30, HOSTILE])
def test_a_form_without_a_version_that_can_be_read_changes_nothing(
    app: Flask, editor: FlaskClient, order: int, version: str
) -> None:
    answer = send(editor, f"{tab(order)}new", None, version=version)
    assert "The order was changed meanwhile, so nothing was done." in answer.text
    assert HOSTILE not in answer.text
    assert kept(app) == []


def test_what_was_typed_for_a_deleted_shipment_may_become_a_new_one(
    app: Flask, editor: FlaskClient, order: int
) -> None:
    with app.app_context():
        shipment = make_shipment(order)
    pipe, *_others = fields(app, order)
    form = opened(editor, f"{tab(order)}{shipment}/edit")
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        delete(order, shipment, seen=1, edit=Edit(SYSTEM, Action.ORDERS_EDIT, LATER))
    answer = send(editor, f"{tab(order)}{shipment}/edit", form, **{pipe: "7"}, tracking__0__code="3S9")
    assert "Somebody else has deleted this shipment meanwhile." in answer.text
    assert f'action="{tab(order)}new"' in answer.text
    assert 'value="3S9"' in answer.text
    assert editor.get(f"{tab(order)}{shipment}/edit").status_code == 404


@pytest.mark.parametrize("page", ["new", "7/edit"])  # an order with a shipment is not deleted until that is
def test_what_was_typed_for_an_order_that_is_deleted_meanwhile_is_there_to_copy(
    app: Flask, editor: FlaskClient, page: str
) -> None:
    with app.app_context():
        order = make_order(status="CANCELLED", lines=LINES, carrier="DHL")
    pipe, pump, _freight = (name.replace("__", "-") for name in fields(app, order))
    with app.app_context():
        did(BatchAction.DELETE, [order], person("deleter"))
    sent = {"csrf_token": csrf_token(editor, "/admin/account/password/"), "version": "1", "status": "IN_TRANSIT"}
    sent |= {pipe: "3O", pump: "2", "expected_on": TOMORROW.isoformat(), "tracking-1-carrier": "DHL"}
    sent |= {"tracking-0-code": "3S <1>", "tracking-0-carrier": "DHL", "tracking-2-code": "3S2"}
    answer = editor.post(f"{tab(order)}{page}", data=sent)
    assert answer.status_code == 410
    assert written(answer.text) == {
        "Status": "On its way",
        "Expected": TOMORROW.isoformat(),
        "Track and trace": "3S <1>, DHL\n3S2",
        "Pieces": "3O × Copper pipe\n2 × Pump",
    }


def test_deleting_asks_first_and_tells_who_is_late(app: Flask, editor: FlaskClient, order: int) -> None:
    with app.app_context():
        shipment = make_shipment(order, pieces=1)
    page = f"{tab(order)}{shipment}/delete"
    assert "What is in it (pieces: 3) can be shipped again." in words(editor, page)
    token = csrf_token(editor, page)
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        with changing_one(order, edit=Edit(SYSTEM, Action.ORDERS_EDIT, LATER)):
            db.session.get_one(Shipment, shipment).status = "DELIVERED"
    late = editor.post(page, data={"csrf_token": token, "version": "1"})
    assert "Shipment 1: Created → Delivered" in late.text
    assert 'name="version" value="2"' in late.text
    assert editor.post(page, data={"csrf_token": token, "version": "2"}).location == tab(order)
    told = words(editor, tab(order))
    assert "Shipment 1 is deleted." in told
    assert "Shipment 1 deleted" in told
    assert editor.post(page, data={"csrf_token": token, "version": "3"}).location == tab(order)
    assert "Somebody else has deleted this shipment meanwhile." in words(editor, tab(order))
    assert kept(app) == []


def test_an_order_of_another_company_has_no_shipments_for_whoever_is_limited(app: Flask) -> None:
    with app.app_context():
        order = make_order(company=make_company("Acme"))
        shipment = make_shipment(order, pieces=1)
        limited = [make_company("Other")]
        email = make_staff("limited", ["order:owner", "backoffice:owner", "user:owner"], limited_to=limited).email
    outsider = signed_in(app, email)
    token = csrf_token(outsider, "/admin/account/password/")
    for page in ("", "new", f"{shipment}/edit", f"{shipment}/delete"):
        assert outsider.get(tab(order) + page).status_code == 404, page
        if page:
            assert outsider.post(tab(order) + page, data={"csrf_token": token, "version": "1"}).status_code == 404
    assert len(kept(app)) == 1


def test_many_lines_are_folded_and_a_quotation_says_why_it_is_not_shipped(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        lines = [{"sku": f"S-{place}", "name": "N", "quantity": 1, "price": "1"} for place in range(20)]
        long, quotation = make_order(lines=lines), make_order(status="QUOTATION")
        make_shipment(long, pieces=1)
    assert "20 lines, 20 pieces" in words(editor, tab(long))
    told = words(editor, tab(quotation))
    assert "Only orders are shipped, no quotations and no requests." in told
    assert "New shipment" not in told
