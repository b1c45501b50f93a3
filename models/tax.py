"""VAT: codes, and what they are worth in which country from which day on."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.kept import KeptRow
from models.types import Key, Percentage, text, within

ANY_COUNTRY = "*"
"""How a rate is written that is for every country without one of its own."""


class TaxCode(KeptRow, Base):
    """A kind of VAT that products and costs carry: H high, M middle, L low, N none."""

    __tablename__ = "tax_code"
    __table_args__ = (CheckConstraint("length(code) >= 1", name="code_given"), {"sqlite_autoincrement": True})

    SEARCHED = ("code", "name")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(text(8), unique=True)
    name: Mapped[str] = mapped_column(text(64))
    is_active: Mapped[bool] = mapped_column(default=True)

    rates: Mapped[list["TaxRate"]] = relationship(
        back_populates="tax_code", cascade="all, delete-orphan", order_by="TaxRate.country, TaxRate.valid_from"
    )

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


class TaxRate(Base):
    """What a code is worth in a country (ISO 3166, empty for every country without a rate of its own)."""

    __tablename__ = "tax_rate"
    __table_args__ = (
        within("percentage", 0, 100, decimals=2),
        Index(None, "tax_code_id", "country", "valid_from", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tax_code_id: Mapped[int] = mapped_column(ForeignKey("tax_code.id", ondelete="CASCADE"))
    country: Mapped[str] = mapped_column(text(2), default="")
    valid_from: Mapped[date]
    percentage: Mapped[Decimal] = mapped_column(Percentage)

    tax_code: Mapped[TaxCode] = relationship(back_populates="rates")

    def __str__(self) -> str:
        return f"{self.country or ANY_COUNTRY} {self.valid_from}: {self.percentage.normalize():f} %"
