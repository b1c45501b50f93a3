"""Which function does which kind of job, and what is done by itself every so often: the one place to plug in."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from sqlalchemy import delete

from models.base import db, writing
from models.job import Job, JobKind
from services.batches import do_batch
from services.deletion import purge
from services.editing.keeping import forget_old
from services.export_files import remove_expired, write_file
from services.invoices import remove_left_over
from services.jobs import Handler, Run
from services.mails.delivery import deliver
from services.reindex import tidy_index
from services.selection import forget_selections
from services.workflows import send

JOBS_KEPT = timedelta(days=30)


def clean(run: Run, *, bin_days: int) -> None:
    """Remove what is over: old jobs, lapsed selections, forms and files that are nobody's, what is due in the bin.

    Then the search index is put in order.
    """
    now = run.working.clock()
    with writing():
        db.session.execute(delete(Job).where(Job.finished_at < now - JOBS_KEPT))
    forget_selections(now=now)
    forget_old(now)
    remove_expired(now)
    remove_left_over(now)
    purge(bin_days, now=now, report=run.report)
    with run.renewed(lambda: True):
        tidy_index(run.look_up)


HANDLERS: dict[JobKind, Handler] = {
    JobKind.BATCH: do_batch,
    JobKind.FILE: write_file,
    JobKind.MAIL: deliver,
    JobKind.WORKFLOW: send,
}
PERIODIC: Mapping[JobKind, timedelta] = {JobKind.CLEAN: timedelta(days=1)}
"""How often each of these is done, however many workers there are."""


def handlers(*, bin_days: int) -> dict[JobKind, Handler]:
    """Give what does each kind of job; what was deleted is purged after `bin_days`."""
    return {**HANDLERS, JobKind.CLEAN: partial(clean, bin_days=bin_days)}
