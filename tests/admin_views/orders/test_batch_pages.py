"""From ticks to a result, as people and as attackers send it."""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

import admin_views.batches
import admin_views.bin
import admin_views.orders.actions
import services.batches
from admin_views.orders.batch_words import why as orders_why
from models.base import db
from models.batch import Batch, BatchAction
from models.job import Job, JobKind, WorkerBeat
from models.selection import SelectedOrder, Selection
from models.staff import Staff
from permissions import SYSTEM
from services.batches import do_batch
from services.jobs import LEASE, WorkerContext, run_due
from services.sign_in import actor_of
from tests.admin_views.orders.test_statements import asked
from tests.admin_views.reading import LIST, Page, file_numbers, numbers, page
from tests.batches import change, did, history, read, status_of
from tests.factories import NOON, make_company, make_invoice, make_order, make_staff, status_id
from tests.matrix import snapshot
from tests.people import GRANTS, client_of, csrf_token, signed_in

ACTION = f"{LIST}action/"
NOT_BINNED = "Nothing was restored: none of these orders is in the bin."
SILENT = "No worker answers for the moment. What is done stands, and the rest goes on by itself as soon as one does."
EXPORTED: dict[str, Any] = {"export_status": "EXPORTED", "exported_at": NOON, "export_message": "taken by the ERP"}


def made(app: Flask, many: int = 1, **columns: Any) -> list[int]:
    with app.app_context():
        return [make_order(**columns) for _ in range(many)]


def token(client: FlaskClient) -> str:
    return csrf_token(client, "/admin/account/password/")


def post(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client), **form})


def ticked(client: FlaskClient, action: str, ids: Sequence[object], query: str = "", **form: Any) -> str:
    """Tick orders, press a button, and give where it leads."""
    answer = post(client, f"{ACTION}{query}", action=action, ids=",".join(map(str, ids)), **form)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def every(client: FlaskClient, query: str = "") -> str:
    """Choose all that match, and give where that leads."""
    answer = post(client, f"{ACTION}{query}", action="select")
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def opened(client: FlaskClient, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def form_of(shown: Page) -> dict[str, str]:
    """Give what the form of a preview would send."""
    return {
        element.attributes["name"]: element.attributes.get("value", "")
        for element in shown.find("input", "narrow")
        if "name" in element.attributes
    }


def confirmed(client: FlaskClient, path: str, **more: str) -> TestResponse:
    """Look at the preview and press its button."""
    return client.post(path, data={**form_of(opened(client, path)), **more})


def done(client: FlaskClient, path: str, **more: str) -> Page:
    """Press the preview's button and read the result."""
    answer = confirmed(client, path, **more)
    assert answer.status_code == 302, answer.text
    return opened(client, answer.headers["Location"])


def rows(shown: Page) -> list[list[str]]:
    """Give the texts of a table's rows."""
    found: list[list[str]] = []
    for element in shown.elements:
        if element.tag == "tr" and "tbody" in element.inside:
            found.append([])
        elif element.tag == "td" and found and "tbody" in element.inside:
            found[-1].append(element.text)
    return found


def headline(shown: Page) -> str:
    return next(shown.find("h2", "result-head")).text


def outcomes(shown: Page) -> dict[int, str]:
    return {int(row[0]): " ".join(filter(None, row[4:6])) for row in rows(shown)}


def chosen(app: Flask) -> dict[int, int]:
    """Give the numbers and versions of the last selection."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        last = db.session.scalar(db.select(db.func.max(Selection.id)))
        held = db.session.scalars(select(SelectedOrder).where(SelectedOrder.selection_id == last))
        return {row.order_id: row.version for row in held}


def in_app(app: Flask, call: Any, *given: Any, **named: Any) -> Any:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return call(*given, **named)


def another(app: Flask, name: str) -> FlaskClient:
    """Sign in as somebody else with the same grants."""
    in_app(app, make_staff, "other", GRANTS[name])
    return signed_in(app, "other@seller.example")


# ---- what was reported of other shops ----


def test_all_that_match_are_acted_on_and_not_only_those_on_screen(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #33113, pallets-eco/flask-admin #713 and #990."""
    wanted = made(app, 12, status="CANCELLED")
    made(app, 3)
    shown = page(owner, tab="CANCELLED", page_size=5)
    assert (len(shown.numbers), "Select all 12 that match" in shown.text) == (5, True)
    selection = opened(owner, every(owner, "?tab=CANCELLED&page_size=5"))
    assert "12 orders chosen" in selection.text
    result = done(owner, selection.link("Delete order(s)"))
    assert headline(result) == "12 deleted"
    assert numbers(owner) == numbers(owner, page_size=100)
    assert not set(numbers(owner, page_size=100)) & set(wanted)
    assert len(numbers(owner, page_size=100)) == 3


def test_orders_that_came_after_the_choice_are_not_acted_on(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #18983."""
    before = made(app, 2, status="CANCELLED")
    path = every(owner, "?tab=CANCELLED")
    (late,) = made(app, status="CANCELLED")
    assert headline(done(owner, f"{path}delete/")) == "2 deleted"
    assert numbers(owner) == [late]
    assert set(chosen(app)) == set(before)


def test_a_stale_second_tab_touches_nothing_else(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #19258: acting on an order that was changed already changed every other of the filter."""
    wanted, *others = made(app, 4, status="NEW")
    path = ticked(owner, "change_status", [wanted], "?tab=NEW")
    in_app(app, change, wanted, status_id=in_app(app, status_id, "CONFIRMED"))
    stale = client_twice(owner, f"{path}?to=CANCELLED")
    assert "0 will be changed, 1 will not" in stale.text
    assert "Changed meanwhile" in stale.text
    answer = post(owner, f"{path}?to=CANCELLED", key="abc", expected="1", to="CANCELLED")
    assert (answer.status_code, "none of these orders can be" in answer.text) == (200, True)
    assert [in_app(app, status_of, number) for number in (wanted, *others)] == ["CONFIRMED", "NEW", "NEW", "NEW"]


def client_twice(client: FlaskClient, path: str) -> Page:
    """Open a page in two tabs and give the second."""
    opened(client, path)
    return opened(client, path)


def test_the_company_of_the_list_is_kept_to(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #3895: the scope of the list was lost, and everything was hit."""
    with app.app_context():
        company, other = make_company("Own Ltd"), make_company("Other Ltd")
        own, foreign = make_order(company=company, **EXPORTED), make_order(company=other, **EXPORTED)
        company_id = company.id
    path = every(owner, f"?company={company_id}")
    assert headline(done(owner, f"{path}reset-export/")) == "1 reset"
    assert (in_app(app, read, own).export_status, in_app(app, read, foreign).export_status) == ("EMPTY", "EXPORTED")
    assert f"?company={company_id}" in opened(owner, path).link("Back to the list")


def test_the_affected_count_is_the_selected_count_or_says_why_not(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #2778."""
    fine, kept = made(app, 3, status="CANCELLED"), made(app, 2, status="NEW")
    path = ticked(owner, "delete", [*fine, *kept, 999_999])
    shown = opened(owner, path)
    assert "3 will be deleted, 3 will not" in shown.text
    result = done(owner, path)
    assert headline(result) == "3 deleted, 3 not"
    assert outcomes(result) == {
        **dict.fromkeys(fine, "Deleted"),
        **dict.fromkeys(kept, "Not deleted Orders in status New may not be deleted"),
        999_999: "Not deleted Not found",
    }


def test_orders_are_collected_over_several_searches(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #34948, jowilf/starlette-admin #352, activeadmin/activeadmin #3649."""
    first, second = made(app, 2, reference="alpha", **EXPORTED), made(app, 2, reference="beta", **EXPORTED)
    frozen = every(owner, "?search=alpha&fields=reference").split("/")[-2]
    path = ticked(owner, "reset_export", second[:1], "?search=beta", selection=frozen, without=str(first[0]))
    assert chosen(app) == {first[1]: 1, second[0]: 1}
    assert headline(done(owner, path)) == "2 reset"


def test_acting_on_one_row_reads_one_row(owner: FlaskClient, app: Flask) -> None:
    """magento/magento2 #4231: the whole result was loaded first."""
    number, *_others = made(app, 30, status="CANCELLED")
    path = ticked(owner, "delete", [number])
    assert chosen(app) == {number: 1}
    assert headline(done(owner, path)) == "1 deleted"


def test_nothing_ticked_is_no_success(owner: FlaskClient, app: Flask) -> None:
    """PrestaShop/PrestaShop #14159."""
    made(app)
    before = snapshot(app)
    for form in ({}, {"ids": ""}, {"without": "1"}):
        answer = post(owner, ACTION, action="delete", **form)
        assert (answer.status_code, "Nothing was changed: no order is ticked." in answer.text) == (409, True)
    assert snapshot(app) == before


def test_each_that_stays_as_it_is_is_told_with_its_reason(owner: FlaskClient, app: Flask) -> None:
    """PrestaShop/PrestaShop #19072: one of four was changed, silently."""
    moves, *stay = (made(app, status=status)[0] for status in ("NEW", "SHIPPED", "ARCHIVED", "CONFIRMED"))
    path = ticked(owner, "change_status", [moves, *stay])
    choice = opened(owner, path)
    assert "Confirmed1 of 4" in choice.text
    assert "Archived" not in [link.text.rsplit(" ", 3)[0] for link in choice.find("a", "targets")]
    result = done(
        owner,
        next(link.attributes["href"] for link in choice.find("a", "targets") if "CONFIRMED" in link.attributes["href"]),
    )
    assert headline(result) == "1 changed, 1 already so, 2 not"
    assert outcomes(result) == {
        moves: "Changed",
        stay[0]: "Not changed May not follow Shipped",
        stay[1]: "Not changed May not follow Archived",
        stay[2]: "Already so Is in this status already",
    }


@pytest.mark.parametrize("path", ["delete", "change-status"])
def test_the_rules_of_one_order_hold_for_many(owner: FlaskClient, app: Flask, path: str) -> None:
    """odoo/odoo PR #289131: the batch passed over the lock that the form enforces."""
    (invoiced,) = made(app, status="CANCELLED")
    in_app(app, make_invoice, invoiced, "I-77")
    (shipped,) = made(app, status="SHIPPED")
    selection = ticked(owner, "delete", [invoiced, shipped]).removesuffix("delete/")
    before = snapshot(app)
    forged = {"key": "abc", "expected": "2", "to": "NEW"}
    answer = post(owner, f"{selection}{path}/", **forged)
    assert (answer.status_code, "none of these orders can be" in answer.text) == (200, True)
    assert snapshot(app) == before
    if path == "delete":
        assert "Has invoice I-77" in answer.text


def test_whoever_finds_the_status_in_no_tab_finds_it_in_every_tab(editor: FlaskClient, app: Flask) -> None:
    """craftcms/commerce #1910: the batch existed in a single status' view alone."""
    made(app)
    for query in ({}, {"tab": "NEW"}, {"search": "adapter"}, {"company": "mine"}):
        buttons = [button.text for button in page(editor, **query).find("button", "batch")]
        assert "Change status" in buttons


def test_nothing_ticked_leads_back_to_the_list_as_it_was(owner: FlaskClient, app: Flask) -> None:
    answer = post(owner, f"{ACTION}?tab=NEW&source=Web&page_size=25", action="delete")
    assert answer.status_code == 409
    assert Page(answer.text).link("Back to the list") == f"{LIST}?tab=NEW&source=Web&page_size=25"


def test_a_status_that_is_none_is_told(editor: FlaskClient, app: Flask) -> None:
    path = ticked(editor, "change_status", made(app))
    assert "There is no such status" in opened(editor, f"{path}?to=NOPE").text


def test_what_is_so_already_is_no_failure(owner: FlaskClient, app: Flask) -> None:
    moves, already = made(app, 2), made(app, 3, status="CONFIRMED")
    path = f"{ticked(owner, 'change_status', [*moves, *already])}?to=CONFIRMED"
    assert "2 will be changed, 3 already so." in opened(owner, path).text
    result = done(owner, path)
    assert headline(result) == "2 changed, 3 already so"
    assert [link.text for link in result.find("a", "stabs")] == ["All 5", "Changed 2", "Already so 3"]


def test_the_list_of_batches_says_what_was_done_and_with_what_outcome(owner: FlaskClient, app: Flask) -> None:
    fine, kept = made(app, 3, status="CANCELLED"), made(app, 2)
    in_app(app, batch_of, BatchAction.DELETE, [*fine, *kept, 999_999])
    moved = in_app(app, batch_of, BatchAction.CHANGE_STATUS, kept, to="CONFIRMED")
    post(owner, f"/admin/batches/{moved}/undo")
    assert [row[:2] for row in rows(opened(owner, "/admin/batches/"))] == [
        ["3 · Undo batch 2", "2 done"],
        ["2 · Change status to Confirmed", "2 done"],
        ["1 · Delete order(s)", "3 done, 2 refused, 1 not found"],
    ]
    assert re.search(
        "duurde [0-9]+,[0-9] s", owner.get(f"/admin/batches/{moved}/", headers={"Accept-Language": "nl"}).text
    )


def test_a_preview_of_what_the_person_has_done_leads_to_the_batch(owner: FlaskClient, app: Flask) -> None:
    first, second, third = made(app, 3)
    path = f"{ticked(owner, 'change_status', [first, second, third])}?to=CONFIRMED"
    in_app(app, change, third, remarks="changed by somebody else")
    done(owner, path)
    again = opened(owner, path)
    assert again.link("2 done by you in batch 1") == "/admin/batches/1/"
    assert [row[-1] for row in rows(again)] == [*["Done by you in batch 1"] * 2, "Changed meanwhile"]
    assert "Changed meanwhile1" in again.text
    other = opened(owner, f"{path.partition('?')[0]}?to=CANCELLED")
    assert "Done by you" not in other.text


def test_a_preview_of_what_the_person_has_deleted_leads_to_the_batch(owner: FlaskClient, app: Flask) -> None:
    path = ticked(owner, "delete", [*made(app, 2, status="CANCELLED"), 999_999])
    done(owner, path)
    again = opened(owner, path)
    assert [row[-1] for row in rows(again)] == [*["Done by you in batch 1"] * 2, "Not found"]
    assert "Not found1" in again.text


# ---- through the pages ----


def test_rows_can_be_ticked_without_scripts(owner: FlaskClient, app: Flask) -> None:
    numbers_of_page = made(app, 3, status="CANCELLED")
    answer = owner.post(
        f"{ACTION}?tab=CANCELLED",
        data={"csrf_token": token(owner), "action": "delete", "rowid": numbers_of_page[:2]},
    )
    assert answer.status_code == 302
    assert chosen(app) == dict.fromkeys(numbers_of_page[:2], 1)
    assert headline(done(owner, answer.headers["Location"])) == "2 deleted"


def test_a_script_is_told_what_was_frozen(owner: FlaskClient, app: Flask) -> None:
    wanted = made(app, 3)
    answer = owner.post(
        ACTION, data={"csrf_token": token(owner), "action": "select"}, headers={"Accept": "application/json"}
    )
    told_so = json.loads(answer.text)
    assert told_so["size"] == 3
    held = owner.get(f"/admin/orders/selections/{told_so['id']}/held?ids={wanted[0]},x,999999,,{wanted[2]}")
    assert sorted(json.loads(held.text)) == [wanted[0], wanted[2]]
    assert json.loads(owner.get(f"/admin/orders/selections/{told_so['id']}/held").text) == []


def test_the_preview_says_everything_before_anything_is_done(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        company = make_company("Buyer & <b>Ltd</b>")
        make_order(status="CANCELLED", company=company, **EXPORTED)
        make_order(status="DRAFT_ORDER", created=NOON - timedelta(days=30))
        make_order(status="NEW", company=company)
    before = snapshot(app)
    path = every(owner)
    shown = opened(owner, f"{path}delete/")
    for said in (
        "Delete 3 orders",
        "2 will be deleted, 1 will not",
        "1 of them were exported: the ERP has them and is not told of the deletion.",
        "Total excl. VAT, EUR40.00",
        "Companies1",
        "Buyer & <b>Ltd</b>",
        "Orders in status New may not be deleted",
        "The other stays as it is",
        "for 30 days",
    ):
        assert said in shown.text
    after = snapshot(app)
    assert {name for name in after if after[name] != before[name]} == {"selection", "selected_order"}


def test_a_note_stands_in_the_history_of_each_order(editor: FlaskClient, app: Flask) -> None:
    changed = made(app, 2)
    path = ticked(editor, "change_status", changed)
    done(editor, f"{path}?to=CONFIRMED", note="  as agreed\t by phone ")
    for number in changed:
        assert in_app(app, history, number) == [(2, "status", "NEW", "CONFIRMED", "as agreed by phone (batch 1)")]


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("x" * 961, "A note may have at most 960 characters."),
        ("a \0 in it", "The note holds a character that cannot be stored."),
        ("\x7f", "The note holds a character that cannot be stored."),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused_and_says_why(
    editor: FlaskClient, app: Flask, note: str, why: str
) -> None:
    path = f"{ticked(editor, 'change_status', made(app))}?to=CONFIRMED"
    answer = confirmed(editor, path, note=note)
    assert (answer.status_code, why in answer.text) == (400, True)
    assert in_app(app, lambda: db.session.scalars(select(Batch)).all()) == []


def test_more_than_a_hundred_want_their_number_typed(
    owner: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert admin_views.orders.actions.TYPED_ABOVE == 100
    monkeypatch.setattr(admin_views.orders.actions, "TYPED_ABOVE", 2)
    wanted = made(app, 3, status="CANCELLED")
    path = ticked(owner, "delete", wanted)
    assert "Type 3 to confirm" in opened(owner, path).text
    for typed in ("", "2", "three", "33"):
        answer = confirmed(owner, path, typed=typed)
        assert (answer.status_code, "Nothing was done yet. Type 3 to confirm." in answer.text) == (200, True)
    assert {in_app(app, read, number).version for number in wanted} == {1}
    assert headline(done(owner, path, typed=" 3 ")) == "3 deleted"


def test_a_button_pressed_twice_is_one_batch(owner: FlaskClient, app: Flask) -> None:
    wanted = made(app, 2, status="CANCELLED")
    path = ticked(owner, "delete", wanted)
    form = form_of(opened(owner, path))
    first, second = (owner.post(path, data=form).headers["Location"] for _ in range(2))
    assert first == second
    assert headline(opened(owner, second)) == "2 deleted"
    assert len(in_app(app, lambda: db.session.scalars(select(Batch)).all())) == 1


def test_a_button_pressed_again_goes_on_with_what_was_cut_off(
    owner: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = made(app, 2, status="CANCELLED")
    path = ticked(owner, "delete", wanted)
    form = form_of(opened(owner, path))
    with monkeypatch.context() as patched:
        patched.setattr(services.batches, "carry_out", lambda *_given, **_named: None)
        owner.post(path, data=form)
    answer = owner.post(path, data=form)
    assert headline(opened(owner, answer.headers["Location"])) == "2 deleted"


def test_a_long_batch_says_how_far_it_is_and_can_be_stopped_resumed_and_taken_back(
    owner: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.batches, "AT_ONCE", 2)
    wanted = made(app, 5, **EXPORTED)
    path = ticked(owner, "reset_export", wanted)
    running = done(owner, path)
    assert headline(running) == "0 of 5 done"
    result = next(running.find("form", "result-head")).attributes["action"].removesuffix("stop")
    assert json.loads(owner.get(f"{result}progress").text) == {
        "done": 0,
        "total": 5,
        "is_ended": False,
        "text": "0 of 5 done",
        "note": SILENT,
    }
    post(owner, f"{result}stop")
    stopped = opened(owner, result)
    assert headline(stopped) == "Stopped: 0 of 5 done"
    assert "Go on with 5" in stopped.text
    assert json.loads(owner.get(f"{result}progress").text)["is_ended"] is True
    post(owner, f"{result}resume")
    in_app(app, run_due, {JobKind.BATCH: do_batch}, WorkerContext(lambda: datetime.now(UTC)))
    assert headline(opened(owner, result)) == "5 reset"
    answer = post(owner, f"{result}undo")
    in_app(app, run_due, {JobKind.BATCH: do_batch}, WorkerContext(lambda: datetime.now(UTC)))
    taken_back = opened(owner, answer.headers["Location"])
    assert headline(taken_back) == "5 taken back"
    assert "What was taken back" in taken_back.text
    again = opened(owner, result)
    assert ("It was taken back" in again.text, "Undo for" in again.text) == (True, False)
    assert {in_app(app, read, number).export_message for number in wanted} == {"taken by the ERP"}


def test_taking_back_more_than_a_hundred_wants_their_number_typed(
    owner: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (admin_views.orders.actions, admin_views.batches):
        monkeypatch.setattr(module, "TYPED_ABOVE", 2)
    wanted = made(app, 3, status="CANCELLED")
    batch_id = in_app(app, batch_of, BatchAction.DELETE, wanted)
    path = f"/admin/batches/{batch_id}/"
    asks = opened(owner, opened(owner, path).link("Undo for 3"))
    assert "3 will be taken back." in asks.text
    assert "Nothing was done yet" not in asks.text
    for typed, is_told in (({}, False), ({"typed": ""}, True), ({"typed": "2"}, True)):
        answer = post(owner, f"{path}undo", **typed)
        assert (answer.status_code, "Nothing was done yet. Type 3 to confirm." in answer.text) == (200, is_told)
    assert len(in_app(app, lambda: db.session.scalars(select(Batch)).all())) == 1
    taken_back = post(owner, f"{path}undo", typed="3")
    assert headline(opened(owner, taken_back.headers["Location"])) == "3 taken back"
    assert owner.get(f"{path}undo").headers["Location"] == path


@pytest.mark.parametrize(
    ("state", "ago", "note"), [("RUNNING", 2, ""), ("RUNNING", 20, SILENT), ("WAITING", 2, ""), ("WAITING", 40, SILENT)]
)
def test_a_batch_whose_worker_is_lost_says_that_none_answers(
    owner: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, state: str, ago: int, note: str
) -> None:
    monkeypatch.setattr(services.batches, "AT_ONCE", 2)
    result = confirmed(owner, ticked(owner, "reset_export", made(app, 5, **EXPORTED))).headers["Location"]

    def last_sign() -> None:
        at = datetime.now(UTC) - timedelta(seconds=ago)
        lease = {"lease_until": at + LEASE} if state == "RUNNING" else {}
        db.session.execute(update(Job).values(state=state, **lease))
        db.session.execute(update(WorkerBeat).values(at=at))
        db.session.commit()

    in_app(app, last_sign)
    assert (SILENT in opened(owner, result).text) == bool(note)
    assert json.loads(owner.get(f"{result}progress").text)["note"] == note


def test_the_result_offers_to_take_back_what_nobody_changed_since(owner: FlaskClient, app: Flask) -> None:
    one, two = made(app, 2)
    path = ticked(owner, "change_status", [one, two])
    result = done(owner, f"{path}?to=CONFIRMED")
    undo = next(result.find("form", "result-head"))
    assert undo.text == "Undo for 2"
    in_app(app, change, two, remarks="new")
    taken_back = opened(owner, post(owner, undo.attributes["action"]).headers["Location"])
    assert headline(taken_back) == "1 taken back, 1 not"
    assert outcomes(taken_back) == {one: "Taken back", two: "Not taken back Changed meanwhile"}
    twice = post(owner, undo.attributes["action"])
    assert opened(owner, twice.headers["Location"]).text == taken_back.text
    again = post(owner, twice.headers["Location"] + "undo")
    assert (again.status_code, "cannot be taken back" in again.text) == (409, True)


def test_a_result_has_a_tab_for_each_outcome_and_pages(owner: FlaskClient, app: Flask) -> None:
    fine, kept = made(app, 30, status="CANCELLED"), made(app, 2)
    batch_id = in_app(app, batch_of, BatchAction.DELETE, [*fine, *kept])
    path = f"/admin/batches/{batch_id}/"
    first = opened(owner, path)
    assert [int(row[0]) for row in rows(first)] == fine[:25]
    assert "1–25 of 32" in first.text
    assert [int(row[0]) for row in rows(opened(owner, f"{path}?page=2"))] == [*fine[25:], *kept]
    assert [int(row[0]) for row in rows(opened(owner, f"{path}?outcome=REFUSED"))] == kept
    assert len(rows(opened(owner, f"{path}?outcome=DONE&page=2"))) == 5
    assert rows(opened(owner, f"{path}?outcome=WAITING")) == []


def batch_of(action: BatchAction, numbers_of_it: Sequence[int], name: str = "owner", to: str = "") -> int:
    """Do a batch as the person with this name."""
    staff_id = db.session.scalars(select(Staff.id).where(Staff.email == f"{name}@seller.example")).one()
    return did(action, list(numbers_of_it), actor_of(staff_id), to).id


@pytest.mark.parametrize("number", ["99", str(2**63 - 1)])
def test_a_page_beyond_the_last_is_the_last(owner: FlaskClient, app: Flask, number: str) -> None:
    wanted = made(app, 30, status="CANCELLED")
    selection = every(owner)
    batch_id = in_app(app, batch_of, BatchAction.DELETE, wanted)
    for path in (selection, f"/admin/batches/{batch_id}/"):
        shown = opened(owner, f"{path}?page={number}")
        assert [int(row[0]) for row in rows(shown)] == wanted[25:]
        assert "26–30 of 30" in shown.text


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1.5", "outcome=NO_SUCH", "outcome=done"])
def test_what_a_result_cannot_show_is_not_found(owner: FlaskClient, app: Flask, query: str) -> None:
    batch_id = in_app(app, batch_of, BatchAction.DELETE, made(app, status="CANCELLED"))
    assert owner.get(f"/admin/batches/{batch_id}/?{query}").status_code == 404


def test_the_pages_cost_no_more_statements_for_more_orders(owner: FlaskClient, app: Flask) -> None:
    counts = []
    for many in (2, 20):
        with app.app_context():
            wanted = [make_order(status="CANCELLED", company=make_company(f"C {many} {n}")) for n in range(many)]
        selection = ticked(owner, "delete", wanted).removesuffix("delete/")
        batch_id = in_app(app, batch_of, BatchAction.CHANGE_STATUS, wanted, to="ARCHIVED")
        paths = [selection, f"{selection}delete/", f"{selection}change-status/", f"/admin/batches/{batch_id}/"]
        counts.append(
            [asked(app, owner, path) for path in [*paths, f"/admin/batches/{batch_id}/csv", "/admin/batches/"]]
        )
    assert counts[0] == counts[1]


def test_the_result_file_tells_every_order_and_runs_nowhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        make_staff("boss", GRANTS["owner"])
        db.session.scalars(select(Staff)).one().language = "de"
        db.session.commit()
        evil = make_order(status="CANCELLED", company=make_company("=HYPERLINK(1)"))
        kept = make_order(company=make_company('Grün, "Blau" & Söhne'))
        batch_id = in_app(app, batch_of, BatchAction.DELETE, [evil, kept, 999_999], "boss")
    boss, said_where, original = signed_in(app, "boss@seller.example"), set(), orders_why

    def why(*given: Any) -> str:
        said_where.add(has_request_context())
        return original(*given)

    monkeypatch.setattr(admin_views.batches, "why", why)
    answer = boss.get(f"/admin/batches/{batch_id}/csv")
    assert answer.status_code == 200
    assert f"batch-{batch_id}-" in answer.headers["Content-Disposition"]
    found = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), strict=True))
    assert len(found) == 4
    assert said_where == {True}  # elsewhere the language of the person is not known
    assert found[1][:2] == [str(evil), "'=HYPERLINK(1)"]
    assert found[2][:2] == [str(kept), 'Grün, "Blau" & Söhne']
    assert found[3][0] == "999999"
    html = rows(opened(boss, f"/admin/batches/{batch_id}/"))
    assert [row[3:] for row in found[1:]] == [row[4:] for row in html]


# ---- forged ----


def test_somebody_elses_selection_is_nobodys(owner: FlaskClient, app: Flask) -> None:
    other = another(app, "owner")
    wanted = made(app, status="CANCELLED")
    path = ticked(owner, "delete", wanted).removesuffix("delete/")
    frozen = path.split("/")[-2]
    before = snapshot(app)
    for part in ("", "held", "delete/", "reset-export/", "change-status/", "change-status/?to=NEW"):
        answer = other.get(f"{path}{part}")
        assert (answer.status_code, "no longer kept" in answer.text) == (409, True)
    for part in ("delete/", "reset-export/", "change-status/?to=NEW"):
        assert post(other, f"{path}{part}", key="k", expected="1").status_code == 409
    assert post(other, ACTION, action="delete", ids=str(wanted[0]), selection=frozen).status_code == 409
    assert snapshot(app) == before


def test_a_selection_of_yesterday_has_lapsed(owner: FlaskClient, app: Flask) -> None:
    path = ticked(owner, "delete", made(app, status="CANCELLED"))
    form = form_of(opened(owner, path))

    def age() -> None:
        db.session.scalars(select(Selection)).one().created_at = datetime.now(UTC) - timedelta(days=1)
        db.session.commit()

    in_app(app, age)
    assert owner.get(path).status_code == 409
    assert owner.post(path, data=form).status_code == 409
    assert in_app(app, lambda: db.session.scalars(select(Batch)).all()) == []


@pytest.mark.parametrize(
    "form",
    [
        {"expected": "2"},
        {"expected": ""},
        {"expected": "01"},
        {"key": ""},
        {"key": "x" * 44},
        {"key": "undo 1"},
        {"key": "ü"},
        {"key": "a\0b"},
    ],
)
def test_a_forged_confirmation_does_nothing(owner: FlaskClient, app: Flask, form: dict[str, str]) -> None:
    path = ticked(owner, "delete", made(app, status="CANCELLED"))
    before = snapshot(app)
    answer = confirmed(owner, path, **form)
    assert answer.status_code == (200 if "expected" in form else 400)
    assert ("Orders have changed since you looked" in answer.text) == ("expected" in form)
    assert snapshot(app) == before


def test_a_confirmation_without_a_token_or_a_key_does_nothing(owner: FlaskClient, app: Flask) -> None:
    path = ticked(owner, "delete", made(app, status="CANCELLED"))
    before = snapshot(app)
    assert owner.post(path, data={"key": "k", "expected": "1"}).status_code == 400
    assert post(owner, path, expected="1").status_code == 400
    assert snapshot(app) == before


def test_somebody_elses_key_is_a_conflict(owner: FlaskClient, app: Flask) -> None:
    other = another(app, "owner")
    first, second = made(app, 2, status="CANCELLED")
    confirmed(owner, ticked(owner, "delete", [first]), key="the-key")
    answer = confirmed(other, ticked(other, "delete", [second]), key="the-key")
    assert answer.status_code == 409
    assert not in_app(app, read, second).is_deleted


@pytest.mark.parametrize("to", ["NO_SUCH", "REJECTED", "QUOTATION", "new", "NEW'--", "x" * 5_000, "NEW\0", "%00"])
def test_a_status_that_is_none_or_of_another_type_changes_nothing(editor: FlaskClient, app: Flask, to: str) -> None:
    path = ticked(editor, "change_status", made(app, status="DRAFT_ORDER"))
    before = snapshot(app)
    shown = editor.get(path, query_string={"to": to})
    assert (shown.status_code, "no longer exists" in shown.text) == (200, False)
    answer = post(editor, path, to=to, key="k", expected="1")
    assert (answer.status_code, "none of these orders can be" in answer.text) == (200, True)
    assert snapshot(app) == before


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"rowid": "abc"}, 404),
        ({"rowid": "0"}, 404),
        ({"ids": "1,x"}, 400),
        ({"ids": "1,,2"}, 400),
        ({"ids": "-1"}, 400),
        ({"ids": str(2**63)}, 400),
        ({"ids": "1", "without": "x"}, 400),
        ({"ids": "1", "selection": "x"}, 400),
        ({"ids": "1", "selection": "999999"}, 409),
        ({"selection": str(2**63 - 1)}, 409),
        ({"ids": "1", "action": "no_such"}, 404),
        ({"ids": "1", "action": ""}, 404),
    ],
)
def test_ticks_that_cannot_be_understood_choose_nothing(
    owner: FlaskClient, app: Flask, form: dict[str, str], code: int
) -> None:
    made(app)
    before = snapshot(app)
    assert post(owner, ACTION, **{"action": "delete", **form}).status_code == code
    assert snapshot(app) == before


def test_sixty_thousand_bytes_of_ticks_are_understood(owner: FlaskClient, app: Flask) -> None:
    (number,) = made(app)
    ids = range(1_000_000, 1_000_000 + 60_000 // 8)
    path = ticked(owner, "delete", [number, *ids])
    assert len(chosen(app)) == len(ids) + 1
    assert "0 will be deleted, 7,501 will not" in opened(owner, path).text


def test_more_than_ten_thousand_ticks_are_refused(owner: FlaskClient, app: Flask) -> None:
    answer = post(owner, ACTION, action="delete", ids=",".join(map(str, range(1, 10_002))))
    assert (answer.status_code, "At most 10000 orders" in answer.text) == (409, True)
    assert chosen(app) == {}


@pytest.mark.parametrize("query", ["tab=NO_SUCH", "status=x", "no_such=1", "tab=NEW&tab=NEW", "price_from=x", "sort=x"])
def test_a_list_that_cannot_be_understood_chooses_nothing(owner: FlaskClient, app: Flask, query: str) -> None:
    made(app, 2)
    before = snapshot(app)
    assert post(owner, f"{ACTION}?{query}", action="select").status_code == 400
    assert snapshot(app) == before


@pytest.mark.parametrize(
    "query", ["search=" + "x" * 9_000, "x=" + "%FF" * 3_000, "\xff\xfe", "%00", "search=%F0%9F%98%80"]
)
def test_whatever_the_address_says_ticks_are_no_error_of_ours(owner: FlaskClient, app: Flask, query: str) -> None:
    wanted = made(app)
    answer = owner.post(
        ACTION,
        environ_overrides={"QUERY_STRING": query},
        data={"csrf_token": token(owner), "action": "delete", "ids": str(wanted[0])},
    )
    assert answer.status_code in (302, 400)
    if answer.status_code == 302:
        assert opened(owner, answer.headers["Location"]).link("Cancel").startswith("/admin/orders/")


def test_the_way_back_leads_to_our_list_whatever_was_asked(owner: FlaskClient, app: Flask) -> None:
    path = ticked(owner, "delete", made(app), "?search=%22%3E%3Cscript%3E")
    assert opened(owner, path).link("Cancel") == "/admin/orders/?search=%22%3E%3Cscript%3E"


def test_whoever_came_from_an_order_is_led_back_to_it(owner: FlaskClient, app: Flask) -> None:
    (number,) = made(app)
    path = ticked(owner, "delete", [number], "?sort=company", order=number)
    assert opened(owner, path).link("Cancel") == f"/admin/orders/{number}/?list=sort%3Dcompany"
    assert opened(owner, f"{path}/").link("Cancel") == "/admin/orders/?sort=company"


# ---- who ----


BUTTONS = {
    "viewer": [],
    "editor": ["Change status"],
    "owner": ["Change status", "Reset export fields", "Delete order(s)"],
}
ADDRESSES = {"change_status": "change-status", "reset_export": "reset-export", "delete": "delete"}
MAY = {"viewer": [], "editor": ["change_status"], "owner": list(ADDRESSES)}


@pytest.mark.parametrize("name", BUTTONS)
def test_everybody_gets_the_own_buttons_and_is_refused_the_others(app: Flask, name: str) -> None:
    client = client_of(app, name)
    wanted = made(app, status="CANCELLED")
    listed = [button.text for button in page(client).find("button", "selbar")]
    assert [text for text in listed if text in BUTTONS["owner"]] == BUTTONS[name]
    selection = every(client)
    shown = opened(client, selection)
    assert [link.text for link in shown.find("a", "choose")] == ["Print", *BUTTONS[name]]
    before = snapshot(app)
    for action, part in ADDRESSES.items():
        if action in MAY[name]:
            assert client.get(f"{selection}{part}/").status_code == 200
            continue
        assert client.get(f"{selection}{part}/").status_code == 403
        assert post(client, f"{selection}{part}/", key="k", expected="1", to="ARCHIVED").status_code == 403
        assert post(client, ACTION, action=action, ids=str(wanted[0])).status_code == 403
    assert snapshot(app) == before


def test_one_order_at_a_time_is_duplicated_by_who_may_make_orders(app: Flask, owner: FlaskClient) -> None:
    wanted = made(app, 2)
    (button,) = (each for each in page(owner).find("button", "selbar") if each.text == "Duplicate")
    assert (button.attributes["value"], button.attributes["formtarget"]) == ("duplicate", "_blank")
    address = ticked(owner, "duplicate", wanted[:1])
    assert address == f"/admin/orders/new?copy={wanted[0]}"
    assert owner.get(address).status_code == 200
    answer = post(owner, ACTION, action="duplicate", ids=",".join(map(str, wanted)))
    assert answer.status_code == 409
    assert "One order at a time can be duplicated." in answer.text
    editor = client_of(app, "editor")
    assert "Duplicate" not in [button.text for button in page(editor).find("button", "selbar")]
    assert post(editor, ACTION, action="duplicate", ids=str(wanted[0])).status_code == 403


def test_a_limited_person_is_told_nothing_of_other_companies(app: Flask) -> None:
    with app.app_context():
        own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
        make_staff("limited", GRANTS["owner"], limited_to=[own])
        mine = make_order(company=own, status="CANCELLED")
        others = make_order(company=foreign, status="CANCELLED", total_base=77)
    limited = signed_in(app, "limited@seller.example")
    path = ticked(limited, "delete", [mine, others, 999_999])
    shown = opened(limited, path)
    assert "1 will be deleted, 2 will not" in shown.text
    assert "Foreign" not in shown.text
    assert rows(shown) == [[str(others), "", "", "Not found"], ["999999", "", "", "Not found"]]
    assert rows(opened(limited, path.removesuffix("delete/")))[1] == [str(others), "", "", "", "Not found"]
    result = done(limited, path)
    assert outcomes(result) == {mine: "Deleted", others: "Not deleted Not found", 999_999: "Not deleted Not found"}
    assert "Foreign" not in result.text
    assert in_app(app, read, others).version == 1


def test_a_batch_of_somebody_else_exists_for_who_may_see_it(
    app: Flask, owner: FlaskClient, editor: FlaskClient
) -> None:
    other = another(app, "editor")
    wanted = made(app)
    batch_id = in_app(app, batch_of, BatchAction.CHANGE_STATUS, wanted, "editor", "CONFIRMED")
    path = f"/admin/batches/{batch_id}/"
    for client in (owner, editor):
        assert "Change status to Confirmed" in client.get("/admin/batches/").text
        assert "Undo for 1" in opened(client, path).text
        assert client.get(f"{path}csv").status_code == 200
    before = snapshot(app)
    assert "Change status to Confirmed" not in other.get("/admin/batches/").text
    for part in ("", "progress", "csv"):
        answer = other.get(f"{path}{part}")
        assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)
    for part in ("undo", "stop", "resume"):
        assert post(other, f"{path}{part}").status_code == 404
    assert snapshot(app) == before


def test_who_lost_the_right_sees_the_batch_and_cannot_take_it_back(app: Flask, owner: FlaskClient) -> None:
    batch_id = in_app(app, batch_of, BatchAction.DELETE, made(app, status="CANCELLED"))

    def take_away() -> None:
        staff = db.session.scalars(select(Staff)).one()
        staff.grants = [grant for grant in staff.grants if grant.role in ("order", "backoffice")]
        db.session.commit()

    in_app(app, take_away)
    before = snapshot(app)
    assert "Undo for" not in opened(owner, f"/admin/batches/{batch_id}/").text
    for part in ("undo", "stop", "resume"):
        assert post(owner, f"/admin/batches/{batch_id}/{part}").status_code == 403
    assert snapshot(app) == before


def test_the_batch_of_another_stays_readable_for_who_took_it_back_and_became_limited(
    app: Flask, owner: FlaskClient, editor: FlaskClient
) -> None:
    batch_id = in_app(app, batch_of, BatchAction.CHANGE_STATUS, made(app), "editor", "CONFIRMED")
    path = post(owner, f"/admin/batches/{batch_id}/undo").headers["Location"]

    def limit() -> None:
        db.session.scalars(select(Staff).where(Staff.email == "owner@seller.example")).one().is_limited = True
        db.session.commit()

    in_app(app, limit)
    assert headline(opened(owner, path)) == "1 taken back"


# ---- the bin ----


def test_the_order_page_leads_to_the_deletion_of_the_order_those_who_may_delete(
    owner: FlaskClient, editor: FlaskClient, app: Flask
) -> None:
    (number,) = made(app, status="CANCELLED")
    path = f"{LIST}{number}/?list=tab%3DCANCELLED"
    button = f'<form class="m-0" method="post" action="{ACTION}?tab=CANCELLED">'
    assert button in owner.get(path).text
    assert button not in editor.get(path).text
    preview = opened(owner, ticked(owner, "delete", [number], "?tab=CANCELLED"))
    assert "1 will be deleted" in preview.text
    in_app(app, batch_of, BatchAction.DELETE, [number])
    assert button not in owner.get(path).text


def test_a_deleted_order_is_found_nowhere_but_in_the_bin(owner: FlaskClient, viewer: FlaskClient, app: Flask) -> None:
    number, kept = made(app, 2, status="CANCELLED", reference="findable")
    in_app(app, batch_of, BatchAction.DELETE, [number])
    status = in_app(app, status_id, "CANCELLED")
    for client in (owner, viewer):
        for query in ({}, {"tab": "CANCELLED"}, {"search": "findable"}, {"status": "CANCELLED"}):
            assert numbers(client, **query) == [kept], (query, status)
            assert file_numbers(client, **query) == [kept]
        assert page(client).tabs["Cancelled"][0] == page(client).tabs["All orders"][0] == 1
        assert f"Open order {number}" not in page(client, search=str(number)).text
        assert f"Open order {kept}" in page(client, search=str(kept)).text


def test_the_page_of_a_deleted_order_says_who_and_when_and_opens_for_who_may_restore_it(
    owner: FlaskClient, viewer: FlaskClient, app: Flask
) -> None:
    (number,) = made(app, status="CANCELLED", remarks="secret")
    in_app(app, batch_of, BatchAction.DELETE, [number])
    for path in (f"/admin/orders/{number}/", f"/admin/orders/{number}/financials/"):
        answer = viewer.get(path)
        assert answer.status_code == 410
        assert f"Order {number} was deleted on" in answer.text
        assert "by Owner" in answer.text
        assert "secret" not in answer.text
        shown = opened(owner, path)
        assert f"Order {number} was deleted on" in shown.text
    assert viewer.get("/admin/bin/").status_code == 403


def test_the_bin_lists_what_was_deleted_and_brings_it_back(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        company = make_company("Buyer Ltd")
        number, other = (make_order(status="CANCELLED", company=company) for _ in range(2))
    in_app(app, batch_of, BatchAction.DELETE, [number, other])
    listed = owner.get("/admin/bin/").text
    shown = Page(listed)
    assert f"/admin/orders/{number}/" in listed
    for said in ("Buyer Ltd", "Cancelled", "20.00", "Owner"):
        assert said in shown.text
    assert [button.text for button in shown.find("button", value="restore")] == ["Restore order(s)"]
    answer = post(owner, "/admin/bin/action/", action="restore", rowid=str(number))
    result = opened(owner, answer.headers["Location"])
    assert headline(result) == "1 restored"
    assert numbers(owner) == [number]
    fields = [row[1] for row in in_app(app, history, number)]
    assert fields == ["is_deleted", "is_deleted"]
    assert f"/admin/orders/{number}/" not in owner.get("/admin/bin/").text
    twice = post(owner, "/admin/bin/action/", action="restore", rowid=str(number))
    assert (twice.status_code, NOT_BINNED in twice.text) == (409, True)


def test_what_is_not_in_the_bin_begins_no_batch_and_leads_back(owner: FlaskClient, app: Flask) -> None:
    wanted = made(app, 2)
    before = snapshot(app)
    answer = post(owner, "/admin/bin/action/", action="restore", rowid=wanted, url="/admin/bin/?page_size=10")
    assert (answer.status_code, NOT_BINNED in answer.text) == (409, True)
    assert Page(answer.text).link("Back to the list") == "/admin/bin/?page_size=10"
    assert post(owner, "/admin/bin/restore-all/").status_code == 409
    assert snapshot(app) == before


def binned(client: FlaskClient, query: str = "") -> list[str]:
    """Give the numbers of the orders that the bin shows."""
    return sorted(row[1] for row in rows(opened(client, f"/admin/bin/{query}")))


def test_the_bin_is_searched_by_number_and_company_and_filtered_by_company(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        company, other = make_company("Grün & Söhne"), make_company("Other Ltd")
        first, second = (make_order(status="CANCELLED", company=firm) for firm in (company, other))
        guest = make_order(status="CANCELLED", buyer_name="Jane Green")
        company_id = company.id
    in_app(app, batch_of, BatchAction.DELETE, [first, second, guest])
    assert binned(owner, f"?search={second}") == [str(second)]
    assert binned(owner, "?search=sohne+grun") == [str(first)]
    assert binned(owner, "?search=green") == [str(guest)]
    assert binned(owner, "?search=999999") == []
    assert binned(owner, f"?company={company_id}") == [str(first)]
    found = json.loads(owner.get("/admin/bin/ajax/lookup/?name=company&query=other").text)
    assert [words for _id, words in found] == ["Other Ltd"]


def test_all_that_match_in_the_bin_are_restored_after_a_look(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        company = make_company("Buyer Ltd")
        wanted = [make_order(status="CANCELLED", company=company) for _ in range(30)]
    others = made(app, 2, status="CANCELLED")
    in_app(app, batch_of, BatchAction.DELETE, [*wanted, *others])
    shown = opened(owner, "/admin/bin/?search=buyer&page_size=10")
    path = next(form.attributes["action"] for form in shown.find("form") if "restore-all" in form.attributes["action"])
    asks = post(owner, path).headers["Location"]
    told = opened(owner, asks)
    assert "30 will be restored." in told.text
    assert told.link("Cancel") == "/admin/bin/"
    assert headline(done(owner, asks)) == "30 restored"
    assert binned(owner) == sorted(map(str, others))


def test_restoring_more_than_a_hundred_wants_their_number_typed(
    owner: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (admin_views.orders.actions, admin_views.bin):
        monkeypatch.setattr(module, "TYPED_ABOVE", 2)
    wanted = made(app, 3, status="CANCELLED")
    in_app(app, batch_of, BatchAction.DELETE, wanted)
    path = post(owner, "/admin/bin/action/", action="restore", rowid=wanted).headers["Location"]
    assert "Type 3 to confirm" in opened(owner, path).text
    assert headline(done(owner, path, typed="3")) == "3 restored"


def test_the_search_for_a_number_in_the_bin_leads_there_whoever_may_see_it(
    owner: FlaskClient, editor: FlaskClient, app: Flask
) -> None:
    number, kept = made(app, 2, status="CANCELLED")
    in_app(app, batch_of, BatchAction.DELETE, [number])
    words = f"Order {number} is in the Bin"
    assert page(owner, search=str(number)).link(words) == f"/admin/bin/?search={number}"
    assert words not in page(editor, search=str(number)).text
    assert "is in the Bin" not in page(owner, search=str(kept)).text


@pytest.mark.parametrize("query", ["?sort=id", "?sort=deleted_at&desc=1", "?sort=deleted_by", "?deleted_by=1", "?id=1"])
def test_the_bin_is_sorted_and_filtered_or_says_why_not(owner: FlaskClient, app: Flask, query: str) -> None:
    in_app(app, batch_of, BatchAction.DELETE, made(app, 2, status="CANCELLED"))
    assert owner.get(f"/admin/bin/{query}").status_code == 200


def test_the_bin_of_a_limited_person_holds_the_own_orders(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
        make_staff("limited", GRANTS["owner"], limited_to=[own])
        mine, others = make_order(company=own, status="CANCELLED"), make_order(company=foreign, status="CANCELLED")
    in_app(app, batch_of, BatchAction.DELETE, [mine, others])
    limited = signed_in(app, "limited@seller.example")
    listed = limited.get("/admin/bin/").text
    assert (f"/admin/orders/{mine}/" in listed, f"/admin/orders/{others}/" in listed, "Foreign" in listed) == (
        True,
        False,
        False,
    )
    assert limited.get(f"/admin/orders/{others}/").status_code == 404
    before = in_app(app, read, others).version
    answer = post(limited, "/admin/bin/action/", action="restore", rowid=str(others))
    assert (answer.status_code, NOT_BINNED in answer.text) == (409, True)
    assert binned(limited, f"?search={others}") == []
    assert in_app(app, read, others).version == before


def test_the_key_to_the_session_stands_on_no_page(app: Flask, owner: FlaskClient) -> None:
    made(app)
    with owner.session_transaction() as session:
        key = session["_user_id"]
    assert key not in owner.get(LIST).text


@pytest.mark.parametrize(("path", "code"), [(f"{LIST}selections/{10**20}/", 409), (f"/admin/batches/{10**20}/", 404)])
def test_a_number_that_no_row_can_have_is_not_there(owner: FlaskClient, path: str, code: int) -> None:
    assert owner.get(path).status_code == code
