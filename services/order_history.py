"""Reading the history of one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.order import Order
from models.order_history import OrderHistory, Origin
from models.staff import Staff
from models.types import LARGEST_WHOLE

AT_ONCE, LATEST = 50, 8


@dataclass(frozen=True)
class Doer:
    """Who changed an order: a person of the staff, or a program."""

    origin: str
    staff_id: int | None
    name: str

    @property
    def key(self) -> str:
        """Give how an address names it."""
        return str(self.staff_id) if self.staff_id else self.origin


@dataclass(frozen=True)
class HistoryAsked:
    """Which events of an order: of one field, by one person or program, and those before one."""

    field: str = ""
    doer: str = ""
    before: int | None = None


def history(order: Order, asked: HistoryAsked) -> tuple[Sequence[OrderHistory], bool]:
    """Give at most AT_ONCE events, the latest first, and whether there are older ones."""
    conditions: list[ColumnElement[bool]] = []
    if asked.field:
        conditions.append(OrderHistory.field == asked.field)
    if asked.doer.isdecimal():
        conditions.append(OrderHistory.staff_id == int(asked.doer))
    elif asked.doer:
        conditions.append(and_(OrderHistory.origin == asked.doer, OrderHistory.origin != Origin.STAFF))
    if asked.before is not None:
        conditions.append(OrderHistory.id < asked.before)
    found = _latest(order, AT_ONCE + 1, *conditions)
    return found[:AT_ONCE], len(found) > AT_ONCE


def fields_and_doers(order: Order) -> tuple[list[str], list[Doer]]:
    """Give the fields that were ever changed, and everybody who changed any."""
    rows = db.session.execute(
        select(OrderHistory.field, OrderHistory.origin, OrderHistory.staff_id, Staff.name)
        .outerjoin(Staff, Staff.id == OrderHistory.staff_id)
        .where(OrderHistory.order_id == order.id)
        .distinct()
    ).all()
    doers = {Doer(row.origin, row.staff_id, row.name or "") for row in rows}
    return sorted({row.field for row in rows}), sorted(doers, key=lambda doer: (doer.name, doer.key))


def latest_history(order: Order) -> Sequence[OrderHistory]:
    """Give the newest events, the latest first."""
    return _latest(order, LATEST)


def history_since(order: Order, version: int) -> Sequence[OrderHistory]:
    """Give what happened to an order after a version of it, the latest first."""
    return _latest(order, AT_ONCE, OrderHistory.version > min(version, LARGEST_WHOLE))


def _latest(order: Order, most: int, *conditions: ColumnElement[bool]) -> Sequence[OrderHistory]:
    return db.session.scalars(
        select(OrderHistory)
        .where(OrderHistory.order_id == order.id, *conditions)
        .order_by(OrderHistory.id.desc())
        .limit(most)
        .options(joinedload(OrderHistory.staff))
    ).all()


class StatusStep(NamedTuple):
    """A status that an order had: the event that brought it, and when it ended, if it did.

    `payment_status` is what that was set to with it, or empty.
    """

    event: OrderHistory
    until: datetime | None
    payment_status: str


def status_steps(order: Order) -> Sequence[StatusStep]:
    """Give every status that the order had, the first one first."""
    events = db.session.scalars(
        select(OrderHistory)
        .where(OrderHistory.order_id == order.id, OrderHistory.field.in_(("status", "payment_status")))
        .order_by(OrderHistory.id)
        .options(joinedload(OrderHistory.staff))
    ).all()
    paid = {event.version: event.new_value for event in events if event.field == "payment_status"}
    steps = [event for event in events if event.field == "status"]
    ends = [*(event.at for event in steps[1:]), None]
    return [StatusStep(step, end, paid.get(step.version, "")) for step, end in zip(steps, ends, strict=True)]
