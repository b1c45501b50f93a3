"""Finding folded texts by any part of them: any three signs in a row are indexed.

PostgreSQL has an index for that (pg_trgm). On SQLite a table of FTS5 stands beside the table, kept by triggers.
"""

from typing import Any

from sqlalchemy import Index, Select, literal_column, or_, select, table

from models.base import db
from models.order import LineText, OrderSearch
from models.party import Address, Company, PartyAddress

SUFFIX = "_trigrams"
SHORTEST = 3
"""Fewer signs are in no index."""

INDEXED: dict[Any, tuple[str, ...]] = {
    OrderSearch.__table__: ("order_number", *OrderSearch.FIELDS),
    Company.__table__: ("name_folded",),
    Address.__table__: ("company_folded", "first_name_folded", "last_name_folded"),
    PartyAddress.__table__: ("search_text",),
    LineText.__table__: tuple(f"{name}_folded" for name in LineText.SEARCHED),
}
"""The tables with the columns that are indexed; each has one column as its key."""

for _table, _names in INDEXED.items():
    Index(
        f"ix_{_table.name}{SUFFIX}",
        *(_table.c[name] for name in _names),
        postgresql_using="gin",
        postgresql_ops=dict.fromkeys(_names, "gin_trgm_ops"),
        info={"dialect": "postgresql"},
    ).ddl_if(dialect="postgresql")


def holding(rows: Any, names: tuple[str, ...], word: str) -> Select[Any]:
    """Select the keys of rows of an INDEXED table of which one of these columns holds a folded word."""
    if len(word) < SHORTEST or db.engine.dialect.name != "sqlite":
        (key,) = rows.primary_key
        return select(key).where(is_held(rows, names, word))
    index = table(f"{rows.name}{SUFFIX}")
    quoted = word.replace('"', '""')
    match = literal_column(index.name).match(f'{{{" ".join(names)}}} : "{quoted}"')
    return select(literal_column("rowid").label("id")).select_from(index).where(match)


def is_held(rows: Any, names: tuple[str, ...], word: str) -> Any:
    """Give the condition that one of these columns holds a folded word."""
    return or_(*(rows.c[name].contains(word, autoescape=True) for name in names))
