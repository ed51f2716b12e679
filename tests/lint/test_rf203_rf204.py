"""Windows that lie wholly in padding, and those that rounding up would put there."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from looked_at import found, found_in
from window_oracle import Layer, layers


@pytest.mark.parametrize(
    "line",
    [
        "conv f=3 p=1 d=8",
        # The first window holds the first position and two of padding.
        "conv f=3 p=2 d=8",
        "conv f=3 p=36 r=36 d=8",
        "conv f=2 p=causal r=64 d=8",
        "conv f=7 s=2 p=3 d=8",
        "conv f=1 p=1 padding_mode=reflect d=8",
        "conv f=2 p=4 padding_mode=circular d=8",
        "conv f=2 p=4 padding_mode=replicate d=8",
        "deconv f=1 s=4 p=2 d=8",
        "deformconv f=1 p=1 d=8",
        "avgpool f=2 s=2",
    ],
)
def test_windows_that_hold_some_of_the_input_are_no_finding(line: str) -> None:
    assert found_in("RF203", "65x65x4", line) == ()


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ("7x7x4", "conv f=3 p=6 r=6 d=8"),
        ("2x2x4", "conv f=3 p=1 d=8"),
        ("2x4", "conv f=3 s=2 p=1:2 d=8"),
        ("7x7x4", "conv f=3 p=6 r=6 padding_mode=reflect d=8"),
        ("7x7x4", "conv f=3 p=7 r=7 padding_mode=circular d=8"),
        ("7x7x4", "conv f=3 p=18 r=18 padding_mode=replicate d=8"),
        # A pooling that is larger than its map has a rule of its own, and no weights.
        ("1x1x4", "maxpool f=3 s=2 p=1"),
        ("7x7x4", "deformconv f=3 p=18 r=18 d=8"),
        ("7x7x4", "deconv f=3 s=3 p=2 d=8"),
    ],
)
def test_taps_that_read_some_of_the_input_are_no_finding(size: str, line: str) -> None:
    assert found_in("RF203", size, line) == ()


@pytest.mark.parametrize(
    ("size", "line", "share", "same"),
    [
        # At rate 18 the tap in the middle is the only one that meets any of 7 positions.
        ("7x7x4", "conv f=3 p=18 r=18 d=8", "8 of the 9 taps of conv1", "1x1"),
        ("7x7x4", "conv f=3 p=7 r=7 d=8", "8 of the 9 taps of conv1", "1x1"),
        ("7x7x4", "dwconv f=3 p=18 r=18", "8 of the 9 taps of dwconv1", "1x1"),
        # The outer two of five stand 10 apart from the middle, the inner two 5.
        ("7x4", "conv f=5 p=10 r=5 d=8", "2 of the 5 taps of conv1", "3"),
        ("7x64x4", "conv f=3 p=18 r=18 d=8", "6 of the 9 taps of conv1", "1x3"),
        ("1x1x4", "conv f=3 p=1 d=8", "8 of the 9 taps of conv1", "1x1"),
        # The one window stands at -1, 0 and 1, of which there are 0 and 1.
        ("2x4", "conv f=3 s=2 p=1 d=8", "1 of the 3 taps of conv1", "2"),
        ("2x2x4", "conv f=3 s=2 p=1 d=8", "5 of the 9 taps of conv1", "2x2"),
    ],
)
def test_taps_that_read_padding_alone_are_counted(size: str, line: str, share: str, same: str) -> None:
    (finding,) = found_in("RF203", size, line)
    verb = "reads" if share.startswith("1 ") else "read"
    assert finding.message.startswith(f"{share} {verb} padding alone in every window: ")
    assert finding.hint == f"a kernel of {same} computes the same"
    # A rate that is too large for the map is a mistake; a map that was halved down to one position is not.
    assert finding.severity == ("warning" if "r=" in line else "info")


@given(layers(ceil=False), st.integers(1, 12))
def test_taps_that_read_padding_alone_are_those_of_the_windows_listed(layer: Layer, size: int) -> None:
    windows = layer.windows(size)
    # Windows further apart than the map is long may pass over it.
    assume(windows and layer.stride <= size)
    assume(all(any(0 <= place < size for place in window) for window in windows))
    idle = sum(not any(0 <= place < size for place in places) for places in zip(*windows, strict=True))
    line = layer.line().replace("maxpool", "conv d=2").replace(" ceil=no", "")
    found_idle = [finding.figures["idle"] for finding in found_in("RF203", f"{size}x3", line)]
    assert found_idle == ([idle] if idle and 4 * idle >= layer.kernel else [])


def test_the_windows_in_padding_are_counted_in_the_plane() -> None:
    # A frame of one around 8x8: 100 - 64.
    (finding,) = found_in("RF203", "8x8x3", "conv f=1 p=1 d=16")
    assert finding.message == (
        "36 of 100 windows of conv1 lie wholly in padding, and their outputs are the bias alone: "
        "a padding of 1 is no less than the 1 position that a window spans along each axis"
    )
    assert finding.hint == "with a padding of at most 0 every window reads some of the input"


def test_what_such_a_window_gives_depends_on_the_layer() -> None:
    (finding,) = found_in("RF203", "8x8x3", "conv f=3 p=3 d=16 bias=no")
    assert "their outputs are 0" in finding.message
    (finding,) = found_in("RF203", "8x3", "maxpool f=2 s=1 p=2")
    assert "say nothing of the input" in finding.message
    # Starts -2 … 8: the first and the last of 11.
    assert finding.message.startswith("2 of 11 windows")


def test_taps_on_both_sides_of_a_small_map_meet_none_of_it() -> None:
    (finding,) = found_in("RF203", "3x4", "conv f=2 p=5 r=6 d=8")
    # 3 + 10 - 6 = 7 windows from -5 to 1; those at -3, -2 and -1 have their second tap at 3, 4 and 5.
    assert finding.message.startswith("3 of 7 windows")
    assert "their taps, 6 apart, meet none of the 3 positions" in finding.message
    # At a dilation of 3 a window spans 4, and one of 5 would still be all padding.
    assert finding.hint.startswith("with a dilation of 3 and a padding of at most 3 every window")


@given(layers(ceil=False), layers(ceil=False), st.integers(1, 9), st.integers(1, 9))
def test_following_the_hint_leaves_no_window_in_padding(
    one: Layer, other: Layer, height: int, width: int
) -> None:
    sizes, axes = (height, width), (one, other)
    assume(one.windows(height))
    assume(other.windows(width))
    findings = found_in("RF203", f"{height}x{width}x1", in_the_plane(axes))
    assume(findings)
    changes = findings[0].hint.removeprefix("with ").removesuffix(" every window reads some of the input")
    changed = list(axes)
    for change, places in by_axis(changes).items():
        for place in places:
            layer = axes[place]
            dilation = re.search(r"a dilation of (\d+)", change)
            padding = re.search(r"a padding of at most (\d+)", change)
            most = int(padding[1]) if padding else 99
            changed[place] = layer._replace(
                dilation=int(dilation[1]) if dilation else layer.dilation,
                before=min(layer.before, most),
                after=min(layer.after, most),
            )
    assume(all(layer.windows(size) for layer, size in zip(changed, sizes, strict=True)))
    assert found_in("RF203", f"{height}x{width}x1", in_the_plane(changed)) == ()


def in_the_plane(axes: Sequence[Layer]) -> str:
    """A max pooling with these windows along its axes."""
    f, s, r = ("x".join(str(layer[place]) for layer in axes) for place in (0, 1, 4))
    return f"maxpool f={f} s={s} r={r} p={'x'.join(f'{layer.before}:{layer.after}' for layer in axes)}"


def by_axis(changes: str) -> dict[str, tuple[int, ...]]:
    """What a hint wants changed along which axes of a plane."""
    if " along the " not in changes:
        return {changes: (0, 1)}
    found = {}
    for change in re.split(r"(?<=height) and |(?<=width) and ", changes):
        text, _, axis = change.partition(" along the ")
        found[text] = (0,) if axis == "height" else (1,)
    return found


def test_both_numbers_are_named_where_one_does_not_do() -> None:
    # Three taps 8 apart on 4 positions: at most 4 apart they span 9, and a padding of 8 leaves one inside.
    (finding,) = found_in("RF203", "4x3", "conv f=3 r=8 p=20 d=2")
    assert finding.hint == (
        "with a dilation of 4 and a padding of at most 8 every window reads some of the input"
    )
    assert found_in("RF203", "4x3", "conv f=3 r=4 p=8 d=2") == ()


def test_the_calls_of_one_line_that_need_other_paddings_are_told_apart() -> None:
    text = "input: 8x8x4\nblocks:\n  wide(f): [conv f=f p=9 d=4]\nlayers:\n"
    findings = found(text + "  - wide f=3\n  - wide f=5\n", "RF203")
    assert [finding.hint[:28] for finding in findings] == [
        "with a padding of at most 2 ",
        "with a padding of at most 4 ",
    ]


def test_only_the_axis_with_the_padding_is_named() -> None:
    (finding,) = found_in("RF203", "8x8x3", "conv f=3 p=1x4 d=16")
    assert finding.message.endswith("that a window spans along the width")


def test_one_symbolic_axis_leaves_the_other_to_judge() -> None:
    text = "symbols: [H]\ninput: Hx8x3\nlayers:\n  - conv f=3x1 p=1 d=4\n"
    (finding,) = found(text, "RF203")
    assert finding.message.startswith("2 of 10 windows")


@given(layers(), st.integers(1, 9))
def test_the_windows_in_padding_are_those_without_a_tap_in_the_input(layer: Layer, size: int) -> None:
    windows = layer.windows(size)
    assume(windows)
    blind = sum(not any(0 <= position < size for position in taps) for taps in windows)
    findings = found_in("RF203", f"{size}x1", layer.line())
    assert [finding.figures["windows"] for finding in findings] == ([blind] if blind else [])


@pytest.mark.parametrize(
    "line",
    [
        # GoogLeNet: the last window holds two positions of three.
        "maxpool f=3 s=2 ceil=yes",
        "maxpool f=3 s=2 p=1 ceil=yes",
        "avgpool f=2 s=2 ceil=yes",
        "maxpool f=1 s=3",
        "maxpool f=3 s=1 p=1 ceil=yes",
    ],
)
@pytest.mark.parametrize("size", [7, 8, 112])
def test_a_last_window_with_some_of_the_input_is_what_ceil_is_for(line: str, size: int) -> None:
    assert found_in("RF204", f"{size}x{size}x4", line) == ()


def test_a_window_that_is_dropped_is_told_with_both_numbers() -> None:
    # Windows of 1 at 0 and 3, and one at 6 that rounding (5 - 1) / 3 up would add.
    (finding,) = found_in("RF204", "5x5x4", "maxpool f=1 s=3 ceil=yes")
    assert finding.figures == {"windows": 2, "rounded": 3}
    assert "rounding up gives maxpool1 3 windows along each axis" in finding.message
    assert finding.hint.startswith("leave `ceil` out")


def test_the_axis_whose_window_is_dropped_is_named() -> None:
    (finding,) = found_in("RF204", "5x8x4", "maxpool f=1 s=3 ceil=yes")
    assert "rounding up gives maxpool1 3 windows along the height" in finding.message


def test_a_window_in_the_padding_behind_is_dropped_though_it_would_fit() -> None:
    # 4 + 2 positions in windows of 2 at stride 2: 0, 2 and 4, and the last is padding alone.
    (finding,) = found_in("RF204", "4x4", "maxpool f=2 s=2 p=0:2 ceil=yes")
    assert finding.figures == {"windows": 2, "rounded": 3}
    assert finding.hint == "with a padding of at most 0 behind the input there is none to drop"
    # Windows of 1 at -3, 1 and 5, without any padding behind, too; 5 is behind the 5 positions.
    (finding,) = found_in("RF204", "5x4", "maxpool f=1 s=4 p=3:5 ceil=yes")
    assert finding.hint == "leave `ceil` out: every tool then has 4 windows"


@given(layers(), st.integers(1, 12))
def test_a_dropped_window_is_one_that_rounding_up_gives_and_that_starts_behind(
    layer: Layer, size: int
) -> None:
    windows, rounded = layer.windows(size), layer.rounded(size)
    assume(windows)
    findings = found_in("RF204", f"{size}x1", layer.line())
    assert bool(findings) == (layer.ceil and len(windows) < len(rounded))
    for finding in findings:
        assert finding.figures == {"windows": len(windows), "rounded": len(rounded)}


@given(layers(), st.integers(1, 12))
def test_following_the_hint_leaves_no_window_to_drop(layer: Layer, size: int) -> None:
    assume(layer.windows(size))
    for finding in found_in("RF204", f"{size}x1", layer.line()):
        most = re.search(r"a padding of at most (\d+)", finding.hint)
        changed = layer._replace(ceil=False)
        if most:
            changed = layer._replace(after=min(layer.after, int(most[1])))
        assume(changed.windows(size))
        assert found_in("RF204", f"{size}x1", changed.line()) == ()
        named = re.search(r"(\d+) window", finding.hint)
        if named:
            assert len(changed.windows(size)) == int(named[1])
