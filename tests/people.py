"""Being signed in as somebody: by the form, the way a browser does, or from before."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PASSWORD, make_staff, open_session

GRANTS = {
    "owner": ["order:owner", "backoffice:owner", "user:owner", "product:owner", "configuration:owner", "staff:owner"],
    "editor": ["order:editor", "backoffice:viewer", "user:viewer", "product:viewer"],
    "viewer": ["order:viewer", "backoffice:viewer"],
    "stranger": [],
}


def csrf_token(client: FlaskClient, path: str = "/login") -> str:
    """Give the token that the forms of a page carry."""
    return token_in(client.get(path).text)


def token_in(html: str) -> str:
    """Find the token of a page's forms."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found, "the page has no form"
    return found[1]


def signed_in(app: Flask, email: str) -> FlaskClient:
    """Give a client in which the person with this address has signed in."""
    client = app.test_client()
    answer = client.post("/login", data={"email": email, "password": PASSWORD, "csrf_token": csrf_token(client)})
    assert answer.status_code == 302, answer.text
    return client


def client_of(app: Flask, name: str) -> FlaskClient:
    """Make the person of this name in GRANTS, and a client in which he or she has signed in before."""
    with app.app_context():
        token = open_session(make_staff(name, GRANTS[name]))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client
