"""What else belongs to orders of the demo: internal notes, and what other systems call an order."""

from collections.abc import Iterable

from models.external_source import ExternalSource
from models.order_note import OrderNote
from services.loading import Loading, NewOrder

SYSTEMS = {
    "API": (("Marketplace", "MP-", 7_000_000),),
    "Punchout": (("Coupa", "REQ", 310_000), ("SAP Ariba", "PR", 52_000)),
}
"""By source, the systems that know its orders: name, and how their ids begin and count."""


def add_notes(load: Loading, made: Iterable[tuple[int, NewOrder]]) -> None:
    """Add the notes that the changes of orders tell of; `made` are the orders with their numbers."""
    load.add_rows(
        OrderNote,
        [
            {"order_id": order_id, "staff_id": change.staff_id, "at": change.at, "text": changed.new}
            for order_id, order in made
            for change in order.changes
            for changed in change.fields
            if changed.field == OrderNote.told_as
        ],
    )


def add_external_sources(load: Loading, made: Iterable[tuple[int, NewOrder]]) -> None:
    """Add what the systems behind every other order of some sources call it."""
    load.add_rows(
        ExternalSource,
        [
            {"order_id": order_id, "name": name, "external_id": f"{beginning}{first + order_id}"}
            for order_id, order in made
            if order_id % 2
            for name, beginning, first in SYSTEMS.get(order.source, ())
        ],
    )
