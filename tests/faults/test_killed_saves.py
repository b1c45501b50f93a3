"""A process that makes orders is killed in the middle: each order is there whole, or not at all."""

import os
import signal
import subprocess
import sys
import time
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.order import Order, OrderLine
from models.order_draft import OrderSubmission
from permissions import SYSTEM
from services.verify import verify
from tests.factories import make_staff
from tests.servers import PATIENCE, ROOT

LINES = 200

WORK = """
from app import create_app
from models.base import db
from permissions import SYSTEM, Action, Actor, everything
from services.editing.saving import create
from services.unit_of_work import Edit
from tests.editing import a_form, a_line, priced
from tests.factories import NOON

app = create_app()
with app.app_context():
    db.session.info["actor"] = SYSTEM
    edit = Edit(Actor({staff}, "Mia", frozenset(everything())), Action.ORDERS_CREATE, NOON)
    while True:
        form = a_form(*(a_line(f"n{{place}}", parent="n0" if place % 3 else "") for place in range({lines})))
        print(create(priced(form), as_draft=False, base_currency="EUR", edit=edit), flush=True)
"""


@pytest.mark.race
def test_a_killed_save_leaves_no_half_order(app: Flask, database_url: str) -> None:
    with app.app_context():
        staff = make_staff("mia", [])
        made = _save_and_be_killed(database_url, staff.id, then=Random().random() / 5)

        db.session.info["actor"] = SYSTEM
        numbers = set(db.session.scalars(select(Order.id)))
        assert set(made) <= numbers
        assert len(numbers - set(made)) <= 1, "the last one may have been killed before it was told"
        assert set(db.session.scalars(select(OrderSubmission.order_id))) == numbers
        lines = select(func.count()).select_from(OrderLine).group_by(OrderLine.order_id)
        assert list(db.session.scalars(lines)) == [LINES] * len(numbers)
        assert [check for check in verify() if check.count] == []


def _save_and_be_killed(database_url: str, staff_id: int, *, then: float) -> list[int]:
    """Make orders in a process of its own, kill that a moment after the first one, and give what it told."""
    environ = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "only for tests", "PYTHONPATH": str(ROOT)}
    db.session.remove()
    with subprocess.Popen(
        [sys.executable, "-c", WORK.format(staff=staff_id, lines=LINES)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout
        until = time.monotonic() + PATIENCE
        first = worker.stdout.readline()
        assert time.monotonic() < until
        time.sleep(then)
        worker.send_signal(signal.SIGKILL)
        return [int(line) for line in (first, *worker.stdout) if line.endswith("\n")]
