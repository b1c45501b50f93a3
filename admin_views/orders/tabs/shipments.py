"""The shipments of an order, and what is still to be shipped."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext

from admin_views.access import may, zone
from admin_views.notation import notation, said
from admin_views.orders.page import Badge
from admin_views.orders.tabs.order_tab import OrderTab
from admin_views.words import SHIPMENT_COLOURS, SHIPMENT_STATUSES
from models.order import Order
from models.shipment import Shipment
from permissions import Action
from services.shipment_rules import LineLeft, tracking_link
from services.shipments import lines_left, packed, refusal_of_order, shipments_of, tracking_urls

FEW_LINES = 12
"""So many lines of a shipment are shown at once; more are folded."""


def shipment_badge(status: str) -> Badge:
    """Give the badge of a shipment's status."""
    return Badge(status, str(SHIPMENT_STATUSES[status]), SHIPMENT_COLOURS[status])


def _shown(order: Order) -> Mapping[str, Any]:
    shipments, urls = shipments_of(order), tracking_urls()
    lines = lines_left(order, shipments)
    reason = refusal_of_order(order, lines)
    may_edit = may(Action.ORDERS_EDIT) and not order.is_deleted
    return {
        "lines_left": [_left(line) for line in lines.values() if line.left],
        "pieces_left": notation().whole(sum(line.left for line in lines.values())),
        "pieces_ordered": notation().whole(sum(line.ordered for line in lines.values())),
        "shipments": [_shipment(shipment, urls) for shipment in reversed(shipments)],
        "new_shipment_url": _url(".new_shipment", order.id) if may_edit and not reason else "",
        "may_ship": may_edit,
        "no_shipment": said(reason) if reason else "",
    }


def _left(line: LineLeft) -> dict[str, Any]:
    return {
        "name": line.name,
        "sku": line.sku,
        "left": notation().whole(line.left),
        "ordered": notation().whole(line.ordered),
        "pieces": line.ordered,
        "shipped": line.ordered - line.left,
    }


def _shipment(shipment: Shipment, urls: Mapping[str, str]) -> dict[str, Any]:
    lines = packed(shipment)
    return {
        "number": shipment.number,
        "badge": shipment_badge(shipment.status),
        "carriers": list(dict.fromkeys(each.carrier for each in shipment.tracking if each.carrier)),
        "tracking": [(each.code, tracking_link(urls.get(each.carrier, ""), each.code)) for each in shipment.tracking],
        "expected": notation().day(shipment.expected_on) if shipment.expected_on else "",
        "created": notation().moment(shipment.created_at, zone()),
        "created_by": shipment.created_by.name if shipment.created_by else "",
        "lines": [(notation().whole(pieces), line.text.name, line.text.sku) for line, pieces in lines],
        "pieces": notation().whole(sum(pieces for _line, pieces in lines)),
        "is_long": len(lines) > FEW_LINES,
        "slip_url": url_for(".shipment_slip", order_id=shipment.order_id, shipment_id=shipment.id),
        "edit_url": _url(".edit_shipment", shipment.order_id, shipment_id=shipment.id),
        "delete_url": _url(".delete_shipment", shipment.order_id, shipment_id=shipment.id),
    }


def _url(endpoint: str, order_id: int, **more: Any) -> str:
    return url_for(endpoint, order_id=order_id, list=request.args.get("list"), **more)


SHIPMENTS = OrderTab("shipments", lazy_gettext("Shipments"), _shown, counted="shipments")
