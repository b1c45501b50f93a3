"""Changing the status of an order: a dialog over its page, and a page of its own without scripts."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext

from admin_views.access import may, seller_zone
from admin_views.edits import edit_now, seen_version
from admin_views.notation import said
from admin_views.orders.detail import OrderPages, tab_below
from admin_views.orders.history_words import written_history
from admin_views.orders.page import Badge
from admin_views.values import LONGEST_NOTE, Unreadable, read_note
from admin_views.words import PAYMENT_STATUSES
from models.mail import OrderMail
from models.order import Order
from models.status import OrderStatus
from permissions import Action
from services.errors import Invalid, Refused
from services.jobs import wake
from services.mails.sending import client_address, confirmation
from services.order_history import history_since
from services.status_change import StatusWanted, change_status, following
from services.unit_of_work import ChangedMeanwhile, Edit


@dataclass(frozen=True)
class Next:
    """A status that may follow, and what that means for the order."""

    badge: Badge
    description: str


class StatusChange(OrderPages):
    """The address at which the status of one order changes."""

    method_actions = {"change_order_status": Action.ORDERS_EDIT}

    @expose("/<int:order_id>/change-status", methods=("GET", "POST"))
    def change_order_status(self, order_id: int) -> ResponseReturnValue:
        """Ask for the next status of an order, then set it."""
        order = self.to_change(order_id)
        if request.method != "POST":
            return self._form(order, order.version)
        wanted = StatusWanted(request.form.get("to", ""), request.form.get("payment_status", ""))
        seen = seen_version()
        try:
            note = read_note(request.form.get("note", ""))
            edit = edit_now(Action.ORDERS_EDIT, note)
            mail = _mail(order, seen, edit)
            status = change_status(order_id, wanted, seen=seen, edit=edit, mail=mail)
        except _NoMail as refused:
            return self._form(order, seen, faults={"mail": str(refused)})
        except Unreadable as unreadable:
            return self._form(order, seen, faults={"note": str(unreadable)})
        except Invalid as invalid:
            return self._form(order, seen, faults={invalid.field: said(invalid)})
        except ChangedMeanwhile as changed:
            order = self.to_change(order_id)
            meanwhile = written_history(history_since(order, seen))
            return self._form(order, order.version, fault=said(changed), meanwhile=meanwhile)
        flash(gettext("Order %(number)s is %(status)s now.", number=order_id, status=status), "success")
        if mail is not None:
            wake()
            flash(gettext("The mail to %(to)s is on its way.", to=mail), "success")
        return redirect(self.way_back(order_id))

    def changing(self, order: Order) -> dict[str, Any]:
        if order.is_deleted or not may(Action.ORDERS_EDIT):
            return super().changing(order)
        form = {
            "url": self.get_url(".change_order_status", order_id=order.id, list=self.list_asked() or None),
            "next": [Next(Badge.of(status), _meaning(status)) for status in following(order)],
            "payment_statuses": [(str(code), str(word)) for code, word in PAYMENT_STATUSES.items()],
            "version": order.version,
            "longest_note": LONGEST_NOTE,
            "mail_to": client_address(order),
            "typed": {},
            "faults": {},
        }
        return {**super().changing(order), "status_form": form}

    def _form(self, order: Order, version: int, **told: Any) -> str:
        """Ask again with what was typed; only who was told what happened since has seen another version."""
        form = {**self.changing(order)["status_form"], "version": version, "typed": request.form, **told}
        if (tab := tab_below()) and form["next"]:
            return self._page(order.id, tab.key, status_form=form)
        return self.render(
            "admin/orders/change_status.html",
            number=order.id,
            badge=Badge.of(order.status),
            payment_status=order.payment_status,
            order_url=self.way_back(order.id),
            status_form=form,
        )


class _NoMail(Exception):
    """The confirmation mail cannot be sent, and so the status stays; the text says why."""


def _mail(order: Order, seen: int, edit: Edit) -> OrderMail | None:
    """Make the confirmation mail, if it was asked for. Raises _NoMail and ChangedMeanwhile."""
    if "mail" not in request.form:
        return None
    if order.version != seen:
        raise ChangedMeanwhile
    try:
        return confirmation(order, has_pdf="pdf" in request.form, zone=seller_zone(), edit=edit)
    except Refused as refused:
        raise _NoMail(said(refused)) from refused


def _meaning(status: OrderStatus) -> str:
    """Say what a status means for an order: its description, and what may be done with the order then."""
    allowed = gettext("It can be edited then.") if status.is_editable else gettext("It cannot be edited then.")
    return f"{status.description} {allowed}".strip()
