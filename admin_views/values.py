"""Values as addresses and forms say them, read strictly: what cannot be understood becomes a sentence."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext
from werkzeug.datastructures import MultiDict

from admin_views.notation import notation, said
from models.types import LARGEST_ID
from services import typed_values
from services.errors import Refused
from services.typed_values import clip, is_text

MOST_CHOICES = 100
LONGEST_NOTE = 960
"""What a person may say in a history that holds a little more: a batch adds its number."""


class Unreadable(Exception):
    """A value that cannot be understood, with the sentence that says so."""


def read_once(
    args: MultiDict[str, str], known: Collection[str], *, longest: int, labels: Mapping[str, LazyString | str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Give the text of each known parameter, and a sentence for each that is unknown, given twice, or no text.

    `labels` are what some of them are called on screen.
    """
    values, faults = {}, {}

    def shown(name: str) -> LazyString | str:
        return labels.get(name) or clip(name if name.isprintable() else repr(name))

    for name in dict.fromkeys([*(name for name in known if name in args), *args.keys()]):
        given = args.getlist(name)
        if name not in known:
            faults[name] = gettext("The address has a part “%(name)s” that is not known here.", name=shown(name))
        elif len(given) > 1:
            faults[name] = gettext("“%(name)s” is given more than once.", name=shown(name))
        elif len(given[0]) > longest or not is_text(given[0]):
            faults[name] = gettext("“%(name)s” is too long or has characters that cannot be read.", name=shown(name))
        else:
            values[name] = given[0].strip()
    return values, faults


def read_id(value: str) -> int | None:
    """Read a row's id: a plain positive whole number that a database takes, else None."""
    return int(value) if re.fullmatch(r"[1-9][0-9]{0,18}", value) and int(value) <= LARGEST_ID else None


def read_note(written: str) -> str:
    """Read a note for the history, as one line. Raises Unreadable."""
    note = " ".join(written.split())
    if len(note) > LONGEST_NOTE:
        raise Unreadable(gettext("A note may have at most %(most)d characters.", most=LONGEST_NOTE))
    if not is_text(note):
        raise Unreadable(gettext("The note holds a character that cannot be stored. Type it again."))
    return note


def read_list(value: str) -> list[str]:
    """Read a comma list. Raises Unreadable when it is too long or has an empty name."""
    parts = value.split(",")
    if len(parts) > MOST_CHOICES:
        raise Unreadable(gettext("At most %(most)d values may be given at once.", most=MOST_CHOICES))
    if "" in parts:
        raise Unreadable(gettext("There is an empty name in “%(value)s”.", value=clip(value)))
    return parts


def read_texts(value: str) -> list[str]:
    """Read a comma list of texts, each percent-encoded as in an address: `a%2Cb` is one text with a comma.

    What is no such code, as the sign in `50% off`, is itself. Raises Unreadable.
    """
    return [_decoded(part) for part in read_list(value)]


def write_text(text: str) -> str:
    """Write a text as one of a list that `read_texts` reads; most texts are as they were."""
    return re.sub(r"^\s+|\s+$|[%,]", lambda found: quote(found[0]), text)


def _decoded(part: str) -> str:
    with suppress(UnicodeDecodeError):
        if is_text(text := unquote(part, errors="strict")):
            return text
    raise Unreadable(gettext("“%(name)s” has characters that cannot be read.", name=clip(part)))


def read_day(value: str) -> date:
    """Read a day. Raises Unreadable."""
    with _said():
        return typed_values.read_day(value)


def read_days_ago(value: str) -> int:
    """Read a number of days, at least one. Raises Unreadable."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value):
        raise Unreadable(gettext("“%(value)s” is not a number of days from 1 to 9999.", value=clip(value)))
    return int(value)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day begins in a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def read_amount(value: str, decimals: int = 2) -> Decimal:
    """Read a number as the person's language writes it, or else as English does. Raises Unreadable.

    An address that says 1,250.50 is the same for everybody: no language reads it as another number of two decimals.
    The number fits a column of so many decimals, or one of whole numbers where there are none.
    """
    with _said():
        return typed_values.read_amount(value, decimals, notation())


def read_whole(value: str) -> int:
    """Read a whole number in plain digits, within what a column holds. Raises Unreadable."""
    with _said():
        return typed_values.read_whole(value)


@contextmanager
def _said() -> Iterator[None]:
    """Say in the person's language why a value cannot be understood."""
    try:
        yield
    except Refused as refused:
        raise Unreadable(said(refused)) from refused
