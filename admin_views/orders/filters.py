"""The filters of the order list: each a name, the parameters it takes, and how they are read.

The SQL of a filter is in `services.order_query.FILTERED`, under the filter's key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_admin.model.filters import BaseFilter
from flask_babel import LazyString, gettext

from admin_views.notation import notation
from admin_views.orders.page import Badge, Chip, Choice, FilterGroup, FilterInput
from admin_views.values import (
    Unreadable,
    clip,
    read_amount,
    read_day,
    read_id,
    read_list,
    read_texts,
    start_of,
    write_text,
)
from services.order_query import Condition, Operator, StatusCounts


@dataclass(frozen=True)
class Reading:
    """What a value is read against: the person's zone, the base currency, and what there is to choose.

    `users` and `products` are the names of those that the address speaks of, `offered` the texts that a
    filter offers, by its key.
    """

    zone: ZoneInfo
    currency: str
    counted: StatusCounts
    users: Mapping[int, str]
    products: Mapping[int, str] = field(default_factory=dict)
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
            faults[self.parameters[-1]] = gettext("The second value is less than the first.")
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
        day = read_day(value)
        if parameter.endswith("_from"):
            return Condition(self.key, Operator.FROM, start_of(day, reading.zone))
        return Condition(self.key, Operator.BEFORE, start_of(day + timedelta(days=1), reading.zone))

    def is_reversed(self, conditions: Sequence[Condition]) -> bool:
        return len(conditions) == 2 and bool(conditions[0].value >= conditions[1].value)

    def shown(self, value: str, _reading: Reading) -> str:
        return notation().day(read_day(value))


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


class Rows(OrderFilter):
    """Rows by id; the drawer finds them by name, with the look-up that is called as the kind."""

    def condition(self, _parameter: str, value: str, reading: Reading) -> Condition:
        return Condition(self.key, Operator.AMONG, tuple(self._row(part, reading) for part in read_list(value)))

    def shown(self, value: str, reading: Reading) -> str:
        return ", ".join(self.names(reading)[int(part)] for part in read_list(value))

    def choices(self, value: str, reading: Reading) -> tuple[Choice, ...]:
        names = self.names(reading)
        return tuple(
            Choice(part, names.get(int(part), part) if part.isdecimal() else part, is_selected=True)
            for part in value.split(",")
            if part
        )

    def names(self, reading: Reading) -> Mapping[int, str]:
        """Give the names of the rows that the address speaks of."""
        raise NotImplementedError

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
        if row_id not in self.names(reading):
            raise Unreadable(self.unknown(row_id))
        return row_id


class Users(Rows):
    """The persons who ordered."""

    kind = "user"

    def hint(self, _reading: Reading) -> str:
        return gettext("Number, name or e-mail")

    def names(self, reading: Reading) -> Mapping[int, str]:
        return reading.users

    def no_number(self, value: str) -> str:
        return gettext("“%(value)s” is not the number of a user, such as 15.", value=value)

    def unknown(self, row_id: int) -> str:
        return gettext("There is no user %(id)d.", id=row_id)


class Products(Rows):
    """The products that were ordered: an order is found when any of its lines has one of them."""

    kind = "product"

    def hint(self, _reading: Reading) -> str:
        return gettext("Name, SKU or EAN")

    def names(self, reading: Reading) -> Mapping[int, str]:
        return reading.products

    def no_number(self, value: str) -> str:
        return gettext("“%(value)s” is not the number of a product, such as 15.", value=value)

    def unknown(self, row_id: int) -> str:
        return gettext("There is no product %(id)d.", id=row_id)


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


class Texts(OrderFilter):
    """The order's own text, exactly as it stands there, capital letters and all.

    The address has a comma list of texts, each percent-encoded once more than the address itself where
    it has a comma or a per cent sign: `a%2Cb,c` are the texts `a,b` and `c`. Whoever links to the list
    writes a text with `write_text`. Any text may be asked for; one that no order has finds nothing. The
    drawer offers the names that the settings keep, and what is asked for.
    """

    kind = "choices"

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
