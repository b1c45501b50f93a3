"""A process that does a batch is killed in the middle: what is done is whole, and the rest can be done."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.batch import Batch, BatchAction, BatchOrder, Outcome
from models.order import Order
from models.order_history import OrderHistory
from models.staff import Staff
from permissions import SYSTEM, Actor, everything
from services.batches import BatchRequest, begin, carry_out, outcomes
from services.demo import DemoRequest, load_demo
from services.order_query import OrderQuery
from services.selection import select_all
from services.verify import verify
from tests.servers import PATIENCE, ROOT

ORDERS = 400
PIECE = 20
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

WORK = """
from datetime import UTC, datetime
from types import SimpleNamespace

import services.batches
from app import create_app
from models.base import db
from permissions import SYSTEM
from services.jobs import Working

services.batches.AT_ONCE = {piece}
app = create_app()
with app.app_context():
    db.session.info["actor"] = SYSTEM
    services.batches.do_batch(
        SimpleNamespace(
            subject_id={batch},
            staff_id={staff},
            working=Working(lambda: datetime.now(UTC)),
            report=lambda done: print(done, flush=True),
        )
    )
"""


@pytest.fixture
def person(app: Flask, tmp_path: Path) -> Actor:
    """An owner in a house with a few hundred orders."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        load_demo(DemoRequest(ORDERS, seed=3, until=NOW, base_currency="EUR", instance=tmp_path / "instance"))
        owner = db.session.scalars(select(Staff).where(Staff.email == "owner@demo.example")).one()
        return Actor(owner.id, owner.name, frozenset(everything()))


@pytest.mark.race
@pytest.mark.parametrize("action", [BatchAction.RESET_EXPORT, BatchAction.CHANGE_STATUS])
def test_a_batch_that_is_killed_leaves_nothing_half_done_and_is_ended_exactly(
    app: Flask, database_url: str, person: Actor, action: BatchAction
) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        selection = select_all(OrderQuery(), "", actor=person, now=NOW)
        to_status = "ARCHIVED" if action is BatchAction.CHANGE_STATUS else ""
        batch_id = begin(selection.id, BatchRequest(action, f"kill {os.getpid()}", to_status), actor=person, now=NOW).id
        db.session.remove()
        _work_and_be_killed(database_url, batch_id, person.person, pieces=Random().randint(1, ORDERS // PIECE - 2))

        db.session.info["actor"] = SYSTEM
        told = outcomes(db.session.get_one(Batch, batch_id))
        assert told.get(Outcome.WAITING), "the batch was over before it was killed"
        assert _changed(batch_id) == _told_as_changed(batch_id)
        assert [check for check in verify() if check.count] == []

        carry_out(batch_id, actor=person, clock=lambda: datetime.now(UTC))
        told = outcomes(db.session.get_one(Batch, batch_id))
        assert not told.get(Outcome.WAITING)
        assert sum(told.values()) == db.session.scalar(select(func.count()).select_from(Order))
        assert _changed(batch_id) == _told_as_changed(batch_id)
        assert [check for check in verify() if check.count] == []


def _work_and_be_killed(database_url: str, batch_id: int, staff_id: int, *, pieces: int) -> None:
    """Do the batch in a process of its own, and kill that as soon as it has told of so many pieces."""
    code = WORK.format(piece=PIECE, batch=batch_id, staff=staff_id)
    environ = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "only for tests"}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        until = time.monotonic() + PATIENCE
        for _told, _line in zip(range(pieces + 1), worker.stdout, strict=False):
            assert time.monotonic() < until
        worker.send_signal(signal.SIGKILL)


def _changed(batch_id: int) -> set[tuple[int, int]]:
    """Give the orders that have history of the batch, each with the version that this made."""
    rows = db.session.execute(
        select(OrderHistory.order_id, OrderHistory.version, Order.version.label("now"))
        .join(Order, Order.id == OrderHistory.order_id)
        .where(OrderHistory.note == f"batch {batch_id}")
    ).all()
    assert all(row.version == row.now for row in rows), "an order was changed twice"
    return {(row.order_id, row.version) for row in rows}


def _told_as_changed(batch_id: int) -> set[tuple[int, int]]:
    done = select(BatchOrder.order_id, BatchOrder.made_version).where(
        BatchOrder.batch_id == batch_id, BatchOrder.outcome == Outcome.DONE
    )
    return {(row.order_id, row.made_version) for row in db.session.execute(done)}
