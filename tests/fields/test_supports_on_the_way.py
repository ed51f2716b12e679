"""What a unit sees of each layer on its way to the input, against sets that are followed tap by tap."""

from __future__ import annotations

import pytest

import rfcalc
from rfcalc.analysis.fields.plane import PositionSet, supports_on_the_way

Places = set[tuple[int, int]]


def network(size: str, *lines: str) -> rfcalc.AnalysedNetwork:
    return rfcalc.analyze(
        rfcalc.read_text(f"input: {size}\nlayers:\n" + "".join(f"  - {line}\n" for line in lines))
    )


def read_by(places: Places, size: int, kernel: int, stride: int, padding: int, dilation: int) -> Places:
    """What windows at some places read of a square map, one tap after the other."""
    return {
        (row, column)
        for unit_row, unit_column in places
        for down in range(kernel)
        for across in range(kernel)
        if 0 <= (row := unit_row * stride - padding + down * dilation) < size
        and 0 <= (column := unit_column * stride - padding + across * dilation) < size
    }


def places_of(found: PositionSet) -> Places:
    return {
        (found.origin[0] + row, found.origin[1] + column)
        for row, line in enumerate(found.seen.tolist())
        for column, sees in enumerate(line)
        if sees
    }


@pytest.mark.parametrize("unit", [(0, 0), (3, 5), (7, 7)])
def test_every_map_of_a_chain_is_seen_as_its_windows_read_it(unit: tuple[int, int]) -> None:
    windows = [(3, 1, 2, 2), (2, 2, 0, 1), (3, 1, 1, 1), (3, 2, 1, 1)]
    chain = network("32x32x1", *(f"conv f={f} s={s} p={p} r={r} d=2" for f, s, p, r in windows))
    found = supports_on_the_way(chain.fields, len(windows), unit)
    assert found.keys() == set(range(len(windows) + 1))
    places = {unit}
    for index in range(len(windows), -1, -1):
        assert places_of(found[index]) == places
        if index:
            f, s, p, r = windows[index - 1]
            size = chain.graph.nodes[index - 1].facts.output.axes[0]
            assert isinstance(size, int)
            places = read_by(places, size, f, s, p, r)


def test_branches_have_what_the_unit_sees_by_each_and_the_layer_before_them_all_of_it() -> None:
    cross = network(
        "15x15x1",
        "conv f=3 p=1 d=2 as stem",
        "conv f=1x7 p=0x3 d=2 as wide",
        "conv f=7x1 p=3x0 d=2 from=stem as high",
        "{add: [], from: wide+high, as: both}",
    )
    index = {node.name: number for number, node in enumerate(cross.graph.nodes)}
    found = supports_on_the_way(cross.fields, index["both"], (7, 7))
    assert places_of(found[index["wide"]]) == places_of(found[index["high"]]) == {(7, 7)}
    row, column = {(7, at) for at in range(4, 11)}, {(at, 7) for at in range(4, 11)}
    assert places_of(found[index["stem"]]) == row | column
    assert places_of(found[0]) == read_by(row | column, 15, 3, 1, 1, 1)


def test_a_set_in_the_plane_is_boxes_side_by_side_or_the_one_around_it() -> None:
    import numpy as np

    seen = np.array([[1, 0, 1], [1, 0, 1], [0, 1, 0]], dtype=np.bool_)
    found = PositionSet((4, 10), seen)
    blocks = [((4, 5), (10, 10)), ((4, 5), (12, 12)), ((6, 6), (11, 11))]
    assert found.blocks(3) == blocks
    assert found.blocks(2) == [((4, 6), (10, 12))]
    assert PositionSet((4, 10), np.ones((2, 5), dtype=np.bool_)).blocks(1) == [((4, 5), (10, 14))]
    assert PositionSet((0, 0), np.zeros((0, 0), dtype=np.bool_)).blocks(1) == []


def test_a_set_is_seen_along_some_axes_whatever_the_others_say() -> None:
    import numpy as np

    seen = np.zeros((2, 3, 4), dtype=np.bool_)
    seen[1, 2, 3] = seen[0, 0, 3] = True
    found = PositionSet((5, 6, 7), seen).along((2, 0))
    assert (found.origin, found.seen.shape) == ((7, 5), (4, 2))
    assert {tuple(place) for place in np.argwhere(found.seen).tolist()} == {(3, 1), (3, 0)}
    line = PositionSet((5, 6, 7), seen).along((None, 1))
    assert (line.origin, line.seen.tolist()) == ((0, 6), [[True, False, True]])
