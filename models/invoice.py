"""Invoices of orders. Written as orders are."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.order import PartOfOrder
from models.types import Key, Money, text


class Invoice(PartOfOrder, Base):
    """An invoice that was sent for an order. An order with one is not deleted.

    Gross is excl. VAT and net incl. VAT, in the order's currency. The PDF is called `file_name`, and lies in the
    store as `stored_as`; where that is empty there is none.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index(None, "order_id", "number", unique=True),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "invoice"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[str] = mapped_column(text(64))
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    total_gross: Mapped[Decimal | None] = mapped_column(Money)
    total_net: Mapped[Decimal | None] = mapped_column(Money)
    paid_on: Mapped[date | None]
    stored_as: Mapped[str] = mapped_column(text(64), default="", server_default="")
    file_name: Mapped[str] = mapped_column(text(255), default="", server_default="")
    size: Mapped[int] = mapped_column(Key, default=0, server_default="0")

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been paid before today."""
        return self.paid_on is None and self.due_on is not None and self.due_on < today

    def __str__(self) -> str:
        return self.number
