"""Who reads what: each operator's reading against its definition carried out position by position."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import floor

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from operator_calls import facts, positions_read

from rfcalc.ops.axis_maps import IDENTITY, AxisMap, Tile, Window
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything, PathKind, identity

lengths = st.integers(1, 24)


def reading(found: Facts, operand: int = 0) -> tuple[AxisReads | None, ...]:
    assert found.reads is not None
    return found.reads[operand]


def units(found: Facts, axis: int = 0) -> range:
    size = found.output.axes[axis]
    assert isinstance(size, int)
    return range(size)


def windows(found: Facts) -> list[AxisMap]:
    """How each axis is read, where it runs on."""
    return [read.taps for read in reading(found) if isinstance(read, Along)]


def every_unit(found: Facts, length: int) -> list[set[int]]:
    """For each output unit of a one-axis operator, the input positions it reads."""
    (reads,) = reading(found)
    return [positions_read(reads, unit, length) for unit in units(found)]


def called(op: str, sizes: str, written: str) -> Facts:
    """The facts; the example is left aside where the operator refuses it."""
    try:
        return facts(op, sizes, written)
    except OperatorProblem:
        assume(False)
        raise


@given(lengths, st.integers(1, 5), st.integers(1, 4), st.integers(0, 4), st.integers(0, 4), st.integers(1, 3))
def test_a_convolution_reads_what_its_loop_reads(n: int, f: int, s: int, p0: int, p1: int, r: int) -> None:
    found = called("conv", f"{n}x1", f"f={f} s={s} p={p0}:{p1} r={r} d=1")
    padded = [None] * p0 + list(range(n)) + [None] * p1
    starts = range(0, len(padded) - r * (f - 1), s)
    assert every_unit(found, n) == [
        {padded[start + tap * r] for tap in range(f)} - {None} for start in starts
    ]


@given(lengths, st.integers(1, 5), st.integers(1, 4), st.integers(0, 2), st.integers(1, 2), st.booleans())
def test_a_pooling_window_reads_what_its_loop_reads(
    n: int, f: int, s: int, p: int, r: int, ceil: bool
) -> None:
    # PyTorch takes no more padding than this, so that no window lies in the padding alone.
    assume(2 * p <= f)
    found = called("maxpool", f"{n}x1", f"f={f} s={s} p={p} r={r} ceil={'yes' if ceil else 'no'}")
    windows = []
    for start in range(-p, n + p, s):
        window = {start + tap * r for tap in range(f)}
        fits = max(window) < n + p
        # Rounding up: one more window, that sticks out behind but does not begin in the padding there.
        hangs = ceil and start < n and start - s + r * (f - 1) < n + p - 1
        if fits or hangs:
            windows.append(window & set(range(n)))
    assert every_unit(found, n) == windows


@given(lengths, st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(0, 2), st.integers(1, 3))
def test_a_transposed_convolution_reads_the_positions_that_scatter_to_it(
    n: int, f: int, s: int, p: int, extra: int, r: int
) -> None:
    assume(extra < max(s, r))
    found = called("deconv", f"{n}x1", f"f={f} s={s} p={p} r={r} output_padding={extra} d=1")
    scattered: list[set[int]] = [set() for _ in units(found)]
    for position, tap in product(range(n), range(f)):
        target = position * s - p + tap * r
        if 0 <= target < len(scattered):
            scattered[target].add(position)
    assert every_unit(found, n) == scattered


@pytest.mark.parametrize("f", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_a_transposed_convolution_padded_same_is_the_gradient_of_one_padded_same(f: int, s: int) -> None:
    """TensorFlow defines conv2d_transpose as the gradient of conv2d: who read position o is who o reads."""
    n = 6
    forward = facts("conv", f"{n * s}x1", f"f={f} s={s} p=same d=1")
    backward = facts("deconv", f"{n}x1", f"f={f} s={s} p=same d=1")
    assert backward.output.axes == (n * s,)
    reads = every_unit(forward, n * s)
    assert every_unit(backward, n) == [{o for o in range(n) if i in reads[o]} for i in range(n * s)]


@given(lengths, lengths)
def test_adaptive_pooling_reads_every_position_that_overlaps_its_bin(n: int, m: int) -> None:
    found = facts("adaptiveavgpool", f"{n}x1", f"size={m}")
    overlapping = [{j for j in range(n) if (j + 1) * m > i * n and j * m < (i + 1) * n} for i in range(m)]
    assert every_unit(found, n) == overlapping


def keys_weight(distance: Fraction) -> Fraction:
    """The cubic convolution kernel of Keys 1981 with a = -3/4."""
    d, a = abs(distance), Fraction(-3, 4)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else Fraction(0)


def interpolated(coordinate: Fraction, n: int, method: str) -> set[int]:
    """The positions with a weight other than 0, as PyTorch clamps them to the border."""
    if method == "nearest":
        return {min(floor(coordinate), n - 1)}
    if method == "bilinear":
        x = min(max(coordinate, Fraction(0)), Fraction(n - 1))
        return {j for j in range(n) if abs(x - j) < 1}
    near = range(floor(coordinate) - 3, floor(coordinate) + 5)
    return {min(max(j, 0), n - 1) for j in near if keys_weight(coordinate - j) != 0}


def clamped(reads: AxisReads | None, unit: int, n: int) -> set[int]:
    """What a unit reads, positions past the border taken as the border."""
    assert isinstance(reads, Along)
    period, phase = divmod(unit, reads.taps.period)
    return {min(max(period * reads.taps.shift + tap, 0), n - 1) for tap in reads.taps.taps(phase)}


@given(st.integers(2, 20), st.integers(1, 40), st.sampled_from(["nearest", "bilinear", "bicubic"]))
@settings(max_examples=300)
def test_upsampling_to_a_size_reads_the_positions_its_coordinates_fall_between(
    n: int, m: int, mode: str
) -> None:
    (reads,) = reading(facts("upsample", f"{n}x1", f"size={m} mode={mode}"))
    for unit in range(m):
        x = (
            Fraction(unit * n, m)
            if mode == "nearest"
            else Fraction((2 * unit + 1) * n, 2 * m) - Fraction(1, 2)
        )
        assert clamped(reads, unit, n) == interpolated(x, n, mode)


@given(st.integers(2, 20), st.integers(1, 24), st.integers(1, 6), st.sampled_from(["nearest", "bilinear"]))
@settings(max_examples=300)
def test_upsampling_by_a_factor_takes_its_coordinates_from_the_factor(
    n: int, up: int, down: int, mode: str
) -> None:
    factor = Fraction(up, down)
    assume(n * factor >= 1 and factor.denominator in (1, 2, 4, 5))
    (reads,) = reading(found := facts("upsample", f"{n}x1", f"scale={float(factor)} mode={mode}"))
    assert found.output.axes == (floor(n * factor),)
    for unit in units(found):
        x = unit / factor if mode == "nearest" else (unit + Fraction(1, 2)) / factor - Fraction(1, 2)
        assert clamped(reads, unit, n) == interpolated(x, n, mode)


@given(st.integers(2, 20), st.integers(1, 40), st.sampled_from(["bilinear", "bicubic"]))
def test_aligned_corners_map_the_first_and_last_position_onto_each_other(n: int, m: int, mode: str) -> None:
    (reads,) = reading(facts("upsample", f"{n}x1", f"size={m} mode={mode} align_corners=yes"))
    for unit in range(m):
        x = Fraction(unit * (n - 1), m - 1) if m > 1 else Fraction(0)
        assert clamped(reads, unit, n) == interpolated(x, n, mode)


def test_one_position_that_is_upsampled_is_seen_from_everywhere() -> None:
    for mode in ("nearest", "bilinear", "bicubic"):
        assert reading(facts("upsample", "1x4x8", f"size=7x4 mode={mode}"))[0] == Everything(0)
        assert reading(facts("upsample", "1x4x8", f"scale=2 mode={mode}"))[0] == Everything(0)
        assert reading(facts("upsample", "1x4x8", f"size=1x8 mode={mode}"))[0] == Along(0, IDENTITY)


def test_upsampling_to_the_same_size_reads_each_position_as_it_is() -> None:
    for mode in ("nearest", "bilinear", "bicubic"):
        assert every_unit(facts("upsample", "5x3", f"size=5 mode={mode}"), 5) == [{i} for i in range(5)]


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
def test_pixel_shuffle_moves_what_its_formula_moves(n: int, r: int, c: int) -> None:
    (reads, _) = reading(found := facts("pixelshuffle", f"{n}x{n}x{c * r * r}", f"factor={r}"))
    assert found.output.sizes() == (n * r, n * r, c)
    source = np.arange(n)[:, None, None] + np.zeros((n, n, c * r * r), int)
    # out[h·r + i, w·r + j, k] = in[h, w, (k·r + i)·r + j]
    moved = source.reshape(n, n, c, r, r).transpose(0, 3, 1, 4, 2).reshape(n * r, n * r, c)
    for unit in range(n * r):
        assert positions_read(reads, unit, n) == set(moved[unit].ravel().tolist())


@given(st.integers(2, 4), st.integers(2, 4), st.integers(1, 3))
def test_pixel_unshuffle_reads_a_block(n: int, r: int, c: int) -> None:
    (reads, _) = reading(found := facts("pixelunshuffle", f"{n * r}x{n * r}x{c}", f"factor={r}"))
    assert found.output.sizes() == (n, n, c * r * r)
    for unit in range(n):
        assert positions_read(reads, unit, n * r) == set(range(unit * r, unit * r + r))


@given(lengths, st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 4))
def test_a_slice_reads_what_python_slices(n: int, start: int, stop: int, step: int) -> None:
    kept = list(range(n))[start:stop:step]
    assume(kept)
    found = facts("slice", f"{n}x1", f"w={start}:{stop}:{step}")
    assert every_unit(found, n) == [{i} for i in kept]


@given(lengths, st.integers(-6, 6), st.integers(-6, 6))
def test_padding_and_negative_padding_shift_the_positions(n: int, p0: int, p1: int) -> None:
    kept = range(-p0, n + p1)
    found = called("pad", f"{n}x1", f"padding={p0}:{p1}")
    assert every_unit(found, n) == [{i} & set(range(n)) for i in kept]


@given(lengths, lengths)
def test_a_crop_to_a_size_leaves_the_middle(n: int, m: int) -> None:
    assume(m <= n)
    first = (n - m) // 2
    for written in (f"size={m}", f"like=skip@{m}x9", f"p={first}:{n - m - first}"):
        assert every_unit(facts("crop", f"{n}x1", written), n) == [{i} for i in range(first, first + m)]


def test_the_border_is_part_of_the_reading() -> None:
    for mode in ("reflect", "replicate", "circular"):
        pad, conv = (
            facts("pad", "8x1", f"padding=2 mode={mode}"),
            facts("conv", "8x1", f"f=3 p=2 d=1 padding_mode={mode}"),
        )
        for found in (pad, conv):
            assert isinstance(window := windows(found)[0], Window)
            assert (window.before, window.after, window.border) == (2, 2, mode)


def test_a_window_as_large_as_its_map_is_a_sliding_window_all_the_same() -> None:
    # What a unit sees does not depend on the size of the input.
    for op, written in (("conv", "f=7 d=9"), ("conv", "f=7 s=2 d=9"), ("maxpool", "f=7"), ("avgpool", "f=7")):
        assert windows(facts(op, "7x7x512", written)) == windows(facts(op, "9x9x512", written))
    assert windows(facts("pixelunshuffle", "2x4x8", "factor=2"))[0].taps(0) == range(2)
    assert windows(facts("attention", "8x8x4", "window=8")) == [Tile(8), Tile(8)]


def test_whatever_covers_the_map_collapses_every_axis() -> None:
    whole = (Collapsed(0), Collapsed(1))
    assert reading(facts("fc", "7x7x512", "d=9")) == whole
    assert reading(facts("fc", "1x1x512", "d=9")) == whole
    assert reading(facts("globalavgpool", "7x7x512")) == whole
    assert reading(facts("globalmaxpool", "HxWxC")) == whole
    assert reading(facts("adaptivemaxpool", "7x7x512", "size=1")) == whole
    assert reading(facts("flatten", "7x7x512")) == (Collapsed(None), Collapsed(None))
    assert reading(facts("fc", "512", "d=9")) == ()


IN_PLACE = (
    "relu relu6 leakyrelu prelu elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax "
    "softmaxloss oneminus dropout droppath identity bn ln lrn scale add mul max concat"
)


@pytest.mark.parametrize("op", IN_PLACE.split())
def test_what_works_in_place_reads_its_own_position(op: str) -> None:
    assert reading(facts(op, "5x6x8")) == (Along(0, IDENTITY), Along(1, IDENTITY))
    assert reading(facts(op, "HxWxC")) == (Along(0, IDENTITY), Along(1, IDENTITY))
    assert reading(facts(op, "8")) == ()


def test_what_leaves_the_positions_alone_reads_its_own() -> None:
    own = (Along(0, IDENTITY), Along(1, IDENTITY))
    assert reading(facts("channelshuffle", "5x6x8", "g=2")) == own
    assert reading(facts("adaptiveavgpool", "5x6x8", "size=5x6")) == own
    assert reading(facts("slice", "5x6x8", "channels=0:4")) == own


@pytest.mark.parametrize(("op", "written"), [("gn", "g=2"), ("in", ""), ("attention", "")])
def test_normalisation_over_space_and_attention_are_global(op: str, written: str) -> None:
    path: PathKind = "main" if op == "attention" else "side"
    rows, columns = (Everything(axis, IDENTITY, path) for axis in (0, 1))
    assert reading(facts(op, "5x6x8", written)) == (rows, columns)
    # There is one position to see along an axis of size 1.
    assert reading(facts(op, "1x6x8", written)) == (Along(0, IDENTITY), columns)


def test_attention_in_windows_reads_the_window_a_unit_stands_in() -> None:
    reads = reading(facts("attention", "16x8x4", "window=4x8"))
    assert reads == (Along(0, Tile(4)), Along(1, Tile(8)))
    for unit in range(16):
        assert positions_read(reads[0], unit, 16) == set(range(unit // 4 * 4, unit // 4 * 4 + 4))


def test_attention_of_three_tensors_reads_its_own_query_and_all_keys_and_values() -> None:
    found = facts("attention", "4x4x6 2x3x6 6x8", "projections=no")
    assert found.reads == (
        identity(2),
        (Everything(0, None), Everything(1, None)),
        (Everything(0, None),),
    )
    # Of the values an output reads its own channel, of queries and keys those of its head.
    assert found.channels == "some"


def test_a_product_of_batches_meets_its_own_matrix_alone() -> None:
    first, second = facts("matmul", "4x10x6 4x2x3x8", "batch=1").reads or ()
    assert first == identity(2)
    assert second == (Along(0, IDENTITY), Everything(1, None), Everything(1, None))
    # Of one row no position is left to be seen from.
    assert (facts("matmul", "4x1x6 4x6x8", "batch=1").reads or ())[1] == (Along(0, IDENTITY), Collapsed(1))
    assert (facts("matmul", "4x6 4x6x8", "batch=1").reads or ())[1] == (Along(0, IDENTITY), Collapsed())


def test_attention_of_three_tensors_in_windows_reads_keys_and_values_of_its_window() -> None:
    query, key, value = facts("attention", "8x6 8x6 8x6", "window=4 shift=1 projections=no").reads or ()
    assert query == identity(1)
    assert key == value == (Along(0, Tile(4, 1)),)


@pytest.mark.parametrize("op", ["add", "mul", "max", "min"])
def test_an_operand_that_is_broadcast_is_seen_from_everywhere(op: str) -> None:
    found = facts(op, "5x6x8 1x1x8 5x1x1 8")
    assert str(found.output) == "5x6x8"
    assert reading(found, 0) == (Along(0, IDENTITY), Along(1, IDENTITY))
    path: PathKind = "side" if op == "mul" else "main"
    assert reading(found, 1) == (Everything(0, None, path), Everything(1, None, path))
    assert reading(found, 2) == (Along(0, IDENTITY), Everything(1, None, path))
    assert reading(found, 3) == ()


def test_a_permutation_carries_axes_to_their_new_place() -> None:
    assert reading(facts("permute", "5x6x8", "order=1x0x2")) == (Along(1, IDENTITY), Along(0, IDENTITY))
    assert reading(facts("permute", "5x6x8", "order=2x0x1")) == (Along(1, IDENTITY), Collapsed(None))
    assert reading(facts("permute", "5x8", "order=1x0")) == (Collapsed(None),)


def test_a_reshape_that_changes_the_axes_reads_the_unknown() -> None:
    assert reading(facts("reshape", "4x6x8", "to=6x4x8")) == (None, None)
    assert reading(facts("reshape", "4x6x8", "to=24x8")) == (None, None)
    assert reading(facts("reshape", "4x6x8", "to=4x6x8")) == (Along(0, IDENTITY), Along(1, IDENTITY))
    assert reading(facts("reshape", "4x6x8", "to=192")) == (Collapsed(None), Collapsed(None))
    assert reading(facts("reshape", "1x1x64", "to=4x1x16")) == (Everything(0), Along(1, IDENTITY))
    assert reading(facts("reshape", "192", "to=4x6x8")) == ()


def test_a_deformable_convolution_reads_its_undeformed_grid_and_the_offsets_beside_it() -> None:
    found = facts("deformconv", "8x8x4 4x4x18", "f=3 s=2 p=1 d=6")
    assert windows(found) == [Window(3, 2, 1, after=1)] * 2
    assert reading(found, 1) == (Along(0, IDENTITY), Along(1, IDENTITY))
    assert found.data_dependent


def test_a_symbolic_size_does_not_hide_a_reading_that_does_not_depend_on_it() -> None:
    window = Window(7, 2, 3, after=3)
    assert reading(facts("conv", "32Hx32Wx3", "f=7 s=2 p=3 d=64")) == (Along(0, window), Along(1, window))
    for mode in ("nearest", "bilinear", "bicubic"):
        numbers = reading(facts("upsample", "5x5x3", f"scale=2 mode={mode}"))
        assert reading(facts("upsample", "HxHx3", f"scale=2 mode={mode}")) == numbers
    assert reading(facts("upsample", "HxHx3", "size=2Hx2H")) == reading(facts("upsample", "HxHx3", "scale=2"))
    assert reading(facts("pixelshuffle", "HxWx4C", "factor=2")) == reading(
        facts("pixelshuffle", "3x3x4", "factor=2")
    )


def test_a_symbolic_window_reads_the_unknown() -> None:
    assert reading(facts("conv", "2HxWx3", "f=Hx3 d=64"))[0] is None
    assert reading(facts("adaptiveavgpool", "7Hx7x3", "size=7")) == (None, Along(1, IDENTITY))
    assert reading(facts("upsample", "HxWx3", "size=WxW"))[0] is None
    assert reading(facts("upsample", "HxWx3", "size=2Hx2W mode=bilinear align_corners=yes")) == (None, None)
    assert reading(facts("crop", "4Hx4Hx3", "size=2Hx2H")) == (None, None)
