"""The money of an order."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext, lazy_gettext

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.orders.tabs.order_tab import OrderTab
from admin_views.words import PAYMENT_STATUSES
from models.order import Order
from models.payment import Payment
from services.orders import payments_of
from services.pricing import Totals
from services.written_sums import WrittenSum, written_sums


def written_totals(sums: Totals, order: Order) -> list[WrittenSum]:
    """Write what the order adds up to, in its currency and at last in that of the list."""
    return [*written_sums(sums, order.vat_rule, gettext, notation()), *_base_total(order)]


def _base_total(order: Order) -> list[WrittenSum]:
    """Give the row that leads from the order's currency to the total in the list."""
    base = current_app.config["BASE_CURRENCY"]
    if order.currency == base:
        return []
    label = gettext(
        "Total excl. VAT, 1 %(currency)s = %(rate)s %(base)s at order time",
        currency=order.currency,
        rate=notation().number(order.currency_rate.normalize()),
        base=base,
    )
    return [WrittenSum(label, f"{notation().amount(order.total_base)} {base}", is_ruled=True)]


def _shown(order: Order) -> Mapping[str, Any]:
    return {"payments": [_payment(payment) for payment in payments_of(order)]}


def _payment(payment: Payment) -> dict[str, str]:
    return {
        "when": notation().moment(payment.created_at, zone()),
        "updated": notation().moment(payment.updated_at, zone()) if payment.updated_at != payment.created_at else "",
        "method": payment.method,
        "external_id": payment.external_id,
        "status": payment.status,
        "status_label": str(PAYMENT_STATUSES[payment.status]),
        "amount": f"{notation().amount(payment.amount)} {payment.currency}",
    }


FINANCIALS = OrderTab("financials", lazy_gettext("Financials"), _shown)
