"""Sending an order to the client in a real browser: previewed, sent, seen in the log, without scripts too."""

import re
from datetime import UTC, datetime
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from models.base import db
from models.firm import Firm
from permissions import SYSTEM
from services.job_handlers import HANDLERS
from services.jobs import WorkerContext, run_due
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_order, make_staff
from tests.people import GRANTS


@pytest.fixture
def order(app: Flask) -> str:
    """An editor, and the address of an order."""
    with app.app_context():
        make_staff("editor", GRANTS["editor"])
        db.session.info["actor"] = SYSTEM
        db.session.get_one(Firm, 1).email = "orders@seller.example"
        db.session.commit()
        return f"/admin/orders/{make_order(email='mia@buyer.example')}/"


@both_looks
def test_an_order_is_previewed_sent_and_seen_in_the_log(
    app: Flask, page: Page, order: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "editor", order)
    page.get_by_role("button", name="Send to client").click()
    dialog, preview = page.get_by_role("dialog"), page.frame_locator("iframe[name=mail-preview]")
    expect(preview.get_by_text("Thank you for your order")).to_be_visible()
    assert_accessible(page)
    dialog.get_by_label("Language").select_option("nl")
    expect(preview.get_by_text("Bedankt voor uw bestelling")).to_be_visible()
    pdf = dialog.get_by_role("link", name="Open the PDF in a new tab")
    expect(pdf).to_have_attribute("href", re.compile(rf"{order}documents/confirmation\?language=nl$"))
    dialog.get_by_label("Message").fill("They come tomorrow.")
    expect(preview.get_by_text("They come tomorrow.")).to_be_visible()
    dialog.get_by_label("Language").select_option("de")
    expect(dialog.get_by_label("Message")).to_have_value("They come tomorrow.")
    dialog.get_by_label("Send to", exact=True).fill("nobody")
    dialog.get_by_role("button", name="Send").click()
    recipients = dialog.get_by_label("Send to", exact=True)
    expect(recipients).to_have_accessible_description(re.compile("“nobody” is not an"))
    expect(recipients).to_be_focused()
    expect(preview.get_by_text("They come tomorrow.")).to_be_visible()
    assert_accessible(page)
    recipients.fill("mia@buyer.example")
    dialog.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The mail to mia@buyer.example is on its way.")).to_be_visible()
    with app.app_context():
        run_due(HANDLERS, WorkerContext(lambda: datetime.now(UTC)))
    page.reload()
    page.get_by_role("region", name="Mails").get_by_role("link", name="mia@buyer.example").click()
    expect(page.frame_locator("iframe").get_by_text("They come tomorrow.")).to_be_visible()
    expect(page.get_by_text("Kept as a file", exact=True)).to_be_visible()
    expect(page.get_by_text("nobody got it")).to_be_visible()
    assert_accessible(page)
