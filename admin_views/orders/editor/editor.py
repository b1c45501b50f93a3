"""The order editor: one form for a new order and an existing one, worked out anew by every request."""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin_views.access import actor, may, seller_zone
from admin_views.notation import language, said
from admin_views.orders.detail import OrderPages
from admin_views.orders.editor.does import DOES, Pressed
from admin_views.orders.editor.drawers import DRAWERS
from admin_views.orders.editor.form import LARGEST_FORM, form_key, typed_form
from admin_views.orders.editor.page import editor_page
from models.order import Order
from permissions import Action
from services.editing.chain import Asked, worked_out
from services.editing.typed import Typed
from services.errors import Invalid, Refused


class OrderEditor(OrderPages):
    """The addresses of the editor."""

    method_actions = {"new_order": Action.ORDERS_CREATE, "edit_order": Action.ORDERS_EDIT}

    @expose("/new", methods=("GET", "POST"))
    def new_order(self) -> ResponseReturnValue:
        """Show the form of a new order, and do what is pressed on it."""
        if request.method == "POST":
            return self._pressed(None)
        return self._editor(_new(), None)

    @expose("/<int:order_id>/edit", methods=("GET", "POST"))
    def edit_order(self, order_id: int) -> ResponseReturnValue:
        """Show an order as a form, and do what is pressed on it."""
        order = self.to_change(order_id)
        if request.method == "POST":
            return self._pressed(order)
        if not order.status.is_editable:
            flash(gettext("%(status)s orders cannot be edited", status=order.status.name), "error")
            return redirect(self.get_url(".detail", order_id=order_id))
        return self._editor(Typed(form_key(""), order_id=order.id, version=order.version), order)

    def _pressed(self, order: Order | None) -> ResponseReturnValue:
        """Do what the pressed button says, and show the form again, or lead on."""
        request.max_form_memory_size = LARGEST_FORM
        form, asked = request.form, _asked()
        typed = typed_form(form, order.id if order else None)
        name, _, argument = form.get("do", "reckon").partition(":")
        if name == "open":
            return self._editor(typed, order, opened=argument)
        try:
            typed = DOES.get(name, DOES["reckon"])(typed, Pressed(argument, form, asked))
        except Invalid as invalid:
            return self._editor(typed, order, faults={invalid.field: said(invalid)}, opened=form.get("opened", ""))
        except Refused as refused:
            return self._editor(typed, order, told=said(refused))
        return self._editor(typed, order)

    def _editor(self, typed: Typed, order: Order | None, *, opened: str = "", **told: Any) -> str:
        """Show the form, and over it the drawer that is opened."""
        asked = _asked()
        worked = worked_out(typed, asked)
        drawer = DRAWERS.get(opened or request.args.get("open", "") if request.method == "GET" else opened)
        page = editor_page(worked, order, with_costs=may(Action.CATALOGUE_SEE), **told)
        return self.render(
            "admin/orders/editor/part.html"
            if request.headers.get("X-Part") == "editor"
            else "admin/orders/editor.html",
            page=page,
            opened=opened,
            drawer=drawer,
            drawer_shown=drawer.shown(worked, request.form, asked) if drawer else {},
            list_url=self.get_url(".index_view"),
        )


def _new() -> Typed:
    return Typed(form_key(""), currency=current_app.config["BASE_CURRENCY"], currency_rate="1")


def _asked() -> Asked:
    now = datetime.now(UTC)
    today = now.astimezone(seller_zone()).date()
    return Asked(actor(), language(), now, today, current_app.config["BASE_CURRENCY"])
