"""Pages kept as they were answered, as long as nobody writes anything to the database."""

from collections.abc import Callable
from datetime import datetime

from flask import request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from admin_views.access import zone
from admin_views.kept import Kept
from admin_views.notation import language

MOST_KEPT = 64

_kept: Kept[str] = Kept(MOST_KEPT)


def kept_answer(answer: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Give the page that this session got at this address, unless something was written since: then it is made anew.

    It may say what stands in the address, the database and the settings, which day it is, and the session's token
    against forged forms; nothing else of the request, so no nonce.
    """
    token = session.get("csrf_token")
    if token is None or "_flashes" in session or "X-Part" in request.headers:  # a script is told no messages
        return answer()
    today = datetime.now(zone()).date()
    asked = (current_user.snapshot, current_user.id, token, language(), today, request.full_path)
    kept = _kept.get(asked)
    if kept is not None:
        return kept
    made = answer()
    return _kept.keep(asked, made) if isinstance(made, str) else made


def forget() -> None:
    """Keep none of the pages, to see what it takes to make them."""
    _kept.clear()
