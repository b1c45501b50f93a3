"""Taking a status away, with the orders that stand in it."""

from datetime import UTC, datetime

import pytest

import services.statuses
from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from models.status import OrderStatus
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.errors import Invalid, Refused
from services.statuses import MoreToMove, delete_status
from services.unit_of_work import Edit
from services.verify import verify
from tests.factories import make_company, make_order, make_staff, status_id

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
EDIT = Edit(SYSTEM, Action.STATUSES_CREATE, NOW)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def on_hold() -> OrderStatus:
    """A status of the seller's own."""
    status = OrderStatus(code="ON_HOLD", name="On hold", position=35)
    db.session.add(status)
    db.session.commit()
    return status


def status(code: str) -> OrderStatus:
    """Give a status."""
    return db.session.get_one(OrderStatus, status_id(code))


def test_its_orders_move_with_a_history_row_each(on_hold: OrderStatus) -> None:
    moved = [make_order(status="ON_HOLD") for _number in range(3)]
    other = make_order(status="NEW")
    delete_status(on_hold.id, move_to=status("NEW"), edit=EDIT)
    assert db.session.scalar(db.select(OrderStatus).where(OrderStatus.code == "ON_HOLD")) is None
    for number in moved:
        order = db.session.get_one(Order, number)
        assert (order.status.code, order.version, order.status_changed_at) == ("NEW", 2, NOW)
        row = db.session.scalars(
            db.select(OrderHistory).where(OrderHistory.order_id == number, OrderHistory.version == 2)
        )
        assert [(r.field, r.old_value, r.new_value, r.note) for r in row] == [
            ("status", "ON_HOLD", "NEW", "to delete ON_HOLD")
        ]
    assert db.session.get_one(Order, other).version == 1
    assert [check.name for check in verify() if check.count] == []


def test_without_orders_nothing_has_to_be_chosen(on_hold: OrderStatus) -> None:
    delete_status(on_hold.id, move_to=None, edit=EDIT)
    assert db.session.get(OrderStatus, on_hold.id) is None


@pytest.mark.parametrize("target", [None, "ON_HOLD", "REQUEST"])
def test_the_place_for_its_orders_is_another_status_of_the_same_type(on_hold: OrderStatus, target: str | None) -> None:
    make_order(status="ON_HOLD")
    with pytest.raises(Invalid) as refused:
        delete_status(on_hold.id, move_to=status(target) if target else None, edit=EDIT)
    assert refused.value.field == "move_to"


def test_system_and_default_statuses_stay(on_hold: OrderStatus) -> None:
    with pytest.raises(Refused, match="system status"):
        delete_status(status_id("SHIPPED"), move_to=status("NEW"), edit=EDIT)
    on_hold.is_default = False
    own_default = OrderStatus(code="OWN", name="Own", order_type="REQUEST", is_default=False)
    status("REQUEST").is_default = False
    db.session.flush()
    own_default.is_default = True
    db.session.add(own_default)
    db.session.commit()
    with pytest.raises(Refused, match="default status"):
        delete_status(own_default.id, move_to=None, edit=EDIT)


def test_more_orders_than_one_request_moves_are_moved_by_the_next(
    on_hold: OrderStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.statuses, "AT_ONCE", 2)
    monkeypatch.setattr(services.statuses, "MOST_AT_ONCE", 4)
    for _number in range(5):
        make_order(status="ON_HOLD")
    with pytest.raises(MoreToMove, match="4 orders are moved"):
        delete_status(on_hold.id, move_to=status("NEW"), edit=EDIT)
    assert db.session.scalar(db.select(db.func.count()).where(Order.status_id == on_hold.id)) == 1
    delete_status(on_hold.id, move_to=status("NEW"), edit=EDIT)
    assert db.session.get(OrderStatus, on_hold.id) is None


def test_moving_orders_needs_the_right_to_edit_them(on_hold: OrderStatus) -> None:
    staff = make_staff("owner-of-order-only", ["order:owner"])
    actor = Actor(staff.id, "", frozenset({Grant.parse("order:owner")}))
    make_order(status="ON_HOLD")
    with pytest.raises(NotAllowed):
        delete_status(on_hold.id, move_to=status("NEW"), edit=Edit(actor, Action.STATUSES_CREATE, NOW))


def test_a_limited_person_deletes_no_status_with_orders_of_others_and_moves_none(on_hold: OrderStatus) -> None:
    acme, other = make_company("Acme"), make_company("Other")
    own = make_order(status="ON_HOLD", company=acme)
    make_order(status="ON_HOLD", company=other)
    staff = make_staff("limited", ["order:owner", "backoffice:viewer"], limited_to=[acme])
    grants = frozenset(map(Grant.parse, ("order:owner", "backoffice:viewer")))
    actor = Actor(staff.id, "", grants, companies=frozenset({acme.id}))
    db.session.info["actor"] = actor
    with pytest.raises(Refused, match="orders in On hold that you may not see"):
        delete_status(on_hold.id, move_to=status("NEW"), edit=Edit(actor, Action.STATUSES_CREATE, NOW))
    db.session.info["actor"] = SYSTEM
    assert db.session.get_one(Order, own).status_id == on_hold.id
