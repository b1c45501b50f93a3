"""Column types that keep exact values, alike on SQLite and PostgreSQL."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Integer,
    String,
    Text,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Key = BigInteger().with_variant(Integer, "sqlite")
"""A row's id. SQLite numbers rows by itself only in a column called INTEGER."""

LARGEST = 9_000_000_000_000_000
"""The largest integer a scaled number may be stored as; below 2**53, so exact in every reader."""
LARGEST_ID = 2**63 - 1
LARGEST_WHOLE = 2**31 - 1
"""The largest number of an integer column; SQLite would take more."""


def text(length: int) -> String:
    """A text of at most `length` characters that sorts by code point on both databases."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


folded = Text().with_variant(Text(collation="C"), "postgresql")
"""A text as `models.folding.fold` makes it; folding may lengthen a text."""


def among(column: str, choices: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def within(column: str, least: int, most: int | None = None, *, decimals: int = 0) -> CheckConstraint:
    """Hold a number between two bounds, both included; `info` has them for whoever must say so in words."""
    low, high = least * 10**decimals, None if most is None else most * 10**decimals
    rule = f"{column} >= {low}" if high is None else f"{column} BETWEEN {low} AND {high}"
    return CheckConstraint(rule, name=column, info={"column": column, "least": least, "most": most})


class Numbers(TypeDecorator[Sequence[int]]):
    """Whole numbers in one value: an array on PostgreSQL, a text of JSON on SQLite. None is no number."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return numbers if dialect.name == "postgresql" else json.dumps(numbers)

    def process_result_value(self, value: Any, _dialect: Dialect) -> list[int]:
        found: list[int] = json.loads(value) if isinstance(value, str) else value or []
        return found


class Scaled(TypeDecorator[Decimal]):
    """A decimal number stored as an integer: the value times ten to the power of `decimals`.

    Binding raises ValueError for a value with more decimals, one that is not finite, or one too large.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self.decimals = decimals

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.decimals)
        if not scaled.is_finite() or scaled != scaled.to_integral_value() or abs(scaled) > LARGEST:
            raise ValueError(f"{value} does not fit a number with {self.decimals} decimals.")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.decimals)


Money = Scaled(2)
"""An amount of money, stored in cents."""

UnitPrice = Scaled(4)
"""The price of one unit, stored in hundredths of a cent."""

Rate = Scaled(8)
"""An exchange rate: one unit of the order's currency in the base currency."""

Percentage = Scaled(2)
"""A percentage: 21 is 21 %."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. Binding a naive one raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone cannot be stored.")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        """Read moments by one function, as a list has a hundred.

        PostgreSQL gives them in the zone of its own settings, SQLite as texts without any.
        """
        return _read_text if dialect.name == "sqlite" else _read_moment


def _read_text(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(f"{kept}+00:00")


def _read_moment(kept: datetime | None) -> datetime | None:
    return None if kept is None else kept.astimezone(UTC)


class StoredText(FunctionElement[str]):
    """A moment in UTC, or a day, as the text that SQLite keeps: "2026-07-01 12:00:00" and what there is of a second."""

    type = Text()
    inherit_cache = True


@compiles(StoredText)
def _as_it_is_kept(element: StoredText, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TEXT)"


@compiles(StoredText, "postgresql")
def _as_sqlite_keeps_it(element: StoredText, compiler: SQLCompiler, **options: Any) -> str:
    (shown,) = element.clauses
    text = compiler.process(shown, **options)
    in_utc = text if isinstance(shown.type, Date) else f"timezone('UTC', {text})"
    return f"CAST({in_utc} AS TEXT)"


def stored(
    shown: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> ColumnElement[Any] | InstrumentedAttribute[Any]:
    """Read a column alike from both databases, making no object of each value.

    A scaled number is its integer, a moment its text in UTC, a day its text; what else there is stays what it is.
    """
    match shown.type:
        case Scaled():
            return type_coerce(shown, BigInteger)
        case UtcDateTime():
            return StoredText(type_coerce(shown, DateTime))
        case Date():
            return StoredText(shown)
    return shown
