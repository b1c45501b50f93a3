"""The shipments of the demo: what was packed or sent lately is in one or two, with the codes of their carrier."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from models.order import OrderLine
from models.shipment import Shipment, ShipmentLine, TrackingCode
from services.loading import Changed, Loading, NewChange, NewOrder
from services.shipment_rules import is_shipped

UNDERWAY = ("IN_TRANSIT", "IN_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "EXCEPTION")
ARRIVED = ("DELIVERED",) * 8 + ("PARTIALLY_DELIVERED",)
WITHOUT_CODES = "Own transport"


@dataclass(frozen=True)
class Sent:
    """A shipment: which change of the order made it, and which one brought it home, if any; pieces by place of line."""

    number: int
    made: int
    arrived: int | None
    first_status: str
    status: str
    expected_on: date
    pieces: Mapping[int, int]
    code: str


def shipped(order: NewOrder, skus: Mapping[int, str]) -> NewOrder:
    """Let the changes of an order tell of its shipments; `skus` are those of the texts of lines."""
    shipments, changes = list(_sent(order)), list(order.changes)
    if not shipments:
        return order
    for sent in shipments:
        packed = (f"{sent.number}: {many} × {skus[order.lines[place].text_id]}" for place, many in sent.pieces.items())
        first = f"{sent.number} {sent.first_status} {sent.expected_on}"
        _tell(changes, sent.made, Changed(Shipment.told_as, "", first))
        _tell(changes, sent.made, Changed(ShipmentLine.told_as, "", ", ".join(packed)))
        if sent.code:
            _tell(
                changes, sent.made, Changed(TrackingCode.told_as, "", f"{sent.number}: {sent.code} ({order.carrier})")
            )
        if sent.arrived is not None:
            last = f"{sent.number} {sent.status} {sent.expected_on}"
            _tell(changes, sent.arrived, Changed(Shipment.told_as, first, last))
    return order._replace(changes=tuple(changes))


def _tell(changes: list[NewChange], place: int, new: Changed) -> None:
    """Add to what a change told: parts of one kind in one field."""
    fields = {each.field: each for each in changes[place].fields}
    known = fields.get(new.field)
    if known:
        new = Changed(new.field, ", ".join(filter(None, (known.old, new.old))), f"{known.new}, {new.new}")
    changes[place] = changes[place]._replace(fields=tuple((fields | {new.field: new}).values()))


def add_shipments(load: Loading, made: Iterable[tuple[int, NewOrder]]) -> None:
    """Add the shipments of orders; `made` are the orders with their numbers, in sequence."""
    sent = [(number, order, each) for number, order in made for each in _sent(order)]
    if not sent:
        return
    ids = load.add_rows(Shipment, [_row(*each) for each in sent])
    lines = _line_ids(load, sent[0][0], sent[-1][0])
    load.add_rows(
        ShipmentLine,
        [
            {"order_id": number, "shipment_id": shipment, "line_id": lines[number, place + 1], "quantity": many}
            for shipment, (number, _order, each) in zip(ids, sent, strict=True)
            for place, many in each.pieces.items()
        ],
    )
    load.add_rows(
        TrackingCode,
        [
            {"order_id": number, "shipment_id": shipment, "code": each.code, "carrier": order.carrier}
            for shipment, (number, order, each) in zip(ids, sent, strict=True)
            if each.code
        ],
    )


def _row(number: int, order: NewOrder, sent: Sent) -> dict[str, Any]:
    change = order.changes[sent.made]
    return {
        "order_id": number,
        "number": sent.number,
        "status": sent.first_status if sent.arrived is None else sent.status,
        "expected_on": sent.expected_on,
        "created_at": change.at,
        "created_by_id": change.staff_id,
    }


def _line_ids(load: Loading, first: int, last: int) -> dict[tuple[int, int], int]:
    """Give the ids of the lines of orders, by order and position."""
    rows = load.connection.execute(
        select(OrderLine.order_id, OrderLine.position, OrderLine.id).where(OrderLine.order_id.between(first, last))
    )
    return {(row.order_id, row.position): row.id for row in rows}


def _sent(order: NewOrder) -> Iterator[Sent]:
    """Say how an order was shipped. What it is decides, and no chance: so the same orders are shipped the same way."""
    if len(order.changes) == 1 or order.is_credit:
        return
    at = {change.fields[0].new: place for place, change in enumerate(order.changes)}
    if "PROCESSING" not in at:
        return
    sendable = [place for place, line in enumerate(order.lines) if is_shipped(line.line_class, line.quantity)]
    draw = sum(line.quantity * place for place, line in enumerate(order.lines, 1))
    if "SHIPPED" not in at:
        if len(sendable) > 1 and draw % 4:
            yield _shipment(order, (1, at["PROCESSING"]), sendable[: len(sendable) // 2], at, draw)
    elif len(sendable) > 1 and order.is_partial_delivery_allowed and draw % 3 == 0:
        half = len(sendable) // 2
        yield _shipment(order, (1, at["PROCESSING"]), sendable[:half], at, draw)
        yield _shipment(order, (2, at["SHIPPED"]), sendable[half:], at, draw + 1)
    elif sendable:
        yield _shipment(order, (1, at["SHIPPED"]), sendable, at, draw)


def _shipment(
    order: NewOrder, number_and_change: tuple[int, int], places: Sequence[int], at: Mapping[str, int], draw: int
) -> Sent:
    number, made = number_and_change
    is_sent, moment = "SHIPPED" in at, order.changes[made].at
    return Sent(
        number=number,
        made=made,
        arrived=at.get("COMPLETE"),
        first_status=UNDERWAY[draw % len(UNDERWAY)] if is_sent else "PROCESSING",
        status=ARRIVED[draw % len(ARRIVED)],
        expected_on=(moment + timedelta(days=2 + draw % 3)).date(),
        pieces={place: order.lines[place].quantity for place in places},
        code=f"3S{moment:%y%m%d%H%M%S}{number}" if is_sent and order.carrier != WITHOUT_CODES else "",
    )
