"""What a person chose in the order list: which orders, and how each was at that moment."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Key, UtcDateTime, text

NOT_FOUND = 0
"""The version of a chosen number that was no order, or none that exists for the person."""


class Selection(Base):
    """Orders as they were chosen, all that matched or ticked ones. `asked` is the list's question meanwhile."""

    __tablename__ = "selection"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    asked: Mapped[str] = mapped_column(text(8192), default="")
    is_all: Mapped[bool] = mapped_column(default=False)


class SelectedOrder(Base):
    """One order of a selection, at the version that was chosen."""

    __tablename__ = "selected_order"
    __table_args__ = (CheckConstraint("version >= 0", name="version"),)

    selection_id: Mapped[int] = mapped_column(ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    version: Mapped[int]
