"""A worker is killed while it sends orders to a workflow: every run ends, and the receiver knows what came twice."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.delivery import DeliveryState
from models.workflow import Workflow, WorkflowOutcome, WorkflowRun
from permissions import SYSTEM, Action
from services.job_handlers import HANDLERS
from services.jobs import LEASE, WorkerContext, run_due
from services.outbound import allowed
from services.unit_of_work import Edit
from services.verify import verify
from services.workflows import start
from tests.factories import NOON, make_order
from tests.faults.killed import work_and_be_killed
from tests.receiver import TLS, receiving

RUNS = 10


@pytest.mark.race
def test_a_worker_that_is_killed_loses_no_run_and_sends_none_twice_under_two_keys(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    with app.app_context(), receiving() as receiver:
        _ask(receiver.url)
        some, then = Random().randint(1, RUNS - 2), Random().random() / 20
        environ = {"OUTBOUND_HOSTS": f"127.0.0.1:{receiver.port}"}
        work_and_be_killed(database_url, lambda: len(receiver.calls) >= some, then=then, **environ)
        allowed.set(receiver.named())
        later = datetime.now(UTC) + LEASE
        run_due(HANDLERS, WorkerContext(lambda: later))
        allowed.set(())

        db.session.info["actor"] = SYSTEM
        tries = dict(
            db.session.execute(select(WorkflowRun.idempotency_key, WorkflowOutcome.tries).join(WorkflowOutcome)).all()
        )
        states = set(db.session.scalars(select(WorkflowOutcome.state)))
        came = Counter(call.headers["Idempotency-Key"] for call in receiver.calls)
        assert (len(tries), states, tries.keys()) == (RUNS, {DeliveryState.SENT}, came.keys())
        assert all(1 <= times <= tries[key] for key, times in came.items())
        assert [check for check in verify() if check.count] == []


def _ask(url: str) -> None:
    db.session.info["actor"] = SYSTEM
    workflow = Workflow(name="Check stock", label="Check", secret="a secret of 26 characters.", url=url)
    db.session.add(workflow)
    db.session.commit()
    edit, workflow_id = Edit(SYSTEM, Action.ORDERS_EDIT, NOON), workflow.id
    for number in range(RUNS):
        start(make_order(), workflow_id, key=str(number), edit=edit)
