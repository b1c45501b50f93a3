"""The table editor by mouse and by keyboard, in a real browser."""

import csv
import re
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_company, make_order, make_staff
from tests.people import GRANTS

START = ["Company", "Order status", "Payment status", "Debtor Id", "Source"]


@pytest.fixture
def shop(app: Flask) -> None:
    """A viewer and three orders."""
    with app.app_context():
        make_staff("viewer", GRANTS["viewer"])
        for name in ("Vermeer Ltd", "Keßler Logistik GmbH", "Millet SA"):
            make_order(company=make_company(name), email="buyer@example.com")


def opened(page: Page) -> Locator:
    """Open the table editor, once its scripts are there."""
    button = page.get_by_role("button", name="Table editor")
    expect(button).to_be_visible()
    page.wait_for_load_state()
    button.click()
    drawer = page.get_by_role("dialog", name="Table editor")
    expect(drawer).to_be_visible()
    page.evaluate("Promise.allSettled(document.getAnimations().map(moving => moving.finished)).then(() => true)")
    return drawer


def names(drawer: Locator) -> Locator:
    """Give the columns that can be moved, in the order of the drawer."""
    return drawer.locator("[data-column] label")


def headings(page: Page) -> Locator:
    """Give the headings of the list."""
    return page.locator("thead th span:not(.visually-hidden)")


def reloaded(drawer: Locator) -> None:
    """See the whole list again, without the drawer."""
    expect(drawer).to_be_hidden()
    expect(headings(drawer.page).first).to_be_attached()
    drawer.page.wait_for_load_state()


def save(drawer: Locator) -> None:
    """Save and see the list again."""
    drawer.get_by_role("button", name="Save columns").click()
    reloaded(drawer)


def test_columns_are_hidden_and_dragged_with_the_mouse_and_stay_so(
    page: Page, shop: None, chromium: Browser, live_server: str
) -> None:
    sign_in(page, "viewer")
    drawer = opened(page)
    expect(drawer.get_by_text("15 of 30 shown")).to_be_visible()
    drawer.get_by_label("Company", exact=True).uncheck()
    drawer.get_by_role("checkbox", name="E-mail").check()
    for name in ("Payment status", "Source", "Updated By"):
        drawer.get_by_label(name, exact=True).uncheck()
    expect(drawer.get_by_text("12 of 30 shown")).to_be_visible()
    drawer.get_by_role("button", name="Move: Order status").hover()
    page.mouse.down()
    for place, above in ((2, "Payment status"), (3, "Debtor Id")):
        box = drawer.get_by_role("button", name=f"Move: {above}").bounding_box()
        assert box
        page.mouse.move(box["x"] + 10, box["y"] + box["height"] - 2, steps=8)
        expect(names(drawer).nth(place)).to_have_text("Order status")
    page.mouse.up()
    expect(drawer.get_by_role("status")).to_have_text("Order status is at place 5 of 30 now.")
    expect(drawer.locator(".held")).to_have_count(0)
    save(drawer)

    expected = ["Order number", "Debtor Id", "Order status", "Total, EUR", "Items Count", "Date Created"]
    for _time in range(2):
        found = headings(page).all_inner_texts()
        assert found[:6] == expected
        assert len(found) == 12
        assert found[-1] == "E-mail"
        page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export", exact=True).click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == found

    with chromium.new_context(base_url=live_server, locale="en-GB") as context:
        elsewhere = context.new_page()
        sign_in(elsewhere, "viewer")
        expect(headings(elsewhere)).to_have_text(found)

    page.set_viewport_size({"width": 390, "height": 844})
    for label in ("Items Count", "Date Updated"):
        expect(page.locator(f"tbody [data-label='{label}']").first).to_be_visible()


def test_a_column_is_picked_up_moved_dropped_and_put_back_with_the_keyboard(page: Page, shop: None) -> None:
    sign_in(page, "viewer")
    drawer, keys = opened(page), page.keyboard
    said = drawer.get_by_role("status")
    grip = drawer.get_by_role("button", name="Move: Source")
    grip.focus()
    keys.press("Space")
    expect(grip).to_have_attribute("aria-pressed", "true")
    expect(said).to_have_text("Source is picked up, at place 6 of 30.")
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(said).to_have_text("Source is at place 4 of 30 now.")
    expect(grip).to_be_focused()
    keys.press("Escape")
    expect(said).to_have_text("Source is put back, to place 6 of 30.")
    expect(names(drawer)).to_have_text([*START, *names(drawer).all_inner_texts()[5:]])
    expect(grip).to_be_focused()
    expect(grip).to_have_attribute("aria-pressed", "false")
    expect(drawer).to_be_visible()

    keys.press("Space")
    for _step in range(9):
        keys.press("ArrowUp")
    keys.press("Space")
    expect(said).to_have_text("Source is dropped, at place 2 of 30.")
    keys.press("ArrowDown")
    expect(names(drawer).first).to_have_text("Source")
    keys.press("Tab")
    expect(drawer.get_by_label("Source", exact=True)).to_be_focused()
    keys.press("Enter")
    reloaded(drawer)
    assert headings(page).all_inner_texts()[:3] == ["Order number", "Source", "Company"]


def test_arrows_move_a_column_and_keep_the_focus(page: Page, shop: None) -> None:
    sign_in(page, "viewer")
    drawer = opened(page)
    up = drawer.get_by_role("button", name="Move up: Order status")
    up.press("Enter")
    expect(names(drawer).first).to_have_text("Order status")
    expect(up).to_be_focused()
    up.press("Enter")
    expect(names(drawer).first).to_have_text("Order status")
    drawer.get_by_role("button", name="Move down: Order status").click()
    expect(names(drawer).nth(1)).to_have_text("Order status")


def test_leaving_the_drawer_puts_everything_back(page: Page, shop: None) -> None:
    sign_in(page, "viewer")
    for leave in ("Cancel", "Close", "Escape"):
        drawer = opened(page)
        drawer.get_by_label("Company", exact=True).uncheck()
        drawer.get_by_role("button", name="Move down: Company").click()
        if leave == "Escape":
            page.keyboard.press("Escape")
        else:
            drawer.get_by_role("button", name=leave).click()
        expect(drawer).to_be_hidden()
        drawer = opened(page)
        expect(names(drawer).first).to_have_text("Company")
        expect(drawer.get_by_label("Company", exact=True)).to_be_checked()
        expect(drawer.get_by_text("15 of 30 shown")).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()


def test_the_default_columns_are_chosen_first_and_kept_by_saving(page: Page, shop: None) -> None:
    sign_in(page, "viewer")
    drawer = opened(page)
    drawer.get_by_label("Company", exact=True).uncheck()
    drawer.get_by_role("button", name="Move up: Source").click()
    save(drawer)
    before = headings(page).all_inner_texts()
    drawer = opened(page)
    drawer.get_by_role("button", name="Default columns").click()
    expect(names(drawer)).to_have_text([*START, *names(drawer).all_inner_texts()[5:]])
    expect(drawer.get_by_text("15 of 30 shown")).to_be_visible()
    drawer.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(headings(page)).to_have_text(before)
    drawer = opened(page)
    drawer.get_by_role("button", name="Default columns").click()
    save(drawer)
    assert headings(page).all_inner_texts()[:6] == ["Order number", *START]


def test_without_scripts_the_drawer_shows_hides_moves_and_resets(
    chromium: Browser, live_server: str, shop: None
) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "viewer")
        page.get_by_role("button", name="Table editor").click()
        drawer = page.locator("#columns")
        expect(drawer).to_be_visible()
        drawer.get_by_label("Company", exact=True).uncheck()
        drawer.get_by_role("button", name="Move up: Source").click()
        expect(drawer).to_be_visible()
        drawer.get_by_role("button", name="Save columns").click()
        expect(headings(page).first).to_be_visible()
        assert headings(page).all_inner_texts()[:4] == ["Order number", "Order status", "Payment status", "Source"]
        page.get_by_role("button", name="Table editor").click()
        drawer.get_by_role("button", name="Default columns").click()
        expect(headings(page)).to_have_count(15)


@both_looks
def test_the_drawer_is_accessible_and_fits(
    page: Page, shop: None, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "viewer")
    page.wait_for_url(re.compile(r"\d/admin/orders/$"))
    drawer = opened(page)
    assert_accessible(page)
    drawer.get_by_role("button", name="Move: Total, EUR").focus()
    page.keyboard.press("Space")
    assert_accessible(page)
    assert drawer.evaluate("drawer => drawer.getBoundingClientRect().left >= 0 && drawer.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawer.get_by_role("checkbox", name="Remarks").check()
    save(drawer)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
