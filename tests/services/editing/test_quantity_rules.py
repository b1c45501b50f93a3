"""Minimum and step of a product."""

import pytest

from services.editing.quantity_rules import may_be_ordered, nearest


@pytest.mark.parametrize(
    ("quantity", "minimum", "step", "near"),
    [
        (1, 1, 1, ()),
        (24, 12, 12, ()),
        (25, 12, 12, (24, 36)),
        (11, 12, 12, (12, 24)),
        (5, 10, 5, (10, 15)),
        (-3, 1, 1, (1, 2)),
        (0, 6, 3, (6, 9)),
    ],
)
def test_what_may_not_be_ordered_has_neighbours_that_may(
    quantity: int, minimum: int, step: int, near: tuple[int, ...]
) -> None:
    assert may_be_ordered(quantity, minimum, step) == (not near)
    if near:
        assert nearest(quantity, minimum, step) == near
        assert all(may_be_ordered(other, minimum, step) for other in near)
