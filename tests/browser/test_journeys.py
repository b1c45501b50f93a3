"""What staff do all day, in a real browser: what they read, and what their files hold."""

import csv
import re
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from models.base import begin_writing, db
from models.choices import OrderSource
from models.staff import Staff, StaffSession
from tests.browser.accessibility import assert_accessible
from tests.browser.entrance import sign_in
from tests.factories import NOON, PASSWORD, make_company, make_order, make_product, make_staff
from tests.people import GRANTS

ROWS = "table tbody tr"


@pytest.fixture
def shop(app: Flask) -> dict[str, int]:
    """Thirty orders of two companies in several statuses; the viewer manages one company."""
    statuses = ("NEW", "VALIDATED", "CONFIRMED", "SHIPPED", "CANCELLED")
    with app.app_context():
        viewer = make_staff("viewer", GRANTS["viewer"]).id
        vermeer, kessler = make_company("Vermeer Ltd", "D1"), make_company("Keßler Logistik GmbH", "D2")
        made = [
            make_order(
                status=statuses[place % 5],
                company=(vermeer, kessler)[place % 2],
                created=NOON - timedelta(days=place),
                reference="urgent" if place == 3 else "",
                remarks="gate three" if place == 4 else "",
                lines=[{"sku": "PC-15", "name": "Press coupling", "quantity": place + 1, "price": "10.00"}],
            )
            for place in range(30)
        ]
        begin_writing(db.session)
        manager = db.session.get_one(Staff, viewer)
        manager.managed_companies.append(vermeer)
        db.session.commit()
        return {"newest": made[0], "urgent": made[3], "gate": made[4], "vermeer": vermeer.id}


def matching(page: Page, count: int) -> None:
    """See how many orders match."""
    expect(page.get_by_text(re.compile(rf"^{count} orders? match"))).to_be_visible()


def test_a_wrong_password_is_told_and_the_right_one_leads_on(
    page: Page, shop: dict[str, int], complaints: list[str]
) -> None:
    page.goto(f"/admin/orders/{shop['urgent']}/")
    page.get_by_label("E-mail").fill("viewer@seller.example")
    page.get_by_label("Password", exact=True).fill("not the right one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {shop['urgent']}")
    assert complaints == []


def test_tabs_filter_and_keep_their_counts(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    tabs = page.get_by_role("navigation", name="Order status")
    tabs.get_by_role("link", name="Processing 12").click()
    matching(page, 12)
    tabs.get_by_role("button", name="Statuses in Processing").click()
    expect(page.get_by_text("Processing is a set of 2 statuses")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Processing is a set of 2 statuses")).to_be_hidden()
    tabs.get_by_role("link", name="Cancelled 6").click()
    matching(page, 6)
    expect(page.locator(f"{ROWS} .c-st").first).to_have_text("Cancelled")


def test_a_set_names_its_statuses_on_hover_and_on_focus(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    card = page.get_by_text("Fulfillment is a set of 2 statuses")
    tabs = page.get_by_role("navigation", name="Order status")
    tabs.get_by_role("link", name="Fulfillment").hover()
    expect(card).to_be_visible()
    page.mouse.move(5, 700)
    expect(card).to_be_hidden()
    tabs.get_by_role("button", name="Statuses in Fulfillment").focus()
    expect(card).to_be_visible()


def test_the_company_is_found_by_typing(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.get_by_role("button", name="My Companies").click()
    page.get_by_label("Find a company").fill("kessler")
    page.get_by_role("link", name="Keßler Logistik GmbH").click()
    matching(page, 15)
    page.get_by_role("button", name="Keßler Logistik GmbH").click()
    page.get_by_role("link", name="All mine").click()
    expect(page.locator(f"{ROWS} .c-co").first).to_have_text("Vermeer Ltd")
    matching(page, 15)


def test_enter_in_the_company_picker_waits_for_what_was_typed(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.get_by_role("button", name="My Companies").click()
    expect(page.get_by_role("link", name="Keßler Logistik GmbH")).to_be_visible()
    expect(page.get_by_text("Type to find more")).to_be_hidden()
    page.get_by_label("Find a company").press_sequentially("vermeer", delay=0)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**company={shop['vermeer']}")
    page.get_by_role("button", name="Vermeer Ltd").click()
    expect(page.get_by_role("link", name="Vermeer Ltd")).to_be_visible()
    page.get_by_label("Find a company").press_sequentially("kess", delay=0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Keßler Logistik GmbH")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keßler Logistik GmbH")).to_be_visible()


def test_an_ended_session_is_told_by_the_picker_and_by_the_form(page: Page, shop: dict[str, int], app: Flask) -> None:
    sign_in(page, "viewer")
    page.wait_for_url(re.compile(r"\d/admin/orders/$"))
    with app.app_context():
        begin_writing(db.session)
        db.session.execute(db.delete(StaffSession))
        db.session.commit()
    page.get_by_role("button", name="My Companies").click()
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_text("Your session has ended. Sign in again.")).to_be_visible()


def test_the_search_looks_into_the_chosen_fields_and_remembers_them(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    search = page.get_by_role("searchbox", name="Search orders")
    search.fill("gate three")
    search.press("Enter")
    expect(page.get_by_text("No orders match")).to_be_visible()
    page.get_by_role("button", name=re.compile("Selected search fields")).click()
    with page.expect_response(re.compile("search-fields")) as kept:
        page.get_by_role("checkbox", name="Remarks").check()
    assert kept.value.status == 204
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(f"{ROWS} .c-id")).to_have_text([str(shop["gate"])])
    page.goto("/admin/orders/?search=gate")
    expect(page.locator(f"{ROWS} .c-id")).to_have_text([str(shop["gate"])])


def test_a_search_says_where_it_found_what_no_column_shows(page: Page, shop: dict[str, int], app: Flask) -> None:
    with app.app_context():
        hidden = make_order(remarks="Ring at the north gate", buyer_name="Plain")
        shown = make_order(buyer_name="North Gate BV")
    sign_in(page, "viewer")
    page.goto("/admin/orders/?search=north+gate&fields=company,remarks")
    row = page.locator(f'{ROWS}[data-href="/admin/orders/{hidden}/"]')
    expect(row.locator(".search-match")).to_have_text("Remarks: Ring at the north gate")
    expect(page.locator(".search-match")).to_have_count(1)
    expect(page.locator(f"{ROWS} .c-id")).to_have_text([str(shown), str(hidden)])
    assert_accessible(page)


def test_a_choice_of_search_fields_outlives_a_search_at_once(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.get_by_role("button", name=re.compile("Selected search fields")).click()
    page.get_by_role("checkbox", name="Remarks").check()
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**fields=*")
    page.goto("/admin/orders/?search=gate")
    expect(page.locator(f"{ROWS} .c-id")).to_have_text([str(shop["gate"])])


def test_a_search_in_no_field_is_not_sent(page: Page, shop: dict[str, int], complaints: list[str]) -> None:
    sign_in(page, "viewer")
    page.get_by_role("button", name=re.compile("Selected search fields")).click()
    menu = page.locator("[data-search-fields]")
    for box in menu.get_by_role("checkbox", checked=True).all()[::-1]:
        box.uncheck()
    expect(menu.get_by_text("Choose at least one field.")).to_be_visible()
    page.get_by_role("button", name="Search", exact=True).click()
    assert "search=" not in page.url
    page.route("**/search-fields", lambda route: route.fulfill(status=401))
    menu.get_by_label("Remarks").check()
    expect(menu.get_by_text("could not be remembered")).to_be_visible()
    expect(menu.get_by_text("Choose at least one field.")).to_be_hidden()
    complaints.clear()


def test_an_order_number_typed_into_the_search_opens_the_order(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    search = page.get_by_role("searchbox", name="Search orders")
    search.fill(str(shop["urgent"]))
    search.press("Enter")
    page.get_by_role("link", name=f"Open order {shop['urgent']}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {shop['urgent']}")


def test_filters_are_set_in_the_drawer_and_taken_away_by_their_chips(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.get_by_text("Filters", exact=True).first.click()
    drawer = page.get_by_role("dialog", name="Filters")
    drawer.get_by_label("Shipped").check()
    drawer.locator("input[name=price_from]").fill("100")
    drawer.locator("input[name=created_to]").fill("2026-03-17")
    drawer.get_by_role("button", name=re.compile("^Show")).click()
    assert "status=SHIPPED" in page.url
    assert "updated_from" not in page.url
    matching(page, 3)
    page.get_by_role("link", name="Remove filter Date Created").click()
    matching(page, 4)
    page.get_by_role("link", name="Clear filters").click()
    matching(page, 30)


def test_a_product_and_a_source_with_a_comma_are_chosen_in_the_drawer(
    page: Page, shop: dict[str, int], app: Flask
) -> None:
    with app.app_context():
        db.session.add_all([OrderSource(name=name) for name in ("EDI", "Portal, the old one")])
        db.session.commit()
        product = make_product("Press coupling, 15 mm", "PC-15").id
        line = {"sku": "PC-15", "name": "Press coupling", "quantity": 1, "price": "10.00", "product_id": product}
        make_order(source="Portal, the old one", lines=[line])
        make_order(source="EDI", lines=[line])
    sign_in(page, "viewer")
    page.wait_for_url(re.compile(r"\d/admin/orders/$"))
    page.get_by_role("button", name="Filters").click()
    drawer = page.get_by_role("dialog", name="Filters")
    drawer.get_by_label("Portal, the old one").check()
    products = drawer.get_by_role("combobox", name="Product")
    products.fill("press valve")
    expect(drawer.get_by_text("Nothing matches")).to_be_visible()
    drawer.get_by_role("button", name=re.compile("^Show")).click()
    expect(drawer.get_by_role("alert")).to_contain_text("“press valve” is not chosen yet")
    expect(products).to_have_value("press valve")
    products.fill("15 press")
    expect(drawer.get_by_role("option", name="Press coupling, 15 mm · PC-15")).to_be_visible()
    drawer.get_by_role("button", name=re.compile("^Show")).click()
    page.wait_for_url("**product=*")
    matching(page, 1)
    page.get_by_role("button", name="Filters").click()
    expect(drawer.get_by_text("Press coupling, 15 mm")).to_be_visible()
    expect(drawer.get_by_label("Portal, the old one")).to_be_checked()
    drawer.get_by_label("EDI").check()
    drawer.get_by_role("button", name=re.compile("^Show")).click()
    matching(page, 2)
    page.get_by_role("link", name="Remove filter Source").click()
    matching(page, 2)
    page.get_by_role("link", name="Clear filters").click()
    matching(page, 32)


def test_date_presets_count_from_the_persons_own_day(page: Page, shop: dict[str, int], app: Flask) -> None:
    with app.app_context():
        begin_writing(db.session)
        db.session.query(Staff).update({"timezone": "Pacific/Kiritimati"})
        db.session.commit()
    sign_in(page, "viewer")
    page.get_by_role("button", name="Filters").press("Space")
    drawer = page.get_by_role("dialog", name="Filters")
    expect(drawer.get_by_role("combobox", name="User Id")).to_have_attribute("placeholder", "Number, name or e-mail")
    today = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    drawer.get_by_role("button", name="7 days").first.click()
    first_day = drawer.get_by_label("From").first
    expect(first_day).to_have_value((today - timedelta(days=6)).isoformat())
    drawer.get_by_role("button", name="This year").first.click()
    expect(first_day).to_have_value(f"{today.year}-01-01")
    drawer.get_by_role("button", name="7 days").first.click()
    drawer.get_by_role("button", name="Show orders").click()
    page.wait_for_url("**/admin/orders/?created_from=-7d")
    expect(page.get_by_role("group", name="Active filters")).to_contain_text("last 7 days")
    page.get_by_role("button", name="Filters").click()
    expect(drawer.get_by_role("button", name="7 days").first).to_have_attribute("aria-pressed", "true")
    expect(first_day).to_have_value((today - timedelta(days=6)).isoformat())
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.goto("/admin/orders/?created_from=-14d")
    page.get_by_role("button", name="Filters").click()
    told = drawer.get_by_text("last 14 days", exact=True)
    expect(told).to_be_visible()
    expect(first_day).to_have_value((today - timedelta(days=13)).isoformat())
    drawer.get_by_role("button", name="Show orders").click()
    page.wait_for_url("**/admin/orders/?created_from=-14d")
    page.get_by_role("button", name="Filters").click()
    first_day.fill("2026-03-28")
    expect(told).to_be_hidden()
    assert heard == []
    expect(drawer.get_by_role("button", name="7 days").first).to_have_attribute("aria-pressed", "false")
    drawer.get_by_role("button", name="Show orders").click()
    page.wait_for_url("**/admin/orders/?created_from=2026-03-28")


def test_a_filter_that_cannot_be_read_shows_its_sentence_and_no_rows(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer", "/admin/orders/?created_from=2026-02-30")
    expect(page.get_by_text("No orders shown")).to_be_visible()
    expect(page.get_by_text("is not a day").first).to_be_visible()
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    expect(page.locator(ROWS)).to_have_count(0)
    page.get_by_role("button", name="Correct the filter").click()
    first_day = page.get_by_role("dialog", name="Filters").get_by_label("From").first
    expect(first_day).to_have_value("2026-02-30")
    first_day.fill("2026-02-28")
    page.get_by_role("button", name="Show orders").click()
    page.wait_for_url("**/admin/orders/?created_from=2026-02-28")


def test_sort_pages_and_page_size_survive_back_and_reload(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.get_by_role("columnheader", name="Total, EUR").get_by_role("link").click()
    expect(page.locator(f"{ROWS} .c-total").first).to_have_text("10.00")
    page.get_by_role("columnheader", name="Total, EUR").get_by_role("link").click()
    expect(page.locator(f"{ROWS} .c-total").first).to_have_text("300.00")
    page.get_by_label("Rows per page").select_option("5")
    expect(page.locator(ROWS)).to_have_count(5)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Next page").click()
    expect(page.get_by_text("6–10 of 30")).to_be_visible()
    second = page.locator(f"{ROWS} .c-id").all_inner_texts()
    page.reload()
    assert page.locator(f"{ROWS} .c-id").all_inner_texts() == second
    page.go_back()
    expect(page.get_by_text("1–5 of 30")).to_be_visible()
    page.go_forward()
    expect(page.get_by_text("6–10 of 30")).to_be_visible()
    assert page.locator(f"{ROWS} .c-id").all_inner_texts() == second


def test_a_phone_sorts_without_headings_and_leads_to_the_totals(page: Page, shop: dict[str, int]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "viewer")
    page.get_by_label("Sort by").select_option("Total, EUR")
    expect(page.locator(f"{ROWS} .c-total").first).to_have_text("10.00")
    page.get_by_role("link", name="Sort descending").click()
    expect(page.locator(f"{ROWS} .c-total").first).to_have_text("300.00")
    page.get_by_text("Tick all on this page").click()
    expect(page.get_by_text("10 selected")).to_be_visible()
    page.locator(f"{ROWS} .c-id a").first.click()
    expect(page.get_by_role("link", name="Order after this one")).to_be_visible()
    row = page.get_by_role("table").first.get_by_role("row").last
    expect(row).to_contain_text(re.compile("30.*× .*10.00.*300.00", re.DOTALL))
    expect(row.locator(".thumb")).to_be_visible()
    page.get_by_role("link", name="Totals").click()
    expect(page.get_by_role("heading", name="Totals")).to_be_in_viewport()


def test_a_printed_list_says_what_it_is(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.goto(f"/admin/orders/?tab=CANCELLED&company={shop['vermeer']}&search=vermeer")
    page.emulate_media(media="print")
    about = page.locator(".only-print")
    expect(about).to_be_visible()
    expect(about).to_have_text(re.compile(r"Cancelled.*Vermeer Ltd.*vermeer \(Order number, ", re.DOTALL))


def test_an_export_after_the_session_ended_leads_to_the_form(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.context.clear_cookies()
    page.get_by_role("link", name="Export", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_click_on_a_row_opens_the_order(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.locator(f"{ROWS} .c-src").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {shop['newest']}")
    expect(page.get_by_text("Press coupling")).to_be_visible()
    expect(page.get_by_text("Total incl. VAT").first).to_be_visible()
    page.get_by_role("link", name="Financials").click()
    expect(page.get_by_text("VAT 21 % of 10.00").first).to_be_visible()
    page.get_by_role("link", name="Product list").click()
    page.get_by_role("link", name="View company orders").click()
    matching(page, 15)


def test_the_export_downloads_what_is_shown(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer", "/admin/orders/?tab=SHIPPED")
    page.goto("/admin/orders/?status=SHIPPED&sort=total&desc=1")
    shown = page.locator(f"{ROWS} .c-id").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export", exact=True).click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Order number"] for row in rows] == shown
    assert {row["Order status"] for row in rows} == {"Shipped"}
    assert rows[0]["Total, EUR"] == "290.00"


def test_signing_out_leaves_nothing_behind(page: Page, shop: dict[str, int]) -> None:
    sign_in(page, "viewer")
    page.get_by_role("button", name="Viewer, menu").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    ("engine_name", "width", "scheme"),
    [
        ("sqlite", 1440, "light"),
        ("postgresql", 1440, "dark"),
        ("postgresql", 390, "light"),
        ("sqlite", 390, "dark"),
    ],
)
def test_every_page_is_accessible(
    page: Page, shop: dict[str, int], complaints: list[str], scheme: Literal["light", "dark"], width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/login")
    assert_accessible(page)
    sign_in(page, "viewer")
    number = shop["urgent"]
    addresses = (
        *("/admin/orders/", "/admin/orders/?search=nothing+at+all"),
        *("/admin/orders/?price_from=x", "/admin/orders/?page=99"),
        *(f"/admin/orders/?search={number}", f"/admin/orders/{number}/", f"/admin/orders/{number}/financials/"),
    )
    for address in addresses:
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        is_narrow = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert is_narrow, f"{address} is wider than the screen"
        assert_accessible(page)
    page.goto("/admin/orders/")
    page.get_by_text("Filters", exact=True).first.click()
    expect(page.get_by_role("dialog", name="Filters")).to_be_visible()
    page.evaluate("Promise.allSettled(document.getAnimations().map(moving => moving.finished)).then(() => true)")
    assert_accessible(page)
    for address in ("/admin/orders/99999/", "/no/such/page"):
        with page.expect_console_message():  # the browser tells a missing page in its console, too
            page.goto(address)
        assert_accessible(page)
    complaints.clear()
