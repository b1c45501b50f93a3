"""What every document of an order says: of whom, for whom, and which order it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.firm import Firm
from models.order import LineClass, Order, OrderLine
from models.party import Address
from services.documents.pen import Pen
from services.shipment_rules import is_shipped

Fact = tuple[str, str]
"""A label and its value. One without a value is left out."""


def sheet(order: Order, pen: Pen, *, title: str, facts: Iterable[Fact]) -> dict[str, Any]:
    """Give what stands around the lines of an order."""
    return {
        "language": pen.language,
        "title": title,
        "number": str(order.id),
        "tag": pen.gettext("Credit") if order.is_credit else "",
        "firm": {"name": pen.firm.name, "lines": _address(pen), "contact": _contact(pen.firm)},
        "facts": told(facts),
        "imprint": _imprint(pen),
        "page": pen.gettext("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        "empty": pen.gettext("This order has no lines."),
    }


def told(facts: Iterable[Fact]) -> list[Fact]:
    """Leave out what has no value."""
    return [(label, value) for label, value in facts if value]


def recipient(order: Order, pen: Pen, *addresses: Address | None) -> tuple[str, ...]:
    """Give to whom a document goes: to the first of these addresses, or at least to the name of the buyer."""
    name = order.company.name if order.company else order.buyer_name
    written = filter(None, map(pen.address, addresses))
    return next(written, (name,) if name else ())


def article(line: OrderLine, pen: Pen) -> dict[str, Any]:
    """Give what a line says of its article, and what kind of line it is."""
    return {
        "sku": line.text.sku,
        "name": line.text.name,
        "notes": line.text.notes,
        "unit": line.text.unit,
        "is_child": line.parent_id is not None,
        "tags": [tag for tag in (pen.gettext("Bonus") if line.is_bonus else "", _kind(line, pen)) if tag],
    }


def shippable(order: Order) -> Sequence[tuple[OrderLine, int]]:
    """Give the lines of an order that are goods to send, or for a credit those that come back, and how much of each."""
    sign = -1 if order.is_credit else 1
    return [(line, line.quantity) for line in order.lines if is_shipped(line.line_class, line.quantity * sign)]


def _kind(line: OrderLine, pen: Pen) -> str:
    kinds: Mapping[str, str] = {
        LineClass.INCENTIVE: pen.gettext("Incentive"),
        LineClass.SURCHARGE: pen.gettext("Surcharge"),
        LineClass.POSTAGE: pen.gettext("Postage"),
        LineClass.PAYMENT: pen.gettext("Payment costs"),
    }
    return kinds.get(line.line_class, "")


def _address(pen: Pen) -> list[str]:
    firm = pen.firm
    place = f"{firm.postal_code} {firm.city}".strip()
    return [line for line in (firm.street, place, pen.country(firm.country)) if line]


def _contact(firm: Firm) -> list[str]:
    return [line for line in (firm.phone, firm.email, firm.website) if line]


def _imprint(pen: Pen) -> list[str]:
    """Give the foot of a page: the seller, what registers know, and the bank."""
    firm = pen.firm
    facts = (
        ("", firm.name),
        (pen.gettext("VAT number"), firm.vat_number),
        (pen.gettext("CoC number"), firm.coc_number),
        ("", firm.bank_name),
        ("IBAN", _in_fours(firm.iban)),
        ("BIC", firm.bic),
    )
    return [f"{label} {value}".strip() for label, value in facts if value]


def _in_fours(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
