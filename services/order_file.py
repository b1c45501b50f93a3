"""A file of orders or of their lines: what it holds, how many rows that are, and its bytes."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Date, Integer
from sqlalchemy.types import TypeEngine

from models.base import db
from models.export_file import CsvForm, Document, FileFormat, FileRows
from models.types import Scaled, UtcDateTime
from permissions import Actor
from services.documents import written_together
from services.documents.chosen import read_orders
from services.files.columns import FileColumn, Kind, restored
from services.files.copied_csv import copied_cells, copy_options, write_copied_csv
from services.files.csv_file import write_stored_csv
from services.files.xlsx_file import write_xlsx
from services.line_query import LINE_COLUMNS, count_lines, stream_lines
from services.order_query import COLUMNS, OrderQuery, exact_count, shown_orders, stream
from services.streaming import copied

KINDS: Sequence[tuple[type[TypeEngine[Any]], Kind]] = (
    (UtcDateTime, Kind.MOMENT),
    (Date, Kind.DAY),
    (Boolean, Kind.FLAG),
    (Scaled, Kind.AMOUNT),
    (Integer, Kind.WHOLE),
)
PERCENTAGES = ("discount", "vat")
LINE_NAMES = tuple(LINE_COLUMNS)


@dataclass(frozen=True)
class OrderFile:
    """What is asked for. The columns of a file of lines are always LINE_NAMES; `zone` is that of its moments and `form`
    that of a CSV.

    A PDF holds the `document` of each order, in `language`, or in the order's own; it has no columns.
    """

    query: OrderQuery
    columns: tuple[FileColumn, ...]
    zone: ZoneInfo
    rows: FileRows = FileRows.ORDERS
    format: FileFormat = FileFormat.CSV
    form: CsvForm = CsvForm.COMMA
    document: Document | None = None
    language: str = ""

    def count(self, actor: Actor) -> int:
        """Count its rows, exactly."""
        return count_lines(self.query, actor) if self.rows is FileRows.LINES else exact_count(self.query, actor)

    def read(self, actor: Actor) -> Generator[Sequence[Any]]:
        """Give its rows for `write` as they were at one moment, read as they are asked for."""
        if self.document:
            return ((order,) for order in read_orders(self.query, actor))
        if self._is_copied:
            return self._copied(actor)
        names = [column.name for column in self.columns]
        is_lines = self.rows is FileRows.LINES
        rows = stream_lines(self.query, actor) if is_lines else stream(self.query, actor, names)
        return restored(self.columns, rows) if self.format is FileFormat.XLSX else rows

    def write(self, rows: Iterator[Any]) -> Iterator[bytes]:
        """Give its bytes in pieces."""
        if self.document:
            orders = (order for (order,) in rows)
            return iter([written_together(orders, self.document, language=self.language, zone=self.zone)])
        if self.format is FileFormat.XLSX:
            return write_xlsx(self.columns, rows, zone=self.zone)
        if self._is_copied:
            return write_copied_csv(self.columns, rows, self.form)
        return write_stored_csv(self.columns, rows, zone=self.zone, form=self.form)

    @property
    def _is_copied(self) -> bool:
        is_csv_of_orders = self.format is FileFormat.CSV and self.rows is FileRows.ORDERS
        return is_csv_of_orders and db.engine.dialect.name == "postgresql"

    def _copied(self, actor: Actor) -> Generator[bytes]:
        names = [column.name for column in self.columns]
        values: list[Any] = [COLUMNS[name].shown for name in names]
        shown = copied_cells(self.columns, values, self.zone, self.form)
        return copied(actor, shown_orders(self.query, actor, names, shown), copy_options(self.form))


def typed(column: FileColumn, rows: FileRows) -> FileColumn:
    """Give the column with the kind of what it holds in the database."""
    shown = LINE_COLUMNS[column.name] if rows is FileRows.LINES else COLUMNS[column.name].shown
    if rows is FileRows.LINES and column.name in PERCENTAGES:
        return replace(column, kind=Kind.PERCENTAGE)
    kind = next((kind for stored, kind in KINDS if isinstance(shown.type, stored)), Kind.TEXT)
    decimals = shown.type.decimals if isinstance(shown.type, Scaled) else column.decimals
    return replace(column, kind=kind, decimals=decimals)
