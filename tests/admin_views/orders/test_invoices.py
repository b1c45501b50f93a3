"""The Invoices tab, the form that attaches one, and the PDF as a browser gets it."""

import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin_views.orders.list import OrderView
from models.base import db
from models.batch import BatchAction
from models.invoice import Invoice
from models.order import Order
from permissions import SYSTEM
from services.invoices import FOLDER, LARGEST_PDF
from services.storage import store
from tests.batches import did, person
from tests.factories import PDF, make_company, make_invoice, make_order, make_staff
from tests.forms import errors, opened, send, written
from tests.people import csrf_token, signed_in

TODAY = datetime.now(UTC).date()
TYPED = {
    "number": "2026-7",
    "issued_on": "2026-03-01",
    "due_on": "2026-03-31",
    "total_gross": "1,000.00",
    "total_net": "1210",
    "paid_on": "2026-03-20",
}


def tab(order: int) -> str:
    return f"/admin/orders/{order}/invoices/"


def attach(
    client: FlaskClient, order: int, pdf: bytes | None = PDF, name: str = "bill.pdf", **typed: Any
) -> TestResponse:
    """Send the form of an invoice."""
    file = None if pdf is None else (io.BytesIO(pdf), name)
    return send(client, f"{tab(order)}attach", None, **{**TYPED, **typed, "pdf": file})


def attached(app: Flask, editor: FlaskClient, order: int, **more: Any) -> str:
    """Attach an invoice and give the address of its PDF."""
    answer = attach(editor, order, **more)
    assert answer.status_code == 302, errors(answer)
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return f"{tab(order)}{db.session.scalars(db.select(Invoice.id).order_by(Invoice.id.desc())).first()}/pdf"


def words(client: FlaskClient, path: str) -> str:
    """Give the words of a page, without its marks and with single spaces."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])).split())


def kept(app: Flask) -> list[str]:
    """Give the numbers of all invoices."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return list(db.session.scalars(db.select(Invoice.number)))


@pytest.fixture
def order(app: Flask) -> int:
    """An order without invoices."""
    with app.app_context():
        return make_order()


# ---- the tab ----


def test_without_invoices_the_tab_says_so(viewer: FlaskClient, editor: FlaskClient, order: int) -> None:
    told = words(viewer, tab(order))
    assert "No invoice is attached to this order." in told
    assert "Invoices 0" in told
    assert "Attach an invoice" not in told
    assert "Attach an invoice" in words(editor, tab(order))


def test_the_tab_shows_what_was_attached_and_the_history_who_did(
    app: Flask, viewer: FlaskClient, editor: FlaskClient, order: int
) -> None:
    answer = attach(editor, order)
    assert (answer.status_code, answer.location) == (302, tab(order))
    told = words(editor, tab(order))
    for said in (
        "Invoice 2026-7 is attached.",
        "Invoices 1",
        "bill.pdf",
        "1 Mar 2026",
        "31 Mar 2026",
        "Paid 20 Mar 2026",
    ):
        assert said in told
    assert "1,000.00" in told
    assert "1,210.00" in told
    assert re.search(r"Invoice 2026-7 attached [^·]+ · Editor", told)
    page = viewer.get(tab(order)).text
    assert re.search(r'href="[^"]+/pdf" target="_blank" rel="noopener"', page)
    assert "/pdf?download=1" in page
    assert "/detach" not in page
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(Order, order).version == 2


def test_what_is_not_paid_is_open_and_then_overdue(app: Flask, viewer: FlaskClient, order: int) -> None:
    with app.app_context():
        make_invoice(order, "without date")
        make_invoice(order, "due today", due_on=TODAY + timedelta(days=1))
        make_invoice(order, "late", due_on=TODAY - timedelta(days=2))
    page = viewer.get(tab(order)).text
    assert re.findall(r'<span class="pd [^"]+">([^<]+)</span>', page.partition("<aside")[0]) == [
        "Open",
        "Open",
        "Overdue",
    ]
    assert "/pdf" not in page


# ---- the form ----


def test_every_fault_stands_by_its_field_and_what_was_typed_stays(app: Flask, editor: FlaskClient, order: int) -> None:
    wrong = {"number": "  ", "issued_on": "1 May", "due_on": "2026-02-30", "total_gross": "many", "total_net": "1.234"}
    answer = attach(editor, order, b"<html>", "bill.pdf", **wrong, paid_on="2026-03-20")
    told = errors(answer)
    assert told["number"] == "This field is required."
    assert told["pdf"] == "This is not a PDF."
    for field in ("issued_on", "due_on", "total_gross"):
        assert told[field], field
    for typed in ('value="1 May"', 'value="2026-02-30"', 'value="many"', 'value="2026-03-20"'):
        assert typed in answer.text
    assert kept(app) == []


def test_what_does_not_go_together_is_told(editor: FlaskClient, order: int) -> None:
    later = (TODAY + timedelta(days=3)).isoformat()
    told = errors(attach(editor, order, due_on="2026-02-01", total_net="1", paid_on=later))
    assert told == {
        "due_on": "The due date is before the date of the invoice.",
        "total_net": "The amount incl. VAT is less than the amount excl. VAT.",
        "paid_on": "This day has not come yet.",
        "pdf": "Choose the PDF again: a browser keeps no files for a form.",
    }


@pytest.mark.parametrize(
    ("pdf", "name", "sentence"),
    [
        (None, "", "Choose the PDF of the invoice."),
        (b"", "bill.pdf", "The file is empty."),
        (b"<html><script>alert(1)</script>", "bill.pdf", "This is not a PDF."),
        (b"%PDF-" + b"x" * LARGEST_PDF, "bill.pdf", "The file is larger than 10 MB."),
        (b"%PDF-" + b"x" * (20 << 20), "bill.pdf", "The file is larger than 10 MB."),
    ],
)
def test_what_is_no_pdf_is_told_by_its_field(
    app: Flask, editor: FlaskClient, order: int, pdf: bytes | None, name: str, sentence: str
) -> None:
    assert errors(attach(editor, order, pdf, name)) == {"pdf": sentence}
    assert kept(app) == []


def test_a_number_that_is_taken_is_told_and_nothing_typed_is_lost(app: Flask, editor: FlaskClient, order: int) -> None:
    attached(app, editor, order)
    answer = attach(editor, order, total_gross="7.77")
    assert errors(answer)["number"] == "This order has an invoice of this number already."
    assert 'value="7.77"' in answer.text
    assert kept(app) == ["2026-7"]


def test_a_currency_without_decimals_takes_whole_amounts(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        order = make_order(currency="JPY", lines=[])
    assert "Amount excl. VAT, JPY" in words(editor, f"{tab(order)}attach")
    assert errors(attach(editor, order, total_gross="1.50"))["total_gross"] == "JPY has no amounts smaller than 1."


def test_a_number_with_marks_is_shown_and_not_obeyed(editor: FlaskClient, order: int) -> None:
    assert attach(editor, order, name='<img src=x>".pdf', number="<script>alert(1)</script>").status_code == 302
    page = editor.get(tab(order)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


# ---- detaching ----


def test_detaching_asks_first(app: Flask, editor: FlaskClient, order: int) -> None:
    page = attached(app, editor, order).removesuffix("pdf") + "detach"
    assert "Invoice 2026-7 will be removed from this order, and its PDF is deleted for good." in words(editor, page)
    assert kept(app) == ["2026-7"]
    token = csrf_token(editor, page)
    assert editor.post(page, data={"csrf_token": token}).location == tab(order)
    told = words(editor, tab(order))
    assert "Invoice 2026-7 is detached." in told
    assert "Invoice 2026-7 detached" in told
    assert kept(app) == []
    assert editor.post(page, data={"csrf_token": token}).location == tab(order)
    assert "Somebody else has detached this invoice meanwhile." in words(editor, tab(order))
    assert editor.get(page).status_code == 404


# ---- the PDF ----


def test_the_pdf_is_opened_or_downloaded_and_nothing_of_it_runs(
    app: Flask, viewer: FlaskClient, editor: FlaskClient, order: int
) -> None:
    path = attached(app, editor, order)
    for query, disposition in (("", "inline"), ("?download=1", "attachment"), ("?download=no", "inline")):
        answer = viewer.get(path + query)
        assert (answer.status_code, answer.data) == (200, PDF)
        headers = answer.headers
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Length"] == str(len(PDF))
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Content-Disposition"] == f"{disposition}; filename=bill.pdf; filename*=UTF-8''bill.pdf"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Rechnung Müller №7.pdf", "Rechnung Muller No7.pdf"),
        ('a"; filename=evil.exe; x=".pdf', 'a\\"; filename=evil.exe; x=\\".pdf'),
        ("back\\slash.pdf", "back\\\\slash.pdf"),
        ("秘密.pdf", ".pdf"),
    ],
)
def test_a_hostile_name_is_one_name(app: Flask, viewer: FlaskClient, order: int, name: str, plain: str) -> None:
    with store.writing("kept.pdf") as written:
        written.write(PDF)
    with app.app_context():
        invoice = make_invoice(order, stored_as="kept.pdf", file_name=name, size=len(PDF))
    disposition = viewer.get(f"{tab(order)}{invoice}/pdf").headers["Content-Disposition"]
    found = re.fullmatch(r"inline; filename=\"?(.*?)\"?; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", disposition)
    assert found, disposition
    assert (found[1], unquote(found[2])) == (plain, name)


def test_the_name_that_a_browser_sends_loses_its_folders_and_hidden_signs(
    app: Flask, editor: FlaskClient, order: int
) -> None:
    attached(app, editor, order, name="..\\../fdp.\u202eexe.html")
    assert "fdp.exe.html.pdf" in words(editor, tab(order))


def test_a_pdf_that_the_store_lost_is_told(app: Flask, editor: FlaskClient, order: int) -> None:
    path = attached(app, editor, order)
    for name in store.names(FOLDER):
        store.remove(f"{FOLDER}/{name}")
    answer = editor.get(path)
    assert answer.status_code == 410
    assert "This PDF is no longer in the store." in answer.text


def test_an_invoice_without_a_pdf_has_none(app: Flask, viewer: FlaskClient, order: int) -> None:
    with app.app_context():
        invoice = make_invoice(order)
    assert viewer.get(f"{tab(order)}{invoice}/pdf").status_code == 404


# ---- who may ----


def test_a_viewer_sees_and_opens_and_changes_nothing(
    app: Flask, viewer: FlaskClient, editor: FlaskClient, order: int
) -> None:
    path = attached(app, editor, order)
    assert viewer.get(path).status_code == 200
    form = opened(editor, f"{tab(order)}attach")
    token = csrf_token(viewer, "/admin/account/password/")
    sent = send(
        viewer,
        f"{tab(order)}attach",
        form,
        number="9",
        csrf_token=token,
        pdf=(io.BytesIO(PDF), "a.pdf"),
    )
    assert sent.status_code == 403
    detach = path.removesuffix("pdf") + "detach"
    assert viewer.post(detach, data={"csrf_token": token}).status_code == 403
    for page in (f"{tab(order)}attach", detach):
        assert viewer.get(page).status_code == 403
    assert editor.post(detach).status_code == 400
    assert kept(app) == ["2026-7"]


def test_an_order_of_another_company_has_no_invoices_for_whoever_is_limited(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        order = make_order(company=make_company("Acme"))
        limited = [make_company("Other")]
        email = make_staff("limited", ["order:owner", "backoffice:owner", "user:owner"], limited_to=limited).email
    path = attached(app, editor, order)
    outsider = signed_in(app, email)
    token = csrf_token(outsider, "/admin/account/password/")
    detach = path.removesuffix("pdf") + "detach"
    for page in (tab(order), path, f"{path}?download=1", detach, f"{tab(order)}attach"):
        assert outsider.get(page).status_code == 404, page
    for page in (detach, f"{tab(order)}attach"):
        assert outsider.post(page, data={"csrf_token": token}).status_code == 404, page
    assert kept(app) == ["2026-7"]


def test_the_invoice_of_another_order_is_not_found(app: Flask, editor: FlaskClient, order: int) -> None:
    with app.app_context():
        other = make_order()
    path = attached(app, editor, order).replace(f"/{order}/", f"/{other}/")
    assert editor.get(path).status_code == 404
    assert editor.get(path.removesuffix("pdf") + "detach").status_code == 404


@pytest.mark.parametrize("name", ["owner", "editor"])
def test_a_deleted_order_takes_no_invoice(app: Flask, request: pytest.FixtureRequest, name: str) -> None:
    client: FlaskClient = request.getfixturevalue(name)
    with app.app_context():
        order = make_order(status="CANCELLED")
        did(BatchAction.DELETE, [order], person("deleter"))
    for page in ("attach", "7/detach"):
        assert client.get(tab(order) + page).status_code == 410
        token = csrf_token(client, "/admin/account/password/")
        answer = client.post(tab(order) + page, data={"csrf_token": token})
        assert (answer.status_code, written(answer.text)) == (410, {})
    assert client.get(tab(order)).status_code == (200 if name == "owner" else 410)


def test_what_was_typed_for_a_deleted_order_is_there_to_copy(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        order = make_order(status="CANCELLED")
        did(BatchAction.DELETE, [order], person("deleter"))
    token = csrf_token(editor, "/admin/account/password/")
    answer = editor.post(
        f"{tab(order)}attach",
        data={**TYPED, "number": "<7>", "total_net": "a lot", "csrf_token": token, "pdf": (io.BytesIO(PDF), "a.pdf")},
    )
    assert answer.status_code == 410
    assert written(answer.text) == {
        "Number": "<7>",
        "Date": "2026-03-01",
        "Due date": "2026-03-31",
        "Amount excl. VAT": "1,000.00",
        "Amount incl. VAT": "a lot",
        "Paid on": "2026-03-20",
    }


def test_an_order_that_is_deleted_while_somebody_types_is_told(
    app: Flask, editor: FlaskClient, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = OrderView.found

    def then_deleted(view: OrderView, order_id: int) -> tuple[Order, str]:
        seen = found(view, order_id)
        with db.engine.begin() as connection:
            connection.execute(db.update(Order.__table__).values(is_deleted=True))
        return seen

    form = opened(editor, f"{tab(order)}attach")
    monkeypatch.setattr(OrderView, "found", then_deleted)
    answer = send(editor, f"{tab(order)}attach", form, number="7", pdf=(io.BytesIO(PDF), "a.pdf"))
    assert answer.status_code == 410
    assert f"There is no order {order} any more." in answer.text
    assert written(answer.text)["Number"] == "7"
    assert kept(app) == []
