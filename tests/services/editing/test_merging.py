"""Two people edit one order: what only one of them changed is taken, and where both did, both see both."""

from dataclasses import replace
from typing import Any

from models.party import AddressText
from services.editing.merging import merged, resolved, typed_since
from services.editing.names import Names
from services.editing.typed import Typed, TypedLine
from services.records import Both


def line(key: str, **more: Any) -> TypedLine:
    return TypedLine(key, name=f"L{key}", price="10.00", **more)


OPENED = Typed(
    "a" * 32,
    7,
    version=3,
    company_id=1,
    user_id=2,
    delivery=AddressText(street="Dam", city="Amsterdam"),
    lines=(line("1"), line("2"), line("3", parent="2"), line("4")),
)
NAMES = Names({1: "Maas · D1"}, {2: "Ada", 5: "Bob", 6: "Cid"}, {70: "Pump"}, {9: "Fair", 8: "Freight"})


def with_line(form: Typed, key: str, **changes: Any) -> Typed:
    return replace(form, lines=tuple(replace(one, **changes) if one.key == key else one for one in form.lines))


def keys(form: Typed) -> list[str]:
    return [each.key for each in form.lines]


def test_what_only_one_side_changed_is_taken_from_both() -> None:
    theirs = with_line(replace(OPENED, version=5, remarks="theirs"), "1", quantity="6")
    mine = with_line(replace(OPENED, reference="mine", company_id=9), "1", notes="urgent")
    mine = replace(mine, delivery=replace(mine.delivery, city="Delft"))
    theirs = replace(theirs, delivery=replace(theirs.delivery, street="Spui"))
    form, clashes = merged(OPENED, theirs, mine, NAMES)
    assert (form.version, form.remarks, form.reference, form.company_id) == (5, "theirs", "mine", 9)
    assert (form.delivery.street, form.delivery.city) == ("Spui", "Delft")
    assert (form.lines[0].quantity, form.lines[0].notes) == ("6", "urgent")
    assert clashes == {}


def test_where_both_changed_mine_stays_and_both_are_told_and_either_can_be_chosen() -> None:
    theirs = with_line(replace(OPENED, version=4, remarks="theirs", user_id=5), "1", price="8.00", is_price_typed=True)
    theirs = replace(theirs, delivery=replace(theirs.delivery, city="Delft"))
    mine = with_line(replace(OPENED, remarks="mine", user_id=6), "1", price="9.00", is_price_typed=True)
    mine = replace(mine, delivery=replace(mine.delivery, city="Gouda"))
    form, clashes = merged(OPENED, theirs, mine, NAMES)
    assert form == replace(mine, version=4)
    assert clashes == {
        "customer": Both("Maas · D1, Ada", "Maas · D1, Bob", "Maas · D1, Cid"),
        "remarks": Both("", "theirs", "mine"),
        "delivery-city": Both("Amsterdam", "Delft", "Gouda"),
        "line-1-price": Both("10.00", "8.00", "9.00"),
    }
    assert resolved(form, theirs, []) == form
    chosen = resolved(form, theirs, ["customer", "delivery-city", "line-1-price"])
    assert (chosen.user_id, chosen.remarks, chosen.delivery.city, chosen.lines[0].price) == (5, "mine", "Delft", "8.00")


def test_where_nobody_knows_how_it_was_opened_every_difference_is_a_clash() -> None:
    theirs = with_line(replace(OPENED, version=4, remarks="theirs", company_id=None), "1", quantity="6")
    theirs = replace(theirs, incentive_ids=(9,), lines=(*theirs.lines[:3], line("50")))
    mine = replace(OPENED, delivery=replace(OPENED.delivery, city="")).with_lines([line("")])
    form, clashes = merged(None, theirs, mine, NAMES)
    assert clashes == {
        "customer": Both("", "Ada", "Maas · D1, Ada"),
        "remarks": Both("", "theirs", ""),
        "delivery-city": Both("", "Amsterdam", ""),
        "line-1-quantity": Both("", "6", "1"),
        "line-50": Both("", "L50: 1 × 10.00", ""),
        "line-n2": Both("", "", "L4: 1 × 10.00"),
        "incentive": Both("", "Fair", ""),
    }
    assert (keys(form), form.version, form.remarks, form.company_id) == (["1", "2", "3", "n2", "n1"], 4, "", 1)
    chosen = resolved(form, theirs, ["line-50", "remarks", "customer"])
    assert ("50" in keys(chosen), chosen.remarks, chosen.company_id) == (True, "theirs", None)
    assert merged(None, replace(OPENED, version=4), OPENED, NAMES) == (replace(OPENED, version=4), {})


def test_codes_and_lines_without_a_name_are_told_in_words() -> None:
    theirs = replace(OPENED, version=4, currency="EUR", discount_type="A", discount_value="7")
    mine = replace(OPENED, currency="EUR", discount_type="P", discount_value="5")
    bonus = TypedLine("", product_id=70, sku="PU-1", is_bonus=True, incentive_id=9)
    _form, clashes = merged(OPENED, replace(theirs, incentive_ids=(8,)), mine.with_lines([bonus]), NAMES)
    assert clashes == {
        "discount_value": Both("", "7 EUR", "5 %"),
        "incentive": Both("", "Freight", "Pump: 1"),
    }
    assert typed_since(OPENED, replace(mine, company_id=None), NAMES) == {
        "customer": "Ada",
        "currency": "EUR",
        "discount_value": "5 %",
    }


def test_the_same_change_on_both_sides_is_no_clash() -> None:
    changed = with_line(replace(OPENED, remarks="same", discount_type="P", discount_value="5"), "1", quantity="3")
    form, clashes = merged(OPENED, replace(changed, version=4), changed, NAMES)
    assert (form, clashes) == (replace(changed, version=4), {})


def test_lines_of_both_come_and_go_with_their_children() -> None:
    theirs = replace(
        OPENED.without_line("4"), version=4, lines=(*OPENED.without_line("4").lines, line("50", parent="1"))
    )
    mine = OPENED.without_line("2").with_lines([line("", parent="1")])
    form, clashes = merged(OPENED, theirs, mine, NAMES)
    assert (keys(form), clashes) == (["1", "n1", "50"], {})


def test_a_line_that_one_side_removed_and_the_other_changed_is_asked_about() -> None:
    theirs = with_line(replace(OPENED.without_line("1"), version=4), "2", quantity="8")
    mine = with_line(OPENED.without_line("2"), "1", quantity="5")
    form, clashes = merged(OPENED, theirs, mine, NAMES)
    assert keys(form) == ["4", "n1"]
    assert clashes == {
        "line-n1": Both("L1: 1 × 10.00", "", "L1: 5 × 10.00"),
        "line-2": Both("L2: 1 × 10.00", "L2: 8 × 10.00", ""),
    }
    chosen = resolved(form, theirs, ["line-n1", "line-2"])
    assert [(one.key, one.quantity) for one in chosen.lines] == [("4", "1"), ("2", "8")]


def test_a_child_that_mine_changed_stands_alone_when_they_removed_its_parent() -> None:
    theirs = replace(OPENED.without_line("2"), version=4)
    mine = with_line(OPENED, "3", quantity="5").with_lines([line("", parent="3")])
    form, clashes = merged(OPENED, theirs, mine, NAMES)
    assert [(one.key, one.parent) for one in form.lines] == [("1", ""), ("4", ""), ("n2", ""), ("n1", "n2")]
    assert list(clashes) == ["line-n2"]


def test_a_child_that_they_added_to_a_line_that_mine_removed_is_asked_about() -> None:
    theirs = replace(OPENED, version=4, lines=(*OPENED.lines, line("50", parent="2")))
    form, clashes = merged(OPENED, theirs, OPENED.without_line("2"), NAMES)
    assert (keys(form), list(clashes)) == (["1", "4"], ["line-50"])
    assert keys(resolved(form, theirs, ["line-50"])) == ["1", "4", "50"]


def test_the_sequence_is_that_of_the_side_which_changed_it() -> None:
    moved = OPENED.in_order(["4", "2", "1"])
    form, _clashes = merged(OPENED, replace(moved, version=4), OPENED.with_lines([line("")]), NAMES)
    assert keys(form) == ["4", "2", "3", "1", "n1"]
    form, _clashes = merged(OPENED, replace(OPENED.with_lines([line("")]), version=4), moved, NAMES)
    assert keys(form)[:4] == ["4", "2", "3", "1"]


def test_what_incentives_gave_is_one_sides_and_never_added_up() -> None:
    def given(price: str, key: str = "") -> TypedLine:
        return replace(line(key, parent="1", line_class="incentive", incentive_id=9), name="Five off", price=price)

    theirs = replace(OPENED, version=4, lines=(*OPENED.lines, given("-5.00", "60")), incentive_ids=(9,))
    same = replace(OPENED.with_lines([given("-5.00")]), incentive_ids=(9,), incentive_shipping="")
    form, clashes = merged(OPENED, theirs, same, NAMES)
    assert (keys(form), clashes) == (["1", "60", "2", "3", "4"], {})
    mine = replace(
        OPENED.without_line("4").with_lines([given("-8.00")]), incentive_ids=(9, 8), incentive_shipping="0.00"
    )
    form, clashes = merged(OPENED, theirs, mine, NAMES)
    assert clashes == {"incentive": Both("", "Five off: 1 × -5.00", "Five off: 1 × -8.00, 0.00")}
    assert (keys(form), form.incentive_ids, form.incentive_shipping) == (["1", "n1", "2", "3"], (9, 8), "0.00")
    chosen = resolved(form, theirs, ["incentive"])
    assert (keys(chosen), chosen.incentive_ids, chosen.incentive_shipping) == (["1", "60", "2", "3"], (9,), "")


def test_what_was_typed_since_a_form_was_opened_is_told_field_by_field() -> None:
    assert typed_since(OPENED, OPENED, NAMES) == {}
    mine = with_line(replace(OPENED, reference="mine", requested_on=""), "1", notes="urgent", quantity="6")
    mine = replace(mine, delivery=replace(mine.delivery, city="Delft")).without_line("4")
    assert typed_since(OPENED, mine.with_lines([line("", discount="5", is_discount_typed=True)]), NAMES) == {
        "reference": "mine",
        "delivery-city": "Delft",
        "line-1": "6 × 10.00\nurgent",
        "line-n1": "1 × 10.00 − 5 %",
    }
