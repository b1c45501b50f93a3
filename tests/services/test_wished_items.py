"""The wish list that an order is linked to: whose it may be, what is told, and two people at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from models.party import Company
from models.wish_list import WishList
from permissions import SYSTEM, Action, Actor, NotAllowed
from services.errors import Invalid, Refused
from services.orders import part_counts
from services.records import changing, deleting
from services.sign_in import actor_of
from services.unit_of_work import Edit, OrderGone
from services.verify import verify
from services.wished_items import link, linked_list, lists_of, unlink, wished_items
from tests.batches import LATER
from tests.factories import make_company, make_order, make_person, make_product, make_staff, make_wish_list
from tests.people import GRANTS

pytestmark = pytest.mark.usefixtures("database")
EDIT = Edit(SYSTEM, Action.ORDERS_EDIT, LATER)
OF_RECORDS = Edit(SYSTEM, Action.CUSTOMERS_EDIT, LATER)


def read(number: int) -> Order:
    db.session.rollback()
    db.session.info["actor"] = SYSTEM
    return db.session.get_one(Order, number, populate_existing=True)


def told(number: int) -> list[tuple[int, str, str, str]]:
    rows = db.session.scalars(select(OrderHistory).where(OrderHistory.order_id == number).order_by(OrderHistory.id))
    return [(row.version, row.field, row.old_value, row.new_value) for row in rows][1:]


def broken() -> list[str]:
    return [check.name for check in verify() if check.count]


def test_an_order_is_linked_to_a_list_of_its_company_or_of_who_ordered() -> None:
    company, other = make_company("Ours"), make_company("Theirs")
    anna = make_person("Anna", "Berg", company)
    ours, hers = make_wish_list("Spring", company).id, make_wish_list("Autumn", person=anna).id
    theirs = make_wish_list("Winter", other).id
    colleagues = make_wish_list("Summer", person=make_person("Bo", "Berg", company)).id
    number, guest = make_order(company=company, user=anna), make_order()
    assert [each.id for each in lists_of(read(number))] == [ours, hers]
    assert list(lists_of(read(guest))) == []
    for order, wrong in ((number, theirs), (number, colleagues), (number, 10**30), (number, None), (guest, ours)):
        with pytest.raises(Invalid, match="Choose one of the customer's wish lists"):
            link(order, wrong, edit=EDIT)
    assert link(number, hers, edit=EDIT) == "Autumn"
    assert read(number).wish_list_id == hers
    assert broken() == []


def test_linking_and_unlinking_is_told_with_the_name_of_the_list() -> None:
    company = make_company("Ours")
    spring, autumn = make_wish_list("Spring", company).id, make_wish_list("Autumn", company).id
    number = make_order(company=company)
    link(number, spring, edit=EDIT)
    link(number, spring, edit=EDIT)
    with pytest.raises(Refused, match="linked to another wish list meanwhile"):
        link(number, autumn, edit=EDIT)
    for other in (autumn, None):
        with pytest.raises(Refused, match="The link has been changed meanwhile"):
            unlink(number, other, edit=EDIT)
    unlink(number, spring, edit=EDIT)
    with pytest.raises(Refused):
        unlink(number, spring, edit=EDIT)
    assert told(number) == [(2, "wish_list", "", "Spring"), (3, "wish_list", "Spring", "")]
    assert read(number).wish_list_id is None


def test_items_say_how_many_of_them_the_order_has() -> None:
    company = make_company("Ours")
    pump, pipe, valve = make_product("Pump", "P-1"), make_product("Pipe", "P-2"), make_product("Valve", "P-3")
    wished = make_wish_list("Spring", company, wishes={valve: 2, pump: 5, pipe: 10}).id
    lines = [
        {"sku": "P-1", "quantity": 2, "price": "1", "product_id": pump.id},
        {"sku": "P-1", "quantity": 1, "price": "0", "product_id": pump.id, "is_bonus": True},
        {"sku": "P-2", "quantity": 12, "price": "1", "product_id": pipe.id},
        {"sku": "X", "quantity": 3, "price": "1", "product_id": valve.id, "line_class": "surcharge"},
    ]
    number = make_order(company=company, lines=lines)
    assert linked_list(read(number)) is None
    assert part_counts(read(number)).wished == 0
    link(number, wished, edit=EDIT)
    order = read(number)
    linked = linked_list(order)
    assert linked is not None
    found = [(each.item.product.sku, each.item.quantity, each.in_order) for each in wished_items(order, linked)]
    assert found == [("P-3", 2, 0), ("P-1", 5, 3), ("P-2", 10, 12)]
    assert part_counts(order).wished == 3


def test_a_linked_list_is_not_deleted_and_stays_with_its_customer() -> None:
    company, other = make_company("Ours"), make_company("Theirs")
    wished, number = make_wish_list("Spring", company).id, make_order(company=company)
    link(number, wished, edit=EDIT)
    with pytest.raises(Refused, match="Spring is in use"):
        deleting(WishList, wished, edit=Edit(SYSTEM, Action.CUSTOMERS_CREATE, LATER))
    with pytest.raises(Invalid, match="stays with that customer"), changing(WishList, wished, edit=OF_RECORDS) as row:
        row.company = other
    with changing(WishList, wished, edit=OF_RECORDS) as row:
        row.name = "Summer"
    unlink(number, wished, edit=EDIT)
    assert told(number)[-1][2:] == ("Summer", "")
    with changing(WishList, wished, edit=OF_RECORDS) as row:
        row.company = other
    deleting(WishList, wished, edit=Edit(SYSTEM, Action.CUSTOMERS_CREATE, LATER))
    assert broken() == []


def test_a_link_to_the_list_of_somebody_else_is_found() -> None:
    number = make_order(company=make_company("Ours"))
    foreign = make_wish_list("Spring", make_company("Theirs")).id
    read(number)
    with db.session.begin_nested():
        db.session.info["unit_of_work"] = True
        db.session.get_one(Order, number).wish_list_id = foreign
    db.session.commit()
    db.session.info["unit_of_work"] = False
    assert "an order is linked to a wish list of its own customer" in broken()


def test_who_may_not_edit_the_order_links_nothing() -> None:
    company = make_company("Ours")
    wished, number = make_wish_list("Spring", company).id, make_order(company=company)
    mia = actor_of(make_staff("mia", GRANTS["editor"]).id)
    limited = Actor(mia.staff_id, "", mia.grants, frozenset({make_company("Theirs").id}))
    for change in (link, unlink):
        with pytest.raises(NotAllowed):
            change(number, wished, edit=Edit(Actor(1, "", frozenset()), Action.ORDERS_EDIT, LATER))
        with pytest.raises(OrderGone):
            change(number, wished, edit=Edit(limited, Action.ORDERS_EDIT, LATER))


@pytest.mark.race
def test_a_list_that_is_given_to_another_customer_is_not_linked_at_the_same_moment(app: Flask) -> None:
    company, other = make_company("Ours"), make_company("Theirs")
    wished, number, other_id = make_wish_list("Spring", company).id, make_order(company=company), other.id
    start = Barrier(2)

    def give_away() -> None:
        with changing(WishList, wished, edit=OF_RECORDS) as row:
            row.company = db.session.get_one(Company, other_id)

    def at_once(change: Callable[[], object]) -> str:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait(30)
            try:
                change()
            except Refused as refused:
                return type(refused).__name__
            return "done"

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(at_once, [lambda: link(number, wished, edit=EDIT), give_away]))
    assert sorted(said) == ["Invalid", "done"]
    assert broken() == []
