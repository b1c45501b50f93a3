"""The Export button: the list's own question, all of its rows or the ticked ones, as a file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any, ClassVar

from flask import Response, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import LazyString, gettext
from werkzeug.exceptions import BadRequest

from admin_views.access import actor, zone
from admin_views.notation import notation
from admin_views.orders.actions import OrderActions, sent_key
from admin_views.orders.export_choice import PARAMETERS, STREAMED, ExportChoice, read_choice
from admin_views.sending import file_name, send_written_csv, send_xlsx
from admin_views.values import Unreadable, read_id
from models.export_file import FileFormat, FileRows
from services.export_files import FileRequest, ask
from services.files.columns import FileColumn
from services.files.xlsx_file import MOST_ROWS, TooManyRows
from services.jobs import wake
from services.list_context import remember_export
from services.order_file import LINE_NAMES, OrderFile, typed
from services.order_query import OrderQuery
from services.selection import find_selection
from services.typed_values import clip

NAMES = {FileRows.ORDERS: "orders", FileRows.LINES: "order-lines"}
ENDPOINTS = {FileFormat.CSV: ".export", FileFormat.XLSX: ".export_xlsx"}


class OrderExport(OrderActions):
    """The files of a list.

    `export_words` names the columns whose codes are written as words, `line_labels` the columns of a file with
    one row per order line.
    """

    export_words: ClassVar[Mapping[str, Mapping[Any, Any]]] = {}
    line_labels: ClassVar[Mapping[str, LazyString]] = {}

    @expose("/export/csv")
    def export(self) -> Response:
        """Send every row, in the list's sort, as it is read."""
        wanted = self._asked_file("rows", "form", "selection")
        return send_written_csv(NAMES[wanted.rows], wanted.write(wanted.read(actor())))

    @expose("/export/xlsx")
    def export_xlsx(self) -> ResponseReturnValue:
        """Send every row as a workbook; one that is too long for that is asked for in the dialog."""
        wanted = replace(self._asked_file("rows", "selection"), format=FileFormat.XLSX)
        rows = _checked(wanted)
        if rows > STREAMED:
            flash(
                gettext("These are %(n)s rows: XLSX is written in the background then.", n=notation().whole(rows)),
                "info",
            )
            return redirect(self.asked().url(self.get_url(".export_page"), format=wanted.format))
        return send_xlsx(NAMES[wanted.rows], wanted.columns, wanted.read(actor()))

    @expose("/export/count")
    def export_count(self) -> Response:
        """Tell exactly how many orders and how many lines there are."""
        wanted = self._asked_file("selection")
        return jsonify({rows: replace(wanted, rows=rows).count(actor()) for rows in FileRows})

    @expose("/export/")
    def export_page(self) -> str:
        """Show the dialog as a page."""
        wanted = self._asked_file(*PARAMETERS)
        export = self.frame().export
        orders, lines = (replace(wanted, rows=rows).count(actor()) for rows in FileRows)
        values = self.asked().values
        chosen = any(name in values for name in ("rows", "format", "form"))
        selection = values.get("selection", "")
        list_url = self.asked().url(self.get_url(".index_view"), **dict.fromkeys(PARAMETERS))
        offer = replace(
            export.offer,
            counts=(orders, lines),
            choice=read_choice(values) if chosen else export.offer.choice,
            is_of_ticked=bool(selection),
            cancel_url=list_url,
        )
        export = replace(export, offer=offer)
        shown = {"export": export, "selection": selection, "list_url": list_url}
        return self.render("admin/orders/export.html", key=token_urlsafe(24), **shown)

    @expose("/export/start", methods=("POST",))
    def start_export(self) -> ResponseReturnValue:
        """Keep how the file is wanted, and lead to it; what is long or shall not be waited for is a job."""
        choice = read_choice(request.form)
        selection = request.form.get("selection", "") if request.form.get("which") == "ticked" else None
        wanted = self._file(choice, selection)
        remember_export(actor(), choice.rows, choice.format, choice.form)
        is_long = choice.format is FileFormat.XLSX and _checked(wanted) > STREAMED
        if is_long or "background" in request.form:
            ask(wanted, self._asking(choice, selection), actor=actor(), now=datetime.now(UTC))
            wake()
            return redirect(self.get_url("files.index_view"))
        said = {name: value for name, value in choice.parameters.items() if name in _taken(choice)}
        url = self.asked().url(self.get_url(ENDPOINTS[choice.format]), page=None, page_size=None, **said)
        return redirect(url if selection is None else f"{url}{'&' if '?' in url else '?'}selection={selection}")

    def _asking(self, choice: ExportChoice, selection: str | None) -> FileRequest:
        asked = self.asked()
        said = self.frame().conditions if selection is None else gettext("Ticked orders")
        return FileRequest(
            key=sent_key(),
            name=file_name(NAMES[choice.rows], choice.format),
            question=said,
            asked=asked.url("", page=None, page_size=None).lstrip("?") if selection is None else "",
        )

    # ---- what was asked ----

    def _asked_file(self, *own: str) -> OrderFile:
        """Read the address. Raises BadRequest, Unreadable or Lapsed."""
        self._understood(own)
        values = self.asked().values
        return self._file(read_choice({name: values.get(name, "") for name in own}), values.get("selection"))

    def _understood(self, own: tuple[str, ...] = ()) -> OrderQuery:
        asked = self.question(own).asked
        if asked.query is None:
            raise BadRequest(" ".join(asked.faults.values()))
        return asked.query

    def _file(self, choice: ExportChoice, selection: str | None) -> OrderFile:
        query = self._understood()
        if selection is not None:
            query = OrderQuery(selection=_selected(selection), sort=query.sort, desc=query.desc)
        return OrderFile(query, self._columns(choice.rows), zone(), choice.rows, choice.format, choice.form)

    def _columns(self, rows: FileRows) -> tuple[FileColumn, ...]:
        is_lines = rows is FileRows.LINES
        labels = self.line_labels if is_lines else self.column_labels
        names = LINE_NAMES if is_lines else self.question().columns.names
        return tuple(typed(FileColumn(str(labels[name]), name=name, words=self._words(name)), rows) for name in names)

    def _words(self, name: str) -> dict[str, str]:
        """Give the words for the codes of a column, in the person's language while the request lasts."""
        return {str(code): str(word) for code, word in self.export_words.get(name, {}).items()}


def _selected(value: str) -> int:
    number = read_id(value)
    if number is None:
        raise Unreadable(gettext("“%(value)s” is not the number of a selection.", value=clip(value)))
    return find_selection(number, actor=actor(), now=datetime.now(UTC)).id


def _checked(wanted: OrderFile) -> int:
    """Count the rows of a workbook. Raises TooManyRows."""
    rows = wanted.count(actor())
    if rows > MOST_ROWS:
        raise TooManyRows
    return rows


def _taken(choice: ExportChoice) -> tuple[str, ...]:
    return ("rows", "form") if choice.format is FileFormat.CSV else ("rows",)
