"""Doing one thing to many orders: begun once, done a thousand at a time, told order by order, taken back.

A batch of at most a thousand orders is one transaction. A larger one is a job: after a crash the finished
thousands stand, and whoever goes on with it does exactly the rest.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from models.base import db, one_of, writing
from models.batch import UNFINISHED, Batch, BatchAction, BatchOrder, BatchState, Outcome, Reason
from models.invoice import Invoice
from models.job import OPEN, Job, JobKind
from models.order import Order
from models.order_history import OrderHistory
from models.selection import SelectedOrder
from models.status import OrderStatus
from models.types import LARGEST_ID
from permissions import Action, Actor
from services.batch_rules import Verdict, values, verdict
from services.errors import Refused
from services.jobs import Cancelled, Run, enqueue, wake
from services.order_facts import facts_of, read_facts, ways
from services.records import Gone
from services.refusals import RefusedStatus, tell_refused
from services.selection import find_selection
from services.sign_in import actor_of
from services.unit_of_work import AT_ONCE, Edit, ManyOrders, setting_many

RIGHTS: Mapping[BatchAction, Action] = {
    BatchAction.DELETE: Action.ORDERS_DELETE,
    BatchAction.RESET_EXPORT: Action.ORDERS_RESET_EXPORT,
    BatchAction.CHANGE_STATUS: Action.ORDERS_EDIT,
    BatchAction.RESTORE: Action.ORDERS_DELETE,
}
COLUMNS = ("batch_id", "order_id", "version", "outcome", "reason", "reason_text")


@dataclass(frozen=True)
class BatchRequest:
    """What a batch is to do. `key` is the preview's: what was sent twice with it is one batch."""

    action: BatchAction
    key: str
    to_status: str = ""
    note: str = ""


def begin(selection_id: int, asked: BatchRequest, *, actor: Actor, now: datetime) -> Batch:
    """Begin a batch on a selection. Raises NotAllowed or Lapsed."""
    actor.must(RIGHTS[asked.action])
    if earlier := with_key(asked.key, actor):
        return earlier
    selection = find_selection(selection_id, actor=actor, now=now)
    chosen = select(SelectedOrder.order_id, SelectedOrder.version).where(SelectedOrder.selection_id == selection.id)
    batch = Batch(
        key=asked.key, action=asked.action, to_status=asked.to_status, note=asked.note, created_at=now
    )  # fmt: skip
    return _begun(batch, chosen, actor)


def undo(batch_id: int, *, actor: Actor, now: datetime) -> Batch:
    """Begin to take back what a batch did to orders that nobody changed since. Raises NotAllowed, Gone or Refused."""
    undone = _existing(batch_id, actor)
    actor.must(right(undone))
    if undone.action == BatchAction.UNDO or is_running(undone):
        raise Refused("This batch cannot be taken back.")
    if earlier := undone_by(undone):
        return _existing(earlier, actor)
    if not undoable(undone, actor=actor):
        raise Refused("Nothing can be taken back: its orders were changed since.")
    done = select(BatchOrder.order_id, BatchOrder.made_version).where(
        BatchOrder.batch_id == undone.id, BatchOrder.outcome == Outcome.DONE
    )
    batch = Batch(key=f"undo {undone.id}", action=BatchAction.UNDO, undoes_id=undone.id, created_at=now)
    return _begun(batch, done, actor)


def undone_by(batch: Batch) -> int | None:
    """Give the id of the batch that takes another one back, whosever it is."""
    table = Batch.__table__  # below the wall of the session
    found: int | None = db.session.connection().scalar(select(table.c.id).where(table.c.undoes_id == batch.id))
    return found


def state_of(batch_id: int) -> BatchState:
    """Give how far a batch is, whosever it is."""
    table = Batch.__table__  # below the wall of the session
    return BatchState(db.session.connection().execute(select(table.c.state).where(table.c.id == batch_id)).scalar_one())


def undoable(batch: Batch, *, actor: Actor) -> int:
    """Count the orders that a batch changed and nobody since."""
    same = (Order.id == BatchOrder.order_id) & (Order.version == BatchOrder.made_version) & Order.visible_to(actor)
    found = select(func.count()).join_from(BatchOrder, Order, same)
    return db.session.scalar(found.where(BatchOrder.batch_id == batch.id, BatchOrder.outcome == Outcome.DONE)) or 0


def find_batch(batch_id: int, *, actor: Actor) -> Batch | None:
    """Give a batch that exists for the actor."""
    is_it = Batch.id == min(batch_id, LARGEST_ID)
    return db.session.scalar(select(Batch).where(is_it, Batch.visible_to(actor)))


def _existing(batch_id: int, actor: Actor) -> Batch:
    batch = find_batch(batch_id, actor=actor)
    if batch is None:
        raise Gone
    return batch


def outcomes(batch: Batch) -> dict[Outcome, int]:
    """Count what became of the orders of a batch."""
    counted = (
        select(BatchOrder.outcome, func.count().label("orders"))
        .where(BatchOrder.batch_id == batch.id)
        .group_by(BatchOrder.outcome)
    )
    return {Outcome(row.outcome): row.orders for row in db.session.execute(counted)}


def outcomes_of(batch_ids: Collection[int]) -> Mapping[int, Mapping[Outcome, int]]:
    """Count what became of the orders of several batches, by the batch's id."""
    counted = (
        select(BatchOrder.batch_id, BatchOrder.outcome, func.count().label("orders"))
        .where(BatchOrder.batch_id.in_(batch_ids))
        .group_by(BatchOrder.batch_id, BatchOrder.outcome)
    )
    found: dict[int, dict[Outcome, int]] = {batch_id: {} for batch_id in batch_ids}
    for row in db.session.execute(counted):
        found[row.batch_id][Outcome(row.outcome)] = row.orders
    return found


def worked(batch: Batch) -> timedelta | None:
    """Give how long a batch that has ended was worked on; None where its jobs are not kept any more.

    The time in which it waited, or was stopped, does not count.
    """
    if batch.ended_at is None:
        return None
    jobs = db.session.scalars(_jobs_of(batch).where(Job.started_at.is_not(None))).all()
    if not jobs:
        return None if is_long(batch) else batch.ended_at - batch.created_at
    spans = ((job.finished_at or batch.ended_at) - job.started_at for job in jobs if job.started_at)
    return sum(spans, timedelta())


def stop(batch_id: int, *, actor: Actor) -> None:
    """Let a batch end after the thousand that is being done; what is done stands. Raises NotAllowed or Gone."""
    with _changing(batch_id, actor) as batch:
        if batch.state in UNFINISHED:
            batch.state = BatchState.STOPPED


def resume(batch_id: int, *, actor: Actor, now: datetime) -> None:
    """Go on with what is left of a batch. Raises NotAllowed, Gone, or Refused when it was taken back."""
    with _changing(batch_id, actor) as batch:
        if undone_by(batch):
            raise Refused("This batch was taken back, so it cannot go on.")
        # A job that found it stopped is about to end, so another one goes on.
        if batch.state == BatchState.STOPPED or (batch.state in UNFINISHED and not has_job(batch)):
            batch.state = BatchState.WAITING
            enqueue(JobKind.BATCH, batch.id, staff_id=actor.staff_id, total=batch.total, now=now)


@contextmanager
def _changing(batch_id: int, actor: Actor) -> Iterator[Batch]:
    """Give a batch that the actor may do, locked."""
    with writing():
        _locked(batch_id)
        batch = _existing(batch_id, actor)
        actor.must(right(batch))
        yield batch


def is_running(batch: Batch) -> bool:
    """Say whether a worker goes on with a batch; one that lost its job is as good as stopped."""
    return batch.state in UNFINISHED and has_job(batch)


def has_job(batch: Batch) -> bool:
    """Say whether a worker is to do the batch, or does it."""
    job = last_job(batch)
    return job is not None and job.state in OPEN


def last_job(batch: Batch) -> Job | None:
    """Give the latest job that does a batch; a short one has none."""
    return db.session.scalar(_jobs_of(batch).order_by(Job.id.desc()).limit(1))


def _jobs_of(batch: Batch) -> Select[Job]:
    return select(Job).where(Job.kind == JobKind.BATCH, Job.subject_id == batch.id)


def right(batch: Batch) -> Action:
    """Give what doing a batch needs; undoing one needs the right of what it did."""
    if batch.undoes_id is None:
        return RIGHTS[BatchAction(batch.action)]
    # Below the walls of the session: it may be somebody else's, and the person limited since.
    undone = select(Batch.action).where(Batch.id == batch.undoes_id)
    return RIGHTS[BatchAction(db.session.connection().execute(undone).scalar_one())]


def with_key(key: str, actor: Actor) -> Batch | None:
    """Give the batch that was begun with a key."""
    return db.session.scalar(select(Batch).where(Batch.key == key, Batch.staff_id == actor.staff_id))


def _begun(batch: Batch, chosen: Select[*tuple[Any, ...]], actor: Actor) -> Batch:
    """Write a batch with its orders, and its job when it is long, in one transaction."""
    key, undoes_id = batch.key, batch.undoes_id
    try:
        with writing():
            batch.staff_id, batch.state, batch.total = actor.person, BatchState.WAITING, 0
            db.session.add(batch)
            db.session.flush()
            _choose(batch, chosen)
            if is_long(batch):
                enqueue(JobKind.BATCH, batch.id, staff_id=batch.staff_id, total=batch.total, now=batch.created_at)
            return batch
    except IntegrityError:  # it was sent twice at the same moment
        of_undo = select(Batch).where(Batch.undoes_id == undoes_id)
        earlier = db.session.scalar(of_undo) if undoes_id else with_key(key, actor)
        if earlier is None:
            raise Refused("Somebody else has begun this already. Reload the page.") from None
        return earlier


def _choose(batch: Batch, chosen: Select[*tuple[Any, ...]]) -> None:
    """Write the orders of a batch."""
    found = chosen.subquery("found")
    rows = select(literal(batch.id), *found.c, literal(Outcome.WAITING.value), literal(Reason.NONE.value), literal(""))
    db.session.execute(insert(BatchOrder).from_select(COLUMNS, rows))
    batch.total = db.session.scalar(select(func.count()).where(BatchOrder.batch_id == batch.id)) or 0


def is_long(batch: Batch) -> bool:
    """Say whether a batch is done in the background."""
    return batch.total > AT_ONCE


# ---- doing it ----


def carry_out(batch_id: int, *, actor: Actor, clock: Callable[[], datetime]) -> None:
    """Do what is left of a batch, a thousand at a time, until it is done or stopped. Raises NotAllowed.

    Two that do the same batch share its pieces: each order is done once.
    """
    state = BatchState.RUNNING
    while state is BatchState.RUNNING:
        _count, state = _do_piece(batch_id, actor, clock())


def _do_piece(batch_id: int, actor: Actor, now: datetime) -> tuple[int, BatchState]:
    """Do the next thousand; give how many these were, and whether the batch goes on, is done or was stopped."""
    batch = db.session.get_one(Batch, batch_id)
    edit = Edit(actor, right(batch), now, _note(batch))
    with setting_many(edit) as orders:
        locked = _locked(batch_id)
        if locked is None or locked.state not in UNFINISHED or undone_by(locked):
            return 0, BatchState.DONE if locked and locked.state == BatchState.DONE else BatchState.STOPPED
        waiting = db.session.scalars(_waiting(batch_id).order_by(BatchOrder.order_id).limit(AT_ONCE + 1)).all()
        numbers, has_more = waiting[:AT_ONCE], len(waiting) > AT_ONCE
        _do(locked, numbers, orders, edit)
        state = BatchState.RUNNING if has_more else BatchState.DONE
        locked.state, locked.ended_at = state, None if has_more else now
        return len(numbers), state


def _note(batch: Batch) -> str:
    said = f"undone: batch {batch.undoes_id}" if batch.undoes_id else f"batch {batch.id}"
    return f"{batch.note} ({said})" if batch.note else said


def _locked(batch_id: int) -> Batch | None:
    return db.session.get(Batch, batch_id, with_for_update=True, populate_existing=True)


def _waiting(batch_id: int) -> Select[int]:
    return select(BatchOrder.order_id).where(BatchOrder.batch_id == batch_id, BatchOrder.outcome == Outcome.WAITING)


def _do(batch: Batch, numbers: Sequence[int], orders: ManyOrders, edit: Edit) -> None:
    locked = orders.lock(numbers)
    action, allowed = BatchAction(batch.action), ways(batch.to_status)
    of_batch = select(BatchOrder.order_id, BatchOrder.version).where(
        BatchOrder.batch_id == batch.id, one_of(BatchOrder.order_id, numbers)
    )
    facts = db.session.execute(facts_of(of_batch.subquery("chosen"), edit.actor)).all()
    verdicts = {row.order_id: verdict(action, read_facts(row), allowed) for row in facts}
    done = [number for number, said in verdicts.items() if said.outcome is Outcome.DONE]
    wanted = _before(batch, done) if action is BatchAction.UNDO else dict.fromkeys(done, values(action, allowed))
    for number in [number for number, to in wanted.items() if to.get("status_id", number) is None]:
        del wanted[number]
        verdicts[number] = Verdict(Outcome.REFUSED, Reason.STATUS_GONE)
    orders.set(wanted)
    details = _details(facts, verdicts)
    _tell(batch.id, verdicts, details)
    forbidden = [number for number, said in verdicts.items() if said.reason is Reason.MAY_NOT_FOLLOW]
    tell_refused(
        {number: RefusedStatus(locked[number].version, details[number], batch.to_status) for number in forbidden}, edit
    )


def _before(batch: Batch, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Give what the orders held before the batch that is undone, from the history that it wrote.

    A status that is not there any more is None.
    """
    rows = db.session.execute(
        select(OrderHistory.order_id, OrderHistory.field, OrderHistory.old_value)
        .join(
            BatchOrder,
            (BatchOrder.order_id == OrderHistory.order_id) & (BatchOrder.made_version == OrderHistory.version),
        )
        .where(BatchOrder.batch_id == batch.undoes_id, one_of(OrderHistory.order_id, numbers))
    )
    statuses = {row.code: row.id for row in db.session.execute(select(OrderStatus.code, OrderStatus.id))}
    held: dict[int, dict[str, Any]] = {number: {} for number in numbers}
    for row in rows:
        name, value = _read(row.field, row.old_value, statuses)
        held[row.order_id][name] = value
    return {**held}


def _read(field: str, written: str, statuses: Mapping[str, int]) -> tuple[str, Any]:
    """Read a column and its value as the history writes them."""
    match field:
        case "status":
            return "status_id", statuses.get(written)
        case "is_deleted":
            return field, written == str(True)
        case "exported_at":
            return field, datetime.fromisoformat(written) if written else None
    return field, written


def _details(facts: Sequence[Row[Any]], verdicts: Mapping[int, Verdict]) -> dict[int, str]:
    """Give what a refusal also names: the invoice, or the status that the order is in."""
    codes = {row.id: row.code for row in db.session.execute(select(OrderStatus.id, OrderStatus.code))}
    refused = [row for row in facts if verdicts[row.order_id].outcome is Outcome.REFUSED]
    invoiced = [row.order_id for row in refused if verdicts[row.order_id].reason is Reason.HAS_INVOICE]
    details = {row.order_id: codes[row.status_id] for row in refused}
    numbers = select(Invoice.order_id, func.min(Invoice.number)).where(Invoice.order_id.in_(invoiced))
    details.update((row[0], row[1]) for row in db.session.execute(numbers.group_by(Invoice.order_id)))
    return details


def _tell(batch_id: int, verdicts: Mapping[int, Verdict], details: Mapping[int, str]) -> None:
    """Write what became of each order, in one statement for all that fared alike."""
    alike: dict[tuple[Verdict, str], list[int]] = {}
    for number, said in verdicts.items():
        alike.setdefault((said, details.get(number, "")), []).append(number)
    for (said, detail), numbers in alike.items():
        told: dict[str, Any] = {"outcome": said.outcome, "reason": said.reason, "reason_text": detail}
        if said.outcome is Outcome.DONE:
            told["made_version"] = BatchOrder.version + 1
        db.session.execute(
            update(BatchOrder)
            .where(BatchOrder.batch_id == batch_id, one_of(BatchOrder.order_id, numbers))
            .values(**told),
            execution_options={"synchronize_session": False},
        )


def do_batch(run: Run) -> None:
    """Do a long batch in the background, as the person who asked for it and with what he or she may do by now.

    Raises Cancelled when the batch was stopped.
    """
    batch_id, state = run.subject_id or 0, BatchState.RUNNING
    batch = db.session.get_one(Batch, batch_id)
    done = batch.total - outcomes(batch).get(Outcome.WAITING, 0)
    db.session.rollback()  # reports are written beside this session
    while state is BatchState.RUNNING:
        run.report(done)
        count, state = _do_piece(batch_id, actor_of(run.staff_id or 0), run.working.clock())
        done += count
    if state is BatchState.STOPPED:
        raise Cancelled
    with suppress(Cancelled):  # too late: all is done
        run.report(done)


def set_going(batch: Batch, *, actor: Actor, clock: Callable[[], datetime]) -> None:
    """Do a batch at once when it is short; a long one is for the worker."""
    if is_long(batch):
        wake()
    else:
        carry_out(batch.id, actor=actor, clock=clock)
