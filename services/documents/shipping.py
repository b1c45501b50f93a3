"""The packing slip: what lies in the parcel, without prices."""

from typing import Any

from models.order import Order, ShippingMethod
from models.shipment import Shipment, TrackingCode
from services.documents.pen import Pen
from services.documents.sheet import article, recipient, sheet, shippable
from services.shipments import packed


def packing_slip(order: Order, pen: Pen, shipment: Shipment | None = None) -> dict[str, Any]:
    """Say what is sent of an order: all of its goods, or what is in one shipment."""
    facts = (
        (pen.gettext("Shipment"), str(shipment.number) if shipment else ""),
        (pen.gettext("Order number"), str(order.id)),
        (pen.gettext("Order date"), pen.day(order.created_at)),
        (pen.gettext("Reference"), order.reference),
        (pen.gettext("Contact"), order.user.name if order.user and order.company else ""),
        (pen.gettext("Debtor Id"), order.debtor_id),
        (pen.gettext("Shipping method"), "" if shipment else shipping_method(order, pen)),
        *((pen.gettext("Tracking code"), _code(given)) for given in (shipment.tracking if shipment else ())),
    )
    lines = packed(shipment) if shipment else shippable(order)
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


def _code(given: TrackingCode) -> str:
    return " · ".join(part for part in (given.carrier, given.code) if part)


def shipping_method(order: Order, pen: Pen) -> str:
    """Say how the goods leave, and with whom."""
    method = pen.gettext("Pickup") if order.shipping_method == ShippingMethod.PICKUP else pen.gettext("Delivery")
    return " · ".join(part for part in (method, order.carrier) if part)
