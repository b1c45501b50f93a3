"""What is drawn once for all depends on one value and the language, and on nothing of the request."""

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from jinja2.meta import find_undeclared_variables

from admin_views.kept_parts import kept_part
from admin_views.orders.filters import Reading
from admin_views.orders.page import PageLink, Pager
from services.status_counts import CountedStatus, StatusCounts

KEPT = sorted((Path(__file__).parents[2] / "templates" / "admin" / "kept").glob("*.html"))
ALIKE_FOR_ALL = {"_", "ngettext", "icon", "url_for", "kept_part"}
OF_THE_ORDERS = {"counted", "extent", "total"}
"""What parts of the list's frame may be told beside the frame."""
STATUS = CountedStatus(3, "NEW", "New", "blue", 30, None, None, None, 0)
MENU = (("Sales <b>", ()),)
PAGER = Pager("1–10 of 12", (PageLink(1, "/?page=1&a=<", is_current=True),), "", "", ())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_part_sees_its_values_and_nothing_of_the_request(app: Flask, path: Path) -> None:
    assert "csrf" not in path.read_text(encoding="utf-8"), "macros know of tokens, too"
    names = find_undeclared_variables(app.jinja_env.parse(path.read_text(encoding="utf-8"))) - ALIKE_FOR_ALL
    given = {"person_menu": {"name", "email", "initials"}}.get(path.stem)
    if "frame" in names:
        assert names <= {"frame", *OF_THE_ORDERS}
    else:
        assert names == given if given else len(names) == 1
    assert not names & {*app.jinja_env.globals, "current_user", "get_url", "page", "config", "csrf_input"}


def test_a_part_is_drawn_again_for_another_value_and_another_language(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        drawn = kept_part("pager", pager=PAGER)
        assert kept_part("pager", pager=PAGER) is drawn
        assert "1–10 of 12" in drawn
        assert kept_part("pager", pager=Pager("2", (), "", "", ())) != drawn
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        g.language = "nl"
        assert kept_part("pager", pager=PAGER) != drawn


def test_the_drawer_is_kept_by_all_that_filters_are_read_against() -> None:
    assert {each.name for each in fields(Reading)} == {"zone", "today", "currency", "counted", "names", "offered"}
    reading = Reading(ZoneInfo("UTC"), date(2026, 3, 1), "EUR", StatusCounts([STATUS]), {"user_id": {1: "Ann"}}, {})
    others = (
        replace(reading, zone=ZoneInfo("Asia/Tokyo")),
        replace(reading, today=date(2026, 3, 2)),
        replace(reading, currency="USD"),
        replace(reading, counted=StatusCounts([STATUS._replace(name="Newer")])),
        replace(reading, names={"user_id": {1: "Bob"}}),
        replace(reading, offered={"source": ("shop",)}),
    )
    assert len({reading.shown, *(other.shown for other in others)}) == 1 + len(others)
    counted = StatusCounts([STATUS._replace(orders=9)])
    assert replace(reading, counted=counted).shown == reading.shown, "numbers of orders are not in the drawer"


def test_a_part_escapes_what_it_shows(app: Flask) -> None:
    with app.test_request_context():
        assert "Sales &lt;b&gt;" in kept_part("menu", menu=MENU)
        assert "a=&lt;" in kept_part("pager", pager=PAGER)
