"""The menu and the words around it belong to whoever asks, also where they are made once for many."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from admin_views import kept_parts, menu
from admin_views.sentences import sentence
from models.base import begin_writing, db
from models.staff import Staff
from tests.people import client_of


def entries(client: FlaskClient, path: str = "/admin/orders/") -> set[str]:
    """Give which pages the menu leads to."""
    page = client.get(path).text
    return {word for word in ("/admin/orders/", "/admin/products/", "/admin/staff/") if f'href="{word}"' in page}


def test_each_person_has_the_own_menu(app: Flask) -> None:
    owner, viewer = client_of(app, "owner"), client_of(app, "viewer")
    assert entries(owner) > entries(viewer)
    assert entries(owner) > entries(viewer), "what is kept for one is not shown to the other"


def test_an_address_for_everybody_does_not_empty_the_menu_of_others(app: Flask) -> None:
    menu._menu.cache_clear()
    viewer = client_of(app, "viewer")
    assert viewer.post("/healthz").status_code == 405
    page = viewer.get("/no/such/address")
    assert page.status_code == 404
    assert 'href="/admin/orders/"' in page.text


def test_a_page_that_began_in_another_language_keeps_nothing_in_it(app: Flask) -> None:
    kept_parts._kept.clear()
    with app.app_context():
        client = client_of(app, "viewer")
        begin_writing(db.session)
        db.session.execute(update(Staff).values(language="nl"))
        db.session.commit()
    browser = {"Accept-Language": "en"}
    refused = client.post("/login", data={"csrf_token": "of an older session"}, headers=browser)
    assert refused.status_code == 400
    page = client.get("/admin/orders/", headers=browser).text
    assert "Afmelden" in page
    assert "Sign out" not in page


def test_a_sentence_escapes_its_values(app: Flask) -> None:
    with app.test_request_context():
        assert sentence("%(name)s, menu", name="<b>") == "&lt;b&gt;, menu"
