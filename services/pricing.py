"""The money rules, pure: no database, no clock, no float.

Amounts have the currency's own decimals, at most two: `unit` is its smallest amount. Unit prices have
four. Halves are rounded away from zero, per line. VAT is
taken per rate, on the sum of that rate's lines; an order discount lowers each rate's base in
proportion, and what rounding leaves over goes to the largest. Costs stand outside the discount and
carry their own rate.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


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
        if percentage
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


def base_total(gross: Decimal, rate: Decimal) -> Decimal:
    """Give a total excl. VAT in the base currency."""
    return rounded(gross * rate)


def _spread(bases: dict[Decimal, Decimal], discount: Decimal, subtotal: Decimal, unit: Decimal) -> None:
    if not discount or not subtotal:
        return
    parts = {percentage: rounded(discount * base / subtotal, unit) for percentage, base in bases.items()}
    largest = max(bases, key=lambda percentage: abs(bases[percentage]))
    parts[largest] += discount - sum(parts.values())
    for percentage, part in parts.items():
        bases[percentage] -= part
