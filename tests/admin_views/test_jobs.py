"""The page of jobs: what waits, runs and failed, whose it is, and what can be done with it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views.jobs import JobView
from models.base import db
from models.job import Job, JobKind, JobState
from models.staff import Staff
from permissions import SYSTEM
from services.queue import queue
from tests.factories import NOON
from tests.people import csrf_token

LIST = "/admin/jobs/"


@pytest.fixture
def add(app: Flask) -> Callable[..., int]:
    """Add a job of somebody's, or of the product's own."""

    def added(email: str = "", **values: Any) -> int:
        with app.app_context():
            staff_id = db.session.scalar(db.select(Staff.id).where(Staff.email == f"{email}@seller.example"))
            stamps = {"created_at": NOON, "run_at": NOON}
            if values.get("state") == JobState.RUNNING:
                stamps["lease_until"] = NOON
            elif values.get("state", JobState.WAITING) != JobState.WAITING:
                stamps["finished_at"] = NOON
            job = Job(**{"kind": JobKind.FILE, "subject_id": 7, "staff_id": staff_id, **stamps, **values})
            db.session.add(job)
            db.session.commit()
            return job.id

    return added


def stored(app: Flask, job_id: int) -> Job:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        job = db.session.get_one(Job, job_id)
        db.session.expunge(job)
        return job


def press(client: FlaskClient, verb: str, job_id: int) -> tuple[int, str]:
    """Press a button; give the answer, and the page that it leads to."""
    form = {"csrf_token": csrf_token(client, LIST)}
    answer = client.post(f"{LIST}{verb}/?id={job_id}", data=form)
    return answer.status_code, client.get(answer.headers["Location"]).text if answer.status_code == 302 else ""


def test_without_jobs_the_page_says_what_it_is_for(viewer: FlaskClient) -> None:
    assert "What takes longer is done in the background and shown here." in viewer.get(LIST).text


def test_a_running_job_shows_how_far_it_is_and_keeps_the_page_up_to_date(
    viewer: FlaskClient, add: Callable[..., int]
) -> None:
    add("viewer", state=JobState.RUNNING, done=1_250, total=5_000)
    page = viewer.get(LIST).text
    assert '<progress class="bar" value="1250" max="5000"' in page
    assert "1,250 of 5,000" in page
    assert "data-open>" in page
    assert "/cancel/" in page
    assert "/retry/" not in page


def test_a_failed_job_shows_the_reason_and_can_be_tried_again(
    app: Flask, viewer: FlaskClient, add: Callable[..., int]
) -> None:
    job_id = add("viewer", state=JobState.FAILED, error="<b>Too many rows.</b>", attempts=5)
    page = viewer.get(LIST).text
    assert "&lt;b&gt;Too many rows.&lt;/b&gt;" in page
    assert "/cancel/" not in page
    assert "data-open>" not in page
    status, after = press(viewer, "retry", job_id)
    assert (status, "The job is tried again." in after) == (302, True)
    assert (stored(app, job_id).state, stored(app, job_id).attempts) == (JobState.WAITING, 0)


def test_trying_again_wakes_a_worker(viewer: FlaskClient, add: Callable[..., int]) -> None:
    press(viewer, "retry", add("viewer", state=JobState.FAILED))
    storage: Any = queue._opened()
    assert storage.queue_size() == 1
    queue.connect("")


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_soon(
    app: Flask, viewer: FlaskClient, add: Callable[..., int]
) -> None:
    waiting, running = add("viewer"), add("viewer", state=JobState.RUNNING)
    press(viewer, "cancel", waiting)
    _status, page = press(viewer, "cancel", running)
    assert stored(app, waiting).state == JobState.CANCELLED
    assert stored(app, running).is_cancel_asked
    assert "Is being cancelled" in page
    assert "/cancel/" not in page


@pytest.mark.parametrize(("kind", "word"), [(JobKind.BATCH, "Stopped"), (JobKind.FILE, "Cancelled")])
def test_what_was_cancelled_says_so_and_a_batch_that_it_is_stopped(
    viewer: FlaskClient, add: Callable[..., int], kind: JobKind, word: str
) -> None:
    add("viewer", kind=kind, state=JobState.CANCELLED, done=1_000, total=2_000)
    page = viewer.get(LIST).text
    assert f'<span class="st st-grey">{word}</span>' in page
    assert "1,000 of 2,000" in page


def test_a_job_that_ended_meanwhile_is_told_on_the_list(viewer: FlaskClient, add: Callable[..., int]) -> None:
    status, page = press(viewer, "cancel", add("viewer", state=JobState.DONE))
    assert (status, "There is nothing to cancel any more." in page) == (302, True)


def test_a_job_that_failed_shows_when_it_is_tried_again(viewer: FlaskClient, add: Callable[..., int]) -> None:
    add("viewer", attempts=1, error="ConnectionError: refused")
    assert "Next try: " in viewer.get(LIST).text


def test_other_peoples_jobs_are_for_those_who_may_see_them(
    app: Flask, owner: FlaskClient, editor: FlaskClient, viewer: FlaskClient, add: Callable[..., int]
) -> None:
    jobs = [add("viewer"), add("editor"), add()]
    seen = {
        name: client.get(LIST).text.count("data-row-id=") for name, client in (("owner", owner), ("viewer", viewer))
    }
    assert seen == {"owner": 3, "viewer": 1}
    assert [press(editor, "cancel", job_id)[0] for job_id in jobs] == [404, 302, 404]
    assert stored(app, jobs[0]).state == JobState.WAITING
    assert press(owner, "cancel", jobs[0])[0] == 302


def test_a_job_leads_to_what_it_works_on(
    viewer: FlaskClient, add: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    add("viewer")
    monkeypatch.setattr(JobView, "subject_urls", {JobKind.FILE: lambda subject_id: f"/files/{subject_id}"})
    assert '<a href="/files/7">File 7</a>' in viewer.get(LIST).text


def test_a_reason_is_written_in_the_language_of_the_page_when_it_is_ours(
    viewer: FlaskClient, add: Callable[..., int]
) -> None:
    add("viewer", state=JobState.FAILED, error="100 % of %(what)s failed")
    assert "100 % of %(what)s failed" in viewer.get(LIST).text
