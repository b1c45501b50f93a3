"""The bin: orders that were deleted, until they are restored or purged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, delete, exists, not_, or_, select, update
from sqlalchemy.orm import aliased

from models.base import Base, db
from models.deletion import DeletedOrder
from models.order import Order, PartOfOrder
from models.party import Address, PartyAddress
from models.types import LARGEST_ID
from permissions import SYSTEM, Action, Actor
from services.unit_of_work import AT_ONCE, Edit, setting_many


def find_deletion(order_id: int, actor: Actor) -> DeletedOrder | None:
    """Give who deleted an order and when, if it was deleted and existed for the actor."""
    if order_id > LARGEST_ID:
        return None
    return db.session.scalar(select(DeletedOrder).where(DeletedOrder.id == order_id, DeletedOrder.visible_to(actor)))


def purge(days: int, *, now: datetime, report: Callable[[int], None] = lambda _purged: None) -> int:
    """Remove orders that were in the bin for so many days, and give how many.

    The order goes with its lines, texts, addresses, mails and history; number, who and when stay. An order that another
    one stems from stays in the bin until that one is gone.
    """
    purged, before = 0, now - timedelta(days=days)
    edit = Edit(SYSTEM, Action.ORDERS_DELETE, now)
    while True:
        with setting_many(edit) as orders:
            locked = orders.lock(_due(before))
            # Asked again: one that was restored until it was locked stays.
            numbers = [number for number in _due(before) if number in locked]
            if not numbers:
                return purged
            _remove(numbers, now)
        purged += len(numbers)
        report(purged)


def _due(before: datetime) -> list[int]:
    changed = aliased(Order)
    found = select(DeletedOrder.id).where(
        DeletedOrder.is_binned(),
        DeletedOrder.deleted_at <= before,
        DeletedOrder.id.not_in(select(changed.original_order_id).where(changed.original_order_id.is_not(None))),
    )
    return list(db.session.scalars(found.order_by(DeletedOrder.id).limit(AT_ONCE)))


def _remove(numbers: list[int], now: datetime) -> None:
    unsynchronized = {"synchronize_session": False}
    addresses = _addresses(numbers)
    for part in _parts():
        db.session.execute(delete(part).where(part.order_id.in_(numbers)), execution_options=unsynchronized)
    db.session.execute(delete(Order).where(Order.id.in_(numbers)), execution_options=unsynchronized)
    db.session.execute(delete(Address).where(Address.id.in_(addresses), _is_unused()), execution_options=unsynchronized)
    db.session.execute(
        update(DeletedOrder).where(DeletedOrder.id.in_(numbers)).values(purged_at=now),
        execution_options=unsynchronized,
    )


@cache
def _parts() -> list[type[PartOfOrder]]:
    """Give what belongs to orders, those first that refer to others."""
    parts = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    classes = (parts.get(table) for table in reversed(Base.metadata.sorted_tables))
    return [part for part in classes if part is not None and issubclass(part, PartOfOrder)]


def _addresses(numbers: list[int]) -> set[int]:
    """Give the addresses of orders; others may have them, too."""
    rows = db.session.execute(select(Order.delivery_address_id, Order.invoice_address_id).where(Order.id.in_(numbers)))
    return {address for row in rows for address in row if address is not None}


def _is_unused() -> ColumnElement[bool]:
    return not_(
        or_(
            exists().where(Order.delivery_address_id == Address.id),
            exists().where(Order.invoice_address_id == Address.id),
            exists().where(PartyAddress.address_id == Address.id),
        )
    )
