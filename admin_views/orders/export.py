"""The Export button: the list's own question, all of its rows, as a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from flask import Response
from flask_admin import expose
from werkzeug.exceptions import BadRequest

from admin_views.access import actor
from admin_views.orders.fast_list import FastList
from admin_views.sending import send_csv
from services.order_query import stream


class OrderExport(FastList):
    """The files of a list. `export_words` names the columns whose codes are written as words."""

    export_words: ClassVar[Mapping[str, Mapping[Any, Any]]] = {}

    @expose("/export/csv")
    def export(self) -> Response:
        """Send every row that matches, in the list's sort, with the list's columns."""
        asked = self.asked()
        if asked.query is None:
            raise BadRequest(" ".join(asked.faults.values()))
        headings = [str(self.column_labels[column]) for column in self.column_list]
        rows = stream(asked.query, actor(), self.column_list)
        return send_csv("orders", headings, _worded(rows, self._words()))

    def _words(self) -> dict[int, dict[str, str]]:
        """Give the words by the place of their column, in the person's language while the request lasts."""
        return {
            self.column_list.index(column): {str(code): str(word) for code, word in names.items()}
            for column, names in self.export_words.items()
        }


def _worded(rows: Iterator[Sequence[Any]], words: Mapping[int, Mapping[str, str]]) -> Iterator[Sequence[Any]]:
    for row in rows:
        values = list(row)
        for place, names in words.items():
            values[place] = names[values[place]]
        yield values
