"""A change that is asked for now: who makes it, and which version the person saw."""

from datetime import UTC, datetime

from flask import request

from admin_views.access import actor
from permissions import Action
from services.unit_of_work import Edit

MOST_DIGITS = 9
"""Of a version; databases take as many."""


def edit_now(action: Action, note: str = "") -> Edit:
    """Give who changes, with which right, and when."""
    return Edit(actor(), action, datetime.now(UTC), note)


def seen_version() -> int:
    """Read the version that the form of this request was made from; anything else is the version of nothing."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else 0
