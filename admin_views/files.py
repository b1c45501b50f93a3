"""Files that are written in the background: how far each is, and the file once it is there."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Response, abort, flash, jsonify, redirect
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from werkzeug.exceptions import Gone

from admin_views.access import actor, zone
from admin_views.notation import notation, said
from admin_views.orders.paging import PAGE_SIZE, page_asked, pager
from admin_views.records.listing import RecordList
from admin_views.sending import send_stored
from admin_views.words import JOB_STATES
from models.export_file import ExportFile, FileFormat, FileRows
from models.job import JobState
from permissions import Action
from services import export_files
from services.errors import Refused, reread
from services.storage import store

UNITS = ("bytes", "kB", "MB", "GB")


class FileView(RecordList):
    """A person's files; those of others for whoever may see them."""

    action = Action.ORDERS_SEE
    icon = "file-description"
    can_view_details = can_export = False
    column_list = column_searchable_list = ()  # the page shows the files in its own way
    column_default_sort = "id"

    @expose("/")
    def index_view(self) -> str:
        """Show the files, the newest first."""
        total, now = export_files.count_files(actor=actor()), datetime.now(UTC)
        page = page_asked(total)
        shown = export_files.files(actor=actor(), skip=(page - 1) * PAGE_SIZE, take=PAGE_SIZE)
        return self.render(
            "admin/orders/files.html",
            files=[_row(file, now) for file in shown],
            pager=pager(page, total, lambda number: self.get_url(".index_view", page=number)),
            is_followed=any(file.is_open for file in shown),
        )

    @expose("/<int:file_id>/progress")
    def progress(self, file_id: int) -> Response:
        """Tell how far a file is."""
        file = _found(file_id)
        done, total = (file.job.done, file.job.total) if file.job else (0, 0)
        return jsonify(done=done, total=total, is_ended=not file.is_open, text=_progress_text(file))

    @expose("/<int:file_id>/download")
    def download(self, file_id: int) -> Response:
        """Send a file."""
        file = _found(file_id)
        if not file.may_be_fetched(datetime.now(UTC)):
            raise Gone(gettext("This file is not available: it was never finished, or its seven days are over."))
        export_files.check_scope(file, actor=actor())
        try:
            content = store.open(file.stored_as)
        except FileNotFoundError:
            raise Gone(gettext("This file is no longer in the store. Export it again.")) from None
        return send_stored(file.name, FileFormat(file.format), content, file.size)

    @expose("/<int:file_id>/cancel", methods=("POST",))
    def cancel(self, file_id: int) -> ResponseReturnValue:
        """Let a file not be written; it may have been finished while somebody looked at it."""
        file = _found(file_id)
        try:
            export_files.cancel(file, actor=actor(), now=datetime.now(UTC))
        except Refused as refused:
            flash(said(refused), "error")
        return redirect(self.get_url(".index_view"))

    @expose("/<int:file_id>/delete", methods=("POST",))
    def delete(self, file_id: int) -> ResponseReturnValue:
        """Remove a file."""
        export_files.remove(_found(file_id).id, actor=actor())
        flash(gettext("The file is removed."), "success")
        return redirect(self.get_url(".index_view"))


def _found(file_id: int) -> ExportFile:
    return export_files.find_file(file_id, actor=actor()) or abort(404)


def _row(file: ExportFile, now: datetime) -> dict[str, Any]:
    is_there = file.may_be_fetched(now)
    return {
        "id": file.id,
        "name": file.name,
        "question": file.question,
        "list_query": file.asked,
        "who": file.staff.name if file.staff_id != actor().staff_id else "",
        "when": notation().moment(file.created_at, zone()),
        "rows": _rows(file) if file.finished_at else "",
        "size": _size(file.size) if is_there else "",
        "until": notation().moment(file.expires_at, zone()) if is_there else "",
        "is_there": is_there,
        "is_open": file.is_open,
        "is_stopping": file.is_open and file.job is not None and file.job.is_cancel_asked,
        "is_bad": file.job is not None and file.job.state == JobState.FAILED,
        "state": _state(file, is_there=is_there),
        "reason": _reason(file),
        "progress_text": _progress_text(file),
        "share": file.job.done / file.job.total if file.job and file.job.total else 0,
    }


def _rows(file: ExportFile) -> str:
    count, written = file.row_count, notation().whole(file.row_count)
    if file.rows == FileRows.LINES:
        return ngettext("%(n)s line", "%(n)s lines", count, n=written)
    return ngettext("%(n)s order", "%(n)s orders", count, n=written)


def _state(file: ExportFile, *, is_there: bool) -> str:
    if file.finished_at is not None:
        return gettext("Ready") if is_there else gettext("Expired")
    return str(JOB_STATES[file.job.state]) if file.job else gettext("Expired")


def _reason(file: ExportFile) -> str:
    """Say why a file failed, or why it is tried again."""
    return said(reread(file.job.error)) if file.job and file.job.error and file.finished_at is None else ""


def _progress_text(file: ExportFile) -> str:
    job = file.job
    if job is None or job.state != JobState.RUNNING:
        return gettext("Waiting for its turn")
    if not job.total:
        return gettext("Being written")
    return gettext(
        "%(done)s of %(all)s rows", done=notation().whole(job.done), all=notation().whole(max(job.done, job.total))
    )


def _size(size: int) -> str:
    """Write a size: `1.2 MB`."""
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    written = Decimal(f"{amount:.0f}" if unit == 0 else f"{amount:.1f}")
    return f"{notation().number(written)} {UNITS[unit]}"
