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
from services.order_notes import may_remove, notes_of
from services.orders import pictured, smallest_amount
from services.pricing import with_tax


def _shown(order: Order) -> Mapping[str, Any]:
    with_picture, unit = pictured([line.product_id for line in order.lines]), smallest_amount(order.currency)
    return {
        "lines": [
            {
                **_line(line, unit),
                "image_url": url_for(".image", product_id=line.product_id) if line.product_id in with_picture else "",
            }
            for line in order.lines
        ],
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


def _line(line: OrderLine, unit: Decimal) -> dict[str, Any]:
    price, pad = _unit_price(line.price)
    return {
        "sku": line.text.sku,
        "name": line.text.name,
        "notes": line.text.notes,
        "unit": line.text.unit,
        "quantity": notation().whole(line.quantity),
        "price": price,
        "price_pad": pad,
        "discount": notation().percentage(line.discount_percentage) if line.discount_percentage else "",
        "vat": notation().percentage(line.tax_percentage),
        "total": notation().amount(line.total),
        "total_incl": notation().amount(with_tax(line.total, line.tax_percentage, unit)),
        "is_child": line.parent_id is not None,
        "is_bonus": line.is_bonus,
        "kind_label": LINE_CLASSES[line.line_class],
    }


def _unit_price(price: Decimal) -> tuple[str, str]:
    """Give a unit price with at least two decimals, and the zeros that would fill it up to four."""
    text = notation().decimal(price)
    return text, "0" * (4 - len(text.partition(".")[2]))


PRODUCTS = OrderTab("products", lazy_gettext("Product list"), _shown, counted="lines")
