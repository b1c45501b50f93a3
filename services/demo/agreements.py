"""What the demo's seller has agreed and set up: price lists, customer groups, carriers, ways to pay, wish lists."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import update

from models.choices import Carrier, OrderSource, PaymentMethod
from models.firm import Firm
from models.incentive import ConditionKind, EffectKind, Incentive, IncentiveCondition, IncentiveEffect
from models.order import ShippingMethod
from models.price import CustomerGroup, Price, PriceList
from models.wish_list import WishList, WishListItem
from models.workflow import Workflow
from services.demo.catalogue import Article
from services.demo.orders import CARRIERS, HOME, METHODS, RATES, SOURCES
from services.demo.parties import Agreements, Buyer
from services.demo.pictures import picture
from services.loading import Loading

Stock = Sequence[tuple[Article, int]]


class Tariff(NamedTuple):
    """A price list: for which categories, and what is taken off from which quantity on, in per cent."""

    name: str
    description: str
    currency: str
    categories: frozenset[str]
    breaks: tuple[tuple[int, int], ...]


TRADE = Tariff(
    "Trade", "Agreed with the installers' guild", "EUR",
    frozenset({"installation", "tools", "lighting"}), ((1, 8), (25, 12)),
)  # fmt: skip
VOLUME = Tariff(
    "Volume", "For those who buy by the pallet", "EUR",
    frozenset({"office", "catering", "cleaning", "packaging"}), ((1, 4), (10, 9), (100, 16)),
)  # fmt: skip
BRITISH = Tariff(
    "United Kingdom", "Prices in pounds, before duties", "GBP", frozenset({"safety", "tools"}), ((1, 0), (50, 6))
)
GROUPS = (
    ("Installers", "Electricians and plumbers", TRADE),
    ("Wholesale", "They sell it on", VOLUME),
    ("Offices", "Everything for the desk and the pantry", None),
    ("Public sector", "Municipalities, schools, hospitals", None),
)
TRACKED = frozenset({"PostNL", "DHL", "DPD"})
SHIPPING_COSTS: Mapping[str, tuple[str, str | None]] = {
    "PostNL": ("6.95", "250"),
    "DHL": ("12.50", "500"),
    "DPD": ("8.50", None),
    "Own transport": ("18.50", "1000"),
}
"""What carriers take, and from which subtotal on they take nothing."""
PAYMENT_COSTS = {"PayPal": "2.95", "Credit card": "1.50", "iDEAL": "0.35"}
FIRM = {
    "name": "Noordzee Supplies B.V.",
    "street": "Havenweg 12",
    "postal_code": "3089 JK",
    "city": "Rotterdam",
    "country": HOME,
    "phone": "+31 10 555 0142",
    "email": "sales@noordzee.example",
    "website": "https://www.noordzee.example",
    "vat_number": "NL000099998B57",
    "coc_number": "00099998",
    "bank_name": "Voorbeeldbank",
    "iban": "NL91ABNA0417164300",
    "bic": "ABNANL2A",
}
WORKFLOW = {
    "name": "Check stock",
    "description": "Asks the warehouse whether every line is there, and when the rest comes.",
    "label": "Check stock",
    "url": "https://warehouse.noordzee.example/orders",
    "is_active": False,  # no server may be called until it is named
}
BONUS = ("Coffee beans", "Microfibre cloth")
"""What has to be bought for a bonus, and the bonus."""
ASKED = {"country": "", "manufacturer": "", **dict.fromkeys(("amount", "quantity", "product_id", "customer_group_id"))}
GIVEN = {"manufacturer": "", **dict.fromkeys(("amount", "quantity", "product_id", "per_quantity", "percentage"))}
"""What conditions and effects have when they say nothing else."""
WISHES = ("Next quarter", "New warehouse", "Monthly", "For the spring fair")


def add_settings(load: Loading, made_at: datetime) -> Agreements:
    """Add what orders choose from, the seller, and price lists without prices yet."""
    stamp = {"created_at": made_at}
    carriers: list[dict[str, Any]] = [
        {
            "name": name,
            "tracking_url": f"https://{name.lower()}.example/track/{{code}}" if name in TRACKED else "",
            "kind": str(ShippingMethod.DELIVERY),
            "costs": Decimal(SHIPPING_COSTS[name][0]),
            "free_from": None if (free := SHIPPING_COSTS[name][1]) is None else Decimal(free),
            **stamp,
        }
        for name in CARRIERS
    ]
    pick_up = {"name": "Counter", "tracking_url": "", "kind": str(ShippingMethod.PICKUP)}
    load.add_rows(Carrier, [*carriers, {**pick_up, "costs": Decimal(0), "free_from": None, **stamp}])
    methods = [
        {"code": name.upper().replace(" ", "_"), "name": name, "costs": Decimal(PAYMENT_COSTS.get(name, 0)), **stamp}
        for name in dict.fromkeys(METHODS)
    ]
    load.add_rows(PaymentMethod, methods)
    load.add_rows(OrderSource, [{"name": name, **stamp} for name in dict.fromkeys(SOURCES)])
    load.add_rows(Workflow, [{**WORKFLOW, "secret": token_hex(32), **stamp}])
    tariffs = (TRADE, VOLUME, BRITISH)
    lists = load.add_rows(
        PriceList,
        [
            {"name": tariff.name, "description": tariff.description, "currency": tariff.currency, **stamp}
            for tariff in tariffs
        ],
    )
    ids = dict(zip(tariffs, lists, strict=True))
    groups = load.add_rows(
        CustomerGroup,
        [
            {"name": name, "description": description, "price_list_id": ids[tariff] if tariff else None, **stamp}
            for name, description, tariff in GROUPS
        ],
    )
    table, logo = Firm.metadata.tables["firm"], picture("packaging", 0)
    seller = {**FIRM, "logo": logo.content, "logo_type": logo.media_type, "search_text": Firm.text_of(FIRM)}
    load.connection.execute(update(table).values(**seller, updated_at=made_at))
    return Agreements(groups, lists, {tariff.currency: ids[tariff] for tariff in tariffs if tariff.currency != "EUR"})


def add_prices(load: Loading, agreed: Agreements, stock: Stock, made_at: datetime) -> None:
    """Fill the price lists."""
    rows = [
        {
            "price_list_id": list_id,
            "product_id": product_id,
            "from_quantity": from_quantity,
            "price": _price(article.list_price, discount, RATES[tariff.currency]),
            "created_at": made_at,
        }
        for tariff, list_id in zip((TRADE, VOLUME, BRITISH), agreed.lists, strict=True)
        for article, product_id in stock
        if article.category in tariff.categories
        for from_quantity, discount in tariff.breaks
    ]
    load.add_rows(Price, rows)


def add_wish_lists(
    load: Loading, buyers: Sequence[Buyer], stock: Stock, made_at: datetime, rng: random.Random
) -> dict[int, int]:
    """Give one in ten companies, and their first contacts, something to wish; give the lists of the companies."""
    rows: list[dict[str, Any]] = []
    for buyer in buyers[::10]:
        name = rng.choice(WISHES)
        rows.append({"name": name, "company_id": buyer.company_id, "person_id": None, "created_at": made_at})
        if rng.random() < 0.3:
            rows.append({"name": name, "company_id": None, "person_id": buyer.user_ids[0], "created_at": made_at})
    ids = load.add_rows(WishList, rows)
    items = [
        {"wish_list_id": list_id, "product_id": product_id, "quantity": article.step * rng.choice((1, 2, 5, 10))}
        for list_id in ids
        for article, product_id in rng.sample(stock, rng.randrange(2, 7))
    ]
    load.add_rows(WishListItem, items)
    return {row["company_id"]: list_id for row, list_id in zip(rows, ids, strict=True) if row["company_id"]}


def add_incentives(load: Loading, agreed: Agreements, stock: Stock, made_at: datetime) -> None:
    """Add the promotions of the season: for large orders, for a maker, for whoever buys ten, and with a code."""
    ids = {article.name: product_id for article, product_id in stock}
    coffee, cloth = (next(ids[name] for name in sorted(ids) if name.startswith(start)) for start in BONUS)
    rules: list[tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]] = [
        (
            {"name": "Free shipping from 500", "description": "For everybody"},
            [{"kind": ConditionKind.SUBTOTAL_FROM, "amount": Decimal(500)}],
            [{"kind": EffectKind.SHIPPING_COSTS, "amount": Decimal(0)}],
        ),
        (
            {"name": "Coffee: ten plus one pack of cloths", "description": "While the cloths last"},
            [{"kind": ConditionKind.PRODUCT, "product_id": coffee, "quantity": 10}],
            [{"kind": EffectKind.BONUS_PRODUCT, "product_id": cloth, "quantity": 1, "per_quantity": 10}],
        ),
        (
            {"name": "Installers: Nordwerk week", "description": "Agreed with the maker"},
            [{"kind": ConditionKind.CUSTOMER_GROUP, "customer_group_id": agreed.groups[0]}],
            [{"kind": EffectKind.DISCOUNT_MANUFACTURER, "manufacturer": "Nordwerk", "percentage": Decimal(6)}],
        ),
        (
            {"name": "Trade fair", "description": "Given out at the spring fair", "action_code": "FAIR-5"},
            [{"kind": ConditionKind.COMPANY}, {"kind": ConditionKind.SUBTOTAL_FROM, "amount": Decimal(100)}],
            [{"kind": EffectKind.DISCOUNT_ORDER, "percentage": Decimal(5)}],
        ),
    ]
    made = load.add_rows(
        Incentive,
        [
            {"position": place * 10, "created_at": made_at, "action_code": "", "is_exclusive": False, **columns}
            for place, (columns, _conditions, _effects) in enumerate(rules, 1)
        ],
    )
    owned = list(zip(made, rules, strict=True))
    asked = [{"incentive_id": row, **ASKED, **each} for row, rule in owned for each in rule[1]]
    given = [{"incentive_id": row, **GIVEN, **each} for row, rule in owned for each in rule[2]]
    load.add_rows(IncentiveCondition, asked)
    load.add_rows(IncentiveEffect, given)


def _price(list_price: int, discount: int, rate: int) -> Decimal:
    """Take a discount off a list price, both of the base currency, and write it in another, to the cent."""
    cents = list_price * (100 - discount) * 1_000_000 // rate // 100
    return Decimal(max(cents, 1)).scaleb(-2)
