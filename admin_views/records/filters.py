"""The filters of record lists: each takes one parameter of the address and gives the condition that it means.

The library's own would be passed over when a value cannot be read, and compare money as floating numbers.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_admin.model.filters import BaseFilter
from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy import Boolean, ColumnElement, Date, Integer, String, select
from sqlalchemy.orm import RelationshipProperty

from admin_views.access import actor, zone
from admin_views.values import Unreadable, read_amount, read_day, read_id, start_of
from admin_views.words import ORIGINS
from models.base import db, visible
from models.order_history import Origin
from models.record_history import RecordHistory
from models.staff import Staff
from models.types import Scaled, UtcDateTime
from services.typed_values import clip

Words = Mapping[str, LazyString | str]


class RecordFilter(BaseFilter):
    """A filter with its address parameter. `data_type` says how the page draws its input."""

    words: LazyString | str = ""

    def __init__(self, name: LazyString | str, parameter: str, column: Any, data_type: str = "text") -> None:
        super().__init__(name, data_type=data_type)
        self.parameter = parameter
        self.column = column

    def operation(self) -> str:
        return str(self.words)

    def condition(self, value: str) -> ColumnElement[bool]:
        """Give what the value means. Raises Unreadable."""
        raise NotImplementedError

    def apply(self, query: Any, value: str, _alias: object = None) -> Any:
        return query.where(self.condition(value))


class Contains(RecordFilter):
    """A text that has another in it, whatever the case of its letters."""

    words = lazy_gettext("contains")

    def condition(self, value: str) -> ColumnElement[bool]:
        """Take each letter as a small or a capital one: the databases know only those of ASCII as a pair."""
        found: ColumnElement[bool] = self.column.regexp_match("".join(map(_in_either_case, value)))
        return found


def _in_either_case(sign: str) -> str:
    forms = sorted({form for form in (sign, sign.lower(), sign.upper()) if len(form) == 1})
    return f"[{''.join(forms)}]" if sign.isalpha() else re.escape(sign)


class Exactly(RecordFilter):
    """A text as it stands, capital letters and all."""

    words = lazy_gettext("is")

    def condition(self, value: str) -> ColumnElement[bool]:
        same: ColumnElement[bool] = self.column == value
        return same


class OneOf(RecordFilter):
    """A code out of a few, each with its words."""

    words = lazy_gettext("is")

    def __init__(self, name: LazyString | str, parameter: str, column: Any, choices: Words) -> None:
        super().__init__(name, parameter, column, "choice")
        self.choices = choices

    def get_options(self, _view: object) -> list[tuple[str, str]]:
        return [(str(code), str(word)) for code, word in self.choices.items()]

    def condition(self, value: str) -> ColumnElement[bool]:
        if value not in {str(code) for code in self.choices}:
            raise Unreadable(gettext("“%(code)s” is not one of the choices.", code=clip(value)))
        same: ColumnElement[bool] = self.column == value
        return same


class YesNo(RecordFilter):
    """A flag."""

    words = lazy_gettext("is")

    def __init__(self, name: LazyString | str, parameter: str, column: Any) -> None:
        super().__init__(name, parameter, column, "choice")

    def get_options(self, _view: object) -> list[tuple[str, str]]:
        return [("1", gettext("Yes")), ("0", gettext("No"))]

    def condition(self, value: str) -> ColumnElement[bool]:
        if value not in ("0", "1"):
            raise Unreadable(gettext("“%(value)s” is neither 1 for yes nor 0 for no.", value=clip(value)))
        flag: ColumnElement[bool] = self.column.is_(value == "1")
        return flag


class Bound(RecordFilter):
    """One end of a range of numbers, itself included."""

    def __init__(self, name: LazyString | str, parameter: str, column: Any, data_type: str = "number") -> None:
        super().__init__(name, parameter, column, data_type)
        self.is_upper = parameter.endswith("_to")
        self.words = lazy_gettext("at most") if self.is_upper else lazy_gettext("at least")

    def condition(self, value: str) -> ColumnElement[bool]:
        decimals = self.column.type.decimals if isinstance(self.column.type, Scaled) else 0
        number = read_amount(value, decimals)
        return self.compared(number if decimals else int(number))

    def compared(self, value: Decimal | int) -> ColumnElement[bool]:
        within: ColumnElement[bool] = self.column <= value if self.is_upper else self.column >= value
        return within


class DayBound(Bound):
    """One end of a range of days, itself included; of moments, days in the person's zone."""

    def __init__(self, name: LazyString | str, parameter: str, column: Any) -> None:
        super().__init__(name, parameter, column, "datepicker")
        self.words = lazy_gettext("up to") if self.is_upper else lazy_gettext("from")

    def condition(self, value: str) -> ColumnElement[bool]:
        day = read_day(value)
        if not isinstance(self.column.type, UtcDateTime):
            within: ColumnElement[bool] = self.column <= day if self.is_upper else self.column >= day
        elif self.is_upper:
            within = self.column < start_of(day + timedelta(days=1), zone())
        else:
            within = self.column >= start_of(day, zone())
        return within


class Reference(RecordFilter):
    """Another row that this one refers to, by its id: chosen from all, or found by typing where there are many."""

    words = lazy_gettext("is")

    def __init__(
        self, name: LazyString | str, parameter: str, column: Any, target: type[Any], *, is_large: bool
    ) -> None:
        super().__init__(name, parameter, column, "lookup" if is_large else "choice")
        self.target = target

    def get_options(self, _view: object) -> list[tuple[str, str]] | None:
        if self.data_type == "lookup":
            return None
        rows = db.session.scalars(
            select(self.target).where(visible(self.target, actor())).order_by(self.target.search_text)
        )
        return [(str(row.id), str(row)) for row in rows]

    def condition(self, value: str) -> ColumnElement[bool]:
        row_id = read_id(value)
        if row_id is None:
            raise Unreadable(
                gettext("“%(value)s” is not the number of a record. A number looks like 15.", value=clip(value))
            )
        same: ColumnElement[bool] = self.column == row_id
        return same


class Doer(Reference):
    """Who did something: a person of the staff, or the program by itself."""

    def __init__(self, name: LazyString | str, parameter: str, history: type[RecordHistory]) -> None:
        super().__init__(name, parameter, history.staff_id, Staff, is_large=False)
        self.origin = history.origin

    def get_options(self, view: object) -> list[tuple[str, str]]:
        return [(Origin.SYSTEM, str(ORIGINS[Origin.SYSTEM])), *(super().get_options(view) or ())]

    def condition(self, value: str) -> ColumnElement[bool]:
        return self.origin == value if value == Origin.SYSTEM else super().condition(value)


class ReferenceOfPart(Reference):
    """Another row that a part of this one refers to. `parts` is the relation to the parts, `column` one of theirs."""

    def __init__(self, name: LazyString | str, parameter: str, parts: Any, column: Any, target: type[Any]) -> None:
        super().__init__(name, parameter, column, target, is_large=True)
        self.parts = parts

    def condition(self, value: str) -> ColumnElement[bool]:
        holds = self.parts.any if self.parts.property.uselist else self.parts.has
        among_parts: ColumnElement[bool] = holds(super().condition(value))
        return among_parts


def filters_for(
    name: str, label: LazyString | str, attribute: Any, choices: Words | None, *, is_large: bool
) -> Sequence[RecordFilter]:
    """Give the filters of an attribute of a model, as its type has them."""
    prop = attribute.property
    if isinstance(prop, RelationshipProperty):
        (local,) = prop.local_columns
        return [Reference(label, name, local, prop.mapper.class_, is_large=is_large)]
    column = prop.columns[0]
    match column.type:
        case Boolean():
            return [YesNo(label, name, column)]
        case Date() | UtcDateTime():
            return [DayBound(label, f"{name}_from", column), DayBound(label, f"{name}_to", column)]
        case Integer() | Scaled():
            return [Bound(label, f"{name}_from", column), Bound(label, f"{name}_to", column)]
        case String() if choices:
            return [OneOf(label, name, column, choices)]
        case _:
            return [Contains(label, name, column)]
