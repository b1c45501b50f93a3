"""What customers pay: price lists with quantity breaks, and the groups that share one."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.kept import KeptRow
from models.product import Product
from models.types import Key, UnitPrice, text, within


class PriceList(KeptRow, Base):
    """Agreed prices in one currency, for the companies and customer groups that refer to it.

    It counts from `valid_from` to `valid_until`, both days included; an empty one is open.
    """

    __tablename__ = "price_list"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint("valid_until >= valid_from", name="validity"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(100), unique=True)
    description: Mapped[str] = mapped_column(text(255), default="")
    currency: Mapped[str] = mapped_column(text(3))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class Price(KeptRow, Base):
    """The price of one unit, excl. VAT, in a list, for an order of at least `from_quantity`."""

    __tablename__ = "price"
    __table_args__ = (
        within("from_quantity", 1),
        within("price", 0),
        Index(None, "price_list_id", "product_id", "from_quantity", unique=True),
        Index(None, "product_id"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ()

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    from_quantity: Mapped[int] = mapped_column(default=1)
    price: Mapped[Decimal] = mapped_column(UnitPrice)

    price_list: Mapped[PriceList] = relationship()
    product: Mapped[Product] = relationship()

    def __str__(self) -> str:
        return f"{self.price_list} · {self.product} · {self.from_quantity}"


class CustomerGroup(KeptRow, Base):
    """Customers who share a price list. A company's own list goes before that of its group."""

    __tablename__ = "customer_group"
    __table_args__ = (CheckConstraint("length(name) >= 1", name="name_given"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(100), unique=True)
    description: Mapped[str] = mapped_column(text(255), default="")
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id"), index=True)

    price_list: Mapped[PriceList | None] = relationship()

    def __str__(self) -> str:
        return self.name
