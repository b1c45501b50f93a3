"""A shipment in a real browser: made with two tracking codes, changed, deleted."""

from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from models.base import db
from models.choices import Carrier
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_order, make_staff
from tests.people import GRANTS

LINES = (
    {"sku": "CU-15", "name": "Copper pipe", "quantity": 40, "price": "2.00"},
    {"sku": "PU-1", "name": "Pump", "quantity": 2, "price": "90.00"},
)


@pytest.fixture
def order(app: Flask) -> str:
    """An editor, a carrier, and the address of the shipments of an order."""
    with app.app_context():
        make_staff("editor", GRANTS["editor"])
        db.session.add(Carrier(name="DHL", tracking_url="https://dhl.example/?c={code}"))
        db.session.commit()
        return f"/admin/orders/{make_order(lines=LINES)}/shipments/"


def is_fine(page: Page) -> None:
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@both_looks
def test_a_shipment_is_made_with_two_codes_changed_and_deleted(
    page: Page, order: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "editor", order)
    expect(page.get_by_role("heading", name="Still to ship")).to_be_visible()
    is_fine(page)
    page.get_by_role("link", name="New shipment").click()
    pipes, pumps = (page.get_by_role("textbox", name=f"Pieces {name}") for name in ("Copper pipe", "Pump"))
    expect(pipes).to_have_value("40")
    page.get_by_role("button", name="Nothing").click()
    expect(pumps).to_have_value("")
    page.get_by_role("button", name="All", exact=True).click()
    expect(pumps).to_have_value("2")
    pipes.fill("41")
    codes, carriers = page.get_by_label("Tracking code"), page.get_by_label("Carrier")
    expect(codes.locator("visible=true")).to_have_count(1)
    codes.first.fill("3S1")
    carriers.first.select_option("DHL")
    page.get_by_role("button", name="Add a code").click()
    expect(codes.locator("visible=true").nth(1)).to_be_focused()
    codes.locator("visible=true").nth(1).fill("3S2")
    page.get_by_role("button", name="Save").click()
    expect(pipes).to_have_accessible_description("Of Copper pipe, 40 of 40 are left.")
    expect(codes.locator("visible=true").nth(1)).to_have_value("3S2")
    is_fine(page)
    page.get_by_role("link", name="Go to what is to be mended").click()
    expect(pipes).to_be_in_viewport()
    pipes.fill("24")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Shipment 1 is created.")).to_be_visible()
    expect(page.get_by_role("link", name="3S1")).to_have_attribute("href", "https://dhl.example/?c=3S1")
    expect(page.get_by_text("16 of 40 left")).to_be_visible()
    is_fine(page)
    page.get_by_role("link", name="Edit shipment 1").click()
    page.get_by_label("Status").select_option("Delivered")
    page.get_by_role("button", name="Remove").locator("visible=true").first.click()
    page.get_by_role("button", name="Save").click()
    card = page.get_by_role("region", name="Shipment 1")
    expect(card.get_by_text("Delivered")).to_be_visible()
    expect(card.get_by_text("3S2")).to_be_visible()
    expect(card.get_by_text("3S1")).to_have_count(0)
    card.get_by_role("link", name="Delete shipment 1").click()
    expect(page.get_by_role("button", name="Delete the shipment")).to_be_visible()
    is_fine(page)
    page.get_by_role("button", name="Delete the shipment").click()
    expect(page.get_by_text("Shipment 1 is deleted.")).to_be_visible()
    expect(page.get_by_text("This order has no shipment yet.")).to_be_visible()
