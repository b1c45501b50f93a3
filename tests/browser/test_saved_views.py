"""Saved views in a real browser: kept, opened, changed, shared, opened first, with and without scripts."""

import re
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.entrance import sign_in
from tests.browser.keys import press, write
from tests.factories import make_order, make_staff
from tests.people import GRANTS

ROWS = "tbody tr[data-href]"


@pytest.fixture
def shop(app: Flask) -> None:
    """An owner, a viewer, and orders in two statuses."""
    with app.app_context():
        for name in ("owner", "viewer"):
            make_staff(name, GRANTS[name])
        for status in ("NEW", "NEW", "SHIPPED"):
            make_order(status=status, payment_status="OPEN")


def menu(page: Page) -> Locator:
    """Open the menu of views."""
    button = page.locator(".views > button")
    expect(button).to_be_visible()
    page.wait_for_load_state()
    button.click()
    shown = page.locator(".views-menu")
    expect(shown).to_be_visible()
    return shown


def save(page: Page, name: str, *ticked: str) -> None:
    """Keep the list that is shown."""
    menu(page).get_by_role("link", name="Save as a new view").click()
    page.get_by_role("textbox", name="Name").fill(name)
    for label in ticked:
        page.get_by_label(label).check()
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("The view is saved.")).to_be_visible()


def test_a_view_is_saved_opened_changed_and_updated(page: Page, shop: None) -> None:
    sign_in(page, "viewer")
    page.get_by_role("button", name="Filters").click()
    drawer = page.get_by_role("dialog", name="Filters")
    drawer.get_by_role("button", name="30 days").nth(1).click()
    drawer.get_by_label("New", exact=True).check()
    drawer.get_by_role("button", name="Show orders").click()
    save(page, "Fresh")
    address = page.url
    assert re.search(r"/admin/orders/\?view=\d+$", address)

    menu(page).get_by_role("link", name="Close this view").click()
    expect(page.locator(ROWS)).to_have_count(3)
    menu(page).get_by_role("link", name="Fresh").click()
    expect(page).to_have_url(address)
    chips = page.get_by_role("group", name="Active filters")
    expect(chips).to_contain_text("last 30 days")

    page.get_by_role("link", name="Remove filter Date Updated").click()
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.get_by_text("“Fresh” is changed.")).to_be_visible()
    page.get_by_role("link", name="Back to the view").click()
    expect(page).to_have_url(address)
    page.get_by_role("button", name="Filters").click()
    drawer.get_by_label("New", exact=True).uncheck()
    drawer.get_by_role("button", name="30 days").nth(1).click()
    drawer.get_by_role("button", name="Show orders").click()
    expect(page.locator(ROWS)).to_have_count(3)
    expect(chips).to_have_count(0)
    page.get_by_role("columnheader", name="Total, EUR").get_by_role("link").click()
    page.get_by_role("button", name="Update", exact=True).click()
    expect(page.get_by_text("“Fresh” shows this list from now on.")).to_be_visible()
    expect(page).to_have_url(address)
    expect(page.get_by_text("is changed")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Total, EUR")).to_have_attribute("aria-sort", "ascending")


def test_a_shared_view_is_a_colleagues_too_and_opens_first(page: Page, colleague: Page, shop: None) -> None:
    sign_in(page, "owner", "/admin/orders/?status=SHIPPED")
    save(page, "On the way", "Share with everybody")
    sign_in(colleague, "viewer")
    menu(colleague).get_by_role("link", name=re.compile("On the way.*Owner")).click()
    expect(colleague.locator(ROWS)).to_have_count(1)
    opened = menu(colleague)
    for name in ("Rename", "Delete"):
        expect(opened.get_by_role("link", name=name)).to_have_count(0)
    opened.get_by_role("button", name="Make it my default").click()
    expect(colleague.get_by_text("Orders opens with “On the way” now.")).to_be_visible()
    colleague.goto("/admin/orders/")
    expect(colleague.locator(ROWS)).to_have_count(1)
    colleague.get_by_role("link", name=re.compile("^All orders")).click()
    expect(colleague.locator(ROWS)).to_have_count(3)

    menu(page).get_by_role("button", name="Stop sharing").click()
    expect(page.get_by_text("Only Owner sees “On the way” now.")).to_be_visible()
    colleague.reload()
    expect(colleague.get_by_text("it was deleted or is not shared any more")).to_be_visible()
    expect(colleague.locator(ROWS)).to_have_count(0)
    colleague.goto("/admin/orders/")
    expect(colleague.locator(ROWS)).to_have_count(3)
    menu(page).get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete the view").click()
    expect(page.get_by_text("“On the way” is deleted.")).to_be_visible()


def test_a_view_is_saved_and_opened_with_the_keyboard(page: Page, shop: None) -> None:
    sign_in(page, "viewer", "/admin/orders/?status=NEW")
    press(page.locator(".views > button"))
    press(page.get_by_role("link", name="Save as a new view"))
    write(page.get_by_role("textbox", name="Name"), "By keys")
    press(page.get_by_role("button", name="Save view"))
    expect(page.get_by_text("The view is saved.")).to_be_visible()
    page.goto("/admin/orders/")
    page.locator(".views > button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="By keys")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(ROWS)).to_have_count(2)
    page.locator(".views > button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".views-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".views-menu")).to_be_hidden()
    expect(page.locator(".views > button")).to_be_focused()


def test_without_scripts_views_are_saved_opened_renamed_and_deleted(
    chromium: Browser, live_server: str, shop: None
) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "viewer", "/admin/orders/?status=NEW&created_from=-9999d")
        save(page, "Plain")
        expect(page.locator(ROWS)).to_have_count(2)
        page.goto("/admin/orders/")
        menu(page).get_by_role("link", name="Plain").click()
        expect(page.locator(ROWS)).to_have_count(2)
        page.get_by_role("link", name="Remove filter Status").click()
        expect(page.locator(ROWS)).to_have_count(3)
        page.get_by_role("button", name="Update", exact=True).click()
        expect(page.locator(ROWS)).to_have_count(3)
        menu(page).get_by_role("link", name="Rename").click()
        page.get_by_role("textbox", name="Name").fill("Simple")
        page.get_by_role("button", name="Rename").click()
        menu(page).get_by_role("button", name="Make it my default").click()
        menu(page).get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete the view").click()
        expect(page.get_by_text("“Simple” is deleted.")).to_be_visible()


@pytest.mark.parametrize(
    ("engine_name", "width", "scheme"),
    [("sqlite", 1440, "light"), ("postgresql", 1024, "dark"), ("postgresql", 390, "dark")],
)
def test_views_are_accessible_and_fit(page: Page, shop: None, width: int, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "owner")
    save(page, "A rather long name that does not fit beside many tabs", "Share with everybody", "Open it first")
    page.goto(f"{page.url}&sort=total")
    shown = menu(page)
    box = shown.bounding_box()
    assert box
    assert 0 <= box["x"] <= width - box["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    shown.get_by_role("link", name="Save as a new view").click()
    page.get_by_role("textbox", name="Name").fill("a rather long name that does not fit beside many tabs")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("There is a view of this name already.")).to_be_visible()
    assert_accessible(page)
