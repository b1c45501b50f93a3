"""Putting together what two people made of one order, field by field and line by line. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from models.order import DiscountType
from models.party import AddressText
from services.editing.names import Names
from services.editing.typed import NEW, Typed, TypedLine
from services.records import Both

ADDRESSES = ("delivery", "invoice")
TOGETHER = {
    "customer": ("company_id", "user_id"),
    "currency": ("currency", "currency_rate"),
    "discount_value": ("discount_value", "discount_type"),
    "shipping_costs": ("shipping_costs", "is_shipping_typed"),
    "payment_costs": ("payment_costs", "is_payment_typed"),
}
"""Values that mean something only with each other, by the name that stands for them."""
INCENTIVES = ("incentive_ids", "incentive_shipping", "incentive_payment")
"""What incentives gave beside their lines: all of it is one side's, as halves of two would add up."""
APART = frozenset({"form_key", "order_id", "version", "lines", "numbers", *ADDRESSES, *INCENTIVES})
FIELDS: Mapping[str, tuple[str, ...]] = {
    **TOGETHER,
    **{each.name: (each.name,) for each in fields(Typed) if each.name not in APART.union(*TOGETHER.values())},
}
ADDRESS_FIELDS: Mapping[str, tuple[str, ...]] = {each.name: (each.name,) for each in fields(AddressText)}
LINE_FIELDS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("sku", "name", "notes", "quantity")},
    "price": ("price", "is_price_typed"),
    "discount": ("discount", "is_discount_typed"),
}


def _discount(form: Typed, _names: Names) -> str:
    signs: Mapping[str, str] = {DiscountType.PERCENTAGE: "%", DiscountType.AMOUNT: form.currency}
    return f"{form.discount_value} {signs.get(form.discount_type, '')}".strip()


TOLD: Mapping[str, Callable[[Typed, Names], str]] = {
    "customer": lambda form, names: names.customer(form),
    "discount_value": _discount,
}
"""How values are told that are ids and codes in the form, by their field."""


class _Unknown:
    """What nobody knows: unlike anything else, and an empty text."""

    def __str__(self) -> str:
        return ""


UNKNOWN: Any = _Unknown()


def merged(opened: Typed | None, theirs: Typed, mine: Typed, names: Names) -> tuple[Typed, Mapping[str, Both]]:
    """Give the form with what only one side changed since it was opened, based on their version, and the clashes.

    Where nobody knows how it was opened, every difference is a clash.
    Where both changed a field, and where one side changed a line that the other removed, the form holds mine; a clash
    is named by its form field, or `line-<key>` for a whole line. A changed line that they removed is a new one.
    """
    opened = opened or _unknown(theirs, mine)
    clashes: dict[str, Both] = {}
    values: dict[str, Any] = {}
    for name, attributes in FIELDS.items():
        values |= _either(name, attributes, (opened, theirs, mine), clashes)
    for name in TOLD.keys() & clashes.keys():
        clashes[name] = Both(*(TOLD[name](side, names) for side in (opened, theirs, mine)))
    for kind in ADDRESSES:
        sides = getattr(opened, kind), getattr(theirs, kind), getattr(mine, kind)
        chosen: dict[str, Any] = {}
        for name, attributes in ADDRESS_FIELDS.items():
            chosen |= _either(f"{kind}-{name}", attributes, sides, clashes)
        values[kind] = AddressText(**chosen)
    lines = _Lines(_bare(opened), _bare(theirs), _bare(mine), clashes)
    whole = replace(mine, version=theirs.version, **values, lines=lines.merged()).in_order(lines.sequence())
    was, is_theirs, is_mine = (_given(side, names) for side in (opened, theirs, mine))
    if is_mine not in (was, is_theirs) and is_theirs != was:
        clashes["incentive"] = Both(*map(", ".join, (was, is_theirs, is_mine)))
    return _with_incentives_of(whole, theirs if is_mine in (was, is_theirs) else mine, theirs), clashes


def typed_since(opened: Typed, mine: Typed, names: Names) -> Mapping[str, str]:
    """Give what was typed since a form was opened: texts by form field, or `line-<key>` for a line without its name."""
    texts = _changed(FIELDS, opened, mine)
    texts |= {name: TOLD[name](mine, names) for name in TOLD.keys() & texts.keys()}
    for kind in ADDRESSES:
        address = _changed(ADDRESS_FIELDS, getattr(opened, kind), getattr(mine, kind))
        texts |= {f"{kind}-{name}": text for name, text in address.items()}
    lines = {line.key: line for line in opened.lines}
    for line in mine.lines:
        if line.key not in lines or _is_changed(line, lines[line.key]):
            discount = f" − {line.discount} %" if line.is_discount_typed else ""
            texts[f"line-{line.key}"] = f"{_reckoned(line)}{discount}\n{line.notes}".strip()
    return texts


def _changed(named: Mapping[str, Sequence[str]], was: Any, now: Any) -> dict[str, str]:
    """Give the texts of the values that are not as they were."""
    return {
        name: _text(getattr(now, each) for each in attributes)
        for name, attributes in named.items()
        if any(getattr(now, each) != getattr(was, each) for each in attributes)
    }


def _unknown(theirs: Typed, mine: Typed) -> Typed:
    """Give a form of which only the stored lines are known, by their keys."""
    stored = dict.fromkeys(line.key for side in (mine, theirs) for line in side.lines if not line.key.startswith(NEW))
    names = [name for attributes in LINE_FIELDS.values() for name in attributes]
    address = AddressText(**{each.name: UNKNOWN for each in fields(AddressText)})
    return replace(
        theirs,
        lines=tuple(TypedLine(key, **dict.fromkeys(names, UNKNOWN)) for key in stored),
        delivery=address,
        invoice=address,
        incentive_ids=(UNKNOWN,),
        incentive_shipping="",
        incentive_payment="",
        **{name: UNKNOWN for attributes in FIELDS.values() for name in attributes},
    )


def resolved(form: Typed, theirs: Typed, names: Collection[str]) -> Typed:
    """Give a merged form with theirs in the clashes that are named, and mine in all others."""
    values: dict[str, Any] = {}
    for name in names:
        values |= {attribute: getattr(theirs, attribute) for attribute in FIELDS.get(name, ())}
    for kind in ADDRESSES:
        own = {each.name for each in fields(AddressText) if f"{kind}-{each.name}" in names}
        values[kind] = replace(getattr(form, kind), **{name: getattr(getattr(theirs, kind), name) for name in own})
    lines = [
        _resolved_line(line, theirs.line(line.key), names) for line in form.lines if f"line-{line.key}" not in names
    ]
    lines += [line for line in theirs.lines if f"line-{line.key}" in names]
    keys = [line.key for line in lines]
    whole = replace(form, **values, lines=tuple(_with_parents(lines))).in_order(keys)
    return _with_incentives_of(_bare(whole), theirs, theirs) if "incentive" in names else whole


def _resolved_line(line: TypedLine, theirs: TypedLine | None, names: Collection[str]) -> TypedLine:
    if theirs is None:
        return line
    own = [attributes for name, attributes in LINE_FIELDS.items() if f"line-{line.key}-{name}" in names]
    return replace(line, **{each: getattr(theirs, each) for attributes in own for each in attributes})


def _either(
    name: str, attributes: Sequence[str], sides: tuple[Any, Any, Any], clashes: dict[str, Both]
) -> dict[str, Any]:
    """Give the values of the side that changed them, mine if both did; note it when they are not the same then."""
    was, theirs, mine = ([getattr(side, name) for name in attributes] for side in sides)
    if mine not in (was, theirs) and theirs != was and _text(mine) != _text(theirs):
        clashes[name] = Both(_text(was), _text(theirs), _text(mine))
    return dict(zip(attributes, theirs if mine == was else mine, strict=True))


def _text(values: Iterable[Any]) -> str:
    """Write the values that are texts or numbers; a flag only where there is nothing else."""
    given = [value for value in values if value is not None]
    told = [value for value in given if not isinstance(value, bool)] or given
    return " ".join(str(value) for value in told).strip()


def _bare(form: Typed) -> Typed:
    return replace(form, lines=tuple(line for line in form.lines if line.incentive_id is None))


def _given(form: Typed, names: Names) -> list[str]:
    """Say what incentives gave."""
    lines = [replace(line, name=names.line(line)) for line in form.lines if line.incentive_id is not None]
    costs = [cost for cost in (form.incentive_shipping, form.incentive_payment) if cost]
    incentives = [names.incentives.get(number, str(number)) for number in form.incentive_ids]
    return [*sorted(map(_line_text, lines)), *costs] or incentives


def _with_incentives_of(form: Typed, side: Typed, theirs: Typed) -> Typed:
    """Add what incentives gave on one side; lines that are not stored, or no more, are new."""
    keys, stored = {"", *(line.key for line in form.lines)}, {line.key for line in theirs.lines}
    given = [line for line in side.lines if line.incentive_id is not None and line.parent in keys]
    fresh = iter(form.new_keys(len(given)))
    lines = [line if line.key in stored else replace(line, key=next(fresh)) for line in given]
    values: dict[str, Any] = {name: getattr(side, name) for name in INCENTIVES}
    return replace(form, lines=(*form.lines, *lines), **values).in_order(())


class _Lines:
    """The lines of the three forms, and what becomes of them."""

    def __init__(self, opened: Typed, theirs: Typed, mine: Typed, clashes: dict[str, Both]) -> None:
        self._forms = opened, theirs, mine
        self._opened, self._theirs, self._mine = ({line.key: line for line in form.lines} for form in self._forms)
        self._clashes = clashes
        removed = [line for line in mine.lines if self._is_removed_by_them(line)]
        changed = [line for line in removed if _is_changed(line, self._opened[line.key])]
        self._new_keys = dict(zip((line.key for line in changed), mine.new_keys(len(changed)), strict=True))

    def merged(self) -> tuple[TypedLine, ...]:
        """Give the lines; what their parents have left goes along, unless it is new."""
        lines = [*self._of_mine(), *self._of_theirs()]
        return tuple(_with_parents(lines))

    def sequence(self) -> list[str]:
        """Give the keys in my sequence if I changed it, in theirs if not; what is new to it comes last."""
        opened, theirs, mine = ([line.key for line in form.lines] for form in self._forms)
        is_mine = [key for key in mine if key in self._opened] != [key for key in opened if key in self._mine]
        keys = [*mine, *theirs] if is_mine else [*theirs, *mine]
        return [self._new_keys.get(key, key) for key in dict.fromkeys(keys)]

    def _is_removed_by_them(self, line: TypedLine) -> bool:
        return line.key in self._opened and line.key not in self._theirs

    def _of_mine(self) -> Iterable[TypedLine]:
        for line in self._mine.values():
            was, theirs = self._opened.get(line.key), self._theirs.get(line.key)
            if was is not None and theirs is not None:
                yield self._both(was, theirs, line)
            elif was is None:
                yield replace(line, parent=self._new_keys.get(line.parent, line.parent))
            elif key := self._new_keys.get(line.key):
                self._clashes[f"line-{key}"] = Both(_line_text(was), "", _line_text(line))
                yield replace(line, key=key, parent=self._new_keys.get(line.parent, line.parent))

    def _of_theirs(self) -> Iterable[TypedLine]:
        for line in self._theirs.values():
            was = self._opened.get(line.key)
            if was is None and line.parent in self._opened and line.parent not in self._mine:
                self._clashes[f"line-{line.key}"] = Both("", _line_text(line), "")
            elif was is None:
                yield line
            elif line.key not in self._mine and _is_changed(line, was):
                self._clashes[f"line-{line.key}"] = Both(_line_text(was), _line_text(line), "")

    def _both(self, was: TypedLine, theirs: TypedLine, mine: TypedLine) -> TypedLine:
        values: dict[str, Any] = {}
        for name, attributes in LINE_FIELDS.items():
            values |= _either(f"line-{mine.key}-{name}", attributes, (was, theirs, mine), self._clashes)
        return replace(mine, **values)


def _is_changed(line: TypedLine, was: TypedLine) -> bool:
    return bool(_changed(LINE_FIELDS, was, line))


def _line_text(line: TypedLine) -> str:
    if line.quantity is UNKNOWN:
        return ""
    return f"{line.name or line.sku}: {_reckoned(line)}"


def _reckoned(line: TypedLine) -> str:
    return f"{line.quantity} × {line.price}" if line.price else line.quantity


def _with_parents(lines: Sequence[TypedLine]) -> Iterable[TypedLine]:
    """Let lines whose parent is gone stand for themselves."""
    keys = {line.key for line in lines}
    return (line if line.parent in keys else replace(line, parent="") for line in lines)
