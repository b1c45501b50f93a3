"""Numbers in the language of a person, and what is said of them."""

from decimal import Decimal

import pytest
from flask import Flask

from admin_views.notation import language, said
from admin_views.values import Unreadable, read_amount
from services.errors import Refused


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
