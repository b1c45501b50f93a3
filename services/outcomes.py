"""What became of a job, kept with what it works on as well: that is there longer, and others may see it.

`services.jobs` calls `follow`, in its own transaction, whenever a job waits again or ends: by its worker, by one that
finds it lost, or by somebody on a page. So a line in FOLLOWERS is all there is to plug in.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from models.job import Job, JobKind, JobState
from models.mail import MailDelivery, MailState
from models.workflow import RunState, WorkflowOutcome, WorkflowRun

AnySession = scoped_session[Any] | Session
# As tables, below the walls of the session: whoever cancels a job, its outcome is everybody's.
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


def _follow_by_mail(session: AnySession, job: Job) -> None:
    """When somebody lets it be tried again, those who were refused for good are asked for again, too."""
    values = {"state": job.state, "reason": job.error}
    if job.state == JobState.WAITING and not job.attempts:
        values["refused"] = ""
    is_open = DELIVERIES.c.mail_id == job.subject_id, DELIVERIES.c.state != MailState.SENT
    session.execute(update(DELIVERIES).where(*is_open).values(values))


def _follow_by_run(session: AnySession, job: Job) -> None:
    is_between = job.state == JobState.WAITING and job.attempts > 0
    values = {"state": job.state, "reason": job.error, "next_try": job.run_at if is_between else None}
    run_id = select(RUNS.c.id).where(RUNS.c.job_id == job.id).scalar_subquery()
    is_open = OUTCOMES.c.run_id == run_id, OUTCOMES.c.state != RunState.SENT
    session.execute(update(OUTCOMES).where(*is_open).values(values))


FOLLOWERS: Mapping[JobKind, Callable[[AnySession, Job], None]] = {
    JobKind.MAIL: _follow_by_mail,
    JobKind.WORKFLOW: _follow_by_run,
}
