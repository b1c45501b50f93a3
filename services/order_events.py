"""The history of one order, a page at a time, of one kind or by one person."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.order import Order
from models.order_history import OrderHistory, Origin
from models.staff import Staff

AT_ONCE = 50


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
class Wanted:
    """Which events of an order: of one field, by one person or program, and those before one."""

    field: str = ""
    doer: str = ""
    before: int | None = None


def events(order: Order, wanted: Wanted) -> tuple[Sequence[OrderHistory], bool]:
    """Give at most AT_ONCE events, the latest first, and whether there are older ones."""
    conditions: list[ColumnElement[bool]] = [OrderHistory.order_id == order.id]
    if wanted.field:
        conditions.append(OrderHistory.field == wanted.field)
    if wanted.doer.isdecimal():
        conditions.append(OrderHistory.staff_id == int(wanted.doer))
    elif wanted.doer:
        conditions.append(and_(OrderHistory.origin == wanted.doer, OrderHistory.origin != Origin.STAFF))
    if wanted.before is not None:
        conditions.append(OrderHistory.id < wanted.before)
    found = db.session.scalars(
        select(OrderHistory)
        .where(*conditions)
        .order_by(OrderHistory.id.desc())
        .limit(AT_ONCE + 1)
        .options(joinedload(OrderHistory.staff))
    ).all()
    return found[:AT_ONCE], len(found) > AT_ONCE


def kinds(order: Order) -> tuple[list[str], list[Doer]]:
    """Give the fields that were ever changed, and everybody who changed any."""
    rows = db.session.execute(
        select(OrderHistory.field, OrderHistory.origin, OrderHistory.staff_id, Staff.name)
        .outerjoin(Staff, Staff.id == OrderHistory.staff_id)
        .where(OrderHistory.order_id == order.id)
        .distinct()
    ).all()
    doers = {Doer(row.origin, row.staff_id, row.name or "") for row in rows}
    return sorted({row.field for row in rows}), sorted(doers, key=lambda doer: (doer.name, doer.key))
