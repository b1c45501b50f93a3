"""Changing the status of one order, by somebody who looks at it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db
from models.order import Order, PaymentStatus
from models.order_history import OrderHistory
from models.status import OrderStatus
from services.errors import Invalid, Refused
from services.lifecycle import may_follow
from services.unit_of_work import Edit, OrderGone, changing


class ChangedMeanwhile(Refused):
    """Somebody changed the order after it was read."""

    def __init__(self) -> None:
        super().__init__("The order was changed meanwhile. Look at what it is now, then confirm again.")


class Wanted(NamedTuple):
    """What an order shall get: the code of its next status, and a payment status, empty to keep the one it has."""

    to_status: str
    payment_status: str = ""


def change_status(order_id: int, wanted: Wanted, *, seen: int, edit: Edit) -> OrderStatus:
    """Move an order on from the version that was seen, and give its new status.

    Raises Invalid, OrderGone, ChangedMeanwhile and NotAllowed.
    """
    if wanted.payment_status and wanted.payment_status not in set(PaymentStatus):
        raise Invalid("payment_status", "There is no such payment status.")
    target = db.session.scalar(select(OrderStatus).where(OrderStatus.code == wanted.to_status))
    if target is None:
        raise Invalid("to", "Choose the status that the order shall get.")
    target_id = target.id
    with changing(order_id, edit=edit) as order:
        if order is None or order.is_deleted:
            raise OrderGone(order_id)
        if order.version != seen:
            raise ChangedMeanwhile
        following = order.status.next_statuses
        if not may_follow(target_id, order.status_id, {order.status_id: [status.id for status in following]}):
            raise Invalid("to", "%(to)s may not follow %(from)s.", to=target.name, **{"from": order.status.name})
        order.status_id = target_id
        if wanted.payment_status:
            order.payment_status = wanted.payment_status
    return db.session.get_one(OrderStatus, target_id)


def history_since(order: Order, version: int) -> Sequence[OrderHistory]:
    """Give what happened to an order after a version of it, the latest first."""
    return db.session.scalars(
        select(OrderHistory)
        .where(OrderHistory.order_id == order.id, OrderHistory.version > version)
        .order_by(OrderHistory.id.desc())
        .options(joinedload(OrderHistory.staff))
    ).all()
