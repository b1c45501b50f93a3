"""Pages kept as they were answered, as long as nobody writes to the database; later, what stands around their news."""

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

_answers: Kept[bytes] = Kept(MOST_KEPT)
_frames: Kept[tuple[bytes, ...]] = Kept(MOST_KEPT)
_slot = secrets.token_hex()


def kept_answer(answer: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Give the page that this session got at this address, unless something was written since: then it is made anew.

    It may say what stands in the address, the database and the settings, which day it is, and the session's token
    against forged forms; nothing else of the request, so no nonce.
    """
    asked = _asked()
    if asked is None:
        return answer()
    kept = _answers.get((current_user.snapshot, asked))
    if kept is not None:
        return kept
    made = answer()
    return _answers.keep((current_user.snapshot, asked), made) if isinstance(made, bytes) else made


def with_news(shown: Hashable, draw: Callable[..., str], **news: Callable[[], str]) -> bytes:
    """Give a page that is drawn around its news, or was: it may say what such pages may, and of the database `shown`.

    `draw` is given, by name, what it is to put where each of the news belongs.
    """
    asked = _asked()
    frame = _frames.get((shown, asked))
    if frame is None:
        drawn = draw(**{name: Markup(_slot + name + _slot) for name in news})  # nosec B704: no text of anybody's
        frame = tuple(part.encode() for part in drawn.split(_slot))
        if asked is not None:
            _frames.keep((shown, asked), frame)
    parts = list(frame)
    parts[1::2] = (news[name.decode()]().encode() for name in frame[1::2])
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
    """Keep none of the pages, to see what it takes to make them."""
    _answers.clear()
