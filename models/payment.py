"""Payments of orders: what a payment provider told of them. Written as orders are."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.order import PartOfOrder, PaymentStatus
from models.types import Key, Money, UtcDateTime, among, text


class Payment(PartOfOrder, Base):
    """A payment of an order, or of a part of it. `external_id` is what the provider calls it."""

    __tablename__ = "payment"
    __table_args__ = (
        among("status", PaymentStatus),
        CheckConstraint("length(currency) = 3", name="currency"),
        Index(None, "order_id"),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "payment"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    external_id: Mapped[str] = mapped_column(text(64), default="")
    method: Mapped[str] = mapped_column(text(64), default="")
    status: Mapped[str] = mapped_column(text(16))
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(text(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.external_id}".rstrip()
