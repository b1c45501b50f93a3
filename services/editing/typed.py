"""The editor's form as it was typed: texts, whatever they say, so that nothing is lost that cannot be read yet.

Pure: each change gives a new form. Numbers are written as the person's language writes them.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from itertools import count as counted_from
from itertools import islice
from typing import Any, Self

from models.order import LineClass
from models.party import AddressText
from models.types import LARGEST_ID

NEW = "n"
"""What the keys of lines begin with that are not stored yet; those of stored lines are their numbers."""
LARGEST_NEW = 999_999
KEY = re.compile(rf"[1-9][0-9]{{0,17}}|{NEW}[1-9][0-9]{{0,5}}")
FORM_KEY = re.compile("[0-9a-f]{32}")
MOST_READ = 5_500
"""Lines that a form is read with: more than an order may have, so that some can be taken out."""
CLASSES = frozenset(each.value for each in LineClass)


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

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a line out of JSON. Raises ValueError for what no form wrote."""
        line = cls(**_known(cls, written))
        if not KEY.fullmatch(line.key) or not (line.parent == "" or KEY.fullmatch(line.parent)):
            raise ValueError("no key")
        if line.line_class not in CLASSES:
            raise ValueError("no class")
        return line


@dataclass(frozen=True)
class Typed:
    """The whole form. `form_key` is 32 hexadecimal digits, made with the form; `version` the order's, as it was seen.

    `incentive_ids` are the incentives that were accepted, `incentive_shipping` and `incentive_payment` the costs that
    they set, as plain decimals. `numbers` is the language that its numbers are written in.
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
    numbers: str = ""

    def line(self, key: str) -> TypedLine | None:
        """Give the line of a key."""
        return next((line for line in self.lines if line.key == key), None)

    def new_keys(self, count: int) -> list[str]:
        """Give keys that no line has."""
        taken = {int(line.key[1:]) for line in self.lines if re.fullmatch(rf"{NEW}[0-9]{{1,18}}", line.key)}
        first = max(taken, default=0) + 1
        if first + count > LARGEST_NEW:
            first = 1
        free = (number for number in counted_from(first) if number not in taken)
        return [f"{NEW}{number}" for number in islice(free, count)]

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
        """Write the form as JSON, without what is as in an empty one."""
        return json.dumps(_without_defaults(self), ensure_ascii=False)

    @classmethod
    def read(cls, content: str) -> Self:
        """Read what `written` wrote; what a later form has and this one did not is empty.

        Raises ValueError for what it never wrote.
        """
        try:
            form = cls(**_known(cls, json.loads(content)))
        except RecursionError as deep:
            raise ValueError("too deep") from deep
        keys = {line.key for line in form.lines}
        if not FORM_KEY.fullmatch(form.form_key) or len(keys) < len(form.lines):
            raise ValueError("no key")
        return form


def _without_defaults(of: Typed | TypedLine | AddressText) -> dict[str, Any]:
    values = {each.name: getattr(of, each.name) for each in fields(of) if getattr(of, each.name) != _default(each)}
    if isinstance(of, Typed):
        values |= {kind: _without_defaults(getattr(of, kind)) for kind in ("invoice", "delivery") if kind in values}
        values |= {"lines": [_without_defaults(line) for line in of.lines]}
    return values


def _default(of: "Field[Any]") -> object:
    return of.default if of.default_factory is MISSING else of.default_factory()


def _known(kind: type[Any], written: object) -> dict[str, Any]:
    """Give the fields of a form, line or address that JSON holds. Raises ValueError for a value of another type."""
    if not isinstance(written, dict):
        raise ValueError("no fields")  # noqa: TRY004  as JSON that cannot be read
    known = {each.name: _value(each.type, written[each.name]) for each in fields(kind) if each.name in written}
    if missing := {each.name for each in fields(kind) if _default(each) is MISSING}.difference(known):
        raise ValueError(f"without {missing}")
    return known


def _value(kind: object, written: object) -> object:
    """Read a value of a field's type."""
    if kind is AddressText:
        return AddressText(**_known(AddressText, written))
    if kind in SEVERAL:
        return tuple(SEVERAL[kind](each) for each in _some(written))
    if kind is str and isinstance(written, str):
        written.encode()
        return written
    if (kind is bool and isinstance(written, bool)) or (kind == int | None and written is None):
        return written
    if kind in (int, int | None) and type(written) is int and 0 <= written <= LARGEST_ID:
        return written
    raise ValueError("of another type")


def _some(written: object) -> Sequence[object]:
    if not isinstance(written, list) or len(written) > MOST_READ:
        raise ValueError("no list, or too long")
    return written


def _id(written: object) -> int:
    if type(written) is not int or not 0 < written <= LARGEST_ID:
        raise ValueError("no id")
    return written


SEVERAL: Mapping[object, Callable[[object], object]] = {tuple[TypedLine, ...]: TypedLine.read, tuple[int, ...]: _id}
"""What is read of each value in a list, by the field's type."""
