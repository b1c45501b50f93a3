"""Reading one order, whole."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from models.base import db
from models.external_source import ExternalSource
from models.invoice import Invoice
from models.order import Order, OrderLine
from models.order_history import OrderHistory
from models.payment import Payment
from models.product import ProductImage
from models.shipment import Shipment, ShipmentLine, ShipmentStatus
from models.status import OrderStatus
from models.wish_list import WishListItem
from permissions import Actor
from services.cents import currency_unit
from services.pricing import Cost, PricedLine, Totals, discount_amount, order_totals


def find_order(order_id: int, actor: Actor) -> Order | None:
    """Give the order with everything its page shows, one in the bin too; None when it does not exist for the actor."""
    return db.session.scalar(whole_orders().where(Order.id == order_id, Order.visible_to(actor)))


def whole_orders() -> Select[Any]:
    """Select orders with everything that their pages and documents show."""
    return select(Order).options(
        joinedload(Order.status),
        joinedload(Order.company),
        joinedload(Order.user),
        joinedload(Order.account_manager),
        joinedload(Order.updated_by),
        joinedload(Order.delivery_address),
        joinedload(Order.invoice_address),
        selectinload(Order.lines).joinedload(OrderLine.text),
    )


class PartCounts(NamedTuple):
    """How much there is of what the tabs of an order's page list, and how many pieces are shipped."""

    lines: int
    invoices: int
    statuses: int
    shipments: int
    pieces_shipped: int
    wished: int


def part_counts(order: Order) -> PartCounts:
    """Count the parts of an order, in one statement."""
    invoices = select(func.count()).where(Invoice.order_id == order.id).scalar_subquery()
    is_step = OrderHistory.order_id == order.id, OrderHistory.field == "status"
    statuses = select(func.count()).where(*is_step).scalar_subquery()
    shipments = select(func.count()).where(Shipment.order_id == order.id).scalar_subquery()
    shipped = ShipmentLine.order_id == order.id, Shipment.status != ShipmentStatus.CANCELED
    pieces = select(func.coalesce(func.sum(ShipmentLine.quantity), 0)).join(ShipmentLine.shipment).where(*shipped)
    wished = select(func.count()).where(WishListItem.wish_list_id == (order.wish_list_id or 0)).scalar_subquery()
    row = db.session.execute(select(invoices, statuses, shipments, pieces.scalar_subquery(), wished)).one()
    return PartCounts(len(order.lines), *row)


def payments_of(order: Order) -> Sequence[Payment]:
    """Give what payment providers told of an order, the first payment first."""
    return db.session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)).all()


def relatives(order: Order, actor: Actor) -> Sequence[Any]:
    """Give the order from which this one was made, and those made from it, the latest first, as far as they exist."""
    columns = (Order.id, Order.original_order_id, Order.created_at, Order.total_gross, Order.currency, Order.is_credit)
    return db.session.execute(
        select(*columns, OrderStatus.code, OrderStatus.name, OrderStatus.colour)
        .join(Order.status)
        .where(
            or_(Order.original_order_id == order.id, Order.id == (order.original_order_id or 0)),
            Order.listed_for(actor),
        )
        .order_by(Order.id.desc())
    ).all()


def external_sources(order: Order) -> Sequence[ExternalSource]:
    """Give what other systems call the order, by the names of the systems."""
    return db.session.scalars(
        select(ExternalSource).where(ExternalSource.order_id == order.id).order_by(ExternalSource.name)
    ).all()


def status_names() -> dict[str, str]:
    """Give the name of every status by its code, as history rows hold codes."""
    return {row.code: row.name for row in db.session.execute(select(OrderStatus.code, OrderStatus.name))}


def pictured(products: Collection[int | None]) -> set[int]:
    """Give those of the products that have a picture, by id."""
    wanted = set(products) - {None}
    return set(db.session.scalars(select(ProductImage.product_id).where(ProductImage.product_id.in_(wanted))))


def totals(order: Order, lines: Sequence[PricedLine] | None = None) -> Totals:
    """Add up the order from its lines, or from those given."""
    unit = smallest_amount(order.currency)
    if lines is None:
        lines = [PricedLine(line.total, line.tax_percentage) for line in order.lines]
    subtotal = sum((line.total for line in lines), start=Decimal(0))
    return order_totals(
        lines,
        discount_amount(order.discount_type, order.discount_value, subtotal, unit),
        Cost(order.payment_costs, order.payment_tax_percentage),
        Cost(order.shipping_costs, order.shipping_tax_percentage),
        unit,
    )


def vat_number(order: Order) -> str:
    """Give the customer's VAT number as the order keeps it; one from before it did has that of its company."""
    return order.tax_number or (order.company.tax_number if order.company else "")


def smallest_amount(currency: str) -> Decimal:
    """Give the currency's smallest amount: 0.01, or 1 for one without decimals."""
    return (Decimal(currency_unit(currency)) / 100).normalize()
