"""Texts of the trade that have a form of their own, each a question about one text. Pure."""

import re
from urllib.parse import urlsplit

from babel.numbers import get_currency_precision, is_currency

MOST_DECIMALS = 2


def is_email(text: str) -> bool:
    """Say whether it is an e-mail address: something, an @ sign, and a name with a dot in it."""
    return len(text) <= 255 and text.isprintable() and bool(re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", text))


def is_gtin(text: str) -> bool:
    """Say whether it is a GTIN (EAN-8, UPC, EAN-13, GTIN-14): its last digit follows from the others (GS1)."""
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", text):
        return False
    *digits, check = map(int, text)
    weighted = sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return (weighted + check) % 10 == 0


def is_iban(text: str) -> bool:
    """Say whether it is an IBAN without spaces: its remainder by 97 is 1 (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def is_bic(text: str) -> bool:
    """Say whether it has the form of a BIC (ISO 9362)."""
    return bool(re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", text))


def is_web_address(text: str) -> bool:
    """Say whether it is the address of a page: http or https, a host, nothing that a browser would read otherwise."""
    if not re.fullmatch(r"https?://[^\s<>\"'\\]+", text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def is_usable_currency(code: str) -> bool:
    """Say whether it is an ISO 4217 currency whose amounts have at most two decimals."""
    return is_currency(code) and get_currency_precision(code) <= MOST_DECIMALS
