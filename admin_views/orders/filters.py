"""The filters of the order list: each a name, the parameters it takes, and how they are read.

The SQL of a filter is in `services.order_query.FILTERED`, under the filter's key.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_admin.model.filters import BaseFilter
from flask_babel import LazyString, gettext

from admin_views.formatters import amount_text, day_text
from admin_views.orders.page import Badge, Chip, Choice, FilterGroup, FilterInput
from services.order_query import Condition, Operator, StatusCounts

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_CHOICES = 100
LARGEST_ID = 2**63 - 1
LARGEST_AMOUNT = 10**12


class Unreadable(Exception):
    """A value of an address that cannot be understood, with the sentence that says so."""


@dataclass(frozen=True)
class Reading:
    """What a value is read against: the person's zone, the base currency, and what there is to choose."""

    zone: ZoneInfo
    currency: str
    counted: StatusCounts
    users: Mapping[int, str]


class OrderFilter(BaseFilter):
    """A filter of the order list. `key` names it in FILTERED; `kind` says how the drawer draws it."""

    kind = ""
    suffixes: tuple[str, ...] = ("",)

    def __init__(self, key: str, name: LazyString | str) -> None:
        super().__init__(name)
        self.key = key
        self.parameters = tuple(f"{key}{suffix}" for suffix in self.suffixes)

    def operation(self) -> str:
        """The library asks for it; the kind says the same."""
        return self.kind

    def conditions(self, values: Mapping[str, str], reading: Reading) -> tuple[list[Condition], dict[str, str]]:
        """Read the filter's own parameters: the conditions they mean, and a sentence for each that is unreadable."""
        conditions, faults = [], {}
        for parameter in self.parameters:
            if value := values.get(parameter, ""):
                try:
                    conditions.append(self.condition(parameter, value, reading))
                except Unreadable as unreadable:
                    faults[parameter] = str(unreadable)
        if not faults and self.is_reversed(conditions):
            faults[self.parameters[-1]] = gettext("The second value lies before the first.")
        return conditions, faults

    def condition(self, parameter: str, value: str, reading: Reading) -> Condition:
        """Read one value. Raises Unreadable."""
        raise NotImplementedError

    def is_reversed(self, _conditions: Sequence[Condition]) -> bool:
        """Whether a range ends before it begins."""
        return False

    def shown(self, value: str, _reading: Reading) -> str:
        """Give a readable value as a person would write it."""
        return value

    def choices(self, _value: str, _reading: Reading) -> tuple[Choice, ...]:
        """Give what the drawer offers."""
        return ()

    def hint(self, _reading: Reading) -> str:
        """Give the small print beside the filter's name."""
        return ""

    def group(self, values: Mapping[str, str], faults: Mapping[str, str], reading: Reading) -> FilterGroup:
        """Give the filter as the drawer shows it, with its current values."""
        return FilterGroup(
            name=self.key,
            label=str(self.name),
            kind=self.kind,
            hint=self.hint(reading),
            is_set=any(values.get(parameter) for parameter in self.parameters),
            inputs=tuple(
                FilterInput(
                    parameter, self.input_label(parameter), values.get(parameter, ""), faults.get(parameter, "")
                )
                for parameter in self.parameters
            ),
            choices=self.choices(values.get(self.key, ""), reading),
        )

    def input_label(self, _parameter: str) -> str:
        return str(self.name)

    def chip(self, values: Mapping[str, str], faults: Mapping[str, str], reading: Reading, remove_url: str) -> Chip:
        """Give the filter as the chip above the list shows it."""
        fault = next((faults[parameter] for parameter in self.parameters if parameter in faults), "")
        return Chip(str(self.name), self.value_text(values, faults, reading), remove_url, fault)

    def value_text(self, values: Mapping[str, str], faults: Mapping[str, str], reading: Reading) -> str:
        value = values[self.key]
        return value if faults else self.shown(value, reading)


class Range(OrderFilter):
    """A filter from one value to another."""

    suffixes = ("_from", "_to")

    def input_label(self, parameter: str) -> str:
        return gettext("From") if parameter.endswith("_from") else gettext("Up to and including")

    def value_text(self, values: Mapping[str, str], faults: Mapping[str, str], reading: Reading) -> str:
        first, last = (
            (value if parameter in faults else self.shown(value, reading)) if (value := values.get(parameter)) else ""
            for parameter in self.parameters
        )
        if first and last:
            return first if first == last else f"{first} – {last}"
        return gettext("from %(first)s", first=first) if first else gettext("up to %(last)s", last=last)


class Days(Range):
    """A range of whole days in the person's time zone, both included."""

    kind = "dates"

    def condition(self, parameter: str, value: str, reading: Reading) -> Condition:
        day = _day(value)
        if parameter.endswith("_from"):
            return Condition(self.key, Operator.FROM, _start(day, reading.zone))
        return Condition(self.key, Operator.BEFORE, _start(day + timedelta(days=1), reading.zone))

    def is_reversed(self, conditions: Sequence[Condition]) -> bool:
        return len(conditions) == 2 and bool(conditions[0].value >= conditions[1].value)

    def shown(self, value: str, _reading: Reading) -> str:
        return day_text(_day(value))


class Amounts(Range):
    """A range of amounts excl. VAT in the base currency, both included."""

    kind = "amounts"

    def condition(self, parameter: str, value: str, _reading: Reading) -> Condition:
        operator = Operator.FROM if parameter.endswith("_from") else Operator.TO
        return Condition(self.key, operator, _amount(value))

    def is_reversed(self, conditions: Sequence[Condition]) -> bool:
        return len(conditions) == 2 and bool(conditions[0].value > conditions[1].value)

    def shown(self, value: str, _reading: Reading) -> str:
        return amount_text(_amount(value))

    def hint(self, reading: Reading) -> str:
        return gettext("Total excl. VAT, %(currency)s", currency=reading.currency)


class Users(OrderFilter):
    """The persons who ordered, by id; the drawer finds them by name."""

    kind = "user"

    def hint(self, _reading: Reading) -> str:
        return gettext("Number, name or e-mail")

    def condition(self, _parameter: str, value: str, reading: Reading) -> Condition:
        return Condition(self.key, Operator.AMONG, tuple(_user(part, reading) for part in read_list(value)))

    def shown(self, value: str, reading: Reading) -> str:
        return ", ".join(reading.users[int(part)] for part in read_list(value))

    def choices(self, value: str, reading: Reading) -> tuple[Choice, ...]:
        return tuple(
            Choice(part, reading.users.get(int(part), part) if part.isdecimal() else part, is_selected=True)
            for part in value.split(",")
            if part
        )


class Statuses(OrderFilter):
    """Order statuses by code."""

    kind = "choices"

    def condition(self, _parameter: str, value: str, reading: Reading) -> Condition:
        ids = {status.code: status.id for status in reading.counted.statuses}
        codes = read_list(value)
        if unknown := [code for code in codes if code not in ids]:
            raise Unreadable(gettext("There is no order status “%(code)s”.", code=clip(unknown[0])))
        return Condition(self.key, Operator.AMONG, tuple(ids[code] for code in codes))

    def shown(self, value: str, reading: Reading) -> str:
        names = {status.code: status.name for status in reading.counted.statuses}
        return ", ".join(names[part] for part in read_list(value))

    def choices(self, value: str, reading: Reading) -> tuple[Choice, ...]:
        chosen = value.split(",")
        return tuple(
            Choice(status.code, status.name, status.code in chosen, Badge(status.code, status.name, status.colour))
            for status in reading.counted.statuses
        )


class Codes(OrderFilter):
    """Fixed codes, each with its name."""

    kind = "marks"

    def __init__(self, key: str, name: LazyString | str, codes: Mapping[str, LazyString | str]) -> None:
        super().__init__(key, name)
        self.codes = codes

    def condition(self, _parameter: str, value: str, _reading: Reading) -> Condition:
        parts = read_list(value)
        if unknown := [part for part in parts if part.upper() not in self.codes]:
            raise Unreadable(gettext("“%(code)s” is not one of the choices.", code=clip(unknown[0])))
        return Condition(self.key, Operator.AMONG, tuple(part.upper() for part in parts))

    def shown(self, value: str, _reading: Reading) -> str:
        chosen = {part.upper() for part in read_list(value)}
        return ", ".join(str(name) for code, name in self.codes.items() if code in chosen)

    def choices(self, value: str, _reading: Reading) -> tuple[Choice, ...]:
        chosen = {part.upper() for part in value.split(",")}
        return tuple(Choice(code, str(name), code in chosen) for code, name in self.codes.items())


def read_id(value: str) -> int | None:
    """Read a row's id: a plain positive whole number that a database takes, else None."""
    return int(value) if re.fullmatch(r"[1-9][0-9]{0,18}", value) and int(value) <= LARGEST_ID else None


def read_list(value: str) -> list[str]:
    """Read a comma list. Raises Unreadable when it is too long or has an empty name."""
    parts = value.split(",")
    if len(parts) > MOST_CHOICES:
        raise Unreadable(gettext("At most %(most)d values may be given at once.", most=MOST_CHOICES))
    if "" in parts:
        raise Unreadable(gettext("There is an empty name in “%(value)s”.", value=clip(value)))
    return parts


def clip(value: str) -> str:
    """Give a value short enough to be repeated in a sentence."""
    return value if len(value) <= 40 else f"{value[:40]}…"


def _user(value: str, reading: Reading) -> int:
    user_id = read_id(value)
    if user_id is None:
        raise Unreadable(gettext("“%(value)s” is not the number of a user, such as 15.", value=clip(value)))
    if user_id not in reading.users:
        raise Unreadable(gettext("There is no user %(id)d.", id=user_id))
    return user_id


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        day = None
    if day is None:
        raise Unreadable(gettext("“%(value)s” is not a day. Write it as 2026-03-31.", value=clip(value)))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Unreadable(
            gettext(
                "“%(value)s” is too far away: a day lies in the years %(first)d to %(last)d.",
                value=value,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    return day


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _amount(value: str) -> Decimal:
    """Read an amount as the product writes it, with or without the commas between thousands."""
    written = value.replace("−", "-", 1)
    if not re.fullmatch(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]{1,2})?", written):
        raise Unreadable(gettext("“%(value)s” is not an amount. Write it as 1,250.50 or 1250.50.", value=clip(value)))
    amount = Decimal(written.replace(",", ""))
    if abs(amount) >= LARGEST_AMOUNT:
        raise Unreadable(
            gettext(
                "“%(value)s” is too large: an amount is below %(limit)s.",
                value=clip(value),
                limit=f"{LARGEST_AMOUNT:,}",
            )
        )
    return amount
