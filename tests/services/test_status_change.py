"""The status of one order: what may follow, what is kept, and two people at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from models.record_history import RecordHistory
from permissions import SYSTEM, Action, Actor, NotAllowed
from services.errors import Invalid, Refused
from services.order_history import history_since, status_steps
from services.orders import find_order
from services.sign_in import actor_of
from services.status_change import StatusWanted, change_status
from services.unit_of_work import ChangedMeanwhile, Edit, OrderGone
from tests.factories import NOON, make_company, make_order, make_staff

LATER = NOON + timedelta(days=1, hours=2)


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> Iterator[None]:
    """Everything here happens inside the application."""
    with app.app_context():
        yield


def by(actor: Actor, note: str = "") -> Edit:
    return Edit(actor, Action.ORDERS_EDIT, LATER, note)


@pytest.fixture
def editor() -> Actor:
    """Somebody who may edit orders, and does."""
    staff_id = make_staff("sam", ["order:editor", "backoffice:viewer"]).id
    actor = actor_of(staff_id)
    db.session.info["actor"] = actor
    return actor


def read(number: int) -> Order:
    db.session.rollback()
    return db.session.get_one(Order, number, populate_existing=True)


def history(number: int) -> list[tuple[str, str, str, str]]:
    rows = db.session.scalars(
        select(OrderHistory).where(OrderHistory.order_id == number, OrderHistory.version > 1).order_by(OrderHistory.id)
    )
    return [(row.field, row.old_value, row.new_value, row.note) for row in rows]


def test_an_order_moves_on_with_its_payment_and_a_note(editor: Actor) -> None:
    number = make_order(payment_status="OPEN")
    status = change_status(number, StatusWanted("CONFIRMED", "PAID"), seen=1, edit=by(editor, "by phone"))
    assert status == "Confirmed"
    order = read(number)
    assert (order.status.code, order.payment_status, order.version) == ("CONFIRMED", "PAID", 2)
    assert order.status_changed_at == order.payment_status_at == order.updated_at == LATER
    assert order.updated_by_id == editor.staff_id
    assert sorted(history(number)) == [
        ("payment_status", "OPEN", "PAID", "by phone"),
        ("status", "NEW", "CONFIRMED", "by phone"),
    ]


def test_the_payment_stays_as_it_is_unless_another_is_wanted(editor: Actor) -> None:
    number = make_order(payment_status="OPEN")
    change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=by(editor))
    assert read(number).payment_status == "OPEN"
    assert read(number).payment_status_at is None
    assert history(number) == [("status", "NEW", "CONFIRMED", "")]


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (StatusWanted("ARCHIVED"), "to", "Archived may not follow New."),
        (StatusWanted("NEW"), "to", "New may not follow New."),
        (StatusWanted(""), "to", "Choose the new status of the order."),
        (StatusWanted("NO_SUCH"), "to", "Choose the new status of the order."),
        (StatusWanted("CONFIRMED", "BARTERED"), "payment_status", "There is no such payment status."),
    ],
)
def test_what_may_not_follow_is_refused_and_changes_nothing(
    editor: Actor, wanted: StatusWanted, field: str, sentence: str
) -> None:
    number = make_order(payment_status="OPEN")
    with pytest.raises(Invalid) as refused:
        change_status(number, wanted, seen=1, edit=by(editor))
    assert (refused.value.field, str(refused.value)) == (field, sentence)
    order = read(number)
    assert (order.status.code, order.payment_status, order.version) == ("NEW", "OPEN", 1)
    assert history(number) == []


def test_the_audit_log_tells_of_what_may_not_follow(editor: Actor) -> None:
    number = make_order(status="CONFIRMED")
    for wanted in (StatusWanted("ARCHIVED"), StatusWanted("CONFIRMED"), StatusWanted("NO_SUCH")):
        with pytest.raises(Invalid):
            change_status(number, wanted, seen=1, edit=by(editor, "urgent"))
    audited = db.session.scalars(select(RecordHistory).order_by(RecordHistory.id)).all()
    assert [
        (row.record_type, row.name, row.version, row.staff_id, row.field, row.old_value, row.new_value, row.note)
        for row in audited
    ] == [
        ("orders", str(number), 1, editor.staff_id, "status", "CONFIRMED", code, "refused: urgent")
        for code in ("ARCHIVED", "CONFIRMED")
    ]
    assert history(number) == []


def test_who_looks_at_an_older_version_is_told_what_happened_since(editor: Actor) -> None:
    number = make_order()
    change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=by(editor))
    with pytest.raises(ChangedMeanwhile):
        change_status(number, StatusWanted("PROCESSING"), seen=1, edit=by(editor))
    assert read(number).status.code == "CONFIRMED"
    assert [(event.field, event.new_value) for event in history_since(read(number), 1)] == [("status", "CONFIRMED")]
    assert history_since(read(number), 2) == []


def test_an_order_that_is_not_there_is_not_changed(editor: Actor) -> None:
    ours, theirs = make_company("Ours"), make_company("Theirs")
    binned, foreign = make_order(is_deleted=True), make_order(company=theirs)
    limited = Actor(editor.staff_id, "", editor.grants, frozenset({ours.id}))
    for number, actor in ((binned, editor), (foreign, limited), (999_999, editor)):
        with pytest.raises(OrderGone):
            change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=by(actor))


def test_who_only_sees_orders_changes_none(editor: Actor) -> None:
    number = make_order()
    viewer = Actor(editor.staff_id, "", frozenset(), None)
    with pytest.raises(NotAllowed):
        change_status(number, StatusWanted("CONFIRMED"), seen=1, edit=by(viewer))
    assert read(number).version == 1


@pytest.mark.race
def test_of_two_people_at_once_one_changes_the_status_and_the_other_is_told(app: Flask) -> None:
    number, together = make_order(), Barrier(2)
    people = [make_staff(name, ["order:editor", "backoffice:viewer"]).id for name in ("ann", "bob")]

    def change(person: int, to_status: str) -> str:
        with app.app_context():
            actor = actor_of(person)
            db.session.rollback()
            db.session.info["actor"] = actor
            together.wait(30)
            try:
                return change_status(number, StatusWanted(to_status), seen=1, edit=by(actor)).upper()
            except Refused as refused:
                return type(refused).__name__

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(change, people, ["CONFIRMED", "CANCELLED"]))
    db.session.info["actor"] = SYSTEM
    (winner,) = {"CONFIRMED", "CANCELLED"} & set(told)
    assert sorted(told) == sorted([winner, "ChangedMeanwhile"])
    assert read(number).status.code == winner
    assert [(field, new) for field, _old, new, _note in history(number)] == [("status", winner)]
    (event,) = history_since(read(number), 1)
    assert event.staff_id == people[told.index(winner)]


def test_steps_tell_how_long_each_status_lasted(editor: Actor) -> None:
    number = make_order(payment_status="OPEN")
    change_status(number, StatusWanted("CONFIRMED", "PAID"), seen=1, edit=by(editor))
    order = find_order(number, editor)
    assert order is not None
    first, second = status_steps(order)
    assert (first.event.new_value, first.event.at, first.until, first.payment_status) == ("NEW", NOON, LATER, "")
    assert (second.event.new_value, second.event.at, second.until) == ("CONFIRMED", LATER, None)
    assert second.payment_status == "PAID"
