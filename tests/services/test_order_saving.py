"""Saving what may be changed on the page of an order: what is kept, what is refused, and two people at once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.choices import OrderSource, PaymentMethod
from models.order import Order, OrderSearch
from models.order_history import OrderHistory
from permissions import SYSTEM, Action, Actor, NotAllowed
from services.errors import Invalid
from services.order_history import history_since
from services.order_notes import notes_of
from services.order_saving import Clash, OrderWanted, choices, save
from services.records import Both
from services.sign_in import actor_of
from services.unit_of_work import Edit, OrderGone
from services.verify import verify
from tests.batches import LATER
from tests.factories import make_company, make_order, make_staff
from tests.people import GRANTS

pytestmark = pytest.mark.usefixtures("database")

BEFORE: dict[str, Any] = {"reference": "PO-1", "payment_method": "Barter", "payment_status": "OPEN", "source": "Fair"}
"""An order as it was imported: nobody here set up its method and source."""
AFTER: dict[str, Any] = {
    "reference": "PO-2",
    "payment_method": "iDEAL",
    "payment_status": "PAID",
    "accounting_id": "F-7",
    "source": "EDI",
}


@pytest.fixture
def mia() -> Actor:
    """Somebody who may edit orders, and what orders choose from."""
    for name, is_active in (("iDEAL", True), ("Cash", True), ("Cheque", False)):
        db.session.add(PaymentMethod(name=name, code=name.upper(), is_active=is_active))
    for name, is_active in (("EDI", True), ("Webshop", True), ("Fax", False)):
        db.session.add(OrderSource(name=name, is_active=is_active))
    return editor("mia")


def editor(name: str) -> Actor:
    return actor_of(make_staff(name, GRANTS["editor"]).id)


def by(who: Actor) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, LATER)


def put(number: int, who: Actor, seen: int = 1, note: str = "", **fields: str) -> bool:
    return save(number, OrderWanted(fields, note), seen=seen, edit=by(who))


def read(number: int) -> Order:
    db.session.rollback()
    db.session.info["actor"] = SYSTEM
    return db.session.get_one(Order, number, populate_existing=True)


def held(number: int) -> dict[str, Any]:
    return {name: getattr(read(number), name) for name in AFTER}


def told(number: int) -> set[tuple[int, str, str, str]]:
    rows = db.session.scalars(select(OrderHistory).where(OrderHistory.order_id == number, OrderHistory.version > 1))
    return {(row.version, row.field, row.old_value, row.new_value) for row in rows}


def texts(number: int) -> list[str]:
    return [note.text for note in notes_of(read(number))]


def test_everything_is_saved_at_once_told_searched_and_stamped(mia: Actor) -> None:
    number = make_order(**BEFORE)
    assert put(number, mia, note=" Called.\r\n  Later, maybe \r\n", **AFTER)
    assert held(number) == AFTER
    order = read(number)
    assert (order.version, order.updated_at, order.updated_by_id) == (2, LATER, mia.staff_id)
    assert order.payment_status_at == LATER
    searched = db.session.get_one(OrderSearch, number)
    assert (searched.reference, searched.accounting_id) == ("po-2", "f-7")
    assert told(number) == {
        *((2, name, BEFORE.get(name, ""), value) for name, value in AFTER.items()),
        (2, "internal_note", "", "Called.\n  Later, maybe"),
    }
    (note,) = notes_of(order)
    assert (note.text, note.at, note.staff_id) == ("Called.\n  Later, maybe", LATER, mia.staff_id)
    assert not [check for check in verify() if check.count]


def test_a_field_that_is_not_sent_stays_and_nothing_changed_is_no_change(mia: Actor) -> None:
    number = make_order(**BEFORE)
    assert not put(number, mia)
    assert not put(number, mia, note=" \n ", **{**BEFORE, "reference": "  PO-1 "})
    assert (held(number), read(number).version) == ({**BEFORE, "accounting_id": ""}, 1)
    assert put(number, mia, reference="")
    assert (held(number), read(number).version) == ({**BEFORE, "accounting_id": "", "reference": ""}, 2)


def test_a_status_that_forbids_editing_leaves_these_open_and_the_bin_does_not(mia: Actor) -> None:
    confirmed = make_order(status="CONFIRMED", **BEFORE)
    assert put(confirmed, mia, **AFTER)
    theirs = make_order(company=make_company("Theirs"))
    limited = Actor(mia.staff_id, "", mia.grants, frozenset({make_company("Ours").id}))
    for number, who in ((make_order(is_deleted=True), mia), (theirs, limited), (999_999, mia)):
        with pytest.raises(OrderGone):
            put(number, who, reference="PO-2")
    with pytest.raises(NotAllowed):
        put(confirmed, Actor(mia.staff_id, "", frozenset()), reference="PO-3")


def test_a_choice_is_between_what_is_in_use_and_what_the_order_has(mia: Actor) -> None:
    number = make_order(**BEFORE)
    assert choices(PaymentMethod, "Barter") == ["", "Barter", "Cash", "iDEAL"]
    assert choices(OrderSource, "EDI") == choices(OrderSource, "") == ["", "EDI", "Webshop"]
    assert put(number, mia, reference="PO-2", payment_method="Barter", source="Fair")
    assert (read(number).payment_method, read(number).source) == ("Barter", "Fair")
    assert put(number, mia, seen=2, payment_method="", source="")
    assert (read(number).payment_method, read(number).source) == ("", "")


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"reference": "x" * 256}, "reference", "At most 255 characters fit here."),
        ({"accounting_id": "F\x007"}, "accounting_id", "This has characters that cannot be read. Type it again."),
        ({"payment_status": "BARTERED"}, "payment_status", "There is no such payment status."),
        ({"payment_method": "Cheque"}, "payment_method", "Choose one of the payment methods in use."),
        ({"source": "\x00"}, "source", "Choose one of the sources in use."),
        ({"note": "x" * 4_001}, "note", "A note may have at most 4000 characters."),
        ({"note": "\x00"}, "note", "The note holds a character that cannot be stored. Type it again."),
        ({"note": "\ud800"}, "note", "The note holds a character that cannot be stored. Type it again."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_all_that_came_along(
    mia: Actor, fields: dict[str, Any], field: str, sentence: str
) -> None:
    number = make_order(**BEFORE)
    with pytest.raises(Invalid) as refused:
        put(number, mia, **{"reference": "PO-2", "note": "Called.", **fields})
    assert (refused.value.field, str(refused.value)) == (field, sentence)
    assert (held(number), texts(number), read(number).version) == ({**BEFORE, "accounting_id": ""}, [], 1)


def test_a_note_takes_every_sign_of_a_text(mia: Actor) -> None:
    number, note = make_order(), "Preis\tpro Stück: 3,–\n<b>👩\u200d🔧</b>"
    assert put(number, mia, note=note)
    assert texts(number) == [note]


def test_what_is_pasted_is_kept_as_it_is_seen(mia: Actor) -> None:
    number = make_order()
    assert put(number, mia, note="10\u00a0000\u00a0€ \u200f\u200eשלום\ufeff", reference="PO\u00a07\u00ad8")
    assert (texts(number), read(number).reference) == (["10 000 € שלום"], "PO 78")


def test_no_source_gets_the_same_external_order_id_twice(mia: Actor) -> None:
    make_order(source="EDI", external_order_id="7", is_deleted=True)
    number = make_order(source="Webshop", external_order_id="7")
    with pytest.raises(Invalid) as refused:
        put(number, mia, source="EDI", reference="PO-2")
    assert refused.value.field == "source"
    assert str(refused.value) == "Another order from EDI has the external order id 7."
    assert (read(number).source, read(number).reference) == ("Webshop", "")


# ---- two people ----


def test_what_different_people_changed_is_kept_from_both(mia: Actor) -> None:
    number, ben = make_order(**BEFORE), editor("ben")
    assert put(number, mia, **BEFORE | {"reference": "PO-2"})
    assert put(number, ben, **BEFORE | {"payment_status": "PAID"}, note="Called.")
    assert (read(number).reference, read(number).payment_status) == ("PO-2", "PAID")
    assert texts(number) == ["Called."]


def test_what_both_changed_is_told_with_both_and_nothing_is_written(mia: Actor) -> None:
    number, ben = make_order(**BEFORE), editor("ben")
    put(number, mia, reference="PO-2", payment_status="PAID")
    put(number, mia, seen=2, reference="PO-3")
    with pytest.raises(Clash) as clash:
        put(number, ben, note="Called.", **BEFORE | {"reference": "PO-9", "source": "EDI"})
    assert clash.value.fields == {"reference": Both("PO-1", "PO-3", "PO-9")}
    assert (clash.value.mine, clash.value.version) == ({"source": "EDI"}, 3)
    assert (read(number).reference, read(number).source, texts(number)) == ("PO-3", "Fair", [])
    assert put(number, ben, seen=clash.value.version, reference="PO-9", source="EDI", note="Called.")
    assert (read(number).reference, read(number).payment_status, read(number).source) == ("PO-9", "PAID", "EDI")


def test_the_same_wish_of_both_is_no_clash_nor_is_what_was_changed_back(mia: Actor) -> None:
    number, ben = make_order(**BEFORE), editor("ben")
    put(number, mia, reference="PO-2")
    assert not put(number, ben, reference="PO-2")
    put(number, mia, seen=2, reference="PO-1")
    assert put(number, ben, reference="PO-4")
    assert read(number).reference == "PO-4"


def test_a_form_that_is_sent_twice_notes_once(mia: Actor) -> None:
    number = make_order(**BEFORE)
    assert put(number, mia, reference="PO-2", note="Called.")
    assert not put(number, mia, reference="PO-2", note="Called.")
    assert (texts(number), read(number).version) == (["Called."], 2)
    assert put(number, mia, seen=2, note="Called.")
    assert put(number, editor("ben"), note="Called.")
    assert texts(number) == ["Called."] * 3


def together(app: Flask, wanted: Mapping[int, tuple[int, dict[str, Any]]]) -> list[str]:
    """Let people save at the same moment, each an order and fields of it; give what each is told."""
    start = Barrier(len(wanted))
    db.session.rollback()

    def press(person: int) -> str:
        number, fields = wanted[person]
        with app.app_context():
            who = actor_of(person)
            db.session.rollback()
            db.session.info["actor"] = who
            start.wait(30)
            try:
                return "saved" if put(number, who, **fields) else "nothing"
            except (Clash, Invalid) as refused:
                return type(refused).__name__

    with ThreadPoolExecutor(len(wanted)) as threads:
        return list(threads.map(press, wanted))


@pytest.mark.race
def test_of_two_people_who_save_the_same_field_one_succeeds_and_the_other_sees_by_whom(app: Flask) -> None:
    number, people = make_order(), [editor(name).staff_id or 0 for name in ("ann", "bob")]
    said = together(app, {person: (number, {"reference": f"by {person}"}) for person in people})
    assert sorted(said) == ["Clash", "saved"]
    winner = people[said.index("saved")]
    assert read(number).reference == f"by {winner}"
    (event,) = history_since(read(number), 1)
    assert (event.staff_id, event.new_value) == (winner, f"by {winner}")


@pytest.mark.race
def test_two_people_who_save_different_fields_both_succeed(app: Flask) -> None:
    number, people = make_order(**BEFORE), [editor(name).staff_id or 0 for name in ("ann", "bob")]
    fields = [BEFORE | {"reference": "PO-2", "note": "Ann"}, BEFORE | {"payment_status": "PAID", "note": "Bob"}]
    wanted = {person: (number, each) for person, each in zip(people, fields, strict=True)}
    assert together(app, wanted) == ["saved", "saved"]
    order = read(number)
    assert (order.reference, order.payment_status, order.version) == ("PO-2", "PAID", 3)
    assert sorted(texts(number)) == ["Ann", "Bob"]
    assert not [check for check in verify() if check.count]


@pytest.mark.race
def test_of_two_orders_with_one_external_id_only_one_gets_the_source(app: Flask, mia: Actor) -> None:
    del mia
    people = [editor(name).staff_id or 0 for name in ("ann", "bob")]
    orders = [make_order(source=source, external_order_id="7") for source in ("Webshop", "Fair")]
    wanted = {person: (number, {"source": "EDI"}) for person, number in zip(people, orders, strict=True)}
    assert sorted(together(app, wanted)) == ["Invalid", "saved"]
    assert sorted(read(number).source == "EDI" for number in orders) == [False, True]
