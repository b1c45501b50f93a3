"""The editor's form as it was sent, as `Typed`: of all that is in it only what `Typed` has is read.

Beside what is typed, the form carries what its fields showed: a text that is still the one shown was not typed.
"""

import base64
import json
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from admin_views.notation import language
from admin_views.values import read_id
from models.order import LineClass
from models.party import AddressText
from services.editing.keeping import LARGEST
from services.editing.numbers import in_language
from services.editing.typed import CLASSES, FORM_KEY, KEY, MOST_READ, Typed, TypedLine
from services.editing.wanted import MOST_LINES
from services.errors import Invalid

ADDRESSES = ("delivery", "invoice")
COSTS = {"shipping_costs": "is_shipping_typed", "payment_costs": "is_payment_typed"}
"""Amounts that are reckoned until somebody types them, and what says that somebody did."""
NO_TEXTS = ("form_key", "numbers", *COSTS)
TEXTS = tuple(field.name for field in fields(Typed) if field.type is str and field.name not in NO_TEXTS)
ADDRESS_TEXTS = tuple(field.name for field in fields(AddressText))
MOST_INCENTIVES = 100
PRICE_BY_HAND, DISCOUNT_BY_HAND = "PD"
"""What is said of a line's price and discount that a person wrote."""

Form = MultiDict[str, str]


def typed_form(form: Form, order_id: int | None) -> Typed:
    """Read the form; `order_id` is that of the address. Raises RequestEntityTooLarge."""
    keys = [key for key in dict.fromkeys(form.getlist("line")) if KEY.fullmatch(key)]
    if len(keys) > MOST_READ:
        raise RequestEntityTooLarge
    texts: dict[str, Any] = {name: _text(form[name]) for name in TEXTS if name in form}
    typed = Typed(
        form_key=form_key(form.get("form_key", "")),
        order_id=order_id,
        version=read_id(form.get("version", "")) or 0,
        company_id=read_id(form.get("company_id", "")),
        user_id=read_id(form.get("user_id", "")),
        is_partial_delivery_allowed="is_partial_delivery_allowed" in form,
        lines=tuple(_lines(form, keys, is_new=order_id is None)),
        incentive_ids=tuple(_ids(form.getlist("incentive")[:MOST_INCENTIVES])),
        delivery=_address(form, "delivery"),
        invoice=_address(form, "invoice"),
        **_costs(form),
        **texts,
        numbers=form.get("numbers", ""),
    )
    return in_language(typed, language())


def with_room(typed: Typed, field: str) -> Typed:
    """Give the form to which lines were added. Raises Invalid at the field that added them when there are too many."""
    if len(typed.lines) > MOST_LINES:
        raise Invalid(field, "An order has %(most)d lines at most.", most=MOST_LINES)
    return typed


def form_key(given: str) -> str:
    """Give the key of a form, a new one where there is none."""
    return given if FORM_KEY.fullmatch(given) else secrets.token_hex(16)


def packed(typed: Typed) -> str:
    """Write a whole form into one field."""
    return base64.urlsafe_b64encode(zlib.compress(typed.written().encode(), 1)).decode()


def opened_form(form: Form, name: str = "opened") -> Typed | None:
    """Read a form that `packed` wrote; None where there is none, or none that can be read."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.urlsafe_b64decode(form.get(name, "")), LARGEST)
        return in_language(Typed.read(content.decode()), language()) if content and unpacking.eof else None
    except (ValueError, zlib.error):
        return None


def typed_words(form: Form) -> str:
    """Give the words by which a product is looked for: those of the button, or else those of the field."""
    deed, _, words = form.get("do", "").partition(":")
    return (words if deed == "seek" else form.get("add-words", "")).strip()


def removed_lines(form: Form) -> list[tuple[int, TypedLine]]:
    """Give the lines that were removed last, with their places."""
    try:
        kept = json.loads(form.get("removed", "") or "[]")
        return [(_place(place), TypedLine.read(line)) for place, line in kept[:MOST_READ]]
    except (TypeError, ValueError, RecursionError):
        return []


def _place(written: object) -> int:
    if type(written) is not int or not 0 <= written <= MOST_READ:
        raise ValueError("no place")
    return written


def _text(sent: str) -> str:
    """Give a text with the line breaks that it is kept with; browsers send others."""
    return sent.replace("\r\n", "\n")


def _ids(values: Iterable[str]) -> list[int]:
    return [number for value in dict.fromkeys(values) if (number := read_id(value))]


def _address(form: Form, kind: str) -> AddressText:
    return AddressText(**{name: _text(form.get(f"{kind}-{name}", "")) for name in ADDRESS_TEXTS})


def _costs(form: Form) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, flag in COSTS.items():
        text = form.get(name, "").strip()
        read[flag] = bool(text) and text != form.get(f"{name}-offered")
        read[name] = text if read[flag] else ""
    return read


def _lines(form: Form, keys: list[str], *, is_new: bool) -> Iterable[TypedLine]:
    known = {key for key in keys if not (is_new and key.isdecimal())}
    for key in keys:
        if key in known:
            parent = form.get(f"line-{key}-parent", "")
            yield _line(form, key, parent if parent in known and parent != key else "")


def _line(form: Form, key: str, parent: str) -> TypedLine:
    def of(name: str, otherwise: str = "") -> str:
        return form.get(f"line-{key}-{name}", otherwise)

    state, offered, agreed = of("state"), of("offered").partition("|"), of("agreed").partition("|")
    price, is_price_typed = _told(of("price"), offered[0], agreed[0], is_typed=PRICE_BY_HAND in state)
    discount, is_discount_typed = _told(of("discount"), offered[2], agreed[2], is_typed=DISCOUNT_BY_HAND in state)
    if PRICE_BY_HAND in state and not price and not discount.strip("0.,"):
        discount, is_discount_typed = "", False  # no discount was a part of the price that is gone
    line_class = of("class")
    return TypedLine(
        key=key,
        product_id=read_id(of("product")),
        parent=parent,
        line_class=line_class if line_class in CLASSES else LineClass.PRODUCT.value,
        is_bonus=of("bonus") == "1",
        incentive_id=read_id(of("incentive")),
        sku=of("sku"),
        name=of("name"),
        notes=_text(of("notes")),
        quantity=of("quantity"),
        price=price,
        is_price_typed=is_price_typed,
        discount=discount,
        is_discount_typed=is_discount_typed,
        shown=of("shown"),
        tax_code=of("tax_code"),
    )


def _told(text: str, offered: str, agreed: str, *, is_typed: bool) -> tuple[str, bool]:
    """Give what a price or discount asks for, and whether a person wrote it; the untouched stays as agreed."""
    text = text.strip()
    if not text:
        return "", False
    return (text, True) if is_typed or text != offered else (agreed, False)
