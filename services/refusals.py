"""What was asked of an order and refused: the audit log tells it, the history of the order only what happened."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import insert

from models.base import db, writing
from models.order import Order
from models.record_history import RecordHistory
from services.unit_of_work import Edit

REFUSED = "refused"
LONGEST_NOTE = RecordHistory.note.type.length


class RefusedStatus(NamedTuple):
    """A version of an order, and the codes of the status that it had and of the one that may not follow."""

    version: int
    from_status: str
    to_status: str


def tell_refused(refused: Mapping[int, RefusedStatus], edit: Edit) -> None:
    """Write refused changes of status into the audit log, by the number of the order; the caller commits."""
    if refused:
        db.session.execute(
            insert(RecordHistory),
            [
                {
                    "record_type": Order.__tablename__,
                    "record_id": number,
                    "name": str(number),
                    "version": version,
                    "at": edit.now,
                    "origin": edit.origin,
                    "staff_id": edit.actor.staff_id,
                    "field": "status",
                    "old_value": from_status,
                    "new_value": to_status,
                    "note": f"{REFUSED}: {edit.note}"[:LONGEST_NOTE] if edit.note else REFUSED,
                }
                for number, (version, from_status, to_status) in refused.items()
            ],
        )


def keep_refused(refused: Mapping[int, RefusedStatus], edit: Edit) -> None:
    """Write them in a transaction of their own, where that of the change is taken back."""
    with writing():
        tell_refused(refused, edit)
