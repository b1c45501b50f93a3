"""The editor's form as it was typed."""

from dataclasses import replace

from models.party import AddressText
from services.editing.typed import Typed, TypedLine

FORM = Typed("0" * 32).with_lines([TypedLine("", sku="A"), TypedLine("", sku="B"), TypedLine("", sku="C")])


def skus(form: Typed) -> str:
    return "".join(line.sku for line in form.lines)


def test_what_is_written_is_read_again() -> None:
    form = replace(FORM, delivery=AddressText(city="Gdańsk"), incentive_ids=(3, 4), discount_value="1,5 zł")
    assert Typed.read(form.written()) == form


def test_a_form_of_another_release_is_read_as_far_as_it_is_known() -> None:
    form = Typed.read('{"form_key": "1", "telex": "55", "lines": [{"key": "n1", "sku": "A", "colour": "red"}]}')
    assert form == Typed("1", lines=(TypedLine("n1", sku="A"),))


def test_new_lines_get_keys_that_no_line_has() -> None:
    form = FORM.without_line("n2").with_lines([TypedLine("n1", sku="D")])
    assert [line.key for line in form.lines] == ["n1", "n3", "n4"]


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
