"""The order before and the order after another one, in a list."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, literal, select, tuple_

from models.base import db
from models.order import Order
from models.types import LARGEST_ID
from permissions import Actor
from services.order_query import COLUMNS, OrderQuery, of_orders, sorted_numbers


def neighbour(query: OrderQuery, number: int, actor: Actor, *, is_after: bool) -> int | None:
    """Give the number of the order that the list has after another one, or before it; None where there is none.

    The order itself need not be in the list any more: its place is where it would stand.
    """
    asked = query if is_after else replace(query, desc=not query.desc)
    key: Any = COLUMNS[asked.sort].key
    place = of_orders(select(key).where(Order.id == min(number, LARGEST_ID), Order.visible_to(actor)), [asked.sort])
    here = db.session.execute(place).first()
    if here is None:
        return None
    listed = sorted_numbers(asked, actor).limit(1)
    for beyond in _beyond(asked, key, here[0], number):
        if (found := db.session.scalar(listed.where(beyond))) is not None:
            return found
    return None


def _beyond(query: OrderQuery, key: Any, here: Any, number: int) -> Iterator[ColumnElement[bool]]:
    """Give the conditions on what stands after a place, the nearest first: an empty value is the least."""
    place = Order.id if here is None else tuple_(key, Order.id)
    value = literal(number, Order.id.type) if here is None else tuple_(literal(here, key.type), number)
    is_beyond: ColumnElement[bool] = place < value if query.desc else place > value
    yield is_beyond & key.is_(None) if here is None else is_beyond
    if COLUMNS[query.sort].may_be_empty and (here is None) != query.desc:
        yield key.is_not(None) if here is None else key.is_(None)
