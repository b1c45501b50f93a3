"""Pages of records are configuration: short classes without a template of their own."""

import inspect
from pathlib import Path

import pytest
from flask import Flask

from admin_views.records.listing import RecordList
from admin_views.records.view import RecordView
from admin_views.words import COLUMNS, RECORD_TYPES
from models.base import Base
from models.kept import KeptRow
from services.record_facts import described
from tests.servers import ROOT

LONGEST = 60
TEMPLATES = ("list_template", "create_template", "edit_template", "details_template", "delete_template")
ALLOWED = {"admin/model/list.html", "admin/model/create.html", "admin/model/edit.html", "admin/model/details.html",
           "admin/model/delete.html"}  # fmt: skip
OWN = {("StatusView", "list_template"), ("JobView", "list_template"), ("BinView", "list_template")}
"""The graph of the statuses is a picture on their list; jobs have buttons, and go on while one looks; the bin
restores all; the table of grants is the widget of a field."""
MODULES = ("statuses", "parties", "catalogue", "incentives", "settings", "staff")


@pytest.fixture
def engine_name() -> str:
    """One database: no row is read."""
    return "sqlite"


def pages(app: Flask) -> list[RecordList]:
    """Give every page of records."""
    return [view for view in app.extensions["backoffice_views"] if isinstance(view, RecordList)]


def test_there_is_a_page_for_all_that_owners_keep(app: Flask) -> None:
    assert {view.endpoint for view in pages(app)} == {
        *("batches", "bin"),
        *("companies", "contacts", "customers", "addresses", "customer-groups", "wish-lists"),
        *("products", "price-lists", "prices", "incentives", "tax-codes"),
        *("statuses", "status-sets", "carriers", "payment-methods", "sources", "workflows", "firm", "mail-templates"),
        *("staff", "audit-log", "account"),
        *("jobs", "files"),
    }


def test_no_page_is_longer_than_sixty_lines_with_what_it_shares_with_its_group(app: Flask) -> None:
    lengths = {}
    for view in pages(app):
        own = [cls for cls in type(view).__mro__ if cls.__module__.rpartition(".")[2] in MODULES]
        lengths[type(view).__name__] = sum(len(inspect.getsource(cls).splitlines()) for cls in own)
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_a_module_of_pages_holds_nothing_but_pages() -> None:
    for module in MODULES:
        text = (Path(ROOT) / "admin_views" / f"{module}.py").read_text(encoding="utf-8")
        assert "\ndef " not in text, f"{module}.py has a function beside its pages"


def test_no_page_has_a_template_of_its_own(app: Flask) -> None:
    own = {
        (type(view).__name__, name)
        for view in pages(app)
        for name in TEMPLATES
        if getattr(view, name, "admin/model/list.html") not in ALLOWED
    }
    assert own <= OWN


def test_every_page_that_changes_something_has_version_and_history(app: Flask) -> None:
    for view in pages(app):
        if isinstance(view, RecordView):
            assert view.model.__mapper__.version_id_col is not None, view.endpoint
            assert "version" in view.get_edit_form()(), view.endpoint


def test_every_field_that_the_history_names_has_a_word() -> None:
    kept = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, KeptRow)]
    assert {f"{model.__name__}.{name}" for model in kept for name in described(model()) if name not in COLUMNS} == set()


def test_every_kind_of_record_has_a_name_in_the_log() -> None:
    kept = [mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, KeptRow)]
    assert {table.description for table in kept} <= RECORD_TYPES.keys()
