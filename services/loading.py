"""Loading new orders in bulk: the one way beside the unit of work, for imports and the demo.

The caller says what an order is; totals, counts, versions, history and search rows follow from it
here, and all of them go into one transaction. Amounts are whole numbers as they are stored: cents,
hundredths of a cent for unit prices, hundredths of a per cent, hundred-millionths for rates.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Table, func, select
from sqlalchemy import text as sql

from models.base import Base, db, writing
from models.folding import fold, fold_name
from models.kept import KeptRow
from models.order import ArticleText, LineText, Order, OrderLine, OrderSearch
from models.order_history import OrderHistory, Origin
from models.party import Address, AddressText
from services.cents import Charge, base_total, currency_unit, line_total, order_totals
from services.ledger import fix_base_currency
from services.order_counts import put_together
from services.shared_rows import shared_ids

LOCK = 0x0D0E5
"""PostgreSQL's advisory lock that lets one import or load write at a time; SQLite has but one writer anyway."""

AT_ONCE = 500
"""Values in one IN list."""


class NewLine(NamedTuple):
    """A line. `parent` is the place, in the order's lines, of the line that it belongs to."""

    text_id: int
    quantity: int
    price: int
    product_id: int | None = None
    list_price: int | None = None
    discount_percentage: int = 0
    tax_code: str = "N"
    tax_percentage: int = 0
    line_class: str = "product"
    is_bonus: bool = False
    parent: int | None = None


class Changed(NamedTuple):
    """A field that a change set, in the words of the history."""

    field: str
    old: str
    new: str


class NewChange(NamedTuple):
    """One committed change of an order; the first one is its creation."""

    at: datetime
    fields: tuple[Changed, ...]
    staff_id: int | None = None
    note: str = ""


class NewOrder(NamedTuple):
    """An order with its lines, and its changes from the creation on."""

    status_id: int
    lines: Sequence[NewLine]
    changes: Sequence[NewChange]
    currency: str
    currency_rate: int = 100_000_000
    company_id: int | None = None
    user_id: int | None = None
    account_manager_id: int | None = None
    buyer_name: str = ""
    debtor_id: str = ""
    tax_number: str = ""
    vat_rule: str = "DOMESTIC"
    email: str = ""
    reference: str = ""
    remarks: str = ""
    extra3: str = ""
    extra4: str = ""
    language: str = "en"
    source: str = ""
    external_order_id: str = ""
    original_order_id: int | None = None
    channel: str = ""
    cart_id: str = ""
    is_credit: bool = False
    wish_list_id: int | None = None
    discount_type: str = "N"
    discount_value: int = 0
    payment_method: str = ""
    payment_status: str = "UNKNOWN"
    payment_status_at: datetime | None = None
    accounting_id: str = ""
    payment_costs: int = 0
    payment_tax_percentage: int = 0
    shipping_method: str = "DELIVERY"
    carrier: str = ""
    requested_on: date | None = None
    is_partial_delivery_allowed: bool = False
    shipping_costs: int = 0
    shipping_tax_percentage: int = 0
    delivery_address_id: int | None = None
    invoice_address_id: int | None = None
    export_status: str = "EMPTY"
    exported_at: datetime | None = None
    export_message: str = ""


class Sums(NamedTuple):
    """What an order's lines add up to, in cents; `base` is in the base currency."""

    line_totals: list[int]
    gross: int
    tax: int
    base: int


Row = tuple[Any, ...]
T = TypeVar("T")


class Store(Protocol):
    """How many rows go into one database quickly."""

    def moment(self, moment: datetime) -> str:
        """Give the text that stores a moment."""

    def reserve(self, table: Table, count: int) -> Sequence[int]:
        """Take ids that nobody had and nobody else will get."""

    def insert(self, table: Table, columns: Sequence[str], rows: list[Row]) -> None:
        """Write the rows."""


@contextmanager
def loading(origin: Origin, base_currency: str) -> "Iterator[Loading]":
    """Open a transaction for new orders; it is committed at the end, or rolled back when anything is raised.

    Raises Refused when the orders that are there are kept in another base currency.
    """
    with writing():
        load = Loading(db.session.connection(), origin)
        fix_base_currency(load.connection, base_currency)
        yield load
    put_together()


def wait_for_turn(connection: Connection) -> None:
    """Keep others from importing or loading until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def add_up(order: NewOrder, unit: int) -> Sums:
    """Apply the money rules to an order."""
    totals = [line_total(line.quantity, line.price, line.discount_percentage, unit) for line in order.lines]
    gross, tax = order_totals(
        zip(totals, [line.tax_percentage for line in order.lines], strict=True),
        (order.discount_type, order.discount_value),
        Charge(order.payment_costs, order.payment_tax_percentage),
        Charge(order.shipping_costs, order.shipping_tax_percentage),
        unit,
    )
    return Sums(totals, gross, tax, base_total(gross, order.currency_rate))


class Loading:
    """An open transaction that takes new orders."""

    def __init__(self, connection: Connection, origin: Origin) -> None:
        self.connection = connection
        self._origin = str(origin)
        self._store: Store
        if connection.dialect.name == "sqlite":
            self._store = _Sqlite(connection)
        else:
            self._store = _Postgresql(connection)
            wait_for_turn(connection)
            # Plans that were kept from when the tables were empty would read them whole when they are full.
            connection.execute(sql("SET LOCAL enable_seqscan = off"))
        self._units: dict[str, int] = {}

    def write(self, orders: Sequence[NewOrder]) -> Sequence[int]:
        """Write the orders and give their numbers, in the same sequence."""
        ids = self._store.reserve(_ORDERS, len(orders))
        line_ids = iter(self._store.reserve(_LINES, sum(len(order.lines) for order in orders)))
        order_rows: list[Row] = []
        line_rows: list[Row] = []
        history_rows: list[Row] = []
        search_rows: list[Row] = []
        for order_id, order in zip(ids, orders, strict=True):
            sums = add_up(order, self._unit(order.currency))
            _add_lines(line_rows, order_id, order.lines, sums.line_totals, line_ids)
            stamps = self._add_history(history_rows, order_id, order.changes)
            order_rows.append(self._order_row(order_id, order, sums, stamps))
            search_rows.append(_search_row(order_id, order))
        self._store.insert(_ORDERS, ORDER_COLUMNS, order_rows)
        self._store.insert(_LINES, LINE_COLUMNS, line_rows)
        self._store.insert(_HISTORY, HISTORY_COLUMNS, history_rows)
        self._store.insert(_SEARCH, SEARCH_COLUMNS, search_rows)
        return ids

    def text_ids(self, texts: Collection[ArticleText]) -> dict[ArticleText, int]:
        """Give the rows of these line texts, making those that are missing."""
        rows = {text.digest: LineText.values(text) for text in texts}
        ids = shared_ids(self.connection, LineText.__table__, rows)
        return {text: ids[text.digest] for text in texts}

    def address_ids(self, addresses: Collection[AddressText]) -> dict[AddressText, int]:
        """Give the rows of these addresses, making those that are missing."""
        rows = {address.digest: Address.values(address) for address in addresses}
        ids = shared_ids(self.connection, Address.__table__, rows)
        return {address: ids[address.digest] for address in addresses}

    def add_rows(self, model: type[Base], rows: Sequence[dict[str, Any]]) -> Sequence[int]:
        """Add rows of a table that `write` does not fill, and give their ids in the same sequence."""
        table: Any = model.__table__
        ids = self._store.reserve(table, len(rows))
        if issubclass(model, KeptRow):
            rows = [{"search_text": model.text_of(row), **row} for row in rows]
        for part in _parts(list(zip(ids, rows, strict=True))):
            self.connection.execute(table.insert(), [{"id": row_id, **row} for row_id, row in part])
        return ids

    def _unit(self, currency: str) -> int:
        unit = self._units.get(currency)
        if unit is None:
            unit = self._units[currency] = currency_unit(currency)
        return unit

    def _add_history(self, rows: list[Row], order_id: int, changes: Sequence[NewChange]) -> "_Stamps":
        moment, origin = self._store.moment, self._origin
        status_changed_at, updated_by = "", None
        at = ""
        for version, change in enumerate(changes, 1):
            at = moment(change.at)
            staff_id = change.staff_id
            by = origin
            if staff_id is not None:
                updated_by, by = staff_id, "STAFF"
            for field, old, new in change.fields:
                rows.append((order_id, version, at, by, staff_id, field, old, new, change.note))
                if field == "status":
                    status_changed_at = at
        return _Stamps(moment(changes[0].at), at, status_changed_at, updated_by, len(changes))

    def _order_row(self, order_id: int, order: NewOrder, sums: Sums, stamps: "_Stamps") -> Row:
        if order.company_id is not None and order.buyer_name:
            raise ValueError("An order of a company has no buyer's name.")
        moment: Callable[[datetime | None], str | None] = self._optional
        return (
            order_id,
            order.status_id,
            order.company_id,
            order.user_id,
            order.account_manager_id,
            stamps.updated_by,
            order.buyer_name,
            fold_name(order.buyer_name) if order.buyer_name else "",
            order.debtor_id,
            order.tax_number,
            order.vat_rule,
            order.email,
            order.reference,
            order.remarks,
            order.extra3,
            order.extra4,
            order.language,
            order.source,
            order.external_order_id,
            order.original_order_id,
            order.channel,
            order.cart_id,
            order.is_credit,
            order.wish_list_id,
            stamps.created_at,
            stamps.updated_at,
            stamps.status_changed_at,
            order.currency,
            order.currency_rate,
            order.discount_type,
            order.discount_value,
            sums.gross,
            sums.tax,
            sums.gross + sums.tax,
            sums.base,
            item_count(order.lines),
            order.payment_method,
            order.payment_status,
            moment(order.payment_status_at),
            order.accounting_id,
            order.payment_costs,
            order.payment_tax_percentage,
            order.shipping_method,
            order.carrier,
            order.requested_on.isoformat() if order.requested_on else None,
            order.is_partial_delivery_allowed,
            order.shipping_costs,
            order.shipping_tax_percentage,
            order.delivery_address_id,
            order.invoice_address_id,
            order.export_status,
            moment(order.exported_at),
            order.export_message,
            stamps.version,
        )

    def _optional(self, moment: datetime | None) -> str | None:
        return None if moment is None else self._store.moment(moment)


class _Stamps(NamedTuple):
    created_at: str
    updated_at: str
    status_changed_at: str
    updated_by: int | None
    version: int


def item_count(lines: Iterable[NewLine]) -> int:
    """Count the lines of class product that are neither bonus nor child."""
    return sum(1 for line in lines if line.line_class == "product" and not line.is_bonus and line.parent is None)


def _add_lines(
    rows: list[Row], order_id: int, lines: Sequence[NewLine], totals: Sequence[int], ids: Iterator[int]
) -> None:
    own = [next(ids) for _ in lines]
    for position, (line_id, line, total) in enumerate(zip(own, lines, totals, strict=True), 1):
        text_id, quantity, price, product_id, list_price, discount, tax_code, tax, line_class, bonus, parent = line
        rows.append(
            (
                line_id,
                order_id,
                position,
                None if parent is None else own[parent],
                line_class,
                bonus,
                product_id,
                text_id,
                quantity,
                list_price,
                price,
                discount,
                tax_code,
                tax,
                total,
            )
        )


def _search_row(order_id: int, order: NewOrder) -> Row:
    return (
        order_id,
        fold(order.buyer_name),
        fold(order.debtor_id),
        fold(order.email),
        fold(order.reference),
        fold(order.remarks),
        fold(order.extra3),
        fold(order.extra4),
        fold(order.accounting_id),
        fold(order.external_order_id),
    )


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


class _Sqlite:
    """SQLite: many rows to a prepared statement, straight on the driver."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection

    def moment(self, moment: datetime) -> str:
        return _utc(moment).isoformat(" ", "microseconds")[:26]

    def reserve(self, table: Table, count: int) -> Sequence[int]:
        # Writing an id raises the table's sequence to it, and no one else writes meanwhile.
        last = self._connection.scalar(sql("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return range((last or 0) + 1, (last or 0) + 1 + count)

    def insert(self, table: Table, columns: Sequence[str], rows: list[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # nosec B608: names of ours
        self._driver.executemany(statement, rows)


class _Postgresql:
    """PostgreSQL: COPY."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection

    def moment(self, moment: datetime) -> str:
        return _utc(moment).isoformat(" ", "microseconds")

    def reserve(self, table: Table, count: int) -> Sequence[int]:
        if not count:
            return range(0)
        first, last, scattered = self._connection.execute(
            sql(
                "SELECT min(id), max(id), CASE WHEN max(id) - min(id) + 1 = count(*) THEN NULL ELSE array_agg(id) END"
                " FROM (SELECT nextval(pg_get_serial_sequence(:name, 'id')) AS id FROM generate_series(1, :count))"
            ),
            {"name": table.name, "count": count},
        ).one()
        return range(first, last + 1) if scattered is None else sorted(scattered)

    def insert(self, table: Table, columns: Sequence[str], rows: list[Row]) -> None:
        with (
            self._driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be stored.")
    return moment.astimezone(UTC)


_ORDERS: Any = Order.__table__
_LINES: Any = OrderLine.__table__
_HISTORY: Any = OrderHistory.__table__
_SEARCH: Any = OrderSearch.__table__

ORDER_COLUMNS = (
    *("id", "status_id", "company_id", "user_id", "account_manager_id", "updated_by_id", "buyer_name"),
    *("buyer_name_folded", "debtor_id", "tax_number", "vat_rule", "email", "reference", "remarks", "extra3", "extra4"),
    *("language", "source"),
    *("external_order_id", "original_order_id", "channel", "cart_id", "is_credit", "wish_list_id", "created_at"),
    *("updated_at", "status_changed_at"),
    *("currency", "currency_rate", "discount_type", "discount_value", "total_gross", "total_tax", "total_net"),
    *("total_base", "item_count", "payment_method", "payment_status", "payment_status_at", "accounting_id"),
    *("payment_costs", "payment_tax_percentage", "shipping_method", "carrier", "requested_on"),
    *("is_partial_delivery_allowed", "shipping_costs", "shipping_tax_percentage", "delivery_address_id"),
    *("invoice_address_id", "export_status", "exported_at", "export_message", "version"),
)
LINE_COLUMNS = (
    *("id", "order_id", "position", "parent_id", "line_class", "is_bonus", "product_id", "text_id", "quantity"),
    *("list_price", "price", "discount_percentage", "tax_code", "tax_percentage", "total"),
)
HISTORY_COLUMNS = ("order_id", "version", "at", "origin", "staff_id", "field", "old_value", "new_value", "note")
SEARCH_COLUMNS = ("order_id", *OrderSearch.FIELDS)
