"""Sending mails of orders: what a mail begins with, what it becomes, and the row that is its order's from then on."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db
from models.firm import Firm
from models.mail import MailCode, MailTemplate, OrderMail
from models.order import Order
from models.status import OrderStatus
from models.types import LARGEST_ID
from permissions import Actor
from services.documents import Document, language_of
from services.documents import written as written_document
from services.documents.pen import Pen
from services.errors import Invalid, Refused
from services.firm import seller
from services.mails.addresses import read_address, read_addresses
from services.mails.delivery import ask_for_delivery
from services.mails.letter import Attachment, Envelope, Letter, letter, message, new_message_id
from services.mails.templates import filled_in
from services.mails.texts import facts_of
from services.mails.typed import NewMail, checked
from services.orders import find_order
from services.status_change import following
from services.unit_of_work import Edit, OrderGone, changing_one, check_seen

DRAFT, SENT_DRAFT = "DRAFT_ORDER", "NEW"
"""A draft that is sent is the client's order from then on."""


class Beginning(NamedTuple):
    """What a mail in one language begins with; `fault` is what is wrong with its template."""

    subject: str = ""
    body: str = ""
    fault: Invalid | None = None


def beginnings(order: Order, *, zone: ZoneInfo) -> Mapping[str, Beginning]:
    """Give what a mail of an order begins with in each language. Days are those of `zone`, the seller's."""
    templates = db.session.scalars(select(MailTemplate).order_by(MailTemplate.id)).all()
    return {template.language: _beginning(template, order, zone) for template in templates}


def _beginning(template: MailTemplate, order: Order, zone: ZoneInfo) -> Beginning:
    try:
        return Beginning(*filled_in(template, order, zone=zone))
    except Invalid as invalid:
        return Beginning(fault=invalid)


def client_address(order: Order) -> str:
    """Give the address to which the mails of an order go at first: that of the order, or of who ordered."""
    return order.email or (order.user.email if order.user else "")


def pdf_name(order: Order) -> str:
    """Give the name under which the PDF of an order goes along."""
    return f"order-{order.id}.pdf"


def mails_of(order: Order, most: int) -> Sequence[OrderMail]:
    """Give the latest mails of an order, the latest first."""
    return db.session.scalars(
        select(OrderMail)
        .where(OrderMail.order_id == order.id)
        .order_by(OrderMail.id.desc())
        .limit(most)
        .options(joinedload(OrderMail.delivery), joinedload(OrderMail.asked_by))
    ).all()


def find_mail(mail_id: int, actor: Actor) -> OrderMail | None:
    """Give a mail with its message; None when it does not exist for the actor."""
    return db.session.scalar(
        select(OrderMail)
        .where(OrderMail.id == min(mail_id, LARGEST_ID), OrderMail.visible_to(actor))
        .options(joinedload(OrderMail.delivery), joinedload(OrderMail.asked_by))
    )


def preview(order: Order, new: NewMail, *, zone: ZoneInfo) -> Letter:
    """Give what the client would read. Raises Invalid."""
    subject, body = checked(new)
    pen = Pen(new.language, zone, seller())
    return letter(subject, body, facts_of(order, pen), pen)


def prepared(order: Order, new: NewMail, *, zone: ZoneInfo, edit: Edit) -> OrderMail:
    """Make a mail of an order as it is now, whole: what is tried later, and again, are these very bytes.

    The PDF is made here, too, not by the worker: text and PDF are of one version, the one that the sender saw, and a
    second try sends no other ones under the same name. Raises Invalid and Refused.
    """
    recipients = read_addresses(new.recipients, "recipients", is_needed=True)
    copies = [
        address
        for address in read_addresses(new.copies, "copies")
        if address.casefold() not in {recipient.casefold() for recipient in recipients}
    ]
    read = preview(order, new, zone=zone)
    firm = seller()
    sender = _sender(firm)
    attachment = Attachment(pdf_name(order), _pdf(order, new.language, zone)) if new.has_pdf else None
    message_id = new_message_id(order.id, sender)
    envelope = Envelope(firm.name, sender, recipients, copies)
    return OrderMail(
        order_id=order.id,
        code=MailCode.ORDER_CONFIRMATION,
        language=new.language,
        sender=sender,
        recipients=", ".join(recipients),
        copies=", ".join(copies),
        subject=read.subject,
        body=checked(new)[1],
        attachment=attachment.name if attachment else "",
        message_id=message_id,
        message=message(read, envelope, attachment, message_id=message_id, now=edit.now),
        asked_at=edit.now,
        asked_by_id=edit.actor.staff_id,
    )


def confirmation(order: Order, *, has_pdf: bool, zone: ZoneInfo, edit: Edit) -> OrderMail:
    """Make the mail that its template makes for an order, in the order's language. Raises Invalid and Refused."""
    begun = beginnings(order, zone=zone)[language_of(order)]
    if begun.fault:
        raise begun.fault
    new = NewMail(client_address(order), language_of(order), begun.subject, begun.body, has_pdf=has_pdf)
    return prepared(order, new, zone=zone, edit=edit)


def send(order_id: int, new: NewMail, *, seen: int, zone: ZoneInfo, edit: Edit) -> OrderMail:
    """Send a mail of an order from the version that was seen; `wake` is called afterwards. A draft moves on by it.

    Days are those of `zone`, the seller's. Raises NotAllowed, OrderGone, ChangedMeanwhile, Invalid and Refused.
    """
    edit.actor.must(edit.action)
    order = find_order(order_id, edit.actor)
    if order is None or order.is_deleted:
        raise OrderGone(order_id)
    check_seen(order, seen)
    mail = prepared(order, new, zone=zone, edit=edit)
    with changing_one(order_id, edit=edit, seen=seen, then=lambda: ask_for_delivery(mail, edit)) as order:
        db.session.add(mail)
        if status := status_by_sending(order):
            order.status_id = status.id
    return mail


def status_by_sending(order: Order) -> OrderStatus | None:
    """Give the status that sending a draft leads to; None where it leads nowhere, as for all other orders."""
    if order.status.code != DRAFT:
        return None
    return next((status for status in following(order) if status.code == SENT_DRAFT), None)


def _sender(firm: Firm) -> str:
    try:
        return read_address(firm.email, "sender")
    except Invalid as invalid:
        raise Refused("The firm needs an e-mail address first: it is set under Firm data.") from invalid


def _pdf(order: Order, language: str, zone: ZoneInfo) -> bytes:
    return written_document(order, Document.CONFIRMATION, language=language, zone=zone)
