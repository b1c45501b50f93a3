"""What happened to an order, in words."""

import sys
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.notes import note_writer
from admin_views.orders.edited_words import EDITED, edited_line, edited_value
from admin_views.orders.shipment_words import MOST_PARTS, SHIPMENT_FIELDS, shipment_event
from admin_views.words import EXPORT_STATUSES, ORIGINS, PAYMENT_STATUSES
from models.order_history import OrderHistory
from services.orders import status_names

FIELDS: Mapping[str, LazyString] = {
    "status": lazy_gettext("Order status"),
    "is_deleted": lazy_gettext("Deleted or restored"),
    "payment_status": lazy_gettext("Payment status"),
    "export_status": lazy_gettext("Export status"),
    "exported_at": lazy_gettext("Exported date"),
    "export_message": lazy_gettext("Export message"),
    "invoice": lazy_gettext("Invoice"),
    "payment": lazy_gettext("Payment"),
    "shipment": lazy_gettext("Shipment"),
    "shipment_line": lazy_gettext("Shipped pieces"),
    "tracking_code": lazy_gettext("Tracking code"),
    "reference": lazy_gettext("Reference"),
    "payment_method": lazy_gettext("Payment method"),
    "accounting_id": lazy_gettext("Accounting id"),
    "source": lazy_gettext("Source"),
    "external_source": lazy_gettext("External source"),
    "internal_note": lazy_gettext("Internal note"),
    "wish_list": lazy_gettext("Wish list"),
    "workflow": lazy_gettext("Workflow"),
    "mail": lazy_gettext("Mail"),
    **EDITED,
}
"""What the fields of the history are called."""
COMING_AND_GOING: Mapping[str, tuple[LazyString, LazyString]] = {
    "invoice": (lazy_gettext("Invoice %(number)s attached"), lazy_gettext("Invoice %(number)s detached")),
    "incentive": (lazy_gettext("Incentive %(value)s applied"), lazy_gettext("Incentive %(value)s withdrawn")),
    "internal_note": (lazy_gettext("Internal note: %(value)s"), lazy_gettext("Internal note removed: %(value)s")),
    "wish_list": (lazy_gettext("Wish list %(value)s linked"), lazy_gettext("Wish list %(value)s unlinked")),
    "mail": (lazy_gettext("Mail to %(value)s"), lazy_gettext("Mail to %(value)s removed")),
    "workflow": (lazy_gettext("Workflow %(value)s started"), lazy_gettext("Workflow %(value)s removed")),
}
"""What is said of a field that something comes to, and of one that it goes from."""
LONGEST_VALUE, CUT = 200, "…"


def written_history(events: Iterable[OrderHistory]) -> list[dict[str, str]]:
    """Say of each event what, when and by whom, with its note; and what as a `whole`, where that is long."""
    names, shown = status_names(), list(events)
    explained = {(event.version, event.note) for event in shown if event.field == "status"}
    return [_event(event, names, explained) for event in shown]


def field_word(field: str) -> str:
    """Say what a field of the history is called."""
    return str(FIELDS.get(field, field))


def doer(event: OrderHistory) -> str:
    """Say who did it: a person, or a program."""
    return event.staff.name if event.staff else str(ORIGINS[event.origin])


def _event(event: OrderHistory, names: dict[str, str], explained: Collection[tuple[int, str]]) -> dict[str, str]:
    """Say what happened; the note of a status stands there, and not again at what came along with it."""
    is_told = event.field != "status" and (event.version, event.note) in explained
    what = _what(event, names, LONGEST_VALUE, MOST_PARTS)
    whole = _what(event, names, sys.maxsize, sys.maxsize) if CUT in what else what
    return {
        "what": what,
        "whole": whole if whole != what else "",
        "when": notation().moment(event.at, zone()),
        "who": doer(event),
        "note": "" if is_told else note_writer()(event.note),
    }


def _what(event: OrderHistory, names: dict[str, str], longest: int, most_parts: int) -> str:
    """Say what happened, with so many characters of a value and so many parts of a shipment at most."""
    if event.field in SHIPMENT_FIELDS:
        return shipment_event(event, most_parts)
    return _happened(event, names, longest)


def _happened(event: OrderHistory, names: dict[str, str], longest: int) -> str:
    if event.field == "is_deleted":
        return gettext("Deleted") if event.new_value == str(True) else gettext("Restored")
    if event.field == "status":
        old, new = (names.get(code, code) for code in (event.old_value, event.new_value))
        if old:
            return gettext("Status %(old)s → %(new)s", old=old, new=new)
        return gettext("Created, status %(new)s", new=new)
    if event.field == "line":
        return edited_line(_clipped(event.old_value, longest), _clipped(event.new_value, longest))
    if event.field in COMING_AND_GOING and not (event.old_value and event.new_value):
        coming, going = COMING_AND_GOING[event.field]
        value = _clipped(event.new_value or event.old_value, longest)
        return str(coming if event.new_value else going) % {"value": value, "number": value}
    values = (_clipped(held(event.field, value), longest) for value in (event.old_value, event.new_value))
    old, new = (value or gettext("empty") for value in values)
    return gettext("%(field)s: %(old)s → %(new)s", field=field_word(event.field), old=old, new=new)


def _clipped(value: str, longest: int) -> str:
    return value if len(value) <= longest else f"{value[:longest].rstrip()}{CUT}"


def held(field: str, value: str) -> str:
    """Write a value of the history as the page does elsewhere."""
    if field == "export_status":
        return str(EXPORT_STATUSES.get(value, value))
    if field == "payment_status":
        return str(PAYMENT_STATUSES.get(value, value))
    if field == "exported_at" and value:
        return notation().moment(datetime.fromisoformat(value), zone())
    return edited_value(field, value)
