"""Forms of the order editor, priced as they say: what `services.editing` saves."""

import secrets
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from models.order import ArticleText, CostsOrigin, PriceOrigin, VatRule
from models.party import AddressText
from services.editing.priced import DraftLine, Priced
from services.editing.typed import Typed, TypedLine
from services.editing.wanted import Wanted, WantedLine
from services.orders import smallest_amount
from services.pricing import Cost, PricedLine, discount_amount, line_total, order_totals

BUYER = AddressText(company="Acme", first_name="Ada", last_name="Byron", street="Dam", city="Amsterdam", country="NL")
NOTHING = Decimal(0)


def new_key() -> str:
    """Give the key of a new form."""
    return secrets.token_hex(16)


def a_line(key: str = "n1", quantity: str = "2", price: str = "10.00", **more: Any) -> TypedLine:
    """Give a line without a product, its price typed."""
    named = {"sku": f"SKU-{key}", "name": f"Article {key}"}
    return TypedLine(key, quantity=quantity, price=price, is_price_typed=True, **{**named, **more})


def a_form(*lines: TypedLine, **more: Any) -> Typed:
    """Give the form of a new order of somebody who is not known."""
    given = {"currency": "EUR", "language": "en", "invoice": BUYER, "delivery": BUYER, **more}
    return Typed(given.pop("form_key", new_key()), lines=lines or (a_line(),), **given)


def priced(typed: Typed) -> Priced:
    """Read a form in English without any doubt, and let each line cost what it says."""
    unit = smallest_amount(typed.currency)
    lines = tuple(_priced_line(line, unit) for line in typed.lines)
    shipping = Cost(_number(typed.shipping_costs), NOTHING)
    payment = Cost(_number(typed.payment_costs), NOTHING)
    added = [PricedLine(line.total, line.tax_percentage) for line in lines]
    subtotal = sum((line.total for line in lines), NOTHING)
    discount = discount_amount(typed.discount_type, _number(typed.discount_value), subtotal, unit)
    return Priced(
        _wanted(typed, lines),
        lines,
        shipping,
        CostsOrigin.MANUAL if typed.is_shipping_typed else CostsOrigin.CALCULATED,
        payment,
        CostsOrigin.MANUAL if typed.is_payment_typed else CostsOrigin.CALCULATED,
        VatRule.DOMESTIC,
        order_totals(added, discount, payment, shipping, unit),
    )


def _wanted(typed: Typed, lines: Sequence[DraftLine]) -> Wanted:
    read: dict[str, Any] = {
        "currency_rate": Decimal(typed.currency_rate or 1),
        "payment_term_days": int(typed.payment_term_days) if typed.payment_term_days else None,
        "lines": tuple(line.wanted for line in lines),
        "requested_on": date.fromisoformat(typed.requested_on) if typed.requested_on else None,
        "shipping_costs": _number(typed.shipping_costs) if typed.is_shipping_typed else None,
        "payment_costs": _number(typed.payment_costs) if typed.is_payment_typed else None,
        "discount_value": _number(typed.discount_value),
        "incentive_shipping": None,
        "incentive_payment": None,
    }
    values: dict[str, Any] = {
        name: getattr(typed, name) for name in Wanted.__dataclass_fields__ if hasattr(typed, name)
    }
    return Wanted(**{**values, **read})


def _priced_line(line: TypedLine, unit: Decimal) -> DraftLine:
    quantity, price, discount = int(line.quantity), _number(line.price), _number(line.discount)
    read: dict[str, Any] = {
        "line_id": int(line.key) if line.key.isdecimal() else None,
        "quantity": quantity,
        "price": price,
        "discount": discount if line.discount else None,
        "shown": _number(line.shown) if line.shown else None,
    }
    given: dict[str, Any] = {
        name: getattr(line, name) for name in WantedLine.__dataclass_fields__ if hasattr(line, name)
    }
    return DraftLine(
        WantedLine(**{**given, **read}),
        ArticleText(sku=line.sku, name=line.name, notes=line.notes),
        None,
        price,
        discount,
        PriceOrigin.MANUAL if line.is_price_typed else PriceOrigin.UNKNOWN,
        "N",
        Decimal(21),
        None,
        line_total(quantity, price, discount, unit),
    )


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ".") or 0)
