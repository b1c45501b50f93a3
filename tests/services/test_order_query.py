"""One question about orders, against the same question in plain Python."""

import sqlite3
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import fields, replace
from itertools import islice, product

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, literal, select
from sqlalchemy.dialects import sqlite

from models.base import db
from models.order import Order
from models.status import OrderStatus, StatusSet
from permissions import SYSTEM, Actor
from services import order_pages, order_query, order_search, streaming
from services.order_pages import Known, page
from services.order_query import (
    FILTERED,
    Condition,
    Operator,
    OrderQuery,
    count_cap,
    exact_count,
    sorted_numbers,
    stream,
)
from services.order_search import SEARCHED
from services.status_counts import status_counts
from services.streaming import rows_in_own_session
from tests.factories import make_company, make_order, status_id
from tests.samples import CARRIERS, PAYMENT_METHODS, SEARCH_FIELDS, SOURCES, WORDS, Sample, write_samples

TERMS = (
    "adapter", "MULLER", "strasse", "100%", "%", "_", "a_b", "C\\D", "^cap", "=EQ", "lodz", "angstrom", "FINE", "x'y",
    "日", "1",
)  # fmt: skip
SORTED = [field.name for field in fields(Sample)][:15]
FIELDS = st.lists(st.sampled_from(SEARCH_FIELDS), min_size=1, unique=True)


@pytest.fixture
def samples(app: Flask) -> Iterator[list[Sample]]:
    """Orders of every kind, in the session's database."""
    with app.app_context():
        written = write_samples(30)
        db.session.info["actor"] = SYSTEM
        yield written
        db.session.remove()


def found(query: OrderQuery, actor: Actor = SYSTEM) -> list[int]:
    """Give the numbers of all that match."""
    rows, _count = page(query, actor, ["order_number"], skip=0, take=1_000)
    return [row.order_id for row in rows]


def test_the_fields_of_a_search_are_the_twenty_three() -> None:
    assert set(SEARCHED) == set(SEARCH_FIELDS)
    assert len(SEARCH_FIELDS) == 23


def test_a_term_finds_what_plain_python_finds(samples: list[Sample], subtests: pytest.Subtests) -> None:
    for term in TERMS:
        with subtests.test(term):
            everything = OrderQuery(words=(term,), fields=SEARCH_FIELDS, sort="order_number", desc=False)
            assert found(everything) == [s.order_number for s in samples if s.is_order and s.holds(term, SEARCH_FIELDS)]
            for field in SEARCH_FIELDS:
                expected = [s.order_number for s in samples if s.is_order and s.holds(term, [field])]
                assert found(replace(everything, fields=(field,))) == expected, field


@given(
    words=st.lists(st.sampled_from(TERMS + WORDS), min_size=1, max_size=3, unique=True),
    fields=FIELDS,
    statuses=st.sampled_from([None, (1, 2, 3, 4, 5, 6)]),
    limits=st.tuples(st.sampled_from([0, 1, 3, 5_000]), st.sampled_from([1, 6, 20_000]), st.sampled_from([0, 10_000])),
    skip=st.integers(0, 6),
)
def test_rare_and_frequent_words_are_found_alike(
    samples: list[Sample],
    words: list[str],
    fields: list[str],
    statuses: tuple[int, ...] | None,
    limits: tuple[int, int, int],
    skip: int,
) -> None:
    rare, walked, few = limits
    query = OrderQuery(words=tuple(words), fields=tuple(fields), statuses=statuses)
    expected = list(db.session.scalars(sorted_numbers(query, SYSTEM)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_search, "MOST_CANDIDATES", rare)
        patch.setattr(order_pages, "MOST_WALKED", walked)
        patch.setattr(order_query, "SEARCH_COUNT_CAP", 4)
        patch.setattr(order_query, "COUNT_CAP", few)
        _build_anew()
        rows, count = page(query, SYSTEM, ["order_number"], skip=skip, take=4)
    _build_anew()
    assert [row.order_id for row in rows] == expected[skip : skip + 4]
    assert count == (min(len(expected), 5) if rows else len(expected))


def test_a_frequent_word_of_companies_is_counted_within_what_else_is_asked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, most in ((order_search, "MOST_CANDIDATES", 0), (order_query, "COUNT_CAP", 0)):
        monkeypatch.setattr(module, name, most)
    monkeypatch.setattr(order_query, "SEARCH_COUNT_CAP", 4)
    _build_anew()
    with app.app_context():
        many, few = make_company("Vermeer"), make_company("Vermeer Noord")
        for place in range(8):
            status = ("NEW", "SHIPPED", "NEW", "CANCELLED")[place % 4]
            make_order(company=many if place < 6 else few, status=status, reference=f"PO-{place}")
        new, limited = status_id("NEW"), Actor(None, "Limited", SYSTEM.grants, frozenset({few.id}))
        is_shipped = Condition("status", Operator.AMONG, (status_id("SHIPPED"),))
        everything = OrderQuery(words=("vermeer",), fields=("company", "reference"))
        counts = [
            (everything, SYSTEM, 5),
            (replace(everything, statuses=(new,)), SYSTEM, 4),
            (replace(everything, company=few.id), SYSTEM, 2),
            (replace(everything, words=("vermeer", "po-1")), SYSTEM, 1),
            (replace(everything, conditions=(is_shipped,)), SYSTEM, 2),
            (everything, limited, 2),
        ]
        db.session.info["actor"] = SYSTEM  # the statement itself keeps to the actor's scope
        for query, actor, expected in counts:
            _rows, count = page(query, actor, ["order_number"], skip=0, take=10)
            assert count == expected, query
    _build_anew()


CONDITIONS = st.sampled_from(
    [
        Condition("status", Operator.AMONG, (2, 3, 4)),
        Condition("price", Operator.FROM, 1_000),
        Condition("price", Operator.TO, 100_000),
        Condition("payment_status", Operator.AMONG, ("OPEN", "PAID")),
        Condition("export_status", Operator.AMONG, ("EMPTY",)),
        Condition("source", Operator.AMONG, SOURCES[:2]),
        Condition("carrier", Operator.AMONG, CARRIERS[:2]),
        Condition("country", Operator.AMONG, ("", "NL", "DE")),
        Condition("items_count", Operator.FROM, 1),
        Condition("currency", Operator.AMONG, ("EUR",)),
    ]
)


@given(
    chosen=st.lists(CONDITIONS, min_size=1, max_size=2, unique=True),
    sort=st.sampled_from(SORTED),
    desc=st.booleans(),
    cap=st.sampled_from([0, 3, 10_000]),
    walked=st.sampled_from([4, 12, 20_000]),
    skip=st.integers(0, 8),
)
def test_filtered_pages_are_alike_whichever_way_they_are_read(
    samples: list[Sample], chosen: list[Condition], sort: str, cap: int, walked: int, skip: int, *, desc: bool
) -> None:
    query = OrderQuery(conditions=tuple(chosen), sort=sort, desc=desc)
    expected = list(db.session.scalars(sorted_numbers(query, SYSTEM)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_pages, "MOST_WALKED", walked)
        patch.setattr(order_query, "COUNT_CAP", cap)
        _build_anew()
        rows, count = page(query, SYSTEM, ["order_number"], skip=skip, take=4)
    _build_anew()
    assert [row.order_id for row in rows] == expected[skip : skip + 4]
    assert count == (min(len(expected), cap + 1) if rows else len(expected))


def _build_anew() -> None:
    """Forget the statements that were built with other limits."""
    for build in (
        order_pages._page_of_few,
        order_search._looking_up,
        order_pages._page_of_candidates,
        order_pages._page_of_many,
        order_pages._page_from_index,
    ):
        build.cache_clear()


@given(words=st.lists(st.sampled_from(TERMS + WORDS), min_size=1, max_size=3, unique=True), fields=FIELDS)
def test_words_in_fields_find_what_plain_python_finds(
    samples: list[Sample], words: list[str], fields: list[str]
) -> None:
    query = OrderQuery(words=tuple(words), fields=tuple(fields), sort="order_number", desc=False)
    expected = [s.order_number for s in samples if s.is_order and all(s.holds(word, fields) for word in words)]
    assert found(query) == expected
    assert exact_count(query, SYSTEM) == len(expected)
    assert [row.order_number for row in stream(query, SYSTEM, ["order_number"])] == expected


def test_many_hits_in_lines_are_one_row(app: Flask) -> None:
    with app.app_context():
        line = {"sku": "same", "name": "same", "notes": "same", "quantity": 1, "price": "1"}
        number = make_order(lines=[line] * 5)
        query = OrderQuery(words=("same",), fields=SEARCH_FIELDS)
        assert found(query) == [number]
        assert exact_count(query, SYSTEM) == 1


def test_every_column_sorts_totally(samples: list[Sample], subtests: pytest.Subtests) -> None:
    orders = [sample for sample in samples if sample.is_order]
    for column, desc in product(SORTED, (False, True)):
        with subtests.test(f"{column} desc={desc}"):
            ordered = sorted(orders, key=lambda sample: sample.sort_key(column), reverse=desc)
            expected = [sample.order_number for sample in ordered]
            query = OrderQuery(sort=column, desc=desc)
            assert found(query) == expected
            for skip, everything in product(range(0, len(expected) + 7, 7), (0, 10**9)):
                known = Known(len(expected), everything)
                rows, _told = page(query, SYSTEM, ["order_number"], skip=skip, take=7, known=known)
                assert [row.order_number for row in rows] == expected[skip : skip + 7], "whichever way it is read"
            tab = replace(query, statuses=(1, 2, 3, 4, 5, 6))
            rows, _told = page(tab, SYSTEM, ["order_number"], skip=0, take=7, known=Known(10, 10**9))
            assert [row.order_number for row in rows] == list(db.session.scalars(sorted_numbers(tab, SYSTEM)))[:7]
            assert [row.order_number for row in stream(query, SYSTEM, ["order_number"])] == expected


def test_every_filter_has_a_column_to_compare(samples: list[Sample]) -> None:
    assert set(FILTERED) == {
        "user_id", "status", "created", "updated", "price", "export_status", "exported", "source", "payment_method",
        "carrier", "product", "payment_status", "companies", "country", "items_count", "currency", "updated_by",
        "unchanged",
    }  # fmt: skip
    first = samples[0]
    bounds = {Operator.FROM: True, Operator.TO: True, Operator.BEFORE: False}
    for operator, is_included in bounds.items():
        query = OrderQuery(conditions=(Condition("created", operator, first.created),))
        assert (first.order_number in found(query)) is is_included


@pytest.mark.parametrize(
    ("field", "texts"), [("source", SOURCES), ("payment_method", PAYMENT_METHODS), ("carrier", CARRIERS)]
)
def test_a_text_of_the_order_is_compared_exactly(samples: list[Sample], field: str, texts: Sequence[str]) -> None:
    asked = [(text,) for text in texts] + [tuple(texts[:2]), tuple(texts), ("nobody's",), (texts[0].swapcase(),)]
    for values in asked:
        query = OrderQuery(conditions=(Condition(field, Operator.AMONG, values),), sort="order_number", desc=False)
        expected = [s.order_number for s in samples if s.is_order and getattr(s, field) in values]
        assert found(query) == expected
        assert exact_count(query, SYSTEM) == len(expected)
        assert [row.order_number for row in stream(query, SYSTEM, ["order_number"])] == expected


def test_a_product_finds_the_orders_with_a_line_of_it_each_once(samples: list[Sample]) -> None:
    first, second, third = sorted(set[int]().union(*(sample.products for sample in samples)))
    for ids in ((first,), (second, third), (first, second, third), (999,), (first, 999)):
        query = OrderQuery(conditions=(Condition("product", Operator.AMONG, ids),), sort="order_number", desc=False)
        expected = [s.order_number for s in samples if s.is_order and s.products & set(ids)]
        assert found(query) == expected
        assert exact_count(query, SYSTEM) == len(expected)
        assert [row.order_number for row in stream(query, SYSTEM, ["order_number"])] == expected


def test_a_product_finds_no_order_out_of_scope(samples: list[Sample]) -> None:
    chosen = frozenset(sorted({s.company_id for s in samples if s.company_id})[:2])
    limited = replace(SYSTEM, companies=chosen)
    db.session.info["actor"] = limited
    ids = frozenset[int]().union(*(sample.products for sample in samples))
    query = OrderQuery(conditions=(Condition("product", Operator.AMONG, tuple(ids)),), sort="order_number", desc=False)
    expected = [s.order_number for s in samples if s.is_order and s.products and s.company_id in chosen]
    assert expected
    assert found(query, limited) == expected
    assert exact_count(query, limited) == len(expected)


def test_the_actors_companies_bound_everything(samples: list[Sample]) -> None:
    companies = {s.company_id for s in samples if s.company_id}
    chosen = frozenset(sorted(companies)[:2])
    limited = replace(SYSTEM, companies=chosen)
    expected = sorted(s.order_number for s in samples if s.is_order and s.company_id in chosen)
    query = OrderQuery(sort="order_number", desc=False)
    assert found(query, limited) == expected
    assert [row.order_number for row in stream(query, limited, ["order_number"])] == expected
    assert exact_count(query, limited) == len(expected)
    assert sum(s.orders for s in status_counts(limited, company=None, managed_by=None).statuses) == len(expected)
    nobody = replace(SYSTEM, companies=frozenset())
    assert found(query, nobody) == []
    assert list(stream(query, nobody, ["order_number"])) == []


def test_without_its_own_scope_a_query_is_held_by_the_session(
    samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    company = min(s.company_id for s in samples if s.company_id)
    limited = replace(SYSTEM, companies=frozenset({company}))
    monkeypatch.setattr(order_query, "_companies", lambda _query, _actor: [])
    db.session.info["actor"] = limited
    everything = OrderQuery(sort="order_number", desc=False)
    expected = sorted(s.order_number for s in samples if s.is_order and s.company_id == company)
    assert found(everything, limited) == expected
    assert [row.order_number for row in stream(everything, limited, ["order_number"])] == expected


def test_the_number_of_matches_is_capped_but_exact_where_nothing_is_shown(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_query, "COUNT_CAP", 3)
    monkeypatch.setattr(order_query, "SEARCH_COUNT_CAP", 3)
    with app.app_context():
        for _ in range(6):
            make_order(reference="word")
        narrowed = OrderQuery(words=("word",), fields=("reference",))
        assert count_cap(narrowed) == 3
        for skip, rows, count in ((0, 5, 4), (5, 1, 4), (10, 0, 6)):
            shown, told = page(narrowed, SYSTEM, ["order_number"], skip=skip, take=5)
            assert (len(shown), told) == (rows, count)
        assert page(OrderQuery(words=("none",), fields=("reference",)), SYSTEM, ["order_number"], skip=0, take=5) == (
            [],
            0,
        )
        assert page(OrderQuery(), SYSTEM, ["order_number"], skip=0, take=5)[1] is None


def test_statuses_are_counted_within_the_company(app: Flask) -> None:
    with app.app_context():
        company = make_company("Acme").id
        make_order(company=make_company("Other"))
        make_order(status="REQUEST")
        make_order(company=db.session.get_one(type(make_company("Third")), company))
        counted = status_counts(SYSTEM, company=company, managed_by=None).statuses
        assert {s.code: s.orders for s in counted if s.orders} == {"NEW": 1}
        assert [s.code for s in counted][:3] == ["DRAFT_ORDER", "UNFINISHED", "NEW"]
        assert "REQUEST" not in {s.code for s in counted}


def test_a_set_without_statuses_of_orders_is_told(app: Flask) -> None:
    with app.app_context():
        db.session.add_all([StatusSet(name="Unused", position=3), StatusSet(name="Quotes", position=4)])
        db.session.scalars(
            db.select(OrderStatus).where(OrderStatus.code == "REQUEST")
        ).one().status_set = db.session.scalars(db.select(StatusSet).where(StatusSet.name == "Quotes")).one()
        db.session.flush()
        counted = status_counts(SYSTEM, company=None, managed_by=None)
        assert {(empty.name, empty.position) for empty in counted.empty_sets} == {("Unused", 3), ("Quotes", 4)}
        assert {status.set_name for status in counted.statuses} == {None, "Processing", "Fulfillment", "Complete"}


def test_a_file_is_of_one_moment(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "FETCHED_AT_ONCE", 2)
    with app.app_context():
        before = [make_order(lines=[]) for _ in range(6)]
        rows = stream(OrderQuery(sort="order_number", desc=False), SYSTEM, ["order_number"])
        read = [next(rows).order_number]
        make_order(lines=[])
        read += [row.order_number for row in rows]
        assert read == before


def test_rows_are_read_only_as_far_as_they_are_asked_for(app: Flask) -> None:
    """A reader of rows without end gets the first ones, keeps little of them, and leaves as any other."""
    numbers = select(literal(1, BigInteger).label("number")).cte(recursive=True)
    endless = numbers.union_all(select(numbers.c.number + 1))
    each = select(endless.c.number, Order.buyer_name).select_from(Order).join(endless, endless.c.number > 0)
    with app.app_context():
        make_order(buyer_name="x" * 200)
        db.session.remove()
        rows = rows_in_own_session(SYSTEM, each)
        assert next(rows).number == 1
        tracemalloc.start()
        last = max(row.number for row in islice(rows, 20_000))
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        rows.close()
        assert last == 20_001
        assert most < 4 << 20
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("leave_after", [0, 1, 5])
def test_a_reader_that_leaves_gives_its_connection_back(app: Flask, leave_after: int) -> None:
    with app.app_context():
        for _ in range(6):
            make_order(lines=[])
        db.session.remove()
        pool = db.engine.pool
        rows = stream(OrderQuery(), SYSTEM, ["order_number"])
        for _ in range(leave_after):
            next(rows)
        assert pool.checkedout() == (1 if leave_after else 0)  # type: ignore[attr-defined]
        rows.close()
        assert pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_query_is_a_value(app: Flask) -> None:
    def asked(statuses: Sequence[int]) -> OrderQuery:
        return OrderQuery(statuses=tuple(statuses), words=("a",), fields=("email",))

    with app.app_context():
        assert asked([status_id("NEW")]) == asked([status_id("NEW")])
        assert hash(asked([1])) == hash(asked([1]))
        assert not OrderQuery(statuses=(1,), company=2).is_narrowed
        assert asked([1]).is_narrowed


def test_the_longest_search_is_read_by_an_older_sqlite(app: Flask) -> None:
    with app.app_context():
        looking = order_search._looking_up(tuple(f"word{n}" for n in range(10)), tuple(SEARCHED), "sqlite")
    statement = str(looking.compile(dialect=sqlite.dialect()))
    missed = pytest.raises(sqlite3.OperationalError, match="no such table")  # what could not be read misses none yet
    with closing(sqlite3.connect(":memory:")) as connection, missed:
        connection.execute(statement, [""] * statement.count("?"))
