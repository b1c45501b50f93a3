"""Invoices in a real browser: attached with a PDF, opened in a tab of their own, detached, without scripts too."""

from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import PDF, make_order, make_staff
from tests.people import GRANTS

FILE = {"name": "Bill 7.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def order(app: Flask) -> str:
    """An editor, and the address of the invoices of an order."""
    with app.app_context():
        make_staff("editor", GRANTS["editor"])
        return f"/admin/orders/{make_order()}/invoices/"


def attach(page: Page) -> None:
    """Attach an invoice: first with a number that is not typed, then again."""
    page.get_by_role("link", name="Attach an invoice").click()
    page.get_by_label("Due date").fill("2026-01-31")
    page.get_by_label("Amount incl. VAT").fill("1,210.00")
    page.get_by_label("PDF").set_input_files(FILE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Attach an invoice").click()
    expect(page.get_by_role("main").get_by_label("Number")).to_have_accessible_description("This field is required.")
    expect(page.get_by_label("Amount incl. VAT")).to_have_value("1,210.00")
    page.get_by_role("main").get_by_label("Number").fill("2026-7")
    page.get_by_label("PDF").set_input_files(FILE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Attach an invoice").click()
    expect(page.get_by_text("Invoice 2026-7 is attached.")).to_be_visible()


def detach(page: Page) -> None:
    """Detach the invoice."""
    page.get_by_role("link", name="Detach invoice 2026-7").click()
    expect(page.get_by_text("Invoice 2026-7 will be removed")).to_be_visible()
    page.get_by_role("button", name="Detach the invoice").click()
    expect(page.get_by_text("Invoice 2026-7 is detached.")).to_be_visible()
    expect(page.get_by_text("No invoice is attached to this order.")).to_be_visible()


@both_looks
def test_an_invoice_is_attached_opened_and_detached(
    page: Page, order: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "editor", order)
    expect(page.get_by_text("No invoice is attached to this order.")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{order}attach")
    page.get_by_role("button", name="Attach an invoice").click()
    expect(page.get_by_text("Choose the PDF of the invoice.")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(order)
    attach(page)
    expect(page.get_by_role("cell", name="Overdue")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opens = page.get_by_role("link", name="Open the PDF of invoice 2026-7 in a new tab")
    expect(opens).to_have_attribute("target", "_blank")
    answer = page.request.get(opens.get_attribute("href") or "")
    assert answer.body() == PDF
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the PDF of invoice 2026-7").click()
    assert downloading.value.suggested_filename == "Bill 7.pdf"
    page.get_by_role("link", name="Detach invoice 2026-7").click()
    expect(page.get_by_role("heading", name="Detach the invoice")).to_be_visible()
    assert_accessible(page)
    page.go_back()
    detach(page)


def test_without_scripts_an_invoice_is_attached_and_detached(chromium: Browser, live_server: str, order: str) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "editor", order)
        attach(page)
        detach(page)
