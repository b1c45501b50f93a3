"""The page of one order, in a real browser."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from models.base import db
from models.order import Order
from permissions import SYSTEM
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.browser.keys import press, reach, write
from tests.factories import NOON, make_order, make_staff
from tests.people import GRANTS


@pytest.fixture
def number(app: Flask) -> int:
    """A new order, and the people who look at it."""
    with app.app_context():
        for name in ("owner", "editor"):
            make_staff(name, GRANTS[name])
        return make_order(payment_status="OPEN")


def status_of(app: Flask, number: int) -> tuple[str, str]:
    """Give the codes that the database holds: status and payment status."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        order = db.session.get_one(Order, number)
        return order.status.code, order.payment_status


def test_the_status_is_changed_in_a_dialog_by_keyboard_and_told(page: Page, app: Flask, number: int) -> None:
    sign_in(page, "owner", f"/admin/orders/{number}/")
    opener = page.get_by_role("button", name="Change status").first
    press(opener)
    dialog = page.get_by_role("dialog", name=f"Change status of order {number}")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    press(opener)
    reach(dialog.get_by_role("radio").first)
    for _other in dialog.get_by_role("radio").all():
        if not dialog.get_by_role("radio", name="Confirmed").is_checked():
            page.keyboard.press("ArrowDown")
    dialog.get_by_label("Payment status").select_option("Paid")
    write(dialog.get_by_label("Note"), "paid at the counter")
    press(dialog.get_by_role("button", name="Change status"))
    expect(page.get_by_text(f"Order {number} is Confirmed now.")).to_be_visible()
    assert status_of(app, number) == ("CONFIRMED", "PAID")
    page.get_by_role("navigation", name="Order", exact=True).get_by_role("link", name="Statuses").click()
    row = page.get_by_role("row", name="Confirmed").first
    expect(row).to_contain_text("paid at the counter")
    expect(row).to_contain_text("Payment status set to Paid")


def test_a_long_product_list_is_searched_while_typing(page: Page, app: Flask, number: int) -> None:
    with app.app_context():
        names = [*(f"Pipe {place}" for place in range(10)), "Valve", "Café gasket"]
        long = make_order(lines=[{"sku": "V-2", "name": name, "quantity": 1, "price": "1.00"} for name in names])
    sign_in(page, "owner", f"/admin/orders/{long}/")
    finder, rows = page.get_by_label("Search in this list"), page.locator("#order-lines tbody tr:visible")
    finder.fill("CAFE v-2")
    expect(rows).to_have_text([re.compile("Café gasket")])
    expect(page.get_by_role("status").filter(has_text="1 of 12 lines")).to_be_visible()
    finder.fill("no such thing")
    expect(rows).to_have_count(0)
    finder.fill("")
    expect(rows).to_have_count(12)
    page.goto(f"/admin/orders/{number}/")
    expect(finder).to_have_count(0)


def test_of_two_people_the_second_is_told_and_nothing_that_was_typed_is_lost(
    page: Page, colleague: Page, app: Flask, number: int
) -> None:
    sign_in(page, "owner", f"/admin/orders/{number}/")
    sign_in(colleague, "owner", f"/admin/orders/{number}/")
    for person, status in ((page, "Confirmed"), (colleague, "Cancelled")):
        person.get_by_role("button", name="Change status").first.click()
        person.get_by_role("radio", name=status).check()
        person.get_by_role("dialog").get_by_label("Note").fill(f"{status} it is")
    expect(page.get_by_role("dialog").get_by_text("is not saved yet")).to_be_hidden()
    page.get_by_role("dialog").get_by_role("button", name="Change status").click()
    expect(page.get_by_text(f"Order {number} is Confirmed now.")).to_be_visible()
    colleague.get_by_role("dialog").get_by_role("button", name="Change status").click()
    dialog = colleague.get_by_role("dialog", name=f"Change status of order {number}")
    told = dialog.get_by_role("alert")
    expect(told).to_contain_text("The order was changed meanwhile")
    expect(told).to_contain_text("Status New → Confirmed")
    expect(told).to_contain_text("Owner")
    expect(dialog.get_by_label("Note")).to_have_value("Cancelled it is")
    assert status_of(app, number)[0] == "CONFIRMED"
    expect(dialog.get_by_role("radio", name="Cancelled")).to_be_checked()
    dialog.get_by_role("button", name="Change status").click()
    expect(colleague.get_by_text(f"Order {number} is Cancelled now.")).to_be_visible()


def test_the_status_is_changed_without_scripts(chromium: Browser, live_server: str, app: Flask, number: int) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "owner", f"/admin/orders/{number}/")
        page.get_by_role("button", name="Change status").first.click()
        page.get_by_label("Confirmed").check()
        page.get_by_role("button", name="Change status").click()
        expect(page.get_by_text(f"Order {number} is Confirmed now.")).to_be_visible()
    assert status_of(app, number) == ("CONFIRMED", "OPEN")


@both_looks
def test_tabs_and_dialog_are_accessible_and_fit(page: Page, app: Flask, width: int, scheme: str) -> None:
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
        number = make_order(created=NOON - timedelta(days=400))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    sign_in(page, "owner", f"/admin/orders/{number}/statuses/")
    expect(page.get_by_role("heading", name="Statuses")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Change status").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)
    page.goto(f"/admin/orders/{number}/change-status")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
