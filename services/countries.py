"""Country names as people write them, to ISO 3166 codes, and the currencies that countries use."""

from functools import cache

from babel import Locale
from babel.numbers import get_territory_currencies

from models.folding import fold
from services.formats import is_usable_currency

ALIASES = {
    "america": "US",
    "bosnia": "BA",
    "burma": "MM",
    "cape verde": "CV",
    "congo (kinshasa)": "CD",
    "czech republic": "CZ",
    "eire": "IE",
    "great britain": "GB",
    "holland": "NL",
    "hong kong": "HK",
    "ivory coast": "CI",
    "korea, republic of": "KR",
    "macao": "MO",
    "macau": "MO",
    "macedonia": "MK",
    "republic of ireland": "IE",
    "rsa": "ZA",
    "russian federation": "RU",
    "swaziland": "SZ",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "usa": "US",
    "viet nam": "VN",
}
NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
"""Territories that Babel knows and ISO 3166 does not."""


def country_code(written: str) -> str:
    """Give the ISO code of a country written as a code or an English name, or nothing when it is not known."""
    return _codes().get(_key(written), "")


def _key(name: str) -> str:
    return fold(name).strip().replace("&", "and").replace(".", "").replace("’", "'").removeprefix("the ")


@cache
def _codes() -> dict[str, str]:
    territories = Locale("en").territories
    names = {code: name for code, name in territories.items() if _is_country(code)}
    return {
        **{_key(name): code for code, name in names.items()},
        **ALIASES,
        **{code.lower(): code for code in names},
    }


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES


@cache
def countries(locale: str = "en") -> dict[str, str]:
    """Give the names of all countries by their ISO codes, in a language."""
    territories = Locale.parse(locale).territories
    return {code: str(name) for code, name in territories.items() if _is_country(code)}


@cache
def currency_names(locale: str = "en") -> dict[str, str]:
    """Give the names of every currency that a country uses and amounts can be kept in, by code, in a language."""
    used = {code for country in countries() for code in get_territory_currencies(country)}
    names = Locale.parse(locale).currencies
    return {code: str(names.get(code, code)) for code in sorted(used) if is_usable_currency(code)}
