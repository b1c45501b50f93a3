"""Printing from the order page and from the list."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from admin_views.orders import documents
from models.job import JobKind
from services.documents import chosen
from services.documents.chosen import Amount
from services.export_files import write_file
from services.jobs import WorkerContext, run_due
from tests.admin_views.orders.test_batch_pages import form_of, made, opened, ticked
from tests.admin_views.reading import Page
from tests.factories import make_shipment

LINES: Any = [
    {"sku": "A-1", "name": "Adapter", "quantity": 3, "price": "1234.5075", "tax": 21},
    {"sku": "B-2", "name": "Book", "quantity": 1, "price": "10.00", "tax": 9},
]
COSTS: Any = {"shipping_costs": 7, "shipping_tax_percentage": 21, "discount_type": "P", "discount_value": 10}


def said(answer: TestResponse) -> list[str]:
    """Give the text of each page of a PDF, which nothing may run."""
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages]


def buttons(shown: Page) -> list[str]:
    """Give where the buttons of the choice lead."""
    return [button.attributes["formaction"] for button in shown.find("button", "narrow")]


def test_the_order_page_leads_to_documents_with_the_amounts_that_it_shows(app: Flask, viewer: FlaskClient) -> None:
    (number,) = made(app, lines=LINES, language="nl", **COSTS)
    shown = opened(viewer, f"/admin/orders/{number}/")
    menu = [link.attributes["href"] for link in shown.find("a", "dropdown-menu")]
    links = [f"/admin/orders/{number}/documents/{kind}" for kind in ("confirmation", "packing-slip", "pick-list", "")]
    assert [url for url in menu if "/documents/" in url] == links
    answer = viewer.get(links[0])
    assert answer.headers["Content-Disposition"].startswith(f"inline; filename=confirmation-{number}.pdf")
    assert "Subtotaal" in said(answer)[0]
    totals = [cell.text for cell in shown.find("td", "totals")]
    assert len(totals) == 8
    (english,) = said(viewer.get(f"{links[0]}?language=en"))
    assert all(amount in english for amount in totals)


def test_a_shipment_has_a_packing_slip_of_what_is_in_it(app: Flask, viewer: FlaskClient) -> None:
    (number,) = made(app, lines=[{**line, "quantity": 9} for line in LINES])
    with app.app_context():
        make_shipment(number, pieces=4)
        make_shipment(number, pieces=2)
    shown = opened(viewer, f"/admin/orders/{number}/shipments/")
    slips = [url for link in shown.find("a", "card") if "packing-slip" in (url := link.attributes["href"])]
    (slip,) = said(viewer.get(slips[0]))
    assert re.findall(r"(A-1|B-2)\D*(\d+)", slip) == [("A-1", "2"), ("B-2", "2")]
    assert len(slips) == 2


def test_another_language_can_be_chosen_but_none_that_nobody_wrote(app: Flask, viewer: FlaskClient) -> None:
    (number,) = made(app, language="de")
    shown = opened(viewer, f"/admin/orders/{number}/documents/")
    assert [option.attributes["value"] for option in shown.find("option") if "selected" in option.attributes] == ["de"]
    path = buttons(shown)[0]
    answer = viewer.get(f"{path}?language=tlh")
    assert answer.status_code == 400
    assert "There are no documents in the language “tlh”." in answer.text
    assert viewer.get(f"/admin/orders/{number}/documents/invoice").status_code == 404


def test_few_ticked_orders_are_one_pdf_at_once(app: Flask, viewer: FlaskClient) -> None:
    numbers = made(app, 3)
    shown = opened(viewer, ticked(viewer, "print", [numbers[2], numbers[0], 999_999]))
    assert next(shown.find("h1")).text == "Print 2 orders"
    pages = said(viewer.get(buttons(shown)[2]))
    assert [re.findall(r"Pick list\s+(\d+)", page)[0] for page in pages] == [str(numbers[0]), str(numbers[2])]


def test_many_ticked_orders_are_a_file_in_the_background(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "AT_ONCE", Amount(2, 100))
    numbers = made(app, 3, lines=LINES)
    choice = ticked(viewer, "print", numbers)
    shown = opened(viewer, choice)
    path = buttons(shown)[1]
    assert viewer.get(path).location == choice
    for _pressed_twice in range(2):
        assert viewer.post(path, data={**form_of(shown), "language": "de"}).location == "/admin/files/"
    with app.app_context():
        assert run_due({JobKind.FILE: write_file}, WorkerContext(lambda: datetime.now(UTC))) == 1
    (download,) = {
        link.attributes["href"]
        for link in opened(viewer, "/admin/files/").find("a")
        if link.attributes["href"].endswith("/download")
    }
    answer = viewer.get(download)
    assert re.search(r"attachment; filename=\"packing-slips-.*\.pdf\"", answer.headers["Content-Disposition"])
    pages = said(answer)
    assert len(pages) == 3
    assert all(f"{number}" in page and "Artikelnummer" in page for number, page in zip(numbers, pages, strict=True))


def test_too_many_orders_are_refused_before_anything_is_written(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "MOST", Amount(2, 100))
    choice = ticked(viewer, "print", made(app, 3))
    shown = opened(viewer, choice)
    assert buttons(shown) == []
    told = "At most 2 orders with 100 lines are printed together. Choose fewer orders."
    assert told in [paragraph.text for paragraph in shown.find("p", "blank")]
    answer = viewer.get(f"{choice}pick-list")
    assert (answer.status_code, told in answer.text) == (409, True)
