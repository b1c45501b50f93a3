"""CSV as RFC 4180 has it: UTF-8 with a byte order mark, ISO 8601 times with offset.

The form with commas has decimal points; the one with semicolons has decimal commas, as spreadsheets
expect them where the comma is the decimal sign. A text that a spreadsheet could run as a formula is made
harmless with a leading apostrophe (OWASP, CSV injection); a number stays a number.

Some hundred rows at a time are turned into columns, because a column knows what its cells are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from models.export_file import CsvForm
from services.files.columns import FileColumn, Kind, moment_of

PIECE = 64 * 1024
ROWS_AT_ONCE = 400
MOST_AMOUNTS = 10_000
"""Amounts whose text is kept for the next time."""
MOST_HOURS = 50_000
"""Hours of which is kept what stands around their minutes: those of five years."""
BYTE_ORDER_MARK = "\ufeff"
LINE_END = "\r\n"
SIGNS = {CsvForm.COMMA: (",", "."), CsvForm.SEMICOLON: (";", ",")}
"""What stands between cells and before decimals."""
FLAGS = {True: "true", False: "false", None: ""}
_SPACES = "".join(sign for sign in map(chr, range(1, 0x3001)) if sign.isspace())
RUNNABLE = f"[{_SPACES}]*[=+@\t\r\n＝＋－＠-]"
"""How a text begins that a spreadsheet could run; spelt out, as a database may know other spaces."""
_RUNNABLE = re.compile(f"{RUNNABLE}|[{_SPACES}]*\0")

Write = Callable[[Sequence[Any]], list[str]]
"""Makes the cells of a column from its values."""


def write_csv(
    columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]], *, zone: ZoneInfo, form: CsvForm = CsvForm.COMMA
) -> Iterator[bytes]:
    """Give the file in pieces of at most 64 KB, reading `rows` a few hundred ahead at most."""
    between, point = SIGNS[form]

    def cells(read: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
        return ([cell(value, zone, point) for value in values] for values in read)

    return in_pieces(columns, form, _rows(rows, cells, between))


def write_stored_csv(
    columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]], *, zone: ZoneInfo, form: CsvForm = CsvForm.COMMA
) -> Iterator[bytes]:
    """Give the same file from rows that are `stored`, several times as fast."""
    between, point = SIGNS[form]
    moments = _moments(zone)
    writes = [_worded(column, _write(column, moments, point)) for column in columns]

    def cells(read: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
        return (write(values) for write, values in zip(writes, read, strict=True))

    return in_pieces(columns, form, _rows(rows, cells, between))


def in_pieces(columns: Sequence[FileColumn], form: CsvForm, written: Iterable[bytes]) -> Iterator[bytes]:
    """Give headings, then what is written of the rows, in pieces of at most 64 KB."""
    headings = _lines(([harmless(column.heading)] for column in columns), SIGNS[form][0])
    yield f"{BYTE_ORDER_MARK}{headings}".encode()
    piece = bytearray()
    for some in written:
        piece += some
        while len(piece) >= PIECE:
            yield bytes(piece[:PIECE])
            del piece[:PIECE]
    if piece:
        yield bytes(piece)


def _rows(
    rows: Iterable[Sequence[Any]], cells: Callable[[Iterable[Sequence[Any]]], Iterable[list[str]]], between: str
) -> Iterator[bytes]:
    """Write some rows at a time; `cells` makes columns of texts from columns of values."""
    unread = iter(rows)
    while some := list(islice(unread, ROWS_AT_ONCE)):
        yield _lines(cells(zip(*some, strict=True)), between).encode()


def _lines(columns: Iterable[list[str]], between: str) -> str:
    quoted = [_quoted(cells, between) for cells in columns]
    if len(quoted) == 1:  # an empty line would be no row
        quoted = [[cell or '""' for cell in quoted[0]]]
    return LINE_END.join([*map(between.join, zip(*quoted, strict=True)), ""])


def _quoted(cells: list[str], between: str) -> list[str]:
    """Put quotes around what would be read as something else."""
    signs, together = f'{between}"{LINE_END}', "".join(cells)
    if not any(sign in together for sign in signs):
        return cells
    has_any = re.compile(f"[{signs}]").search
    return ['"' + cell.replace('"', '""') + '"' if has_any(cell) else cell for cell in cells]


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


# ---- columns of stored values ----


def _worded(column: FileColumn, write: Write) -> Write:
    words = column.words
    return (lambda codes: write([words.get(code, code) for code in codes])) if words else write


def _write(column: FileColumn, moments: Write, point: str) -> Write:
    match column.kind:
        case Kind.MOMENT:
            return moments
        case Kind.AMOUNT | Kind.PERCENTAGE:
            return _amounts(column.decimals, point)
        case Kind.WHOLE:
            return lambda numbers: ["" if number is None else str(number) for number in numbers]
        case Kind.FLAG:
            return lambda flags: [FLAGS[flag] for flag in flags]
    return _texts


def _texts(texts: Sequence[str | None]) -> list[str]:
    """Make texts harmless; those that begin with a letter or a digit are."""
    return [(text if text[0].isalnum() else harmless(text)) if text else "" for text in texts]


def _amounts(decimals: int, point: str) -> Write:
    @lru_cache(MOST_AMOUNTS)
    def write(scaled: int | None) -> str:
        if scaled is None:
            return ""
        whole, rest = divmod(abs(scaled), 10**decimals)
        digits = f"{rest:0{decimals}}"
        return f"{'-' if scaled < 0 else ''}{whole}{point}{digits[:2]}{digits[2:].rstrip('0')}"

    if decimals > 2:
        return lambda amounts: [write(scaled) for scaled in amounts]
    return lambda amounts: [
        f"{(digits := str(cents))[:-2]}{point}{digits[-2:]}" if cents and cents > 99 else write(cents)
        for cents in amounts
    ]


class _Hours(dict[str, tuple[str, str] | None]):
    """What stands around the minutes of each hour of UTC in a zone, worked out when first asked for."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    def __missing__(self, hour: str) -> tuple[str, str] | None:
        if len(self) == MOST_HOURS:
            self.clear()
        around = self[hour] = _around_minutes(self.zone, hour)
        return around


def _moments(zone: ZoneInfo) -> Write:
    hours = _Hours(zone)
    return lambda moments: [
        ""
        if moment is None
        else f"{around[0]}{moment[13:19]}{around[1]}"
        if (around := hours[moment[:13]])
        else _moment(moment[:19], zone)
        for moment in moments
    ]


def _around_minutes(zone: ZoneInfo, hour: str) -> tuple[str, str] | None:
    """Give what stands before and after ":30:00" in this hour of UTC; None where its minutes are others in the zone."""
    first, last = _moment(f"{hour}:00:00", zone), _moment(f"{hour}:59:59", zone)
    before, after = first[:13], first[19:]
    return (before, after) if last == f"{before}:59:59{after}" else None


def _moment(stored: str, zone: ZoneInfo) -> str:
    return cell(moment_of(stored), zone)
