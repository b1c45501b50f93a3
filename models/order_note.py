"""What staff note of an order among themselves. Written as orders are."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.order import PartOfOrder
from models.staff import Staff
from models.types import Key, UtcDateTime, text


class OrderNote(PartOfOrder, Base):
    """An internal note: who, when, and what. No customer sees it."""

    __tablename__ = "order_note"
    __table_args__ = (
        CheckConstraint("length(text) >= 1", name="text_given"),
        Index(None, "order_id", "id"),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "internal_note"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(text(4000))

    staff: Mapped[Staff] = relationship()

    def __str__(self) -> str:
        return self.text
