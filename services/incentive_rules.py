"""Which incentives fire for an order, and what they give. Pure: no database, no clock, no float.

Rules look at the order without what incentives gave before, so that applying them again gives the same. They are
looked at by position, then by id, and where two meet:

* Conditions hold or not whatever an earlier rule gives.
* What one rule gives comes in the order of `GIVES`: bonuses, discounts on lines, the discount on the order.
* Discounts follow one another: each is reckoned on what the earlier ones left of a line, and takes no more than that.
  A discount on the order is taken from what is left of all lines in proportion, and told per VAT code.
* All discounts together leave room for the discount that the order has of its own, so that it stays above zero.
* The first that sets shipping costs wins, and so does the first that sets transaction costs.
* A rule that would change nothing does not fire. After an exclusive one that fired no other is looked at.

Amounts of rules are excl. VAT, in the base currency; those of the order and of what is given are in the order's.
Lines with a negative quantity are not looked at, and lines that belong to another get no discount of their own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from services.pricing import CENT, HUNDRED, base_total, rounded

LARGEST_QUANTITY = 2**31 - 1


@dataclass(frozen=True)
class Condition:
    """Something that must be so; `kind` says which of the others count. `name` is what a row is called."""

    kind: str
    amount: Decimal | None = None
    quantity: int | None = None
    product_id: int | None = None
    manufacturer: str = ""
    customer_group_id: int | None = None
    country: str = ""
    carrier: str = ""
    name: str = ""


@dataclass(frozen=True)
class Effect:
    """Something that is given; `kind` says which of the others count. `name` is what the product is called."""

    kind: str
    product_id: int | None = None
    manufacturer: str = ""
    quantity: int | None = None
    per_quantity: int | None = None
    percentage: Decimal | None = None
    amount: Decimal | None = None
    name: str = ""


@dataclass(frozen=True)
class Rule:
    """An incentive: all conditions must hold, all effects are given."""

    id: int
    name: str
    conditions: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()
    position: int = 0
    action_code: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    is_exclusive: bool = False


@dataclass(frozen=True)
class Item:
    """A line of articles, without incentives. `price` is the unit price after discount, `total` the line's."""

    key: str
    product_id: int | None
    manufacturer: str
    quantity: int
    price: Decimal
    total: Decimal
    tax_code: str
    is_child: bool = False


@dataclass(frozen=True)
class Situation:
    """The order that rules look at. `subtotal` is that of all its lines without incentives.

    `is_company` is None when nobody has been chosen; `rate` is what one unit of the order's currency is worth in the
    base currency, `unit` its smallest amount; `reserved` is what the order's own discount takes off as an amount.
    """

    items: tuple[Item, ...]
    subtotal: Decimal
    day: date
    customer_group_id: int | None = None
    is_company: bool | None = None
    country: str = ""
    carrier: str = ""
    action_code: str = ""
    rate: Decimal = Decimal(1)
    unit: Decimal = CENT
    reserved: Decimal = Decimal(0)


@dataclass(frozen=True)
class Given:
    """A line that a rule gives: a bonus, or a discount with a negative price.

    `parent` is the key of the discounted line, empty for a bonus and a discount on the order; `tax_code` is that of a
    discount.
    """

    rule_id: int
    name: str
    price: Decimal
    quantity: int = 1
    product_id: int | None = None
    parent: str = ""
    tax_code: str = ""

    @property
    def is_bonus(self) -> bool:
        return self.product_id is not None


@dataclass(frozen=True)
class Fired:
    """A rule that fired, with its lines and with the costs that it sets (None: it leaves them alone)."""

    rule: Rule
    lines: tuple[Given, ...]
    shipping: Decimal | None = None
    payment: Decimal | None = None


@dataclass(frozen=True)
class Missed:
    """A rule that did not fire, with the conditions that do not hold; `asks_for_code` when it wants another code."""

    rule: Rule
    unmet: tuple[Condition, ...]
    asks_for_code: bool = False


@dataclass(frozen=True)
class Outcome:
    """What all rules together give."""

    fired: tuple[Fired, ...]
    missed: tuple[Missed, ...] = ()

    @property
    def lines(self) -> tuple[Given, ...]:
        return tuple(line for fired in self.fired for line in fired.lines)

    @property
    def shipping(self) -> Decimal | None:
        return next((fired.shipping for fired in self.fired if fired.shipping is not None), None)

    @property
    def payment(self) -> Decimal | None:
        return next((fired.payment for fired in self.fired if fired.payment is not None), None)


def outcome(rules: Iterable[Rule], situation: Situation) -> Outcome:
    """Say which rules fire, in the order in which they are looked at, and what each gives."""
    remainder, fired, missed = _Remainder(situation), [], []
    for rule in sorted(rules, key=lambda rule: (rule.position, rule.id)):
        if not _counts_on(rule, situation.day):
            continue
        unmet = tuple(each for each in rule.conditions if not HOLDS[each.kind](each, situation))
        asks_for_code = not _has_code(rule, situation)
        if unmet or asks_for_code:
            missed.append(Missed(rule, unmet, asks_for_code))
        elif (given := remainder.by(rule)) is not None:
            fired.append(given)
            if rule.is_exclusive:
                break
    return Outcome(tuple(fired), tuple(missed))


def _counts_on(rule: Rule, day: date) -> bool:
    return (rule.valid_from is None or rule.valid_from <= day) and (rule.valid_until is None or day <= rule.valid_until)


def _has_code(rule: Rule, situation: Situation) -> bool:
    return not rule.action_code or rule.action_code.upper() == situation.action_code.strip().upper()


# ---- conditions ----


def _subtotal(situation: Situation) -> Decimal:
    return base_total(situation.subtotal, situation.rate)


def _heads(situation: Situation) -> list[Item]:
    return [item for item in situation.items if item.quantity > 0 and not item.is_child]


def _is_meant(item: Item, asked: Condition | Effect) -> bool:
    if asked.product_id is not None:
        return item.product_id == asked.product_id
    return bool(asked.manufacturer) and item.manufacturer.casefold() == asked.manufacturer.casefold()


def _pieces(asked: Condition, situation: Situation) -> bool:
    meant = [item.quantity for item in situation.items if item.quantity > 0 and _is_meant(item, asked)]
    return sum(meant) >= (asked.quantity or 1)


HOLDS: Mapping[str, Callable[[Condition, Situation], bool]] = {
    "SUBTOTAL_FROM": lambda asked, order: _subtotal(order) >= (asked.amount or 0),
    "SUBTOTAL_UNTIL": lambda asked, order: _subtotal(order) <= (asked.amount or 0),
    "ITEMS": lambda asked, order: len(_heads(order)) >= (asked.quantity or 1),
    "PRODUCT": _pieces,
    "MANUFACTURER": _pieces,
    "CUSTOMER_GROUP": lambda asked, order: order.customer_group_id == asked.customer_group_id,
    "COMPANY": lambda _asked, order: order.is_company is True,
    "PRIVATE": lambda _asked, order: order.is_company is False,
    "COUNTRY": lambda asked, order: order.country == asked.country,
    "CARRIER": lambda asked, order: order.carrier == asked.carrier,
}
"""Whether a condition of each kind holds."""


# ---- effects ----


class _Remainder:
    """What is left of the lines and of the costs while rules give, one after the other."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._left = {item.key: item.total for item in situation.items if item.quantity > 0 and item.total > 0}
        room = max(situation.subtotal - situation.reserved, Decimal(0))
        self._room = room.quantize(situation.unit, ROUND_FLOOR)
        self._unset = {"SHIPPING_COSTS", "PAYMENT_COSTS"}

    def by(self, rule: Rule) -> Fired | None:
        """Give what a rule gives; None when that is nothing."""
        if not _heads(self._situation):
            return None
        giving = [effect for kind in GIVES for effect in rule.effects if effect.kind == kind]
        lines = [line for effect in giving for line in GIVES[effect.kind](self, rule, effect)]
        costs = {effect.kind: self._exchanged(effect.amount) for effect in reversed(rule.effects)}
        set_now = self._unset & costs.keys()
        self._unset -= set_now
        if not lines and not set_now:
            return None
        shipping, payment = (costs[kind] if kind in set_now else None for kind in ("SHIPPING_COSTS", "PAYMENT_COSTS"))
        return Fired(rule, tuple(lines), shipping, payment)

    def bonus(self, rule: Rule, effect: Effect) -> Iterator[Given]:
        """Give a product, once or for every so many pieces."""
        pieces = min((effect.quantity or 1) * self._times(rule, effect), LARGEST_QUANTITY)
        if pieces:
            yield Given(rule.id, rule.name, Decimal(0), pieces, effect.product_id)

    def _times(self, rule: Rule, effect: Effect) -> int:
        if effect.per_quantity is None:
            return 1
        asked = [each for each in rule.conditions if each.product_id is not None or each.manufacturer]
        heads = _heads(self._situation)
        counted = [item for item in heads if not asked or any(_is_meant(item, each) for each in asked)]
        return sum(item.quantity for item in counted) // effect.per_quantity

    def off_cheapest(self, rule: Rule, effect: Effect) -> Iterator[Given]:
        """Take a discount off the line with the lowest unit price; the first of several."""
        heads = [item for item in _heads(self._situation) if self._left.get(item.key)]
        yield from self._off(rule, effect, sorted(heads, key=lambda item: item.price)[:1])

    def off_lines(self, rule: Rule, effect: Effect) -> Iterator[Given]:
        """Take a discount off every line."""
        yield from self._off(rule, effect, _heads(self._situation))

    def off_some(self, rule: Rule, effect: Effect) -> Iterator[Given]:
        """Take a discount off the lines of a product or a manufacturer."""
        yield from self._off(rule, effect, [item for item in _heads(self._situation) if _is_meant(item, effect)])

    def _off(self, rule: Rule, effect: Effect, items: Sequence[Item]) -> Iterator[Given]:
        for item in items:
            left = self._left.get(item.key, Decimal(0))
            if taken := min(self._wanted(effect, left), self._room):
                self._take({item.key: taken})
                yield Given(rule.id, rule.name, -taken, parent=item.key, tax_code=item.tax_code)

    def off_order(self, rule: Rule, effect: Effect) -> Iterator[Given]:
        """Take a discount off all that is left, told per VAT code."""
        wanted = min(self._wanted(effect, sum(self._left.values(), Decimal(0))), self._room)
        parts = _spread(wanted, self._left, self._situation.unit)
        self._take(parts)
        by_code: dict[str, Decimal] = defaultdict(Decimal)
        for item in self._situation.items:
            by_code[item.tax_code] += parts.get(item.key, Decimal(0))
        for tax_code, taken in by_code.items():
            if taken:
                yield Given(rule.id, rule.name, -taken, tax_code=tax_code)

    def _wanted(self, effect: Effect, left: Decimal) -> Decimal:
        if effect.percentage is not None:
            return rounded(left * effect.percentage / HUNDRED, self._situation.unit)
        return min(self._exchanged(effect.amount), left)

    def _exchanged(self, amount: Decimal | None) -> Decimal:
        return rounded((amount or Decimal(0)) / self._situation.rate, self._situation.unit)

    def _take(self, parts: Mapping[str, Decimal]) -> None:
        for key, part in parts.items():
            self._left[key] -= part
        self._room -= sum(parts.values(), Decimal(0))


GIVES: Mapping[str, Callable[[_Remainder, Rule, Effect], Iterator[Given]]] = {
    "BONUS_PRODUCT": _Remainder.bonus,
    "DISCOUNT_CHEAPEST": _Remainder.off_cheapest,
    "DISCOUNT_PRODUCT": _Remainder.off_some,
    "DISCOUNT_MANUFACTURER": _Remainder.off_some,
    "DISCOUNT_LINES": _Remainder.off_lines,
    "DISCOUNT_ORDER": _Remainder.off_order,
}
"""What an effect of each kind gives; the others set costs."""


def _spread(amount: Decimal, shares: Mapping[str, Decimal], unit: Decimal) -> dict[str, Decimal]:
    """Divide an amount in proportion to the shares; what rounding leaves goes where it lacks most."""
    whole = sum(shares.values(), Decimal(0))
    if not whole:
        return {}
    exact = {key: amount * share / whole for key, share in shares.items()}
    parts = {key: part.quantize(unit, ROUND_FLOOR) for key, part in exact.items()}
    over = int((amount - sum(parts.values(), Decimal(0))) / unit)
    for key in sorted(exact, key=lambda key: parts[key] - exact[key])[:over]:
        parts[key] += unit
    return parts
