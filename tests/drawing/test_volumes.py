"""Drawings as volumes: what is how large, what is read of it, and that nothing lies on anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from math import sqrt
from xml.etree import ElementTree

import pytest
from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st
from placed import Extent, of_text
from test_drawing_formats import HOSTILE, SVG, named
from test_layout import KINDS, drawn

from rfcalc import UsageError, analyze, read_text
from rfcalc.library import shipped_names
from rfcalc.render.diagrams.cuboid import PageVolume, hull
from rfcalc.render.diagrams.page import DiagramPage
from rfcalc.render.diagrams.svg import diagram_svg
from rfcalc.render.diagrams.volumes import volumes_page
from rfcalc.report.diagram.building import chain_of, diagram_of
from rfcalc.report.diagram.diagram import BoxKind, Diagram
from rfcalc.shapes import Shape


def volumes_of(diagram: Diagram) -> list[PageVolume]:
    return [volume for volume, _ in volumes_page([diagram]).volumes]


def described(text: str) -> Diagram:
    return diagram_of(analyze(read_text(text)))


def faults(page: DiagramPage) -> Iterator[str]:
    """Whatever lies on something else or leaves the page."""
    volumes = [
        Extent(each.cuboid.left, each.cuboid.top, each.cuboid.right, each.cuboid.bottom)
        for each, _ in page.volumes
    ]
    texts = [(of_text(text), text) for text in page.texts]
    whole = Extent(0, 0, page.width, page.height)
    for extent in (*volumes, *(extent for extent, _ in texts)):
        if extent.left < 0 or extent.top < 0 or extent.right > whole.right or extent.bottom > whole.bottom:
            yield f"leaves the page: {extent}"
    for number, one in enumerate(volumes):
        for two in volumes[number + 1 :]:
            if one.overlaps(two, 0.01):
                yield f"volumes lie on each other: {one} and {two}"
    for number, (extent, text) in enumerate(texts):
        for other, other_text in texts[number + 1 :]:
            if extent.overlaps(other, 0.5):
                yield f"{text.text} lies on {other_text.text}"
        for volume in volumes:
            if extent.overlaps(volume, 0.5) and text.y > volume.bottom - 1:
                yield f"{text.text} lies on a volume"


# The maps of figure 2 of Krizhevsky, Sutskever and Hinton (2012), both towers together, with pooling between
# as section 3.5 has it; the input is the 227 that its strides need.
ALEXNET = (
    *("227x227x3", "55x55x96", "27x27x96", "27x27x256", "13x13x256", "13x13x384", "13x13x384"),
    *("13x13x256", "6x6x256", "1x1x4096", "1x1x4096", "1x1x1000"),
)


def test_alexnet_is_that_of_the_paper() -> None:
    page = volumes_page([chain_of(analyze("alexnet"))])
    volumes = [volume for volume, _ in page.volumes]
    assert tuple(str(volume.box.output) for volume in volumes) == ALEXNET
    assert [volume.bar for volume in volumes] == [False] * 9 + [True] * 3
    texts = [text.text for text in page.texts]
    for size in ("227 × 227", "55 × 55", "27 × 27", "13 × 13", "6 × 6", "96", "256", "384", "4096", "1000"):
        assert size in texts
    assert texts.count("3x3 maxpool") == 3
    assert texts[texts.index("11x11 conv") + 1] == "stride 4"
    assert "5x5 conv" in texts


def test_lengths_go_by_square_roots_of_sizes() -> None:
    volumes = volumes_of(chain_of(analyze("alexnet")))
    first = volumes[0].cuboid
    for volume in volumes[1:9]:
        (height, width), channels = volume.box.output.axes, volume.box.output.channels
        assert volume.cuboid.high / first.high == pytest.approx(sqrt(height / 227))
        assert volume.cuboid.deep / first.deep == pytest.approx(sqrt(width / 227))
        assert volume.cuboid.wide / volumes[5].cuboid.wide == pytest.approx(sqrt(channels / 384))
    assert volumes[11].cuboid.high / volumes[9].cuboid.high == pytest.approx(sqrt(1000 / 4096))


def test_networks_below_each_other_have_one_scale() -> None:
    page = volumes_page([chain_of(analyze(name)) for name in ("alexnet", "lenet5")])
    alexnet, lenet = page.volumes[0][0], page.volumes[len(ALEXNET)][0]
    assert lenet.cuboid.top > alexnet.cuboid.bottom
    assert lenet.cuboid.high / alexnet.cuboid.high == pytest.approx(sqrt(32 / 227))
    assert not [*faults(page)]


def test_a_window_has_its_part_of_the_map_and_leads_to_the_unit_that_reads_it() -> None:
    page = volumes_page([chain_of(analyze("alexnet"))])
    kernels = (11, 3, 5, 3, 3, 3, 3, 3)
    for kernel, ((volume, beam), (following, _)) in zip(kernels, pairwise(page.volumes), strict=False):
        cuboid, window = volume.cuboid, volume.window
        assert window is not None
        assert beam is not None
        size = volume.box.output.axes[0]
        assert window.high == pytest.approx(max(3, cuboid.high * kernel / size))
        assert window.wide == cuboid.wide
        # It lies within: its corners are within the outline of the volume.
        outline = hull([*cuboid.map_corners(0), *cuboid.map_corners(cuboid.wide)])
        corners = [*window.map_corners(0), *window.map_corners(window.wide)]
        assert set(hull([*outline, *corners])) == set(outline)
        # The unit is where its window is, each as a part of its map, and at the left of its volume.
        assert beam.tip is not None
        up = (cuboid.bottom - window.bottom + window.high / 2) - (window.left - cuboid.left) / 0.40 * 0.34
        other = following.cuboid
        back = (beam.tip[0] - other.left) / 0.40
        part = (other.bottom - beam.tip[1] - 0.34 * back) / other.high
        assert part == pytest.approx(up / cuboid.high, abs=0.01)
        assert {end for _, end in beam.rays} == {beam.tip}


def test_what_reads_all_is_reached_from_all() -> None:
    page = volumes_page([chain_of(analyze("alexnet"))])
    (pool5, beam), (fc6, _) = page.volumes[8:10]
    assert pool5.window is None
    assert beam is not None
    assert beam.tip is None
    assert [end for _, end in beam.rays] == [fc6.cuboid.at(0, fc6.cuboid.high, 0), fc6.cuboid.at(0, 0, 0)]


# The span of a window of f taps with dilation r is r (f - 1) + 1; of a transposed convolution each unit reads
# the positions p with 0 <= o - p s < f, of which there are f / s where s divides f.
@pytest.mark.parametrize(
    ("layer", "reads"),
    [
        ("conv f=3 d=4", (3, 3)),
        ("conv f=3x5 d=4", (3, 5)),
        ("conv f=3 r=4 d=4", (9, 9)),
        ("maxpool f=2 s=2", (2, 2)),
        ("deconv f=4 s=2 d=4", (2, 2)),
        ("deconv f=3 s=2 d=4", (2, 2)),
        ("fc d=4", (None, None)),
        ("globalavgpool", (None, None)),
        ("opaque type=Any size=4x4x4", None),
    ],
)
def test_what_a_unit_reads(layer: str, reads: tuple[int | None, ...] | None) -> None:
    assert described(f"input: 16x16x4\nlayers: [{layer}]").boxes[-1].reads == reads


def test_nobody_knows_what_is_read_of_a_block_and_what_comes_together() -> None:
    diagram = chain_of(analyze("resnet18"))
    assert [box.reads for box in diagram.boxes if box.kind == "block"] == [None] * 7
    page = volumes_page([diagram])
    # An arrow leads there instead.
    arrows = {(edge.source, edge.target) for edge in page.edges}
    assert arrows == {(number, number + 1) for number in range(2, 9)}
    assert [volume.window is None for volume, _ in page.volumes[2:]] == [True] * 10


def test_signals_have_no_depth_and_of_three_axes_two_are_drawn() -> None:
    signal = volumes_page([described("input: 400x2\nlayers: [conv f=9 s=4 d=16, conv f=3 d=8]")])
    assert len({volume.cuboid.deep for volume, _ in signal.volumes}) == 1
    assert [text.text for text in signal.texts if text.text in ("400", "98", "96")] == ["400", "98", "96"]
    volume = volumes_page([chain_of(analyze("r3d-18"))])
    assert "16 × 112 × 112" in [text.text for text in volume.texts]
    assert "of three axes the last two are drawn" in [text.text for text in volume.texts]


def test_sizes_with_symbols_are_drawn_as_for_one_number_that_is_told() -> None:
    layers = "[conv f=3 p=1 s=2 d=8, maxpool f=2 s=2, conv f=1 d=k]"
    text = f"symbols: [h, k]\ninput: (32*h)x(32*h)x3\nlayers: {layers}"
    page = volumes_page([described(text)])
    assert "drawn as for h, k = 4" in [text.text for text in page.texts]
    highs = [volume.cuboid.high for volume, _ in page.volumes]
    assert [high / highs[0] for high in highs] == pytest.approx([1, sqrt(1 / 2), 1 / 2, 1 / 2])
    assert "32h × 32h" in [text.text.replace("(", "").replace(")", "") for text in page.texts]


def test_sizes_of_any_degree_are_drawn() -> None:
    page = volumes_page([described("symbols: [C]\ninput: 8x8xC\nlayers: [conv f=3 d=C**120, conv f=1 d=C]")])
    assert [volume.cuboid.wide > 0 for volume, _ in page.volumes] == [True] * 3


def test_what_is_not_drawn_is_told() -> None:
    page = volumes_page([chain_of(analyze("siamese"))])
    assert "boxes beside the longest way, which are not drawn: 10" in [text.text for text in page.texts]
    assert "boxes beside" not in " ".join(
        text.text for text in volumes_page([chain_of(analyze("unet"))]).texts
    )


def test_what_passes_by_is_above_all_that_it_passes() -> None:
    page = volumes_page([chain_of(analyze("unet"))])
    arcs = [edge for edge in page.edges if len(edge.points) == 4]
    assert len(arcs) == 4
    for edge in arcs:
        passed = [volume.cuboid.top for volume, _ in page.volumes[edge.source : edge.target + 1]]
        assert edge.points[1][1] < min(passed) - 9.5
    # One within another is below it.
    heights = {edge.source: edge.points[1][1] for edge in arcs}
    assert [heights[source] for source in sorted(heights)] == sorted(set(heights.values()))


SEEN = (
    *("alexnet", "vgg16", "lenet5", "nin", "resnet18", "unet", "googlenet", "hrnet-w18", "densenet121"),
    *("crnn", "wavenet", "siamese", "dcgan", "bert-base", "r3d-18", "unet-3d", "bifpn-d0", "conv3x3-stack"),
)


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_lies_on_anything_else(name: str, language: str) -> None:
    assert not [*faults(volumes_page([chain_of(analyze(name), language=language)]))]  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_nothing_lies_on_anything_else_in_any_network(name: str) -> None:
    assert not [*faults(volumes_page([chain_of(analyze(name))]))]


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    count = draw(st.integers(1, 12))
    edges = [
        (draw(st.integers(max(0, target - 4), target - 1)), target)
        for target in range(1, count)
        for _ in range(draw(st.integers(1, 3)))
    ]
    kinds: list[BoxKind] = [draw(st.sampled_from(KINDS)) for _ in range(count)]
    diagram = drawn(edges, kinds)
    length = st.integers(1, 10) | st.integers(1, 2**62)
    axes = st.lists(length, min_size=0, max_size=3)
    windows = st.none() | st.tuples(st.none() | length, st.none() | length)
    return diagram._replace(
        boxes=tuple(
            box._replace(
                outputs=(Shape(tuple(draw(axes)), draw(length)),),
                reads=draw(windows),
                lines=tuple(draw(st.lists(st.text("abc x×", max_size=40), max_size=4))),
            )
            for box in diagram.boxes
        )
    )


@given(diagrams())
def test_nothing_lies_on_anything_else_in_any_diagram(diagram: Diagram) -> None:
    assert not [*faults(volumes_page([diagram]))]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12))
def test_the_hull_holds_all_points_and_turns_one_way(points: list[tuple[int, int]]) -> None:
    found = hull([(float(x), float(y)) for x, y in points])
    for one, two in zip(found, (*found[1:], *found[:1]), strict=True):
        sides = [(two[0] - one[0]) * (y - one[1]) - (two[1] - one[1]) * (x - one[0]) for x, y in points]
        assert min(sides) >= 0
    assert set(found) <= {(float(x), float(y)) for x, y in points}


@pytest.mark.parametrize("name", ["alexnet", "unet", "siamese"])
@pytest.mark.parametrize("text", ["name", HOSTILE])
def test_an_svg_is_well_formed_and_whatever_a_name_holds_is_text(name: str, text: str) -> None:
    diagram = named(chain_of(analyze(name)), text)
    diagram = diagram._replace(boxes=tuple(box._replace(lines=(text, text)) for box in diagram.boxes))
    written = diagram_svg(diagram, style="volumes", links=lambda box: f"#{box.name}")
    root = ElementTree.fromstring(written)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "path", "text", "a", "circle"}
    assert "<script" not in written
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e\ud800]", written)


def test_an_svg_says_what_it_shows_and_in_which_scale() -> None:
    root = ElementTree.fromstring(diagram_svg(chain_of(analyze("lenet5")), style="volumes"))
    about = next(element.text for element in root if element.tag == f"{SVG}desc")
    assert about == (
        "LeNet-5: 8 volumes from the input at the left to the output: 32x32x1, 28x28x6, 14x14x6, 10x10x16, "
        "5x5x16, 1x1x120, 1x1x84, 1x1x10; lengths go by square roots of sizes: maps, channels and vectors "
        "each in a scale of their own; the shortest are drawn longer"
    )
    titles = [title.text or "" for group in root.iter(f"{SVG}g") for title in group.findall(f"{SVG}title")]
    # 6 · (25 + 1) parameters and 28 · 28 · 6 · 25 multiply-adds.
    assert "C1: 5x5 conv, 6 + tanh, 28x28x6, 156 parameters, 117.6 k MACs" in titles


def test_chinese_words() -> None:
    written = diagram_svg(chain_of(analyze("alexnet"), language="zh"), style="volumes")
    assert "步长4" in written
    assert "长度按大小的平方根绘制" in written
    assert "stride" not in written


def test_png_and_pdf_have_the_page_of_the_svg() -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    from rfcalc.render.charts.palette import LIGHT, channels, mixed
    from rfcalc.render.diagrams.matplotlib import diagram_file

    diagrams = [chain_of(analyze("alexnet"))]
    page = volumes_page(diagrams)
    image = Image.open(BytesIO(diagram_file(diagrams, "png", "volumes"))).convert("RGB")
    assert image.size == pytest.approx((2 * page.width, 2 * page.height), abs=2)
    for volume, _ in page.volumes[1:]:
        face = volume.cuboid.faces()[0]
        x, y = volume.cuboid.at(3, 4, 0)
        tint = channels(mixed(LIGHT.colour(volume.colour), LIGHT.ground, face.shade))
        assert image.getpixel((2 * x, 2 * y)) == pytest.approx(tint, abs=3)
    assert diagram_file(diagrams, "pdf", "volumes").startswith(b"%PDF")


def test_more_volumes_than_anyone_can_see_are_refused() -> None:
    diagram = drawn([(number, number + 1) for number in range(400)], ["layer"] * 401)
    with pytest.raises(UsageError, match="401 volumes are too many for a drawing, which holds 400"):
        volumes_page([diagram])


def test_time_grows_with_the_size_alone() -> None:
    def lines(count: int) -> int:
        # A way of a hundred boxes, and a branch past it that is as long as is asked for.
        edges = [(number, number + 1) for number in range(99)]
        edges += [(0, 100), *((number, number + 1) for number in range(100, 99 + count))]
        diagram = drawn(edges[: 99 + count], ["layer"] * (100 + count))
        return lines_run(lambda: volumes_page([diagram]))[1]

    assert lines(80) < 3 * lines(20)
