"""What the database knows of prices, VAT and choices for a form: looked up whole, in a fixed number of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from models.base import db, one_of
from models.choices import Carrier, OrderSource, PaymentMethod
from models.firm import Firm
from models.incentive import OrderIncentive
from models.order import ArticleText, CostsOrigin, LineText, Order, OrderLine, PriceOrigin, VatRule
from models.party import Address, Company, Person
from models.price import CustomerGroup, Price, PriceList
from models.product import Product, ProductName
from models.types import Money
from permissions import Actor
from services.editing.wanted import Wanted
from services.pricing import Break, Cost
from services.taxes import Rates, all_rates

LATEST = 10_000
"""Among how many of the latest orders a rate of a currency is looked for."""


@dataclass(frozen=True)
class Article:
    """A product as a line needs it; its prices are in the base currency, its name in the order's language."""

    text: ArticleText
    list_price: Decimal | None
    cost_price: Decimal | None
    tax_code: str
    minimum_quantity: int
    step_quantity: int
    is_active: bool


@dataclass(frozen=True)
class KeptLine:
    """A stored line of the order: what was agreed."""

    product_id: int | None
    text: ArticleText
    line_class: str
    is_bonus: bool
    quantity: int
    list_price: Decimal | None
    price: Decimal
    discount_percentage: Decimal
    origin: PriceOrigin
    tax_code: str
    tax_percentage: Decimal
    cost_price: Decimal | None
    total: Decimal
    parent_id: int | None = None
    incentive_id: int | None = None


@dataclass(frozen=True)
class KeptOrder:
    """The stored order, as far as its costs, its VAT, its choices and its incentives may stay what they are."""

    company_id: int | None
    user_id: int | None
    tax_number: str
    country: str
    currency: str
    currency_rate: Decimal
    is_credit: bool
    vat_rule: VatRule
    shipping_method: str
    carrier: str
    shipping: Cost
    shipping_origin: CostsOrigin
    payment_method: str
    payment: Cost
    payment_origin: CostsOrigin
    source: str
    subtotal: Decimal
    incentive_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Charge:
    """What a carrier or a way to pay costs, excl. VAT in the base currency: nothing from `free_from` on."""

    costs: Decimal
    tax_code: str
    free_from: Decimal | None = None
    kind: str = ""
    is_active: bool = True


class NamedList(NamedTuple):
    """A price list."""

    id: int
    name: str
    currency: str


@dataclass(frozen=True)
class Customer:
    """Who orders, as far as it may: whether the company and the person are there for the actor, and belong together.

    `price_list_id` is the list that counts; `discount_percentage` comes off list prices. `passed_over` is the list that
    would count if the order were in its currency.
    """

    is_company_there: bool = True
    is_company_offered: bool = True
    is_user_there: bool = True
    is_user_offered: bool = True
    is_user_of_company: bool = True
    discount_percentage: Decimal = Decimal(0)
    price_list_id: int | None = None
    passed_over: NamedList | None = None


@dataclass(frozen=True)
class Offers:
    """Every fact that the prices of a form follow from. `rates` are those of each tax code, `day` the order's."""

    base_currency: str
    day: date
    seller_country: str = ""
    customer: Customer = Customer()
    articles: Mapping[int, Article] = field(default_factory=dict)
    breaks: Mapping[int, Sequence[Break]] = field(default_factory=dict)
    order: KeptOrder | None = None
    lines: Mapping[int, KeptLine] = field(default_factory=dict)
    rates: Mapping[str, Rates] = field(default_factory=dict)
    carriers: Mapping[str, Charge] = field(default_factory=dict)
    methods: Mapping[str, Charge] = field(default_factory=dict)
    named_sources: Sequence[str] = ()
    suggested_rate: Decimal | None = None

    def carriers_for(self, shipping_method: str) -> list[str]:
        """Give the names of the carriers that may be chosen for a way of shipping, and the order's own."""
        names = [name for name, each in self.carriers.items() if each.is_active and each.kind == shipping_method]
        is_own = self.order is not None and self.order.shipping_method == shipping_method
        return _with_own(names, self.order.carrier if self.order and is_own else "")

    @property
    def payment_methods(self) -> list[str]:
        """Give the names of the ways to pay that may be chosen, and the order's own."""
        names = [name for name, each in self.methods.items() if each.is_active]
        return _with_own(names, self.order.payment_method if self.order else "")

    @property
    def sources(self) -> list[str]:
        """Give the names of the sources that may be chosen, and the order's own."""
        return _with_own([*self.named_sources], self.order.source if self.order else "")


def look_up(wanted: Wanted, *, actor: Actor, today: date, base_currency: str, zone: tzinfo = UTC) -> Offers:
    """Look up what exists for the actor. `today` is the day of a new order; `zone` that of the day of a stored one."""
    stored = _order(wanted, actor) if wanted.order_id else None
    lines = _lines(wanted.order_id) if stored and wanted.order_id else {}
    carriers, methods, sources = _choices()
    currency = wanted.currency or base_currency
    customer = _customer(wanted, actor, currency, today)
    named = {line.product_id for line in wanted.lines} | {line.product_id for line in lines.values()}
    products = {product_id for product_id in named if product_id is not None}
    return Offers(
        base_currency=base_currency,
        day=stored.created_at.astimezone(zone).date() if stored else today,
        seller_country=db.session.scalar(select(Firm.country)) or "",
        customer=customer,
        articles=_articles(products, wanted.language),
        breaks=_breaks(products, customer.price_list_id),
        order=_kept_order(wanted, stored, lines.values()) if stored else None,
        lines=lines,
        rates=all_rates(),
        carriers=carriers,
        methods=methods,
        named_sources=sources,
        suggested_rate=None if currency == base_currency else _latest_rate(currency, actor),
    )


def _with_own(names: list[str], own: str) -> list[str]:
    return names if not own or own in names else [own, *names]


def _customer(wanted: Wanted, actor: Actor, currency: str, today: date) -> Customer:
    """Look up the company and the person; each may be missing in the form."""
    company = _company(wanted.company_id, actor, today) if wanted.company_id else None
    person = _person(wanted.user_id, actor, today) if wanted.user_id else None
    asked = company if wanted.company_id else person
    lists = _lists(asked, most=2 if wanted.company_id else 1) if asked else []
    counting = next((each for each in lists if each.currency == currency), None)
    return Customer(
        is_company_there=wanted.company_id is None or company is not None,
        is_company_offered=company is None or not company.is_hidden,
        is_user_there=wanted.user_id is None or person is not None,
        is_user_offered=person is None or person.is_active,
        is_user_of_company=person is None or person.company_id == wanted.company_id,
        discount_percentage=company.discount_percentage if company else Decimal(0),
        price_list_id=counting.id if counting else None,
        passed_over=next((each for each in lists[:1] if each != counting), None),
    )


def _lists(asked: Any, *, most: int) -> list[NamedList]:
    """Give the price lists that a row begins with; some may be missing."""
    starts = range(0, 3 * most, 3)
    return [NamedList(*asked[start : start + 3]) for start in starts if asked[start] is not None]


def _company(company_id: int, actor: Actor, today: date) -> Any:
    """Read a company, its price lists first: its own, then that of its group."""
    own, shared = aliased(PriceList), aliased(PriceList)
    return db.session.execute(
        select(*_named(own), *_named(shared), Company.is_hidden, Company.discount_percentage)
        .outerjoin(own, and_(own.id == Company.price_list_id, _holds(own, today)))
        .outerjoin(CustomerGroup, CustomerGroup.id == Company.customer_group_id)
        .outerjoin(shared, and_(shared.id == CustomerGroup.price_list_id, _holds(shared, today)))
        .where(Company.id == company_id, Company.visible_to(actor))
    ).one_or_none()


def _person(person_id: int, actor: Actor, today: date) -> Any:
    """Read a person, the price list of the group first."""
    return db.session.execute(
        select(*_named(PriceList), Person.is_active, Person.company_id)
        .outerjoin(CustomerGroup, CustomerGroup.id == Person.customer_group_id)
        .outerjoin(PriceList, and_(PriceList.id == CustomerGroup.price_list_id, _holds(PriceList, today)))
        .where(Person.id == person_id, Person.visible_to(actor))
    ).one_or_none()


def _named(price_list: Any) -> tuple[Any, ...]:
    return price_list.id, price_list.name, price_list.currency


def _holds(price_list: Any, today: date) -> ColumnElement[bool]:
    return and_(
        price_list.is_active,
        or_(price_list.valid_from.is_(None), price_list.valid_from <= today),
        or_(price_list.valid_until.is_(None), price_list.valid_until >= today),
    )


def _articles(products: Collection[int], language: str) -> dict[int, Article]:
    texts = [getattr(Product, each.name) for each in fields(ArticleText) if each.name not in ("name", "notes")]
    more = [getattr(Product, each.name) for each in fields(Article) if each.name != "text"]
    own = and_(ProductName.product_id == Product.id, ProductName.language == language)
    rows = db.session.execute(
        select(Product.id, func.coalesce(ProductName.name, Product.name).label("name"), *texts, *more)
        .outerjoin(ProductName, own)
        .where(one_of(Product.id, products))
    )
    names, kept = [each.name for each in fields(ArticleText) if each.name != "notes"], [each.key for each in more]
    return {
        row.id: Article(
            text=ArticleText(**{name: getattr(row, name) for name in names}),
            **{name: getattr(row, name) for name in kept},
        )
        for row in rows
    }


def _breaks(products: Collection[int], price_list_id: int | None) -> dict[int, list[Break]]:
    found: dict[int, list[Break]] = {}
    if price_list_id is not None:
        rows = db.session.execute(
            select(Price.product_id, Price.from_quantity, Price.price)
            .where(Price.price_list_id == price_list_id, one_of(Price.product_id, products))
            .order_by(Price.from_quantity)
        )
        for product_id, from_quantity, price in rows:
            found.setdefault(product_id, []).append(Break(from_quantity, price))
    return found


def _order(wanted: Wanted, actor: Actor) -> Any:
    """Read the stored order with the country that it goes to."""
    columns = (
        *(Order.created_at, Order.company_id, Order.user_id, Order.tax_number, Order.currency, Order.currency_rate),
        *(Order.is_credit, Order.vat_rule, Order.shipping_method, Order.carrier, Order.source),
        *(Order.shipping_costs, Order.shipping_tax_percentage, Order.shipping_costs_origin),
        *(Order.payment_costs, Order.payment_tax_percentage, Order.payment_costs_origin, Order.payment_method),
    )
    return db.session.execute(
        select(*columns, func.coalesce(Address.country, "").label("country"))
        .outerjoin(Address, Address.id == Order.delivery_address_id)
        .where(Order.id == wanted.order_id, Order.listed_for(actor))
    ).one_or_none()


def _kept_order(wanted: Wanted, row: Any, lines: Iterable[KeptLine]) -> KeptOrder:
    applied = select(OrderIncentive.incentive_id).where(OrderIncentive.order_id == wanted.order_id)
    return KeptOrder(
        company_id=row.company_id,
        user_id=row.user_id,
        tax_number=row.tax_number,
        country=row.country,
        currency=row.currency,
        currency_rate=row.currency_rate,
        is_credit=row.is_credit,
        vat_rule=VatRule(row.vat_rule),
        shipping_method=row.shipping_method,
        carrier=row.carrier,
        shipping=Cost(row.shipping_costs, row.shipping_tax_percentage),
        shipping_origin=CostsOrigin(row.shipping_costs_origin),
        payment_method=row.payment_method,
        payment=Cost(row.payment_costs, row.payment_tax_percentage),
        payment_origin=CostsOrigin(row.payment_costs_origin),
        source=row.source,
        subtotal=sum((line.total for line in lines), Decimal(0)),
        incentive_ids=frozenset(db.session.scalars(applied)) if wanted.incentive_ids else frozenset(),
    )


def _lines(order_id: int) -> dict[int, KeptLine]:
    texts = [getattr(LineText, each.name) for each in fields(ArticleText)]
    columns = [getattr(OrderLine, each.name) for each in fields(KeptLine) if each.name not in ("text", "origin")]
    rows = db.session.execute(
        select(OrderLine.id, OrderLine.price_origin, *columns, *texts)
        .join(OrderLine.text)
        .where(OrderLine.order_id == order_id)
    )
    values = [column.key for column in columns]
    return {
        line_id: KeptLine(
            text=ArticleText(*rest[len(values) :]),
            origin=PriceOrigin(origin),
            **dict(zip(values, rest[: len(values)], strict=True)),
        )
        for line_id, origin, *rest in rows
    }


def _choices() -> tuple[dict[str, Charge], dict[str, Charge], list[str]]:
    """Read carriers, ways to pay and active sources, in one statement."""
    nothing = literal(0, Money)
    found = union_all(
        select(
            literal("carrier").label("what"),
            Carrier.name,
            Carrier.costs,
            Carrier.free_from,
            Carrier.tax_code,
            Carrier.kind,
            Carrier.is_active,
        ),
        select(
            literal("method"),
            PaymentMethod.name,
            PaymentMethod.costs,
            null(),
            PaymentMethod.tax_code,
            literal(""),
            PaymentMethod.is_active,
        ),
        select(literal("source"), OrderSource.name, nothing, null(), literal(""), literal(""), OrderSource.is_active),
    ).subquery()
    charges: dict[str, dict[str, Charge]] = {"carrier": {}, "method": {}, "source": {}}
    for what, name, costs, free_from, tax_code, kind, is_active in db.session.execute(
        select(found).order_by(found.c.name)
    ):
        charges[what][name] = Charge(costs, tax_code, free_from, kind, is_active)
    return (
        charges["carrier"],
        charges["method"],
        [name for name, source in charges["source"].items() if source.is_active],
    )


def _latest_rate(currency: str, actor: Actor) -> Decimal | None:
    """Give the rate of the latest order in a currency that the actor sees, among so many of the latest."""
    latest = select(func.max(Order.id)).scalar_subquery()
    rate: Decimal | None = db.session.scalar(
        select(Order.currency_rate)
        .where(Order.id > latest - LATEST, Order.currency == currency, Order.listed_for(actor))
        .order_by(Order.id.desc())
        .limit(1)
    )
    return rate
