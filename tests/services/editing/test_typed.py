"""The editor's form as it was typed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from models.party import AddressText
from services.editing.typed import MOST_READ, Typed, TypedLine

FORM = Typed("0" * 32).with_lines([TypedLine("", sku="A"), TypedLine("", sku="B"), TypedLine("", sku="C")])


def skus(form: Typed) -> str:
    return "".join(line.sku for line in form.lines)


def test_what_is_written_is_read_again() -> None:
    form = replace(FORM, delivery=AddressText(city="Gdańsk"), incentive_ids=(3, 4), discount_value="1,5 zł")
    assert Typed.read(form.written()) == form


def test_a_form_of_another_release_is_read_as_far_as_it_is_known() -> None:
    key, lines = "1" * 32, '[{"key": "n1", "sku": "A", "colour": "red"}]'
    form = Typed.read(f'{{"form_key": "{key}", "telex": "55", "lines": {lines}}}')
    assert form == Typed(key, lines=(TypedLine("n1", sku="A"),))


def test_what_is_as_in_an_empty_form_is_not_written() -> None:
    many = replace(FORM, lines=()).with_lines(
        TypedLine("", product_id=number, sku=f"BV-{number}", name="Ball valve 1/2 inch", shown="12.5000")
        for number in range(1, 5_001)
    )
    assert len(many.written()) < 1024 * 1024
    assert Typed.read(many.written()) == many


WRONG: Mapping[str, Sequence[Any]] = {
    "form_key": ("", "0" * 40, "x" * 32, 5, None),
    "company_id": ("5", 1.5, True, -1, 2**63, [], {}),
    "reference": (5, None, "\ud800", {}, ["x"]),
    "is_shipping_typed": (1, "yes", None),
    "incentive_ids": (5, "12", [0], ["1"], [None], [True]),
    "delivery": (5, [], "x", {"city": 5}, {"city": "\udfff"}),
    "lines": (5, {}, [5], [[]], [{}], [{"key": "n1"}] * 2, [{}] * (MOST_READ + 1)),
}
WRONG_IN_LINE: Mapping[str, Sequence[Any]] = {
    "key": ("", "n0", "0", "-1", "x", 5, "n1000000", "٣"),
    "parent": ("x", 5, None),
    "line_class": ("zzz", None),
    "quantity": ({}, 5),
    "product_id": ("5", 0.5),
    "is_bonus": ("1", 0),
    "notes": ("\ud800", None),
}


def test_what_no_form_wrote_is_not_read() -> None:
    changes = [{name: value} for name, values in WRONG.items() for value in values]
    changes += [{"lines": [{"key": "n1", name: value}]} for name, values in WRONG_IN_LINE.items() for value in values]
    for changed in changes:
        with pytest.raises(ValueError, match=r"\S"):
            Typed.read(json.dumps({"form_key": "0" * 32, **changed}))


@pytest.mark.parametrize("written", ["", "{", "[]", "5", "null", "[" * 100_000, '{"a":' * 100_000, "{}"])
def test_what_is_no_form_is_not_read(written: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Typed.read(written)


def test_new_lines_get_keys_that_no_line_has() -> None:
    form = FORM.without_line("n2").with_lines([TypedLine("n1", sku="D")])
    assert [line.key for line in form.lines] == ["n1", "n3", "n4"]
    full = Typed("0" * 32, lines=(TypedLine("n1"), TypedLine("n999999")))
    assert full.new_keys(2) == ["n2", "n3"]


def test_children_go_with_the_line_that_they_belong_to() -> None:
    form = FORM.with_lines([TypedLine("", sku="b", parent="n2")])
    assert skus(form.in_order(["n2", "n3", "n1"])) == "BbCA"
    assert skus(form.in_order(["n3"])) == "CABb"
    assert skus(form.without_line("n2")) == "AC"


def test_a_line_is_followed_by_all_that_belongs_to_it_at_every_level() -> None:
    deep = FORM.with_lines([TypedLine("", sku="b", parent="n2"), TypedLine("", sku="+", parent="n4")])
    deep = deep.with_lines([TypedLine("", sku="d", parent="n2")])
    assert skus(deep.in_order(["n2", "n3", "n1"])) == "Bb+dCA"
    assert skus(deep.without_line("n2")) == "AC"
    assert skus(deep.without_line("n4")) == "ABCd"
