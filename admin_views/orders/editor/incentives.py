"""Incentives in the editor: what fires and what it would change, before it is accepted; taking it back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext, lazy_gettext

from admin_views.incentive_words import said_condition
from admin_views.notation import notation
from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.form import Form
from admin_views.orders.editor.pressed import Pressed
from models.order import CostsOrigin
from services.editing.chain import EditorContext, EvaluatedForm
from services.editing.incentives import (
    Proposal,
    applied,
    has_incentives,
    is_outdated,
    names_of,
    proposal,
    without_incentives,
)
from services.editing.typed import Typed
from services.incentive_rules import Fired, Given, Missed
from services.pricing import Totals

CODE = "incentive-code"
"""The field of the drawer for the action code."""
LONGEST_CODE = 32
MOST_SHOWN = 20
"""Lines of one incentive that the drawer shows."""


def accept(typed: Typed, pressed: Pressed) -> Typed:
    """Put what the incentives give into the form."""
    return applied(_with_code(typed, pressed.form), pressed.context)


def withdraw(typed: Typed, _pressed: Pressed) -> Typed:
    """Take everything back that incentives gave."""
    return without_incentives(typed)


def accepted(worked: EvaluatedForm) -> dict[str, Any]:
    """Give what the product list says of incentives: which were accepted, and whether they fit no more."""
    return {"names": names_of(worked.typed), "is_outdated": is_outdated(worked)}


def _with_code(typed: Typed, form: Form) -> Typed:
    return replace(typed, action_code=form.get(CODE, typed.action_code).strip()[:LONGEST_CODE])


def _proposed(worked: EvaluatedForm, form: Form, context: EditorContext) -> Mapping[str, Any]:
    typed = _with_code(worked.typed, form)
    tried = proposal(typed, context)
    names = _names(tried)
    return {
        "code": typed.action_code,
        "code_field": CODE,
        "fired": [_fired(fired, tried, names) for fired in tried.found.fired],
        "missed": [_missed(missed) for missed in tried.found.missed],
        "totals": list(_compared(tried.before.priced.totals, tried.after.priced.totals)),
        "currency": tried.after.priced.wanted.currency,
        "has_incentives": has_incentives(typed),
    }


def _names(tried: Proposal) -> Mapping[str | int, str]:
    """Give what lines are called, by key, and products, by id."""
    names: dict[str | int, str] = {}
    for line in tried.after.priced.lines:
        names[line.wanted.key] = line.text.name or line.text.sku
        names[line.wanted.product_id or 0] = line.text.name
    return names


def _fired(fired: Fired, tried: Proposal, names: Mapping[str | int, str]) -> dict[str, Any]:
    return {
        "name": fired.rule.name,
        "why": [said_condition(condition) for condition in fired.rule.conditions],
        "code": fired.rule.action_code,
        "gives": [*(_given(line, names) for line in fired.lines[:MOST_SHOWN]), *_costs(fired, tried)],
        "more": len(fired.lines[MOST_SHOWN:]),
        "is_last": fired.rule.is_exclusive,
    }


def _given(line: Given, names: Mapping[str | int, str]) -> tuple[str, str]:
    """Give what a line is for, and what it takes off."""
    if line.product_id is not None:
        name = names.get(line.product_id, "")
        return gettext("Bonus: %(count)s × %(what)s", count=notation().whole(line.quantity), what=name), ""
    if line.parent:
        return names.get(line.parent, ""), notation().amount(line.price)
    return gettext("The order, VAT code %(code)s", code=line.tax_code), notation().amount(line.price)


def _costs(fired: Fired, tried: Proposal) -> Iterator[tuple[str, str]]:
    before, after = tried.before.priced, tried.after.priced
    amount = notation().amount
    for word, given, was, origin in (
        (gettext("Shipping costs"), fired.shipping, before.shipping, after.shipping_origin),
        (gettext("Transaction costs"), fired.payment, before.payment, after.payment_origin),
    ):
        if given is not None and origin == CostsOrigin.INCENTIVE:
            yield word, gettext("%(amount)s instead of %(was)s", amount=amount(given), was=amount(was.amount))
        elif given is not None:
            yield word, gettext("%(amount)s stay, as they were typed", amount=amount(was.amount))


def _missed(missed: Missed) -> dict[str, Any]:
    lacking = [said_condition(condition) for condition in missed.unmet]
    if missed.asks_for_code:
        lacking.append(gettext("Action code %(code)s", code=missed.rule.action_code))
    return {"name": missed.rule.name, "lacking": lacking}


def _compared(before: Totals, after: Totals) -> Iterator[tuple[str, str, str]]:
    amount = notation().amount
    for word, name in (
        (gettext("Subtotal"), "subtotal"),
        (gettext("Shipping costs"), "shipping_costs"),
        (gettext("Transaction costs"), "payment_costs"),
        (gettext("Total excl. VAT"), "gross"),
        (gettext("VAT"), "tax"),
        (gettext("Total incl. VAT"), "net"),
    ):
        yield word, amount(getattr(before, name)), amount(getattr(after, name))


INCENTIVES = Drawer(lazy_gettext("Apply incentives"), "admin/orders/editor/incentives_drawer.html", _proposed)
