"""The editor's form as it was typed: texts, whatever they say, so that nothing is lost that cannot be read yet.

Pure: each change gives a new form. Numbers are written as the person's language writes them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from models.party import AddressText

NEW = "n"
"""What the keys of lines begin with that are not stored yet; those of stored lines are their numbers."""


@dataclass(frozen=True)
class TypedLine:
    """A line of the form. `key` names it in the form, `parent` is the key of the line that it belongs to.

    An empty `price` or `discount` asks for the best price there is; `is_price_typed` and `is_discount_typed` say
    that a person wrote it. `shown` is the unit price that the page showed last, as a plain decimal ("12.5000"), to
    tell a price that has changed since. A line without a product has a `sku` and `name` of its own. `tax_code` is that
    of an incentive's line without a parent: an order discount has one line for each.
    """

    key: str
    product_id: int | None = None
    parent: str = ""
    line_class: str = "product"
    is_bonus: bool = False
    incentive_id: int | None = None
    sku: str = ""
    name: str = ""
    notes: str = ""
    quantity: str = "1"
    price: str = ""
    is_price_typed: bool = False
    discount: str = ""
    is_discount_typed: bool = False
    shown: str = ""
    tax_code: str = ""


@dataclass(frozen=True)
class Typed:
    """The whole form. `form_key` is 32 hexadecimal digits, made with the form; `version` the order's, as it was seen.

    `incentive_ids` are the incentives that were accepted, `incentive_shipping` and `incentive_payment` the costs that
    they set, as plain decimals.
    """

    form_key: str
    order_id: int | None = None
    version: int = 0
    company_id: int | None = None
    user_id: int | None = None
    email: str = ""
    phone: str = ""
    debtor_id: str = ""
    tax_number: str = ""
    coc_number: str = ""
    language: str = ""
    currency: str = ""
    currency_rate: str = ""
    payment_term_days: str = ""
    invoice: AddressText = field(default_factory=AddressText)
    delivery: AddressText = field(default_factory=AddressText)
    lines: tuple[TypedLine, ...] = ()
    reference: str = ""
    remarks: str = ""
    shipping_method: str = "DELIVERY"
    carrier: str = ""
    requested_on: str = ""
    is_partial_delivery_allowed: bool = False
    shipping_costs: str = ""
    is_shipping_typed: bool = False
    payment_method: str = ""
    payment_status: str = "UNKNOWN"
    payment_costs: str = ""
    is_payment_typed: bool = False
    accounting_id: str = ""
    discount_type: str = "N"
    discount_value: str = ""
    source: str = ""
    action_code: str = ""
    incentive_ids: tuple[int, ...] = ()
    incentive_shipping: str = ""
    incentive_payment: str = ""

    def line(self, key: str) -> TypedLine | None:
        """Give the line of a key."""
        return next((line for line in self.lines if line.key == key), None)

    def new_keys(self, count: int) -> list[str]:
        """Give keys that no line has."""
        taken = [int(line.key[1:]) for line in self.lines if re.fullmatch(rf"{NEW}[0-9]{{1,18}}", line.key)]
        first = max(taken, default=0) + 1
        return [f"{NEW}{number}" for number in range(first, first + count)]

    def with_lines(self, added: Iterable[TypedLine]) -> Self:
        """Add lines at the end; keys that they were given are made anew."""
        lines = list(added)
        keys = self.new_keys(len(lines))
        return replace(
            self, lines=(*self.lines, *(replace(line, key=key) for line, key in zip(lines, keys, strict=True)))
        )

    def without_line(self, key: str) -> Self:
        """Take a line away, with all that belongs to it."""
        gone = {line.key for line in self._below(key)} | {key}
        return replace(self, lines=tuple(line for line in self.lines if line.key not in gone))

    def in_order(self, keys: Sequence[str]) -> Self:
        """Put the lines into the sequence of `keys`; those not named stay behind, children follow their parents."""
        place, there = {key: number for number, key in enumerate(keys)}, {line.key for line in self.lines}
        heads = sorted(
            (line for line in self.lines if line.parent not in there), key=lambda line: place.get(line.key, len(place))
        )
        return replace(self, lines=tuple(each for head in heads for each in (head, *self._below(head.key))))

    def _below(self, key: str) -> list[TypedLine]:
        """Give all lines that belong to a line, and to those, each parent before its children."""
        children: dict[str, list[TypedLine]] = {}
        for line in self.lines:
            children.setdefault(line.parent, []).append(line)
        found: list[TypedLine] = []
        waiting = children.pop(key, [])[::-1]
        while waiting:
            found.append(waiting.pop())
            waiting += children.pop(found[-1].key, [])[::-1]
        return found

    def written(self) -> str:
        """Write the form as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, content: str) -> Self:
        """Read what `written` wrote; what a later form has and this one did not is empty."""
        values: dict[str, Any] = _known(cls, json.loads(content))
        for name in ("invoice", "delivery"):
            values[name] = AddressText(**_known(AddressText, values.get(name, {})))
        values["lines"] = tuple(TypedLine(**_known(TypedLine, line)) for line in values.get("lines", ()))
        values["incentive_ids"] = tuple(values.get("incentive_ids", ()))
        return cls(**values)


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
