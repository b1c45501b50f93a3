"""How many orders there are, kept by triggers of the database, so that whatever writes orders counts them.

SQLite has one writer, and one row for each number. On PostgreSQL a statement that changes orders adds rows, so that
no writer waits for another, and rows of the same key add up; `services.order_counts.put_together` puts them together.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Index, false, literal, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models.base import Base, ScopedRow
from models.types import Key
from permissions import Actor

EVERYBODY = 0
"""The company that stands for all orders, with a company or without."""
ANY_STATUS = 0
"""The status that stands for all orders, of whatever type."""


def _one_for_each(table: str, *key: str, read: Sequence[str] = ()) -> tuple[Index, Index]:
    """Make the index of a key, which is unique where there is one row for each; PostgreSQL's holds what is `read`."""
    name = f"{table}_{'_'.join(key)}"
    postgresql = Index(f"ix_{name}", *key, postgresql_include=read, info={"dialect": "postgresql"})
    sqlite = Index(f"uq_{name}", *key, unique=True, info={"dialect": "sqlite"})
    return postgresql.ddl_if(dialect="postgresql"), sqlite.ddl_if(dialect="sqlite")


class OrderCount(ScopedRow, Base):
    """Orders in a status, of a company or of EVERYBODY, that are not in the bin."""

    __tablename__ = "order_count"
    __table_args__ = _one_for_each("order_count", "company_id", "status_id")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    company_id: Mapped[int] = mapped_column(Key)
    status_id: Mapped[int] = mapped_column(Key)
    orders: Mapped[int]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.companies is None else cls.company_id.in_(sorted(actor.companies))


class OrderDay(ScopedRow, Base):
    """Orders that were created on a day of UTC, in a status or in ANY_STATUS, and that are not in the bin."""

    __tablename__ = "order_day"
    __table_args__ = _one_for_each("order_day", "status_id", "day", read=["orders"])

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date]
    status_id: Mapped[int] = mapped_column(Key)
    orders: Mapped[int]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.companies is None else false()


class DayOf(FunctionElement[date]):
    """The day of UTC of a stored moment."""

    type = Date()
    inherit_cache = True


@compiles(DayOf)
def _day_of(element: DayOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(timezone('UTC', {compiler.process(element.clauses, **options)}) AS date)"


@compiles(DayOf, "sqlite")
def _day_of_on_sqlite(element: DayOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)})"


class Midnight(FunctionElement[datetime]):
    """The moment at which a day of UTC begins, or the one so many days later; to be compared with stored moments."""

    inherit_cache = True

    def __init__(self, day: Any, later: int) -> None:
        super().__init__(day, literal(later))


@compiles(Midnight)
def _midnight(element: Midnight, compiler: SQLCompiler, **options: Any) -> str:
    day, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"timezone('UTC', CAST({day} + {later} AS timestamp))"


@compiles(Midnight, "sqlite")
def _midnight_on_sqlite(element: Midnight, compiler: SQLCompiler, **options: Any) -> str:
    day, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"date({day}, {later} || ' days')"  # as a text it sorts before every moment of that day
