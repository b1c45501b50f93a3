"""The product list of an order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext

from admin_views.notation import Notation, notation
from admin_views.orders.tabs.order_tab import OrderTab
from admin_views.words import LINE_CLASSES
from models.order import Order, OrderLine
from services.orders import pictured, smallest_amount
from services.pricing import with_tax

FOUND_FROM = 10
"""Lines above which the list can be searched."""


def _shown(order: Order) -> Mapping[str, Any]:
    with_picture, unit, written = pictured(order), smallest_amount(order.currency), notation()
    pictures = {product_id: url_for(".image", product_id=product_id) for product_id in with_picture}
    return {
        "lines": [
            {**_line(line, unit, written), "image_url": pictures.get(line.product_id or 0)} for line in order.lines
        ],
        "is_searched": len(order.lines) > FOUND_FROM,
        "company_orders_url": url_for(".index_view", company=order.company_id) if order.company_id else "",
    }


def _line(line: OrderLine, unit: Decimal, written: Notation) -> dict[str, Any]:
    text = line.text
    price, pad = _unit_price(line.price, written)
    return {
        "name": text.name,
        "small_print": " · ".join(filter(None, (text.sku, text.notes))),
        "unit": text.unit,
        "quantity": written.whole(line.quantity),
        "price": price,
        "price_pad": pad,
        "discount": written.percentage(line.discount_percentage) if line.discount_percentage else "",
        "vat": written.percentage(line.tax_percentage),
        "total": written.amount(line.total),
        "total_incl": written.amount(with_tax(line.total, line.tax_percentage, unit)),
        "is_child": line.parent_id is not None,
        "is_bonus": line.is_bonus,
        "kind_label": LINE_CLASSES[line.line_class],
    }


def _unit_price(price: Decimal, written: Notation) -> tuple[str, str]:
    """Give a unit price with at least two decimals, and the zeros that would fill it up to four."""
    text = written.decimal(price)
    return text, "0" * (4 - len(text.partition(written.point)[2]))


PRODUCTS = OrderTab("products", lazy_gettext("Product list"), _shown, counted="lines")
