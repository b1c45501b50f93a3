"""Signing in and out through the browser's eyes."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app import create_app
from config import Settings
from models.base import db
from models.staff import SignInFailure, Staff, StaffGrant, StaffSession
from tests.factories import PASSWORD, change_password, make_order, make_staff
from tests.matrix import ADDRESSES, CLOSED, furnish, masked, snapshot
from tests.people import GRANTS, csrf_token, signed_in

EMAIL = "viewer@seller.example"
HTTPS = "https://orders.example"
POSTS = [name for name, address in ADDRESSES.items() if "POST" in address.methods]
OPEN_POSTS = ["auth.login", "auth.logout", "orders.remember_search_fields", "orders.save_columns"]


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    """A viewer of orders whose e-mail address the tests know."""
    with app.app_context():
        make_staff("viewer", ["order:viewer", "backoffice:viewer"])
    return signed_in(app, EMAIL)


@pytest.fixture
def deployed(settings: Settings) -> Iterator[Flask]:
    """The product behind HTTPS under a known name."""
    app = create_app(replace(settings, trusted_hosts=("orders.example",)))
    yield app
    with app.app_context():
        db.engine.dispose()


def attempt(client: FlaskClient, *, email: str = EMAIL, password: str = PASSWORD, **more: str) -> TestResponse:
    """Fill in the form and send it."""
    form = {"email": email, "password": password, "csrf_token": csrf_token(client), **more}
    return client.post("/login", data=form)


def copy_of(client: FlaskClient) -> FlaskClient:
    """Give another browser with the same cookie."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    copy = client.application.test_client()
    copy.set_cookie("session", cookie.value)
    return copy


def is_inside(client: FlaskClient) -> bool:
    """Say whether the browser is signed in."""
    return "/login" not in client.get("/admin/").headers.get("Location", "")


# ---- signing in ----


def test_the_right_answer_leads_to_the_start_page(app: Flask, reader: FlaskClient) -> None:
    answer = attempt(app.test_client())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_a_page_that_asked_to_sign_in_is_where_signing_in_leads(app: Flask, reader: FlaskClient) -> None:
    client = app.test_client()
    asked = client.get("/admin/orders/?search=a+b&tab=NEW")
    target = client.get(asked.headers["Location"])
    assert 'name="next" value="/admin/orders/?search=a+b&amp;tab=NEW"' in target.text
    answer = attempt(client, next="/admin/orders/?search=a+b&tab=NEW")
    assert answer.headers["Location"] == "/admin/orders/?search=a+b&tab=NEW"


def test_a_wrong_password_is_answered_with_a_sentence_and_what_was_typed(app: Flask, reader: FlaskClient) -> None:
    answer = attempt(app.test_client(), password="not the right password")
    assert answer.status_code == 200
    assert "The e-mail address or the password is not right." in answer.text
    assert EMAIL in answer.text
    assert "not the right password" not in answer.text


def test_unknown_deactivated_and_wrong_get_the_same_answer(app: Flask, reader: FlaskClient) -> None:
    with app.app_context():
        make_staff("former", ["order:viewer"]).is_active = False
        db.session.commit()
    client = app.test_client()
    answers = [
        masked(attempt(client, email=email, password="not the right password"), email)
        for email in (EMAIL, "former@seller.example", "nobody@seller.example")
    ]
    assert answers[0] == answers[1] == answers[2]


def test_odd_input_is_answered_with_the_form_and_a_sentence(client: FlaskClient) -> None:
    emails = ["nul\0@seller.example", "x@" + "y" * 250, "🙂@seller.example", "' OR 1=1 --"]
    for email, password in zip(emails, ["nul\0in a password", "x" * 1_000_000, "пароль" * 10, "\n"], strict=True):
        answer = attempt(client, email=email, password=password)
        assert answer.status_code == 200, email
        assert 'role="alert"' in answer.text or "is-invalid" in answer.text, email


def test_a_long_password_is_read_to_its_end(app: Flask, reader: FlaskClient) -> None:
    password = "x" * 1_023
    with app.app_context():
        change_password(EMAIL, password + "1", now=datetime.now(UTC))
    assert attempt(app.test_client(), password=password + "2").status_code == 200
    assert attempt(app.test_client(), password=password + "1").status_code == 302


def test_an_empty_form_is_refused_by_the_field(client: FlaskClient) -> None:
    answer = attempt(client, email="", password="")
    assert "Give your e-mail address." in answer.text
    assert "Give your password." in answer.text


def test_the_eleventh_try_is_answered_with_429_and_when_to_come_back(app: Flask, reader: FlaskClient) -> None:
    client = app.test_client()
    for _try in range(10):
        assert attempt(client, password="not the right password").status_code == 200
    answer = attempt(client)
    assert answer.status_code == 429
    assert "Too many attempts. Signing in pauses for 15 minutes." in answer.text
    assert 14 * 60 < int(answer.headers["Retry-After"]) <= 15 * 60


def test_tries_are_counted_by_the_address_that_the_proxy_names(deployed: Flask) -> None:
    client = deployed.test_client()
    token = csrf_token_over_https(client)
    headers = {"Referer": f"{HTTPS}/login", "X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    form = {"email": EMAIL, "password": "not the right password", "csrf_token": token}
    client.post("/login", data=form, headers=headers, base_url=HTTPS)
    with deployed.app_context():
        assert db.session.scalars(select(SignInFailure.remote_address)).all() == ["198.51.100.7"]


def csrf_token_over_https(client: FlaskClient) -> str:
    """Give the token of the form, asked for under the product's name."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login", base_url=HTTPS).text)
    assert found
    return found[1]


HOSTILE_TARGETS = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/admin/",
    "http://localhost@evil.example/",
    "//localhost@evil.example/admin/",
    "/\t/evil.example",
    "/admin/\n",
    "/admin/\r\nSet-Cookie: a=b",
    "\t//evil.example",
    " /admin/orders/",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[",
    "http://[",
    "/admin/orders/?search=" + "x" * 8_000,
    "/no/such/page",
    "/admin/orders/x/",
    "/logout",
    "/admin/orders/search-fields",
    "admin/orders/",
    "/%0d%0aLocation:x",
    "/admin\u2028/",
    "",
]


def test_a_target_that_is_no_page_of_ours_leads_to_the_start_page(app: Flask, reader: FlaskClient) -> None:
    for target in HOSTILE_TARGETS:
        answer = attempt(app.test_client(), next=target)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/"), target
        known = reader.get("/login", query_string={"next": target})
        assert (known.status_code, known.headers["Location"]) == (302, "/admin/"), target


# ---- sessions ----


def test_a_cookie_copied_before_signing_out_is_dead_after_it(reader: FlaskClient) -> None:
    copy = copy_of(reader)
    assert is_inside(copy)
    answer = reader.post("/logout", data={"csrf_token": csrf_token(reader, "/admin/orders/")})
    assert answer.headers["Location"] == "/login"
    assert (is_inside(reader), is_inside(copy)) == (False, False)


def test_signing_out_says_so(reader: FlaskClient) -> None:
    form = {"csrf_token": csrf_token(reader, "/admin/orders/")}
    assert "You are signed out." in reader.post("/logout", data=form, follow_redirects=True).text


def test_an_ended_session_is_told_on_the_form_and_a_stranger_is_told_nothing(app: Flask, reader: FlaskClient) -> None:
    sentence = "Your session has ended. Sign in again."
    assert sentence not in app.test_client().get("/admin/orders/", follow_redirects=True).text
    form = {"csrf_token": csrf_token(reader, "/admin/orders/")}
    copy_of(reader).post("/logout", data=form)
    assert sentence in reader.get("/admin/orders/", follow_redirects=True).text
    assert sentence not in attempt(reader, password="not the right password").text
    attempt(reader)
    assert is_inside(reader)


def test_signing_out_of_a_session_that_has_ended_is_done_already(reader: FlaskClient) -> None:
    form = {"csrf_token": csrf_token(reader, "/admin/orders/")}
    copy_of(reader).post("/logout", data=form)
    answer = reader.post("/logout", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert "You are signed out." in answer.text
    assert "Your session has ended" not in answer.text
    assert reader.post("/logout", data=form).status_code == 401


def test_a_cookie_set_before_signing_in_is_worth_nothing_after_it(app: Flask, reader: FlaskClient) -> None:
    client = app.test_client()
    before = csrf_token(client)
    planted = copy_of(client)
    attempt(client)
    assert (is_inside(client), is_inside(planted)) == (True, False)
    assert csrf_token(client, "/admin/orders/") != before
    refused = client.post("/admin/orders/search-fields", data={"fields": "company", "csrf_token": before})
    assert refused.status_code == 400


def test_signing_in_again_opens_a_new_session(app: Flask, reader: FlaskClient) -> None:
    attempt(app.test_client())
    with app.app_context():
        hashes = db.session.scalars(select(StaffSession.token_hash)).all()
    assert len(set(hashes)) == 2


def test_a_cookie_signed_by_nobody_is_worth_nothing(app: Flask, reader: FlaskClient) -> None:
    cookie = reader.get_cookie("session")
    assert cookie is not None
    content, stamp, signature = cookie.value.rsplit(".", 2)
    for forged in (content, f"{content}.{stamp}", f"{content}.{stamp}.{signature[::-1]}", f"e30.{stamp}.{signature}"):
        client = app.test_client()
        client.set_cookie("session", forged)
        assert not is_inside(client)


@pytest.mark.parametrize("change", ["password", "deactivated", "deleted session"])
def test_every_browser_is_out_on_its_next_request_after(change: str, app: Flask, reader: FlaskClient) -> None:
    browsers = [reader, copy_of(reader), signed_in(app, EMAIL)]
    with app.app_context():
        if change == "password":
            change_password(EMAIL, "another fine password", now=datetime.now(UTC))
        elif change == "deactivated":
            db.session.execute(update(Staff).values(is_active=False))
        else:
            db.session.execute(db.delete(StaffSession))
        db.session.commit()
    assert not any(is_inside(browser) for browser in browsers)


def test_a_grant_taken_away_is_gone_on_the_next_request(app: Flask, reader: FlaskClient) -> None:
    with app.app_context():
        number = make_order(remarks="Only for readers")
        db.session.execute(db.delete(StaffGrant).where(StaffGrant.role == "backoffice"))
        db.session.commit()
    answer = reader.get(f"/admin/orders/{number}/")
    assert answer.status_code == 403
    assert "Only for readers" not in answer.text


def test_a_session_ends_after_eight_idle_hours(reader: FlaskClient) -> None:
    start = datetime.now(UTC)
    with time_machine.travel(start + timedelta(hours=7)):
        assert is_inside(reader)
    with time_machine.travel(start + timedelta(hours=15, minutes=1)):
        assert not is_inside(reader)


def test_a_session_ends_after_twelve_hours_of_use(reader: FlaskClient) -> None:
    start = datetime.now(UTC)
    for hours in (4, 8, 11):
        with time_machine.travel(start + timedelta(hours=hours)):
            assert is_inside(reader)
    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        assert not is_inside(reader)


def test_the_idle_time_is_that_of_the_settings(settings: Settings) -> None:
    app = create_app(replace(settings, session_idle_hours=1))
    with app.app_context():
        make_staff("viewer", [])
    client, start = signed_in(app, EMAIL), datetime.now(UTC)
    with time_machine.travel(start + timedelta(minutes=61)):
        assert not is_inside(client)
    with app.app_context():
        db.engine.dispose()


# ---- the token of a form ----


def forged(app: Flask, reader: FlaskClient) -> Mapping[str, Mapping[str, str]]:
    """Every wrong way to bring a token along."""
    strangers = csrf_token(app.test_client())
    own = csrf_token(reader, "/admin/orders/")
    return {
        "none": {},
        "empty": {"csrf_token": ""},
        "nonsense": {"csrf_token": "nonsense"},
        "another session's": {"csrf_token": strangers},
        "tampered with": {"csrf_token": own[:-2] + ("aa" if own[-2:] != "aa" else "bb")},
        "under another name": {"token": own},
    }


@pytest.mark.parametrize("endpoint", OPEN_POSTS)
def test_a_form_without_its_token_changes_nothing_and_says_why(app: Flask, reader: FlaskClient, endpoint: str) -> None:
    address, before = ADDRESSES[endpoint], snapshot(app)
    for how, form in forged(app, reader).items():
        answer = reader.post(address.path, data={**dict(address.form), **form})
        assert answer.status_code == 400, how
        assert "Nothing was changed. Go back, reload the page and send it again." in answer.text, how
    in_the_address = reader.post(
        address.path,
        query_string={"csrf_token": csrf_token(reader, "/admin/orders/")},
        data=dict(address.form),
    )
    assert in_the_address.status_code == 400
    assert snapshot(app) == before
    assert is_inside(reader)


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
def test_a_token_in_another_kind_of_body_does_not_count(app: Flask, reader: FlaskClient, kind: str) -> None:
    token, before = csrf_token(reader, "/admin/orders/"), snapshot(app)
    answer = reader.post("/admin/orders/search-fields", data=f"fields=company&csrf_token={token}", content_type=kind)
    assert answer.status_code == 400
    assert snapshot(app) == before


def test_nothing_is_changed_by_a_post_without_a_token_at_any_address(app: Flask) -> None:
    house = furnish(app)
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
    client, before = signed_in(app, "owner@seller.example"), snapshot(app)
    for endpoint in POSTS:
        address = ADDRESSES[endpoint]
        form = {name: house.path(value) for name, value in address.form}
        answer = client.post(house.path(address.path), data=form)
        assert answer.status_code == (404 if address.needs == CLOSED else 400), endpoint
        assert snapshot(app) == before, endpoint


def test_a_token_lives_as_long_as_its_session(reader: FlaskClient) -> None:
    token = csrf_token(reader, "/admin/orders/")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=7)):
        answer = reader.post("/admin/orders/search-fields", data={"fields": "company", "csrf_token": token})
    assert answer.status_code == 204


def test_behind_https_a_form_from_another_site_is_refused(deployed: Flask) -> None:
    client = deployed.test_client()
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": csrf_token_over_https(client)}
    for referrer in ({}, {"Referer": "https://evil.example/"}, {"Referer": "http://orders.example/"}):
        assert client.post("/login", data=form, headers=referrer, base_url=HTTPS).status_code == 400
    with deployed.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_behind_a_proxy_on_a_port_of_its_own_people_sign_in(deployed: Flask, reader: FlaskClient) -> None:
    client, address = deployed.test_client(), f"{HTTPS}:8443"
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": csrf_token_over_https(client)}
    answer = client.post("/login", data=form, headers={"Referer": f"{address}/login"}, base_url=address)
    assert answer.status_code == 302


def test_a_proxy_that_drops_the_port_is_told_apart_from_a_page_that_was_open_for_long(
    deployed: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = deployed.test_client()
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": csrf_token_over_https(client)}
    answer = client.post("/login", data=form, headers={"Referer": f"{HTTPS}:8443/login"}, base_url=HTTPS)
    assert (answer.status_code, "This form came from another address" in answer.text) == (400, True)
    assert "came from a page at 'orders.example:8443' and reached the server as 'orders.example'." in caplog.text
    answer = client.post("/login", data={"csrf_token": "old"}, headers={"Referer": f"{HTTPS}/login"}, base_url=HTTPS)
    assert "This page was open for too long" in answer.text


# ---- hosts and cookies ----


def test_another_host_is_refused_without_a_link(app: Flask, reader: FlaskClient) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "a b", ""):
        for path in ("/login", "/admin/orders/", "/no/such", "/healthz"):
            for client in (app.test_client(), reader):
                answer = client.get(path, headers={"Host": host})
                assert answer.status_code == 400, (host, path)
                assert "evil" not in f"{answer.headers}{answer.text}"
                assert "Location" not in answer.headers


def test_a_host_in_another_header_is_not_believed(deployed: Flask, app: Flask) -> None:
    headers = dict.fromkeys(["X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL"], "evil.example")
    for product, base in ((app, "http://localhost"), (deployed, HTTPS)):
        asked = {**headers, "Forwarded": "host=evil.example"}
        answer = product.test_client().get("/admin/orders/", headers=asked, base_url=base)
        assert answer.headers["Location"] == "/login?next=/admin/orders/"
        assert "evil" not in f"{answer.headers}{answer.text}"


def test_a_deployed_product_answers_to_its_own_name(deployed: Flask) -> None:
    client = deployed.test_client()
    assert client.get("/login", base_url=HTTPS).status_code == 200
    assert client.get("/login", base_url="https://www.orders.example").status_code == 400


def test_the_cookie_is_for_the_server_and_for_requests_from_here_only(client: FlaskClient) -> None:
    cookie = client.get("/login").headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_cookie_of_a_deployed_product_is_bound_to_its_host(deployed: Flask) -> None:
    cookie = deployed.test_client().get("/login", base_url=HTTPS).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert set(cookie.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def device_cookie(answer: TestResponse) -> str:
    """Give the cookie by which the browser will be known."""
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if "device-" in line]
    return cookie


def test_signing_in_sets_two_small_cookies(app: Flask, reader: FlaskClient) -> None:
    cookies = attempt(app.test_client()).headers.getlist("Set-Cookie")
    assert sorted(re.split("[-=]", cookie)[0] for cookie in cookies) == ["device", "session"]
    assert sum(map(len, cookies)) < 1_000


def test_the_cookie_of_a_known_browser_is_for_the_server_and_for_our_own_pages_only(
    app: Flask, reader: FlaskClient, deployed: Flask
) -> None:
    parts = device_cookie(attempt(app.test_client())).split("; ")
    assert {part for part in parts[1:] if not part.startswith("Expires")} == {
        "HttpOnly",
        "Path=/",
        "SameSite=Strict",
        "Max-Age=31536000",
    }
    client = deployed.test_client()
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": csrf_token_over_https(client)}
    cookie = device_cookie(client.post("/login", data=form, headers={"Referer": HTTPS}, base_url=HTTPS))
    assert cookie.startswith("__Host-device-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))


def test_a_wrong_password_makes_no_browser_known(app: Flask, reader: FlaskClient) -> None:
    answer = attempt(app.test_client(), password="not the right password")
    assert not any("device-" in line for line in answer.headers.getlist("Set-Cookie"))


def test_a_browser_that_signed_in_before_is_not_locked_out_by_strangers(app: Flask, reader: FlaskClient) -> None:
    usual, stranger = app.test_client(), app.test_client()
    attempt(usual)
    usual.delete_cookie("session")
    statuses = [attempt(stranger, password="not the right password").status_code for _try in range(11)]
    assert statuses == [*[200] * 10, 429]
    assert attempt(stranger).status_code == 429
    assert attempt(usual).status_code == 302


def test_a_known_browser_keeps_its_name_and_its_own_count(app: Flask, reader: FlaskClient) -> None:
    client = app.test_client()
    names = set()
    for _time in range(2):
        names.add(device_cookie(attempt(client)).partition("=")[2].partition(".")[0])
        client.delete_cookie("session")
    assert len(names) == 1
    statuses = [attempt(client, password="not the right password").status_code for _try in range(11)]
    assert statuses == [*[200] * 10, 429]
    assert attempt(app.test_client()).status_code == 302


def test_colleagues_who_share_a_browser_are_both_known(app: Flask, reader: FlaskClient) -> None:
    with app.app_context():
        make_staff("editor", [])
    shared = app.test_client()
    for email in (EMAIL, "editor@seller.example"):
        attempt(shared, email=email)
        shared.delete_cookie("session")
    with app.app_context():
        for name in ("viewer", "editor"):
            hashed = hashlib.sha256(f"{name}@seller.example".encode()).hexdigest()
            now = datetime.now(UTC)
            db.session.add_all(
                SignInFailure(email_hash=hashed, remote_address="192.0.2.1", at=now) for _try in range(50)
            )
        db.session.commit()
    assert attempt(app.test_client()).status_code == 429
    for email in (EMAIL, "editor@seller.example"):
        assert attempt(shared, email=email).status_code == 302
        shared.delete_cookie("session")


def test_a_browser_is_not_known_by_a_cookie_forged_or_a_years_old_or_somebody_elses(
    app: Flask, reader: FlaskClient
) -> None:
    with app.app_context():
        make_staff("editor", [])
    names, values = [], []
    for email in (EMAIL, "editor@seller.example"):
        name, _equals, value = device_cookie(attempt(app.test_client(), email=email)).partition("=")
        names.append(name)
        values.append(value.partition(";")[0])
    stranger = app.test_client()
    for _try in range(10):
        attempt(stranger, password="not the right password")
    forged = ("", "x", "x.y.z", "\xff", values[0][:-2], values[0].partition(".")[0], values[1])
    for value in forged:
        client = app.test_client()
        client.set_cookie(names[0], value)
        assert attempt(client).status_code == 429, value
    client = app.test_client()
    client.set_cookie(names[0], values[0])
    assert attempt(client).status_code == 302
    with time_machine.travel(datetime.now(UTC) + timedelta(days=366)):
        for _try in range(10):
            attempt(stranger, password="not the right password")
        client = app.test_client()
        client.set_cookie(names[0], values[0])
        assert attempt(client).status_code == 429


def test_looking_at_pages_sets_no_cookie(reader: FlaskClient) -> None:
    reader.get("/admin/orders/")
    for path in ("/admin/orders/", "/admin/", "/admin/orders/export/csv", "/admin/orders/1/", "/healthz", "/no/such"):
        assert "Set-Cookie" not in reader.get(path).headers, path
