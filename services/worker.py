"""A worker: does what is due, listens to the queue, and says that it is there."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models.base import db, writing
from models.job import Job, JobKind, JobState, WorkerBeat
from permissions import SYSTEM
from services.jobs import LEASE, Handlers, WorkerContext, give_free, run_due, sweep
from services.order_counts import put_together
from services.queue import queue
from services.reindex import merge_new

LOOK_EVERY = 5.0
"""Seconds between two looks for rows that were never announced."""
BEAT_EVERY = timedelta(seconds=10)
SILENCE = timedelta(seconds=30)
"""How long after its last beat a worker counts as running; a long write of somebody else may hold beats up."""

QUIET = timedelta(seconds=15)
"""How long after its last report a job counts as being done."""

log = logging.getLogger(__name__)


def work(handlers: Handlers, periodic: Mapping[JobKind, timedelta], working: WorkerContext, stop: Event) -> None:
    """Do jobs and put counts and index in order until `stop` is set. A database that does not answer is tried again."""
    while not stop.is_set():
        try:
            sweep(periodic, now=working.clock())
            put_together()
            give_free(working)
            run_due(handlers, working)
            merge_new()
        except SQLAlchemyError as error:
            log.warning("The database does not answer (%s); trying again.", type(error).__name__)
        queue.wait(LOOK_EVERY, stop)


def beat(*, now: datetime) -> None:
    """Note that a worker is there; it does not wait for a long write of somebody else."""
    try:
        with Session(db.engine, info={"actor": SYSTEM}) as session, writing(session, patience=1_000):
            session.execute(update(WorkerBeat).values(at=now))
    except SQLAlchemyError as error:
        log.debug("No beat was written (%s).", type(error).__name__)


def answers(job: Job, *, now: datetime) -> bool:
    """Say whether a worker told lately that it is at an open job, or that it is there to take it.

    A worker that was lost gives no more reports, while the job is still kept for it and another one beats already.
    """
    if job.state == JobState.RUNNING and job.lease_until is not None:
        return now - (job.lease_until - LEASE) <= QUIET
    return is_there(now=now)


def is_there(*, now: datetime) -> bool:
    """Say whether a worker told lately that it is there."""
    at = db.session.scalar(select(WorkerBeat.at))
    return at is not None and now - at <= SILENCE
