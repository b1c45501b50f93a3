"""The invoices of an order."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask_babel import gettext, lazy_gettext

from admin_views.access import may, zone
from admin_views.notation import notation
from admin_views.orders.tabs.order_tab import OrderTab
from models.invoice import Invoice
from models.order import Order
from permissions import Action
from services.invoices import invoices_of


def _shown(order: Order) -> Mapping[str, Any]:
    today = datetime.now(UTC).astimezone(zone()).date()
    return {
        "invoices": [_invoice(invoice, today) for invoice in invoices_of(order)],
        "attach_url": url_for(".attach_invoice", order_id=order.id, list=request.args.get("list"))
        if may(Action.ORDERS_EDIT) and not order.is_deleted
        else "",
    }


def _invoice(invoice: Invoice, today: date) -> dict[str, Any]:
    state, state_label = _state(invoice, today)
    return {
        "number": invoice.number,
        "file_name": invoice.file_name,
        "issued": _day(invoice.issued_on),
        "due": _day(invoice.due_on),
        "gross": _amount(invoice.total_gross),
        "net": _amount(invoice.total_net),
        "state": state,
        "state_label": state_label,
        "paid": _day(invoice.paid_on),
        "pdf_url": _url(".invoice_pdf", invoice) if invoice.stored_as else "",
        "download_url": _url(".invoice_pdf", invoice, download="1") if invoice.stored_as else "",
        "detach_url": _url(".detach_invoice", invoice, list=request.args.get("list")),
    }


def _url(endpoint: str, invoice: Invoice, **more: Any) -> str:
    return url_for(endpoint, order_id=invoice.order_id, invoice_id=invoice.id, **more)


def _state(invoice: Invoice, today: date) -> tuple[str, str]:
    """Give how far its payment is: as the code of a payment status that looks so, and in words."""
    if invoice.paid_on:
        return "PAID", gettext("Paid")
    return ("FAILED", gettext("Overdue")) if invoice.is_overdue(today) else ("OPEN", gettext("Open"))


def _day(day: date | None) -> str:
    return notation().day(day) if day else ""


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else notation().amount(amount)


INVOICES = OrderTab("invoices", lazy_gettext("Invoices"), _shown, counted="invoices")
