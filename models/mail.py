"""Mails of orders: the texts they begin with, what was sent to whom, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, ScopedRow
from models.delivery import DeliveryState
from models.kept import KeptRow
from models.order import PartOfOrder
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text, within
from permissions import Actor

LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_ADDRESSES = 200, 10_000, 1_000


def addresses_in(*written: str) -> list[str]:
    """Give the addresses of texts that separate them by a comma and a space, each once."""
    return list(dict.fromkeys(address for text in written for address in text.split(", ") if address))


class MailCode(StrEnum):
    """What a mail is about."""

    ORDER_CONFIRMATION = "ORDER_CONFIRMATION"


class MailLanguage(StrEnum):
    """The languages in which there are mails (ISO 639-1), the first for whoever reads none of them."""

    ENGLISH = "en"
    DUTCH = "nl"
    GERMAN = "de"


class MailTemplate(KeptRow, Base):
    """The subject and the text that a mail begins with, in one language; both are templates of Jinja."""

    __tablename__ = "mail_template"
    __table_args__ = (
        among("code", MailCode),
        among("language", MailLanguage),
        Index(None, "code", "language", unique=True),
        {"sqlite_autoincrement": True},
    )
    SEARCHED: ClassVar = ("subject", "body")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(text(32))
    language: Mapped[str] = mapped_column(text(2))
    subject: Mapped[str] = mapped_column(text(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(text(LONGEST_TEXT))

    def __str__(self) -> str:
        return self.subject


class OrderMail(PartOfOrder, Base):
    """A mail of an order, as it was asked for; it never changes. What becomes of it is its delivery.

    `message` is the whole of it, byte for byte what is handed to the mail server however often that is tried, and
    `message_id` is its name there. Addresses are separated by commas. `attachment` is the name of the PDF in it,
    empty where there is none, and `code` the template that it began with.
    """

    __tablename__ = "order_mail"
    __table_args__ = (
        among("code", MailCode),
        among("language", MailLanguage),
        CheckConstraint("recipients <> ''", name="recipients"),
        Index(None, "order_id", "id"),
        Index(None, "message_id", unique=True),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "mail"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    code: Mapped[str] = mapped_column(text(32))
    language: Mapped[str] = mapped_column(text(2))
    sender: Mapped[str] = mapped_column(text(255))
    recipients: Mapped[str] = mapped_column(text(LONGEST_ADDRESSES))
    copies: Mapped[str] = mapped_column(text(LONGEST_ADDRESSES), default="")
    subject: Mapped[str] = mapped_column(text(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(text(LONGEST_TEXT))
    attachment: Mapped[str] = mapped_column(text(255), default="")
    message_id: Mapped[str] = mapped_column(text(255))
    message: Mapped[bytes] = mapped_column(deferred=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    asked_by: Mapped[Staff | None] = relationship()
    delivery: Mapped["MailDelivery"] = relationship(viewonly=True)

    @property
    def addresses(self) -> list[str]:
        """Everybody to whom it goes."""
        return addresses_in(self.recipients, self.copies)

    def __str__(self) -> str:
        return ", ".join(self.addresses)


class MailDelivery(ScopedRow, Base):
    """What became of a mail: kept by the worker, without a change of the order.

    `accepted` are the addresses whose server took it, `refused` those it will never reach, each with the answer, a
    line each. `unanswered` counts the times that it was handed over and no answer came: as often it may have arrived
    already. `reason` says why it is not sent, or what was done with it instead.
    """

    __tablename__ = "mail_delivery"
    __table_args__ = (among("state", DeliveryState), within("unanswered", 0))

    mail_id: Mapped[int] = mapped_column(ForeignKey("order_mail.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(text(16), default=DeliveryState.WAITING)
    reason: Mapped[str] = mapped_column(text(500), default="")
    accepted: Mapped[str] = mapped_column(text(2_500), default="")
    refused: Mapped[str] = mapped_column(text(10_000), default="")
    unanswered: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        found: ColumnElement[bool] = cls.mail_id.in_(select(OrderMail.id).where(OrderMail.visible_to(actor)))
        return found
