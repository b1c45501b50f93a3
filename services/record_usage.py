"""What refers to a kept row: what keeps it from being deleted, and what would go along."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from models.base import Base, db, visible
from models.kept import KeptRow
from permissions import Actor


@dataclass(frozen=True)
class Use:
    """Rows that refer to a row: their table, the column, and how many there are, counted up to MOST_COUNTED."""

    table: str
    column: str
    count: int


MOST_COUNTED = 10_000
BY_NAME: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "carrier": [("orders", "carrier", "name")],
    "payment_method": [("orders", "payment_method", "name")],
    "order_source": [("orders", "source", "name")],
    "tax_code": [(table, "tax_code", "code") for table in ("product", "carrier", "payment_method")],
}
"""Rows that are meant by a text: the table that says it, in which column, and the column that is said."""


def usage(row: Any, actor: Actor) -> list[Use]:
    """Count what refers to a row and would lose it, as far as it exists for the actor."""
    return _counted(row, [*_references(row.__tablename__), *BY_NAME.get(row.__tablename__, ())], actor)


def affected(row: Any, actor: Actor, ondelete: str) -> list[Use]:
    """Count the kept rows that are deleted with a row (`CASCADE`), or stay without it (`SET NULL`)."""
    return _counted(row, kept_references(row, ondelete), actor)


def _counted(row: Any, references: Iterable[tuple[str, str, str]], actor: Actor) -> list[Use]:
    uses = []
    for table_name, column_name, own in references:
        table = Base.metadata.tables[table_name]
        found = select(table.c[column_name]).where(table.c[column_name] == getattr(row, own)).limit(MOST_COUNTED + 1)
        model = model_of(table_name)
        if model is not None:
            found = found.where(visible(model, actor))
        if count := db.session.scalar(select(func.count()).select_from(found.subquery())):
            uses.append(Use(table_name, column_name, count))
    return uses


def _references(table_name: str, ondelete: str | None = None) -> Iterator[tuple[str, str, str]]:
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == table_name and key.ondelete == ondelete:
                yield table.name, key.parent.name, key.column.name


def kept_references(row: Any, ondelete: str) -> list[tuple[str, str, str]]:
    """Give the references of kept rows to a row that end this way: the table, its column, the column of the row."""
    found = _references(row.__tablename__, ondelete)
    return [reference for reference in found if issubclass(model_of(reference[0]) or object, KeptRow)]


def model_of(table_name: str) -> type[Any] | None:
    """Give the model of a table, if it has one."""
    return next((m.class_ for m in Base.registry.mappers if m.local_table.name == table_name), None)  # type: ignore[attr-defined]
