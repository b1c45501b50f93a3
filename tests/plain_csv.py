"""The CSV of a file as plainly as it can be written: one value after the other, and the library's own quotes."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.export_file import CsvForm

HOSTILE = ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n1", " =1", "\u00a0\u3000@", "＝1", "＋1", "－1", "＠1", "\x1f-")
ORDINARY = (
    *("", " ", "x", "ß = 1", "'=1", "–1", " 1", "a;b", "a,b", 'say "no"', '"', "two\r\nlines", "🙂", "1-1"),
    *("\\N", "NULL", "\\", "C:\\new\\t", "tab\tand\\\ttab", "one\ntwo\\\n", "{1,2}", "(a,)", "%s %(x)s %"),
)
CHANGES = tuple(
    datetime.fromisoformat(f"{moment}+00:00")
    for moment in (
        *("2026-03-29T01:00:00", "2026-10-25T01:00:00", "2026-03-08T07:00:00", "2026-11-01T06:00:00"),
        *("2026-04-04T15:00:00", "2026-10-03T15:30:00", "2011-12-30T10:00:00", "1972-01-07T00:44:30"),
        *("1985-12-31T18:30:00", "2010-03-26T22:01:00", "1969-12-31T23:59:59", "1880-01-01T00:00:00"),
    )
)
"""Moments about which a clock somewhere was changed, forward or back, by an hour, by half of one, or by a whole day."""
ZONES = tuple(
    ZoneInfo(key)
    for key in (
        *("UTC", "Europe/Riga", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"),
        *("Asia/Kathmandu", "Asia/Gaza", "Pacific/Apia", "Africa/Monrovia"),
    )
)
SIGNS = {CsvForm.COMMA: (",", "."), CsvForm.SEMICOLON: (";", ",")}


def plain_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo, form: CsvForm) -> bytes:
    """Write values as Python has them; words stand for codes already."""
    between, point = SIGNS[form]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=between, lineterminator="\r\n")
    writer.writerows([[_cell(value, zone, point) for value in row] for row in (headings, *rows)])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any, zone: ZoneInfo, point: str) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(zone).isoformat(timespec="seconds")
        case Decimal():
            whole, _, decimals = f"{value:f}".partition(".")
            return whole + point + (decimals.rstrip("0") + "00")[: max(2, len(decimals.rstrip("0")))]
        case bool():
            return "true" if value else "false"
        case int() | date():
            return str(value)
    inner = value.lstrip()
    runs = inner[:1] in set("=+-@\0＝＋－＠") or any(sign in value[: len(value) - len(inner)] for sign in "\t\r\n")
    return f"'{value}" if runs else str(value)
