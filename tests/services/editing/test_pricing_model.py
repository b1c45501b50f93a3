"""Generated orders: the product and an independent model come to the same, to the cent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis.strategies import binary

from models.order import ArticleText
from models.party import AddressText
from services.editing.offers import Article, Charge, Customer, Offers
from services.editing.priced import Priced, reckon
from services.editing.typed import Typed
from services.editing.wanted import Wanted, WantedLine, read
from services.pricing import Break
from services.taxes import Rates
from tests.services.editing.pricing_model import (
    DUTCH_NUMBER,
    GERMAN_NUMBER,
    RATES,
    ModelCosts,
    ModelLine,
    ModelOrder,
    come_to,
)

EXAMPLES = 100_000 if settings.get_current_profile_name() == "soak" else 5_000
DAY = date(2026, 3, 31)
CODES = ("H", "L", "N")
CURRENCIES = (("EUR", 100), ("USD", 100), ("JPY", 1))
BLANK: Wanted = read(Typed("0" * 32), "en")[0]
TABLE = {
    code: Rates({("" if country == "NL" else country): [(date(2000, 1, 1), Decimal(int(RATES[country][code])))]
                 for country in RATES})
    for code in CODES
}  # fmt: skip


class Numbers:
    """Numbers out of bytes, small ones where the bytes end, so that what fails shrinks."""

    def __init__(self, given_bytes: bytes) -> None:
        self._bytes = iter(given_bytes)

    def below(self, limit: int, size: int = 1) -> int:
        """Give a number below a limit, out of so many bytes."""
        number = 0
        for _ in range(size):
            number = number * 256 + next(self._bytes, 0)
        return number % limit

    def price(self) -> Fraction:
        """Give a unit price: often one whose half cents matter."""
        number = self.below(2_000_000, 3)
        return Fraction(number - number % (50, 1, 100, 10_000)[self.below(4)], 10_000)

    def maybe(self, make: Callable[[], Fraction]) -> Fraction | None:
        """Give something in one of four cases."""
        return make() if self.below(4) == 3 else None

    def percentage(self) -> Fraction:
        """Give a percentage from 0 to 100."""
        return Fraction((0, 500, 1_000, 10_000, 333, 1_250, 9_999, self.below(10_001, 2))[self.below(8)], 100)


def generated(given_bytes: bytes) -> tuple[ModelOrder, str]:
    """Make an order out of bytes, with its currency; a discount in money is at most the subtotal."""
    numbers = Numbers(given_bytes)
    currency, parts = CURRENCIES[numbers.below(3)]
    smallest = Fraction(1, parts)
    rates = (93_000_000, 600_000, 8_975_500, 1 + numbers.below(300_000_000, 4))
    order = ModelOrder(
        smallest=smallest,
        rate=Fraction(1) if currency == "EUR" else Fraction(rates[numbers.below(4)], 10**8),
        company_discount=numbers.percentage() if numbers.below(2) else Fraction(0),
        country=("", "NL", "DE", "US")[numbers.below(4)],
        is_company=numbers.below(2) == 0,
        tax_number=("", GERMAN_NUMBER, DUTCH_NUMBER)[numbers.below(3)],
        lines=[_line(numbers) for _ in range(1 + numbers.below(4))],
        discount_kind="N",
        discount_value=Fraction(0),
        shipping=_costs(numbers, smallest),
        payment=_costs(numbers, smallest),
    )
    kind = "NPA"[numbers.below(3)]
    value = numbers.percentage()
    if kind == "A":
        value = numbers.below(int(come_to(order).subtotal / smallest) + 1, 5) * smallest
    return replace(order, discount_kind=kind, discount_value=value), currency


def _line(numbers: Numbers) -> ModelLine:
    quantities = (1, 2, 3, 7, 1 + numbers.below(2_000, 2))
    list_price = numbers.price()
    agreed = sorted({1 + numbers.below(10): numbers.price() for _ in range(numbers.below(3))}.items())
    return ModelLine(
        quantity=quantities[numbers.below(5)],
        list_price=list_price,
        breaks=agreed,
        tax_code=CODES[numbers.below(3)],
        typed_price=numbers.maybe(numbers.price),
        typed_discount=numbers.maybe(numbers.percentage),
    )


def _costs(numbers: Numbers, smallest: Fraction) -> ModelCosts:
    return ModelCosts(
        amount=Fraction(numbers.below(3_000, 2), 100),
        tax_code=CODES[numbers.below(3)],
        free_from=numbers.maybe(lambda: Fraction(numbers.below(100_000, 3), 100)),
        typed=numbers.maybe(lambda: numbers.below(3_000, 2) * smallest),
    )


def reckoned(order: ModelOrder, currency: str) -> Priced:
    """Let the product reckon the order."""
    lines = [_wanted(number, line) for number, line in enumerate(order.lines, start=1)]
    wanted = replace(
        BLANK,
        company_id=1 if order.is_company else None,
        user_id=None if order.is_company else 2,
        tax_number=order.tax_number,
        delivery=AddressText(country=order.country),
        currency=currency,
        currency_rate=number_of(order.rate, 8),
        lines=tuple(lines),
        carrier="DHL",
        payment_method="iDEAL",
        shipping_costs=_typed(order.shipping.typed, 2),
        payment_costs=_typed(order.payment.typed, 2),
        discount_type=order.discount_kind,
        discount_value=number_of(order.discount_value, 2),
    )
    offers = Offers(
        base_currency="EUR",
        day=DAY,
        seller_country="NL",
        customer=Customer(discount_percentage=number_of(order.company_discount, 2)),
        articles={number: _article(line) for number, line in enumerate(order.lines, start=1)},
        breaks={
            number: [Break(count, number_of(price, 4)) for count, price in line.breaks]
            for number, line in enumerate(order.lines, start=1)
        },
        rates=TABLE,
        carriers={"DHL": _charge(order.shipping)},
        methods={"iDEAL": _charge(order.payment)},
    )
    priced, faults = reckon(wanted, offers)
    assert not faults
    return priced


def _wanted(number: int, line: ModelLine) -> WantedLine:
    return WantedLine(
        key=f"n{number}",
        line_id=None,
        product_id=number,
        parent="",
        line_class="product",
        is_bonus=False,
        incentive_id=None,
        sku="",
        name="",
        notes="",
        quantity=line.quantity,
        price=_typed(line.typed_price, 4),
        discount=_typed(line.typed_discount, 2),
        shown=None,
    )


def _article(line: ModelLine) -> Article:
    return Article(ArticleText("A", "A"), number_of(line.list_price, 4), None, line.tax_code, 1, 1, is_active=True)


def _charge(costs: ModelCosts) -> Charge:
    return Charge(number_of(costs.amount, 2), costs.tax_code, _typed(costs.free_from, 2), "DELIVERY")


def _typed(value: Fraction | None, decimals: int) -> Decimal | None:
    return None if value is None else number_of(value, decimals)


def number_of(value: Fraction, decimals: int) -> Decimal:
    """Write a fraction that has so many decimals as a decimal number."""
    scaled = value * 10**decimals
    assert scaled.denominator == 1
    return Decimal(scaled.numerator).scaleb(-decimals)


@settings(max_examples=EXAMPLES)
@given(binary(min_size=160, max_size=160))
def test_the_product_and_the_model_come_to_the_same(given_bytes: bytes) -> None:
    order, currency = generated(given_bytes)
    priced = reckoned(order, currency)
    found, model = priced.totals, _alike(come_to(order))
    assert [(line.price, line.discount_percentage, line.origin) for line in priced.lines] == [*model.prices]
    assert [line.total for line in priced.lines] == model.totals
    assert (found.subtotal, found.discount) == (model.subtotal, model.discount)
    assert (found.shipping_costs, found.payment_costs) == (model.shipping, model.payment)
    assert {tax.percentage: (tax.base, tax.amount) for tax in found.taxes} == model.taxes
    assert (found.gross, found.tax, found.net, priced.vat_rule) == (model.gross, model.tax, model.net, model.rule)
    assert found.tax == sum(tax.amount for tax in found.taxes)
    assert min(found.discounted, found.gross, found.net) >= 0


@settings(max_examples=EXAMPLES // 10)
@given(binary(min_size=160, max_size=160))
def test_the_sequence_of_lines_does_not_matter(given_bytes: bytes) -> None:
    order, currency = generated(given_bytes)
    turned = reckoned(replace(order, lines=order.lines[::-1]), currency)
    assert turned.totals == reckoned(order, currency).totals


def _alike(model: Any) -> Any:
    """Fractions and decimal numbers that are equal compare so; only their types do not."""
    return model
