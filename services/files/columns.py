"""The columns of a file, whatever its format."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What the cells of a column are: how a spreadsheet shows them, sums them up and sorts by them."""

    TEXT = "text"
    WHOLE = "whole"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"


@dataclass(frozen=True)
class FileColumn:
    """A column: its heading, the kind of its cells, and the words for codes that stand in them.

    `decimals` is how many an amount may have; two are always shown. A percentage of 21 is the number 21.
    """

    heading: str
    kind: Kind = Kind.TEXT
    decimals: int = 2
    name: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def restored(columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]]) -> Generator[Sequence[Any]]:
    """Give rows that are `stored` with numbers, moments and days again, and with words instead of codes."""
    places = [(place, read) for place, column in enumerate(columns) if (read := _read(column))]
    for row in rows:
        values = list(row)
        for place, read in places:
            if (value := values[place]) is not None:
                values[place] = read(value)
        yield values


def moment_of(stored: str) -> datetime:
    """Give the moment that is `stored` as a text in UTC."""
    return datetime.fromisoformat(f"{stored}+00:00")


def _read(column: FileColumn) -> Callable[[Any], Any] | None:
    match column.kind:
        case Kind.AMOUNT | Kind.PERCENTAGE:
            return lambda scaled: Decimal(scaled).scaleb(-column.decimals)
        case Kind.MOMENT:
            return moment_of
        case Kind.DAY:
            return date.fromisoformat
    words = column.words
    return (lambda code: words.get(code, code)) if words else None
