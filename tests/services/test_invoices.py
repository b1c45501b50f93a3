"""Invoices: attached whole or not at all, told in the history, detached with their file."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any, BinaryIO

import pytest
from flask import Flask
from sqlalchemy import select

import services.invoices
from models.base import db
from models.invoice import Invoice
from models.order import Order
from models.order_history import OrderHistory
from models.types import LARGEST_ID
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.errors import Invalid, Refused
from services.invoices import (
    FOLDER,
    LARGEST_PDF,
    NewInvoice,
    attach,
    check_pdf,
    detach,
    faults,
    find_invoice,
    invoices_of,
    remove_left_over,
    safe_name,
)
from services.storage import store
from services.unit_of_work import Edit, OrderGone
from services.verify import verify
from tests.batches import LATER
from tests.factories import NOON, PDF, make_company, make_invoice, make_order, make_staff

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 3, 31)
NEW = NewInvoice(
    number="2026-7",
    pdf=PDF,
    file_name="Invoice 7.pdf",
    issued_on=date(2026, 3, 1),
    due_on=date(2026, 3, 31),
    total_gross=Decimal("100.00"),
    total_net=Decimal("121.00"),
    paid_on=date(2026, 3, 20),
)


def actor(staff_id: int | None = None, companies: frozenset[int] | None = None, level: str = "editor") -> Actor:
    """Give somebody with a level on orders."""
    return Actor(staff_id, "Mia", frozenset(map(Grant.parse, (f"order:{level}", "backoffice:viewer"))), companies)


def by(who: Actor = SYSTEM) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, LATER)


def read(number: int) -> Order:
    """Read an order afresh."""
    db.session.rollback()
    return db.session.get_one(Order, number)


def history(number: int) -> list[tuple[int, str, str, str]]:
    rows = db.session.scalars(select(OrderHistory).where(OrderHistory.order_id == number).order_by(OrderHistory.id))
    return [(row.version, row.field, row.old_value, row.new_value) for row in rows][1:]


def numbers(order: int) -> list[str]:
    return [invoice.number for invoice in invoices_of(read(order))]


def stored() -> list[str]:
    """Give the names of all files in the store, whatever their folder."""
    return [*store.names(), *(f"{FOLDER}/{name}" for name in store.names(FOLDER))]


def is_whole() -> bool:
    return not [check for check in verify() if check.count]


# ---- attaching ----


def test_an_attached_invoice_is_kept_with_its_pdf() -> None:
    order = make_order()
    attach(order, NEW, today=TODAY, edit=by())
    (invoice,) = invoices_of(read(order))
    kept = {name: getattr(invoice, name) for name in NEW.__dataclass_fields__ if name != "pdf"}
    assert NewInvoice(**kept, pdf=store.open(invoice.stored_as).read()) == NEW
    assert invoice.size == len(PDF)
    assert stored() == [invoice.stored_as]
    assert "2026-7" not in invoice.stored_as


def test_attaching_and_detaching_is_told_by_history_version_and_stamps() -> None:
    mia = make_staff("mia", ["order:editor", "backoffice:viewer"]).id
    order = make_order()
    attach(order, NEW, today=TODAY, edit=by(actor(mia)))
    attach(order, replace(NEW, number="2026-8"), today=TODAY, edit=by(actor(mia)))
    detach(order, invoices_of(read(order))[0].id, edit=by(actor(mia)))
    changed = read(order)
    assert (changed.version, changed.updated_at, changed.updated_by_id) == (4, LATER, mia)
    assert history(order) == [
        (2, "invoice", "", "2026-7"),
        (3, "invoice", "", "2026-8"),
        (4, "invoice", "2026-7", ""),
    ]
    assert is_whole()


def test_only_number_and_pdf_have_to_be_there() -> None:
    order = make_order()
    attach(order, NewInvoice("7", PDF), today=TODAY, edit=by())
    (invoice,) = invoices_of(read(order))
    assert (invoice.issued_on, invoice.total_net, invoice.file_name) == (None, None, "invoice.pdf")
    assert not invoice.is_overdue(TODAY)


def test_an_invoice_is_overdue_from_the_day_after_its_due_date_until_it_is_paid() -> None:
    invoice = Invoice(number="7", due_on=TODAY)
    assert not invoice.is_overdue(TODAY)
    assert invoice.is_overdue(TODAY + timedelta(days=1))
    invoice.paid_on = TODAY
    assert not invoice.is_overdue(TODAY + timedelta(days=1))


def test_a_number_is_given_once_in_an_order_and_may_be_that_of_another() -> None:
    order, other = make_order(), make_order()
    attach(order, NEW, today=TODAY, edit=by())
    attach(other, NEW, today=TODAY, edit=by())
    with pytest.raises(Invalid, match="has an invoice of this number already") as raised:
        attach(order, NEW, today=TODAY, edit=by())
    assert raised.value.field == "number"
    assert (numbers(order), len(stored()), read(order).version) == (["2026-7"], 2, 2)


@pytest.mark.race
def test_of_two_who_attach_the_same_number_at_once_one_is_told(app: Flask) -> None:
    order, people = make_order(), 4
    start = Barrier(people)

    def do(_person: int) -> str:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            try:
                attach(order, NEW, today=TODAY, edit=by())
            except Invalid as invalid:
                return invalid.field
            return "kept"

    db.session.rollback()
    with ThreadPoolExecutor(people) as threads:
        told = sorted(threads.map(do, range(people)))
    assert told == ["kept", *["number"] * (people - 1)]
    assert (numbers(order), len(stored()), read(order).version) == (["2026-7"], 1, 2)


@pytest.mark.race
def test_two_who_attach_other_numbers_at_once_both_do(app: Flask) -> None:
    order, people = make_order(), 3
    start = Barrier(people)

    def do(person: int) -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            attach(order, replace(NEW, number=f"N{person}"), today=TODAY, edit=by())

    db.session.rollback()
    with ThreadPoolExecutor(people) as threads:
        list(threads.map(do, range(people)))
    assert sorted(numbers(order)) == ["N0", "N1", "N2"]
    assert (read(order).version, is_whole()) == (4, True)


# ---- who may, and where ----


def test_without_the_right_nothing_is_stored() -> None:
    order = make_order()
    make_invoice(order, "I-1")
    (invoice,) = invoices_of(read(order))
    with pytest.raises(NotAllowed):
        attach(order, NEW, today=TODAY, edit=by(actor(level="viewer")))
    with pytest.raises(NotAllowed):
        detach(order, invoice.id, edit=by(actor(level="viewer")))
    assert (numbers(order), stored()) == (["I-1"], [])


def test_an_order_out_of_scope_has_no_invoices_and_gets_none() -> None:
    order = make_order(company=make_company("Acme"))
    make_invoice(order, "I-1")
    (invoice,) = invoices_of(read(order))
    limited = actor(companies=frozenset({make_company("Other").id}))
    assert find_invoice(order, invoice.id, limited) is None
    with pytest.raises(OrderGone):
        attach(order, NEW, today=TODAY, edit=by(limited))
    with pytest.raises(OrderGone):
        detach(order, invoice.id, edit=by(limited))
    assert (numbers(order), stored()) == (["I-1"], [])


def test_a_deleted_order_gets_no_invoice() -> None:
    order = make_order(is_deleted=True)
    with pytest.raises(OrderGone, match=f"There is no order {order} any more"):
        attach(order, NEW, today=TODAY, edit=by())
    assert stored() == []


def test_an_invoice_is_found_in_its_own_order_only() -> None:
    order, other = make_order(), make_order()
    make_invoice(order, "I-1")
    (invoice,) = invoices_of(read(order))
    assert find_invoice(order, invoice.id, SYSTEM) == invoice
    for order_id, invoice_id in ((other, invoice.id), (order, invoice.id + 1), (2 * LARGEST_ID, 2 * LARGEST_ID)):
        assert find_invoice(order_id, invoice_id, SYSTEM) is None
    with pytest.raises(Refused, match="Somebody else has detached"):
        detach(other, invoice.id, edit=by())
    assert numbers(order) == ["I-1"]


# ---- detaching ----


def test_detaching_removes_row_and_file_and_the_second_is_told() -> None:
    order = make_order()
    attach(order, NEW, today=TODAY, edit=by())
    invoice_id = invoices_of(read(order))[0].id
    detach(order, invoice_id, edit=by())
    assert (numbers(order), stored()) == ([], [])
    with pytest.raises(Refused, match="Somebody else has detached this invoice meanwhile"):
        detach(order, invoice_id, edit=by())
    assert read(order).version == 3


def test_a_file_that_the_store_keeps_does_not_keep_the_invoice(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order()
    attach(order, NEW, today=TODAY, edit=by())

    def refuse(_name: str) -> None:
        raise OSError("the store does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(store, "remove", refuse)
        detach(order, invoices_of(read(order))[0].id, edit=by())
    assert (numbers(order), len(stored())) == ([], 1)
    remove_left_over(LATER + timedelta(days=1))
    assert len(stored()) == 1
    remove_left_over(LATER + timedelta(days=2))
    assert stored() == []


def test_a_pdf_that_is_missing_in_the_store_is_named() -> None:
    order = make_order()
    attach(order, NEW, today=TODAY, edit=by())
    assert is_whole()
    (name,) = stored()
    store.remove(name)
    (broken,) = [check for check in verify() if check.count]
    assert broken.examples == [f"order {order}: {name}"]


def test_what_is_attached_and_what_others_put_into_the_store_is_not_left_over() -> None:
    order = make_order()
    attach(order, NEW, today=TODAY, edit=by())
    others = ["7-1.csv", "invoices/7.pdf"]
    for name in others:
        with store.writing(name) as written:
            written.write(b"x")
    remove_left_over(LATER + timedelta(days=100))
    assert sorted(stored()) == sorted([*others, invoices_of(read(order))[0].stored_as])


# ---- failures ----


class Full:
    """A disk without room."""

    def write(self, _content: bytes) -> None:
        raise OSError("no space left on device")


def test_a_store_that_fails_leaves_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order()
    writing = store.writing

    @contextmanager
    def full(name: str) -> Iterator[BinaryIO | Full]:
        with writing(name):
            yield Full()

    monkeypatch.setattr(store, "writing", full)
    with pytest.raises(Invalid, match="cannot be stored at the moment") as raised:
        attach(order, NEW, today=TODAY, edit=by())
    assert raised.value.field == "pdf"
    assert (numbers(order), stored(), read(order).version) == ([], [], 1)


def test_a_failure_before_the_commit_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order()

    def crash(*_given: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(services.invoices, "_row", crash)
    with pytest.raises(RuntimeError):
        attach(order, NEW, today=TODAY, edit=by())
    assert (numbers(order), stored(), history(order)) == ([], [], [])


# ---- rules ----


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"<html><script>alert(1)</script></html>", "This is not a PDF."),
        (b"\n" + PDF, "This is not a PDF."),
        (b"PK\x03\x04" + PDF, "This is not a PDF."),
        (b"<script>alert(1)</script>" + PDF, "This is not a PDF."),
        (b"GIF89a" + PDF, "This is not a PDF."),
        (PDF[: len(PDF) // 2], "This PDF is incomplete: its end is missing."),
        (PDF + b"\0" * 2_000, "This PDF is incomplete: its end is missing."),
        (b"%PDF-" + b"x" * LARGEST_PDF, "The file is larger than 10 MB."),
    ],
)
def test_what_is_no_whole_pdf_is_refused_whatever_it_is_called(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_pdf(content)
    assert (raised.value.field, str(raised.value)) == ("pdf", sentence)
    order = make_order()
    with pytest.raises(Invalid):
        attach(order, replace(NEW, pdf=content), today=TODAY, edit=by())
    assert (numbers(order), stored()) == ([], [])


def test_a_pdf_of_exactly_ten_megabytes_with_a_line_after_its_end_is_taken() -> None:
    check_pdf(b"%PDF-" + b"x" * (LARGEST_PDF - 12) + b"%%EOF\r\n")


@pytest.mark.parametrize(
    ("changes", "currency", "told"),
    [
        ({}, "EUR", {}),
        ({"number": ""}, "EUR", {"number": "Give the number of the invoice."}),
        ({"number": "7" * 65}, "EUR", {"number": "A number may have at most 64 characters."}),
        ({"number": "7\u202e8"}, "EUR", {"number": "The number has characters that cannot be read."}),
        ({"due_on": date(2026, 2, 28)}, "EUR", {"due_on": "The due date is before the date of the invoice."}),
        ({"due_on": date(2026, 3, 1)}, "EUR", {}),
        ({"paid_on": TODAY}, "EUR", {}),
        ({"paid_on": TODAY + timedelta(days=1)}, "EUR", {"paid_on": "This day has not come yet."}),
        ({"total_gross": Decimal("1.005")}, "EUR", {"total_gross": "EUR has no amounts smaller than 0.01."}),
        (
            {"total_gross": Decimal("1.50"), "total_net": Decimal(2)},
            "JPY",
            {"total_gross": "JPY has no amounts smaller than 1."},
        ),
        ({"total_net": Decimal(99)}, "EUR", {"total_net": "The amount incl. VAT is less than the amount excl. VAT."}),
        ({"total_net": Decimal(100)}, "EUR", {}),
        ({"total_gross": Decimal(-100), "total_net": Decimal(-121)}, "EUR", {}),
        (
            {"total_gross": Decimal(-100), "total_net": Decimal(-99)},
            "EUR",
            {"total_net": "The amount incl. VAT is less than the amount excl. VAT."},
        ),
        (
            {"number": "", "due_on": date(2026, 1, 1), "total_net": Decimal(1)},
            "EUR",
            {
                "number": "Give the number of the invoice.",
                "due_on": "The due date is before the date of the invoice.",
                "total_net": "The amount incl. VAT is less than the amount excl. VAT.",
            },
        ),
    ],
)
def test_every_fault_is_told_by_its_field(changes: dict[str, Any], currency: str, told: dict[str, str]) -> None:
    found = faults(replace(NEW, **changes), Order(currency=currency), today=TODAY)
    assert {fault.field: str(fault) for fault in found} == told


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Invoice 7.pdf", "Invoice 7.pdf"),
        ("Rechnung Müller & Söhne.PDF", "Rechnung Müller & Söhne.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\mia\\bill.pdf", "bill.pdf"),
        ("evil.html", "evil.html.pdf"),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("fdp.\u202egnp.pdf", "fdp.gnp.pdf"),
        ('say "hi".pdf', 'say "hi".pdf'),
        (" . .pdf", "invoice.pdf"),
        ("", "invoice.pdf"),
        (".pdf", "invoice.pdf"),
        ("x" * 500 + ".pdf", "x" * 200 + ".pdf"),
    ],
)
def test_the_name_of_a_file_is_made_safe(given: str, name: str) -> None:
    assert safe_name(given) == name


def test_the_moment_of_the_last_change_may_be_the_same() -> None:
    order = make_order()
    attach(order, NEW, today=TODAY, edit=Edit(SYSTEM, Action.ORDERS_EDIT, NOON))
    assert (read(order).version, is_whole()) == (2, True)
