"""What others do to an order that somebody has open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.order import Order
from models.order_draft import OrderDraft
from models.order_history import OrderHistory
from models.staff import Staff
from models.types import LARGEST_WHOLE
from permissions import Actor

AT_WORK = timedelta(minutes=15)
"""How long somebody counts as typing after the form was kept last."""


class OrderNews(NamedTuple):
    """The latest change of an order since it was seen, if any, and the names of who is typing, each with when last."""

    change: OrderHistory | None
    typing: Sequence[tuple[str, datetime]]


def order_news(order_id: int, *, seen: int, actor: Actor, now: datetime) -> OrderNews | None:
    """Give what happened after the version `seen`, and who else is typing into the order, in one statement.

    None when the order is in the bin or does not exist for the actor.
    """
    is_later = and_(OrderHistory.order_id == order_id, OrderHistory.version > min(seen, LARGEST_WHOLE))
    latest = select(func.max(OrderHistory.id)).where(is_later).scalar_subquery()
    is_typed = and_(OrderDraft.order_id == Order.id, OrderDraft.at > now - AT_WORK, OrderDraft.staff_id != actor.person)
    rows = db.session.execute(
        select(OrderHistory, OrderDraft.staff_id, Staff.name, OrderDraft.at)
        .select_from(Order)
        .outerjoin(OrderHistory, OrderHistory.id == latest)
        .outerjoin(OrderDraft, is_typed)
        .outerjoin(Staff, Staff.id == OrderDraft.staff_id)
        .where(Order.id == order_id, Order.listed_for(actor))
        .order_by(OrderDraft.at)
        .options(joinedload(OrderHistory.staff))
    ).all()
    if not rows:
        return None
    typing = {row.staff_id: (row.name, row.at) for row in rows if row.staff_id is not None}
    return OrderNews(rows[0].OrderHistory, list(typing.values()))
