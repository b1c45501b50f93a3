"""A worker is killed while it makes a PDF of many orders: in the end there is one, and it is whole."""

import io
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from models.base import db
from models.export_file import Document, ExportFile, FileFormat
from models.job import Job, JobState
from permissions import SYSTEM
from services.export_files import LONGEST_READ, FileRequest, ask
from services.job_handlers import HANDLERS
from services.jobs import LEASE, WorkerContext, run_due
from services.order_file import OrderFile
from services.order_query import OrderQuery
from services.sign_in import actor_of
from services.storage import store
from services.verify import verify
from tests.factories import make_order, make_staff
from tests.faults.killed import work_and_be_killed
from tests.people import GRANTS

ORDERS = 24


@pytest.mark.race
def test_a_worker_that_is_killed_leaves_no_half_pdf_and_the_next_one_makes_it_whole(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    with app.app_context():
        orders = _ask()
        store.connect((tmp_path / "files").as_uri())
        work_and_be_killed(
            database_url,
            lambda: _state() == JobState.RUNNING,
            then=Random().random() / 2,
            FILES_URL=(tmp_path / "files").as_uri(),
        )
        later = datetime.now(UTC) + LEASE + LONGEST_READ
        run_due(HANDLERS, WorkerContext(lambda: later))

        db.session.info["actor"] = SYSTEM
        file = db.session.scalars(select(ExportFile)).one()
        assert list(db.session.scalars(select(Job.state))) == [JobState.DONE]
        assert list(store.names()) == [file.stored_as]
        with store.open(file.stored_as) as content:
            pages = [page.extract_text() for page in PdfReader(io.BytesIO(content.read())).pages]
        assert [str(order) in page for order, page in zip(orders, pages, strict=True)] == [True] * ORDERS
        assert [check for check in verify() if check.count] == []


def _ask() -> list[int]:
    db.session.info["actor"] = SYSTEM
    orders = [make_order() for _order in range(ORDERS)]
    staff_id = make_staff("owner", GRANTS["owner"]).id
    wanted = OrderFile(
        OrderQuery(sort="order_number", desc=False),
        (),
        ZoneInfo("UTC"),
        format=FileFormat.PDF,
        document=Document.PICK_LIST,
    )
    asking = FileRequest("one", "orders.pdf", "All orders", "tab=all")
    ask(wanted, asking, actor=actor_of(staff_id), now=datetime.now(UTC))
    return orders


def _state() -> str | None:
    with db.engine.connect() as connection:
        found: str | None = connection.scalar(select(Job.state))
        return found
