"""The product list of an order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext

from admin_views.access import actor, initials, zone
from admin_views.notation import notation
from admin_views.orders.tabs.order_tab import OrderTab
from admin_views.words import LINE_CLASSES
from models.order import Order, OrderLine
from models.order_note import OrderNote
from services.notation import Notation
from services.order_notes import may_remove, notes_of
from services.orders import pictured, smallest_amount
from services.pricing import with_tax

FOUND_FROM = 10
"""Lines above which the list can be searched."""


def _shown(order: Order) -> Mapping[str, Any]:
    unit, written = smallest_amount(order.currency), notation()
    with_picture = pictured([line.product_id for line in order.lines])
    decimals = max((_decimals(line.price, written) for line in order.lines), default=0)
    pictures = {product_id: url_for(".image", product_id=product_id) for product_id in with_picture}
    return {
        "lines": [
            {**_line(line, unit, written, decimals), "image_url": pictures.get(line.product_id or 0)}
            for line in order.lines
        ],
        "is_searched": len(order.lines) > FOUND_FROM,
        "notes": [_note(note, is_fixed=order.is_deleted) for note in notes_of(order)],
        "company_orders_url": url_for(".index_view", company=order.company_id) if order.company_id else "",
    }


def _note(note: OrderNote, *, is_fixed: bool) -> dict[str, Any]:
    return {
        "who": note.staff.name,
        "initials": initials(note.staff.name),
        "when": notation().moment(note.at, zone()),
        "text": note.text,
        "remove_url": url_for(".remove_note", order_id=note.order_id, note_id=note.id, list=request.args.get("list"))
        if may_remove(note, actor()) and not is_fixed
        else "",
    }


def _line(line: OrderLine, unit: Decimal, written: Notation, decimals: int) -> dict[str, Any]:
    text = line.text
    return {
        "name": text.name,
        "small_print": " · ".join(filter(None, (text.sku, text.notes))),
        "unit": text.unit,
        "quantity": written.whole(line.quantity),
        "price": written.decimal(line.price),
        "price_pad": "0" * (decimals - _decimals(line.price, written)),
        "discount": written.percentage(line.discount_percentage) if line.discount_percentage else "",
        "vat": written.percentage(line.tax_percentage),
        "total": written.amount(line.total),
        "total_incl": written.amount(with_tax(line.total, line.tax_percentage, unit)),
        "is_child": line.parent_id is not None,
        "is_bonus": line.is_bonus,
        "kind_label": LINE_CLASSES[line.line_class],
    }


def _decimals(price: Decimal, written: Notation) -> int:
    """Count the decimals of a price, so that those of all lines stand below each other."""
    return len(written.decimal(price).partition(written.point)[2])


PRODUCTS = OrderTab("products", lazy_gettext("Product list"), _shown, counted="lines")
