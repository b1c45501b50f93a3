"""The templates of mails: tried when they are saved, shown with the mail that they make."""

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import db
from models.firm import Firm
from permissions import SYSTEM
from tests.admin_views.orders.test_detail import words
from tests.factories import make_order, make_staff
from tests.people import csrf_token, signed_in


def save(client: FlaskClient, **typed: str) -> TestResponse:
    path = "/admin/mail-templates/edit/?id=1"
    return client.post(path, data={"csrf_token": csrf_token(client, path), "version": "1", "subject": "S", **typed})


def test_a_template_is_tried_with_the_latest_order_when_it_is_saved(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        db.session.get_one(Firm, 1).email = "orders@seller.example"
        db.session.commit()
        order = make_order()
    fault = save(owner, body="{{ order.nothing }}").text
    assert "The template uses a name that does not exist" in fault
    assert "{{ order.nothing }}" in fault
    assert save(owner, body="Order {{ order.number }}\r\n\r\nof {{ firm.email }}").status_code == 302
    shown = owner.get("/admin/mail-templates/preview?id=1").text
    assert f"Order {order}" in shown
    assert "orders@seller.example" in shown
    assert "Order confirmation Language English" in words(owner, "/admin/mail-templates/details/?id=1")


def test_who_sees_no_orders_sees_an_example(app: Flask) -> None:
    with app.app_context():
        make_order(reference="secret")
        email = make_staff("keeper", ["configuration:owner"]).email
    shown = signed_in(app, email).get("/admin/mail-templates/preview?id=1").text
    assert "PO-77120" in shown
    assert "secret" not in shown
