"""How often a page asks the database: it may not depend on what is shown."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

import services.sign_in
from admin_views import kept_answers
from admin_views.orders.tabs import TABS
from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from permissions import SYSTEM, Action
from services.sign_in import actor_of
from services.unit_of_work import Edit, changing_one
from tests.factories import (
    NOON,
    make_company,
    make_invoice,
    make_order,
    make_person,
    make_product,
    make_shipment,
    make_staff,
    status_id,
)
from tests.people import GRANTS

VARIANTS = (
    "",
    "?page_size=5",
    "?page_size=100",
    "?page_size=5&page=2",
    "?page_size=5&page=50",
    "?page_size=5&page=50&tab=NEW&sort=created",
    "?tab=NEW",
    "?tab=CANCELLED",
    "?status=NEW,SHIPPED",
    "?company=mine",
    "?company={company}",
    "?user_id={user}",
    "?product={product}",
    "?product={product},{product}&user_id={user}",
    "?source=EDI,Web%2Cshop&payment_method=Cash&carrier=Post",
    "?created_from=2020-01-01&updated_from=2020-01-01&price_from=1&export_status=EMPTY&status=NEW",
    "?companies={company}&country=NL,DE&currency=EUR&updated_by=1&items_count_from=1&unchanged=7&payment_status=OPEN",
    "?created_from=-7d",
    "?search=adapter&fields=item_name,company,remarks",
    "?sort=company",
    "?sort=updated_by&desc=1",
)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    statements: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", heard)


def asked(app: Flask, client: FlaskClient, path: str) -> int:
    """Count the statements of a page made anew, warmed up, without the one that notes that a session is used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services.sign_in, "USE_WRITTEN_EVERY", timedelta(days=1))
        client.get(path)
        kept_answers.forget()
        with counted(app) as statements:
            assert client.get(path).status_code == 200
    return len(statements)


def test_a_list_asks_equally_often_whatever_it_shows(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        company, person = make_company("Some"), make_person("Anna", "Berg")
        for place in range(60):
            make_order(status=("NEW", "SHIPPED")[place % 2], company=company if place % 3 else None, user=None)
        names = {"company": company.id, "user": person.id, "product": make_product("Adapter", "A-1").id}
    found = {query: asked(app, viewer, f"/admin/orders/{query.format(**names)}") for query in VARIANTS}
    # Words are looked up first, and what filters leave is counted first; where that is nothing, no rows are read.
    narrowed = {query for query in VARIANTS if re.search("(search|status|_id|product|source|_from)=", query)}
    assert {found[query] for query in narrowed} == {3, 4}
    assert {found[query] for query in VARIANTS if query not in narrowed} == {3}


def test_more_statuses_and_companies_cost_no_statement(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    before = asked(app, viewer, "/admin/orders/?page_size=100")
    with app.app_context():
        for place in range(30):
            make_order(company=make_company(f"Company {place}"), status=("NEW", "CANCELLED", "COMPLETE")[place % 3])
    assert asked(app, viewer, "/admin/orders/?page_size=100") == before


def test_more_settings_and_products_cost_no_statement(app: Flask, viewer: FlaskClient) -> None:
    path = "/admin/orders/?product={}&source=Source 0"
    with app.app_context():
        first = make_product("First", "F-1").id
    before = asked(app, viewer, path.format(first))
    with app.app_context():
        for place in range(30):
            db.session.add(OrderSource(name=f"Source {place}"))
            db.session.add(PaymentMethod(name=f"Method {place}", code=f"M{place}"))
            db.session.add(Carrier(name=f"Carrier {place}"))
        products = [first, *(make_product(f"Product {place}", f"P-{place}").id for place in range(30))]
    assert asked(app, viewer, path.format(",".join(map(str, products)))) == before


@pytest.mark.parametrize("path", ["history", *(tab.key for tab in TABS)])
def test_what_the_tabs_of_an_order_list_costs_no_statement(app: Flask, viewer: FlaskClient, path: str) -> None:
    with app.app_context():
        little, much = make_order(), make_order()
        for number, each in ((little, 1), (much, 5)):
            for place in range(each):
                make_invoice(number, f"I-{place}")
                make_shipment(number, pieces=1, status="CANCELED", code=f"3S{place}")
                make_order(original_order_id=number)
                editor = actor_of(make_staff(f"editor{number}-{place}", GRANTS["editor"]).id)
                db.session.info["actor"] = SYSTEM
                edit = Edit(editor, Action.ORDERS_EDIT, NOON)
                with changing_one(number, edit=edit) as order:
                    order.status_id = status_id(("CONFIRMED", "NEW")[place % 2])
    asked_for = [asked(app, viewer, f"/admin/orders/{number}/{path}/") for number in (little, much)]
    assert asked_for[0] == asked_for[1] <= 13


@pytest.mark.parametrize(
    "path",
    [
        "/admin/orders/{number}/",
        *(f"/admin/orders/{{number}}/{tab.key}/" for tab in TABS),
        "/admin/orders/export/csv?search={number}",
    ],
)
def test_lines_cost_no_statement(app: Flask, viewer: FlaskClient, path: str) -> None:
    with app.app_context():
        short = make_order()
        lines = [{"sku": f"S-{place}", "name": "N", "quantity": 1, "price": "1"} for place in range(40)]
        long = make_order(lines=lines)
    assert asked(app, viewer, path.format(number=short)) == asked(app, viewer, path.format(number=long))
