"""What the typed form means: values, and what is wrong with those that mean nothing. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from models.order import DiscountType, LineClass, LineText, Order, PaymentStatus, ShippingMethod
from models.party import Address, AddressText, Company, Language
from models.tax import TaxCode
from models.types import LARGEST_ID
from services.countries import countries, currency_names
from services.editing.typed import Typed, TypedLine
from services.errors import Refused
from services.formats import is_email
from services.notation import Notation, notation_of
from services.orders import smallest_amount
from services.typed_values import clip, is_readable, read_amount, read_day, read_whole, readable

MOST_LINES = 5_000
SEVERAL_LINES = frozenset({"remarks", "notes"})
"""Texts that may have line breaks."""
UNIT_PRICE_DECIMALS, RATE_DECIMALS, AMOUNT_DECIMALS = 4, 8, 2
T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field: a sentence to be translated, and its values."""

    sentence: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class WantedLine:
    """A line as it was meant. A price or discount is one that a person typed; None asks for the best price there is.

    `line_id` is that of the stored line, None for a new one, and `keeps` whether it shall keep the price that was
    agreed; `shown` is the unit price that the person saw last.
    """

    key: str
    line_id: int | None
    product_id: int | None
    parent: str
    line_class: str
    is_bonus: bool
    incentive_id: int | None
    sku: str
    name: str
    notes: str
    quantity: int
    price: Decimal | None
    discount: Decimal | None
    shown: Decimal | None
    keeps: bool = False
    tax_code: str = ""


@dataclass(frozen=True)
class Wanted:
    """The form as it was meant. Costs of None are to be reckoned; a `discount_value` is per cent or an amount.

    An empty `currency` is the base currency, a `currency_rate` of 0 none at all.
    """

    form_key: str
    order_id: int | None
    version: int
    company_id: int | None
    user_id: int | None
    email: str
    phone: str
    debtor_id: str
    tax_number: str
    coc_number: str
    language: str
    currency: str
    currency_rate: Decimal
    payment_term_days: int | None
    invoice: AddressText
    delivery: AddressText
    lines: tuple[WantedLine, ...]
    reference: str
    remarks: str
    shipping_method: str
    carrier: str
    requested_on: date | None
    is_partial_delivery_allowed: bool
    shipping_costs: Decimal | None
    payment_method: str
    payment_status: str
    payment_costs: Decimal | None
    accounting_id: str
    discount_type: str
    discount_value: Decimal
    source: str
    action_code: str
    incentive_ids: tuple[int, ...]
    incentive_shipping: Decimal | None = None
    incentive_payment: Decimal | None = None


def read(typed: Typed, language: str) -> tuple[Wanted, dict[str, Fault]]:
    """Read the form, whose numbers are written as a language of the product writes them.

    What cannot be read has a harmless value and a fault, by the name of its field.
    """
    reading = _FieldReader(notation_of(language))
    lines = _lines(typed, reading)
    texts: dict[str, Any] = {name: reading.text(name, getattr(typed, name), _longest(Order, name)) for name in TEXTS}
    currency = reading.one_of("currency", typed.currency, {"", *currency_names()}, "")
    decimals = 0 if currency and smallest_amount(currency) == 1 else AMOUNT_DECIMALS
    least = None if typed.order_id else 0
    return (
        Wanted(
            form_key=typed.form_key,
            order_id=typed.order_id,
            version=typed.version,
            company_id=reading.id("customer", typed.company_id),
            user_id=reading.id("customer", typed.user_id),
            currency=currency,
            currency_rate=_rate(typed, reading),
            payment_term_days=_term(typed, reading),
            invoice=_address("invoice", typed.invoice, reading),
            delivery=_address("delivery", typed.delivery, reading),
            lines=lines,
            language=reading.one_of("language", typed.language or Language.ENGLISH, Language, Language.ENGLISH),
            shipping_method=reading.one_of(
                "shipping_method", typed.shipping_method, ShippingMethod, ShippingMethod.DELIVERY
            ),
            requested_on=reading.day("requested_on", typed.requested_on),
            is_partial_delivery_allowed=typed.is_partial_delivery_allowed,
            shipping_costs=reading.amount("shipping_costs", typed.shipping_costs, decimals, least=least)
            if typed.is_shipping_typed
            else None,
            payment_status=_payment_status(typed, reading),
            payment_costs=reading.amount("payment_costs", typed.payment_costs, decimals, least=least)
            if typed.is_payment_typed
            else None,
            **_discount(typed, reading, decimals, least),
            incentive_ids=typed.incentive_ids,
            incentive_shipping=_plain(typed.incentive_shipping, AMOUNT_DECIMALS),
            incentive_payment=_plain(typed.incentive_payment, AMOUNT_DECIMALS),
            **texts,
        ),
        reading.faults,
    )


TEXTS = (
    *("email", "phone", "debtor_id", "tax_number", "coc_number", "reference", "remarks", "carrier"),
    *("payment_method", "accounting_id", "source", "action_code"),
)


class _FieldReader:
    """Reads fields one by one and keeps the first fault of each."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.faults: dict[str, Fault] = {}

    def fault(self, field: str, fault: Fault) -> None:
        self.faults.setdefault(field, fault)

    def text(self, field: str, typed: str, longest: int) -> str:
        """Read a text; what has several lines has LF between them."""
        text = readable(typed).replace("\r\n", "\n").strip()
        if not is_readable(text, besides="\n\t" if field.rpartition("-")[2] in SEVERAL_LINES else ""):
            self.fault(field, Fault("This has characters that cannot be read. Type it again.", {}))
            return ""
        if len(text) > longest:
            self.fault(field, Fault("At most %(most)d characters fit here.", {"most": longest}))
            return text[:longest]
        if field.endswith("email") and text and not is_email(text):
            self.fault(field, Fault("This is not an e-mail address.", {}))
        return text

    def one_of(self, field: str, typed: str, known: Iterable[str], otherwise: str) -> str:
        """Read a choice."""
        if typed in set(known):
            return typed
        self.fault(field, Fault("This does not exist or is not available to you. Choose another one.", {}))
        return otherwise

    def number(
        self, field: str, typed: str, decimals: int, *, least: int | None = None, most: int | None = None
    ) -> Decimal | None:
        """Read a number within bounds; None for nothing, and for what is at fault."""
        number = self.tried(field, typed.strip(), lambda text: read_amount(text, decimals, self.notation))
        if number is None:
            return None
        if number.is_signed() and least is not None:
            self.fault(field, Fault("This may not be below %(least)d.", {"least": least}))
            return None
        if most is not None and number > most:
            self.fault(field, Fault("This may be %(most)d at most.", {"most": most}))
            return None
        return number or Decimal(0)

    def amount(
        self, field: str, typed: str, decimals: int, *, least: int | None, most: int | None = None
    ) -> Decimal | None:
        """Read what else is reckoned; None for nothing, and 0 for what is at fault, as no other shall stand for it."""
        number = self.number(field, typed, decimals, least=least, most=most)
        return Decimal(0) if number is None and typed.strip() else number

    def whole(self, field: str, typed: str) -> int | None:
        """Read a whole number."""
        return self.tried(field, typed.strip(), read_whole)

    def day(self, field: str, typed: str) -> date | None:
        """Read a day."""
        return self.tried(field, typed.strip(), read_day)

    def id(self, field: str, number: int | None) -> int | None:
        """Read the id of a row."""
        if number is None or 0 < number <= LARGEST_ID:
            return number
        self.fault(field, Fault("This does not exist or is not available to you. Choose another one.", {}))
        return None

    def tried(self, field: str, text: str, read: Callable[[str], T]) -> T | None:
        """Read what is not empty; None for what cannot be read."""
        try:
            return read(text) if text else None
        except Refused as refused:
            self.fault(field, Fault(refused.sentence, refused.values))
            return None


def _lines(typed: Typed, reading: _FieldReader) -> tuple[WantedLine, ...]:
    if len(typed.lines) > MOST_LINES:
        reading.fault("lines", Fault("An order has %(most)d lines at most.", {"most": MOST_LINES}))
    elif not typed.lines:
        reading.fault("lines", Fault("An order needs at least one line.", {}))
    lines = typed.lines[:MOST_LINES]
    heads = _heads(lines)
    return tuple(_line(line, heads[line.key], reading, is_new_order=typed.order_id is None) for line in lines)


def _heads(lines: Iterable[TypedLine]) -> dict[str, str]:
    """Give for each line, by key, the one that it and all beside it belong to: itself, or none in a circle."""
    parents = {line.key: line.parent for line in lines}
    heads: dict[str, str] = {}
    for key in parents:
        path: dict[str, None] = {}
        above = key
        while above in parents and above not in heads and above not in path:
            path[above] = None
            above = parents[above]
        last = next(reversed(path), "")
        heads |= dict.fromkeys(path, "" if above in path else heads.get(above, last))
    return heads


def _line(line: TypedLine, head: str, reading: _FieldReader, *, is_new_order: bool) -> WantedLine:
    field = f"line-{line.key}-"
    line_id = int(line.key) if re.fullmatch(r"[1-9][0-9]{0,18}", line.key) else None
    is_discounted = line.line_class == LineClass.INCENTIVE
    price = reading.amount(f"{field}price", line.price, UNIT_PRICE_DECIMALS, least=None if is_discounted else 0)
    discount = reading.amount(f"{field}discount", line.discount, AMOUNT_DECIMALS, least=0, most=100)
    is_kept = line_id is not None and bool(
        (line.price.strip() or line.is_price_typed) and (line.discount.strip() or line.is_discount_typed)
    )
    return WantedLine(
        key=line.key,
        line_id=line_id,
        product_id=reading.id(f"{field}quantity", line.product_id),
        parent="" if head == line.key else head,
        line_class=reading.one_of(f"{field}quantity", line.line_class, LineClass, LineClass.PRODUCT),
        is_bonus=line.is_bonus,
        incentive_id=reading.id(f"{field}quantity", line.incentive_id),
        sku=reading.text(f"{field}quantity", line.sku, _longest(LineText, "sku")),
        name=reading.text(f"{field}quantity", line.name, _longest(LineText, "name")),
        notes=reading.text(f"{field}notes", line.notes, _longest(LineText, "notes")),
        quantity=_quantity(f"{field}quantity", line.quantity, reading, is_new_order=is_new_order),
        price=price if line.is_price_typed or is_discounted else None,
        discount=discount if line.is_discount_typed else None,
        shown=_plain(line.shown, UNIT_PRICE_DECIMALS),
        keeps=is_kept,
        tax_code=reading.text(f"{field}quantity", line.tax_code, _longest(TaxCode, "code")),
    )


def _quantity(field: str, typed: str, reading: _FieldReader, *, is_new_order: bool) -> int:
    """Read a quantity; one below zero may stand in a credit, which a new order never is."""
    quantity = reading.whole(field, typed)
    if quantity is None:
        reading.fault(field, Fault("Give a quantity.", {}))
    elif not quantity or (quantity < 0 and is_new_order):
        reading.fault(field, Fault("This may not be below %(least)d.", {"least": 1}))
        return 1
    return quantity or 1


def _plain(text: str, decimals: int) -> Decimal | None:
    """Read a number that a page wrote for itself; what no page writes is none."""
    try:
        return read_amount(text, decimals, notation_of("en"))
    except Refused:
        return None


def _rate(typed: Typed, reading: _FieldReader) -> Decimal:
    rate = reading.number("currency_rate", typed.currency_rate, RATE_DECIMALS, least=0)
    if rate is not None and not rate:
        reading.fault("currency_rate", Fault("A rate is above 0.", {}))
    return rate or Decimal(0)


def _term(typed: Typed, reading: _FieldReader) -> int | None:
    days, field = reading.whole("payment_term_days", typed.payment_term_days), "payment_term_days"
    least, most = TERM["least"], TERM["most"]
    if days is not None and days < least:
        reading.fault(field, Fault("This may not be below %(least)d.", {"least": least}))
    elif days is not None and days > most:
        reading.fault(field, Fault("This may be %(most)d at most.", {"most": most}))
    return days if days is None or least <= days <= most else None


TERM: Mapping[str, Any] = next(
    bound.info
    for bound in Company.metadata.tables["company"].constraints
    if bound.info.get("column") == "payment_term_days"
)


def _address(kind: str, typed: AddressText, reading: _FieldReader) -> AddressText:
    texts = {
        each.name: reading.text(f"{kind}-{each.name}", getattr(typed, each.name), _longest(Address, each.name))
        for each in fields(AddressText)
    }
    if texts["country"] and texts["country"] not in countries():
        reading.fault(f"{kind}-country", Fault("There is no country “%(code)s”.", {"code": clip(texts["country"])}))
        texts["country"] = ""
    texts["country_name"] = countries().get(texts["country"], texts["country_name"])
    return replace(typed, **texts)


def _payment_status(typed: Typed, reading: _FieldReader) -> str:
    if typed.payment_status in set(PaymentStatus):
        return typed.payment_status
    reading.fault("payment_status", Fault("There is no such payment status.", {}))
    return PaymentStatus.UNKNOWN


def _discount(typed: Typed, reading: _FieldReader, decimals: int, least: int | None) -> dict[str, Any]:
    kind = reading.one_of("discount_type", typed.discount_type, DiscountType, DiscountType.NONE)
    field, value = "discount_value", typed.discount_value
    if kind == DiscountType.PERCENTAGE:
        number = reading.number(field, value, AMOUNT_DECIMALS, least=0, most=100)
    else:
        number = reading.number(field, value, decimals, least=least)
    if kind != DiscountType.NONE and not value.strip():
        reading.fault(field, Fault("Give a discount.", {}))
    return {"discount_type": kind, "discount_value": number or Decimal(0)}


def _longest(model: type[Any], column: str) -> int:
    longest: int = getattr(model, column).type.length
    return longest
