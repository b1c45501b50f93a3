"""Doing one thing to many orders: each by its rules, told one by one, done once, taken back."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

import services.batches
import services.selection
from models.base import db
from models.batch import Batch, BatchAction, BatchState, Outcome
from models.deletion import DeletedOrder
from models.job import Job, JobKind
from models.order_history import OrderHistory
from models.record_history import RecordHistory
from models.selection import SelectedOrder
from models.staff import Staff
from models.status import OrderStatus
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.batch_preview import Preview, preview, targets
from services.batch_rules import Verdict
from services.batches import (
    BatchRequest,
    begin,
    carry_out,
    do_batch,
    find_batch,
    has_job,
    outcomes,
    resume,
    stop,
    undo,
    undoable,
    worked,
)
from services.errors import Refused
from services.jobs import WorkerContext, cancel, retry, run_due
from services.order_facts import facts_of, of_kind, read_facts, ways
from services.records import Gone
from services.selection import LASTS, Lapsed
from services.statuses import delete_status
from services.unit_of_work import AT_ONCE, Edit
from services.verify import verify
from tests.batches import (
    LATER,
    Time,
    begun,
    change,
    choose,
    counted,
    did,
    history,
    person,
    read,
    status_of,
    told,
)
from tests.factories import NOON, make_company, make_invoice, make_order, make_shipment, status_id
from tests.matrix import snapshot
from tests.people import GRANTS

DELETE, RESET_EXPORT, CHANGE_STATUS, RESTORE, UNDO = BatchAction
EXPORTED: dict[str, Any] = {"export_status": "EXPORTED", "exported_at": NOON, "export_message": "taken by the ERP"}

pytestmark = pytest.mark.usefixtures("database")


class Crash(Exception):
    """Something went wrong in the middle."""


@pytest.fixture
def time() -> Time:
    """It is an hour after the orders were made."""
    return Time()


@pytest.fixture
def owner() -> Actor:
    """Somebody with every role at owner."""
    return person()


@pytest.fixture
def in_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do two orders at once; more are a job."""
    monkeypatch.setattr(services.batches, "AT_ONCE", 2)


def work(time: Time) -> int:
    """Let a worker do what there is to do."""
    return run_due({JobKind.BATCH: do_batch}, WorkerContext(time))


def state(batch_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Batch, batch_id, populate_existing=True).state


def jobs() -> list[tuple[str, str, int]]:
    """Give the jobs: state, why it failed, how far it is."""
    db.session.rollback()
    return [(job.state, job.error, job.done) for job in db.session.scalars(select(Job).order_by(Job.id))]


def is_whole() -> bool:
    return not [check for check in verify() if check.count]


def plain(number: int) -> tuple[Any, ...]:
    """Give what a batch may change of an order."""
    order = read(number)
    return order.status_id, order.is_deleted, order.export_status, order.exported_at, order.export_message


# ---- what each action does ----


def test_deleting_moves_to_the_bin_with_who_when_and_why(owner: Actor) -> None:
    number, other = make_order(status="CANCELLED"), make_order(status="CANCELLED")
    batch = did(DELETE, [number], owner)
    order, row = read(number), db.session.get_one(DeletedOrder, number)
    assert (order.is_deleted, order.version, order.updated_at, order.updated_by_id) == (True, 2, LATER, owner.staff_id)
    assert order.status_changed_at == NOON
    assert (row.deleted_at, row.deleted_by_id, row.purged_at) == (LATER, owner.staff_id, None)
    assert history(number) == [(2, "is_deleted", "False", "True", f"batch {batch.id}")]
    assert read(other).version == 1
    assert is_whole()


def test_a_change_of_status_is_stamped_and_told_with_its_note(owner: Actor) -> None:
    number = make_order(status="NEW")
    batch = did(CHANGE_STATUS, [number], owner, "CONFIRMED", "as agreed by phone")
    order = read(number)
    assert (status_of(number), order.version) == ("CONFIRMED", 2)
    assert (order.updated_at, order.status_changed_at, order.updated_by_id) == (LATER, LATER, owner.staff_id)
    assert history(number) == [(2, "status", "NEW", "CONFIRMED", f"as agreed by phone (batch {batch.id})")]
    row = db.session.scalars(select(OrderHistory).where(OrderHistory.version == 2)).one()
    assert (row.at, row.origin, row.staff_id) == (LATER, "STAFF", owner.staff_id)
    assert is_whole()


def test_resetting_empties_the_three_export_fields_in_one_version(owner: Actor) -> None:
    full, part = make_order(**EXPORTED), make_order(export_message="left over")
    batch = did(RESET_EXPORT, [full, part], owner)
    for number in (full, part):
        order = read(number)
        assert (order.export_status, order.exported_at, order.export_message) == ("EMPTY", None, "")
        assert (order.version, order.updated_at, order.status_changed_at) == (2, LATER, NOON)
    said = f"batch {batch.id}"
    assert history(full) == [
        (2, "export_message", "taken by the ERP", "", said),
        (2, "export_status", "EXPORTED", "EMPTY", said),
        (2, "exported_at", "2026-03-31 10:00:00+00:00", "", said),
    ]
    assert history(part) == [(2, "export_message", "left over", "", said)]
    assert is_whole()


def test_restoring_brings_back_what_was_deleted_with_its_history(owner: Actor) -> None:
    number = make_order(status="DRAFT_ORDER")
    did(DELETE, [number], owner)
    batch = did(RESTORE, choose_binned([number], owner), owner)
    assert told(batch) == {number: "DONE"}
    assert (read(number).is_deleted, read(number).version) == (False, 3)
    assert [row[1:4] for row in history(number)] == [("is_deleted", "False", "True"), ("is_deleted", "True", "False")]
    assert db.session.get(DeletedOrder, number) is None
    assert is_whole()


def choose_binned(numbers: Iterable[int], actor: Actor) -> Any:
    return services.selection.select_binned(list(numbers), actor=actor, now=LATER)


@pytest.mark.parametrize(
    ("action", "grants"),
    [
        (DELETE, ["order:owner", "backoffice:owner"]),
        (RESTORE, ["order:owner", "backoffice:owner"]),
        (RESET_EXPORT, GRANTS["editor"]),
        (CHANGE_STATUS, GRANTS["viewer"]),
    ],
)
def test_without_the_right_nothing_is_begun(app: Flask, action: BatchAction, grants: list[str]) -> None:
    reader, number = person("reader", grants), make_order(status="CANCELLED")
    selection = choose([number], reader)
    before = snapshot(app)
    with pytest.raises(NotAllowed):
        begun(action, selection, reader, "CONFIRMED" if action is CHANGE_STATUS else "")
    assert snapshot(app) == before


def test_a_selection_that_lapsed_or_is_somebody_elses_begins_nothing(owner: Actor) -> None:
    selection = choose([make_order()], owner)
    with pytest.raises(Lapsed):
        begin(selection.id, BatchRequest(RESET_EXPORT, "k"), actor=person("other"), now=LATER)
    with pytest.raises(Lapsed):
        begin(selection.id, BatchRequest(RESET_EXPORT, "k"), actor=owner, now=LATER + LASTS)
    assert db.session.scalars(select(Batch)).all() == []


# ---- counted before, done so, told order by order ----


def every_kind(owner: Actor) -> tuple[Any, dict[int, str]]:
    """Make one order of each kind, choose them to be deleted, and give what shall become of each."""
    fine, exported = make_order(status="CANCELLED"), make_order(status="DRAFT_ORDER", **EXPORTED)
    kept, invoiced, sent = make_order(status="NEW"), make_order(status="CANCELLED"), make_order(status="CANCELLED")
    make_invoice(invoiced, "I-2")
    make_invoice(invoiced, "I-1")
    make_shipment(sent)
    changed, moved, deleted = (make_order(status="CANCELLED") for _ in range(3))
    numbers = [fine, exported, kept, invoiced, sent, changed, moved, deleted, 999_999]
    selection = choose(numbers, owner)
    change(changed, remarks="new")
    change(moved, status_id=status_id("NEW"))
    did(DELETE, [deleted], owner)
    return selection, {
        fine: "DONE",
        exported: "DONE",
        kept: "REFUSED STATUS_KEEPS NEW",
        invoiced: "REFUSED HAS_INVOICE I-1",
        sent: "REFUSED HAS_SHIPMENT CANCELLED",
        changed: "CHANGED",
        moved: "CHANGED",
        deleted: "NOT_FOUND",
        999_999: "NOT_FOUND",
    }


def test_what_the_preview_counts_is_what_is_done_order_by_order(owner: Actor) -> None:
    selection, expected = every_kind(owner)
    versions = {number: read(number).version for number in expected if number != 999_999}
    found = preview(selection, DELETE, ways(), actor=owner)
    assert (found.size, found.done, found.handed_over, found.companies) == (9, 2, 1, 0)
    assert found.by_status == {status_id("CANCELLED"): 1, status_id("DRAFT_ORDER"): 1}
    assert (str(found.total), found.oldest) == ("40.00", NOON)
    shown = {other.order_id: other.verdict for other in found.others}
    batch = did(DELETE, selection, owner)
    assert told(batch) == expected
    assert {number: said.outcome for number, said in shown.items()} == {
        number: said.split()[0] for number, said in expected.items() if said != "DONE"
    }
    assert by_outcome(found) == outcomes(batch)
    for number, version in versions.items():
        assert read(number).version == version + (expected[number] == "DONE")
    assert (state(batch.id), batch.total, batch.ended_at) == (BatchState.DONE, 9, LATER)
    assert is_whole()


@pytest.mark.parametrize("action", [RESET_EXPORT, CHANGE_STATUS])
def test_the_other_previews_count_what_is_done_too(owner: Actor, action: BatchAction) -> None:
    selection, _expected = every_kind(owner)
    to = "NEW" if action is CHANGE_STATUS else ""
    found = preview(selection, action, ways(to), actor=owner)
    batch = did(action, selection, owner, to)
    assert by_outcome(found) == outcomes(batch)
    assert is_whole()


def by_outcome(found: Preview) -> dict[Outcome, int]:
    counts: Counter[Outcome] = Counter()
    for said, orders in found.counts.items():
        counts[said.outcome] += orders
    return dict(counts)


def test_the_preview_shows_the_first_fifty_that_stay(owner: Actor) -> None:
    numbers = [make_order(status="NEW") for _ in range(52)]
    found = preview(choose(numbers, owner), DELETE, ways(), actor=owner)
    assert [other.order_id for other in found.others] == numbers[:50]
    assert (found.done, found.size, found.oldest, str(found.total)) == (0, 52, None, "0")


def test_a_preview_asks_equally_often_however_much_it_counts(owner: Actor) -> None:
    selection, _expected = every_kind(owner)
    few = choose([make_order(), make_order(status="CANCELLED")], owner)
    asked = []
    for chosen in (few, selection):
        db.session.refresh(chosen)
        allowed = ways()
        with counted() as statements:
            preview(chosen, DELETE, allowed, actor=owner)
        asked.append(len(statements))
    assert asked == [3, 3]


def test_every_status_that_one_of_them_may_take_is_offered_with_how_many(owner: Actor) -> None:
    new, validated, done = make_order(status="NEW"), make_order(status="VALIDATED"), make_order(status="ARCHIVED")
    changed = make_order(status="NEW")
    selection = choose([new, validated, done, changed, 999_999], owner)
    change(changed, remarks="new")
    offered = targets(selection, ways(), actor=owner)
    assert [(status.code, orders) for status, orders in offered] == [
        ("VALIDATED", 1),
        ("CONFIRMED", 2),
        ("CANCELLED", 2),
    ]
    for status, orders in offered:
        assert preview(selection, CHANGE_STATUS, ways(status.code), actor=owner).done == orders


def test_a_status_may_only_be_followed_by_its_next_ones(owner: Actor) -> None:
    new, there, draft = make_order(status="NEW"), make_order(status="CONFIRMED"), make_order(status="DRAFT_ORDER")
    batch = did(CHANGE_STATUS, [new, there, draft], owner, "CONFIRMED")
    assert told(batch) == {new: "DONE", there: "UNCHANGED", draft: "REFUSED MAY_NOT_FOLLOW DRAFT_ORDER"}
    assert (status_of(new), status_of(draft), read(there).version) == ("CONFIRMED", "DRAFT_ORDER", 1)
    audited = db.session.execute(select(RecordHistory.name, RecordHistory.old_value, RecordHistory.new_value)).all()
    assert audited == [(str(draft), "DRAFT_ORDER", "CONFIRMED")]
    quote = make_order(status="QUOTATION")
    assert told(did(CHANGE_STATUS, [quote], owner, "NEW")) == {quote: "REFUSED MAY_NOT_FOLLOW QUOTATION"}
    number = make_order(status="NEW")
    assert told(did(CHANGE_STATUS, [number], owner, "NO_SUCH")) == {number: "REFUSED STATUS_GONE NEW"}


def test_what_is_reset_already_keeps_its_version(owner: Actor) -> None:
    number = make_order()
    assert told(did(RESET_EXPORT, [number], owner)) == {number: "UNCHANGED"}
    assert (read(number).version, history(number)) == (1, [])


def test_an_order_out_of_scope_is_neither_touched_nor_told_of() -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    mine, others = make_order(status="CANCELLED", company=own), make_order(status="CANCELLED", company=foreign)
    limited = person(of=[own])
    selection = choose([mine, others], limited)
    found = preview(selection, DELETE, ways(), actor=limited)
    assert found.counts == {Verdict(Outcome.DONE): 1, Verdict(Outcome.NOT_FOUND): 1}
    assert [(other.order_id, other.company, other.status_id, other.invoice) for other in found.others] == [
        (others, "", None, "")
    ]
    assert told(did(DELETE, selection, limited)) == {mine: "DONE", others: "NOT_FOUND"}
    assert (read(others).is_deleted, read(others).version) == (False, 1)


def test_an_order_that_left_the_scope_since_is_not_found() -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    number = make_order(**EXPORTED, company=own)
    limited = person(of=[own])
    selection = choose([number], limited)
    change(number, company_id=foreign.id)
    assert told(did(RESET_EXPORT, selection, limited)) == {number: "NOT_FOUND"}
    assert read(number).export_status == "EXPORTED"


def test_a_number_that_was_no_order_when_it_was_chosen_stays_not_found(owner: Actor) -> None:
    selection = choose([500], owner)
    assert make_order(id=500, status="CANCELLED") == 500
    assert preview(selection, DELETE, ways(), actor=owner).counts == {Verdict(Outcome.NOT_FOUND): 1}
    assert told(did(DELETE, selection, owner)) == {500: "NOT_FOUND"}
    assert not read(500).is_deleted


def renew_session() -> None:
    """Begin anew, as a request and a worker do: nothing is known from before."""
    db.session.remove()
    db.session.info["actor"] = SYSTEM


def test_many_orders_cost_no_more_statements_than_a_few(owner: Actor) -> None:
    asked: dict[tuple[BatchAction, int], tuple[int, int]] = {}
    for action, to, columns in (
        (CHANGE_STATUS, "CANCELLED", {}),
        (RESET_EXPORT, "", EXPORTED),
        (DELETE, "", {}),
    ):
        for many in (2, 30):
            numbers = [make_order(status="CANCELLED" if action is DELETE else "NEW", **columns) for _ in range(many)]
            batch_id = begun(action, numbers, owner, to).id
            renew_session()
            with counted() as statements:
                carry_out(batch_id, actor=owner, clock=lambda: LATER)
            undone_id = undo(batch_id, actor=owner, now=LATER).id
            renew_session()
            with counted() as backwards:
                carry_out(undone_id, actor=owner, clock=lambda: LATER)
            asked[action, many] = len(statements), len(backwards)
    for action in (CHANGE_STATUS, RESET_EXPORT, DELETE):
        assert asked[action, 2] == asked[action, 30], asked


def test_kinds_of_orders_may_be_many(owner: Actor) -> None:
    number = make_order(status="CANCELLED", export_status="FAILED")
    held = select(SelectedOrder.order_id, SelectedOrder.version)
    choose([number, 999_999], owner)
    rows = facts_of(held.subquery("chosen"), owner).subquery("facts")
    real = read_facts(db.session.execute(select(rows).where(rows.c.order_id == number)).one())
    kinds = [replace(real, status_id=status) for status in (*range(1_000, 2_500), real.status_id)]
    found = db.session.scalars(select(rows.c.order_id).where(of_kind(rows, kinds))).all()
    assert found == [number]


# ---- once ----


def test_the_same_key_twice_is_one_batch(owner: Actor) -> None:
    first, second = make_order(status="CANCELLED"), make_order(status="CANCELLED")
    asked = BatchRequest(DELETE, "the-key")
    one = begin(choose([first], owner).id, asked, actor=owner, now=LATER)
    carry_out(one.id, actor=owner, clock=lambda: LATER)
    again = begin(choose([second], owner).id, asked, actor=owner, now=LATER)
    carry_out(again.id, actor=owner, clock=lambda: LATER)
    assert again.id == one.id
    assert (read(first).version, read(second).version) == (2, 1)


def test_somebody_elses_key_begins_nothing_and_shows_nothing(owner: Actor) -> None:
    number, other = make_order(status="CANCELLED"), person("other")
    begin(choose([number], owner).id, BatchRequest(DELETE, "the-key"), actor=owner, now=LATER)
    with pytest.raises(Refused):
        begin(choose([number], other).id, BatchRequest(DELETE, "the-key"), actor=other, now=LATER)
    assert len(db.session.scalars(select(Batch)).all()) == 1


def at_once(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """Call all of these at the same moment, each in a session of its own."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            return call()

    db.session.rollback()
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.race
def test_the_same_key_at_the_same_moment_is_one_batch(app: Flask, owner: Actor) -> None:
    numbers = [make_order(status="CANCELLED") for _ in range(20)]
    selection_id = choose(numbers, owner).id

    def send() -> int:
        batch_id = begin(selection_id, BatchRequest(DELETE, "the-key"), actor=owner, now=LATER).id
        carry_out(batch_id, actor=owner, clock=lambda: LATER)
        return batch_id

    batch_ids = at_once(app, send, send, send)
    assert len(set(batch_ids)) == 1
    assert told(batch_ids[0]) == dict.fromkeys(numbers, "DONE")
    assert {read(number).version for number in numbers} == {2}
    assert is_whole()


@pytest.mark.race
def test_two_workers_on_the_same_batch_do_each_order_once(
    app: Flask, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.batches, "AT_ONCE", 3)
    numbers = [make_order(**EXPORTED) for _ in range(20)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id

    def go_on() -> None:
        carry_out(batch_id, actor=owner, clock=lambda: LATER)

    at_once(app, go_on, go_on)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")
    assert {(read(number).version, len(history(number))) for number in numbers} == {(2, 3)}
    assert (state(batch_id), is_whole()) == (BatchState.DONE, True)


@pytest.mark.race
def test_two_overlapping_batches_wait_for_each_other_and_share_the_orders(
    app: Flask, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.batches, "AT_ONCE", 7)
    numbers = [make_order(status="NEW", **EXPORTED) for _ in range(30)]
    reset = begun(RESET_EXPORT, numbers[:20], owner).id
    moved = begun(CHANGE_STATUS, numbers[:9:-1], owner, "CANCELLED").id

    def carry(batch_id: int) -> Callable[[], None]:
        return lambda: carry_out(batch_id, actor=owner, clock=lambda: LATER)

    at_once(app, carry(reset), carry(moved))
    for number in numbers:
        said = {told(batch)[number] for batch in (reset, moved) if number in told(batch)}
        assert said in ({"DONE"}, {"DONE", "CHANGED"})
        assert read(number).version == 2
    assert is_whole()


# ---- in the background ----


def test_a_thousand_are_done_at_once_and_more_in_the_background() -> None:
    assert AT_ONCE == 1_000


@pytest.mark.usefixtures("in_pairs")
def test_a_long_batch_is_a_job_that_tells_how_far_it_is(owner: Actor, time: Time) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    assert jobs() == []
    begun(RESET_EXPORT, numbers[:2], owner)
    assert jobs() == []
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    assert jobs() == [("WAITING", "", 0)]
    assert work(time) == 1
    job = db.session.scalars(select(Job)).one()
    assert (job.state, job.done, job.total, job.staff_id, job.subject_id) == ("DONE", 5, 5, owner.staff_id, batch_id)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")
    assert (state(batch_id), is_whole()) == (BatchState.DONE, True)


@pytest.mark.usefixtures("in_pairs")
def test_every_piece_has_its_own_time(owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(3)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    after_first(monkeypatch, lambda: time.pass_by(timedelta(minutes=1)))
    work(time)
    assert [read(number).updated_at - LATER for number in numbers] == [timedelta(0)] * 2 + [timedelta(minutes=1)]
    assert db.session.get_one(Batch, batch_id).ended_at == LATER + timedelta(minutes=1)


def interrupt(monkeypatch: pytest.MonkeyPatch, piece: int, do: Callable[[], object]) -> None:
    """Do something when a piece, counted from 1, is about to be done."""
    pieces, original = count(1), services.batches._do

    def interrupted(*given: Any) -> None:
        if next(pieces) == piece:
            do()
        original(*given)

    monkeypatch.setattr(services.batches, "_do", interrupted)


def crash() -> None:
    raise Crash


def refuse() -> None:
    raise Refused("Not now.")


@pytest.mark.usefixtures("in_pairs")
def test_a_crash_in_the_middle_keeps_what_is_finished_and_the_next_attempt_does_the_rest(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    interrupt(monkeypatch, 2, crash)
    work(time)
    assert list(told(batch_id).values()) == ["DONE", "DONE", "WAITING", "WAITING", "WAITING"]
    assert [read(number).version for number in numbers] == [2, 2, 1, 1, 1]
    assert [(job_state, done) for job_state, _error, done in jobs()] == [("WAITING", 2)]
    assert is_whole()
    time.pass_by(timedelta(hours=1))
    work(time)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")
    assert [(read(number).version, read(number).updated_at - LATER) for number in numbers] == [
        *[(2, timedelta(0))] * 2,
        *[(2, timedelta(hours=1))] * 3,
    ]
    assert (state(batch_id), is_whole()) == (BatchState.DONE, True)


def test_a_batch_that_was_taken_back_is_not_gone_on_with_by_its_job(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.batches, "AT_ONCE", 2)
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    interrupt(monkeypatch, 2, refuse)
    work(time)
    carry_out(undo(batch_id, actor=owner, now=LATER).id, actor=owner, clock=lambda: LATER)
    retry(db.session.scalars(select(Job.id)).first() or 0, actor=owner, now=LATER)
    assert state(batch_id) == BatchState.STOPPED
    work(time)
    assert list(told(batch_id).values()) == ["DONE", "DONE", "WAITING", "WAITING", "WAITING"]
    assert {read(number).export_status for number in numbers} == {"EXPORTED"}


@pytest.mark.usefixtures("in_pairs")
def test_a_batch_goes_on_when_its_job_is_tried_again(owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    with monkeypatch.context() as patched:
        interrupt(patched, 2, refuse)
        work(time)
    assert (state(batch_id), jobs()[0][0]) == (BatchState.STOPPED, "FAILED")
    retry(db.session.scalars(select(Job.id)).first() or 0, actor=owner, now=LATER)
    assert state(batch_id) == BatchState.WAITING
    work(time)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")
    assert (state(batch_id), jobs()[0][0], is_whole()) == (BatchState.DONE, "DONE", True)


@pytest.mark.usefixtures("in_pairs")
def test_a_batch_that_was_resumed_is_not_stopped_by_the_end_of_its_first_job(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id

    def stopped_and_resumed() -> None:
        db.session.rollback()
        stop(batch_id, actor=owner)
        resume(batch_id, actor=owner, now=LATER)
        refuse()

    interrupt(monkeypatch, 2, stopped_and_resumed)
    work(time)
    assert [job_state for job_state, _error, _done in jobs()] == ["FAILED", "DONE"]
    assert (state(batch_id), told(batch_id)) == (BatchState.DONE, dict.fromkeys(numbers, "DONE"))


def test_a_crash_in_a_short_batch_takes_all_of_it_back(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(3)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    with monkeypatch.context() as patched:
        patched.setattr(services.batches, "_tell", lambda *_given: crash())
        with pytest.raises(Crash):
            carry_out(batch_id, actor=owner, clock=lambda: LATER)
    assert told(batch_id) == dict.fromkeys(numbers, "WAITING")
    assert {read(number).version for number in numbers} == {1}
    carry_out(batch_id, actor=owner, clock=lambda: LATER)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")


def test_a_short_batch_is_ended_in_the_transaction_that_does_it(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_id = begun(RESET_EXPORT, [make_order(**EXPORTED)], owner).id
    original, ends = services.batches._do_piece, []

    def piece(*given: Any) -> tuple[int, BatchState]:
        done = original(*given)
        ends.append(state(batch_id))
        return done

    monkeypatch.setattr(services.batches, "_do_piece", piece)
    carry_out(batch_id, actor=owner, clock=lambda: LATER)
    assert set(ends) == {BatchState.DONE}


@pytest.mark.usefixtures("in_pairs")
def test_a_batch_is_stopped_after_the_piece_that_is_being_done_and_resumed(
    owner: Actor, time: Time, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    stop_after_first(monkeypatch, batch_id, owner)
    work(time)
    assert list(told(batch_id).values()) == ["DONE", "DONE", "WAITING", "WAITING", "WAITING"]
    assert (state(batch_id), jobs()[0][0]) == (BatchState.STOPPED, "CANCELLED")
    assert work(time) == 0
    resume(batch_id, actor=owner, now=LATER)
    assert work(time) == 1
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")
    assert (state(batch_id), is_whole()) == (BatchState.DONE, True)
    resume(batch_id, actor=owner, now=LATER)
    stop(batch_id, actor=owner)
    assert (state(batch_id), len(jobs())) == (BatchState.DONE, 2)


@pytest.mark.usefixtures("in_pairs")
def test_the_time_that_a_batch_was_stopped_is_no_work(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = begun(RESET_EXPORT, [make_order(**EXPORTED) for _ in range(5)], owner).id
    stop_after_first(monkeypatch, batch_id, owner)
    after_first(monkeypatch, lambda: time.pass_by(timedelta(seconds=3)))
    work(time)
    assert worked(db.session.get_one(Batch, batch_id)) is None
    time.pass_by(timedelta(hours=1))
    resume(batch_id, actor=owner, now=time.now)
    work(time)
    assert worked(db.session.get_one(Batch, batch_id, populate_existing=True)) == timedelta(seconds=3)
    db.session.execute(delete(Job))
    assert worked(db.session.get_one(Batch, batch_id)) is None


def test_a_short_batch_was_worked_on_from_its_beginning_to_its_end(owner: Actor) -> None:
    batch = did(RESET_EXPORT, [make_order()], owner, clock=lambda: LATER + timedelta(seconds=2))
    assert worked(batch) == timedelta(seconds=2)


def stop_after_first(monkeypatch: pytest.MonkeyPatch, batch_id: int, actor: Actor) -> None:
    """Let somebody stop the batch as soon as its first piece is done."""
    after_first(monkeypatch, lambda: stop(batch_id, actor=actor))


def after_first(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Do something as soon as the first piece is committed."""
    original, pieces = services.batches._do_piece, count(1)

    def piece(*given: Any) -> tuple[int, BatchState]:
        done = original(*given)
        if next(pieces) == 1:
            do()
        return done

    monkeypatch.setattr(services.batches, "_do_piece", piece)


@pytest.mark.usefixtures("in_pairs")
def test_a_batch_that_is_resumed_while_its_job_is_about_to_end_goes_on(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    stop_after_first(monkeypatch, batch_id, owner)

    def stopped_and_resumed(run: Any) -> None:
        try:
            do_batch(run)
        finally:
            resume(batch_id, actor=owner, now=LATER)

    run_due({JobKind.BATCH: stopped_and_resumed}, WorkerContext(time))
    work(time)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")


@pytest.mark.usefixtures("in_pairs")
def test_cancelling_the_job_of_a_running_batch_stops_it(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    job_id = db.session.scalars(select(Job.id)).one()
    after_first(monkeypatch, lambda: cancel(job_id, actor=owner, now=LATER))
    work(time)
    assert list(told(batch_id).values()) == ["DONE", "DONE", "WAITING", "WAITING", "WAITING"]
    assert (state(batch_id), jobs()[0][0]) == (BatchState.STOPPED, "CANCELLED")
    assert undoable(db.session.get_one(Batch, batch_id), actor=owner) == 2


@pytest.mark.usefixtures("in_pairs")
def test_what_a_cancelled_or_failed_job_had_done_can_be_taken_back(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    interrupt(monkeypatch, 2, crash)
    work(time)
    with pytest.raises(Refused, match="cannot be taken back"):
        undo(batch_id, actor=owner, now=LATER)
    cancel(db.session.scalars(select(Job.id)).one(), actor=owner, now=LATER)
    undone = undo(batch_id, actor=owner, now=LATER)
    carry_out(undone.id, actor=owner, clock=lambda: LATER)
    assert told(undone) == dict.fromkeys(numbers[:2], "DONE")
    assert {read(number).export_status for number in numbers} == {"EXPORTED"}
    with pytest.raises(Refused, match="was taken back"):
        resume(batch_id, actor=owner, now=LATER)


@pytest.mark.usefixtures("in_pairs")
@pytest.mark.parametrize("loses", ["every grant", "the right", "the account"])
def test_whose_right_is_taken_away_meanwhile_does_nothing_more(
    owner: Actor, time: Time, monkeypatch: pytest.MonkeyPatch, loses: str
) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    batch_id = begun(RESET_EXPORT, numbers, owner).id

    def take_away() -> None:
        staff = db.session.get_one(Staff, owner.staff_id)
        if loses == "the account":
            staff.is_active = False
        else:
            staff.grants = [grant for grant in staff.grants if loses == "the right" and grant.role != "order"]
        db.session.commit()

    after_first(monkeypatch, take_away)
    work(time)
    assert list(told(batch_id).values()) == ["DONE", "DONE", "WAITING", "WAITING", "WAITING"]
    assert jobs() == [("FAILED", "Whoever asked for it may no longer do this.", 2)]
    assert [read(number).export_status for number in numbers] == ["EMPTY"] * 2 + ["EXPORTED"] * 3
    other = person("other")
    resume(batch_id, actor=other, now=LATER)
    work(time)
    assert told(batch_id) == dict.fromkeys(numbers, "DONE")
    assert [read(number).updated_by_id for number in numbers] == [owner.staff_id] * 2 + [other.staff_id] * 3


@pytest.mark.usefixtures("in_pairs")
def test_orders_that_leave_the_scope_of_a_limited_person_meanwhile_are_not_touched(time: Time) -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    numbers = [make_order(**EXPORTED, company=own) for _ in range(3)]
    limited = person(of=[own])
    batch_id = begun(RESET_EXPORT, numbers, limited).id
    change(numbers[2], company_id=foreign.id)
    work(time)
    assert list(told(batch_id).values()) == ["DONE", "DONE", "NOT_FOUND"]


def test_a_batch_exists_for_its_maker_and_for_who_may_see_those_of_others(owner: Actor) -> None:
    own = make_company("Own Ltd")
    editor, limited = person("editor", GRANTS["editor"]), person("limited", of=[own])
    batch = did(CHANGE_STATUS, [make_order()], editor, "CONFIRMED")
    assert find_batch(batch.id, actor=editor) is find_batch(batch.id, actor=owner) is batch
    other = person("other", GRANTS["editor"])
    for stranger in (other, limited):
        assert find_batch(batch.id, actor=stranger) is None
        for ask in (stop, partial(undo, now=LATER), partial(resume, now=LATER)):
            with pytest.raises(Gone):
                ask(batch.id, actor=stranger)


@pytest.mark.parametrize("verb", [stop, partial(resume, now=LATER)])
def test_stopping_and_resuming_need_the_right_of_the_action(owner: Actor, verb: Callable[..., None]) -> None:
    batch = begun(RESET_EXPORT, [make_order(**EXPORTED)], owner)
    fallen = Actor(owner.staff_id, owner.name, frozenset(map(Grant.parse, GRANTS["editor"])))
    with pytest.raises(NotAllowed):
        verb(batch.id, actor=fallen)
    assert (state(batch.id), jobs()) == (BatchState.WAITING, [])


# ---- taken back ----


def undone(batch: Batch, actor: Actor) -> Batch:
    taken_back = undo(batch.id, actor=actor, now=LATER)
    carry_out(taken_back.id, actor=actor, clock=lambda: LATER)
    return taken_back


@pytest.mark.parametrize("action", [DELETE, RESET_EXPORT, CHANGE_STATUS, RESTORE])
def test_taking_back_makes_each_order_what_it_was(owner: Actor, action: BatchAction) -> None:
    numbers = [
        make_order(status="CANCELLED", **EXPORTED),
        make_order(status="CANCELLED", export_status="FAILED", export_message="no such debtor ✗"),
        make_order(status="CANCELLED", export_status="FINISHED", exported_at=NOON + timedelta(microseconds=123)),
    ]
    if action is RESTORE:
        did(DELETE, numbers, owner)
    selection = choose_binned(numbers, owner) if action is RESTORE else choose(numbers, owner)
    before = {number: plain(number) for number in numbers}
    batch = did(action, selection, owner, "ARCHIVED" if action is CHANGE_STATUS else "")
    assert told(batch) == dict.fromkeys(numbers, "DONE")
    assert all(plain(number) != before[number] for number in numbers)
    taken_back = undone(batch, owner)
    assert told(taken_back) == dict.fromkeys(numbers, "DONE")
    assert {number: plain(number) for number in numbers} == before
    for number in numbers:
        rows = history(number)
        assert {row[4] for row in rows if row[0] == rows[-1][0]} == {f"undone: batch {batch.id}"}
    assert (taken_back.action, taken_back.undoes_id, state(taken_back.id)) == (UNDO, batch.id, BatchState.DONE)
    binned = set(db.session.scalars(select(DeletedOrder.id)))
    assert binned == (set(numbers) if action is RESTORE else set())
    assert is_whole()


def test_taking_back_may_go_against_the_next_statuses(owner: Actor) -> None:
    number = make_order(status="NEW")
    undone(did(CHANGE_STATUS, [number], owner, "CONFIRMED"), owner)
    assert status_of(number) == "NEW"
    assert [row[1:4] for row in history(number)] == [("status", "NEW", "CONFIRMED"), ("status", "CONFIRMED", "NEW")]


def test_what_others_changed_since_is_not_taken_back(owner: Actor) -> None:
    same, changed, moved, untouched = (make_order(status="NEW") for _ in range(4))
    batch = did(CHANGE_STATUS, [same, changed, moved, untouched, 999_999], owner, "CONFIRMED")
    change(changed, remarks="new")
    did(CHANGE_STATUS, [moved], owner, "PROCESSING")
    assert undoable(batch, actor=owner) == 2
    assert told(undone(batch, owner)) == {same: "DONE", changed: "CHANGED", moved: "CHANGED", untouched: "DONE"}
    assert list(map(status_of, (same, changed, moved, untouched))) == ["NEW", "CONFIRMED", "PROCESSING", "NEW"]
    assert is_whole()


def test_a_batch_is_taken_back_once(owner: Actor) -> None:
    number = make_order(status="NEW")
    batch = did(CHANGE_STATUS, [number], owner, "CONFIRMED")
    first = undone(batch, owner)
    did(CHANGE_STATUS, [number], owner, "CONFIRMED")
    assert undone(batch, owner).id == first.id
    assert undone(batch, person("other")).id == first.id
    assert (status_of(number), read(number).version) == ("CONFIRMED", 4)


def test_what_cannot_be_taken_back(owner: Actor) -> None:
    number = make_order(status="NEW")
    batch = did(CHANGE_STATUS, [number], owner, "CONFIRMED")
    taken_back = undone(batch, owner)
    with pytest.raises(Refused, match="cannot be taken back"):
        undo(taken_back.id, actor=owner, now=LATER)
    nothing = did(CHANGE_STATUS, [number], owner, "SHIPPED")
    with pytest.raises(Refused, match="Nothing can be taken back"):
        undo(nothing.id, actor=owner, now=LATER)
    changed = did(CHANGE_STATUS, [number], owner, "CONFIRMED")
    change(number, remarks="new")
    with pytest.raises(Refused, match="changed since"):
        undo(changed.id, actor=owner, now=LATER)


def test_taking_back_needs_the_right_of_what_was_done(owner: Actor) -> None:
    editor = person("editor", [*GRANTS["editor"]])
    number = make_order(status="CANCELLED")
    batch = did(DELETE, [number], owner)
    with pytest.raises((NotAllowed, Gone)):
        undo(batch.id, actor=editor, now=LATER)
    mine = did(CHANGE_STATUS, [make_order()], editor, "CONFIRMED")
    with pytest.raises(NotAllowed):
        undo(mine.id, actor=Actor(editor.staff_id, "", frozenset()), now=LATER)
    assert read(number).is_deleted


def test_a_status_that_is_gone_is_not_brought_back(owner: Actor) -> None:
    new = db.session.get_one(OrderStatus, status_id("NEW"))
    db.session.add(OrderStatus(code="ON_HOLD", name="On hold", next_statuses=[new]))
    db.session.commit()
    number, other = make_order(status="ON_HOLD"), make_order(status="DRAFT_ORDER")
    batch = did(CHANGE_STATUS, [number, other], owner, "NEW")
    delete_status(status_id("ON_HOLD"), move_to=None, edit=Edit(SYSTEM, Action.STATUSES_CREATE, LATER))
    assert told(undone(batch, owner)) == {number: "REFUSED STATUS_GONE NEW", other: "DONE"}
    assert (status_of(number), status_of(other)) == ("NEW", "DRAFT_ORDER")
    assert is_whole()


@pytest.mark.usefixtures("in_pairs")
def test_a_long_batch_is_taken_back_in_the_background(owner: Actor, time: Time) -> None:
    numbers = [make_order(**EXPORTED) for _ in range(5)]
    before = {number: plain(number) for number in numbers}
    batch_id = begun(RESET_EXPORT, numbers, owner).id
    work(time)
    taken_back = undo(batch_id, actor=owner, now=LATER).id
    assert has_job(db.session.get_one(Batch, taken_back))
    work(time)
    assert {number: plain(number) for number in numbers} == before


@pytest.mark.race
def test_two_people_who_take_back_at_the_same_moment_do_it_once(app: Flask, owner: Actor) -> None:
    number, other = make_order(status="NEW"), person("other")
    batch_id = did(CHANGE_STATUS, [number], owner, "CONFIRMED").id

    def take_back(actor: Actor) -> Callable[[], int]:
        def call() -> int:
            taken_back = undo(batch_id, actor=actor, now=LATER).id
            carry_out(taken_back, actor=actor, clock=lambda: LATER)
            return taken_back

        return call

    assert len(set(at_once(app, take_back(owner), take_back(other)))) == 1
    assert (status_of(number), read(number).version) == ("NEW", 3)


# ---- the bin and the statuses ----


def test_a_status_is_deleted_with_orders_in_the_bin_and_they_are_restored_into_a_real_one(owner: Actor) -> None:
    db.session.add(OrderStatus(code="ON_HOLD", name="On hold", is_deletable=True))
    db.session.commit()
    number = make_order(status="ON_HOLD")
    did(DELETE, [number], owner)
    new = db.session.get_one(OrderStatus, status_id("NEW"))
    delete_status(status_id("ON_HOLD"), move_to=new, edit=Edit(SYSTEM, Action.STATUSES_CREATE, LATER))
    assert (read(number).is_deleted, status_of(number)) == (True, "NEW")
    assert told(did(RESTORE, choose_binned([number], owner), owner)) == {number: "DONE"}
    assert (read(number).is_deleted, status_of(number)) == (False, "NEW")
    assert is_whole()
