"""The Export button: the list's own question, all of its rows, as a file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, ClassVar

from flask import Response
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import BadRequest, ServiceUnavailable

from admin_views.access import actor
from admin_views.orders.fast_list import FastList, zone
from services.files.csv_file import write_csv
from services.order_query import stream

FILES_AT_ONCE = 3
"""How many files a process sends at the same time; its other threads are left to the pages."""
LONGEST = 15 * 60
"""Seconds after which a file is broken off: it holds the orders of one moment in the database."""

_places = BoundedSemaphore(FILES_AT_ONCE)


class TransferTooSlow(Exception):
    """A file was not taken in time; raised in the middle, so that the server breaks it off without an end."""


class OrderExport(FastList):
    """The files of a list. `export_words` names the columns whose codes are written as words."""

    export_words: ClassVar[Mapping[str, Mapping[Any, Any]]] = {}

    @expose("/export/csv")
    def export(self) -> Response:
        """Send every row that matches, in the list's sort, with the list's columns."""
        asked = self.asked()
        if asked.query is None:
            raise BadRequest(" ".join(asked.faults.values()))
        name = f"orders-{datetime.now(UTC).astimezone(zone()):%Y-%m-%d-%H%M}.csv"
        headings = [str(self.column_labels[column]) for column in self.column_list]
        rows = _worded(stream(asked.query, actor(), self.column_list), self._words())
        pieces = _in_its_place(write_csv(headings, rows, zone=zone()))
        next(pieces)
        response = Response(pieces, mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _words(self) -> dict[int, dict[str, str]]:
        """Give the words by the place of their column, in the person's language while the request lasts."""
        return {
            self.column_list.index(column): {str(code): str(word) for code, word in names.items()}
            for column, names in self.export_words.items()
        }


def _in_its_place(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give nothing once the file has its place, then the pieces. Raises ServiceUnavailable when all are taken.

    A generator that has begun gives its place back however it ends, also when nobody asks for more.
    """
    if not _places.acquire(blocking=False):
        raise ServiceUnavailable(
            gettext("Other files are being downloaded at the moment. Try again in a minute."), retry_after=60
        )
    try:
        end = monotonic() + LONGEST
        yield b""
        for piece in pieces:
            if monotonic() > end:
                raise TransferTooSlow
            yield piece
    finally:
        _places.release()


def _worded(rows: Iterator[Sequence[Any]], words: Mapping[int, Mapping[str, str]]) -> Iterator[Sequence[Any]]:
    for row in rows:
        values = list(row)
        for place, names in words.items():
            values[place] = names[values[place]]
        yield values
