"""Making orders of the rows of a file, or saying what is wrong with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.order import ArticleText
from models.party import AddressText
from models.types import LARGEST
from services.cents import WHOLE, line_total
from services.countries import country_code
from services.importing.rows import Row
from services.importing.table import OrderRows
from services.importing.values import (
    DecimalMark,
    Unreadable,
    read_company,
    read_discount,
    read_moment,
    read_price,
    read_quantity,
    read_text,
)
from services.taxes import EVERYWHERE, Rates

REQUIRED = ("order", "sku", "quantity", "price", "date")
OPTIONAL = ("name", "company", "country", "reference", "email", "remarks", "notes", "unit", "discount")
LONGEST = {
    "order": 64,
    "sku": 64,
    "name": 255,
    "company": 64,
    "country": 100,
    "reference": 255,
    "email": 255,
    "remarks": 4_000,
    "notes": 1_000,
    "unit": 32,
}
SAME_IN_AN_ORDER = ("company", "country", "reference", "email", "remarks")
WORDS = {"order": "order number", "sku": "SKU", "email": "e-mail address"}


@dataclass(frozen=True)
class ImportContext:
    """How the values of a file are to be read; `unit` is the currency's smallest amount in cents."""

    columns: dict[str, int]
    width: int
    mark: DecimalMark
    zone: ZoneInfo
    now: datetime
    rate: int
    tax_code: str
    rates: Rates
    unit: int


class ReadLine(NamedTuple):
    """A line as it was read: price in hundredths of a cent, discount in hundredths of a per cent."""

    text: ArticleText
    quantity: int
    price: int
    discount: int


@dataclass
class ReadOrder:
    """An order as it was read."""

    reference: str
    created_at: datetime
    lines: list[ReadLine]
    shared: dict[str, str]
    tax_percentage: int = 0

    @property
    def is_credit(self) -> bool:
        return self.lines[0].quantity < 0

    @property
    def address(self) -> AddressText | None:
        """The address, of which a file of order lines knows the country."""
        country = self.shared["country"]
        return AddressText(country=country_code(country), country_name=country) if country else None


class NotReadable(Exception):
    """An order that is refused; `reasons` says why, line by line."""

    def __init__(self, reasons: dict[int, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


def read_order(rows: OrderRows, context: ImportContext) -> ReadOrder:
    """Make an order of its rows. Raises NotReadable."""
    reasons: dict[int, str] = {}
    lines: list[ReadLine] = []
    moments: list[datetime] = []
    for row in rows.rows:
        try:
            line, moment = _read_row(row, context)
        except Unreadable as error:
            reasons[row.line] = f"Line {row.line}: {error}"
        else:
            lines.append(line)
            moments.append(moment)
    shared = _shared(rows, context, reasons)
    if reasons:
        raise NotReadable(reasons)
    order = ReadOrder(rows.reference, min(moments), lines, shared)
    order.tax_percentage = _tax_percentage(order, rows, context)
    _check_whole(order, rows, context)
    return order


def _tax_percentage(order: ReadOrder, rows: OrderRows, context: ImportContext) -> int:
    """Give the VAT of the order's day and country, in hundredths of a per cent. Raises NotReadable."""
    day = order.created_at.astimezone(context.zone).date()
    percentage = context.rates.on(day, order.address.country if order.address else EVERYWHERE)
    if percentage is None:
        first = rows.rows[0].line
        raise NotReadable({first: f"Line {first}: The tax code {context.tax_code} has no rate on {day}."})
    return int(percentage.scaleb(2))


def _read_row(row: Row, context: ImportContext) -> tuple[ReadLine, datetime]:
    row.check(context.width)
    texts = {
        name: read_text(row.values[place], WORDS.get(name, name), LONGEST[name])
        for name, place in context.columns.items()
        if name in LONGEST
    }
    for name in ("order", "sku"):
        if not texts[name].strip():
            raise Unreadable(f"The {WORDS[name]} is missing.")

    def value(name: str) -> str:
        place = context.columns.get(name)
        return "" if place is None else row.values[place]

    line = ReadLine(
        ArticleText(
            sku=texts["sku"],
            name=_or_sku(texts),
            notes=texts.get("notes", ""),
            unit=texts.get("unit", ""),
        ),
        read_quantity(value("quantity")),
        read_price(value("price"), context.mark),
        read_discount(value("discount"), context.mark),
    )
    return line, read_moment(value("date"), context.zone, context.now)


def _or_sku(texts: dict[str, str]) -> str:
    name = texts.get("name", "")
    return name if name.strip() else texts["sku"]


def _shared(rows: OrderRows, context: ImportContext, reasons: dict[int, str]) -> dict[str, str]:
    """Give what the lines say of the order; empty values say nothing, different ones are refused."""
    shared = dict.fromkeys(SAME_IN_AN_ORDER, "")
    for name in SAME_IN_AN_ORDER:
        place = context.columns.get(name)
        if place is None:
            continue
        for row in rows.rows:
            if place >= len(row.values):
                continue
            value = read_company(row.values[place]) if name == "company" else row.values[place].strip()
            if value and shared[name] and value != shared[name]:
                reasons.setdefault(
                    row.line, f"Line {row.line}: The {WORDS.get(name, name)} is not that of the lines before."
                )
            shared[name] = shared[name] or value
    return shared


def _check_whole(order: ReadOrder, rows: OrderRows, context: ImportContext) -> None:
    """Raise NotReadable for what is wrong with the lines together."""
    for row, line in zip(rows.rows, order.lines, strict=True):
        if (line.quantity < 0) != order.is_credit:
            raise NotReadable({row.line: f"Line {row.line}: The order mixes positive and negative quantities."})
    if not _fits(order, context):
        first = rows.rows[0].line
        raise NotReadable({first: f"Line {first}: The amounts of the order are too large."})


def _fits(order: ReadOrder, context: ImportContext) -> bool:
    total = sum(abs(line_total(line.quantity, line.price, line.discount, context.unit)) for line in order.lines)
    with_tax = total + total * order.tax_percentage // WHOLE + context.unit
    return with_tax <= LARGEST and total * context.rate // 100_000_000 < LARGEST
