"""Saving what may be changed on the page of an order: its reference, payment and source, and a new internal note.

These are the seller's own data, so they may be changed in every status, also in one that forbids to edit the order.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from models.base import db
from models.choices import OrderSource, PaymentMethod
from models.order import Order, PaymentStatus
from models.order_history import OrderHistory
from models.order_note import OrderNote
from models.types import LARGEST_WHOLE
from services.errors import Invalid, Refused
from services.order_notes import checked_note
from services.records import Both
from services.typed_values import is_readable, readable
from services.unit_of_work import Edit, changing_one

TYPED = {"reference": 255, "accounting_id": 64}
"""What is typed, and how long it may be."""
CHOSEN = {"payment_method": PaymentMethod, "source": OrderSource}
"""What is one of the active rows of a table, by name, or empty."""
FIELDS = (*TYPED, *CHOSEN, "payment_status")


class OrderWanted(NamedTuple):
    """What is to be saved: fields of FIELDS by name, and a note. A field that is not named stays as it is."""

    fields: Mapping[str, str]
    note: str = ""


class Clash(Refused):
    """Others changed the same fields since the person saw them: nothing is written.

    `fields` are those, `mine` are the other fields that were to be changed, `version` is the one compared with.
    """

    def __init__(self, version: int, fields: Mapping[str, Both], mine: Mapping[str, str]) -> None:
        super().__init__("Not saved yet: it was changed while you were editing.")
        self.version = version
        self.fields = fields
        self.mine = mine


def save(order_id: int, wanted: OrderWanted, *, seen: int, edit: Edit) -> bool:
    """Save what differs from the version that was seen, and say whether anything did.

    What only one side changed is kept from both. Raises NotAllowed, OrderGone, Invalid or Clash.
    """
    note = checked_note(wanted.note)
    fields = {name: readable(value) if name in TYPED else value for name, value in wanted.fields.items()}
    try:
        with changing_one(order_id, edit=edit) as order:
            changed = _changed(order, _compared(order, fields, seen))
            for name, value in changed.items():
                setattr(order, name, value)
            is_new_note = bool(note) and not _is_sent_again(order, note, seen, edit)
            if is_new_note:
                db.session.add(OrderNote(order_id=order.id, staff_id=edit.actor.person, at=edit.now, text=note))
            source, external_order_id = order.source, order.external_order_id
    except IntegrityError as error:
        if taken := source_taken(error, source, external_order_id):
            raise taken from error
        raise
    return bool(changed) or is_new_note


def source_taken(error: IntegrityError, source: str, external_order_id: str) -> Invalid | None:
    """Say that a source cannot be given to an order, if that is why the database refused it."""
    if "external_order_id" not in str(error.orig):
        return None
    return Invalid(
        "source",
        "Another order from %(source)s has the external order id %(number)s.",
        source=source,
        number=external_order_id,
    )


def choices(model: type[Any], kept: str) -> Sequence[str]:
    """Give the names that an order may have: none, the active rows of a table of CHOSEN, and what it has already."""
    active = db.session.scalars(select(model.name).where(model.is_active).order_by(model.name)).all()
    return ["", *active] if kept in {"", *active} else ["", kept, *active]


def _compared(order: Order, fields: Mapping[str, str], seen: int) -> dict[str, Both]:
    """Give each field as it was in the version that was seen, as it is, and as it shall be."""
    events = db.session.execute(
        select(OrderHistory.field, OrderHistory.old_value)
        .where(
            OrderHistory.order_id == order.id,
            OrderHistory.version > min(seen, LARGEST_WHOLE),
            OrderHistory.field.in_(FIELDS),
        )
        .order_by(OrderHistory.id.desc())
    )
    was = {row.field: row.old_value for row in events}
    return {
        name: Both(_one_line(was.get(name, getattr(order, name))), _one_line(getattr(order, name)), _one_line(value))
        for name, value in fields.items()
        if name in FIELDS
    }


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _changed(order: Order, compared: Mapping[str, Both]) -> dict[str, str]:
    """Give what is to be set. Raises Clash or Invalid."""
    clashing = {name: both for name, both in compared.items() if both.theirs != both.was and both.clashes}
    mine = {
        name: both.mine
        for name, both in compared.items()
        if name not in clashing and both.mine not in (both.was, both.theirs)
    }
    if clashing:
        raise Clash(order.version, clashing, mine)
    for name, value in mine.items():
        _check(name, value)
    return mine


def _check(name: str, value: str) -> None:
    """Raise Invalid for a value that a field does not take."""
    if name in TYPED and len(value) > TYPED[name]:
        raise Invalid(name, "At most %(most)d characters fit here.", most=TYPED[name])
    if name in TYPED and not is_readable(value):
        raise Invalid(name, "This has characters that cannot be read. Type it again.")
    if name == "payment_status" and value not in set(PaymentStatus):
        raise Invalid(name, "There is no such payment status.")
    if name == "payment_method" and value and not is_active(PaymentMethod, value):
        raise Invalid(name, "Choose one of the payment methods in use.")
    if name == "source" and value and not is_active(OrderSource, value):
        raise Invalid(name, "Choose one of the sources in use.")


def is_active(model: type[Any], name: str) -> bool:
    """Whether a row of a table of CHOSEN with this name may be chosen."""
    return name.isprintable() and bool(db.session.scalar(select(exists().where(model.name == name, model.is_active))))


def _is_sent_again(order: Order, note: str, seen: int, edit: Edit) -> bool:
    """Whether the same person has noted the same since: a form that was sent twice."""
    told = exists().where(
        OrderHistory.order_id == order.id,
        OrderHistory.version > min(seen, LARGEST_WHOLE),
        OrderHistory.staff_id == edit.actor.staff_id,
        OrderHistory.field == OrderNote.told_as,
        OrderHistory.new_value == note,
    )
    return bool(db.session.scalar(select(told)))
