"""The page of files: what a person finds there, fetches, cancels and removes."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin_views.sending import FILES_AT_ONCE
from models.base import begin_writing, db
from models.export_file import ExportFile
from models.job import Job, JobKind
from models.staff import Staff
from permissions import SYSTEM
from services.errors import Refused
from services.export_files import KEPT, write_file
from services.files.xlsx_file import TooManyRows
from services.jobs import Run, WorkerContext, run_due
from services.storage import store
from tests.factories import make_company, make_order
from tests.people import client_of, csrf_token

FILES = "/admin/files/"


@pytest.fixture
def asked(app: Flask, viewer: FlaskClient) -> int:
    """The number of a file that the viewer asked for; nobody has written it yet."""
    with app.app_context():
        make_order(reference="Found")
    return ask(app, viewer)


def ask(app: Flask, client: FlaskClient, **form: str) -> int:
    """Ask for a file and give its number."""
    usual = {"rows": "orders", "format": "csv", "background": "1", "key": secrets.token_urlsafe(24)}
    form = {**usual, "csrf_token": csrf_token(client, FILES_FORM), **form}
    assert client.post("/admin/orders/export/start?search=found", data=form).location == FILES
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return db.session.scalars(db.select(ExportFile.id).order_by(ExportFile.id.desc())).first() or 0


FILES_FORM = "/admin/orders/"
PAGE = "/admin/orders/export/"


def work(app: Flask, handler: Any = write_file) -> None:
    """Let a worker do what there is to do."""
    with app.app_context():
        run_due({JobKind.FILE: handler}, WorkerContext(lambda: datetime.now(UTC)))


def post(client: FlaskClient, path: str) -> TestResponse:
    """Press a button."""
    return client.post(FILES + path, data={"csrf_token": csrf_token(client, FILES_FORM)})


def test_a_file_is_followed_and_fetched(app: Flask, viewer: FlaskClient, asked: int) -> None:
    page = viewer.get(FILES).text
    assert "Waiting for its turn" in page
    assert f'data-progress-url="{FILES}{asked}/progress"' in page
    assert viewer.get(f"{FILES}{asked}/progress").json == {
        "done": 0, "total": 0, "is_ended": False, "text": "Waiting for its turn",
    }  # fmt: skip
    work(app)
    page = viewer.get(FILES).text
    for shown in ("Ready", "1 order", "All orders · search “found” · Sorted by Date Created, descending", " bytes"):
        assert shown in page
    assert "data-progress-url" not in page
    assert viewer.get(f"{FILES}{asked}/progress").json["is_ended"] is True  # type: ignore[index]
    answer = viewer.get(f"{FILES}{asked}/download")
    assert answer.data.startswith(b"\xef\xbb\xbfOrder number,")
    headers = answer.headers
    assert int(headers["Content-Length"]) == len(answer.data)
    assert headers["Content-Disposition"].startswith('attachment; filename="orders-20')
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


def test_a_file_that_failed_says_why(app: Flask, viewer: FlaskClient, asked: int) -> None:
    def failing(_run: Run) -> None:
        raise Refused("There is no room left for the file. Whoever runs the server has to make some first.")

    work(app, failing)
    page = viewer.get(FILES).text
    assert "Failed" in page
    assert "There is no room left for the file." in page
    assert viewer.get(f"{FILES}{asked}/download").status_code == 410


@pytest.mark.parametrize("kind", [Refused, ValueError])
def test_a_reason_is_shown_as_it_is(app: Flask, viewer: FlaskClient, asked: int, kind: type[Exception]) -> None:
    def failing(_run: Run) -> None:
        raise kind("<b>50%/x of %(what)s</b>")

    work(app, failing)
    for path in (FILES, "/admin/jobs/"):
        page = viewer.get(path).text
        assert "&lt;b&gt;50%/x of %(what)s&lt;/b&gt;" in page
        assert "<b>50" not in page


def test_a_reason_with_a_number_is_told_in_the_language_of_the_reader(
    app: Flask, viewer: FlaskClient, asked: int
) -> None:
    def failing(_run: Run) -> None:
        raise TooManyRows

    work(app, failing)
    for path in (FILES, "/admin/jobs/"):
        page = viewer.get(path, headers={"Accept-Language": "nl"}).text
        assert "Een XLSX-bestand kan hoogstens 1.048.575 rijen bevatten, en het zijn er meer." in page


def test_a_form_that_is_sent_twice_asks_for_one_file(app: Flask, viewer: FlaskClient, asked: int) -> None:
    [key], [other] = (re.findall(r'name="key" value="([\w-]+)"', viewer.get(PAGE).text) for _time in range(2))
    assert key != other
    first = ask(app, viewer, key=key)
    assert first > asked
    assert ask(app, viewer, key=key) == first
    assert ask(app, viewer, key=other) == first + 1
    assert ask(app, client_of(app, "editor"), key=key) == first + 2
    work(app)
    assert len(store.names()) == 4


@pytest.mark.parametrize("key", ["", "a" * 44, "a b"])
def test_a_form_without_a_key_asks_for_nothing(app: Flask, viewer: FlaskClient, key: str) -> None:
    form = {"background": "1", "csrf_token": csrf_token(viewer, FILES_FORM), "key": key}
    assert viewer.post("/admin/orders/export/start", data=form).status_code == 400


def test_a_file_is_cancelled_and_removed(app: Flask, viewer: FlaskClient, asked: int) -> None:
    assert "Cancel it first." in post(viewer, f"{asked}/delete").text
    assert post(viewer, f"{asked}/cancel").status_code == 302
    assert "Cancelled" in viewer.get(FILES).text
    assert post(viewer, f"{asked}/cancel").location == FILES
    assert "There is nothing to cancel any more." in viewer.get(FILES).text
    assert post(viewer, f"{asked}/delete").status_code == 302
    assert "No files" in viewer.get(FILES).text
    done = ask(app, viewer)
    work(app)
    assert post(viewer, f"{done}/delete").status_code == 302
    assert store.names() == []
    assert viewer.get(f"{FILES}{done}/download").status_code == 404


def test_a_file_whose_time_is_over_or_that_is_gone_says_so(app: Flask, viewer: FlaskClient, asked: int) -> None:
    work(app)
    for name in store.names():
        store.remove(name)
    answer = viewer.get(f"{FILES}{asked}/download")
    assert answer.status_code == 410
    assert "This file is no longer in the store. Export it again." in answer.text
    with app.app_context():
        begin_writing(db.session)
        db.session.info["actor"] = SYSTEM
        db.session.get_one(ExportFile, asked).expires_at = datetime.now(UTC) - timedelta(seconds=1)
        db.session.commit()
    answer = viewer.get(f"{FILES}{asked}/download")
    assert answer.status_code == 410
    assert "its seven days are over" in answer.text
    assert "Expired" in viewer.get(FILES).text
    assert timedelta(days=7) == KEPT


@pytest.mark.parametrize(("name", "status"), [("editor", 404), ("owner", 200)])
def test_another_persons_file_exists_for_whoever_may_see_it(
    app: Flask, viewer: FlaskClient, asked: int, name: str, status: int
) -> None:
    work(app)
    other = client_of(app, name)
    assert other.get(f"{FILES}{asked}/download").status_code == status
    assert other.get(f"{FILES}{asked}/progress").status_code == status
    assert ("Viewer" in other.get(FILES).text) == (status == 200)
    if status == 404:
        for verb in ("cancel", "delete"):
            assert post(other, f"{asked}/{verb}").status_code == 404
        assert viewer.get(f"{FILES}{asked}/download").status_code == 200


def test_whoever_was_limited_since_does_not_get_what_was_written_before(
    app: Flask, viewer: FlaskClient, asked: int
) -> None:
    work(app)
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        company = make_company("Only")
        staff = db.session.scalars(db.select(Staff).where(Staff.email == "viewer@seller.example")).one()
        staff.is_limited, staff.companies = True, [company]
        db.session.commit()
    answer = viewer.get(f"{FILES}{asked}/download")
    assert answer.status_code == 409
    assert "The companies that you see have changed since this file was written." in answer.text


def test_files_take_the_places_of_downloads(app: Flask, viewer: FlaskClient, asked: int) -> None:
    work(app)
    path = f"{FILES}{asked}/download"
    sent = [viewer.get(path, buffered=False) for _file in range(FILES_AT_ONCE)]
    assert viewer.get(path).status_code == 503
    for answer in sent:
        answer.close()
    assert viewer.get(path).status_code == 200


def test_long_lists_of_files_have_pages(app: Flask, viewer: FlaskClient, asked: int) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        begin_writing(db.session)
        first = db.session.get_one(ExportFile, asked)
        kept = {column.name: getattr(first, column.name) for column in ExportFile.__table__.columns}
        for copy in range(30):
            db.session.add(ExportFile(**{**kept, "id": None, "job_id": None, "key": f"copy {copy}"}))
        db.session.commit()
        assert db.session.scalars(db.select(Job.kind)).all() == [JobKind.FILE]
    assert "1–25 of 31" in viewer.get(FILES).text
    assert "26–31 of 31" in viewer.get(f"{FILES}?page=2").text
