"""The templates that mails begin with, filled in for an order."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.base import db
from models.mail import MailTemplate
from models.order import Order
from permissions import Action, Actor
from services.documents.pen import Pen
from services.firm import seller
from services.mails.letter import Letter, letter
from services.mails.texts import EXAMPLE, OrderFacts, facts_of, written
from services.mails.typed import NewMail, checked
from services.orders import find_order


def filled_in(template: MailTemplate, order: Order, *, zone: ZoneInfo) -> tuple[str, str]:
    """Give the subject and the text that a template makes for an order. Raises Invalid."""
    pen = Pen(template.language, zone, seller())
    return _filled_in(template, facts_of(order, pen), pen)


def tried(template: MailTemplate, *, actor: Actor, zone: ZoneInfo) -> Letter:
    """Give the mail that a template makes for the latest order that the actor sees, or for an example.

    Raises Invalid.
    """
    pen = Pen(template.language, zone, seller())
    facts = EXAMPLE
    if actor.may(Action.ORDERS_SEE):
        latest = select(Order.id).where(Order.listed_for(actor)).order_by(Order.id.desc()).limit(1)
        order = find_order(db.session.scalar(latest) or 0, actor)
        facts = facts_of(order, pen) if order else EXAMPLE
    subject, body = _filled_in(template, facts, pen)
    new = NewMail("", template.language, subject, body)
    return letter(*checked(new), facts, pen)


def _filled_in(template: MailTemplate, facts: OrderFacts, pen: Pen) -> tuple[str, str]:
    subject = " ".join(written(template.subject, "subject", facts, pen.firm).split())
    return subject, written(template.body, "body", facts, pen.firm).strip()
