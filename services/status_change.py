"""Changing the status of one order, by somebody who looks at it."""

from typing import NamedTuple

from sqlalchemy import select

from models.base import db
from models.mail import OrderMail
from models.order import Order, PaymentStatus
from models.status import OrderStatus
from services.errors import Invalid
from services.lifecycle import may_follow
from services.mails.delivery import ask_for_delivery
from services.refusals import RefusedStatus, keep_refused
from services.unit_of_work import Edit, changing_one


class MayNotFollow(Invalid):
    """The status may not follow the one that the order has."""

    def __init__(self, order: Order, target: OrderStatus) -> None:
        told = Invalid("to", "%(to)s may not follow %(from)s.", to=target.name, **{"from": order.status.name})
        super().__init__(told.field, told.sentence, **told.values)
        self.refused = RefusedStatus(order.version, order.status.code, target.code)


class StatusWanted(NamedTuple):
    """What an order shall get: the code of its next status, and a payment status, empty to keep the one it has."""

    to_status: str
    payment_status: str = ""


def following(order: Order) -> list[OrderStatus]:
    """Give the statuses that an order may get next, by position."""
    next_ids = {order.status_id: [status.id for status in order.status.next_statuses]}
    return [status for status in order.status.next_statuses if may_follow(status.id, order.status_id, next_ids)]


def change_status(order_id: int, wanted: StatusWanted, *, seen: int, edit: Edit, mail: OrderMail | None = None) -> str:
    """Move an order on from the version that was seen, and give the name of its new status.

    A mail is asked for along with it; whether that arrives changes nothing of the status any more.
    Raises Invalid, OrderGone, ChangedMeanwhile and NotAllowed. What may not follow is told in the audit log.
    """
    if wanted.payment_status and wanted.payment_status not in set(PaymentStatus):
        raise Invalid("payment_status", "There is no such payment status.")
    try:
        return _set_status(order_id, wanted, seen, edit, mail)
    except MayNotFollow as forbidden:
        keep_refused({order_id: forbidden.refused}, edit)
        raise


def _set_status(order_id: int, wanted: StatusWanted, seen: int, edit: Edit, mail: OrderMail | None) -> str:
    with changing_one(order_id, edit=edit, seen=seen, then=lambda: ask_for_delivery(mail, edit)) as order:
        target = db.session.scalar(select(OrderStatus).where(OrderStatus.code == wanted.to_status))
        if target is None:
            raise Invalid("to", "Choose the new status of the order.")
        if target not in following(order):
            raise MayNotFollow(order, target)
        name = target.name
        order.status_id = target.id
        if wanted.payment_status:
            order.payment_status = wanted.payment_status
        if mail is not None:
            db.session.add(mail)
    return name
