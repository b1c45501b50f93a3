"""What is edited of an order, in words: for its history, and for what two people changed at once."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from flask_babel import LazyString, gettext, lazy_gettext

from admin_views.notation import notation
from admin_views.records.history import Write, write_stored
from admin_views.words import FLAGS, LANGUAGES, SHIPPING_METHODS
from models.order import CostsOrigin, DiscountType, PriceOrigin, VatRule

COSTS_ORIGINS: Mapping[str, LazyString | str] = {
    CostsOrigin.CALCULATED: lazy_gettext("Calculated"),
    CostsOrigin.MANUAL: lazy_gettext("Typed in, stays"),
    CostsOrigin.INCENTIVE: lazy_gettext("Set by an incentive"),
}
PRICE_ORIGINS: Mapping[str, LazyString | str] = {
    PriceOrigin.UNKNOWN: "",
    PriceOrigin.LIST: lazy_gettext("list"),
    PriceOrigin.COMPANY_DISCOUNT: lazy_gettext("company discount"),
    PriceOrigin.PRICE_LIST: lazy_gettext("price list"),
    PriceOrigin.MANUAL: lazy_gettext("by hand"),
    PriceOrigin.INCENTIVE: lazy_gettext("incentive"),
}
VAT_RULES: Mapping[str, LazyString | str] = {
    VatRule.DOMESTIC: lazy_gettext("VAT of the country of delivery"),
    VatRule.REVERSE_CHARGE: lazy_gettext("Reverse charge: VAT 0 %, the customer accounts for it"),
    VatRule.EXPORT: lazy_gettext("Export outside the EU: VAT 0 %"),
}
DISCOUNT_TYPES: Mapping[str, LazyString | str] = {
    DiscountType.NONE: lazy_gettext("none"),
    DiscountType.PERCENTAGE: lazy_gettext("percentage"),
    DiscountType.AMOUNT: lazy_gettext("amount"),
}
EDITED: Mapping[str, LazyString] = {
    "action_code": lazy_gettext("Action code"),
    "account_manager_id": lazy_gettext("Account manager"),
    "buyer_name": lazy_gettext("Name of the buyer"),
    "carrier": lazy_gettext("Carrier"),
    "coc_number": lazy_gettext("CoC number"),
    "company": lazy_gettext("Company"),
    "currency": lazy_gettext("Currency"),
    "currency_rate": lazy_gettext("Exchange rate"),
    "customer": lazy_gettext("Customer"),
    "debtor_id": lazy_gettext("Debtor Id"),
    "delivery_address": lazy_gettext("Delivery address"),
    "discount_type": lazy_gettext("Kind of order discount"),
    "discount_value": lazy_gettext("Order discount"),
    "email": lazy_gettext("E-mail"),
    "incentive": lazy_gettext("Incentive"),
    "invoice_address": lazy_gettext("Invoice address"),
    "is_credit": lazy_gettext("Credit"),
    "is_partial_delivery_allowed": lazy_gettext("Partial delivery"),
    "item_count": lazy_gettext("Items Count"),
    "language": lazy_gettext("Language"),
    "line": lazy_gettext("Line"),
    "line_sequence": lazy_gettext("Sequence of the lines"),
    "payment_costs": lazy_gettext("Transaction costs excl. VAT"),
    "payment_costs_origin": lazy_gettext("How transaction costs are set"),
    "payment_tax_percentage": lazy_gettext("VAT on transaction costs"),
    "payment_term_days": lazy_gettext("Payment term, days"),
    "phone": lazy_gettext("Phone"),
    "remarks": lazy_gettext("Remarks"),
    "requested_on": lazy_gettext("Preferred delivery date"),
    "shipping_costs": lazy_gettext("Shipping costs excl. VAT"),
    "shipping_costs_origin": lazy_gettext("How shipping costs are set"),
    "shipping_method": lazy_gettext("Shipping method"),
    "shipping_tax_percentage": lazy_gettext("VAT on shipping costs"),
    "tax_number": lazy_gettext("VAT number"),
    "total_base": lazy_gettext("Total excl. VAT in the base currency"),
    "total_gross": lazy_gettext("Total excl. VAT"),
    "total_net": lazy_gettext("Total incl. VAT"),
    "total_tax": lazy_gettext("VAT"),
    "user": lazy_gettext("Contact"),
    "vat_rule": lazy_gettext("VAT rule"),
}
"""What the fields of an order are called that its editor changes."""
CODES: Mapping[str, Mapping[str, LazyString | str]] = {
    "discount_type": DISCOUNT_TYPES,
    "is_credit": FLAGS,
    "is_partial_delivery_allowed": FLAGS,
    "language": LANGUAGES,
    "payment_costs_origin": COSTS_ORIGINS,
    "shipping_costs_origin": COSTS_ORIGINS,
    "shipping_method": SHIPPING_METHODS,
    "vat_rule": VAT_RULES,
}
AMOUNTS = frozenset(
    {"discount_value", "payment_costs", "shipping_costs", "total_base", "total_gross", "total_net", "total_tax"}
)
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
PERCENTAGES = frozenset({"payment_tax_percentage", "shipping_tax_percentage"})


def edited_value(field: str, value: str) -> str:
    """Write a value of the history as the page does elsewhere."""
    if field in CODES:
        return str(CODES[field].get(value, value))
    return write_stored(_writer(field), value)


def _writer(field: str) -> Write | None:
    """Give what writes the numbers and days of a field."""
    if field in AMOUNTS:
        return lambda amount: notation().amount(Decimal(amount))
    if field in PERCENTAGES:
        return lambda percentage: notation().percentage(Decimal(percentage))
    if field == "currency_rate":
        return lambda rate: notation().number(Decimal(rate).normalize())
    if field == "requested_on":
        return lambda day: notation().day(date.fromisoformat(day))
    return None


def _line(text: str) -> str:
    """Word the codes in the text of a line: what it costs, where its price comes from, and its VAT."""

    def origin(found: re.Match[str]) -> str:
        said = [
            str(PRICE_ORIGINS.get(found[1], found[1])),
            gettext("list %(price)s", price=notation().decimal(Decimal(found[2]))) if found[2] else "",
        ]
        told = ", ".join(filter(None, said))
        return f"({told})" if told else ""

    def price(found: re.Match[str]) -> str:
        discount = f" − {notation().percentage(Decimal(found[3]))}" if found[3] else ""
        return f"{found[1]}{notation().decimal(Decimal(found[2]))}{discount}"

    def vat(found: re.Match[str]) -> str:
        return gettext("VAT %(rate)s %%", rate=notation().number(Decimal(found[1])))

    text = re.sub(rf"(: -?[0-9]+ × )(-?{NUMBER})(?: − ({NUMBER}) %)?", price, text, count=1)
    text = re.sub(rf"\[([A-Z_]+)(?: ({NUMBER}))?\]", origin, text)
    return re.sub(rf"\+ ({NUMBER}) % \w+", vat, text)


def edited_line(old: str, new: str) -> str:
    """Say what happened to a line: both are its texts, the one before and the one after."""
    old, new = _line(old), _line(new)
    if not old:
        return gettext("Line added: %(line)s", line=new)
    if not new:
        return gettext("Line removed: %(line)s", line=old)
    return gettext("Line: %(old)s → %(new)s", old=old, new=new)
