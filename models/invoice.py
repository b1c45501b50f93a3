"""Invoices of orders. Written as orders are."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.order import PartOfOrder
from models.types import Key, text


class Invoice(PartOfOrder, Base):
    """An invoice that was sent for an order. An order with one is not deleted."""

    __tablename__ = "invoice"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    number: Mapped[str] = mapped_column(text(64))
    issued_on: Mapped[date | None]
