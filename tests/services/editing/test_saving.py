"""Saving orders from the editor: whole or not at all, once, and never over what somebody else has changed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from permissions import Action, Actor, everything
from services.editing.saving import change, create
from services.editing.stored import typed_of
from services.editing.typed import Typed
from services.unit_of_work import Edit
from services.verify import verify
from tests.editing import BUYER, a_form, a_line, new_key, priced
from tests.factories import NOON, make_staff

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def mia() -> Actor:
    return Actor(make_staff("mia", []).id, "Mia", frozenset(everything()))


def by(who: Actor, *, minutes: int = 60) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, NOON + timedelta(minutes=minutes))


def new_order(who: Actor, typed: Typed, *, as_draft: bool = False) -> int:
    edit = Edit(who, Action.ORDERS_CREATE, NOON)
    return create(priced(typed), as_draft=as_draft, base_currency="EUR", edit=edit)


def opened(number: int) -> Typed:
    """Open the editor on an order."""
    return typed_of(read(number), new_key(), "en")


def save(who: Actor, typed: Typed, *, minutes: int = 60) -> int:
    return change(priced(typed), typed, language="en", edit=by(who, minutes=minutes))


def read(number: int) -> Order:
    """Read an order afresh."""
    db.session.rollback()
    return db.session.get_one(Order, number)


def history(number: int, version: int) -> dict[str, list[tuple[str, str]]]:
    """Give what a version changed, from and to by field; totals are left out."""
    rows = db.session.scalars(
        select(OrderHistory)
        .where(OrderHistory.order_id == number, OrderHistory.version == version)
        .order_by(OrderHistory.id)
    )
    told: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if not row.field.startswith("total_"):
            told.setdefault(row.field, []).append((row.old_value, row.new_value))
    return told


def is_whole() -> bool:
    db.session.rollback()
    return not [check for check in verify() if check.count]


def test_a_new_order_is_whole_with_its_lines_and_one_row_of_history(mia: Actor) -> None:
    lines = a_line("n1"), a_line("n2", "3", "1.2345", parent="n1"), a_line("n3", discount="12.5")
    number = new_order(mia, a_form(*lines, payment_status="PAID", discount_type="P", discount_value="10"))
    order = read(number)
    assert (order.version, order.status.code, order.item_count, order.buyer_name) == (1, "NEW", 2, "Acme")
    assert [(line.position, line.quantity, line.total) for line in order.lines] == [
        (1, 2, Decimal("20.00")),
        (2, 3, Decimal("3.70")),
        (3, 2, Decimal("17.50")),
    ]
    assert order.lines[1].parent_id == order.lines[0].id
    assert (order.total_gross, order.total_base) == (Decimal("37.08"), Decimal("37.08"))
    assert (order.created_at, order.updated_by_id, order.payment_status_at) == (NOON, mia.staff_id, NOON)
    assert history(number, 1) == {"status": [("", "NEW")]}
    assert is_whole()


def test_saving_what_is_so_already_makes_no_version(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2", parent="n1"), a_line("n3", discount="12.5")))
    assert save(mia, opened(number)) == number
    assert (read(number).version, history(number, 2)) == (1, {})


def test_lines_come_change_go_and_move_in_one_version(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2", parent="n1"), a_line("n3"), a_line("n4")))
    form = opened(number)
    one, two, _three, four = form.lines
    new = a_line("n1", "1", "5", sku="NEW"), a_line("n2", "1", "6", sku="CHILD", parent="n1", notes="inside")
    form = replace(form, remarks="Hello", lines=(four, replace(one, quantity="7", discount="5"), two, *new))
    save(mia, replace(form, delivery=replace(BUYER, city="Delft")))
    assert [line.text.sku for line in read(number).lines] == ["SKU-n4", "SKU-n1", "SKU-n2", "NEW", "CHILD"]
    assert history(number, 2) == {
        "remarks": [("", "Hello")],
        "delivery_address": [
            ("Acme, Ada Byron, Dam, Amsterdam, NL", "Acme, Ada Byron, Dam, Delft, NL"),
        ],
        "line": [
            ("SKU-n3: 2 × 10.00", ""),
            ("SKU-n1: 2 × 10.00", "SKU-n1: 7 × 10.00 − 5 %"),
            ("", "NEW: 1 × 5.00"),
            ("", "CHILD: 1 × 6.00 “inside”"),
        ],
        "line_sequence": [("SKU-n1, SKU-n2, SKU-n4", "SKU-n4, SKU-n1, SKU-n2")],
    }
    assert is_whole()
