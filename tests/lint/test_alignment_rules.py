"""Input that nothing reads, branches that do not fit each other, and even kernels that move the map."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_at import found, found_in

from rfcalc.library import analyze, load, read_text
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding
from rfcalc.lint.rule import Subject


def shipped(name: str, code: str) -> tuple[Finding, ...]:
    description = load(name)
    return run_rules(Subject(description.network, analyze(description)), [code])


def joined(code: str, *branches: str, size: str = "32x32x8", how: str = "add") -> tuple[Finding, ...]:
    """What is found where some branches meet."""
    text = f"input: {size}\nlayers:\n  - {how}: [{', '.join(f'[{branch}]' for branch in branches)}]\n"
    return found(text, code)


# RF104


@pytest.mark.parametrize(
    "name", ["resnet50", "resnet50-v1", "resnet20", "mobilenet-v1", "shufflenet-v2-x1.0"]
)
def test_shipped_networks_read_all_that_no_1x1_convolution_skips(name: str) -> None:
    assert shipped(name, "RF104") == ()


@pytest.mark.parametrize(
    "layer",
    [
        "conv f=3 s=2 p=1 d=8",
        "conv f=3 s=3 d=8",
        # A dilation that shares no factor with the stride meets every remainder.
        "conv f=3 s=2 p=3 r=3 d=8",
        "maxpool f=2 s=2",
        # One window alone skips nothing between two.
        "conv f=3 s=40 d=8",
        # 1x1 convolutions have a rule of their own.
        "conv f=1 s=2 d=8",
        # Taking a part on purpose is no window.
        "slice h=::2 w=::2",
        "upsample scale=0.5 mode=nearest",
    ],
)
def test_layers_whose_windows_meet_are_left_alone(layer: str) -> None:
    assert not found_in("RF104", "32x32x8", layer)


def test_what_another_layer_reads_is_not_lost() -> None:
    assert not joined("RF104", "maxpool f=1 s=2", "conv f=3 s=2 p=1 d=8")
    # The other rows, and the other columns of the same rows: together all of them.
    others = ("slice h=1::2", "slice h=0::2 w=1::2")
    text = "input: 32x32x8\nlayers:\n  - conv f=1 d=8 as map\n  - maxpool f=1 s=2 as first from=map\n"
    text += "".join(f"  - {layer} from=map as out{place}\n" for place, layer in enumerate(others))
    assert not found(text + "outputs: [first, out0, out1]\n", "RF104")


def test_an_output_is_not_lost() -> None:
    text = "input: 32x32x8\nlayers:\n  - conv f=3 p=1 d=8 as map\n  - maxpool f=1 s=2 as half\n"
    assert not found(text + "outputs: [map, half]\n", "RF104")


@pytest.mark.parametrize(
    ("layer", "read", "positions"),
    [
        ("maxpool f=1 s=2", 1, 4),
        ("conv f=3 s=4 p=1 d=8", 9, 16),
        ("conv f=3 s=2 p=2 r=2 d=8", 1, 4),
        ("conv f=3x1 s=2 p=1x0 d=8", 2, 4),
        ("conv f=2 s=6 r=3 d=8", 4, 36),
        ("avgpool f=2x1 s=2x2", 2, 4),
    ],
)
def test_skipped_positions_are_counted(layer: str, read: int, positions: int) -> None:
    (finding,) = found_in("RF104", "32x32x8", layer)
    assert finding.figures == {"read": read, "positions": positions}


def test_two_layers_that_skip_the_same_lose_it_together() -> None:
    (finding,) = joined("RF104", "maxpool f=1 s=2", "conv f=1 s=2 d=8")
    assert finding.figures == {"read": 1, "positions": 4}
    (finding,) = joined("RF104", "maxpool f=1 s=2", "conv f=3x1 s=2 p=1x0 d=8")
    assert finding.figures == {"read": 2, "positions": 4}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 3), st.integers(1, 4)),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_lost_is_what_enumeration_finds(windows: list[tuple[int, int, int, int]]) -> None:
    lines = "".join(
        f"  - conv f={f}x2 s={s}x1 p={p}x0 r={r}x1 d=8 from=map as out{place}\n"
        for place, (f, s, p, r) in enumerate(windows)
    )
    outputs = ", ".join(f"out{place}" for place in range(len(windows)))
    text = f"input: 400x6x8\nlayers:\n  - conv f=1 d=8 as map\n{lines}outputs: [{outputs}]\n"
    seen = {o * s - p + tap * r for f, s, p, r in windows for o, tap in product(range(-50, 400), range(f))}
    # 60 positions in the middle are a multiple of every stride.
    read = len(seen & set(range(100, 160)))
    findings = found(text, "RF104")
    assert bool(findings) == (read < 60)
    for finding in findings:
        one, all_ = finding.figures["read"], finding.figures["positions"]
        assert isinstance(one, int)
        assert isinstance(all_, int)
        assert one * 60 == read * all_


# RF105


@pytest.mark.parametrize(
    "name", ["wavenet", "resnet50", "densenet121", "googlenet", "unet", "deeplabv3-resnet50"]
)
def test_shipped_networks_join_branches_in_line_or_causal_ones(name: str) -> None:
    assert shipped(name, "RF105") == ()


@pytest.mark.parametrize(
    "branches",
    [
        ("conv f=3 p=1 d=8", ""),
        ("conv f=3 s=2 p=1 d=8", "conv f=1 s=2 d=8"),
        ("conv f=4 s=2 p=1 d=8", "avgpool f=2 s=2"),
        # All look no further ahead than the unit itself.
        ("conv f=2 p=causal d=8", ""),
        ("conv f=3 p=causal r=4 d=8", "conv f=2 p=causal d=8", ""),
        # A valid convolution beside the input without its first positions is causal, too.
        ("conv f=3 d=8", "crop p=2:0"),
        ("deconv f=2 s=2 d=8", "upsample scale=2 mode=nearest"),
    ],
)
def test_branches_in_line_and_causal_branches_are_left_alone(branches: tuple[str, ...]) -> None:
    assert not joined("RF105", *branches)


@pytest.mark.parametrize(
    ("branches", "distance"),
    [
        (("conv f=3 p=0:2 d=8", ""), 1),
        (("conv f=2 p=same d=8", ""), 0.5),
        # Unit 0 of the pooling looks at 1.5, that of the convolution at 0.
        (("avgpool f=4 s=2 p=0:2", "conv f=3 s=2 p=1 d=8"), 1.5),
        (("conv f=3 s=2 p=1 d=8, conv f=3 p=0:2 d=8", "conv f=1 s=2 d=8"), 2),
        (("conv f=5 p=0:4 d=8", "", "conv f=3 p=1 d=8"), 2),
        # Both see up to two positions ahead, padded behind: no causal network does that.
        (("conv f=3 p=0:2 d=8", "crop p=2:0, conv f=1 p=0:2 d=8"), 1),
    ],
)
def test_branches_that_are_off_centre_are_told_by_how_much(
    branches: tuple[str, ...], distance: float
) -> None:
    (finding,) = joined("RF105", *branches)
    assert finding.figures["distance"] == distance
    assert len(finding.related) == 2


def test_both_paths_are_told_with_the_layers_that_move_them() -> None:
    text = """
input: 32x32x8
layers:
  - conv f=3 p=0:2 d=8 as before
  - add:
      - [conv f=3 s=2 p=1 d=8 as stride, conv f=3 p=0:2 d=8 as late]
      - [conv f=2 s=2 d=8 as pair]
"""
    (finding,) = found(text, "RF105")
    # What happens before the branches part moves both.
    assert "pair at 1.5 (pair +0.5) and late at 3 (late +2)" in finding.message


def test_joins_of_one_line_are_one_finding() -> None:
    text = "input: 32x8\nlayers:\n  - {repeat: 9, do: [{add: [[conv f=3 p=0:2 d=8], []]}]}\n"
    (finding,) = found(text, "RF105")
    assert "8 more layers made by this line" in finding.message


# RF106


def test_branches_of_one_rate_are_left_alone() -> None:
    assert not joined("RF106", "conv f=3 s=2 p=1 d=8", "maxpool f=2 s=2")
    assert not joined("RF106", "conv f=3 s=2 p=1 d=8, deconv f=2 s=2 d=8", "")
    assert shipped("unet", "RF106") == ()


def test_branches_of_different_rates_are_told_with_the_layers_that_make_them_differ() -> None:
    (finding,) = joined("RF106", "conv f=3 s=2 p=1 d=8 as half", "conv f=17 d=8 as whole")
    assert "half by 2 (half: stride 2) and whole by 1 (no layer changes the rate)" in finding.message
    assert finding.severity == "warning"
    assert len(finding.related) == 2


def test_joins_of_different_rates_are_one_finding_a_line_however_many_there_are() -> None:
    join = "add: [[conv f=3 s=2 p=1 d=8 from=map], [conv f=17 d=8 from=map]]"
    text = f"input: 32x32x8\nlayers:\n  - conv f=1 d=8 as map\n  - {{repeat: 9, do: [{{{join}}}]}}\n"
    (finding,) = found(text, "RF106")
    assert "8 more layers made by this line" in finding.message
    lines = "".join(f"  - {join}\n" for _ in range(9))
    findings = found(f"input: 32x32x8\nlayers:\n  - conv f=1 d=8 as map\n{lines}", "RF106")
    assert [finding.position.line for finding in findings if finding.position] == [*range(4, 13)]


# RF107


@pytest.mark.parametrize("name", ["wavenet", "convnext-tiny", "unet", "densenet121", "alexnet", "vgg16"])
def test_shipped_networks_have_no_even_kernel_that_moves_the_map(name: str) -> None:
    assert shipped(name, "RF107") == ()


@pytest.mark.parametrize(
    "layers",
    [
        ("conv f=3 p=1 d=8",),
        # At an even stride the middle of an even kernel is the middle of the map.
        ("conv f=4 s=2 p=1 d=8",),
        ("maxpool f=2 s=2",),
        # The map grows or shrinks by one, evenly at both ends.
        ("conv f=4 d=8",),
        ("conv f=2 p=1 d=8",),
        # A dilation of 2 makes two taps span three positions.
        ("conv f=2 r=2 p=1 d=8",),
        ("conv f=2 p=causal d=8", "conv f=2 p=causal r=3 d=8"),
        # One moves to one side, the other back.
        ("conv f=2 p=0:1 d=8", "relu", "conv f=2 p=1:0 d=8"),
        ("conv f=4 p=1:2 d=8", "conv f=4 p=2:1 d=8"),
    ],
)
def test_even_kernels_that_move_nothing_in_the_end_are_left_alone(layers: tuple[str, ...]) -> None:
    assert not found_in("RF107", "32x32x8", *layers)


def test_an_even_kernel_at_an_even_stride_is_not_the_reason_where_the_size_is_odd() -> None:
    assert not found_in("RF107", "33x33x8", "conv f=2 s=2 p=same d=8")


def test_a_shift_beside_a_shortcut_is_left_to_the_rule_about_joins() -> None:
    assert not joined("RF107", "conv f=2 p=same d=8", "")


def test_one_even_kernel_moves_the_map_by_half_a_position() -> None:
    (finding,) = found_in("RF107", "32x32x8", "conv f=4 p=same d=8")
    assert (finding.severity, finding.figures) == ("info", {"shift": 0.5, "total": 0.5})
    assert "towards the end" in finding.message
    (finding,) = found_in("RF107", "32x32x8", "conv f=4 p=same_lower d=8")
    assert finding.figures == {"shift": -0.5, "total": -0.5}
    assert "towards the beginning" in finding.message


def test_shifts_add_up_and_count_in_pixels() -> None:
    # Behind a stride of 2: three times half a position of the deep map, 3 pixels in all.
    text = "input: 32x32x8\nlayers:\n  - conv f=3 s=2 p=1 d=8\n  - {repeat: 3, do: [conv f=2 p=same d=8]}\n"
    (finding,) = found(text, "RF107")
    assert (finding.severity, finding.figures["total"]) == ("warning", 1.5)
    assert "moves its map 0.5 positions (1 of the input)" in finding.message
    assert "1.5 positions (3 of the input) off the middle" in finding.message


@pytest.mark.parametrize("last", ["globalavgpool", "fc d=10"])
def test_the_last_map_before_a_collapse_is_what_counts(last: str) -> None:
    (finding,) = found_in("RF107", "32x32x8", "conv f=2 p=same d=8", "maxpool f=2 s=2", last)
    # A half position before the pooling is a quarter behind it.
    assert finding.figures["total"] == 0.25
    # And a sixteenth behind pooling by 8, within every unit.
    assert not found_in("RF107", "32x32x8", "conv f=2 p=same d=8", "maxpool f=8 s=8", last)


def test_the_shift_agrees_with_the_centre_of_the_field() -> None:
    text = (
        "input: 33x8\nlayers:\n  - conv f=2 p=same d=8\n  - conv f=3 s=2 p=1 d=8\n  - conv f=4 p=same d=8\n"
    )
    (finding, _) = found(text, "RF107")
    total = finding.figures["total"]
    (axis,) = analyze(read_text(text)).fields.nodes[-1].inputs[0] or ()
    assert isinstance(total, float)
    # 17 units 2 apart, of 33 positions: in line when unit 0 is centred at position 0.
    assert total * 2 == axis.centre
