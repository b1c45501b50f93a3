"""What is sold."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Key, UnitPrice, text


class Product(Base):
    """An article. Its SKU is compared exactly; prices are per unit, excl. VAT, in the base currency."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("length(sku) >= 1", name="sku_given"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sku: Mapped[str] = mapped_column(text(64), unique=True)
    ean: Mapped[str] = mapped_column(text(32), default="")
    name: Mapped[str] = mapped_column(text(255))
    manufacturer: Mapped[str] = mapped_column(text(100), default="")
    manufacturer_code: Mapped[str] = mapped_column(text(64), default="")
    supplier: Mapped[str] = mapped_column(text(100), default="")
    supplier_code: Mapped[str] = mapped_column(text(64), default="")
    unit: Mapped[str] = mapped_column(text(32), default="")
    list_price: Mapped[Decimal | None] = mapped_column(UnitPrice)
    tax_code: Mapped[str] = mapped_column(text(8), default="H")

    def __str__(self) -> str:
        return self.name


class ProductImage(Base):
    """A product's picture: a small PNG or JPEG, kept in the database so that a copy of it is whole."""

    __tablename__ = "product_image"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    media_type: Mapped[str] = mapped_column(text(32))
    content: Mapped[bytes]
