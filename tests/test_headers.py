"""What every answer tells the browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from models.base import db
from tests.factories import make_order

PATHS = (
    "/login",
    "/admin/",
    "/admin/orders/",
    "/admin/orders/7/",
    "/admin/orders/7/financials/",
    "/admin/orders/export/",
    "/admin/files/",
    "/admin/orders/ajax/lookup/?name=company&query=a",
    "/admin/orders/?page=x",
    "/admin/orders/8/",
    "/admin/orders/new/",
    "/no/such",
    "/healthz",
    "/readyz",
)


@pytest.fixture
def reader(app: Flask, viewer: FlaskClient) -> FlaskClient:
    """A viewer with an order to look at."""
    with app.app_context():
        make_order(id=7)
    return viewer


@pytest.fixture
def deployed(settings: Settings) -> Iterator[FlaskClient]:
    """A browser that asks the product behind HTTPS."""
    app = create_app(replace(settings, trusted_hosts=("orders.example",)))
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


def policy(client: FlaskClient, path: str) -> dict[str, list[str]]:
    """Give the content security policy of an answer, by directive."""
    parts = client.get(path).headers["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for words in map(str.split, parts)}


def test_nothing_runs_but_our_own_files_and_scripts_with_the_nonce(client: FlaskClient, reader: FlaskClient) -> None:
    for browser in (client, reader):
        for path in PATHS:
            found = policy(browser, path)
            assert found["default-src"] == ["'none'"], path
            assert found["base-uri"] == ["'none'"], path
            assert found["frame-ancestors"] == ["'none'"], path
            assert found["form-action"] == ["'self'"], path
            assert found["style-src"] == ["'self'"], path
            assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", " ".join(found["script-src"])), path
            assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & set(chain(*found.values())), path


def test_a_file_runs_nothing(reader: FlaskClient) -> None:
    assert policy(reader, "/admin/orders/export/csv") == {"sandbox": [], "default-src": ["'none'"]}


def test_a_nonce_is_used_once(reader: FlaskClient) -> None:
    assert policy(reader, "/admin/orders/")["script-src"] != policy(reader, "/admin/orders/")["script-src"]


def test_pages_hold_no_script_or_style_that_the_policy_would_stop(client: FlaskClient, reader: FlaskClient) -> None:
    for browser in (client, reader):
        for path in PATHS:
            text = browser.get(path).text
            assert not re.search(r"<[^>]*\s(on[a-z]+|style)=", text), path
            assert not re.search(r"<script(?![^>]*(src|nonce)=)", text), path
            assert "<style" not in text, path
            assert "javascript:" not in text, path


def test_every_answer_says_how_it_may_be_used(client: FlaskClient, reader: FlaskClient) -> None:
    said = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    for browser in (client, reader):
        for path in PATHS:
            headers = browser.get(path).headers
            assert {name: headers.get(name) for name in said} == said, path


def test_refused_requests_carry_the_same_headers(client: FlaskClient, reader: FlaskClient) -> None:
    for browser in (client, reader):
        for answer in (
            browser.post("/login"),
            browser.put("/admin/orders/"),
            browser.get("/login", headers={"Host": "evil.example"}),
            browser.options("/login"),
        ):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_caches_keep_people_apart(client: FlaskClient, reader: FlaskClient) -> None:
    for browser in (client, reader):
        for path in PATHS:
            vary = browser.get(path, headers={"Accept-Encoding": "gzip"}).headers["Vary"]
            assert {"Cookie", "Accept-Encoding"} <= set(vary.split(", ")), path


def test_other_sites_may_not_read_anything(reader: FlaskClient) -> None:
    for path in (*PATHS, "/static/favicon.svg"):
        with reader.get(path, headers={"Origin": "https://evil.example"}) as answer:
            assert "Access-Control-" not in str(answer.headers), path


def test_a_deployed_product_is_only_spoken_to_over_https(deployed: FlaskClient, client: FlaskClient) -> None:
    for path in ("/login", "/admin/orders/", "/no/such", "/healthz"):
        strict = deployed.get(path, base_url="https://orders.example").headers["Strict-Transport-Security"]
        assert int(re.findall(r"max-age=(\d+)", strict)[0]) >= 365 * 24 * 3600
        assert "includeSubDomains" in strict
        assert "Strict-Transport-Security" not in client.get(path).headers


def test_static_files_are_as_guarded_and_may_be_kept_for_a_year(client: FlaskClient, deployed: FlaskClient) -> None:
    with deployed.get("/static/favicon.svg", base_url="https://orders.example") as answer:
        assert "Strict-Transport-Security" in answer.headers
    with client.get("/static/favicon.svg") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in answer.headers
        assert answer.headers["Cache-Control"] == "max-age=31536000, public"


def test_what_is_not_a_file_of_ours_is_not_served(client: FlaskClient) -> None:
    for path in ("/static/", "/static/css/", "/static/no-such.css", "/static/../app.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 302, path
