"""The orders that are printed together: how much that is, whether it is too much, and reading them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from sqlalchemy.orm import Session

from models.base import db, one_of
from models.order import Order
from models.selection import Selection
from permissions import Actor
from services.errors import Refused
from services.line_query import count_lines
from services.order_query import OrderQuery, exact_count, sorted_numbers
from services.orders import whole_orders

READ_AT_ONCE = 50


class NothingToPrint(Refused):
    """What was chosen is gone."""

    def __init__(self) -> None:
        super().__init__("None of these orders exists any more.")


@dataclass(frozen=True)
class Amount:
    """So many orders, with so many lines together."""

    orders: int
    lines: int

    @classmethod
    def of(cls, query: OrderQuery, actor: Actor) -> Self:
        """Count what a query finds."""
        return cls(exact_count(query, actor), count_lines(query, actor))

    def exceeds(self, most: Self) -> bool:
        """Say whether these are more orders, or more lines."""
        return self.orders > most.orders or self.lines > most.lines


AT_ONCE = Amount(50, 2_000)
"""What is printed while the person waits; some three seconds."""
MOST = Amount(2_000, 50_000)


def chosen_for_print(selection: Selection) -> OrderQuery:
    """Ask for the orders of a selection, in the order of their numbers."""
    return OrderQuery(selection=selection.id, sort="order_number", desc=False)


def check_amount(amount: Amount) -> None:
    """Raise Refused when there is nothing to print, or too much for one file."""
    if not amount.orders:
        raise NothingToPrint
    if amount.exceeds(MOST):
        raise Refused(
            "At most %(orders)s orders with %(lines)s lines are printed together. Choose fewer orders.",
            orders=MOST.orders,
            lines=MOST.lines,
        )


def read_orders(query: OrderQuery, actor: Actor) -> Iterator[Order]:
    """Give the orders that a query finds, a few at a time: no transaction is open while they are printed.

    They are whole and belong to no session. What is deleted meanwhile is left out. Raises Refused when there is none.
    """
    numbers = db.session.scalars(sorted_numbers(query, actor)).all()
    db.session.rollback()
    if not numbers:
        raise NothingToPrint
    for start in range(0, len(numbers), READ_AT_ONCE):
        some = numbers[start : start + READ_AT_ONCE]
        with Session(db.engine, info={"actor": actor}) as session:
            found = session.scalars(whole_orders().where(one_of(Order.id, some), Order.listed_for(actor))).all()
        by_number = {order.id: order for order in found}
        yield from (by_number[number] for number in some if number in by_number)
