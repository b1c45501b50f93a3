"""What is drawn once for all depends on one value and the language, and on nothing of the request."""

from pathlib import Path

import pytest
from flask import Flask, g
from jinja2.meta import find_undeclared_variables

from admin_views.kept_parts import kept_part
from admin_views.orders.page import PageLink, Pager

KEPT = sorted((Path(__file__).parents[2] / "templates" / "admin" / "kept").glob("*.html"))
ALIKE_FOR_ALL = {"_", "ngettext", "icon", "url_for"}
MENU = (("Sales <b>", ()),)
PAGER = Pager("1–10 of 12", (PageLink(1, "/?page=1&a=<", is_current=True),), "", "", ())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_part_sees_its_values_and_nothing_of_the_request(app: Flask, path: Path) -> None:
    names = find_undeclared_variables(app.jinja_env.parse(path.read_text(encoding="utf-8"))) - ALIKE_FOR_ALL
    given = {"person_menu": {"name", "email", "initials"}}.get(path.stem)
    assert names == given if given else len(names) == 1
    assert not names & {*app.jinja_env.globals, "current_user", "get_url", "page", "config"}


def test_a_part_is_drawn_again_for_another_value_and_another_language(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        drawn = kept_part("pager", pager=PAGER)
        assert kept_part("pager", pager=PAGER) is drawn
        assert "1–10 of 12" in drawn
        assert kept_part("pager", pager=Pager("2", (), "", "", ())) != drawn
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        g.language = "nl"
        assert kept_part("pager", pager=PAGER) != drawn


def test_a_part_escapes_what_it_shows(app: Flask) -> None:
    with app.test_request_context():
        assert "Sales &lt;b&gt;" in kept_part("menu", menu=MENU)
        assert "a=&lt;" in kept_part("pager", pager=PAGER)
