"""Invoices of orders: attached with their PDF, found, detached."""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models.base import db
from models.invoice import Invoice
from models.order import Order
from models.types import LARGEST_ID
from permissions import Actor
from services.errors import Invalid, Refused
from services.orders import smallest_amount
from services.storage import PART, store
from services.unit_of_work import Edit, changing_one

LARGEST_PDF = 10 * 1024 * 1024
BEGINNING, END = b"%PDF-", b"%%EOF"
TAIL = 1024
"""Within how many bytes of its end a PDF says that it ends."""
LONGEST_NUMBER = 64
LONGEST_FILE_NAME = 200
FOLDER = "invoices"
STORED_NAME = re.compile(rf"([0-9]{{8}})-[0-9a-f]{{32}}\.pdf(?:{re.escape(PART)})?")
"""A name that `attach` makes in that folder of the store, with the day on which it did."""

log = logging.getLogger(__name__)


class AlreadyDetached(Refused):
    """Somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__("Somebody else has detached this invoice meanwhile.")


@dataclass(frozen=True)
class NewInvoice:
    """An invoice that is to be attached: gross is excl. VAT and net incl. VAT; `file_name` is the sender's word."""

    number: str
    pdf: bytes
    file_name: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    total_gross: Decimal | None = None
    total_net: Decimal | None = None
    paid_on: date | None = None


def invoices_of(order: Order) -> Sequence[Invoice]:
    """Give the invoices of an order, in the order in which they were attached."""
    return db.session.scalars(select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id)).all()


def find_invoice(order_id: int, invoice_id: int, actor: Actor) -> Invoice | None:
    """Give an invoice of an order; None when it does not exist for the actor."""
    return db.session.scalar(
        select(Invoice).where(
            Invoice.id == min(invoice_id, LARGEST_ID),
            Invoice.order_id == min(order_id, LARGEST_ID),
            Invoice.visible_to(actor),
        )
    )


def attach(order_id: int, new: NewInvoice, *, today: date, edit: Edit) -> None:
    """Attach an invoice to an order and keep its PDF. Raises NotAllowed, OrderGone or Invalid.

    `today` is the day where the person is.
    """
    edit.actor.must(edit.action)
    check_pdf(new.pdf)
    stored_as = f"{FOLDER}/{edit.now:%Y%m%d}-{token_hex(16)}.pdf"
    try:
        _store(new.pdf, stored_as)
        with changing_one(order_id, edit=edit) as order:
            _refuse(new, order, today)
            db.session.add(_row(new, order, stored_as))
    except DBAPIError:
        raise  # it may have been committed all the same: what belongs to no invoice is removed in time
    except BaseException:
        _discard(stored_as)
        raise


def _store(content: bytes, stored_as: str) -> None:
    try:
        with store.writing(stored_as) as written:
            written.write(content)
    except OSError as error:
        log.error("The file %s could not be stored.", stored_as, exc_info=error)  # noqa: TRY400  not again below
        raise Invalid("pdf", "The PDF cannot be stored at the moment. Nothing was attached; try again later.") from None


def _refuse(new: NewInvoice, order: Order, today: date) -> None:
    for fault in faults(new, order, today=today):
        raise fault
    if any(invoice.number == new.number for invoice in invoices_of(order)):
        raise Invalid("number", "This order has an invoice of this number already.")


def _row(new: NewInvoice, order: Order, stored_as: str) -> Invoice:
    return Invoice(
        order_id=order.id,
        number=new.number,
        issued_on=new.issued_on,
        due_on=new.due_on,
        total_gross=new.total_gross,
        total_net=new.total_net,
        paid_on=new.paid_on,
        stored_as=stored_as,
        file_name=safe_name(new.file_name),
        size=len(new.pdf),
    )


def detach(order_id: int, invoice_id: int, *, edit: Edit) -> None:
    """Remove an invoice and its PDF. Raises NotAllowed, OrderGone or AlreadyDetached."""
    with changing_one(order_id, edit=edit) as order:
        invoice = db.session.get(Invoice, min(invoice_id, LARGEST_ID))
        if invoice is None or invoice.order_id != order.id:
            raise AlreadyDetached
        stored_as = invoice.stored_as
        db.session.delete(invoice)
    if stored_as:
        _discard(stored_as)


def remove_left_over(now: datetime) -> None:
    """Remove the PDFs of older days that belong to no invoice: what was broken off, or could not be removed then."""
    yesterday = f"{now - timedelta(days=1):%Y%m%d}"
    old = [
        f"{FOLDER}/{name}"
        for name in store.names(FOLDER)
        if (made := STORED_NAME.fullmatch(name)) and made[1] < yesterday
    ]
    # Below the walls of the session: what exists for nobody here is somebody's all the same.
    kept = set(db.session.connection().scalars(select(Invoice.stored_as)))
    db.session.rollback()
    for name in old:
        if name not in kept:
            store.remove(name)


def _discard(stored_as: str) -> None:
    """Remove a file; one that the store does not let go now is removed with what is left over."""
    try:
        store.remove(stored_as)
    except Exception:
        log.warning("The file %s could not be removed from the store.", stored_as, exc_info=True)


# ---- rules ----


def faults(new: NewInvoice, order: Order, *, today: date) -> Iterator[Invalid]:
    """Give what is wrong with an invoice, field by field."""
    yield from _number_faults(new.number)
    if new.due_on and new.issued_on and new.due_on < new.issued_on:
        yield Invalid("due_on", "The due date is before the date of the invoice.")
    if new.paid_on and new.paid_on > today:
        yield Invalid("paid_on", "This day has not come yet.")
    yield from _amount_faults(new, order.currency)


def _number_faults(number: str) -> Iterator[Invalid]:
    if not number:
        yield Invalid("number", "Give the number of the invoice.")
    elif len(number) > LONGEST_NUMBER:
        yield Invalid("number", "A number may have at most %(most)d characters.", most=LONGEST_NUMBER)
    elif not number.isprintable():
        yield Invalid("number", "The number has characters that cannot be read.")


def _amount_faults(new: NewInvoice, currency: str) -> Iterator[Invalid]:
    unit = smallest_amount(currency)
    for name, amount in (("total_gross", new.total_gross), ("total_net", new.total_net)):
        if amount is not None and amount % unit:
            yield Invalid(name, "%(currency)s has no amounts smaller than %(unit)s.", currency=currency, unit=unit)
    if new.total_gross is not None and new.total_net is not None:
        sign = -1 if new.total_gross < 0 else 1
        if new.total_net * sign < new.total_gross * sign:
            yield Invalid("total_net", "The amount incl. VAT is less than the amount excl. VAT.")


def check_pdf(content: bytes) -> None:
    """Raise Invalid for what is no whole PDF, whatever it is called, and for one that is too large."""
    if not content:
        raise Invalid("pdf", "The file is empty.")
    if len(content) > LARGEST_PDF:
        raise Invalid("pdf", "The file is larger than %(most)d MB.", most=LARGEST_PDF // 1024 // 1024)
    if not content.startswith(BEGINNING):
        raise Invalid("pdf", "This is not a PDF.")
    if END not in content[-TAIL:]:
        raise Invalid("pdf", "This PDF is incomplete: its end is missing.")


def safe_name(given: str) -> str:
    """Give the name under which a PDF is sent: no folders, no signs that hide or turn others, `.pdf` at its end."""
    last = re.split(r"[/\\]", given)[-1]
    shown = "".join(sign for sign in last if sign.isprintable())
    stem = re.sub(r"(?i)\.pdf$", "", " ".join(shown.split())).strip(". ")
    return f"{stem[:LONGEST_FILE_NAME].rstrip('. ') or 'invoice'}.pdf"
