"""The seller."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.kept import KeptRow
from models.types import Key, text


class Firm(KeptRow, Base):
    """What documents say of the seller: one row. `country` is an ISO 3166 code; the logo a small PNG or JPEG."""

    __tablename__ = "firm"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(255), default="")
    street: Mapped[str] = mapped_column(text(255), default="")
    postal_code: Mapped[str] = mapped_column(text(32), default="")
    city: Mapped[str] = mapped_column(text(100), default="")
    country: Mapped[str] = mapped_column(text(2), default="")
    phone: Mapped[str] = mapped_column(text(64), default="")
    email: Mapped[str] = mapped_column(text(255), default="")
    website: Mapped[str] = mapped_column(text(255), default="")
    vat_number: Mapped[str] = mapped_column(text(32), default="")
    coc_number: Mapped[str] = mapped_column(text(32), default="")
    bank_name: Mapped[str] = mapped_column(text(100), default="")
    iban: Mapped[str] = mapped_column(text(34), default="")
    bic: Mapped[str] = mapped_column(text(11), default="")
    logo: Mapped[bytes | None] = mapped_column(deferred=True)
    logo_type: Mapped[str] = mapped_column(text(32), default="")

    def __str__(self) -> str:
        return self.name
