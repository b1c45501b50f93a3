"""What happened to orders: append-only."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.order import PartOfOrder
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text


class Origin(StrEnum):
    """Where a change came from."""

    STAFF = "STAFF"
    IMPORT = "IMPORT"
    DEMO = "DEMO"
    SYSTEM = "SYSTEM"


class OrderHistory(PartOfOrder, Base):
    """One field of one committed change: which version it made, who, when, from and to.

    The row of an order's creation has the field `status` with no value before.
    """

    __tablename__ = "order_history"
    __table_args__ = (
        among("origin", Origin),
        CheckConstraint("(origin = 'STAFF') = (staff_id IS NOT NULL)", name="staff"),
        Index(None, "order_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    origin: Mapped[str] = mapped_column(text(16))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    field: Mapped[str] = mapped_column(text(64))
    old_value: Mapped[str] = mapped_column(text(4000), default="")
    new_value: Mapped[str] = mapped_column(text(4000), default="")
    note: Mapped[str] = mapped_column(text(1000), default="")

    staff: Mapped[Staff | None] = relationship()
