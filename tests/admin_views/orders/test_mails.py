"""Sending an order to the client, the mail that goes along with a status, and the mails that were sent, as pages."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import db
from models.firm import Firm
from models.job import Job, JobKind
from models.mail import MailTemplate, OrderMail
from models.order import Order
from permissions import SYSTEM, Action
from services.job_handlers import HANDLERS
from services.jobs import WorkerContext, run_due
from services.mails.transport import outbox
from services.unit_of_work import Edit, changing_one
from tests.admin_views.orders.test_detail import HOSTILE, words
from tests.factories import NOON, make_order
from tests.people import csrf_token
from tests.servers import free_port

TYPED = {
    "recipients": "mia@buyer.example",
    "language": "en",
    "subject": "Your pumps",
    "body": "Dear Mia,\r\n\r\nthey come tomorrow.",
    "version": "1",
}


@pytest.fixture
def order(app: Flask) -> int:
    """An order of somebody who is written to in Dutch, of a firm with an address."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        db.session.get_one(Firm, 1).email = "orders@seller.example"
        db.session.commit()
        return make_order(language="nl", email="mia@buyer.example", reference=HOSTILE)


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = csrf_token(client, path.removesuffix("/preview"))
    return client.post(path, data={"csrf_token": token, **TYPED, **fields})


def mails(app: Flask) -> list[Any]:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return list(db.session.scalars(db.select(OrderMail).order_by(OrderMail.id)))


def work(app: Flask) -> None:
    with app.app_context():
        run_due(HANDLERS, WorkerContext(lambda: datetime.now(UTC)))


def test_the_form_begins_with_the_address_and_the_text_of_the_order(editor: FlaskClient, order: int) -> None:
    page = editor.get(f"/admin/orders/{order}/send").text
    assert 'value="mia@buyer.example"' in page
    assert f'value="Bevestiging van uw bestelling {order}"' in page
    assert '<option value="nl"' in page.replace(" selected", "")
    assert "Not sent before." in page
    assert HOSTILE not in page


def test_a_mail_is_sent_told_and_shown_as_it_was_sent(
    app: Flask, editor: FlaskClient, viewer: FlaskClient, order: int
) -> None:
    answer = post(editor, f"/admin/orders/{order}/send", pdf="1")
    assert (answer.status_code, answer.location) == (302, f"/admin/orders/{order}/")
    assert "The mail to mia@buyer.example is on its way." in words(editor, f"/admin/orders/{order}/")
    assert "Waiting" in words(editor, f"/admin/orders/{order}/")
    work(app)
    told = words(viewer, f"/admin/orders/{order}/")
    assert "Mail to mia@buyer.example" in told
    (mail,) = mails(app)
    path = f"/admin/orders/{order}/mails/{mail.id}/"
    assert f'href="{path}"' in viewer.get(f"/admin/orders/{order}/").text
    page = words(viewer, path)
    assert "Sent" in page
    assert f"order-{order}.pdf" in page
    assert "Send again" not in page
    framed = viewer.get(f"{path}html")
    assert "they come tomorrow." in framed.text
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert viewer.get(f"{path}pdf").data.startswith(b"%PDF-")
    file = viewer.get(f"{path}eml")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert mail.message_id.encode() in file.data
    assert viewer.get(f"/admin/orders/mails/{mail.id}/").location == path
    assert viewer.get(f"/admin/orders/{order + 1}/mails/{mail.id}/").status_code == 404
    again = editor.get(f"/admin/orders/{order}/send?again={mail.id}").text
    assert 'value="Your pumps"' in again
    (preview,) = re.findall(r'<iframe [^>]*src="([^"]+)"', again)
    assert "they come tomorrow." in editor.get(unescape(preview)).text
    assert "they come tomorrow." in again


def test_the_preview_shows_what_is_typed_and_nothing_runs_in_it(editor: FlaskClient, order: int) -> None:
    path = f"/admin/orders/{order}/send/preview"
    shown = post(editor, path, body=f"Hello {HOSTILE}", language="de")
    assert "Hello" in shown.text
    assert HOSTILE not in shown.text
    assert "MwSt." in shown.text
    assert "Write a message." in post(editor, path, body="").text
    assert "Bedankt voor uw bestelling" in editor.get(path).text


def test_a_fault_is_told_by_its_field_and_nothing_typed_is_lost(app: Flask, editor: FlaskClient, order: int) -> None:
    answer = post(
        editor, f"/admin/orders/{order}/send", recipients="mia@buyer.example, nobody", copies=HOSTILE, pdf="1"
    )
    assert answer.status_code == 200
    assert "“nobody” is not an e-mail address." in answer.text
    assert 'value="mia@buyer.example, nobody"' in answer.text
    assert "they come tomorrow." in answer.text
    assert 'name="pdf" value="1" checked' in answer.text
    assert HOSTILE not in answer.text
    assert mails(app) == []


def test_a_mail_that_is_refused_over_a_tab_is_asked_again_over_it(editor: FlaskClient, order: int) -> None:
    path = f"/admin/orders/{order}/send"
    page = post(editor, path, tab="statuses", recipients="nobody").text
    assert re.search(r'<dialog [^>]*id="send" data-opened', page)
    assert page.count("“nobody” is not an e-mail address.") == 1
    assert "they come tomorrow.</textarea>" in page
    assert f'href="/admin/orders/{order}/statuses/" aria-current="page"' in page
    assert post(editor, path, tab="statuses").location == f"/admin/orders/{order}/statuses/"


def test_without_scripts_another_language_brings_its_text(editor: FlaskClient, order: int) -> None:
    page = post(editor, f"/admin/orders/{order}/send", language="de", fill="1", copies="tom@buyer.example").text
    assert f'value="Bestätigung Ihres Auftrags {order}"' in page
    assert 'value="tom@buyer.example"' in page


def test_who_sends_an_order_that_was_changed_meanwhile_is_told(app: Flask, editor: FlaskClient, order: int) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        with changing_one(order, edit=Edit(SYSTEM, Action.ORDERS_EDIT, NOON)) as changed:
            changed.payment_status = "PAID"
    page = post(editor, f"/admin/orders/{order}/send").text
    assert "The order was changed meanwhile, so nothing was sent." in page
    assert "Payment status: Unknown → Paid" in page
    assert 'value="Your pumps"' in page
    assert 'name="version" value="2"' in page
    assert mails(app) == []


def test_a_mail_that_failed_is_seen_on_the_order_and_among_the_jobs_and_sent_from_there(
    app: Flask, owner: FlaskClient, order: int, tmp_path: Path
) -> None:
    post(owner, f"/admin/orders/{order}/send")
    with app.app_context():
        outbox.connect(f"smtp://127.0.0.1:{free_port()}", tmp_path)
        db.session.info["actor"] = SYSTEM
        db.session.scalars(db.select(Job).where(Job.kind == JobKind.MAIL)).one().attempts = 4
        db.session.commit()
    work(app)
    assert "Failed The mail server does not answer" in words(owner, f"/admin/orders/{order}/")
    (mail,) = mails(app)
    assert "The mail server does not answer" in words(owner, f"/admin/orders/{order}/mails/{mail.id}/")
    jobs = owner.get("/admin/jobs/").text
    assert f'href="/admin/orders/mails/{mail.id}/"' in jobs
    outbox.connect("", tmp_path)
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        job = db.session.scalars(db.select(Job.id).where(Job.kind == JobKind.MAIL)).one()
    owner.post(f"/admin/jobs/retry/?id={job}", data={"csrf_token": csrf_token(owner, "/admin/jobs/")})
    work(app)
    assert "Sent" in words(owner, f"/admin/orders/{order}/mails/{mail.id}/")


def test_in_the_bin_there_is_nothing_to_send(app: Flask, owner: FlaskClient, order: int) -> None:
    with app.app_context():
        binned = make_order(is_deleted=True)
    assert "data-opens-page" not in owner.get(f"/admin/orders/{binned}/").text
    assert owner.get(f"/admin/orders/{binned}/send").status_code in (404, 410)


# ---- along with a status ----


def change(client: FlaskClient, order: int, **fields: str) -> TestResponse:
    path = f"/admin/orders/{order}/change-status"
    return client.post(path, data={"csrf_token": csrf_token(client, path), "version": "1", **fields})


def test_a_status_takes_its_mail_along(app: Flask, editor: FlaskClient, order: int) -> None:
    assert "to mia@buyer.example" in words(editor, f"/admin/orders/{order}/change-status")
    assert change(editor, order, to="CONFIRMED", mail="1", pdf="1").status_code == 302
    page = words(editor, f"/admin/orders/{order}/")
    assert f"Order {order} is Confirmed now." in page
    assert "The mail to mia@buyer.example is on its way." in page
    (mail,) = mails(app)
    assert (mail.language, mail.attachment) == ("nl", f"order-{order}.pdf")
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(Order, order).version == 2


def test_a_status_is_refused_with_a_mail_that_cannot_be_written(app: Flask, editor: FlaskClient, order: int) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        for template in db.session.scalars(db.select(MailTemplate)):
            template.body = "{{ nothing }}"
        db.session.commit()
    page = change(editor, order, to="CONFIRMED", mail="1").text
    assert "The template uses a name that does not exist" in page
    assert mails(app) == []
    assert change(editor, order, to="ARCHIVED", mail="1", version="1").status_code == 200
    assert change(editor, order, to="CONFIRMED").status_code == 302


def test_an_order_without_an_address_offers_no_mail(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    assert "Send the confirmation mail" not in words(editor, f"/admin/orders/{number}/change-status")
