"""What an order comes to, reckoned a second time: from the decisions about money alone, in whole numbers and fractions.

It knows nothing of the product's own rules, so that the two can be held against each other. Amounts are fractions of
the currency; `smallest` is its smallest amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

PRICE_STEP = Fraction(1, 10_000)
RATES = {
    "NL": {"H": Fraction(21), "L": Fraction(9), "N": Fraction(0)},
    "DE": {"H": Fraction(19), "L": Fraction(7), "N": Fraction(0)},
}
GERMAN_NUMBER, DUTCH_NUMBER = "DE123456789", "NL123456789B01"


@dataclass(frozen=True)
class ModelLine:
    """A line: a product's list price, agreed prices from quantities on, and what somebody typed."""

    quantity: int
    list_price: Fraction
    breaks: Sequence[tuple[int, Fraction]]
    tax_code: str
    typed_price: Fraction | None = None
    typed_discount: Fraction | None = None


@dataclass(frozen=True)
class ModelCosts:
    """Costs in the base currency, from which subtotal on they are nothing, and what somebody typed."""

    amount: Fraction
    tax_code: str
    free_from: Fraction | None = None
    typed: Fraction | None = None


@dataclass(frozen=True)
class ModelOrder:
    """An order of a Dutch seller. One unit of its currency is worth `rate` of the base currency."""

    smallest: Fraction
    rate: Fraction
    company_discount: Fraction
    country: str
    is_company: bool
    tax_number: str
    lines: Sequence[ModelLine]
    discount_kind: str
    discount_value: Fraction
    shipping: ModelCosts
    payment: ModelCosts


@dataclass(frozen=True)
class ModelSums:
    """What it comes to; `taxes` are base and amount of each rate above zero."""

    prices: Sequence[tuple[Fraction, Fraction, str]]
    totals: Sequence[Fraction]
    subtotal: Fraction
    discount: Fraction
    shipping: Fraction
    payment: Fraction
    taxes: dict[Fraction, tuple[Fraction, Fraction]]
    gross: Fraction
    tax: Fraction
    net: Fraction
    rule: str


def half_up(amount: Fraction, step: Fraction) -> Fraction:
    """Round to steps, halves away from zero."""
    steps = abs(amount) / step
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    return whole * step if amount >= 0 else -whole * step


def vat_rule(order: ModelOrder) -> tuple[str, str]:
    """Say the rule and whose rates count."""
    if order.country in ("", "NL"):
        return "DOMESTIC", "NL"
    if order.country != "DE":
        return "EXPORT", ""
    if order.is_company and order.tax_number == GERMAN_NUMBER:
        return "REVERSE_CHARGE", ""
    return "DOMESTIC", "DE"


def unit_price(line: ModelLine, order: ModelOrder) -> tuple[Fraction, Fraction, str]:
    """Find what one unit costs before its discount, the discount in per cent, and where both come from."""
    if line.typed_price is not None:
        return line.typed_price, line.typed_discount or Fraction(0), "MANUAL"
    in_currency = half_up(line.list_price / order.rate, PRICE_STEP)
    found = [(in_currency, Fraction(0), "LIST")]
    if order.company_discount > 0:
        found.insert(0, (in_currency, order.company_discount, "COMPANY_DISCOUNT"))
    reached = [(from_quantity, price) for from_quantity, price in line.breaks if from_quantity <= line.quantity]
    if reached:
        found.insert(0, (max(reached)[1], Fraction(0), "PRICE_LIST"))
    lowest = min(price * (100 - discount) for price, discount, _origin in found)
    best = next(each for each in found if each[0] * (100 - each[1]) == lowest)
    return best if line.typed_discount is None else (best[0], line.typed_discount, "MANUAL")


def costs(wanted: ModelCosts, subtotal: Fraction, order: ModelOrder) -> Fraction:
    """Find what shipping or payment costs."""
    if wanted.typed is not None:
        return wanted.typed
    if wanted.free_from is not None and half_up(subtotal * order.rate, Fraction(1, 100)) >= wanted.free_from:
        return Fraction(0)
    return half_up(wanted.amount / order.rate, order.smallest)


def come_to(order: ModelOrder) -> ModelSums:
    """Add it all up."""
    rule, country = vat_rule(order)

    def rate_of(code: str) -> Fraction:
        return RATES[country][code] if rule == "DOMESTIC" else Fraction(0)

    prices = [unit_price(line, order) for line in order.lines]
    totals = [
        half_up(line.quantity * price * (100 - discount) / 100, order.smallest)
        for line, (price, discount, _origin) in zip(order.lines, prices, strict=True)
    ]
    rates = [rate_of(line.tax_code) for line in order.lines]
    bases = {
        rate: sum((t for t, r in zip(totals, rates, strict=True) if r == rate), Fraction(0)) for rate in set(rates)
    }
    subtotal = sum(totals, Fraction(0))
    discount = {
        "N": Fraction(0),
        "P": half_up(subtotal * order.discount_value / 100, order.smallest),
        "A": order.discount_value,
    }[order.discount_kind]
    if subtotal:
        shares = {rate: half_up(discount * base / subtotal, order.smallest) for rate, base in bases.items()}
        largest = max(bases, key=lambda rate: (abs(bases[rate]), rate))
        shares[largest] += discount - sum(shares.values())
        bases = {rate: base - shares[rate] for rate, base in bases.items()}
    shipping, payment = (costs(each, subtotal, order) for each in (order.shipping, order.payment))
    for amount, code in ((shipping, order.shipping.tax_code), (payment, order.payment.tax_code)):
        if amount:
            bases[rate_of(code)] = bases.get(rate_of(code), Fraction(0)) + amount
    taxes = {rate: (base, half_up(base * rate / 100, order.smallest)) for rate, base in bases.items() if rate and base}
    gross = subtotal - discount + shipping + payment
    tax = sum((amount for _base, amount in taxes.values()), Fraction(0))
    return ModelSums(prices, totals, subtotal, discount, shipping, payment, taxes, gross, tax, gross + tax, rule)
