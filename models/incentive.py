"""Incentives: what an order is given (THEN) when it is such and such (IF), on request."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.choices import Carrier
from models.kept import KeptRow
from models.order import PartOfOrder
from models.price import CustomerGroup
from models.product import Product
from models.types import Key, Money, Percentage, among, text, within


class ConditionKind(StrEnum):
    """What an incentive may ask of an order."""

    SUBTOTAL_FROM = "SUBTOTAL_FROM"
    SUBTOTAL_UNTIL = "SUBTOTAL_UNTIL"
    ITEMS = "ITEMS"
    PRODUCT = "PRODUCT"
    MANUFACTURER = "MANUFACTURER"
    CUSTOMER_GROUP = "CUSTOMER_GROUP"
    COMPANY = "COMPANY"
    PRIVATE = "PRIVATE"
    COUNTRY = "COUNTRY"
    CARRIER = "CARRIER"


class EffectKind(StrEnum):
    """What an incentive may give."""

    BONUS_PRODUCT = "BONUS_PRODUCT"
    DISCOUNT_CHEAPEST = "DISCOUNT_CHEAPEST"
    DISCOUNT_PRODUCT = "DISCOUNT_PRODUCT"
    DISCOUNT_MANUFACTURER = "DISCOUNT_MANUFACTURER"
    DISCOUNT_LINES = "DISCOUNT_LINES"
    DISCOUNT_ORDER = "DISCOUNT_ORDER"
    SHIPPING_COSTS = "SHIPPING_COSTS"
    PAYMENT_COSTS = "PAYMENT_COSTS"


DISCOUNTS = frozenset(kind for kind in EffectKind if kind.startswith("DISCOUNT"))


def _listed(kinds: Collection[StrEnum]) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))


def _just_for(column: str, kinds: Collection[StrEnum], *, empty: str = "IS NOT NULL") -> CheckConstraint:
    """Hold a column filled for these kinds and empty for all others."""
    return CheckConstraint(f"(kind IN ({_listed(kinds)})) = ({column} {empty})", name=f"{column}_given")


class Incentive(KeptRow, Base):
    """A promotion rule. When all its conditions hold, it gives all its effects.

    Rules are looked at by `position`, then by id; nothing is looked at after an exclusive one that fired. It counts
    from `valid_from` to `valid_until`, both days included; an empty one is open. With an `action_code` it asks for
    an order with that code.
    """

    __tablename__ = "incentive"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        CheckConstraint("valid_until >= valid_from", name="validity"),
        within("position", 0, 1_000_000),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("name", "description", "action_code")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(100), unique=True)
    description: Mapped[str] = mapped_column(text(255), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    action_code: Mapped[str] = mapped_column(text(32), default="")
    is_exclusive: Mapped[bool] = mapped_column(default=False, server_default=false())

    conditions: Mapped[list["IncentiveCondition"]] = relationship(
        back_populates="incentive", cascade="all, delete-orphan", order_by="IncentiveCondition.id"
    )
    effects: Mapped[list["IncentiveEffect"]] = relationship(
        back_populates="incentive", cascade="all, delete-orphan", order_by="IncentiveEffect.id"
    )

    def __str__(self) -> str:
        return self.name


class _Part:
    """A condition or an effect, of which `kind` says what else it has."""

    USES: ClassVar[Mapping[str, frozenset[StrEnum]]]

    @classmethod
    def shown(cls) -> dict[str, list[str]]:
        """Give which columns each kind uses."""
        kinds = sorted(frozenset[StrEnum]().union(*cls.USES.values()))
        return {kind: [column for column, kinds in cls.USES.items() if kind in kinds] for kind in kinds}


class IncentiveCondition(_Part, Base):
    """Something that must be so. `kind` says which of the other columns are filled, as `USES` has it.

    An amount is excl. VAT, in the base currency; of a product or manufacturer at least `quantity` pieces are asked for.
    """

    USES = {
        "amount": frozenset({ConditionKind.SUBTOTAL_FROM, ConditionKind.SUBTOTAL_UNTIL}),
        "quantity": frozenset({ConditionKind.ITEMS, ConditionKind.PRODUCT, ConditionKind.MANUFACTURER}),
        "product": frozenset({ConditionKind.PRODUCT}),
        "manufacturer": frozenset({ConditionKind.MANUFACTURER}),
        "customer_group": frozenset({ConditionKind.CUSTOMER_GROUP}),
        "country": frozenset({ConditionKind.COUNTRY}),
        "carrier": frozenset({ConditionKind.CARRIER}),
    }

    __tablename__ = "incentive_condition"
    __table_args__ = (
        among("kind", ConditionKind),
        within("amount", 0),
        within("quantity", 1),
        _just_for("amount", USES["amount"]),
        _just_for("quantity", USES["quantity"]),
        _just_for("product_id", USES["product"]),
        _just_for("manufacturer", USES["manufacturer"], empty="<> ''"),
        _just_for("customer_group_id", USES["customer_group"]),
        _just_for("country", USES["country"], empty="<> ''"),
        _just_for("carrier_id", USES["carrier"]),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incentive_id: Mapped[int] = mapped_column(ForeignKey("incentive.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(text(24))
    amount: Mapped[Decimal | None] = mapped_column(Money)
    quantity: Mapped[int | None]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    manufacturer: Mapped[str] = mapped_column(text(100), default="")
    customer_group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"), index=True)
    country: Mapped[str] = mapped_column(text(2), default="")
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carrier.id"), index=True)

    incentive: Mapped[Incentive] = relationship(back_populates="conditions")
    product: Mapped[Product | None] = relationship()
    customer_group: Mapped[CustomerGroup | None] = relationship()
    carrier: Mapped[Carrier | None] = relationship()

    def __str__(self) -> str:
        about = (self.product, self.manufacturer, self.customer_group, self.country, self.carrier)
        return _written(self.kind, self.amount, self.quantity and f"× {self.quantity}", *about)


class IncentiveEffect(_Part, Base):
    """Something that is given. `kind` says which of the other columns are filled, as `USES` has it.

    A bonus is `quantity` pieces, once, or once for every `per_quantity` pieces of what the conditions ask for (of the
    whole order when they name no product and no manufacturer). A discount is a percentage or an amount excl. VAT in
    the base currency, off each line that it is for; costs are set to the amount.
    """

    USES = {
        "quantity": frozenset({EffectKind.BONUS_PRODUCT}),
        "per_quantity": frozenset({EffectKind.BONUS_PRODUCT}),
        "product": frozenset({EffectKind.BONUS_PRODUCT, EffectKind.DISCOUNT_PRODUCT}),
        "manufacturer": frozenset({EffectKind.DISCOUNT_MANUFACTURER}),
        "percentage": DISCOUNTS,
        "amount": frozenset(EffectKind) - {EffectKind.BONUS_PRODUCT},
    }

    __tablename__ = "incentive_effect"
    __table_args__ = (
        among("kind", EffectKind),
        within("quantity", 1),
        within("per_quantity", 1),
        within("percentage", 0, 100, decimals=2),
        within("amount", 0),
        _just_for("product_id", USES["product"]),
        _just_for("manufacturer", USES["manufacturer"], empty="<> ''"),
        _just_for("quantity", USES["quantity"]),
        CheckConstraint(
            f"per_quantity IS NULL OR kind IN ({_listed(USES['per_quantity'])})", name="per_quantity_given"
        ),
        CheckConstraint(f"percentage IS NULL OR kind IN ({_listed(DISCOUNTS)})", name="percentage_given"),
        CheckConstraint(
            f"(kind IN ({_listed(USES['amount'])})) = ((percentage IS NULL) <> (amount IS NULL))", name="value_given"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    incentive_id: Mapped[int] = mapped_column(ForeignKey("incentive.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(text(24))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    manufacturer: Mapped[str] = mapped_column(text(100), default="")
    quantity: Mapped[int | None]
    per_quantity: Mapped[int | None]
    percentage: Mapped[Decimal | None] = mapped_column(Percentage)
    amount: Mapped[Decimal | None] = mapped_column(Money)

    incentive: Mapped[Incentive] = relationship(back_populates="effects")
    product: Mapped[Product | None] = relationship()

    def __str__(self) -> str:
        given = self.quantity and f"{self.quantity} ×"
        each = self.per_quantity and f"/ {self.per_quantity}"
        percentage = None if self.percentage is None else f"{self.percentage.normalize():f} %"
        return _written(self.kind, given, self.product, each, self.manufacturer, percentage, self.amount)


class OrderIncentive(PartOfOrder, Base):
    """An incentive that was applied to an order, by the name that it had then."""

    __tablename__ = "order_incentive"
    __table_args__ = (
        Index(None, "order_id", "incentive_id", unique=True),
        Index(None, "incentive_id"),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "incentive"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    incentive_id: Mapped[int] = mapped_column(ForeignKey("incentive.id"))
    name: Mapped[str] = mapped_column(text(100))

    def __str__(self) -> str:
        return self.name


def _written(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part not in (None, ""))
