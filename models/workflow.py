"""Workflows: what the seller's own programs do with an order, and each time that one was started."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.delivery import DeliveryState
from models.kept import KeptRow
from models.order import PartOfOrder
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text, within
from permissions import Actor


class Workflow(KeptRow, Base):
    """Where an order is sent to when somebody presses the button with this label, and how long the answer may take.

    What is sent is signed with `secret`, which no page, no file and no history shows.
    """

    __tablename__ = "workflow"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        CheckConstraint("length(label) >= 1", name="label_given"),
        within("timeout", 1, 60),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(64), unique=True)
    description: Mapped[str] = mapped_column(text(255), default="")
    label: Mapped[str] = mapped_column(text(32))
    url: Mapped[str] = mapped_column(text(2048))
    secret: Mapped[str] = mapped_column(text(255))
    timeout: Mapped[int] = mapped_column(default=10)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class WorkflowRun(PartOfOrder, Base):
    """A workflow that was started for an order, by its name then; it never changes. What becomes of it is its outcome.

    `key` is the form's: what was sent twice with it is one run. `idempotency_key` is told to the receiver, the same at
    every try. Its job is removed a while after it has ended.
    """

    __tablename__ = "workflow_run"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        Index(None, "order_id", "id"),
        Index(None, "workflow_id"),
        Index(None, "job_id"),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "workflow"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    workflow_id: Mapped[int | None] = mapped_column(ForeignKey("workflow.id", ondelete="SET NULL"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(text(64))
    key: Mapped[str] = mapped_column(text(43))
    idempotency_key: Mapped[str] = mapped_column(text(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)

    workflow: Mapped[Workflow | None] = relationship()
    staff: Mapped[Staff | None] = relationship()
    outcome: Mapped["WorkflowOutcome"] = relationship()

    def __str__(self) -> str:
        return self.name


class WorkflowOutcome(ScopedRow, Base):
    """What became of a run: kept by the worker, without a change of the order.

    `reason` says why it is not sent, and `next_try` when it is tried again. `status` is that of the last try's answer,
    `reply` what it said to people, and `answered_at` when it came.
    """

    __tablename__ = "workflow_outcome"
    __table_args__ = (among("state", DeliveryState), within("tries", 0))

    run_id: Mapped[int] = mapped_column(ForeignKey("workflow_run.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(text(16), default=DeliveryState.WAITING)
    reason: Mapped[str] = mapped_column(text(500), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    reply: Mapped[str] = mapped_column(text(4_000), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        found: ColumnElement[bool] = cls.run_id.in_(select(WorkflowRun.id).where(WorkflowRun.visible_to(actor)))
        return found
