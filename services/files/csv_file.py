"""CSV as RFC 4180 has it: UTF-8 with a byte order mark, commas, decimal points, ISO 8601 times with offset.

A text that a spreadsheet could run as a formula is made harmless with a leading apostrophe (OWASP,
CSV injection); a number stays a number.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

PIECE = 64 * 1024
BYTE_ORDER_MARK = "\ufeff"
_RUNNABLE = re.compile(r"\s*[=+\-@\t\r\n\0＝＋－＠]")


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, zone: ZoneInfo) -> Iterator[bytes]:
    """Give the file in pieces of about 64 KB, reading `rows` no further than the piece needs."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([harmless(heading) for heading in headings])
    yield _taken(buffer)
    for row in rows:
        writer.writerow([cell(value, zone) for value in row])
        if buffer.tell() >= PIECE:
            yield _taken(buffer)
    if buffer.tell():
        yield _taken(buffer)


def cell(value: Any, zone: ZoneInfo) -> str:
    """Write one value: nothing, a text made harmless, a number, or a moment in `zone`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        whole, _, decimals = f"{value:.4f}".partition(".")
        return f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"
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
