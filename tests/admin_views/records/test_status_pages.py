"""Statuses and their sets: order, members, defaults, deletion with the orders in it, tabs that follow at once."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from models.status import OrderStatus, StatusSet
from permissions import SYSTEM
from tests.admin_views.reading import Page, page
from tests.factories import make_order, status_id
from tests.forms import errors, opened, saved, send
from tests.people import client_of, csrf_token


def tabs(client: FlaskClient) -> list[str]:
    """Give the tabs of the order list, as they stand."""
    return list(page(client).tabs)


def place(app: Flask, code: str) -> int:
    """Give the id of a status."""
    with app.app_context():
        return status_id(code)


def set_id(app: Flask, name: str) -> int:
    """Give the id of a status set."""
    with app.app_context():
        return db.session.scalars(db.select(StatusSet.id).where(StatusSet.name == name)).one()


def rows(client: FlaskClient, path: str) -> list[str]:
    """Give the ids of a list's rows, as they stand."""
    return [row.attributes["data-row-id"] for row in Page(client.get(path).text).find("tr", "tbody")]


def reordered(client: FlaskClient, endpoint: str, ids: list[str]) -> TestResponse:
    """Send the rows of a list in another order, as the page's script does."""
    token = csrf_token(client, f"/admin/{endpoint}/new/")
    return client.post(f"/admin/{endpoint}/reorder/", data={"ids": ",".join(ids), "csrf_token": token})


def test_a_new_status_is_a_tab_for_everybody_at_once_and_goes_into_a_set_with_its_orders(
    owner: FlaskClient, app: Flask
) -> None:
    viewer = client_of(app, "viewer")
    before = tabs(viewer)
    status = saved(owner, "/admin/statuses/new/", name="On hold", code="ON_HOLD", colour="purple", position="45")
    assert [tab for tab in tabs(viewer) if tab not in before] == ["On hold"]
    with app.app_context():
        make_order(status="ON_HOLD")
    assert page(viewer).tabs["On hold"][0] == 1
    sets = f"/admin/status-sets/edit/?id={set_id(app, 'Processing')}"
    counted = page(viewer).tabs["Processing"][0]
    saved(owner, sets, statuses=[*opened(owner, sets)["statuses"], str(status)])
    assert tabs(viewer) == before
    assert page(viewer).tabs["Processing"][0] == counted + 1


def test_a_new_row_stands_last_unless_a_place_was_given(owner: FlaskClient, app: Flask) -> None:
    saved(owner, "/admin/statuses/new/", name="Last", code="LAST")
    saved(owner, "/admin/status-sets/new/", name="Last set")
    with app.app_context():
        for model, name in ((OrderStatus, "Last"), (StatusSet, "Last set")):
            ordered = db.session.scalars(db.select(model.name).order_by(model.position)).all()
            assert ordered[-1] == name


def test_the_order_of_the_rows_is_that_of_the_tabs(owner: FlaskClient, app: Flask) -> None:
    ids = rows(owner, "/admin/status-sets/")
    positions = reordered(owner, "status-sets", ids[::-1]).json or {}
    assert sorted(ids, key=lambda row_id: int(positions[row_id])) == ids[::-1]
    assert rows(owner, "/admin/status-sets/") == ids[::-1]
    names = [tab for tab in tabs(client_of(app, "viewer")) if tab in ("Processing", "Fulfillment", "Complete")]
    assert names == ["Complete", "Fulfillment", "Processing"]


@pytest.mark.parametrize("ids", [[], ["1"], ["x"], ["1", "1"], ["999999"]])
def test_an_order_that_does_not_know_all_rows_is_a_conflict(owner: FlaskClient, ids: list[str]) -> None:
    before = rows(owner, "/admin/status-sets/")
    assert reordered(owner, "status-sets", ids).status_code in (400, 409)
    assert rows(owner, "/admin/status-sets/") == before


def test_rows_are_moved_in_the_whole_list_alone(owner: FlaskClient) -> None:
    assert "data-grip" in owner.get("/admin/statuses/").text
    for query in ("?search=new", "?order_type=ORDER", "?sort=1"):
        assert "data-grip" not in owner.get(f"/admin/statuses/{query}").text, query


def test_the_code_stays_and_is_not_asked_for_again(owner: FlaskClient, app: Flask) -> None:
    status = place(app, "NEW")
    edit = f"/admin/statuses/edit/?id={status}"
    assert not {"code", "order_type", "kind"} & opened(owner, edit).keys()
    saved(owner, edit, code="OTHER", kind="CUSTOM", name="Brand new")
    with app.app_context():
        row = db.session.get_one(OrderStatus, status)
        assert (row.code, row.kind, row.name) == ("NEW", "SYSTEM", "Brand new")


def test_what_a_status_cannot_be_is_told_by_its_field(owner: FlaskClient, app: Flask) -> None:
    edit = f"/admin/statuses/edit/?id={place(app, 'NEW')}"
    assert errors(send(owner, edit, is_default=None)) == {
        "is_default": "One status must be the default. Make another one the default instead."
    }
    assert "next_statuses" in errors(send(owner, edit, next_statuses=str(place(app, "NEW"))))
    assert "colour" in errors(send(owner, edit, colour="url(javascript:1)"))
    for code in ("lower", "A B", "x" * 33, "Ä", "<b>"):
        answer = send(owner, "/admin/statuses/new/", name="Odd", code=code)
        assert "code" in errors(answer), code


def test_the_default_moves_to_the_status_that_becomes_it(owner: FlaskClient, app: Flask) -> None:
    saved(owner, f"/admin/statuses/edit/?id={place(app, 'VALIDATED')}", is_default="y")
    with app.app_context():
        defaults = db.session.scalars(
            db.select(OrderStatus.code).where(OrderStatus.is_default, OrderStatus.order_type == "ORDER")
        ).all()
        assert defaults == ["VALIDATED"]


def test_deleting_says_how_many_orders_stand_in_it_and_moves_them(owner: FlaskClient, app: Flask) -> None:
    status = saved(owner, "/admin/statuses/new/", name="On hold", code="ON_HOLD")
    delete = f"/admin/statuses/delete/?id={status}"
    unused = owner.get(delete).text
    assert "Nothing uses On hold." in unused
    assert "Move its orders to" not in unused
    with app.app_context():
        numbers = [make_order(status="ON_HOLD") for _number in range(3)]
        others = db.select(OrderStatus.name).where(OrderStatus.order_type == "ORDER", OrderStatus.id != status)
        places = set(db.session.scalars(others))
    asked = Page(owner.get(delete).text)
    assert "Move its orders to" in asked.text
    assert [cell.text for cell in asked.find("td", "tbody")] == ["Orders", "3"]
    assert {option.text for option in asked.find("option", "record-form")} - {""} == places
    form = {"csrf_token": csrf_token(owner, delete)}
    refused = owner.post(delete, data=form)
    assert errors(refused) == {"move_to": "Choose another status of the same order type for the orders in it."}
    assert owner.post(delete, data={**form, "move_to": str(place(app, "CONFIRMED"))}).status_code == 302
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert {db.session.get_one(Order, number).status.code for number in numbers} == {"CONFIRMED"}
        changes = db.session.scalars(db.select(OrderHistory).where(OrderHistory.note == "to delete ON_HOLD")).all()
        assert sorted(row.order_id for row in changes) == numbers
        assert {row.staff.name for row in changes if row.staff} == {"Owner"}


def test_system_and_default_statuses_offer_no_way_to_delete_them(owner: FlaskClient, app: Flask) -> None:
    status = place(app, "SHIPPED")
    assert "Delete" not in owner.get(f"/admin/statuses/details/?id={status}").text
    delete = f"/admin/statuses/delete/?id={status}"
    assert "is a system status, which stays." in owner.get(delete).text
    form = {"csrf_token": csrf_token(owner, "/admin/statuses/new/"), "move_to": str(place(app, "NEW"))}
    owner.post(delete, data=form)
    assert place(app, "SHIPPED") == status


def test_deleting_a_set_leaves_its_statuses_as_tabs_of_their_own(owner: FlaskClient, app: Flask) -> None:
    viewer = client_of(app, "viewer")
    delete = f"/admin/status-sets/delete/?id={set_id(app, 'Fulfillment')}"
    assert owner.post(delete, data={"csrf_token": csrf_token(owner, delete)}).status_code == 302
    now = tabs(viewer)
    assert "Fulfillment" not in now
    assert {"Processing", "Shipped"} <= set(now)


def test_an_editor_keeps_statuses_and_an_owner_makes_and_deletes_them(app: Flask) -> None:
    editor = client_of(app, "editor")
    status = place(app, "NEW")
    saved(editor, f"/admin/statuses/edit/?id={status}", description="Just in.")
    assert editor.get("/admin/statuses/new/").status_code == 403
    assert editor.get(f"/admin/statuses/delete/?id={status}").status_code == 403
    viewer = client_of(app, "viewer")
    assert viewer.get(f"/admin/statuses/edit/?id={status}").status_code == 403
    assert viewer.get("/admin/statuses/").status_code == 200
