"""One question about orders, as a value, and the SQL that answers it.

The list, its counts, its files and every other reader of many orders ask through `OrderQuery`, so
they cannot disagree. A new column is a line in `COLUMNS`, a new filter a line in `FILTERED`.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, QueryableAttribute, aliased

from models.base import db, list_rows
from models.order import Order, OrderLine
from models.party import Address, Company, Person
from models.selection import SelectedOrder
from models.staff import Staff
from models.status import OrderStatus, OrderType
from models.types import stored
from permissions import Actor
from services.joined_sorts import JoinedSort
from services.order_search import in_index
from services.status_counts import companies_managed_by
from services.streaming import rows_in_own_session

COUNT_CAP = 10_000
SEARCH_COUNT_CAP = 1_000


class Operator(Enum):
    """How a filter compares. FROM includes its bound; BEFORE does not, TO does."""

    AMONG = "among"
    FROM = "from"
    BEFORE = "before"
    TO = "to"


@dataclass(frozen=True)
class Condition:
    """One filter of a query: `field` is a key of FILTERED."""

    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True)
class OrderQuery:
    """Which orders, in which order. Words are searched in `fields` (keys of SEARCHED), all of them.

    `statuses` None means every status of order type ORDER; `company` and `managed_by` None mean any, and
    `selection` narrows it to the orders of a selection.
    """

    statuses: tuple[int, ...] | None = None
    company: int | None = None
    managed_by: int | None = None
    words: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sort: str = "created"
    desc: bool = True
    selection: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether the tabs' counts do not tell how many rows match."""
        return bool(self.words or self.conditions or self.selection)

    @property
    def is_by_day(self) -> bool:
        """Whether the kept numbers of orders by day tell where a page begins: statuses are all that it asks for."""
        return self.statuses != () and self == OrderQuery(self.statuses, fields=self.fields, desc=self.desc)


@dataclass(frozen=True)
class Column:
    """A column of the list: what it shows and, where that differs, what it sorts by.

    `joined` is the relationship that it reads through, and `alongside` what else its cell needs to know. By `walked`
    the beginning of a long list is read without sorting it.
    `may_be_empty` columns sort empty values as the least, on both databases and in their index.
    """

    shown: ColumnElement[Any] | InstrumentedAttribute[Any]
    sorted_by: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    joined: QueryableAttribute[Any] | None = None
    walked: JoinedSort | None = None
    may_be_empty: bool = False
    alongside: Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = field(default_factory=dict)

    @property
    def key(self) -> ColumnElement[Any] | InstrumentedAttribute[Any]:
        """What the list is sorted by."""
        return self.shown if self.sorted_by is None else self.sorted_by


_Manager = aliased(Staff)

COLUMNS: dict[str, Column] = {
    "order_number": Column(Order.id),
    "company": Column(
        func.coalesce(Company.name, Order.buyer_name),
        sorted_by=func.coalesce(Company.name_folded, Order.buyer_name_folded),
        joined=Order.company,
        walked=JoinedSort(Order.company_id, Company, Company.name_folded, Order.buyer_name_folded),
        alongside={
            "company_mark": case(
                (Order.company_id.is_not(None), ""),
                (Order.user_id.is_not(None), "private"),
                else_="guest",
            )
        },
    ),
    "status": Column(
        OrderStatus.name,
        sorted_by=OrderStatus.position,
        joined=Order.status,
        alongside={"status_colour": OrderStatus.colour},
    ),
    "payment_status": Column(Order.payment_status),
    "debtor_id": Column(Order.debtor_id),
    "source": Column(Order.source),
    "total": Column(Order.total_base, alongside={"is_credit": Order.is_credit}),
    "items_count": Column(Order.item_count),
    "updated_by": Column(
        func.coalesce(Staff.name, ""),
        joined=Order.updated_by,
        walked=JoinedSort(Order.updated_by_id, Staff, Staff.name),
    ),
    "created": Column(Order.created_at),
    "updated": Column(Order.updated_at),
    "status_changed": Column(Order.status_changed_at),
    "export_status": Column(Order.export_status),
    "exported": Column(Order.exported_at, may_be_empty=True),
    "export_message": Column(Order.export_message),
    "user": Column(
        func.trim(func.coalesce(Person.first_name + " " + Person.last_name, "")),
        joined=Order.user,
    ),
    "email": Column(Order.email),
    "reference": Column(Order.reference),
    "account_manager": Column(func.coalesce(_Manager.name, ""), joined=Order.account_manager.of_type(_Manager)),
    "total_excl_vat": Column(Order.total_gross),
    "total_incl_vat": Column(Order.total_net),
    "currency": Column(Order.currency),
    "payment_method": Column(Order.payment_method),
    "shipping_method": Column(Order.shipping_method),
    "carrier": Column(Order.carrier),
    "requested": Column(Order.requested_on),
    "delivery_country": Column(
        func.coalesce(func.nullif(Address.country, ""), Address.country_name, ""), joined=Order.delivery_address
    ),
    "external_order_id": Column(Order.external_order_id),
    "accounting_id": Column(Order.accounting_id),
    "remarks": Column(Order.remarks),
}

FILTERED: dict[str, InstrumentedAttribute[Any]] = {
    "user_id": Order.user_id,
    "status": Order.status_id,
    "created": Order.created_at,
    "updated": Order.updated_at,
    "price": Order.total_base,
    "export_status": Order.export_status,
    "payment_status": Order.payment_status,
    "exported": Order.exported_at,
    "source": Order.source,
    "payment_method": Order.payment_method,
    "carrier": Order.carrier,
    "product": OrderLine.product_id,
    "companies": Order.company_id,
    "country": Address.country,
    "items_count": Order.item_count,
    "currency": Order.currency,
    "updated_by": Order.updated_by_id,
    "unchanged": Order.updated_at,
}
"""The column that a filter compares.

A column of lines stands for the orders with such a line, one of addresses for those that are delivered there.
"""


def ordered(statement: Select[Any], query: OrderQuery) -> Select[Any]:
    """Sort a statement on orders as the query does."""
    return in_sort(of_orders(statement, [query.sort]), query)


def count_cap(query: OrderQuery) -> int:
    """Give the number above which a count is only "more than that"."""
    return SEARCH_COUNT_CAP if query.words else COUNT_CAP


def exact_count(query: OrderQuery, actor: Actor) -> int:
    """Count every order that matches."""
    return db.session.scalar(narrowed(query, actor, select(func.count()).select_from(Order))) or 0


def capped_count(query: OrderQuery, actor: Actor) -> int:
    """Count the orders that match, up to one more than `count_cap`."""
    [(count,)] = list_rows(_capped(query, actor, count_cap(query), db.engine.dialect.name))
    return int(count)


@lru_cache(256)
def _capped(query: OrderQuery, actor: Actor, cap: int, _dialect: str) -> Select[Any]:
    first = narrowed(query, actor, select(literal(1)).select_from(Order)).limit(cap + 1).subquery("first")
    return select(func.count()).select_from(first)


def stream(query: OrderQuery, actor: Actor, columns: Sequence[str]) -> Generator[Row[Any]]:
    """Give the columns of every order that matches as they are `stored`, read as they are asked for.

    They are the orders as they were when the first row is asked for.
    """
    shown = [stored(COLUMNS[name].shown).label(name) for name in columns]
    return rows_in_own_session(actor, shown_orders(query, actor, columns, shown))


def shown_orders(
    query: OrderQuery, actor: Actor, columns: Sequence[str], shown: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """Select what is shown of every order that matches, made from these columns, in the query's sort."""
    joined = of_orders(select(*shown).select_from(Order), [*columns, query.sort])
    return in_sort(narrowed(query, actor, joined), query)


def sorted_numbers(query: OrderQuery, actor: Actor) -> Select[Any]:
    """Select the numbers of the orders that match, in the query's sort."""
    return ordered(matching(query, actor), query)


def matching(query: OrderQuery, actor: Actor) -> Select[Any]:
    """Select the numbers of the orders that match."""
    return narrowed(query, actor, select(Order.id))


def chosen(query: OrderQuery, actor: Actor) -> Select[Any]:
    """Select the number and the version of every order that matches."""
    statement: Any = select(Order.id, Order.version)
    return narrowed(query, actor, statement)


# ---- how a query becomes SQL ----


def narrowed(
    query: OrderQuery, actor: Actor, statement: Select[Any], held: Iterable[ColumnElement[bool]] | None = None
) -> Select[Any]:
    """Let a statement be of the orders that match; `held` are the conditions on words, if not those from the index."""
    return statement.where(*conditions(query, actor), *(in_index(query.words, query.fields) if held is None else held))


def conditions(query: OrderQuery, actor: Actor) -> list[ColumnElement[bool]]:
    """Give all that an order must be to match, but for words."""
    return [
        in_statuses(query.statuses, Order.status_id),
        *_companies(query, actor),
        *_selected(query.selection),
        *(_condition(condition) for condition in query.conditions),
    ]


def in_statuses(statuses: tuple[int, ...] | None, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Give the condition that a column holds one of the statuses of a tab, or any of order type ORDER."""
    if statuses is None:
        # Not IN: the planner would otherwise sort everything it finds by the index on the status.
        return column.not_in(select(OrderStatus.id).where(OrderStatus.order_type != OrderType.ORDER))
    return column.in_(statuses)


def _selected(selection: int | None) -> list[ColumnElement[bool]]:
    if selection is None:
        return []
    return [Order.id.in_(select(SelectedOrder.order_id).where(SelectedOrder.selection_id == selection))]


def _companies(query: OrderQuery, actor: Actor) -> list[ColumnElement[bool]]:
    conditions = [Order.listed_for(actor)]
    if query.company is not None:
        conditions.append(Order.company_id == query.company)
    if query.managed_by is not None:
        conditions.append(Order.company_id.in_(companies_managed_by(query.managed_by)))
    return conditions


def _condition(condition: Condition) -> ColumnElement[bool]:
    column = FILTERED[condition.field]
    compared = _compared(column, condition)
    if column.class_ is OrderLine:
        return Order.id.in_(select(OrderLine.order_id).where(compared))
    if column.class_ is Address:
        return Order.delivery_address_id.in_(select(Address.id).where(compared))
    return compared


def _compared(column: InstrumentedAttribute[Any], condition: Condition) -> ColumnElement[bool]:
    match condition.operator:
        case Operator.AMONG:
            return column.in_(condition.value)
        case Operator.FROM:
            return column >= condition.value
        case Operator.BEFORE:
            return column < condition.value
        case Operator.TO:
            return column <= condition.value


def in_sort(statement: Select[Any], query: OrderQuery) -> Select[Any]:
    """Sort a statement that has joined what the query sorts by."""
    return statement.order_by(*directed(COLUMNS[query.sort].key, Order.id, query))


def directed(key: Any, number: Any, query: OrderQuery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Give what to order by: the query's sort key, wherever it is read from, then the number."""
    order = key.desc() if query.desc else key.asc()
    if COLUMNS[query.sort].may_be_empty:
        order = order.nulls_last() if query.desc else order.nulls_first()
    return order, number.desc() if query.desc else number.asc()


def of_orders(statement: Select[Any], names: Iterable[str]) -> Select[Any]:
    """Join what these columns read through to a statement on orders, and nothing else."""
    for relationship in dict.fromkeys(COLUMNS[name].joined for name in names):
        if relationship is not None:
            statement = statement.outerjoin(relationship)
    return statement
