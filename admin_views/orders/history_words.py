"""What happened to an order, in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext

from admin_views.access import zone
from admin_views.notation import notation
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
    "mail": lazy_gettext("Mail"),
}
"""What the fields of the history are called."""


def written_history(events: Iterable[OrderHistory]) -> list[dict[str, str]]:
    """Say of each event what, when and by whom, with its note."""
    names = status_names()
    return [_event(event, names) for event in events]


def field_word(field: str) -> str:
    """Say what a field of the history is called."""
    return str(FIELDS.get(field, field))


def doer(event: OrderHistory) -> str:
    """Say who did it: a person, or a program."""
    return event.staff.name if event.staff else str(ORIGINS[event.origin])


def _event(event: OrderHistory, names: dict[str, str]) -> dict[str, str]:
    return {
        "what": _happened(event, names),
        "when": notation().moment(event.at, zone()),
        "who": doer(event),
        "note": event.note,
    }


def _happened(event: OrderHistory, names: dict[str, str]) -> str:
    if event.field == "is_deleted":
        return gettext("Deleted") if event.new_value == str(True) else gettext("Restored")
    if event.field == "status":
        old, new = (names.get(code, code) for code in (event.old_value, event.new_value))
        if old:
            return gettext("Status %(old)s → %(new)s", old=old, new=new)
        return gettext("Created, status %(new)s", new=new)
    if part := _part(event):
        return part
    old, new = (held(event.field, value) for value in (event.old_value, event.new_value))
    return gettext("%(field)s: %(old)s → %(new)s", field=field_word(event.field), old=old, new=new)


def _part(event: OrderHistory) -> str:
    """Say what was added to an order, or removed from it; nothing for what is told as any other field."""
    if event.field == "mail":
        return gettext("Mail to %(to)s", to=event.new_value)
    if event.field != "invoice" or (event.old_value and event.new_value):
        return ""
    if event.new_value:
        return gettext("Invoice %(number)s attached", number=event.new_value)
    return gettext("Invoice %(number)s detached", number=event.old_value)


def held(field: str, value: str) -> str:
    """Write a value of the history as the page does elsewhere."""
    if field == "export_status":
        return str(EXPORT_STATUSES.get(value, value))
    if field == "payment_status":
        return str(PAYMENT_STATUSES.get(value, value))
    if field == "exported_at" and value:
        return notation().moment(datetime.fromisoformat(value), zone())
    return value
