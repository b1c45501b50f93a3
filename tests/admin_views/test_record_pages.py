"""The theme's pages of records, on a small view of the kind that the product's lists are made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from flask import Flask, flash
from flask.testing import FlaskClient
from flask_admin.actions import action as batch_action
from flask_admin.contrib.sqla.filters import FilterLike

import app as application
from admin_views.access import Access, Declared
from admin_views.base import BackofficeView
from config import Settings
from models.base import db
from models.party import Company, Person
from permissions import Action
from tests.factories import make_company, make_person
from tests.people import client_of, csrf_token

HOSTILE = "<script>alert(1)</script> \"quoted\" & 'more'"


class CompanyView(BackofficeView):
    """A list with everything that the library's configuration can ask of the theme."""

    action = Action.ORDERS_DELETE
    batch_actions: ClassVar = {"hide": Action.ORDERS_DELETE}
    method_actions: ClassVar = {"ajax_update": Access.CLOSED}
    icon = "shopping-cart"

    can_view_details = True
    can_export = True
    can_set_page_size = True
    column_list = ("name", "debtor_id", "is_hidden")
    column_searchable_list = ("name", "debtor_id")
    column_filters = (FilterLike(Company.name, "Name"), "is_hidden")
    column_descriptions: ClassVar = {"debtor_id": "In the bookkeeping"}
    column_default_sort = "name_folded"
    form_columns = ("name", "debtor_id", "tax_number", "is_hidden")
    page_size = 2
    page_size_options = (2, 5)

    @batch_action("hide", "Hide", "Hide the ticked companies?")
    def hide(self, ids: list[int]) -> None:
        """Hide the ticked companies."""
        for company in db.session.scalars(db.select(Company).where(Company.id.in_(ids))):
            company.is_hidden = True
        db.session.commit()
        flash(f"{len(ids)} hidden.", "success")


class InDialogs(CompanyView):
    """The same in dialogs, with records inside the record."""

    create_modal = edit_modal = details_modal = True


class PersonView(BackofficeView):
    """A list of records that choose another record."""

    action = Action.ORDERS_DELETE
    method_actions: ClassVar = {"ajax_update": Access.CLOSED}
    form_columns = ("first_name", "last_name", "company")


@dataclass(frozen=True)
class Pages:
    """A browser of an owner at the three views, with two companies and a person."""

    client: FlaskClient
    first: int
    second: int
    person: int

    def get(self, path: str) -> str:
        """Read a page that must be there and keep to the policy."""
        answer = self.client.get(f"/admin{path}")
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert not re.search(r"<[^>]*\s(on[a-z]+|style)=", answer.text), path
        assert not re.search(r"<script(?![^>]*src=)", answer.text), path
        assert "javascript:" not in answer.text, path
        return answer.text

    def post(self, path: str, **values: Any) -> str:
        """Send a form and read where it leads."""
        token = csrf_token(self.client, "/admin/companies/new/")
        return self.client.post(f"/admin{path}", data={**values, "csrf_token": token}, follow_redirects=True).text


@pytest.fixture
def pages(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pages]:
    """The product with three more views."""
    own_views = application._views

    def views(app: Flask) -> dict[str, Declared]:
        declared = own_views(app)
        for view in (
            CompanyView(Company, db, name="Companies", endpoint="companies", url="/admin/companies"),
            InDialogs(Company, db, name="Dialogs", endpoint="dialogs", url="/admin/dialogs"),
            PersonView(Person, db, name="People", endpoint="people", url="/admin/people"),
        ):
            app.extensions["admin"][0].add_view(view)
            app.extensions["backoffice_views"].append(view)
            declared.update(view.declared())
        return declared

    monkeypatch.setattr(application, "_views", views)
    app = application.create_app(settings)
    with app.app_context():
        first, second = make_company("Acme", "D1"), make_company(HOSTILE, "D2")
        person = make_person("Ann", "Buyer", first).id
        found = first.id, second.id
    yield Pages(client_of(app, "owner"), *found, person)
    with app.app_context():
        db.engine.dispose()


def names(page: str) -> list[str]:
    """Give the names in the rows of a list."""
    return re.findall(r'<td class="col-name c-first">(.*?)</td>', page)


def test_a_list_shows_its_records_escaped(pages: Pages) -> None:
    page = pages.get("/companies/")
    assert len(names(page)) == 2
    assert "Acme" in names(page)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "In the bookkeeping" in page


def test_a_list_is_searched_filtered_sorted_and_paged(pages: Pages) -> None:
    assert names(pages.get("/companies/?search=acme")) == ["Acme"]
    assert names(pages.get("/companies/?flt1_0=Acme")) == ["Acme"]
    assert "Nothing matches" in pages.get("/companies/?search=nobody")
    assert names(pages.get("/companies/?sort=1&desc=1"))[1] == "Acme"
    with pages.client.application.app_context():
        make_company("Third", "D3")
    first = pages.get("/companies/?page_size=2")
    assert len(names(first)) == 2
    assert 'aria-label="Next page"' in first
    assert len(names(pages.get("/companies/?page_size=2&page=1"))) == 1


def test_a_record_is_made_changed_shown_and_deleted(pages: Pages) -> None:
    pages.post("/companies/new/", name="Bolt Ltd", debtor_id="D9")
    assert names(pages.get("/companies/?search=bolt")) == ["Bolt Ltd"]
    assert "A name of one&#39;s own" in pages.post(
        f"/companies/edit/?id={pages.first}", name="A name of one's own", debtor_id="D1"
    )
    assert "A name of one&#39;s own" in pages.get(f"/companies/details/?id={pages.first}")
    assert HOSTILE not in pages.get(f"/companies/edit/?id={pages.second}")
    pages.post("/companies/delete/", id=pages.second)
    assert len(names(pages.get("/companies/?page_size=5"))) == 2


def test_a_wrong_value_is_told_by_its_field_and_what_was_typed_is_kept(pages: Pages) -> None:
    page = pages.post("/companies/new/", name="", debtor_id="D" * 65, tax_number="NL1")
    assert 'id="name-error"' in page
    assert 'id="debtor_id-error"' in page
    assert 'aria-invalid="true"' in page
    assert 'value="NL1"' in page


def test_ticked_records_are_acted_on(pages: Pages) -> None:
    page = pages.get("/companies/")
    assert 'data-confirm="Hide the ticked companies?"' in page
    assert "1 hidden." in pages.post("/companies/action/", action="hide", rowid=pages.first)
    with pages.client.application.app_context():
        assert db.session.get_one(Company, pages.first).is_hidden


def test_dialogs_are_parts_of_pages(pages: Pages) -> None:
    assert 'data-dialog-page="/admin/dialogs/new/' in pages.get("/dialogs/")
    for path in ("new/?", f"edit/?id={pages.first}&", f"details/?id={pages.first}&"):
        part = pages.get(f"/dialogs/{path}modal=True")
        assert "<html" not in part
        assert 'id="fa_modal_label"' in part


def test_another_record_is_chosen_in_a_form(pages: Pages) -> None:
    page = pages.get(f"/people/edit/?id={pages.person}")
    assert re.search(rf'<option selected[^>]*value="{pages.first}"', page)
    page = pages.post(f"/people/edit/?id={pages.person}", first_name="Ann", company=pages.second)
    assert "&lt;script&gt;" in page
