"""Choosing orders: exactly those that were ticked or matched, as they were at that moment."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import services.selection
from models.base import db
from models.batch import BatchAction
from models.selection import NOT_FOUND, SelectedOrder, Selection
from permissions import SYSTEM, Actor, NotAllowed
from services.batch_result import selected_rows
from services.errors import Refused
from services.order_query import OrderQuery
from services.selection import (
    LASTS,
    Lapsed,
    Ticks,
    find_selection,
    held,
    select_all,
    select_binned,
    select_ticked,
    size,
)
from tests.batches import LATER, change, choose, chosen, counted, did, person
from tests.factories import make_company, make_order, status_id

pytestmark = pytest.mark.usefixtures("database")


def all_that_match(actor: Actor, **asked: Any) -> Selection:
    return select_all(OrderQuery(**asked), "tab=NEW", actor=actor, now=LATER)


# ---- ticked ----


def test_what_is_ticked_is_chosen_with_its_version() -> None:
    viewer, one, other = person("viewer", ["order:viewer", "backoffice:viewer"]), make_order(), make_order()
    make_order()
    change(other, remarks="new")
    selection = choose([other, one, one], viewer, asked="tab=NEW")
    assert chosen(selection) == {one: 1, other: 2}
    assert (selection.asked, selection.is_all, selection.created_at, size(selection)) == ("tab=NEW", False, LATER, 2)


def test_a_choice_beside_an_earlier_one_keeps_what_that_froze() -> None:
    owner, numbers = person(), [make_order() for _ in range(5)]
    frozen = choose(numbers[:3], owner)
    change(numbers[0], remarks="new")
    selection = choose([numbers[0], numbers[3]], owner, frozen=frozen.id, without=[numbers[1], numbers[4]])
    assert chosen(selection) == {numbers[0]: 1, numbers[2]: 1, numbers[3]: 1}
    assert chosen(frozen) == dict.fromkeys(numbers[:3], 1)


def test_an_earlier_choice_may_stand_alone_or_lose_everything() -> None:
    owner, numbers = person(), [make_order(), make_order()]
    frozen = choose(numbers, owner)
    assert chosen(choose([], owner, frozen=frozen.id)) == dict.fromkeys(numbers, 1)
    assert chosen(choose([], owner, frozen=frozen.id, without=numbers)) == {}


def test_a_number_that_is_no_order_is_counted_and_not_found() -> None:
    owner, number = person(), make_order()
    selection = choose([number, 999_999, 2**63 - 1], owner)
    assert chosen(selection) == {number: 1, 999_999: NOT_FOUND, 2**63 - 1: NOT_FOUND}
    assert size(selection) == 3


def test_an_order_in_the_bin_is_not_found_in_the_list() -> None:
    owner, number = person(), make_order(status="CANCELLED")
    did(BatchAction.DELETE, [number], owner)
    assert chosen(choose([number], owner)) == {number: NOT_FOUND}
    assert chosen(select_binned([number, 999_999], actor=owner, now=LATER)) == {number: 2, 999_999: NOT_FOUND}


def test_an_order_in_the_list_is_not_found_in_the_bin() -> None:
    owner, number, binned = person(), make_order(), make_order(status="CANCELLED")
    did(BatchAction.DELETE, [binned], owner)
    assert chosen(select_binned([number, binned], actor=owner, now=LATER)) == {number: NOT_FOUND, binned: 2}
    with pytest.raises(Refused, match="none of these orders is in the bin"):
        select_binned([number, 999_999], actor=owner, now=LATER)


def test_whoever_is_limited_cannot_tell_another_companys_order_from_none() -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    mine, others, nobodys = make_order(company=own), make_order(company=foreign), make_order()
    limited = person(of=[own])
    selection = choose([mine, others, nobodys, 999_999], limited)
    assert chosen(selection) == {mine: 1, others: NOT_FOUND, nobodys: NOT_FOUND, 999_999: NOT_FOUND}
    rows = {row.order_id: row for row in selected_rows(selection, actor=limited, skip=0, take=9)}
    assert rows[mine].now == 1
    for number in (others, nobodys, 999_999):
        shown = {name: value for name, value in rows[number]._mapping.items() if name != "order_id"}
        assert shown == {**dict.fromkeys(shown), "version": NOT_FOUND, "company": ""}


def test_nothing_ticked_is_refused() -> None:
    with pytest.raises(Refused, match="no order is ticked"):
        choose([], person())
    assert db.session.scalars(db.select(Selection)).all() == []


def test_ten_thousand_may_be_ticked_and_no_more() -> None:
    owner, number = person(), make_order()
    most = services.selection.MOST_TICKED
    assert most == 10_000
    assert size(choose(range(number, number + most), owner)) == most
    with pytest.raises(Refused, match="At most 10000 orders"):
        choose(range(number, number + most + 1), owner)
    frozen = choose([number], owner)
    with pytest.raises(Refused, match="At most 10000 orders"):
        choose([], owner, frozen=frozen.id, without=range(1, most + 2))


def test_choosing_needs_the_right_to_see_orders() -> None:
    stranger = person("stranger", ["order:owner"])
    for select_some in (partial(choose, [1]), all_that_match):
        with pytest.raises(NotAllowed):
            select_some(stranger)
    with pytest.raises(NotAllowed):
        choose([1], SYSTEM)
    assert db.session.scalars(db.select(SelectedOrder)).all() == []


# ---- all that match ----


def test_all_that_match_are_those_of_this_moment() -> None:
    owner = person()
    stays, leaves, changes = make_order(status="NEW"), make_order(status="NEW"), make_order(status="NEW")
    make_order(status="CANCELLED")
    selection = all_that_match(owner, statuses=(status_id("NEW"),))
    arrives = make_order(status="NEW")
    change(leaves, status_id=status_id("CANCELLED"))
    change(changes, remarks="new")
    assert chosen(selection) == {stays: 1, leaves: 1, changes: 1}
    assert arrives not in chosen(selection)
    assert (selection.is_all, selection.asked) == (True, "tab=NEW")


def test_all_that_match_a_limited_person_are_that_persons() -> None:
    own, foreign = make_company("Own Ltd"), make_company("Foreign Ltd")
    mine = [make_order(company=own), make_order(company=own)]
    make_order(company=foreign)
    make_order()
    assert chosen(all_that_match(person(of=[own]))) == dict.fromkeys(mine, 1)
    assert chosen(all_that_match(person("nobody", of=[]))) == {}


def test_all_that_match_are_not_those_in_the_bin() -> None:
    owner, kept, deleted = person(), make_order(), make_order(status="CANCELLED")
    did(BatchAction.DELETE, [deleted], owner)
    assert chosen(all_that_match(owner)) == {kept: 1}


def test_none_may_match() -> None:
    assert chosen(all_that_match(person(), words=("nothing",), fields=("reference",))) == {}


def test_choosing_asks_equally_often_however_many_there_are() -> None:
    owner, numbers = person(), [make_order() for _ in range(9)]
    asked = []
    for select_some in (partial(choose, numbers[:1]), partial(choose, numbers), all_that_match):
        with counted() as statements:
            select_some(owner)
        asked.append(len(statements))
        assert sum("selected_order" in statement for statement in statements) == 1
    assert set(asked) == {2}


# ---- whose, and how long ----


def test_a_selection_lasts_a_day() -> None:
    owner, number = person(), make_order()
    selection = choose([number], owner)
    almost = LATER + LASTS - timedelta(seconds=1)
    assert find_selection(selection.id, actor=owner, now=almost) is selection
    with pytest.raises(Lapsed, match="a selection lasts a day"):
        find_selection(selection.id, actor=owner, now=LATER + LASTS)
    with pytest.raises(Lapsed):
        select_ticked(Ticks([number], selection.id), actor=owner, now=LATER + LASTS)


def test_a_selection_is_its_makers_alone() -> None:
    owner, other, number = person(), person("other"), make_order()
    selection = choose([number], owner)
    with pytest.raises(Lapsed):
        find_selection(selection.id, actor=other, now=LATER)
    with pytest.raises(Lapsed):
        choose([number], other, frozen=selection.id)
    with pytest.raises(Lapsed):
        find_selection(999_999, actor=owner, now=LATER)


def test_what_is_held_is_told_of_a_page() -> None:
    owner, numbers = person(), [make_order() for _ in range(4)]
    selection = choose(numbers[:2], owner)
    assert sorted(held(selection, [*numbers[1:], 999_999])) == [numbers[1]]
    assert held(selection, []) == []


def test_all_that_match_are_chosen_beside_what_is_chosen_already() -> None:
    owner = person()
    draft, frozen, unticked = (make_order(status="DRAFT_ORDER") for _each in range(3))
    both, new = make_order(), make_order()
    earlier = choose([frozen, unticked, both], owner)
    change(both, remarks="changed since")
    query = OrderQuery(statuses=(status_id("NEW"),))
    ticks = Ticks([draft, new], earlier.id, [unticked])
    selection = select_all(query, "", actor=owner, now=LATER, beside=ticks)
    assert chosen(selection) == {draft: 1, frozen: 1, both: 2, new: 1}
    assert not selection.is_all
