"""Where boxes and lines of a graph stand."""

import re
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from admin_views.graph_layout import BOX, TIP, Box, Drawing, Following, drawn

Point = tuple[float, float]


@st.composite
def graphs(draw: st.DrawFn, *, has_circles: bool = True) -> dict[int, list[int]]:
    """Make up to sixty boxes in any order, with any ways between them."""
    size = draw(st.sampled_from((0, 1, 2, 3, 6, 12, 30, 60)))
    random = Random(draw(st.integers(0, 2**32)))
    boxes = random.sample(range(1, 1_000), size)
    ways = [(random.choice(boxes), random.choice(boxes)) for _way in range(draw(st.integers(0, 3 * size)))]
    if not has_circles:
        ways = [(min(way), max(way)) for way in ways if way[0] != way[1]]
    return {box: [target for source, target in ways if source == box] for box in boxes}


def picture(following: Following) -> Drawing:
    """Draw with widths that differ, from the first two boxes on."""
    return drawn(following, {box: 60 + box % 40 for box in following}, list(following)[:2])


def points(path: str) -> list[Point]:
    """Give points along a path: a start, perhaps a straight piece, and one curve."""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    assert re.fullmatch(r"M[-\d. ]+(L[-\d. ]+)?C[-\d. ]+", path), path
    *straight, start, first, second, end = zip(numbers[::2], numbers[1::2], strict=True)
    found = [(begin[0] + (start[0] - begin[0]) * part / 20, start[1]) for begin in straight for part in range(20)]
    for part in (step / 12 for step in range(13)):
        weights = ((1 - part) ** 3, 3 * part * (1 - part) ** 2, 3 * part**2 * (1 - part), part**3)
        corners = (start, first, second, end)
        found.append(
            (
                sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True)),
                sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True)),
            )
        )
    return found


def is_inside(point: Point, box: Box) -> bool:
    """Say whether a point lies in a box, its edge left out."""
    return box.x < point[0] < box.x + box.width and box.y < point[1] < box.y + BOX


@given(graphs())
def test_every_status_has_one_box_and_no_two_overlap(following: dict[int, list[int]]) -> None:
    drawing = picture(following)
    assert [box.id for box in drawing.boxes] == list(following)
    for box in drawing.boxes:
        assert box.width >= 60 + box.id % 40
        assert 0 <= box.x <= drawing.width - box.width
        assert 0 <= box.y <= drawing.height - BOX
    for one, other in combinations(drawing.boxes, 2):
        is_beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert is_beside or one.y + BOX <= other.y or other.y + BOX <= one.y


@given(graphs())
def test_every_way_is_drawn_once_from_its_source_to_its_target(following: dict[int, list[int]]) -> None:
    drawing = picture(following)
    boxes = {box.id: box for box in drawing.boxes}
    lanes = {(line.target, line.returns): points(line.path) for line in drawing.lines if line.source is None}
    drawn_ways = [line for line in drawing.lines if line.source is not None]
    assert len(drawing.lines) == len(lanes) + len(drawn_ways)
    assert sorted((line.source, line.target) for line in drawn_ways if line.source is not None) == sorted(
        {(source, target) for source, targets in following.items() for target in targets}
    )
    for line in drawn_ways:
        source, target, along = boxes[line.source or 0], boxes[line.target], points(line.path)
        lane = lanes.get((line.target, line.returns), [])
        start: Point = (source.x + source.width, source.y + BOX / 2)
        end: Point = (target.x - TIP, target.y + BOX / 2)
        assert along[0] == start
        if along[-1] != end:
            straight = sorted(point[0] for point in lane if point[1] == along[-1][1])
            assert straight[0] <= along[-1][0] <= straight[-1]
            assert lane[-1] == end
    assert set(drawing.tips) == {(boxes[line.target].x, boxes[line.target].y + BOX / 2) for line in drawn_ways}


@given(graphs())
def test_no_line_crosses_a_box_or_leaves_the_picture(following: dict[int, list[int]]) -> None:
    drawing = picture(following)
    for line in drawing.lines:
        for point in points(line.path):
            assert 0 <= point[0] <= drawing.width
            assert 0 <= point[1] <= drawing.height
            assert not any(is_inside(point, box) for box in drawing.boxes)


@given(graphs())
def test_no_two_lanes_run_on_the_same_track(following: dict[int, list[int]]) -> None:
    lanes = [points(line.path) for line in picture(following).lines if line.source is None]
    for one, other in combinations(lanes, 2):
        level = one[0][1]
        if level == other[0][1]:
            here, there = ([point[0] for point in lane if point[1] == level] for lane in (one, other))
            assert max(here) < min(there) or max(there) < min(here)


@given(graphs())
def test_the_same_graph_is_drawn_the_same(following: dict[int, list[int]]) -> None:
    assert picture(following) == picture(dict(following))


@given(graphs(has_circles=False))
def test_without_circles_everything_leads_to_the_right(following: dict[int, list[int]]) -> None:
    drawing = picture(following)
    x = {box.id: box.x for box in drawing.boxes}
    assert not any(line.returns for line in drawing.lines)
    assert all(x[source] < x[target] for source, targets in following.items() for target in targets)


def test_a_circle_is_cut_where_it_comes_back_to_the_start() -> None:
    drawing = drawn({1: [3], 2: [1], 3: [2]}, dict.fromkeys((1, 2, 3), 60), [2])
    assert [box.id for box in sorted(drawing.boxes, key=lambda box: box.x)] == [2, 1, 3]
    assert [(line.source, line.target) for line in drawing.lines if line.returns] == [(3, 2), (None, 2)]


def test_a_long_chain_is_drawn_without_recursion() -> None:
    drawing = drawn({box: [box + 1] for box in range(2_000)} | {2_000: [0]}, dict.fromkeys(range(2_001), 60))
    assert len({box.x for box in drawing.boxes}) == 2_001
