"""What units really see: products found forward against enumeration, and which units see a region."""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plane_oracle import PlaneOracle
from random_networks import random_network

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.plane import PositionSet
from rfcalc.analysis.fields.products import SeenProducts, blocks_at, box_of, count_of_union
from rfcalc.analysis.fields.visible import VisibleFields
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, read_text

Place = tuple[int, ...]


def network(size: str, *layers: str) -> NetworkAnalysis:
    return analyze(read_text(f"input: {size}\nlayers:\n" + "".join(f"  - {line}\n" for line in layers)))


def members(found: PositionSet) -> set[Place]:
    return {
        tuple(int(a + b) for a, b in zip(found.origin, place, strict=True))
        for place in np.argwhere(found.seen)
    }


# --- one pass forward


def seen_by(block: tuple[int, ...]) -> set[Place]:
    return set(product(*[[place for place in range(64) if row >> place & 1] for row in block]))


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_products_are_what_enumeration_finds(random: Random, everything: bool) -> None:
    network = random_network(random)
    graph = network.built()
    if graph is None:
        return
    analysis, oracle = analyze_graph(graph), PlaneOracle(graph)
    for source in range(len(graph.inputs)):
        products = SeenProducts(analysis.fields, source, everything=everything)
        for node in range(len(graph.inputs), len(graph.nodes)):
            terms = products.of(node)
            # Which paths are global is not claimed of a join of what advances in ways that are not known.
            slots = (number for number, slot in enumerate(oracle.slots) if slot.source == source)
            if terms is None or (not everything and not oracle.untold[node].isdisjoint(slots)):
                continue
            axes = oracle.sizes[node][:-1]
            units = list(product(*[sorted({0, size // 2, size - 1}) for size in axes]))[:6]
            seen = oracle.seen(node, units, clipped=True)
            for number, unit in enumerate(units):
                most, least = (
                    seen.plane(number, source, everything=everything, either=either)
                    for either in (True, False)
                )
                blocks = blocks_at(terms, unit)
                found = set().union(*map(seen_by, blocks))
                assert least <= found <= most, (network.written(), source, graph.nodes[node].name, unit)
                assert count_of_union(blocks) == len(found)
                ends = (
                    tuple((min(along), max(along)) for along in zip(*found, strict=True)) if found else None
                )
                assert box_of(blocks) == ends or found == {()}


def test_a_row_beside_a_column_is_a_union_of_two_products() -> None:
    analysis = network("32x32x4", "{add: [[conv f=1x7 p=0x3 d=4], [conv f=7x1 p=3x0 d=4]]}")
    visible = VisibleFields(analysis.fields)
    middle, corner = (visible.of(len(analysis.graph.nodes) - 1, unit, 0) for unit in ((16, 16), (0, 0)))
    assert (middle.box, middle.positions, middle.area) == (((13, 19), (13, 19)), 13, 49)
    assert (corner.box, corner.positions, corner.padding) == (((0, 3), (0, 3)), 7, 49 - 16)


def test_a_shortcut_between_the_pixels_of_a_dilated_convolution_leaves_holes() -> None:
    analysis = network("16x16x4", "{add: [[conv f=2 r=2 p=1 d=4], []]}")
    found = VisibleFields(analysis.fields).of(len(analysis.graph.nodes) - 1, (8, 8), 0)
    assert (found.box, found.positions) == (((7, 9), (7, 9)), 5)


def test_what_lies_in_padding_of_a_deep_layer_carries_nothing() -> None:
    # A padded position of the second layer would, by its place, see real pixels of the first.
    analysis = network("9x9x1", "conv f=5 d=1", "conv f=3 p=1 d=1")
    found = VisibleFields(analysis.fields).of(2, (0, 0), 0)
    assert (found.theoretical, found.box) == (((-1, 5), (-1, 5)), ((0, 5), (0, 5)))
    assert (found.centre, found.positions, found.area, found.padding) == ((2.0, 2.0), 36, 49, 13)


@pytest.mark.parametrize(
    ("padding", "first", "last"),
    [("zeros", 0, 2), ("replicate", 0, 2), ("reflect", 0, 2), ("circular", 0, 9)],
)
def test_borders_show_the_positions_that_they_repeat(padding: str, first: int, last: int) -> None:
    analysis = network("10x3", f"conv f=5 p=2 padding_mode={padding} d=4")
    found = VisibleFields(analysis.fields).of(1, (0,), 0)
    assert (found.box, found.positions) == (((first, last),), 5 if padding == "circular" else 3)


def test_units_that_read_nothing_see_nothing() -> None:
    analysis = network("4x4x1", "deconv f=2 s=3 d=1")
    found = VisibleFields(analysis.fields).of(1, (2, 0), 0)
    assert (found.box, found.positions, found.theoretical, found.centre) == (None, 0, (None, (0, 0)), None)


def test_gates_are_left_out_unless_they_are_asked_for() -> None:
    analysis = network("16x16x8", "conv f=3 p=1 d=8", "{mul: [[], [globalavgpool, fc d=8, sigmoid]]}")
    node = len(analysis.graph.nodes) - 1
    local, strict = (
        VisibleFields(analysis.fields, strict=each).of(node, (0, 0), 0) for each in (False, True)
    )
    assert (local.positions, local.whole) == (4, ((-1, 1), (-1, 1)))
    assert (strict.positions, strict.whole, strict.centre, strict.padding) == (256, None, None, None)


def test_what_is_not_known_says_why() -> None:
    analysis = network("8x8x4", "opaque type=Mystery size=8x8x4")
    found = VisibleFields(analysis.fields).of(1, (0, 0), 0)
    assert (found.box, found.positions, found.theoretical) == (None, None, (None, None))
    assert found.reason == "the field is not known"
    with pytest.raises(OutOfReachError, match="not known"):
        VisibleFields(analysis.fields).seeing(1, ((0, 0), (0, 0)), 0)


def test_a_long_signal_is_swept_for_the_units_that_are_asked_for() -> None:
    analysis = network("160000x1", "conv f=3 r=512 p=512 d=2", "conv f=3 p=1 d=2")
    found = VisibleFields(analysis.fields).of(2, (80000,), 0)
    assert (found.box, found.positions) == (((80000 - 513, 80000 + 513),), 9)


# --- which units see a region


@pytest.mark.parametrize(
    "layers",
    [
        ("conv f=3 s=2 p=1 d=4", "conv f=3 p=1 d=4"),
        ("{add: [[conv f=1x5 p=0x2 d=4], [conv f=5x1 p=2x0 d=4]]}",),
        ("conv f=3 p=1 d=4", "deconv f=2 s=3 d=4"),
        ("conv f=3 p=1 padding_mode=circular d=4",),
        ("conv f=3 s=2 p=1 d=8", "pixelshuffle factor=2", "conv f=3 p=1 d=4"),
        ("conv f=3 p=1 d=4", "globalavgpool"),
    ],
)
def test_the_units_of_a_region_are_those_whose_field_meets_it(layers: tuple[str, ...]) -> None:
    analysis = network("9x8x4", *layers)
    node = len(analysis.graph.nodes) - 1
    visible, oracle = VisibleFields(analysis.fields), PlaneOracle(analysis.graph)
    units = list(product(*map(range, oracle.sizes[node][:-1])))
    seen = oracle.seen(node, units, clipped=True)
    fields = {unit: seen.plane(number, 0, everything=True) for number, unit in enumerate(units)}
    for region in (((4, 4), (4, 4)), ((0, 0), (7, 7)), ((2, 6), (0, 4)), ((0, 8), (0, 7)), ((0, 8), (0, 3))):
        inside = set(product(*[range(low, high + 1) for low, high in region]))
        touching = {unit for unit, field in fields.items() if field & inside}
        within = {unit for unit, field in fields.items() if field and field <= inside}
        assert members(visible.seeing(node, region, 0)) == touching
        assert members(visible.within(node, region, 0)) == within


def test_all_units_of_a_long_signal_are_known() -> None:
    # Rows of bits as long as the signal would take 30 MB for each layer.
    analysis = analyze("wavenet")
    products = SeenProducts(analysis.fields, 0, everything=False)
    terms = products.of(len(analysis.graph.nodes) - 1)
    assert terms is not None
    for unit in (0, 1, 512, 1023, 1024, 15_999):
        blocks = blocks_at(terms, (unit,))
        first = max(0, unit - 1023)
        assert box_of(blocks) == ((first, unit),)
        assert count_of_union(blocks) == unit - first + 1
