"""How many orders there are, kept by triggers of the database, so that whatever writes orders counts them."""

from sqlalchemy import ColumnElement, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, ScopedRow
from models.types import Key
from permissions import Actor

EVERYBODY = 0
"""The company that stands for all orders, with a company or without."""


class OrderCount(ScopedRow, Base):
    """Orders in a status, of a company or of EVERYBODY, that are not in the bin. Rows of the same two add up.

    SQLite has one writer, and one row for each. On PostgreSQL a statement that changes orders adds rows, so that
    no writer waits for another; `services.order_counts.put_together` puts them together.
    """

    __tablename__ = "order_count"
    __table_args__ = (
        Index("ix_order_count_company_id_status_id", "company_id", "status_id", info={"dialect": "postgresql"}).ddl_if(
            dialect="postgresql"
        ),
        Index(
            "uq_order_count_company_id_status_id", "company_id", "status_id", unique=True, info={"dialect": "sqlite"}
        ).ddl_if(dialect="sqlite"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    company_id: Mapped[int] = mapped_column(Key)
    status_id: Mapped[int] = mapped_column(Key)
    orders: Mapped[int]

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.companies is None else cls.company_id.in_(sorted(actor.companies))
