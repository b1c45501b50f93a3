"""Reading a pasted list of products: what each line names, and how many of it. Pure.

A line is `SKU;quantity`, a row of a spreadsheet, a SKU alone, or the quantity first where that is clear: a number that
is too short for an EAN beside something else. Where both could be either, the other lines decide.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.folding import fold
from models.types import LARGEST_WHOLE
from services.errors import Invalid
from services.notation import Notation

MOST_LINES = 2_000
LONGEST_TEXT = 400_000
SHORTEST_EAN = 8
"""Digits; fewer may be a quantity."""
CODE_WORDS = ("sku", "artik", "article", "item", "product", "produkt", "code", "ean", "gtin")
QUANTITY_WORDS = ("quantity", "qty", "aantal", "menge", "anzahl", "stuk", "stuck", "pieces", "pcs")
"""What headings of the two columns have in them, folded, in the languages of the product."""


@dataclass(frozen=True)
class PastedLine:
    """A line that says something. `number` is its place in the text, from 1.

    `sku` and `quantity` are as they were written; an empty quantity asks for the least that is sold. `whole` is the
    line itself where only spaces or commas parted it: a SKU may have them.
    """

    number: int
    text: str
    sku: str
    quantity: str
    whole: str = ""


@dataclass(frozen=True)
class _Row:
    number: int
    text: str
    cells: tuple[str, ...]
    is_parted_softly: bool


def read(text: str) -> tuple[PastedLine, ...]:
    """Read a list. Raises Invalid when it is too long."""
    if len(text) > LONGEST_TEXT:
        raise Invalid("paste", "This is too long for a list of products.")
    rows = [_row(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    columns = _headed(rows[0].cells) if rows else None
    if columns is not None:
        rows = rows[1:]
    if len(rows) > MOST_LINES:
        raise Invalid(
            "paste", "At most %(most)s lines fit here; there are %(count)s.", most=MOST_LINES, count=len(rows)
        )
    return tuple(_pasted(rows, columns))


def whole_quantity(written: str, notation: Notation) -> int | None:
    """Read a whole number of at least 1 as the language or a spreadsheet writes it; None when it is none.

    `1.000` is none where the point parts decimals: whoever wrote it may mean a thousand.
    """
    point, thousands = re.escape(notation.point), re.escape(notation.thousands)
    plain = re.fullmatch(rf"([0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+)(?:{point}0{{1,2}})?", written)
    if plain is None:
        return None
    digits = plain[1].replace(notation.thousands, "")
    quantity = int(digits) if len(digits.lstrip("0")) <= 10 else 0
    return quantity if 1 <= quantity <= LARGEST_WHOLE else None


def without(text: str, numbers: Sequence[int]) -> str:
    """Give the text without the lines of these numbers, for the others to be mended."""
    gone = set(numbers)
    return "\n".join(line for number, line in enumerate(text.splitlines(), start=1) if number not in gone)


def _row(number: int, line: str) -> _Row:
    hard = next((sign for sign in "\t;" if sign in line), None)
    soft = None if hard else "," if "," in line else " "
    cells = line.split(hard) if hard else line.split(",") if soft == "," else _worded(line)
    bare = [cell.strip().removeprefix('"').removesuffix('"').strip() for cell in cells]
    while len(bare) > 1 and not bare[-1]:
        bare.pop()
    return _Row(number, line.strip(), tuple(bare), soft is not None and len(bare) > 1)


def _worded(line: str) -> list[str]:
    """Part a line at its spaces into a code and a quantity, or leave it whole."""
    words = line.split()
    if len(words) > 1 and _may_be_quantity(words[-1]):
        return [" ".join(words[:-1]), words[-1]]
    if len(words) > 1 and _may_be_quantity(words[0]):
        return [words[0], " ".join(words[1:])]
    return [" ".join(words)]


def _may_be_quantity(cell: str) -> bool:
    digits = re.sub("[.,’' \u00a0\u202f]", "", cell)
    return digits.isascii() and digits.isdecimal() and len(digits) < SHORTEST_EAN


def _headed(cells: Sequence[str]) -> Mapping[str, int] | None:
    """Give the columns that a heading names; None when the line is none."""
    if any(_may_be_quantity(cell) for cell in cells):
        return None
    words = [fold(cell) for cell in cells]
    code = _place(words, CODE_WORDS)
    quantity = _place([word if place != code else "" for place, word in enumerate(words)], QUANTITY_WORDS)
    if len(cells) > 1 and code is not None and quantity is not None:
        return {"code": code, "quantity": quantity}
    is_only_heading = len(cells) == 1 and words[0].isalpha() and words[0].startswith(CODE_WORDS)
    return {} if is_only_heading else None


def _place(words: Sequence[str], known: Sequence[str]) -> int | None:
    """Give which of the words is, or else which has, one of the known ones, the earlier known one first."""
    for fits in (str.__eq__, str.__contains__):
        for one in known:
            for place, word in enumerate(words):
                if fits(word, one):
                    return place
    return None


def _pasted(rows: Sequence[_Row], columns: Mapping[str, int] | None) -> Iterator[PastedLine]:
    is_quantity_first = _quantities_first(rows)
    for row in rows:
        if columns:
            sku, quantity = (_cell(row.cells, columns[name]) for name in ("code", "quantity"))
        else:
            sku, quantity = _parted(row.cells, is_quantity_first=is_quantity_first)
        yield PastedLine(row.number, row.text, sku, quantity, row.text if row.is_parted_softly else "")


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _quantities_first(rows: Sequence[_Row]) -> bool:
    """Say whether more of the clear lines begin with their quantity than end with it."""
    votes = [
        _may_be_quantity(row.cells[0])
        for row in rows
        if len(row.cells) > 1 and _may_be_quantity(row.cells[0]) != _may_be_quantity(row.cells[-1])
    ]
    return sum(votes) * 2 > len(votes)


def _parted(cells: Sequence[str], *, is_quantity_first: bool) -> tuple[str, str]:
    """Give the code and the quantity of a line without a heading."""
    if len(cells) == 1:
        return cells[0], ""
    first, last = cells[0], cells[-1]
    may_be = [_may_be_quantity(cell) for cell in cells]
    if may_be[0] and may_be[-1]:
        return (cells[1], first) if is_quantity_first else (first, last)
    if may_be[0]:
        return cells[1], first
    if not may_be[-1] and sum(may_be) == 1:
        return first, cells[may_be.index(True)]
    return (cells[1], first) if is_quantity_first and not may_be[-1] else (first, last)
