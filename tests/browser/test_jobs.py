"""The page of jobs, in a real browser."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from models.base import db
from models.job import Job, JobKind, JobState
from permissions import SYSTEM
from tests.browser.accessibility import assert_accessible
from tests.browser.entrance import sign_in
from tests.factories import NOON, make_staff
from tests.people import GRANTS


@pytest.mark.parametrize("width", [1440, 390])
def test_a_running_job_is_shown_as_it_goes_on_and_can_be_cancelled(page: Page, app: Flask, width: int) -> None:
    def change(**values: object) -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            db.session.execute(db.update(Job).values(**values))
            db.session.commit()

    with app.app_context():
        make_staff("owner", GRANTS["owner"])
        stamps = {"created_at": NOON, "run_at": NOON}
        failed = Job(
            kind=JobKind.BATCH, state=JobState.FAILED, error="Too many rows.", total=9, finished_at=NOON, **stamps
        )
        db.session.add(failed)
        db.session.commit()
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "owner", "/admin/jobs/")
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    change(state=JobState.RUNNING, done=3, total=9, lease_until=NOON, finished_at=None, error="")
    page.get_by_role("link", name="Reload").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    change(done=6)
    expect(page.get_by_text("6 of 9")).to_be_visible()
    page.get_by_role("button", name="Cancel: Batch").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it running").click()
    page.get_by_role("button", name="Cancel: Batch").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_text("Is being cancelled")).to_be_visible()
    change(state=JobState.CANCELLED, lease_until=None, finished_at=NOON)
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
