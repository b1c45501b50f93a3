"""The two walls of the session: rows out of scope do not come out, order rows do not go in by the way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased, configure_mappers, joinedload, lazyload, selectinload

from models.base import (
    Base,
    GuardedRow,
    ScopedRow,
    WriteOutsideUnitOfWork,
    WriteWhileReading,
    begin_reading,
    begin_writing,
    db,
    list_rows,
    plain_rows,
    repeated_rows,
)
from models.order import Order, OrderLine, OrderSearch
from models.order_draft import OrderDraft
from models.order_history import OrderHistory, Origin
from models.party import Company
from models.staff import Staff
from permissions import SYSTEM, Actor
from tests.factories import NOON, make_company, make_order, make_staff
from tests.matrix import snapshot


@dataclass(frozen=True)
class Orders:
    """One order of a company, one of another, one of nobody's."""

    company: int
    own: int
    foreign: int
    nobodys: int

    @property
    def limited(self) -> Actor:
        return Actor(None, "Limited", frozenset(), companies=frozenset({self.company}))


@pytest.fixture
def orders(app: Flask) -> Iterator[Orders]:
    """Three orders, and a session in which nobody is bound."""
    with app.app_context():
        company, other = make_company("Own Ltd"), make_company("Foreign Ltd")
        made = Orders(company.id, make_order(company=company), make_order(company=other), make_order())
        db.session.remove()
        yield made
        db.session.rollback()


def numbers(statement: Any) -> list[Any]:
    """Give the first column of what a statement finds, sorted."""
    return numbers_in(db.session.execute(statement).all())


def numbers_in(rows: Sequence[Any]) -> list[Any]:
    """Give the first column of the rows, sorted."""
    return sorted(row[0] for row in rows)


other_order = aliased(Order)

READS: dict[str, Callable[[], list[Any]]] = {
    "orders": lambda: [order.id for order in db.session.scalars(select(Order).order_by(Order.id))],
    "a column": lambda: numbers(select(Order.id)),
    "an alias": lambda: numbers(select(other_order.id)),
    "the old query": lambda: sorted(order.id for order in db.session.query(Order)),
    "lines": lambda: [line.order_id for line in db.session.scalars(select(OrderLine).order_by(OrderLine.order_id))],
    "a line's column": lambda: numbers(select(OrderLine.order_id)),
    "search texts": lambda: sorted(row.order_id for row in db.session.scalars(select(OrderSearch))),
    "history": lambda: [row.order_id for row in db.session.scalars(select(OrderHistory).order_by(OrderHistory.id))],
    "lines joined to orders": lambda: numbers(select(Order.id).join(OrderLine)),
    "orders joined to lines": lambda: numbers(select(OrderLine.order_id).join(OrderLine.order)),
    "history joined to orders": lambda: numbers(
        select(OrderHistory.order_id).join(Order, Order.id == OrderHistory.order_id)
    ),
    "plain rows": lambda: numbers_in(plain_rows(select(Order.id))),
    "rows of a list": lambda: numbers_in(list_rows(select(Order.id))),
    "rows read again and again": lambda: numbers_in(repeated_rows(select(Order.id))),
    "a subquery": lambda: numbers(select(select(Order.id).subquery().c.id)),
    "orders among orders": lambda: numbers(select(Order.id).where(Order.id.in_(select(other_order.id)))),
    "orders with lines loaded": lambda: numbers(
        select(OrderLine.order_id).where(OrderLine.order_id.in_(select(Order.id)))
    ),
    "locked orders": lambda: [
        order.id for order in db.session.scalars(select(Order).order_by(Order.id).with_for_update())
    ],
}


def test_a_read_finds_what_the_actor_may_see(orders: Orders, subtests: pytest.Subtests) -> None:
    for name, read in READS.items():
        with subtests.test(name):
            db.session.remove()
            assert read() == []
            db.session.info["actor"] = orders.limited
            assert read() == [orders.own]
            db.session.info["actor"] = Actor(None, "Limited to nothing", frozenset(), companies=frozenset())
            assert read() == []
            db.session.info["actor"] = SYSTEM
            assert read() == [orders.own, orders.foreign, orders.nobodys]


def test_counts_are_of_what_the_actor_may_see(orders: Orders) -> None:
    def counted() -> list[Any]:
        return [
            db.session.scalar(select(func.count()).select_from(Order)),
            db.session.scalar(select(func.count(OrderLine.id))),
            db.session.query(Order).count(),
            db.session.scalar(select(exists().where(Order.id == orders.foreign))),
            db.session.scalar(select(func.max(Order.id))),
        ]

    assert counted() == [0, 0, 0, False, None]
    db.session.info["actor"] = orders.limited
    assert counted() == [1, 1, 1, False, orders.own]


def test_one_order_is_got_by_its_number_in_scope_only(orders: Orders) -> None:
    db.session.info["actor"] = orders.limited
    found = [db.session.get(Order, number) for number in (orders.own, orders.foreign, orders.nobodys)]
    assert [order and order.id for order in found] == [orders.own, None, None]


def test_an_order_brings_its_lines_along_however_they_are_loaded(orders: Orders) -> None:
    db.session.info["actor"] = orders.limited
    for loading in ([], [selectinload(Order.lines)], [joinedload(Order.lines)]):
        db.session.expunge_all()
        found = db.session.execute(select(Order).options(*loading)).unique().scalars().all()
        assert [(order.id, [line.order_id for line in order.lines]) for order in found] == [(orders.own, [orders.own])]
        assert found[0].company is not None
        assert found[0].status.code == "NEW"


def test_a_line_brings_its_order_along(orders: Orders) -> None:
    db.session.info["actor"] = orders.limited
    assert [line.order.id for line in db.session.scalars(select(OrderLine))] == [orders.own]


def test_companies_joined_to_orders_are_those_of_orders_in_scope(orders: Orders) -> None:
    db.session.info["actor"] = orders.limited
    joined = select(Company.name).join(Order, Order.company_id == Company.id)
    assert db.session.scalars(joined).all() == ["Own Ltd"]


def test_an_order_that_goes_stale_is_read_again(orders: Orders) -> None:
    db.session.info["actor"] = orders.limited
    order = db.session.get_one(Order, orders.own)
    db.session.expire(order)
    assert order.currency == "EUR"


def test_nothing_outside_the_wall_leads_to_a_row_inside() -> None:
    configure_mappers()
    outside = [mapper for mapper in Base.registry.mappers if not issubclass(mapper.class_, (ScopedRow, GuardedRow))]
    leading_in = [
        f"{mapper.class_.__name__}.{relationship.key}"
        for mapper in outside
        for relationship in mapper.relationships
        if issubclass(relationship.mapper.class_, ScopedRow)
    ]
    assert sorted(leading_in) == ["Staff.companies", "Staff.managed_companies"]


def test_what_leads_in_from_outside_gives_only_what_the_actor_may_see(app: Flask, subtests: pytest.Subtests) -> None:
    with app.app_context():
        seen, unseen = make_company("Seen Ltd"), make_company("Unseen Ltd")
        staff = make_staff("colleague", [])
        staff.managed_companies = [seen, unseen]
        db.session.commit()
        seen_id = seen.id
    for read in (lazyload, selectinload, joinedload):
        with subtests.test(read.__name__), app.app_context():
            db.session.info["actor"] = Actor(1, "", frozenset(), companies=frozenset({seen_id}))
            colleague = db.session.scalars(select(Staff).options(read(Staff.managed_companies))).unique().one()
            assert [company.name for company in colleague.managed_companies] == ["Seen Ltd"]


def test_every_row_with_an_order_number_is_written_through_the_unit_of_work() -> None:
    found = [mapper for mapper in Base.registry.mappers if "order_id" in mapper.columns]
    # A selection and a batch keep numbers, which need not be those of orders; what is typed is no part of one.
    parts = [each.class_ for each in found if each.columns["order_id"].foreign_keys and each.class_ is not OrderDraft]
    assert len(parts) >= 5
    assert [part.__name__ for part in parts if not issubclass(part, GuardedRow)] == []


# ---- writing ----


def new_order() -> None:
    """Add an order."""
    db.session.add(Order(status_id=1, currency="EUR", created_at=NOON, updated_at=NOON, status_changed_at=NOON))


def new_history() -> None:
    """Add a row to an order's history."""
    number = db.session.scalars(select(Order.id)).first()
    db.session.add(OrderHistory(order_id=number, version=2, at=NOON, origin=Origin.SYSTEM, field="remarks"))


def changed(row: type[Any], **values: object) -> Callable[[], None]:
    """Change the first row of a kind."""

    def change() -> None:
        first = db.session.scalars(select(row)).first()
        for name, value in values.items():
            setattr(first, name, value)

    return change


def deleted(row: type[Any]) -> Callable[[], None]:
    """Delete the first row of a kind."""
    return lambda: db.session.delete(db.session.scalars(select(row)).first())


OBJECTS: dict[str, Callable[[], None]] = {
    "a new order": new_order,
    "new history": new_history,
    "a changed order": changed(Order, remarks="by the way"),
    "a changed line": changed(OrderLine, quantity=99),
    "changed search texts": changed(OrderSearch, remarks="by the way"),
    "changed history": changed(OrderHistory, note="by the way"),
    "a deleted line": deleted(OrderLine),
    "deleted history": deleted(OrderHistory),
    "deleted search texts": deleted(OrderSearch),
}


@pytest.mark.usefixtures("orders")
def test_an_order_row_is_not_written_by_the_way(app: Flask, subtests: pytest.Subtests) -> None:
    before = snapshot(app)
    for name, change in OBJECTS.items():
        with subtests.test(name):
            db.session.remove()
            db.session.info["actor"] = SYSTEM
            for write in (db.session.flush, db.session.commit, db.session.query(Company).all):
                begin_writing(db.session)
                change()
                with pytest.raises(WriteOutsideUnitOfWork):
                    write()
                db.session.rollback()
            assert snapshot(app) == before


STATEMENTS: dict[str, Callable[[], Any]] = {
    "update": lambda: update(Order).values(remarks="by the way"),
    "update of lines": lambda: update(OrderLine).values(quantity=99),
    "delete": lambda: delete(OrderHistory),
    "delete of some": lambda: delete(OrderLine).where(OrderLine.quantity > 0),
    "insert": lambda: insert(OrderHistory).values(
        order_id=1, version=9, at=NOON, origin=Origin.SYSTEM, field="remarks", old_value="", new_value="", note=""
    ),
    "update of search texts": lambda: update(OrderSearch).values(remarks="by the way"),
}


def test_order_rows_are_not_written_in_bulk(app: Flask, orders: Orders, subtests: pytest.Subtests) -> None:
    before = snapshot(app)
    for name, statement in STATEMENTS.items():
        with subtests.test(name):
            db.session.remove()
            for actor in (SYSTEM, orders.limited, None):
                begin_writing(db.session)
                db.session.info["actor"] = actor
                with pytest.raises(WriteOutsideUnitOfWork):
                    db.session.execute(statement())
                db.session.rollback()
            assert snapshot(app) == before


def test_many_at_once_are_not_inserted_by_the_way(app: Flask, orders: Orders) -> None:
    before = snapshot(app)
    begin_writing(db.session)
    rows = [{"order_id": orders.own, "version": 9, "at": NOON, "origin": Origin.SYSTEM, "field": "remarks"}]
    with pytest.raises(WriteOutsideUnitOfWork):
        db.session.execute(insert(OrderHistory), rows)
    with pytest.raises(WriteOutsideUnitOfWork):
        db.session.query(Order).update({"remarks": "by the way"})
    db.session.rollback()
    assert snapshot(app) == before


def test_a_bulk_change_of_a_limited_actor_leaves_the_orders_of_others_alone(orders: Orders) -> None:
    begin_writing(db.session)
    db.session.info["actor"], db.session.info["unit_of_work"] = orders.limited, True
    db.session.execute(update(Order).values(remarks="mine"))
    db.session.execute(insert(OrderHistory).values(
        order_id=orders.own, version=2, at=NOON, origin=Origin.SYSTEM, field="remarks"
    ))  # fmt: skip
    db.session.commit()
    db.session.info["actor"] = SYSTEM
    assert db.session.scalars(select(Order.remarks).order_by(Order.id)).all() == ["mine", "", ""]


def test_rows_that_are_no_part_of_an_order_are_written_freely(orders: Orders) -> None:
    begin_writing(db.session)
    db.session.info["actor"] = SYSTEM
    db.session.add(Company(name="New Ltd"))
    db.session.execute(update(Company).where(Company.id == orders.company).values(phone="1"))
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Company)) == 3


def test_what_only_reads_writes_nothing(app: Flask, subtests: pytest.Subtests) -> None:
    def add() -> None:
        db.session.add(Company(name="New Ltd", debtor_id="D9"))
        db.session.flush()

    changes: dict[str, Callable[[], object]] = {
        "a row": add,
        "many": lambda: db.session.execute(update(Company).values(name="Other Ltd")),
    }
    for name, change in changes.items():
        with subtests.test(name), app.app_context():
            begin_reading()
            with pytest.raises(WriteWhileReading):
                change()
            db.session.rollback()

            begin_reading()
            begin_writing(db.session)
            change()
            db.session.rollback()
            assert db.session.scalar(select(func.count()).where(Company.name.in_(["New Ltd", "Other Ltd"]))) == 0
