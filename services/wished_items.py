"""The wish list that an order is linked to, and how much of it the order has already."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models.base import db
from models.order import LineClass, Order
from models.product import Product
from models.types import LARGEST_ID
from models.wish_list import WishList, WishListItem
from services.errors import Invalid, Refused
from services.unit_of_work import Edit, changing_one


class WishedItem(NamedTuple):
    """An item of the linked list, and how many of its product are in the order."""

    item: WishListItem
    in_order: int


def lists_of(order: Order) -> Sequence[WishList]:
    """Give the lists of the order's customer: those of the company, then those of the person who ordered."""
    return db.session.scalars(
        select(WishList)
        .where(WishList.of_customer(order.company_id, order.user_id))
        .order_by(WishList.person_id.is_not(None), WishList.name, WishList.id)
    ).all()


def linked_list(order: Order) -> WishList | None:
    """Give the list that the order is linked to, with its items; None when there is none for this person."""
    if order.wish_list_id is None:
        return None
    return db.session.scalar(
        select(WishList).where(WishList.id == order.wish_list_id).options(selectinload(WishList.items))
    )


def wished_items(order: Order, linked: WishList) -> list[WishedItem]:
    """Give the items of a list, in its order, with what the order has of them."""
    ordered: Counter[int | None] = Counter()
    for line in order.lines:
        if line.line_class == LineClass.PRODUCT:
            ordered[line.product_id] += line.quantity
    return [WishedItem(item, max(ordered[item.product_id], 0)) for item in linked.items]


def missing_items(order: Order) -> list[tuple[Product, int]]:
    """Give the products of the linked list of which the order has less than wished, and how many are missing."""
    linked = linked_list(order)
    wished = wished_items(order, linked) if linked else []
    return [(item.product, item.quantity - held) for item, held in wished if item.quantity > held]


def link(order_id: int, wish_list_id: int | None, *, edit: Edit) -> str:
    """Link an order to a list of its customer, and give the list's name.

    Raises NotAllowed, OrderGone, Invalid, or Refused when the order is linked to another one.
    """
    with changing_one(order_id, edit=edit) as order:
        # Locked, so that it stays with its customer until this is committed.
        wished = db.session.scalar(
            select(WishList)
            .where(
                WishList.id == min(wish_list_id or 0, LARGEST_ID),
                WishList.of_customer(order.company_id, order.user_id),
            )
            .with_for_update(read=True, of=WishList)
        )
        if wished is None:
            raise Invalid("wish_list", "Choose one of the customer's wish lists.")
        if order.wish_list_id not in (None, wished.id):
            raise Refused("The order has been linked to another wish list meanwhile. Unlink that one first.")
        order.wish_list_id = wished.id
        return wished.name


def unlink(order_id: int, wish_list_id: int | None, *, edit: Edit) -> None:
    """Take the link to a list away. Raises NotAllowed, OrderGone, or Refused when there is no such link any more."""
    with changing_one(order_id, edit=edit) as order:
        if wish_list_id is None or order.wish_list_id != wish_list_id:
            raise Refused("The link has been changed meanwhile. Look at what it is now.")
        order.wish_list_id = None
