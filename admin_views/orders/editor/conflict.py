"""What two people changed of an order at once, in the editor: whose is taken is chosen field by field."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import LazyString, gettext, lazy_gettext

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.orders.editor.form import ADDRESSES, Form, opened_form, packed
from admin_views.orders.history_words import doer, written_history
from admin_views.records.history import Conflict, ConflictRow
from admin_views.words import COLUMNS
from models.order import Order
from services.editing.merging import resolved
from services.editing.typed import Typed
from services.order_history import history_since
from services.records import Both

FIELDS: Mapping[str, LazyString] = {
    "action_code": lazy_gettext("Action code"),
    "carrier": lazy_gettext("Carrier"),
    "company_id": lazy_gettext("Company"),
    "currency_rate": lazy_gettext("Exchange rate"),
    "customer": lazy_gettext("Customer"),
    "discount": lazy_gettext("Discount, %"),
    "discount_type": lazy_gettext("Kind of discount"),
    "discount_value": lazy_gettext("Order discount"),
    "is_partial_delivery_allowed": lazy_gettext("Partial delivery"),
    "lines": lazy_gettext("Product List"),
    "payment_costs": lazy_gettext("Transaction costs"),
    "payment_method": lazy_gettext("Payment method"),
    "payment_status": lazy_gettext("Payment status"),
    "price": lazy_gettext("Price excl. VAT"),
    "quantity": lazy_gettext("Quantity"),
    "reference": lazy_gettext("Reference"),
    "remarks": lazy_gettext("Remarks"),
    "requested_on": lazy_gettext("Preferred delivery date"),
    "shipping_costs": lazy_gettext("Shipping costs"),
    "shipping_method": lazy_gettext("Shipping method"),
    "source": lazy_gettext("Source"),
    "user_id": lazy_gettext("Contact"),
}
TAKE = "take-"
KINDS = dict(zip(ADDRESSES, (lazy_gettext("Delivery address"), lazy_gettext("Invoice address")), strict=True))


def conflict_page(
    order: Order, together: Typed, theirs: Typed, clashes: Mapping[str, Both], seen: int
) -> dict[str, Any]:
    """Give what the page shows: what both changed, and what others changed beside that."""
    meanwhile = history_since(order, seen)
    who = ""
    if meanwhile:
        last = meanwhile[0]
        who = gettext("%(who)s saved it on %(when)s.", who=doer(last), when=notation().moment(last.at, zone()))
    rows = [
        ConflictRow(name, _label(name, together), both.was, both.theirs, both.mine) for name, both in clashes.items()
    ]
    return {
        "number": order.id,
        "order_url": url_for(".detail", order_id=order.id),
        "save_url": url_for(".edit_order", order_id=order.id),
        "form_key": together.form_key,
        "together": packed(together),
        "theirs": packed(theirs),
        "conflict": Conflict(who, rows, ()),
        "meanwhile": written_history(event for event in meanwhile if event.field not in clashes),
    }


def taken(form: Form, order_id: int | None) -> Typed | None:
    """Give the form in which everything was chosen; None when what was sent is no such page."""
    together, theirs = opened_form(form, "together"), opened_form(form, "theirs")
    if together is None or theirs is None:
        return None
    names = {name.removeprefix(TAKE) for name, side in form.items() if name.startswith(TAKE) and side == "theirs"}
    return replace(resolved(together, theirs, names), order_id=order_id)


def _label(name: str, typed: Typed) -> str:
    """Say what a field of the form is called."""
    kind, _, rest = name.partition("-")
    if kind in KINDS:
        return f"{KINDS[kind]}: {COLUMNS.get(rest, rest.replace('_', ' '))}"
    if kind == "line":
        key, _, what = rest.partition("-")
        line = typed.line(key)
        called = (line.name or line.sku) if line else key
        return f"{FIELDS.get(what) or COLUMNS.get(what, what)}, {called}" if what else called
    return str(FIELDS.get(name) or COLUMNS.get(name, name))
