"""Files of the order list in a real browser: at once, from the dialog, and in the background."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from models.job import JobKind
from services.export_files import write_file
from services.jobs import WorkerContext, run_due
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_company, make_order, make_staff
from tests.people import GRANTS

LINES = [{"sku": f"S-{place}", "name": "Part", "quantity": 1, "price": "2.50"} for place in range(3)]


@pytest.fixture
def shop(app: Flask) -> list[int]:
    """A viewer and four orders with three lines each."""
    with app.app_context():
        make_staff("viewer", GRANTS["viewer"])
        return [make_order(company=make_company(f"Company {place}"), lines=LINES) for place in range(4)]


def opened(page: Page) -> Locator:
    """Open the dialog."""
    page.get_by_role("button", name="Export options").click()
    dialog = page.get_by_role("dialog", name="Export orders")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text(re.compile("row"))
    return dialog


def table(page: Page, act: Callable[[], object], between: str = ",") -> list[list[str]]:
    """Do what downloads a CSV, and read it."""
    with page.expect_download() as download:
        act()
    assert download.value.suggested_filename.endswith(".csv")
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=between))


def sheet(page: Page, act: Callable[[], object]) -> list[list[Any]]:
    """Do what downloads a workbook, and read it."""
    with page.expect_download() as download:
        act()
    assert download.value.suggested_filename.endswith(".xlsx")
    with download.value.path().open("rb") as file:
        return [[cell.value for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows()]


def test_the_dialog_by_mouse_counts_downloads_and_remembers(page: Page, shop: list[int]) -> None:
    sign_in(page, "viewer")
    for closing in ("Cancel", "Close"):
        opened(page).get_by_role("button", name=closing).click()
        expect(page.get_by_role("dialog")).to_be_hidden()
    opened(page)
    page.mouse.click(5, 5)
    expect(page.get_by_role("dialog")).to_be_hidden()
    dialog = opened(page)
    expect(dialog.get_by_text("All 4 that match")).to_be_visible()
    expect(dialog.get_by_role("radio", name="Only ticked orders")).to_be_disabled()
    expect(dialog.get_by_role("status")).to_have_text("4 rows")
    dialog.get_by_label("One per order line").check()
    expect(dialog.get_by_role("status")).to_have_text("12 rows")
    dialog.get_by_label("Separator").select_option(label="Semicolon, amounts like 1234,50")
    expect(dialog.get_by_text("amounts with a decimal comma")).to_be_visible()
    rows = table(page, dialog.get_by_role("button", name="Download CSV").click, ";")
    assert len(rows) == 13
    assert rows[1][rows[0].index("Unit price excl. VAT")] == "2,50"
    expect(dialog).to_be_hidden()
    page.reload()
    again = table(page, page.get_by_role("link", name="Export", exact=True).click, ";")
    assert again == rows


def test_the_dialog_by_keyboard(page: Page, shop: list[int]) -> None:
    sign_in(page, "viewer")
    keys = page.keyboard
    arrow = page.get_by_role("button", name="Export options")
    arrow.focus()
    keys.press("Space")
    dialog = page.get_by_role("dialog", name="Export orders")
    expect(dialog).to_be_visible()
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    expect(arrow).to_be_focused()
    keys.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("4 rows")
    dialog.get_by_role("radio", name="CSV").focus()
    keys.press("ArrowDown")
    expect(dialog.get_by_role("radio", name="XLSX")).to_be_checked()
    expect(dialog.get_by_label("Separator")).to_be_disabled()
    rows = sheet(page, lambda: keys.press("Enter"))
    assert [row[0] for row in rows] == ["Order number", *reversed(shop)]
    assert isinstance(rows[1][9], datetime)
    assert rows[1][6] == 7.5


def test_only_ticked_orders_are_taken_along(page: Page, shop: list[int]) -> None:
    sign_in(page, "viewer")
    for number in (shop[0], shop[2]):
        page.locator(f"input[name=rowid][value='{number}']").check()
    page.get_by_role("link", name="Source", exact=True).click()
    expect(page.get_by_text("2 selected")).to_be_visible()
    rows = table(page, page.get_by_role("link", name="Export 2 ticked").click)
    assert {row[0] for row in rows[1:]} == {str(shop[0]), str(shop[2])}
    dialog = opened(page)
    expect(dialog.get_by_role("radio", name="Only ticked orders")).to_be_checked()
    expect(dialog.get_by_text("2 ticked")).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text("2 rows")
    dialog.get_by_label("One per order line").check()
    expect(dialog.get_by_role("status")).to_have_text("6 rows")
    rows = table(page, dialog.get_by_role("button", name="Download CSV").click)
    assert {row[0] for row in rows[1:]} == {str(shop[0]), str(shop[2])}
    dialog = opened(page)
    dialog.get_by_role("radio", name="All 4 that match").check()
    assert len(table(page, dialog.get_by_role("button", name="Download CSV").click)) == 13
    page.goto(f"/admin/orders/?search={shop[0]}&fields=order_number")
    expect(opened(page).get_by_text("2 ticked, 1 of them on this page")).to_be_visible()
    page.goto("/admin/orders/")
    page.get_by_role("button", name="Clear the selection").click()
    assert len(table(page, page.get_by_role("link", name="Export", exact=True).click)) == 13


def test_a_file_in_the_background_appears_when_it_is_written(app: Flask, page: Page, shop: list[int]) -> None:
    sign_in(page, "viewer")
    dialog = opened(page)
    dialog.get_by_label("XLSX").check()
    dialog.get_by_label("Write it in the background").check()
    dialog.get_by_role("button", name="Write the file").click()
    page.wait_for_url(re.compile(r"/admin/files/$"))
    expect(page.get_by_role("row").nth(1)).to_contain_text("Waiting for its turn")
    with app.app_context():
        assert run_due({JobKind.FILE: write_file}, WorkerContext(lambda: datetime.now(UTC))) == 1
    link = page.get_by_role("link", name=re.compile("^Download"))
    expect(link).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("4 orders")
    assert len(sheet(page, link.click)) == 5
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_role("heading", name="No files")).to_be_visible()


def test_without_scripts_the_arrow_leads_to_a_page(chromium: Browser, live_server: str, shop: list[int]) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "viewer")
        page.get_by_role("button", name="Export options").click()
        expect(page.get_by_text("4 orders, 12 order lines")).to_be_visible()
        page.get_by_label("One per order line").check()
        assert len(table(page, page.get_by_role("button", name="Export").click)) == 13


@both_looks
def test_dialog_and_page_are_accessible_and_fit(
    page: Page, shop: list[int], width: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "viewer")
    dialog = opened(page)
    assert_accessible(page)
    assert dialog.evaluate("dialog => dialog.getBoundingClientRect().left >= 0 && dialog.scrollWidth <= innerWidth")
    dialog.get_by_label("Write it in the background").check()
    dialog.get_by_role("button", name="Write the file").click()
    page.wait_for_url(re.compile(r"/admin/files/$"))
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/admin/orders/export/")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
