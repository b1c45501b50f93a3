"""Refusals that are kept as a text and told later, in whatever language."""

import pytest

from services.errors import Refused, reread


@pytest.mark.parametrize(
    "refused",
    [Refused("It did not work."), Refused("100 % of it failed."), Refused("At most %(most)s rows.", most=1_048_575)],
)
def test_what_was_kept_is_read_again_with_its_values_apart(refused: Refused) -> None:
    again = reread(refused.kept(500))
    assert (again.sentence, again.values, str(again)) == (refused.sentence, refused.values, str(refused))


def test_what_is_too_long_to_be_kept_apart_is_kept_as_it_reads() -> None:
    kept = Refused("There is no %(what)s.", what="x\n" * 500).kept(40)
    assert len(kept) == 40
    assert reread(kept).sentence == kept
