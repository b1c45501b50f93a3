"""What an order chooses from: carriers, payment methods, sources. An order keeps the name as its own text."""

from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.kept import KeptRow
from models.order import ShippingMethod
from models.types import Key, Money, among, text, within


class Carrier(KeptRow, Base):
    """Who brings the goods, or where they are picked up.

    `tracking_url` is the address of a parcel, with `{code}` where its tracking code goes. `costs` are the shipping
    costs of an order excl. VAT, in the base currency, nothing from `free_from` on (its subtotal excl. VAT).
    """

    __tablename__ = "carrier"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        among("kind", ShippingMethod),
        within("costs", 0),
        within("free_from", 0),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(64), unique=True)
    kind: Mapped[str] = mapped_column(text(16), default=ShippingMethod.DELIVERY)
    description: Mapped[str] = mapped_column(text(255), default="")
    tracking_url: Mapped[str] = mapped_column(text(500), default="")
    costs: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default="0")
    free_from: Mapped[Decimal | None] = mapped_column(Money)
    tax_code: Mapped[str] = mapped_column(text(8), default="H", server_default="H")
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class PaymentMethod(KeptRow, Base):
    """A way to pay. `code` is what other systems call it.

    `costs` are the transaction costs of an order excl. VAT, in the base currency.
    """

    __tablename__ = "payment_method"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        CheckConstraint("length(code) >= 1", name="code_given"),
        within("costs", 0),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("name", "code")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(text(32), unique=True)
    name: Mapped[str] = mapped_column(text(64), unique=True)
    costs: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default="0")
    tax_code: Mapped[str] = mapped_column(text(8), default="H", server_default="H")
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class OrderSource(KeptRow, Base):
    """Where orders come from."""

    __tablename__ = "order_source"
    __table_args__ = (CheckConstraint("length(name) >= 1", name="name_given"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(50), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name
