"""Reading what is chosen, and what became of each order of a batch."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, and_, func, select

from models.base import db
from models.batch import Batch, BatchOrder, Outcome
from models.order import Order
from models.selection import SelectedOrder, Selection
from models.status import OrderStatus
from permissions import Actor
from services.order_query import COLUMNS, rows_in_own_session


def selected_rows(selection: Selection, *, actor: Actor, skip: int, take: int) -> Sequence[Any]:
    """Give a page of a selection. `now` is the version that the order has, None when it is not there."""
    chosen = select(SelectedOrder.order_id, SelectedOrder.version).where(SelectedOrder.selection_id == selection.id)
    page = chosen.order_by(SelectedOrder.order_id).offset(skip).limit(take)
    return db.session.execute(_told(page.subquery("chosen"), actor)).all()


def batch_rows(batch: Batch, outcome: Outcome | None, *, actor: Actor, skip: int, take: int) -> Sequence[Any]:
    """Give a page of what became of the orders of a batch, or of those with one outcome."""
    page = _of_batch(batch.id, outcome).order_by(BatchOrder.order_id).offset(skip).limit(take)
    return db.session.execute(_told(page.subquery("chosen"), actor)).all()


def stream_batch(batch: Batch, *, actor: Actor) -> Iterator[Any]:
    """Give what became of every order of a batch, read as it is asked for."""
    return rows_in_own_session(actor, _told(_of_batch(batch.id, None).subquery("chosen"), actor))


def _of_batch(batch_id: int, outcome: Outcome | None) -> Any:
    kept: list[Any] = [
        BatchOrder.order_id,
        BatchOrder.version,
        BatchOrder.outcome,
        BatchOrder.reason,
        BatchOrder.reason_text,
    ]
    chosen = select(*kept).where(BatchOrder.batch_id == batch_id)
    if outcome is not None:
        chosen = chosen.where(BatchOrder.outcome == outcome)
    return chosen


def _told(chosen: FromClause, actor: Actor) -> Select[Any]:
    """Select chosen numbers with what the order is called, as far as it exists for the actor."""
    return (
        select(
            *chosen.c,
            Order.version.label("now"),
            Order.is_deleted,
            func.coalesce(COLUMNS["company"].shown, "").label("company"),
            OrderStatus.code.label("status_code"),
            OrderStatus.name.label("status_name"),
            OrderStatus.colour.label("status_colour"),
            Order.total_base.label("total"),
        )
        .outerjoin_from(chosen, Order, and_(Order.id == chosen.c.order_id, Order.visible_to(actor)))
        .outerjoin(Order.company)
        .outerjoin(Order.status)
        .order_by(chosen.c.order_id)
    )
