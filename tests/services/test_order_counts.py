"""The kept numbers of orders and the search index: whatever is done at once, they are what there is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.batch import Batch, BatchAction
from models.order import ArticleText, Order
from models.order_count import ANY_STATUS, EVERYBODY, OrderCount, OrderDay
from models.order_history import Origin
from models.party import Company
from models.status import OrderStatus
from permissions import SYSTEM, Action, Actor
from services.batches import carry_out, undo
from services.deletion import purge
from services.errors import Refused
from services.loading import Changed, NewChange, NewLine, NewOrder, loading
from services.order_counts import COUNTS, put_together
from services.order_pages import page
from services.order_query import OrderQuery
from services.records import changing
from services.reindex import merge_new
from services.status_counts import status_counts
from services.streaming import SNAPSHOT
from services.unit_of_work import Edit, changing_many, setting_many
from services.verify import verify
from tests.batches import did, person
from tests.factories import NOON, make_company, make_order, status_id

pytestmark = pytest.mark.usefixtures("database")

LATER = NOON + timedelta(hours=1)
STATUSES = ("NEW", "CONFIRMED", "SHIPPED", "CANCELLED", "DRAFT_ORDER")
CLIENTS, EACH, STEADY = 8, 25, 12


def edit(action: Action = Action.ORDERS_EDIT) -> Edit:
    return Edit(SYSTEM, action, LATER)


def tabs(company: int | None = None) -> dict[str, int]:
    """Give what the tabs say."""
    counted = status_counts(SYSTEM, company=company, managed_by=None).statuses
    return {status.code: status.orders for status in counted if status.orders}


def days() -> dict[tuple[date, str], int]:
    """Give the kept numbers of orders by day and status; nothing stands for any status."""
    codes = {
        ANY_STATUS: "",
        **{row.id: row.code for row in db.session.execute(select(OrderStatus.id, OrderStatus.code))},
    }
    kept = select(OrderDay.day, OrderDay.status_id, func.sum(OrderDay.orders)).group_by(
        OrderDay.day, OrderDay.status_id
    )
    return {(day, codes[status]): orders for day, status, orders in db.session.execute(kept) if orders}


def set_columns(number: int, **values: object) -> None:
    """Set plain columns, as a batch does."""
    with setting_many(edit()) as orders:
        if number in orders.lock([number]):
            orders.set({number: values})


def set_fields(number: int, **values: object) -> None:
    """Change an order, as its page does."""
    for orders in changing_many([number], edit=edit()):
        for order in orders:
            for name, value in values.items():
                setattr(order, name, value)


def test_an_order_is_counted_wherever_it_goes() -> None:
    one, other = make_company("One Ltd"), make_company("Other Ltd")
    number = make_order(company=one)
    guest = make_order(buyer_name="Somebody")
    assert (tabs(), tabs(one.id), tabs(other.id)) == ({"NEW": 2}, {"NEW": 1}, {})
    set_columns(number, status_id=status_id("SHIPPED"))
    assert (tabs(), tabs(one.id)) == ({"NEW": 1, "SHIPPED": 1}, {"SHIPPED": 1})
    set_fields(number, company_id=other.id, remarks="moved")
    assert (tabs(one.id), tabs(other.id)) == ({}, {"SHIPPED": 1})
    set_columns(guest, is_deleted=True)
    assert tabs() == {"SHIPPED": 1}
    set_columns(guest, is_deleted=False)
    assert tabs() == {"NEW": 1, "SHIPPED": 1}
    set_columns(number, is_deleted=True)
    assert purge(0, now=LATER + timedelta(days=1)) == 1
    assert (tabs(), tabs(other.id)) == ({"NEW": 1}, {})


def test_an_order_is_counted_on_the_day_of_utc_that_it_is_of() -> None:
    number, today, yesterday = make_order(), NOON.date(), NOON.date() - timedelta(days=1)
    late = make_order(created=NOON.replace(hour=0, minute=0) - timedelta(microseconds=1))
    assert days() == {(today, ""): 1, (today, "NEW"): 1, (yesterday, ""): 1, (yesterday, "NEW"): 1}
    set_columns(number, status_id=status_id("SHIPPED"))
    set_fields(late, created_at=NOON)
    assert days() == {(today, ""): 2, (today, "SHIPPED"): 1, (today, "NEW"): 1}
    set_columns(late, is_deleted=True)
    assert days() == {(today, ""): 1, (today, "SHIPPED"): 1}
    set_columns(late, is_deleted=False)
    assert days() == {(today, ""): 2, (today, "SHIPPED"): 1, (today, "NEW"): 1}
    set_columns(number, is_deleted=True)
    assert purge(0, now=LATER + timedelta(days=1)) == 1
    assert days() == {(today, ""): 1, (today, "NEW"): 1}


def test_counts_are_put_together_without_a_change() -> None:
    company = make_company("One Ltd")
    numbers = [make_order(company=company) for _ in range(5)]
    set_columns(numbers[0], status_id=status_id("SHIPPED"))
    set_columns(numbers[0], status_id=status_id("CANCELLED"))
    before = (tabs(), tabs(company.id), days())
    put_together()
    assert (tabs(), tabs(company.id), days()) == before
    for table, names in COUNTS.items():
        key = [table.c[name] for name in names]
        assert db.session.execute(select(*key).group_by(*key).having(func.count() > 1)).all() == []
    assert db.session.scalars(select(OrderDay.orders).where(OrderDay.orders == 0)).all() == []


@dataclass(frozen=True)
class Shop:
    """Orders that everything happens to, and orders of a company that only change their status."""

    companies: Sequence[int]
    numbers: Sequence[int]
    unmoved: Sequence[int]
    owner: Actor

    def move(self, random: Random) -> None:
        number = random.choice([*self.numbers, *self.unmoved])
        set_columns(number, status_id=status_id(random.choice(STATUSES)))

    def throw_away(self, random: Random) -> None:
        set_columns(random.choice(self.numbers), is_deleted=True)

    def restore(self, random: Random) -> None:
        set_columns(random.choice(self.numbers), is_deleted=False)

    def give_away(self, random: Random) -> None:
        set_fields(random.choice(self.numbers), company_id=random.choice(self.companies))

    def write(self, random: Random) -> None:
        set_fields(random.choice(self.numbers), reference=f"Réf {random.randrange(10_000)}")

    def rename(self, random: Random) -> None:
        with changing(Company, random.choice(self.companies), edit=edit(Action.CUSTOMERS_EDIT)) as company:
            company.name = f"Company {random.randrange(10_000)}"

    def create(self, random: Random) -> None:
        make_order(company=db.session.get(Company, random.choice(self.companies)))

    def purge(self, _random: Random) -> None:
        purge(0, now=LATER + timedelta(days=1))

    def move_and_undo(self, random: Random) -> None:
        self._undo(did(BatchAction.CHANGE_STATUS, random.sample(self.unmoved, 5), self.owner, "CANCELLED"))

    def delete_and_undo(self, _random: Random) -> None:
        made = [make_order(status="CANCELLED") for _ in range(3)]
        self._undo(did(BatchAction.DELETE, made, self.owner))

    def _undo(self, batch: Batch) -> None:
        with suppress(Refused):  # others have changed or purged all of them
            taken_back = undo(batch.id, actor=self.owner, now=LATER)
            carry_out(taken_back.id, actor=self.owner, clock=lambda: LATER)

    def load(self, random: Random) -> None:
        text, status = ArticleText("A-1", "Adapter"), random.choice(STATUSES)
        with loading(Origin.IMPORT, "EUR") as load:
            lines = [NewLine(load.text_ids([text])[text], 1, 10_000)]
            for _ in range(random.randrange(1, 4)):
                at = NOON - timedelta(days=random.randrange(3))
                change = NewChange(at, (Changed("status", "", status),))
                company = random.choice([*self.companies, None])
                load.write([NewOrder(status_id(status), lines, [change], "EUR", company_id=company)] * 2)

    def do_anything(self, random: Random) -> None:
        deeds = (self.move, self.throw_away, self.restore, self.give_away, self.write, self.rename, self.create)
        at_once = (self.purge, self.move_and_undo, self.delete_and_undo, self.load)
        random.choice([*deeds, *at_once])(random)


@pytest.fixture
def shop() -> Shop:
    """Three companies with orders, and a steady one."""
    companies = [make_company(f"Company {place}", f"D{place}") for place in range(3)]
    steady = make_company("Steady Ltd", "D9")
    numbers = [make_order(company=companies[place % 3]) for place in range(20)]
    unmoved = [make_order(company=steady) for _ in range(STEADY)]
    return Shop([company.id for company in companies], numbers, unmoved, person())


def look_at_far_pages() -> None:
    """Every page is that of the whole list of the same moment."""
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options=SNAPSHOT)
    whole, _count = page(OrderQuery(), SYSTEM, ["created"], skip=0, take=1_000)
    for skip in (1, len(whole) // 2, len(whole) - 1):
        part, _count = page(OrderQuery(), SYSTEM, ["created"], skip=skip, take=5)
        assert part == whole[skip : skip + 5]
    db.session.rollback()


@pytest.mark.race
@pytest.mark.usefixtures("few_orders_are_many")
def test_what_many_do_at_once_is_counted_and_found(app: Flask, shop: Shop) -> None:
    is_over = Event()
    steady = db.session.scalar(select(Order.company_id).where(Order.id == shop.unmoved[0]))

    def work(client: int) -> None:
        random = Random(client)
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            for _turn in range(EACH):
                shop.do_anything(random)

    def look() -> set[int]:
        seen = set()
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            while not is_over.wait(0.01):
                seen.add(sum(tabs(steady).values()))
                db.session.rollback()
                look_at_far_pages()
                put_together()
                merge_new()
        return seen

    db.session.rollback()
    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        looking = threads.submit(look)
        try:
            list(threads.map(work, range(CLIENTS)))
        finally:
            is_over.set()
        assert looking.result() == {STEADY}
    everybody = select(func.sum(OrderCount.orders)).where(OrderCount.company_id == EVERYBODY)
    of_days = select(func.sum(OrderDay.orders)).where(OrderDay.status_id == ANY_STATUS)
    listed = db.session.scalar(select(func.count()).where(Order.listed_for(SYSTEM)))
    assert (db.session.scalar(everybody), db.session.scalar(of_days)) == (listed, listed)
    assert not {check.name: check.examples for check in verify() if check.count}
