"""What holds for all orders together."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Key, text


class Ledger(Base):
    """The currency in which the totals of all orders are kept: one row, from the first order on."""

    __tablename__ = "ledger"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    base_currency: Mapped[str] = mapped_column(text(3))
