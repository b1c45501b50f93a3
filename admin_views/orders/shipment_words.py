"""What happened to a shipment, in words. What the history keeps of it begins with the shipment's number."""

from datetime import date
from typing import NamedTuple

from flask_babel import gettext

from admin_views.notation import notation
from admin_views.words import SHIPMENT_STATUSES
from models.order_history import OrderHistory
from models.shipment import Shipment, ShipmentLine, ShipmentStatus, TrackingCode

SHIPMENT_FIELDS = (Shipment.told_as, ShipmentLine.told_as, TrackingCode.told_as)
MOST_PARTS = 5


def shipment_event(event: OrderHistory, most_parts: int = MOST_PARTS) -> str:
    """Say what happened to shipments, to the pieces in one or to its tracking codes; "…" stands for further parts."""
    if event.field == Shipment.told_as:
        before, after = (_by_number(value) for value in (event.old_value, event.new_value))
        return "; ".join(_shipment(number, before.get(number), after.get(number)) for number in before | after)
    number = (event.new_value or event.old_value).partition(":")[0]
    old, new = (_parts(number, value, most_parts) for value in (event.old_value, event.new_value))
    if event.field == TrackingCode.told_as:
        return _tracking(number, old, new)
    if not old:
        return gettext("Shipment %(number)s: %(what)s added", number=number, what=new)
    if not new:
        return gettext("Shipment %(number)s: %(what)s taken out", number=number, what=old)
    return gettext("Shipment %(number)s: %(old)s → %(new)s", number=number, old=old, new=new)


class _Told(NamedTuple):
    """What the history says of a shipment, in words: its status, and when it is expected, if that is known."""

    status: str
    expected: str


def _by_number(value: str) -> dict[str, _Told]:
    return {number: _told(rest) for number, _, rest in (each.partition(" ") for each in value.split(", ")) if number}


def _told(facts: str) -> _Told:
    status, _, day = facts.partition(" ")
    expected = gettext("expected %(day)s", day=notation().day(date.fromisoformat(day))) if day else ""
    return _Told(str(SHIPMENT_STATUSES.get(status, status)), expected)


def _shipment(number: str, before: _Told | None, after: _Told | None) -> str:
    if after is None:
        return gettext("Shipment %(number)s deleted", number=number)
    if before is None:
        created = gettext("Shipment %(number)s created", number=number)
        status = "" if after.status == SHIPMENT_STATUSES[ShipmentStatus.CREATED] else after.status
        return ", ".join(filter(None, (created, status, after.expected)))
    changed = [place for place, old in enumerate(before) if old != after[place]] or [0]
    was, now = (", ".join(told[place] or gettext("no day") for place in changed) for told in (before, after))
    return gettext("Shipment %(number)s: %(old)s → %(new)s", number=number, old=was, new=now)


def _tracking(number: str, old: str, new: str) -> str:
    if not old:
        return gettext("Shipment %(number)s: tracking code %(what)s added", number=number, what=new)
    if not new:
        return gettext("Shipment %(number)s: tracking code %(what)s taken out", number=number, what=old)
    return gettext("Shipment %(number)s: tracking code %(old)s → %(new)s", number=number, old=old, new=new)


def _parts(number: str, value: str, most: int) -> str:
    """Give the parts without the number that each begins with; the first ones of many."""
    parts = value.removeprefix(f"{number}: ").split(f", {number}: ")
    return ", ".join(parts[:most]) + (" …" if len(parts) > most else "")
