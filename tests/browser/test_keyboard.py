"""What owners keep, worked through with the keyboard alone."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.keys import press, reach, write
from tests.factories import PASSWORD, make_company, make_order, make_staff
from tests.people import GRANTS

NEW_PASSWORD = "four words put together"


@pytest.fixture
def shop(app: Flask) -> None:
    """An owner, two companies and an order of each."""
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
        for name, debtor_id in (("Vermeer Ltd", "D1"), ("Keßler Logistik GmbH", "D2")):
            make_order(company=make_company(name, debtor_id), status="NEW")


def choose(page: Page, label: str, typed: str, option: str) -> None:
    """Go to a field with a list, type a part of a name, and take what is found."""
    write(page.get_by_role("combobox", name=label, exact=True), typed)
    expect(page.get_by_role("option", name=option)).to_contain_class("active")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def sign_in(page: Page, email: str, password: str, to: str) -> None:
    """Sign in without a mouse."""
    page.goto(to)
    write(page.get_by_label("E-mail"), email)
    write(page.get_by_label("Password", exact=True), password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("menu", re.IGNORECASE)).first).to_be_attached()


def test_a_status_is_made_put_in_order_put_into_a_set_and_seen_as_a_tab(page: Page, shop: None) -> None:
    sign_in(page, "owner@seller.example", PASSWORD, "/admin/statuses/")
    press(page.get_by_role("link", name="New status"))
    write(page.get_by_label("Name"), "On hold")
    write(page.get_by_label("Code"), "ON_HOLD")
    choose(page, "Colour", "purp", "Purple")
    choose(page, "Next statuses", "canc", "Cancelled")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("On hold")

    press(page.get_by_role("link", name="Statuses").first)
    names = page.locator("[data-row-id] .col-name")
    expect(names.last).to_have_text("On hold")
    up = page.get_by_role("button", name="Move up: On hold")
    reach(up)
    with page.expect_response("**/reorder/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.ok
    expect(up).to_be_focused()
    page.reload()
    expect(names.nth(-2)).to_have_text("On hold")

    press(page.get_by_role("link", name="Orders", exact=True).first)
    tabs = page.get_by_role("navigation", name="Order status")
    expect(tabs.get_by_role("link", name=re.compile("^On hold"))).to_be_visible()

    press(page.get_by_role("link", name="Status sets"))
    press(page.get_by_role("link", name="Processing", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Processing")
    press(page.get_by_role("link", name="Edit"))
    choose(page, "Statuses", "on h", "On hold")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("row", name=re.compile("^Statuses"))).to_contain_text("On hold")

    press(page.get_by_role("link", name="Orders", exact=True).first)
    expect(tabs.get_by_role("link", name=re.compile("^On hold"))).to_have_count(0)
    reach(tabs.get_by_role("button", name="Statuses in Processing"))
    expect(page.get_by_text("Processing is a set of 3 statuses")).to_be_visible()


def test_a_person_is_added_granted_limited_and_deactivated_while_signed_in_elsewhere(
    page: Page, colleague: Page, shop: None
) -> None:
    sign_in(page, "owner@seller.example", PASSWORD, "/admin/staff/")
    press(page.get_by_role("link", name="New person"))
    write(page.get_by_label("Name"), "Nora New")
    write(page.get_by_label("E-mail"), "nora@seller.example")
    for role in ("Order", "Backoffice"):
        press(page.get_by_role("radio", name=f"{role}: None"), "ArrowRight")
        expect(page.get_by_role("radio", name=f"{role}: Viewer")).to_be_checked()
    press(page.get_by_role("checkbox", name="Limited to certain companies"), "Space")
    choose(page, "Companies", "verm", "Vermeer Ltd")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Nora New")
    press(page.get_by_role("button", name="New password link"))
    link = page.get_by_text(re.compile("/password/")).inner_text().rpartition(": ")[2]

    colleague.goto(link)
    write(colleague.get_by_label("New password"), NEW_PASSWORD)
    write(colleague.get_by_label("Repeat the password"), NEW_PASSWORD)
    colleague.keyboard.press("Enter")
    expect(colleague.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(colleague, "nora@seller.example", NEW_PASSWORD, "/admin/orders/")
    expect(colleague.locator("tbody tr")).to_have_count(1)
    expect(colleague.locator("tbody tr")).to_contain_text("Vermeer Ltd")

    press(page.get_by_role("link", name="Edit"))
    press(page.get_by_role("checkbox", name="Active"), "Space")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("row", name=re.compile("^Active"))).to_contain_text("No")
    press(colleague.locator("tbody tr a").first)
    expect(colleague.get_by_role("button", name="Sign in")).to_be_visible()
    expect(colleague.get_by_text("Your session has ended")).to_be_visible()
