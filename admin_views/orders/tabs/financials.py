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


def written_totals(sums: Totals, order: Order) -> list[tuple[str, str, bool, bool]]:
    """Write what the order adds up to: label, amount, whether it is a sum, whether a rule stands over it."""
    return _totals(sums) + _base_total(order)


def _totals(sums: Totals) -> list[tuple[str, str, bool, bool]]:
    rows = [(gettext("Subtotal"), sums.subtotal, False, False)]
    if sums.discount:
        rows.append((gettext("Discount"), -sums.discount, False, False))
        rows.append((gettext("Subtotal with discount"), sums.discounted, False, True))
    if sums.payment_costs:
        rows.append((gettext("Transaction costs"), sums.payment_costs, False, False))
    if sums.shipping_costs:
        rows.append((gettext("Shipping costs"), sums.shipping_costs, False, False))
    rows.append((gettext("Total excl. VAT"), sums.gross, True, True))
    rows.extend(
        (
            gettext(
                "VAT %(rate)s of %(base)s", rate=notation().percentage(tax.percentage), base=notation().amount(tax.base)
            ),
            tax.amount,
            False,
            False,
        )
        for tax in sums.taxes
    )
    rows.append((gettext("Total incl. VAT"), sums.net, True, True))
    return [(label, notation().amount(amount), strong, rule) for label, amount, strong, rule in rows]


def _base_total(order: Order) -> list[tuple[str, str, bool, bool]]:
    """Give the row that leads from the order's currency to the total in the list."""
    base = current_app.config["BASE_CURRENCY"]
    if order.currency == base:
        return []
    label = gettext(
        "Total excl. VAT, 1 %(currency)s = %(rate)s %(base)s at order time",
        currency=order.currency,
        rate=f"{order.currency_rate.normalize():f}",
        base=base,
    )
    return [(label, f"{notation().amount(order.total_base)} {base}", False, True)]


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
