"""The columns of a file, whatever its format."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


def worded(columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]]) -> Generator[Sequence[Any]]:
    """Give the rows with words instead of codes."""
    places = [(place, column.words) for place, column in enumerate(columns) if column.words]
    for row in rows:
        values = list(row)
        for place, words in places:
            values[place] = words.get(values[place], values[place])
        yield values
