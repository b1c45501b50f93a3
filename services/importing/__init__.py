"""Importing order lines from a file. Whole orders only, and none twice: a source never gives a number again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import get_currency_precision, is_currency
from sqlalchemy import Connection, func, select

from models.base import db
from models.folding import fold_name
from models.order import ArticleText, Order
from models.order_history import Origin
from models.party import AddressText, Company
from models.product import Product
from models.status import OrderStatus, OrderType
from models.tax import TaxCode
from models.types import LARGEST
from services.cents import currency_unit, line_total
from services.errors import Refused
from services.importing.columns import parse_mapping
from services.importing.orders import OPTIONAL, REQUIRED, ImportContext, NotReadable, ReadOrder, read_order
from services.importing.rejects import Rejects, check_rejects, rejects_beside
from services.importing.rows import size_of
from services.importing.table import OrderRows, OrderTable
from services.importing.values import decimal_mark
from services.loading import Changed, Loading, NewChange, NewLine, NewOrder, loading
from services.progress import Progress, silent
from services.reindex import tidy_index
from services.taxes import Rates, rates_of

ORDERS_AT_ONCE = 1_000
LINES_AT_ONCE = 20_000
REMEMBERED = 100_000


@dataclass(frozen=True)
class ImportRequest:
    """What to import and how; the fields are those of the command, checked when it runs."""

    path: Path
    mapping: str
    source: str
    base_currency: str
    timezone: str
    now: datetime
    currency: str = ""
    rate: str = ""
    status: str = ""
    tax: str = "N"
    is_dry_run: bool = False
    rejects: Path | None = None

    @property
    def rejects_path(self) -> Path:
        return self.rejects or rejects_beside(self.path)


@dataclass
class ImportResult:
    """What an import did. `total` is in cents of the file's currency, excl. VAT."""

    orders: int = 0
    lines: int = 0
    skipped: int = 0
    rejected: int = 0
    total: int = 0
    unknown_countries: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Terms:
    """The request, checked: what all orders of the file have in common."""

    source: str
    currency: str
    rate: int
    status_id: int
    status_code: str
    tax_code: str
    rates: Rates
    zone: ZoneInfo
    base_currency: str
    now: datetime


def import_orders(request: ImportRequest, progress: Progress = silent) -> ImportResult:
    """Import a file. Raises Refused, before anything is written, when it cannot run."""
    mapping = parse_mapping(request.mapping, REQUIRED, OPTIONAL)
    terms = _terms(request)
    check_rejects(request.path, request.rejects_path)
    with closing(OrderTable(mapping)) as table:
        with progress("ImportContext", size_of(request.path)) as advance:
            table.read(request.path, advance)
        importer = _Importer(table, terms, is_dry_run=request.is_dry_run)
        with (
            Rejects(request.rejects_path, table.header, table.separator) as rejects,
            progress("Importing", table.rows) as advance,
        ):
            for orders in _batches(table):
                importer.take(orders, rejects)
                advance(sum(len(order.rows) for order in orders))
            importer.result.rejected = rejects.count
    if not request.is_dry_run:
        tidy_index()
    return importer.result


def _batches(table: OrderTable) -> Iterator[list[OrderRows]]:
    batch: list[OrderRows] = []
    lines = 0
    for order in table.orders():
        batch.append(order)
        lines += len(order.rows)
        if len(batch) >= ORDERS_AT_ONCE or lines >= LINES_AT_ONCE:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


class _Importer:
    """Writes batches of orders, remembering what the earlier ones referred to."""

    def __init__(self, table: OrderTable, terms: Terms, *, is_dry_run: bool) -> None:
        self._table, self._terms, self._is_dry_run = table, terms, is_dry_run
        self.result = ImportResult()
        self._reading = ImportContext(
            columns=table.columns,
            width=len(table.header),
            mark=decimal_mark(table.separator, table.marks),
            zone=terms.zone,
            now=terms.now,
            rate=terms.rate,
            tax_code=terms.tax_code,
            rates=terms.rates,
            unit=currency_unit(terms.currency),
        )
        self._companies: dict[str, int] = {}
        self._products: dict[str, int] = {}
        self._texts: dict[ArticleText, int] = {}
        self._addresses: dict[AddressText, int] = {}

    def take(self, orders: Sequence[OrderRows], rejects: Rejects) -> None:
        """Import one batch in one transaction, which begins when everything is read: others want to write too."""
        known = self._known(db.session.connection(), orders)
        db.session.rollback()
        read = self._readable(orders, known, rejects)
        if read and not self._is_dry_run:
            with loading(Origin.IMPORT, self._terms.base_currency) as load:
                read = self._new(read, self._known(load.connection, read))
                self._write(load, read)
        self._count(read)

    def _new(self, orders: Sequence[ReadOrder], known: set[str]) -> list[ReadOrder]:
        """Leave out what another import has brought in meanwhile."""
        new = [order for order in orders if order.reference not in known]
        self.result.skipped += len(orders) - len(new)
        return new

    def _known(self, connection: Connection, orders: Sequence[OrderRows | ReadOrder]) -> set[str]:
        references = [order.reference for order in orders if len(order.reference) <= 64 and "\0" not in order.reference]
        return set(
            connection.scalars(
                select(Order.external_order_id).where(
                    Order.source == self._terms.source, Order.external_order_id.in_(references)
                )
            )
        )

    def _readable(self, orders: Sequence[OrderRows], known: set[str], rejects: Rejects) -> list[ReadOrder]:
        read = []
        for order in orders:
            if order.reference and order.reference in known:
                self.result.skipped += 1
                continue
            try:
                read.append(read_order(order, self._reading))
            except NotReadable as error:
                rejects.add(order.rows, error.reasons)
        return read

    def _count(self, orders: Sequence[ReadOrder]) -> None:
        unit = self._reading.unit
        for order in orders:
            self.result.orders += 1
            self.result.lines += len(order.lines)
            self.result.total += sum(line_total(line.quantity, line.price, line.discount, unit) for line in order.lines)
            if order.address and not order.address.country:
                self.result.unknown_countries[order.address.country_name] += 1

    def _write(self, load: Loading, orders: Sequence[ReadOrder]) -> None:
        self._forget()
        self._learn_companies(load, {order.shared["company"] for order in orders} - {"", *self._companies})
        self._learn_products(load, {line.text.sku for order in orders for line in order.lines} - set(self._products))
        texts = {line.text for order in orders for line in order.lines} - set(self._texts)
        self._texts.update(load.text_ids(texts))
        addresses = {order.address for order in orders} - {None, *self._addresses}
        self._addresses.update(load.address_ids([address for address in addresses if address]))
        load.write([self._order(order) for order in orders])

    def _forget(self) -> None:
        remembered: tuple[dict[Any, int], ...] = (self._companies, self._products, self._texts, self._addresses)
        for ids in remembered:
            if len(ids) > REMEMBERED:
                ids.clear()

    def _learn_companies(self, load: Loading, wanted: set[str]) -> None:
        self._companies.update(_found(load, Company.debtor_id, wanted))
        missing = sorted(wanted - set(self._companies))
        now = self._terms.now
        rows = [
            {"name": name, "name_folded": fold_name(name), "debtor_id": name, "created_at": now} for name in missing
        ]
        self._companies.update(zip(missing, load.add_rows(Company, rows), strict=True))

    def _learn_products(self, load: Loading, wanted: set[str]) -> None:
        self._products.update(_found(load, Product.sku, wanted))
        missing = sorted(wanted - set(self._products))
        rows = [
            {
                "sku": sku,
                "name": self._table.product_name(sku) or sku,
                "tax_code": self._terms.tax_code,
                "created_at": self._terms.now,
            }
            for sku in missing
        ]
        self._products.update(zip(missing, load.add_rows(Product, rows), strict=True))

    def _order(self, order: ReadOrder) -> NewOrder:
        terms = self._terms
        address = order.address
        address_id = self._addresses[address] if address else None
        company = order.shared["company"]
        return NewOrder(
            status_id=terms.status_id,
            lines=[
                NewLine(
                    text_id=self._texts[line.text],
                    quantity=line.quantity,
                    price=line.price,
                    product_id=self._products[line.text.sku],
                    discount_percentage=line.discount,
                    tax_code=terms.tax_code,
                    tax_percentage=order.tax_percentage,
                )
                for line in order.lines
            ],
            changes=[NewChange(order.created_at, (Changed("status", "", terms.status_code),))],
            currency=terms.currency,
            currency_rate=terms.rate,
            company_id=self._companies[company] if company else None,
            debtor_id=company,
            email=order.shared["email"],
            reference=order.shared["reference"],
            remarks=order.shared["remarks"],
            source=terms.source,
            external_order_id=order.reference,
            is_credit=order.is_credit,
            delivery_address_id=address_id,
            invoice_address_id=address_id,
        )


def _found(load: Loading, key: Any, wanted: set[str]) -> dict[str, int]:
    listed = sorted(wanted)
    found: dict[str, int] = {}
    for start in range(0, len(listed), 500):
        part = listed[start : start + 500]
        rows = load.connection.execute(select(key, func.min(key.class_.id)).where(key.in_(part)).group_by(key))
        found.update((row[0], row[1]) for row in rows)
    return found


def _terms(request: ImportRequest) -> Terms:
    source = request.source.strip()
    if not source or len(source) > 50 or not source.isprintable():
        raise Refused("--source needs a name of 1 to 50 characters.")
    taxes = db.session.scalars(select(TaxCode.code).where(TaxCode.is_active).order_by(TaxCode.code)).all()
    if request.tax not in taxes:
        raise Refused("--tax %(tax)r is not a tax code; use %(known)s.", tax=request.tax, known=", ".join(taxes))
    status = _status(request.status)
    currency = _currency(request.currency or request.base_currency)
    return Terms(
        source=source,
        currency=currency,
        rate=_rate(request.rate, currency, request.base_currency),
        status_id=status.id,
        status_code=status.code,
        tax_code=request.tax,
        rates=rates_of(request.tax),
        zone=_zone(request.timezone),
        base_currency=request.base_currency,
        now=request.now,
    )


def _status(code: str) -> OrderStatus:
    wanted = OrderStatus.code == code if code else OrderStatus.is_default
    status = db.session.scalar(select(OrderStatus).where(wanted, OrderStatus.order_type == OrderType.ORDER))
    if status is None and code:
        raise Refused("--status %(code)r is not a status of orders.", code=code)
    if status is None:
        raise Refused("There is no default status; name one with --status.")
    return status


def _currency(code: str) -> str:
    if not is_currency(code):
        raise Refused("--currency %(code)r is not an ISO 4217 code such as EUR.", code=code)
    if get_currency_precision(code) > 2:
        raise Refused("--currency %(code)s has more than two decimals, which amounts cannot hold.", code=code)
    return code


def _rate(text: str, currency: str, base: str) -> int:
    if not text and currency != base:
        raise Refused("--rate is needed: what 1 %(currency)s is in %(base)s.", currency=currency, base=base)
    try:
        rate = Decimal(text or "1").scaleb(8)
        is_usable = rate == rate.to_integral_value() and 0 < rate <= LARGEST
    except ArithmeticError:
        is_usable = False
    if not is_usable:
        raise Refused("--rate %(text)r is not a number above 0 with at most eight decimals.", text=text)
    if currency == base and rate != Decimal(1).scaleb(8):
        raise Refused("--rate must be 1: %(base)s is the base currency.", base=base)
    return int(rate)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("--timezone %(name)r is not a time zone such as Europe/Amsterdam.", name=name) from None
