"""Which incentives fire, what they give, and what happens where two meet."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.incentive import ConditionKind, EffectKind
from services.incentive_rules import GIVES, HOLDS, Condition, Effect, Item, Outcome, Rule, Situation, outcome

TODAY = date(2026, 3, 31)


def item(key: str, price: str = "10.00", quantity: int = 1, **more: Any) -> Item:
    facts = {"product_id": None, "manufacturer": "", "tax_code": "H", **more}
    return Item(key=key, quantity=quantity, price=Decimal(price), total=quantity * Decimal(price), **facts)


def order(*items: Item, **more: Any) -> Situation:
    return Situation(
        **{"items": items, "subtotal": sum((each.total for each in items), Decimal(0)), "day": TODAY, **more}
    )


def effect(kind: str, value: str = "", **more: Any) -> Effect:
    """Give an effect of a value such as `10%` or `5.00`."""
    field = "percentage" if value.endswith("%") else "amount"
    given: dict[str, Any] = {field: Decimal(value.rstrip("%"))} if value else {}
    return Effect(kind, **given, **more)


def rule(number: int, *effects: Effect, **more: Any) -> Rule:
    return Rule(**{"id": number, "name": f"Rule {number}", "effects": effects, **more})


def told(found: Outcome) -> list[tuple[int, str, str]]:
    """Give the rule, the parent or VAT code, and the price of each discount."""
    return [(line.rule_id, line.parent or line.tax_code, str(line.price)) for line in found.lines]


def test_every_kind_of_condition_and_effect_is_known() -> None:
    assert HOLDS.keys() == set(ConditionKind)
    assert GIVES.keys() | {"SHIPPING_COSTS", "PAYMENT_COSTS"} == set(EffectKind)


@pytest.mark.parametrize(
    ("condition", "situation"),
    [
        (Condition("SUBTOTAL_FROM", amount=Decimal(60)), {"rate": Decimal(2)}),
        (Condition("SUBTOTAL_UNTIL", amount=Decimal(60)), {"rate": Decimal(2)}),
        (Condition("ITEMS", quantity=2), {}),
        (Condition("PRODUCT", product_id=7, quantity=2), {}),
        (Condition("MANUFACTURER", manufacturer="hagenau", quantity=2), {}),
        (Condition("CUSTOMER_GROUP", customer_group_id=3), {"customer_group_id": 3}),
        (Condition("COMPANY"), {"is_company": True}),
        (Condition("PRIVATE"), {"is_company": False}),
        (Condition("COUNTRY", country="BE"), {"country": "BE"}),
        (Condition("CARRIER", carrier="DHL"), {"carrier": "DHL"}),
    ],
    ids=lambda given: given.kind if isinstance(given, Condition) else "",
)
def test_a_condition_holds_or_keeps_the_rule_from_firing(condition: Condition, situation: dict[str, Any]) -> None:
    free = rule(1, effect("SHIPPING_COSTS", "0"), conditions=(condition,))
    holds = order(item("a", product_id=7, manufacturer="Hagenau", quantity=2), item("b"), **situation)
    assert [fired.rule for fired in outcome([free], holds).fired] == [free]
    most = Decimal(1) if condition.kind == "SUBTOTAL_UNTIL" else Decimal(9_999)
    stricter = replace(free, conditions=(replace(condition, amount=most, quantity=9),))
    otherwise = replace(holds, customer_group_id=None, is_company=None, country="NL", carrier="")
    missed = outcome([stricter], otherwise)
    assert [(each.rule, each.unmet) for each in missed.missed] == [(stricter, stricter.conditions)]
    assert missed.fired == ()


def test_a_rule_counts_on_its_days_and_with_its_action_code() -> None:
    code = rule(1, effect("SHIPPING_COSTS", "0"), action_code="SPRING", valid_from=TODAY, valid_until=TODAY)
    asked = order(item("a"), action_code=" spring ")
    assert outcome([code], asked).shipping == 0
    assert outcome([code], replace(asked, action_code="")).missed[0].asks_for_code
    for days in (1, -1):
        assert outcome([code], replace(asked, day=TODAY + timedelta(days))) == Outcome(())


def test_discounts_follow_one_another_and_take_what_the_earlier_ones_left() -> None:
    ten, half = effect("DISCOUNT_LINES", "10%"), effect("DISCOUNT_PRODUCT", "50%", product_id=7)
    situation = order(item("a", "100.00", product_id=7), item("b", "100.00", tax_code="L"))
    first, second = rule(2, ten, position=1), rule(1, effect("DISCOUNT_ORDER", "500"), half, position=2)
    assert told(outcome([second, first], situation)) == [
        *((2, "a", "-10.00"), (2, "b", "-10.00"), (1, "a", "-45.00")),
        *((1, "H", "-45.00"), (1, "L", "-90.00")),
    ]


def test_the_cheapest_line_is_that_of_the_lowest_unit_price() -> None:
    situation = order(item("a", "9.00"), item("b", "4.00", 100), item("c", "4.00"), item("free", "0.00"))
    assert told(outcome([rule(1, effect("DISCOUNT_CHEAPEST", "5"))], situation)) == [(1, "b", "-5.00")]


def test_a_discount_on_the_order_is_told_per_vat_code_and_adds_up() -> None:
    situation = order(*(item(str(n), "0.01", tax_code=str(n)) for n in range(10)))
    found = outcome([rule(1, effect("DISCOUNT_ORDER", "0.04"))], situation)
    assert [line.price for line in found.lines] == [Decimal("-0.01")] * 4


def test_a_bonus_is_given_once_or_for_every_so_many_pieces_of_what_is_asked_for() -> None:
    asked = Condition("PRODUCT", product_id=7, quantity=10)
    bonus = Effect("BONUS_PRODUCT", product_id=9, quantity=2)
    each = rule(1, replace(bonus, per_quantity=10), conditions=(asked,))
    any_pieces = rule(2, replace(bonus, per_quantity=10))
    found = outcome(
        [each, any_pieces, rule(3, bonus)], order(item("a", quantity=29, product_id=7), item("b", quantity=12))
    )
    assert [(line.quantity, line.product_id) for line in found.lines] == [(4, 9), (8, 9), (2, 9)]
    assert all(line.is_bonus and not line.price for line in found.lines)


def test_the_first_that_sets_costs_wins_and_one_that_gives_nothing_does_not_fire() -> None:
    first, second = rule(1, effect("SHIPPING_COSTS", "5")), rule(2, effect("SHIPPING_COSTS", "0"))
    third = rule(3, effect("SHIPPING_COSTS", "1"), effect("PAYMENT_COSTS", "2"))
    found = outcome([first, second, third], order(item("a"), rate=Decimal(2)))
    assert [(each.rule.id, each.shipping, each.payment) for each in found.fired] == [
        (1, Decimal("2.50"), None),
        (3, None, Decimal(1)),
    ]
    assert (found.shipping, found.payment) == (Decimal("2.50"), Decimal(1))


def test_nothing_is_looked_at_after_an_exclusive_rule_that_fired() -> None:
    gives_nothing = rule(1, effect("DISCOUNT_PRODUCT", "5%", product_id=1), is_exclusive=True)
    rules = [gives_nothing, *(rule(number, effect("DISCOUNT_LINES", "10%"), is_exclusive=True) for number in (2, 3))]
    assert [fired.rule.id for fired in outcome(rules, order(item("a"))).fired] == [2]


def test_an_order_without_pieces_or_a_credit_is_given_nothing() -> None:
    everything = rule(1, effect("SHIPPING_COSTS", "0"), effect("DISCOUNT_ORDER", "5"))
    assert outcome([everything], order()).fired == outcome([everything], order(item("a", quantity=-1))).fired == ()


def test_room_is_left_for_the_discount_that_the_order_has_of_its_own() -> None:
    situation = order(item("a", "100.00"), reserved=Decimal(95))
    assert told(outcome([rule(1, effect("DISCOUNT_LINES", "10%"))], situation)) == [(1, "a", "-5.00")]


cents = st.integers(0, 10_000).map(lambda number: Decimal(number).scaleb(-2))
items = st.builds(
    Item,
    key=st.uuids().map(str),
    product_id=st.integers(1, 3),
    manufacturer=st.sampled_from(["Hagenau", "Orva"]),
    quantity=st.integers(-2, 20),
    price=cents,
    total=cents,
    tax_code=st.sampled_from("HL"),
    is_child=st.booleans(),
)
values = st.one_of(
    st.fixed_dictionaries({"percentage": st.integers(0, 100).map(Decimal)}), st.fixed_dictionaries({"amount": cents})
)
discounts = st.builds(
    lambda kind, value: Effect(
        kind, product_id=1 if kind == "DISCOUNT_PRODUCT" else None, manufacturer="Orva", **value
    ),
    st.sampled_from([kind for kind in GIVES if kind != "BONUS_PRODUCT"]),
    values,
)
rules = st.lists(
    st.builds(Rule, id=st.integers(1, 9), name=st.just("R"), effects=st.lists(discounts, max_size=3).map(tuple))
)


@given(st.lists(items, max_size=6), rules, st.sampled_from(["0.01", "1"]), cents)
def test_no_discount_takes_more_than_there_is(held: list[Item], all_rules: list[Rule], unit: str, own: Decimal) -> None:
    whole = [
        replace(each, total=each.total.quantize(Decimal(unit)) * (1 if each.quantity > 0 else -1)) for each in held
    ]
    situation = order(*whole, unit=Decimal(unit), reserved=own)
    found = outcome(all_rules, situation)
    by_line: dict[str, Decimal] = defaultdict(Decimal)
    by_code: dict[str, Decimal] = defaultdict(Decimal)
    for line in found.lines:
        assert line.price < 0
        assert line.price == line.price.quantize(Decimal(unit))
        by_line[line.parent] += line.price
        by_code[line.tax_code] += line.price
    totals = {each.key: each.total for each in whole}
    assert all(totals[key] + taken >= 0 for key, taken in by_line.items() if key)
    for code, taken in by_code.items():
        assert sum(each.total for each in whole if each.tax_code == code and each.total > 0) + taken >= 0
    assert situation.subtotal + sum(by_line.values()) >= min(own, situation.subtotal)
