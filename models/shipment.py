"""Shipments of orders. Written as orders are."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.order import OrderLine, PartOfOrder
from models.staff import Staff
from models.types import Key, UtcDateTime, among, text


class ShipmentStatus(StrEnum):
    """How far a shipment is."""

    CREATED = "CREATED"
    PROCESSING = "PROCESSING"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"
    CANCELED = "CANCELED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    FAILED_DELIVERY = "FAILED_DELIVERY"
    EXCEPTION = "EXCEPTION"


class Shipment(PartOfOrder, Base):
    """A shipment of an order. An order with one is not deleted.

    Its number counts the shipments of the order from 1; that of a deleted one is not given again.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        among("status", ShipmentStatus),
        CheckConstraint("number >= 1", name="number"),
        Index(None, "order_id", "number", unique=True),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "shipment"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(text(32), default=ShipmentStatus.CREATED)
    expected_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    created_by: Mapped[Staff | None] = relationship()
    lines: Mapped[list["ShipmentLine"]] = relationship(
        back_populates="shipment", cascade="all, delete-orphan", order_by="ShipmentLine.line_id"
    )
    tracking: Mapped[list["TrackingCode"]] = relationship(
        back_populates="shipment", cascade="all, delete-orphan", order_by="TrackingCode.id"
    )

    def __str__(self) -> str:
        return " ".join(str(told) for told in (self.number, self.status, self.expected_on) if told is not None)


class ShipmentLine(PartOfOrder, Base):
    """How many pieces of an order line are in a shipment."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        Index(None, "shipment_id", "line_id", unique=True),
        Index(None, "order_id"),
        Index(None, "line_id"),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "shipment_line"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"))
    quantity: Mapped[int]

    shipment: Mapped[Shipment] = relationship(back_populates="lines")
    line: Mapped[OrderLine] = relationship()

    def __str__(self) -> str:
        return f"{self.shipment.number}: {self.quantity} × {self.line.text.sku or self.line.text.name}"


class TrackingCode(PartOfOrder, Base):
    """Where a shipment is asked for. The carrier's name is a text of its own, empty where none is known."""

    __tablename__ = "tracking_code"
    __table_args__ = (
        CheckConstraint("length(code) >= 1", name="code_given"),
        Index(None, "shipment_id", "code", unique=True),
        Index(None, "order_id"),
        {"sqlite_autoincrement": True},
    )
    told_as: ClassVar[str] = "tracking_code"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    code: Mapped[str] = mapped_column(text(64))
    carrier: Mapped[str] = mapped_column(text(64), default="")

    shipment: Mapped[Shipment] = relationship(back_populates="tracking")

    def __str__(self) -> str:
        return f"{self.shipment.number}: {self.code}{f' ({self.carrier})' if self.carrier else ''}"
