"""What incentives ask for and give, in words."""

import re
from collections.abc import Mapping
from decimal import Decimal

from flask import current_app
from flask_babel import LazyString, lazy_gettext

from admin_views.notation import language, notation
from admin_views.records.history import Write
from admin_views.words import CONDITIONS, EFFECTS
from models.incentive import ConditionKind, EffectKind, Incentive, IncentiveCondition, IncentiveEffect
from services.countries import countries
from services.incentive_rules import Condition, Effect
from services.incentives import rule_of

ASKED: Mapping[str, LazyString | str] = {
    **CONDITIONS,
    ConditionKind.SUBTOTAL_FROM: lazy_gettext("Subtotal at least %(amount)s"),
    ConditionKind.SUBTOTAL_UNTIL: lazy_gettext("Subtotal at most %(amount)s"),
    ConditionKind.ITEMS: lazy_gettext("Number of items at least %(count)s"),
    ConditionKind.PRODUCT: lazy_gettext("At least %(count)s × %(what)s"),
    ConditionKind.MANUFACTURER: lazy_gettext("At least %(count)s × %(what)s"),
    ConditionKind.CUSTOMER_GROUP: lazy_gettext("Customer group %(what)s"),
    ConditionKind.COUNTRY: lazy_gettext("Delivered to %(country)s"),
    ConditionKind.CARRIER: lazy_gettext("Carrier %(carrier)s"),
}
GIVEN: Mapping[str, LazyString | str] = {
    EffectKind.BONUS_PRODUCT: lazy_gettext("Bonus: %(count)s × %(what)s"),
    EffectKind.DISCOUNT_CHEAPEST: lazy_gettext("%(discount)s off the cheapest line"),
    EffectKind.DISCOUNT_PRODUCT: lazy_gettext("%(discount)s off each line of %(what)s"),
    EffectKind.DISCOUNT_MANUFACTURER: lazy_gettext("%(discount)s off each line of %(what)s"),
    EffectKind.DISCOUNT_LINES: lazy_gettext("%(discount)s off each line"),
    EffectKind.DISCOUNT_ORDER: lazy_gettext("%(discount)s off the order"),
    EffectKind.SHIPPING_COSTS: lazy_gettext("Shipping costs %(amount)s"),
    EffectKind.PAYMENT_COSTS: lazy_gettext("Transaction costs %(amount)s"),
}
ENDING_IN_A_NUMBER = IncentiveCondition.USES["amount"] | IncentiveEffect.USES["amount"]
FOR_EVERY = lazy_gettext("Bonus: %(count)s × %(what)s for every %(each)s pieces")


def said_condition(asked: Condition) -> str:
    """Say what a condition asks for: `Subtotal at least 500.00 EUR`."""
    return str(ASKED[asked.kind]) % {
        "amount": _amount(asked.amount),
        "count": notation().whole(asked.quantity or 1),
        "what": asked.name or asked.manufacturer,
        "country": countries(language()).get(asked.country, asked.country),
        "carrier": asked.carrier,
    }


def said_effect(given: Effect) -> str:
    """Say what an effect gives: `5 % off the order`."""
    sentence = FOR_EVERY if given.per_quantity else GIVEN[given.kind]
    is_amount = given.percentage is None
    return str(sentence) % {
        "amount": _amount(given.amount),
        "discount": _amount(given.amount) if is_amount else notation().percentage(given.percentage or Decimal(0)),
        "count": notation().whole(given.quantity or 1),
        "each": notation().whole(given.per_quantity or 1),
        "what": given.name or given.manufacturer,
    }


def _amount(amount: Decimal | None) -> str:
    return f"{notation().amount(amount or Decimal(0))} {current_app.config['BASE_CURRENCY']}"


def conditions(_view: object, _context: object, incentive: Incentive, _name: str) -> str:
    """Write what an incentive asks for."""
    return ", ".join(map(said_condition, rule_of(incentive).conditions))


def effects(_view: object, _context: object, incentive: Incentive, _name: str) -> str:
    """Write what an incentive gives."""
    return ", ".join(map(said_effect, rule_of(incentive).effects))


def parts_writer() -> Write:
    """Give what writes conditions or effects that are texts: `DISCOUNT_ORDER 7.5 %, SHIPPING_COSTS 4.95`."""
    words = {str(kind): str(word) for kind, word in {**CONDITIONS, **EFFECTS}.items()}
    kinds, in_language = "|".join(words), notation()

    def part(found: re.Match[str]) -> str:
        kind, about, number, sign = found.groups(default="")
        if number and kind in ENDING_IN_A_NUMBER:
            number = (in_language.number if sign else in_language.amount)(Decimal(number))
        return f"{words[kind]}{about}{number}{sign}"

    return lambda text: re.sub(rf"\b({kinds})\b(.*?)([0-9]+\.[0-9]+)?((?: %)?(?=$|, (?:{kinds})\b))", part, text)
