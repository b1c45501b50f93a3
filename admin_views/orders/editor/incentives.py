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
from services.editing.chain import Asked, Worked
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


def accept(typed: Typed, pressed: Pressed) -> Typed:
    """Put what the incentives give into the form."""
    return applied(_with_code(typed, pressed.form), pressed.asked)


def withdraw(typed: Typed, _pressed: Pressed) -> Typed:
    """Take everything back that incentives gave."""
    return without_incentives(typed)


def accepted(worked: Worked) -> dict[str, Any]:
    """Give what the product list says of incentives: which were accepted, and whether they fit no more."""
    return {"names": names_of(worked.typed), "is_outdated": is_outdated(worked)}


def _with_code(typed: Typed, form: Form) -> Typed:
    return replace(typed, action_code=form.get(CODE, typed.action_code).strip()[:LONGEST_CODE])


def _proposed(worked: Worked, form: Form, asked: Asked) -> Mapping[str, Any]:
    typed = _with_code(worked.typed, form)
    tried = proposal(typed, asked)
    return {
        "code": typed.action_code,
        "code_field": CODE,
        "fired": [_fired(fired, tried) for fired in tried.found.fired],
        "missed": [_missed(missed) for missed in tried.found.missed],
        "totals": list(_compared(tried.before.priced.totals, tried.after.priced.totals)),
        "currency": tried.after.priced.wanted.currency,
        "has_incentives": has_incentives(typed),
    }


def _fired(fired: Fired, tried: Proposal) -> dict[str, Any]:
    return {
        "name": fired.rule.name,
        "why": [said_condition(condition) for condition in fired.rule.conditions],
        "code": fired.rule.action_code,
        "gives": [*(_given(line, tried) for line in fired.lines), *_costs(fired, tried)],
        "is_last": fired.rule.is_exclusive,
    }


def _given(line: Given, tried: Proposal) -> tuple[str, str]:
    """Give what a line is for, and what it takes off."""
    drafts = tried.after.priced.lines
    if line.is_bonus:
        name = next((each.text.name for each in drafts if each.wanted.product_id == line.product_id), "")
        return gettext("Bonus: %(count)s × %(what)s", count=notation().whole(line.quantity), what=name), ""
    parent = next((each.text.name or each.text.sku for each in drafts if each.wanted.key == line.parent), "")
    if not line.parent:
        parent = gettext("The order, VAT code %(code)s", code=line.tax_code)
    return parent, notation().amount(line.price)


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


INCENTIVES = Drawer(lazy_gettext("Apply incentives"), "admin/orders/_incentives.html", _proposed)
