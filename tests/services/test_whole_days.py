"""Far pages of the list by date, against the same list in plain Python."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from benchmarks.steps import statements
from models.base import db
from models.order import Order
from models.order_count import OrderDay
from models.status import OrderStatus, OrderType
from permissions import SYSTEM, Action, Actor
from services.deletion import purge
from services.order_counts import put_together
from services.order_pages import page
from services.order_query import OrderQuery, exact_count
from services.unit_of_work import Edit, setting_many
from tests.batches import person
from tests.factories import NOON, make_company, make_order, status_id

CODES = ("NEW", "SHIPPED", "CANCELLED", "QUOTATION", "REQUEST", "ARCHIVED")
MIDNIGHT = NOON.replace(hour=0)
MOMENTS = [
    *(MIDNIGHT + timedelta(days=day) for day in range(-40, 3)),
    *(MIDNIGHT + timedelta(days=day, microseconds=-1) for day in (-39, -3, 0, 2)),
    *[NOON, NOON - timedelta(days=1)] * 6,
]
"""Days with one order, midnights with the moment before them, and days on which many were made at once."""

pytestmark = pytest.mark.usefixtures("few_orders_are_many")


@pytest.fixture
def orders(app: Flask) -> Iterator[Sequence[int]]:
    """Orders of every kind on many days, some of them in the bin."""
    random = Random(7)
    with app.app_context():
        moments = random.sample(MOMENTS, len(MOMENTS))
        numbers = [make_order(status=random.choice(CODES), created=moment) for moment in moments]
        put_in_bin(numbers[::9])
        yield numbers
        db.session.remove()


def change(number: int, **values: object) -> None:
    with setting_many(Edit(SYSTEM, Action.ORDERS_EDIT, NOON + timedelta(days=3))) as changing:
        if number in changing.lock([number]):
            changing.set({number: values})


def put_in_bin(numbers: Collection[int]) -> None:
    for number in numbers:
        change(number, is_deleted=True)


def listed(statuses: Collection[int] | None, *, desc: bool) -> list[int]:
    """Give the numbers of a tab, sorted by their date."""
    of_orders = set(db.session.scalars(select(OrderStatus.id).where(OrderStatus.order_type == OrderType.ORDER)))
    rows = db.session.execute(select(Order.created_at, Order.id, Order.status_id).where(Order.listed_for(SYSTEM)))
    wanted = of_orders if statuses is None else statuses
    return [number for _at, number, status in sorted(rows.all(), reverse=desc) if status in wanted]


def found(query: OrderQuery, skip: int, take: int, actor: Actor = SYSTEM) -> list[int]:
    rows, _count = page(query, actor, ["order_number"], skip=skip, take=take)
    return [row.order_id for row in rows]


@given(
    codes=st.none() | st.lists(st.sampled_from(CODES), unique=True),
    desc=st.booleans(),
    skip=st.integers(0, len(MOMENTS) + 2),
    take=st.integers(1, 9),
    moved=st.integers(0, len(MOMENTS) - 1),
    to=st.sampled_from((*CODES, "bin", "back", "put together")),
)
def test_a_page_holds_what_plain_python_says(
    orders: Sequence[int], *, codes: list[str] | None, desc: bool, skip: int, take: int, moved: int, to: str
) -> None:
    match to:
        case "bin" | "back":
            change(orders[moved], is_deleted=to == "bin")
        case "put together":
            db.session.rollback()
            put_together()
        case _:
            change(orders[moved], status_id=status_id(to))
    statuses = None if codes is None else tuple(map(status_id, codes))
    expected = listed(statuses, desc=desc)
    assert found(OrderQuery(statuses, desc=desc), skip, take) == expected[skip : skip + take]


@pytest.mark.parametrize("desc", [True, False])
def test_every_page_of_every_tab_joins_on_to_the_one_before(orders: Sequence[int], *, desc: bool) -> None:
    purge(0, now=NOON + timedelta(days=9))
    for statuses in (None, *((status_id(code),) for code in CODES), tuple(map(status_id, CODES))):
        query, expected = OrderQuery(statuses, desc=desc), listed(statuses, desc=desc)
        pages = [found(query, skip, 3) for skip in range(0, len(orders) + 3, 3)]
        assert [number for each in pages for number in each] == expected
        assert exact_count(query, SYSTEM) == len(expected)


@pytest.mark.usefixtures("orders")
def test_only_a_list_by_date_asks_for_days() -> None:
    with statements(db.engine) as heard:
        for query, skip in ((OrderQuery(), 40), (OrderQuery(), 0), (OrderQuery(sort="updated"), 40)):
            found(query, skip, 5)
    assert [OrderDay.__tablename__ in statement for statement, _values in heard] == [True, False, False]


@pytest.mark.usefixtures("orders")
def test_what_else_is_asked_skips_order_by_order() -> None:
    company = make_company("Some Ltd")
    own = [make_order(company=company, created=NOON + timedelta(days=day)) for day in range(6)]
    limited = person("limited", of=[company])
    db.session.info["actor"] = limited
    assert db.session.scalar(select(func.count()).select_from(OrderDay)) == 0
    assert found(OrderQuery(), 2, 3, limited) == own[::-1][2:5]
    db.session.info["actor"] = SYSTEM
    assert found(OrderQuery(company=company.id), 2, 3) == own[::-1][2:5]
    assert found(OrderQuery(words=("adapter",), fields=("item_name",)), 2, 3) == listed(None, desc=True)[2:5]
