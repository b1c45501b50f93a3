"""The customer's earlier orders beside the editor, and taking lines of them over."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.form import Form, with_room
from admin_views.orders.editor.pressed import Pressed, StaysOpen
from admin_views.orders.page import Badge
from admin_views.values import read_id
from models.order import Order
from services.editing.chain import EditorContext, EvaluatedForm
from services.editing.earlier_orders import MOST_LINES, EarlierLine, earlier_orders, lines_to_take, taken
from services.editing.typed import Typed
from services.errors import Invalid


def found_orders(typed: Typed, form: Form, context: EditorContext) -> dict[str, Any]:
    """Give a page of the customer's earlier orders, and the lines of the one that is chosen."""
    deed, _, argument = form.get("do", "").partition(":")
    before = read_id(argument if deed == "older" else form.get("find-before", ""))
    found = earlier_orders(typed.company_id, typed.user_id, actor=context.actor, before=before, besides=typed.order_id)
    return {
        "orders": [_order(order) for order in found.orders],
        "before": before or "",
        "older": found.orders[-1].id if found.has_older else "",
        **found_lines(typed, form, context),
    }


def found_lines(typed: Typed, form: Form, context: EditorContext) -> dict[str, Any]:
    """Give the lines of the order that is chosen."""
    deed = form.get("do", "").partition(":")[0]
    number = None if deed == "older" else read_id(form.get("find-order", ""))
    found = lines_to_take(number, typed.company_id, typed.user_id, actor=context.actor) if number else None
    if found is None:
        return {"order_id": None, "lines": (), "is_same_currency": True}
    order, lines = found
    ticked = set() if deed == "take" else set(form.getlist("take"))
    return {
        "order_id": order.id,
        "is_same_currency": order.currency == (typed.currency or context.base_currency),
        "currency": order.currency,
        "lines": [_line(each, ticked) for each in lines],
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "created": notation().moment(order.created_at, zone()),
        "badge": Badge.of(order.status),
        "total": f"{notation().amount(order.total_gross)} {order.currency}",
        "reference": order.reference,
    }


def _line(each: EarlierLine, ticked: set[str]) -> dict[str, Any]:
    line = each.line
    discount = f" −{notation().percentage(line.discount_percentage)}" if line.discount_percentage else ""
    return {
        "id": line.id,
        "name": line.text.name,
        "sku": line.text.sku,
        "quantity": notation().whole(line.quantity),
        "price": f"{notation().decimal(line.price)}{discount}",
        "is_sold": each.is_sold,
        "is_ticked": str(line.id) in ticked,
    }


def _shown(worked: EvaluatedForm, form: Form, context: EditorContext) -> Mapping[str, Any]:
    typed = worked.typed
    return {
        "has_customer": typed.company_id is not None or typed.user_id is not None,
        "is_at_old_prices": form.get("find-price") == "old",
        **found_orders(typed, form, context),
    }


def older(typed: Typed, _pressed: Pressed) -> StaysOpen:
    """Leave the panel open, on the orders before that of `older:<number>`."""
    return StaysOpen(typed)


def take(typed: Typed, pressed: Pressed) -> StaysOpen:
    """Add the ticked lines of earlier orders at today's price, or at the old one; the panel stays open."""
    context, form = pressed.context, pressed.form
    ids: Sequence[int] = [number for value in form.getlist("take")[:MOST_LINES] if (number := read_id(value))]
    lines = taken(
        ids,
        typed,
        at_old_prices=form.get("find-price") == "old",
        actor=context.actor,
        base_currency=context.base_currency,
        language=context.language,
    )
    if not lines:
        raise Invalid("take", "Tick at least one line that is still sold.")
    return StaysOpen(with_room(typed.with_lines(lines), "take"))


EARLIER = Drawer(lazy_gettext("Earlier orders"), "admin/orders/editor/earlier_drawer.html", _shown, "dialog-side")
