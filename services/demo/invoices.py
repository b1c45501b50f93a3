"""The invoices of the demo: what was shipped lately has one, without a PDF."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.invoice import Invoice
from services.cents import currency_unit
from services.loading import Loading, NewOrder, add_up

TERM = timedelta(days=30)
PAID_AFTER = timedelta(days=12)


def add_invoices(load: Loading, made: Iterable[tuple[int, NewOrder]], until: datetime) -> None:
    """Add an invoice for each order whose changes tell of one; `made` are the orders with their numbers."""
    load.add_rows(
        Invoice,
        [
            _invoice(order_id, order, changed.new, change.at, until)
            for order_id, order in made
            for change in order.changes
            for changed in change.fields
            if changed.field == Invoice.told_as
        ],
    )


def _invoice(order_id: int, order: NewOrder, number: str, at: datetime, until: datetime) -> dict[str, Any]:
    sums = add_up(order, currency_unit(order.currency))
    return {
        "order_id": order_id,
        "number": number,
        "issued_on": at.date(),
        "due_on": (at + TERM).date(),
        "total_gross": Decimal(sums.gross).scaleb(-2),
        "total_net": Decimal(sums.gross + sums.tax).scaleb(-2),
        "paid_on": min(at + PAID_AFTER, until).date() if order.payment_status == "PAID" else None,
    }
