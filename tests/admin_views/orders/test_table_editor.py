"""Each person's columns: chosen in the table editor, kept, shown in the list and written to its files."""

import inspect
from collections.abc import Sequence
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin_views.orders.list import OrderView
from models.base import begin_writing, db
from models.list_settings import ListSettings
from models.party import AddressText
from models.staff import Staff
from services.order_query import COLUMNS
from tests.admin_views.orders.test_statements import asked, counted
from tests.admin_views.reading import LIST, Page, file, numbers, page
from tests.factories import make_company, make_order, make_person, make_staff
from tests.people import GRANTS, client_of, csrf_token, signed_in

SAVE = "/admin/orders/columns"
DEFAULT = OrderView.column_list
OFFERED = (*DEFAULT, *OrderView.more_columns)
UNREAD = "Your columns could not be read, so the default ones are shown."
CORRUPT = (
    "order_number,nothing",
    "order_number,total,total",
    "total,order_number",
    "total",
    ",",
    " ",
    "order_number,",
    "order_number\0,total",
    "{'columns': null}",
    "'; DROP TABLE orders --",
    "order_number" + ",total" * 300,
    "é" * 2000,
)


def save(client: FlaskClient, columns: Sequence[str], **more: str) -> TestResponse:
    """Send the form of the table editor."""
    form = {"column": list(columns), "url": LIST, "csrf_token": csrf_token(client, LIST), **more}
    return client.post(SAVE, data=form)


def keep(app: Flask, columns: str) -> None:
    """Put a text where the viewer's columns are kept."""
    with app.app_context():
        begin_writing(db.session)
        staff = db.session.scalars(db.select(Staff).where(Staff.email == "viewer@seller.example")).one()
        db.session.merge(ListSettings(staff_id=staff.id, columns=columns))
        db.session.commit()


def kept(app: Flask) -> list[str]:
    """Give what is kept of everybody's columns."""
    with app.app_context():
        return list(db.session.scalars(db.select(ListSettings.columns)))


def headings(client: FlaskClient) -> list[str]:
    """Give the headings of the list, which must be those of its file."""
    shown = page(client).headings
    assert shown == file(client)[0]
    return shown


def boxes(shown: Page) -> list[tuple[str, bool]]:
    """Give the columns of the drawer in their order, with whether they are ticked, as the fixed one always is."""
    found = (box.attributes for box in shown.find("input", "columns"))
    return [(box["value"], "checked" in box or box["type"] == "hidden") for box in found if box.get("name") == "column"]


def test_chosen_columns_are_those_of_list_and_file_in_their_order(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(reference="R-7", debtor_id="D1")
    assert len(headings(viewer)) == 15
    answer = save(viewer, ["order_number", "reference", "total", "debtor_id"])
    assert (answer.status_code, answer.location) == (302, LIST)
    assert headings(viewer) == ["Order number", "Reference", "Total, EUR", "Debtor Id"]
    assert page(viewer).cells == [[str(number), "R-7", "20.00", "D1"]]
    assert file(viewer)[1:] == [[str(number), "R-7", "20.00", "D1"]]


def test_the_editor_has_every_column_those_shown_first(viewer: FlaskClient) -> None:
    save(viewer, ["order_number", "remarks", "company"])
    shown = page(viewer)
    others = [name for name in OFFERED if name not in ("order_number", "remarks", "company")]
    assert boxes(shown) == [
        *((name, True) for name in ("order_number", "remarks", "company")),
        *((name, False) for name in others),
    ]
    assert f"3 of {len(OFFERED)} shown" in shown.text


def test_saving_leads_back_to_the_same_list(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    (back,) = page(viewer, tab="NEW", sort="total").find("input", "drawer", name="url")
    assert save(viewer, ["order_number"], url=back.attributes["value"]).location == f"{LIST}?tab=NEW&sort=total"
    assert save(viewer, ["order_number"], url="https://elsewhere.example/").location == LIST


def test_the_default_columns_come_back_and_are_not_kept(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    for columns, more in ((["total"], {"default": "1"}), (DEFAULT, {})):
        save(viewer, ["order_number", "total"])
        assert kept(app) == ["order_number,total"]
        assert save(viewer, columns, **more).status_code == 302
        assert kept(app) == [""]
        assert len(headings(viewer)) == 15


def test_each_person_has_columns_of_his_or_her_own(app: Flask, viewer: FlaskClient, editor: FlaskClient) -> None:
    with app.app_context():
        make_order()
    save(viewer, ["order_number", "total"])
    save(editor, ["order_number", "email"])
    assert headings(viewer) == ["Order number", "Total, EUR"]
    assert headings(editor) == ["Order number", "E-mail"]
    assert headings(signed_in(app, "viewer@seller.example")) == ["Order number", "Total, EUR"]


def test_columns_and_search_fields_are_kept_beside_each_other(app: Flask, viewer: FlaskClient) -> None:
    form = {"fields": "remarks", "csrf_token": csrf_token(viewer, LIST)}
    assert viewer.post("/admin/orders/search-fields", data=form).status_code == 204
    save(viewer, ["order_number"])
    with app.app_context():
        (settings,) = db.session.scalars(db.select(ListSettings))
        assert (settings.search_fields, settings.columns) == ("remarks", "order_number")


@pytest.mark.parametrize("columns", CORRUPT)
def test_columns_that_cannot_be_read_give_the_default_ones_and_a_notice(
    app: Flask, viewer: FlaskClient, columns: str
) -> None:
    if "\0" in columns and "postgresql" in app.config["SQLALCHEMY_DATABASE_URI"]:
        columns = columns.replace("\0", "\x01")  # PostgreSQL keeps no NUL
    with app.app_context():
        number = make_order()
    keep(app, columns)
    shown = page(viewer)
    assert UNREAD in shown.text
    assert shown.link("Choose them again") == "#columns"
    assert shown.numbers == [number]
    assert len(headings(viewer)) == 15
    save(viewer, [name for name, is_shown in boxes(shown) if is_shown])
    assert UNREAD not in page(viewer).text


def test_columns_that_can_be_read_come_without_a_notice(viewer: FlaskClient) -> None:
    assert UNREAD not in page(viewer).text
    save(viewer, ["order_number", "total"])
    assert UNREAD not in page(viewer).text


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (["order_number", "nothing"], "There is no column “nothing”."),
        (["order_number", "password_hash"], "There is no column “password_hash”."),
        (["order_number", "<script>"], "There is no column “&lt;script&gt;”."),
        (["order_number,total"], "There is no column “order_number,total”."),
        (["order_number", "total", "total"], "A column may be shown only once."),
        (["order_number", "order_number"], "A column may be shown only once."),
        (["total", "company"], "The column “order_number” stays first and is always shown."),
        (["total", "order_number"], "The column “order_number” stays first and is always shown."),
        ([], "The column “order_number” stays first and is always shown."),
        (["order_number", ""], "There is no column “”."),
        (["order_number", "\0"], "There is no column"),
        (["order_number", "x" * 60_000], f"There is no column “{'x' * 40}…”."),
        (["order_number", *["total"] * 10_000], "A column may be shown only once."),
    ],
)
def test_a_form_that_no_page_would_send_is_refused_and_nothing_is_kept(
    app: Flask, viewer: FlaskClient, columns: Sequence[str], sentence: str
) -> None:
    save(viewer, ["order_number", "email"])
    answer = save(viewer, columns)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert kept(app) == ["order_number,email"]


def test_a_viewer_may_choose_and_a_stranger_may_not(app: Flask, stranger: FlaskClient) -> None:
    token = csrf_token(stranger, "/admin/account/password/")
    assert stranger.post(SAVE, data={"column": "order_number", "csrf_token": token}).status_code == 403
    assert kept(app) == []


@pytest.mark.parametrize(
    ("arrow", "expected"),
    [
        ({"up": "total"}, "order_number,total,company,source"),
        ({"up": "company"}, "order_number,company,total,source"),
        ({"down": "company"}, "order_number,total,company,source"),
        ({"down": "source"}, "order_number,company,total,source"),
        ({"down": "order_number"}, "order_number,company,total,source"),
        ({"up": "email"}, "order_number,company,total,source"),
    ],
)
def test_without_a_script_an_arrow_moves_a_column_and_the_drawer_stays_open(
    app: Flask, viewer: FlaskClient, arrow: dict[str, str], expected: str
) -> None:
    answer = save(viewer, ["order_number", "company", "total", "source"], **arrow)
    assert (answer.status_code, answer.location) == (302, f"{LIST}#columns")
    assert kept(app) == [expected]


def test_enter_in_the_form_saves_without_moving_anything(viewer: FlaskClient) -> None:
    shown = page(viewer)
    (start,) = (place for place, found in enumerate(shown.elements) if found.attributes.get("action") == SAVE)
    buttons = [found.attributes for found in shown.elements[start:] if found.attributes.get("type") == "submit"]
    assert "name" not in buttons[0]


def test_a_hidden_column_still_sorts(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        late = make_order(company=make_company("Zulu"), status="NEW")
        early = make_order(company=make_company("Alpha"), status="SHIPPED")
    save(viewer, ["order_number", "reference"])
    for column, expected in (("company", [early, late]), ("status", [late, early]), ("updated_by", [late, early])):
        assert numbers(viewer, sort=column) == expected
        assert [int(row[0]) for row in file(viewer, sort=column)[1:]] == expected
    shown = page(viewer, sort="company")
    assert "Sorted by Company, ascending" in shown.text
    assert len(list(shown.find("option", "sort-choice"))) == 15


def test_a_column_that_no_index_serves_has_no_link_and_does_not_sort(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    save(viewer, OFFERED)
    shown = page(viewer)
    _ticks, *headings = [heading.text for heading in shown.find("th", "thead")]
    assert [link.text for link in shown.find("a", "thead")] == headings[: len(DEFAULT)]
    for column in OrderView.more_columns:
        assert "There is no column" in page(viewer, sort=column).faults


def test_more_columns_are_written_for_people_and_for_machines(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        company = make_company("Acme", "D1")
        user = make_person("Anna", "Berg", company)
        manager = make_staff("manager", GRANTS["viewer"])
        changed = make_staff("changed", GRANTS["viewer"])
        make_order(
            company=company,
            user=user,
            delivery=AddressText(country="DE", country_name="Deutschland"),
            account_manager_id=manager.id,
            updated_by_id=changed.id,
            email="anna@buyer.example",
            reference="=1+1",
            currency="USD",
            lines=[{"sku": "A", "name": "B", "quantity": 1000, "price": "1.50"}],
            payment_method="On account",
            shipping_method="PICKUP",
            carrier="<Post>",
            requested_on=date(2026, 4, 2),
            external_order_id="0012",
            accounting_id="A-1",
            remarks="gate\nthree",
        )
    save(viewer, ["order_number", *OrderView.more_columns, "updated_by"])
    (cells,) = page(viewer).cells
    assert dict(zip(OrderView.more_columns, cells[1:-1], strict=True)) == {
        "user": "Anna Berg",
        "email": "anna@buyer.example",
        "reference": "=1+1",
        "account_manager": "Manager",
        "total_excl_vat": "1,500.00",
        "total_incl_vat": "1,815.00",
        "currency": "USD",
        "payment_method": "On account",
        "shipping_method": "Pickup",
        "carrier": "<Post>",
        "requested": "2 Apr 2026",
        "delivery_country": "Germany",
        "external_order_id": "0012",
        "accounting_id": "A-1",
        "remarks": "gate three",
    }
    assert cells[-1] == "Changed"
    (row,) = file(viewer)[1:]
    assert row[1:] == [
        "Anna Berg", "anna@buyer.example", "'=1+1", "Manager", "1500.00", "1815.00", "USD", "On account", "Pickup",
        "<Post>", "2026-04-02", "DE", "0012", "A-1", "gate\nthree", "Changed",
    ]  # fmt: skip


def test_more_columns_of_a_bare_order_are_empty(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(delivery=AddressText(city="Atlantis", country_name="Atlantis"))
        make_order()
    empty = ["user", "account_manager", "requested", "delivery_country"]
    save(viewer, ["order_number", *empty])
    assert [row[1:] for row in page(viewer, sort="order_number").cells] == [["", "", "", "Atlantis"], [""] * 4]
    assert [row[1:] for row in file(viewer, sort="order_number")[1:]] == [["", "", "", "Atlantis"], [""] * 4]


def test_a_country_is_named_in_the_readers_language(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(delivery=AddressText(country="DE", country_name="Germany"))
    save(viewer, ["order_number", "delivery_country"])
    shown = Page(viewer.get(LIST, headers={"Accept-Language": "nl"}).text)
    assert shown.cells[0][1] == "Duitsland"


def test_whatever_is_shown_a_page_asks_equally_often(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(company=make_company("Acme"))
    needed = [asked(app, viewer, LIST)]
    for columns in (OFFERED, ["order_number"], ["order_number", "user"]):
        save(viewer, columns)
        needed.append(asked(app, viewer, LIST))
    assert needed == [3] * 4


JOINS = {
    "company": "company",
    "status": "order_status",
    "updated_by": "staff",
    "user": "person",
    "account_manager": "staff",
    "delivery_country": "address",
}


@pytest.mark.parametrize("path", [LIST, "/admin/orders/export/csv"])
def test_only_the_tables_that_are_shown_or_sorted_by_are_joined(app: Flask, viewer: FlaskClient, path: str) -> None:
    with app.app_context():
        make_order()
    joined = {}
    for columns in ([], *([name] for name in COLUMNS if name != "order_number")):
        save(viewer, ["order_number", *columns])
        joined[columns[0] if columns else ""] = tables(app, viewer, path)
    assert joined == {name: [JOINS[name]] if name in JOINS else [] for name in joined}
    save(viewer, ["order_number"])
    assert tables(app, viewer, f"{path}?sort=company&desc=0") == ["company"] * (2 if path == LIST else 1)


def tables(app: Flask, client: FlaskClient, path: str) -> list[str]:
    """Give the tables that a request joins to the orders that it reads, beyond the orders themselves."""
    with counted(app) as statements:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.data  # a file is read as it is taken
    (reading,) = [statement for statement in statements if "AS order_number" in statement]
    words = reading.split()
    names = [words[place + 1] for place, word in enumerate(words) if word == "JOIN"]
    return [name for name in names if name != "orders"]


def test_a_person_limited_to_companies_sees_no_name_out_of_scope(app: Flask) -> None:
    with app.app_context():
        mine, other = make_company("Mine"), make_company("Other")
        make_order(company=mine, user=make_person("Foreign", "Person", other))
        make_staff("limited", GRANTS["viewer"], limited_to=[mine])
    limited = signed_in(app, "limited@seller.example")
    save(limited, ["order_number", "user"])
    assert [row[1] for row in page(limited).cells] == [""]
    assert [row[1] for row in file(limited)[1:]] == [""]


def test_every_column_has_words_a_cell_and_a_meaning() -> None:
    assert set(OFFERED) == set(COLUMNS)
    assert len(set(OFFERED)) == len(OFFERED)
    for table in (OrderView.column_labels, OrderView.list_cells):
        assert set(table) == set(OFFERED)


def test_the_table_editor_is_offered_in_the_toolbar(app: Flask) -> None:
    shown = page(client_of(app, "viewer"))
    (button,) = [link for link in shown.find("a", "toolbar") if link.text == "Table editor"]
    assert button.attributes["href"] == "#columns"
    assert list(shown.find("div", id="columns"))


def test_the_list_stays_configuration() -> None:
    lines, _first = inspect.getsourcelines(OrderView)
    assert len(lines) < 150
