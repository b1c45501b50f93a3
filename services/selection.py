"""Choosing orders: the ticked ones, or all that match, kept as they were at that moment.

A selection belongs to the person who made it and lapses after a day.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
)

from models.base import db, one_of, writing
from models.order import Order
from models.selection import NOT_FOUND, SelectedOrder, Selection
from models.types import LARGEST_ID
from permissions import Action, Actor
from services.errors import Refused
from services.order_query import OrderQuery, chosen

LASTS = timedelta(days=1)
MOST_TICKED = 10_000
COLUMNS = ("selection_id", "order_id", "version")


class Lapsed(Refused):
    """There is no such selection of this person, or no more."""

    def __init__(self) -> None:
        super().__init__("What you chose is no longer kept: a selection lasts a day. Choose the orders again.")


@dataclass(frozen=True)
class Ticks:
    """What is chosen already: single numbers, and an earlier selection without some of its numbers."""

    numbers: Collection[int] = ()
    frozen: int | None = None
    without: Collection[int] = ()


NONE = Ticks()


def select_all(query: OrderQuery, asked: str, *, actor: Actor, now: datetime, beside: Ticks = NONE) -> Selection:
    """Choose every order that matches at this moment, beside what is chosen already.

    `asked` is the question that the list's address had. Raises Lapsed.
    """
    matching = chosen(query, actor).subquery("matching")
    rows = select(matching.c.id, matching.c.version)
    ticked = _chosen_already(beside, actor, now)
    if ticked is None:
        return _made(Selection(asked=asked, is_all=True), rows, actor, now)
    already = ticked.subquery("already")
    others = select(already).where(already.c[0].not_in(select(matching.c.id)))
    return _made(Selection(asked=asked, is_all=False), union_all(rows, others), actor, now)


def select_ticked(ticks: Ticks, asked: str = "", *, actor: Actor, now: datetime) -> Selection:
    """Choose what is ticked. Raises Lapsed, or Refused when nothing or too much is ticked."""
    rows = _chosen_already(ticks, actor, now)
    if rows is None:
        raise Refused("Nothing was changed: no order is ticked.")
    return _made(Selection(asked=asked, is_all=False), rows, actor, now)


def _chosen_already(
    ticks: Ticks, actor: Actor, now: datetime
) -> Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | None:
    if max(len(ticks.numbers), len(ticks.without)) > MOST_TICKED:
        raise Refused(
            "At most %(most)d orders can be ticked one by one. Select all that match instead.", most=MOST_TICKED
        )
    earlier = find_selection(ticks.frozen, actor=actor, now=now) if ticks.frozen else None
    ticked = _ticked(ticks.numbers, Order.listed_for(actor))
    if earlier is None:
        return ticked if ticks.numbers else None
    held = select(SelectedOrder.order_id, SelectedOrder.version).where(SelectedOrder.selection_id == earlier.id)
    added = ticked.subquery("added")
    beside = select(added).where(added.c[0].not_in(select(held.subquery().c.order_id)))
    kept = held.where(SelectedOrder.order_id.not_in(select(_listed(ticks.without).c.number)))
    return union_all(kept, beside)


def select_binned(numbers: Collection[int], *, actor: Actor, now: datetime) -> Selection:
    """Choose orders that are in the bin. Raises Refused when none of them is."""
    is_there = and_(Order.is_deleted, Order.visible_to(actor))
    if not db.session.scalar(select(exists().where(one_of(Order.id, numbers), is_there))):
        raise Refused("Nothing was restored: none of these orders is in the bin.")
    ticked = _ticked(numbers, is_there)
    return _made(Selection(is_all=False), ticked, actor, now)


def find_selection(selection_id: int, *, actor: Actor, now: datetime) -> Selection:
    """Give a selection of the actor. Raises Lapsed."""
    selection = db.session.get(Selection, min(selection_id, LARGEST_ID))
    if selection is None or selection.staff_id != actor.staff_id or selection.created_at + LASTS <= now:
        raise Lapsed
    return selection


def forget_selections(*, now: datetime) -> None:
    """Remove the selections that have lapsed."""
    with writing():
        db.session.execute(delete(Selection).where(Selection.created_at <= now - LASTS))


def held(selection: Selection, numbers: Sequence[int]) -> list[int]:
    """Give those of the numbers that are in a selection."""
    found = select(SelectedOrder.order_id).where(
        SelectedOrder.selection_id == selection.id, SelectedOrder.order_id.in_(numbers)
    )
    return list(db.session.scalars(found))


def size(selection: Selection) -> int:
    """Count the numbers of a selection, those that are no order too."""
    counted = select(func.count()).where(SelectedOrder.selection_id == selection.id)
    return db.session.scalar(counted) or 0


def _made(selection: Selection, rows: Select[Any] | CompoundSelect[Any], actor: Actor, now: datetime) -> Selection:
    actor.must(Action.ORDERS_SEE)
    with writing():
        selection.staff_id, selection.created_at = actor.person, now
        db.session.add(selection)
        db.session.flush()
        found = rows.subquery("found")
        db.session.execute(insert(SelectedOrder).from_select(COLUMNS, select(literal(selection.id, Integer), *found.c)))
    return selection


def _ticked(numbers: Collection[int], is_there: ColumnElement[bool]) -> Select[Any]:
    ticked = _listed(numbers)
    return select(ticked.c.number, func.coalesce(Order.version, NOT_FOUND).label("version")).outerjoin_from(
        ticked, Order, and_(Order.id == ticked.c.number, is_there)
    )


def _listed(numbers: Collection[int]) -> Subquery:
    """Give numbers as rows, in one parameter however many there are."""
    written = json.dumps(sorted(set(numbers)))
    if db.engine.dialect.name == "postgresql":
        each = func.json_array_elements_text(cast(literal(written, Text), JSON)).table_valued("value")
    else:
        each = func.json_each(written).table_valued("value")
    return select(cast(each.c.value, BigInteger).label("number")).subquery()
