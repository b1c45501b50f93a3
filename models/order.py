"""Orders, their lines, and the texts that they are searched by. Written only through services.unit_of_work."""

from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from sqlalchemy import CheckConstraint, ColumnElement, Computed, ForeignKey, Index, and_, false, not_, select, true
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, GuardedRow, ScopedRow
from models.folding import fold
from models.party import Address, Company, Person, digest
from models.staff import Staff
from models.status import OrderStatus
from models.types import Key, Money, Percentage, Rate, UnitPrice, UtcDateTime, among, folded, text
from permissions import Actor


class PaymentStatus(StrEnum):
    """How far the payment of an order is."""

    UNKNOWN = "UNKNOWN"
    OPEN = "OPEN"
    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"
    CHARGEBACK = "CHARGEBACK"


class ExportStatus(StrEnum):
    """The hand-over to the ERP. It has nothing to do with downloading a file."""

    EMPTY = "EMPTY"
    EXPORTED = "EXPORTED"
    FAILED = "FAILED"
    FINISHED = "FINISHED"


class DiscountType(StrEnum):
    """How the discount of an order is given: not at all, as a percentage, as an amount."""

    NONE = "N"
    PERCENTAGE = "P"
    AMOUNT = "A"


class PriceOrigin(StrEnum):
    """Where the price of a line comes from. Nobody said it of lines that were there before it was kept."""

    UNKNOWN = "UNKNOWN"
    LIST = "LIST"
    COMPANY_DISCOUNT = "COMPANY_DISCOUNT"
    PRICE_LIST = "PRICE_LIST"
    MANUAL = "MANUAL"
    INCENTIVE = "INCENTIVE"


class CostsOrigin(StrEnum):
    """Where shipping or transaction costs come from: reckoned by the product, typed by hand, set by an incentive."""

    CALCULATED = "CALCULATED"
    MANUAL = "MANUAL"
    INCENTIVE = "INCENTIVE"


class VatRule(StrEnum):
    """Why the VAT of an order is what it is: the country's own rates, reverse charge inside the EU, or export."""

    DOMESTIC = "DOMESTIC"
    REVERSE_CHARGE = "REVERSE_CHARGE"
    EXPORT = "EXPORT"


class LineClass(StrEnum):
    """What a line stands for. Items Count counts product lines."""

    PRODUCT = "product"
    INCENTIVE = "incentive"
    SURCHARGE = "surcharge"
    POSTAGE = "postage"
    PAYMENT = "payment"


class ShippingMethod(StrEnum):
    """How the goods leave."""

    DELIVERY = "DELIVERY"
    PICKUP = "PICKUP"


class Order(ScopedRow, GuardedRow, Base):
    """One order. Its id is the order number.

    Gross is excl. VAT and net incl. VAT, as in this trade. Amounts are in the order's currency;
    `total_base` is the total excl. VAT in the base currency, at `currency_rate`. One that is deleted is in
    the bin: it still exists, with its history, and stands in no list, count or file.
    """

    __tablename__ = "orders"
    __table_args__ = (
        among("payment_status", PaymentStatus),
        among("export_status", ExportStatus),
        among("discount_type", DiscountType),
        among("shipping_method", ShippingMethod),
        among("shipping_costs_origin", CostsOrigin),
        among("payment_costs_origin", CostsOrigin),
        among("vat_rule", VatRule),
        CheckConstraint("total_net = total_gross + total_tax", name="total"),
        CheckConstraint("currency_rate > 0", name="currency_rate"),
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint("item_count >= 0", name="item_count"),
        CheckConstraint("version >= 1", name="version"),
        Index(
            "uq_orders_source_external_order_id",
            "source",
            "external_order_id",
            unique=True,
            sqlite_where=sql("external_order_id <> ''"),
            postgresql_where=sql("external_order_id <> ''"),
        ),
        Index(None, "created_at", "id", "is_deleted", "status_id"),
        Index(None, "updated_at", "id"),
        Index(None, "status_changed_at", "id"),
        Index(None, "status_id", "is_deleted", "created_at", "id"),
        Index(None, "company_id", "created_at", "id"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "source", "created_at", "id"),
        Index(None, "payment_method", "created_at", "id"),
        Index(None, "carrier", "created_at", "id"),
        Index(None, "updated_by_id", "id"),
        Index(None, "payment_status", "id"),
        Index(None, "debtor_id", "id"),
        Index(None, "currency", "id"),
        Index(None, "source", "id"),
        Index(None, "total_base", "id"),
        Index(None, "item_count", "id"),
        Index(None, "export_status", "id"),
        Index(None, "export_message", "id"),
        Index(None, "company_id", "buyer_name_folded", "id"),
        Index(
            None,
            "original_order_id",
            sqlite_where=sql("original_order_id IS NOT NULL"),
            postgresql_where=sql("original_order_id IS NOT NULL"),
        ),
        Index(
            None,
            "wish_list_id",
            sqlite_where=sql("wish_list_id IS NOT NULL"),
            postgresql_where=sql("wish_list_id IS NOT NULL"),
        ),
        Index(None, "delivery_address_id"),
        Index(None, "invoice_address_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    status_id: Mapped[int] = mapped_column(ForeignKey("order_status.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    account_manager_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    buyer_name: Mapped[str] = mapped_column(text(255), default="")
    buyer_name_folded: Mapped[str] = mapped_column(folded, default="")
    debtor_id: Mapped[str] = mapped_column(text(64), default="")
    email: Mapped[str] = mapped_column(text(255), default="")
    phone: Mapped[str] = mapped_column(text(64), default="", server_default="")
    tax_number: Mapped[str] = mapped_column(text(32), default="", server_default="")
    coc_number: Mapped[str] = mapped_column(text(32), default="", server_default="")
    payment_term_days: Mapped[int | None]
    reference: Mapped[str] = mapped_column(text(255), default="")
    remarks: Mapped[str] = mapped_column(text(4000), default="")
    extra3: Mapped[str] = mapped_column(text(255), default="")
    extra4: Mapped[str] = mapped_column(text(255), default="")
    language: Mapped[str] = mapped_column(text(2), default="en")

    source: Mapped[str] = mapped_column(text(50), default="")
    external_order_id: Mapped[str] = mapped_column(text(64), default="")
    original_order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    channel: Mapped[str] = mapped_column(text(64), default="", server_default="")
    cart_id: Mapped[str] = mapped_column(text(64), default="", server_default="")
    is_credit: Mapped[bool] = mapped_column(default=False)
    wish_list_id: Mapped[int | None] = mapped_column(ForeignKey("wish_list.id"))

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    currency: Mapped[str] = mapped_column(text(3))
    currency_rate: Mapped[Decimal] = mapped_column(Rate, default=Decimal(1))
    discount_type: Mapped[str] = mapped_column(text(1), default=DiscountType.NONE)
    discount_value: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    action_code: Mapped[str] = mapped_column(text(32), default="", server_default="")
    vat_rule: Mapped[str] = mapped_column(text(16), default=VatRule.DOMESTIC, server_default=VatRule.DOMESTIC)
    total_gross: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    total_tax: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    total_net: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    total_base: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    item_count: Mapped[int] = mapped_column(default=0)

    payment_method: Mapped[str] = mapped_column(text(64), default="")
    payment_status: Mapped[str] = mapped_column(text(16), default=PaymentStatus.UNKNOWN)
    payment_status_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accounting_id: Mapped[str] = mapped_column(text(64), default="")
    payment_costs: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    payment_costs_origin: Mapped[str] = mapped_column(
        text(16), default=CostsOrigin.MANUAL, server_default=CostsOrigin.MANUAL
    )
    payment_tax_percentage: Mapped[Decimal] = mapped_column(Percentage, default=Decimal(0))

    shipping_method: Mapped[str] = mapped_column(text(16), default=ShippingMethod.DELIVERY)
    carrier: Mapped[str] = mapped_column(text(64), default="")
    requested_on: Mapped[date | None]
    is_partial_delivery_allowed: Mapped[bool] = mapped_column(default=False)
    shipping_costs: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    shipping_costs_origin: Mapped[str] = mapped_column(
        text(16), default=CostsOrigin.MANUAL, server_default=CostsOrigin.MANUAL
    )
    shipping_tax_percentage: Mapped[Decimal] = mapped_column(Percentage, default=Decimal(0))
    delivery_address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    invoice_address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))

    export_status: Mapped[str] = mapped_column(text(16), default=ExportStatus.EMPTY)
    exported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    export_message: Mapped[str] = mapped_column(text(500), default="")

    is_deleted: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)

    status: Mapped[OrderStatus] = relationship()
    company: Mapped[Company | None] = relationship()
    user: Mapped[Person | None] = relationship()
    account_manager: Mapped[Staff | None] = relationship(foreign_keys=[account_manager_id])
    updated_by: Mapped[Staff | None] = relationship(foreign_keys=[updated_by_id])
    delivery_address: Mapped[Address | None] = relationship(foreign_keys=[delivery_address_id])
    invoice_address: Mapped[Address | None] = relationship(foreign_keys=[invoice_address_id])
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order", order_by="OrderLine.position")

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.companies is None else cls.company_id.in_(sorted(actor.companies))

    @classmethod
    def listed_for(cls, actor: Actor) -> ColumnElement[bool]:
        """Give the condition on the orders that exist for the actor and are not in the bin."""
        return and_(not_(cls.is_deleted), cls.visible_to(actor))

    def __str__(self) -> str:
        return str(self.id)


# PostgreSQL sorts empty dates last, SQLite first and only so: the index says "first" where it can be said.
Index(
    "ix_orders_exported_at_nulls_first", Order.exported_at.nulls_first(), Order.id, info={"dialect": "postgresql"}
).ddl_if(dialect="postgresql")
Index("ix_orders_exported_at_id", Order.exported_at, Order.id, info={"dialect": "sqlite"}).ddl_if(dialect="sqlite")


@dataclass(frozen=True)
class ArticleText:
    """What a line says of its article, in the line's own words."""

    sku: str = ""
    name: str = ""
    notes: str = ""
    unit: str = ""
    ean: str = ""
    manufacturer: str = ""
    manufacturer_code: str = ""
    supplier: str = ""
    supplier_code: str = ""

    @property
    def digest(self) -> str:
        return digest(astuple(self))


class LineText(Base):
    """The texts of order lines, never changed: a line keeps its own words whatever becomes of the product.

    Equal texts share one row, so searching a million lines reads some thousand texts.
    """

    __tablename__ = "line_text"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    digest: Mapped[str] = mapped_column(text(40), unique=True)
    sku: Mapped[str] = mapped_column(text(64))
    name: Mapped[str] = mapped_column(text(255))
    notes: Mapped[str] = mapped_column(text(1000), default="")
    unit: Mapped[str] = mapped_column(text(32), default="")
    ean: Mapped[str] = mapped_column(text(32), default="")
    manufacturer: Mapped[str] = mapped_column(text(100), default="")
    manufacturer_code: Mapped[str] = mapped_column(text(64), default="")
    supplier: Mapped[str] = mapped_column(text(100), default="")
    supplier_code: Mapped[str] = mapped_column(text(64), default="")
    sku_folded: Mapped[str] = mapped_column(folded, default="")
    name_folded: Mapped[str] = mapped_column(folded, default="")
    notes_folded: Mapped[str] = mapped_column(folded, default="")
    ean_folded: Mapped[str] = mapped_column(folded, default="")
    manufacturer_folded: Mapped[str] = mapped_column(folded, default="")
    manufacturer_code_folded: Mapped[str] = mapped_column(folded, default="")
    supplier_folded: Mapped[str] = mapped_column(folded, default="")
    supplier_code_folded: Mapped[str] = mapped_column(folded, default="")

    SEARCHED: ClassVar = (
        "sku",
        "name",
        "notes",
        "ean",
        "manufacturer",
        "manufacturer_code",
        "supplier",
        "supplier_code",
    )

    @classmethod
    def values(cls, written: ArticleText) -> dict[str, str]:
        """Give the columns that store `written`, its key and folded texts included."""
        return {
            "digest": written.digest,
            **{field.name: getattr(written, field.name) for field in fields(written)},
            **{f"{name}_folded": fold(getattr(written, name)) for name in cls.SEARCHED},
        }

    @classmethod
    def of(cls, written: ArticleText) -> Self:
        """Make the row that stores `written`."""
        return cls(**cls.values(written))


class PartOfOrder(ScopedRow, GuardedRow):
    """A row that belongs to an order: it exists for whom the order does, and is written as the order is.

    What the history tells of it, when it is added, changed or removed, is its text, in the field `told_as`.
    """

    order_id: Any
    told_as: ClassVar[str] = ""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        found: ColumnElement[bool] = cls.order_id.in_(select(Order.id).where(Order.visible_to(actor)))
        return found


class OrderLine(PartOfOrder, Base):
    """A line of an order. Prices and `total` are excl. VAT, in the order's currency.

    A child line belongs to the line `parent_id`; a bonus line is given for nothing; what an incentive takes off
    is a line of its class with a negative price. Quantities are negative in a credit order. `cost_price` is what
    one unit cost the seller when the line was made.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        among("line_class", LineClass),
        among("price_origin", PriceOrigin),
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint("discount_percentage BETWEEN 0 AND 10000", name="discount_percentage"),
        CheckConstraint("tax_percentage BETWEEN 0 AND 10000", name="tax_percentage"),
        Index(None, "order_id", "position", unique=True),
        Index(None, "text_id", "order_id"),
        Index(None, "product_id"),
        Index(
            None,
            "incentive_id",
            sqlite_where=sql("incentive_id IS NOT NULL"),
            postgresql_where=sql("incentive_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id", ondelete="CASCADE"))
    line_class: Mapped[str] = mapped_column(text(16), default=LineClass.PRODUCT)
    is_bonus: Mapped[bool] = mapped_column(default=False)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    incentive_id: Mapped[int | None] = mapped_column(ForeignKey("incentive.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("line_text.id"))
    quantity: Mapped[int]
    list_price: Mapped[Decimal | None] = mapped_column(UnitPrice)
    price: Mapped[Decimal] = mapped_column(UnitPrice)
    cost_price: Mapped[Decimal | None] = mapped_column(UnitPrice)
    price_origin: Mapped[str] = mapped_column(text(16), default=PriceOrigin.UNKNOWN, server_default=PriceOrigin.UNKNOWN)
    discount_percentage: Mapped[Decimal] = mapped_column(Percentage, default=Decimal(0))
    tax_code: Mapped[str] = mapped_column(text(8), default="N")
    tax_percentage: Mapped[Decimal] = mapped_column(Percentage, default=Decimal(0))
    total: Mapped[Decimal] = mapped_column(Money)

    order: Mapped[Order] = relationship(back_populates="lines")
    text: Mapped[LineText] = relationship(lazy="joined", innerjoin=True)


class OrderSearch(PartOfOrder, Base):
    """The folded texts of an order's own fields, kept in the transaction that changes the order, and its number."""

    __tablename__ = "order_search"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    order_number: Mapped[str] = mapped_column(folded, Computed("CAST(order_id AS TEXT)"))
    buyer_name: Mapped[str] = mapped_column(folded, default="", server_default="")
    debtor_id: Mapped[str] = mapped_column(folded, default="")
    email: Mapped[str] = mapped_column(folded, default="")
    reference: Mapped[str] = mapped_column(folded, default="")
    remarks: Mapped[str] = mapped_column(folded, default="")
    extra3: Mapped[str] = mapped_column(folded, default="")
    extra4: Mapped[str] = mapped_column(folded, default="")
    accounting_id: Mapped[str] = mapped_column(folded, default="")
    external_order_id: Mapped[str] = mapped_column(folded, default="")

    FIELDS: ClassVar = (
        "buyer_name", "debtor_id", "email", "reference", "remarks", "extra3", "extra4", "accounting_id",
        "external_order_id",
    )  # fmt: skip

    @classmethod
    def values(cls, order: dict[str, Any]) -> dict[str, str]:
        """Give the folded texts of an order's columns."""
        return {name: fold(order.get(name) or "") for name in cls.FIELDS}
