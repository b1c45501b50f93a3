"""Changing the status of one order on its page, and the tab that tells every status it had."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views.orders.tabs.statuses import LEAST, WIDTH, shares
from models.base import db
from models.batch import BatchAction
from models.order import Order
from models.status import status_next
from permissions import SYSTEM, Action
from services.notation import notation_of
from services.status_change import StatusWanted, change_status
from services.unit_of_work import Edit
from tests.admin_views.orders.test_detail import HOSTILE, words
from tests.batches import did, person
from tests.factories import NOON, make_order, status_id
from tests.people import csrf_token

LATER = NOON + timedelta(days=1, hours=2)


def post(client: FlaskClient, number: int, **fields: str) -> tuple[int, str]:
    """Send the form; give the answer's status and its text, or where it leads."""
    path = f"/admin/orders/{number}/change-status?list=tab=all"
    answer = client.post(path, data={"csrf_token": csrf_token(client, path), "version": "1", **fields})
    return answer.status_code, answer.location or answer.text


def stored(app: Flask, number: int) -> tuple[str, str, int]:
    """Give status, payment status and version."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        order = db.session.get_one(Order, number)
        return order.status.code, order.payment_status, order.version


def test_the_page_of_an_order_offers_what_may_follow_to_who_may_edit(
    app: Flask, editor: FlaskClient, viewer: FlaskClient
) -> None:
    with app.app_context():
        new, archived = make_order(), make_order(status="ARCHIVED")
    page = editor.get(f"/admin/orders/{new}/").text
    assert 'data-opens="change-status"' in page
    assert 'value="CONFIRMED"' in page
    assert 'value="ARCHIVED"' not in page
    ended = editor.get(f"/admin/orders/{archived}/").text
    assert "change-status" not in ended
    assert "No status may follow Archived." in ended
    watched = viewer.get(f"/admin/orders/{new}/").text
    assert "change-status" not in watched
    assert "No status may follow" not in watched


def test_a_status_is_changed_told_and_written_down(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order(payment_status="OPEN")
    answer, where = post(editor, number, to="CONFIRMED", payment_status="PAID", note="  by\nphone ")
    assert (answer, where) == (302, f"/admin/orders/{number}/?list=tab%3Dall")
    assert stored(app, number) == ("CONFIRMED", "PAID", 2)
    page = words(editor, f"/admin/orders/{number}/statuses/")
    assert f"Order {number} is Confirmed now." in page
    assert "Confirmed Payment status set to Paid by phone" in page
    assert "Payment status: Open → Paid" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": "ARCHIVED"}, "Archived may not follow New."),
        ({"to": ""}, "Choose the new status of the order."),
        ({"to": HOSTILE}, "Choose the new status of the order."),
        ({"to": "CONFIRMED", "payment_status": HOSTILE}, "There is no such payment status."),
        ({"to": "CONFIRMED", "note": "x" * 961}, "A note may have at most 960 characters."),
        ({"to": "CONFIRMED", "note": "\x00"}, "The note holds a character that cannot be stored. Type it again."),
    ],
)
def test_what_cannot_be_done_is_said_beside_what_was_typed(
    app: Flask, editor: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    with app.app_context():
        number = make_order(payment_status="OPEN")
    answer, page = post(editor, number, **{"note": "for the gate", **fields})
    assert answer == 200
    assert page.count(sentence) == 1
    assert fields.get("note", "for the gate").strip("\x00") in page
    assert HOSTILE not in page
    assert stored(app, number) == ("NEW", "OPEN", 1)


def test_what_is_refused_over_a_tab_is_asked_again_over_it(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order(payment_status="OPEN")
    answer, page = post(editor, number, tab="financials", to="ARCHIVED", payment_status="PAID", note="for the gate")
    assert answer == 200
    assert '<dialog class="dialog" id="change-status" data-opened' in page
    assert page.count("Archived may not follow New.") == 1
    assert 'value="PAID" selected' in page.partition("<dialog")[2]
    assert "for the gate</textarea>" in page
    assert re.search(rf'href="/admin/orders/{number}/financials/[^"]*" aria-current="page"', page)
    _answer, where = post(editor, number, tab="financials", to="CONFIRMED")
    assert where == f"/admin/orders/{number}/financials/?list=tab%3Dall"


def test_an_owner_reads_in_the_audit_log_what_may_not_follow(
    app: Flask, editor: FlaskClient, owner: FlaskClient
) -> None:
    with app.app_context():
        number = make_order()
    post(editor, number, to="ARCHIVED")
    assert f"Order {number} Order status New Archived refused" in words(owner, "/admin/audit-log/?record_type=orders")


def test_who_comes_second_is_told_by_whom_and_may_go_on(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
        edit = Edit(SYSTEM, Action.ORDERS_EDIT, LATER, "booked")
        change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=edit)
    answer, page = post(editor, number, to="CANCELLED", note="too late")
    assert answer == 200
    assert "The order was changed meanwhile, so nothing was done." in page
    assert "Status New → Confirmed" in page
    assert "too late" in page
    assert stored(app, number) == ("CONFIRMED", "UNKNOWN", 2)
    assert post(editor, number, to="PROCESSING", version="2")[0] == 302
    assert stored(app, number)[0] == "PROCESSING"


@pytest.mark.parametrize("version", ["", "0", "-1", "1e9", "9" * 10, "9" * 30, HOSTILE])
def test_a_form_without_a_version_that_can_be_read_changes_nothing(
    app: Flask, editor: FlaskClient, version: str
) -> None:
    with app.app_context():
        number = make_order()
    answer, page = post(editor, number, to="CONFIRMED", version=version)
    assert answer == 200
    assert "The order was changed meanwhile, so nothing was done." in page
    assert stored(app, number)[0] == "NEW"


def test_who_is_asked_again_after_a_fault_is_still_told_of_others(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
        change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=Edit(SYSTEM, Action.ORDERS_EDIT, LATER))
    for fault in ({"note": "\x00"}, {"to": ""}, {"payment_status": "BARTERED"}):
        _answer, page = post(editor, number, **{"to": "CANCELLED", **fault})
        version = page.partition('name="version" value="')[2].partition('"')[0]
        told_already = "The order was changed meanwhile" in page
        assert version == ("2" if told_already else "1"), fault
    assert stored(app, number)[0] == "CONFIRMED"


def test_who_comes_second_to_an_end_is_told_and_keeps_the_note(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order(status="COMPLETE")
        change_status(number, StatusWanted("ARCHIVED"), seen=1, edit=Edit(SYSTEM, Action.ORDERS_EDIT, LATER))
    for tab in ("", "statuses"):
        _answer, page = post(editor, number, to="ARCHIVED", note="filed by hand", tab=tab)
        assert "The order was changed meanwhile, so nothing was done." in page
        assert "Status Complete → Archived" in page
        assert "Your note was: filed by hand" in page


def test_a_status_does_not_follow_itself_even_where_that_is_kept(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number, new = make_order(), status_id("NEW")
        db.session.execute(status_next.insert().values(status_id=new, next_id=new))
        db.session.commit()
    assert 'value="NEW"' not in editor.get(f"/admin/orders/{number}/change-status").text
    assert post(editor, number, to="NEW")[0] == 200
    assert stored(app, number) == ("NEW", "UNKNOWN", 1)


def test_a_deleted_order_keeps_its_status_and_tells_its_history_to_owners(
    app: Flask, owner: FlaskClient, editor: FlaskClient
) -> None:
    with app.app_context():
        number = make_order(status="CANCELLED")
        did(BatchAction.DELETE, [number], person("deleter"))
    assert "change-status" not in owner.get(f"/admin/orders/{number}/").text
    path = f"/admin/orders/{number}/change-status"
    form = {"csrf_token": csrf_token(owner, "/admin/account/password/"), "version": "2", "to": "CONFIRMED"}
    assert owner.get(path).status_code == owner.post(path, data=form).status_code == 410
    written = owner.post(path, data={**form, "note": "Called.\n<On Friday.>"}).text
    assert re.search(r"Note</label><textarea [^>]* readonly>\nCalled.\n&lt;On Friday.&gt;</textarea>", written)
    assert stored(app, number) == ("CANCELLED", "UNKNOWN", 2)
    assert "Deleted" in words(owner, f"/admin/orders/{number}/history/")
    assert editor.get(f"/admin/orders/{number}/history/").status_code == 410


def test_every_status_is_told_with_the_one_before_and_how_long(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
        edit = Edit(SYSTEM, Action.ORDERS_EDIT, LATER, HOSTILE)
        change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=edit)
    text = viewer.get(f"/admin/orders/{number}/statuses/").text
    assert HOSTILE not in text
    page = words(viewer, f"/admin/orders/{number}/statuses/")
    assert "Statuses 2" in page
    assert "New 31 Mar 2026 10:00 Demo data Demo data 1 day 2 hr" in page
    assert "May follow:" in page
    assert text.count("<rect") == 2


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 sec"), (59, "59 sec"), (60, "1 min"), (3_660, "1 hr 1 min"), (86_400, "1 day"), (86_460, "1 day")],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: int, written: str) -> None:
    assert notation_of("en").duration(timedelta(seconds=seconds)) == written


def test_a_duration_is_written_in_the_language_of_the_person() -> None:
    assert notation_of("nl").duration(timedelta(days=3, hours=1)) == "3 dagen 1 uur"
    assert notation_of("de").duration(timedelta(hours=2, minutes=28)) == "2 Std. 28 Min."


@pytest.mark.parametrize("seconds", [[5.0], [0.0, 0.0], [1.0, 10.0**9], [1.0] * 500, [3.0, 0.0, 1.0]])
def test_the_picture_holds_every_step(seconds: list[float]) -> None:
    widths = shares(seconds)
    assert len(widths) == len(seconds)
    assert sum(widths) <= WIDTH
    assert min(widths) >= min(LEAST, WIDTH // len(seconds))
