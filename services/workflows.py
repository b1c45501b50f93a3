"""Workflows: started for an order, sent by the worker, answered, tried again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import joinedload

from models.base import db
from models.job import OPEN, Job, JobKind, JobState
from models.order import Order
from models.types import LARGEST_ID
from models.workflow import RunState, Workflow, WorkflowRun
from permissions import SYSTEM, Action
from services.errors import NotNow, Refused
from services.jobs import LONGEST_REASON, Run, enqueue
from services.orders import find_order, totals
from services.outbound import Answer, post
from services.unit_of_work import Edit, OrderGone, changing_one, setting_many
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
            )
        )


def retry(order_id: int, run_id: int, *, edit: Edit) -> None:
    """Let a run that failed be tried again, in the name of who asks. `wake` is called afterwards.

    Raises NotAllowed, OrderGone or Refused.
    """
    with changing_one(order_id, edit=edit) as order:
        run = db.session.get(WorkflowRun, min(run_id, LARGEST_ID))
        if run is None or run.order_id != order.id or _state(run, _jobs([run])) is not RunState.FAILED:
            raise Refused("Only a run that failed can be tried again.")
        run.state = RunState.WAITING
        run.job_id = enqueue(JobKind.WORKFLOW, order.id, staff_id=edit.actor.staff_id, now=edit.now).id


# ---- what is shown ----


@dataclass(frozen=True)
class ShownRun:
    """A run as an order tells of it, with the columns of its job while there is one."""

    kept: WorkflowRun
    state: RunState
    reason: str
    job: Any | None

    @property
    def next_try(self) -> datetime | None:
        """When it is tried again, after a try that failed."""
        is_between = self.job is not None and self.job.state == JobState.WAITING and self.job.attempts
        return self.job.run_at if self.job is not None and is_between else None


def latest_runs(order: Order) -> Sequence[ShownRun]:
    """Give the latest runs of an order, the newest first."""
    runs = db.session.scalars(
        select(WorkflowRun)
        .where(WorkflowRun.order_id == order.id)
        .order_by(WorkflowRun.id.desc())
        .limit(LATEST)
        .options(joinedload(WorkflowRun.staff))
    ).all()
    jobs = _jobs(runs)
    return [ShownRun(run, _state(run, jobs), _reason(run, jobs), jobs.get(run.job_id)) for run in runs]


def _jobs(runs: Sequence[WorkflowRun]) -> Mapping[int | None, Any]:
    """Give the columns of the jobs of runs by their ids.

    It is read below the walls of the session: whoever sees the order may know how far its runs are, whosever they are.
    """
    ids = [run.job_id for run in runs if run.job_id]
    return {row.id: row for row in db.session.connection().execute(select(Job).where(Job.id.in_(ids)))}


def _state(run: WorkflowRun, jobs: Mapping[int | None, Any]) -> RunState:
    """Say what came of a run; a job that was cancelled, or ended by the machinery of jobs, has not told it."""
    job = jobs.get(run.job_id)
    if run.state == RunState.SENT:
        return RunState.SENT
    return RunState.WAITING if job is not None and job.state in OPEN else RunState.FAILED


def _reason(run: WorkflowRun, jobs: Mapping[int | None, Any]) -> str:
    job = jobs.get(run.job_id)
    if job is not None and job.state == JobState.CANCELLED:
        return str(Refused("It was cancelled."))
    return run.reason or (job.error if job is not None else "")


# ---- sending ----


def send(run: Run) -> None:
    """Send an order to a workflow and keep what it answers. Raises Refused, NotNow, or what `run.report` does.

    It may be run twice: what was answered well is not sent again, and the receiver knows every try by one key.
    """
    kept = db.session.scalar(select(WorkflowRun).where(WorkflowRun.job_id == run.job_id))
    if kept is None:
        raise Refused("This run is gone: its order was purged, or it was tried again from there.")
    if kept.state == RunState.SENT:
        return
    try:
        answer = _answered(kept, run)
    except Refused as refused:
        _keep_refusal(run, refused)
        raise
    status, reply = answer.status, reply_text(answer.body)
    if refusal := refusal_of(status):
        _keep_refusal(run, refusal, status, reply)
        raise refusal
    _keep(run, state=RunState.SENT, reason="", status=status, reply=reply)


def _answered(kept: WorkflowRun, run: Run) -> Answer:
    actor = run.asker()
    actor.must(Action.ORDERS_EDIT)
    order, workflow = find_order(kept.order_id, actor), kept.workflow
    if order is None or order.is_deleted:
        raise OrderGone(kept.order_id)
    if workflow is None or not workflow.is_active:
        raise SwitchedOff
    url, seconds, secret = workflow.url, workflow.timeout, workflow.secret
    body, key = payload(kept, order, totals(order)), kept.idempotency_key
    db.session.rollback()  # nothing is held open while the other side takes its time
    _keep(run, tries=WorkflowRun.tries + 1)
    run.report(0)
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


def _keep_refusal(run: Run, refused: Refused, status: int | None = None, reply: str = "") -> None:
    state = RunState.WAITING if isinstance(refused, NotNow) else RunState.FAILED
    _keep(run, state=state, reason=refused.kept(LONGEST_REASON), status=status, reply=reply)


def _keep(run: Run, **values: Any) -> None:
    """Write what became of a run, unless another worker has its job by now. Raises Taken."""
    now = run.working.clock()
    with setting_many(Edit(SYSTEM, Action.ORDERS_EDIT, now)):
        run.hold()
        told = update(WorkflowRun).where(WorkflowRun.job_id == run.job_id).values(**values, told_at=now)
        db.session.execute(told, execution_options={"synchronize_session": False})
