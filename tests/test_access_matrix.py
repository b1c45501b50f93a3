"""Everybody asks for everything: the answers must be those of the written table."""

import re

import pytest
from flask import Flask

from admin_views.orders.tabs import TABS
from tests.matrix import (
    ADDRESSES,
    CLOSED,
    KEEPERS,
    METHODS,
    MISSING,
    NUMBER,
    PRINCIPALS,
    PUBLIC,
    READS,
    Address,
    Presence,
    Principal,
    Scope,
    asking,
    check_cells,
    enter,
    furnish,
    masked,
)

ANONYMOUS = Principal("nobody", presence=Presence.ANONYMOUS)
READER = ("order:viewer", "backoffice:viewer")


def test_every_endpoint_has_its_line_in_the_table(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - ADDRESSES.keys() == set(), "endpoints without a line in tests/matrix.py"
    assert ADDRESSES.keys() - endpoints == set(), "lines in tests/matrix.py without an endpoint"


def test_every_line_of_the_table_leads_to_its_endpoint_by_its_methods(app: Flask) -> None:
    for endpoint, address in ADDRESSES.items():
        found = {}
        for method in METHODS:
            with app.test_request_context(path_of(address), method=method) as context:
                found[method] = context.request.endpoint
        assert found == {method: endpoint if method in (*address.methods, "OPTIONS") else None for method in METHODS}, (
            endpoint
        )


def path_of(address: Address) -> str:
    """Give the path of an address with some number wherever it has one."""
    return re.sub(r"\{\w+\}", "1", address.path)


def of_group(group: str) -> list[str]:
    return [name for name, line in ADDRESSES.items() if line.group == group]


def test_every_principal_gets_what_the_table_says_at_every_address_by_every_method(
    app: Flask, engine_name: str
) -> None:
    house, endpoints = furnish(app), of_group("orders")
    check_cells(house, enter(house, asking(PRINCIPALS, endpoints, engine_name)), endpoints)


@pytest.mark.parametrize("group", ["statuses", "customers", "catalogue", "settings", "staff", "account", "files"])
def test_everybody_gets_what_the_table_says_on_the_pages_of_records(app: Flask, engine_name: str, group: str) -> None:
    house, endpoints = furnish(app), of_group(group)
    check_cells(house, enter(house, asking(KEEPERS, endpoints, engine_name)), endpoints)


def test_every_principal_gets_what_the_table_says_on_the_page_of_jobs(app: Flask, engine_name: str) -> None:
    house, endpoints = furnish(app), of_group("jobs")
    check_cells(house, enter(house, asking(PRINCIPALS, endpoints, engine_name)), endpoints)


def test_somebody_outside_cannot_tell_an_address_that_exists_from_one_that_does_not(app: Flask) -> None:
    house = furnish(app)
    (caller,) = enter(house, [ANONYMOUS])
    inside = [house.path(address.path).partition("?")[0] for address in ADDRESSES.values() if address.needs != PUBLIC]
    for method in METHODS:
        unknown = masked(caller.client.open("/no/such/address", method=method), "next=/no/such/address")
        assert unknown[0] == (302 if method in READS else 401)
        for path in (*inside, f"/admin/orders/{MISSING}/", "/admin", "/static/no-such.css", "/admin/orders/%FF/x"):
            answer = caller.client.open(path, method=method)
            echoed = f"next={path}", f"next={path}".replace("%FF", "%EF%BF%BD")
            assert masked(answer, *echoed) == unknown, f"{method} {path}"


def test_a_request_too_large_tells_nobody_outside_whether_the_address_exists(app: Flask) -> None:
    large = {"data": b"x" * (17 * 1024 * 1024), "content_type": "application/x-www-form-urlencoded"}
    client = app.test_client()
    statuses = {path: client.post(path, **large).status_code for path in ("/admin/orders/action/", "/no/such")}
    assert statuses == {"/admin/orders/action/": 401, "/no/such": 401}


@pytest.mark.parametrize("scope", [Scope.ANOTHER_COMPANYS, Scope.NOBODYS])
@pytest.mark.parametrize("tab", ["", *(f"{tab.key}/" for tab in TABS)])
def test_an_order_out_of_scope_looks_like_a_number_that_was_never_given(app: Flask, scope: Scope, tab: str) -> None:
    house = furnish(app)
    (caller,) = enter(house, [Principal("limited", READER, scope)])
    foreign = caller.client.get(f"/admin/orders/{NUMBER}/{tab}")
    missing = caller.client.get(f"/admin/orders/{MISSING}/{tab}")
    assert foreign.status_code == 404
    assert masked(foreign, NUMBER) == masked(missing, MISSING)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [(Scope.EVERYBODYS, 3), (Scope.THE_COMPANYS, 1), (Scope.ANOTHER_COMPANYS, 1), (Scope.NOBODYS, 0)],
)
def test_list_file_and_counts_hold_the_orders_in_scope_and_no_other(app: Flask, scope: Scope, seen: int) -> None:
    house = furnish(app)
    (caller,) = enter(house, [Principal("limited", READER, scope)])
    page = caller.client.get("/admin/orders/").text
    assert page.count('<tr data-href="/admin/orders/') == seen
    assert f"<b>{seen}</b> order" in page or seen == 0
    assert len(caller.client.get("/admin/orders/export/csv").text.splitlines()) == seen + 1


@pytest.mark.parametrize("scope", [Scope.ANOTHER_COMPANYS, Scope.NOBODYS])
def test_a_company_or_person_out_of_scope_is_not_named(app: Flask, scope: Scope) -> None:
    house = furnish(app)
    (caller,) = enter(house, [Principal("limited", READER, scope)])
    unknown_company = caller.client.get("/admin/orders/?company=999999")
    foreign_company = caller.client.get(f"/admin/orders/?company={house.company}")
    unknown_user = caller.client.get("/admin/orders/?user_id=999999")
    foreign_user = caller.client.get(f"/admin/orders/?user_id={house.person}")
    assert f"There is no company {house.company}." in foreign_company.text
    assert masked(foreign_company, f"company={house.company}", f"company {house.company}.")[2].count(
        "tr data-href"
    ) == masked(unknown_company)[2].count("tr data-href")
    assert "qzxmark" not in (foreign_company.text + foreign_user.text).lower()
    assert foreign_user.text.count("tr data-href") == unknown_user.text.count("tr data-href") == 0


def test_closed_addresses_of_orders_are_the_librarys_own_and_nothing_else() -> None:
    closed = {name for name, address in ADDRESSES.items() if address.needs == CLOSED and address.group == "orders"}
    assert closed == {
        "admin.static",
        *(
            f"{view}.{name}"
            for view in ("orders", "batches", "bin")
            for name in ("create_view", "edit_view", "details_view", "delete_view", "ajax_update")
        ),
        *(f"{view}.export" for view in ("batches", "bin")),
        "batches.ajax_lookup",
        "batches.action_view",
    }
