"""Internal notes of orders: read, checked, removed. They are added by `services.order_saving`."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db
from models.order import Order
from models.order_note import OrderNote
from models.types import LARGEST_ID
from permissions import Action, Actor
from services.errors import Invalid, Refused
from services.typed_values import is_readable, readable
from services.unit_of_work import Edit, changing_one

LONGEST = 4_000


class AlreadyRemoved(Refused):
    """Somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__("Somebody else has removed this note meanwhile.")


def notes_of(order: Order) -> Sequence[OrderNote]:
    """Give the notes of an order with who wrote them, the first one first."""
    return db.session.scalars(
        select(OrderNote)
        .where(OrderNote.order_id == order.id)
        .order_by(OrderNote.id)
        .options(joinedload(OrderNote.staff, innerjoin=True))
    ).all()


def find_note(order_id: int, note_id: int, actor: Actor) -> OrderNote | None:
    """Give a note of an order; None when it does not exist for the actor."""
    return db.session.scalar(
        select(OrderNote).where(
            OrderNote.id == min(note_id, LARGEST_ID),
            OrderNote.order_id == min(order_id, LARGEST_ID),
            OrderNote.visible_to(actor),
        )
    )


def remove(order_id: int, note_id: int, *, edit: Edit) -> None:
    """Remove a note: its author may, and who may remove those of others.

    Raises NotAllowed, OrderGone or AlreadyRemoved.
    """
    with changing_one(order_id, edit=edit) as order:
        note = db.session.get(OrderNote, min(note_id, LARGEST_ID))
        if note is None or note.order_id != order.id:
            raise AlreadyRemoved
        if not may_remove(note, edit.actor):
            edit.actor.must(Action.ORDERS_REMOVE_NOTES)
        db.session.delete(note)


# ---- rules ----


def may_remove(note: OrderNote, actor: Actor) -> bool:
    """Whether the actor may remove a note."""
    is_own = actor.staff_id is not None and note.staff_id == actor.staff_id
    return actor.may(Action.ORDERS_EDIT) and (is_own or actor.may(Action.ORDERS_REMOVE_NOTES))


def checked_note(written: str) -> str:
    """Give a note as it is kept: its lines, without blanks around them. Raises Invalid."""
    lines = readable(written).replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    note = "\n".join(line.rstrip() for line in lines)
    if len(note) > LONGEST:
        raise Invalid("note", "A note may have at most %(most)d characters.", most=LONGEST)
    if not is_readable(note, besides="\n\t"):
        raise Invalid("note", "The note holds a character that cannot be stored. Type it again.")
    return note
