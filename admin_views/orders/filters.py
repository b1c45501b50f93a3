"""The filters of the order list: each a name, the parameters it takes, and how they are read.

The SQL of a filter is in `services.order_query.FILTERED`, under the filter's key.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask_admin.model.filters import BaseFilter
from flask_babel import LazyString, gettext, ngettext

from admin_views.notation import language, notation
from admin_views.orders.page import Badge, Chip, Choice, FilterGroup, FilterInput
from admin_views.values import (
    Unreadable,
    read_amount,
    read_day,
    read_days_ago,
    read_id,
    read_list,
    read_texts,
    start_of,
    write_text,
)
from services.countries import countries, currency_names
from services.order_query import Condition, Operator
from services.status_counts import StatusCounts
from services.typed_values import clip


@dataclass(frozen=True)
class Reading:
    """What a value is read against: the person's zone and day, the base currency, and what there is to choose.

    `names` are those of the rows that the address speaks of, by the filter's key, `offered` the texts that a
    filter offers, by its key.
    """

    zone: ZoneInfo
    today: date
    currency: str
    counted: StatusCounts
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def shown(self) -> Hashable:
        """Give all that a filter can show of it, to compare; the numbers of orders are not among it."""
        return (
            self.zone.key,
            self.today,
            self.currency,
            tuple((status.id, status.code, status.name, status.colour) for status in self.counted.statuses),
            tuple((name, tuple(rows.items())) for name, rows in self.names.items()),
            tuple((name, tuple(texts)) for name, texts in self.offered.items()),
        )


class OrderFilter(BaseFilter):
    """A filter of the order list. `key` names it in FILTERED; `kind` says how the drawer draws it.

    The values of one that `takes_many` are joined by commas.
    """

    kind = ""
    takes_many = False
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
            faults[self.parameters[-1]] = gettext("The second value is less than the first.")
        return conditions, faults

    def condition(self, parameter: str, value: str, reading: Reading) -> Condition:
        """Read one value. Raises Unreadable."""
        raise NotImplementedError

    def fitting(self, parameter: str, value: str, reading: Reading) -> str:
        """Give what is readable of a value, which may be nothing."""
        parts = value.split(",") if self.takes_many else []
        return ",".join(part for part in parts if not self.conditions({parameter: part}, reading)[1] and part)

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
        days = "" if fault else self.days(values, reading)
        return Chip(str(self.name), self.value_text(values, faults, reading), remove_url, fault, days)

    def days(self, _values: Mapping[str, str], _reading: Reading) -> str:
        """Give the days that a filter means by those that are counted from today."""
        return ""

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


RELATIVE_DAY = re.compile(r"today|this-year|-[1-9][0-9]{0,3}d")
"""A day counted from that on which it is read: `-7d` begins the last seven days, or ends what is before them."""


class Days(Range):
    """A range of whole days in the person's time zone, both included.

    A bound may be relative: `-7d` to begin with is "the last 7 days", today among them; to end with it is "7 days
    ago", the day before those. So no day is in both, and none in neither.
    """

    kind = "dates"

    def condition(self, parameter: str, value: str, reading: Reading) -> Condition:
        is_first = parameter.endswith("_from")
        day = _day(value, reading.today, is_first=is_first)
        if is_first:
            return Condition(self.key, Operator.FROM, start_of(day, reading.zone))
        return Condition(self.key, Operator.BEFORE, start_of(day + timedelta(days=1), reading.zone))

    def is_reversed(self, conditions: Sequence[Condition]) -> bool:
        return len(conditions) == 2 and bool(conditions[0].value >= conditions[1].value)

    def shown(self, value: str, _reading: Reading) -> str:
        return _relative_words(value) or notation().day(read_day(value))

    def value_text(self, values: Mapping[str, str], faults: Mapping[str, str], reading: Reading) -> str:
        first, last = (values.get(parameter, "") for parameter in self.parameters)
        if not (RELATIVE_DAY.fullmatch(first) or RELATIVE_DAY.fullmatch(last)) or first == last == "today":
            return super().value_text(values, faults, reading)
        since = _since_words(first) or super().value_text({self.parameters[0]: first}, faults, reading) if first else ""
        until = super().value_text({self.parameters[1]: last}, faults, reading) if last else ""
        return ", ".join(filter(None, (since, until)))

    def group(self, values: Mapping[str, str], faults: Mapping[str, str], reading: Reading) -> FilterGroup:
        """Give the filter with its days, and with what they are counted by, which goes along with the calendar."""
        is_said = self._is_relative(values) and faults.keys().isdisjoint(self.parameters)
        hint = self.value_text(values, faults, reading) if is_said else ""
        return replace(super().group(values, faults, reading), hint=hint)

    def days(self, values: Mapping[str, str], reading: Reading) -> str:
        if not self._is_relative(values):
            return ""
        dated = {
            parameter: _day(value, reading.today, is_first=parameter.endswith("_from")).isoformat()
            for parameter in self.parameters
            if (value := values.get(parameter))
        }
        return super().value_text(dated, {}, reading)

    def _is_relative(self, values: Mapping[str, str]) -> bool:
        return any(RELATIVE_DAY.fullmatch(values.get(parameter, "")) for parameter in self.parameters)


def _day(value: str, today: date, *, is_first: bool) -> date:
    if not RELATIVE_DAY.fullmatch(value):
        return read_day(value)
    if value == "this-year":
        return date(today.year, 1 if is_first else 12, 1 if is_first else 31)
    if value == "today":
        return today
    return today - timedelta(days=int(value[1:-1]) - is_first)


def _since_words(value: str) -> str:
    """Say from when on, for a relative first day."""
    if days := _days_ago(value):
        return ngettext("last %(num)d day", "last %(num)d days", days)
    return _relative_words(value)


def _relative_words(value: str) -> str:
    if days := _days_ago(value):
        return ngettext("%(num)d day ago", "%(num)d days ago", days)
    return {"today": gettext("today"), "this-year": gettext("this year")}.get(value, "")


def _days_ago(value: str) -> int:
    return int(value[1:-1]) if RELATIVE_DAY.fullmatch(value) and value.endswith("d") else 0


class Unchanged(OrderFilter):
    """Orders that nobody changed for so many days: the last change lies at least as many days back."""

    kind = "days"

    def condition(self, _parameter: str, value: str, reading: Reading) -> Condition:
        day = reading.today - timedelta(days=read_days_ago(value) - 1)
        return Condition(self.key, Operator.BEFORE, start_of(day, reading.zone))

    def shown(self, value: str, _reading: Reading) -> str:
        return ngettext("for %(num)d day", "for %(num)d days", read_days_ago(value))

    def input_label(self, _parameter: str) -> str:
        return gettext("Days without a change")


class Amounts(Range):
    """A range of amounts excl. VAT in the base currency, both included."""

    kind = "amounts"

    def condition(self, parameter: str, value: str, _reading: Reading) -> Condition:
        operator = Operator.FROM if parameter.endswith("_from") else Operator.TO
        return Condition(self.key, operator, read_amount(value))

    def is_reversed(self, conditions: Sequence[Condition]) -> bool:
        return len(conditions) == 2 and bool(conditions[0].value > conditions[1].value)

    def shown(self, value: str, _reading: Reading) -> str:
        return notation().amount(read_amount(value))

    def hint(self, reading: Reading) -> str:
        return gettext("Total excl. VAT, %(currency)s", currency=reading.currency)


class Counts(Range):
    """A range of whole numbers, both included."""

    kind = "amounts"

    def condition(self, parameter: str, value: str, _reading: Reading) -> Condition:
        operator = Operator.FROM if parameter.endswith("_from") else Operator.TO
        return Condition(self.key, operator, int(read_amount(value, decimals=0)))

    def is_reversed(self, conditions: Sequence[Condition]) -> bool:
        return len(conditions) == 2 and bool(conditions[0].value > conditions[1].value)

    def shown(self, value: str, _reading: Reading) -> str:
        return notation().whole(int(read_amount(value, decimals=0)))


class Rows(OrderFilter):
    """Rows by id; the drawer finds them by name, with the look-up that is called as the kind."""

    takes_many = True

    def condition(self, _parameter: str, value: str, reading: Reading) -> Condition:
        return Condition(self.key, Operator.AMONG, tuple(self._row(part, reading) for part in read_list(value)))

    def shown(self, value: str, reading: Reading) -> str:
        return ", ".join(reading.names[self.key][int(part)] for part in read_list(value))

    def choices(self, value: str, reading: Reading) -> tuple[Choice, ...]:
        names = reading.names.get(self.key, {})
        return tuple(
            Choice(part, names.get(int(part), part) if part.isdecimal() else part, is_selected=True)
            for part in value.split(",")
            if part
        )

    def no_number(self, value: str) -> str:
        """Say that a value is no number of a row."""
        raise NotImplementedError

    def unknown(self, row_id: int) -> str:
        """Say that there is no such row."""
        raise NotImplementedError

    def _row(self, value: str, reading: Reading) -> int:
        row_id = read_id(value)
        if row_id is None:
            raise Unreadable(self.no_number(clip(value)))
        if row_id not in reading.names.get(self.key, {}):
            raise Unreadable(self.unknown(row_id))
        return row_id


class Users(Rows):
    """The persons who ordered."""

    kind = "user"

    def hint(self, _reading: Reading) -> str:
        return gettext("Number, name or e-mail")

    def no_number(self, value: str) -> str:
        return gettext("“%(value)s” is not the number of a user, such as 15.", value=value)

    def unknown(self, row_id: int) -> str:
        return gettext("There is no user %(id)d.", id=row_id)


class Products(Rows):
    """The products that were ordered: an order is found when any of its lines has one of them."""

    kind = "product"

    def hint(self, _reading: Reading) -> str:
        return gettext("Name, SKU or EAN")

    def no_number(self, value: str) -> str:
        return gettext("“%(value)s” is not the number of a product, such as 15.", value=value)

    def unknown(self, row_id: int) -> str:
        return gettext("There is no product %(id)d.", id=row_id)


class Companies(Rows):
    """Companies, several at once."""

    kind = "company"

    def hint(self, _reading: Reading) -> str:
        return gettext("Name or debtor id")

    def no_number(self, value: str) -> str:
        return gettext("“%(value)s” is not the number of a company, such as 15.", value=value)

    def unknown(self, row_id: int) -> str:
        return gettext("There is no company %(id)d.", id=row_id)


class People(Rows):
    """People of the staff."""

    kind = "colleague"

    def hint(self, _reading: Reading) -> str:
        return gettext("Name")

    def no_number(self, value: str) -> str:
        return gettext("“%(value)s” is not the number of a colleague, such as 15.", value=value)

    def unknown(self, row_id: int) -> str:
        return gettext("There is no colleague %(id)d.", id=row_id)


class FoundCodes(OrderFilter):
    """Codes of a long list, found by typing with the look-up that is called as the kind."""

    takes_many = True

    def names(self) -> Mapping[str, str]:
        """Give every code with its name in the person's language."""
        raise NotImplementedError

    def condition(self, _parameter: str, value: str, _reading: Reading) -> Condition:
        codes, names = read_list(value), self.names()
        if unknown := [code for code in codes if code.upper() not in names]:
            raise Unreadable(gettext("“%(code)s” is not one of the choices.", code=clip(unknown[0])))
        return Condition(self.key, Operator.AMONG, tuple(code.upper() for code in codes))

    def shown(self, value: str, _reading: Reading) -> str:
        names = self.names()
        return ", ".join(names[code.upper()] for code in read_list(value))

    def choices(self, value: str, _reading: Reading) -> tuple[Choice, ...]:
        names = self.names()
        return tuple(Choice(code, names.get(code.upper(), code), is_selected=True) for code in value.split(",") if code)

    def hint(self, _reading: Reading) -> str:
        return gettext("Name or code")


class Countries(FoundCodes):
    """Countries by their ISO codes."""

    kind = "country"

    def names(self) -> Mapping[str, str]:
        return countries(language())


class Currencies(FoundCodes):
    """Currencies by their ISO codes."""

    kind = "currency"

    def names(self) -> Mapping[str, str]:
        return currency_names(language())


class Statuses(OrderFilter):
    """Order statuses by code."""

    kind = "choices"
    takes_many = True

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
    takes_many = True

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


class Texts(OrderFilter):
    """The order's own text, exactly as it stands there, capital letters and all.

    The address has a comma list of texts, each percent-encoded once more than the address itself where
    it has a comma or a per cent sign: `a%2Cb,c` are the texts `a,b` and `c`. Whoever links to the list
    writes a text with `write_text`. Any text may be asked for; one that no order has finds nothing. The
    drawer offers the names that the settings keep, and what is asked for.
    """

    kind = "choices"
    takes_many = True

    def condition(self, _parameter: str, value: str, _reading: Reading) -> Condition:
        return Condition(self.key, Operator.AMONG, tuple(read_texts(value)))

    def shown(self, value: str, _reading: Reading) -> str:
        return ", ".join(read_texts(value))

    def choices(self, value: str, reading: Reading) -> tuple[Choice, ...]:
        try:
            asked = read_texts(value)
        except Unreadable:
            asked = []
        offered = dict.fromkeys([*reading.offered.get(self.key, ()), *asked])
        return tuple(Choice(write_text(text), text, text in asked) for text in offered)
