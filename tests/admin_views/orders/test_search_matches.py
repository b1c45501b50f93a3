"""What the list is told of where its search found each order."""

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_company, make_order

ASKED = "/admin/orders/matches?search=noon+vermeer&fields=company,remarks,item_name"


def test_the_fields_are_named_as_on_screen(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        order = make_order(company=make_company("Vermeer"), remarks="before <noon>")
        other = make_order(lines=[{"sku": "A", "name": "Noon lamp", "quantity": 1, "price": "1"}])
    answer = viewer.get(f"{ASKED}&orders={order},{other},0,x,,{10**20}")
    assert answer.json == {
        str(order): [["Remarks", "before <noon>"], ["Company", "Vermeer"]],
        str(other): [["Name (Items)", "Noon lamp"]],
    }


def test_without_a_search_nothing_is_told(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        order = make_order()
    assert viewer.get(f"/admin/orders/matches?orders={order}").json == {str(order): []}
    assert viewer.get("/admin/orders/matches?search=x").json == {}
    assert viewer.get("/admin/orders/matches?search=x&fields=nonsense&orders=1").status_code == 400


def test_only_a_page_that_was_searched_for_asks(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(remarks="before noon")
    assert 'data-search-matches="/admin/orders/matches"' in viewer.get("/admin/orders/?search=noon&fields=remarks").text
    assert "data-search-matches" not in viewer.get("/admin/orders/").text
