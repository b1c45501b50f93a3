"""Linking an order to a wish list of its customer; what shows the list is a tab."""

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from werkzeug import Response

from admin_views.edits import edit_now
from admin_views.notation import said
from admin_views.orders.detail import OrderPages
from admin_views.values import read_id
from permissions import Action
from services import wished_items
from services.errors import Refused


class OrderWishes(OrderPages):
    """The addresses of the link between an order and a wish list."""

    method_actions = dict.fromkeys(("link_wish_list", "unlink_wish_list"), Action.ORDERS_EDIT)

    @expose("/<int:order_id>/wished-items/link", methods=("POST",))
    def link_wish_list(self, order_id: int) -> Response:
        """Link the order to the list that was chosen."""
        self.to_change(order_id)
        try:
            name = wished_items.link(order_id, _chosen(), edit=edit_now(Action.ORDERS_EDIT))
        except Refused as refused:
            flash(said(refused), "error")
        else:
            flash(gettext("Wish list %(name)s is linked.", name=name), "success")
        return self._to_wished_items(order_id)

    @expose("/<int:order_id>/wished-items/unlink", methods=("POST",))
    def unlink_wish_list(self, order_id: int) -> Response:
        """Take the link away that was looked at."""
        self.to_change(order_id)
        try:
            wished_items.unlink(order_id, _chosen(), edit=edit_now(Action.ORDERS_EDIT))
        except Refused as refused:
            flash(said(refused), "error")
        else:
            flash(gettext("The wish list is unlinked."), "success")
        return self._to_wished_items(order_id)

    def _to_wished_items(self, order_id: int) -> Response:
        list_asked = request.args.get("list")
        return redirect(self.get_url(".tab", order_id=order_id, tab="wished-items", list=list_asked))


def _chosen() -> int | None:
    return read_id(request.form.get("wish_list", ""))
