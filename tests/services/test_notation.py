"""Numbers and days in the languages of the product, written and read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.mail import MailLanguage
from services.notation import LANGUAGES, notation_of

NUMBER = Decimal("-1234567.8950")


@pytest.mark.parametrize(
    ("code", "amount", "decimal", "percentage", "whole", "day"),
    [
        ("en", "−1,234,567.90", "−1,234,567.895", "5.5 %", "44,913", "1 Mar 2026"),
        ("nl", "−1.234.567,90", "−1.234.567,895", "5,5 %", "44.913", "1 mrt 2026"),
        ("de", "−1.234.567,90", "−1.234.567,895", "5,5 %", "44.913", "1. März 2026"),
    ],
)
def test_each_language_has_its_signs(
    code: str, amount: str, decimal: str, percentage: str, whole: str, day: str
) -> None:
    notation = notation_of(code)
    assert (notation.amount(NUMBER), notation.decimal(NUMBER)) == (amount, decimal)
    assert (notation.percentage(Decimal("5.50")), notation.whole(44913)) == (percentage, whole)
    assert notation.number(Decimal("1234.50")) == f"1234{notation.point}50"
    assert notation.day(date(2026, 3, 1)) == day
    moment = datetime(2026, 2, 28, 23, 5, tzinfo=UTC)
    assert notation.moment(moment, ZoneInfo("Europe/Amsterdam")) == f"{day} 00:05"


def test_there_are_mails_in_every_language_of_the_product() -> None:
    assert tuple(MailLanguage) == LANGUAGES


@given(code=some.sampled_from(LANGUAGES), number=some.decimals(-(10**9), 10**9, places=4))
def test_what_is_written_is_read_again(code: str, number: Decimal) -> None:
    notation = notation_of(code)
    assert notation.read(notation.decimal(number)) == number
