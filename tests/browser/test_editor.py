"""A new order in a real browser, by the keyboard alone: who orders, what by search and by pasting, how, and Save."""

import re
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from models.base import db
from models.batch import BatchAction
from models.choices import Carrier
from models.party import Address, AddressKind, AddressText, PartyAddress
from models.price import Price, PriceList
from tests.batches import did, person
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.browser.keys import press, reach, write
from tests.factories import make_company, make_order, make_person, make_product, make_staff
from tests.people import GRANTS

HOME = AddressText(company="Maas Elektrotechniek", street="Hurksestraat", number="60", city="Eindhoven", country="NL")
PASTED = "\n".join([*(f"SKU-{number};{number}" for number in range(11, 28)), "SKU-28;two", "NONE-1;4", "SKU-29;7"])


@pytest.fixture
def catalogue(app: Flask) -> None:
    """An owner, a company with a contact and an address, a carrier, and products of which one is sold per twelve."""
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
        company = make_company("Maas Elektrotechniek", "D10951")
        company.currency = "GBP"
        make_person("Helma", "Maas", company)
        for kind in AddressKind:
            address = db.session.scalar(db.select(Address)) or Address.of(HOME)
            db.session.add(PartyAddress(company_id=company.id, kind=kind, address=address))
            db.session.flush()
        db.session.add(Carrier(name="DHL", costs="6.95"))
        for number in range(1, 30):
            step = 12 if number == 29 else 1
            made = make_product(f"Article {number}", f"SKU-{number}", list_price=f"{number}.15", step_quantity=step)
            if number == 10:
                company.price_list = PriceList(name="Maas", currency="GBP")
                db.session.add(Price(price_list=company.price_list, product=made, from_quantity=100, price="5"))


def is_fine(page: Page) -> None:
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def opened_by_new_order(page: Page) -> Page:
    """Press New Order, which opens a tab."""
    with page.context.expect_page() as waiting:
        press(page.get_by_role("link", name="New Order"))
    waiting.value.wait_for_load_state()
    return waiting.value


def choose_customer(page: Page) -> None:
    press(page.get_by_role("button", name="Choose a customer"))
    words = page.get_by_role("searchbox", name="Find a company or customer")
    expect(words).to_be_focused()
    is_fine(page)
    page.keyboard.type("maas")
    expect(page.get_by_role("radio", name="Maas Elektrotechniek")).to_be_visible()
    page.keyboard.press("Enter")
    contact = page.get_by_role("button", name="Helma Maas")
    expect(contact).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Choose another")).to_be_focused()
    expect(page.get_by_role("region", name="Company Details")).to_contain_text("Hurksestraat 60")
    expect(page.get_by_role("combobox", name="Currency")).to_have_value("GBP")
    write(page.get_by_role("textbox", name="Exchange rate"), "1.25")


def paste_products(page: Page) -> None:
    opener = page.get_by_role("button", name="Add multiple products")
    press(opener)
    reach(page.get_by_role("radio", name="Tick from the catalogue"))
    page.keyboard.press("ArrowRight")
    write(page.get_by_role("textbox", name="SKU or EAN, then quantity"), PASTED)
    expect(page.get_by_text("17 of 20 lines can be added")).to_be_visible()
    is_fine(page)
    press(page.get_by_role("button", name="Add 17 lines"))
    expect(page.get_by_text("0 of 3 lines can be added")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    press(opener)
    expect(page.get_by_text("0 of 3 lines can be added")).to_be_visible()
    expect(page.get_by_role("textbox", name="SKU or EAN, then quantity")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def type_over_a_price_break(page: Page) -> None:
    """Go on to the price before the new one has come: it is no price by hand."""
    page.keyboard.press("Control+a")
    page.keyboard.type("100")
    page.keyboard.press("Tab")
    price = page.get_by_role("textbox", name="Price excl. VAT, Article 10", exact=True)
    expect(price).to_be_focused()
    expect(price).to_have_value("5.0000")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")


def test_whoever_edits_an_order_that_is_deleted_meanwhile_reads_so_and_keeps_what_was_typed(
    app: Flask, page: Page, complaints: list[str]
) -> None:
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
        number = make_order(status="DRAFT_ORDER")
    sign_in(page, "owner", f"/admin/orders/{number}/edit")
    with app.app_context():
        did(BatchAction.DELETE, [number], person("deleter"))
    page.get_by_label("Reference").fill("PO 9")
    page.get_by_role("button", name="Save", exact=True).click()
    told = page.get_by_text(re.compile(f"Order {number} was deleted on .* by Deleter."))
    expect(told).to_be_in_viewport()
    expect(page.get_by_label("Reference")).to_have_value("PO 9")
    assert [complaint for complaint in complaints if "410" not in complaint] == []
    complaints.clear()


@both_looks
@pytest.mark.usefixtures("catalogue")
def test_a_new_order_is_made_by_the_keyboard_alone(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "owner")
    page = opened_by_new_order(page)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    is_fine(page)
    choose_customer(page)
    reach(page.get_by_role("combobox", name="Carrier"))
    page.keyboard.type("DHL")
    expect(page.get_by_label("Shipping costs")).to_have_value("5.56")
    write(page.get_by_role("textbox", name="Order discount"), "2")
    reach(page.get_by_role("combobox", name="Kind of discount"))
    page.keyboard.type("%")
    rows, search = page.locator("#edit-lines tbody tr"), page.get_by_role("combobox", name="Add a product")
    reach(search)
    for number in range(1, 11):
        page.keyboard.type(f"SKU-{number}")
        page.keyboard.press("Enter")
        expect(rows).to_have_count(number)
        expect(search).to_be_focused()
    paste_products(page)
    expect(rows).to_have_count(27)
    quantity = page.get_by_role("textbox", name="Quantity, Article 10", exact=True)
    quantity.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("none")
    save = page.get_by_role("button", name="Save", exact=True).element_handle()
    expect(quantity).to_have_accessible_description("This is not a whole number.")
    assert save.inner_text() == "Save"
    expect(page.get_by_role("navigation", name="Sections").get_by_role("link", name="Product List 1")).to_be_visible()
    is_fine(page)
    type_over_a_price_break(page)
    expect(page.get_by_role("textbox", name="Quantity, Article 11", exact=True)).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(rows.nth(9)).to_contain_text("Article 11")
    expect(page.get_by_role("textbox", name="Quantity, Article 11", exact=True)).to_be_focused()
    expect(rows.nth(10)).to_contain_text("500.00")
    expect(rows.nth(10)).not_to_contain_text("Price by hand")
    total = page.get_by_role("region", name="Totals").locator(".whole dd")
    expect(page.get_by_role("region", name="Product List")).to_contain_text("27 lines")
    expect(page.locator("#editor[aria-busy]")).to_have_count(0)
    sum_before = total.inner_text()
    assert re.fullmatch(r"[0-9,]+\.[0-9]{2}", sum_before)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("is created.")).to_be_visible()
    expect(page.get_by_role("region", name="Totals")).to_contain_text(sum_before)
    is_fine(page)
