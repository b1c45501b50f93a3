"""The whole history of an order, by kind and by person."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

import services.order_history
from models.base import db
from models.staff import Staff
from permissions import SYSTEM, Action
from services.sign_in import actor_of
from services.status_change import StatusWanted, change_status
from services.unit_of_work import Edit, changing_one, tell
from tests.admin_views.orders.test_detail import HOSTILE, words
from tests.factories import NOON, make_order, make_staff


@pytest.fixture
def number(app: Flask) -> int:
    """An order that Ann confirmed and paid, and a program took further."""
    with app.app_context():
        number = make_order(payment_status="OPEN")
        ann = actor_of(make_staff("ann", ["order:editor", "backoffice:viewer"]).id)
        db.session.info["actor"] = SYSTEM
        for version, (actor, to_status, paid) in enumerate(
            [(ann, "CONFIRMED", "PAID"), (SYSTEM, "PROCESSING", "")], start=1
        ):
            edit = Edit(actor, Action.ORDERS_EDIT, NOON + timedelta(hours=version), "as agreed")
            change_status(number, StatusWanted(to_status, paid), seen=version, edit=edit)
        return number


def test_everything_is_told_the_latest_first(viewer: FlaskClient, number: int) -> None:
    page = words(viewer, f"/admin/orders/{number}/history/")
    events = ["Status Confirmed → Processing", "Payment status: Open → Paid", "Status New → Confirmed", "Created,"]
    places = [page.index(event) for event in events]
    assert places[0] < min(places[1:3]) < max(places[1:3]) < places[3]
    assert "as agreed" in page
    assert f"/admin/orders/{number}/history/" in viewer.get(f"/admin/orders/{number}/").text


def test_it_is_narrowed_by_kind_and_by_person(app: Flask, viewer: FlaskClient, number: int) -> None:
    paid = words(viewer, f"/admin/orders/{number}/history/?kind=payment_status")
    assert "Open → Paid" in paid
    assert "→ Confirmed" not in paid
    with app.app_context():
        ann = db.session.scalar(db.select(Staff.id).where(Staff.name == "Ann"))
    by_ann = words(viewer, f"/admin/orders/{number}/history/?who={ann}")
    assert "New → Confirmed" in by_ann
    assert "→ Processing" not in by_ann
    by_program = words(viewer, f"/admin/orders/{number}/history/?who=SYSTEM&kind=status")
    assert "→ Processing" in by_program
    assert "New → Confirmed" not in by_program
    none = words(viewer, f"/admin/orders/{number}/history/?who=SYSTEM&kind=payment_status")
    assert "Nothing was found for this choice." in none


def test_long_histories_go_on(monkeypatch: pytest.MonkeyPatch, viewer: FlaskClient, number: int) -> None:
    monkeypatch.setattr(services.order_history, "AT_ONCE", 2)
    told, path = [], f"/admin/orders/{number}/history/?kind=status"
    while path:
        text = viewer.get(path).text
        told += [line.partition("</div>")[0] for line in text.split("<li><div>")[1:]]
        before = text.partition("before=")[2].partition('"')[0]
        path = f"/admin/orders/{number}/history/?kind=status&before={before}" if before else ""
    assert told == ["Status Confirmed → Processing", "Status New → Confirmed", "Created, status New"]


def test_what_is_long_is_folded_and_can_be_read_whole(app: Flask, viewer: FlaskClient, number: int) -> None:
    remarks, note = f"{'Ring twice. ' * 300}{HOSTILE}", "Called. " * 30
    codes = ", ".join(f"1: 3S{place}" for place in range(9))
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        with changing_one(number, edit=Edit(SYSTEM, Action.ORDERS_EDIT, NOON + timedelta(hours=9))) as order:
            order.remarks = remarks
            tell(order, "internal_note", "", note)
            tell(order, "tracking_code", "", codes)
    for page in (f"/admin/orders/{number}/history/", f"/admin/orders/{number}/"):
        text = viewer.get(page).text
        folded = dict(re.findall(r"<details><summary>(.*?)</summary><p class=\"whole\">(.*?)</p>", text))
        assert all("…" in short and len(short) < 260 for short in folded)
        assert {unescape(whole) for whole in folded.values()} == {
            f"Remarks: empty → {remarks}",
            f"Internal note: {note}",
            f"Shipment 1: tracking code {codes.replace('1: ', '')} added",
        }


@pytest.mark.parametrize(
    "asked", ["kind=no-such", "who=999999", "who=STAFF", "before=x", "before=-1", f"kind={HOSTILE}"]
)
def test_what_it_does_not_have_is_refused(viewer: FlaskClient, number: int, asked: str) -> None:
    answer = viewer.get(f"/admin/orders/{number}/history/?{asked}")
    assert answer.status_code == 400
    assert f"The history of order {number} has nothing like that." in answer.text
    assert HOSTILE not in answer.text
