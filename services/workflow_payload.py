"""What a workflow is sent: the whole order, in the form that `docs/workflow-payload.md` describes. Pure.

Whatever is taken out, renamed or given another meaning makes it a new VERSION; what is added does not.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from models.order import Order, OrderLine
from models.party import Address, AddressText, Company, Person
from models.staff import Staff
from models.workflow import WorkflowRun
from services.pricing import CENT, Totals

VERSION = 1


def payload(run: WorkflowRun, order: Order, sums: Totals) -> bytes:
    """Write the body of a run: JSON in UTF-8. Amounts are texts, moments in UTC."""
    written = {"version": VERSION, "run": _run(run), "order": {**_order(order), **_money(order, sums)}}
    return json.dumps(written, ensure_ascii=False, default=_plain).encode()


def signature(body: bytes, secret: str, *, timestamp: int) -> str:
    """Sign a body and the moment, in seconds since 1970, at which it is sent."""
    signed = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def _run(run: WorkflowRun) -> Mapping[str, Any]:
    return {"id": run.id, "workflow": run.name, "started_at": run.started_at, "started_by": _colleague(run.staff)}


def _order(order: Order) -> Mapping[str, Any]:
    return {
        "number": order.id,
        "version": order.version,
        "status": {"code": order.status.code, "name": order.status.name},
        "is_credit": order.is_credit,
        "original_order": order.original_order_id,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "status_changed_at": order.status_changed_at,
        "source": order.source,
        "external_order_id": order.external_order_id,
        "reference": order.reference,
        "remarks": order.remarks,
        "extra3": order.extra3,
        "extra4": order.extra4,
        "language": order.language,
        "debtor_id": order.debtor_id,
        "email": order.email,
        "buyer_name": order.buyer_name,
        "company": _company(order.company),
        "contact": _person(order.user),
        "account_manager": _colleague(order.account_manager),
        "delivery_address": _address(order.delivery_address),
        "invoice_address": _address(order.invoice_address),
        "shipping": {
            "method": order.shipping_method,
            "carrier": order.carrier,
            "requested_on": order.requested_on,
            "is_partial_delivery_allowed": order.is_partial_delivery_allowed,
            "costs": order.shipping_costs,
            "vat_percentage": order.shipping_tax_percentage,
        },
        "payment": {
            "method": order.payment_method,
            "status": order.payment_status,
            "status_changed_at": order.payment_status_at,
            "accounting_id": order.accounting_id,
            "costs": order.payment_costs,
            "vat_percentage": order.payment_tax_percentage,
        },
        "export": {"status": order.export_status, "at": order.exported_at, "message": order.export_message},
        "lines": [_line(line, {each.id: each.position for each in order.lines}) for line in order.lines],
    }


def _money(order: Order, sums: Totals) -> Mapping[str, Any]:
    return {
        "currency": order.currency,
        "currency_rate": order.currency_rate,
        "subtotal": _cents(sums.subtotal),
        "discount": {"type": order.discount_type, "value": order.discount_value, "amount": _cents(sums.discount)},
        "total_excl_vat": _cents(sums.gross),
        "vat": [
            {"percentage": tax.percentage, "base": _cents(tax.base), "amount": _cents(tax.amount)} for tax in sums.taxes
        ],
        "total_vat": _cents(sums.tax),
        "total_incl_vat": _cents(sums.net),
        "total_excl_vat_in_base_currency": order.total_base,
    }


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT)


def _line(line: OrderLine, positions: Mapping[int, int]) -> Mapping[str, Any]:
    text = line.text
    return {
        "position": line.position,
        "belongs_to": positions.get(line.parent_id) if line.parent_id else None,
        "kind": line.line_class,
        "is_bonus": line.is_bonus,
        "sku": text.sku,
        "name": text.name,
        "notes": text.notes,
        "ean": text.ean,
        "manufacturer": text.manufacturer,
        "manufacturer_code": text.manufacturer_code,
        "supplier": text.supplier,
        "supplier_code": text.supplier_code,
        "quantity": line.quantity,
        "unit": text.unit,
        "list_price": line.list_price,
        "price": line.price,
        "discount_percentage": line.discount_percentage,
        "vat_code": line.tax_code,
        "vat_percentage": line.tax_percentage,
        "total": line.total,
    }


def _company(company: Company | None) -> Mapping[str, Any] | None:
    if company is None:
        return None
    return {
        "id": company.id,
        "name": company.name,
        "debtor_id": company.debtor_id,
        "vat_number": company.tax_number,
        "coc_number": company.coc_number,
        "phone": company.phone,
        "email": company.email,
    }


def _person(person: Person | None) -> Mapping[str, Any] | None:
    if person is None:
        return None
    return {
        "id": person.id,
        "kind": person.kind,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "debtor_id": person.debtor_id,
        "phone": person.phone,
        "email": person.email,
        "language": person.language,
    }


def _colleague(staff: Staff | None) -> Mapping[str, Any] | None:
    return {"name": staff.name, "email": staff.email} if staff else None


def _address(address: Address | None) -> Mapping[str, Any] | None:
    return {name: getattr(address, name) for name in AddressText.__dataclass_fields__} if address else None
