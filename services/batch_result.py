"""Reading what is chosen, and what became of each order of a batch."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, Select, and_, func, select

from models.base import db
from models.batch import Batch, BatchAction, BatchOrder, Outcome
from models.order import Order
from models.selection import SelectedOrder, Selection
from models.status import OrderStatus
from permissions import Actor
from services.order_query import COLUMNS
from services.streaming import rows_in_own_session


def selected_rows(selection: Selection, *, actor: Actor, skip: int, take: int) -> Sequence[Any]:
    """Give a page of a selection. `now` is the version that the order has, None when it is not there."""
    chosen = select(SelectedOrder.order_id, SelectedOrder.version).where(SelectedOrder.selection_id == selection.id)
    page = chosen.order_by(SelectedOrder.order_id).offset(skip).limit(take)
    return db.session.execute(_told(page.subquery("chosen"), actor)).all()


def batch_rows(batch: Batch, outcome: Outcome | None, *, actor: Actor, skip: int, take: int) -> Sequence[Any]:
    """Give a page of what became of the orders of a batch, or of those with one outcome."""
    page = _of_batch(batch.id, outcome).order_by(BatchOrder.order_id).offset(skip).limit(take)
    return db.session.execute(_told(page.subquery("chosen"), actor)).all()


@dataclass(frozen=True)
class Own:
    """What a person's own batches did to a selection since: how many orders by batch, and the batch by order.

    `in_bin` counts those that are in the bin by now.
    """

    by_batch: Counter[int]
    by_order: Mapping[int, int]
    in_bin: int


def own_work(selection: Selection, action: BatchAction, to_status: str, shown: Collection[int], *, actor: Actor) -> Own:
    """Give what the actor's batches with this action did to a selection since; of the orders `shown`, which one."""
    done = (
        select(BatchOrder.batch_id, BatchOrder.order_id, Order.is_deleted)
        .join(
            SelectedOrder,
            (SelectedOrder.order_id == BatchOrder.order_id) & (SelectedOrder.version == BatchOrder.version),
        )
        .join(Batch, Batch.id == BatchOrder.batch_id)
        .join(
            Order,
            (Order.id == BatchOrder.order_id) & (Order.version == BatchOrder.made_version) & Order.visible_to(actor),
        )
        .where(
            SelectedOrder.selection_id == selection.id,
            BatchOrder.outcome == Outcome.DONE,
            Batch.staff_id == actor.staff_id,
            Batch.action == action,
            Batch.to_status == to_status,
        )
        .subquery("done")
    )
    counted = select(done.c.batch_id, done.c.is_deleted, func.count().label("orders"))
    found = db.session.execute(counted.group_by(done.c.batch_id, done.c.is_deleted).order_by(done.c.batch_id)).all()
    each = db.session.execute(select(done.c.order_id, done.c.batch_id).where(done.c.order_id.in_(shown)))
    by_batch: Counter[int] = Counter()
    for row in found:
        by_batch[row.batch_id] += row.orders
    return Own(
        by_batch=by_batch,
        by_order={row.order_id: row.batch_id for row in each},
        in_bin=sum(row.orders for row in found if row.is_deleted),
    )


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
