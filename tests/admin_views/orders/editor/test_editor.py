"""The order editor through the client: as somebody without scripts uses it."""

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_order
from tests.forms import opened, send

NEW = "/admin/orders/new"


def test_the_form_of_a_new_order_has_all_sections(owner: FlaskClient) -> None:
    page = owner.get(NEW)
    assert page.status_code == 200
    for word in ("Company Details", "Product List", "Remarks", "Shipping", "Financial", "Source"):
        assert word in page.text
    form = opened(owner, NEW)
    form["line"] = ["n1", "n2"]
    form["line-n1-name"], form["line-n2-name"] = ["Pump"], ["Pipe"]
    answer = send(owner, NEW, form, do="up:n2")
    assert answer.status_code == 200
    assert answer.text.index("Pipe") < answer.text.index("Pump")


def test_edit(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        order = make_order()
    page = owner.get(f"/admin/orders/{order}/edit")
    assert page.status_code == 200
