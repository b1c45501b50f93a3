"""Changing the status of an order: a dialog over its page, and a page of its own without scripts or after a fault."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import Gone

from admin_views.access import actor, may
from admin_views.notation import said
from admin_views.orders.detail import OrderPages
from admin_views.orders.history_words import written_history
from admin_views.orders.page import Badge
from admin_views.values import LONGEST_NOTE, Unreadable, read_id, read_note
from admin_views.words import PAYMENT_STATUSES
from models.order import Order
from models.status import OrderStatus
from permissions import Action
from services.errors import Invalid
from services.status_change import ChangedMeanwhile, Wanted, change_status, history_since
from services.unit_of_work import Edit, OrderGone


@dataclass(frozen=True)
class Next:
    """A status that may follow, and what that means for the order."""

    badge: Badge
    description: str


class StatusChange(OrderPages):
    """The address at which the status of one order changes."""

    @expose("/<int:order_id>/change-status", methods=("GET", "POST"))
    def change_order_status(self, order_id: int) -> ResponseReturnValue:
        """Ask for the next status of an order, then set it."""
        order, deletion = self.found(order_id)
        if deletion:
            raise Gone(deletion)
        if request.method != "POST":
            return self._form(order)
        wanted = Wanted(request.form.get("to", ""), request.form.get("payment_status", ""))
        seen = read_id(request.form.get("version", "")) or 0
        try:
            note = read_note(request.form.get("note", ""))
            edit = Edit(actor(), Action.ORDERS_EDIT, datetime.now(UTC), note)
            status = change_status(order_id, wanted, seen=seen, edit=edit)
        except Unreadable as unreadable:
            return self._form(order, note_fault=str(unreadable))
        except OrderGone as gone:
            raise Gone(said(gone)) from gone
        except Invalid as invalid:
            return self._form(order, **{f"{invalid.field}_fault": said(invalid)})
        except ChangedMeanwhile as changed:
            order, _deletion = self.found(order_id)
            return self._form(order, fault=said(changed), meanwhile=written_history(history_since(order, seen)))
        flash(gettext("Order %(number)s is %(status)s now.", number=order_id, status=status.name), "success")
        return redirect(self.get_url(".detail", order_id=order_id, list=request.args.get("list")))

    def changing(self, order: Order) -> dict[str, Any]:
        following = [status for status in order.status.next_statuses if status.id != order.status_id]
        return {
            **super().changing(order),
            "status_form": {
                "url": self.get_url(".change_order_status", order_id=order.id, list=self.list_asked() or None),
                "next": [Next(_badge(status), _meaning(status)) for status in following],
                "payment_statuses": [(str(code), str(word)) for code, word in PAYMENT_STATUSES.items()],
                "version": order.version,
                "longest_note": LONGEST_NOTE,
            }
            if may(Action.ORDERS_EDIT) and not order.is_deleted
            else None,
        }

    def _form(self, order: Order, **told: Any) -> str:
        return self.render(
            "admin/orders/change_status.html",
            number=order.id,
            badge=_badge(order.status),
            payment_status=order.payment_status,
            order_url=self.get_url(".detail", order_id=order.id, list=request.args.get("list")),
            **self.changing(order),
            **told,
        )


def _badge(status: OrderStatus) -> Badge:
    return Badge(status.code, status.name, status.colour)


def _meaning(status: OrderStatus) -> str:
    """Say what a status means for an order: its description, and what may be done with the order then."""
    allowed = gettext("It can be edited then.") if status.is_editable else gettext("It cannot be edited then.")
    return f"{status.description} {allowed}".strip()
