"""The facts about many orders that decide what a batch makes of each, read in SQL."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    false,
    func,
    select,
    tuple_,
    type_coerce,
)

from models.base import db
from models.invoice import Invoice
from models.order import ExportStatus, Order
from models.selection import NOT_FOUND
from models.shipment import Shipment
from models.status import OrderStatus, status_next
from permissions import Actor
from services.batch_rules import Facts, Ways

FACTS = tuple(field.name for field in fields(Facts))
read_all = attrgetter(*FACTS)


def facts_of(chosen: FromClause, actor: Actor) -> Select[Any]:
    """Select the number, the facts and what adds up of rows with `order_id` and `version`."""
    facts: dict[str, Any] = {
        "is_found": and_(Order.id.is_not(None), chosen.c.version != NOT_FOUND),
        "is_same": _or_false(Order.version == chosen.c.version),
        "is_deleted": _or_false(Order.is_deleted),
        "status_id": Order.status_id,
        "export_status": Order.export_status,
        "is_reset": _or_false(
            and_(Order.export_status == ExportStatus.EMPTY, Order.exported_at.is_(None), Order.export_message == "")
        ),
        "has_invoice": exists().where(Invoice.order_id == Order.id),
        "has_shipment": exists().where(Shipment.order_id == Order.id),
    }
    added_up = (Order.total_base, Order.company_id, Order.created_at)
    return select(chosen.c.order_id, *(fact.label(name) for name, fact in facts.items()), *added_up).outerjoin_from(
        chosen, Order, and_(Order.id == chosen.c.order_id, Order.visible_to(actor))
    )


def read_facts(row: Any) -> Facts:
    """Give the facts that a row of `facts_of` holds."""
    return Facts(*read_all(row))


def of_kind(rows: FromClause, kinds: Iterable[Facts]) -> ColumnElement[bool]:
    """Give the condition on the rows of `facts_of` that have exactly such facts."""
    # One list of rows: as many conditions joined by OR would be too deep for SQLite.
    nothing = {"status_id": 0, "export_status": ""}
    columns = [func.coalesce(rows.c[name], nothing[name]) if name in nothing else rows.c[name] for name in FACTS]
    known = [tuple(getattr(kind, name) or nothing.get(name, False) for name in FACTS) for kind in kinds]
    return tuple_(*columns).in_(known)


def _or_false(condition: Any) -> ColumnElement[bool]:
    return type_coerce(func.coalesce(condition, false()), Boolean)


def ways(to_status: str = "") -> Ways:
    """Read what the statuses allow; `to_status` is the code of the one that orders shall go to."""
    statuses = db.session.execute(select(OrderStatus.id, OrderStatus.code, OrderStatus.is_deletable)).all()
    next_ids: dict[int, set[int]] = {}
    for status_id, next_id in db.session.execute(select(status_next.c.status_id, status_next.c.next_id)):
        next_ids.setdefault(status_id, set()).add(next_id)
    return Ways(
        deletable=frozenset(row.id for row in statuses if row.is_deletable),
        next_ids={status_id: frozenset(ids) for status_id, ids in next_ids.items()},
        target=next((row.id for row in statuses if row.code == to_status), None),
    )
