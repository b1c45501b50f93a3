"""Pages kept as they were answered, as long as nobody writes, and what stays of them when somebody does."""

import secrets
from collections.abc import Callable, Hashable
from datetime import datetime

from flask import g, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from admin_views.access import zone
from admin_views.kept import Kept
from admin_views.notation import language

MOST_KEPT = 64
MOST_FRAMES = 256

_answers: Kept[bytes] = Kept(MOST_KEPT)
_frames: Kept[tuple[bytes, ...]] = Kept(MOST_FRAMES)
_mark = secrets.token_hex()
"""What stands around the name of a slot; nobody can write it into a page."""


def kept_answer(answer: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Give the page that this session got at this address, unless something was written since: then it is made anew.

    It may say what stands in the address, the database and the settings, which day it is, and the session's token
    against forged forms; nothing else of the request, so no nonce. Only bytes are kept, as `with_slots` gives them.
    """
    asked = _asked()
    if asked is None:
        return answer()
    kept = _answers.get((current_user.snapshot, asked))
    if kept is not None:
        return kept
    made = answer()
    return _answers.keep((current_user.snapshot, asked), made) if isinstance(made, bytes) else made


def with_slots(shown: Hashable, draw: Callable[..., str], **slots: Callable[[], str]) -> bytes:
    """Give a page with what its slots tell at this moment; the rest of it is drawn once and kept.

    `draw` is given a mark for each slot, to put where that belongs. What it draws may show of the request what
    `kept_answer` allows, and of the database what `shown` holds: another page is drawn where that is another.
    """
    asked = _asked()
    frame = _frames.get((shown, asked))
    if frame is None:
        drawn = draw(**{name: Markup(_mark + name + _mark) for name in slots})  # nosec B704: no text of anybody's
        frame = tuple(part.encode() for part in drawn.split(_mark))
        if asked is not None:
            _frames.keep((shown, asked), frame)
    parts = list(frame)
    parts[1::2] = (slots[name.decode()]().encode() for name in frame[1::2])
    return b"".join(parts)


def _asked() -> Hashable | None:
    """Give what a page may say of the request and of whoever asks, or nothing where none is kept."""
    if "_flashes" in session or "X-Part" in request.headers:  # a script is told no messages
        return None
    if "asked" not in g:
        token, person, today = session.get("csrf_token"), current_user, datetime.now(zone()).date()
        of_person = person.id, person.name, person.email, person.theme
        g.asked = (token, *of_person, language(), today, request.full_path) if token else None
    asked: Hashable | None = g.asked
    return asked


def forget() -> None:
    """Keep none of the answers, to see what it takes to put them together."""
    _answers.clear()
