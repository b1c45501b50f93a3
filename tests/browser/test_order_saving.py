"""Saving the page of an order in a real browser: what is unsaved, a note, and what two people changed at once."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import PASSWORD, make_order, make_staff
from tests.people import GRANTS


@pytest.fixture
def order(app: Flask) -> str:
    """Two people, and the address of an order."""
    with app.app_context():
        for name in ("owner", "editor"):
            make_staff(name, GRANTS[name])
        return f"/admin/orders/{make_order(reference='PO-1', payment_status='OPEN')}/"


def fits(page: Page) -> None:
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@both_looks
def test_what_is_unsaved_is_marked_saved_and_merged(
    page: Page, colleague: Page, order: str, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "editor", order)
    sign_in(colleague, "owner", order)
    save, mark = page.get_by_role("button", name="Save"), page.get_by_text("Unsaved changes").first
    expect(save).to_be_disabled()
    page.get_by_label("Reference").fill("PO-9")
    expect(save).to_be_enabled()
    expect(mark).to_be_visible()
    page.get_by_label("Reference").fill("PO-1")
    expect(save).to_be_disabled()
    expect(mark).to_be_hidden()
    page.get_by_label("Reference").fill("PO-9")
    page.get_by_label("Payment status").first.select_option("Paid")
    page.get_by_label("New internal note").fill("Called.\nOn Friday, please.")
    fits(page)
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("link", name="Financials").click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    expect(page.get_by_label("Reference")).to_have_value("PO-9")
    page.get_by_role("button", name="Change status").click()
    expect(page.get_by_role("dialog").get_by_text("What you changed on the page is not saved yet")).to_be_visible()
    fits(page)
    expect(page.get_by_role("dialog").get_by_role("button", name="Save it first")).to_be_enabled()
    page.keyboard.press("Escape")
    colleague.get_by_label("Reference").fill("PO-2")
    colleague.get_by_role("button", name="Save").click()
    expect(colleague.get_by_text("is saved.")).to_be_visible()
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("Owner saved it on")
    expect(page.get_by_role("radio", name="PO-9")).to_be_checked()
    expect(page.get_by_label("New internal note")).to_have_value("Called.\nOn Friday, please.")
    fits(page)
    widths = page.get_by_role("columnheader").evaluate_all("all => all.map(each => each.offsetWidth)")
    assert max(widths) - min(widths) < 2  # names need the room, whoever's they are
    page.get_by_role("radio", name="PO-2").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    expect(page.get_by_label("Reference")).to_have_value("PO-2")
    expect(page.get_by_label("Payment status").first).to_have_value("PAID")
    expect(page.get_by_role("listitem").filter(has_text="On Friday, please.").first).to_contain_text("Editor")
    expect(save).to_be_disabled()
    page.get_by_role("link", name="Remove the note of Editor").click()
    fits(page)
    page.get_by_role("button", name="Remove the note").click()
    expect(page.get_by_text("The note is removed.")).to_be_visible()
    page.goto(f"{order}wished-items/")
    fits(page)


def test_without_scripts_the_page_is_saved(chromium: Browser, live_server: str, order: str) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "editor", order)
        page.get_by_label("Reference").fill("PO-9")
        page.get_by_label("New internal note").fill("Called.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("is saved.")).to_be_visible()
        expect(page.get_by_label("Reference")).to_have_value("PO-9")


def lose_session(page: Page, complaints: list[str]) -> None:
    """Type something, and press Save when the session has ended, of which the browser complains; go to sign in."""
    page.get_by_label("Reference").fill("PO-9")
    page.get_by_label("New internal note").fill("Called.\nOn Friday, please.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you typed comes back once you have signed in.")).to_be_visible()
    assert [complaint for complaint in complaints if "401" not in complaint] == []
    complaints.clear()
    page.get_by_role("link", name="Sign in").click()


def enter(page: Page, name: str) -> None:
    """Fill the form in that asks who somebody is."""
    page.get_by_label("E-mail").fill(f"{name}@seller.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Order")).to_be_visible()


def test_what_was_typed_comes_back_once_after_the_session_ended(page: Page, complaints: list[str], order: str) -> None:
    sign_in(page, "editor", f"{order}?list=tab%3DNEW")
    lose_session(page, complaints)
    enter(page, "editor")
    is_back = page.get_by_text("What you typed is here again.")
    expect(is_back).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?list=tab%3DNEW$"))
    expect(page.get_by_label("Reference")).to_have_value("PO-9")
    expect(page.get_by_label("New internal note")).to_have_value("Called.\nOn Friday, please.")
    expect(page.get_by_text("Unsaved changes").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    expect(is_back).to_be_hidden()
    expect(page.get_by_label("New internal note")).to_have_value("")


def test_what_was_typed_comes_back_to_nobody_else(page: Page, complaints: list[str], order: str) -> None:
    sign_in(page, "editor", order)
    lose_session(page, complaints)
    enter(page, "owner")
    expect(page.get_by_text("What you typed is here again.")).to_be_hidden()
    expect(page.get_by_label("Reference")).to_have_value("PO-1")
    page.goto("/admin/orders/")
    page.goto(order)
    expect(page.get_by_label("Reference")).to_have_value("PO-1")
