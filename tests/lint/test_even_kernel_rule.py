"""Even kernels along several axes, at strides, behind padding layers and with several outputs."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from effort import lines_run
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_at import found, found_in

from rfcalc.library import analyze, read_text
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Subject
from rfcalc.lint.rules.rf107_even_kernel_shift import LEAST_OFF


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        # Windows from -1 to 11 of positions 0 to 10: in effect one position of padding on either side.
        ("11x11x8", ("conv f=4 s=3 p=1:2 d=8",)),
        # Padding that is written even: what the stride leaves over is not the kernel's doing.
        ("9x9x8", ("conv f=4 s=3 p=1 d=8",)),
        # At an even stride the middles of even kernels are in line with the image.
        ("9x9x8", ("conv f=4 s=2 p=1:2 d=8",)),
        ("9x9x8", ("conv f=2 s=2 p=0:1 d=8",)),
        # Cut back to what even padding of 1 gives.
        ("32x32x8", ("conv f=4 p=1:2 d=8", "crop padding=0:1")),
        ("32x32x8", ("conv f=4 p=1:2 d=8", "relu", "slice h=:-1 w=:-1", "conv f=3 p=1 d=8")),
        ("32x32x8", ("pad padding=1:2", "crop padding=0:1", "conv f=4 d=8")),
        # Uneven padding and an even kernel that together are even.
        ("32x32x8", ("pad padding=1:0", "conv f=4 p=1:2 d=8")),
        # Padding layers make causal kernels, too.
        ("64x8", ("pad padding=3:0", "conv f=4 d=8")),
        ("64x8", ("pad padding=2:0", "relu", "conv f=4 p=1:0 d=8")),
        # Cropping takes a part on purpose, whatever the kernels before are.
        ("32x32x8", ("conv f=4 p=1 d=8", "crop padding=0:1")),
    ],
)
def test_padding_in_effect_is_what_counts(size: str, layers: tuple[str, ...]) -> None:
    assert not found_in("RF107", size, *layers)


def test_a_layer_is_not_blamed_along_an_axis_that_a_later_one_moves_back() -> None:
    # Along the height one moves to the end and the other back; along the width only the other moves.
    (finding,) = found_in("RF107", "32x32x8", "conv f=4x1 p=1:2x0 d=8", "conv f=4 p=2:1x1:2 d=8")
    assert finding.layer == "conv2"
    assert "along the width; even kernels leave conv2 0.5 positions" in finding.message


def test_causal_layers_add_nothing_to_what_even_kernels_do() -> None:
    (finding,) = found_in("RF107", "64x8", "conv f=8 p=causal d=8", "conv f=4 p=1:2 d=8")
    assert (finding.layer, finding.severity) == ("conv2", "info")
    assert finding.figures == {"shift": 0.5, "total": 0.5}
    # Along the width the kernel is causal.
    (finding,) = found_in("RF107", "32x32x8", "conv f=4x6 p=1:2x5:0 d=8", "conv f=3 p=1 d=8")
    assert finding.figures == {"shift": 0.5, "total": 0.5}
    assert (
        "along the height; even kernels leave conv2 0.5 positions (0.5 of the input) off" in finding.message
    )


def test_padding_that_looks_back_further_than_the_kernel_is_not_causal() -> None:
    # A causal kernel of 4 has 3 in front.  With 2 it looks one position ahead, with 4 it starts too early.
    for before, shift in ((2, -1.0), (4, -2.0)):
        (finding,) = found_in("RF107", "32x8", f"conv f=4 p={before}:0 d=8")
        assert finding.figures["shift"] == shift


def test_one_whole_position_is_a_warning() -> None:
    (finding,) = found_in("RF107", "32x8", "conv f=4 p=2:0 d=8")
    assert (finding.severity, finding.figures["total"]) == ("warning", -1.0)
    (finding, _) = found_in("RF107", "32x8", "conv f=4 p=1:2 d=8", "conv f=4 p=1:2 d=8")
    assert (finding.severity, finding.figures["total"]) == ("warning", 1.0)
    (finding,) = found_in("RF107", "32x8", "conv f=4 p=1:2 d=8", "maxpool f=2 s=2")
    assert (finding.severity, finding.figures["total"]) == ("info", 0.25)


def test_at_a_stride_the_side_is_that_of_the_padding_in_effect() -> None:
    # Windows of 9 positions start at -1, 2 and 5 and end at 8: one position of padding in front, none behind.
    (finding,) = found_in("RF107", "9x9x8", "conv f=4 s=3 p=1:2 d=8")
    assert "padded by 1 before and 0 behind in effect" in finding.message
    assert "0.5 positions towards the beginning" in finding.message
    # Another kernel at this stride would not balance it in general.
    assert finding.hint == "take an odd kernel"


def test_a_padding_layer_is_a_part_of_the_kernel_behind_it() -> None:
    for layers in (("conv f=4 p=1:2 d=8",), ("pad padding=1:2", "relu", "conv f=4 d=8")):
        (finding,) = found_in("RF107", "32x32x8", *layers)
        assert finding.layer == "conv1"
        assert finding.figures == {"shift": 0.5, "total": 0.5}
        assert "padded by 1 before and 2 behind" in finding.message


def test_the_map_that_is_furthest_off_decides_for_a_line_of_several_layers() -> None:
    block = "input: 32x32x8\noutputs: [{}]\nblocks:\n  u: [conv f=4 p=1:2 d=8, relu]\nlayers:\n"
    text = block.format("a, b") + "  - u as a\n  - u from=input\n  - u\n  - u\n  - u as b\n"
    (finding,) = found(text, "RF107")
    assert (finding.severity, finding.figures["total"]) == ("warning", 2.0)
    # One layer that leads to two maps is judged by the further one, in whatever order they come.
    text = "input: 32x32x8\noutputs: [a, b]\nlayers:\n  - conv f=4 p=1:2 d=8 as a\n"
    for last in ("conv f=4 p=1:2 d=8 as b", "conv f=4 p=1:2 d=8 as b\n  - maxpool f=2 s=2 as c"):
        outputs = text.replace("b]", "c, b]" if "as c" in last else "b]")
        first = found(f"{outputs}  - {last}\n", "RF107")[0]
        assert (first.layer, first.figures["total"]) == ("a", 1.0)


def test_what_comes_before_a_map_in_the_middle_is_not_to_blame() -> None:
    layers = ("conv f=4 p=1:2 d=8", "conv f=4 p=2:1 d=8", "conv f=4 p=1:2 d=8")
    (finding,) = found_in("RF107", "32x8", *layers)
    assert finding.layer == "conv3"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 3, 4, 6]), st.sampled_from([1, 1, 3]), st.integers(0, 5)),
        min_size=1,
        max_size=4,
    )
)
def test_the_total_is_what_walking_the_windows_gives(layers: list[tuple[int, int, int]]) -> None:
    size, middle, stride, lines, even = 500, Fraction(499, 2), 1, [], []
    first = Fraction(0)
    for kernel, step, front in layers:
        before = min(front, kernel - 1)
        after = kernel - 1 - before
        if kernel % 2 or (step == 1 and after == 0):
            # Odd kernels are balanced here, so that only even ones move, and none is causal.
            before = (kernel - 1) // 2
            after = kernel - 1 - before
        # No remainder: what a stride leaves over is a matter of its own.
        after += -(size + before + after - kernel) % step
        if kernel % 2 and before != after:
            return
        size = (size + before + after - kernel) // step + 1
        first += stride * (Fraction(kernel - 1, 2) - before)
        stride *= step
        lines.append(f"conv f={kernel} s={step} p={before}:{after} d=8")
        even.append(kernel % 2 == 0 and before == kernel - 1 and after == 0)
    if any(even):
        return
    off = (first + Fraction((size - 1) * stride, 2) - middle) / stride
    findings = found_in("RF107", "500x8", *lines)
    assert bool(findings) == (abs(off) >= LEAST_OFF)
    for finding in findings:
        assert finding.figures["total"] == pytest.approx(float(off))


@pytest.mark.parametrize("layers", [("conv f=4 p=1:2 d=8",), ("pad padding=1:2", "conv f=4 d=8")])
def test_another_kernel_padded_as_the_hint_says_brings_the_map_back(layers: tuple[str, ...]) -> None:
    (finding,) = found_in("RF107", "32x32x8", *layers)
    padding = re.search(r"\((\d+:\d+)\)", finding.hint)
    assert padding
    assert not found_in("RF107", "32x32x8", *layers, f"conv f=4 p={padding[1]} d=8")


def test_the_work_grows_as_the_network_does() -> None:
    def work(layers: int) -> int:
        block = "conv f=4 p=1:2 d=8, {add: [[conv f=2 p=0:1 d=8], [conv f=4 p=1:2 d=8]]}, conv f=4 p=2:1 d=8"
        description = read_text(
            f"input: 64x8\nlayers:\n  - {{repeat: {layers}, do: [{block}]}}\n", "net.yaml"
        )
        subject = Subject(description.network, analyze(description))
        return lines_run(lambda: list(find_rule("RF107").find(subject)))[1]

    assert work(200) < 5 * work(50)


@pytest.mark.parametrize(
    ("size", "layer", "odd"),
    [
        ("32x32x8", "conv f=4 p=1:2 d=8", "conv f=5 p=2 d=8"),
        ("32x32x8", "conv f=4 p=1:2 d=8", "conv f=3 p=1:2 d=8"),
        ("9x9x8", "conv f=4 s=3 p=1:2 d=8", "conv f=3 s=3 p=1:2 d=8"),
    ],
)
def test_an_odd_kernel_is_no_finding_of_this_rule(size: str, layer: str, odd: str) -> None:
    assert found_in("RF107", size, layer)
    assert not found_in("RF107", size, odd)
