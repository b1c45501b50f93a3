"""Which status may follow which: a picture of each order type, with what is to be said about it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from flask_babel import LazyString, lazy_gettext

from admin_views.graph_layout import Drawing, drawn
from admin_views.words import ORDER_TYPES
from services.lifecycle import Remark, Stage, findings
from services.statuses import stages

WORDS: Mapping[Remark, tuple[LazyString, LazyString | str]] = {
    Remark.NO_DEFAULT: (
        lazy_gettext("No default"),
        lazy_gettext("New orders of this type have no status to begin in. Make one the default:"),
    ),
    Remark.UNREACHABLE: (
        lazy_gettext("Unreachable"),
        lazy_gettext("No order can reach it. Add it as a next status of another:"),
    ),
    Remark.NO_WAY_OUT: (
        lazy_gettext("No way out"),
        lazy_gettext("What comes there never reaches an end. Add a next status that leads to an end:"),
    ),
    Remark.DEFAULT: (lazy_gettext("Default"), ""),
    Remark.NOTHING_LEADS_HERE: (lazy_gettext("Nothing leads here"), ""),
    Remark.END: (lazy_gettext("End"), ""),
}
"""Each remark in a word; what is wrong also with the reason and what to do, before the names of the statuses."""

NARROWEST, WIDEST, PADDING = 64, 176, 18
"""How wide the box of a status is, and how much of that is not text."""


class StatusRemarks(NamedTuple):
    """What is said about some statuses. Only what is wrong has a reason."""

    word: LazyString
    reason: LazyString | str
    stages: Sequence[Stage]


class StatusBox(NamedTuple):
    """What the box of a status says, and how it looks."""

    text: str
    css: str
    is_wrong: bool = False

    @property
    def width(self) -> int:
        """Guess how much room text and marks take; what is longer is clipped."""
        signs = sum(12 if east_asian_width(sign) in "WF" else 7 for sign in self.text)
        marks = 12 * ("st-default" in self.css) + 16 * self.is_wrong
        return min(max(signs + marks + PADDING, NARROWEST), WIDEST)


class Picture(NamedTuple):
    """The statuses of an order type, and boxes for them and for those of other types that follow."""

    title: LazyString | str
    own: Sequence[Stage]
    said: Sequence[StatusRemarks]
    shown: Mapping[int, StatusBox]
    drawing: Drawing


def pictures() -> list[Picture]:
    """Draw each order type that has statuses."""
    known = {stage.id: stage for stage in stages()}
    found = findings(tuple(known.values()))
    return [_picture(order_type, found[order_type], known) for order_type in ORDER_TYPES if order_type in found]


def _picture(order_type: str, found: Mapping[Remark, Sequence[Stage]], known: Mapping[int, Stage]) -> Picture:
    own = [stage for stage in known.values() if stage.order_type == order_type]
    following: dict[int, Sequence[int]] = {stage.id: stage.next_ids for stage in own}
    wrong = [*found.get(Remark.UNREACHABLE, ()), *found.get(Remark.NO_WAY_OUT, ())]
    shown = {
        stage.id: StatusBox(stage.name, f"st-{stage.colour}" + " st-default" * stage.is_default, stage in wrong)
        for stage in own
    }
    for step in (step for stage in own for step in stage.next_ids if step not in shown):
        following[step] = ()
        shown[step] = StatusBox(f"{ORDER_TYPES[known[step].order_type]}: {known[step].name}", "st-elsewhere")
    starts = [stage.id for remark in (Remark.DEFAULT, Remark.NOTHING_LEADS_HERE) for stage in found.get(remark, ())]
    drawing = drawn(following, {box: shown[box].width for box in shown}, starts)
    said = [StatusRemarks(*WORDS[remark], stages) for remark, stages in found.items()]
    return Picture(ORDER_TYPES[order_type], own, said, shown, drawing)
