"""What was done to many orders at once, and what became of each."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text
from permissions import Action, Actor


class BatchAction(StrEnum):
    """What a batch does to its orders. UNDO takes back what another batch did."""

    DELETE = "DELETE"
    RESET_EXPORT = "RESET_EXPORT"
    CHANGE_STATUS = "CHANGE_STATUS"
    RESTORE = "RESTORE"
    UNDO = "UNDO"


class BatchState(StrEnum):
    """How far a batch is. A STOPPED one did a part and can be resumed."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    DONE = "DONE"


UNFINISHED = (BatchState.WAITING, BatchState.RUNNING)
"""The states of a batch that goes on by itself."""


class Outcome(StrEnum):
    """What became of an order. UNCHANGED is one that already was as it should be."""

    WAITING = "WAITING"
    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"
    CHANGED = "CHANGED"
    NOT_FOUND = "NOT_FOUND"


class Reason(StrEnum):
    """The rule by which an order was refused."""

    NONE = ""
    STATUS_KEEPS = "STATUS_KEEPS"
    HAS_INVOICE = "HAS_INVOICE"
    HAS_SHIPMENT = "HAS_SHIPMENT"
    MAY_NOT_FOLLOW = "MAY_NOT_FOLLOW"
    STATUS_GONE = "STATUS_GONE"


class Batch(ScopedRow, Base):
    """One action on many orders: who, when, which.

    `key` is the preview's, so that sending it twice makes one batch. `to_status` is the code of the status that
    a change of status leads to. `undoes_id` is the batch that this one takes back.
    """

    __tablename__ = "batch"
    __table_args__ = (
        among("action", BatchAction),
        among("state", BatchState),
        CheckConstraint("(action = 'UNDO') = (undoes_id IS NOT NULL)", name="undoes"),
        CheckConstraint("(action = 'CHANGE_STATUS') = (to_status <> '')", name="to_status"),
        Index(None, "staff_id", "id"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED: ClassVar = ()

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(text(43), unique=True)
    action: Mapped[str] = mapped_column(text(16))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    to_status: Mapped[str] = mapped_column(text(32), default="")
    note: Mapped[str] = mapped_column(text(1000), default="")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"), unique=True)
    state: Mapped[str] = mapped_column(text(16), default=BatchState.WAITING)
    total: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """A person's own batches; everybody's for whoever may see them and is not limited to certain companies."""
        if actor.companies is None and actor.may(Action.JOBS_OTHERS):
            return true()
        return cls.staff_id == (actor.staff_id or 0)


class BatchOrder(Base):
    """One order of a batch: the version it was chosen at, what became of it, and the version that made.

    `reason_text` says more about a refusal: the invoice's number, the code of the status it was in.
    """

    __tablename__ = "batch_order"
    __table_args__ = (
        among("outcome", Outcome),
        among("reason", Reason),
        Index(None, "batch_id", "outcome", "order_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    version: Mapped[int]
    outcome: Mapped[str] = mapped_column(text(16), default=Outcome.WAITING)
    reason: Mapped[str] = mapped_column(text(16), default=Reason.NONE)
    reason_text: Mapped[str] = mapped_column(text(100), default="")
    made_version: Mapped[int | None]
