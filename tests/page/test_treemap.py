"""Treemaps: areas are in proportion, and lie within and beside each other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc import analyze, read_text
from rfcalc.analysis.figures import COUNTS
from rfcalc.report.page.blocks import block_tree
from rfcalc.report.page.treemap import Area, Treemap, squarified, treemap


def overlap(one: Area, other: Area) -> float:
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    high = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return max(wide, 0) * max(high, 0)


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=40),
    st.tuples(*[st.floats(0.01, 100)] * 2),
)
def test_rectangles_fill_an_area_in_proportion_and_lie_beside_each_other(
    sizes: list[int], sides: tuple[float, float]
) -> None:
    sizes.sort(reverse=True)
    area = Area(2.0, 3.0, *sides)
    whole = area.width * area.height
    shares = [size / sum(sizes) for size in sizes]
    found = squarified(shares, area)
    assert [each.width * each.height / whole for each in found] == pytest.approx(shares, rel=1e-6, abs=1e-12)
    slack = 1e-9 * max(sides)
    for each in found:
        assert each.left >= area.left - slack
        assert each.top >= area.top - slack
        assert each.left + each.width <= area.left + area.width + slack
        assert each.top + each.height <= area.top + area.height + slack
    for place, one in enumerate(found):
        for other in found[place + 1 :]:
            assert overlap(one, other) <= 1e-9 * whole


def test_equal_parts_of_a_square_are_squares() -> None:
    found = squarified([0.25] * 4, Area(0, 0, 1, 1))
    assert [(each.width, each.height) for each in found] == [(0.5, 0.5)] * 4


def drawn(network: str, count: str) -> Treemap:
    return treemap(block_tree(analyze(network)), COUNTS[count], 1.6)


@pytest.mark.parametrize("network", ["resnet50", "googlenet", "densenet121", "vgg16", "unet"])
@pytest.mark.parametrize("count", ["macs", "params"])
def test_a_tile_is_as_large_as_its_share_and_stands_in_its_block(network: str, count: str) -> None:
    analysis, found = analyze(network), drawn(network, count)
    whole = sum(COUNTS[count].value(layer) or 0 for layer in analysis.layers)  # type: ignore[misc]
    areas = {tile.name: tile.area for tile in found.tiles}
    for tile in found.tiles:
        inside = [
            layer
            for layer in analysis.layers
            if layer.name == tile.name or layer.name.startswith(f"{tile.name}.")
        ]
        share = sum(COUNTS[count].value(layer) or 0 for layer in inside) / whole  # type: ignore[misc]
        assert tile.share == pytest.approx(share)
        # What is too small to be drawn leaves its area to the rest of its block.
        assert tile.area.width * tile.area.height == pytest.approx(share, rel=0.1, abs=2e-4)
        around = tile.name.rpartition(".")[0]
        if around in areas:
            assert overlap(tile.area, areas[around]) == pytest.approx(tile.area.width * tile.area.height)
    outer = [tile for tile in found.tiles if tile.level == 1]
    assert sum(tile.area.width * tile.area.height for tile in outer) == pytest.approx(1)


def test_the_most_of_vgg16_is_where_the_book_says() -> None:
    """The first fully connected layer has 102,764,544 of 138,357,544 parameters, and few multiply-adds."""
    params, macs = drawn("vgg16", "params"), drawn("vgg16", "macs")
    assert params.tiles[0].name == "fc6"
    assert params.tiles[0].share == pytest.approx(102_764_544 / 138_357_544)
    assert params.operators[0] == "fc"
    assert macs.operators[0] == "conv"


def test_symbols_have_areas_too() -> None:
    found = drawn("conv3x3-stack", "params")
    assert len(found.tiles) == 3
    assert all(one.share == pytest.approx(other.share) for one, other in pairwise(found.tiles))


def test_what_learns_nothing_has_no_tiles() -> None:
    nothing = analyze(read_text("input: 8x8x3\nlayers: [relu]\n"))
    assert treemap(block_tree(nothing), COUNTS["params"], 1.6).tiles == ()


def test_a_block_that_holds_all_is_no_tile_of_its_own() -> None:
    text = """
input: 8x8x3
blocks:
  pair: [conv f=3 p=1 d=4, conv f=3 p=1 d=4]
  all: [pair as first, pair as second]
layers:
  - all as model
"""
    drawn = treemap(block_tree(analyze(read_text(text))), COUNTS["macs"], 1.5)
    assert [tile.name for tile in drawn.tiles if tile.level == 1] == ["model.second", "model.first"]
    assert [tile.share for tile in drawn.tiles if tile.level == 1] == [
        pytest.approx(32 / 60),
        pytest.approx(28 / 60),
    ]
