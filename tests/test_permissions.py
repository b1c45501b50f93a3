"""Who may do what, against the written table."""

from itertools import product

import pytest

from permissions import NEEDS, SYSTEM, Action, Actor, Grant, Level, Needed, NotAllowed, Role
from tests.matrix import ACTIONS, LEVELS, ROLES

WRITTEN = {
    Action.ORDERS_SEE: "see orders",
    Action.ORDERS_EDIT: "edit orders",
    Action.ORDERS_REMOVE_NOTES: "remove notes of others",
    Action.ORDERS_RESET_EXPORT: "reset export fields",
    Action.VIEWS_SHARE: "share views",
    Action.ORDERS_CREATE: "create orders",
    Action.ORDERS_DELETE: "delete orders",
    Action.JOBS_OTHERS: "see the jobs of others",
    Action.STATUSES_SEE: "see statuses",
    Action.STATUSES_EDIT: "change statuses",
    Action.STATUSES_CREATE: "create or delete statuses",
    Action.CUSTOMERS_SEE: "see customers",
    Action.CUSTOMERS_EDIT: "change customers",
    Action.CUSTOMERS_CREATE: "create or delete customers",
    Action.CATALOGUE_SEE: "see the catalogue",
    Action.CATALOGUE_EDIT: "change the catalogue",
    Action.CATALOGUE_CREATE: "create or delete in the catalogue",
    Action.SETTINGS_SEE: "see settings",
    Action.SETTINGS_EDIT: "change settings",
    Action.SETTINGS_CREATE: "create or delete settings",
    Action.STAFF_SEE: "see staff",
    Action.STAFF_EDIT: "change staff",
}


def holder(*grants: str) -> Actor:
    """Give somebody with these grants."""
    return Actor(1, "Somebody", frozenset(map(Grant.parse, grants)))


def test_every_action_is_written_down() -> None:
    assert set(WRITTEN) == set(NEEDS) == set(Action) - {Action.OWN_ACCOUNT}
    assert sorted([*WRITTEN.values(), "own account"]) == sorted(ACTIONS)


def test_every_action_is_named_by_its_own_words() -> None:
    assert {action: need.words for action, need in NEEDS.items()} == WRITTEN


def test_roles_and_levels_are_those_that_are_written_down() -> None:
    assert {str(role) for role in Role} == set(ROLES)
    assert [level.name.lower() for level in sorted(Level)] == list(LEVELS[1:])


def test_every_combination_of_grants_may_do_what_is_written_and_no_more() -> None:
    for levels in product(range(len(LEVELS)), repeat=len(ROLES)):
        held = dict(zip(ROLES, levels, strict=True))
        actor = Actor(1, "", frozenset(Grant(Role(role), Level(level)) for role, level in held.items() if level))
        for action, written in WRITTEN.items():
            may = all(held[role] >= LEVELS.index(level) for role, level in ACTIONS[written].items())
            assert actor.may(action) is may, (held, action)


def test_several_grants_of_one_role_count_as_the_highest() -> None:
    assert holder("order:viewer", "order:owner", "backoffice:viewer").may(Action.ORDERS_RESET_EXPORT)


def test_companies_say_which_orders_and_not_what_may_be_done() -> None:
    limited = Actor(1, "", frozenset(map(Grant.parse, ("order:viewer", "backoffice:viewer"))), companies=frozenset())
    assert limited.may(Action.ORDERS_SEE)


def test_the_own_account_needs_no_grant_but_somebody_whose_it_is() -> None:
    assert holder().may(Action.OWN_ACCOUNT)
    assert not SYSTEM.may(Action.OWN_ACCOUNT)


def test_the_system_may_do_everything() -> None:
    assert all(SYSTEM.may(action) for action in NEEDS)
    assert SYSTEM.companies is None


def test_must_raises_with_the_action_that_is_not_allowed() -> None:
    holder("order:viewer", "backoffice:viewer").must(Action.ORDERS_SEE)
    with pytest.raises(NotAllowed) as refused:
        holder("order:owner").must(Action.ORDERS_SEE)
    assert refused.value.action is Action.ORDERS_SEE


def test_a_need_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="let everybody in"):
        Needed("do anything", ())


def test_a_grant_is_read_as_it_is_written() -> None:
    for text in (f"{role}:{level}" for role in ROLES for level in LEVELS[1:]):
        assert str(Grant.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", ":", "order", "order:", ":owner", "order:admin", "orders:viewer", "Order:viewer", "order:viewer:x", "order:1",
     "order: viewer", " order:viewer", "order;viewer", "*:owner"],
)  # fmt: skip
def test_what_is_no_grant_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not a grant\. Write ROLE:LEVEL with a role of order, backoffice"
    ) as error:
        Grant.parse(text)
    assert repr(text) in str(error.value)
