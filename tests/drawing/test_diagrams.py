"""What is in a drawing: which layers a box stands for, and what is an edge."""

from __future__ import annotations

import re

import pytest

from rfcalc import analyze
from rfcalc.errors import UsageError
from rfcalc.library import read_text, shipped_names
from rfcalc.render.diagrams.column import column_of
from rfcalc.render.diagrams.page import page_of
from rfcalc.report.diagram.box_texts import about_box, edge_text, sizes_text
from rfcalc.report.diagram.building import diagram_of, find_scope, network_overview, overview_of
from rfcalc.report.diagram.diagram import Diagram, DiagramBox
from rfcalc.report.diagram.parts import parts_of


def drawn(text: str, **options: int) -> Diagram:
    return diagram_of(analyze(read_text(text)), **options)


def texts(diagram: Diagram) -> list[str]:
    return [box.text for box in diagram.boxes]


def test_figure_3_of_he_et_al() -> None:
    # VGG-19 has 16 convolutions, 5 poolings and 3 fully connected layers, the others 33 and 1.
    vgg, plain, residual = (diagram_of(analyze(name)) for name in ("vgg19", "plain34", "resnet34"))
    assert [sum("conv" in text for text in texts(each)) for each in (vgg, plain, residual)] == [16, 33, 33]
    assert [sum("pool" in text for text in texts(each)) for each in (vgg, plain, residual)] == [5, 2, 2]
    assert [sum("fc" in text for text in texts(each)) for each in (vgg, plain, residual)] == [3, 1, 1]
    # 16 shortcuts, of which 3 go over to smaller maps.
    assert texts(residual).count("+") == 16
    assert [edge.text for edge in residual.edges if edge.changes] == [
        "1x1 conv, 128, /2",
        "1x1 conv, 256, /2",
        "1x1 conv, 512, /2",
    ]
    assert not [edge for each in (vgg, plain) for edge in each.edges if edge.changes]


def test_rows_of_one_size_are_those_of_the_paper() -> None:
    page = page_of([diagram_of(analyze(name)) for name in ("vgg19", "plain34", "resnet34")])
    labels = [text.text for text in page.texts if re.fullmatch("[0-9]+x[0-9]+", text.text)]
    assert labels == ["224x224", "112x112", "56x56", "28x28", "14x14", "7x7", "1x1"]
    rows: dict[str, set[float]] = {}
    for box in page.boxes:
        (band,) = [
            label
            for label, band in zip(labels, page.bands, strict=True)
            if band.top < box.top and box.bottom < band.bottom
        ]
        assert str(box.lettered.box.output).startswith(f"{band}x")
        if ".conv" in box.lettered.box.name:
            rows.setdefault(box.lettered.box.name, set()).add(box.top)
    # Plain-34 and ResNet-34 have the same convolutions by the same names, each pair in one row.
    assert len(rows) == 32
    assert all(len(tops) == 1 for tops in rows.values())


@pytest.mark.parametrize("name", shipped_names())
def test_every_layer_is_in_one_box(name: str) -> None:
    graph = analyze(name).graph
    for depth in (None, 1, 2):
        members = [index for part in parts_of(graph, "", depth) for index in part.layers]
        assert sorted(members) == list(range(len(graph.inputs), len(graph.nodes)))


@pytest.mark.parametrize("name", shipped_names())
def test_counts_of_boxes_and_edges_are_not_more_than_those_of_the_network(name: str) -> None:
    analysis = analyze(name)
    diagram = diagram_of(analysis)
    known = [box.params for box in diagram.boxes if box.params is not None]
    assert sum(count for count in known if isinstance(count, int)) <= analysis.totals.sums["params"]
    for edge in diagram.edges:
        assert edge.source < edge.target


def test_what_works_in_place_joins_the_layer_before() -> None:
    diagram = drawn("input: 8x8x3\nlayers: [conv f=3 p=1 d=4, bn, relu, maxpool f=2 s=2, conv f=1 d=2]")
    assert texts(diagram) == ["input", "3x3 conv, 4", "2x2 maxpool, /2", "1x1 conv, 2"]
    assert [box.joined for box in diagram.boxes] == [(), ("bn", "relu"), (), ()]


def test_what_prepares_a_layer_joins_that_layer() -> None:
    text = "input: 8x8x4\nlayers: [conv f=1 d=4, {add: [[bn, relu, conv f=3 p=1 d=4], []]}]"
    diagram = drawn(text)
    assert texts(diagram) == ["input", "1x1 conv, 4", "3x3 conv, 4", "+"]
    assert diagram.boxes[2].joined == ("bn", "relu")
    assert diagram.boxes[2].before == 2
    assert [(edge.source, edge.target) for edge in diagram.edges] == [(0, 1), (1, 2), (2, 3), (1, 3)]


def test_a_layer_that_others_read_too_takes_nothing_in() -> None:
    text = "input: 8x8x4\nlayers: [conv f=1 d=4 as one, {concat: [[relu], [from=one, sigmoid]]}]"
    diagram = drawn("input: 8x8x4\nlayers: [conv f=1 d=4 as one, {concat: [[relu], [sigmoid]]}]")
    assert text
    assert texts(diagram) == ["input", "1x1 conv, 4", "concat"]
    assert [edge.text for edge in diagram.edges] == ["", "relu", "sigmoid"]


def test_attention_shuffling_and_resampling_have_boxes() -> None:
    diagram = drawn(
        "input: 8x8x4\nlayers: [conv f=1 d=4, attention heads=2, channelshuffle g=2, upsample scale=2, relu]"
    )
    assert [box.text.split(",")[0] for box in diagram.boxes[2:]] == [
        "attention",
        "channelshuffle",
        "upsample",
    ]


def test_a_projection_beside_a_branch_of_one_layer_keeps_its_box() -> None:
    diagram = drawn("input: 8x8x4\nlayers: [relu, {add: [[conv f=3 p=1 d=8], [conv f=1 d=8]]}]")
    assert len([box for box in diagram.boxes if box.kind == "layer" and "conv" in box.text]) == 2


def test_a_crop_on_the_way_to_a_join_is_an_edge() -> None:
    crops = [edge for edge in diagram_of(analyze("unet")).edges if edge.text]
    assert [(edge.text, edge.changes) for edge in crops] == [("crop", True)] * 4


@pytest.mark.parametrize(
    ("depth", "folded"),
    [
        (1, [("bottleneck", 3), ("bottleneck", 8), ("bottleneck", 36), ("bottleneck", 3)]),
        (2, [("bottleneck", times) for times in (1, 2, 1, 7, 1, 35, 1, 2)]),
    ],
)
def test_repeats_are_folded_with_how_often_they_are(depth: int, folded: list[tuple[str, int]]) -> None:
    diagram = diagram_of(analyze("resnet152"), depth=depth)
    blocks = [box for box in diagram.boxes if box.kind == "block"]
    assert [(box.text, box.times) for box in blocks] == folded
    assert all(box.shortcut for box in blocks)


def test_equal_blocks_that_do_not_follow_each_other_stay_apart() -> None:
    text = "input: 8x8x4\nblocks: {b: [conv f=1 d=4, relu, conv f=1 d=4]}\nlayers: [{add: [[b], [b]]}, b, b]"
    times = [box.times for box in drawn(text, depth=1).boxes if box.kind == "block"]
    assert times == [1, 1, 2]


def test_blocks_that_differ_in_an_argument_stay_apart() -> None:
    text = "input: 8x8x4\nblocks: {b(f): [conv f=f p=f//2 d=4, conv f=1 d=4]}\nlayers: [b f=1, b f=1, b f=3]"
    assert [box.times for box in drawn(text, depth=1).boxes if box.kind == "block"] == [2, 1]


def test_a_part_that_is_a_number_is_called_by_what_it_counts() -> None:
    found = drawn(
        """
input: 8x8x3
layers:
  - conv f=1 d=4 as stem.conv
  - conv f=1 d=4 as model.m.0.cv1
  - conv f=3 p=1 d=4 as model.m.0.cv2
  - conv f=1 d=4 as model.m.1.cv1
  - conv f=1 d=5 as model.m.1.cv2
""",
        depth=3,
    )
    assert texts(found)[1:] == ["1x1 conv, 4", "m.0", "m.1"]


def test_a_plain_block_has_no_shortcut() -> None:
    blocks = [box for box in diagram_of(analyze("plain34"), depth=1).boxes if box.kind == "block"]
    assert blocks
    assert not any(box.shortcut for box in blocks)


def test_the_inside_of_a_block_shows_all_that_is_in_it() -> None:
    analysis = analyze("resnet50")
    diagram = diagram_of(analysis, find_scope(analysis.graph, "bottleneck"))
    assert diagram.name == "bottleneck"
    assert texts(diagram) == [
        "maxpool1",
        "1x1 conv, 64",
        "3x3 conv, 64",
        "1x1 conv, 256",
        "1x1 conv, 256",
        "+",
    ]
    assert diagram.boxes[-1].joined == ("relu",)
    # 64 · 64 + 9 · 64 · 64 + 2 · 64 · 256 weights, and two for each of 64 + 64 + 256 + 256 channels.
    assert sum(_count(box) for box in diagram.boxes) == 73_728 + 1_280


def _count(box: DiagramBox) -> int:
    return box.params if isinstance(box.params, int) else 0


def test_a_part_is_found_by_its_path_before_a_block_by_its_name() -> None:
    graph = analyze("resnet50").graph
    assert find_scope(graph, "layer2.0") == "layer2.0"
    assert find_scope(graph, "projection") == "layer1.0.downsample"
    with pytest.raises(UsageError, match="no block or part 'botleneck'; did you mean 'bottleneck'"):
        find_scope(graph, "botleneck")
    with pytest.raises(UsageError, match="it has no blocks"):
        find_scope(analyze("vgg16").graph, "layer1")


def test_an_overview_has_every_layer_of_a_short_network_and_blocks_of_a_long_one() -> None:
    assert overview_of(analyze("resnet34")) == diagram_of(analyze("resnet34"))
    assert len(overview_of(analyze("resnet152")).boxes) < 20


def test_sizes_with_symbols_are_drawn() -> None:
    analysis = analyze("resnet18", input="(32*h)x(32*w)x3")
    assert "3x3 conv, 64" in texts(diagram_of(analysis))
    assert page_of([diagram_of(analysis)]).boxes


def sizes_in(text: str) -> list[str]:
    return re.findall(r"\d+x\d+x\d+", text)


def test_a_folded_box_has_all_that_leaves_it_and_edges_what_they_carry() -> None:
    """Four branches of 18, 36, 72 and 144 channels, each of half the size of the one before (Wang et al.)."""
    diagram = overview_of(analyze("hrnet-w18"))
    four = ["56x56x18", "28x28x36", "14x14x72", "7x7x144"]
    last = max(number for number, box in enumerate(diagram.boxes) if box.text == "fused")
    assert [str(size) for size in diagram.boxes[last].outputs] == four
    assert sizes_text(diagram.boxes[last].outputs, "en") == "4 outputs: 56x56x18 … 7x7x144"
    assert sizes_in(about_box(diagram.boxes[last], "en")) == four
    # The head takes each by itself, once to its branch and once to the shortcut beside it.
    taken = [sizes_in(edge_text(edge, "en")) for edge in diagram.edges if edge.source == last]
    assert sorted(taken) == sorted([size] for size in four for _ in range(2))
    # From one stage to the next all go together, of which nothing need be said.
    within = [edge for edge in diagram.edges if edge.target == last]
    assert [edge_text(edge, "en") for edge in within] == [""]


def test_what_a_folded_box_takes_of_another_stands_at_its_edge() -> None:
    text = (
        "input: 8x8x4\nblocks: {b: [conv f=1 d=4 as skip, maxpool f=2 s=2, conv f=1 d=6]}\n"
        "layers: [b as down, upsample scale=2, {concat: [[], [conv f=1 d=2 from=down.skip, conv f=1 d=2]]}]"
    )
    diagram = drawn(text, depth=1)
    block = next(number for number, box in enumerate(diagram.boxes) if box.kind == "block")
    assert [str(size) for size in diagram.boxes[block].outputs] == ["8x8x4", "4x4x6"]
    assert sorted(edge_text(edge, "en") for edge in diagram.edges if edge.source == block) == [
        "4x4x6",
        "8x8x4",
    ]
    assert [text.text for text in page_of([diagram]).texts if text.text in ("4x4x6", "8x8x4")]


def test_no_text_of_an_edge_is_lost() -> None:
    diagram = drawn("input: 8x8x4\nlayers: [conv f=1 d=4, {concat: [[relu], [sigmoid]]}]")
    written = " ".join(text.text for text in page_of([diagram]).texts)
    assert "relu" in written
    assert "sigmoid" in written


@pytest.mark.parametrize(
    ("name", "size"), [("googlenet", "28x28x480"), ("unet", "56x56x1024"), ("densenet121", "56x56x256")]
)
def test_a_size_stands_where_neither_band_nor_box_tells_it(name: str, size: str) -> None:
    """What a concatenation leaves: 128 + 192 + 96 + 64, 512 + 512, and 64 + 6 · 32 channels."""
    column = column_of(overview_of(analyze(name)))
    assert size in [box.size for box in column.boxes]
    # A convolution that keeps the size of its maps says the channels itself.
    assert not [
        box
        for box in column.boxes
        if box.text.startswith("1x1 conv") and "/" not in box.text and box.size and column.bands
    ]


def deep(count: int, *, every: int, body: str = "conv f=3 p=1 d={channels}") -> str:
    """Unlike layers without blocks, every so many of them with stride 2."""
    lines = [
        body.format(channels=16 + number % 7) + (" s=2" if number % every == every - 1 else "")
        for number in range(count)
    ]
    return "input: 256x256x3\nlayers:\n" + "".join(f"- {line}\n" for line in lines)


def test_what_has_no_blocks_is_seen_at_once_by_stretches_of_one_map_size() -> None:
    analysis = analyze(read_text(deep(400, every=100)))
    overview = network_overview(analysis)
    # 99 layers of 256, 100 of 128, of 64 and of 32, and the last alone.
    assert texts(overview.diagram) == [
        "input",
        "99 layers",
        "100 layers",
        "100 layers",
        "100 layers",
        "3x3 conv, 23, /2".replace("23", str(16 + 399 % 7)),
    ]
    assert [len(parts) for parts in overview.stretches.values()] == [99, 100, 100, 100]
    params = sum(box.params for box in overview.diagram.boxes if isinstance(box.params, int))
    assert params == analysis.totals.sums["params"]


def test_maps_that_change_all_the_time_end_no_stretch_each() -> None:
    pairs = "".join("- conv f=3 p=1 d=8 s=2\n- upsample scale=2\n" for _ in range(300))
    diagram = overview_of(analyze(read_text(f"input: 64x64x8\nlayers:\n{pairs}")))
    assert 50 < len(diagram.boxes) <= 101


def test_branches_of_several_sizes_end_no_stretch_where_they_do_not_end() -> None:
    """Three branches side by side, 40 times; between two of them one map of another size."""
    unit = "- {concat: [[conv f=1 d=4], [maxpool f=2 s=2, conv f=1 d=4, upsample scale=2]]}\n"
    text = "input: 256x256x8\nlayers:\n" + (unit * 20 + "- conv f=3 p=1 d=8 s=2\n") * 6
    overview = network_overview(analyze(read_text(text)))
    assert len(overview.diagram.boxes) <= 101
    blocks = [box for box in overview.diagram.boxes if box.kind == "block"]
    assert len(blocks) == 6
    assert all(box.shortcut and len(box.outputs) == 1 for box in blocks)


@pytest.mark.parametrize("name", shipped_names())
def test_an_overview_is_seen_at_once(name: str) -> None:
    diagram = overview_of(analyze(name))
    assert len(diagram.boxes) <= 100
    assert all(edge.source < edge.target for edge in diagram.edges)
