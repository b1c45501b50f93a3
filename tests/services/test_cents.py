"""Whole cents give what the money rules give."""

from decimal import Decimal

from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples

from services import cents, pricing

QUANTITIES = integers(-100_000, 100_000).filter(bool)
PRICES = integers(0, 10**10)
AMOUNTS = integers(-(10**9), 10**9)
PERCENTAGES = integers(0, 10_000)
UNITS = sampled_from([1, 100])
RATES = sampled_from([0, 600, 900, 2_100, 2_550])


def money(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


@given(QUANTITIES, PRICES, PERCENTAGES, UNITS)
def test_a_line_is_rounded_alike(quantity: int, price: int, discount: int, unit: int) -> None:
    expected = pricing.line_total(quantity, Decimal(price).scaleb(-4), money(discount), money(unit).normalize())
    assert money(cents.line_total(quantity, price, discount, unit)) == expected


@given(
    lists(tuples(AMOUNTS, RATES), max_size=8),
    tuples(sampled_from("NPA"), integers(0, 10_000)),
    tuples(AMOUNTS, RATES),
    tuples(AMOUNTS, RATES),
    UNITS,
)
def test_an_order_adds_up_alike(
    lines: list[tuple[int, int]],
    discount: tuple[str, int],
    payment: tuple[int, int],
    shipping: tuple[int, int],
    unit: int,
) -> None:
    kind, value = discount
    subtotal = money(sum(total for total, _rate in lines))
    expected = pricing.order_totals(
        [pricing.PricedLine(money(total), money(rate)) for total, rate in lines],
        pricing.discount_amount(kind, money(value), subtotal, money(unit).normalize()),
        pricing.Cost(money(payment[0]), money(payment[1])),
        pricing.Cost(money(shipping[0]), money(shipping[1])),
        money(unit).normalize(),
    )
    gross, tax = cents.order_totals(lines, discount, cents.Charge(*payment), cents.Charge(*shipping), unit)
    assert (money(gross), money(tax)) == (expected.gross, expected.tax)


@given(AMOUNTS, integers(1, 10**12))
def test_the_base_currency_is_rounded_alike(gross: int, rate: int) -> None:
    assert money(cents.base_total(gross, rate)) == pricing.base_total(money(gross), Decimal(rate).scaleb(-8))


def test_a_currency_without_decimals_has_whole_amounts() -> None:
    assert cents.line_total(3, 335_000, unit=100) == 10_100
    assert cents.order_totals([(10_100, 900)], ("P", 500), cents.Charge(0, 0), cents.Charge(50_000, 900), unit=100) == (
        59_600,
        5_400,
    )
