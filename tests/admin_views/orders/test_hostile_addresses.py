"""What nobody can understand in an address gives a sentence and no rows, in the list as in the file."""

import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_company, make_order, make_product

BAD = {
    "tab": ["nothing", "set-", "set-0", "ALL", "NEW,SHIPPED", "", "x" * 3000],
    "company": ["0", "-1", "01", "1e3", "٣", "abc", "1,2", str(2**63), str(10**30), "", "MINE"],
    "search": ["x" * 201, "a b c d e f g h i j k", "a\0b", "a\nb", "\u0301"],
    "fields": ["nothing", "email,", "", "email,nothing", "password_hash"],
    "user_id": ["abc", "1,", ",1", "0", "-5", str(2**63), "1;2", "NaN", "1," * 200],
    "status": ["NOTHING", "NEW,", "REQUEST", "'; DROP TABLE orders --"],
    "export_status": ["NOTHING", "EMPTY,", "None"],
    "source": [",", "EDI,", ",EDI", "EDI,,API", "%00", "a%0Ab", "%FF", "%ED%A0%80", "a\0b", "x" * 2001, "x," * 100],
    "payment_method": ["Cash,", "%7f", "a,%C3"],
    "carrier": [",Post", "Post%2C,", "%1b[0m"],
    "product": ["abc", "A-1", "1,", ",1", "0", "-5", "01", "999", "1.0", "٣", str(2**63), "9" * 18, "1;2", "1%2C2"],
    "payment_status": ["NOTHING", "OPEN,"],
    "companies": ["abc", "1,", "0", "999", str(2**63), "mine"],
    "country": ["XX", "NL,", "Netherlands", "EU", "'; DROP TABLE orders --"],
    "currency": ["XXX", "EUR,", "euro", "JPY,XX"],
    "updated_by": ["abc", "999", "0", "1,"],
    "items_count_from": ["1.5", "x", "-", str(2**31), "1e3"],
    "unchanged": ["0", "-1", "1.5", "x", "99999"],
    "created_to": ["-0d", "7d", "-10000d", "tomorrow"],
    "created_from": ["2026-02-30", "26-01-01", "2026-1-1", "yesterday", "0001-01-01", "9999-12-31", "٢٠٢٦-٠١-٠١"],
    "updated_to": ["2026-13-01", "2026-01-01T00:00", "-1"],
    "exported_from": ["1899-12-31", "2201-01-01"],
    "price_from": ["NaN", "Infinity", "1e5", "1.005", "1,23", "1.234,50", "٣", "--1", "1" * 13, "abc"],
    "price_to": ["0x10", "1.", ".5"],
    "sort": ["nothing", "id", "-1", "0", "company desc", ""],
    "desc": ["2", "-1", "true", ""],
    "page": ["0", "-1", "1e3", "٣", "NaN", "", str(10**22), "1.0", " ", "01"],
    "page_size": ["0", "-1", "7", "1000", "999999999999999999999", ""],
    "_method": ["DELETE"],
    "endpoint": ["x"],
    "export_type": ["xlsx"],
    "_external": ["1"],
    "_scheme": ["javascript"],
    "url": ["/\n/evil"],
    "flt0_0": ["1"],
    "view": ["1"],
    "": ["x"],
}
RAW = ("%ED%A0%80", "%FF%FE", "%00", "%0d%0aSet-Cookie:x", "%E2%80%AE")
KNOWN = [name for name in BAD if name and not name.startswith(("_", "flt")) and name not in {"endpoint", "url", "view"}]


def rows(text: str) -> list[str]:
    """Give the order numbers in a page."""
    return re.findall(r'<tr data-href="/admin/orders/(\d+)/">', text)


def shows_nothing(client: FlaskClient, query: str) -> bool:
    """Say whether list and file both refuse the address, with a sentence."""
    page, file = client.get(f"/admin/orders/?{query}"), client.get(f"/admin/orders/export/csv?{query}")
    refused = page.status_code in (400, 404) or (page.status_code == 200 and "No orders shown" in page.text)
    return refused and not rows(page.text) and file.status_code in (400, 404)


def test_a_value_that_cannot_be_understood_shows_no_rows(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    queries = [f"{quote(name)}={quote(value)}" for name, values in BAD.items() for value in values]
    assert [query for query in queries if not shows_nothing(viewer, query)] == []


def test_a_parameter_given_twice_shows_no_rows(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    good = {"tab": "all", "company": "mine", "sort": "total", "desc": "1", "page": "1", "page_size": "5"}
    asked = [f"{name}={good.get(name, '1')}" for name in KNOWN]
    assert [once for once in asked if not shows_nothing(viewer, f"{once}&{once}")] == []


def test_bytes_that_are_no_text_show_no_rows(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    names = ("tab", "user_id", "product", "created_from", "price_to", "sort", "page")
    queries = [f"{name}={raw}" for name in names for raw in RAW]
    assert [query for query in queries if not shows_nothing(viewer, query)] == []


def test_asking_for_what_is_no_text_finds_nothing(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    for name in ("search", "source", "payment_method", "carrier"):
        for raw in RAW:
            page = viewer.get(f"/admin/orders/?{name}={raw}")
            assert page.status_code in (200, 400), (name, raw)
            assert rows(page.text) == [], (name, raw)


def test_many_parameters_and_long_values_are_refused(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    assert shows_nothing(viewer, "&".join(f"p{place}=1" for place in range(200)))
    assert shows_nothing(viewer, f"search={'x' * 60_000}")


def test_a_fault_stands_by_its_field_and_in_the_chip(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    page = viewer.get("/admin/orders/?created_from=2026-02-30&price_from=5").text
    assert "“2026-02-30” is not a day" in page
    assert "chip-bad" in page
    fields = re.findall(r'<input[^>]*name="created_from"[^>]*>', page)
    assert any('aria-invalid="true"' in field for field in fields)
    assert 'value="5"' in page


def test_an_unknown_company_and_one_out_of_scope_are_told_alike(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(company=make_company("Known"))
    assert shows_nothing(viewer, "company=999999")


def test_filters_that_end_before_they_begin_say_so(viewer: FlaskClient) -> None:
    for query in ("created_from=2026-03-02&created_to=2026-03-01", "price_from=5&price_to=4.99"):
        assert shows_nothing(viewer, query)
        assert "The second value is less than the first." in viewer.get(f"/admin/orders/?{query}").text


VALUES = st.one_of(
    st.sampled_from([value for values in BAD.values() for value in values if len(value) < 50]),
    st.sampled_from(["1", "NEW", "all", "2026-01-01", "10", "company", "email,reference", "EMPTY", "5.00", "total"]),
    st.sampled_from(["EDI", "EDI,API", "a%2Cb", "50%", "%20"]),
    st.text(max_size=12),
)
ADDRESSES = st.dictionaries(st.sampled_from([*KNOWN, "unknown"]), VALUES, max_size=6)


@pytest.fixture
def two_orders(app: Flask, viewer: FlaskClient) -> FlaskClient:
    """A list with two orders, one of them of a company."""
    with app.app_context():
        product = make_product("Adapter", "A-1").id
        line = {"sku": "A-1", "name": "Adapter", "quantity": 1, "price": "1", "product_id": product}
        make_order(company=make_company("Known"), source="EDI", carrier="a,b", lines=[line])
        make_order(status="SHIPPED", source="API", payment_method="50%")
    return viewer


@given(ADDRESSES)
def test_whatever_is_asked_list_and_file_agree(two_orders: FlaskClient, asked: dict[str, str]) -> None:
    query = "&".join(f"{quote(name)}={quote(value, errors='surrogatepass')}" for name, value in asked.items())
    page = two_orders.get(f"/admin/orders/?{query}")
    file = two_orders.get(f"/admin/orders/export/csv?{query}")
    assert page.status_code < 500
    if "No orders shown" in page.text or page.status_code >= 400:
        assert rows(page.text) == []
        assert file.status_code in (400, 404)
        return
    assert file.status_code == 200
    in_file = re.findall(r"^\ufeff?(\d+),", file.data.decode("utf-8-sig"), re.MULTILINE)
    size = int(asked.get("page_size") or 10)
    start = (int(asked.get("page") or 1) - 1) * size
    assert rows(page.text) == in_file[start : start + size]
