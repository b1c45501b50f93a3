"""XLSX: real numbers, moments and flags, a heading row that stays in sight, and never a formula.

Excel knows no offset: a moment is written as the clock showed it in the person's zone, which the heading
names. The library writes row by row to a path and keeps none of them in memory.
"""

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

from rustpy_xlsxwriter import Format, write_worksheet

from services.errors import Refused
from services.files.columns import FileColumn, Kind

MOST_ROWS = 1_048_575
"""What a worksheet holds beside its headings."""
LONGEST_TEXT = 32_767
FIRST_YEAR = 1900
CUT = "…"
PIECE = 64 * 1024
FORMATS = {Kind.WHOLE: "0", Kind.PERCENTAGE: "0.00%", Kind.MOMENT: "yyyy-mm-dd hh:mm:ss", Kind.DAY: "yyyy-mm-dd"}
WIDTHS = {Kind.TEXT: 22.0, Kind.MOMENT: 20.0, Kind.DAY: 12.0}
Convert = Callable[[Any], Any]


class TooManyRows(Refused):
    """A worksheet cannot hold them."""

    def __init__(self) -> None:
        super().__init__("An XLSX file can hold at most %(most)s rows, and there are more. Choose CSV.", most=MOST_ROWS)


def write_xlsx(columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]], *, zone: ZoneInfo) -> Iterator[bytes]:
    """Give the file in pieces. Raises TooManyRows, or OSError where there is no room."""
    with xlsx_file(columns, rows, zone=zone) as file:
        while piece := file.read(PIECE):
            yield piece


def xlsx_file(columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]], *, zone: ZoneInfo) -> IO[bytes]:
    """Write the file and give it opened; it never has a name, and goes when it is closed or the process is killed."""
    file = TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        _write(f"/dev/fd/{file.fileno()}", columns, _records(columns, rows, zone), zone)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _write(path: str, columns: Sequence[FileColumn], records: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> None:
    try:
        write_worksheet(
            records,
            path,
            sheet_name="Orders",
            freeze_row=1,
            bold_headers=True,
            autofilter=True,
            column_formats=[_format(column) for column in columns],
            column_widths=[WIDTHS.get(column.kind, 14.0) for column in columns],
        )
    except OSError as error:
        if error.errno is None and "os error 28" in str(error):  # the library gives the number as text only
            raise OSError(errno.ENOSPC, str(error)) from error
        raise


def _format(column: FileColumn) -> Format:
    shown = f"#,##0.00{'#' * (column.decimals - 2)}" if column.kind is Kind.AMOUNT else FORMATS.get(column.kind)
    return Format().set_num_format(shown) if shown else Format()


def _records(
    columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]], zone: ZoneInfo
) -> Iterator[Mapping[str, Any]]:
    """Give the rows as the library takes them: by headings, which must differ."""
    headings = _headings(columns, zone)
    converts = [_convert(column, zone) for column in columns]
    number = 0
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise TooManyRows
        yield {
            heading: None if value is None else convert(value)
            for heading, convert, value in zip(headings, converts, row, strict=True)
        }
    if not number:
        yield dict.fromkeys(headings)  # without a row the library would write no headings


def _headings(columns: Sequence[FileColumn], zone: ZoneInfo) -> list[str]:
    found: dict[str, None] = {}
    for column in columns:
        heading = f"{column.heading} ({zone.key})" if column.kind is Kind.MOMENT else column.heading
        unique, number = heading, 1
        while unique in found:
            number += 1
            unique = f"{heading} ({number})"
        found[unique] = None
    return list(found)


def _convert(column: FileColumn, zone: ZoneInfo) -> Convert:
    match column.kind:
        case Kind.MOMENT:
            return lambda moment: _dated(moment.astimezone(zone).replace(tzinfo=None))
        case Kind.DAY:
            return _dated
        case Kind.PERCENTAGE:
            return lambda percentage: _number(percentage / 100)
        case Kind.AMOUNT:
            return _number
        case Kind.WHOLE | Kind.FLAG:
            return lambda value: value
    return _text


def _dated(day: date | datetime) -> date | datetime | str:
    """Give a day that Excel can count, or else its text."""
    return day if day.year >= FIRST_YEAR else day.isoformat()


def _number(value: Decimal) -> float | str:
    number = float(value)
    return number if isfinite(number) else str(value)


def _text(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - len(CUT)]}{CUT}"
