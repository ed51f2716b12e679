"""What is drawn one behind the other: the longest way through a diagram, and all that passes it by."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_layout import drawn

from rfcalc import analyze, read_text
from rfcalc.report.diagram.building import chain_of, diagram_of
from rfcalc.report.diagram.diagram import Diagram
from rfcalc.report.diagram.main_way import is_chain, main_way, passes_of


def longest(diagram: Diagram) -> int:
    """The number of boxes on the longest way, by trying all of them."""
    readers: dict[int, list[int]] = {}
    for edge in diagram.edges:
        readers.setdefault(edge.source, []).append(edge.target)

    @cache
    def from_here(box: int) -> int:
        return 1 + max(map(from_here, readers.get(box, [])), default=0)

    return max(map(from_here, range(len(diagram.boxes))))


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    count = draw(st.integers(1, 9))
    edges = [
        (draw(st.integers(0, target - 1)), target)
        for target in range(1, count)
        for _ in range(draw(st.integers(0, 3)))
    ]
    return drawn(edges, ["layer"] * count)


@given(diagrams())
def test_the_way_is_the_longest_and_what_passes_it_is_all_there_is(diagram: Diagram) -> None:
    way = main_way(diagram)
    edges = [(edge.source, edge.target) for edge in diagram.edges]
    assert len(way) == longest(diagram)
    assert all(step in edges for step in pairwise(way))
    # Every way from one box of it to another through boxes beside it, found by walking all of them.
    expected = set()
    left = list(edges)
    for step in pairwise(way):
        left.remove(step)

    def walk(box: int, source: int) -> None:
        for one, two in left:
            if one == box and two in way:
                expected.add((source, two))
            elif one == box:
                walk(two, source)

    for box in way:
        walk(box, box)
    assert {(way[each.source], way[each.target]) for each in passes_of(diagram, way)} == expected
    assert is_chain(diagram, way) == (not left and len(way) == len(diagram.boxes))


@pytest.mark.parametrize(
    ("name", "count"),
    [("alexnet", 12), ("vgg16", 22), ("lenet5", 8), ("nin", 17), ("resnet18", 12), ("googlenet", 19)],
)
def test_what_is_a_chain_or_one_of_blocks_is_drawn_as_such(name: str, count: int) -> None:
    diagram = chain_of(analyze(name))
    assert is_chain(diagram, main_way(diagram))
    assert len(diagram.boxes) == count


def test_blocks_with_branches_are_folded_and_those_without_are_not() -> None:
    kinds = {box.text: box.kind for box in chain_of(analyze("resnet18")).boxes}
    assert kinds["basic"] == "block"
    assert not [box for box in chain_of(analyze("nin")).boxes if box.kind == "block"]


def test_skip_connections_pass_by_with_what_is_done_there() -> None:
    diagram = chain_of(analyze("unet"))
    way = main_way(diagram)
    found = passes_of(diagram, way)
    assert [(each.text, each.changes, each.passed) for each in found] == [("crop", True, 0)] * 4
    # Each from the second convolution of a level to where its map is joined again (figure 1 of the paper).
    names = [diagram.boxes[box].name for box in way]
    assert [(names[each.source], names[each.target]) for each in found] == [
        ("enc1.conv2", "concat4"),
        ("enc2.conv2", "concat3"),
        ("enc3.conv2", "concat2"),
        ("enc4.conv2", "concat1"),
    ]


def test_a_branch_beside_the_way_is_told_by_its_boxes() -> None:
    text = (
        "input: 8x8x4\nlayers:\n- conv f=1 d=4 as start\n"
        "- concat: [[conv f=3 p=1 d=4, conv f=3 p=1 d=4], [conv f=1 d=4], []]"
    )
    diagram = diagram_of(analyze(read_text(text)))
    found = passes_of(diagram, main_way(diagram))
    assert [(each.text, each.passed) for each in found] == [("1x1 conv, 4", 1)]
