"""Reading the values of a line. What cannot be read is told in a sentence, never guessed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.types import LARGEST

LARGEST_QUANTITY = 2**31 - 1
FIRST_YEAR = 1970
"""Earlier orders are slips: spreadsheets write 1900 where they have no date."""
AHEAD = timedelta(days=1)
"""How far in the future an order may have been placed: clocks and zones differ."""
FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_NUMBER = re.compile(r"([+-]?)([0-9]{1,18})(?:([.,])([0-9]*))?", re.ASCII)
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)


class Unreadable(ValueError):
    """A value that an order cannot be made of; the text is the sentence about it."""


class DecimalMark(NamedTuple):
    """The sign before the decimals of a file, empty when that is not sure; `reason` says how it is known."""

    sign: str
    reason: str


def decimal_mark(separator: str, shown: Mapping[str, int]) -> DecimalMark:
    """Give the mark of a file whose values show these marks, each first on that line; commas go with a point."""
    if separator == ",":
        return DecimalMark(".", "before decimals a file with commas has '.'")
    if not shown:
        return DecimalMark("", "nothing in the file shows what stands before decimals, as two or four of them would")
    where = " and ".join(f"{sign!r} on line {line}" for sign, line in shown.items())
    return DecimalMark("".join(shown) if len(shown) == 1 else "", f"before decimals the file has {where}")


@lru_cache(maxsize=10_000)
def shown_mark(text: str) -> str:
    """Give the decimal mark that a number shows; `1.234` shows none, as it may be thousands."""
    text = text.strip().rstrip("%")
    number = _NUMBER.fullmatch(text)
    return number[3] or "" if number and not _MAYBE_THOUSANDS.fullmatch(text) else ""


@lru_cache(maxsize=10_000)
def read_whole(text: str, what: str) -> int:
    """Read a whole number; `6.0` and `6.00` are 6, `6.000` may be thousands."""
    if _MAYBE_THOUSANDS.fullmatch(text.strip()):
        raise Unreadable(f"The {what} {shown(text)} may be thousands or decimals.")
    if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.0{1,2})?", text.strip(), re.ASCII):
        raise Unreadable(f"The {what} {shown(text)} is not a whole number.")
    number = int(text.strip().partition(".")[0])
    if abs(number) > LARGEST_QUANTITY:
        raise Unreadable(f"The {what} {shown(text)} is too large.")
    return number


def read_quantity(text: str) -> int:
    """Read a whole number other than 0."""
    quantity = read_whole(text, "quantity")
    if not quantity:
        raise Unreadable("The quantity is 0.")
    return quantity


@lru_cache(maxsize=10_000)
def read_price(text: str, mark: DecimalMark, what: str = "price") -> int:
    """Read a price as hundredths of a cent."""
    scaled = _scaled(text, what, mark, 4)
    if scaled is None:
        raise Unreadable(f"The {what} {shown(text)} is not a number with at most four decimals.")
    if scaled < 0:
        raise Unreadable(f"The {what} {shown(text)} is negative.")
    if scaled > LARGEST:
        raise Unreadable(f"The {what} {shown(text)} is too large.")
    return scaled


@lru_cache(maxsize=1_000)
def read_discount(text: str, mark: DecimalMark) -> int:
    """Read a discount of 0 to 100 per cent as hundredths of a per cent; empty is none."""
    scaled = _scaled(text.strip().rstrip("%") or "0", "discount", mark, 2)
    if scaled is None or not 0 <= scaled <= 10_000:
        raise Unreadable(f"The discount {shown(text)} is not a percentage from 0 to 100 with at most two decimals.")
    return scaled


@lru_cache(maxsize=10_000)
def read_moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read the date, or the date and time, at which an order was placed, as a moment in UTC.

    A time without an offset is local to `zone`. One that the clocks show twice is the earlier; one that
    they skip is read with the offset of before the change.
    """
    moment = _moment(text.strip())
    if moment is None:
        raise Unreadable(f"The date {shown(text)} is not of the form 2024-12-31 or 2024-12-31 23:59.")
    if moment.year < FIRST_YEAR:
        raise Unreadable(f"The date {shown(text)} is before {FIRST_YEAR}.")
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if moment.year > now.year + 1 or placed > now + AHEAD:
        raise Unreadable(f"The date {shown(text)} is in the future.")
    return placed.astimezone(UTC)


def read_text(text: str, what: str, longest: int) -> str:
    """Pass a text on as it is, when it can be stored."""
    if "\0" in text:
        raise Unreadable(f"The {what} holds a NUL character.")
    if len(text) > longest:
        raise Unreadable(f"The {what} has {len(text):,} characters; at most {longest} fit.")
    return text


def read_line(text: str, what: str, longest: int, besides: str = "") -> str:
    """Pass a text on when all its signs can be printed; `besides` may stand in it too."""
    text = read_text(text, what, longest)
    if not text.isprintable():
        for sign in text:
            if not sign.isprintable() and sign not in besides:
                raise Unreadable(f"The {what} holds the character {sign!r}, which cannot be kept.")
    return text


def read_lines(text: str, what: str, longest: int) -> str:
    """Pass a text on that may have several lines."""
    return read_line(text, what, longest, besides="\r\n\t")


def read_flag(text: str, what: str) -> bool:
    """Read yes or no; spreadsheets write true and false, or 1 and 0."""
    flag = FLAGS.get(text.strip().lower())
    if flag is None:
        raise Unreadable(f"The {what} {shown(text)} is neither yes nor no.")
    return flag


def read_company(text: str) -> str:
    """Read the id of a company. Spreadsheets write whole numbers as `17850.0`, which is 17850."""
    text = text.strip()
    return text[:-2] if re.fullmatch(r"[0-9]+\.0", text, re.ASCII) else text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII) else None
    except ValueError:
        return None


def _scaled(text: str, what: str, mark: DecimalMark, decimals: int) -> int | None:
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    if match[3] and match[3] != mark.sign:
        raise Unreadable(f"The {what} {shown(text)} is not clear: {mark.reason}.")
    sign, whole, fraction = match[1], match[2], (match[4] or "").rstrip("0")
    if len(fraction) > decimals:
        return None
    scaled = int(whole + fraction.ljust(decimals, "0"))
    return -scaled if sign == "-" else scaled


def shown(text: str) -> str:
    """Quote a value in a sentence, its beginning if it is long."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
