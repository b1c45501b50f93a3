"""The bin, and what remains of an order that is gone for good."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, ForeignKey, select, true
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import Base, GuardedRow, ScopedRow
from models.order import Order
from models.staff import Staff
from models.types import Key, UtcDateTime
from permissions import Actor


class DeletedOrder(GuardedRow, ScopedRow, Base):
    """An order that was deleted: its number (as the id), who, when. With `purged_at` nothing else of it is left."""

    __tablename__ = "deleted_order"

    SEARCHED: ClassVar = ()

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    deleted_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    deleted_by: Mapped[Staff | None] = relationship()
    order: Mapped[Order | None] = relationship(primaryjoin=lambda: foreign(DeletedOrder.id) == Order.id, viewonly=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Whom the order existed for; what is left of one that is gone, for whoever is not limited."""
        if actor.companies is None:
            return true()
        found: ColumnElement[bool] = cls.id.in_(select(Order.id).where(Order.visible_to(actor)))
        return found

    @classmethod
    def is_binned(cls) -> ColumnElement[bool]:
        """It can be restored."""
        return cls.purged_at.is_(None)

    def __str__(self) -> str:
        return str(self.id)
