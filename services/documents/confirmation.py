"""The order confirmation: what was ordered, and what it costs."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.order import Order, OrderLine
from services.documents.pen import Pen
from services.documents.sheet import article, recipient, sheet, told
from services.documents.shipping import shipping_method
from services.orders import totals, vat_number
from services.pricing import Totals
from services.written_sums import written_sums


def confirmation(order: Order, pen: Pen) -> dict[str, Any]:
    """Say what a customer has ordered. Amounts are those of the order's page, in the order's currency."""
    facts = (
        (pen.gettext("Order number"), str(order.id)),
        (pen.gettext("Order date"), pen.day(order.created_at)),
        (pen.gettext("Reference"), order.reference),
        (pen.gettext("Contact"), order.user.name if order.user and order.company else ""),
        (pen.gettext("Debtor Id"), order.debtor_id),
        (pen.gettext("VAT number"), vat_number(order)),
    )
    terms = (
        (pen.gettext("Payment method"), order.payment_method),
        (pen.gettext("Shipping method"), shipping_method(order, pen)),
        (pen.gettext("Requested date"), pen.notation.day(order.requested_on) if order.requested_on else ""),
    )
    delivery = pen.address(order.delivery_address)
    return {
        **sheet(order, pen, title=pen.gettext("Order confirmation"), facts=facts),
        "recipient": recipient(order, pen, order.invoice_address, order.delivery_address),
        "delivery": {"label": pen.gettext("Delivery address"), "lines": delivery},
        "headings": _headings(pen),
        "lines": [_line(line, pen) for line in order.lines],
        "totals": _totals(totals(order), order, pen),
        "terms": told(terms),
        "remarks": {"label": pen.gettext("Remarks"), "text": order.remarks},
    }


def _headings(pen: Pen) -> dict[str, str]:
    return {
        "sku": pen.gettext("SKU"),
        "product": pen.gettext("Product"),
        "quantity": pen.gettext("Quantity"),
        "price": pen.gettext("Price excl. VAT"),
        "discount": pen.gettext("Discount"),
        "vat": pen.gettext("VAT"),
        "total": pen.gettext("Total excl. VAT"),
    }


def _line(line: OrderLine, pen: Pen) -> Mapping[str, Any]:
    write = pen.notation
    return {
        **article(line, pen),
        "quantity": write.whole(line.quantity),
        "price": write.decimal(line.price),
        "discount": write.percentage(line.discount_percentage) if line.discount_percentage else "",
        "vat": write.percentage(line.tax_percentage),
        "total": write.amount(line.total),
    }


def _totals(sums: Totals, order: Order, pen: Pen) -> Sequence[Mapping[str, Any]]:
    """Write what the order adds up to, the sums with their currency."""
    return [
        {
            "label": row.label,
            "amount": row.amount,
            "currency": order.currency if row.is_sum else "",
            "is_sum": row.is_sum,
        }
        for row in written_sums(sums, order.vat_rule, pen.gettext, pen.notation)
    ]
