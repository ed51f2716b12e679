"""The enumeration in the plane itself: against hand counts, gradients that torch measured, and recursion."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patches import Position
from plane_oracle import PlaneOracle
from random_networks import random_network
from readings import Parts, Rearranged, Separable, readings, sizes_of

from rfcalc.description import build_graph
from rfcalc.graph.ir import Graph
from rfcalc.library import load, read_text

Element = tuple[Position, int]


def oracle(text: str) -> PlaneOracle:
    return PlaneOracle(build_graph(read_text(text)))


def layers(size: str, *lines: str) -> PlaneOracle:
    return oracle(f"input: {size}\nlayers:\n" + "".join(f"  - {line}\n" for line in lines))


def local(network: PlaneOracle, unit: Position, *, node: int = -1, slot: int = 0) -> set[int]:
    seen = network.seen(node % len(network.sizes), [unit])
    assert not seen.undefined[0]
    assert seen.positions(0, slot, "local") == seen.positions(0, slot, "local", "either")
    return seen.positions(0, slot, "local")


def strict(network: PlaneOracle, unit: Position, *, node: int = -1, slot: int = 0) -> set[int]:
    return network.seen(node % len(network.sizes), [unit]).strict(0, slot)


def plane(
    network: PlaneOracle, unit: Position, *, clipped: bool = False, everything: bool = True
) -> set[Position]:
    seen = network.seen(len(network.sizes) - 1, [unit], clipped=clipped)
    return seen.plane(0, 0, everything=everything)


def path(network: PlaneOracle, unit: Position, *, node: int = -1, slot: int = 0) -> str:
    """The way of the best global path of a unit, all of which are surely or surely not global."""
    sure, perhaps = network.seen(node % len(network.sizes), [unit]).global_side(slot)
    assert perhaps is None
    return "none" if sure is None else ("main", "either", "side")[sure]


def between(low: int, high: int) -> set[int]:
    return set(range(low, high + 1))


# --- hand counts


def test_windows_are_not_clipped_and_a_window_as_large_as_its_map_slides_on() -> None:
    network = layers("7x7x2", "conv f=7 d=2", "deconv f=3 d=2")
    assert local(network, (0, 0)) == between(-2, 6)
    assert local(network, (2, 2), slot=1) == between(0, 8)
    assert path(network, (0, 0)) == "none"
    # Unit 0 of the convolution sees 0 … 6; the transposed window reads units −2, −1 and 0 of it.
    assert len(plane(network, (0, 0))) == 81
    assert plane(network, (0, 0), clipped=True) == set(product(range(7), repeat=2))


def test_whole_axes_are_the_real_positions() -> None:
    for line in ("globalavgpool", "fc d=3", "adaptivemaxpool size=1"):
        network = layers("5x6x2", "conv f=3 p=2 d=2", line)
        # Positions 0 … 6 of the convolution read −2 … 6.
        assert local(network, (0, 0)) == between(-2, 6)
        assert local(network, (0, 0), slot=1) == between(-2, 7)
        assert path(network, (0, 0)) == "none"


def test_two_permutations_that_undo_each_other_change_nothing() -> None:
    network = layers("9x8x4", "permute order=2x0x1", "permute order=1x2x0", "conv f=3 d=2")
    assert local(network, (2, 3)) == {2, 3, 4}
    assert local(network, (2, 3), slot=1) == {3, 4, 5}
    assert len(plane(network, (2, 3))) == 9


def test_mean_and_maximum_over_channels_are_read_by_one_window() -> None:
    # The spatial attention of CBAM: the channels become an axis, are pooled away, and the axes go back.
    pooled = ", ".join(
        f"[permute order=0x2x1, adaptive{kind}pool size=12x1, permute order=0x2x1]" for kind in ("avg", "max")
    )
    network = layers("12x12x4", f"concat: [{pooled}]", "conv f=7 p=3 d=1")
    for slot in (0, 1):
        assert local(network, (5, 5), slot=slot) == between(2, 8)
        assert path(network, (5, 5), slot=slot) == "none"
    assert len(plane(network, (5, 5), clipped=True)) == 49


def test_a_row_beside_a_column_is_a_cross() -> None:
    network = layers("20x20x2", "add: [[conv f=1x7 p=0x3 d=2], [conv f=7x1 p=3x0 d=2]]")
    assert plane(network, (9, 9)) == {(9, x) for x in range(6, 13)} | {(y, 9) for y in range(6, 13)}
    assert plane(network, (0, 0), clipped=True) == {(0, x) for x in range(4)} | {(y, 0) for y in range(4)}


def test_joined_dilations_leave_holes_between_their_taps() -> None:
    branches = ", ".join(f"[conv f=3 p={rate} r={rate} d=2]" for rate in (2, 4, 6))
    network = layers("20x20x2", f"concat: [[conv f=1 d=2], {branches}]")
    # The centre, and eight positions around it at each of three distances, of a box of 13 by 13.
    seen = plane(network, (9, 9))
    assert len(seen) == 25
    assert seen == {(9 + y * r, 9 + x * r) for r in (2, 4, 6) for y in (-1, 0, 1) for x in (-1, 0, 1)}
    assert local(network, (9, 9)) == {3, 5, 7, 9, 11, 13, 15}


def test_half_of_the_channels_pass_a_unit_of_shufflenet_by() -> None:
    unit = "concat: [[], [conv f=1 d=2, dwconv f=3 p=1, conv f=1 d=2]]"
    one = layers("12x12x4", f"{{{unit}, split: 2}}")
    shuffled = layers("12x12x4", f"{{{unit}, split: 2}}", "channelshuffle g=2")
    halves = {
        number: layers(
            "12x12x4", f"{{{unit}, split: 2}}", "channelshuffle g=2", f"slice channels={number}:{number + 1}"
        )
        for number in range(4)
    }
    assert local(one, (5, 5)) == local(shuffled, (5, 5)) == {4, 5, 6}
    # Channels 0, 1 | 2, 3 are interleaved to 0, 2, 1, 3.
    assert [local(halves[number], (5, 5)) for number in range(4)] == [{5}, {4, 5, 6}, {5}, {4, 5, 6}]
    # In the next unit half of the new first half has passed both by.
    two = layers(
        "12x12x4",
        f"{{{unit}, split: 2}}",
        "channelshuffle g=2",
        f"{{{unit}, split: 2}}",
        "channelshuffle g=2",
    )
    assert local(two, (5, 5)) == between(3, 7)
    first = layers(
        "12x12x4",
        f"{{{unit}, split: 2}}",
        "channelshuffle g=2",
        f"{{{unit}, split: 2}}",
        "slice channels=0:1",
    )
    assert local(first, (5, 5)) == {5}


def test_groups_keep_channels_of_a_join_apart() -> None:
    concat = "concat: [[conv f=1 d=2], [conv f=3 p=1 d=2]]"
    for line, seen in (
        ("conv f=1 g=2 d=2", [{5}, {4, 5, 6}]),
        ("conv f=1 d=2", [{4, 5, 6}] * 2),
        ("gn g=1", [{4, 5, 6}] * 4),
        ("gn g=2", [{5}] * 2 + [{4, 5, 6}] * 2),
        ("in", [{5}] * 2 + [{4, 5, 6}] * 2),
        ("dwconv f=1 m=2", [{5}] * 4 + [{4, 5, 6}] * 4),
        ("lrn n=3", [{5}] + [{4, 5, 6}] * 3),
        ("ln", [{4, 5, 6}] * 4),
        ("attention projections=no heads=2 window=2", [{4, 5}] * 2 + [{3, 4, 5, 6}] * 2),
    ):
        for number, expected in enumerate(seen):
            network = layers("12x12x4", concat, line, f"slice channels={number}:{number + 1}")
            assert local(network, (5, 5)) == expected, (line, number)


def test_rearrangements_follow_each_element() -> None:
    # Element (y, x, c) is number (y·6 + x)·2 + c of 48; (1, 1, 3) of 3x4x4 is number 23: (1, 5, 1).
    network = layers("4x6x2", "reshape to=3x4x4", "slice channels=3:4")
    assert plane(network, (1, 1)) == {(1, 5)}
    # Channel c·4 + y·2 + x becomes channel c of position (2h + y, 2w + x), and the other way round.
    network = layers("4x4x2", "pixelunshuffle factor=2", "slice channels=6:7")
    assert plane(network, (1, 0)) == {(3, 0)}
    assert plane(network, (-1, 0)) == {(-1, 0)}
    network = layers("4x4x2", "pixelunshuffle factor=2", "conv f=1 d=4", "pixelshuffle factor=2")
    assert plane(network, (1, 2)) == {(0, 2), (0, 3), (1, 2), (1, 3)}
    assert path(network, (1, 2)) == "none"
    network = layers("4x4x2", "flatten", "slice channels=13:14")
    assert plane(network, ()) == {(1, 2)}
    network = layers("4x4x2", "flatten", "reshape to=4x4x2", "conv f=3 p=1 d=1")
    assert local(network, (1, 2)) == {0, 1, 2}
    assert path(network, (1, 2)) == "none"
    # The leading digit alone runs on: row 4 of 4x4 positions is positions 16 … 19 of the line.
    network = layers("16x2", "reshape to=4x4x2")
    assert plane(network, (4, 1)) == {(17,)}


def test_a_position_that_was_a_channel_has_nothing_beyond_it() -> None:
    network = layers("4x4x2", "permute order=2x1x0", "conv f=3x1 p=1x0 d=1")
    seen = network.seen(2, [(0, 0), (1, 0)])
    assert seen.undefined.tolist() == [True, True]
    assert network.seen(2, [(0, 0)], clipped=True).undefined.tolist() == [False]


def test_taps_without_weight_are_not_seen() -> None:
    network = layers("6x1", "upsample scale=3 mode=bilinear")
    assert [local(network, (unit,)) for unit in (3, 4, 5)] == [{0, 1}, {1}, {1, 2}]


def test_behind_branches_of_different_rates_positions_outside_the_map_are_nobodys() -> None:
    join = "add: [[conv f=3 d=4], [upsample size=10]]"
    # Unit o sees o … o + 2 and floor(o · 12 / 10).
    network = layers("12x4", join)
    assert [local(network, (o,)) for o in (0, 9)] == [{0, 1, 2}, {9, 10, 11}]
    # 6 positions are left, 0 … 5: up to 7.
    assert local(layers("12x4", join, "crop p=0:4", "globalavgpool"), (0,)) == between(0, 7)
    padded = layers("12x4", join, "pad p=0:2")
    assert [local(padded, (o,)) for o in (9, 10, 11)] == [{9, 10, 11}, set(), set()]
    window = layers("12x4", join, "conv f=3 p=1 d=2")
    assert local(window, (0,)) == between(0, 3)
    assert local(window, (9,)) == between(8, 11)
    # The join itself reads a branch beyond its own map.
    longer = layers("12x4", "add: [[conv f=1 d=4, pad p=2], [upsample size=16]]")
    assert local(longer, (0,)) == {-2, 0}
    # Only along the axis whose rates differ.
    plane_ = layers("12x12x4", "add: [[conv f=3x1 d=4], [upsample size=10x12]]", "conv f=3 p=1 d=2")
    assert local(plane_, (0, 0)) == between(0, 3)
    assert local(plane_, (0, 0), slot=1) == {-1, 0, 1}


# --- global paths


def test_a_gate_is_a_side_path_and_a_context_that_is_added_a_main_one() -> None:
    squeeze = "[globalavgpool, conv f=1 d=2, relu, conv f=1 d=4, sigmoid]"
    for op, way in (("mul", "side"), ("div", "side"), ("add", "main"), ("min", "main"), ("sub", "main")):
        network = layers("9x9x4", f"{op}: [[conv f=3 p=1 d=4 as a], {squeeze}]", "conv f=3 p=1 d=2")
        assert local(network, (4, 4)) == between(2, 6)
        assert strict(network, (4, 4)) == between(-1, 9) if op == "never" else between(0, 8)
        assert path(network, (4, 4)) == way


def test_statistics_are_a_side_path_and_attention_a_main_one() -> None:
    for line, way in (
        ("gn g=2", "side"),
        ("in", "side"),
        ("attention", "main"),
        ("ln", "none"),
        ("softmax", "none"),
    ):
        network = layers("9x9x4", line, "conv f=3 p=1 d=2")
        assert local(network, (4, 4)) == {3, 4, 5}
        assert path(network, (4, 4)) == way
    # A window is none, were it as large as the map; one position of a map is not spread.
    assert path(layers("8x8x4", "attention window=8"), (4, 4)) == "none"
    assert local(layers("8x8x4", "attention window=8"), (8, 4)) == between(8, 15)
    for line in ("gn g=1", "attention"):
        assert path(layers("8x8x4", "globalavgpool", line), (0, 0)) == "none"


def test_a_product_of_global_operands_is_global_on_its_main_path() -> None:
    both = layers("8x8x4", "attention as a", "mul: [[conv f=1 d=4], [globalavgpool, conv f=1 d=4]]")
    one = layers("8x8x4", "mul: [[attention], [conv f=1 d=4]]")
    assert (path(both, (3, 3)), path(one, (3, 3))) == ("main", "side")
    # Along one axis alone: strips are global along the axis that is pooled away.
    strips = layers("8x8x4", "mul: [[], [adaptiveavgpool size=1x8, conv f=1x3 p=0x1 d=4]]")
    assert [path(strips, (3, 3), slot=slot) for slot in (0, 1)] == ["side", "none"]
    assert [local(strips, (3, 3), slot=slot) for slot in (0, 1)] == [{3}, {2, 3, 4}]
    assert plane(strips, (3, 3), everything=False) == {(3, 3)}
    assert plane(strips, (3, 3)) == {(y, x) for y in range(8) for x in (2, 3, 4)}
    # Pooled windows lie apart in the channels, but no position stands beside another.
    for windows in ("conv f=3 p=1 d=6", "unfold f=3 p=1"):
        gate = layers("6x2", f"{windows} as n", "globalavgpool as a", "{mul: [], from: n+a}")
        square = layers(
            "6x2", windows, "globalavgpool as a", "{mul: [], from: a+a}", "adaptiveavgpool size=4"
        )
        assert (path(gate, (1,)), path(square, (1,))) == ("side", "main")


def test_strip_pooling_sees_a_cross_of_strips() -> None:
    rows = "[adaptiveavgpool size=20x1, conv f=3x1 p=1x0 d=4, upsample size=20]"
    columns = "[adaptiveavgpool size=1x20, conv f=1x3 p=0x1 d=4, upsample size=20]"
    network = layers("20x20x4", f"mul: [[], [{{add: [{rows}, {columns}]}}, conv f=1 d=4, sigmoid]]")
    for slot in (0, 1):
        assert local(network, (7, 7), slot=slot) == {6, 7, 8}
        assert strict(network, (7, 7), slot=slot) == between(0, 19)
        assert path(network, (7, 7), slot=slot) == "side"
    # 3 rows and 3 columns of 20 cross in 9 positions.
    assert len(plane(network, (7, 7))) == 111
    assert plane(network, (7, 7), everything=False) == {(7, 7)}


def test_a_collapsed_map_that_becomes_a_map_again_leaves_nothing_local() -> None:
    for lines in (
        ("fc d=32", "reshape to=4x4x2"),
        ("globalavgpool", "deconv f=4 d=2"),
        ("globalavgpool", "pad p=1"),
        ("flatten", "fc d=32", "reshape to=4x4x2"),
        ("globalavgpool", "upsample size=4"),
        ("permute order=2x1x0", "conv f=1 d=4", "permute order=2x1x0"),
    ):
        network = layers("6x6x4", *lines)
        assert local(network, (1, 1)) == set(), lines
        assert strict(network, (1, 1)) == between(0, 5)
        assert path(network, (1, 1)) == "main"
    # Pooled to one position and back along the same axis only where there are several again.
    alone = layers("6x6x4", "globalavgpool", "conv f=3 p=1 d=2", "fc d=2")
    assert (local(alone, (0, 0)), path(alone, (0, 0))) == (between(0, 5), "none")


def test_an_axis_that_is_mixed_in_the_channels_is_global() -> None:
    mixer = "add: [[], [permute order=2x1x0, conv f=1 d=6, permute order=2x1x0]]"
    network = layers("6x8x4", mixer)
    assert [path(network, (2, 3), slot=slot) for slot in (0, 1)] == ["main", "none"]
    assert [local(network, (2, 3), slot=slot) for slot in (0, 1)] == [{2}, {3}]
    assert strict(network, (2, 3)) == between(0, 5)


def test_channels_that_were_positions_are_windows_of_them() -> None:
    network = layers("8x8x1", "conv f=3 p=1 d=1", "pixelunshuffle factor=2", "attention")
    # Position 1 holds 2 and 3, which see 1 … 4.
    assert local(network, (1, 1)) == between(1, 4)
    assert plane(network, (1, 1), everything=False) == set(product(range(1, 5), repeat=2))
    assert path(network, (1, 1)) == "main"
    back = layers(
        "8x8x1", "conv f=3 p=1 d=1", "pixelunshuffle factor=2", "conv f=1 d=4", "pixelshuffle factor=2"
    )
    assert (local(back, (2, 3)), path(back, (2, 3))) == (between(1, 4), "none")
    # Rows 0, 2, 4 … of one channel, 1, 3, 5 … of the other: both, where they are mixed, show nobody more.
    apart = ("pixelunshuffle factor=2", "globalmaxpool", "pixelshuffle factor=2")
    assert strict(layers("8x8x1", *apart), (1, 0)) == {1, 3, 5, 7}
    mixed = layers("8x8x1", *apart, "permute order=2x1x0", "conv f=1 d=2")
    assert strict(mixed, (0, 0)) == between(0, 7)
    assert mixed.seen(5, [(0, 0)]).global_side(0)[0] is None
    # Mixed and shown again, they do.
    shown = layers("8x8x1", *apart, "permute order=2x1x0", "conv f=1 d=2", "permute order=2x1x0")
    assert path(shown, (0, 0)) == "main"


def test_a_vector_beside_a_map_is_shown_everywhere() -> None:
    for channels in (1, 4):
        network = layers(f"6x5x{channels}", f"mul: [[], [flatten, fc d={channels}]]")
        assert (local(network, (2, 2)), path(network, (2, 2))) == ({2}, "side")
    collapsed = layers(
        "6x6x2", "globalmaxpool as a", "flatten as b", "{max: [], from: a+b}", "upsample size=4"
    )
    assert (local(collapsed, (1, 1)), path(collapsed, (1, 1))) == (set(), "main")
    # Rows alone come back from the vector; that it is made a map may be said of columns too.
    rows = layers("5x8x2", "adaptivemaxpool size=5x1", "reshape to=10", "reshape to=5x2")
    assert (local(rows, (3,)), path(rows, (3,))) == ({3}, "none")
    assert rows.seen(3, [(3,)]).global_side(1) == (None, 0)
    mixed = layers("5x8x2", "adaptivemaxpool size=5x1", "fc d=10", "flatten", "reshape to=5x2")
    assert [path(mixed, (3,), slot=slot) for slot in (0, 1)] == ["main", "main"]


def test_channels_without_a_global_path_have_none() -> None:
    joined = "concat: [[conv f=1 d=2], [attention]]"
    for number, way in ((0, "none"), (1, "none"), (2, "main"), (5, "main")):
        network = layers("6x6x4", joined, f"slice channels={number}:{number + 1}")
        assert path(network, (2, 2)) == way


def test_windows_of_attention_are_moved_to_where_one_begins() -> None:
    network = layers("8x2", "attention window=4 shift=1")
    assert [local(network, (unit,)) for unit in (0, 1, 4, 5)] == [
        between(-3, 0),
        *[between(1, 4)] * 2,
        between(5, 8),
    ]
    assert local(layers("6x1", "upsample size=4 mode=nearest_exact"), (1,)) == {2}
    assert [local(layers("6x1", "upsample size=4"), (unit,)) for unit in (1, 3)] == [{1}, {4}]


def test_what_is_rolled_comes_back_at_the_other_end() -> None:
    network = layers("5x1", "roll by=2")
    assert local(network, (1,)) == {-1}
    assert plane(network, (1,), clipped=True) == {(4,)}


def test_reductions_and_statistics_are_taken_over_what_is_named() -> None:
    reduced = layers("5x6x2", "conv f=3 p=1 d=2", "reducesum over=1")
    assert [local(reduced, (2, 0), slot=slot) for slot in (0, 1)] == [{1, 2, 3}, between(-1, 6)]
    assert path(reduced, (2, 0), slot=1) == "none"
    for line, ways in (
        ("softmax over=0", ("main", "none")),
        ("softmax over=channels", ("none", "none")),
        ("ln over=1", ("none", "side")),
        ("ln over=all", ("side", "side")),
        ("grn", ("side", "side")),
    ):
        network = layers("5x6x2", line, "slice channels=0:1")
        assert tuple(path(network, (2, 2), slot=slot) for slot in (0, 1)) == ways, line
        assert local(network, (2, 2)) == {2}


def test_unfolded_windows_are_channels_tap_by_tap() -> None:
    # Channel c · 6 + y · 3 + x holds channel c of tap (y, x).
    for channel, seen in ((0, (1, 3)), (2, (1, 5)), (3, (3, 3)), (7, (1, 4))):
        network = layers("6x6x2", "unfold f=2x3 s=1 r=2x1", f"slice channels={channel}:{channel + 1}")
        assert plane(network, (1, 3)) == {seen}


def test_folded_windows_are_read_where_their_taps_fall() -> None:
    # Position 3 of 6 is tap 0 of window 3, tap 1 of window 2 and tap 2 of window 1, in channels 0, 1 and 2.
    windows = layers("4x3", "{concat: [[conv f=1 d=2], [conv f=3 p=1 d=1]]}", "fold size=6 f=3")
    assert local(windows, (3,)) == {0, 1, 2, 3}
    assert local(windows, (4,)) == {1, 2, 3, 4}
    assert local(layers("6x2", "unfold f=3", "fold size=6 f=3"), (3,)) == {3}


def test_a_product_reads_a_row_and_a_column() -> None:
    text = "input: {x: 3x4, y: 4x5}\nlayers:\n  - matmul from=x+y\n  - slice channels=2:3\n"
    network = oracle(text)
    assert strict(network, (1,)) == {1}
    assert (strict(network, (1,), slot=1), path(network, (1,), slot=1)) == (between(0, 3), "main")
    text = "input: {x: 3x4, y: 2x3x4}\nlayers:\n  - matmul transposed=yes from=x+y\n  - slice channels=4:5\n"
    # Position 4 of 2x3 is (1, 1).
    assert oracle(text).seen(3, [(1,)]).plane(0, 1, everything=True) == {(1, 1)}


def test_a_second_tensor_is_asked_by_every_position() -> None:
    text = "input: {x: 3x4, y: 2x5x4}\nlayers:\n  - attention projections=no heads=2 from=x+y\n"
    network = oracle(text)
    assert (local(network, (1,)), local(network, (1,), slot=1)) == ({1}, set())
    assert network.seen(2, [(1,)]).plane(0, 1, everything=True) == set(product(range(2), range(5)))
    # One query sees it as a pooling does.
    single = oracle(text.replace("3x4", "1x4"))
    assert (local(single, (0,), slot=1), path(single, (0,), slot=1)) == (between(0, 1), "none")


def test_steps_of_a_recurrent_layer_see_those_before() -> None:
    assert strict(layers("6x2", "gru d=3"), (2,)) == between(0, 2)
    both = "lstm d=3 bidirectional=yes"
    assert strict(layers("6x2", both), (2,)) == between(0, 5)
    assert strict(layers("6x2", both, "slice channels=4:5"), (2,)) == between(2, 5)
    assert strict(layers("6x2", f"{both} layers=2", "slice channels=4:5"), (2,)) == between(0, 5)


def test_of_maps_one_behind_the_other_a_unit_sees_one() -> None:
    maps = "{tensors: [[conv f=3 p=1 d=2], []]}"
    network = layers("4x2", maps, "concat axis=0")
    assert [local(network, (unit,)) for unit in (3, 4)] == [{2, 3, 4}, {0}]
    # The first runs on before all of them, the last behind.
    assert [local(network, (unit,)) for unit in (-1, 8)] == [{-2, -1, 0}, {4}]
    # Of what is learned nothing is seen, so the map goes on.
    learned = layers("4x2", "learned size=2x2 as r", "{tensors: [], from: r+input}", "concat axis=0")
    assert [local(learned, (unit,)) for unit in (1, 2)] == [{-1}, {0}]
    assert plane(learned, (1,), clipped=True) == set()


def test_two_inputs_are_seen_apart() -> None:
    network = oracle(
        "input: {x: 8x8x2, y: 8x8x3}\nlayers:\n"
        "  - conv f=3 p=1 d=2 from=x as a\n  - conv f=5 p=2 d=2 from=y as b\n"
        "  - {concat: [], from: a+b, as: c}\n  - slice channels=2:4\n"
    )
    for slot, both, second in ((0, between(3, 5), set()), (3, between(2, 6), between(2, 6))):
        assert local(network, (4, 4), node=4, slot=slot) == both
        assert local(network, (4, 4), slot=slot) == second


# --- by recursion, one element at a time


def elements_read(
    graph: Graph, node: int, element: Element, clipped: bool
) -> set[tuple[int, Element]] | None:
    """The elements of its operands that one element reads; None where one has no definition."""
    found: set[tuple[int, Element]] = set()
    position, channel = element
    for operand, reading in zip(graph.nodes[node].inputs, readings(graph, node), strict=True):
        *axes, channels = sizes_of(graph, operand)
        if not isinstance(reading, Rearranged):
            for part in reading.parts if isinstance(reading, Parts) else (reading,):
                found |= {(operand, read) for read in separably_read(part, position, channel, axes, clipped)}
            continue
        place = by_flat_index(reading, (*position, channel), sizes_of(graph, node), (*axes, channels))
        if place is None:
            return None
        found.add((operand, (place[:-1], place[-1])))
    return found


def separably_read(
    reading: Separable, position: Position, channel: int, axes: Sequence[int], clipped: bool
) -> set[Element]:
    """The elements of an operand that one element reads."""
    places: list[set[int]] = []
    for k, axis in enumerate(reading.axes):
        own = 0 if reading.everywhere else position[k]
        real = set(axis.real(own, axes[k]))
        if axis.kind in ("along", "resized"):
            shown = (shown_at(i, axes[k], axis.border, clipped) for i in axis.reads(own))
            places.append(set().union(*shown))
        else:
            places.append({"whole": real, "others": real, "spread": {0}}[axis.kind])
    found: set[Element] = set()
    for row in reading.channels.table[channel : channel + 1]:
        found |= {(place, c) for place in product(*places) for c in row}
        if any(axis.kind == "others" for axis in reading.axes):
            found |= {(position, c) for c in row}
    return found


def shown_at(i: int, size: int, border: str, clipped: bool) -> set[int]:
    if not clipped or 0 <= i < size:
        return {i}
    if border == "zeros":
        return set()
    while not 0 <= i < size:
        if border == "replicate":
            i += 1 if i < 0 else -1
        elif border == "circular":
            i += size if i < 0 else -size
        else:
            i = -i if i < 0 else 2 * (size - 1) - i
    return {i}


def by_flat_index(
    reading: Rearranged, place: tuple[int, ...], output: tuple[int, ...], operand: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Where a real element was: by its digits, one at a time."""
    if any(not 0 <= p < n for p, n in zip(place, output, strict=True)):
        return None
    if reading.flat is not None:
        number = 0
        for p, n in zip(place, output, strict=True):
            number = number * n + p
        found: list[int] = []
        for n in operand[::-1]:
            number, last = divmod(number, n)
            found.insert(0, last)
        return tuple(found)
    values = {}
    for p, ids in zip(place, reading.output, strict=True):
        rest = p
        for digit in ids[::-1]:
            rest, values[digit] = divmod(rest, reading.sizes[digit])
    moved = []
    for ids in reading.operand:
        moved.append(0)
        for digit in ids:
            moved[-1] = moved[-1] * reading.sizes[digit] + values[digit]
    return tuple(moved)


def recursed(graph: Graph, node: int, unit: Position, clipped: bool) -> set[tuple[int, Position]] | None:
    """The positions of all inputs that a unit sees; None where it depends on what has no definition."""

    @cache
    def seen(index: int, element: Element) -> frozenset[tuple[int, Position]] | None:
        if index in graph.inputs:
            return frozenset({(graph.inputs.index(index), element[0])})
        found: set[tuple[int, Position]] = set()
        read = elements_read(graph, index, element, clipped)
        if read is None:
            return None
        for operand, before in read:
            more = seen(operand, before)
            if more is None:
                return None
            found |= more
        return frozenset(found)

    result: set[tuple[int, Position]] = set()
    for channel in range(sizes_of(graph, node)[-1]):
        found = seen(node, (unit, channel))
        if found is None:
            return None
        result |= found
    return result


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.booleans())
@pytest.mark.slow
def test_arrays_find_what_recursion_finds(random: Random, clipped: bool) -> None:
    network = random_network(random)
    network = network._replace(lines=network.lines[:6])
    graph = network.built()
    assert graph is not None
    enumeration = PlaneOracle(graph)
    for node in range(len(graph.nodes)):
        unit = tuple(random.randrange(size) for size in enumeration.sizes[node][:-1])
        expected = recursed(graph, node, unit, clipped)
        seen = enumeration.seen(node, [unit], clipped=clipped)
        if expected is None or seen.undefined[0]:
            # Recursion knows rearranged maps inside their borders alone.
            assert not clipped
            continue
        found = {
            (source, place)
            for source in range(len(graph.inputs))
            for place in seen.plane(0, source, everything=True)
        }
        assert found == expected


# --- what torch measured

TRUTH = Path(__file__).parents[1] / "truth"
sys.path.append(str(TRUTH))

import measured  # noqa: E402 - tests are no package; the folder of the measurements comes first
from test_cases import CASES, GLOBAL, located, network  # noqa: E402 - as above


@pytest.mark.parametrize("name", CASES)
def test_units_see_the_pixels_whose_gradient_torch_measured(name: str) -> None:
    graph = build_graph(load(str(measured.DATA / "cases" / f"{name}.yaml")))
    enumeration = PlaneOracle(graph)
    index = {node.name: number for number, node in enumerate(graph.nodes)}
    for variant, units in measured.case(name).fields.items():
        everything = variant == "with_gate" or name in GLOBAL
        for module in dict.fromkeys(unit.module for unit in units):
            layer = located(name, module)
            if layer is None:
                continue
            mine = [unit for unit in units if unit.module == module][:: 7 if name != "nonlocal" else 21]
            seen = enumeration.seen(index[layer.name], [unit.position for unit in mine], clipped=True)
            for number, unit in enumerate(mine):
                found = seen.plane(number, 0, everything=everything)
                assert len(found) == unit.pixels, unit
                box = tuple((min(along), max(along)) for along in zip(*found, strict=True)) or None
                assert box == unit.box, unit
    assert network(name).name == graph.name
