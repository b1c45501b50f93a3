"""Saving what is unsaved on the page of an order, on whatever tab; and what two people changed at once."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin_views.access import may, zone
from admin_views.edits import edit_now, seen_version
from admin_views.notation import notation, said
from admin_views.orders.detail import OrderPages, tab_below
from admin_views.orders.history_words import doer, field_word, held, written_history
from admin_views.orders.tabs import TABS
from admin_views.records.history import Conflict, ConflictRow
from admin_views.words import PAYMENT_STATUSES
from models.choices import PaymentMethod
from models.order import Order
from permissions import Action
from services.errors import Invalid
from services.order_history import history_since
from services.order_notes import LONGEST
from services.order_saving import FIELDS, TYPED, Clash, OrderWanted, choices, save


class OrderSaving(OrderPages):
    """The address that the page of an order is saved at."""

    method_actions = {"save_order": Action.ORDERS_EDIT}

    @expose("/<int:order_id>/save", methods=("GET", "POST"))
    def save_order(self, order_id: int) -> ResponseReturnValue:
        """Save the fields that the form names, and a note; lead back to the tab that they stand on."""
        order, tab, back = self.to_change(order_id), tab_below() or TABS[0], self.way_back(order_id)
        if request.method != "POST":
            return redirect(back)
        wanted, seen = _wanted(request.form), seen_version()
        try:
            is_changed = save(order_id, wanted, seen=seen, edit=edit_now(Action.ORDERS_EDIT))
        except Clash as clash:
            return self._conflict(order, clash, seen=seen, tab=tab.key, note=wanted.note, order_url=back)
        except Invalid as invalid:
            typed = {**wanted.fields, "note": wanted.note}
            again = {"version": seen, "typed": typed, "faults": {invalid.field: said(invalid)}}
            return self._page(order_id, tab.key, save_form={**self.changing(order)["save_form"], **again})
        if is_changed:
            flash(gettext("Order %(number)s is saved.", number=order_id), "success")
        else:
            flash(gettext("Nothing was changed."), "info")
        return redirect(back)

    def changing(self, order: Order) -> dict[str, Any]:
        if order.is_deleted or not may(Action.ORDERS_EDIT):
            return super().changing(order)
        methods = choices(PaymentMethod, order.payment_method)
        form = {
            "url": self.get_url(".save_order", order_id=order.id, list=self.list_asked() or None),
            "version": order.version,
            "payment_methods": [(name, name or gettext("Not set")) for name in methods],
            "payment_statuses": [(str(code), str(word)) for code, word in PAYMENT_STATUSES.items()],
            "typed": {},
            "faults": {},
            "longest": {**TYPED, "note": LONGEST},
            "locked": ""
            if order.status.is_editable
            else gettext(
                "%(status)s orders cannot be edited: lines, prices and addresses stay", status=order.status.name
            ),
        }
        return {**super().changing(order), "save_form": form}

    def _conflict(self, order: Order, clash: Clash, *, seen: int, **shown: str) -> str:
        """Show what both changed, beside what goes on without a choice."""
        meanwhile = history_since(order, seen)
        last = next((event for event in meanwhile if event.field in clash.fields), meanwhile[0])
        rows = [
            ConflictRow(name, field_word(name), *(held(name, value) for value in (both.was, both.theirs, both.mine)))
            for name, both in clash.fields.items()
        ]
        when = notation().moment(last.at, zone())
        return self.render(
            "admin/orders/conflict.html",
            number=order.id,
            save_url=request.full_path.rstrip("?"),
            version=clash.version,
            conflict=Conflict(gettext("%(who)s saved it on %(when)s.", who=doer(last), when=when), rows, ()),
            mine={**{name: both.mine for name, both in clash.fields.items()}, **clash.mine},
            also_mine=[(field_word(name), held(name, value)) for name, value in clash.mine.items()],
            meanwhile=written_history(event for event in meanwhile if event.field not in clash.fields),
            longest_note=LONGEST,
            **shown,
        )


def _wanted(form: Mapping[str, str]) -> OrderWanted:
    """Give what the form says, without the fields in which the person takes what others saved."""
    named = {name: form[name] for name in FIELDS if name in form and form.get(f"take-{name}") != "theirs"}
    return OrderWanted(named, form.get("note", ""))
