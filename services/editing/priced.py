"""What the order comes to: each line's price with where it comes from, VAT, costs and totals. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from models.order import ArticleText, CostsOrigin, PriceOrigin, VatRule
from services.editing.wanted import Wanted, WantedLine
from services.pricing import Cost, Totals


@dataclass(frozen=True)
class DraftLine:
    """A line with its price. `price` is the unit price excl. VAT before `discount_percentage`, `total` after it.

    `cost_price` is None when nobody knows it. `minimum_quantity` and `step_quantity` are the product's.
    """

    wanted: WantedLine
    text: ArticleText
    list_price: Decimal | None
    price: Decimal
    discount_percentage: Decimal
    origin: PriceOrigin
    tax_code: str
    tax_percentage: Decimal
    cost_price: Decimal | None
    total: Decimal
    minimum_quantity: int = 1
    step_quantity: int = 1


@dataclass(frozen=True)
class Priced:
    """The order as it would be saved, in its currency."""

    wanted: Wanted
    lines: tuple[DraftLine, ...]
    shipping: Cost
    shipping_origin: CostsOrigin
    payment: Cost
    payment_origin: CostsOrigin
    vat_rule: VatRule
    totals: Totals
