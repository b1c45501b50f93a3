"""The order before and the order after another one."""

from itertools import product

from flask import Flask

from models.base import db
from permissions import SYSTEM, Actor, everything
from services.neighbours import neighbour
from services.order_query import COLUMNS, OrderQuery, sorted_numbers
from tests.factories import make_company, make_order, status_id
from tests.samples import write_samples


def walked(query: OrderQuery, start: int, *, is_after: bool) -> list[int]:
    """Go on from an order until there is none any more."""
    found, here = [start], start
    while (there := neighbour(query, here, SYSTEM, is_after=is_after)) is not None:
        found.append(there)
        here = there
    return found


def test_who_goes_on_from_order_to_order_walks_through_the_list(app: Flask) -> None:
    with app.app_context():
        write_samples(30)
        db.session.info["actor"] = SYSTEM
        for sort, desc in product(COLUMNS, (False, True)):
            query = OrderQuery(sort=sort, desc=desc)
            listed = list(db.session.scalars(sorted_numbers(query, SYSTEM)))
            assert walked(query, listed[0], is_after=True) == listed, sort
            assert walked(query, listed[-1], is_after=False) == listed[::-1], sort


def test_an_order_that_left_the_list_still_has_its_place(app: Flask) -> None:
    with app.app_context():
        first, second, third = (make_order(status=code) for code in ("NEW", "CONFIRMED", "NEW"))
        query = OrderQuery(statuses=(status_id("NEW"),), sort="order_number", desc=False)
        assert neighbour(query, second, SYSTEM, is_after=True) == third
        assert neighbour(query, second, SYSTEM, is_after=False) == first


def test_orders_of_other_companies_are_no_neighbours(app: Flask) -> None:
    with app.app_context():
        ours, theirs = make_company("Ours"), make_company("Theirs")
        numbers = [make_order(company=company) for company in (ours, theirs, ours, theirs)]
        limited = Actor(1, "Sam", frozenset(everything()), frozenset({ours.id}))
        db.session.info["actor"] = limited
        query = OrderQuery(sort="order_number", desc=False)
        assert neighbour(query, numbers[0], limited, is_after=True) == numbers[2]
        assert neighbour(query, numbers[2], limited, is_after=True) is None
        assert neighbour(query, numbers[1], limited, is_after=True) is None
