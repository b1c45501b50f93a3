"""The earlier orders of a customer, and taking lines of them over."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from models.base import db, one_of
from models.order import LineClass, Order, OrderLine
from models.product import Product
from models.types import LARGEST_ID
from permissions import Actor
from services.editing.products import new_line
from services.editing.typed import Typed, TypedLine
from services.errors import Refused
from services.notation import Notation, notation_of

AT_ONCE = 20
MOST_LINES = 2_000
"""Lines of one order that are offered, and lines that are taken over at once."""


class EarlierOrders(NamedTuple):
    """Orders of a customer, newest first, with their statuses; whether there are older ones."""

    orders: Sequence[Order]
    has_older: bool


class EarlierLine(NamedTuple):
    """A line that can be taken over; `product` is None when it is not sold any more, or was none of the catalogue."""

    line: OrderLine
    product: Product | None

    @property
    def is_sold(self) -> bool:
        return self.line.product_id is None or self.product is not None


def earlier_orders(
    company_id: int | None, user_id: int | None, *, actor: Actor, before: int | None = None, besides: int | None = None
) -> EarlierOrders:
    """Give the orders of the company, or else of the person, as far as they exist for the actor and are not in the bin.

    With `before`, only those older than that order of theirs; `besides` is left out: the order that is edited.
    """
    theirs = and_(_of_customer(company_id, user_id), Order.listed_for(actor))
    found = select(Order).where(theirs, Order.id != min(besides or 0, LARGEST_ID))
    if before is not None:
        last = db.session.scalar(select(Order.created_at).where(theirs, Order.id == min(before, LARGEST_ID)))
        if last is None:
            return EarlierOrders((), has_older=False)
        found = found.where(Order.created_at <= last, or_(Order.created_at < last, Order.id < min(before, LARGEST_ID)))
    orders = db.session.scalars(
        found.options(joinedload(Order.status, innerjoin=True))
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(AT_ONCE + 1)
    ).all()
    return EarlierOrders(orders[:AT_ONCE], len(orders) > AT_ONCE)


def lines_to_take(
    order_id: int, company_id: int | None, user_id: int | None, *, actor: Actor
) -> tuple[Order, Sequence[EarlierLine]] | None:
    """Give an order of the customer with its products, without what was given or belongs to another line.

    None when there is no such order for the actor.
    """
    order = db.session.scalar(
        select(Order)
        .where(Order.id == min(order_id, LARGEST_ID), _of_customer(company_id, user_id), Order.listed_for(actor))
        .options(joinedload(Order.status, innerjoin=True))
    )
    if order is None:
        return None
    return order, _sold(_lines().where(OrderLine.order_id == order.id))


def taken(
    line_ids: Iterable[int], typed: Typed, *, at_old_prices: bool, actor: Actor, base_currency: str, language: str
) -> list[TypedLine]:
    """Make lines of lines of the customer's earlier orders, in their order; what is not sold any more is left out.

    They have today's price, or the old one as if it were typed. A line of no product of the catalogue keeps its texts
    and its price. Raises Refused for old prices in another currency than the form's.
    """
    ids = sorted({min(line_id, LARGEST_ID) for line_id in line_ids})[:MOST_LINES]
    theirs = and_(_of_customer(typed.company_id, typed.user_id), Order.listed_for(actor))
    currency, notation = typed.currency or base_currency, notation_of(language)
    lines = []
    for line, product in (each for each in _sold(_lines().where(one_of(OrderLine.id, ids), theirs)) if each.is_sold):
        is_same = line.order.currency == currency
        if at_old_prices and not is_same:
            raise Refused(
                "Order %(number)s has prices in %(currency)s. Take its lines over at today's prices.",
                number=str(line.order_id),
                currency=line.order.currency,
            )
        made = new_line(product) if product else TypedLine("", sku=line.text.sku, name=line.text.name)
        made = replace(made, notes=line.text.notes, quantity=str(abs(line.quantity)))
        is_old = is_same and (at_old_prices or product is None)
        lines.append(_at_old_price(made, line, notation) if is_old else made)
    return lines


def _at_old_price(made: TypedLine, line: OrderLine, notation: Notation) -> TypedLine:
    return replace(
        made,
        price=notation.decimal(line.price),
        is_price_typed=True,
        discount=notation.decimal(line.discount_percentage),
        is_discount_typed=True,
    )


def _of_customer(company_id: int | None, user_id: int | None) -> ColumnElement[bool]:
    if company_id is not None:
        return Order.company_id == company_id
    return false() if user_id is None else and_(Order.company_id.is_(None), Order.user_id == user_id)


def _lines() -> Any:
    """Select the lines that can be taken over, with their orders and products, the newest order first."""
    return (
        select(OrderLine, Product)
        .join(OrderLine.order)
        .outerjoin(Product, and_(Product.id == OrderLine.product_id, Product.is_active))
        .where(OrderLine.line_class == LineClass.PRODUCT, OrderLine.is_bonus.is_(False), OrderLine.parent_id.is_(None))
        .options(contains_eager(OrderLine.order))
        .order_by(Order.created_at.desc(), Order.id.desc(), OrderLine.position)
        .limit(MOST_LINES)
    )


def _sold(lines: Any) -> list[EarlierLine]:
    return [EarlierLine(line, product) for line, product in db.session.execute(lines)]
