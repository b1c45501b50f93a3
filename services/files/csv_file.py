"""CSV as RFC 4180 has it: UTF-8 with a byte order mark, ISO 8601 times with offset.

The form with commas has decimal points; the one with semicolons has decimal commas, as spreadsheets
expect them where the comma is the decimal sign. A text that a spreadsheet could run as a formula is made
harmless with a leading apostrophe (OWASP, CSV injection); a number stays a number.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.export_file import CsvForm
from services.files.columns import FileColumn

PIECE = 64 * 1024
BYTE_ORDER_MARK = "\ufeff"
SIGNS = {CsvForm.COMMA: (",", "."), CsvForm.SEMICOLON: (";", ",")}
"""What stands between cells and before decimals."""
_RUNNABLE = re.compile(r"\s*[=+\-@\t\r\n\0＝＋－＠]")


def write_csv(
    columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]], *, zone: ZoneInfo, form: CsvForm = CsvForm.COMMA
) -> Iterator[bytes]:
    """Give the file in pieces of about 64 KB, reading `rows` no further than the piece needs."""
    buffer = io.StringIO()
    between, point = SIGNS[form]
    writer = csv.writer(buffer, delimiter=between, lineterminator="\r\n")
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([harmless(column.heading) for column in columns])
    yield _taken(buffer)
    for row in rows:
        writer.writerow([cell(value, zone, point) for value in row])
        if buffer.tell() >= PIECE:
            yield _taken(buffer)
    if buffer.tell():
        yield _taken(buffer)


def cell(value: Any, zone: ZoneInfo, point: str = ".") -> str:
    """Write one value: nothing, a text made harmless, a flag, a number, or a moment in `zone`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        whole, _, decimals = f"{value:.4f}".partition(".")
        return f"{whole}{point}{decimals[:2]}{decimals[2:].rstrip('0')}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return harmless(str(value))


def harmless(text: str) -> str:
    """Give the text so that a spreadsheet shows it instead of running it."""
    return f"'{text}" if _RUNNABLE.match(text) else text


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
