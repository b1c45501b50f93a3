"""An order as a form: to be edited, or to make another one like it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from models.order import CostsOrigin, DiscountType, LineClass, Order, OrderLine, PriceOrigin
from models.party import Address, AddressText
from services.editing.lines import plain
from services.editing.typed import NEW, Typed, TypedLine
from services.incentives import incentives_of
from services.notation import notation_of
from services.orders import smallest_amount
from services.pricing import discounted

TEXTS = (
    *("email", "phone", "debtor_id", "tax_number", "coc_number", "language", "currency", "reference", "remarks"),
    *("shipping_method", "carrier", "payment_method", "payment_status", "accounting_id", "discount_type", "source"),
    "action_code",
)
ITS_OWN = (
    *("payment_status", "accounting_id", "requested_on", "action_code"),
    *("incentive_ids", "incentive_shipping", "incentive_payment"),
)
"""What one order has and one like it has not."""


def typed_of(order: Order, form_key: str, language: str) -> Typed:
    """Write an order as a form, in a person's language."""
    written = _Pen(language)
    days = order.payment_term_days
    return Typed(
        form_key,
        order.id,
        order.version,
        order.company_id,
        order.user_id,
        **{name: getattr(order, name) for name in TEXTS},
        currency_rate=written.rate(order.currency_rate),
        payment_term_days="" if days is None else str(days),
        invoice=_address(order.invoice_address),
        delivery=_address(order.delivery_address),
        lines=tuple(_line(line, written) for line in order.lines),
        requested_on=order.requested_on.isoformat() if order.requested_on else "",
        is_partial_delivery_allowed=order.is_partial_delivery_allowed,
        **_costs(order, written),
        discount_value=_discount(order, written),
        incentive_ids=tuple(each.incentive_id for each in incentives_of(order.id)),
        numbers=language,
    )


def copied(order: Order, form_key: str, language: str) -> Typed:
    """Write a new order like this one: the same customer, addresses and products, at today's prices.

    What incentives gave and took off is left out: they are applied to the new order on their own. Of a credit order,
    what was taken back is ordered.
    """
    typed = typed_of(order, form_key, language)
    keys = {line.key: f"{NEW}{number}" for number, line in enumerate(typed.lines, start=1)}
    lines = [
        _at_todays_price(
            replace(
                line, key=keys[line.key], parent=keys.get(line.parent, ""), quantity=line.quantity.removeprefix("-")
            )
        )
        for line in typed.lines
        if line.incentive_id is None and line.line_class != LineClass.INCENTIVE and not line.is_bonus
    ]
    empty = Typed(form_key)
    return replace(
        typed,
        order_id=None,
        version=0,
        lines=tuple(lines),
        discount_value=typed.discount_value.removeprefix("-"),
        currency_rate="",
        shipping_costs="",
        is_shipping_typed=False,
        payment_costs="",
        is_payment_typed=False,
        **{name: getattr(empty, name) for name in ITS_OWN},
    )


def _at_todays_price(line: TypedLine) -> TypedLine:
    """Ask for today's price; a line without a product has only the one that it had."""
    if line.product_id is None:
        return replace(line, is_price_typed=True, is_discount_typed=True, shown="")
    return replace(line, price="", is_price_typed=False, discount="", is_discount_typed=False, shown="")


class _Pen:
    """How numbers are written into fields: with the language's decimal sign and nothing between thousands."""

    def __init__(self, language: str) -> None:
        self._point = notation_of(language).point

    def number(self, number: Decimal) -> str:
        return plain(number).replace(".", self._point)

    def amount(self, amount: Decimal, currency: str) -> str:
        """Write an amount of money; a currency without decimals has none."""
        return self.number(amount) if smallest_amount(currency) < 1 else f"{amount:.0f}"

    def rate(self, rate: Decimal) -> str:
        return f"{rate.normalize():f}".replace(".", self._point)


def _line(line: OrderLine, written: _Pen) -> TypedLine:
    by_hand = line.price_origin == PriceOrigin.MANUAL
    discount = line.discount_percentage
    return TypedLine(
        str(line.id),
        line.product_id,
        "" if line.parent_id is None else str(line.parent_id),
        line.line_class,
        line.is_bonus,
        line.incentive_id,
        sku=line.text.sku,
        name=line.text.name,
        notes=line.text.notes,
        quantity=str(line.quantity),
        price=written.number(line.price),
        is_price_typed=by_hand,
        discount=written.number(discount),
        is_discount_typed=by_hand,
        shown=str(discounted(line.price, discount)),
        tax_code=line.tax_code if line.product_id is None else "",
    )


def _discount(order: Order, written: _Pen) -> str:
    if order.discount_type == DiscountType.NONE:
        return ""
    is_amount = order.discount_type == DiscountType.AMOUNT
    return written.amount(order.discount_value, order.currency) if is_amount else written.number(order.discount_value)


def _costs(order: Order, written: _Pen) -> dict[str, Any]:
    """Write the costs that a person typed or an incentive set; others are reckoned anew."""
    costs = {
        "shipping": (order.shipping_costs, order.shipping_costs_origin),
        "payment": (order.payment_costs, order.payment_costs_origin),
    }
    typed: dict[str, Any] = {}
    for name, (amount, origin) in costs.items():
        is_typed = origin == CostsOrigin.MANUAL
        typed |= {
            f"{name}_costs": written.amount(amount, order.currency) if is_typed else "",
            f"is_{name}_typed": is_typed,
            f"incentive_{name}": plain(amount) if origin == CostsOrigin.INCENTIVE else "",
        }
    return typed


def _address(address: Address | None) -> AddressText:
    return address.written if address else AddressText()
