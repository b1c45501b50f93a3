"""Choosing orders and doing batches, short to ask for."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import event, select

from models.base import db
from models.batch import Batch, BatchAction, BatchOrder
from models.order import Order
from models.order_history import OrderHistory
from models.party import Company
from models.selection import SelectedOrder, Selection
from permissions import Action, Actor
from services.batches import BatchRequest, begin, carry_out
from services.selection import Ticks, select_ticked
from services.sign_in import actor_of
from services.unit_of_work import Edit, changing_many
from tests.factories import NOON, make_staff
from tests.people import GRANTS

LATER = NOON + timedelta(hours=1)
_keys = count(1)


class Time:
    """A clock that tests set; batches are done an hour after the orders were made."""

    def __init__(self) -> None:
        self.now = LATER

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


def person(name: str = "owner", grants: Sequence[str] | None = None, *, of: Sequence[Company] | None = None) -> Actor:
    """Make a person with these grants, or those of GRANTS, perhaps limited to companies, and give the actor."""
    return actor_of(make_staff(name, GRANTS["owner"] if grants is None else grants, limited_to=of).id)


def choose(numbers: Collection[int], actor: Actor, asked: str = "", **more: Any) -> Selection:
    """Tick orders an hour after they were made."""
    return select_ticked(Ticks(numbers, **more), asked, actor=actor, now=LATER)


def chosen(selection: Selection) -> dict[int, int]:
    """Give the numbers of a selection with their versions."""
    held = select(SelectedOrder).where(SelectedOrder.selection_id == selection.id)
    return {row.order_id: row.version for row in db.session.scalars(held)}


def begun(
    action: BatchAction, selected: Collection[int] | Selection, actor: Actor, to: str = "", note: str = ""
) -> Batch:
    """Begin a batch on these orders."""
    selection = selected if isinstance(selected, Selection) else choose(selected, actor)
    return begin(selection.id, BatchRequest(action, f"key-{next(_keys)}", to, note), actor=actor, now=LATER)


def did(
    action: BatchAction,
    selected: Collection[int] | Selection,
    actor: Actor,
    to: str = "",
    note: str = "",
    *,
    clock: Callable[[], datetime] = lambda: LATER,
) -> Batch:
    """Do a batch on these orders to its end."""
    batch = begun(action, selected, actor, to, note)
    carry_out(batch.id, actor=actor, clock=clock)
    return batch


def told(batch: Batch | int) -> dict[int, str]:
    """Give what became of each order: the outcome, and the reason of a refusal."""
    batch_id = batch if isinstance(batch, int) else batch.id
    db.session.rollback()
    rows = db.session.scalars(select(BatchOrder).where(BatchOrder.batch_id == batch_id).order_by(BatchOrder.order_id))
    return {row.order_id: " ".join(filter(None, (row.outcome, row.reason, row.reason_text))) for row in rows}


def read(number: int) -> Order:
    """Read an order afresh."""
    db.session.rollback()
    return db.session.get_one(Order, number, populate_existing=True)


def status_of(number: int) -> str:
    """Give the code of the status that an order is in."""
    return read(number).status.code


def history(number: int) -> list[tuple[int, str, str, str, str]]:
    """Give what happened to an order since it was made: version, field, from, to, note."""
    rows = db.session.scalars(
        select(OrderHistory).where(OrderHistory.order_id == number, OrderHistory.version > 1).order_by(OrderHistory.id)
    )
    return [(row.version, row.field, row.old_value, row.new_value, row.note) for row in rows]


def change(number: int, **values: Any) -> None:
    """Let somebody else change an order."""
    edit = Edit(actor_of(make_staff(f"other{next(_keys)}", GRANTS["editor"]).id), Action.ORDERS_EDIT, LATER)
    for orders in changing_many([number], edit=edit):
        for name, value in values.items():
            setattr(orders[0], name, value)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that reach the database, those that begin a transaction aside."""
    statements: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", heard)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", heard)
