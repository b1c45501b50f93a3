"""What may be in a shipment: never more than was ordered, and every fault by its field."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.shipment import ShipmentStatus
from services.shipment_rules import (
    NOTHING_YET,
    LineLeft,
    ShipmentWanted,
    Shipped,
    Tracking,
    faults,
    how_far,
    is_shipped,
    pieces_shipped,
    tracking_link,
)

TODAY = date(2026, 3, 31)
SOME: dict[str, Any] = {"status": "CREATED", "quantities": {7: 1}}
LINES = {7: LineLeft(7, "Pipe", "", 40, 16), 8: LineLeft(8, "Pump", "", 2, 0)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {}),
        ({"quantities": {7: 16}, "status": "DELIVERED"}, {}),
        ({"quantities": {}}, {"lines": "Give the pieces of at least one line."}),
        ({"quantities": {7: 17}}, {"quantity-7": "Of Pipe, 16 of 40 are left."}),
        (
            {"quantities": {7: 40, 8: 1}},
            {"quantity-7": "Of Pipe, 16 of 40 are left.", "quantity-8": "Of Pump, 0 of 2 are left."},
        ),
        ({"quantities": {7: 40, 8: 2}, "status": "CANCELED"}, {}),
        ({"quantities": {7: 41}, "status": "CANCELED"}, {"quantity-7": "Of Pipe, 40 of 40 are left."}),
        (
            {"quantities": {7: 1, 9: 1}},
            {"lines": "A line of this shipment is no longer in the order. Go back and start again."},
        ),
        ({"status": "LOST"}, {"status": "There is no such status of a shipment."}),
        ({"expected_on": TODAY}, {}),
        ({"expected_on": TODAY - timedelta(days=1)}, {"expected_on": "This day is in the past."}),
        ({"tracking": [Tracking("3S1", "DHL"), Tracking("3S2", "Pigeon")]}, {}),
        ({"tracking": [Tracking("", "DHL")]}, {"tracking-0-code": "Give the code, or choose no carrier."}),
        (
            {"tracking": [Tracking("1", "Nobody"), Tracking("1"), Tracking("x" * 65), Tracking("3\u202e4")]},
            {
                "tracking-0-carrier": "There is no carrier of this name any more.",
                "tracking-1-code": "This code stands here twice.",
                "tracking-2-code": "A code may have at most 64 characters.",
                "tracking-3-code": "The code has characters that cannot be read.",
            },
        ),
        (
            {"tracking": [Tracking(str(place)) for place in range(101)]},
            {"tracking": "A shipment may have at most 100 tracking codes."},
        ),
    ],
)
def test_every_fault_is_told_by_its_field(changes: dict[str, Any], told: dict[str, str]) -> None:
    before = replace(NOTHING_YET, tracking=[Tracking("old", "Pigeon")])
    found = faults(ShipmentWanted(**{**SOME, **changes}), before, LINES, carriers={"DHL"}, today=TODAY)
    assert {fault.field: str(fault) for fault in found} == told


def test_a_day_that_passed_since_may_stay_and_no_other_one_be_given() -> None:
    past = TODAY - timedelta(days=3)
    before = replace(NOTHING_YET, expected_on=past)
    for day, is_fine in ((past, True), (None, True), (past + timedelta(days=1), False)):
        found = faults(ShipmentWanted(**SOME, expected_on=day), before, LINES, carriers=(), today=TODAY)
        assert (not list(found)) == is_fine


Step = tuple[str, int, tuple[int, int]]
STEPS = st.lists(
    st.tuples(st.sampled_from([*ShipmentStatus]), st.integers(0, 4), st.tuples(st.integers(0, 12), st.integers(0, 5))),
    max_size=12,
)


@given(steps=STEPS)
def test_whatever_is_accepted_no_more_is_shipped_than_was_ordered(steps: list[Step]) -> None:
    ordered = {7: 10, 8: 3}
    shipments: dict[int, ShipmentWanted] = {}
    for status, place, pieces in steps:
        others = pieces_shipped((each.status, each.quantities) for at, each in shipments.items() if at != place)
        lines = {line: LineLeft(line, "", "", most, most - others[line]) for line, most in ordered.items()}
        new = ShipmentWanted(status, {line: many for line, many in zip(ordered, pieces, strict=True) if many})
        if not list(faults(new, NOTHING_YET, lines, carriers=(), today=TODAY)):
            shipments[place] = new
        shipped = pieces_shipped((each.status, each.quantities) for each in shipments.values())
        assert shipped <= Counter(ordered)
        is_full = all(shipped[line] == most for line, most in ordered.items())
        assert (how_far(13, shipped.total()) is Shipped.FULLY) == is_full


@pytest.mark.parametrize(
    ("line_class", "quantity", "is_sent"),
    [("product", 1, True), ("product", -1, False), ("surcharge", 1, False), ("postage", 1, False)],
)
def test_products_are_sent_and_costs_are_not(line_class: str, quantity: int, *, is_sent: bool) -> None:
    assert is_shipped(line_class, quantity) == is_sent


@pytest.mark.parametrize(
    ("template", "code", "link"),
    [
        ("https://dhl.example/t?c={code}", "3S1", "https://dhl.example/t?c=3S1"),
        (
            "https://dhl.example/{code}/{code}",
            "a/b ?&#é",
            "https://dhl.example/a%2Fb%20%3F%26%23%C3%A9/a%2Fb%20%3F%26%23%C3%A9",
        ),
        ("https://dhl.example/", "3S1", ""),
        ("javascript:alert('{code}')", "1", ""),
        ("{code}", "https://evil.example", ""),
        ("https://{code}", "evil.example/x", "https://evil.example%2Fx"),
        ("", "3S1", ""),
    ],
)
def test_only_a_web_address_becomes_a_link_and_the_code_is_encoded(template: str, code: str, link: str) -> None:
    assert tracking_link(template, code) == link
