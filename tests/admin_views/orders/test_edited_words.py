"""What was edited of an order, as a person reads it."""

import pytest
from flask import Flask

from admin_views.orders.edited_words import CODES, edited_line, edited_value


def test_numbers_of_the_history_are_written_as_the_person_writes_them(app: Flask) -> None:
    line = "W 2 × 0.75: 2 × 1250.00 − 7.5 % + 9.5 % L [PRICE_LIST 12.125]"
    for language, rate, day, told in (
        (
            "en",
            "1.17",
            "1 Mar 2026",
            "Line added: W 2 × 0.75: 2 × 1,250.00 − 7.5 % VAT 9.5 % (price list, list 12.125)",
        ),
        (
            "de",
            "1,17",
            "1. März 2026",
            "Position hinzugefügt: W 2 × 0.75: 2 × 1.250,00 − 7,5 % MwSt. 9,5 % (Preisliste, Katalog 12,125)",
        ),
    ):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert edited_value("currency_rate", "1.1700") == rate
            assert edited_value("requested_on", "2026-03-01") == day
            assert edited_value("requested_on", "soon") == "soon"
            assert edited_line("", line) == told


def test_what_only_looks_like_a_code_stays_as_it_is(app: Flask) -> None:
    with app.test_request_context():
        assert edited_line("", "A + 1..2 % X [LIST 1.]") == "Line added: A + 1..2 % X [LIST 1.]"


@pytest.mark.parametrize("language", ["en", "nl", "de"])
def test_a_value_of_the_history_is_no_sentence(app: Flask, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        told = [edited_value(field, code) for field, words in CODES.items() for code in words]
    assert [words for words in told if words.endswith(".")] == []
