"""Internal notes of orders: who may remove them, and what the history says."""

import pytest
from sqlalchemy import select

from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from permissions import SYSTEM, Action, Actor, NotAllowed
from services.order_notes import AlreadyRemoved, find_note, notes_of, remove
from services.order_saving import OrderWanted, save
from services.sign_in import actor_of
from services.unit_of_work import Edit, OrderGone
from tests.batches import LATER
from tests.factories import make_company, make_order, make_staff
from tests.people import GRANTS

pytestmark = pytest.mark.usefixtures("database")


def by(who: Actor) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, LATER)


def person(name: str, grants: str = "editor") -> Actor:
    return actor_of(make_staff(name, GRANTS[grants]).id)


def noted(number: int, who: Actor, text: str = "Called.") -> int:
    """Write a note and give its id."""
    save(number, OrderWanted({}, text), seen=99, edit=by(who))
    db.session.rollback()
    return notes_of(db.session.get_one(Order, number))[-1].id


def left(number: int) -> list[str]:
    db.session.rollback()
    db.session.info["actor"] = SYSTEM
    return [note.text for note in notes_of(db.session.get_one(Order, number))]


def test_a_note_is_removed_by_who_wrote_it_or_by_an_owner_and_by_nobody_else() -> None:
    number, mia, ben, eve = make_order(), person("mia"), person("ben"), person("eve", "owner")
    first, second = noted(number, mia, "First"), noted(number, mia, "Second")
    with pytest.raises(NotAllowed) as refused:
        remove(number, first, edit=by(ben))
    assert refused.value.action is Action.ORDERS_REMOVE_NOTES
    assert left(number) == ["First", "Second"]
    remove(number, first, edit=by(mia))
    remove(number, second, edit=by(eve))
    assert left(number) == []
    rows = db.session.scalars(select(OrderHistory).where(OrderHistory.version > 3).order_by(OrderHistory.id)).all()
    assert [(row.field, row.old_value, row.new_value, row.staff_id) for row in rows] == [
        ("internal_note", "First", "", mia.staff_id),
        ("internal_note", "Second", "", eve.staff_id),
    ]


def test_who_wrote_it_removes_nothing_once_the_right_to_edit_is_gone() -> None:
    number, mia = make_order(), person("mia")
    note = noted(number, mia)
    with pytest.raises(NotAllowed):
        remove(number, note, edit=by(Actor(mia.staff_id, "", frozenset())))
    assert left(number) == ["Called."]


def test_a_note_is_removed_once_and_from_its_own_order_only() -> None:
    number, other, mia = make_order(), make_order(), person("mia")
    note = noted(number, mia)
    for wrong, missing in ((other, note), (number, note + 1), (number, 10**30)):
        with pytest.raises(AlreadyRemoved):
            remove(wrong, missing, edit=by(mia))
    remove(number, note, edit=by(mia))
    with pytest.raises(AlreadyRemoved):
        remove(number, note, edit=by(mia))


def test_a_note_exists_for_whom_its_order_does() -> None:
    number, mia = make_order(company=make_company("Theirs")), person("mia")
    note = noted(number, mia)
    limited = Actor(mia.staff_id, "", mia.grants, frozenset({make_company("Ours").id}))
    assert find_note(number, note, mia)
    assert find_note(number, note, limited) is None
    assert find_note(number + 1, note, mia) is None
    with pytest.raises(OrderGone):
        remove(number, note, edit=by(limited))
