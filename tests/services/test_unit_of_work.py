"""Changing orders: right, lock, version, history, one transaction a piece."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

import services.unit_of_work
from models.base import WriteOutsideUnitOfWork, db
from models.invoice import Invoice
from models.order import Order, OrderSearch
from models.order_history import OrderHistory
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.unit_of_work import Edit, changing_many, changing_one
from services.verify import verify
from tests.factories import NOON, make_company, make_invoice, make_order, make_staff, status_id
from tests.matrix import snapshot

LATER = NOON + timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("database")


class Crash(Exception):
    """Something went wrong in the middle."""


def editor(staff_id: int | None = None, companies: frozenset[int] | None = None) -> Actor:
    """Give somebody who may edit orders."""
    grants = frozenset(map(Grant.parse, ("order:editor", "backoffice:viewer")))
    return Actor(staff_id, "Editor", grants, companies)


def by(actor: Actor, note: str = "") -> Edit:
    """Give the edit of an actor an hour after the orders were made."""
    return Edit(actor, Action.ORDERS_EDIT, LATER, note)


def change(numbers: Iterable[int], edit: Edit, **values: Any) -> list[int]:
    """Set columns of the orders and give the numbers that were changed, piece after piece."""
    changed = []
    for orders in changing_many(numbers, edit=edit):
        for order in orders:
            for name, value in values.items():
                setattr(order, name, value)
            changed.append(order.id)
    return changed


def read(number: int) -> Order:
    """Read an order afresh."""
    db.session.rollback()
    return db.session.get_one(Order, number)


def history(number: int) -> list[tuple[int, str, str, str]]:
    """Give the history of an order after its creation: version, field, from, to."""
    rows = db.session.scalars(
        select(OrderHistory).where(OrderHistory.order_id == number, OrderHistory.version > 1).order_by(OrderHistory.id)
    )
    return [(row.version, row.field, row.old_value, row.new_value) for row in rows]


# ---- one change ----


def test_a_change_is_kept_with_who_when_from_to_and_why() -> None:
    staff, number = make_staff("editor", []), make_order(remarks="old")
    change([number], by(editor(staff.id), "the customer called"), remarks="new")
    order = read(number)
    assert (order.remarks, order.version, order.updated_at, order.updated_by_id) == ("new", 2, LATER, staff.id)
    row = db.session.scalars(select(OrderHistory).where(OrderHistory.version == 2)).one()
    assert (row.field, row.old_value, row.new_value, row.note) == ("remarks", "old", "new", "the customer called")
    assert (row.at, row.origin, row.staff_id) == (LATER, "STAFF", staff.id)


def test_several_fields_make_one_version_and_a_row_each() -> None:
    number = make_order(remarks="old", carrier="A")
    change([number], by(SYSTEM), remarks="new", carrier="B", extra3="x")
    assert read(number).version == 2
    assert sorted(history(number)) == [
        (2, "carrier", "A", "B"),
        (2, "extra3", "", "x"),
        (2, "remarks", "old", "new"),
    ]


def test_what_the_totals_follow_from_changes_them_with_it() -> None:
    number = make_order(currency="GBP", currency_rate=Decimal("1.25"))
    change([number], by(SYSTEM), shipping_costs=Decimal("4.50"), shipping_tax_percentage=Decimal(10))
    order = read(number)
    assert (order.total_gross, order.total_tax, order.total_net) == (
        Decimal("24.50"),
        Decimal("4.65"),
        Decimal("29.15"),
    )
    assert order.total_base == Decimal("30.63")
    assert (2, "total_gross", "20.00", "24.50") in history(number)
    assert all(check.count == 0 for check in verify())


def test_every_change_makes_the_next_version() -> None:
    number = make_order()
    for remarks in ("one", "two", "three"):
        change([number], by(SYSTEM), remarks=remarks)
    assert read(number).version == 4
    assert history(number) == [(2, "remarks", "", "one"), (3, "remarks", "one", "two"), (4, "remarks", "two", "three")]


def test_a_status_is_written_as_its_code_and_moves_the_moment_of_its_change() -> None:
    number = make_order(status="NEW")
    change([number], by(SYSTEM), status_id=status_id("CONFIRMED"))
    assert read(number).status_changed_at == LATER
    assert history(number) == [(2, "status", "NEW", "CONFIRMED")]


def test_another_field_leaves_the_moment_of_the_status_change() -> None:
    number = make_order()
    change([number], by(SYSTEM), remarks="new")
    assert read(number).status_changed_at == NOON


def test_the_system_leaves_the_last_person() -> None:
    staff = make_staff("editor", [])
    number = make_order(updated_by_id=staff.id)
    change([number], by(SYSTEM), remarks="new")
    order = read(number)
    assert (order.updated_by_id, order.updated_at) == (staff.id, LATER)
    assert db.session.scalars(select(OrderHistory.origin).where(OrderHistory.version == 2)).one() == "SYSTEM"


def test_an_order_that_was_not_changed_keeps_its_version_and_its_dates() -> None:
    number = make_order(remarks="same")
    change([number], by(SYSTEM), remarks="same")
    order = read(number)
    assert (order.version, order.updated_at, history(number)) == (1, NOON, [])


def test_an_emptied_field_is_written_as_nothing() -> None:
    number = make_order(exported_at=NOON, export_status="EXPORTED")
    change([number], by(SYSTEM), exported_at=None, export_status="EMPTY")
    assert sorted(history(number)) == [
        (2, "export_status", "EXPORTED", "EMPTY"),
        (2, "exported_at", "2026-03-31 10:00:00+00:00", ""),
    ]


def test_a_long_value_is_cut_in_the_history_and_not_in_the_order() -> None:
    number = make_order()
    change([number], by(SYSTEM), remarks="x" * 4_000)
    assert len(read(number).remarks) == len(history(number)[0][3]) == 4_000


def test_a_part_that_changes_is_told_as_it_was_and_is_and_makes_a_version() -> None:
    number = make_order()
    invoices = [make_invoice(number, f"I-{place}") for place in range(3)]
    with changing_one(number, edit=by(SYSTEM)):
        for invoice in reversed(invoices[:2]):
            db.session.get_one(Invoice, invoice).number += "a"
        db.session.get_one(Invoice, invoices[2]).number = "I-2"
    assert (read(number).version, history(number)) == (2, [(2, "invoice", "I-0, I-1", "I-0a, I-1a")])


def test_what_is_searched_follows_what_is_written() -> None:
    number = make_order(reference="Old")
    change([number], by(SYSTEM), reference="ŁÓDŹ Straße", email="New@Buyer.Example", buyer_name="Ærø Ltd")
    texts = db.session.get_one(OrderSearch, number)
    assert (texts.reference, texts.email) == ("lodz strasse", "new@buyer.example")
    assert read(number).buyer_name_folded == "aero ltd"


def test_reading_in_between_loses_no_history() -> None:
    numbers = [make_order(), make_order(), make_order()]
    for orders in changing_many(numbers, edit=by(SYSTEM)):
        for order in orders:
            order.reference = "new"
            db.session.scalars(select(OrderSearch)).all()
    for number in numbers:
        assert history(number) == [(2, "reference", "", "new")]
        assert read(number).version == 2
        assert db.session.get_one(OrderSearch, number).reference == "new"


# ---- right and scope ----


def test_without_the_right_nothing_is_changed(app: Flask) -> None:
    number = make_order()
    before = snapshot(app)
    reader = Actor(None, "Reader", frozenset(map(Grant.parse, ("order:viewer", "backoffice:viewer"))))
    with pytest.raises(NotAllowed):
        change([number], by(reader), remarks="new")
    assert snapshot(app) == before


def test_numbers_out_of_scope_are_left_out_like_those_that_do_not_exist(app: Flask) -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    mine, others, nobodys = make_order(company=own), make_order(company=foreign), make_order()
    limited = editor(companies=frozenset({own.id}))
    assert change([others, 999_999, mine, nobodys, -1, 0], by(limited), remarks="mine") == [mine]
    assert [read(number).remarks for number in (mine, others, nobodys)] == ["mine", "", ""]
    assert (read(others).version, history(others)) == (1, [])


def test_numbers_come_once_each_and_in_their_order() -> None:
    numbers = [make_order(), make_order(), make_order()]
    assert change([*reversed(numbers), numbers[0]], by(SYSTEM), remarks="new") == numbers
    assert [read(number).version for number in numbers] == [2, 2, 2]


def test_no_numbers_are_no_change(app: Flask) -> None:
    before = snapshot(app)
    assert change([], by(SYSTEM), remarks="new") == []
    assert snapshot(app) == before


def test_rows_are_locked_in_the_order_of_their_numbers() -> None:
    numbers, said = [make_order(), make_order()], []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        change(reversed(numbers), by(SYSTEM), remarks="new")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    if db.engine.dialect.name == "sqlite":
        assert said[:2] == ["PRAGMA busy_timeout = 30000", "BEGIN IMMEDIATE"]
    else:
        locking = next(statement for statement in said if statement.startswith("SELECT orders."))
        assert locking.endswith("ORDER BY orders.id FOR NO KEY UPDATE")


# ---- pieces ----


@pytest.fixture
def in_pairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Make pieces of two, and count what is committed."""
    monkeypatch.setattr(services.unit_of_work, "AT_ONCE", 2)
    commits: list[int] = []

    def note(_session: Session) -> None:
        commits.append(1)

    event.listen(Session, "after_commit", note)
    yield commits
    event.remove(Session, "after_commit", note)


def test_a_piece_holds_a_thousand_orders() -> None:
    assert services.unit_of_work.AT_ONCE == 1_000


def test_every_piece_is_a_transaction(in_pairs: list[int]) -> None:
    numbers = [make_order() for _ in range(5)]
    in_pairs.clear()
    sizes = [len(orders) for orders in changing_many(numbers, edit=by(SYSTEM))]
    assert (sizes, len(in_pairs)) == ([2, 2, 1], 3)


@pytest.mark.usefixtures("in_pairs")
def test_a_crash_in_the_second_piece_keeps_the_first_whole() -> None:
    numbers = [make_order() for _ in range(5)]

    def crash_at(last: int) -> None:
        for orders in changing_many(numbers, edit=by(SYSTEM)):
            for order in orders:
                order.remarks = "new"
                if order.id == last:
                    raise Crash

    with pytest.raises(Crash):
        crash_at(numbers[3])
    assert [read(number).remarks for number in numbers] == ["new", "new", "", "", ""]
    assert [read(number).version for number in numbers] == [2, 2, 1, 1, 1]
    assert [len(history(number)) for number in numbers] == [1, 1, 0, 0, 0]


@pytest.mark.usefixtures("in_pairs")
def test_a_caller_that_stops_keeps_the_pieces_it_has_finished() -> None:
    numbers = [make_order() for _ in range(4)]
    pieces = changing_many(numbers, edit=by(SYSTEM))
    for order in next(pieces):
        order.remarks = "new"
    for order in next(pieces):
        order.remarks = "half done"
    pieces.close()  # type: ignore[attr-defined]
    assert [read(number).remarks for number in numbers] == ["new", "new", "", ""]


def test_a_crash_in_the_history_takes_the_change_back(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    number, before = make_order(), snapshot(app)

    def crash(*_args: object) -> None:
        raise Crash

    monkeypatch.setattr(services.unit_of_work, "_history", crash)
    with pytest.raises(Crash):
        change([number], by(SYSTEM), remarks="new")
    assert snapshot(app) == before


@pytest.mark.parametrize("ends", ["well", "in a crash"])
def test_the_door_is_shut_behind_a_unit_of_work(ends: str) -> None:
    number = make_order()
    if ends == "well":
        change([number], by(SYSTEM), remarks="new")
    else:
        with pytest.raises(AttributeError):
            change([number], by(SYSTEM), status="no status at all")
    read(number).remarks = "by the way"
    with pytest.raises(WriteOutsideUnitOfWork):
        db.session.commit()


# ---- at once ----


@pytest.mark.race
def test_changes_at_the_same_moment_are_all_kept(app: Flask) -> None:
    numbers = [make_order(remarks="."), make_order(remarks="."), make_order(remarks=".")]
    each, people, start = 10, 2, Barrier(2)

    def append(person: int) -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            for turn in range(each):
                wanted = numbers if person else list(reversed(numbers))
                for orders in changing_many(wanted, edit=by(SYSTEM)):
                    for order in orders:
                        order.remarks += f" {person}-{turn}"

    db.session.rollback()
    with ThreadPoolExecutor(people) as threads:
        list(threads.map(append, range(people)))
    written = {f"{person}-{turn}" for person in range(people) for turn in range(each)}
    for number in numbers:
        order = read(number)
        assert set(order.remarks.split()[1:]) == written
        assert order.version == 1 + people * each
        rows = history(number)
        assert [version for version, *_rest in rows] == list(range(2, order.version + 1))
        assert all(before[3] == after[2] for before, after in pairwise(rows))
