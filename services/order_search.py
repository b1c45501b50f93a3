"""Text search: which orders hold a word in any of the chosen fields.

A condition can be answered from the index, which finds the orders of rare words at once, or by reading an
order's own rows, which is quicker where many orders hold the word. Both say the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, literal, or_, select, union_all

from models.base import db, gathered
from models.folding import fold
from models.order import LineText, Order, OrderLine, OrderSearch
from models.party import Address, Company
from models.trigrams import holding, is_held

MOST_CANDIDATES = 5_000
"""Orders and lines up to which a word counts as rare."""

ORDERS: Any = Order.__table__
LINES: Any = OrderLine.__table__
TEXTS: Any = OrderSearch.__table__
LINE_TEXTS: Any = LineText.__table__
COMPANIES: Any = Company.__table__
ADDRESSES: Any = Address.__table__


class Place(NamedTuple):
    """A table in which words are looked up.

    `of_order` selects something when an order has rows for which a condition holds, and `orders` the numbers of the
    orders of some rows.
    """

    rows: Any
    of_order: Callable[[ColumnElement[bool]], Select[Any]]
    orders: Callable[[Select[Any]], Select[Any]]


def _orders_by(column: Any) -> Callable[[Select[Any]], Select[Any]]:
    return lambda keys: select(ORDERS.c.id).where(column.in_(keys))


def _joined(is_of_order: ColumnElement[bool]) -> Callable[[ColumnElement[bool]], Select[Any]]:
    return lambda held: select(literal(1)).where(is_of_order, held)


def _has_line(held: ColumnElement[bool]) -> Select[Any]:
    # OFFSET 0 lets PostgreSQL find the texts once: joined, it would read all of them for each order.
    texts = select(LINE_TEXTS.c.id).where(held).offset(0)
    return select(literal(1)).where(LINES.c.order_id == Order.id, LINES.c.text_id.in_(texts))


OWN = Place(TEXTS, _joined(TEXTS.c.order_id == Order.id), lambda keys: keys)
OF_COMPANY = Place(COMPANIES, _joined(COMPANIES.c.id == Order.company_id), _orders_by(ORDERS.c.company_id))
INVOICE = Place(ADDRESSES, _joined(ADDRESSES.c.id == Order.invoice_address_id), _orders_by(ORDERS.c.invoice_address_id))
DELIVERY = Place(
    ADDRESSES, _joined(ADDRESSES.c.id == Order.delivery_address_id), _orders_by(ORDERS.c.delivery_address_id)
)
OF_LINES = Place(LINE_TEXTS, _has_line, lambda keys: select(LINES.c.order_id).where(LINES.c.text_id.in_(keys)))

SEARCHED: dict[str, tuple[tuple[Place, str], ...]] = {
    "order_number": ((OWN, "order_number"),),
    "company": ((OF_COMPANY, "name_folded"), (OWN, "buyer_name"), (INVOICE, "company_folded")),
    **{name: ((OWN, name),) for name in OrderSearch.FIELDS if name != "buyer_name"},
    **{f"invoice_{name}": ((INVOICE, f"{name}_folded"),) for name in ("first_name", "last_name")},
    **{f"recipient_{name}": ((DELIVERY, f"{name}_folded"),) for name in ("company", "first_name", "last_name")},
    **{f"item_{name}": ((OF_LINES, f"{name}_folded"),) for name in LineText.SEARCHED},
}
"""The fields that a search may look into, each with the columns that hold its words."""


@dataclass(frozen=True)
class Candidates:
    """Orders that hold one word, or all of several. An order is found that holds the other `words`, too.

    Where they are not `all_there_are`, other orders hold the word as well.
    """

    numbers: tuple[int, ...]
    words: tuple[str, ...]
    all_there_are: bool


def in_index(words: Sequence[str], fields: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Give the conditions that an order holds each word, answered from the index."""
    for word in words:
        yield Order.id.in_(union_all(*_sources(word, fields)))


def in_own_rows(words: Sequence[str], fields: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Give the same conditions, answered by reading the rows of the order."""
    for word in words:
        yield or_(*(_in_place(place, names, fold(word)) for place, names in _places(fields).items()))


def candidates(words: Sequence[str], fields: Sequence[str]) -> Candidates:
    """Look the words up, in one statement, each up to where it is no longer rare."""
    found: dict[str, set[int]] = {word: set() for word in words}
    broad = set()
    looking = _looking_up(tuple(words), tuple(fields), db.engine.dialect.name)
    for place, numbers in enumerate(db.session.connection().execute(looking).one()):
        word = words[place * len(words) // len(looking.selected_columns)]
        found[word].update(numbers)
        if len(numbers) > MOST_CANDIDATES:
            broad.add(word)
    rare = [word for word in words if word not in broad and len(found[word]) <= MOST_CANDIDATES]
    looked_up = rare or words[:1]
    return Candidates(
        numbers=tuple(islice(set.intersection(*(found[word] for word in looked_up)), MOST_CANDIDATES)),
        words=tuple(word for word in words if word not in looked_up),
        all_there_are=bool(rare),
    )


@lru_cache(32)
def _looking_up(words: tuple[str, ...], fields: tuple[str, ...], _dialect: str) -> Select[Any]:
    """Select the orders of each source of each word, which are the same number for every word."""
    sources = [source for word in words for source in _sources(word, fields)]
    return select(*(gathered(source.limit(MOST_CANDIDATES + 1)).scalar_subquery() for source in sources))


def _sources(word: str, fields: Sequence[str]) -> list[Select[Any]]:
    return [place.orders(holding(place.rows, names, fold(word))) for place, names in _places(fields).items()]


def _places(fields: Sequence[str]) -> dict[Place, tuple[str, ...]]:
    """Give the columns that these fields look into, by their place."""
    found: dict[Place, tuple[str, ...]] = {}
    for place, column in (where for name in fields for where in SEARCHED[name]):
        found[place] = (*found.get(place, ()), column)
    return found


def _in_place(place: Place, names: tuple[str, ...], word: str) -> ColumnElement[bool]:
    # A value, not EXISTS: PostgreSQL would read a whole table for that, expecting to ask often.
    found = place.of_order(is_held(place.rows, names, word)).limit(1)
    return found.correlate(ORDERS).scalar_subquery().is_not(None)
