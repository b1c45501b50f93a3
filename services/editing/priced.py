"""What the order comes to: each line's price with where it comes from, VAT, costs and totals. Pure."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from models.order import ArticleText, CostsOrigin, DiscountType, LineClass, PriceOrigin, ShippingMethod, VatRule
from models.types import LARGEST, Money, UnitPrice
from services.editing.offers import Article, Charge, KeptLine, Offers
from services.editing.quantity_rules import may_be_ordered, nearest
from services.editing.wanted import Fault, Wanted, WantedLine
from services.orders import smallest_amount
from services.pricing import (
    Cost,
    Margin,
    PricedLine,
    Totals,
    base_total,
    best_offer,
    discount_amount,
    discounted,
    exchanged,
    line_total,
    margin,
    order_totals,
)
from services.taxes import Rates
from services.vat_rules import home_of, vat_of

USUAL_TAX_CODE = "H"
NONE = Decimal(0)


@dataclass(frozen=True)
class DraftLine:
    """A line with its price. `price` is the unit price excl. VAT before `discount_percentage`, `total` after it.

    `cost_price` is None when nobody knows it.
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

    @property
    def unit_price(self) -> Decimal:
        """Give the price of one unit after its discount."""
        return discounted(self.price, self.discount_percentage)

    @property
    def shown(self) -> str:
        """Give the unit price as the page carries it along, to tell later that it has changed."""
        return str(self.unit_price)

    @property
    def below_list(self) -> Decimal | None:
        """Give how many per cent the unit price lies below the list price; None without a list price."""
        off = margin(self.list_price, self.unit_price) if self.list_price else None
        return off and off.percentage

    @property
    def margin(self) -> Margin | None:
        """Give what is left after the cost of the goods; None when nobody knows it."""
        return None if self.cost_price is None else margin(self.total, self.wanted.quantity * self.cost_price)


@dataclass(frozen=True)
class Priced:
    """The order as it would be saved, in its currency; `wanted` has its currency and rate filled in."""

    wanted: Wanted
    lines: tuple[DraftLine, ...]
    shipping: Cost
    shipping_origin: CostsOrigin
    payment: Cost
    payment_origin: CostsOrigin
    vat_rule: VatRule
    totals: Totals


def reckon(wanted: Wanted, offers: Offers) -> tuple[Priced, dict[str, Fault]]:
    """Reckon what the order comes to, and what cannot be saved of it, by the names of the form's fields."""
    return _Reckoning(wanted, offers).whole()


def price_changes(priced: Priced) -> dict[str, Fault]:
    """Give a fault for each line whose price is another one than the person saw last, by the name of its field."""
    return {
        f"line-{line.wanted.key}-price": Fault(
            "The price was %(old)s and is %(new)s now. Save again to take it.",
            {"old": line.wanted.shown, "new": line.unit_price},
        )
        for line in priced.lines
        if line.wanted.price is None
        and line.wanted.discount is None
        and line.wanted.shown not in (None, line.unit_price)
    }


class _Price(NamedTuple):
    """A unit price with its discount and where it comes from."""

    price: Decimal
    discount: Decimal
    origin: PriceOrigin


class _Vat(NamedTuple):
    """The rule, the country whose rates count, and whether it is as the stored order has it."""

    rule: VatRule
    country: str
    is_kept: bool


class _Reckoning:
    """Everything that one form's lines and costs are reckoned with, and the faults found on the way."""

    def __init__(self, wanted: Wanted, offers: Offers) -> None:
        self.faults: dict[str, Fault] = {}
        self.offers = offers
        self.order = offers.order
        self.wanted = self._with_currency(wanted)
        self.unit = smallest_amount(self.wanted.currency)
        takes_back = any(line.quantity < 0 for line in wanted.lines)
        self.is_credit = self.order is not None and self.order.is_credit and takes_back
        self.is_same_currency = self.order is not None and self.order.currency == self.wanted.currency
        self.vat = self._vat()
        self._percentages: dict[str, Decimal | None] = {}

    def whole(self) -> tuple[Priced, dict[str, Fault]]:
        lines = self._lines()
        subtotal = sum((line.total for line in lines), NONE)
        shipping, shipping_origin = self._shipping(subtotal)
        payment, payment_origin = self._payment(subtotal)
        discount = self._discount(subtotal)
        priced = Priced(
            wanted=self.wanted,
            lines=lines,
            shipping=shipping,
            shipping_origin=shipping_origin,
            payment=payment,
            payment_origin=payment_origin,
            vat_rule=self.vat.rule,
            totals=order_totals(
                [PricedLine(line.total, line.tax_percentage) for line in lines], discount, payment, shipping, self.unit
            ),
        )
        self._check_choices()
        self._check_customer()
        self._check_size(priced.totals)
        return priced, self.faults

    def _fault(self, field: str, sentence: Fault) -> None:
        self.faults.setdefault(field, sentence)

    # What the whole order is reckoned in

    def _with_currency(self, wanted: Wanted) -> Wanted:
        base = self.offers.base_currency
        currency = wanted.currency or base
        if currency == base:
            return replace(wanted, currency=currency, currency_rate=Decimal(1))
        if wanted.currency_rate:
            return wanted
        self._fault(
            "currency_rate",
            Fault("Give the rate: how much 1 %(currency)s is in %(base)s.", {"currency": currency, "base": base}),
        )
        return replace(wanted, currency_rate=self.offers.suggested_rate or Decimal(1))

    def _vat(self) -> _Vat:
        """Find the VAT rule: the stored order's while nothing that it follows from has changed.

        Orders from before rules were kept say DOMESTIC; one without any VAT may be of another rule.
        """
        wanted, kept = self.wanted, self.order
        is_company, is_fetched = wanted.company_id is not None, wanted.shipping_method == ShippingMethod.PICKUP
        rule, country = vat_of(
            self.offers.seller_country,
            wanted.delivery.country,
            is_company=is_company,
            tax_number=wanted.tax_number,
            is_fetched=is_fetched,
        )
        asked = (wanted.delivery.country, is_company, wanted.tax_number, is_fetched)
        if kept is None or asked != (
            *(kept.country, kept.company_id is not None, kept.tax_number),
            kept.shipping_method == ShippingMethod.PICKUP,
        ):
            return _Vat(VatRule(rule), country, is_kept=False)
        is_known = kept.vat_rule != VatRule.DOMESTIC or any(each.tax_percentage for each in self.offers.lines.values())
        is_touched = any(not self._is_untouched(line) for line in wanted.lines)
        return _Vat(kept.vat_rule if is_known or not is_touched else VatRule(rule), country, is_kept=True)

    def _is_untouched(self, line: WantedLine) -> bool:
        kept = self.offers.lines.get(line.line_id) if line.line_id is not None else None
        return kept is not None and self._stays(line, kept)

    def _percentage(self, tax_code: str) -> Decimal | None:
        """Give what a tax code is worth for this order; None when nobody has said it.

        The rates of every country stand for the seller's own, but for no other.
        """
        if self.vat.rule != VatRule.DOMESTIC:
            return NONE
        if tax_code not in self._percentages:
            rates, day, country = self.offers.rates.get(tax_code, Rates({})), self.offers.day, self.vat.country
            is_home = country == home_of(self.offers.seller_country)
            self._percentages[tax_code] = rates.on(day, country) if is_home else rates.own(day, country)
        return self._percentages[tax_code]

    # Lines

    def _lines(self) -> tuple[DraftLine, ...]:
        codes: dict[str, str] = {}
        found = []
        for line in self.wanted.lines:
            draft = self._line(line, codes.get(line.parent, ""))
            codes[line.key] = draft.tax_code
            found.append(draft)
        return tuple(found)

    def _line(self, line: WantedLine, parents_code: str) -> DraftLine:
        kept = self.offers.lines.get(line.line_id) if line.line_id is not None else None
        line = _as_it_may_be(line, kept)
        if line.line_id is not None and not kept:
            self._fault(f"line-{line.key}-quantity", Fault("This line was removed from the order meanwhile.", {}))
        article = self.offers.articles.get(line.product_id) if line.product_id is not None else None
        self._check_article(line, article, kept)
        self._check_quantity(line, article, kept)
        self._check_price(line)
        stays = kept is not None and self._stays(line, kept)
        price = self._price(line, article, kept if stays else None)
        code = self._tax_code(line, article, kept if stays or article is None else None, parents_code)
        list_price, cost_price = self._product_prices(article, kept if stays else None)
        return DraftLine(
            wanted=line,
            text=_text(line, article, kept),
            list_price=list_price,
            price=price.price,
            discount_percentage=price.discount,
            origin=price.origin,
            tax_code=code,
            tax_percentage=self._line_percentage(line, code, kept),
            cost_price=cost_price,
            total=self._total(line, price),
        )

    def _stays(self, line: WantedLine, kept: KeptLine) -> bool:
        """Say whether a stored line keeps what was agreed: while its quantity does, or for good when that was typed."""
        if kept.origin in (PriceOrigin.MANUAL, PriceOrigin.INCENTIVE) or kept.product_id is None:
            return line.keeps
        return line.keeps and line.quantity == kept.quantity and self.is_same_currency

    def _price(self, line: WantedLine, article: Article | None, agreed: KeptLine | None) -> _Price:
        """Find the price of a line. A typed one is the whole price, unless a discount is typed as well."""
        if line.is_bonus and line.incentive_id is not None:
            return _Price(NONE, NONE, PriceOrigin.INCENTIVE)
        if (
            line.line_class == LineClass.INCENTIVE
            and line.price is not None
            and not (agreed and agreed.price == line.price)
        ):
            return _Price(line.price, NONE, PriceOrigin.INCENTIVE)
        base = self._agreed(agreed) or self._best(line, article)
        if line.price is None and line.discount is None:
            return base or self._no_price(line)
        if agreed and line.price in (None, agreed.price) and line.discount in (None, agreed.discount_percentage):
            return _Price(agreed.price, agreed.discount_percentage, agreed.origin)
        if line.price is not None:
            return _Price(line.price, line.discount or NONE, PriceOrigin.MANUAL)
        base = base or self._no_price(line)
        return _Price(base.price, line.discount or NONE, PriceOrigin.MANUAL)

    @staticmethod
    def _agreed(agreed: KeptLine | None) -> _Price | None:
        return _Price(agreed.price, agreed.discount_percentage, agreed.origin) if agreed else None

    def _best(self, line: WantedLine, article: Article | None) -> _Price | None:
        if line.is_bonus:
            return _Price(NONE, NONE, PriceOrigin.MANUAL)
        if article is None or line.product_id is None:
            return None
        offer = best_offer(
            line.quantity,
            self._exchanged(article.list_price),
            self.offers.customer.discount_percentage,
            self.offers.breaks.get(line.product_id, ()),
        )
        return None if offer is None else _Price(offer.price, offer.discount_percentage, PriceOrigin(offer.origin))

    def _no_price(self, line: WantedLine) -> _Price:
        if line.product_id is None or line.product_id in self.offers.articles:
            self._fault(f"line-{line.key}-price", Fault("This has no price yet. Type one.", {}))
        return _Price(NONE, NONE, PriceOrigin.MANUAL)

    def _exchanged(self, price: Decimal | None) -> Decimal | None:
        """Give a price of the base currency in the order's; one too large to be kept is none."""
        amount = None if price is None else exchanged(price, self.wanted.currency_rate)
        return amount if amount is not None and _fits(amount, UnitPrice.decimals) else None

    def _product_prices(
        self, article: Article | None, agreed: KeptLine | None
    ) -> tuple[Decimal | None, Decimal | None]:
        """Give list price and cost price: as they were agreed, or the product's of today."""
        if agreed and self.is_same_currency:
            return agreed.list_price, agreed.cost_price
        if article is None:
            return None, None
        return self._exchanged(article.list_price), self._exchanged(article.cost_price)

    @staticmethod
    def _tax_code(line: WantedLine, article: Article | None, kept: KeptLine | None, parents_code: str) -> str:
        if kept:
            return kept.tax_code
        if article:
            return article.tax_code
        if line.incentive_id is not None and parents_code:
            return parents_code
        return line.tax_code or parents_code or USUAL_TAX_CODE

    def _line_percentage(self, line: WantedLine, code: str, kept: KeptLine | None) -> Decimal:
        if kept and kept.tax_code == code and self.vat.is_kept:
            return kept.tax_percentage
        percentage = self._percentage(code)
        if percentage is None:
            self._fault(f"line-{line.key}-vat", self._no_rate(code))
        return percentage or NONE

    def _no_rate(self, code: str) -> Fault:
        country = self.vat.country
        if country == home_of(self.offers.seller_country):
            return Fault("The VAT code %(code)s has no rate on the day of the order.", {"code": code})
        return Fault(
            "The VAT code %(code)s has no rate for %(country)s on the day of the order.",
            {"code": code, "country": country},
        )

    def _total(self, line: WantedLine, price: _Price) -> Decimal:
        total = line_total(line.quantity, price.price, price.discount, self.unit)
        if not _fits(total, Money.decimals):
            self._fault(f"line-{line.key}-quantity", Fault("This is too large.", {}))
            return NONE
        return total

    def _check_article(self, line: WantedLine, article: Article | None, kept: KeptLine | None) -> None:
        field = f"line-{line.key}-quantity"
        if line.product_id is not None and article is None:
            self._fault(field, Fault("There is no such product any more.", {}))
        elif article and not kept and not article.is_active:
            self._fault(field, Fault("%(sku)s is not sold any more.", {"sku": article.text.sku}))
        elif line.product_id is None and not kept and not line.sku and not line.name:
            self._fault(field, Fault("Choose a product.", {}))

    def _check_quantity(self, line: WantedLine, article: Article | None, kept: KeptLine | None) -> None:
        field, quantity = f"line-{line.key}-quantity", line.quantity
        if quantity < 0 and not self.is_credit:
            self._fault(field, Fault("This may not be below %(least)d.", {"least": 1}))
        if article is None or (kept and kept.quantity == quantity) or line.is_bonus or line.parent:
            return
        least, step = article.minimum_quantity, article.step_quantity
        if not may_be_ordered(abs(quantity), least, step):
            lower, upper = nearest(abs(quantity), least, step)
            self._fault(
                field,
                Fault(
                    "Sold from %(least)s on, per %(step)s: %(lower)s or %(upper)s.",
                    {"least": least, "step": step, "lower": lower, "upper": upper},
                ),
            )

    def _check_price(self, line: WantedLine) -> None:
        if line.price is not None and line.price < 0 and line.line_class != LineClass.INCENTIVE:
            self._fault(f"line-{line.key}-price", Fault("This may not be below %(least)d.", {"least": 0}))

    # Costs and discount

    def _shipping(self, subtotal: Decimal) -> tuple[Cost, CostsOrigin]:
        wanted, order = self.wanted, self.order
        charge = self.offers.carriers.get(wanted.carrier)
        if wanted.shipping_method == ShippingMethod.PICKUP and charge:
            charge = replace(charge, costs=NONE)
        kept = None
        if order and (order.shipping_method, order.carrier) == (wanted.shipping_method, wanted.carrier):
            kept = _KeptCost(order.shipping, order.shipping_origin)
        asked = _CostInput("shipping_costs", wanted.shipping_costs, wanted.incentive_shipping)
        return self._cost(asked, charge, kept, subtotal)

    def _payment(self, subtotal: Decimal) -> tuple[Cost, CostsOrigin]:
        wanted, order = self.wanted, self.order
        kept = None
        if order and order.payment_method == wanted.payment_method:
            kept = _KeptCost(order.payment, order.payment_origin)
        asked = _CostInput("payment_costs", wanted.payment_costs, wanted.incentive_payment)
        return self._cost(asked, self.offers.methods.get(wanted.payment_method), kept, subtotal)

    def _cost(
        self, asked: "_CostInput", charge: Charge | None, kept: "_KeptCost | None", subtotal: Decimal
    ) -> tuple[Cost, CostsOrigin]:
        origin = CostsOrigin.CALCULATED
        if asked.typed is not None:
            amount, origin = asked.typed, CostsOrigin.MANUAL
        elif asked.by_incentive is not None:
            amount, origin = asked.by_incentive, CostsOrigin.INCENTIVE
        elif kept and kept.origin == CostsOrigin.CALCULATED and self._is_as_kept(subtotal):
            amount = kept.cost.amount
        elif charge and not self._is_free(charge, subtotal):
            amount = exchanged(charge.costs, self.wanted.currency_rate, self.unit)
        else:
            amount = NONE
        if not _fits(amount, Money.decimals):
            self._fault(asked.field, Fault("This is too large.", {}))
            amount = NONE
        elif amount < 0 and not self.is_credit:
            self._fault(asked.field, Fault("This may not be below %(least)d.", {"least": 0}))
            amount = NONE
        return Cost(amount, self._cost_percentage(asked.field, amount, charge, kept)), origin

    def _cost_percentage(self, field: str, amount: Decimal, charge: Charge | None, kept: "_KeptCost | None") -> Decimal:
        if kept and self.vat.is_kept and (kept.cost.amount or not amount):
            return kept.cost.tax_percentage
        code = charge.tax_code if charge else USUAL_TAX_CODE
        percentage = self._percentage(code)
        if percentage is None and amount:
            self._fault(field, self._no_rate(code))
        return percentage or NONE

    def _is_as_kept(self, subtotal: Decimal) -> bool:
        """Say whether nothing has changed that costs are reckoned from: then they stay, whatever they are today."""
        order, wanted = self.order, self.wanted
        return order is not None and (order.currency, order.currency_rate, order.subtotal) == (
            wanted.currency,
            wanted.currency_rate,
            subtotal,
        )

    def _is_free(self, charge: Charge, subtotal: Decimal) -> bool:
        return charge.free_from is not None and base_total(subtotal, self.wanted.currency_rate) >= charge.free_from

    def _discount(self, subtotal: Decimal) -> Decimal:
        wanted = self.wanted
        if not self.is_credit and subtotal < 0:
            self._fault("lines", Fault("What is taken off is more than the lines come to.", {}))
        is_amount = wanted.discount_type == DiscountType.AMOUNT
        if is_amount and not self.is_credit and not 0 <= wanted.discount_value <= max(subtotal, NONE):
            self._fault(
                "discount_value",
                Fault("The discount is more than the subtotal of %(subtotal)s.", {"subtotal": subtotal}),
            )
            return NONE
        return discount_amount(wanted.discount_type, wanted.discount_value, subtotal, self.unit)

    # Faults of the whole

    def _check_choices(self) -> None:
        wanted, offers = self.wanted, self.offers
        if wanted.carrier and wanted.carrier not in offers.carriers_for(wanted.shipping_method):
            self._fault("carrier", Fault("Choose one of the carriers in use.", {}))
        if wanted.payment_method and wanted.payment_method not in offers.payment_methods:
            self._fault("payment_method", Fault("Choose one of the payment methods in use.", {}))
        if wanted.source and wanted.source not in offers.sources:
            self._fault("source", Fault("Choose one of the sources in use.", {}))

    def _check_customer(self) -> None:
        wanted, customer, order = self.wanted, self.offers.customer, self.order
        asked = (wanted.company_id, wanted.user_id)
        if order and (order.company_id, order.user_id) == asked:
            return
        if asked == (None, None):
            self._fault("customer", Fault("Choose who orders.", {}))
        elif not customer.is_company_there or not customer.is_user_there:
            self._fault("customer", Fault("This does not exist or is not available to you. Choose another one.", {}))
        elif not customer.is_user_of_company:
            self._fault("customer", Fault("This person does not order for this company.", {}))
        elif not customer.is_company_offered or not customer.is_user_offered:
            self._fault("customer", Fault("No new orders are taken from this customer.", {}))

    def _check_size(self, sums: Totals) -> None:
        """Find what no column can hold: a database would refuse it with an error."""
        in_base = base_total(sums.gross, self.wanted.currency_rate)
        if not all(
            _fits(sum_, Money.decimals) for sum_ in (sums.subtotal, sums.discount, sums.gross, sums.net, in_base)
        ):
            self._fault("lines", Fault("The order is too large: its total does not fit.", {}))


class _CostInput(NamedTuple):
    """The field of costs, those that a person typed, and those that an incentive set."""

    field: str
    typed: Decimal | None
    by_incentive: Decimal | None


class _KeptCost(NamedTuple):
    """The costs of the stored order, for the same carrier or way to pay."""

    cost: Cost
    origin: CostsOrigin


def _fits(amount: Decimal, decimals: int) -> bool:
    return abs(amount.scaleb(decimals)) <= LARGEST


def _as_it_may_be(line: WantedLine, kept: KeptLine | None) -> WantedLine:
    """Let a stored line be what it is; a new one that no incentive gives is an article, or has words of its own."""
    if kept:
        return replace(
            line,
            product_id=kept.product_id,
            line_class=kept.line_class,
            is_bonus=kept.is_bonus,
            incentive_id=kept.incentive_id,
            parent="" if kept.parent_id is None else str(kept.parent_id),
        )
    if line.incentive_id is not None:
        return line
    has_own_class = line.product_id is None and line.line_class != LineClass.INCENTIVE
    return replace(line, line_class=line.line_class if has_own_class else LineClass.PRODUCT, is_bonus=False)


def _text(line: WantedLine, article: Article | None, kept: KeptLine | None) -> ArticleText:
    """Give a line's own words: those that are stored, or else the product's, or what was typed."""
    if kept:
        return replace(kept.text, notes=line.notes)
    if article:
        return replace(article.text, notes=line.notes)
    return ArticleText(sku=line.sku, name=line.name, notes=line.notes)
