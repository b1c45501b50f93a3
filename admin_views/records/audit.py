"""The history of all kinds of records in one list, each line as the page of its record has it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import current_app, g
from sqlalchemy.orm import joinedload

from admin_views.access import actor
from admin_views.notes import note_writer
from admin_views.records.history import Write, coded, write_stored
from admin_views.records.listing import RecordList
from admin_views.records.view import RecordView
from models.base import scoped_tables
from models.order import Order
from models.record_history import RecordHistory
from services.orders import status_names


def _cell(view: "HistoryList", _context: object, row: RecordHistory, name: str) -> str:
    if "history_cells" not in g:
        g.history_cells = view.cells()
    written: str = g.history_cells[name](row)
    return written


class HistoryList(RecordList):
    """A list of what happened to records."""

    can_view_details = False
    column_searchable_list = ()
    column_formatters = dict.fromkeys(("old_value", "new_value", "note"), _cell)

    def cells(self) -> Mapping[str, Callable[[RecordHistory], str]]:
        """Give what writes the columns that do not stand as stored, in the language of this request, also after it."""
        writers, note = dict(_writers()), note_writer()

        def value(name: str) -> Callable[[RecordHistory], str]:
            return lambda row: write_stored(writers.get((row.record_type, row.field)), getattr(row, name))

        return {"old_value": value("old_value"), "new_value": value("new_value"), "note": lambda row: note(row.note)}

    def _writer(self, name: str) -> Callable[[Any], Any]:
        return self.cells()[name] if name in self.column_formatters else super()._writer(name)

    def get_query(self) -> Any:
        """Read along who made the changes."""
        return super().get_query().options(joinedload(RecordHistory.staff))

    def scope(self) -> list[Any]:
        """Who is limited to certain companies reads nothing of customers here."""
        return [] if actor().companies is None else [RecordHistory.record_type.not_in(scoped_tables())]


def _writers() -> Iterator[tuple[tuple[str, str], Write]]:
    """Give what writes each field of each kind of record, as its own pages do."""
    yield (Order.__tablename__, "status"), coded(status_names())
    for view in current_app.extensions["backoffice_views"]:
        if isinstance(view, RecordView):
            for field, write in view.writers().items():
                yield (view.model.__tablename__, field), write
