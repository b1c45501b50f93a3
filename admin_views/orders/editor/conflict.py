"""What two people changed of an order at once, in the editor: whose is taken is chosen field by field.

And what one of them typed, in words, when the other deleted the order.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext

from admin_views.access import actor, zone
from admin_views.errors import Written
from admin_views.notation import language, notation
from admin_views.orders.editor.form import Form, opened_form, packed
from admin_views.orders.editor.page import called
from admin_views.orders.history_words import doer, field_word, held, written_history
from admin_views.records.history import Conflict, ConflictRow
from admin_views.words import COLUMNS
from models.order import Order
from services.countries import countries
from services.editing.merging import resolved, typed_since
from services.editing.names import names_in
from services.editing.typed import Typed
from services.order_history import history_since
from services.records import Both

TAKE = "take-"
REST = frozenset({"item_count", "total_base", "total_gross", "total_net", "total_tax"})
"""What follows from other changes, and so is no news."""
KINDS = {"delivery": "delivery_address", "invoice": "invoice_address"}
"""What the addresses of the form are called in the history."""
COUNTRIES = frozenset(f"{kind}-country" for kind in KINDS)


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
        ConflictRow(
            name,
            _label(name, together, theirs),
            _value(name, both.was),
            *(_value(name, text) or _gone(name) for text in (both.theirs, both.mine)),
        )
        for name, both in clashes.items()
    ]
    return {
        "number": order.id,
        "order_url": url_for(".detail", order_id=order.id),
        "save_url": url_for(".edit_order", order_id=order.id),
        "form_key": together.form_key,
        "together": packed(together),
        "opened": packed(theirs),
        "conflict": Conflict(who, rows, ()),
        "meanwhile": written_history(event for event in meanwhile if event.field not in REST.union(clashes)),
    }


def taken(form: Form, order_id: int | None) -> Typed | None:
    """Give the form in which everything was chosen; None when what was sent is no such page."""
    together, theirs = opened_form(form, "together"), opened_form(form)
    if together is None or theirs is None:
        return None
    names = {name.removeprefix(TAKE) for name, side in form.items() if name.startswith(TAKE) and side == "theirs"}
    return replace(resolved(together, theirs, names), order_id=order_id)


def written(opened: Typed | None, mine: Typed) -> Written:
    """Give what was typed into a form since it was opened, each with what its field is called."""
    opened = opened or Typed(mine.form_key)
    typed = typed_since(opened, mine, names_in([mine], actor()))
    return [(_label(name, mine, opened), _value(name, text)) for name, text in typed.items()]


def _label(name: str, together: Typed, theirs: Typed) -> str:
    """Say what a field of the form is called."""
    kind, _, rest = name.partition("-")
    if kind in KINDS:
        return f"{field_word(KINDS[kind])}: {_column(rest)}"
    if kind == "line":
        key, _, what = rest.partition("-")
        line = together.line(key) or theirs.line(key)
        named = called(line) if line else key
        return f"{_column(what)}, {named}" if what else named
    return field_word(name)


def _gone(name: str) -> str:
    """Say that a side has a line no more, where it is the whole line that both changed."""
    return gettext("removed") if name.startswith("line-") and name.count("-") == 1 else ""


def _column(name: str) -> str:
    return str(COLUMNS.get(name, name.replace("_", " ")))


def _value(name: str, value: str) -> str:
    """Write a text of a clash as the page does elsewhere."""
    if name.startswith("line-"):
        return value
    return countries(language()).get(value, value) if name in COUNTRIES else held(name, value)
