"""The pictures of which status may follow which, in a real browser."""

from itertools import product
from typing import Literal

from flask import Flask
from playwright.sync_api import Page, expect

from models.base import db
from models.status import OrderStatus
from tests.browser.accessibility import assert_accessible
from tests.browser.entrance import sign_in
from tests.factories import make_staff
from tests.people import GRANTS

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def test_the_pictures_are_accessible_and_scroll_on_their_own(app: Flask, page: Page) -> None:
    with app.app_context():
        make_staff("viewer", GRANTS["viewer"])
        db.session.add(OrderStatus(code="LOST", name="W" * 64))
        db.session.commit()
    sign_in(page, "viewer", "/admin/statuses/")
    for scheme, width in product(SCHEMES, (1440, 1024, 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/admin/statuses/")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        expect(page.get_by_role("img", name="Order: which status may follow which")).to_be_visible()
        expect(page.get_by_text("Unreachable.")).to_be_visible()
        page.get_by_text("In words").click()
        expect(page.get_by_role("row", name="Unfinished New, Cancelled Nothing leads here")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert_accessible(page)
