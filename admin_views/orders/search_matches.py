"""Where the search of the list found its orders, for what no cell of a row shows."""

from flask import Response, abort, jsonify
from flask_admin import expose

from admin_views.access import actor
from admin_views.orders.fast_list import FastList
from admin_views.values import read_id
from services.search_matches import OF_LINES, matches


class SearchMatches(FastList):
    """What the list shows below the company once it is there, so that the list itself need not wait for it."""

    @expose("/matches")
    def matches(self) -> Response:
        """Tell the fields that hold what is searched for, by order; `orders` are those of the page."""
        asked = self.question(("orders",)).asked
        if asked.query is None:
            abort(400)
        numbers = [read_id(part) for part in asked.values.get("orders", "").split(",")]
        shown = [number for number in numbers if number is not None][: max(self.page_size_options)]
        found = matches(shown, asked.query.words, asked.query.fields, actor())
        return jsonify(
            {number: [[self._called(each.field), each.text] for each in told] for number, told in found.items()}
        )

    def _called(self, field: str) -> str:
        label, group = self.search_fields[field]
        return f"{label} ({group})" if field in OF_LINES else str(label)
