"""Notes of histories: those of programs are in the person's language, those of people stay as they are."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views.notes import note_writer
from models.base import db
from permissions import SYSTEM, Action
from services.refusals import REFUSED
from services.status_change import StatusWanted, change_status
from services.unit_of_work import Edit
from tests.admin_views.reading import Page
from tests.factories import NOON, make_order

GERMAN = {"Accept-Language": "de"}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("on the command line", "auf der Befehlszeile"),
        ("by a link", "über einen Link"),
        (REFUSED, "abgelehnt"),
        (f"{REFUSED}: by phone (batch 12)", "abgelehnt: by phone (Stapel 12)"),
        ("to delete ON_HOLD", "um ON_HOLD zu löschen"),
        ("batch 7", "Stapel 7"),
        ("100% by phone (undone: batch 7)", "100% by phone (zurückgenommen: Stapel 7)"),
        ("refused by phone", "refused by phone"),
        ("", ""),
    ],
)
def test_a_note_of_a_program_is_said_in_the_persons_language(app: Flask, stored: str, shown: str) -> None:
    with app.test_request_context(headers=GERMAN):
        write = note_writer()
    assert write(stored) == shown
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert note_writer()(stored) == stored


@pytest.mark.parametrize("page", ["history/", "?tab=statuses", ""])
def test_the_pages_of_an_order_tell_them_so(app: Flask, owner: FlaskClient, page: str) -> None:
    with app.app_context():
        number = make_order()
        db.session.info["actor"] = SYSTEM
        edit = Edit(SYSTEM, Action.ORDERS_EDIT, NOON, "batch 7")
        change_status(number, StatusWanted("CONFIRMED", ""), seen=1, edit=edit)
    shown = Page(owner.get(f"/admin/orders/{number}/{page}", headers=GERMAN).text).text
    assert "Stapel 7" in shown
    assert "batch 7" not in shown
