"""The way to change orders: right, row lock, the verb itself, version, history, commit.

The session refuses order writes from anywhere else (`models.base`). New orders in bulk come in
through `services.loading`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select

from models.base import begin_writing, db
from models.folding import fold, fold_name
from models.order import Order, OrderSearch
from models.order_history import OrderHistory, Origin
from models.status import OrderStatus
from permissions import Action, Actor
from services.orders import totals
from services.pricing import base_total

AT_ONCE = 1_000
LONGEST_VALUE = 4_000
STAMPS = frozenset({"version", "updated_at", "updated_by_id", "status_changed_at", "buyer_name_folded"})
MONEY = frozenset(
    {
        "currency",
        "currency_rate",
        "discount_type",
        "discount_value",
        "payment_costs",
        "payment_tax_percentage",
        "shipping_costs",
        "shipping_tax_percentage",
    }
)
"""What the totals of an order follow from, beside its lines."""


@dataclass(frozen=True)
class Edit:
    """Who changes orders, when, and why.

    `program` says which one it is when nobody of the staff does. `looked_up` keeps what rules read, so that
    many rows of one edit read it once.
    """

    actor: Actor
    action: Action
    now: datetime
    note: str = ""
    program: Origin = Origin.SYSTEM
    looked_up: dict[str, Collection[str]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def origin(self) -> Origin:
        """Where the history says that the change came from."""
        return self.program if self.actor.staff_id is None else Origin.STAFF


def changing_many(order_ids: Iterable[int], *, edit: Edit) -> Iterator[Sequence[Order]]:
    """Give the orders in pieces of at most a thousand, each locked in the order of their numbers.

    What the caller changes in a piece is committed, with its history, before the next is given.
    Numbers that do not exist for the actor are left out. Raises NotAllowed.
    """
    numbers = sorted(set(order_ids))
    for start in range(0, len(numbers), AT_ONCE):
        # A flush in between would forget what the columns held before.
        with _unit_of_work(edit), db.session.no_autoflush:
            orders = _locked(numbers[start : start + AT_ONCE], edit.actor)
            yield orders
            _finish(orders, edit)


@contextmanager
def _unit_of_work(edit: Edit) -> Iterator[None]:
    edit.actor.must(edit.action)
    begin_writing(db.session)
    db.session.info["unit_of_work"] = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info["unit_of_work"] = False


def _locked(numbers: Sequence[int], actor: Actor) -> Sequence[Order]:
    return db.session.scalars(
        select(Order)
        .where(Order.id.in_(numbers), Order.visible_to(actor))
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _finish(orders: Sequence[Order], edit: Edit) -> None:
    for order in orders:
        if changes := _changes(order):
            if changes.keys() & MONEY:
                _add_up(order)
                changes = _changes(order)
            order.updated_at = edit.now
            if edit.actor.staff_id is not None:
                order.updated_by_id = edit.actor.staff_id
            if "status_id" in changes:
                order.status_changed_at = edit.now
            _keep_search(order, changes)
            db.session.add_all(_history(order, changes, edit))


def _add_up(order: Order) -> None:
    sums = totals(order)
    order.total_gross, order.total_tax, order.total_net = sums.gross, sums.tax, sums.net
    order.total_base = base_total(sums.gross, order.currency_rate)


def _changes(order: Order) -> dict[str, tuple[Any, Any]]:
    """Give the changed columns: name, value before, value after."""
    state = inspect(order)
    return {
        column.key: (history.deleted[0] if history.deleted else None, history.added[0])
        for column in state.mapper.column_attrs
        if column.key not in STAMPS and (history := state.attrs[column.key].history).added
    }


def _history(order: Order, changes: dict[str, tuple[Any, Any]], edit: Edit) -> Iterator[OrderHistory]:
    for name, (old, new) in changes.items():
        yield OrderHistory(
            order_id=order.id,
            version=order.version + 1,
            at=edit.now,
            origin=edit.origin,
            staff_id=edit.actor.staff_id,
            field="status" if name == "status_id" else name,
            old_value=_written(name, old),
            new_value=_written(name, new),
            note=edit.note,
        )


def _written(name: str, value: Any) -> str:
    if name == "status_id":
        return db.session.get_one(OrderStatus, value).code
    return "" if value is None else str(value)[:LONGEST_VALUE]


def _keep_search(order: Order, changes: dict[str, tuple[Any, Any]]) -> None:
    if "buyer_name" in changes:
        order.buyer_name_folded = fold_name(order.buyer_name)
    texts = {name: fold(getattr(order, name)) for name in OrderSearch.FIELDS if name in changes}
    if texts:
        row = db.session.get_one(OrderSearch, order.id)
        for name, value in texts.items():
            setattr(row, name, value)
