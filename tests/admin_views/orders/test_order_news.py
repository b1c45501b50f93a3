"""What the page of an order and its editor tell of others, and what a script asks for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import db
from models.staff import StaffSession
from permissions import SYSTEM, Action
from services.editing.keeping import keep
from services.sign_in import USE_WRITTEN_EVERY, actor_of
from services.unit_of_work import Edit, changing_one, setting_many
from tests.admin_views.orders.test_detail import HOSTILE, words
from tests.editing import a_form
from tests.factories import NOON, make_company, make_order, make_staff
from tests.people import GRANTS, client_of, signed_in

NEWS = {"X-Part": "news"}


@pytest.fixture
def order(app: Flask) -> int:
    """An order that a person with a strange name changed and goes on typing into."""
    with app.app_context():
        number = make_order()
        db.session.info["actor"] = SYSTEM
        person = make_staff("eve", GRANTS["editor"])
        person.name = HOSTILE
        db.session.commit()
        eve = replace(actor_of(person.id), name=HOSTILE)
        with changing_one(number, edit=Edit(eve, Action.ORDERS_EDIT, NOON)) as changed:
            changed.reference = "PO-9"
        keep(a_form(order_id=number), opened=None, actor=eve, now=datetime.now(UTC))
        return number


def ask(client: FlaskClient, order: int, seen: int, more: str = "") -> TestResponse:
    return client.get(f"/admin/orders/{order}/news?seen={seen}{more}", headers=NEWS)


def test_who_changed_the_order_and_who_is_typing_is_told_without_marks(viewer: FlaskClient, order: int) -> None:
    told = ask(viewer, order, 1, "&tab=financials&list=tab%3DNEW").text
    assert "<script" not in told
    assert f"{HOSTILE} changed this order on 31 Mar 2026 10:00." in unescape(told)
    assert f"{HOSTILE} is typing into this order, last at" in unescape(told)
    assert f'href="/admin/orders/{order}/financials/?list=tab%3DNEW"' in told
    told = ask(viewer, order, 2).text
    assert "changed this order" not in told
    assert "is typing" in told


def test_who_is_typing_stands_on_the_pages_of_the_others(app: Flask, order: int) -> None:
    owner, eve = client_of(app, "owner"), signed_in(app, "eve@seller.example")
    for path in (f"/admin/orders/{order}/", f"/admin/orders/{order}/edit"):
        assert "is typing into this order" in words(owner, path)
        assert "is typing into this order" not in words(eve, path)
    assert ask(eve, order, 2).status_code == 204


def test_a_deleted_order_is_told_in_a_sentence(app: Flask, viewer: FlaskClient, order: int) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        with setting_many(Edit(SYSTEM, Action.ORDERS_DELETE, NOON)) as many:
            many.lock([order])
            many.set({order: {"is_deleted": True}})
    owner = client_of(app, "owner")
    for client in (viewer, owner):
        answer = ask(client, order, 2)
        assert answer.status_code == 410
        assert f"Order {order} was deleted on 31 Mar 2026 10:00 by" in answer.text
        assert "Load it again" not in answer.text
    assert "data-order-news" not in owner.get(f"/admin/orders/{order}/").text


def test_what_does_not_exist_for_the_person_is_not_told_of(app: Flask, viewer: FlaskClient, order: int) -> None:
    with app.app_context():
        make_staff("limited", GRANTS["editor"], limited_to=[make_company("Other")])
    assert ask(signed_in(app, "limited@seller.example"), order, 1).status_code == 404
    assert ask(viewer, 10**30, 1).status_code == 404
    assert viewer.get(f"/admin/orders/{order}/news?seen=x").status_code == 400


def test_asking_does_not_keep_a_session_open(app: Flask, viewer: FlaskClient, order: int) -> None:
    before = datetime.now(UTC) - USE_WRITTEN_EVERY - timedelta(minutes=1)
    with app.app_context():
        db.session.execute(db.update(StaffSession).values(last_used_at=before))
        db.session.commit()

    def used() -> datetime | None:
        with app.app_context():
            return db.session.scalar(db.select(StaffSession.last_used_at))

    ask(viewer, order, 1)
    assert used() == before
    viewer.get(f"/admin/orders/{order}/")
    assert used() != before
