"""What staff do to many orders at once, in a real browser: what they read, and what the database holds then."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from models.base import db, writing
from models.batch import Batch, BatchAction
from models.order import ExportStatus, Order
from models.order_history import OrderHistory
from models.selection import SelectedOrder, Selection
from models.staff import Staff
from permissions import SYSTEM, Action
from services.batches import BatchRequest, begin, carry_out
from services.selection import Ticks, select_ticked
from services.sign_in import actor_of
from services.unit_of_work import AT_ONCE, Edit, changing_many
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.browser.keys import press, reach
from tests.factories import NOON, make_company, make_invoice, make_order, make_shipment, make_staff
from tests.people import GRANTS, token_in

INVOICED, SHIPPED, COMPLETE, CONFIRMED = 25, 35, 5, 15
"""The orders of the shop that may not be deleted, by their place in the list."""


class Shop(NamedTuple):
    """Forty-three orders, the newest first, nearly all cancelled; three are urgent."""

    app: Flask
    orders: list[int]

    @contextmanager
    def database(self) -> Iterator[None]:
        """Read and write the database as nobody of the staff."""
        with self.app.app_context():
            db.session.info["actor"] = SYSTEM
            yield

    def change(self, *places: int) -> None:
        """Change orders as somebody else would."""
        edit = Edit(SYSTEM, Action.ORDERS_EDIT, datetime.now(UTC))
        with self.database():
            for orders in changing_many([self.orders[place] for place in places], edit=edit):
                for order in orders:
                    order.remarks = "Changed by somebody else"

    def binned(self) -> set[int]:
        """Give the numbers of the deleted orders."""
        with self.database():
            return set(db.session.scalars(db.select(Order.id).where(Order.is_deleted)))

    def batches(self) -> list[tuple[str, int]]:
        """Give what was begun on how many orders."""
        with self.database():
            found = db.session.execute(db.select(Batch.action, Batch.total).order_by(Batch.id))
            return [(row.action, row.total) for row in found]

    def delete(self, numbers: Sequence[int]) -> None:
        """Delete orders as the owner."""
        now = datetime.now(UTC)
        with self.database():
            owner = actor_of(db.session.scalars(db.select(Staff.id).where(Staff.name == "Owner")).one())
            selection = select_ticked(Ticks(numbers), actor=owner, now=now)
            batch = begin(selection.id, BatchRequest(BatchAction.DELETE, "a key"), actor=owner, now=now)
            carry_out(batch.id, actor=owner, clock=lambda: now)

    def chosen(self) -> set[int]:
        """Give the numbers of the newest selection."""
        with self.database():
            newest = db.select(db.func.max(Selection.id)).scalar_subquery()
            chosen = db.select(SelectedOrder.order_id).where(SelectedOrder.selection_id == newest)
            return set(db.session.scalars(chosen))


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Orders of one company, and the people."""
    statuses = {COMPLETE: "COMPLETE", CONFIRMED: "CONFIRMED"}
    with app.app_context():
        for name in ("owner", "editor", "viewer"):
            make_staff(name, GRANTS[name])
        company = make_company("Vermeer Ltd", "D1")
        orders = [
            make_order(
                company=company,
                status=statuses.get(place, "CANCELLED"),
                created=NOON - timedelta(days=place),
                reference="urgent" if place in (30, 31, 32) else "",
            )
            for place in range(43)
        ]
        make_invoice(orders[INVOICED], "2026-3318")
        make_shipment(orders[SHIPPED])
    return Shop(app, orders)


@pytest.fixture
def unscripted(chromium: Browser, live_server: str) -> Iterator[Page]:
    """A browser that runs no script."""
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def box(page: Page, number: int) -> Locator:
    """Give the box of an order."""
    return page.get_by_role("checkbox", name=f"Tick order {number}", exact=True)


def tick(page: Page, *numbers: int) -> None:
    """Tick orders of the page."""
    for number in numbers:
        box(page, number).check()


def selected(page: Page, text: str) -> None:
    """See how many orders are selected."""
    expect(page.locator("[data-selection-text]")).to_have_text(text)


def title(page: Page, text: str) -> None:
    """See on which page one is."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def button(page: Page, name: str) -> Locator:
    """Give a button by its whole name."""
    return page.get_by_role("button", name=name, exact=True)


def cancelled(page: Page, count: int) -> None:
    """See the count of the tab of cancelled orders."""
    tabs = page.get_by_role("navigation", name="Order status")
    expect(tabs.get_by_role("link", name=f"Cancelled {count}", exact=True)).to_be_visible()


def take_all(page: Page, count: int) -> None:
    """Choose all that match, from a first tick."""
    page.get_by_role("checkbox", name=re.compile("^Tick order")).first.check()
    button(page, f"Select all {count} that match").click()
    expect(button(page, f"Select all {count} that match")).to_be_hidden()


def test_orders_ticked_over_pages_are_previewed_deleted_told_and_taken_back(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    all_here = page.get_by_role("checkbox", name="Tick all on this page")
    all_here.check()
    selected(page, "10 selected")
    for number in (2, 3):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=f"Page {number}", exact=True).click()
        selected(page, f"{number - 1}0 selected, 0 on this page")
        all_here.check()
    selected(page, "30 selected, 10 on this page")
    page.get_by_role("link", name="Date Created").click()
    expect(page.locator("tbody .c-id").first).to_have_text(str(shop.orders[42]))
    selected(page, "30 selected, 0 on this page")
    all_here.check()
    page.goto("/admin/orders/?search=urgent")
    selected(page, "40 selected, 0 on this page")
    all_here.check()
    box(page, shop.orders[32]).uncheck()
    selected(page, "42 selected, 2 on this page")

    button(page, "Delete order(s)").click()
    title(page, "Delete 42 orders")
    expect(page.get_by_text("38 will be deleted, 4 will not.")).to_be_visible()
    expect(page.get_by_text("The 4 others stay as they are")).to_be_visible()
    assert shop.chosen() == {*shop.orders} - {shop.orders[32]}
    reasons = {
        COMPLETE: "Orders in status Complete may not be deleted",
        CONFIRMED: "Orders in status Confirmed may not be deleted",
        INVOICED: "Has invoice 2026-3318",
        SHIPPED: "Has a shipment",
    }
    rows = page.get_by_role("region", name="Stay as they are").locator("tbody tr")
    for row, place in enumerate(sorted(reasons)):
        expect(rows.nth(row)).to_contain_text(reasons[place])
        href = rows.nth(row).get_by_role("link", name=str(shop.orders[place])).get_attribute("href")
        assert href == f"/admin/orders/{shop.orders[place]}/"
    assert shop.binned() == set()

    button(page, "Delete 38 orders").click()
    expect(page.get_by_role("heading", name="38 deleted, 4 not")).to_be_visible()
    assert shop.binned() == {*shop.orders} - {shop.orders[place] for place in (*reasons, 32)}
    page.get_by_role("link", name="Not deleted 4").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    with page.expect_download() as download:
        page.get_by_role("link", name="Result as CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        told = {int(row["Order number"]): (row["Outcome"], row["Reason"]) for row in csv.DictReader(file)}
    assert len(told) == 42
    assert told[shop.orders[INVOICED]] == ("Not deleted", "Has invoice 2026-3318")
    assert told[shop.orders[0]] == ("Deleted", "")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_text("5 orders match")).to_be_visible()
    expect(page.locator("[data-selection-bar]")).to_be_hidden()

    page.go_back()
    button(page, "Undo for 38").click()
    expect(page.get_by_role("heading", name="38 taken back")).to_be_visible()
    assert shop.binned() == set()
    assert shop.batches() == [("DELETE", 42), ("UNDO", 38)]


def test_more_than_a_hundred_are_deleted_only_when_their_number_is_typed(page: Page, shop: Shop) -> None:
    with shop.database():
        more = [make_order(status="UNFINISHED") for _more in range(101)]
    sign_in(page, "owner", "/admin/orders/?status=UNFINISHED")
    take_all(page, 101)
    button(page, "Delete order(s)").click()
    typed, go = page.get_by_label("Type 101 to confirm"), button(page, "Delete 101 orders")
    go.click()
    title(page, "Delete 101 orders")
    typed.fill("100")
    go.click()
    expect(page.get_by_text("Nothing was done yet. Type 101 to confirm.")).to_be_visible()
    expect(typed).to_have_value("100")
    expect(typed).to_have_accessible_description("Nothing was done yet. Type 101 to confirm.")
    assert (shop.binned(), shop.batches()) == (set(), [])
    typed.fill("101")
    go.click()
    expect(page.get_by_role("heading", name="101 deleted")).to_be_visible()
    assert shop.binned() == set(more)


def test_all_that_match_are_those_of_that_moment_less_what_is_unticked(page: Page, shop: Shop) -> None:
    sign_in(page, "owner", "/admin/orders/?tab=CANCELLED")
    take_all(page, 41)
    selected(page, "41 selected, 10 on this page")
    with shop.database():
        late = make_order(status="CANCELLED", created=NOON + timedelta(days=1))
    page.goto("/admin/orders/?tab=CANCELLED")
    expect(box(page, shop.orders[0])).to_be_checked()
    expect(box(page, late)).not_to_be_checked()
    box(page, shop.orders[1]).uncheck()
    page.goto("/admin/orders/?status=COMPLETE")
    selected(page, "40 selected, 0 on this page")
    tick(page, shop.orders[COMPLETE])
    selected(page, "41 selected, 1 on this page")
    shop.change(0, 2)

    button(page, "Look at them").click()
    title(page, "41 orders chosen")
    expect(page.get_by_role("row", name=str(shop.orders[0])).first).to_contain_text("Changed meanwhile")
    page.go_back()
    selected(page, "41 selected, 1 on this page")
    button(page, "Delete order(s)").click()
    expect(page.get_by_text("36 will be deleted, 5 will not.")).to_be_visible()
    rows = page.get_by_role("region", name="Stay as they are").locator("tbody tr")
    for row, (place, why) in enumerate([(0, "Changed meanwhile"), (2, "Changed meanwhile"), (COMPLETE, "Complete")]):
        expect(rows.nth(row)).to_contain_text(str(shop.orders[place]))
        expect(rows.nth(row)).to_contain_text(why)
    page.get_by_role("link", name="Look at them").click()
    title(page, "41 orders chosen")
    assert shop.chosen() == {*shop.orders} - {shop.orders[1], shop.orders[CONFIRMED]}
    page.go_back()
    button(page, "Delete 36 orders").click()
    expect(page.get_by_role("heading", name="36 deleted, 5 not")).to_be_visible()
    assert not shop.binned() & {late, *(shop.orders[place] for place in (0, 1, 2, COMPLETE))}


def test_shift_and_a_click_tick_what_stands_between(page: Page, shop: Shop) -> None:
    sign_in(page, "owner", "/admin/orders/?tab=CANCELLED")
    rows = page.locator("input[name=rowid]")
    rows.nth(6).click(modifiers=["Shift"])
    selected(page, "1 selected")
    rows.nth(2).click(modifiers=["Shift"])
    selected(page, "5 selected")
    rows.nth(4).click(modifiers=["Shift"])
    selected(page, "2 selected")
    rows.nth(9).click()
    selected(page, "3 selected")


def test_search_and_filters_say_what_the_list_shows_after_going_back(page: Page, shop: Shop) -> None:
    sign_in(page, "owner", "/admin/orders/?tab=all&status=COMPLETE&search=1")
    search = page.get_by_role("searchbox", name="Search orders")
    statuses = page.locator("#filters").get_by_role("group", name=re.compile("^Status"))
    search.fill("2")
    search.press("Enter")
    page.wait_for_url("**search=2**")
    page.get_by_role("button", name="Filters").click()
    statuses.get_by_label("Cancelled", exact=True).check()
    page.get_by_role("button", name="Show orders").click()
    page.wait_for_url("**CANCELLED**")
    page.go_back()
    page.go_back()
    expect(search).to_have_value("1")
    page.get_by_role("button", name="Filters").click()
    expect(statuses.get_by_label("Complete", exact=True)).to_be_checked()
    expect(statuses.get_by_label("Cancelled", exact=True)).not_to_be_checked()


def test_a_deleted_order_is_gone_from_the_list_and_comes_back_from_the_bin(page: Page, shop: Shop) -> None:
    number = shop.orders[0]
    sign_in(page, "owner", "/admin/orders/?tab=CANCELLED")
    cancelled(page, 41)
    tick(page, number)
    selected(page, "1 selected")
    button(page, "Delete order(s)").click()
    expect(page.get_by_text("stay in the bin for 30 days")).to_be_visible()
    button(page, "Delete 1 order").click()
    expect(page.get_by_role("heading", name="1 deleted")).to_be_visible()
    page.goto("/admin/orders/?tab=CANCELLED")
    cancelled(page, 40)
    expect(box(page, number)).to_have_count(0)

    page.goto(f"/admin/orders/{number}/")
    expect(page.get_by_text(re.compile(rf"^Order {number} was deleted on .* by Owner\."))).to_be_visible()
    expect(page.get_by_role("region", name="Latest history").locator("li").first).to_contain_text("Deleted")
    page.get_by_role("main").get_by_role("link", name="Bin").click()
    title(page, "Bin")
    page.get_by_role("checkbox", name=f"Select record {number}").check()
    button(page, "Restore order(s)").click()
    expect(page.get_by_role("heading", name="1 restored")).to_be_visible()
    assert shop.binned() == set()
    page.goto("/admin/orders/?tab=CANCELLED")
    cancelled(page, 41)
    expect(box(page, number)).to_be_visible()
    page.goto("/admin/bin/")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.goto(f"/admin/orders/{number}/")
    expect(page.get_by_text("was deleted on")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_ticks_stay_on_other_pages_of_the_bin(page: Page, shop: Shop, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    deleted = [*shop.orders[:COMPLETE], *shop.orders[26:34]]
    shop.delete(deleted)
    sign_in(page, "owner", "/admin/bin/?page_size=10&sort=id")
    page.get_by_role("checkbox", name=f"Select record {deleted[0]}", exact=True).check()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="2").click()
    page.get_by_role("checkbox", name=f"Select record {deleted[-1]}", exact=True).check()
    selected(page, "2 selected, 1 on this page")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button(page, "Restore order(s)").click()
    expect(page.get_by_role("heading", name="2 restored")).to_be_visible()
    page.goto("/admin/bin/?page_size=10&sort=id")
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    for path in ("/admin/batches/", "/admin/jobs/", "/admin/bin/"):
        page.goto(path)
        assert page.evaluate("[...document.querySelectorAll('.tscroll')].every(e => e.scrollWidth <= e.clientWidth)")


def test_a_status_is_offered_with_how_many_may_take_it_and_its_note_is_kept(page: Page, shop: Shop) -> None:
    cancelled_one, confirmed_one = shop.orders[14], shop.orders[CONFIRMED]
    sign_in(page, "owner", "/admin/orders/?page=2")
    tick(page, cancelled_one, confirmed_one)
    button(page, "Change status").click()
    title(page, "Change status of 2 orders")
    offered = page.get_by_role("main").locator("ul a")
    expect(offered).to_have_text([re.compile("Processing.*1 of 2"), *map(re.compile, ("Archived", "Cancelled"))])
    offered.filter(has_text="Processing").click()
    expect(page.get_by_text("1 will be changed, 1 will not.")).to_be_visible()
    expect(page.get_by_role("region", name="Stay as they are")).to_contain_text("May not follow Cancelled")
    page.get_by_label("Note").fill("Agreed by phone")
    button(page, "Change status of 1 order").click()
    expect(page.get_by_role("heading", name="1 changed, 1 not")).to_be_visible()
    page.goto(f"/admin/orders/{confirmed_one}/")
    latest = page.get_by_role("region", name="Latest history").locator("li").first
    expect(latest).to_contain_text("Status Confirmed → Processing")
    expect(latest).to_contain_text("Agreed by phone")
    with shop.database():
        assert db.session.get_one(Order, confirmed_one).status.code == "PROCESSING"
        assert db.session.get_one(Order, cancelled_one).status.code == "CANCELLED"
        notes = db.select(OrderHistory.note).where(OrderHistory.order_id == confirmed_one, OrderHistory.version == 2)
        assert db.session.scalars(notes).all() == ["Agreed by phone (batch 1)"]


def test_export_fields_are_reset_where_there_are_any(page: Page, shop: Shop) -> None:
    with shop.database():
        failed, exported = (
            make_order(status="CONFIRMED", created=NOON + timedelta(days=1), export_status=status, exported_at=NOON)
            for status in (ExportStatus.FAILED, ExportStatus.EXPORTED)
        )
    sign_in(page, "owner")
    tick(page, failed, exported, shop.orders[0])
    button(page, "Reset export fields").click()
    expect(page.get_by_text("2 will be reset, 1 already so.")).to_be_visible()
    expect(page.get_by_text("1 of them were exported: the ERP has them already.")).to_be_visible()
    button(page, "Reset export fields of 2 orders").click()
    expect(page.get_by_role("heading", name="2 reset, 1 already so")).to_be_visible()
    with shop.database():
        for number in (failed, exported):
            order = db.session.get_one(Order, number)
            assert (order.export_status, order.exported_at) == (ExportStatus.EMPTY, None)


def test_the_keyboard_alone_ticks_previews_confirms_and_reads_the_result(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    first = box(page, shop.orders[0])
    press(first, "Enter")
    expect(first).to_be_focused()
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    page.keyboard.press("Space")
    selected(page, "1 selected")
    press(box(page, shop.orders[1]), "Space")
    selected(page, "2 selected")
    for _step in range(100):
        if button(page, "Delete order(s)").evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    expect(button(page, "Delete order(s)")).to_be_focused()
    page.keyboard.press("Enter")
    title(page, "Delete 2 orders")
    press(button(page, "Delete 2 orders"))
    expect(page.get_by_role("heading", name="2 deleted")).to_be_visible()
    reach(button(page, "Undo for 2"))
    assert shop.binned() == set(shop.orders[:2])


@pytest.mark.parametrize("language", ["de", "nl"])
@pytest.mark.parametrize("width", [1280, 1024, 768, 390])
def test_what_can_be_done_with_ticked_orders_fits_in_every_language(
    page: Page, shop: Shop, language: str, width: int
) -> None:
    with shop.database(), writing():
        db.session.query(Staff).update({"language": language})
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "owner")
    page.locator("input[name=rowid]").first.check()
    for place in (".selbar", ".toolbar", ".views"):
        overflowing = page.locator(f"{place}, {place} .btn:visible").evaluate_all(
            "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight)"
            ".map(box => box.className + box.textContent.trim())"
        )
        assert overflowing == [], place


def test_ticks_of_one_tab_are_not_those_of_another(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    other = page.context.new_page()
    other.goto("/admin/orders/")
    tick(page, *shop.orders[:3])
    tick(other, shop.orders[4])
    page.reload()
    other.reload()
    selected(page, "3 selected")
    selected(other, "1 selected")
    button(other, "Delete order(s)").click()
    button(other, "Delete 1 order").click()
    expect(other.get_by_role("heading", name="1 deleted")).to_be_visible()
    page.reload()
    selected(page, "3 selected")
    page.goto(other.url)
    page.goto("/admin/orders/")
    selected(page, "3 selected")
    assert shop.binned() == {shop.orders[4]}


def test_deleting_an_order_from_its_page_leaves_the_ticks_of_others(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    kept, deleted = shop.orders[0], shop.orders[1]
    tick(page, kept, deleted)
    page.get_by_role("link", name=str(deleted), exact=True).click()
    button(page, "Delete").click()
    title(page, "Delete 1 order")
    page.get_by_role("link", name="Cancel").click()
    title(page, f"Order {deleted}")
    page.get_by_role("link", name="Orders", exact=True).first.click()
    selected(page, "2 selected")
    page.get_by_role("link", name=str(deleted), exact=True).click()
    button(page, "Delete").click()
    button(page, "Delete 1 order").click()
    expect(page.get_by_role("heading", name="1 deleted")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    selected(page, "1 selected")
    expect(box(page, kept)).to_be_checked()


def test_ticks_are_not_handed_to_who_signs_in_next(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    tick(page, shop.orders[0])
    button(page, "Owner, menu").last.click()
    button(page, "Sign out").last.click()
    sign_in(page, "editor")
    expect(page.get_by_text("43 orders match")).to_be_visible()
    expect(page.locator("[data-selection-bar]")).to_be_hidden()


def test_a_session_that_ended_is_told_and_the_ticks_stay(page: Page, complaints: list[str], shop: Shop) -> None:
    sign_in(page, "owner")
    tick(page, shop.orders[0])
    page.context.clear_cookies()
    button(page, "Select all 43 that match").click()
    expect(page.get_by_role("alert").filter(has_text="Your session has ended.")).to_be_visible()
    with page.expect_response("**/admin/orders/action/"):
        page.get_by_role("link", name="Export 1 ticked").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    sign_in(page, "owner")
    selected(page, "1 selected")
    assert [complaint for complaint in complaints if "401" not in complaint] == []
    complaints.clear()


def save_elsewhere(page: Page, number: int) -> None:
    """Save an order as another tab does, which has not yet shown what it was told."""
    form: dict[str, str | float | bool] = {"csrf_token": token_in(page.content()), "version": 1, "reference": "PO-2"}
    page.context.request.post(f"/admin/orders/{number}/save", form=form, max_redirects=0)


def test_who_comes_back_to_the_list_is_told_that_it_is_different_now(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=1))
    with page.expect_response("**/admin/orders/"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-list-changed]")).to_be_hidden()
    shop.change(1)
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=2))
    save_elsewhere(page, shop.orders[2])
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("2 orders of this page are different now.")).to_be_visible()
    page.get_by_role("link", name="Reload").click()
    expect(page.locator("[data-list-changed]")).to_be_hidden()
    expect(page.get_by_text(f"Order {shop.orders[2]} is saved.")).to_be_visible()


@pytest.mark.parametrize("looks", ["go to an order", "open a dialog"])
def test_what_a_script_looks_at_takes_no_message_from_another_tab(page: Page, shop: Shop, looks: str) -> None:
    number = shop.orders[2]
    sign_in(page, "owner", f"/admin/orders/{number}/")
    save_elsewhere(page, number)
    if looks == "go to an order":
        page.keyboard.press("Control+k")
        page.get_by_role("dialog", name="Go to an order").get_by_role("textbox").fill(str(number))
        page.keyboard.press("Enter")
    else:
        button(page, "Send to client").click()
        expect(page.get_by_role("dialog", name=f"Send order {number}")).to_be_visible()
        page.reload()
    expect(page.get_by_text(f"Order {number} is saved.")).to_be_visible()


def test_what_others_change_after_the_preview_is_shown_before_anything_is_done(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    tick(page, *shop.orders[:3])
    button(page, "Delete order(s)").click()
    expect(page.get_by_text("3 will be deleted.")).to_be_visible()
    shop.change(1)
    button(page, "Delete 3 orders").click()
    expect(page.get_by_role("alert")).to_contain_text("Orders have changed since you looked, so nothing was done yet.")
    expect(page.get_by_text("2 will be deleted, 1 will not.")).to_be_visible()
    assert (shop.binned(), shop.batches()) == (set(), [])
    page.get_by_role("link", name="Cancel").click()
    selected(page, "3 selected")
    button(page, "Delete order(s)").click()
    button(page, "Delete 3 orders").click()
    expect(page.get_by_role("heading", name="3 deleted")).to_be_visible()
    assert shop.binned() == set(shop.orders[:3])


def test_a_double_click_and_a_second_sending_are_one_batch(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    tick(page, *shop.orders[:2])
    button(page, "Delete order(s)").click()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        button(page, "Delete 2 orders").dblclick()
    expect(page.get_by_role("heading", name="2 deleted")).to_be_visible()
    address = page.url
    page.go_back()
    title(page, "Delete 2 orders")
    expect(page.get_by_role("link", name="2 done by you in batch 1")).to_be_visible()
    again = page.context.request.post(
        sent.value.url,
        data=sent.value.post_data,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": sent.value.url},
    )
    assert again.url == address
    assert shop.batches() == [("DELETE", 2)]


def test_everything_works_without_scripts(unscripted: Page, shop: Shop) -> None:
    page = unscripted
    sign_in(page, "owner")
    tick(page, *shop.orders[:2])
    button(page, "Delete order(s)").click()
    title(page, "Delete 2 orders")
    button(page, "Delete 2 orders").click()
    expect(page.get_by_role("heading", name="2 deleted")).to_be_visible()
    assert shop.binned() == set(shop.orders[:2])
    page.get_by_role("link", name="Back to the list").click()
    button(page, "Select all 41 that match").click()
    title(page, "41 orders chosen")
    page.get_by_role("link", name="Reset export fields").click()
    expect(page.get_by_text("0 will be reset, 41 already so.")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Reset"))).to_have_count(0)
    page.goto("/admin/orders/")
    button(page, "Delete order(s)").click()
    expect(page.get_by_text("Nothing was changed: no order is ticked.")).to_be_visible()


@pytest.mark.parametrize(("name", "actions"), [("viewer", ["Print"]), ("editor", ["Change status", "Print"])])
def test_the_bar_offers_what_the_person_may(page: Page, shop: Shop, name: str, actions: list[str]) -> None:
    sign_in(page, name)
    tick(page, shop.orders[0])
    selected(page, "1 selected")
    bar = page.get_by_role("region", name="Selection")
    offered = ["Look at them", "Select all 43 that match", "", *actions]
    expect(bar.get_by_role("button")).to_have_text(offered)
    button(page, "Clear the selection").click()
    expect(page.get_by_text("43 orders match")).to_be_visible()
    expect(box(page, shop.orders[0])).not_to_be_checked()


def test_one_order_is_duplicated_in_another_tab(page: Page, shop: Shop) -> None:
    sign_in(page, "owner")
    tick(page, shop.orders[0])
    with page.expect_popup() as opened:
        button(page, "Duplicate").click()
    expect(opened.value).to_have_url(re.compile(rf"/admin/orders/new\?copy={shop.orders[0]}$"))
    tick(page, shop.orders[1])
    selected(page, "2 selected")
    expect(button(page, "Duplicate")).to_be_hidden()


@pytest.fixture
def running(shop: Shop) -> Callable[[], int]:
    """A batch of the owner that is too long to be done at once."""

    def begun() -> int:
        with shop.database():
            person = db.session.scalars(db.select(Staff).where(Staff.name == "Owner")).one()
            actor, now = actor_of(person.id), datetime.now(UTC)
            numbers = [*shop.orders, *range(5_000, 5_000 + AT_ONCE)]
            selection = select_ticked(Ticks(numbers), actor=actor, now=now)
            batch: int = begin(selection.id, BatchRequest(BatchAction.DELETE, "the key"), actor=actor, now=now).id
            return batch

    return begun


def test_a_long_batch_tells_how_far_it_is_and_ends_by_itself(
    page: Page, shop: Shop, running: Callable[[], int]
) -> None:
    batch = running()
    sign_in(page, "owner", f"/admin/batches/{batch}/")
    expect(page.get_by_role("heading", name="0 of 1,043 done")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    with shop.database():
        person = db.session.scalars(db.select(Staff).where(Staff.name == "Owner")).one()
        carry_out(batch, actor=actor_of(person.id), clock=lambda: datetime.now(UTC))
    expect(page.get_by_role("heading", name="39 deleted, 1,004 not")).to_be_visible()
    assert len(shop.binned()) == 39


@both_looks
def test_every_page_of_a_batch_is_accessible_and_fits(
    page: Page, shop: Shop, running: Callable[[], int], width: int, scheme: Literal["light", "dark"]
) -> None:
    def look() -> None:
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"
        assert_accessible(page)

    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "owner")
    take_all(page, 43)
    look()
    button(page, "Look at them").click()
    title(page, "43 orders chosen")
    look()
    page.get_by_role("link", name="Change status").click()
    title(page, "Change status of 43 orders")
    look()
    page.get_by_role("main").locator("ul a").first.click()
    expect(page.get_by_label("Note")).to_be_visible()
    look()
    page.goto("/admin/orders/")
    button(page, "Delete order(s)").click()
    shop.change(0)
    button(page, "Delete 39 orders").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look()
    button(page, "Delete 38 orders").click()
    expect(page.get_by_role("heading", name="38 deleted, 5 not")).to_be_visible()
    look()
    deleted = page.url
    button(page, "Undo for 38").click()
    expect(page.get_by_role("link", name="What was taken back")).to_be_visible()
    look()
    page.goto(deleted)
    expect(page.get_by_role("link", name="It was taken back")).to_be_visible()
    look()
    for address in (
        "/admin/bin/",
        "/admin/batches/",
        f"/admin/orders/{shop.orders[1]}/",
        f"/admin/batches/{running()}/",
    ):
        page.goto(address)
        look()
