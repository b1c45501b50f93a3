"""The money rules, pure: no database, no clock, no float.

Amounts have the currency's own decimals, at most two: `unit` is its smallest amount. Unit prices have
four. Halves are rounded away from zero, per line. VAT is taken per rate, on the sum of that rate's
lines; an order discount lowers each rate's base in proportion, and what rounding leaves over goes to
the largest, of equal ones to that of the highest rate. Costs stand outside the discount and carry
their own rate.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, NamedTuple

CENT = Decimal("0.01")
UNIT_PRICE = Decimal("0.0001")
HUNDRED = Decimal(100)
EXACTLY = Context(prec=60, rounding=ROUND_HALF_UP)
"""Enough digits that a quotient of two numbers of the database is rounded once, not twice."""
Origin = Literal["LIST", "COMPANY_DISCOUNT", "PRICE_LIST"]


@dataclass(frozen=True)
class PricedLine:
    """A line's total excl. VAT with its VAT rate in per cent."""

    total: Decimal
    tax_percentage: Decimal


@dataclass(frozen=True)
class Cost:
    """Shipping or transaction costs excl. VAT, with their VAT rate in per cent."""

    amount: Decimal
    tax_percentage: Decimal


@dataclass(frozen=True)
class Tax:
    """The VAT of one rate: on which base, how much."""

    percentage: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Totals:
    """An order's sums, in the order in which they are shown. Gross is excl. VAT, net incl. VAT."""

    subtotal: Decimal
    discount: Decimal
    discounted: Decimal
    payment_costs: Decimal
    shipping_costs: Decimal
    gross: Decimal
    taxes: tuple[Tax, ...]
    tax: Decimal
    net: Decimal


class Break(NamedTuple):
    """The agreed price of one unit for an order of at least `from_quantity`."""

    from_quantity: int
    price: Decimal


class Offer(NamedTuple):
    """A unit price excl. VAT, the discount in per cent that comes off it, and where both come from."""

    price: Decimal
    discount_percentage: Decimal
    origin: Origin


class Margin(NamedTuple):
    """What is left of a revenue after its cost, and how many per cent of it; None of no revenue."""

    amount: Decimal
    percentage: Decimal | None


def rounded(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """Round to the currency's smallest amount, halves away from zero."""
    return (amount.quantize(unit, ROUND_HALF_UP)).quantize(CENT)


def line_total(
    quantity: int, price: Decimal, discount_percentage: Decimal = Decimal(0), unit: Decimal = CENT
) -> Decimal:
    """Give a line's total excl. VAT, from its unit price and discount in per cent."""
    return rounded(quantity * price * (HUNDRED - discount_percentage) / HUNDRED, unit)


def with_tax(amount: Decimal, percentage: Decimal, unit: Decimal = CENT) -> Decimal:
    """Give an amount incl. VAT, as it is shown beside the one excl. VAT."""
    return amount + rounded(amount * percentage / HUNDRED, unit)


def discount_amount(kind: str, value: Decimal, subtotal: Decimal, unit: Decimal = CENT) -> Decimal:
    """Give what an order discount takes off: kind N none, P per cent of the subtotal, A an amount."""
    if kind == "P":
        return rounded(subtotal * value / HUNDRED, unit)
    return value if kind == "A" else Decimal(0)


def order_totals(
    lines: Iterable[PricedLine], discount: Decimal, payment: Cost, shipping: Cost, unit: Decimal = CENT
) -> Totals:
    """Add up an order."""
    bases: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        bases[line.tax_percentage] += line.total
    subtotal = sum(bases.values(), Decimal(0))
    _spread(bases, discount, subtotal, unit)
    for cost in (payment, shipping):
        if cost.amount:
            bases[cost.tax_percentage] += cost.amount
    taxes = tuple(
        Tax(percentage, base, rounded(base * percentage / HUNDRED, unit))
        for percentage, base in sorted(bases.items(), reverse=True)
        if percentage and base
    )
    gross = subtotal - discount + payment.amount + shipping.amount
    tax = sum((tax.amount for tax in taxes), Decimal(0))
    return Totals(
        subtotal=subtotal,
        discount=discount,
        discounted=subtotal - discount,
        payment_costs=payment.amount,
        shipping_costs=shipping.amount,
        gross=gross,
        taxes=taxes,
        tax=tax,
        net=gross + tax,
    )


def best_offer(
    quantity: int, list_price: Decimal | None, company_discount: Decimal, breaks: Sequence[Break] = ()
) -> Offer | None:
    """Give the lowest price that a customer may have; None where there is no price at all.

    `breaks` are those of the customer's price list, by rising quantity: the highest that the quantity reaches counts.
    Equal prices are told as agreed first, then as discounted.
    """
    offers: list[Offer] = []
    if reached := bisect_right(breaks, abs(quantity), key=lambda each: each.from_quantity):
        offers.append(Offer(breaks[reached - 1].price, Decimal(0), "PRICE_LIST"))
    if list_price is not None:
        if company_discount:
            offers.append(Offer(list_price, company_discount, "COMPANY_DISCOUNT"))
        offers.append(Offer(list_price, Decimal(0), "LIST"))
    return min(offers, key=lambda offer: offer.price * (HUNDRED - offer.discount_percentage), default=None)


def discounted(price: Decimal, discount_percentage: Decimal) -> Decimal:
    """Give a unit price after its discount, as it is shown."""
    return (price * (HUNDRED - discount_percentage) / HUNDRED).quantize(UNIT_PRICE, ROUND_HALF_UP)


def exchanged(amount: Decimal, rate: Decimal, unit: Decimal = UNIT_PRICE) -> Decimal:
    """Give an amount of the base currency in a currency of which one unit is worth `rate`."""
    return EXACTLY.quantize(EXACTLY.divide(amount, rate), unit)


def margin(revenue: Decimal, cost: Decimal) -> Margin:
    """Give the margin of a line or an order from what it brings in and costs, both excl. VAT.

    The percentage is of the revenue, which the trade calls gross margin; a mark-up would be of the cost.
    """
    left = revenue - cost
    share = EXACTLY.quantize(EXACTLY.divide(left * HUNDRED, revenue), CENT) if revenue else None
    return Margin(left, share)


def base_total(gross: Decimal, rate: Decimal) -> Decimal:
    """Give a total excl. VAT in the base currency."""
    return rounded(gross * rate)


def _spread(bases: dict[Decimal, Decimal], discount: Decimal, subtotal: Decimal, unit: Decimal) -> None:
    if not discount or not subtotal:
        return
    parts = {percentage: rounded(discount * base / subtotal, unit) for percentage, base in bases.items()}
    largest = max(bases, key=lambda percentage: (abs(bases[percentage]), percentage))
    parts[largest] += discount - sum(parts.values())
    for percentage, part in parts.items():
        bases[percentage] -= part
