"""Shipments of orders. Written as orders are."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.order import PartOfOrder
from models.types import Key, among, text


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
    """A shipment of an order. An order with one is not deleted."""

    __tablename__ = "shipment"
    __table_args__ = (among("status", ShipmentStatus), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    status: Mapped[str] = mapped_column(text(32), default=ShipmentStatus.CREATED)
    expected_on: Mapped[date | None]
