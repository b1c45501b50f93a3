"""A kept row in words: its columns, what it refers to, its parts. What history tells, and what two saves compare."""

import hashlib
from collections.abc import Hashable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipDirection, RelationshipProperty


class Fact(NamedTuple):
    """What a field holds: in words, and what tells two values apart that read alike."""

    text: str
    mark: Hashable = None


Facts = Mapping[str, Fact]


STAMPS = frozenset({"id", "version", "created_at", "updated_at", "search_text", "name_folded", "logo_type", "theme"})
"""Columns that follow from others, from when a row is written, or from how somebody wants to look at pages."""
SECRET = frozenset({"password_hash", "failures_in_a_row", "secret"})
"""Columns that no history and no page may show."""


def named(row: Any) -> str:
    """Say what a row is called; nothing is called nothing."""
    return "" if row is None else str(row)[:255]


def described(row: Any) -> Facts:
    """Give a row's facts: its columns, what it refers to, and the rows that are parts of it."""
    state = inspect(row)
    facts: dict[str, Fact] = {}
    for attribute in state.mapper.column_attrs:
        if attribute.key not in STAMPS | SECRET and not attribute.columns[0].foreign_keys:
            facts[attribute.key] = Fact(written(_value(row, attribute)))
    for relation in told_relations(state.mapper):
        facts[relation.key] = fact_of(relation, getattr(row, relation.key))
    return facts


def told_relations(mapper: Mapper[Any]) -> Iterator[RelationshipProperty[Any]]:
    """Give the relations that belong to a row's facts: what it refers to, and the rows that are parts of it."""
    for relation in mapper.relationships:
        is_part = relation.secondary is not None or relation.cascade.delete_orphan or relation.info.get("kept")
        if is_part or relation.direction is RelationshipDirection.MANYTOONE:
            yield relation


def fact_of(relation: RelationshipProperty[Any], value: Any) -> Fact:
    """Give what a relation holds when its value is this one."""
    listed = [other for other in (value if isinstance(value, list) else [value]) if other is not None]
    mark = _content if is_of_parts(relation) else _identity
    texts = sorted(getattr(other, "told", None) or named(other) for other in listed)
    return Fact(", ".join(texts), tuple(sorted(map(repr, map(mark, listed)))))


def is_of_parts(relation: RelationshipProperty[Any]) -> bool:
    """Say whether the rows of a relation are parts that exist with their row only."""
    return bool(relation.uselist) and relation.cascade.delete_orphan


def _identity(row: Any) -> object:
    return inspect(row).identity or id(row)


def _content(part: Any) -> object:
    """Give what a part holds, whichever row of the table it is kept in."""
    columns, references = kept_in(part)
    referred = [other and _identity(other) for other in (getattr(part, relation.key) for relation in references)]
    return [written(getattr(part, key)) for key in columns], referred


def kept_in(part: Any) -> tuple[list[str], list[RelationshipProperty[Any]]]:
    """Give the columns of a part that hold something of its own, and its references to other rows."""
    mapper = inspect(part).mapper
    columns = [a.key for a in mapper.column_attrs if a.key != "id" and not a.columns[0].foreign_keys]
    return columns, [r for r in mapper.relationships if r.direction is RelationshipDirection.MANYTOONE]


def _value(row: Any, attribute: ColumnProperty[Any]) -> Any:
    """Give a column's value, of a picture only its size and mark."""
    value = getattr(row, attribute.key)
    return f"{len(value)} bytes ({hashlib.sha256(value).hexdigest()[:8]})" if isinstance(value, bytes) else value


def written(value: object) -> str:
    """Write a value for the history; a number is the same with zeros after it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)
