"""Which VAT a supply of goods bears, by where they come from, where they go, and who buys. Pure.

After Council Directive 2006/112/EC: goods that leave for another member state are exempt where a taxable person with
a VAT number of another state acquires them (art. 138; the customer owes the VAT, art. 196), else the VAT is that of
the state where they arrive if the seller sends them (art. 33, distance sales), or that where they are if the customer
fetches them (art. 31); goods that leave the Union are exempt (art. 146), but not those that a consumer carries out.
"""

import re
from typing import Literal, NamedTuple

VAT_NUMBERS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}
"""What follows the two letters of a VAT number, as the Commission's VIES tells it of each member state."""
LETTERS = {"GR": "EL"}
"""Where a VAT number begins with other letters than the country's ISO code (art. 215)."""
STATES = {"MC": "FR"}
"""Countries that count as a part of a member state (art. 7)."""
EU = frozenset(VAT_NUMBERS) - {*LETTERS.values()} | {*LETTERS}
_WRITTEN = re.compile("|".join(f"{letters}(?:{number})" for letters, number in VAT_NUMBERS.items()), re.ASCII)

Rule = Literal["DOMESTIC", "REVERSE_CHARGE", "EXPORT"]


class Vat(NamedTuple):
    """The rule, and the country whose rates count (ISO 3166, empty where none is known); others than DOMESTIC: 0 %."""

    rule: Rule
    country: str


def home_of(country: str) -> str:
    """Give the country whose rates count in a country: its own, or those of the state that it counts as a part of."""
    return STATES.get(country, country)


def vat_of(seller: str, delivery: str, *, is_company: bool, tax_number: str, is_fetched: bool = False) -> Vat:
    """Say which VAT goods bear on their way from the seller's country to that of delivery (ISO 3166 or empty).

    `is_fetched` says that the customer fetches them.
    """
    origin, goal = home_of(seller), home_of(delivery)
    if not origin or not goal or origin == goal or (is_fetched and not is_company):
        return Vat("DOMESTIC", origin)
    if origin not in EU or goal not in EU:
        return Vat("EXPORT", goal)
    if is_company and (state := state_of(tax_number)) and state != origin:
        return Vat("REVERSE_CHARGE", goal)
    return Vat("DOMESTIC", origin if is_fetched else goal)


def state_of(tax_number: str) -> str:
    """Give the member state (ISO 3166) whose VAT number a text looks like; nothing when it looks like none."""
    plain = re.sub(r"[\s.\-]", "", tax_number).upper()
    if not _WRITTEN.fullmatch(plain):
        return ""
    return next((code for code, letters in LETTERS.items() if letters == plain[:2]), plain[:2])
