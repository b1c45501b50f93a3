"""Every status that an order had, and how long."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask_babel import gettext, lazy_gettext

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.notes import note_writer
from admin_views.orders.history_words import doer, held
from admin_views.orders.page import Badge
from admin_views.orders.tabs.order_tab import OrderTab
from models.order import Order
from services.order_history import StatusStep, status_steps
from services.status_change import following
from services.statuses import by_id

WIDTH, LEAST, GAP = 1_000, 12, 3
"""How wide the picture is in its own units, the least that a step takes of it, and what is between two."""


class Span(NamedTuple):
    """A step in the picture: its colour, what it says, where it begins and how wide it is."""

    colour: str
    text: str
    x: int
    width: int


def _shown(order: Order) -> Mapping[str, Any]:
    now, steps, statuses = datetime.now(UTC), status_steps(order), by_id()
    badges = {status.code: Badge.of(status) for status in statuses.values()}
    return {
        "steps": [_step(step, badges, now) for step in reversed(steps)],
        "spans": _spans(steps, badges, now),
        "since_start": gettext("%(time)s since the order came in", time=notation().duration(now - order.created_at)),
        "may_follow": [Badge.of(status) for status in following(order)],
    }


def _step(step: StatusStep, badges: Mapping[str, Badge], now: datetime) -> dict[str, Any]:
    lasted = notation().duration((step.until or now) - step.event.at)
    return {
        "to": _named(step.event.new_value, badges),
        "from": _named(step.event.old_value, badges) if step.event.old_value else None,
        "when": notation().moment(step.event.at, zone()),
        "who": doer(step.event),
        "lasted": lasted if step.until else gettext("%(time)s so far", time=lasted),
        "note": note_writer()(step.event.note),
        "payment": held("payment_status", step.payment_status),
    }


def _spans(steps: Sequence[StatusStep], badges: Mapping[str, Badge], now: datetime) -> list[Span]:
    """Divide the picture by how long each step took."""
    seconds = [max(((step.until or now) - step.event.at).total_seconds(), 0) for step in steps]
    spans, x = [], 0
    for step, width in zip(steps, shares(seconds), strict=True):
        badge = _named(step.event.new_value, badges)
        spans.append(Span(badge.colour, badge.name, x, max(width - GAP, 1)))
        x += width
    return spans


def shares(seconds: Sequence[float]) -> list[int]:
    """Divide WIDTH by durations, so that each can be seen: at least LEAST, or alike where these would be too many."""
    if len(seconds) * LEAST >= WIDTH or not sum(seconds):
        return [WIDTH // len(seconds) for _each in seconds]
    free = WIDTH - len(seconds) * LEAST
    return [LEAST + int(free * each / sum(seconds)) for each in seconds]


def _named(code: str, badges: Mapping[str, Badge]) -> Badge:
    """Give the badge of a status; one that is no longer there is called by its code."""
    return badges.get(code) or Badge(code, code, "grey")


STATUSES = OrderTab("statuses", lazy_gettext("Statuses"), _shown, counted="statuses")
