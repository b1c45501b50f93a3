"""Workflows: started for an order, sent by the worker, answered, tried again."""

import json
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import joinedload

from models.base import db
from models.delivery import DeliveryState
from models.job import JobKind
from models.order import Order
from models.types import LARGEST_ID
from models.workflow import Workflow, WorkflowOutcome, WorkflowRun
from permissions import SYSTEM, Action
from services import jobs
from services.errors import NotNow, Refused
from services.jobs import Run, enqueue
from services.orders import find_order, totals
from services.outbound import Answer, post
from services.unit_of_work import Edit, OrderGone, changing_one
from services.workflow_payload import payload, signature

LATEST = 10
LONGEST_REPLY = 4_000
AGENT = "Orders-Backoffice"


class SwitchedOff(Refused):
    """Somebody has deleted the workflow, or switched it off."""

    def __init__(self) -> None:
        super().__init__("This workflow was switched off or deleted meanwhile.")


def workflows_on_offer() -> Sequence[Workflow]:
    """Give the workflows that can be started, by name."""
    return db.session.scalars(select(Workflow).where(Workflow.is_active).order_by(Workflow.search_text)).all()


def is_any_on_offer() -> bool:
    """Say whether there is a workflow that can be started."""
    return bool(db.session.scalar(select(exists().where(Workflow.is_active))))


def start(order_id: int, workflow_id: int, *, key: str, edit: Edit) -> None:
    """Start a workflow for an order; what is sent twice with one key starts once. `wake` is called afterwards.

    Raises NotAllowed, OrderGone or SwitchedOff.
    """
    with changing_one(order_id, edit=edit) as order:
        if db.session.scalar(select(WorkflowRun.id).where(WorkflowRun.order_id == order.id, WorkflowRun.key == key)):
            return
        workflow = db.session.get(Workflow, min(workflow_id, LARGEST_ID))
        if workflow is None or not workflow.is_active:
            raise SwitchedOff
        job = enqueue(JobKind.WORKFLOW, order.id, staff_id=edit.actor.staff_id, now=edit.now)
        db.session.add(
            WorkflowRun(
                order_id=order.id,
                workflow_id=workflow.id,
                job_id=job.id,
                staff_id=edit.actor.staff_id,
                name=workflow.name,
                key=key,
                idempotency_key=token_hex(16),
                started_at=edit.now,
                outcome=WorkflowOutcome(),
            )
        )


def retry(order_id: int, run_id: int, *, edit: Edit) -> None:
    """Let a run that failed be tried again by its job, whosever that is. `wake` is called afterwards.

    Raises NotAllowed, OrderGone or Refused.
    """
    edit.actor.must(edit.action)
    if db.session.scalar(select(Order.id).where(Order.id == order_id, Order.listed_for(edit.actor))) is None:
        raise OrderGone(order_id)
    is_it = WorkflowRun.id == min(run_id, LARGEST_ID), WorkflowRun.order_id == order_id
    jobs.retry(db.session.scalar(select(WorkflowRun.job_id).where(*is_it)) or 0, actor=SYSTEM, now=edit.now)


def latest_runs(order: Order) -> Sequence[WorkflowRun]:
    """Give the latest runs of an order with their outcomes, the newest first."""
    return db.session.scalars(
        select(WorkflowRun)
        .where(WorkflowRun.order_id == order.id)
        .order_by(WorkflowRun.id.desc())
        .limit(LATEST)
        .options(joinedload(WorkflowRun.outcome), joinedload(WorkflowRun.staff))
    ).all()


# ---- sending ----


def send(run: Run) -> None:
    """Send an order to a workflow and keep what it answers, if who asked for it still may, for this order.

    A run that was answered well, or was purged with its order, is done with. The receiver knows every try by one key.
    Raises NotAllowed, Refused, and NotNow for what is tried again.
    """
    kept = db.session.scalar(select(WorkflowRun).where(WorkflowRun.job_id == run.job_id))
    if kept is None or kept.outcome.state == DeliveryState.SENT:
        return
    run_id = kept.id
    answer = _answered(kept, run)
    refusal = refusal_of(answer.status)
    told = {"status": answer.status, "reply": reply_text(answer.body), "answered_at": run.working.clock()}
    _keep(run, run_id, **told if refusal else {**told, "state": DeliveryState.SENT, "reason": ""})
    if refusal:
        raise refusal


def _answered(kept: WorkflowRun, run: Run) -> Answer:
    actor = run.asker()
    actor.must(Action.ORDERS_EDIT)
    order, workflow = find_order(kept.order_id, actor), kept.workflow
    if order is None or order.is_deleted:
        raise OrderGone(kept.order_id)
    if workflow is None or not workflow.is_active:
        raise SwitchedOff
    url, seconds, secret = workflow.url, workflow.timeout, workflow.secret
    body, key, run_id = payload(kept, order, totals(order)), kept.idempotency_key, kept.id
    db.session.rollback()  # nothing is held open while the other side takes its time
    run.report(0)
    begun = {"state": DeliveryState.SENDING, "tries": WorkflowOutcome.tries + 1, "next_try": None}
    _keep(run, run_id, **begun, status=None, reply="", answered_at=None)
    timestamp = int(run.working.clock().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Idempotency-Key": key,
        "X-Orders-Timestamp": str(timestamp),
        "X-Orders-Signature": signature(body, secret, timestamp=timestamp),
    }
    with run.renewed(lambda: True):
        return post(url, body, headers, seconds=seconds)


def refusal_of(status: int) -> Refused | None:
    """Say what is wrong with an answer of this status; None when the workflow has done its work."""
    if 200 <= status < 300:
        return None
    if status == 429 or status >= 500:
        return NotNow("The workflow answered with status %(status)s.", status=str(status))
    return Refused("The workflow answered with status %(status)s, so it is not tried again.", status=str(status))


def reply_text(body: bytes) -> str:
    """Give what an answer says to people: the `message` of an object in JSON, or else all of it as text."""
    said = body.decode(errors="replace")
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("message"), str):
        said = found["message"]
    shown = "".join(sign for sign in said.replace("\r\n", "\n") if sign.isprintable() or sign in "\n\t").strip()
    return shown if len(shown) <= LONGEST_REPLY else f"{shown[: LONGEST_REPLY - 1]}…"


def _keep(run: Run, run_id: int, **values: Any) -> None:
    """Write what is known of a run now. Raises Taken."""
    with run.writing():
        db.session.execute(update(WorkflowOutcome).where(WorkflowOutcome.run_id == run_id).values(values))
