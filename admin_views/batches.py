"""What was done to many orders at once: every batch, and what became of each of its orders."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask import Response, abort, flash, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from admin_views.access import actor, zone
from admin_views.notation import notation, said
from admin_views.orders.actions import TYPED_ABOVE, bin_until, typed_fault
from admin_views.orders.batch_words import SAYINGS, in_full, in_short, outcome_word, what, why
from admin_views.orders.page import Badge
from admin_views.orders.paging import PAGE_SIZE, page_asked, pager
from admin_views.records.listing import RecordList
from admin_views.sending import send_csv
from admin_views.words import BATCH_STATES
from models.batch import Batch, BatchAction, BatchState, Outcome, Reason
from models.job import Job
from permissions import Action
from services import batches
from services.batch_result import batch_rows, stream_batch
from services.errors import reread
from services.files.columns import FileColumn
from services.jobs import wake
from services.orders import status_names
from services.statuses import by_id
from services.worker import answers

HERE = "\0"
"""Where a sentence names the status or the invoice."""


def _linked(_view: Any, _context: Any, batch: Batch, _name: str) -> Markup:
    return Markup('<a href="/admin/batches/{}/">{}</a>').format(
        batch.id, f"{batch.id} · {what(batch, g.shown.status_names)}"
    )


def _outcome(_view: Any, _context: Any, batch: Batch, _name: str) -> str:
    return in_short(g.shown.outcomes[batch.id])


class Shown(NamedTuple):
    """What the lines of the list say beside the batches themselves; it lives in `g`, for one request."""

    outcomes: Mapping[int, Mapping[Outcome, int]]
    status_names: Mapping[str, str]


class BatchView(RecordList):
    """Past and running batches; those of others for whoever may see them."""

    action = Action.ORDERS_SEE
    icon = "list-details"
    can_view_details = can_export = False
    column_searchable_list = ()
    column_list = "action outcome staff created_at state".split()
    column_labels = {
        "action": lazy_gettext("Batch"),
        "outcome": lazy_gettext("Outcome"),
        "created_at": lazy_gettext("When"),
        "state": lazy_gettext("State"),
    }
    is_stacked = True
    column_default_sort = ("id", True)
    column_filters = "state created_at".split()
    column_formatters = {"action": _linked, "outcome": _outcome}
    choices = {"state": BATCH_STATES}

    def get_list(self, *asked: Any, **more: Any) -> tuple[int, Sequence[Any]]:
        """Read, for all lines at once, what they say beside the batches themselves."""
        count, rows = super().get_list(*asked, **more)
        g.shown = Shown(batches.outcomes_of([batch.id for batch in rows]), status_names())
        return count, rows

    @expose("/<int:batch_id>/")
    def result(self, batch_id: int) -> ResponseReturnValue:
        """Show what became of each order, or how far it is."""
        batch, names = _found(batch_id), status_names()
        shown = self._shown()
        counts = batches.outcomes(batch)
        total = batch.total if shown is None else counts.get(shown, 0)
        page = page_asked(total)
        rows = batch_rows(batch, shown, actor=actor(), skip=(page - 1) * PAGE_SIZE, take=PAGE_SIZE)
        return self.render(
            "admin/orders/batch.html",
            batch=batch,
            **self._told(batch, counts),
            tabs=self._tabs(batch, counts, shown),
            rows=[_row(row, BatchAction(batch.action), names) for row in rows],
            pager=pager(page, total, lambda number: self._here(batch, shown, number)),
        )

    @expose("/<int:batch_id>/progress")
    def progress(self, batch_id: int) -> ResponseReturnValue:
        """Tell how far a batch is."""
        batch = _found(batch_id)
        done = batch.total - batches.outcomes(batch).get(Outcome.WAITING, 0)
        return jsonify(
            done=done,
            total=batch.total,
            is_ended=not batches.is_running(batch),
            text=_progress_text(done, batch.total),
            note=_silence(batches.last_job(batch)),
        )

    @expose("/<int:batch_id>/csv")
    def file(self, batch_id: int) -> Response:
        """Send what became of each order."""
        batch, names = _found(batch_id), status_names()
        action = BatchAction(batch.action)
        words = {outcome: outcome_word(action, outcome) for outcome in Outcome}
        headings = [
            gettext("Order number"),
            gettext("Company"),
            gettext("Order status"),
            gettext("Outcome"),
            gettext("Reason"),
        ]
        whys = _whys(action, names)
        rows = (
            (row.order_id, row.company, row.status_name or "", words[Outcome(row.outcome)], whys(row))
            for row in stream_batch(batch, actor=actor())
        )
        return send_csv(f"batch-{batch.id}", [FileColumn(heading) for heading in headings], rows)

    @expose("/<int:batch_id>/undo", methods=("GET", "POST"))
    def undo(self, batch_id: int) -> ResponseReturnValue:
        """Take back what a batch did; for many orders, once their number is typed."""
        undone = _found(batch_id)
        count = self._undoable(undone)
        fault = typed_fault(count)
        if fault or (request.method == "GET" and count):
            return self._ask_for_undo(undone, count, fault if "typed" in request.form else "")
        if request.method == "GET":
            return redirect(self.get_url(".result", batch_id=batch_id))
        batch = batches.undo(batch_id, actor=actor(), now=datetime.now(UTC))
        batches.set_going(batch, actor=actor(), clock=lambda: datetime.now(UTC))
        return redirect(self.get_url(".result", batch_id=batch.id))

    def _ask_for_undo(self, batch: Batch, count: int, fault: str) -> str:
        saying = SAYINGS[BatchAction.UNDO]
        return self.render(
            "admin/orders/undo.html",
            batch=batch,
            title=saying.title(count),
            will=saying.will(count),
            what=what(batch, status_names()),
            icon_name=saying.icon,
            count=count,
            must_type=count > TYPED_ABOVE,
            typed=request.form.get("typed", ""),
            typed_fault=fault,
        )

    @expose("/<int:batch_id>/stop", methods=("POST",))
    def stop(self, batch_id: int) -> ResponseReturnValue:
        """Let a batch end after the thousand that is being done."""
        batches.stop(_found(batch_id).id, actor=actor())
        flash(gettext("It stops after the current orders."), "success")
        return redirect(self.get_url(".result", batch_id=batch_id))

    @expose("/<int:batch_id>/resume", methods=("POST",))
    def resume(self, batch_id: int) -> ResponseReturnValue:
        """Go on with what is left of a batch."""
        batches.resume(_found(batch_id).id, actor=actor(), now=datetime.now(UTC))
        wake()
        return redirect(self.get_url(".result", batch_id=batch_id))

    def _shown(self) -> Outcome | None:
        name = request.args.get("outcome", "")
        return Outcome(name) if name in list(Outcome) else abort(404) if name else None

    def _here(self, batch: Batch, shown: Outcome | None, page: int = 1) -> str:
        return self.get_url(".result", batch_id=batch.id, outcome=shown, page=page if page > 1 else None)

    def _tabs(
        self, batch: Batch, counts: dict[Outcome, int], shown: Outcome | None
    ) -> list[tuple[str, str, str, bool]]:
        action, whole = BatchAction(batch.action), notation().whole
        labels = {
            **{outcome: outcome_word(action, outcome) for outcome in Outcome},
            Outcome.CHANGED: gettext("Changed meanwhile"),
            Outcome.NOT_FOUND: gettext("Not found"),
        }
        tabs = [(gettext("All"), whole(batch.total), self._here(batch, None), shown is None)]
        tabs += [
            (labels[outcome], whole(counts[outcome]), self._here(batch, outcome), shown is outcome)
            for outcome in Outcome
            if counts.get(outcome)
        ]
        return tabs

    def _told(self, batch: Batch, counts: dict[Outcome, int]) -> dict[str, Any]:
        saying, done = SAYINGS[BatchAction(batch.action)], counts.get(Outcome.DONE, 0)
        waiting, unchanged = counts.get(Outcome.WAITING, 0), counts.get(Outcome.UNCHANGED, 0)
        left = batch.total - done - unchanged - waiting
        is_running, undone_by = batches.is_running(batch), batches.undone_by(batch)
        job, undoable = batches.last_job(batch), self._undoable(batch)
        return {
            "title": saying.title(batch.total),
            "headline": in_full(
                saying.did(done), unchanged, gettext("%(n)s not", n=notation().whole(left)) if left else ""
            ),
            "when": notation().moment(batch.created_at, zone()),
            "took": _took(batch),
            "bin": bin_until(batch.created_at) if batch.action == BatchAction.DELETE and done and not undone_by else {},
            "target": _target(batch),
            "done": done,
            "left": left,
            "is_good": bool(done) or not left,
            "waiting_text": notation().whole(waiting),
            "is_running": is_running,
            "silence": _silence(job) if is_running else "",
            "is_resumable": bool(waiting) and not is_running and not undone_by,
            "failure": said(reread(job.error)) if job and job.error else "",
            "progress_text": _progress_text(batch.total - waiting, batch.total),
            "progress_share": 100 * (batch.total - waiting) // max(batch.total, 1),
            "undo": gettext("Undo for %(n)s", n=notation().whole(undoable)) if undoable else "",
            "undo_is_asked": undoable > TYPED_ABOVE,
            "undone_by": undone_by,
            "undone_text": _undone_text(undone_by) if undone_by else "",
            "may": actor().may(batches.right(batch)),
        }

    def _undoable(self, batch: Batch) -> int:
        """Count what there is to take back for the person."""
        if batch.action == BatchAction.UNDO or batches.is_running(batch) or batches.undone_by(batch):
            return 0
        return batches.undoable(batch, actor=actor()) if actor().may(batches.right(batch)) else 0


def _found(batch_id: int) -> Batch:
    return batches.find_batch(batch_id, actor=actor()) or abort(404)


def _target(batch: Batch) -> Badge | None:
    """Give the status that a change of status led to, as it is called now."""
    statuses = (status for status in by_id().values() if status.code == batch.to_status)
    return next((Badge(status.code, status.name, status.colour) for status in statuses), None)


def _undone_text(batch_id: int) -> str:
    """Say how far a batch is that takes another one back."""
    state = batches.state_of(batch_id)
    if state == BatchState.DONE:
        return gettext("It was taken back")
    return gettext("Taking it back was stopped") if state == BatchState.STOPPED else gettext("It is being taken back")


def _row(row: Any, action: BatchAction, names: dict[str, str]) -> dict[str, Any]:
    is_seen = row.now is not None
    outcome = Outcome(row.outcome)
    return {
        "number": row.order_id,
        "url": f"/admin/orders/{row.order_id}/" if is_seen else "",
        "company": row.company,
        "badge": Badge(row.status_code, row.status_name, row.status_colour) if is_seen else None,
        "total": notation().amount(row.total) if is_seen else "",
        "is_done": outcome is Outcome.DONE,
        "is_waiting": outcome is Outcome.WAITING,
        "is_left": outcome not in (Outcome.DONE, Outcome.UNCHANGED, Outcome.WAITING),
        "outcome": outcome_word(action, outcome),
        "why": why(action, row.outcome, row.reason, row.reason_text, names),
    }


def _whys(action: BatchAction, names: dict[str, str]) -> Callable[[Any], str]:
    """Give what says the reason of a row; every sentence is made now, while the language is known."""
    refusals = {reason: why(action, Outcome.REFUSED, reason, HERE, {}) for reason in Reason if reason}
    others: dict[Outcome, str] = {said: why(action, said, "", "", {}) for said in Outcome if said != Outcome.REFUSED}

    def say(row: Any) -> str:
        if row.outcome != Outcome.REFUSED:
            return others[Outcome(row.outcome)]
        is_number = row.reason == Reason.HAS_INVOICE
        detail = row.reason_text if is_number else names.get(row.reason_text, row.reason_text)
        return refusals[Reason(row.reason)].replace(HERE, detail)

    return say


def _took(batch: Batch) -> str:
    span = batches.worked(batch)
    if span is None:
        return ""
    seconds = max(span.total_seconds(), 0.1)
    return gettext("took %(seconds)s s", seconds=notation().number(Decimal(f"{seconds:.1f}")))


def _silence(job: Job | None) -> str:
    """Say so when nobody seems to be at a batch, or to be there to take it."""
    if job is None or answers(job, now=datetime.now(UTC)):
        return ""
    return gettext(
        "No worker answers for the moment. What is done stands, and the rest goes on by itself as soon as one does."
    )


def _progress_text(done: int, total: int) -> str:
    return gettext("%(done)s of %(all)s done", done=notation().whole(done), all=notation().whole(total))
