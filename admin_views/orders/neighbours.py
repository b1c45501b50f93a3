"""The ways from an order to the one before and the one after it, in the list that the person came from."""

from urllib.parse import parse_qsl

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from admin_views.access import actor
from admin_views.orders.detail import OrderPages
from admin_views.orders.tabs import TABS
from services.neighbours import neighbour


class Neighbours(OrderPages):
    """The addresses that lead on. They look when they are followed, so the order page need not."""

    @expose("/<int:order_id>/<any(previous, next):way>")
    def neighbour(self, order_id: int, way: str) -> Response:
        """Lead to the same tab of the order before or after, or say that there is none."""
        self.found(order_id)
        asked = request.args.get("list", "")
        question = self.question_of(MultiDict(parse_qsl(asked, keep_blank_values=True)))
        found = None
        if question.asked.query is None:
            flash(gettext("The list that you came from cannot be read any more."), "warning")
        else:
            found = neighbour(question.asked.query, order_id, actor(), is_after=way == "next")
            if found is None:
                is_last = way == "next"
                flash(gettext("This is the last order.") if is_last else gettext("This is the first order."), "info")
        tab = next((tab for tab in TABS if tab.key == request.args.get("tab")), TABS[0])
        return redirect(self.tab_url(found or order_id, tab, asked))
