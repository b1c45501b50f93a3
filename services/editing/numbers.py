"""The numbers of a form in another language than the one that they were written in. Pure."""

from dataclasses import replace
from typing import Any

from services.editing.typed import Typed, TypedLine
from services.errors import Refused
from services.notation import LANGUAGES, Notation, notation_of
from services.typed_values import read_amount

DECIMALS = {"currency_rate": 8, "discount_value": 2, "shipping_costs": 2, "payment_costs": 2}
LINE_DECIMALS = {"price": 4, "discount": 2}
"""The numbers that a language writes in its own way, and their decimals. Those that are whole are plain digits."""


def in_language(typed: Typed, language: str) -> Typed:
    """Write the numbers of a form as a language writes them; what is no number stays as it was typed."""
    if typed.numbers == language or typed.numbers not in LANGUAGES:
        return replace(typed, numbers=language)
    was, now = notation_of(typed.numbers), notation_of(language)
    lines = tuple(line_in(line, was, now) for line in typed.lines)
    texts: dict[str, Any] = {name: _written(getattr(typed, name), most, was, now) for name, most in DECIMALS.items()}
    return replace(typed, numbers=language, lines=lines, **texts)


def line_in(line: TypedLine, was: Notation, now: Notation) -> TypedLine:
    """Write the numbers of a line as another language writes them."""
    texts: dict[str, Any] = {
        name: _written(getattr(line, name), most, was, now) for name, most in LINE_DECIMALS.items()
    }
    return replace(line, **texts)


def _written(text: str, decimals: int, was: Notation, now: Notation) -> str:
    try:
        number = read_amount(text.strip(), decimals, was)
    except Refused:
        return text
    return f"{number:f}".replace(".", now.point)
