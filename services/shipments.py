"""Shipments of orders: found, made, changed, deleted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models.base import db
from models.choices import Carrier
from models.order import Order, OrderLine
from models.order_history import OrderHistory
from models.shipment import Shipment, ShipmentLine, TrackingCode
from models.types import LARGEST_ID
from services.errors import Invalid, Refused
from services.shipment_rules import (
    NOTHING_YET,
    LineLeft,
    ShipmentWanted,
    Shipped,
    Tracking,
    faults,
    how_far,
    is_shipped,
    pieces_shipped,
    refusal,
    refusal_of_another,
    refusal_of_status,
)
from services.unit_of_work import Edit, changing_one, check_seen


class AlreadyDeleted(Refused):
    """Somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__("Somebody else has deleted this shipment meanwhile.")


def shipments_of(order: Order) -> Sequence[Shipment]:
    """Give the shipments of an order with all that is in them, by number."""
    return db.session.scalars(
        select(Shipment)
        .where(Shipment.order_id == order.id)
        .order_by(Shipment.number)
        .options(joinedload(Shipment.created_by), selectinload(Shipment.lines), selectinload(Shipment.tracking))
    ).all()


def find_shipment(order: Order, shipment_id: int) -> Shipment | None:
    """Give a shipment of an order; None when there is no such."""
    shipment = db.session.get(Shipment, min(shipment_id, LARGEST_ID))
    return shipment if shipment is not None and shipment.order_id == order.id else None


def packed(shipment: Shipment) -> list[tuple[OrderLine, int]]:
    """Give what is in a shipment: each order line with its pieces, as the order has them."""
    return sorted(((each.line, each.quantity) for each in shipment.lines), key=lambda pair: pair[0].position)


def as_wanted(shipment: Shipment) -> ShipmentWanted:
    """Give what a shipment is as one that is wanted."""
    return ShipmentWanted(
        shipment.status,
        {each.line_id: each.quantity for each in shipment.lines},
        shipment.expected_on,
        [Tracking(each.code, each.carrier) for each in shipment.tracking],
    )


def sent_lines(order: Order) -> list[OrderLine]:
    """Give the lines of an order that are things to send."""
    return [line for line in order.lines if is_shipped(line.line_class, line.quantity)]


def lines_left(order: Order, shipments: Iterable[Shipment], but: Shipment | None = None) -> dict[int, LineLeft]:
    """Give the lines that may be shipped, by id in the order's own sequence, and what is left of each.

    What is in the shipment `but` is left for that one.
    """
    shipped = pieces_shipped((each.status, as_wanted(each).quantities) for each in shipments if each is not but)
    return {
        line.id: LineLeft(
            line.id, line.text.name, line.text.sku, line.quantity, max(line.quantity - shipped[line.id], 0)
        )
        for line in sent_lines(order)
    }


def refusal_of_order(order: Order, lines: Mapping[int, LineLeft]) -> Refused | None:
    """Say why no shipment can be made of what is left of an order; None when one can."""
    refused = refusal(order.status.order_type, is_credit=order.is_credit)
    return refused or refusal_of_status(order.status) or refusal_of_another(lines.values())


def faults_of(
    wanted: ShipmentWanted, order: Order, shipments: Iterable[Shipment], shipment: Shipment | None, *, today: date
) -> Iterator[Invalid]:
    """Give what is wrong with what a shipment of an order shall be, one of `shipments`, or None for a new one."""
    before = as_wanted(shipment) if shipment else NOTHING_YET
    carriers = set(db.session.scalars(select(Carrier.name)))
    return faults(wanted, before, lines_left(order, shipments, shipment), carriers=carriers, today=today)


def shipped_of(order: Order, pieces: int) -> Shipped:
    """Say how much of an order is shipped; `pieces` are those in its shipments that count."""
    return how_far(sum(line.quantity for line in sent_lines(order)), pieces)


def carrier_names() -> list[str]:
    """Give the names of the carriers that are in use."""
    return list(db.session.scalars(select(Carrier.name).where(Carrier.is_active).order_by(Carrier.name)))


def tracking_urls() -> dict[str, str]:
    """Give the address templates of the carriers that have one, by name."""
    return {
        row.name: row.tracking_url
        for row in db.session.execute(select(Carrier.name, Carrier.tracking_url).where(Carrier.tracking_url != ""))
    }


# ---- verbs ----


def create(order_id: int, wanted: ShipmentWanted, *, seen: int, today: date, edit: Edit) -> int:
    """Make a shipment of an order whose version was seen, and give its number. `today` is the day where the person is.

    Raises NotAllowed, OrderGone, Refused, Invalid or ChangedMeanwhile.
    """
    with changing_one(order_id, edit=edit) as order:
        shipments = shipments_of(order)
        if reason := refusal_of_order(order, lines_left(order, shipments)):
            raise reason
        for fault in faults_of(wanted, order, shipments, None, today=today):
            raise fault
        check_seen(order, seen)
        number = _next_number(order, shipments)
        shipment = Shipment(order_id=order.id, number=number, created_at=edit.now, created_by_id=edit.actor.staff_id)
        db.session.add(shipment)
        _fill(shipment, wanted, order)
    return number


def change(order_id: int, shipment_id: int, wanted: ShipmentWanted, *, seen: int, today: date, edit: Edit) -> int:
    """Make a shipment what is wanted, where the version of the order was seen, and give its number.

    Raises NotAllowed, OrderGone, AlreadyDeleted, Refused, Invalid or ChangedMeanwhile.
    """
    with changing_one(order_id, edit=edit) as order:
        shipments = shipments_of(order)
        shipment = _one_of(shipments, shipment_id)
        if reason := refusal(order.status.order_type, is_credit=order.is_credit):
            raise reason
        for fault in faults_of(wanted, order, shipments, shipment, today=today):
            raise fault
        check_seen(order, seen)
        _fill(shipment, wanted, order)
        return shipment.number


def delete(order_id: int, shipment_id: int, *, seen: int, edit: Edit) -> int:
    """Remove a shipment of an order whose version was seen, and give its number; what was in it can be shipped again.

    Raises NotAllowed, OrderGone, AlreadyDeleted or ChangedMeanwhile.
    """
    with changing_one(order_id, edit=edit) as order:
        _ = order.lines  # what the history tells of the shipment's own
        shipment = _one_of(shipments_of(order), shipment_id)
        check_seen(order, seen)
        number = shipment.number
        db.session.delete(shipment)
    return number


def _one_of(shipments: Iterable[Shipment], shipment_id: int) -> Shipment:
    found = next((each for each in shipments if each.id == shipment_id), None)
    if found is None:
        raise AlreadyDeleted
    return found


def _next_number(order: Order, shipments: Iterable[Shipment]) -> int:
    """Give a number that no shipment of the order ever had; the history knows those of deleted ones."""
    deleted = db.session.scalars(
        select(OrderHistory.old_value).where(
            OrderHistory.order_id == order.id,
            OrderHistory.field == Shipment.told_as,
            OrderHistory.new_value == "",
        )
    )
    numbers = (int(told.partition(" ")[0]) for told in deleted)
    return 1 + max([*(each.number for each in shipments), *numbers], default=0)


def _fill(shipment: Shipment, wanted: ShipmentWanted, order: Order) -> None:
    shipment.status, shipment.expected_on = wanted.status, wanted.expected_on
    _fill_lines(shipment, wanted.quantities, order)
    _fill_tracking(shipment, wanted.tracking)


def _fill_lines(shipment: Shipment, quantities: Mapping[int, int], order: Order) -> None:
    kept = {each.line_id: each for each in shipment.lines}
    for line_id, each in kept.items():
        if not quantities.get(line_id):
            db.session.delete(each)
    for line in order.lines:
        if quantity := quantities.get(line.id):
            if line.id in kept:
                kept[line.id].quantity = quantity
            else:
                shipment.lines.append(ShipmentLine(order_id=order.id, line=line, quantity=quantity))


def _fill_tracking(shipment: Shipment, tracking: Sequence[Tracking]) -> None:
    carriers = {given.code: given.carrier for given in tracking}
    kept = {each.code: each for each in shipment.tracking}
    for code, each in kept.items():
        if code in carriers:
            each.carrier = carriers[code]
        else:
            db.session.delete(each)
    for code, carrier in carriers.items():
        if code not in kept:
            shipment.tracking.append(TrackingCode(order_id=shipment.order_id, code=code, carrier=carrier))
