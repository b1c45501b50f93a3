"""The CSV of `csv_file` as PostgreSQL writes it by COPY, which leaves the web process a third of the work.

Its clocks are Python's: PostgreSQL may know other changes of a zone, or not know the zone.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    Text,
    case,
    cast,
    collate,
    func,
    literal,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.export_file import CsvForm
from services.files.columns import FileColumn, Kind
from services.files.csv_file import LINE_END, RUNNABLE, SIGNS, harmless, in_pieces

FIRST, LAST = datetime(1850, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""No change of a clock is looked for before or after."""
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

Cell = ColumnElement[Any]


def copy_options(form: CsvForm) -> str:
    """Give how COPY has to write."""
    return f"FORMAT csv, DELIMITER '{SIGNS[form][0]}'"


def copied_cells(columns: Sequence[FileColumn], shown: Sequence[Cell], zone: ZoneInfo, form: CsvForm) -> list[Cell]:
    """Give what writes the values of each column."""
    point = SIGNS[form][1]
    cells = [_cell(column, values, zone, point) for column, values in zip(columns, shown, strict=True)]
    if len(cells) == 1:  # an empty line would be no row
        cells = [func.coalesce(cells[0], "")]
    return [cell.label(column.name) for column, cell in zip(columns, cells, strict=True)]


def write_copied_csv(columns: Sequence[FileColumn], lines: Iterable[bytes], form: CsvForm) -> Iterator[bytes]:
    """Give the file in pieces of at most 64 KB, from the lines of COPY."""
    end = LINE_END.encode()
    return in_pieces(columns, form, (b"".join((line[:-1], end)) for line in lines))


def _cell(column: FileColumn, values: Cell, zone: ZoneInfo, point: str) -> Cell:
    match column.kind:
        case Kind.MOMENT:
            return _moment(type_coerce(values, DateTime(timezone=True)), zone)
        case Kind.DAY:
            return func.to_char(values, "YYYY-MM-DD")
        case Kind.AMOUNT | Kind.PERCENTAGE:
            return _amount(type_coerce(values, BigInteger), column.decimals, point)
        case Kind.FLAG | Kind.WHOLE:
            return cast(values, Text)
    words = {code: harmless(word) for code, word in column.words.items()}
    return func.coalesce(literal(words, JSONB).op("->>")(values), _text(values)) if words else _text(values)


def _text(texts: Cell) -> Cell:
    """Make texts harmless; those that begin with a letter or a digit are."""
    plain = collate(texts, "C")
    return case(
        (plain.between("A", "\x7f"), texts),
        (plain.between("0", "9\x7f"), texts),
        (texts.regexp_match(f"^{RUNNABLE}"), "'" + texts),
        else_=func.nullif(texts, ""),
    )


def _amount(scaled: Cell, decimals: int, point: str) -> Cell:
    text: Cell = cast(scaled * literal_column(f"{10**-decimals:.{decimals}f}"), Text)
    if decimals > 2:
        text = func.regexp_replace(text, f"0{{1,{decimals - 2}}}$", "")
    return text if point == "." else func.replace(text, ".", point)


def _moment(moments: Cell, zone: ZoneInfo) -> Cell:
    starts, offsets = _clock(zone)
    in_utc, different = func.timezone("UTC", moments), list(dict.fromkeys(offsets))
    ways = {
        place: func.to_char(in_utc + literal(offset, Interval()), f'YYYY-MM-DD"T"HH24:MI:SS"{_written(offset)}"')
        for place, offset in enumerate(different)
    }
    places = ",".join(str(different.index(offset)) for offset in offsets)
    by_period: Cell = literal_column(f"(ARRAY[{places}])", ARRAY(Integer))
    period = func.width_bucket(moments, literal(starts, ARRAY(DateTime(timezone=True))))
    return case(ways, value=by_period[period + 1])


def _written(offset: timedelta) -> str:
    return datetime.min.replace(tzinfo=timezone(offset)).isoformat()[19:]


@lru_cache
def _clock(zone: ZoneInfo) -> tuple[list[datetime], list[timedelta]]:
    """Give when the clock of a zone is changed, and its offsets from UTC: one more, as the first is that of before."""
    starts, offsets = [], [_offset(FIRST, zone)]
    for day in (FIRST + DAY * place for place in range((LAST - FIRST).days)):
        if _offset(day, zone) != offsets[-1]:
            starts.append(_first_other(day - DAY, offsets[-1], zone))
            offsets.append(_offset(starts[-1], zone))
    return starts, offsets


def _first_other(since: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """Give the first second of the next day at which the clock has another offset."""

    def is_other(second: int) -> bool:
        return _offset(since + SECOND * second, zone) != offset

    return since + SECOND * bisect_left(range(DAY // SECOND), 1, key=is_other)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
