"""Typesetting: a template and what stands in it, to a PDF. The template reads its data; it never holds any."""

import io
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst
from pypdf import PdfWriter

from models.export_file import Document
from services.firm import logo
from services.images import Picture

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"
LINES_AT_ONCE = 100
"""How many lines are typeset together, unless one sheet has more: typst keeps what it made of the last ten times."""

_setting = Lock()
"""Held while a part is typeset: it takes some ten times the memory of its PDF, however many people print."""

Sheet = Mapping[str, Any]


def printed(document: Document, sheet: Sheet) -> bytes:
    """Typeset a sheet. Texts are written as they are, whatever signs are in them; an equal sheet gives equal bytes.

    The PDF says what is a heading, a table, a row, so that it can be read aloud.
    """
    return _typeset(document, [sheet], _drawn(logo()), is_tagged=True)


def printed_together(document: Document, sheets: Iterable[Sheet]) -> bytes:
    """Typeset sheets, at least one, into one PDF; for the printer, it says nothing of headings and tables."""
    picture = _drawn(logo())
    parts = [_typeset(document, part, picture, is_tagged=False) for part in _in_parts(sheets)]
    return parts[0] if len(parts) == 1 else _bound(parts)


def _in_parts(sheets: Iterable[Sheet]) -> Iterator[Sequence[Sheet]]:
    part: list[Sheet] = []
    lines = 0
    for sheet in sheets:
        if part and lines + len(sheet["lines"]) > LINES_AT_ONCE:
            yield part
            part, lines = [], 0
        part.append(sheet)
        lines += len(sheet["lines"])
    yield part


def _typeset(document: Document, sheets: Sequence[Sheet], picture: str, *, is_tagged: bool) -> bytes:
    with _setting:
        pdf = typst.compile(
            TEMPLATES / f"{document}.typ",
            root=TEMPLATES,
            format="pdf",
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps({"logo": picture, "sheets": sheets}, ensure_ascii=False)},
            pdf_tags=is_tagged,
        )
    if not isinstance(pdf, bytes):
        raise TypeError
    return pdf


def _bound(parts: Iterable[bytes]) -> bytes:
    book, bound = PdfWriter(), io.BytesIO()
    for part in parts:
        book.append(io.BytesIO(part), import_outline=False)
    book.write(bound)
    return bound.getvalue()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[TEMPLATES / "fonts"])


def _drawn(picture: Picture | None) -> str:
    """Give a picture as a drawing, which is text and goes along with the data; empty if there is none."""
    if picture is None:
        return ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
        '<image width="300" height="100" preserveAspectRatio="xMinYMid meet"'
        f' href="data:{picture.media_type};base64,{b64encode(picture.content).decode()}"/></svg>'
    )
