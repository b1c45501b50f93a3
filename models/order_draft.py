"""What staff are typing into the order editor, and the forms of it that were saved."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Text, and_
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.order import PartOfOrder
from models.types import Key, UtcDateTime, text


class OrderDraft(Base):
    """An editor's form as it stood when it was last kept: of one person, for a new order or an existing one.

    `content` and `opened`, the form as the person got it first, are JSON as `services.editing.typed` writes it.
    """

    __tablename__ = "order_draft"
    __table_args__ = (
        CheckConstraint("length(form_key) = 32", name="form_key"),
        Index(None, "staff_id", "order_id"),
        Index(None, "order_id"),
        Index(None, "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    form_key: Mapped[str] = mapped_column(text(32), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)

    @classmethod
    def of(cls, staff_id: int | None, order_id: int | None) -> ColumnElement[bool]:
        """Give the condition on the forms of a person for an order, or for new ones."""
        return and_(cls.staff_id == staff_id, cls.order_id.is_(None) if order_id is None else cls.order_id == order_id)


class OrderSubmission(PartOfOrder, Base):
    """A form of the editor that was saved: which order it made or changed, and which version that was.

    Its key is written in the order's own transaction, so that a form that is sent twice makes one order.
    """

    __tablename__ = "order_submission"
    __table_args__ = (CheckConstraint("length(form_key) = 32", name="form_key"), Index(None, "order_id"))

    form_key: Mapped[str] = mapped_column(text(32), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    order_version: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
