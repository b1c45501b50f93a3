"""Everything that ever happened to an order."""

from functools import partial

from flask import request
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import BadRequest

from admin_views.orders.detail import OrderPages
from admin_views.orders.history_words import field_word, written_history
from admin_views.values import read_id
from admin_views.words import ORIGINS
from services.order_history import HistoryAsked, fields_and_doers, history


class OrderHistoryPage(OrderPages):
    """The address of the whole history."""

    @expose("/<int:order_id>/history/")
    def history(self, order_id: int) -> str:
        """Show the history of an order, all of it or of one kind or person."""
        order, _deletion = self.found(order_id)
        fields, doers = fields_and_doers(order)
        kind, who, before = (request.args.get(name, "") for name in ("kind", "who", "before"))
        known = {doer.key: doer.name or str(ORIGINS[doer.origin]) for doer in doers}
        first = read_id(before) if before else None
        if (kind and kind not in fields) or (who and who not in known) or (before and first is None):
            raise BadRequest(gettext("The history of order %(number)s has nothing like that.", number=order_id))
        found, has_older = history(order, HistoryAsked(kind, who, first))
        way_back = request.args.get("list")
        address = partial(
            self.get_url, ".history", order_id=order_id, kind=kind or None, who=who or None, list=way_back
        )
        return self.render(
            "admin/orders/history.html",
            number=order.id,
            order_url=self.get_url(".detail", order_id=order_id, list=way_back),
            way_back=way_back,
            events=written_history(found),
            kinds=[(field, field_word(field)) for field in fields],
            people=list(known.items()),
            kind=kind,
            who=who,
            newest_url=address() if before else "",
            older_url=address(before=found[-1].id) if has_older else "",
        )
