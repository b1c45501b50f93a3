"""Believable data for an empty database: the same seed and day give the same, whatever the machine."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from sqlalchemy import exists, insert, or_, select

from models.base import db
from models.order import Order
from models.order_history import Origin
from models.product import Product, ProductImage, ProductName
from models.staff import Staff
from models.status import OrderStatus
from services.demo.agreements import add_incentives, add_prices, add_settings, add_wish_lists
from services.demo.catalogue import Article, articles
from services.demo.invoices import add_invoices
from services.demo.order_parts import add_external_sources, add_notes
from services.demo.orders import DAYS, Shop, open_shop, orders
from services.demo.parties import add_buyers
from services.demo.payments import add_payments
from services.demo.people import add_people, keep_logins, new_passwords, refuse_known
from services.demo.pictures import picture
from services.demo.shipments import add_shipments
from services.errors import Refused
from services.loading import Loading, NewOrder, loading
from services.progress import Advance, Progress, silent
from services.reindex import tidy_index

ORDERS_AT_ONCE = 50_000
"""Orders in one transaction: every commit writes the touched pages of a dozen indexes anew."""

WRITTEN_AT_ONCE = 2_000


@dataclass(frozen=True)
class DemoRequest:
    """How much demo data to make: `orders` of them in the eighteen months before `until`."""

    orders: int
    seed: int
    until: datetime
    base_currency: str
    instance: Path


def is_empty() -> bool:
    """Say whether nobody has worked here yet: there is no order and no staff."""
    return not db.session.scalar(select(or_(exists(select(Order.id)), exists(select(Staff.id)))))


def load_demo(request: DemoRequest, progress: Progress = silent) -> Path:
    """Fill the database; give the file that holds the logins. Raises Refused unless it is empty.

    The people, the catalogue and the first fifty thousand orders are one transaction, every further
    fifty thousand another.
    """
    if request.base_currency != "EUR":
        raise Refused("The demo is made in EUR; BASE_CURRENCY is %(currency)s.", currency=request.base_currency)
    rng = random.Random(request.seed)  # nosec B311: equal seeds make equal data
    made: Iterator[NewOrder] | None = None
    left = request.orders
    logins = request.instance
    with progress("Orders", request.orders) as advance:
        while left:
            with loading(Origin.DEMO, request.base_currency) as load:
                if made is None:
                    shop, logins = _open(load, request, rng)
                    made = orders(shop, request.orders, request.until, rng)
                _write(load, islice(made, min(left, ORDERS_AT_ONCE)), request.until, advance)
            left -= min(left, ORDERS_AT_ONCE)
    tidy_index()
    return logins


def _open(load: Loading, request: DemoRequest, rng: random.Random) -> tuple[Shop, Path]:
    if load.connection.scalar(select(Order.id).limit(1)) is not None:
        raise Refused("The demo needs an empty database: there are orders already.")
    refuse_known(load.connection)
    passwords = new_passwords()
    opened_at = request.until - timedelta(days=DAYS)
    people = add_people(load, passwords, opened_at)
    agreed = add_settings(load, opened_at)
    buyers = add_buyers(load, request.orders, people, agreed, opened_at, rng, request.seed)
    stock = _stock(load, opened_at, rng)
    add_prices(load, agreed, stock, opened_at)
    add_incentives(load, agreed, stock, opened_at)
    wish_lists = add_wish_lists(load, buyers.companies, stock, opened_at, rng)
    status_ids = {row.code: row.id for row in load.connection.execute(select(OrderStatus.code, OrderStatus.id))}
    shop = open_shop(load, stock, buyers, status_ids, people)._replace(wish_lists=wish_lists)
    return shop, keep_logins(request.instance, passwords)


def _stock(load: Loading, made_at: datetime, rng: random.Random) -> list[tuple[Article, int]]:
    made = articles(rng)
    rows = [
        {
            "sku": article.sku,
            "ean": article.ean,
            "name": article.name,
            "manufacturer": article.manufacturer,
            "manufacturer_code": article.manufacturer_code,
            "supplier": article.supplier,
            "supplier_code": article.supplier_code,
            "unit": article.unit,
            "list_price": Decimal(article.list_price).scaleb(-4),
            "cost_price": Decimal(article.cost_price).scaleb(-4),
            "minimum_quantity": article.step,
            "step_quantity": article.step,
            "tax_code": article.tax[0],
            "created_at": made_at,
        }
        for article in made
    ]
    ids = load.add_rows(Product, rows)
    load.connection.execute(
        insert(ProductImage),
        [
            {"product_id": row_id, **image._asdict(), "digest": image.digest}
            for article, row_id in zip(made, ids, strict=True)
            for image in [picture(article.category, article.variant)]
        ],
    )
    names = [
        {"product_id": row_id, "language": language, "name": name}
        for article, row_id in zip(made, ids, strict=True)
        for language, name in article.names.items()
    ]
    load.add_rows(ProductName, names)
    return list(zip(made, ids, strict=True))


def _write(load: Loading, made: Iterator[NewOrder], until: datetime, advance: Advance) -> None:
    while batch := list(islice(made, WRITTEN_AT_ONCE)):
        written = list(zip(load.write(batch), batch, strict=True))
        add_invoices(load, written, until)
        add_payments(load, written)
        add_shipments(load, written)
        add_notes(load, written)
        add_external_sources(load, written)
        advance(len(batch))
