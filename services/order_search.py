"""Text search: which orders hold a word in any of the chosen fields.

A condition can be answered from the index, which finds the orders of rare words at once, or by reading an
order's own rows, which is quicker where many orders hold the word. Both say the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal, or_, select, true, union_all

from models.base import db, gathered, how_many, list_rows
from models.folding import fold
from models.order import LineText, Order, OrderLine, OrderSearch
from models.order_count import OrderCount
from models.party import Address, Company
from models.trigrams import holding, is_held
from models.types import Numbers

MOST_CANDIDATES = 5_000
"""Orders or lines of one place up to which a word counts as rare."""
SOME_COMPANIES = 200
"""Companies whose kept numbers of orders are added up first: mostly that tells that a word is frequent."""

ORDERS: Any = Order.__table__
LINES: Any = OrderLine.__table__
TEXTS: Any = OrderSearch.__table__
LINE_TEXTS: Any = LineText.__table__
COMPANIES: Any = Company.__table__
COUNTS: Any = OrderCount.__table__
ADDRESSES: Any = Address.__table__


class Place(NamedTuple):
    """A table in which words are looked up.

    `of_order` selects something when an order has rows of which one of these columns holds a folded word, and `orders`
    the numbers of the orders of some rows.
    """

    rows: Any
    of_order: Callable[[tuple[str, ...], str], Select[Any]]
    orders: Callable[[Select[Any]], Select[Any]]


def _orders_by(column: Any) -> Callable[[Select[Any]], Select[Any]]:
    return lambda keys: select(ORDERS.c.id).where(column.in_(keys))


def _joined(rows: Any, is_of_order: ColumnElement[bool]) -> Callable[[tuple[str, ...], str], Select[Any]]:
    return lambda names, word: select(literal(1)).where(is_of_order, is_held(rows, names, word))


def _has_line(names: tuple[str, ...], word: str) -> Select[Any]:
    # OFFSET 0 lets PostgreSQL find the texts once: joined, it would read all of them for each order.
    texts = holding(LINE_TEXTS, names, word).offset(0)
    return select(literal(1)).where(LINES.c.order_id == Order.id, LINES.c.text_id.in_(texts))


OWN = Place(TEXTS, _joined(TEXTS, TEXTS.c.order_id == Order.id), lambda keys: keys)
OF_COMPANY = Place(COMPANIES, _joined(COMPANIES, COMPANIES.c.id == Order.company_id), _orders_by(ORDERS.c.company_id))
INVOICE = Place(
    ADDRESSES,
    _joined(ADDRESSES, ADDRESSES.c.id == Order.invoice_address_id),
    _orders_by(ORDERS.c.invoice_address_id),
)
DELIVERY = Place(
    ADDRESSES,
    _joined(ADDRESSES, ADDRESSES.c.id == Order.delivery_address_id),
    _orders_by(ORDERS.c.delivery_address_id),
)
OF_LINES = Place(LINE_TEXTS, _has_line, lambda keys: select(LINES.c.order_id).where(LINES.c.text_id.in_(keys)))
PLACES = (OF_COMPANY, INVOICE, DELIVERY, OF_LINES, OWN)
"""The places in the order in which they are looked up, the smallest first."""

SEARCHED: dict[str, tuple[tuple[Place, str], ...]] = {
    "order_number": ((OWN, "order_number"),),
    "company": ((OF_COMPANY, "name_folded"), (OWN, "buyer_name"), (INVOICE, "company_folded")),
    **{name: ((OWN, name),) for name in OrderSearch.FIELDS if name != "buyer_name"},
    **{f"invoice_{name}": ((INVOICE, f"{name}_folded"),) for name in ("first_name", "last_name")},
    **{f"recipient_{name}": ((DELIVERY, f"{name}_folded"),) for name in ("company", "first_name", "last_name")},
    **{f"item_{name}": ((OF_LINES, f"{name}_folded"),) for name in LineText.SEARCHED},
}
"""The fields that a search may look into, each with the columns that hold its words."""


class Frequent(NamedTuple):
    """A word that many orders hold, all in some of these places; so do many in the first place alone."""

    word: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Candidates:
    """The orders that hold every rare word; an order is found that holds the `frequent` ones, too.

    Where no word is rare, `numbers` is None.
    """

    numbers: tuple[int, ...] | None
    frequent: tuple[Frequent, ...]


def in_index(words: Sequence[str], fields: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Give the conditions that an order holds each word, answered from the index."""
    for word in words:
        yield Order.id.in_(union_all(*(_source(word, *where) for where in _places(fields).items())))


def in_own_rows(words: Sequence[Frequent], fields: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Give the same conditions, answered by reading the rows of the order."""
    names = _places(fields)
    for word, places in words:
        yield or_(*(_in_place(place, names[place], fold(word)) for place in places))


def some_with(found: Frequent, fields: Sequence[str]) -> Select[Any]:
    """Select the numbers of some of the orders that hold a word."""
    place = found.places[0]
    some = _source(found.word, place, _places(fields)[place]).limit(MOST_CANDIDATES)
    # Only lines give an order twice; PostgreSQL would read all of the others, too, before the first.
    return select(*some.subquery().columns).distinct() if place is OF_LINES else some


def counted_of_companies(word: str, fields: Sequence[str]) -> Select[Any]:
    """Add up the kept numbers of orders of some companies with a word: so many hold it at least."""
    companies = holding(COMPANIES, _places(fields)[OF_COMPANY], fold(word)).limit(SOME_COMPANIES)
    return select(func.coalesce(func.sum(COUNTS.c.orders), 0)).where(COUNTS.c.company_id.in_(companies))


def candidates(words: Sequence[str], fields: Sequence[str]) -> Candidates:
    """Look the words up, in one statement, each up to where it is no longer rare."""
    places = tuple(_places(fields))
    looking = _looking_up(tuple(words), tuple(fields), db.engine.dialect.name)
    [found] = list_rows(looking)
    rare: list[set[int]] = []
    frequent: list[Frequent] = []
    told = 1 + len(places)
    for word, at_least, *numbers in zip(words, *(found[first::told] for first in range(told)), strict=True):
        with_many = (place for place, some in enumerate(numbers) if len(some) > MOST_CANDIDATES)
        most = 0 if at_least > MOST_CANDIDATES else next(with_many, None)
        if most is None:
            rare.append(set[int]().union(*numbers))
        else:
            others = (place for place, some in zip(places[:most], numbers, strict=False) if some)
            frequent.append(Frequent(word, (places[most], *others, *places[most + 1 :])))
    return Candidates(tuple(set.intersection(*rare)) if rare else None, tuple(frequent))


@lru_cache(32)
def _looking_up(words: tuple[str, ...], fields: tuple[str, ...], _dialect: str) -> Select[Any]:
    """Select the orders of each word in each place: none in those after one with many."""
    each = [_looked_up(word, fields).subquery() for word in words]
    # Side by side: all inside one another would be more than SQLite's parser takes.
    together: FromClause = each[0]
    for another in each[1:]:
        together = together.join(another, true())
    return select(*(found for word in each for found in word.columns)).select_from(together)


def _looked_up(word: str, fields: tuple[str, ...]) -> Select[Any]:
    """Select how many orders of companies hold a word at least, and those of each place."""
    places = _places(fields)
    at_least = counted_of_companies(word, fields).scalar_subquery() if OF_COMPANY in places else literal(0)
    looked: Select[Any] = select(at_least.label("at_least"))
    for place, names in places.items():
        # OFFSET 0 keeps the databases from looking up again what the condition asks for.
        known, *before = looked.offset(0).subquery().columns
        is_enough = [known > MOST_CANDIDATES, *(how_many(found) > MOST_CANDIDATES for found in before)]
        found = gathered(_source(word, place, names).limit(MOST_CANDIDATES + 1)).scalar_subquery()
        looked = select(known, *before, case((or_(*is_enough), literal((), Numbers)), else_=found))
    return looked


def _source(word: str, place: Place, names: tuple[str, ...]) -> Select[Any]:
    return place.orders(holding(place.rows, names, fold(word)))


def _places(fields: Sequence[str]) -> dict[Place, tuple[str, ...]]:
    """Give the places that these fields look into, each with its columns."""
    columns = [where for name in fields for where in SEARCHED[name]]
    found = {place: tuple(column for there, column in columns if there is place) for place in PLACES}
    return {place: names for place, names in found.items() if names}


def _in_place(place: Place, names: tuple[str, ...], word: str) -> ColumnElement[bool]:
    # A value, not EXISTS: PostgreSQL would read a whole table for that, expecting to ask often.
    return place.of_order(names, word).limit(1).correlate(ORDERS).scalar_subquery().is_not(None)
