"""What the page of the editor shows, as texts."""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext

from admin_views.notation import notation
from admin_views.orders.edited_words import COSTS_ORIGINS, PRICE_ORIGINS
from admin_views.orders.editor.form import DISCOUNT_BY_HAND, PRICE_BY_HAND
from admin_views.words import LINE_CLASSES
from models.order import CostsOrigin, LineClass, PriceOrigin
from services.editing.chain import EvaluatedForm
from services.editing.priced import DraftLine, Priced
from services.editing.typed import TypedLine
from services.orders import pictured
from services.pricing import Cost

SECTIONS = {
    "customer": lazy_gettext("Company Details"),
    "products": lazy_gettext("Product List"),
    "remarks-section": lazy_gettext("Remarks"),
    "shipping": lazy_gettext("Shipping"),
    "financial": lazy_gettext("Financial"),
    "shipments": lazy_gettext("Shipments"),
    "origin": lazy_gettext("Source"),
}
SECTION_OF = {
    "lines": "products",
    "line": "products",
    "add": "products",
    "find": "products",
    "paste": "products",
    "take": "products",
    "reference": "remarks-section",
    "remarks": "remarks-section",
    "shipping_method": "shipping",
    "carrier": "shipping",
    "requested_on": "shipping",
    "shipping_costs": "shipping",
    "payment_method": "financial",
    "payment_status": "financial",
    "payment_costs": "financial",
    "payment_term_days": "financial",
    "accounting_id": "financial",
    "discount_type": "financial",
    "discount_value": "financial",
    "currency": "financial",
    "currency_rate": "financial",
    "source": "origin",
}
"""In which section a field stands, by its name or what that begins with; all others are the customer's."""


@dataclass(frozen=True)
class LineShown:
    """A line as its row shows it: everything that the row depends on, so that an equal one need not be drawn again."""

    key: str
    line: TypedLine
    name: str
    sku: str
    origin: str
    was: str
    below: str
    is_by_hand: bool
    is_fixed: bool
    kind: str
    image_url: str
    price: str
    discount: str
    offered: str
    agreed: str
    state: str
    shown: str
    vat: str
    total: str
    cost: str = ""
    margin: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    made: str = ""

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Give the fields of the line that nobody sees: what it is, and what its fields showed."""
        line = self.line
        told = {
            "product": line.product_id,
            "parent": line.parent,
            "class": "" if line.line_class == LineClass.PRODUCT else line.line_class,
            "bonus": "1" if line.is_bonus else "",
            "incentive": line.incentive_id,
            "sku": line.sku,
            "name": line.name,
            "tax_code": line.tax_code,
            "shown": self.shown,
            "offered": self.offered.strip("|") and self.offered,
            "agreed": self.agreed.strip("|") and self.agreed,
            "state": self.state,
        }
        return [(name, str(value)) for name, value in told.items() if value]

    @property
    def small(self) -> str:
        """Give the small print below the name."""
        return " · ".join(filter(None, (self.sku, self.origin, self.was, self.below, self.cost, self.margin)))

    @property
    def inputs(self) -> Collection[str]:
        """Give the fields that the row has; what is wrong with anything else of the line stands below its name."""
        return () if self.is_fixed else ("quantity", "price", "discount", "notes")


def written_price(price: Decimal) -> str:
    """Write a unit price with its four decimals, so that they stand below each other."""
    text = notation().decimal(price)
    return text + "0" * (4 - len(text.partition(notation().point)[2]))


def written_percentage(number: Decimal) -> str:
    """Write a percentage as its field shows it."""
    return notation().percentage(number).removesuffix(" %")


def lines_shown(worked: EvaluatedForm, faults: Mapping[str, str], *, with_costs: bool) -> list[LineShown]:
    """Give the rows of the product list."""
    typed = worked.typed
    drafts = {line.wanted.key: line for line in worked.priced.lines}
    with_picture = pictured([line.product_id for line in typed.lines])
    by_line = _by_line(faults)
    return [
        _row(line, drafts.get(line.key), by_line.get(line.key, {}), with_picture, with_costs=with_costs)
        for line in typed.lines
    ]


def _by_line(faults: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, sentence in faults.items():
        if name.startswith("line-"):
            _line, key, what = name.split("-", 2)
            found.setdefault(key, {})[what] = sentence
    return found


def _row(
    line: TypedLine,
    draft: DraftLine | None,
    faults: Mapping[str, str],
    with_picture: Collection[int],
    *,
    with_costs: bool,
) -> LineShown:
    is_fixed = line.is_bonus or line.line_class == LineClass.INCENTIVE
    price = line.price if line.is_price_typed or not draft else written_price(draft.price)
    discount = line.discount if line.is_discount_typed or not draft else written_percentage(draft.discount_percentage)
    row = LineShown(
        key=line.key,
        line=line,
        name=(draft.text.name if draft else "") or line.name or line.sku,
        sku=(draft.text.sku if draft else "") or line.sku,
        origin=_origin(line, draft),
        was=_was(draft),
        below="" if is_fixed or "price" in faults else _below(draft),
        is_by_hand=bool(draft) and draft.origin is PriceOrigin.MANUAL if draft else line.is_price_typed,
        is_fixed=is_fixed,
        kind=gettext("Bonus") if line.is_bonus else str(LINE_CLASSES[line.line_class]),
        image_url=url_for(".image", product_id=line.product_id) if line.product_id in with_picture else "",
        price=notation().decimal(draft.price) if is_fixed and draft else price,
        discount=discount,
        offered=f"{'' if line.is_price_typed else price}|{'' if line.is_discount_typed else discount}",
        agreed=f"{'' if line.is_price_typed else line.price}|{'' if line.is_discount_typed else line.discount}",
        state=_state(line),
        shown=str(draft.shown) if draft else line.shown,
        vat=notation().percentage(draft.tax_percentage) if draft else "",
        total=notation().amount(draft.total) if draft else "",
        faults=faults,
        **(_margin(draft) if with_costs and draft else {}),
    )
    return _marked(row)


def _marked(row: LineShown) -> LineShown:
    line = replace(row.line, shown="", price="", discount="")
    made = f"{zlib.crc32(repr(replace(row, line=line)).encode('utf-8', 'surrogatepass')):08x}"
    object.__setattr__(row, "made", made)
    return row


def _origin(line: TypedLine, draft: DraftLine | None) -> str:
    """Say where a price comes from, unless a mark beside the name says it already."""
    is_marked = draft is None or draft.origin is PriceOrigin.MANUAL or line.line_class == LineClass.INCENTIVE
    return "" if is_marked or draft is None else str(PRICE_ORIGINS[draft.origin])


def _was(draft: DraftLine | None) -> str:
    """Say what a price by hand replaced."""
    if draft is None or draft.origin is not PriceOrigin.MANUAL or draft.list_price is None:
        return ""
    if draft.list_price == draft.price and not draft.discount_percentage:
        return ""
    return gettext("list %(price)s", price=notation().decimal(draft.list_price))


def _below(draft: DraftLine | None) -> str:
    """Say how far a price lies below list; where that is its discount alone, its field says it."""
    if draft is None or draft.below_list is None or draft.price == draft.list_price:
        return ""
    off = draft.below_list.quantize(Decimal("0.1"))
    return gettext("%(rate)s below list", rate=notation().percentage(off)) if off > 0 else ""


def _state(line: TypedLine) -> str:
    parts = (
        (PRICE_BY_HAND, line.is_price_typed),
        (DISCOUNT_BY_HAND, line.is_discount_typed),
    )
    return "".join(letter for letter, is_so in parts if is_so)


def _margin(draft: DraftLine) -> dict[str, str]:
    left = draft.margin
    if draft.cost_price is None or left is None:
        return {}
    percentage = left.percentage
    return {
        "cost": gettext("cost %(price)s", price=notation().decimal(draft.cost_price)),
        "margin": ""
        if percentage is None
        else gettext("margin %(rate)s", rate=notation().percentage(percentage.quantize(Decimal("0.1")))),
    }


def section_of(name: str) -> str:
    """Give the section that a field stands in."""
    return SECTION_OF.get(name) or SECTION_OF.get(name.partition("-")[0], "customer")


def sections(faults: Iterable[str], *, is_new: bool) -> list[dict[str, Any]]:
    """Give the links to the sections, with how much is to be mended in each."""
    counts: dict[str, int] = {}
    for name in faults:
        counts[section_of(name)] = counts.get(section_of(name), 0) + 1
    return [
        {"id": key, "label": str(label), "faults": counts.get(key, 0)}
        for key, label in SECTIONS.items()
        if not (is_new and key == "shipments")
    ]


def totals_shown(priced: Priced) -> dict[str, Any]:
    """Give the sums of the bar."""
    sums, amount = priced.totals, notation().amount
    heads = [line.wanted for line in priced.lines if not line.wanted.parent and not line.wanted.is_bonus]
    return {
        "items": notation().whole(sum(line.line_class == LineClass.PRODUCT for line in heads)),
        "subtotal": amount(sums.subtotal),
        "discount": amount(-sums.discount),
        "costs": amount(sums.payment_costs + sums.shipping_costs),
        "gross": amount(sums.gross),
        "tax": amount(sums.tax),
        "net": amount(sums.net),
        "taxes": [
            gettext(
                "%(rate)s of %(base)s: %(amount)s",
                rate=notation().percentage(tax.percentage),
                base=amount(tax.base),
                amount=amount(tax.amount),
            )
            for tax in sums.taxes
        ],
    }


def cost_shown(typed: str, cost: Cost, origin: CostsOrigin, *, is_typed: bool) -> dict[str, str]:
    """Give the field of shipping or transaction costs: its text, what was offered, and what is said of it."""
    offered = notation().amount(cost.amount)
    return {
        "text": typed if is_typed else offered,
        "offered": "" if is_typed else offered,
        "said": str(COSTS_ORIGINS[origin]),
        "is_by_hand": "yes" if is_typed else "",
    }
