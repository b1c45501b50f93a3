"""The money rules of `services.pricing` on whole numbers, for millions of lines at a time.

Amounts are in cents, unit prices in hundredths of a cent, percentages in hundredths of a per cent,
rates in hundred-millionths. `unit` is the currency's smallest amount in cents: 1, or 100 for a
currency without decimals.
"""

from collections.abc import Iterable
from typing import NamedTuple

from babel.numbers import get_currency_precision

WHOLE = 10_000
"""A hundred per cent."""


class Charge(NamedTuple):
    """Shipping or transaction costs excl. VAT, with their VAT rate."""

    amount: int
    tax_percentage: int


def currency_unit(currency: str) -> int:
    """Give the smallest amount of a currency in cents."""
    return 100 if get_currency_precision(currency) == 0 else 1


def half_up(number: int, divisor: int) -> int:
    """Divide by a positive divisor, halves away from zero."""
    if number < 0:
        return -((divisor - 2 * number) // (2 * divisor))
    return (2 * number + divisor) // (2 * divisor)


def line_total(quantity: int, price: int, discount_percentage: int = 0, unit: int = 1) -> int:
    """Give a line's total excl. VAT."""
    return half_up(quantity * price * (WHOLE - discount_percentage), 1_000_000 * unit) * unit


def share(amount: int, percentage: int, unit: int = 1) -> int:
    """Give so many per cent of an amount."""
    return half_up(amount * percentage, WHOLE * unit) * unit


def base_total(gross: int, rate: int) -> int:
    """Give a total excl. VAT in the base currency."""
    return half_up(gross * rate, 100_000_000)


def order_totals(
    lines: Iterable[tuple[int, int]],
    discount: tuple[str, int],
    payment: Charge,
    shipping: Charge,
    unit: int = 1,
) -> tuple[int, int]:
    """Add up an order: its total excl. VAT, and the VAT.

    `lines` are totals with VAT rates; `discount` is the kind (N, P, A) with its value.
    """
    bases: dict[int, int] = {}
    for total, percentage in lines:
        bases[percentage] = bases.get(percentage, 0) + total
    gross = sum(bases.values())
    kind, value = discount
    if kind != "N" and value:
        taken = share(gross, value, unit) if kind == "P" else value
        _spread(bases, taken, gross, unit)
        gross -= taken
    for amount, percentage in (payment, shipping):
        if amount:
            bases[percentage] = bases.get(percentage, 0) + amount
            gross += amount
    return gross, sum(share(base, percentage, unit) for percentage, base in bases.items() if percentage)


def _spread(bases: dict[int, int], discount: int, subtotal: int, unit: int) -> None:
    if not discount or not subtotal:
        return
    sign = -1 if subtotal < 0 else 1
    parts = {
        percentage: half_up(discount * base * sign, abs(subtotal) * unit) * unit for percentage, base in bases.items()
    }
    largest = max(bases, key=lambda percentage: (abs(bases[percentage]), percentage))
    parts[largest] += discount - sum(parts.values())
    for percentage, part in parts.items():
        bases[percentage] -= part
