"""Sending mails of orders: what a mail begins with, what it becomes, and the row that is its order's from then on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import category

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db
from models.firm import Firm
from models.mail import LONGEST_SUBJECT, LONGEST_TEXT, MailCode, MailTemplate, OrderMail
from models.order import Order
from models.types import LARGEST_ID
from permissions import Actor
from services.errors import Invalid, Refused
from services.mails.addresses import read_address, read_addresses
from services.mails.delivery import ask_for_delivery
from services.mails.letter import Attachment, Envelope, Letter, letter, message, new_message_id
from services.mails.texts import facts_of, nearest, written
from services.orders import find_order
from services.status_change import ChangedMeanwhile, following
from services.unit_of_work import Edit, OrderGone, changing_one

DRAFT, SENT_DRAFT = "DRAFT_ORDER", "NEW"
"""A draft that is sent is the client's order from then on."""


@dataclass(frozen=True)
class NewMail:
    """A mail that is to be sent, as it was typed."""

    recipients: str
    language: str
    subject: str
    body: str
    copies: str = ""
    has_pdf: bool = False


class Beginning(NamedTuple):
    """What a mail in one language begins with; `fault` is what is wrong with its template."""

    subject: str = ""
    body: str = ""
    fault: Invalid | None = None


def beginnings(order: Order) -> Mapping[str, Beginning]:
    """Give what a mail of an order begins with in each language."""
    seller = firm()
    templates = db.session.scalars(select(MailTemplate).order_by(MailTemplate.id)).all()
    return {template.language: _beginning(template, order, seller) for template in templates}


def _beginning(template: MailTemplate, order: Order, seller: Firm) -> Beginning:
    try:
        return Beginning(*filled_in(template, order, seller))
    except Invalid as invalid:
        return Beginning(fault=invalid)


def filled_in(template: MailTemplate, order: Order, seller: Firm) -> tuple[str, str]:
    """Give the subject and the text that a template makes for an order. Raises Invalid."""
    facts = facts_of(order, template.language)
    subject = " ".join(written(template.subject, "subject", facts, seller).split())
    return subject, written(template.body, "body", facts, seller).strip()


def firm() -> Firm:
    """Give the seller."""
    return db.session.get_one(Firm, 1)


def mails_of(order: Order) -> Sequence[OrderMail]:
    """Give the mails of an order, the latest first."""
    return db.session.scalars(
        select(OrderMail)
        .where(OrderMail.order_id == order.id)
        .order_by(OrderMail.id.desc())
        .options(joinedload(OrderMail.delivery), joinedload(OrderMail.asked_by))
    ).all()


def find_mail(mail_id: int, actor: Actor) -> OrderMail | None:
    """Give a mail with its message; None when it does not exist for the actor."""
    return db.session.scalar(
        select(OrderMail)
        .where(OrderMail.id == min(mail_id, LARGEST_ID), OrderMail.visible_to(actor))
        .options(joinedload(OrderMail.delivery), joinedload(OrderMail.asked_by))
    )


def preview(order: Order, new: NewMail) -> Letter:
    """Give what the client would read. Raises Invalid."""
    subject, body = _checked(new)
    return letter(subject, body, facts_of(order, new.language), firm(), new.language)


def prepared(order: Order, new: NewMail, *, edit: Edit) -> OrderMail:
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
    subject, body = _checked(new)
    seller = firm()
    sender = _sender(seller)
    read = letter(subject, body, facts_of(order, new.language), seller, new.language)
    attachment = _attachment(order, new.language) if new.has_pdf else None
    message_id = new_message_id(order.id, sender)
    envelope = Envelope(seller.name, sender, recipients, copies)
    return OrderMail(
        order_id=order.id,
        code=MailCode.ORDER_CONFIRMATION,
        language=new.language,
        sender=sender,
        recipients=", ".join(recipients),
        copies=", ".join(copies),
        subject=subject,
        body=body,
        attachment=attachment.name if attachment else "",
        message_id=message_id,
        message=message(read, envelope, attachment, message_id=message_id, now=edit.now),
        asked_at=edit.now,
        asked_by_id=edit.actor.staff_id,
    )


def confirmation(order: Order, *, has_pdf: bool, edit: Edit) -> OrderMail:
    """Make the mail that its template makes for an order, in the order's language. Raises Invalid and Refused."""
    language = nearest(order.language)
    begun = beginnings(order)[language]
    if begun.fault:
        raise begun.fault
    return prepared(order, NewMail(order.email, language, begun.subject, begun.body, has_pdf=has_pdf), edit=edit)


def send(order_id: int, new: NewMail, *, seen: int, edit: Edit) -> OrderMail:
    """Send a mail of an order from the version that was seen; `wake` is called afterwards. A draft moves on by it.

    Raises NotAllowed, OrderGone, ChangedMeanwhile, Invalid and Refused.
    """
    edit.actor.must(edit.action)
    order = find_order(order_id, edit.actor)
    if order is None or order.is_deleted:
        raise OrderGone(order_id)
    if order.version != seen:
        raise ChangedMeanwhile
    mail = prepared(order, new, edit=edit)
    with changing_one(order_id, edit=edit, then=lambda: ask_for_delivery(mail, edit)) as order:
        if order.version != seen:
            raise ChangedMeanwhile
        db.session.add(mail)
        if order.status.code == DRAFT:
            for status in following(order):
                if status.code == SENT_DRAFT:
                    order.status_id = status.id
    return mail


def _checked(new: NewMail) -> tuple[str, str]:
    """Give subject and text as they can be sent. Raises Invalid."""
    subject, body = new.subject.strip(), new.body.replace("\r\n", "\n").strip()
    if new.language != nearest(new.language):
        raise Invalid("language", "There is no language %(code)s.", code=new.language[:8])
    if not subject:
        raise Invalid("subject", "Give the mail a subject.")
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid("subject", "A subject may have at most %(most)d characters.", most=LONGEST_SUBJECT)
    if not _is_sent_as_it_is(subject):
        raise Invalid("subject", "The subject has line breaks or other signs that cannot be sent.")
    if not body:
        raise Invalid("body", "Write a message.")
    if len(body) > LONGEST_TEXT:
        raise Invalid("body", "A message may have at most %(most)d characters.", most=LONGEST_TEXT)
    if not _is_sent_as_it_is(body.replace("\n", "").replace("\t", "")):
        raise Invalid("body", "The message has signs that cannot be sent.")
    return subject, body


def _is_sent_as_it_is(text: str) -> bool:
    """Say whether no sign in a text ends a line or means something to a machine."""
    return not any(category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


def _sender(seller: Firm) -> str:
    try:
        return read_address(seller.email, "sender")
    except Invalid as invalid:
        raise Refused("The firm needs an e-mail address first: it is set under Firm data.") from invalid


def _attachment(order: Order, language: str) -> Attachment:
    raise Refused("There is no PDF of orders yet.")
