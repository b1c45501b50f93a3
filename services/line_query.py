"""The lines of the orders that a query finds, each with what is needed of its order."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from models.base import db
from models.order import LineText, Order, OrderLine
from models.types import stored
from permissions import Actor
from services.order_query import (
    COLUMNS,
    OrderQuery,
    matching,
    of_orders,
    sorted_numbers,
)
from services.streaming import one_moment, streamed, unmapped

ORDERS_AT_ONCE = 500
OF_ORDER = ("order_number", "company", "status", "created")
LINE_COLUMNS: Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
    **{name: COLUMNS[name].shown for name in OF_ORDER},
    "position": OrderLine.position,
    "sku": LineText.sku,
    "name": LineText.name,
    "quantity": OrderLine.quantity,
    "unit": LineText.unit,
    "price": OrderLine.price,
    "discount": OrderLine.discount_percentage,
    "vat": OrderLine.tax_percentage,
    "total": OrderLine.total,
    "currency": Order.currency,
    "line_class": OrderLine.line_class,
    "is_bonus": OrderLine.is_bonus,
    "notes": LineText.notes,
    "ean": LineText.ean,
    "manufacturer": LineText.manufacturer,
    "manufacturer_code": LineText.manufacturer_code,
    "supplier": LineText.supplier,
    "supplier_code": LineText.supplier_code,
}
"""The columns of a file of lines, in their order. Prices and totals are excl. VAT, in the order's currency."""


def stream_lines(query: OrderQuery, actor: Actor) -> Generator[Row[Any]]:
    """Give LINE_COLUMNS of every line as they are `stored`, order by order in the query's sort, as of one moment."""
    return _lines(db.engine, sorted_numbers(query, actor), actor)


def _lines(engine: Engine, numbers: Select[Any], actor: Actor) -> Generator[Row[Any]]:
    """Read the lines of some orders at a time: sorting all of them would keep all of them."""
    with one_moment(engine, actor) as session, closing(session.scalars(streamed(numbers))) as orders:
        for some in orders.partitions(ORDERS_AT_ONCE):
            lines: dict[int, list[Row[Any]]] = {number: [] for number in some}
            for row in unmapped(session.execute(_lines_of(some))):
                lines[row.order_number].append(row)
            yield from chain.from_iterable(lines.values())


def _lines_of(orders: Sequence[int]) -> Select[Any]:
    shown = (stored(expression).label(name) for name, expression in LINE_COLUMNS.items())
    lines = (
        select(*shown)
        .select_from(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(LineText, LineText.id == OrderLine.text_id)
        .where(Order.id.in_(orders))
    )
    return of_orders(lines, OF_ORDER).order_by(OrderLine.order_id, OrderLine.position)


def count_lines(query: OrderQuery, actor: Actor) -> int:
    """Count the lines of every order that matches."""
    counted = select(func.count()).select_from(OrderLine).where(OrderLine.order_id.in_(matching(query, actor)))
    return db.session.scalar(counted) or 0
