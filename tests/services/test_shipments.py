"""Shipments: never more than was ordered, told in the history, and of the order that was seen."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.batch import BatchAction
from models.choices import Carrier
from models.order import Order
from models.order_history import OrderHistory
from models.shipment import Shipment, ShipmentLine, TrackingCode
from models.types import LARGEST_ID
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.deletion import purge
from services.errors import Invalid, Refused
from services.orders import part_counts
from services.shipment_rules import ShipmentWanted, Shipped, Tracking
from services.shipments import (
    AlreadyDeleted,
    change,
    create,
    delete,
    find_shipment,
    lines_left,
    packed,
    shipments_of,
    shipped_of,
)
from services.unit_of_work import ChangedMeanwhile, Edit, OrderGone
from services.verify import verify
from tests.batches import LATER, did, person
from tests.factories import make_company, make_order, make_shipment, make_staff

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 3, 31)
PIPE, PUMP, FREIGHT = (
    {"sku": "CU-15", "name": "Copper pipe", "quantity": 40, "price": "2.00"},
    {"sku": "", "name": "Pump", "quantity": 2, "price": "90.00", "is_bonus": True},
    {"sku": "F", "name": "Freight", "quantity": 1, "price": "9.00", "line_class": "postage"},
)


def actor(staff_id: int | None = None, companies: frozenset[int] | None = None, level: str = "editor") -> Actor:
    """Give somebody with a level on orders."""
    return Actor(staff_id, "Mia", frozenset(map(Grant.parse, (f"order:{level}", "backoffice:viewer"))), companies)


def by(who: Actor = SYSTEM) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, LATER)


def order_of(*lines: Mapping[str, Any], **columns: Any) -> int:
    """Make an order, of a pipe, a pump and freight unless lines are given."""
    return make_order(lines=lines or (PIPE, PUMP, FREIGHT), **columns)


def read(number: int) -> Order:
    """Read an order afresh."""
    db.session.rollback()
    return db.session.get_one(Order, number)


def ids(number: int) -> list[int]:
    return [line.id for line in read(number).lines]


def wanted(quantities: Mapping[int, int], **more: Any) -> ShipmentWanted:
    return ShipmentWanted(**{"status": "CREATED", "quantities": quantities, **more})


def made(number: int, quantities: Mapping[int, int], **more: Any) -> int:
    """Make a shipment of the order as it is now; give its id."""
    seen = read(number).version
    in_order = create(number, wanted(quantities, **more), seen=seen, today=TODAY, edit=by())
    return next(each.id for each in shipments_of(read(number)) if each.number == in_order)


def changed(number: int, shipment: int, quantities: Mapping[int, int], **more: Any) -> None:
    """Change a shipment of the order as it is now."""
    change(number, shipment, wanted(quantities, **more), seen=read(number).version, today=TODAY, edit=by())


def kept(number: int) -> list[tuple[int, str, dict[int, int]]]:
    """Give the shipments of an order: number, status, pieces by line."""
    return [
        (each.number, each.status, {line.line_id: line.quantity for line in each.lines})
        for each in shipments_of(read(number))
    ]


def history(number: int) -> list[tuple[int, str, str, str]]:
    rows = db.session.scalars(select(OrderHistory).where(OrderHistory.order_id == number).order_by(OrderHistory.id))
    return [(row.version, row.field, row.old_value, row.new_value) for row in rows][1:]


def is_whole() -> bool:
    return not [check for check in verify() if check.count]


def left(number: int) -> list[int]:
    order = read(number)
    return [line.left for line in lines_left(order, shipments_of(order)).values()]


# ---- making, changing, deleting ----


def test_what_may_still_be_deleted_is_not_shipped() -> None:
    number = order_of(status="CANCELLED")
    with pytest.raises(Refused, match="Nothing is shipped while an order is Cancelled"):
        made(number, {ids(number)[0]: 1})


def test_a_shipment_is_kept_with_lines_codes_and_who_made_it() -> None:
    mia = make_staff("mia", ["order:editor", "backoffice:viewer"]).id
    db.session.add(Carrier(name="DHL"))
    db.session.commit()
    number = order_of()
    pipe, pump, _freight = ids(number)
    codes = [Tracking("3S1", "DHL"), Tracking("3S2")]
    new = wanted({pump: 1, pipe: 24}, status="IN_TRANSIT", expected_on=TODAY, tracking=codes)
    assert create(number, new, seen=1, today=TODAY, edit=by(actor(mia))) == 1
    (shipment,) = shipments_of(read(number))
    assert (shipment.status, shipment.expected_on, shipment.created_at) == ("IN_TRANSIT", TODAY, LATER)
    assert shipment.created_by_id == mia
    assert [(line.text.name, quantity) for line, quantity in packed(shipment)] == [("Copper pipe", 24), ("Pump", 1)]
    assert [(each.code, each.carrier) for each in shipment.tracking] == [("3S1", "DHL"), ("3S2", "")]
    assert (left(number), is_whole()) == ([16, 1], True)


def test_everything_that_changes_is_told_and_makes_one_version_each() -> None:
    mia = make_staff("mia", ["order:editor", "backoffice:viewer"]).id
    number = order_of()
    pipe, pump, _freight = ids(number)
    edit = by(actor(mia))
    new = wanted({pipe: 24, pump: 1}, expected_on=TODAY, tracking=[Tracking("3S1"), Tracking("3S2")])
    create(number, new, seen=1, today=TODAY, edit=edit)
    shipment = shipments_of(read(number))[0].id
    later = wanted({pipe: 20, pump: 1}, status="DELIVERED", tracking=[Tracking("3S2"), Tracking("3S3")])
    assert change(number, shipment, later, seen=2, today=TODAY, edit=edit) == 1
    change(number, shipment, later, seen=3, today=TODAY, edit=edit)
    delete(number, shipment, seen=3, edit=edit)
    order = read(number)
    assert (order.version, order.updated_at, order.updated_by_id) == (4, LATER, mia)
    assert sorted(history(number)) == [
        (2, "shipment", "", "1 CREATED 2026-03-31"),
        (2, "shipment_line", "", "1: 24 × CU-15, 1: 1 × Pump"),
        (2, "tracking_code", "", "1: 3S1, 1: 3S2"),
        (3, "shipment", "1 CREATED 2026-03-31", "1 DELIVERED"),
        (3, "shipment_line", "1: 24 × CU-15", "1: 20 × CU-15"),
        (3, "tracking_code", "1: 3S1", "1: 3S3"),
        (4, "shipment", "1 DELIVERED", ""),
        (4, "shipment_line", "1: 20 × CU-15, 1: 1 × Pump", ""),
        (4, "tracking_code", "1: 3S2, 1: 3S3", ""),
    ]
    assert not [rows for part in (Shipment, ShipmentLine, TrackingCode) for rows in db.session.scalars(select(part))]
    assert is_whole()


def test_lines_come_and_go_with_a_change_and_a_code_gets_its_carrier() -> None:
    db.session.add(Carrier(name="DHL"))
    db.session.commit()
    number = order_of()
    pipe, pump, _freight = ids(number)
    shipment = made(number, {pipe: 40}, tracking=[Tracking("3S1")])
    changed(number, shipment, {pump: 2}, tracking=[Tracking("3S1", "DHL")])
    assert kept(number) == [(1, "CREATED", {pump: 2})]
    assert sorted(history(number))[-2:] == [
        (3, "shipment_line", "1: 40 × CU-15", "1: 2 × Pump"),
        (3, "tracking_code", "1: 3S1", "1: 3S1 (DHL)"),
    ]


def test_the_number_of_a_deleted_shipment_is_not_given_again() -> None:
    number = order_of()
    pipe, *_others = ids(number)
    shipments = [made(number, {pipe: 1}) for _each in range(2)]
    delete(number, shipments[1], seen=3, edit=by())
    made(number, {pipe: 1})
    assert [each for each, *_rest in kept(number)] == [1, 3]


def test_what_is_canceled_or_deleted_can_be_shipped_again_and_what_failed_cannot() -> None:
    number = order_of()
    pipe, pump, _freight = ids(number)
    first, second = made(number, {pipe: 40}), made(number, {pump: 2})
    assert left(number) == [0, 0]
    changed(number, first, {pipe: 40}, status="FAILED_DELIVERY")
    assert left(number) == [0, 0]
    changed(number, first, {pipe: 40}, status="CANCELED")
    delete(number, second, seen=read(number).version, edit=by())
    assert left(number) == [40, 2]
    made(number, {pipe: 39})
    changed(number, first, {pipe: 40}, status="CANCELED", tracking=[Tracking("late")])
    with pytest.raises(Invalid, match=r"Of Copper pipe, 1 of 40 are left\.") as raised:
        changed(number, first, {pipe: 40})
    assert raised.value.field == f"quantity-{pipe}"
    assert is_whole()


# ---- what is refused ----


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: order_of(status="REQUEST"), "Only orders are shipped, no quotations and no requests."),
        (lambda: order_of({**PIPE, "quantity": -3}, is_credit=True), "Nothing is shipped for a credit order."),
        (lambda: order_of(FREIGHT), "No line of this order is something to ship."),
        (lambda: (number := order_of({**PIPE, "quantity": 1}), make_shipment(number, pieces=1))[0], "Everything is"),
    ],
)
def test_what_cannot_be_shipped_says_why(make: Callable[[], int], sentence: str) -> None:
    number = make()
    (line, *_others), before = ids(number), kept(number)
    with pytest.raises(Refused, match=sentence):
        create(number, wanted({line: 1}), seen=1, today=TODAY, edit=by())
    assert kept(number) == before


def test_a_shipment_of_an_order_that_changed_since_is_refused() -> None:
    number = order_of()
    pipe, *_others = ids(number)
    shipment = made(number, {pipe: 1})
    with pytest.raises(ChangedMeanwhile):
        create(number, wanted({pipe: 2}), seen=1, today=TODAY, edit=by())
    with pytest.raises(ChangedMeanwhile):
        change(number, shipment, wanted({pipe: 2}), seen=1, today=TODAY, edit=by())
    with pytest.raises(ChangedMeanwhile):
        delete(number, shipment, seen=1, edit=by())
    assert (kept(number), read(number).version) == ([(1, "CREATED", {pipe: 1})], 2)


def test_a_shipment_that_is_gone_is_told() -> None:
    number, other = order_of(), order_of()
    pipe, *_others = ids(number)
    shipment = made(other, {ids(other)[0]: 1})
    for order, gone in ((number, shipment), (number, 2 * LARGEST_ID)):
        with pytest.raises(AlreadyDeleted, match="Somebody else has deleted this shipment meanwhile"):
            change(order, gone, wanted({pipe: 1}), seen=1, today=TODAY, edit=by())
        with pytest.raises(AlreadyDeleted):
            delete(order, gone, seen=1, edit=by())
        assert find_shipment(read(order), gone) is None
    assert len(kept(other)) == 1


def test_without_right_scope_or_order_nothing_is_shipped() -> None:
    number = order_of(company=make_company("Acme"))
    pipe, *_others = ids(number)
    shipment = made(number, {pipe: 1})
    limited = actor(companies=frozenset({make_company("Other").id}))
    for who, what in ((actor(level="viewer"), NotAllowed), (limited, OrderGone)):
        with pytest.raises(what):
            create(number, wanted({pipe: 1}), seen=2, today=TODAY, edit=by(who))
        with pytest.raises(what):
            change(number, shipment, wanted({pipe: 2}), seen=2, today=TODAY, edit=by(who))
        with pytest.raises(what):
            delete(number, shipment, seen=2, edit=by(who))
    db.session.info["actor"] = limited
    assert not [rows for part in (Shipment, ShipmentLine, TrackingCode) for rows in db.session.scalars(select(part))]
    db.session.info["actor"] = SYSTEM
    binned = order_of(is_deleted=True)
    with pytest.raises(OrderGone):
        create(binned, wanted({ids(binned)[0]: 1}), seen=1, today=TODAY, edit=by())
    assert kept(number) == [(1, "CREATED", {pipe: 1})]


def test_the_carrier_of_a_code_stays_when_it_is_removed() -> None:
    carrier = Carrier(name="DHL")
    db.session.add(carrier)
    db.session.commit()
    number = order_of()
    pipe, *_others = ids(number)
    shipment = made(number, {pipe: 1}, tracking=[Tracking("3S1", "DHL")])
    db.session.delete(carrier)
    db.session.commit()
    changed(number, shipment, {pipe: 2}, tracking=[Tracking("3S1", "DHL")])
    with pytest.raises(Invalid, match="There is no carrier of this name any more"):
        made(number, {pipe: 2}, tracking=[Tracking("3S2", "DHL")])


# ---- at once ----


@pytest.mark.race
def test_of_two_who_ship_the_last_pieces_at_once_one_is_told_what_is_left(app: Flask) -> None:
    numbers = [order_of({**PIPE, "quantity": 5}) for _turn in range(3)]
    pipes, start = [ids(number)[0] for number in numbers], Barrier(2)

    def do(pieces: int) -> list[str]:
        told = []
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            for number, pipe in zip(numbers, pipes, strict=True):
                start.wait()
                try:
                    create(number, wanted({pipe: pieces}), seen=1, today=TODAY, edit=by())
                except Invalid as invalid:
                    told.append(str(invalid))
                else:
                    told.append("shipped")
        return told

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        told = [sorted(both) for both in zip(*threads.map(do, (3, 4)), strict=True)]
    for number, both in zip(numbers, told, strict=True):
        assert both in [[f"Of Copper pipe, {left} of 5 are left.", "shipped"] for left in (1, 2)]
        assert (len(kept(number)), read(number).version) == (1, 2)
    assert is_whole()


def test_an_order_is_partly_and_then_fully_shipped() -> None:
    number = order_of()
    pipe, pump, _freight = ids(number)
    found = []
    for quantities, status in (({pipe: 40}, "CANCELED"), ({pipe: 40}, "DELIVERED"), ({pump: 2}, "CREATED")):
        made(number, quantities, status=status)
        order = read(number)
        found.append(shipped_of(order, part_counts(order).pieces_shipped))
    assert found == [Shipped.NOTHING, Shipped.PARTLY, Shipped.FULLY]


def test_a_purged_order_takes_its_shipments_along() -> None:
    number = order_of(status="CANCELLED")
    did(BatchAction.DELETE, [number], person("deleter"))
    make_shipment(number, pieces=1, code="3S1")
    assert purge(30, now=LATER + timedelta(days=31)) == 1
    assert is_whole()


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("UPDATE shipment_line SET quantity = 41 WHERE quantity = 1", "no more of a line is shipped than was ordered"),
        ("UPDATE shipment_line SET order_id = {other}", "what is in a shipment belongs to its order"),
        ("UPDATE tracking_code SET order_id = {other}", "what is in a shipment belongs to its order"),
        ("UPDATE shipment SET order_id = {other}", "what is in a shipment belongs to its order"),
    ],
)
def test_what_does_not_go_together_is_found(broken: str, found: str) -> None:
    number, other = order_of(PIPE), order_of(PIPE)
    make_shipment(number, pieces=1, code="3S1")
    assert is_whole()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(broken.format(other=other))
    assert [check.name for check in verify() if check.count] == [found]
