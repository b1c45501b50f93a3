"""The packing slip: what lies in the parcel, without prices."""

from collections.abc import Sequence
from typing import Any

from models.order import Order, OrderLine, ShippingMethod
from services.documents.pen import Pen
from services.documents.sheet import article, recipient, sheet, shippable


def packing_slip(order: Order, pen: Pen, shipped: Sequence[tuple[OrderLine, int]] | None = None) -> dict[str, Any]:
    """Say what is sent of an order: all of its goods, or lines with how much of each."""
    facts = (
        (pen.gettext("Order number"), str(order.id)),
        (pen.gettext("Order date"), pen.day(order.created_at)),
        (pen.gettext("Reference"), order.reference),
        (pen.gettext("Contact"), order.user.name if order.user and order.company else ""),
        (pen.gettext("Debtor Id"), order.debtor_id),
        (pen.gettext("Shipping method"), shipping_method(order, pen)),
    )
    lines = shippable(order) if shipped is None else shipped
    return {
        **sheet(order, pen, title=pen.gettext("Packing slip"), facts=facts),
        "recipient": recipient(order, pen, order.delivery_address, order.invoice_address),
        "headings": {
            "sku": pen.gettext("SKU"),
            "product": pen.gettext("Product"),
            "quantity": pen.gettext("Quantity"),
        },
        "lines": [{**article(line, pen), "quantity": pen.notation.whole(quantity)} for line, quantity in lines],
        "received": {
            "label": pen.gettext("Received in good order"),
            "blanks": [pen.gettext("Date"), pen.gettext("Name"), pen.gettext("Signature")],
        },
    }


def shipping_method(order: Order, pen: Pen) -> str:
    """Say how the goods leave, and with whom."""
    method = pen.gettext("Pickup") if order.shipping_method == ShippingMethod.PICKUP else pen.gettext("Delivery")
    return " · ".join(part for part in (method, order.carrier) if part)
