"""The table editor: each person's columns of the list, and with them those of its files."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import redirect, request
from flask_admin import expose
from werkzeug import Response

from admin_views.access import actor
from admin_views.orders.columns import moved, read_columns
from admin_views.orders.fast_list import FastList
from services.list_context import remember_columns


class TableEditor(FastList):
    """Keeps the columns that a person chooses. The drawer itself is a part of the list's page.

    Those of a list that shows a saved view stand in its address: the person's own stay as they were.
    """

    @expose("/columns", methods=("POST",))
    def save_columns(self) -> Response:
        """Keep the columns; without a script, the arrows send the form as well and the drawer stays open."""
        form = request.form
        chosen = self.column_list if "default" in form else read_columns(form.getlist("column"), self.offered_columns)
        chosen = moved(moved(chosen, form.get("up", ""), -1), form.get("down", ""), 1)
        url = urlsplit(self.return_url())
        asked = dict(parse_qsl(url.query, keep_blank_values=True))
        if "view" in asked:
            url = url._replace(query=urlencode({**asked, "columns": ",".join(chosen)}))
        else:
            remember_columns(actor(), () if chosen == self.column_list else chosen)
        return redirect(url._replace(fragment="columns" if "up" in form or "down" in form else "").geturl())
