"""Work that is done after the page has answered: asked for, taken, done once, or failed with the reason.

A job is a row that is written with what asks for it, in one transaction. Workers take rows with a lease
and a token; the row of a worker that is lost is free when the lease has lapsed, or as soon as another one on the
same host sees that it has died. So a handler may be run twice, and must do no harm then.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models.base import db, writing
from models.job import OPEN, Job, JobKind, JobState
from permissions import SYSTEM, Action, Actor, NotAllowed
from services.errors import NotNow, Refused
from services.outcomes import begin_again, follow
from services.queue import queue
from services.records import Gone
from services.sign_in import actor_of

LEASE = timedelta(seconds=60)
PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long a job waits after each failure but the last."""
MOST_ATTEMPTS = len(PAUSES) + 1
RENEW_EVERY = 10.0
"""Seconds after which a job is kept for a handler that cannot report."""
LONGEST_REASON = 500

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


class Interrupted(Exception):
    """The handler shall end now, whatever is left to do."""


class Cancelled(Interrupted):
    """Somebody asked to cancel the job."""


class Taken(Interrupted):
    """The lease had lapsed, and another worker has the job now."""


class HandedBack(Interrupted):
    """The worker is being stopped; another one goes on with the job."""


@dataclass(frozen=True)
class WorkerContext:
    """How a worker works: its clock, how long it may keep silent, whether it is to stop, its name and who has died."""

    clock: Clock
    lease: timedelta = LEASE
    is_stopping: Callable[[], bool] = lambda: False
    name: str = ""
    dead: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True)
class Run:
    """A job in a worker's hands, as its handler sees it.

    `attempt` counts from 1; `done` is how far an earlier attempt had come.
    """

    job_id: int
    kind: JobKind
    subject_id: int | None
    staff_id: int | None
    attempt: int
    done: int
    token: int
    working: WorkerContext

    def asker(self) -> Actor:
        """Give who asked for the job, with what he or she may do by now; nobody but the system, when nobody did."""
        return SYSTEM if self.staff_id is None else actor_of(self.staff_id)

    def report(self, done: int, total: int | None = None, *, silence: timedelta = timedelta()) -> None:
        """Keep how far the work is, and keep the job. Raises Cancelled, Taken or HandedBack.

        To be called more often than the lease is long, but for `silence`, and outside of writing transactions:
        this is one of its own, which SQLite would let wait for them.
        """
        self.look_up()
        values: dict[str, Any] = {"done": done} if total is None else {"done": done, "total": total}
        cancelled = self._renew(values, silence)
        if not cancelled:
            raise Taken
        if cancelled[0]:
            raise Cancelled

    def look_up(self) -> None:
        """See whether the worker is being stopped, without a look into the database. Raises HandedBack."""
        if self.working.is_stopping():
            raise HandedBack

    @contextmanager
    def renewed(self, may_renew: Callable[[], bool]) -> Iterator[None]:
        """Keep the job, while `may_renew`, during what cannot report; Cancelled and Taken wait for the next report."""
        ended = Event()
        context = copy_context()
        renewing = Thread(target=context.run, args=(self._go_on_renewing, ended, may_renew), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join()

    def _go_on_renewing(self, ended: Event, may_renew: Callable[[], bool]) -> None:
        while not ended.wait(RENEW_EVERY):
            if may_renew():
                try:
                    self._renew({})
                except SQLAlchemyError as error:
                    log.warning("Job %d could not be kept (%s); trying again.", self.job_id, type(error).__name__)

    def _renew(self, values: Mapping[str, Any], silence: timedelta = timedelta()) -> Sequence[bool]:
        """Keep the job, and give whether it is to be cancelled; nothing when it is another worker's."""
        lease_until = self.working.clock() + self.working.lease + silence
        with _writing() as session:
            kept = update(Job).where(*_held_by(self)).values(**values, lease_until=lease_until)
            return session.scalars(kept.returning(Job.is_cancel_asked)).all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a transaction in which the handler writes, kept from other workers until it is committed in the end.

        Nothing is written when the caller raises. Raises Taken.
        """
        with writing():
            self._hold()
            yield

    def _hold(self) -> None:
        if db.session.scalar(select(Job.id).where(*_held_by(self)).with_for_update()) is None:
            raise Taken


Handler = Callable[[Run], None]
Handlers = Mapping[JobKind, Handler]


def enqueue(kind: JobKind, subject_id: int | None, *, staff_id: int | None, now: datetime, total: int = 0) -> Job:
    """Ask for a job in the caller's transaction; the caller commits, and calls `wake` afterwards."""
    job = Job(kind=kind, subject_id=subject_id, staff_id=staff_id, total=total, created_at=now, run_at=now)
    db.session.add(job)
    db.session.flush()
    return job


def wake() -> None:
    """Tell the workers that there is something to do. Never fails: they look by themselves as well."""
    queue.announce()


def run_due(handlers: Handlers, working: WorkerContext) -> int:
    """Do the jobs whose time has come, one after the other, and give how many there were.

    The session is a new one for each job, with the system as the actor, and a new one afterwards.
    """
    count = 0
    while not working.is_stopping() and (run := _take(working)):
        _end(run, _outcome(handlers.get(run.kind, _refuse), run))
        count += 1
    return count


def give_free(working: WorkerContext) -> None:
    """Let the jobs of workers that have died be taken at once."""
    for name in working.dead():
        with _writing() as session:
            session.execute(update(Job).where(Job.is_held_by(name)).values(lease_until=working.clock()))


def sweep(periodic: Mapping[JobKind, timedelta], *, now: datetime) -> None:
    """Ask for the periodic jobs whose time has come; several workers at once ask for each but once."""
    for kind, every in periodic.items():
        with _reading() as session:
            is_wanted = _is_wanted(session, kind, now - every)
        if is_wanted:
            with _writing() as session:
                if db.engine.dialect.name == "postgresql":
                    session.execute(text("LOCK TABLE job IN SHARE ROW EXCLUSIVE MODE"))
                if _is_wanted(session, kind, now - every):
                    session.add(Job(kind=kind, created_at=now, run_at=now))


def _is_wanted(session: Session, kind: JobKind, before: datetime) -> bool:
    last = session.scalar(select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(1))
    return last is None or (not last.is_open and last.created_at <= before)


def cancel(job_id: int, *, actor: Actor, now: datetime) -> Job:
    """Cancel a job: at once while it waits, at its next report while it runs. Raises NotAllowed, Gone or Refused."""
    with _changing(job_id, actor) as job:
        if not job.may_be_cancelled:
            raise Refused("There is nothing to cancel any more.")
        job.is_cancel_asked = True
        if job.state == JobState.WAITING:
            job.state, job.finished_at = JobState.CANCELLED, now
            follow(db.session, job)
    return job


def retry(job_id: int, *, actor: Actor, now: datetime) -> Job:
    """Let a failed job be tried again; `wake` is called afterwards. Raises NotAllowed, Gone or Refused."""
    with _changing(job_id, actor) as job:
        if not job.may_be_retried:
            raise Refused("Only a job that failed can be tried again.")
        job.state, job.finished_at, job.run_at = JobState.WAITING, None, now
        job.attempts, job.error, job.is_cancel_asked, job.started_at = 0, "", False, None
        begin_again(db.session, job)
    return job


@contextmanager
def _changing(job_id: int, actor: Actor) -> Iterator[Job]:
    """Give a job that exists for the actor, locked."""
    actor.must(Action.ORDERS_SEE)
    with writing():
        yield _locked(job_id, actor)


def _locked(job_id: int, actor: Actor) -> Job:
    job = db.session.scalar(
        select(Job)
        .where(Job.id == job_id, Job.visible_to(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if job is None:
        raise Gone
    return job


@contextmanager
def _reading() -> Iterator[Session]:
    with Session(db.engine, info={"actor": SYSTEM}) as session:
        yield session


@contextmanager
def _writing() -> Iterator[Session]:
    """A transaction of the worker's own, beside the session in which the handler works."""
    with _reading() as session, writing(session):
        yield session


def _take(working: WorkerContext) -> Run | None:
    """Take the job that has waited longest, past those that cannot be done any more."""
    while True:
        now = working.clock()
        due = select(Job).where(Job.is_due(now)).order_by(Job.run_at, Job.id).limit(1)
        with _reading() as session:
            if session.scalar(due) is None:
                return None
        with _writing() as session:
            job = session.scalar(due.with_for_update(skip_locked=True))
            if job is None:
                return None
            if not _end_lost(job, now):
                return _taken(job, now, working)
            follow(session, job)


def _end_lost(job: Job, now: datetime) -> bool:
    """End a job whose worker was lost when it is not to be tried once more."""
    if job.is_cancel_asked:
        job.state = JobState.CANCELLED
    elif job.attempts >= MOST_ATTEMPTS:
        job.state = JobState.FAILED
        job.error = str(Refused("The worker was stopped in the middle of it too many times."))
    else:
        return False
    job.lease_until, job.finished_at = None, now
    return True


def _taken(job: Job, now: datetime, working: WorkerContext) -> Run:
    waited_for_a_try = job.state == JobState.WAITING and job.error
    if job.started_at is None or waited_for_a_try:  # else it goes on where another worker was lost or stopped
        job.started_at = now
    job.state, job.lease_until = JobState.RUNNING, now + working.lease
    job.attempts += 1
    job.token += 1
    job.worker = f"{working.name} {job.token}"
    return Run(
        job_id=job.id,
        kind=JobKind(job.kind),
        subject_id=job.subject_id,
        staff_id=job.staff_id,
        attempt=job.attempts,
        done=job.done,
        token=job.token,
        working=working,
    )


def _refuse(_run: Run) -> None:
    raise Refused("This version of the product cannot do such work.")


@dataclass(frozen=True)
class _Outcome:
    """What became of a run; `pause` is how long the job then waits."""

    state: JobState
    attempts: int
    error: str = ""
    pause: timedelta = timedelta()


def _outcome(handler: Handler, run: Run) -> _Outcome | None:
    """Let the handler work, and say what became of it; None when the job is another worker's now."""
    _renew_session()
    try:
        handler(run)
    except Taken:
        log.warning("Job %d was taken over by another worker.", run.job_id)
        return None
    except Cancelled:
        return _Outcome(JobState.CANCELLED, run.attempt)
    except HandedBack:
        return _Outcome(JobState.WAITING, run.attempt - 1)
    except Exception as error:  # noqa: BLE001  whatever it is, the row says it
        return _failure(error, run)
    finally:
        _renew_session()
    return _Outcome(JobState.DONE, run.attempt)


def _failure(error: Exception, run: Run) -> _Outcome:
    """Fail at once when it was refused for good; else try again later, but not forever."""
    if isinstance(error, Refused) and not isinstance(error, NotNow):
        return _Outcome(JobState.FAILED, run.attempt, error.kept(LONGEST_REASON))
    if isinstance(error, NotAllowed):
        return _Outcome(JobState.FAILED, run.attempt, str(Refused("Whoever asked for it may no longer do this.")))
    if isinstance(error, NotNow):
        log.warning("Job %d was not done, attempt %d: %s", run.job_id, run.attempt, error)
        why = error.kept(LONGEST_REASON)
    else:
        log.error("Job %d failed, attempt %d.", run.job_id, run.attempt, exc_info=error)
        why = reason(error)
    if run.attempt >= MOST_ATTEMPTS:
        return _Outcome(JobState.FAILED, run.attempt, why)
    return _Outcome(JobState.WAITING, run.attempt, why, PAUSES[run.attempt - 1])


def _renew_session() -> None:
    db.session.remove()
    db.session.info["actor"] = SYSTEM


def _end(run: Run, outcome: _Outcome | None) -> None:
    """Let go of the job, unless another worker has it already."""
    if outcome is None:
        return
    now = run.working.clock()
    with _writing() as session:
        job = session.scalar(select(Job).where(*_held_by(run)).with_for_update())
        if job is None:
            return
        gives_up = job.is_cancel_asked and outcome.state in OPEN
        job.state = JobState.CANCELLED if gives_up else outcome.state
        job.attempts, job.error, job.lease_until = outcome.attempts, outcome.error, None
        job.run_at = now + outcome.pause
        job.finished_at = None if job.is_open else now
        follow(session, job)


def _held_by(run: Run) -> tuple[ColumnElement[bool], ...]:
    return Job.id == run.job_id, Job.token == run.token, Job.state == JobState.RUNNING


def reason(error: Exception) -> str:
    """Give the kind of an error and the first line of what it says, without passwords in addresses."""
    said = "".join(filter(str.isprintable, str(error).partition("\n")[0]))
    said = re.sub(r"//[^/@\s]+@", "//…@", said)
    return f"{type(error).__name__}: {said}".rstrip(": ")[:LONGEST_REASON]
