"""Far pages of the list by date: whole days are skipped by their kept numbers of orders, and then single orders."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, union_all

from models.order import Order
from models.order_count import ANY_STATUS, Midnight, OrderDay
from models.status import OrderStatus, OrderType


def skipping(keys: Select[Any], statuses: Sequence[int] | None, *, desc: bool, skip: Any) -> Select[Any]:
    """Let `keys`, the orders in these statuses sorted by their date, begin after the first `skip`, a number in SQL.

    It reads the days from the beginning of the list up to that of the first order of the page, and then from that
    day on. `statuses` None are those of order type ORDER.
    """
    days = _days(statuses, desc=desc)
    reached = func.sum(days.c.orders).over(order_by=_sorted(days.c.day, desc=desc)).label("reached")
    # A sorted subquery, read until the first row that fits: a sort outside of it would read all days first. Both
    # databases give its rows in their order; the tests hold them to that.
    walk = select(days.c.day, reached).order_by(_sorted(days.c.day, desc=desc)).subquery("walk")
    first = select(select(walk.c.day).where(walk.c.reached > skip).limit(1).cte("first_day").c.day).scalar_subquery()
    if desc:
        are_passed, is_from_there = days.c.day > first, Order.created_at < Midnight(first, 1)
    else:
        are_passed, is_from_there = days.c.day < first, Order.created_at >= Midnight(first, 0)
    passed = select(func.coalesce(func.sum(days.c.orders), 0)).where(are_passed).scalar_subquery()
    return keys.where(is_from_there).offset(skip - passed)


def _days(statuses: Sequence[int] | None, *, desc: bool) -> Any:
    """Select days and their numbers of orders, sorted; there may be several rows of a day, whose numbers add up."""
    if statuses is None:
        others = select(OrderStatus.id).where(OrderStatus.order_type != OrderType.ORDER)
        parts = [
            select(OrderDay.day, OrderDay.orders).where(OrderDay.status_id == ANY_STATUS),
            select(OrderDay.day, -OrderDay.orders).where(OrderDay.status_id.in_(others)),
        ]
    else:
        parts = [select(OrderDay.day, OrderDay.orders).where(OrderDay.status_id == status) for status in statuses]
    # Each part stands sorted in the index, so that they are merged and not sorted.
    days = union_all(*parts)
    return days.order_by(_sorted(days.selected_columns.day, desc=desc)).subquery("days")


def _sorted(day: Any, *, desc: bool) -> Any:
    return day.desc() if desc else day.asc()
