"""The beginning of a list that is sorted by a text of joined rows: the rows are walked in their order, not sorted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from models.order import Order

Narrow = Callable[[Select[Any]], Select[Any]]


@dataclass(frozen=True)
class JoinedSort:
    """A sort by the `text` of the row that an order `refers` to; of one without, by its `own`, or as the least."""

    refers: InstrumentedAttribute[Any]
    row: type[Any]
    text: InstrumentedAttribute[str]
    own: InstrumentedAttribute[str] | None = None


def first_by(sort: JoinedSort, narrow: Narrow, *, desc: bool, skip: Any, take: Any) -> Select[Any]:
    """Select the numbers of a page near the beginning; `narrow` adds the conditions, `skip` and `take` are in SQL.

    Orders that refer to a row and those that do not are read apart, each from an index and no further than the page
    reaches.
    """
    # A sum is in no index, so that SQLite begins with the rows and not with the orders.
    is_of_row = sort.refers == sort.row.id + 0
    of_rows: Any = select(Order.id, sort.text.label("text")).select_from(sort.row).join(Order, is_of_row)
    apart: Any = literal("") if sort.own is None else sort.own
    of_none: Any = select(Order.id, apart.label("text")).where(sort.refers.is_(None))

    # They all refer to nothing alike; PostgreSQL takes the order of the index only from one who asks for all of it.
    own_keys = [sort.refers, *([] if sort.own is None else [sort.own]), Order.id]

    def sorted_by(*keys: ColumnElement[Any] | InstrumentedAttribute[Any]) -> list[ColumnElement[Any]]:
        return [key.desc() if desc else key.asc() for key in keys]

    heads = union_all(
        *(
            select(*narrow(part).order_by(*sorted_by(*keys)).limit(skip + take).subquery().c)
            for part, keys in ((of_rows, [sort.text, Order.id]), (of_none, own_keys))
        )
    ).subquery()
    return select(heads.c.id).order_by(*sorted_by(heads.c.text, heads.c.id)).limit(take).offset(skip)
