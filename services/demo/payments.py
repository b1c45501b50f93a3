"""The payments of the demo: what was paid online, as the provider told it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from models.payment import Payment
from services.cents import currency_unit
from services.loading import Loading, NewOrder, add_up

ONLINE = ("iDEAL", "Credit card", "PayPal")
SETTLED = ("PAID", "REFUNDED")


def add_payments(load: Loading, made: Iterable[tuple[int, NewOrder]]) -> None:
    """Add a payment for each order that was paid online; `made` are the orders with their numbers."""
    load.add_rows(
        Payment,
        [
            _payment(order_id, order)
            for order_id, order in made
            if order.payment_method in ONLINE and order.payment_status in SETTLED
        ],
    )


def _payment(order_id: int, order: NewOrder) -> dict[str, Any]:
    sums = add_up(order, currency_unit(order.currency))
    return {
        "order_id": order_id,
        "external_id": f"pay_{order_id:09d}",
        "method": order.payment_method,
        "status": order.payment_status,
        "amount": Decimal(sums.gross + sums.tax).scaleb(-2),
        "currency": order.currency,
        "created_at": order.changes[0].at,
        "updated_at": order.payment_status_at,
    }
