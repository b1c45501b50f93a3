"""The order editor: one form for a new order and an existing one, worked out anew by every request."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin_views.access import actor, may
from admin_views.notation import language, said
from admin_views.orders.editor.conflict import taken, written
from admin_views.orders.editor.does import DOES
from admin_views.orders.editor.drawers import DRAWERS
from admin_views.orders.editor.form import form_key, opened_form, removed_lines, typed_form
from admin_views.orders.editor.page import Messages
from admin_views.orders.editor.pressed import Pressed, StaysOpen
from admin_views.orders.editor.saving import EditorSaving
from admin_views.orders.editor.showing import editor_context, to
from admin_views.values import read_id
from models.choices import OrderSource
from models.order import Order
from permissions import Action
from services.editing import keeping
from services.editing.chain import worked_out
from services.editing.numbers import in_language
from services.editing.products import with_products
from services.editing.stored import copied, typed_of
from services.editing.typed import Typed
from services.errors import Invalid, Refused
from services.order_saving import is_active
from services.wished_items import missing_items

SOURCE = "Backoffice"
"""Where a new order comes from, if there is such a source."""


class OrderEditor(EditorSaving):
    """The addresses of the editor."""

    method_actions = {"new_order": Action.ORDERS_CREATE, "edit_order": Action.ORDERS_EDIT}
    large_forms = ("new_order", "edit_order")

    @expose("/new", methods=("GET", "POST"))
    def new_order(self) -> ResponseReturnValue:
        """Show the form of a new order, and do what is pressed on it."""
        if request.method == "POST":
            return self._pressed(typed_form(request.form, None), None)
        if kept := self._gone_on_with(None):
            return kept
        blank, copy = _blank(), self._copied()
        return self.begun(copy, None, opened=blank) if copy else self.begun(blank, None)

    @expose("/<int:order_id>/edit", methods=("GET", "POST"))
    def edit_order(self, order_id: int) -> ResponseReturnValue:
        """Show an order as a form, and do what is pressed on it."""
        if request.method == "POST":
            typed = typed_form(request.form, order_id)
            return self._pressed(typed, self.still_there(order_id, lambda: written(opened_form(request.form), typed)))
        order = self.to_change(order_id)
        if not order.status.is_editable:
            flash(gettext("%(status)s orders cannot be edited.", status=order.status.name), "error")
            return redirect(self.get_url(".detail", order_id=order_id))
        return self._gone_on_with(order) or self._begun_on(order)

    def _begun_on(self, order: Order) -> ResponseReturnValue:
        """Show an order as a form, with what is missing of its wish list when the address asks for that."""
        typed = typed_of(order, form_key(""), language())
        if "wished" not in request.args:
            return self.begun(typed, order)
        return self.begun(with_products(typed, missing_items(order), language()), order, opened=typed)

    def changing(self, order: Order) -> dict[str, Any]:
        """Say where the order is edited, and where one like it is made, to those who may."""
        urls: dict[str, Any] = {}
        if not order.is_deleted and may(Action.ORDERS_EDIT) and order.status.is_editable:
            urls["edit_url"] = self.get_url(".edit_order", order_id=order.id)
            urls["drawer_urls"] = {name: self.get_url(".edit_order", order_id=order.id, open=name) for name in DRAWERS}
        if not order.is_deleted and may(Action.ORDERS_CREATE):
            urls["copy_url"] = self.get_url(".new_order", copy=order.id)
        return {**super().changing(order), **urls}

    def _copied(self) -> Typed | None:
        """Give a copy of the order that the address names. Raises NotFound or Gone."""
        source = read_id(request.args.get("copy", ""))
        return copied(self.to_change(source), form_key(""), language()) if source else None

    def _gone_on_with(self, order: Order | None) -> ResponseReturnValue | None:
        """Go on with the form that the address names, if it is there."""
        key = request.args.get("draft", "")
        kept = keeping.kept(key, actor()) if key else None
        if kept is None or kept[1].order_id != (order.id if order else None):
            return None
        typed = in_language(kept[1], language())
        return self.shown(
            worked_out(typed, editor_context()), order, Messages(opened=kept[0], is_changed=True, is_kept=True)
        )

    def _pressed(self, typed: Typed, order: Order | None) -> ResponseReturnValue:
        """Do what the pressed button says, and show the form again, or lead on."""
        name, _, argument = request.form.get("do", "reckon").partition(":")
        match name:
            case "save" | "draft":
                return self.saved(typed, order, as_draft=name == "draft")
            case "resolve":
                return self.saved(taken(request.form, typed.order_id) or typed, order)
            case "discard":
                return self._discarded(typed, order)
            case "drop":
                return self.dropped(argument, typed, order)
            case "anew":
                return self._done("reckon", "", replace(typed, form_key=form_key("")), order)
            case _:
                return self._done(name, argument, typed, order)

    def _done(self, name: str, argument: str, typed: Typed, order: Order | None) -> str:
        """Do one of DOES, or open a drawer, and show the form again."""
        now, told = editor_context(), Messages(removed=removed_lines(request.form))
        try:
            done = DOES.get(name, DOES["reckon"])(typed, Pressed(argument, request.form, now))
        except Invalid as invalid:
            told = Messages(faults={invalid.field: said(invalid)}, drawer=request.form.get("drawer", ""))
            return self.kept_and_shown(worked_out(typed, now), order, told)
        except Refused as refused:
            return self.kept_and_shown(worked_out(typed, now), order, Messages(sentence=said(refused)))
        after, drawer = (done.typed, request.form.get("drawer", "")) if isinstance(done, StaysOpen) else (done, "")
        if gone := [(place, line) for place, line in enumerate(typed.lines) if after.line(line.key) is None]:
            told = Messages(removed=gone)
        elif name == "undo":
            told = Messages()
        drawer = argument if name == "open" else drawer
        return self.kept_and_shown(worked_out(after, now), order, told.also(drawer=drawer))

    def _discarded(self, typed: Typed, order: Order | None) -> ResponseReturnValue:
        """Forget the form."""
        keeping.discard(typed.form_key, actor())
        flash(gettext("What was not saved is discarded."), "info")
        return to(self.get_url(".detail", order_id=order.id) if order else self.get_url(".index_view"))


def _blank() -> Typed:
    """Give the form of a new order."""
    source = SOURCE if is_active(OrderSource, SOURCE) else ""
    return Typed(form_key(""), language=language(), source=source, numbers=language())
