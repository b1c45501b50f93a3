"""Where an order comes from, and what was made from it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext

from admin_views.access import actor, may, zone
from admin_views.notation import notation
from admin_views.orders.page import Badge
from admin_views.orders.tabs.order_tab import OrderTab
from models.choices import OrderSource
from models.order import Order
from permissions import Action
from services.order_saving import choices
from services.orders import external_sources, relatives


def _shown(order: Order) -> Mapping[str, Any]:
    related = relatives(order, actor())
    return {
        "original": [_relative(other) for other in related if other.id == order.original_order_id],
        "made_from": [_relative(other) for other in related if other.original_order_id == order.id],
        "external_order_id": order.external_order_id,
        "channel": order.channel,
        "cart_id": order.cart_id,
        "external_sources": external_sources(order),
        "sources": [(name, name or gettext("Not set")) for name in choices(OrderSource, order.source)]
        if may(Action.ORDERS_EDIT)
        else [],
    }


def _relative(order: Any) -> dict[str, Any]:
    return {
        "number": order.id,
        "url": url_for(".detail", order_id=order.id),
        "badge": Badge(order.code, order.name, order.colour),
        "created": notation().moment(order.created_at, zone()),
        "total": f"{notation().amount(order.total_gross)} {order.currency}",
        "is_credit": order.is_credit,
    }


SOURCE = OrderTab("source", lazy_gettext("Source"), _shown)
