"""Values of records as pages and files write them, by their type."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.records.history import Write
from admin_views.words import LEVELS, ROLES
from models.staff import Staff
from models.status import OrderStatus
from models.tax import ANY_COUNTRY, TaxCode
from permissions import Grant


def yes_or_no(_view: object, value: bool, _name: str) -> str:  # noqa: FBT001  the library's order
    """Write a flag; a dash stands for No, so that what is set is seen."""
    return gettext("Yes") if value else "–"


TYPE_FORMATTERS: dict[type, Callable[..., Any]] = {
    bool: yes_or_no,
    type(None): lambda _view, _value, _name: "",
    int: lambda _view, value, _name: notation().whole(value),
    Decimal: lambda _view, value, _name: notation().decimal(value),
    datetime: lambda _view, value, _name: notation().moment(value, zone()),
    date: lambda _view, value, _name: notation().day(value),
    list: lambda _view, value, _name: ", ".join(map(str, value)),
    OrderStatus: lambda _view, value, _name: badge(value),
}
"""How a value is written that has no formatter of its own; the first type that fits counts."""


FACT_FORMATTERS = {**TYPE_FORMATTERS, bool: lambda _view, value, _name: gettext("Yes") if value else gettext("No")}
"""How a page of one record writes it, where a dash stands for nothing."""


def percentage(_view: object, _context: object, row: Any, name: str) -> str:
    """Write a percentage of a row, or nothing."""
    value = getattr(row, name)
    return notation().percentage(value) if value else ""


def rates(_view: object, _context: object, tax_code: TaxCode, _name: str) -> str:
    """Write what a tax code is worth where and since when, the countries that have rates of their own first."""
    in_order = sorted(tax_code.rates, key=lambda rate: (not rate.country, rate.country, rate.valid_from))
    return rates_writer()(", ".join(map(str, in_order)))


def rates_writer() -> Write:
    """Give what writes rates that are texts: `NL 2026-01-01: 21 %, * 2026-01-01: 19 %`."""
    sentence, in_language = gettext("%(where)s from %(day)s: %(rate)s"), notation()
    everywhere, elsewhere = gettext("everywhere"), gettext("everywhere else")

    def write(text: str) -> str:
        rates = [re.split(" |: ", rate) for rate in text.removesuffix(" %").split(" %, ") if rate]
        others = elsewhere if any(where != ANY_COUNTRY for where, _day, _rate in rates) else everywhere
        return ", ".join(
            sentence
            % {
                "where": others if where == ANY_COUNTRY else where,
                "day": in_language.day(date.fromisoformat(day)),
                "rate": in_language.percentage(Decimal(rate)),
            }
            for where, day, rate in rates
        )

    return write


def thumbnail(endpoint: str) -> Callable[..., str]:
    """Write the small picture of a row that has one."""

    def shown(_view: object, _context: object, row: Any, name: str) -> str:
        if not getattr(row, name):
            return ""
        picture = Markup('<span class="thumb"><img src="{}" alt="" loading="lazy"></span>')
        return picture.format(url_for(endpoint, row_id=row.id))

    return shown


def hidden(_view: object, _context: object, row: Any, name: str) -> str:
    """Write of what nobody may read only that it is there."""
    return gettext("Set") if getattr(row, name) else ""


def lines(_view: object, _context: object, row: Any, name: str) -> str:
    """Write a text of several lines as it stands."""
    return Markup('<div class="as-typed">{}</div>').format(getattr(row, name))


def badge(status: OrderStatus) -> Markup:
    """Write a status as its badge."""
    return Markup('<span class="st st-{}">{}</span>').format(status.colour, status.name)


def grants(_view: object, _context: object, staff: Staff, _name: str) -> str:
    """Write what a person may do."""
    return grants_writer()(", ".join(map(str, staff.grants)))


def grants_writer() -> Write:
    """Give what writes grants that are texts, `order:editor, staff:owner`, in the order of the roles."""
    roles = {role: str(word) for role, word in ROLES.items()}
    levels = {level: str(word) for level, word in LEVELS.items()}

    def write(text: str) -> str:
        held = {grant.role: levels[grant.level] for grant in map(Grant.parse, filter(None, text.split(", ")))}
        return ", ".join(f"{word}: {held[role]}" for role, word in roles.items() if role in held)

    return write


def exported(value: Any, words: Mapping[Any, str]) -> Any:
    """Give a value for a file: codes and flags as words, what is made of several rows as one text."""
    if isinstance(value, str | bool) and value in words:
        return words[value]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None or isinstance(value, int | Decimal | datetime):
        return value
    return str(value)


def moment(value: datetime) -> str:
    """Write a moment in the person's zone."""
    return notation().moment(value, zone())


def browser(user_agent: str) -> str:
    """Say which browser it was, as far as it says so itself."""
    programs = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"iPhone": "iOS", "iPad": "iOS", "Mac OS": "macOS"} | {n: n for n in ("Windows", "Android", "Linux")}
    program = next((name for sign, name in programs.items() if sign in user_agent), "")
    system = next((name for sign, name in systems.items() if sign in user_agent), "")
    return " · ".join(filter(None, (program, system))) or user_agent[:40]
