"""Where things stand in a drawing: nothing lies on anything else, whatever the edges are."""

from __future__ import annotations

import pytest
from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st
from placed import faults

from rfcalc import analyze
from rfcalc.library import shipped_names
from rfcalc.render.diagrams.page import page_of
from rfcalc.report.diagram.building import diagram_of, overview_of
from rfcalc.report.diagram.diagram import BoxKind, Diagram, DiagramBox, DiagramEdge
from rfcalc.shapes import Shape

KINDS: tuple[BoxKind, ...] = ("input", "layer", "join", "block")
SEEN = (
    *("vgg16", "resnet18", "resnet152", "googlenet", "unet", "densenet121", "mobilenet-v2", "hrnet-w18"),
    *("swin-t", "yolov3", "bifpn-d0", "dla34", "bert-base", "wavenet", "siamese", "resnet34-a"),
)


def drawn(edges: list[tuple[int, int]], kinds: list[BoxKind], text: str = "3x3 conv, 64") -> Diagram:
    boxes = tuple(
        DiagramBox(f"box{number}", kind, "+" if kind == "join" else text, (Shape((8, 8), number % 3),), 0, 0)
        for number, kind in enumerate(kinds)
    )
    found = tuple(DiagramEdge(*ends, text if ends[0] % 2 else "") for ends in edges)
    return Diagram(text, (text,), "about", boxes, found)


@pytest.mark.parametrize("name", SEEN)
def test_nothing_lies_on_anything_else(name: str) -> None:
    assert not list(faults(page_of([overview_of(analyze(name))])))


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
@pytest.mark.parametrize("depth", [None, 1, 2])
def test_nothing_lies_on_anything_else_in_any_shipped_network(name: str, depth: int | None) -> None:
    assert not list(faults(page_of([diagram_of(analyze(name), depth=depth)])))


def test_networks_side_by_side_do_not_touch() -> None:
    page = page_of([overview_of(analyze(name)) for name in ("vgg19", "plain34", "resnet34", "unet")])
    assert not list(faults(page))
    # U-Net comes back to larger maps, so that there are no rows of one size.
    assert not page.bands


@st.composite
def graphs(draw: st.DrawFn) -> Diagram:
    count = draw(st.integers(1, 14))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=count, max_size=count))
    edges = [
        (source, target)
        for target in range(1, count)
        for source in draw(st.lists(st.integers(0, target - 1), max_size=3))
    ]
    return drawn(edges, kinds, draw(st.sampled_from(["", "3x3 conv, 64", "W" * 60, "感受野" * 20])))


@given(graphs())
def test_nothing_lies_on_anything_else_whatever_the_edges_are(diagram: Diagram) -> None:
    page = page_of([diagram])
    assert not list(faults(page))
    assert len(page.edges) == len(diagram.edges)


def test_what_passes_what_ends_goes_down_where_its_own_branch_is() -> None:
    edges = [(0, 1), (1, 7), (2, 8), (0, 9), (1, 9), (2, 10)]
    assert not list(faults(page_of([drawn(edges, ["input"] * 11, "")])))


def test_a_shortcut_is_near_what_it_passes() -> None:
    """Four branches beside each other, with shortcuts in each: none lies beyond the next branch."""
    diagram = diagram_of(analyze("hrnet-w18"))
    page = page_of([diagram])
    shortcuts = 0
    for edge, found in zip(diagram.edges, page.edges, strict=True):
        source, target = page.boxes[edge.source], page.boxes[edge.target]
        one, two = (box.left + box.lettered.width / 2 for box in (source, target))
        if target.lettered.text != "+" or one != two or found.points[-1][0] == two:
            continue
        shortcuts += 1
        widest = max(box.lettered.width for box in page.boxes)
        assert max(x for x, _ in found.points) < two + widest
    # 4 of the first stage, 4 blocks of two layers on 2, 3 · 4 on 3 and 4 on 4 branches, and 4 of the head.
    assert shortcuts > 4 * 2 + 12


def test_a_branch_stays_on_its_lane() -> None:
    """The highest of HRNet's maps are worked on in one line, whatever is fused on the way."""
    diagram = diagram_of(analyze("hrnet-w18"))
    page = page_of([diagram])
    places: dict[tuple[int, ...], set[float]] = {}
    for box in page.boxes:
        if box.lettered.text in ("3x3 conv, 18", "3x3 conv, 36", "3x3 conv, 72", "3x3 conv, 144"):
            size = box.lettered.box.output.axes
            assert all(isinstance(axis, int) for axis in size)
            places.setdefault(tuple(map(int, size)), set()).add(box.left)  # type: ignore[arg-type]  # seen above
    assert {size: len(found) for size, found in places.items()} == {
        (56, 56): 1,
        (28, 28): 1,
        (14, 14): 1,
        (7, 7): 1,
    }


@given(graphs())
def test_a_box_stands_below_all_that_it_reads(diagram: Diagram) -> None:
    boxes = page_of([diagram]).boxes
    assert all(boxes[edge.source].bottom < boxes[edge.target].top for edge in diagram.edges)


@given(graphs())
def test_an_edge_begins_at_its_source_and_ends_at_its_target(diagram: Diagram) -> None:
    page = page_of([diagram])
    for edge, drawn_edge in zip(diagram.edges, page.edges, strict=True):
        source, target = page.boxes[edge.source], page.boxes[edge.target]
        (start_x, start_y), (end_x, end_y) = drawn_edge.points[0], drawn_edge.points[-1]
        assert start_y == source.bottom
        assert source.left < start_x < source.left + source.lettered.width
        assert target.top - target.lettered.lift <= end_y < target.bottom
        assert target.left < end_x <= target.left + target.lettered.width


@pytest.mark.parametrize("shape", ["chain", "wide", "nested", "dense ends", "inputs"])
def test_the_time_grows_with_the_size_alone(shape: str) -> None:
    def made(count: int) -> Diagram:
        edges = {
            "chain": [(each, each + 1) for each in range(count)],
            "wide": [edge for each in range(1, count) for edge in ((0, each), (each, count))],
            "nested": [
                edge
                for each in range(count // 2)
                for edge in ((each, each + 1), (each, count - each), (count - each - 1, count - each))
            ],
            "dense ends": [edge for each in range(count) for edge in ((each, each + 1), (each, count))],
            "inputs": [(each, count) for each in range(count)],
        }[shape]
        return drawn(list(dict.fromkeys(edges)), ["layer"] * (count + 1))

    _, few = lines_run(lambda: page_of([made(400)]))
    _, many = lines_run(lambda: page_of([made(1600)]), 6 * few)
    assert many < 6 * few
