"""Work that is done after the page has answered: what waits, what runs, what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, cast, literal, or_, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text, within
from permissions import Action, Actor

if TYPE_CHECKING:
    from models.workflow import WorkflowRun


class JobKind(StrEnum):
    """What is to be done."""

    BATCH = "BATCH"
    FILE = "FILE"
    CLEAN = "CLEAN"
    MAIL = "MAIL"
    WORKFLOW = "WORKFLOW"


class JobState(StrEnum):
    """How far a job is. The first two are open."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


OPEN = (JobState.WAITING, JobState.RUNNING)


class Job(ScopedRow, Base):
    """A row of the outbox, written in the transaction of what asks for the work.

    `token` is another one each time a worker takes the job, so that a worker that was thought dead cannot
    write to it any more. `lease_until` is how long nobody else takes it, unless its worker is known to have died.
    `worker` is the name of who took it and the token it got; an earlier release that takes it changes the token only.
    `total` is 0 while it is unknown. `attempts` counts the times that it was taken since somebody last asked for it.
    """

    __tablename__ = "job"
    __table_args__ = (
        among("kind", JobKind),
        among("state", JobState),
        within("attempts", 0),
        within("done", 0),
        within("total", 0),
        CheckConstraint("(state = 'RUNNING') = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("(state IN ('WAITING', 'RUNNING')) = (finished_at IS NULL)", name="finished"),
        Index(None, "state", "run_at", "id"),
        Index(None, "staff_id", "id"),
        Index(None, "kind", "id"),
        Index(None, "finished_at"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED: ClassVar = ()

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(text(16))
    subject_id: Mapped[int | None] = mapped_column(Key)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(text(16), default=JobState.WAITING)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(text(100), default="", server_default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    is_cancel_asked: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(text(500), default="")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff | None] = relationship()
    workflow_run: Mapped["WorkflowRun | None"] = relationship(viewonly=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """A person's own jobs; everybody's for whoever may see them and is not limited to certain companies."""
        if actor.companies is None and actor.may(Action.JOBS_OTHERS):
            return true()
        return cls.staff_id == (actor.staff_id or 0)

    @classmethod
    def is_due(cls, now: datetime) -> ColumnElement[bool]:
        """A worker may take it: its time has come, or the worker that had it was lost."""
        return or_(
            and_(cls.state == JobState.WAITING, cls.run_at <= now),
            and_(cls.state == JobState.RUNNING, cls.lease_until <= now),
        )

    @classmethod
    def is_held_by(cls, worker: str) -> ColumnElement[bool]:
        """The worker of this name took it, and nobody after it."""
        return and_(cls.state == JobState.RUNNING, cls.worker == literal(f"{worker} ") + cast(cls.token, String))

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_cancelling(self) -> bool:
        return self.is_open and self.is_cancel_asked

    @property
    def may_be_cancelled(self) -> bool:
        return self.is_open and not self.is_cancel_asked

    @property
    def may_be_retried(self) -> bool:
        return self.state == JobState.FAILED


class WorkerBeat(Base):
    """When a worker last said that it is there: one row; empty until the first one runs."""

    __tablename__ = "worker_beat"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
