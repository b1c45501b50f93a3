"""The numbers of a form in another language."""

from dataclasses import replace

import pytest

from services.editing.numbers import in_language
from services.editing.typed import Typed, TypedLine

LINE = TypedLine("n1", quantity="12", price="1,250", is_price_typed=True, discount="2,5", shown="1.2500")
FORM = Typed(
    "0" * 32, lines=(LINE,), numbers="nl", currency_rate="0,91234567", shipping_costs="1.250,00", remarks="1,5"
)


def test_numbers_are_written_as_the_other_language_does() -> None:
    english = in_language(FORM, "en")
    assert english.lines == (replace(LINE, price="1.250", discount="2.5"),)
    assert (english.currency_rate, english.shipping_costs, english.remarks) == ("0.91234567", "1250.00", "1,5")
    assert in_language(english, "nl") == replace(FORM, shipping_costs="1250,00")
    assert in_language(FORM, "nl") == FORM


@pytest.mark.parametrize("typed", ["", "two", "1,2,3", "٣", "1e9", "NaN"])
def test_what_is_no_number_stays_as_it_was_typed(typed: str) -> None:
    form = replace(FORM, payment_costs=typed, lines=(replace(LINE, price=typed),))
    english = in_language(form, "en")
    assert (english.payment_costs, english.lines[0].price) == (typed, typed)


def test_a_form_that_does_not_say_its_language_stays_as_it_is() -> None:
    for numbers in ("", "xx", "\0"):
        assert in_language(replace(FORM, numbers=numbers), "en") == replace(FORM, numbers="en")
