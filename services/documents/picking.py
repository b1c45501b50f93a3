"""The pick list: what is still to be fetched from the shelves, in the order of the SKUs."""

from typing import Any

from models.order import Order, OrderLine
from services.documents.pen import Pen
from services.documents.sheet import article, sheet
from services.documents.shipping import shipping_method
from services.shipments import lines_left, shipments_of


def pick_list(order: Order, pen: Pen) -> dict[str, Any]:
    """Say what is fetched for an order: the pieces that no shipment has yet."""
    company = order.company.name if order.company else order.buyer_name
    facts = (
        (pen.gettext("Company"), company),
        (pen.gettext("Order date"), pen.day(order.created_at)),
        (pen.gettext("Requested date"), pen.notation.day(order.requested_on) if order.requested_on else ""),
        (pen.gettext("Shipping method"), shipping_method(order, pen)),
        (pen.gettext("Reference"), order.reference),
    )
    left = lines_left(order, shipments_of(order))
    goods = [(line, left[line.id].left) for line in order.lines if line.id in left and left[line.id].left]
    goods.sort(key=lambda each: (each[0].text.sku, each[0].position))
    return {
        **sheet(order, pen, title=pen.gettext("Pick list"), facts=facts),
        **({"empty": pen.gettext("Nothing of this order is to be picked.")} if order.lines else {}),
        "headings": {
            "sku": pen.gettext("SKU"),
            "product": pen.gettext("Product"),
            "quantity": pen.gettext("Quantity"),
        },
        "lines": [_line(line, quantity, pen) for line, quantity in goods],
        "remarks": {"label": pen.gettext("Remarks"), "text": order.remarks},
    }


def _line(line: OrderLine, quantity: int, pen: Pen) -> dict[str, Any]:
    """Give a line, which stands no longer below the one that it belongs to."""
    return {**article(line, pen), "quantity": pen.notation.whole(quantity), "is_child": False}
