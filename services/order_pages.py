"""A page of orders: the ways to read it quickly from a long list, and how many match."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
)

from models.base import db, list_rows, one_of, repeated_rows
from models.order import Order
from models.order_count import OrderCount
from models.types import Numbers
from permissions import Actor
from services.joined_sorts import JoinedSort, first_by
from services.order_query import (
    COLUMNS,
    OrderQuery,
    capped_count,
    conditions,
    count_cap,
    directed,
    exact_count,
    in_sort,
    in_statuses,
    narrowed,
    of_orders,
    ordered,
)
from services.order_search import OF_COMPANY, Frequent, candidates, counted_of_companies, in_own_rows, some_with
from services.whole_days import skipping

MOST_SORTED = 50_000
"""Orders of a tab up to which all are sorted; PostgreSQL would seek those of a rare status along the whole list."""
MOST_WALKED = 20_000
"""Orders of the list in which a page is looked for that frequent words, or filters that fit many, ought to fill."""
MANY_SKIPPED = 200
"""Orders from which on it is quicker to skip whole days; fewer are skipped one by one."""
SKIP, TAKE = bindparam("skip", type_=BigInteger()), bindparam("take", type_=BigInteger())
"""Where a page begins and how many orders it has."""
NUMBERS = bindparam("numbers", type_=Numbers())
"""The candidates of a search."""


@dataclass(frozen=True)
class Known:
    """What the tabs' counts tell of a query that they count: how many orders match, of how many there are."""

    matching: int
    everything: int

    def is_walked_to(self, place: int) -> bool:
        """Whether to walk past others until there are so many that match takes less than to sort all that match."""
        return 100 * place * self.everything <= self.matching**2


def page(
    query: OrderQuery, actor: Actor, columns: Sequence[str], *, skip: int, take: int, known: Known | None = None
) -> tuple[Sequence[Row[Any]], int | None]:
    """Give the columns of the rows from `skip` on, at most `take`, and how many match.

    A row carries its `order_id` and what stands `alongside` its columns. The number is None when the tabs'
    counts tell it; one above the cap of `count_cap` means "more". Where there are no rows it is exact.
    With what is `known` of the counts, a page that is nearer to the end is read from there.
    """
    if query.words:
        return _searched_page(query, actor, tuple(columns), skip=skip, take=take)
    if query.is_narrowed:
        return _filtered_page(query, actor, tuple(columns), skip=skip, take=take)
    return _page_of_all(query, actor, tuple(columns), skip=skip, take=take, known=known), None


def _page_of_all(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], *, skip: int, take: int, known: Known | None
) -> Sequence[Row[Any]]:
    """Give the columns of the rows of a list that nothing but tab and company narrows."""
    if known and known.matching < 2 * skip:
        backwards, left = replace(query, desc=not query.desc), max(0, known.matching - skip)
        read = min(take, left)
        return _page_of_all(backwards, actor, columns, skip=left - read, take=read, known=known)[::-1]
    is_of_everybody = actor.companies is None and query.company is None and query.managed_by is None
    if is_of_everybody and known and known.is_walked_to(skip + take) and (walked := COLUMNS[query.sort].walked):
        statement = _walked_page(walked, query, actor, columns)
    elif skip >= MANY_SKIPPED and query.is_by_day and actor.companies is None:
        statement = _far_page(query, actor, columns)
    elif query.statuses and query.sort != "created" and known and known.matching <= MOST_SORTED:
        statement = _page_of_few(query, actor, columns, (), db.engine.dialect.name)
    else:
        statement = _page_without_words(query, actor, columns)
    rows_of = repeated_rows if is_of_everybody and not skip else list_rows
    return rows_of(statement, skip=skip, take=take)


def _filtered_page(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], *, skip: int, take: int
) -> tuple[Sequence[Row[Any]], int]:
    """Give a page of what filters leave: of few all are sorted, many are sought from the beginning of the list."""
    count, dialect = capped_count(query, actor), db.engine.dialect.name
    if count <= count_cap(query):
        few = _page_of_few(query, actor, columns, (), dialect)
        return list_rows(few, skip=skip, take=take) if skip < count else [], count
    if COLUMNS[query.sort].joined is None and skip + take <= MOST_WALKED:
        rows = list_rows(_page_of_many(query, actor, columns, (), dialect), skip=skip, take=take)
        if len(rows) == take:
            return rows, count
    # What is not near the beginning may all stand at the end.
    is_near = skip < MANY_SKIPPED
    last = _page_of_few(query, actor, columns, (), dialect) if is_near else _page_without_words(query, actor, columns)
    rows = list_rows(last, skip=skip, take=take)
    return rows, count if rows else exact_count(query, actor)


def _searched_page(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], *, skip: int, take: int
) -> tuple[Sequence[Row[Any]], int]:
    """Give a page of a search: rare words are looked up, frequent ones sought in few orders, or along the list."""
    found = candidates(query.words, query.fields)
    asked = (query, actor, columns, found.frequent, db.engine.dialect.name)
    rows: Sequence[Row[Any]] = []
    if found.numbers is not None or _is_of_few(query, actor):
        way = _page_of_few if found.numbers is None else _page_of_candidates
        if found.numbers != ():
            rows = list_rows(way(*asked), skip=skip, take=take, numbers=found.numbers)
        return rows, rows[0].matching if rows else exact_count(query, actor) if skip else 0
    if COLUMNS[query.sort].joined is None and skip + take <= MOST_WALKED:
        rows = list_rows(_page_of_many(*asked), skip=skip, take=take)
    if len(rows) < take:
        rows = list_rows(_page_from_index(*asked), skip=skip, take=take)
    if not rows:
        return rows, exact_count(query, actor) if skip else 0
    # Among some of the orders with a word are the least that match.
    return rows, rows[0].matching if rows[0].matching > count_cap(query) else capped_count(query, actor)


def _is_of_few(query: OrderQuery, actor: Actor) -> bool:
    """Whether a search is narrowed to so few orders that each of them can be looked at."""
    narrowing = replace(query, words=(), fields=())
    is_narrowed = narrowing != OrderQuery(sort=query.sort, desc=query.desc)
    return is_narrowed and capped_count(narrowing, actor) <= count_cap(narrowing)


# Statements are kept for the next page, the other sort, the colleague: building one takes longer than the database
# does. Those with words differ by database.


@lru_cache(32)
def _page_of_candidates(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], frequent: tuple[Frequent, ...], _dialect: str
) -> Select[Any]:
    """Give the statement of a page of rare words, whose orders are all among the candidates."""
    held = [one_of(Order.id, NUMBERS), *in_own_rows(frequent, query.fields)]
    keys = ordered(narrowed(query, actor, select(Order.id), held), query).limit(TAKE).offset(SKIP)
    counted = narrowed(query, actor, select(literal(1)).select_from(Order), held)
    return _rows_of(keys, query, columns, _counted_first(counted, query))


@lru_cache(64)
def _page_of_many(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], frequent: tuple[Frequent, ...], _dialect: str
) -> Select[Any]:
    """Give the statement of a page of so many that it stands near the beginning of the list, as long as it is there.

    What filters ask is told of each order on the way: as conditions they would lead SQLite another way.
    """
    looked_at: Any = select(Order.id, and_(*conditions(query, actor)).label("fits"))
    walk = ordered(looked_at, query).limit(MOST_WALKED).subquery("walk")
    beside = select(walk.c.id).outerjoin(Order, Order.id == walk.c.id) if frequent else select(walk.c.id)
    keys = beside.where(walk.c.fits, *in_own_rows(frequent, query.fields)).limit(TAKE).offset(SKIP)
    return _rows_of(keys, query, columns, _counted_among_some(query, actor, frequent) if frequent else None)


@lru_cache(32)
def _page_from_index(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], frequent: tuple[Frequent, ...], _dialect: str
) -> Select[Any]:
    """Give the statement that is right for all words."""
    keys = ordered(narrowed(query, actor, select(Order.id)), query).limit(TAKE).offset(SKIP)
    return _rows_of(keys, query, columns, _counted_among_some(query, actor, frequent))


@lru_cache(64)
def _page_of_few(
    query: OrderQuery, actor: Actor, columns: tuple[str, ...], frequent: tuple[Frequent, ...], _dialect: str
) -> Select[Any]:
    """Give the statement of a page for which all that match are sorted; SQLite might walk the list for the few."""
    key = COLUMNS[query.sort].key.label("key")
    numbers_and_keys = of_orders(select(Order.id, key).select_from(Order), [query.sort])
    matching = narrowed(query, actor, numbers_and_keys, in_own_rows(frequent, query.fields))
    every = matching.cte("every").prefix_with("MATERIALIZED")
    keys = select(every.c.id).order_by(*directed(every.c.key, every.c.id, query)).limit(TAKE).offset(SKIP)
    return _rows_of(keys, query, columns, _counted_first(select(every.c.id), query) if frequent else None)


@lru_cache(256)
def _page_without_words(query: OrderQuery, actor: Actor, columns: tuple[str, ...]) -> Select[Any]:
    """Give the statement of a page that skips order by order."""
    keys = ordered(narrowed(query, actor, select(Order.id)), query).limit(TAKE).offset(SKIP)
    return _rows_of(keys, query, columns, None)


@lru_cache(64)
def _far_page(query: OrderQuery, actor: Actor, columns: tuple[str, ...]) -> Select[Any]:
    """Give the statement of a page that skips whole days first."""
    keys = ordered(narrowed(query, actor, select(Order.id)), query).limit(TAKE)
    return _rows_of(skipping(keys, query.statuses, desc=query.desc, skip=SKIP), query, columns, None)


@lru_cache(64)
def _walked_page(walked: JoinedSort, query: OrderQuery, actor: Actor, columns: tuple[str, ...]) -> Select[Any]:
    """Give the statement of a page near the beginning of a list that is sorted by a joined row."""
    keys = first_by(walked, partial(narrowed, query, actor), desc=query.desc, skip=SKIP, take=TAKE)
    return _rows_of(keys, query, columns, None)


def _rows_of(
    keys: Select[Any], query: OrderQuery, columns: tuple[str, ...], counted: ScalarSelect[Any] | None
) -> Select[Any]:
    """Select the columns of the orders with these numbers, and how many match, in the query's sort."""
    chosen = keys.subquery("chosen")
    alongside: list[ColumnElement[Any]] = [Order.id.label("order_id"), *_alongside(columns)]
    if counted is not None:
        alongside.append(counted.label("matching"))
    # Outer joins, from the keys outwards: SQLite would turn inner ones round and read every order.
    rows_of = select(*alongside, *_shown(columns)).select_from(chosen).outerjoin(Order, Order.id == chosen.c.id)
    return in_sort(of_orders(rows_of, [*columns, query.sort]), query)


def _counted_among_some(query: OrderQuery, actor: Actor, frequent: tuple[Frequent, ...]) -> ScalarSelect[Any]:
    """Count the part of it that is among some of the orders that hold the first word."""
    some = some_with(frequent[0], query.fields).subquery("some")
    (number,) = some.columns
    held = [Order.id == number, *in_own_rows(frequent[1:], query.fields)]
    matches = narrowed(query, actor, select(literal(1)), held).limit(1).correlate(some).scalar_subquery()
    # A value, not a join: PostgreSQL would read much of the list for that.
    counted = _counted_first(select(number).where(matches.is_not(None)), query)
    in_tab = OrderQuery(query.statuses, words=query.words[:1], fields=query.fields, sort=query.sort, desc=query.desc)
    if query != in_tab or actor.companies is not None or frequent[0].places[0] is not OF_COMPANY:
        return counted
    of_tab = in_statuses(query.statuses, OrderCount.status_id)
    at_least = counted_of_companies(frequent[0].word, query.fields).where(of_tab).scalar_subquery()
    most = count_cap(query)
    return select(case((at_least > most, literal(most + 1)), else_=counted)).scalar_subquery()


def _counted_first(statement: Select[Any], query: OrderQuery) -> ScalarSelect[Any]:
    """Count what a statement selects, up to one more than the cap."""
    first = statement.limit(count_cap(query) + 1).subquery("first")
    return select(func.count()).select_from(first).scalar_subquery()


def _shown(names: Iterable[str]) -> list[ColumnElement[Any]]:
    return [COLUMNS[name].shown.label(name) for name in names]


def _alongside(names: Iterable[str]) -> list[ColumnElement[Any]]:
    return [told.label(name) for column in names for name, told in COLUMNS[column].alongside.items()]
