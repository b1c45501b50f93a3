"""Files in the background: whole or not at all, with the person's rights of today, and gone in time."""

import csv
import errno
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from secrets import token_urlsafe
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask, current_app
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy import text as sql

import models.base
import services.export_files
import services.jobs
import services.order_file
from models.base import begin_writing, db
from models.export_file import CsvForm, Document, ExportFile, FileFormat, FileRows
from models.job import Job, JobKind, JobState
from models.selection import Selection
from models.staff import Staff
from permissions import SYSTEM, Actor
from services.documents.chosen import read_orders
from services.errors import Refused
from services.export_files import (
    FORGOTTEN,
    KEPT,
    FileRequest,
    OtherScope,
    ask,
    cancel,
    check_scope,
    find_file,
    remove,
    remove_expired,
    write_file,
)
from services.files.columns import FileColumn
from services.jobs import LEASE, Taken, WorkerContext, run_due
from services.kept_query import read_columns, read_query, write_columns, write_query
from services.line_query import LINE_COLUMNS
from services.order_file import OrderFile, typed
from services.order_query import Condition, Operator, OrderQuery
from services.records import Gone
from services.selection import LASTS, Ticks, select_ticked
from services.sign_in import actor_of
from services.storage import store
from tests.factories import NOON, make_company, make_order, make_staff
from tests.people import GRANTS

pytestmark = pytest.mark.usefixtures("files_app")
HANDLERS = {JobKind.FILE: write_file}
RIGA = ZoneInfo("Europe/Riga")
QUESTION = OrderQuery(sort="order_number", desc=False)


class Time:
    """A clock that tests set."""

    now = NOON

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def files_app(app: Flask) -> Iterator[None]:
    """The product's context, with the system as the actor."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        yield


@pytest.fixture
def time() -> Time:
    """It is noon."""
    return Time()


@pytest.fixture
def viewer_id() -> int:
    """Somebody who sees orders."""
    return make_staff("reader", GRANTS["viewer"]).id


def wanted(rows: FileRows = FileRows.ORDERS, file_format: FileFormat = FileFormat.CSV, **more: Any) -> OrderFile:
    """Ask for two columns of orders, or for all of lines."""
    names = LINE_COLUMNS if rows is FileRows.LINES else ("order_number", "reference", "payment_status")
    words = {"PAID": "Bezahlt"}
    columns = tuple(typed(FileColumn(name.title(), name=name, words=words), rows) for name in names)
    return OrderFile(more.pop("query", QUESTION), columns, RIGA, rows, file_format, **more)


def asked(staff_id: int, file: OrderFile | None = None, key: str = "") -> int:
    """Ask for a file and give its number."""
    asking = FileRequest(key or token_urlsafe(24), "orders.csv", "All orders", "tab=all")
    number = ask(file or wanted(), asking, actor=actor_of(staff_id), now=NOON).id
    db.session.info["actor"] = SYSTEM
    return number


def file_of(number: int) -> ExportFile:
    db.session.rollback()
    db.session.info["actor"] = SYSTEM
    return db.session.get_one(ExportFile, number, populate_existing=True)


def job_of(number: int) -> Job:
    job = file_of(number).job
    assert job is not None
    return job


def content(number: int) -> bytes:
    file = file_of(number)
    with store.open(file.stored_as) as opened:
        found = opened.read()
    assert len(found) == file.size
    return found


def table(number: int) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(number).decode("utf-8-sig"), newline="")))


def put(name: str) -> None:
    """Put a file into the store, as this product or another does."""
    with store.writing(name) as written:
        written.write(b"x")


def work(time: Time, stopping: Callable[[], bool] = lambda: False) -> None:
    """Let a worker do what is due."""
    db.session.rollback()
    run_due(HANDLERS, WorkerContext(time, is_stopping=stopping))


def beside(act: Callable[..., None], *asked: Any) -> None:
    """Do something in another thread, with a session of its own, and wait for it."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def acting() -> None:
        with app.app_context():
            act(*asked)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(acting).result()


def test_a_file_is_written_whole_and_told(viewer_id: int, time: Time) -> None:
    orders = [make_order(reference=f"R{place}", payment_status="PAID") for place in range(3)]
    number = asked(viewer_id)
    assert file_of(number).is_open
    assert run_due(HANDLERS, WorkerContext(time)) == 1
    file = file_of(number)
    assert (file.row_count, file.finished_at, file.expires_at) == (3, NOON, NOON + KEPT)
    assert (job_of(number).state, job_of(number).done, job_of(number).total) == (JobState.DONE, 3, 3)
    assert table(number)[1:] == [[str(order), f"R{place}", "Bezahlt"] for place, order in enumerate(orders)]
    assert file.may_be_fetched(NOON + KEPT - timedelta(seconds=1))
    assert store.names() == [file.stored_as]


def test_what_is_asked_for_twice_at_the_same_moment_is_one_file(
    viewer_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, first = services.export_files._with_key, []

    def asking_in_between(key: str, actor: Actor) -> ExportFile | None:
        found = usual(key, actor)
        monkeypatch.setattr(services.export_files, "_with_key", usual)
        db.session.rollback()
        beside(lambda: first.append(asked(viewer_id, key="one")))
        return found

    monkeypatch.setattr(services.export_files, "_with_key", asking_in_between)
    assert [asked(viewer_id, key="one")] == first
    assert len(db.session.scalars(select(Job.id)).all()) == 1


def test_a_workbook_of_lines_is_written(viewer_id: int, time: Time) -> None:
    make_order()
    number = asked(viewer_id, wanted(FileRows.LINES, FileFormat.XLSX))
    run_due(HANDLERS, WorkerContext(time))
    found = openpyxl.load_workbook(io.BytesIO(content(number))).active
    assert (found.max_row, found.max_column) == (2, len(LINE_COLUMNS))
    assert found.cell(1, 4).value == "Created (Europe/Riga)"


def test_progress_is_reported_on_the_way(viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.export_files, "REPORT_EVERY", 2)
    number, seen = asked(viewer_id), []
    for place in range(5):
        make_order(reference=f"R{place}")

    def looking(file: OrderFile, rows: Any) -> Iterator[bytes]:
        for _row in rows:
            seen.append((job_of(number).done, job_of(number).total))
            yield b"x"

    monkeypatch.setattr(OrderFile, "write", looking)
    run_due(HANDLERS, WorkerContext(time))
    assert seen == [(0, 5), (0, 5), (2, 5), (2, 5), (4, 5)]


def test_a_file_that_is_cancelled_on_the_way_is_nowhere(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.export_files, "REPORT_EVERY", 1)
    for _order in range(3):
        make_order()
    number = asked(viewer_id)

    def cancelling(_file: OrderFile, rows: Any) -> Iterator[bytes]:
        for place, _row in enumerate(rows):
            if place == 1:
                cancel(file_of(number), actor=SYSTEM, now=NOON)
            yield b"x"

    monkeypatch.setattr(OrderFile, "write", cancelling)
    run_due(HANDLERS, WorkerContext(time))
    assert job_of(number).state == JobState.CANCELLED
    assert (file_of(number).stored_as, store.names()) == ("", [])


def test_a_killed_worker_leaves_the_file_to_another(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As kill -9: what was written stays where it is."""

    order = make_order(reference="Whole")
    number = asked(viewer_id)
    with monkeypatch.context() as patch:
        patch.setattr(OrderFile, "write", _breaking(Killed()))
        patch.setattr("fsspec.implementations.local.LocalFileSystem.rm_file", lambda *_path: None)
        with pytest.raises(Killed):
            run_due(HANDLERS, WorkerContext(time))
    assert store.names() == [f"{number}-1.csv.part"]
    assert not file_of(number).may_be_fetched(NOON)
    time.now += LEASE
    run_due(HANDLERS, WorkerContext(time))
    assert table(number)[1:] == [[str(order), "Whole", "UNKNOWN"]]
    assert store.names() == [f"{number}-2.csv"]


def test_a_worker_that_was_thought_dead_does_not_put_its_file_over_the_other(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    number, usual = asked(viewer_id), OrderFile.write

    def slow(file: OrderFile, rows: Any) -> Iterator[bytes]:
        monkeypatch.setattr(OrderFile, "write", usual)
        time.now += LEASE
        run_due(HANDLERS, WorkerContext(time))
        yield from usual(file, rows)

    monkeypatch.setattr(OrderFile, "write", slow)
    run_due(HANDLERS, WorkerContext(time))
    assert store.names() == [f"{number}-2.csv"]
    assert len(table(number)) == 2


def test_a_worker_that_wakes_up_while_its_successor_writes_leaves_the_file_to_it(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is held up after its last report, and ends while the second writes."""
    make_order()
    number, usual, finish = asked(viewer_id), OrderFile.write, services.export_files._finish
    turns = []

    def finishing(*asked: Any) -> bool:
        turns.append(asked)
        if len(turns) > 1:
            return finish(*asked)
        time.now += LEASE
        monkeypatch.setattr(OrderFile, "write", second)
        run_due(HANDLERS, WorkerContext(time))
        return True

    def second(file: OrderFile, rows: Any) -> Iterator[bytes]:
        with pytest.raises(Taken):
            finish(*turns[0])
        db.session.rollback()
        assert not file_of(number).may_be_fetched(NOON)
        yield from usual(file, rows)

    monkeypatch.setattr(services.export_files, "_finish", finishing)
    work(time)
    assert (file_of(number).stored_as, len(table(number))) == (f"{number}-2.csv", 2)
    assert job_of(number).state == JobState.DONE


def test_a_worker_that_was_thought_dead_removes_only_its_own_file(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    number, leave = asked(viewer_id), services.export_files._remove_left_over

    def slow(*asked: Any) -> None:
        monkeypatch.setattr(services.export_files, "_remove_left_over", leave)
        time.now += LEASE
        run_due(HANDLERS, WorkerContext(time))
        leave(*asked)

    monkeypatch.setattr(services.export_files, "_remove_left_over", slow)
    work(time)
    assert store.names() == [file_of(number).stored_as] == [f"{number}-2.csv"]


def test_a_file_that_takes_long_to_close_is_not_taken_over(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.jobs, "RENEW_EVERY", 0.01)
    make_order()
    number = asked(viewer_id)

    def closing_slowly(_file: OrderFile, rows: Any) -> Iterator[bytes]:
        yield from (b"x" for _row in rows)
        time.now += LEASE
        deadline = monotonic() + 20
        while (job_of(number).lease_until or NOON) <= time.now:
            assert monotonic() < deadline
        assert run_due(HANDLERS, WorkerContext(time)) == 0

    monkeypatch.setattr(OrderFile, "write", closing_slowly)
    work(time)
    assert (job_of(number).state, job_of(number).attempts) == (JobState.DONE, 1)
    assert store.names() == [f"{number}-1.csv"]


@pytest.fixture
def without_log(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """An SQLite too old for a write-ahead log."""
    request.getfixturevalue("files_app")
    monkeypatch.setattr(models.base, "SAFE_WAL", (99, 0, 0))
    monkeypatch.setattr(services.export_files, "REPORT_EVERY", 1)
    monkeypatch.setattr(services.jobs, "RENEW_EVERY", 0.001)
    db.session.remove()
    db.engine.dispose()
    db.session.info["actor"] = SYSTEM
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(sql("PRAGMA journal_mode")).scalar() == "delete"
    db.session.rollback()


@pytest.mark.usefixtures("without_log")
@pytest.mark.parametrize("file_format", [FileFormat.CSV, FileFormat.XLSX])
def test_where_readers_stop_writers_nothing_is_told_while_rows_are_read(
    viewer_id: int, time: Time, file_format: FileFormat
) -> None:
    for _order in range(3):
        make_order()
    number = asked(viewer_id, wanted(file_format=file_format))
    work(time)
    assert (job_of(number).state, job_of(number).error) == (JobState.DONE, "")
    assert (file_of(number).row_count, job_of(number).done) == (3, 3)


@pytest.mark.usefixtures("without_log")
def test_where_readers_stop_writers_a_file_is_cancelled_at_its_end(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    number = asked(viewer_id)

    def cancelling(_file: OrderFile, rows: Any) -> Iterator[bytes]:
        yield from (b"x" for _row in rows)
        cancel(file_of(number), actor=SYSTEM, now=NOON)

    monkeypatch.setattr(OrderFile, "write", cancelling)
    work(time)
    assert job_of(number).state == JobState.CANCELLED
    assert (file_of(number).stored_as, store.names()) == ("", [])


@pytest.mark.usefixtures("without_log")
def test_a_worker_that_is_stopped_hands_a_file_back_while_rows_are_read(viewer_id: int, time: Time) -> None:
    for _order in range(3):
        make_order()
    number, looks = asked(viewer_id), iter(range(10))
    work(time, lambda: next(looks) >= 3)
    assert (job_of(number).state, job_of(number).attempts) == (JobState.WAITING, 0)
    assert store.names() == []


def _breaking(error: BaseException) -> Callable[..., Iterator[bytes]]:
    def write(_file: OrderFile, rows: Any) -> Iterator[bytes]:
        yield b"half"
        next(rows)
        raise error

    return write


@pytest.mark.parametrize("number_of_error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_fails_with_the_reason_and_leaves_nothing(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch, number_of_error: int
) -> None:
    make_order()
    number = asked(viewer_id)
    monkeypatch.setattr(OrderFile, "write", _breaking(OSError(number_of_error, "No space left on device")))
    run_due(HANDLERS, WorkerContext(time))
    assert job_of(number).state == JobState.FAILED
    assert job_of(number).error.startswith("There is no room left for the file.")
    assert (store.names(), file_of(number).stored_as, file_of(number).is_open) == ([], "", False)


def test_another_error_is_tried_again_and_leaves_nothing(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    number = asked(viewer_id)
    monkeypatch.setattr(OrderFile, "write", _breaking(ValueError("odd")))
    run_due(HANDLERS, WorkerContext(time))
    assert (job_of(number).state, job_of(number).error, store.names()) == (JobState.WAITING, "ValueError: odd", [])
    assert file_of(number).is_open


def test_the_rights_of_the_day_count(viewer_id: int, time: Time) -> None:
    mine = make_company("Mine")
    order = make_order(company=mine, reference="Mine")
    make_order(company=make_company("Other"), reference="Other")
    number, refused = asked(viewer_id), asked(viewer_id)
    staff = db.session.get_one(Staff, viewer_id)
    staff.is_limited, staff.companies = True, [mine]
    db.session.commit()
    assert run_due(HANDLERS, WorkerContext(time)) == 2
    assert [row[0] for row in table(number)[1:]] == [str(order)]
    check_scope(file_of(number), actor=actor_of(viewer_id))
    with pytest.raises(OtherScope):
        check_scope(file_of(number), actor=Actor(viewer_id, "", SYSTEM.grants, frozenset()))
    again = asked(viewer_id)
    db.session.get_one(Staff, viewer_id).grants = []
    db.session.commit()
    run_due(HANDLERS, WorkerContext(time))
    assert job_of(again).error == "Whoever asked for it may no longer do this."
    assert file_of(refused).row_count == 1


def test_a_file_of_everybodys_orders_is_not_for_whoever_was_limited_since(viewer_id: int, time: Time) -> None:
    number = asked(viewer_id)
    run_due(HANDLERS, WorkerContext(time))
    with pytest.raises(OtherScope):
        check_scope(file_of(number), actor=Actor(viewer_id, "", SYSTEM.grants, frozenset({1})))
    check_scope(file_of(number), actor=SYSTEM)


def test_a_selection_is_written_while_it_lasts(viewer_id: int, time: Time) -> None:
    order = make_order()
    make_order()
    chosen = select_ticked(Ticks([order]), actor=actor_of(viewer_id), now=NOON).id
    query = OrderQuery(selection=chosen)
    number, late = (asked(viewer_id, wanted(query=query)) for _time in range(2))
    begin_writing(db.session)
    db.session.get_one(Job, file_of(late).job_id).run_at = NOON + LASTS
    db.session.commit()
    run_due(HANDLERS, WorkerContext(time))
    assert [row[0] for row in table(number)[1:]] == [str(order)]
    time.now = NOON + LASTS
    run_due(HANDLERS, WorkerContext(time))
    assert job_of(late).error.startswith("What you chose is no longer kept")
    assert db.session.scalars(select(Selection.id)).all() == [chosen]


def test_too_many_rows_for_a_workbook_fail_before_anything_is_written(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.export_files, "MOST_ROWS", 1)
    for _order in range(2):
        make_order()
    number = asked(viewer_id, wanted(file_format=FileFormat.XLSX))
    run_due(HANDLERS, WorkerContext(time))
    assert (job_of(number).state, store.names()) == (JobState.FAILED, [])
    assert "Choose CSV." in job_of(number).error


def test_what_is_over_is_removed_and_what_is_being_written_is_not(viewer_id: int, time: Time) -> None:
    make_order()
    old, later = asked(viewer_id), asked(viewer_id)
    run_due(HANDLERS, WorkerContext(time))
    waiting = asked(viewer_id)
    others = ["backup.db", "999-1.csv.txt", "999-notes.csv", "999"]
    for name in (f"{waiting}-1.csv", "999-1.csv", "998-2.xlsx.part", *others):
        put(name)
    put("997-1.csv/1-1.csv")
    file_of(later).expires_at = NOON + 2 * KEPT
    db.session.commit()
    remove_expired(NOON + KEPT)
    assert not file_of(old).may_be_fetched(NOON + KEPT)
    assert sorted(store.names()) == sorted([file_of(later).stored_as, f"{waiting}-1.csv", *others])
    with store.open("997-1.csv/1-1.csv") as inner:
        assert inner.read() == b"x"
    remove_expired(NOON + 2 * KEPT + FORGOTTEN)
    assert find_file(old, actor=SYSTEM) is None
    assert find_file(later, actor=SYSTEM) is None


def test_a_file_that_ends_while_others_are_removed_is_kept(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    number, usual, calls = asked(viewer_id), db.session.scalars, []

    def ending_in_between(*asked: Any) -> Any:
        calls.append(asked)
        if len(calls) > 1:
            return usual(*asked)
        found = usual(*asked).all()
        beside(work, time)
        return found

    monkeypatch.setattr(db.session, "scalars", ending_in_between)
    remove_expired(NOON)
    monkeypatch.undo()
    assert file_of(number).may_be_fetched(NOON)
    assert store.names() == [file_of(number).stored_as]


def test_a_file_is_removed_when_its_owner_wants_it(viewer_id: int, time: Time) -> None:
    number, waiting = asked(viewer_id), asked(viewer_id)
    with pytest.raises(Refused, match="still being written"):
        remove(waiting, actor=SYSTEM)
    assert not db.session().in_transaction()
    with pytest.raises(Gone):
        remove(waiting, actor=Actor(None, "Another", frozenset()))
    cancel(file_of(waiting), actor=SYSTEM, now=NOON)
    run_due(HANDLERS, WorkerContext(time))
    remove(number, actor=actor_of(viewer_id))
    remove(waiting, actor=SYSTEM)
    assert store.names() == []
    assert db.session.scalars(select(ExportFile.id)).all() == []


def test_a_file_that_nobody_wants_any_more_is_not_kept(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    number, usual = asked(viewer_id), OrderFile.write

    def removing(file: OrderFile, rows: Any) -> Iterator[bytes]:
        yield from usual(file, rows)
        begin_writing(db.session)
        db.session.delete(db.session.get_one(ExportFile, number))
        db.session.commit()

    monkeypatch.setattr(OrderFile, "write", removing)
    run_due(HANDLERS, WorkerContext(time))
    assert store.names() == []


def test_a_question_and_its_columns_are_read_as_they_were_written() -> None:
    query = OrderQuery(
        statuses=(1, 2),
        company=3,
        words=("é", '"'),
        fields=("company",),
        conditions=(
            Condition("price", Operator.FROM, 5),
            Condition("source", Operator.AMONG, ("a,b", "c")),
            Condition("created", Operator.BEFORE, NOON),
            Condition("price", Operator.TO, Decimal("12.50")),
        ),
        sort="total",
        selection=9,
    )
    assert read_query(write_query(query)) == query
    columns = wanted(FileRows.LINES, form=CsvForm.SEMICOLON).columns
    assert read_columns(write_columns(columns)) == columns


def test_a_pdf_has_a_document_of_each_order_that_exists_for_the_person_by_then(time: Time) -> None:
    companies = [make_company(name) for name in ("Mine", "Theirs")]
    reader = make_staff("limited", GRANTS["viewer"], limited_to=companies[:1]).id
    orders = [make_order(company=company) for company in (*companies, companies[0])]
    number = asked(
        reader, OrderFile(QUESTION, (), RIGA, format=FileFormat.PDF, document=Document.PICK_LIST, language="en")
    )
    work(time)
    assert (job_of(number).state, job_of(number).done) == (JobState.DONE, 2)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content(number))).pages]
    assert [str(order) in page for order, page in zip((orders[0], orders[2]), pages, strict=True)] == [True, True]


def test_a_pdf_is_cancelled_between_two_orders_and_leaves_nothing(
    viewer_id: int, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _order in range(3):
        make_order()
    monkeypatch.setattr(services.export_files, "READ_AT_ONCE", 1)
    number = asked(viewer_id, OrderFile(QUESTION, (), RIGA, format=FileFormat.PDF, document=Document.PICK_LIST))

    def cancelling(query: OrderQuery, actor: Actor) -> Iterator[Any]:
        orders = read_orders(query, actor)
        yield next(orders)
        beside(lambda: cancel(file_of(number), actor=SYSTEM, now=NOON))
        yield from orders

    monkeypatch.setattr(services.order_file, "read_orders", cancelling)
    work(time)
    assert (job_of(number).state, job_of(number).total) == (JobState.CANCELLED, 3)
    assert (file_of(number).stored_as, store.names()) == ("", [])
