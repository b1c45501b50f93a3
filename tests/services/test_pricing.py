"""The money rules, without a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import cents
from services.pricing import (
    Break,
    Cost,
    Margin,
    Offer,
    PricedLine,
    Tax,
    base_total,
    best_offer,
    discount_amount,
    discounted,
    exchanged,
    line_total,
    margin,
    order_totals,
    rounded,
    with_tax,
)

NOTHING = Cost(Decimal(0), Decimal(0))
RATES = st.sampled_from([Decimal(0), Decimal(6), Decimal("9.50"), Decimal(21)])
AMOUNTS = st.decimals(-100_000, 100_000, places=2)
LINES = st.lists(st.builds(PricedLine, AMOUNTS, RATES), max_size=6)
COSTS = st.builds(Cost, st.decimals(0, 1000, places=2), RATES)


def line(total: str, percentage: int) -> PricedLine:
    """Give a line of so much at this rate."""
    return PricedLine(Decimal(total), Decimal(percentage))


def tax(percentage: int, base: str, amount: str) -> Tax:
    """Give the VAT of a rate."""
    return Tax(Decimal(percentage), Decimal(base), Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("2.675", "2.68"), ("-2.674", "-2.67"), ("7", "7.00")],
)
def test_halves_are_rounded_away_from_zero(amount: str, expected: str) -> None:
    assert rounded(Decimal(amount)) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "expected"),
    [
        (3, "0.3333", "0", "1.00"),
        (1, "0.0050", "0", "0.01"),
        (-1, "0.0050", "0", "-0.01"),
        (7, "19.99", "12.50", "122.44"),
        (2, "10", "100", "0.00"),
        (1_000_000, "99999.9999", "0", "99999999900.00"),
    ],
)
def test_a_line_is_rounded_once(quantity: int, price: str, discount: str, expected: str) -> None:
    assert line_total(quantity, Decimal(price), Decimal(discount)) == Decimal(expected)


def test_vat_is_taken_per_rate_on_the_sum_of_its_lines() -> None:
    sums = order_totals([*[line("0.33", 21)] * 3, line("10", 6), line("5", 0)], Decimal(0), NOTHING, NOTHING)
    assert sums.taxes == (tax(21, "0.99", "0.21"), tax(6, "10", "0.60"))
    assert (sums.gross, sums.tax, sums.net) == (Decimal("15.99"), Decimal("0.81"), Decimal("16.80"))


def test_an_order_discount_lowers_each_rate_in_proportion_and_the_largest_takes_the_rest() -> None:
    sums = order_totals([line("10", 21), line("10", 6), line("10.01", 5)], Decimal(10), NOTHING, NOTHING)
    assert [each.base for each in sums.taxes] == [Decimal("6.67"), Decimal("6.67"), Decimal("6.67")]
    sums = order_totals([line("10", 21), line("10", 6), line("10", 5)], Decimal(10), NOTHING, NOTHING)
    assert [each.base for each in sums.taxes] == [Decimal("6.66"), Decimal("6.67"), Decimal("6.67")]
    turned = order_totals([line("10", 5), line("10", 6), line("10", 21)], Decimal(10), NOTHING, NOTHING)
    assert turned == sums


def test_costs_stand_outside_the_discount_with_their_own_rate() -> None:
    payment, shipping = Cost(Decimal(1), Decimal(0)), Cost(Decimal(10), Decimal(6))
    sums = order_totals([line("100", 21)], Decimal(50), payment, shipping)
    assert sums.taxes == (tax(21, "50", "10.50"), tax(6, "10", "0.60"))
    assert (sums.gross, sums.net) == (Decimal(61), Decimal("72.10"))


def test_an_order_of_nothing_costs_nothing() -> None:
    sums = order_totals([], Decimal(0), NOTHING, NOTHING)
    assert (sums.gross, sums.tax, sums.net, sums.taxes) == (Decimal(0), Decimal(0), Decimal(0), ())


def test_a_discount_on_lines_that_cancel_out_is_taken_off_all_the_same() -> None:
    lines = [line("10", 21), line("-10", 6)]
    assert order_totals(lines, Decimal(1), NOTHING, NOTHING).gross == Decimal(-1)


@pytest.mark.parametrize(
    ("kind", "value", "expected"), [("N", "9", "0"), ("P", "12.50", "12.51"), ("A", "12.50", "12.50")]
)
def test_an_order_discount_is_none_a_percentage_or_an_amount(kind: str, value: str, expected: str) -> None:
    assert discount_amount(kind, Decimal(value), Decimal("100.04")) == Decimal(expected)


def test_the_amount_with_vat_and_in_the_base_currency() -> None:
    assert with_tax(Decimal("0.50"), Decimal(21)) == Decimal("0.61")
    assert with_tax(Decimal("-0.50"), Decimal(21)) == Decimal("-0.61")
    assert base_total(Decimal("10.00"), Decimal("0.08975500")) == Decimal("0.90")


def test_the_lowest_offer_wins_and_equal_ones_are_told_as_agreed() -> None:
    ten, breaks = Decimal(10), [Break(1, Decimal("9.5")), Break(10, Decimal(8))]
    assert best_offer(1, None, Decimal(5)) is None
    assert best_offer(1, ten, Decimal(0)) == Offer(ten, Decimal(0), "LIST")
    assert best_offer(1, ten, Decimal(5), breaks) == Offer(Decimal("9.5"), Decimal(0), "PRICE_LIST")
    assert best_offer(9, ten, Decimal(6), breaks) == Offer(ten, Decimal(6), "COMPANY_DISCOUNT")
    assert best_offer(-10, ten, Decimal(6), breaks) == Offer(Decimal(8), Decimal(0), "PRICE_LIST")
    assert best_offer(1, None, Decimal(0), breaks[1:]) is None


def test_an_amount_of_the_base_currency_is_exchanged_and_rounded_once() -> None:
    assert exchanged(Decimal(10), Decimal("0.93")) == Decimal("10.7527")
    assert exchanged(Decimal("0.00005"), Decimal(1)) == Decimal("0.0001")
    assert exchanged(Decimal("899999999999.9999"), Decimal("0.00000001")) == Decimal(89999999999999990000)
    assert exchanged(Decimal("6.95"), Decimal("0.006"), Decimal(1)) == 1158
    assert discounted(Decimal("9.99"), Decimal("12.5")) == Decimal("8.7413")


def test_a_margin_is_of_the_revenue() -> None:
    assert margin(Decimal(10), Decimal(6)) == Margin(Decimal(4), Decimal(40))
    assert margin(Decimal(3), Decimal(4)) == Margin(Decimal(-1), Decimal("-33.33"))
    assert margin(Decimal(-10), Decimal(-6)) == Margin(Decimal(-4), Decimal(40))
    assert margin(Decimal(0), Decimal(6)) == Margin(Decimal(-6), None)


def test_a_rate_of_nothing_but_a_bonus_is_no_vat() -> None:
    sums = order_totals([line("10", 21), line("0", 9)], Decimal(0), NOTHING, NOTHING)
    assert sums.taxes == (tax(21, "10", "2.10"),)


@given(LINES, st.sampled_from(["N", "P", "A"]), st.decimals(0, 100, places=2), COSTS, COSTS)
def test_the_totals_are_the_sum_of_what_is_shown(
    lines: list[PricedLine], kind: str, value: Decimal, payment: Cost, shipping: Cost
) -> None:
    subtotal = sum((each.total for each in lines), Decimal(0))
    discount = discount_amount(kind, value, subtotal)
    sums = order_totals(lines, discount, payment, shipping)
    assert sums.gross == subtotal - discount + payment.amount + shipping.amount
    assert sums.tax == sum(each.amount for each in sums.taxes)
    assert sums.net == sums.gross + sums.tax
    if subtotal and all(each.tax_percentage for each in lines) and payment.tax_percentage and shipping.tax_percentage:
        assert sum(each.base for each in sums.taxes) == sums.gross


@given(LINES, st.sampled_from(["N", "P", "A"]), st.decimals(0, 100, places=2), COSTS, COSTS)
def test_the_same_rules_on_whole_numbers_give_the_same(
    lines: list[PricedLine], kind: str, value: Decimal, payment: Cost, shipping: Cost
) -> None:
    subtotal = sum((each.total for each in lines), Decimal(0))
    sums = order_totals(lines, discount_amount(kind, value, subtotal), payment, shipping)
    assert cents.order_totals(
        [(_cents(each.total), _cents(each.tax_percentage)) for each in lines],
        (kind, _cents(value)),
        cents.Charge(_cents(payment.amount), _cents(payment.tax_percentage)),
        cents.Charge(_cents(shipping.amount), _cents(shipping.tax_percentage)),
    ) == (_cents(sums.gross), _cents(sums.tax))


@given(st.integers(-10_000, 10_000), st.decimals(0, 100_000, places=4), st.decimals(0, 100, places=2))
def test_lines_on_whole_numbers_are_the_same(quantity: int, price: Decimal, discount: Decimal) -> None:
    total = cents.line_total(quantity, int(price.scaleb(4)), _cents(discount))
    assert total == _cents(line_total(quantity, price, discount))


def _cents(value: Decimal) -> int:
    return int(value.scaleb(2))
