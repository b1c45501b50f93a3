"""What is sold."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.kept import KeptRow
from models.types import Key, UnitPrice, text, within


class Product(KeptRow, Base):
    """An article. Its SKU is compared exactly; prices are per unit, excl. VAT, in the base currency.

    It is sold from `minimum_quantity` on, in steps of `step_quantity`. `tax_code` is the code of a
    `TaxCode`.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("length(sku) >= 1", name="sku_given"),
        within("minimum_quantity", 1),
        within("step_quantity", 1),
        within("cost_price", 0),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("name", "sku", "ean", "manufacturer", "manufacturer_code", "supplier", "supplier_code")

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
    cost_price: Mapped[Decimal | None] = mapped_column(UnitPrice)
    minimum_quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    step_quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    tax_code: Mapped[str] = mapped_column(text(8), default="H")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    image: Mapped["ProductImage | None"] = relationship(cascade="all, delete-orphan")
    names: Mapped[list["ProductName"]] = relationship(
        back_populates="product", cascade="all, delete-orphan", order_by="ProductName.language"
    )

    def __str__(self) -> str:
        return self.name


class ProductName(Base):
    """What a product is called in another language (ISO 639-1), for customers who read it."""

    __tablename__ = "product_name"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        Index(None, "product_id", "language", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(text(2))
    name: Mapped[str] = mapped_column(text(255))

    product: Mapped[Product] = relationship(back_populates="names")

    def __str__(self) -> str:
        return f"{self.language}: {self.name}"


class ProductImage(Base):
    """A product's picture: a small PNG or JPEG, kept in the database so that a copy of it is whole."""

    __tablename__ = "product_image"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    media_type: Mapped[str] = mapped_column(text(32))
    content: Mapped[bytes] = mapped_column(deferred=True)
    digest: Mapped[str] = mapped_column(text(10), default="", server_default="")

    def __str__(self) -> str:
        return f"{self.media_type} {self.digest}"
