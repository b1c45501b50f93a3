"""The work that goes on in the background: what waits, what runs and how far it is, what failed and why."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from admin_views.access import actor, zone
from admin_views.notation import notation, said
from admin_views.records.listing import RecordList
from admin_views.words import BATCH_STATES, JOB_COLOURS, JOB_KINDS, JOB_STATES
from models.batch import BatchState
from models.job import Job, JobKind, JobState
from permissions import Action
from services.errors import Refused, reread
from services.jobs import cancel, retry, wake

BAR = Markup('<progress class="bar" value="{done}" max="{total}" aria-label="{label}"></progress> {text}')


def kind(view: "JobView", _context: object, job: Job, _name: str) -> str:
    """Write what is done, by its name if it has one, with a link to what it is done with where that has a page."""
    word = JOB_KINDS[job.kind]
    page = view.subject_urls.get(JobKind(job.kind))
    if page is None or job.subject_id is None:
        return str(word)
    name = f": {job.workflow_run}" if job.workflow_run else ""
    return Markup('<a href="{}">{} {}{}</a>').format(page(job.subject_id), word, job.subject_id, name)


def state(_view: object, _context: object, job: Job, _name: str) -> str:
    """Write the state; `data-open` keeps the page up to date."""
    mark = Markup('<span class="st st-{}"{}>{}</span>')
    return mark.format(JOB_COLOURS[job.state], Markup(" data-open") if job.is_open else "", _state_word(job))


def _state_word(job: Job) -> str:
    """Say how far a job is; a batch that was not done to its end can be resumed."""
    if job.is_cancelling:
        return gettext("Is being cancelled")
    is_stopped = job.kind == JobKind.BATCH and job.state == JobState.CANCELLED
    return str(BATCH_STATES[BatchState.STOPPED] if is_stopped else JOB_STATES[job.state])


def progress(_view: object, _context: object, job: Job, _name: str) -> str:
    """Write how far a job is, or when it is tried again."""
    if job.state == JobState.WAITING and job.attempts:
        return gettext("Next try: %(moment)s", moment=notation().moment(job.run_at, zone()))
    if job.state == JobState.WAITING or not job.total:
        return ""
    done, total = notation().whole(job.done), notation().whole(job.total)
    text = gettext("%(done)s of %(total)s", done=done, total=total)
    if job.state != JobState.RUNNING:
        return text
    return BAR.format(done=min(job.done, job.total), total=job.total, label=gettext("Progress"), text=text)


def who(_view: object, _context: object, job: Job, _name: str) -> str:
    """Write who asked for it."""
    return gettext("System") if job.staff is None else job.staff.name


def reason(_view: object, _context: object, job: Job, _name: str) -> str:
    """Write why it did not work; a sentence of ours in the language of the page."""
    return said(reread(job.error)) if job.error else ""


class JobView(RecordList):
    """A person's own jobs, or everybody's, the latest first.

    `subject_urls` says where the page is of what a kind of job works on, by its id.
    """

    action = Action.ORDERS_SEE
    icon = "clock"
    list_template = "admin/jobs.html"
    can_view_details = False
    can_export = False
    subject_urls: ClassVar[Mapping[JobKind, Callable[[int], str]]] = {
        JobKind.BATCH: lambda batch_id: url_for("batches.result", batch_id=batch_id),
        JobKind.FILE: lambda _file_id: url_for("files.index_view"),
        JobKind.WORKFLOW: lambda order_id: url_for("orders.show_workflows", order_id=order_id),
        JobKind.MAIL: lambda mail_id: url_for("orders.mail_of_order", mail_id=mail_id),
    }
    column_searchable_list = ()
    column_list = "kind state progress staff created_at started_at finished_at error".split()
    column_labels = {"kind": lazy_gettext("Job"), "state": lazy_gettext("State"), "error": lazy_gettext("Reason")}
    is_stacked = True
    column_default_sort = ("id", True)
    column_filters = "kind state created_at".split()
    column_formatters = {"kind": kind, "state": state, "progress": progress, "staff": who, "error": reason}
    choices = {"kind": JOB_KINDS, "state": JOB_STATES}

    def get_query(self) -> Any:
        """Read along what a workflow is called."""
        return super().get_query().options(joinedload(Job.workflow_run))

    @expose("/cancel/", methods=("POST",))
    def cancel(self) -> ResponseReturnValue:
        """Cancel a job."""
        return self._change(cancel, gettext("The job is cancelled."))

    @expose("/retry/", methods=("POST",))
    def retry(self) -> ResponseReturnValue:
        """Let a job be tried again."""
        answer = self._change(retry, gettext("The job is tried again."))
        wake()
        return answer

    def _change(self, verb: Callable[..., Job], told: str) -> ResponseReturnValue:
        """Go back to the list also when it was too late: a job ends by itself while somebody looks at it."""
        row: Any = self.get_one(request.args.get("id", ""))
        try:
            verb(row.id, actor=actor(), now=datetime.now(UTC))
        except Refused as refused:
            flash(said(refused), "error")
        else:
            flash(told, "success")
        return redirect(self.return_url())
