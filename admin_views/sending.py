"""Sending files: never so many at once, nor so slowly, that the pages would wait for them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from flask import Response, request
from flask_babel import gettext
from werkzeug.exceptions import NotFound, ServiceUnavailable

from admin_views.access import zone
from services.files.csv_file import write_csv
from services.images import Picture

FILES_AT_ONCE = 3
"""How many files a process sends at the same time; its other threads are left to the pages."""
LONGEST = 15 * 60
"""Seconds after which a file is broken off: it holds the rows of one moment in the database."""

_places = BoundedSemaphore(FILES_AT_ONCE)


class TransferTooSlow(Exception):
    """A file was not taken in time; raised in the middle, so that the server breaks it off without an end."""


def send_csv(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Send rows as a file, read as they are sent. Raises ServiceUnavailable when too many are sent already."""
    pieces = _in_its_place(write_csv(headings, rows, zone=zone()))
    next(pieces)
    response = Response(pieces, mimetype="text/csv")
    file_name = f"{name}-{datetime.now(UTC).astimezone(zone()):%Y-%m-%d-%H%M}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def send_picture(picture: Picture | None) -> Response:
    """Send a picture that browsers ask for again each time, and get again when it changed. None is not found."""
    if picture is None:
        raise NotFound
    response = Response(picture.content, mimetype=picture.media_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


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
