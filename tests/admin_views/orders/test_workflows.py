"""The workflows of an order, and the page on which they are kept."""

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.delivery import DeliveryState
from models.job import Job
from models.workflow import Workflow, WorkflowRun
from permissions import SYSTEM
from services.outbound import allowed
from services.queue import queue
from tests.factories import make_order
from tests.forms import errors, opened, saved, send
from tests.people import csrf_token
from tests.receiver import Receiver

SECRET = "qzx secret of 28 characters."
SETTINGS = "/admin/workflows/"


@pytest.fixture(autouse=True)
def host(app: Flask) -> Iterator[None]:
    """Let one host be called, once the product has been connected."""
    allowed.set(Receiver(443).named("hooks.example"))
    yield
    allowed.set(())


@pytest.fixture
def workflow(app: Flask) -> int:
    """A workflow that can be started."""
    with app.app_context():
        row = Workflow(
            name="Check stock",
            label="Check",
            description="Asks the warehouse.",
            url="https://hooks.example/x",
            secret=SECRET,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


@pytest.fixture
def order(app: Flask) -> int:
    """An order."""
    with app.app_context():
        return make_order()


def page(order: int) -> str:
    return f"/admin/orders/{order}/workflows/"


def words(client: FlaskClient, path: str) -> str:
    """Give the words of a page."""
    text = re.sub(r"<[^>]*>", " ", client.get(path).text.partition("<main")[2])
    return " ".join(html.unescape(text).split())


def press(client: FlaskClient, order: int, **changes: str) -> int:
    """Press the first button of the page; give the status of the answer."""
    action, form = first_form(client, page(order))
    return client.post(action, data={**form, **changes}).status_code


def first_form(client: FlaskClient, path: str) -> tuple[str, dict[str, str]]:
    """Give the address of the first form of a page but for signing out, and what it sends."""
    body = client.get(path).text.partition("<main")[2]
    found = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', body, re.DOTALL)
    assert found, "no form"
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[2])
    return html.unescape(found[1]), dict(inputs)


def set_run(app: Flask, job_state: str = "DONE", **columns: object) -> None:
    """Let the only run and its job have come so far."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        run = db.session.scalars(db.select(WorkflowRun)).one()
        for name, value in columns.items():
            setattr(run.outcome, name, value)
        job = db.session.get_one(Job, run.job_id)
        job.state, job.finished_at = job_state, job.created_at
        db.session.commit()


def test_starting_leads_to_the_run_and_wakes_the_worker(
    app: Flask, editor: FlaskClient, order: int, workflow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(queue, "announce", lambda: woken.append(True))
    assert f'href="{page(order)}"' in editor.get(f"/admin/orders/{order}/").text
    shown = words(editor, page(order))
    assert "Check stock Asks the warehouse. Check" in shown
    assert "Latest runs" not in shown
    action, form = first_form(editor, page(order))
    for _click in range(2):
        answer = editor.post(action, data=form)
        assert (answer.status_code, answer.location) == (302, page(order))
    shown = words(editor, page(order))
    assert shown.count("· Editor") == 1
    assert "Waiting" in shown
    assert "No worker answers for the moment. The order is sent as soon as one does." in shown
    assert woken
    assert "Workflow Check stock started" in words(editor, f"/admin/orders/{order}/history/")
    assert f'<a href="{page(order)}">Workflow {order}: Check stock</a>' in editor.get("/admin/jobs/").text


def test_a_reply_is_shown_as_text(
    app: Flask, editor: FlaskClient, viewer: FlaskClient, order: int, workflow: int
) -> None:
    press(editor, order)
    set_run(app, state=DeliveryState.SENT, reply="<script>alert(1)</script>\nin two lines", status=200, tries=2)
    body = viewer.get(page(order)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nin two lines" in body
    assert "<script>alert" not in body
    shown = words(viewer, page(order))
    assert "Sent" in shown
    assert "Tries: 2" in shown
    assert "Asks the warehouse." not in shown, "a viewer starts nothing"


def test_a_run_that_failed_tells_why_and_is_tried_again(
    app: Flask, editor: FlaskClient, order: int, workflow: int
) -> None:
    press(editor, order)
    reason = 'The workflow answered with status %(status)s, so it is not tried again.\n{"status": "404"}'
    set_run(app, state=DeliveryState.FAILED, reason=reason, job_state="FAILED")
    assert "The workflow answered with status 404, so it is not tried again." in words(editor, page(order))
    make = re.search(r'action="([^"]+/retry[^"]*)"', editor.get(page(order)).text)
    assert make
    token = {"csrf_token": csrf_token(editor, page(order))}
    assert editor.post(make[1], data=token).location == page(order)
    assert "Waiting" in words(editor, page(order))
    late = editor.post(make[1], data=token)
    assert late.status_code == 409
    assert "Only a job that failed can be tried again." in late.text


def test_a_run_that_was_cancelled_or_whose_job_is_removed_is_not_tried_again(
    app: Flask, editor: FlaskClient, order: int, workflow: int
) -> None:
    press(editor, order)
    set_run(app, state=DeliveryState.CANCELLED, job_state="CANCELLED")
    assert "Cancelled" in words(editor, page(order))
    assert "/retry" not in editor.get(page(order)).text
    set_run(app, state=DeliveryState.FAILED, job_state="FAILED")
    assert "/retry" in editor.get(page(order)).text
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        db.session.execute(db.delete(Job))
        db.session.commit()
    assert "Failed" in words(editor, page(order))
    assert "/retry" not in editor.get(page(order)).text


def test_a_workflow_that_was_switched_off_meanwhile_is_told(
    app: Flask, editor: FlaskClient, order: int, workflow: int
) -> None:
    action, form = first_form(editor, page(order))
    with app.app_context():
        db.session.get_one(Workflow, workflow).is_active = False
        db.session.commit()
    answer = editor.post(action, data=form)
    assert answer.status_code == 409
    assert "This workflow was switched off or deleted meanwhile." in answer.text
    assert "There is none that can be started for this order." in answer.text
    assert page(order) not in editor.get(f"/admin/orders/{order}/").text


def test_without_a_form_key_nothing_is_started(editor: FlaskClient, order: int, workflow: int) -> None:
    assert press(editor, order, key="") == 400
    assert press(editor, order, key="not a key!") == 400
    assert "Latest runs" not in words(editor, page(order))


def test_a_viewer_has_no_button_and_starts_nothing(app: Flask, viewer: FlaskClient, order: int, workflow: int) -> None:
    assert page(order) not in viewer.get(f"/admin/orders/{order}/").text
    form = {"csrf_token": csrf_token(viewer, "/admin/account/password/"), "key": "one"}
    assert viewer.post(f"{page(order)}{workflow}/start", data=form).status_code == 403


# ---- where they are kept ----


def test_a_secret_is_set_kept_and_never_shown(app: Flask, owner: FlaskClient) -> None:
    row = saved(
        owner, f"{SETTINGS}new/", name="Check stock", label="Check", url="https://hooks.example/x", secret=SECRET
    )
    edit = f"{SETTINGS}edit/?id={row}"
    assert "It is set and is not shown. Leave this empty to keep it." in words(owner, edit)
    saved(owner, edit, description="Asks the warehouse.")
    with app.app_context():
        assert db.session.get_one(Workflow, row).secret == SECRET
    saved(owner, edit, secret=f"{SECRET} 2")
    with app.app_context():
        kept = db.session.get_one(Workflow, row)
        assert (kept.secret, kept.version) == (f"{SECRET} 2", 3)
    assert "Secret Set" in words(owner, f"{SETTINGS}details/?id={row}")
    pages = (SETTINGS, edit, f"{SETTINGS}details/?id={row}", f"{SETTINGS}export/csv/", "/admin/audit-log/")
    for path in pages:
        assert "qzx" not in owner.get(path).text, path
    assert "Secret" in words(owner, "/admin/audit-log/")


def test_faults_are_told_by_their_fields_and_the_secret_is_asked_for_again(owner: FlaskClient) -> None:
    new = f"{SETTINGS}new/"
    typed = {"name": "W", "label": "Go", "url": "https://hooks.example/x", "secret": SECRET}
    for field, value, sentence in (
        ("url", "http://hooks.example/", "The address must begin with https://."),
        ("url", "https://b.example/", "The server may not call b.example. It can be allowed by OUTBOUND_HOSTS."),
        ("url", "", "This field is required."),
        ("timeout", "0", "This may not be below 1."),
        ("timeout", "61", "This may be 60 at most."),
    ):
        told = errors(answer := send(owner, new, None, **{**typed, field: value}))
        assert told == {field: sentence, "secret": "Type this again: it is not shown, so it was not kept."}
        assert "qzx" not in answer.text
    told = errors(send(owner, new, None, **{**typed, "secret": "short"}))
    assert told == {"secret": "A secret has at least 16 characters."}


def test_of_two_who_change_a_workflow_the_second_is_told(owner: FlaskClient, workflow: int) -> None:
    edit = f"{SETTINGS}edit/?id={workflow}"
    before = opened(owner, edit)
    saved(owner, edit, label="Look")
    late = send(owner, edit, before, label="See", secret="one that nobody has seen")
    assert late.status_code == 409
    assert "Type this again: it is not shown, so it was not kept." in late.text
