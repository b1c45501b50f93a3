"""Where the boxes and lines of a graph stand, in pixels: pure, and the same for the same graph.

Columns run from left to right: a box stands one column behind the last that leads to it, and within a
column in the order given. What passes other columns runs along a lane, one for all that lead to the same
box, in a row where no box stands. What leads backwards, or to itself, returns in a lane below everything.
So no line crosses a box.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, count
from typing import NamedTuple

BOX, ROW, LANE, GAP = 24, 36, 14, 32
"""Height of a box, of a row of boxes, of a row where only lanes run; width between columns."""
TIP, BEND, EDGE = 6, 24, 2
"""Length of an arrow's tip; how far a line that returns swings out; room left around everything."""

Following = Mapping[int, Sequence[int]]
Way = tuple[int, int]
Point = tuple[int, int]
Lanes = Mapping[tuple[int, bool], int]
"""The row of the lane to a box: that onward, and that back."""


class Box(NamedTuple):
    """A box with its upper left corner."""

    id: int
    x: int
    y: int
    width: int


class Line(NamedTuple):
    """A way between boxes as an SVG path, up to the target or into its lane; a lane itself has no source."""

    source: int | None
    target: int
    path: str
    returns: bool


class Drawing(NamedTuple):
    """A graph as it is drawn. `tips` are the points of the arrows, which all point to the right."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    tips: tuple[Point, ...]


def drawn(following: Following, widths: Mapping[int, int], starts: Iterable[int] = ()) -> Drawing:
    """Lay out boxes of at least these widths. A circle is cut where a walk from the `starts` comes back."""
    rank = _ranks(following, starts)
    ways = [(source, target) for source, targets in following.items() for target in dict.fromkeys(targets)]
    onward = [(source, target) for source, target in ways if rank[source] < rank[target]]
    back = [(source, target) for source, target in ways if rank[source] >= rank[target]]
    column = _columns(rank, onward)
    row = _rows(following, column)
    grid = _Grid(column, row, _lanes(column, row, onward, back), widths)
    lines = (*grid.lines(onward, returns=False), *grid.lines(back, returns=True))
    tips = tuple(grid.entry(target) for target in dict.fromkeys(target for _source, target in ways))
    return Drawing(grid.width, grid.height, tuple(map(grid.box, following)), lines, tips)


def _ranks(following: Following, starts: Iterable[int]) -> dict[int, int]:
    """Number the boxes so that, but for circles, each comes before those that follow it."""
    seen: set[int] = set()
    finished: list[int] = []
    for root in (*starts, *following):
        walk = [] if root in seen else [root]
        seen.add(root)
        while walk:
            step = next((step for step in following[walk[-1]] if step not in seen), None)
            if step is None:
                finished.append(walk.pop())
            else:
                seen.add(step)
                walk.append(step)
    return {box: rank for rank, box in enumerate(reversed(finished))}


def _columns(rank: Mapping[int, int], onward: Iterable[Way]) -> dict[int, int]:
    column = dict.fromkeys(rank, 0)
    for source, target in sorted(onward, key=lambda way: rank[way[0]]):
        column[target] = max(column[target], column[source] + 1)
    return column


def _rows(following: Following, column: Mapping[int, int]) -> dict[int, int]:
    filled: Counter[int] = Counter()
    row = {}
    for box in following:
        row[box] = filled[column[box]]
        filled[column[box]] += 1
    return row


def _lanes(column: Mapping[int, int], row: Mapping[int, int], onward: Iterable[Way], back: Iterable[Way]) -> Lanes:
    """Give each lane a row that is free all along, the short ones first, and those back the rows below."""
    passed: dict[int, range] = {}
    for source, target in sorted(onward, key=lambda way: -column[way[0]]):
        if column[source] + 1 < column[target]:
            passed[target] = range(column[source] + 1, column[target])
    taken = {(column[box], row[box]) for box in row}
    lanes: dict[tuple[int, bool], int] = {}
    for target in sorted(passed, key=lambda box: len(passed[box])):
        free = next(at for at in count(row[target]) if not any((place, at) in taken for place in passed[target]))
        taken.update((place, free) for place in passed[target])
        lanes[target, False] = free
    below = 1 + max([*row.values(), *lanes.values()], default=-1)
    return lanes | {(target, True): at for at, target in enumerate(dict.fromkeys(t for _, t in back), below)}


class _Grid:
    """Columns and rows in pixels, and the lines between them."""

    def __init__(
        self, column: Mapping[int, int], row: Mapping[int, int], lanes: Lanes, widths: Mapping[int, int]
    ) -> None:
        self.column, self.row, self.lanes = column, row, lanes
        edge = BEND if any(returns for _target, returns in lanes) else EDGE
        wide = dict.fromkeys(range(1 + max(column.values(), default=-1)), 0)
        for box, place in column.items():
            wide[place] = max(wide[place], widths[box])
        boxed = set(row.values())
        heights = [ROW if at in boxed else LANE for at in range(1 + max([*boxed, *lanes.values()], default=-1))]
        self.left = list(accumulate((width + GAP for width in wide.values()), initial=edge))
        self.middle = [
            y + min(height, BOX) // 2 for y, height in zip(accumulate(heights, initial=EDGE), heights, strict=False)
        ]
        self.width = self.left[-1] - GAP + edge
        ends = [self.middle[at] + BOX // 2 for at in boxed] + [self.middle[at] for at in lanes.values()]
        self.height = max(ends, default=0) + EDGE

    def entry(self, box: int) -> Point:
        """Give where lines come in."""
        return self.left[self.column[box]], self.middle[self.row[box]]

    def exit(self, box: int) -> Point:
        """Give where lines go out."""
        return self.left[self.column[box] + 1] - GAP, self.middle[self.row[box]]

    def box(self, box: int) -> Box:
        (x, y), (right, _y) = self.entry(box), self.exit(box)
        return Box(box, x, y - BOX // 2, right - x)

    def lines(self, ways: Iterable[Way], *, returns: bool) -> Iterator[Line]:
        """Draw each way up to its target, or into the lane that leads there; then the lanes."""
        out, into = (BEND, -BEND) if returns else (GAP // 2, GAP // 2)
        joined: dict[int, list[int]] = {}
        for source, target in ways:
            start, after = self.exit(source), self.column[source] + 1
            if returns or after < self.column[target]:
                end = start[0] if returns else self.left[after], self.middle[self.lanes[target, returns]]
                joined.setdefault(target, []).append(end[0])
            else:
                end = self.entry(target)[0] - TIP, self.entry(target)[1]
            yield Line(source, target, "M" + _curve(start, end, out, into), returns)
        for target, places in joined.items():
            (x, y), level = self.entry(target), self.middle[self.lanes[target, returns]]
            first, last = (max(places), x) if returns else (min(places), self.left[self.column[target]] - GAP)
            out, into = (-BEND, BEND) if returns else (GAP // 2, GAP // 2)
            yield Line(None, target, f"M{first} {level}L" + _curve((last, level), (x - TIP, y), out, into), returns)


def _curve(start: Point, end: Point, out: int, into: int) -> str:
    """Leave the start and reach the end level, swung out so far."""
    (x, y), (to_x, to_y) = start, end
    return f"{x} {y}C{x + out} {y} {to_x - into} {to_y} {to_x} {to_y}"
