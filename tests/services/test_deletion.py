"""The bin: who deleted which orders, and their end; what other pages say of them is in the tests of the pages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

import services.deletion
from models.base import db
from models.batch import BatchAction
from models.deletion import DeletedOrder
from models.external_source import ExternalSource
from models.order import Order, OrderLine, OrderSearch
from models.order_history import OrderHistory
from models.order_note import OrderNote
from models.party import Address, AddressText
from models.payment import Payment
from models.types import LARGEST_ID
from permissions import SYSTEM, Actor
from services.batches import undo
from services.deletion import find_deletion, purge
from services.errors import Refused
from services.order_pages import page
from services.order_query import OrderQuery, exact_count
from services.selection import select_binned
from services.status_counts import status_counts
from services.verify import verify
from tests.batches import LATER, choose, did, person, read, told
from tests.factories import NOON, make_company, make_invoice, make_order, make_part, make_payment
from tests.matrix import snapshot

DAYS = 30
DUE = LATER + timedelta(days=DAYS)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def owner() -> Actor:
    """Somebody with every role at owner."""
    return person()


def binned(owner: Actor, many: int = 1, **columns: Any) -> list[int]:
    """Make orders and delete them."""
    numbers = [make_order(status="CANCELLED", **columns) for _ in range(many)]
    assert set(told(did(BatchAction.DELETE, numbers, owner)).values()) == {"DONE"}
    return numbers


def restored(numbers: list[int], owner: Actor) -> list[str]:
    selection = select_binned(numbers, actor=owner, now=LATER)
    return list(told(did(BatchAction.RESTORE, selection, owner)).values())


def is_whole() -> bool:
    return not [check for check in verify() if check.count]


def test_a_deleted_order_stands_in_no_list_and_no_count(owner: Actor) -> None:
    kept = make_order(status="CANCELLED", reference="findable")
    binned(owner, reference="findable")
    for query in (OrderQuery(), OrderQuery(words=("findable",), fields=("reference",))):
        rows, _count = page(query, owner, ("order_number",), skip=0, take=9)
        assert [row.order_number for row in rows] == [kept]
        assert exact_count(query, owner) == 1
    counts = {status.code: status.orders for status in status_counts(owner, company=None, managed_by=None).statuses}
    assert counts["CANCELLED"] == 1


def test_who_deleted_an_order_is_found_by_whom_it_existed_for(owner: Actor) -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    (number,) = binned(owner, company=own)
    found = find_deletion(number, person("limited", of=[own]))
    assert found
    assert (found.deleted_by_id, found.deleted_at, str(found)) == (owner.staff_id, LATER, str(number))
    assert find_deletion(number, person("another", of=[foreign])) is None
    assert find_deletion(make_order(), owner) is None
    assert find_deletion(LARGEST_ID + 1, owner) is None


def test_after_its_days_an_order_is_gone_but_for_number_who_and_when(owner: Actor, app: Flask) -> None:
    kept = make_order(remarks="kept")
    before = parts(kept)
    (number,) = binned(owner, remarks="secret words", email="buyer@secret.example")
    make_payment(number)
    assert purge(DAYS, now=DUE) == 1
    assert db.session.get(Order, number) is None
    assert parts(number) == [0, 0, 0, 0]
    assert parts(kept) == before
    row = db.session.get_one(DeletedOrder, number)
    assert (row.deleted_at, row.deleted_by_id, row.purged_at, row.order) == (LATER, owner.staff_id, DUE, None)
    orders_own = ("orders", "order_line", "order_search", "order_history")
    assert not [rows for name, rows in snapshot(app).items() if name in orders_own and "secret" in str(rows)]
    assert is_whole()
    assert purge(DAYS, now=DUE + timedelta(days=1)) == 0
    assert db.session.get_one(DeletedOrder, number).purged_at == DUE


def test_the_addresses_of_a_purged_order_go_along_unless_others_have_them(owner: Actor) -> None:
    own, shared = AddressText(last_name="Alone"), AddressText(last_name="Shared")
    make_order(delivery=shared)
    number = make_order(status="CANCELLED", invoice=own, delivery=shared)
    did(BatchAction.DELETE, [number], owner)
    make_invoice(number, "2026-1")
    make_part(OrderNote(order_id=number, staff_id=owner.person, at=NOON, text="Called."))
    make_part(ExternalSource(order_id=number, name="Coupa"))
    assert purge(DAYS, now=DUE) == 1
    assert db.session.scalars(select(Address.last_name)).all() == ["Shared"]
    assert is_whole()


def parts(number: int) -> list[int]:
    """Count what belongs to an order."""
    return [
        len(db.session.scalars(select(part).where(part.order_id == number)).unique().all())
        for part in (OrderLine, OrderSearch, OrderHistory, Payment)
    ]


def test_nothing_younger_is_purged(owner: Actor) -> None:
    (number,) = binned(owner)
    assert purge(DAYS, now=DUE - timedelta(microseconds=1)) == 0
    assert (read(number).is_deleted, is_whole()) == (True, True)
    assert restored([number], owner) == ["DONE"]
    assert purge(DAYS, now=DUE + timedelta(days=99)) == 0
    assert not read(number).is_deleted


def test_what_is_purged_cannot_be_restored_and_its_deletion_not_be_undone(owner: Actor) -> None:
    number = make_order(status="CANCELLED")
    batch = did(BatchAction.DELETE, [number], owner)
    purge(DAYS, now=DUE)
    with pytest.raises(Refused, match="none of these orders is in the bin"):
        restored([number], owner)
    with pytest.raises(Refused, match="Nothing can be taken back"):
        undo(batch.id, actor=owner, now=DUE)


def test_a_number_is_never_given_again(owner: Actor) -> None:
    numbers = binned(owner, 3)
    purge(DAYS, now=DUE)
    assert make_order() > max(numbers)


def test_an_order_that_another_one_stems_from_waits_for_that_one(owner: Actor) -> None:
    first = make_order(status="CANCELLED")
    second = make_order(status="CANCELLED", original_order_id=first)
    kept = make_order(status="CANCELLED")
    make_order(original_order_id=kept)
    did(BatchAction.DELETE, [first, kept], owner)
    assert purge(DAYS, now=DUE) == 0
    did(BatchAction.DELETE, [second], owner)
    assert purge(DAYS, now=DUE) == 2
    assert set(db.session.scalars(select(DeletedOrder.id).where(DeletedOrder.is_binned()))) == {kept}
    assert is_whole()


def test_many_are_purged_piece_by_piece(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.deletion, "AT_ONCE", 2)
    numbers = binned(owner, 5)
    assert purge(DAYS, now=DUE) == 5
    assert set(db.session.scalars(select(DeletedOrder.id).where(DeletedOrder.purged_at == DUE))) == set(numbers)
    assert is_whole()


def test_a_crash_keeps_the_finished_pieces_whole(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.deletion, "AT_ONCE", 2)
    binned(owner, 5)
    original, pieces = services.deletion._remove, []

    def crash_at_second(*given: Any) -> None:
        original(*given)
        pieces.append(True)
        if len(pieces) == 2:
            raise ZeroDivisionError

    monkeypatch.setattr(services.deletion, "_remove", crash_at_second)
    with pytest.raises(ZeroDivisionError):
        purge(DAYS, now=DUE)
    assert len(db.session.scalars(select(Order)).all()) == 3
    assert is_whole()
    assert purge(DAYS, now=DUE) == 3


@pytest.mark.race
def test_an_order_that_is_restored_while_it_is_about_to_be_purged_stays(
    app: Flask, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # whoever writes is alone there
    numbers = binned(owner, 3)
    is_read, is_restored, original = Event(), Event(), services.deletion._due

    def due(*given: Any) -> list[int]:
        found = original(*given)
        is_read.set()
        assert is_restored.wait(30)
        return found

    monkeypatch.setattr(services.deletion, "_due", due)

    def purged() -> int:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            return purge(DAYS, now=DUE)

    db.session.rollback()
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(purged)
        assert is_read.wait(30)
        assert restored(numbers[:1], owner) == ["DONE"]
        is_restored.set()
        assert result.result() == 2
    assert [number for number in numbers if db.session.get(Order, number)] == numbers[:1]
    assert is_whole()


def test_the_numbers_of_a_database_that_was_copied_go_on(owner: Actor) -> None:
    """A number is kept by the table's own counter, not by the largest row that is left."""
    (number,) = binned(owner)
    purge(DAYS, now=DUE)
    assert db.session.scalar(select(Order.id)) is None
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'orders'")).scalar() == number
    assert make_order() == number + 1


def test_choosing_in_the_bin_is_for_who_may_restore(owner: Actor) -> None:
    (number,) = binned(owner)
    assert choose([number], owner).id
    assert restored([number, 999_999], owner) == ["DONE", "NOT_FOUND"]
    with pytest.raises(Refused, match="none of these orders is in the bin"):
        restored([number], owner)
