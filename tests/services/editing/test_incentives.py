"""Incentives on a form: accepted, applied again, outdated, withdrawn, saved with the order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from models.base import db
from models.incentive import Incentive, IncentiveCondition, IncentiveEffect
from models.order import Order, OrderLine
from models.order_history import OrderHistory
from models.price import CustomerGroup
from permissions import SYSTEM, Action, Actor, everything
from services.editing.chain import EditorContext, worked_out
from services.editing.given import situation
from services.editing.incentives import applied, is_outdated, names_of, proposal, without_incentives
from services.editing.saving import change, create
from services.editing.stored import copied, typed_of
from services.editing.typed import Typed, TypedLine
from services.errors import Invalid, Refused
from services.incentive_rules import Situation
from services.records import deleting
from services.unit_of_work import Edit
from services.verify import verify
from tests.editing import a_form, new_key
from tests.factories import NOON, make_company, make_person, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")
ASKED = EditorContext(SYSTEM, "nl", NOON, date(2026, 3, 31), "EUR")


def make_incentive(name: str, *parts: IncentiveCondition | IncentiveEffect, **columns: Any) -> Incentive:
    """Make an incentive of its conditions and effects."""
    incentive = Incentive(
        name=name,
        conditions=[part for part in parts if isinstance(part, IncentiveCondition)],
        effects=[part for part in parts if isinstance(part, IncentiveEffect)],
        **columns,
    )
    db.session.add(incentive)
    db.session.commit()
    return incentive


def five_off(**columns: Any) -> Incentive:
    return make_incentive("Five off", IncentiveEffect(kind="DISCOUNT_ORDER", percentage=5), **columns)


@pytest.fixture
def cart() -> Typed:
    """Ten pieces of a product with a high rate and one of a low one, of a company."""
    high = make_product("Adapter", "A-1", list_price=Decimal("10.00"), manufacturer="Hagenau")
    low = make_product("Bread", "B-1", list_price=Decimal("33.33"), tax_code="L")
    company = make_company("Acme", "D-1")
    person = make_person("Ada", "Byron", company)
    lines = TypedLine("n1", high.id, quantity="10"), TypedLine("n2", low.id, quantity="1")
    return a_form(*lines, company_id=company.id, user_id=person.id)


def given(typed: Typed) -> list[tuple[str, str, str]]:
    """Give parent or VAT code, quantity and price of what incentives gave."""
    lines = [line for line in typed.lines if line.incentive_id is not None]
    return [(line.parent or line.tax_code, line.quantity, line.price) for line in lines]


def looked_at(typed: Typed) -> Situation:
    """Give the form as rules look at it."""
    worked = worked_out(typed, ASKED)
    return situation(worked.priced, worked.offers)


def save(typed: Typed, who: Actor) -> int:
    worked = worked_out(typed, ASKED)
    assert not worked.faults
    edit = Edit(who, Action.ORDERS_CREATE, NOON)
    if typed.order_id is None:
        return create(worked.priced, as_draft=False, base_currency="EUR", edit=edit)
    return change(worked.priced, typed, language="nl", edit=edit)


def test_what_fires_is_proposed_with_the_totals_before_and_after(cart: Typed) -> None:
    bonus = make_product("Cloth", "C-1", list_price=Decimal(2))
    give = make_incentive(
        "Ten for one",
        IncentiveCondition(kind="MANUFACTURER", manufacturer="Hagenau", quantity=10),
        IncentiveEffect(kind="BONUS_PRODUCT", product=bonus, quantity=1, per_quantity=10),
        IncentiveEffect(kind="DISCOUNT_MANUFACTURER", manufacturer="Hagenau", amount=Decimal("12.50")),
        IncentiveEffect(kind="PAYMENT_COSTS", amount=0),
    )
    five_off(position=1)
    make_incentive("Later", IncentiveEffect(kind="SHIPPING_COSTS", amount=0), valid_from=date(2026, 4, 1))
    needs = make_incentive("Code", IncentiveEffect(kind="SHIPPING_COSTS", amount=0), action_code="SPRING")
    found = proposal(cart, ASKED)
    assert [(each.rule.name, len(each.lines)) for each in found.found.fired] == [("Ten for one", 2), ("Five off", 2)]
    assert [missed.rule.id for missed in found.found.missed] == [needs.id]
    assert (found.before.priced.totals.gross, found.after.priced.totals.gross) == (Decimal("133.33"), Decimal("114.79"))
    assert given(found.after.typed) == [
        *(("n1", "1", "-12,50"), ("", "1", ""), ("H", "1", "-4,37"), ("L", "1", "-1,67")),
    ]
    assert found.after.faults == {}
    assert found.after.typed.incentive_ids[0] == give.id
    (shipping,) = proposal(replace(cart, action_code="spring"), ASKED).found.fired[1:2]
    assert (shipping.rule.name, shipping.shipping) == ("Code", Decimal(0))


def test_a_discount_keeps_the_vat_of_what_it_is_taken_off(cart: Typed) -> None:
    five_off()
    after = worked_out(applied(cart, ASKED), ASKED).priced
    assert [(tax.percentage, tax.base) for tax in after.totals.taxes] == [
        (Decimal(21), Decimal(95)),
        (Decimal(9), Decimal("31.66")),
    ]
    assert [str(line.origin) for line in after.lines] == ["LIST", "LIST", "INCENTIVE", "INCENTIVE"]


def test_applying_twice_is_applying_once_and_withdrawing_brings_back_what_was(cart: Typed) -> None:
    five_off()
    make_incentive("Free", IncentiveEffect(kind="SHIPPING_COSTS", amount=0))
    once = applied(cart, ASKED)
    assert applied(once, ASKED) == once
    assert not is_outdated(worked_out(once, ASKED))
    assert (once.incentive_shipping, names_of(once)) == ("0.00", ["Five off", "Free"])
    assert without_incentives(once) == cart


def test_what_was_accepted_stays_until_it_is_applied_again(cart: Typed) -> None:
    rule = five_off()
    once = applied(cart, ASKED)
    more = replace(once, lines=(replace(once.lines[0], quantity="20"), *once.lines[1:]))
    assert is_outdated(worked_out(more, ASKED))
    again = applied(more, ASKED)
    assert given(again) == [("H", "1", "-10,00"), ("L", "1", "-1,67")]
    assert [line.key for line in again.lines] == [line.key for line in once.lines]
    rule.is_active = False
    db.session.commit()
    assert is_outdated(worked_out(again, ASKED))
    assert applied(again, ASKED) == without_incentives(again)


def test_rules_are_told_who_orders_where_to_and_at_which_rate(cart: Typed) -> None:
    group = CustomerGroup(name="Installers")
    company = make_company("Bolt")
    company.customer_group = group
    person = make_person("Cy", "Own")
    db.session.commit()
    form = replace(cart, company_id=company.id, user_id=None, currency="GBP", currency_rate="1,25", carrier="DHL")
    found = looked_at(form)
    assert (found.is_company, found.customer_group_id, found.country, found.carrier) == (True, group.id, "NL", "DHL")
    assert (found.rate, found.subtotal) == (Decimal("1.25"), Decimal("106.66"))
    alone = looked_at(replace(form, company_id=None, user_id=person.id))
    assert (alone.is_company, alone.customer_group_id) == (False, None)
    assert looked_at(replace(form, company_id=None)).is_company is None


def test_incentives_are_stored_with_the_order_told_and_taken_back(cart: Typed) -> None:
    mia = Actor(make_staff("mia", []).id, "Mia", frozenset(everything()))
    bonus = make_product("Cloth", "C-1", list_price=Decimal(2))
    incentive = make_incentive(
        "All in",
        IncentiveEffect(kind="BONUS_PRODUCT", product=bonus, quantity=2),
        IncentiveEffect(kind="DISCOUNT_CHEAPEST", percentage=10),
        IncentiveEffect(kind="DISCOUNT_ORDER", amount=Decimal(1)),
        IncentiveEffect(kind="SHIPPING_COSTS", amount=Decimal("1.50")),
    )
    number = save(applied(cart, ASKED), mia)
    order = db.session.get_one(Order, number)
    assert (order.item_count, order.shipping_costs, order.shipping_costs_origin) == (2, Decimal("1.50"), "INCENTIVE")
    lines = [(line.line_class, line.is_bonus, str(line.total)) for line in order.lines if line.incentive_id]
    assert sorted(lines) == [
        *(("incentive", False, "-0.27"), ("incentive", False, "-0.73"), ("incentive", False, "-10.00")),
        ("product", True, "0.00"),
    ]
    assert order.lines[1].parent_id == order.lines[0].id
    with pytest.raises(Refused, match="is in use"):
        deleting(Incentive, incentive.id, edit=Edit(SYSTEM, Action.CATALOGUE_CREATE, NOON))
    form = typed_of(db.session.get_one(Order, number), new_key(), "nl")
    assert not is_outdated(worked_out(form, ASKED))
    assert applied(form, ASKED) == form
    assert not copied(order, new_key(), "nl").incentive_ids
    save(without_incentives(form), mia)
    history = select(OrderHistory.old_value, OrderHistory.new_value).where(OrderHistory.order_id == number)
    assert list(db.session.execute(history.where(OrderHistory.field == "incentive"))) == [("All in", "")]
    taken_back = select(func.count()).where(OrderLine.incentive_id.is_not(None))
    assert db.session.scalar(taken_back) == 0
    db.session.rollback()
    assert [check for check in verify() if check.count] == []


def test_what_no_incentive_gives_is_told_at_its_line(cart: Typed) -> None:
    rule = five_off()
    bread = cart.lines[1].product_id
    off = TypedLine("", line_class="incentive", incentive_id=rule.id, name="Five off", price="-50", tax_code="H")
    accepted, once = replace(cart, incentive_ids=(rule.id,)), applied(cart, ASKED)
    high, low = once.lines[2:]
    forged = {
        "another amount": (accepted.with_lines([off]), ["line-n3-quantity"]),
        "a bonus": (
            accepted.with_lines([TypedLine("", bread, is_bonus=True, incentive_id=rule.id)]),
            ["line-n3-quantity"],
        ),
        "given twice": (once.with_lines([low]), ["line-n5-quantity"]),
        "of another rate": (
            replace(once, lines=(*cart.lines, replace(high, tax_code="L"), low)),
            ["line-n3-quantity"],
        ),
        "not accepted": (replace(once, incentive_ids=()), ["line-n3-quantity", "line-n4-quantity"]),
        "no such rule": (replace(once, incentive_ids=(rule.id, rule.id + 1)), ["lines"]),
        "costs": (replace(once, incentive_shipping="0.00"), ["shipping_costs"]),
        "of nothing": (cart.with_lines([replace(off, incentive_id=None)]), ["line-n3-price"]),
        "what it was": (replace(once, lines=(replace(once.lines[0], quantity="9"), *once.lines[1:])),
                        ["line-n3-quantity"]),
    }  # fmt: skip
    assert {name: [*worked_out(form, ASKED).faults] for name, (form, _expected) in forged.items()} == {
        name: expected for name, (_form, expected) in forged.items()
    }
    free = worked_out(cart.with_lines([TypedLine("", bread, line_class="surcharge", is_bonus=True)]), ASKED)
    line = free.priced.lines[2]
    assert (free.faults, line.price, line.wanted.line_class) == ({}, Decimal("33.33"), "product")


def test_what_is_stored_of_incentives_stays_as_it_is_and_no_other(cart: Typed) -> None:
    mia = Actor(make_staff("mia", []).id, "Mia", frozenset(everything()))
    rule = five_off()
    free = IncentiveEffect(kind="SHIPPING_COSTS", amount=0)
    ended = make_incentive(
        "Free", IncentiveEffect(kind="BONUS_PRODUCT", product_id=cart.lines[1].product_id, quantity=1), free
    )
    number = save(applied(cart, ASKED), mia)
    rule.is_active = ended.is_active = False
    db.session.commit()
    form = typed_of(db.session.get_one(Order, number), new_key(), "nl")
    first, bread, *given_lines = form.lines
    more = replace(form, lines=(replace(first, quantity="20"), bread, *given_lines))
    assert [worked_out(each, ASKED).faults for each in (form, more)] == [{}, {}]
    other = [replace(line, quantity="7") if line.incentive_id else line for line in form.lines]
    assert [*worked_out(replace(form, lines=tuple(other)), ASKED).faults] == [
        *("shipping_costs", *(f"line-{line.key}-quantity" for line in given_lines), "lines"),
    ]
    forged = replace(first, is_bonus=True, incentive_id=rule.id, line_class="incentive", parent=bread.key)
    line = worked_out(replace(form, lines=(forged, *form.lines[1:])), ASKED).priced.lines[0]
    assert (line.price, line.wanted.is_bonus, line.wanted.incentive_id, line.wanted.parent) == (
        Decimal(10),
        False,
        None,
        "",
    )


def test_what_a_deleted_incentive_gave_is_not_saved(cart: Typed) -> None:
    mia = Actor(make_staff("mia", []).id, "Mia", frozenset(everything()))
    incentive = five_off()
    worked = worked_out(applied(cart, ASKED), ASKED)
    deleting(Incentive, incentive.id, edit=Edit(SYSTEM, Action.CATALOGUE_CREATE, NOON))
    with pytest.raises(Invalid, match="was deleted meanwhile"):
        create(worked.priced, as_draft=False, base_currency="EUR", edit=Edit(mia, Action.ORDERS_CREATE, NOON))
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0
