"""Numbers, days and moments in the language of the person of a request, and why something was refused."""

from decimal import Decimal

from flask import g, has_request_context, request
from flask_babel import gettext

from services.editing.wanted import Fault
from services.errors import Refused
from services.notation import LANGUAGES, Notation, notation_of


def language() -> str:
    """Give the language of this request: the one that the person chose, or else the best that the browser takes."""
    if not has_request_context():
        return LANGUAGES[0]
    spoken: str | None = g.get("language")
    if spoken not in LANGUAGES:
        spoken = g.language = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    return spoken


def notation() -> Notation:
    """Give the notation of the person of this request."""
    return notation_of(language())


def said(refused: Refused | Fault) -> str:
    """Say why something was refused or is at fault; a number that the sentence takes as a text is written as by hand.

    An amount of money has its decimals; another number only those that it needs.
    """
    values = dict(refused.values)
    for name, value in values.items():
        if isinstance(value, int) and f"%({name})s" in refused.sentence:
            values[name] = notation().whole(value)
        elif isinstance(value, Decimal):
            is_whole = value.as_tuple().exponent == 0
            values[name] = notation().whole(int(value)) if is_whole else notation().decimal(value)
    return gettext(refused.sentence, **values)
