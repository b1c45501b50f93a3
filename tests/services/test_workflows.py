"""Workflows: started once, sent with a signature, answered or tried again, always told what became of them."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.base import begin_writing, db
from models.delivery import DeliveryState
from models.job import Job, JobKind, JobState
from models.order import Order
from models.order_history import OrderHistory
from models.party import AddressText
from models.record_history import RecordHistory
from models.types import LARGEST_ID
from models.workflow import Workflow, WorkflowOutcome, WorkflowRun
from permissions import SYSTEM, Action, Actor, NotAllowed
from services import jobs
from services.deletion import purge
from services.errors import Invalid, NotNow, Refused, reread
from services.job_handlers import HANDLERS, clean
from services.jobs import LEASE, PAUSES, Run, WorkerContext, run_due
from services.outbound import allowed, post
from services.records import Gone, changing, creating, deleting, switch_rows
from services.unit_of_work import Edit, OrderGone
from services.verify import verify
from services.workflows import (
    LONGEST_REPLY,
    SwitchedOff,
    latest_runs,
    refusal_of,
    reply_text,
    retry,
    start,
    workflows_on_offer,
)
from tests.batches import LATER, Time, person
from tests.factories import NOON, make_company, make_order, make_person
from tests.people import GRANTS
from tests.receiver import TLS, Receiver, receiving
from tests.servers import ROOT

pytestmark = pytest.mark.usefixtures("database")

DOCUMENT = (ROOT / "docs" / "workflow-payload.md").read_text(encoding="utf-8")
SECRET = "a secret of 26 characters."


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that may be called and is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    with receiving() as found:
        allowed.set(found.named())
        yield found
    allowed.set(())


@pytest.fixture
def time() -> Time:
    """An hour after the orders were made."""
    return Time()


def make_workflow(url: str = "https://hooks.seller.example/", **columns: Any) -> int:
    """Make a workflow; give its id."""
    values = {"name": "Check stock", "label": "Check", "secret": SECRET, **columns}
    workflow = Workflow(url=url, **values)
    db.session.add(workflow)
    db.session.commit()
    return workflow.id


def by(who: Actor) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, LATER)


def started(receiver: Receiver, who: Actor | None = None, **columns: Any) -> int:
    """Start a workflow for a new order; give its number."""
    order = make_order()
    start(order, make_workflow(receiver.url, **columns), key="one", edit=by(who or person("mia", GRANTS["editor"])))
    return order


def work(time: Time) -> int:
    """Do what is due, as a worker does."""
    return run_due(HANDLERS, WorkerContext(time))


def told(order: int) -> WorkflowOutcome:
    """Give what came of the only run of an order."""
    return run_of(order).outcome


def run_of(order: int) -> WorkflowRun:
    """Give the only run of an order."""
    (run,) = runs(order)
    return run


def runs(order: int) -> list[WorkflowRun]:
    db.session.rollback()
    return list(latest_runs(db.session.get_one(Order, order)))


def job_states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Job.state).order_by(Job.id)))


# ---- starting ----


def test_starting_is_told_by_the_history_and_offered_once_however_often_it_is_sent(receiver: Receiver) -> None:
    mia = person("mia", GRANTS["editor"])
    order = started(receiver, mia)
    workflow = db.session.scalars(select(Workflow.id)).one()
    start(order, workflow, key="one", edit=by(mia))
    start(order, workflow, key="two", edit=by(mia))
    assert len(runs(order)) == len(job_states()) == 2
    history = db.session.scalars(select(OrderHistory).where(OrderHistory.field == "workflow")).all()
    assert [(row.version, row.new_value, row.staff_id) for row in history] == [
        (2, "Check stock", mia.staff_id),
        (3, "Check stock", mia.staff_id),
    ]
    assert [check.name for check in verify() if check.count] == []


@pytest.mark.race
def test_a_double_click_at_the_same_moment_is_one_run(app: Flask) -> None:
    order, workflow, clicks = make_order(), make_workflow(), 4
    begun = Barrier(clicks)

    def click(_number: int) -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            begun.wait()
            start(order, workflow, key="one", edit=by(SYSTEM))

    db.session.rollback()
    with ThreadPoolExecutor(clicks) as threads:
        list(threads.map(click, range(clicks)))
    assert (len(runs(order)), len(job_states()), db.session.get_one(Order, order).version) == (1, 1, 2)


def test_what_is_off_gone_or_not_for_the_person_is_not_started() -> None:
    order, off = make_order(company=make_company("Acme")), make_workflow(is_active=False)
    for workflow in (off, off + 1, 2 * LARGEST_ID):
        with pytest.raises(SwitchedOff):
            start(order, workflow, key="one", edit=by(SYSTEM))
    on = make_workflow(name="On")
    with pytest.raises(NotAllowed):
        start(order, on, key="one", edit=by(person("viewer", GRANTS["viewer"])))
    with pytest.raises(OrderGone):
        start(order, on, key="one", edit=by(person("limited", GRANTS["editor"], of=[make_company("Other")])))
    assert [workflow.name for workflow in workflows_on_offer()] == ["On"]
    assert (runs(order), job_states()) == ([], [])


# ---- sending ----


def test_the_order_is_sent_and_the_reply_is_told(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    assert told(order).state == DeliveryState.WAITING
    assert work(time) == 1
    run = told(order)
    assert (run.state, run.reason, run.reply, run.status) == (
        DeliveryState.SENT,
        "",
        "All of it is in stock.",
        200,
    )
    assert (run.tries, run.answered_at, job_states()) == (1, LATER, [JobState.DONE])
    assert db.session.get_one(Order, order).version == 2, "an answer changes nothing of the order"


def is_from_us() -> Callable[..., bool]:
    """Give what the document tells receivers to do; it knows nothing of the product."""
    found: dict[str, Any] = {}
    exec(DOCUMENT.split("```python\n")[1].split("```")[0], found)
    checked: Callable[..., bool] = found["is_from_us"]
    return checked


def test_a_receiver_knows_by_the_signature_who_sent_what_and_when(receiver: Receiver, time: Time) -> None:
    started(receiver)
    work(time)
    (call,) = receiver.calls
    check, now = is_from_us(), LATER.timestamp()
    assert check(call.headers, call.body, SECRET, lambda: now)
    assert not check(call.headers, call.body + b" ", SECRET, lambda: now)
    assert not check(call.headers, call.body, "another secret of theirs", lambda: now)
    assert not check(call.headers, call.body, SECRET, lambda: now + 301)
    later = {**call.headers, "X-Orders-Timestamp": str(int(now) + 60)}
    assert not check(later, call.body, SECRET, lambda: now + 60)
    assert call.headers["Content-Type"] == "application/json"


def form(value: Any) -> Any:
    """Give the form of a value in JSON: names and kinds, the decimals of numbers, the signs of days and moments."""
    if isinstance(value, dict):
        return {name: form(each) for name, each in value.items()}
    if isinstance(value, list):
        return [form(each) for each in value]
    if isinstance(value, str) and (number := re.fullmatch(r"-?[0-9]+[.]([0-9]+)", value)):
        return f"{len(number[1])} decimals"
    if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-", value):
        return re.sub(r"[0-9]", "9", value)
    return type(value)


def test_what_is_sent_has_the_form_that_is_documented(receiver: Receiver, time: Time) -> None:
    company = make_company("Maas Elektrotechniek", "D10951")
    contact = make_person("Helma", "Maas", company)
    mia = person("mia", GRANTS["editor"])
    line = {"sku": "PC-15-BR", "name": "Press coupling", "quantity": 120, "price": "2.4150"}
    order = make_order(
        company=company,
        user=contact,
        account_manager_id=mia.staff_id,
        delivery=AddressText(street="Hurksestraat", country="NL"),
        lines=[line],
        requested_on=NOON.date() + timedelta(days=2),
        shipping_tax_percentage=Decimal(21),
        payment_tax_percentage=Decimal(21),
    )
    begin_writing(db.session)
    db.session.execute(db.text("UPDATE order_line SET list_price = 26800, discount_percentage = 1000"))
    db.session.commit()
    start(order, make_workflow(receiver.url), key="one", edit=by(mia))
    work(time)
    documented = json.loads(DOCUMENT.split("```json\n")[1].split("```")[0])
    sent = json.loads(receiver.calls[0].body)
    for part, documented_part in documented["order"].items():
        assert form(sent["order"][part]) == form(documented_part), part
    assert form(sent) == form(documented)
    assert [*sent["order"]] == [*documented["order"]]
    assert (sent["version"], sent["run"]["started_by"]["name"]) == (1, "Mia")
    assert (sent["order"]["number"], sent["order"]["lines"][0]["price"]) == (order, "2.4150")
    assert (sent["order"]["total_excl_vat"], sent["order"]["vat"][0]["amount"]) == ("289.80", "60.86")


def test_tries_pause_longer_and_longer_and_keep_the_key(receiver: Receiver, time: Time) -> None:
    receiver.answer((503, b"Closed"), (429, b""), (200, b"Done at last."))
    order = started(receiver)
    for pause, reason in zip(PAUSES, ("503", "429"), strict=False):
        assert work(time) == 1
        run = told(order)
        assert (run.state, run.next_try) == (DeliveryState.WAITING, time.now + pause)
        assert str(reread(run.reason)) == f"The workflow answered with status {reason}."
        assert work(time) == 0
        time.pass_by(pause)
    work(time)
    run = told(order)
    assert (run.state, run.reply, run.tries) == (DeliveryState.SENT, "Done at last.", 3)
    assert len({call.headers["Idempotency-Key"] for call in receiver.calls}) == 1
    stamps = [int(call.headers["X-Orders-Timestamp"]) for call in receiver.calls]
    assert stamps == sorted(set(stamps))


def test_after_the_last_try_it_has_failed_and_may_be_tried_again_from_the_order(receiver: Receiver, time: Time) -> None:
    receiver.answer((500, b"oops"))
    order = started(receiver)
    for pause in (*PAUSES, timedelta()):
        work(time)
        time.pass_by(pause)
    run = told(order)
    assert (run.state, run.next_try, run.tries, run.reply) == (DeliveryState.FAILED, None, 5, "oops")
    receiver.answer((200, b"well"))
    run_id, ann = run.run_id, person("ann", GRANTS["editor"])
    retry(order, run_id, edit=by(ann))
    assert (told(order).state, told(order).reason) == (DeliveryState.WAITING, "")
    with pytest.raises(Refused, match="Only a job that failed"):
        retry(order, run_id, edit=by(SYSTEM))
    work(time)
    assert (told(order).state, told(order).reply, job_states()) == (DeliveryState.SENT, "well", [JobState.DONE])
    assert len({call.headers["Idempotency-Key"] for call in receiver.calls}) == 1
    with pytest.raises(Refused, match="Only a job that failed"):
        retry(order, run_id, edit=by(SYSTEM))


def test_what_is_not_the_persons_to_change_or_of_another_order_is_not_tried_again(
    receiver: Receiver, time: Time
) -> None:
    receiver.answer((404, b""))
    order, other = started(receiver), make_order()
    work(time)
    run_id = told(order).run_id
    with pytest.raises(NotAllowed):
        retry(order, run_id, edit=by(person("viewer", GRANTS["viewer"])))
    with pytest.raises(OrderGone):
        retry(order, run_id, edit=by(person("limited", GRANTS["editor"], of=[make_company("Other")])))
    with pytest.raises(Gone):
        retry(other, run_id, edit=by(SYSTEM))
    assert (told(order).state, job_states()) == (DeliveryState.FAILED, [JobState.FAILED])


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "The workflow answered with status 404, so it is not tried again."),
        (302, "127.0.0.1 answered with a redirect, which is not followed."),
    ],
)
def test_what_a_further_try_would_not_change_ends_at_once_and_may_be_tried_again_from_the_jobs(
    receiver: Receiver, time: Time, status: int, sentence: str
) -> None:
    receiver.answer((status, b"no"))
    order = started(receiver)
    work(time)
    run = told(order)
    assert (run.state, str(reread(run.reason)), job_states()) == (DeliveryState.FAILED, sentence, [JobState.FAILED])
    receiver.answer((200, b"yes"))
    jobs.retry(run_of(order).job_id or 0, actor=SYSTEM, now=time.now)
    assert told(order).state == DeliveryState.WAITING
    work(time)
    assert (told(order).state, told(order).reply) == (DeliveryState.SENT, "yes")


def test_a_host_that_is_no_longer_named_is_not_called(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    allowed.set(())
    work(time)
    assert (told(order).state, receiver.calls) == (DeliveryState.FAILED, [])
    assert "may not call 127.0.0.1" in str(reread(told(order).reason))


def test_what_changed_before_its_turn_is_looked_at_again(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    begin_writing(db.session)
    db.session.execute(db.text("UPDATE workflow SET is_active = false"))
    db.session.commit()
    work(time)
    assert str(reread(told(order).reason)) == "This workflow was switched off or deleted meanwhile."
    deleting(Workflow, run_of(order).workflow_id or 0, edit=Edit(SYSTEM, Action.SETTINGS_CREATE, LATER))
    run = run_of(order)
    assert (run.name, run.workflow_id, run.outcome.state) == ("Check stock", None, DeliveryState.FAILED)
    assert receiver.calls == []


def test_whoever_lost_the_right_meanwhile_sends_nothing(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    begin_writing(db.session)
    db.session.execute(db.text("UPDATE staff SET is_active = false"))
    db.session.commit()
    work(time)
    assert (told(order).state, receiver.calls) == (DeliveryState.FAILED, [])
    assert str(reread(told(order).reason)) == "Whoever asked for it may no longer do this."


def test_a_job_that_is_cancelled_is_told_by_its_run(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    jobs.cancel(run_of(order).job_id or 0, actor=SYSTEM, now=LATER)
    assert (told(order).state, work(time), receiver.calls) == (DeliveryState.CANCELLED, 0, [])
    with pytest.raises(Refused, match="Only a job that failed"):
        retry(order, told(order).run_id, edit=by(SYSTEM))


def test_an_error_of_ours_is_told_and_tried_again(
    receiver: Receiver, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = started(receiver)
    with monkeypatch.context() as patched:
        patched.setattr("services.workflows.payload", lambda *_given: 1 / 0)
        work(time)
    assert (told(order).state, told(order).reason) == (DeliveryState.WAITING, "ZeroDivisionError: division by zero")
    time.pass_by(PAUSES[0])
    work(time)
    assert (told(order).state, told(order).reason) == (DeliveryState.SENT, "")


def test_a_run_whose_worker_was_lost_too_often_fails_and_says_so(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    begin_writing(db.session)
    lost = {"state": JobState.RUNNING, "attempts": jobs.MOST_ATTEMPTS, "lease_until": LATER}
    db.session.execute(db.update(Job).values(lost))
    db.session.commit()
    work(time)
    assert (told(order).state, receiver.calls) == (DeliveryState.FAILED, [])
    assert told(order).reason == "The worker was stopped in the middle of it too many times."


def test_what_a_worker_that_slept_over_its_lease_was_answered_is_not_kept(
    receiver: Receiver, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = started(receiver)
    receiver.answer((404, b"too late"), (200, b"well"))

    def post_and_sleep(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr("services.workflows.post", post)
        answer = post(*given, **more)
        time.pass_by(LEASE)
        work(time)
        return answer

    monkeypatch.setattr("services.workflows.post", post_and_sleep)
    work(time)
    run = told(order)
    assert (run.state, run.reply, run.tries, job_states()) == (DeliveryState.SENT, "well", 2, [JobState.DONE])


# ---- killed, twice, removed ----


class Killed(BaseException):
    """As kill -9: nothing is written any more."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_was_killed_in_the_middle_is_sent_again_with_the_same_key(
    receiver: Receiver, time: Time, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    order = started(receiver)

    def killed(*given: Any, **more: Any) -> None:
        if moment == "after":
            post(*given, **more)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("services.workflows.post", killed)
        with pytest.raises(Killed):
            work(time)
    assert (told(order).state, told(order).tries, work(time)) == (DeliveryState.SENDING, 1, 0)
    time.pass_by(LEASE)
    assert work(time) == 1
    assert (told(order).state, told(order).tries) == (DeliveryState.SENT, 2)
    assert len({call.headers["Idempotency-Key"] for call in receiver.calls}) == 1


def test_a_run_that_was_answered_is_not_sent_again(receiver: Receiver, time: Time) -> None:
    order = started(receiver)
    work(time)
    begin_writing(db.session)
    db.session.execute(db.text("UPDATE job SET state = 'WAITING', finished_at = NULL"))
    db.session.commit()
    assert work(time) == 1
    assert (len(receiver.calls), told(order).tries, job_states()) == (1, 1, [JobState.DONE])


def test_the_job_is_kept_while_the_other_side_takes_its_time(
    receiver: Receiver, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = started(receiver)
    others = []

    def long(*given: Any, **more: Any) -> Any:
        assert not db.session.registry().in_transaction(), "nothing is held open meanwhile"
        others.append(work(time))
        return post(*given, **more)

    monkeypatch.setattr("services.workflows.post", long)
    work(time)
    assert (others, told(order).state) == ([0], DeliveryState.SENT)


def test_jobs_are_removed_and_runs_stay_until_their_order_is_purged(receiver: Receiver, time: Time) -> None:
    receiver.answer((404, b""))
    order = started(receiver)
    work(time)
    run = Run(0, JobKind.CLEAN, None, None, 1, 0, 1, WorkerContext(lambda: LATER + timedelta(days=31)))
    clean(run, bin_days=30)
    assert (job_states(), told(order).state) == ([], DeliveryState.FAILED)
    assert "404" in told(order).reason
    with pytest.raises(Gone):
        retry(order, told(order).run_id, edit=by(SYSTEM))
    assert [check for check in verify() if check.count] == []
    begin_writing(db.session)
    db.session.execute(db.text("UPDATE orders SET is_deleted = true"))
    db.session.execute(
        db.text("INSERT INTO deleted_order (id, deleted_at) VALUES (:id, :at)"), {"id": order, "at": "2026-01-01 00:00"}
    )
    db.session.commit()
    assert purge(30, now=LATER) == 1
    assert db.session.scalars(select(WorkflowRun.id)).all() == []
    assert db.session.scalars(select(WorkflowOutcome.run_id)).all() == []


def test_a_run_that_nobody_would_send_is_found(receiver: Receiver) -> None:
    order = started(receiver)
    begin_writing(db.session)
    db.session.execute(db.delete(Job))
    db.session.commit()
    assert [check.examples for check in verify() if check.count] == [[f"run {told(order).run_id}"]]


# ---- replies ----


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "All in stock."}', "All in stock."),
        (b'{"message": 7}', '{"message": 7}'),
        (b"[1]", "[1]"),
        (b"two\r\nlines\n", "two\nlines"),
        (b"", ""),
        ("ä\u202e\0\x07b".encode(), "äb"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        (b"[" * 60_000, "[" * (LONGEST_REPLY - 1) + "…"),
        (b'{"message": "' + b"x" * 5_000 + b'"}', "x" * (LONGEST_REPLY - 1) + "…"),
    ],
)
def test_a_reply_is_a_message_or_text(body: bytes, text: str) -> None:
    assert reply_text(body) == text


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, None), (204, None), (299, None), (400, Refused), (429, NotNow), (500, NotNow), (599, NotNow)],
)
def test_a_status_says_whether_another_try_is_of_use(status: int, kind: type[Refused] | None) -> None:
    refusal = refusal_of(status)
    assert (refusal if kind is None else type(refusal)) is kind


# ---- what is kept of a workflow ----


def test_only_what_may_be_called_can_be_switched_on() -> None:
    edit = Edit(SYSTEM, Action.SETTINGS_CREATE, LATER)
    values: dict[str, Any] = {"name": "W", "label": "Go", "secret": SECRET, "description": ""}
    new = Workflow(**values, url="https://a.example/", is_active=True)
    with pytest.raises(Invalid, match="The server may not call a") as raised, creating(new, edit=edit):
        pass
    assert raised.value.field == "url"
    with creating(Workflow(**values, url="https://a.example/", is_active=False), edit=edit) as row:
        pass
    changed, (refused,) = switch_rows(Workflow, [row.id], "is_active", value=True, scope=(), edit=edit)
    assert (changed, "OUTBOUND_HOSTS" in str(refused)) == (0, True)
    allowed.set(Receiver(443).named("a.example"))
    assert switch_rows(Workflow, [row.id], "is_active", value=True, scope=(), edit=edit) == (1, [])
    allowed.set(())
    assert switch_rows(Workflow, [row.id], "is_active", value=False, scope=(), edit=edit) == (1, [])


def test_the_history_tells_that_a_secret_was_changed_and_never_which_it_is() -> None:
    edit = Edit(SYSTEM, Action.SETTINGS_EDIT, LATER)
    workflow = make_workflow(is_active=False)
    with pytest.raises(Invalid, match="at least 16 characters"), changing(Workflow, workflow, edit=edit) as row:
        row.secret = "too short"
    with changing(Workflow, workflow, edit=edit) as row:
        row.secret = "another secret, longer"
    db.session.rollback()
    (told,) = db.session.scalars(select(RecordHistory)).all()
    assert (told.field, told.old_value, told.new_value, told.version) == ("secret", "", "", 2)
    assert db.session.get_one(Workflow, workflow).updated_at == LATER


def test_an_error_of_the_database_does_not_tell_the_secret() -> None:
    make_workflow()
    with pytest.raises(IntegrityError) as raised:
        make_workflow()
    assert SECRET not in str(raised.value)
