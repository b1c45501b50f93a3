"""Refusals and failures as pages."""

import logging
import re
import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.test import TestResponse

import admin_views.access
import services.order_pages
from admin_views.records.view import RecordView
from models.base import db
from tests.factories import make_company
from tests.matrix import METHODS
from tests.people import csrf_token

SECRET = "password=hunter2 host=10.0.0.7"


def outage() -> OperationalError:
    """Give what the database driver raises when the server is gone."""
    return OperationalError("SELECT secret_column", {"email": SECRET}, sqlite3.OperationalError(SECRET))


def no_connection() -> NoConnectionFree:
    """Give what the pool raises when every connection stays in use."""
    return NoConnectionFree(f"QueuePool limit reached, secret_column {SECRET}")


def broken_connection() -> InterfaceError:
    """Give what the driver raises when it cannot use its connection any more."""
    return InterfaceError("SELECT secret_column", {"email": SECRET}, sqlite3.InterfaceError(SECRET))


def failing(error: Exception) -> Callable[..., object]:
    """Give a function that raises."""

    def fail(*_args: object, **_named: object) -> object:
        raise error

    return fail


SIGN_OUT = r'<form class="acts" method="post" action="/logout">'
LEAD_ON = r'<a class="btn btn-primary" href="/(admin/|login)">'


def assert_is_page(answer: TestResponse, code: int, *sentences: str, way_on: str = LEAD_ON) -> None:
    """Check that a refusal is a whole page of ours with a way on, and no other."""
    assert answer.status_code == code
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.text.rstrip().endswith("</html>")
    assert [way for way in (LEAD_ON, SIGN_OUT) if re.search(way, answer.text)] == [way_on]
    for sentence in sentences:
        assert sentence in answer.text


def test_a_page_that_is_not_there(viewer: FlaskClient) -> None:
    assert_is_page(viewer.get("/no/such/page"), 404, "There is nothing here", "The address is wrong")


def test_what_may_not_be_seen(stranger: FlaskClient) -> None:
    needed = "You may not see orders. That needs the Order role and the Backoffice role."
    assert_is_page(stranger.get("/admin/orders/"), 403, "You may not do this", needed, way_on=SIGN_OUT)


def test_a_person_without_roles_is_told_who_can_help(stranger: FlaskClient) -> None:
    assert_is_page(
        stranger.get("/admin/"), 403, "have no access to any page yet. Ask the people who run", way_on=SIGN_OUT
    )


def test_a_person_who_may_see_nothing_can_sign_out_of_any_refusal(stranger: FlaskClient) -> None:
    assert_is_page(stranger.get("/no/such"), 404, "There is nothing here", way_on=SIGN_OUT)
    assert stranger.post("/logout", data={"csrf_token": csrf_token(stranger, "/no/such")}).status_code == 302
    assert stranger.get("/admin/").headers["Location"] == "/login?next=/admin/"


def test_a_session_that_is_over(client: FlaskClient) -> None:
    assert_is_page(client.post("/admin/orders/search-fields"), 401, "Sign in first", "Your session has ended.")


def test_a_method_that_an_address_does_not_take_names_those_that_it_does(viewer: FlaskClient) -> None:
    answer = viewer.post("/admin/orders/")
    assert_is_page(answer, 405, "This cannot be done here")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_method_that_nobody_knows(viewer: FlaskClient) -> None:
    for method in ("FOO", "PROPFIND", "CONNECT", "X" * 100):
        assert viewer.open("/admin/orders/", method=method).status_code == 405, method
        assert viewer.open("/no/such", method=method).status_code == 404, method


def test_a_body_over_the_limit(viewer: FlaskClient) -> None:
    token = csrf_token(viewer, "/admin/orders/")
    answer = viewer.post("/admin/orders/search-fields", data={"fields": "x" * 17 * 1024 * 1024, "csrf_token": token})
    assert_is_page(answer, 413, "This is too large")


def test_a_form_with_too_many_parts(viewer: FlaskClient) -> None:
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(2_100))
    kind = "multipart/form-data; boundary=x"
    assert_is_page(viewer.post("/admin/orders/search-fields", data=f"{parts}--x--", content_type=kind), 413)


def test_an_address_that_makes_no_sense_is_no_failure(client: FlaskClient, viewer: FlaskClient) -> None:
    paths = (
        "/admin/orders/%FF%FE/",
        "/admin/orders/?search=%FF",
        "/admin/orders/?%FF=1",
        "/admin/orders/%00/",
        "/admin/orders/?search=%00",
        "/login?next=%FF",
        "/%C0%AE%C0%AE/etc/passwd",
        "/admin/orders/1%0d%0aSet-Cookie:a=b/",
        "/static/../config.py",
        "/static/%2e%2e/config.py",
        "/.git/config",
        "/console",
        "/admin/orders/99999999999999999999/",
        "/admin/orders/9223372036854775808/",
        "/admin/orders/-1/",
        "/admin/orders/1.0/",
        "/admin/orders/01/",
        "/admin/orders/٣/",
        "/admin/orders/products/99999999999999999999/image",
    )
    for path in paths:
        for browser in (client, viewer):
            answer = browser.get(path)
            assert answer.status_code < 500, path
            assert "Set-Cookie: a=b" not in str(answer.headers)
            assert "SECRET_KEY" not in answer.text


def test_a_body_that_makes_no_sense_is_no_failure(viewer: FlaskClient) -> None:
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "\xff")
    for body in (b"\xff\xfe", b"fields=%FF", b"csrf_token=\x00", b"&&&===", b"--x\r\n", b""):
        for kind in kinds:
            for path in ("/admin/orders/search-fields", "/login"):
                answer = viewer.post(path, data=body, content_type=kind)
                assert answer.status_code in (302, 400), (body, kind, path)


def test_a_failure_gives_a_reference_that_the_log_knows(
    viewer: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(services.order_pages, "_page_of_all", failing(RuntimeError(SECRET)))
    answer = viewer.get("/admin/orders/")
    assert_is_page(answer, 500, "Something went wrong on our side", "Nothing was changed by this request.")
    reference = re.search(r"Reference ([0-9a-f]{8})", answer.text)
    assert reference
    assert f"GET /admin/orders/ (reference {reference[1]})" in caplog.text
    assert SECRET in caplog.text
    assert [record.levelno for record in caplog.records if reference[1] in record.message] == [logging.ERROR]
    assert "hunter2" not in f"{answer.headers}{answer.text}"
    assert "Traceback" not in answer.text


def test_a_failure_leaves_no_transaction_behind(
    viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(services.order_pages, "_page_of_all", failing(RuntimeError("broken")))
        viewer.get("/admin/orders/")
    assert viewer.get("/admin/orders/").status_code == 200
    with app.app_context():
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("outage", [outage, no_connection, broken_connection])
@pytest.mark.parametrize(
    "place",
    [(services.order_pages, "_page_of_all"), (admin_views.access, "resume")],
    ids=["in a page", "when the person is looked up"],
)
def test_an_unreachable_database_asks_to_try_again(
    place: tuple[object, str],
    outage: Callable[[], Exception],
    viewer: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(*place, failing(outage()))
    answer = viewer.get("/admin/orders/")
    assert_is_page(answer, 503, "The database cannot be reached", "Nothing was changed. Try again in a moment.")
    assert answer.headers["Retry-After"] == "5"
    assert "hunter2" not in f"{answer.headers}{answer.text}"
    assert "secret_column" not in answer.text
    reference = re.search(r"Reference ([0-9a-f]{8})", answer.text)
    assert reference
    assert reference[1] in caplog.text


def test_an_outage_does_not_sign_anybody_out(viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(admin_views.access, "resume", failing(outage()))
        assert viewer.get("/admin/orders/").status_code == 503
    assert viewer.get("/admin/orders/").status_code == 200


def test_a_database_that_lost_its_tables_is_no_trace(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE staff_session"))
    answer = viewer.get("/admin/orders/")
    assert answer.status_code in (500, 503)
    assert "staff_session" not in answer.text


def test_no_page_names_what_the_product_is_built_with(client: FlaskClient, viewer: FlaskClient) -> None:
    for browser in (client, viewer):
        for path in ("/login", "/no/such", "/admin/orders/", "/healthz", "/readyz", "/admin/orders/export/csv"):
            for method in METHODS:
                answer = browser.open(path, method=method)
                said = f"{answer.headers}{answer.text}".lower()
                for word in ("werkzeug", "gunicorn", "python/", "sqlalchemy", "traceback", "x-powered-by", "server:"):
                    assert word not in said, f"{method} {path}"


@pytest.mark.parametrize(("page", "form"), [("delete", {}), ("edit", {"name": "Other", "version": "1"})])
def test_what_somebody_else_deletes_at_that_moment_leads_back_to_the_list(
    app: Flask, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch, page: str, form: dict[str, str]
) -> None:
    with app.app_context():
        company = make_company("Acme").id
    token = csrf_token(owner, f"/admin/companies/{page}/?id={company}")
    validate = RecordView.validate_form

    def deleted_meanwhile(view: RecordView, form: object) -> object:
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM company"))
        return validate(view, form)

    monkeypatch.setattr(RecordView, "validate_form", deleted_meanwhile)
    answer = owner.post(f"/admin/companies/{page}/?id={company}", data={"csrf_token": token, **form})
    assert (answer.status_code, answer.location) == (302, "/admin/companies/")
    assert "It no longer exists." in owner.get(answer.location).text
