"""The items of the wish list that an order is linked to."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext

from admin_views.access import may
from admin_views.notation import notation
from admin_views.orders.related_records import customer_url, record_url
from admin_views.orders.tabs.order_tab import OrderTab
from models.order import Order
from models.wish_list import WishList
from permissions import Action
from services.orders import pictured
from services.wished_items import WishedItem, linked_list, lists_of, wished_items


def _shown(order: Order) -> Mapping[str, Any]:
    linked = linked_list(order)
    items = wished_items(order, linked) if linked else []
    with_picture = pictured([wished.item.product_id for wished in items])
    return {
        "is_linked": order.wish_list_id is not None,
        "wish_list": {"id": linked.id, "name": linked.name, "url": record_url("wish-lists", linked.id)}
        if linked
        else None,
        "wished": [_item(wished, with_picture) for wished in items],
        "lists": [(each.id, _called(each)) for each in lists_of(order)] if order.wish_list_id is None else [],
        "has_customer": bool(order.company_id or order.user_id),
        "customer_url": customer_url(order),
        "move_url": _move_url(order) if any(item.in_order < item.item.quantity for item in items) else "",
        "link_url": _url(".link_wish_list", order),
        "unlink_url": _url(".unlink_wish_list", order),
    }


def _url(endpoint: str, order: Order) -> str:
    """Give an address that changes the link, to those who may."""
    if order.is_deleted or not may(Action.ORDERS_EDIT):
        return ""
    return url_for(endpoint, order_id=order.id, list=request.args.get("list"))


def _move_url(order: Order) -> str:
    """Give the editor with what is missing of the list as lines, to those who may edit the order."""
    if order.is_deleted or not order.status.is_editable or not may(Action.ORDERS_EDIT):
        return ""
    return url_for(".edit_order", order_id=order.id, wished=1)


def _called(wish_list: WishList) -> str:
    """Name a list in the choice; one of a person with the person."""
    if wish_list.person is None:
        return wish_list.name
    return gettext("%(list)s, of %(person)s", list=wish_list.name, person=wish_list.person)


def _item(wished: WishedItem, with_picture: set[int]) -> dict[str, Any]:
    product, quantity = wished.item.product, wished.item.quantity
    in_order = min(wished.in_order, quantity)
    return {
        "sku": product.sku,
        "name": product.name,
        "notes": wished.item.notes,
        "image_url": url_for(".image", product_id=product.id) if product.id in with_picture else "",
        "quantity": notation().whole(quantity),
        "unit": product.unit,
        "in_order": gettext(
            "%(some)s of %(all)s in this order",
            some=notation().whole(wished.in_order),
            all=notation().whole(quantity),
        ),
        "is_whole": in_order == quantity,
    }


WISHED_ITEMS = OrderTab("wished-items", lazy_gettext("Wished items"), _shown, counted="wished")
