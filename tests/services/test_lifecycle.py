"""What is said about the ways from status to status, without a database."""

from hypothesis import given
from hypothesis import strategies as st

from services.lifecycle import Remark, Stage, findings

ORDERS = """
    DRAFT NEW CANCELLED
    UNFINISHED NEW CANCELLED
    *NEW VALIDATED CONFIRMED CANCELLED
    VALIDATED CONFIRMED CANCELLED
    CONFIRMED SHIPPED CANCELLED
    SHIPPED ARCHIVED
    CANCELLED ARCHIVED
    ARCHIVED
"""
QUOTES = """
    *QUOTE/draft QUOTE/sent
    QUOTE/sent QUOTE/accepted QUOTE/rejected
    QUOTE/accepted NEW DRAFT
    QUOTE/rejected
"""


def graph(text: str) -> list[Stage]:
    """Read statuses, one a line with those that may follow it: `*` marks a default, `TYPE/` the order type."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    ids = {row[0].lstrip("*"): place for place, row in enumerate(rows)}
    return [
        Stage(
            id=ids[name.lstrip("*")],
            name=name.lstrip("*").rpartition("/")[2],
            colour="grey",
            order_type=name.lstrip("*").rpartition("/")[0] or "ORDER",
            is_default=name.startswith("*"),
            next_ids=tuple(ids[step] for step in steps),
        )
        for name, *steps in rows
    ]


def said(text: str, order_type: str = "ORDER") -> dict[Remark, str]:
    """Give what is said about which statuses of a type."""
    found = findings(graph(text))[order_type]
    return {remark: " ".join(stage.name for stage in stages) for remark, stages in found.items()}


def test_drafts_and_unfinished_orders_are_where_orders_begin_and_no_fault() -> None:
    assert said(ORDERS) == {
        Remark.DEFAULT: "NEW",
        Remark.NOTHING_LEADS_HERE: "DRAFT UNFINISHED",
        Remark.END: "ARCHIVED",
    }


def test_ways_run_through_all_order_types() -> None:
    assert said(ORDERS + QUOTES)[Remark.NOTHING_LEADS_HERE] == "UNFINISHED"
    assert said(ORDERS + QUOTES, "QUOTE") == {Remark.DEFAULT: "draft", Remark.END: "rejected"}


def test_a_status_that_stands_alone_is_unreachable() -> None:
    found = said(ORDERS + "LOST")
    assert found[Remark.UNREACHABLE] == "LOST"
    assert found[Remark.END] == "ARCHIVED"


def test_a_circle_that_nothing_leads_into_is_unreachable_with_all_behind_it() -> None:
    assert said("*NEW\nA B\nB A C\nC NEW")[Remark.UNREACHABLE] == "A B C"


def test_a_default_that_stands_alone_is_reached() -> None:
    assert said("*NEW") == {Remark.DEFAULT: "NEW", Remark.END: "NEW"}


def test_a_circle_that_nothing_leaves_is_no_way_out_with_all_that_only_leads_into_it() -> None:
    found = said("*NEW ON_HOLD DONE\nON_HOLD WAITING\nWAITING CALLED\nCALLED WAITING\nDONE")
    assert found[Remark.NO_WAY_OUT] == "ON_HOLD WAITING CALLED"
    assert Remark.UNREACHABLE not in found


def test_a_circle_with_a_way_out_is_no_fault() -> None:
    found = said("*NEW WAITING\nWAITING NEW DONE\nDONE")
    assert found == {Remark.DEFAULT: "NEW", Remark.END: "DONE"}


def test_that_a_status_follows_itself_counts_for_nothing() -> None:
    assert said("*NEW NEW") == {Remark.DEFAULT: "NEW", Remark.END: "NEW"}
    assert said("*NEW\nALONE ALONE")[Remark.UNREACHABLE] == "ALONE"


def test_a_type_without_a_default_is_told_and_others_are_not() -> None:
    text = ORDERS + QUOTES.replace("*", "")
    assert Remark.NO_DEFAULT not in said(text)
    assert said(text, "QUOTE")[Remark.NO_DEFAULT] == "draft sent accepted rejected"


def test_without_statuses_nothing_is_said() -> None:
    assert findings([]) == {}


@st.composite
def graphs(draw: st.DrawFn) -> list[Stage]:
    """Make any statuses with any ways between them."""
    size = draw(st.integers(1, 12))
    ways = draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
    return [
        Stage(
            id=place,
            name=str(place),
            colour="grey",
            order_type=draw(st.sampled_from(["ORDER", "REQUEST"])),
            is_default=draw(st.booleans()),
            next_ids=tuple(target for source, target in sorted(ways) if source == place),
        )
        for place in range(size)
    ]


def ids(stages: list[Stage], remark: Remark) -> set[int]:
    """Give the statuses about which something is said."""
    return {stage.id for found in findings(stages).values() for stage in found.get(remark, ())}


@given(graphs())
def test_what_is_said_agrees_with_walking_every_way(stages: list[Stage]) -> None:
    ahead = {stage.id: set(stage.next_ids) - {stage.id} for stage in stages}
    reach = {step: {step} for step in ahead}
    for _round in ahead:
        for step in ahead:
            reach[step] |= {further for after in reach[step] for further in ahead[after]}
    led_to = {after for steps in ahead.values() for after in steps}
    begin = {stage.id for stage in stages if stage.is_default or (ahead[stage.id] and stage.id not in led_to)}
    assert ids(stages, Remark.UNREACHABLE) == ahead.keys() - {step for start in begin for step in reach[start]}
    assert ids(stages, Remark.NO_WAY_OUT) == {step for step in ahead if all(ahead[after] for after in reach[step])}
