"""Reading the statuses with what may follow each; taking one away, its orders moved to another."""

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from models.base import db
from models.order import Order
from models.status import OrderStatus
from permissions import Action, Actor
from services.errors import Invalid, Refused
from services.lifecycle import Stage
from services.records import Gone, deleting
from services.rules import refusal_of_deletion
from services.unit_of_work import AT_ONCE, Edit, changing_many

MOST_AT_ONCE = 10_000
"""Orders that one request moves; the rest is moved by the next one."""


class MoreToMove(Refused):
    """The status is still there: so many orders were moved, and others stand in it."""


def stages() -> list[Stage]:
    """Read all statuses in their order, in two statements however many there are."""
    in_order = select(OrderStatus).order_by(OrderStatus.position, OrderStatus.id)
    statuses = db.session.scalars(in_order.options(selectinload(OrderStatus.next_statuses))).all()
    place = {status.id: at for at, status in enumerate(statuses)}
    return [
        Stage(
            status.id,
            status.name,
            status.colour,
            status.order_type,
            status.is_default,
            # One that was added since the first statement is told next time.
            tuple(sorted((after.id for after in status.next_statuses if after.id in place), key=place.__getitem__)),
        )
        for status in statuses
    ]


def by_id() -> dict[int, OrderStatus]:
    """Give all statuses by their id."""
    return {status.id: status for status in db.session.scalars(select(OrderStatus))}


def delete_status(status_id: int, *, move_to: OrderStatus | None, edit: Edit) -> None:
    """Delete a status; orders in it go to `move_to`, each with its history.

    Raises NotAllowed, Gone, Invalid when there are orders and no place for them, MoreToMove when there are
    too many for one request, or Refused when the status must stay or the actor may not see all orders in it.
    """
    edit.actor.must(edit.action)
    status = db.session.get(OrderStatus, status_id)
    if status is None:
        raise Gone
    if refusal := refusal_of_deletion(status):
        raise refusal
    if _has_others(status_id, edit.actor):
        raise Refused("There are orders in %(name)s that you may not see, so you cannot delete it.", name=status.name)
    if _orders_in(status_id, 1):
        if move_to is None or not takes_orders_of(status, move_to):
            raise Invalid("move_to", "Choose another status of the same order type for the orders in it.")
        _move(status_id, move_to.id, replace(edit, action=Action.ORDERS_EDIT, note=f"to delete {status.code}"))
    deleting(OrderStatus, status_id, edit=edit)


def takes_orders_of(status: OrderStatus, other: OrderStatus) -> bool:
    """Say whether the orders of a status that is deleted may go to the other: it is one of the same order type."""
    return other.id != status.id and other.order_type == status.order_type


def _move(status_id: int, target_id: int, edit: Edit) -> None:
    moved = 0
    while numbers := _orders_in(status_id, AT_ONCE):
        if moved >= MOST_AT_ONCE:
            raise MoreToMove(
                "%(moved)d orders are moved, others are still to move. Press the button again.", moved=moved
            )
        for orders in changing_many(numbers, edit=edit):
            for order in orders:
                if order.status_id == status_id:
                    order.status_id = target_id
                    moved += 1


def _has_others(status_id: int, actor: Actor) -> bool:
    """Say whether orders that do not exist for the actor stand in a status."""
    if actor.companies is None:
        return False
    orders = Order.__table__
    everybodys = select(func.count()).select_from(orders).where(orders.c.status_id == status_id)
    own = select(func.count(Order.id)).where(Order.status_id == status_id, Order.visible_to(actor))
    return db.session.scalar(everybodys) != db.session.scalar(own)


def _orders_in(status_id: int, most: int) -> list[int]:
    return list(db.session.scalars(select(Order.id).where(Order.status_id == status_id).order_by(Order.id).limit(most)))
