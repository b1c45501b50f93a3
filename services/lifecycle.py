"""What may follow a status, and what is to be said about the ways between them, pure: no database, no clock.

Orders *begin* in the default status of their type, and in a status to which nothing leads but which leads
on: staff and the checkout make orders there, such as drafts and unfinished ones. They *end* in a status
that nothing follows. Ways run through all order types, since an accepted quote becomes an order. That a
status follows itself counts for nothing.

Three things are wrong:

* no default: a type has statuses, but none in which its new orders begin;
* unreachable: no way leads to a status from where orders begin, because it stands alone, or in a circle
  that nothing leads into;
* no way out: no way leads from a status to an end, so orders in it only go round.

A status to which nothing leads, and an end, are told as facts, since most are meant so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Stage:
    """A status as the rules see it. What follows it may belong to another order type."""

    id: int
    name: str
    colour: str
    order_type: str
    is_default: bool
    next_ids: tuple[int, ...]


class Remark(StrEnum):
    """What can be said about a status; NO_DEFAULT is said about all of a type."""

    NO_DEFAULT = "NO_DEFAULT"
    UNREACHABLE = "UNREACHABLE"
    NO_WAY_OUT = "NO_WAY_OUT"
    DEFAULT = "DEFAULT"
    NOTHING_LEADS_HERE = "NOTHING_LEADS_HERE"
    END = "END"


def may_follow(target: int, current: int | None, next_ids: Mapping[int, Collection[int]]) -> bool:
    """Say whether an order may go from its current status to the target; `next_ids` has what may follow each.

    No status follows itself, whatever is kept.
    """
    return current is not None and target != current and target in next_ids.get(current, ())


Findings = Mapping[str, Mapping[Remark, Sequence[Stage]]]


def findings(stages: Sequence[Stage]) -> Findings:
    """Give, for each order type, what is to be said about which of its statuses, in the order given."""
    ahead = {stage.id: {step for step in stage.next_ids if step != stage.id} for stage in stages}
    behind = {stage.id: {source for source, steps in ahead.items() if stage.id in steps} for stage in stages}
    defaults = {stage.id for stage in stages if stage.is_default}
    has_default = {stage.order_type for stage in stages if stage.is_default}
    begun = {step for step in ahead if ahead[step] and not behind[step]} - defaults
    ends = {step for step in ahead if not ahead[step]}
    unreachable = ahead.keys() - _reached(begun | defaults, ahead)
    said: Mapping[Remark, Collection[int]] = {
        Remark.NO_DEFAULT: {stage.id for stage in stages if stage.order_type not in has_default},
        Remark.UNREACHABLE: unreachable,
        Remark.NO_WAY_OUT: ahead.keys() - _reached(ends, behind),
        Remark.DEFAULT: defaults,
        Remark.NOTHING_LEADS_HERE: begun,
        Remark.END: ends - unreachable,
    }
    found: dict[str, dict[Remark, list[Stage]]] = {}
    for remark, ids in said.items():
        for stage in stages:
            if stage.id in ids:
                found.setdefault(stage.order_type, {}).setdefault(remark, []).append(stage)
    return found


def _reached(starts: Iterable[int], ways: Mapping[int, Collection[int]]) -> set[int]:
    """Give the starts and all that can be reached from them."""
    reached: set[int] = set()
    ahead = list(starts)
    while ahead:
        if (step := ahead.pop()) not in reached:
            reached.add(step)
            ahead.extend(ways[step])
    return reached
