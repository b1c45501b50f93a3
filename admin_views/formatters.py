"""The cells of the order list.

A cell is made once per language and time zone and called once per row, so nothing slow happens inside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from flask_babel import gettext
from markupsafe import Markup, escape

from admin_views.assets import icon
from services.countries import countries
from services.notation import Notation

Row = Any
ROWS_KEPT = 500


class Reader(NamedTuple):
    """How somebody reads: the language with its notation, and the time zone."""

    notation: Notation
    zone: ZoneInfo


@dataclass(frozen=True)
class Cell:
    """How a column is written in the list.

    `write` makes, once per reader, the function from a row to the finished `<td>`; `css` is the
    class of its heading.
    """

    write: Callable[[str, Reader], Callable[[Row], str]]
    css: str = ""


def plain(css: str = "") -> Cell:
    """A text, clipped to the column's width with the whole of it on hover."""

    def write(name: str, _reader: Reader) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            text = escape(getattr(row, name))
            return f'<td class="{css}" title="{text}">{text}</td>'

        return cell

    return Cell(write, css)


def number(css: str = "num") -> Cell:
    """A whole number."""
    return Cell(
        lambda name, reader: lambda row: f'<td class="{css}">{reader.notation.whole(getattr(row, name))}</td>', css
    )


def amount(css: str = "num") -> Cell:
    """An amount."""
    return Cell(
        lambda name, reader: lambda row: f'<td class="{css}">{reader.notation.amount(getattr(row, name))}</td>', css
    )


def order_total(css: str = "num") -> Cell:
    """An order's total in the base currency, marked when the order is a credit."""

    def write(name: str, reader: Reader) -> Callable[[Row], str]:
        text = reader.notation.amount
        credit = Markup('<span class="tag">{}</span> ').format(gettext("Credit"))

        def cell(row: Row) -> str:
            return f'<td class="{css}">{credit if row.is_credit else ""}{text(getattr(row, name))}</td>'

        return cell

    return Cell(write, css)


def moment(css: str = "c-date") -> Cell:
    """A moment, or nothing."""

    def write(name: str, reader: Reader) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            value = getattr(row, name)
            return f'<td class="{css}">{reader.notation.moment(value, reader.zone) if value else ""}</td>'

        return cell

    return Cell(write, css)


def day(css: str = "c-date") -> Cell:
    """A day, or nothing."""

    def write(name: str, reader: Reader) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            value = getattr(row, name)
            return f'<td class="{css}">{reader.notation.day(value) if value else ""}</td>'

        return cell

    return Cell(write, css)


def word(names: Mapping[str, Any], css: str = "") -> Cell:
    """A code as its name."""

    def write(name: str, _reader: Reader) -> Callable[[Row], str]:
        texts = {str(code): Markup('<td class="{}">{}</td>').format(css, str(word)) for code, word in names.items()}
        return lambda row: texts[getattr(row, name)]

    return Cell(write, css)


def country(css: str = "") -> Cell:
    """A country by its name in the reader's language; one without a code stands as it was written."""

    def write(name: str, reader: Reader) -> Callable[[Row], str]:
        names = countries(reader.notation.language)

        def cell(row: Row) -> str:
            code = getattr(row, name)
            text = escape(names.get(code, code))
            return f'<td class="{css}" title="{text}">{text}</td>'

        return cell

    return Cell(write, css)


def order_link(css: str = "c-id") -> Cell:
    """The order number as the link that the whole row stands for."""
    return Cell(
        lambda _name, _reader: (
            lambda row: f'<td class="{css}"><a href="/admin/orders/{row.order_id}/">{row.order_id}</a></td>'
        ),
        css,
    )


def company(css: str = "c-co") -> Cell:
    """The company, or who ordered without one, marked as private or guest."""

    def write(name: str, _reader: Reader) -> Callable[[Row], str]:
        marks = {
            mark: Markup(' <span class="tag">{}</span>').format(word) if mark else ""
            for mark, word in company_marks().items()
        }

        def cell(row: Row) -> str:
            text = escape(getattr(row, name))
            return f'<td class="{css}" title="{text}">{text}{marks[row.company_mark]}</td>'

        return cell

    return Cell(write, css)


def company_marks() -> dict[str, str]:
    """Give the word for each kind of buyer; a company has none."""
    return {"": "", "private": gettext("private"), "guest": gettext("guest")}


def status_badge(css: str = "c-st") -> Cell:
    """The order status as a badge in its colour."""

    def write(name: str, _reader: Reader) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            colour, text = escape(row.status_colour), escape(getattr(row, name))
            return f'<td class="{css}"><span class="st st-{colour}">{text}</span></td>'

        return cell

    return Cell(write, css)


def dot(names: Mapping[str, Any], css: str = "") -> Cell:
    """A code as a dot and its name."""

    def write(name: str, _reader: Reader) -> Callable[[Row], str]:
        texts = {
            str(code): Markup('<td class="{}"><span class="pd pd-{}">{}</span></td>').format(css, code, str(word))
            for code, word in names.items()
        }
        return lambda row: texts[getattr(row, name)]

    return Cell(write, css)


def mark(names: Mapping[Any, Any], icons: Mapping[Any, str], css: str = "") -> Cell:
    """A code as an icon and its name; a code without an icon shows nothing."""

    def write(name: str, _reader: Reader) -> Callable[[Row], str]:
        shown = Markup('<td class="{}"><span class="ex ex-{}">{}{}</span></td>')
        texts = {
            str(code): shown.format(css, code, icon(icons[code]), str(word))
            if code in icons
            else Markup('<td class="{}"></td>').format(css)
            for code, word in names.items()
        }
        return lambda row: texts[getattr(row, name)]

    return Cell(write, css)


class RowWriter(Protocol):
    """Writes the rows of a list, with a box to tick each."""

    def __call__(self, rows: Sequence[Row]) -> Markup: ...


@lru_cache(16)
def row_writer(layout: tuple[tuple[str, Cell], ...], reader: Reader) -> RowWriter:
    """Give the writer of a list of this layout. Every cell escapes its own texts.

    Rows that were written lately are kept by all that they hold: people open the same pages all day.
    """
    cells = [cell.write(name, reader) for name, cell in layout]
    tick = str(escape(gettext("Tick order %(number)d")))

    kept: dict[tuple[Any, ...], str] = {}

    def write_row(row: Row) -> str:
        number = row.order_id
        return (
            f'<tr data-href="/admin/orders/{number}/"><td class="c-tick"><label><input class="form-check-input" '
            f'type="checkbox" name="rowid" autocomplete="off" value="{number}" '
            f'aria-label="{tick % {"number": number}}"></label></td>{"".join([cell(row) for cell in cells])}</tr>'
        )

    def write(rows: Sequence[Row]) -> Markup:
        written = []
        for row in rows:
            text = kept.get(values := tuple(row))
            if text is None:
                if len(kept) >= ROWS_KEPT:
                    kept.clear()
                text = kept[values] = write_row(row)
            written.append(text)
        return Markup("".join(written))  # nosec B704: every cell escapes its own texts

    return write
