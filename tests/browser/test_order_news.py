"""Two people at the same order in real browsers: each is told of the other."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.entrance import sign_in
from tests.factories import make_order, make_staff
from tests.people import GRANTS


def come_back(page: Page, *, hours: int) -> None:
    """Let the window get the focus so many hours after now."""
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=hours))
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_whoever_has_an_order_open_is_told_what_the_other_does(app: Flask, page: Page, colleague: Page) -> None:
    with app.app_context():
        for name in ("owner", "editor"):
            make_staff(name, GRANTS[name])
        order = f"/admin/orders/{make_order(reference='PO-1')}/"
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "editor", f"{order}financials/?list=tab%3DNEW")
    page.get_by_label("Accounting id").fill("A-9")
    sign_in(colleague, "owner", f"{order}edit")
    colleague.get_by_label("Reference").fill("PO-2")
    expect(colleague.get_by_text("Draft kept")).to_be_visible()
    come_back(page, hours=1)
    expect(page.get_by_text("Owner is typing into this order, last at")).to_be_visible()
    colleague.get_by_role("button", name="Save").first.click()
    colleague.wait_for_url(f"**{order}")
    come_back(page, hours=2)
    changed = page.get_by_role("status").filter(has_text="Owner changed this order on")
    expect(changed).to_be_visible()
    expect(page.get_by_text("is typing into this order")).to_be_hidden()
    expect(page.get_by_label("Accounting id")).to_have_value("A-9")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.accept())
        changed.get_by_role("link", name="Load it again").click()
    assert asked.value.type == "beforeunload"
    expect(changed).to_be_hidden()
    expect(page.get_by_text("PO-2").first).to_be_attached()
    assert page.url.endswith(f"{order}financials/?list=tab%3DNEW")
