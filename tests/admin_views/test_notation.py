"""Numbers and days in the languages of the pages, written and read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from admin_views.notation import LANGUAGES, language, notation_of, said
from admin_views.values import Unreadable, read_amount
from services.errors import Refused

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
    assert notation.day(date(2026, 3, 1)) == day
    moment = datetime(2026, 2, 28, 23, 5, tzinfo=UTC)
    assert notation.moment(moment, ZoneInfo("Europe/Amsterdam")) == f"{day} 00:05"


@given(code=some.sampled_from(LANGUAGES), number=some.decimals(-(10**9), 10**9, places=4))
def test_what_is_written_is_read_again(code: str, number: Decimal) -> None:
    notation = notation_of(code)
    assert notation.read(notation.decimal(number)) == number


def test_a_number_is_read_in_the_persons_language_or_else_in_english(app: Flask) -> None:
    for code, text, number in (
        ("en", "1,250.50", "1250.50"),
        ("en", "1250.5", "1250.5"),
        ("nl", "1.250,50", "1250.50"),
        ("nl", "1250,5", "1250.5"),
        ("nl", "1.250", "1250"),
        ("nl", "1,250.50", "1250.50"),
        ("nl", "1250.50", "1250.50"),
        ("de", "−3,5", "-3.5"),
    ):
        with app.test_request_context("/", headers={"Accept-Language": code}):
            assert read_amount(text) == Decimal(number), (code, text)


def test_what_is_no_number_is_told_in_the_persons_notation(app: Flask, subtests: pytest.Subtests) -> None:
    for code, text, told in (
        ("en", "12,50", "1,250.50 or 1250.50"),
        ("nl", "12.50.1", "1.250,50"),
        ("en", "1.250", "more than 2 decimals"),
        ("de", "NaN", "1.250,50"),
        ("en", "", "1,250.50"),
    ):
        with (
            subtests.test(code=code, text=text),
            app.test_request_context("/", headers={"Accept-Language": code}),
            pytest.raises(Unreadable, match=told),
        ):
            read_amount(text)


def test_a_stranger_reads_what_the_browser_takes(app: Flask) -> None:
    taken = {"": "en", "fr": "en", "de-CH,de;q=0.9,en;q=0.5": "de", "fr,nl;q=0.3": "nl", "*": "en"}
    found = {}
    for header in taken:
        with app.test_request_context("/", headers={"Accept-Language": header} if header else {}):
            found[header] = language()
    assert found == taken


def test_a_refusal_has_its_numbers_as_the_person_writes_them(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert said(Refused("%(most)s and %(name)s", most=1_234, name="1234")) == "1.234 and 1234"
        assert said(Refused("%(most)d", most=1_234)) == "1234"
        assert said(Refused("50 %/x")) == "50 %/x"


def test_a_refusal_writes_its_numbers_as_the_person_does(app: Flask) -> None:
    refused = Refused("%(currency)s has no amounts smaller than %(unit)s.", currency="EUR", unit=Decimal("0.01"))
    whole = Refused("%(currency)s has no amounts smaller than %(unit)s.", currency="JPY", unit=Decimal(1))
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        assert "0,01" in said(refused)
        assert "1" in said(whole)
        assert "," not in said(whole)
