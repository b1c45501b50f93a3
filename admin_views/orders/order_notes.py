"""The page that removes an internal note of an order."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import Forbidden, NotFound

from admin_views.access import actor, refusal
from admin_views.edits import edit_now
from admin_views.notation import said
from admin_views.orders.detail import OrderPages
from permissions import Action
from services import order_notes


class OrderNotes(OrderPages):
    """The addresses of an order's internal notes."""

    method_actions = {"remove_note": Action.ORDERS_EDIT}

    @expose("/<int:order_id>/notes/<int:note_id>/remove", methods=("GET", "POST"))
    def remove_note(self, order_id: int, note_id: int) -> ResponseReturnValue:
        """Ask whether a note shall be removed, then do it."""
        self.to_change(order_id)
        note = order_notes.find_note(order_id, note_id, actor())
        order_url = self.get_url(".detail", order_id=order_id, list=request.args.get("list"))
        if note is not None and not order_notes.may_remove(note, actor()):
            raise Forbidden(refusal(Action.ORDERS_REMOVE_NOTES))
        if request.method != "POST":
            if note is None:
                raise NotFound
            return self.render("admin/orders/note_remove.html", note=note.text, number=order_id, order_url=order_url)
        try:
            order_notes.remove(order_id, note_id, edit=edit_now(Action.ORDERS_EDIT))
        except order_notes.AlreadyRemoved as refused:
            flash(said(refused), "error")
        else:
            flash(gettext("The note is removed."), "success")
        return redirect(order_url)
