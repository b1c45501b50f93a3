"""The list and the way to an order without the mouse."""

import re
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_order, make_staff
from tests.people import GRANTS


@pytest.fixture
def orders(app: Flask, page: Page) -> list[int]:
    """Three orders, the newest first, seen by an editor."""
    with app.app_context():
        make_staff("editor", GRANTS["editor"])
        numbers = [make_order(status="NEW") for _ in range(3)]
    sign_in(page, "editor")
    return numbers[::-1]


def test_the_rows_are_walked_ticked_and_opened(page: Page, orders: list[int]) -> None:
    page.goto("/admin/orders/")
    rows = [page.get_by_role("link", name=str(number), exact=True) for number in orders]
    for key, row in (("j", rows[0]), ("j", rows[1]), ("j", rows[2]), ("j", rows[2]), ("k", rows[1])):
        page.keyboard.press(key)
        expect(row).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name=f"Tick order {orders[1]}")).to_be_checked()
    expect(rows[1]).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/orders/{orders[1]}/")

    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/admin/orders/")
    page.keyboard.press("/")
    page.keyboard.type("jx?")
    expect(page.get_by_role("searchbox", name="Search orders")).to_have_value("jx?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_order_is_gone_to_by_its_number(page: Page, orders: list[int], complaints: list[str]) -> None:
    page.goto("/admin/orders/")
    page.get_by_role("searchbox", name="Search orders").press("Control+k")
    field = page.get_by_role("dialog").get_by_label("Order number")
    expect(field).to_be_focused()
    for nothing in ("999999999", "orders"):
        field.fill(nothing)
        field.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("There is no order with this number.")
        expect(field).to_have_value(nothing)
    assert [complaint for complaint in complaints if "404" not in complaint] == []
    complaints.clear()
    field.fill(f" #{orders[2]} ")
    field.press("Enter")
    page.wait_for_url(f"**/admin/orders/{orders[2]}/")


@both_looks
def test_the_shortcuts_are_listed_and_turned_off(
    page: Page, orders: list[int], width: int, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto("/admin/orders/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text(re.compile("Search.*Go to an order", re.DOTALL))
    assert_accessible(page)
    dialog.get_by_label("Shortcuts of a single key work in this browser").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("j")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name=str(orders[0]), exact=True)).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Go to an order")).to_be_visible()
    assert_accessible(page)
