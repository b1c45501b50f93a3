"""The pages on which owners keep what orders refer to, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from models.base import db
from models.status import StatusSet
from tests.browser.accessibility import assert_accessible, both_looks
from tests.browser.entrance import sign_in
from tests.factories import make_staff
from tests.matrix import House, furnish
from tests.people import GRANTS
from tests.record_matrix import PAGES


def addresses(house: House) -> Iterator[str]:
    """Give every page of records: list, form of a new one, facts, form, question whether to delete."""
    for name, page in PAGES.items():
        base, row = f"/admin/{name}", house.rows[name.replace("-", "_")]
        yield f"{base}/"
        yield f"{base}/details/?id={row}"
        yield f"{base}/edit/?id={row}"
        if page.creates:
            yield f"{base}/new/"
        if page.deletes:
            yield f"{base}/delete/?id={row}"
    yield from ("/admin/audit-log/", "/admin/account/", "/admin/account/password/")
    yield from ("/admin/companies/?search=nothing+at+all", "/admin/companies/?page=x", "/admin/companies/?is_hidden=1")


@both_looks
def test_every_page_is_accessible_and_no_wider_than_the_screen(
    page: Page, app: Flask, width: int, scheme: Literal["light", "dark"]
) -> None:
    house = furnish(app)
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, "owner", "/admin/statuses/")
    for address in addresses(house):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"
        assert_accessible(page)


def test_rows_are_moved_and_it_is_said_where_they_stand_or_why_they_do_not(
    page: Page, app: Flask, complaints: list[str]
) -> None:
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
    sign_in(page, "owner", "/admin/status-sets/")
    names, positions = (page.locator(f"[data-row-id] .col-{name}") for name in ("name", "position"))
    handles = page.locator("[data-grip]")
    expect(handles).to_have_count(3)
    before, places = names.all_inner_texts(), positions.all_inner_texts()
    with page.expect_response("**/reorder/") as answer:
        handles.first.drag_to(handles.last, target_position={"x": 8, "y": 16})
    assert answer.value.ok
    expect(page.get_by_role("status").filter(has_text=f"{before[0]} is number 3 of 3 now.")).to_have_count(1)
    expect(positions).to_have_text(places)
    expect(names).to_have_text([*before[1:], before[0]])
    page.reload()
    expect(names).to_have_text([*before[1:], before[0]])

    with app.app_context():
        db.session.add(StatusSet(name="Another"))
        db.session.commit()
    page.get_by_role("button", name="Move up").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Others have added or deleted something meanwhile.")
    expect(names).to_have_text([*before[1:], before[0]])
    assert "409" in complaints.pop()


def test_parts_of_a_record_are_added_and_removed(page: Page, app: Flask) -> None:
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
    sign_in(page, "owner", "/admin/products/new/")
    page.get_by_label("SKU").fill("A-1")
    page.get_by_label("Name", exact=False).first.fill("Adapter")
    add = page.get_by_role("button", name="Add: Names in other languages")
    for _press in range(2):
        add.click()
    page.get_by_role("button", name="Remove").last.click()
    group = page.locator("[data-inline-record]")
    expect(group).to_have_count(1)
    group.get_by_role("combobox").fill("deut")
    expect(page.get_by_role("option", name="Deutsch")).to_contain_class("active")
    page.keyboard.press("Enter")
    group.get_by_role("textbox", name="Name").fill("Stecker")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Adapter")
    expect(page.get_by_role("row", name="Names in other languages")).to_contain_text("de: Stecker")


def test_a_picture_is_shown_when_it_is_kept(page: Page, app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
    file = tmp_path / "adapter.png"
    Image.new("RGB", (1200, 800), "red").save(file)
    sign_in(page, "owner", "/admin/products/new/")
    page.get_by_label("SKU").fill("A-1")
    page.get_by_label("Name", exact=False).first.fill("Adapter")
    page.get_by_label("EAN").fill("1")
    page.get_by_label("Picture").set_input_files(file)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The picture that you chose is kept.")).to_be_visible()
    page.get_by_label("EAN").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Adapter")
    wide = page.locator(".pt-facts img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert wide == 640


def test_the_language_is_chosen_on_the_own_page(page: Page, app: Flask) -> None:
    with app.app_context():
        make_staff("owner", GRANTS["owner"])
    sign_in(page, "owner", "/admin/account/")
    page.get_by_role("link", name="Edit").click()
    page.wait_for_load_state()  # until then it is the browser's own list
    page.get_by_role("combobox", name="Language").fill("neder")
    expect(page.get_by_role("option", name="Nederlands")).to_contain_class("active")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Bewerken")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
