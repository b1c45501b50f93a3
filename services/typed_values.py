"""Values as people type them, read strictly: what cannot be understood is told in a sentence, never guessed. Pure."""

import re
from datetime import date
from decimal import Decimal

from models.types import LARGEST, LARGEST_WHOLE
from services.errors import Refused
from services.notation import Notation, notation_of

FIRST_YEAR, LAST_YEAR = 1900, 2200
LARGEST_AMOUNT = 10**12
ENGLISH = notation_of("en")
LONGEST_WHOLE = len(str(-LARGEST_WHOLE))
JOINERS = "\u200c\u200d"
"""They stand in words of some languages, and in pictures of people at work."""
UNSEEN = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f", " ") | dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff"))
"""No-break spaces; the soft hyphen, the space and the joiner of no width, and the marks of a direction."""


def clip(value: str) -> str:
    """Give a value short enough to be repeated in a sentence."""
    return value if len(value) <= 40 else f"{value[:40]}…"


def readable(value: str) -> str:
    """Give a pasted text as it is seen: with plain spaces for those that do not break, without marks that show nothing.

    What joins signs stays, as Persian and composed emoji need it, see `is_readable`.
    """
    return value.translate(UNSEEN)


def is_readable(value: str, besides: str = "") -> bool:
    """Whether a `readable` text has nothing that cannot be shown; `besides` may stand in it too."""
    return all(sign.isprintable() or sign in JOINERS or sign in besides for sign in value)


def is_text(value: str) -> bool:
    """Whether a value has no control signs and no halves of signs, which the databases treat differently."""
    return all(sign >= " " and not "\ud800" <= sign <= "\udfff" and sign != "\x7f" for sign in value)


def read_amount(value: str, decimals: int, own: Notation) -> Decimal:
    """Read a number as a person's language writes it, or else as English does. Raises Refused.

    The number fits a column of so many decimals, or one of whole numbers where there are none.
    """
    read = [number for way in (own, ENGLISH) if (number := way.read(value)) is not None]
    if not read:
        example = own.amount(Decimal("1250.5"))
        raise Refused(
            "“%(value)s” is not an amount. Write it as %(example)s or %(short)s.",
            value=clip(value),
            example=example,
            short=example.replace(own.thousands, ""),
        )
    amount = next((number for number in read if -int(number.as_tuple().exponent) <= decimals), None)
    if amount is None and not decimals:
        raise Refused("“%(value)s” is not a whole number.", value=clip(value))
    if amount is None:
        raise Refused("“%(value)s” has more than %(most)d decimals.", value=clip(value), most=decimals)
    limit = min(LARGEST_AMOUNT, LARGEST // 10**decimals) if decimals else LARGEST_WHOLE + 1
    if abs(amount) >= limit:
        raise Refused(
            "“%(value)s” is too large: an amount is below %(limit)s.", value=clip(value), limit=own.whole(limit)
        )
    return amount


def read_whole(value: str) -> int:
    """Read a whole number in plain digits that an integer column holds. Raises Refused."""
    if not re.fullmatch(r"[0-9]+|-0*[1-9][0-9]*", value):
        raise Refused("This is not a whole number.")
    if len(value) > LONGEST_WHOLE or abs(int(value)) > LARGEST_WHOLE:
        raise Refused("This is too large.")
    return int(value)


def read_day(value: str) -> date:
    """Read a day, as the browser's own date input sends it. Raises Refused."""
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        day = None
    if day is None:
        raise Refused("“%(value)s” is not a day. Write it as 2026-03-31.", value=clip(value))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(
            "“%(value)s” is too far away: a day lies in the years %(first)d to %(last)d.",
            value=value,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return day
