"""What other systems call an order. Written as orders are, by integrations."""

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.order import PartOfOrder
from models.types import Key, text


class ExternalSource(PartOfOrder, Base):
    """A system that knows an order, and the id under which it does."""

    __tablename__ = "order_external_source"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        Index(None, "order_id", "name", unique=True),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "external_source"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    name: Mapped[str] = mapped_column(text(50))
    external_id: Mapped[str] = mapped_column(text(64), default="")

    def __str__(self) -> str:
        return f"{self.name} {self.external_id}".strip()
