"""Sending files: never so many at once, nor so slowly, that the pages would wait for them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from threading import BoundedSemaphore
from time import monotonic
from typing import IO, Any, BinaryIO
from unicodedata import normalize
from urllib.parse import quote

from flask import Response, request
from flask_babel import gettext
from werkzeug.exceptions import NotFound, ServiceUnavailable

from admin_views.access import zone
from models.export_file import FileFormat
from services.files.columns import FileColumn
from services.files.csv_file import write_csv
from services.files.room import room
from services.files.xlsx_file import PIECE, xlsx_file
from services.images import Picture

FILES_AT_ONCE = 3
"""How many files a process sends at the same time; its other threads are left to the pages."""
LONGEST = 15 * 60
"""Seconds after which a file is broken off: it holds the rows of one moment in the database."""

SANDBOX = "sandbox; default-src 'none'"
MEDIA_TYPES = {
    FileFormat.CSV: "text/csv",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PDF: "application/pdf",
}

FRAMED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""A mail brings its looks along, and is shown in a frame of a page of ours, in which nothing runs."""

_places = BoundedSemaphore(FILES_AT_ONCE)


class TransferTooSlow(Exception):
    """A file was not taken in time; raised in the middle, so that the server breaks it off without an end."""


def send_csv(name: str, columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]]) -> Response:
    """Send rows as a file, read as they are sent. Raises ServiceUnavailable when too many are sent already."""
    return send_written_csv(name, write_csv(columns, rows, zone=zone()))


def send_written_csv(name: str, written: Iterator[bytes]) -> Response:
    """Send a CSV that is written as it is sent. Raises ServiceUnavailable when too many are sent already."""
    pieces = _in_its_place(written)
    next(pieces)
    return _attached(Response(pieces, mimetype=MEDIA_TYPES[FileFormat.CSV]), name, FileFormat.CSV)


def send_xlsx(name: str, columns: Sequence[FileColumn], rows: Iterable[Sequence[Any]]) -> Response:
    """Send rows as a file that is written first, so that its length is known. Raises ServiceUnavailable or NoRoom."""
    written: list[int] = []
    pieces = _in_its_place(_sized(lambda: xlsx_file(columns, rows, zone=zone()), written))
    next(pieces)
    with room():
        next(pieces)
    return _attached(_with_length(pieces, FileFormat.XLSX, written[0]), name, FileFormat.XLSX)


def send_stored(name: str, file_format: FileFormat, file: BinaryIO, size: int) -> Response:
    """Send a file that lies in the store. Raises ServiceUnavailable."""
    pieces = _in_its_place(_pieces(file))
    next(pieces)
    return _attached(_with_length(pieces, file_format, size), name, file_format)


def send_pdf(name: str, file: BinaryIO, *, is_attached: bool) -> Response:
    """Send a PDF, to be looked at or kept; nothing of it runs. It is held in memory."""
    with file:
        response = Response(file.read(), mimetype="application/pdf")
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    response.headers.set(
        "Content-Disposition",
        "attachment" if is_attached else "inline",
        **{"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"},
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response


def framed(html: str) -> Response:
    """Send the HTML of a mail, to be shown in a frame."""
    response = Response(html)
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def file_name(name: str, file_format: FileFormat) -> str:
    """Give a name with the minute in the person's zone."""
    return f"{name}-{datetime.now(UTC).astimezone(zone()):%Y-%m-%d-%H%M}.{file_format}"


def _sized(write: Callable[[], IO[bytes]], written: list[int]) -> Iterator[bytes]:
    """Give nothing once the file is written and its size is told, then its pieces."""
    with write() as file:
        written.append(file.seek(0, os.SEEK_END))
        file.seek(0)
        yield b""
        yield from _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _with_length(pieces: Iterator[bytes], file_format: FileFormat, size: int) -> Response:
    return Response(pieces, mimetype=MEDIA_TYPES[file_format], headers={"Content-Length": str(size)})


def _attached(response: Response, name: str, file_format: FileFormat) -> Response:
    """Let the browser keep the answer as a file, and run nothing of it whatever happens."""
    full_name = name if name.endswith(f".{file_format}") else file_name(name, file_format)
    response.headers["Content-Disposition"] = f'attachment; filename="{full_name}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def send_picture(picture: Picture | None) -> Response:
    """Send a picture that browsers ask for again each time, and get again when it changed. None is not found."""
    if picture is None:
        raise NotFound
    response = Response(picture.content, mimetype=picture.media_type)
    response.headers["Content-Security-Policy"] = SANDBOX
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
