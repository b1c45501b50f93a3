"""Workflows in a real browser: started in the drawer over an order, followed until the reply is there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from models.base import db
from models.workflow import Workflow
from services.job_handlers import HANDLERS
from services.jobs import WorkerContext, run_due
from services.outbound import allowed
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_order, make_staff
from tests.people import GRANTS
from tests.receiver import TLS, Receiver, receiving


@pytest.fixture
def receiver(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that may be called and is trusted, and two workflows that lead to it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    with receiving() as found, app.app_context():
        for name, label in (("Check stock", "Check"), ("Credit", "Ask the insurer")):
            description = "Asks the warehouse whether every line is there."
            workflow = Workflow(name=name, label=label, description=description, url=found.url, secret="x" * 16)
            db.session.add(workflow)
        db.session.commit()
        allowed.set(found.named())
        yield found
        allowed.set(())


@pytest.fixture
def order(app: Flask, receiver: Receiver) -> str:
    """An editor, and the address of an order."""
    make_staff("editor", GRANTS["editor"])
    return f"/admin/orders/{make_order()}/"


def work(app: Flask) -> None:
    """Do what is due, as a worker does."""
    with app.app_context():
        assert run_due(HANDLERS, WorkerContext(lambda: datetime.now(UTC))) == 1


@both_looks
def test_a_workflow_is_started_in_the_drawer_and_its_reply_comes(
    page: Page, app: Flask, receiver: Receiver, order: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "editor", order)
    page.get_by_role("button", name="Workflows").click()
    drawer = page.get_by_role("dialog", name="Workflows")
    start = drawer.get_by_role("button", name="Check", exact=True)
    expect(start).to_have_accessible_description("Asks the warehouse whether every line is there.")
    start.dblclick()
    expect(drawer.get_by_text("not saved yet")).to_be_hidden()
    expect(drawer.get_by_text("Waiting", exact=True)).to_have_count(1)
    expect(start).to_be_focused()
    receiver.answer((422, b"Unknown debtor."), (200, b'{"message": "<b>All of it</b> is in stock."}'))
    work(app)
    expect(drawer.get_by_text("Unknown debtor.")).to_be_visible()
    expect(drawer.get_by_text("The workflow answered with status 422")).to_be_visible()
    assert_accessible(page)
    drawer.get_by_role("button", name="Retry: Check stock").click()
    expect(drawer.get_by_text("Waiting", exact=True)).to_be_visible()
    work(app)
    expect(drawer.get_by_text("<b>All of it</b> is in stock.")).to_be_visible()
    expect(drawer.get_by_text("Sent", exact=True)).to_be_visible()
    with page.expect_navigation():
        drawer.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Workflow Check stock started")).to_be_visible()
    page.get_by_label("Reference").fill("PO-9")
    page.get_by_role("button", name="Workflows").click()
    expect(drawer.get_by_text("A workflow takes the order without it.")).to_be_visible()
    expect(start).to_be_visible()
    assert_accessible(page)
    drawer.get_by_role("button", name="Save it first").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    expect(page.get_by_label("Reference")).to_have_value("PO-9")
    page.goto(f"{order}workflows/")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_a_workflow_is_started_on_its_page(
    chromium: Browser, live_server: str, app: Flask, receiver: Receiver, order: str
) -> None:
    with chromium.new_context(base_url=live_server, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "editor", order)
        page.get_by_role("button", name="Workflows").click()
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
        work(app)
        page.get_by_role("link", name="Reload").click()
        expect(page.get_by_text("All of it is in stock.")).to_be_visible()
    assert len(receiver.calls) == 1
