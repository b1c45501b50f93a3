"""What others do to an order that somebody has open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from permissions import SYSTEM, Action, Actor
from services.editing.keeping import keep
from services.order_news import AT_WORK, OrderNews, order_news
from services.unit_of_work import Edit, changing_one, setting_many
from tests.editing import a_form
from tests.factories import NOON, make_company, make_order, make_staff

pytestmark = pytest.mark.usefixtures("database")
MINUTE = timedelta(minutes=1)

Told = Callable[..., OrderNews | None]


@pytest.fixture
def order() -> int:
    return make_order(company=make_company("Acme"))


@pytest.fixture
def told(order: int, mia: Actor) -> Told:
    """Gives what Mia is told at noon."""
    return lambda seen=1, actor=mia: order_news(order, seen=seen, actor=actor, now=NOON)


def change(order: int, who: Actor, reference: str) -> None:
    with changing_one(order, edit=Edit(who, Action.ORDERS_EDIT, NOON)) as changed:
        changed.reference = reference


def test_the_latest_change_after_the_version_that_was_seen_is_told(order: int, told: Told, eve: Actor) -> None:
    assert told() == OrderNews(None, [])
    change(order, SYSTEM, "PO-1")
    change(order, eve, "PO-2")
    news = told()
    assert news
    assert news.change
    assert news.change.staff
    assert (news.change.staff.name, news.change.new_value) == ("Eve", "PO-2")
    assert told(seen=3) == OrderNews(None, [])


def test_whoever_else_types_is_told_once_with_the_latest_moment(order: int, told: Told, mia: Actor, eve: Actor) -> None:
    other = replace(eve, staff_id=make_staff("ole", []).id)
    keep(a_form(order_id=order), opened=None, actor=mia, now=NOON)
    keep(a_form(order_id=order), opened=None, actor=eve, now=NOON - 2 * MINUTE)
    keep(a_form(order_id=order), opened=None, actor=eve, now=NOON - 4 * MINUTE)
    keep(a_form(order_id=order), opened=None, actor=other, now=NOON - AT_WORK)
    keep(a_form(order_id=make_order()), opened=None, actor=other, now=NOON)
    assert told() == OrderNews(None, [("Eve", NOON - 2 * MINUTE)])
    keep(a_form(order_id=order), opened=None, actor=other, now=NOON - AT_WORK + MINUTE)
    assert told() == OrderNews(None, [("Ole", NOON - AT_WORK + MINUTE), ("Eve", NOON - 2 * MINUTE)])


def test_of_an_order_that_does_not_exist_for_the_actor_nothing_is_told(order: int, told: Told, mia: Actor) -> None:
    limited = replace(mia, companies=frozenset([make_company("Other").id]))
    assert told(actor=limited) is None
    assert order_news(order + 1, seen=1, actor=mia, now=NOON) is None
    with setting_many(Edit(SYSTEM, Action.ORDERS_DELETE, NOON)) as many:
        many.lock([order])
        many.set({order: {"is_deleted": True}})
    assert told() is None
