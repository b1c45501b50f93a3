"""What the typed form means: values, and what is wrong with those that mean nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.party import AddressText


@dataclass(frozen=True)
class WantedLine:
    """A line as it was meant. A price or discount of None asks for the best price there is.

    `line_id` is that of the stored line, None for a new one; `shown` the unit price that the person saw last;
    `tax_code` that of an incentive's line without a parent.
    """

    key: str
    line_id: int | None
    product_id: int | None
    parent: str
    line_class: str
    is_bonus: bool
    incentive_id: int | None
    sku: str
    name: str
    notes: str
    quantity: int
    price: Decimal | None
    discount: Decimal | None
    shown: Decimal | None
    tax_code: str = ""


@dataclass(frozen=True)
class Wanted:
    """The form as it was meant. Costs of None are to be reckoned; a `discount_value` is per cent or an amount.

    `incentive_shipping` and `incentive_payment` are costs that an accepted incentive set.
    """

    form_key: str
    order_id: int | None
    version: int
    company_id: int | None
    user_id: int | None
    email: str
    phone: str
    debtor_id: str
    tax_number: str
    coc_number: str
    language: str
    currency: str
    currency_rate: Decimal
    payment_term_days: int | None
    invoice: AddressText
    delivery: AddressText
    lines: tuple[WantedLine, ...]
    reference: str
    remarks: str
    shipping_method: str
    carrier: str
    requested_on: date | None
    is_partial_delivery_allowed: bool
    shipping_costs: Decimal | None
    payment_method: str
    payment_status: str
    payment_costs: Decimal | None
    accounting_id: str
    discount_type: str
    discount_value: Decimal
    source: str
    action_code: str
    incentive_ids: tuple[int, ...]
    incentive_shipping: Decimal | None = None
    incentive_payment: Decimal | None = None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field: a sentence to be translated, and its values."""

    sentence: str
    values: Mapping[str, str]
