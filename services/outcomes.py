"""What became of a job, kept with what it works on as well: that is there longer, and others may see it.

`services.jobs` calls `follow`, in its own transaction, whenever a job waits again or ends: by its worker, by one that
finds it lost, or by somebody on a page, and `begin_again` when somebody lets it be tried again. So a line in FOLLOWERS
or BEGINNERS is all there is to plug in.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, scoped_session

from models.batch import UNFINISHED, Batch, BatchState
from models.delivery import DeliveryState
from models.job import OPEN, Job, JobKind, JobState
from models.mail import MailDelivery
from models.workflow import WorkflowOutcome, WorkflowRun

AnySession = scoped_session[Any] | Session
# As tables, below the walls of the session: whoever cancels a job, its outcome is everybody's.
BATCHES: Any = Batch.__table__
JOBS: Any = Job.__table__
DELIVERIES: Any = MailDelivery.__table__
OUTCOMES: Any = WorkflowOutcome.__table__
RUNS: Any = WorkflowRun.__table__
FOLLOWED = (JobState.WAITING, JobState.FAILED, JobState.CANCELLED)
"""The states of jobs that are also those of what is sent; that it is sent is known before its job ends."""


def follow(session: AnySession, job: Job) -> None:
    """Let what a job works on stand as the job does now."""
    follower = FOLLOWERS.get(JobKind(job.kind))
    if follower is not None and job.state in FOLLOWED:
        follower(session, job)


def begin_again(session: AnySession, job: Job) -> None:
    """Let what a failed job works on be tried again with it."""
    beginner = BEGINNERS.get(JobKind(job.kind))
    if beginner is not None:
        beginner(session, job)
    follow(session, job)


def _follow_by_batch(session: AnySession, job: Job) -> None:
    """A batch is stopped when the last of its jobs ends before it, so that somebody may resume it."""
    if job.state == JobState.WAITING:
        return
    other = JOBS.alias()
    goes_on = exists().where(
        other.c.kind == job.kind, other.c.subject_id == job.subject_id, other.c.id != job.id, other.c.state.in_(OPEN)
    )
    is_left = BATCHES.c.id == job.subject_id, BATCHES.c.state.in_(UNFINISHED), ~goes_on
    session.execute(update(BATCHES).where(*is_left).values(state=BatchState.STOPPED))


def _begin_batch(session: AnySession, job: Job) -> None:
    """A stopped batch goes on, unless it was taken back."""
    undo = BATCHES.alias()
    is_undone = exists().where(undo.c.undoes_id == BATCHES.c.id)
    is_stopped = BATCHES.c.id == job.subject_id, BATCHES.c.state == BatchState.STOPPED, ~is_undone
    session.execute(update(BATCHES).where(*is_stopped).values(state=BatchState.WAITING))


def _follow_by_mail(session: AnySession, job: Job) -> None:
    is_open = DELIVERIES.c.mail_id == job.subject_id, DELIVERIES.c.state != DeliveryState.SENT
    session.execute(update(DELIVERIES).where(*is_open).values(state=job.state, reason=job.error))


def _begin_mail(session: AnySession, job: Job) -> None:
    """Those who were refused for good are asked for again, too."""
    is_open = DELIVERIES.c.mail_id == job.subject_id, DELIVERIES.c.state != DeliveryState.SENT
    session.execute(update(DELIVERIES).where(*is_open).values(refused=""))


def _follow_by_run(session: AnySession, job: Job) -> None:
    is_between = job.state == JobState.WAITING and job.attempts > 0
    values = {"state": job.state, "reason": job.error, "next_try": job.run_at if is_between else None}
    run_id = select(RUNS.c.id).where(RUNS.c.job_id == job.id).scalar_subquery()
    is_open = OUTCOMES.c.run_id == run_id, OUTCOMES.c.state != DeliveryState.SENT
    session.execute(update(OUTCOMES).where(*is_open).values(values))


Follower = Callable[[AnySession, Job], None]
FOLLOWERS: Mapping[JobKind, Follower] = {
    JobKind.BATCH: _follow_by_batch,
    JobKind.MAIL: _follow_by_mail,
    JobKind.WORKFLOW: _follow_by_run,
}
BEGINNERS: Mapping[JobKind, Follower] = {JobKind.BATCH: _begin_batch, JobKind.MAIL: _begin_mail}
