"""The pictures of which status may follow which, above the list of statuses."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import services.sign_in
from models.base import begin_writing, db
from models.status import OrderStatus
from tests.admin_views.orders.test_statements import asked
from tests.admin_views.reading import Page, followed

LIST = "/admin/statuses/"
HOSTILE = "<script>alert(1)</script> \"quoted\" & 'more'"


@pytest.fixture(autouse=True)
def _no_use_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, no minute passes after which a session's use would be written again."""
    monkeypatch.setattr(services.sign_in, "USE_WRITTEN_EVERY", timedelta(days=1))


def keep_status(app: Flask, code: str, *next_codes: str, **columns: Any) -> None:
    """Make a status, or change the one that is there."""
    with app.app_context():
        begin_writing(db.session)
        statuses = {status.code: status for status in db.session.scalars(db.select(OrderStatus))}
        status = statuses.get(code) or OrderStatus(code=code, name=code.title(), position=75)
        for column, value in columns.items():
            setattr(status, column, value)
        status.next_statuses = [statuses[next_code] for next_code in next_codes]
        db.session.add(status)
        db.session.commit()


def warnings(page: Page) -> list[str]:
    """Give what the page warns of."""
    return [box.text for box in page.find("div", "graph") if box.attributes.get("class") == "callout c-warn"]


def facts(page: Page) -> list[str]:
    """Give the facts below each picture."""
    return [listed.text for listed in page.find("dl", "graph")]


def badges(page: Page, css: str = "st") -> list[str]:
    """Give the texts of the boxes that have this class."""
    return [box.text for box in page.find("span", "foreignobject") if css in box.attributes.get("class", "").split()]


def test_the_default_statuses_are_drawn_without_a_warning(viewer: FlaskClient) -> None:
    page = followed(viewer, LIST)
    assert warnings(page) == []
    assert [title.text for title in page.find("title", "svg")] == [
        "Order: which status may follow which",
        "Quotation: which status may follow which",
        "Request: which status may follow which",
    ]
    assert facts(page) == [
        "DefaultNewNothing leads hereUnfinishedEndArchived",
        "DefaultDraft quoteEndQuote rejected",
        "DefaultRequestEndRejected",
    ]
    assert len(badges(page)) == 16 + 3
    assert badges(page, "st-default") == ["New", "Draft quote", "Request"]
    assert badges(page, "st-elsewhere") == ["Order: Draft order", "Order: New", "Quotation: Draft quote"]


def test_a_circle_that_nothing_leaves_is_warned_of_until_something_follows(app: Flask, owner: FlaskClient) -> None:
    keep_status(app, "PAUSED")
    keep_status(app, "WAITING", "PAUSED")
    keep_status(app, "PAUSED", "WAITING")
    keep_status(app, "SHIPPED", "COMPLETE", "PAUSED")
    page = followed(owner, LIST)
    assert warnings(page) == [
        "No way out. What comes there never reaches an end. Add a next status that leads to an end: Paused, Waiting."
    ]
    assert followed(owner, page.link("Waiting", "callout")).link("Edit")
    keep_status(app, "WAITING", "PAUSED", "CANCELLED")
    assert warnings(followed(owner, LIST)) == []


def test_a_status_that_stands_alone_is_warned_of_until_something_leads_there(app: Flask, owner: FlaskClient) -> None:
    keep_status(app, "LOST")
    assert warnings(followed(owner, LIST)) == [
        "Unreachable. No order can reach it. Add it as a next status of another: Lost."
    ]
    keep_status(app, "PROCESSING", "SHIPPED", "CANCELLED", "LOST")
    page = followed(owner, LIST)
    assert warnings(page) == []
    assert facts(page)[0] == "DefaultNewNothing leads hereUnfinishedEndArchived, Lost"


def test_a_type_without_a_default_is_warned_of(app: Flask, owner: FlaskClient) -> None:
    keep_status(app, "REQUEST", "REJECTED", is_default=False)
    assert warnings(followed(owner, LIST)) == [
        "No default. New orders of this type have no status to begin in. Make one the default: Request, Rejected."
    ]


def test_the_same_stands_there_in_words(viewer: FlaskClient) -> None:
    page = followed(viewer, LIST)
    rows = [row.text for row in page.find("tr", "details")]
    assert rows[0] == "Order typeStatusNext statusesRemarks"
    assert "OrderUnfinishedNew, Cancelled Nothing leads here" in rows
    assert "QuotationQuote acceptedOrder: Draft order, Order: New" in rows
    assert "OrderArchived End" in rows
    assert len(rows) == 1 + 16


def test_what_is_wrong_is_marked_in_the_picture_too(app: Flask, owner: FlaskClient) -> None:
    keep_status(app, "LOST")
    assert 'class="st st-grey" title="Lost"><svg class="icon"' in owner.get(LIST).text


def test_names_are_escaped_and_nothing_needs_more_than_the_policy_allows(app: Flask, owner: FlaskClient) -> None:
    keep_status(app, "HOSTILE", name=HOSTILE, colour=HOSTILE[:16])
    text = owner.get(LIST).text
    assert HOSTILE in badges(Page(text))
    assert "<script>alert" not in text
    assert "style=" not in text


def test_a_part_of_the_list_stands_alone(viewer: FlaskClient) -> None:
    for query in ("?search=new", "?is_public=1", "?page_size=10&page=2", "?sort=nonsense"):
        assert "What may follow what" not in viewer.get(LIST + query).text, query


def test_more_statuses_cost_no_statement(app: Flask, viewer: FlaskClient) -> None:
    before = asked(app, viewer, LIST)
    for place in range(40):
        keep_status(app, f"MORE-{place}", "NEW", "CANCELLED")
    assert asked(app, viewer, LIST) == before
