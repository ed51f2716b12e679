"""Branches off-centre along different axes, what puts them in line, and what looking for it costs."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from effort import lines_run
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from looked_at import found

from rfcalc.library import analyze, read_text
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Subject


def joined(*branches: str, size: str = "32x32x8", how: str = "add") -> tuple[Finding, ...]:
    """What is found where some branches meet."""
    text = f"input: {size}\nlayers:\n  - {how}: [{', '.join(f'[{branch}]' for branch in branches)}]\n"
    return found(text, "RF105")


@pytest.mark.parametrize(
    "branches",
    [
        # Space to depth, as YOLOv5 and Swin write it: pixelunshuffle factor=2 does the same.
        [f"slice h={row}::2 w={column}::2" for column in (0, 1) for row in (0, 1)],
        ["slice h=0::2 w=0::2, conv f=1 d=8, relu", "slice h=1::2 w=1::2, conv f=1 d=8"],
        # Every other position of the one, then every other of what is left.
        ["slice h=::2 w=::2, slice h=::2 w=::2", "slice h=1::2 w=1::2, slice h=1::2 w=1::2"],
        ["conv f=1 s=2 d=8", "slice h=1:32 w=1:32, pad p=0:1, conv f=1 s=2 d=8"],
    ],
)
def test_positions_that_are_dealt_out_to_branches_are_left_alone(branches: list[str]) -> None:
    assert not joined(*branches, how="concat")


def test_slices_that_leave_positions_between_them_or_have_no_stride_are_told() -> None:
    (finding,) = joined("slice h=0:30 w=0:30", "slice h=1:31 w=1:31", how="concat")
    assert finding.figures["distance"] == 1
    (finding,) = joined("slice h=::2 w=::2", "slice h=2::2 w=2::2, pad p=0:1", how="concat")
    assert finding.figures["distance"] == 2
    # These windows overlap: that is no way to deal out positions.
    (finding,) = joined("slice h=::2 w=::2", "slice h=1:32 w=1:32, conv f=3 s=2 p=1 d=8", how="concat")
    assert finding.figures["distance"] == 1


def test_branches_that_all_look_ahead_as_far_are_told() -> None:
    # Up to two positions ahead, one padded in front: no causal network does that.
    (finding,) = joined("conv f=4 p=1:0 d=8", "conv f=3 d=8", size="32x8")
    assert finding.figures["distance"] == 0.5
    # Nothing is padded, but each unit of stride 2 reads the position behind its own.
    (finding,) = joined("conv f=3 s=2 d=8", "crop p=2:0, conv f=1 s=2 d=8", size="33x8")
    assert finding.figures["distance"] == 1


def test_axes_along_which_branches_are_off_to_different_sides_are_told_apart() -> None:
    findings = joined("conv f=3 p=1 d=8 as one", "conv f=3 p=0:2x2:0 d=8 as two", how="concat")
    messages = sorted(finding.message for finding in findings)
    assert "along the height: one at 0 and two at 1 (two +1)" in messages[0]
    assert "along the width: two at -1 (two -1) and one at 0" in messages[1]
    hints = sorted(finding.hint for finding in findings)
    assert hints[0] == "to put them in line, pad two by 1 before and 1 behind along the height"
    assert hints[1] == "to put them in line, pad two by 1 before and 1 behind along the width"


def test_the_hint_names_the_axis_of_the_layer_where_axes_have_changed_places() -> None:
    permuted = "permute order=1x0x2"
    (finding,) = joined(f"{permuted}, conv f=3 p=0:2x1 d=8 as one", permuted, size="64x48x8")
    assert "of the input apart along the width" in finding.message
    assert finding.hint == "to put them in line, pad one by 1 before and 1 behind along the height"


@pytest.mark.parametrize(
    ("branches", "hint"),
    [
        # One position behind a stride of 2 is two of the input.
        (
            ("conv f=3 s=2 p=1 d=8 as one", "conv f=5 s=2 p=0:4 d=8 as two"),
            "pad two by 2 before and 2 behind",
        ),
        # "same" pads an even size behind only: one of its positions, half a one of the join's.
        (
            ("conv f=3 s=2 p=same d=8 as one, relu, conv f=3 p=1 d=8", "conv f=1 s=2 d=8"),
            "pad one by 1 before and 1 behind",
        ),
        # Repetition leaves two units at the centre of one, half a position off; a unit of one has two.
        (
            ("conv f=5 s=2 p=4:0 d=8 as one, upsample scale=2", ""),
            "pad one by 2 before and 2 behind",
        ),
        # The even one of two kernels is changed.
        (
            ("conv f=3 p=1 d=8 as one", "conv f=2 p=0:1 d=8 as two"),
            "give two a kernel of 3 padded by 1 before and 1 behind",
        ),
        # Nothing to pad in a shortcut and a block that is parted again.
        (
            ("crop p=2:0", "conv f=1 d=8 as one, {add: [[conv f=1 d=8], [conv f=1 d=8]]}, crop p=1:1"),
            "put `pad padding=-1:1` between crop2 and the join",
        ),
        # Empty branches are one map, which enters as often.
        (
            (*["crop p=2:0, pad p=0:2"] * 3, "", ""),
            "put `pad padding=-2:2` between input and the join, each of the 2 times that it enters",
        ),
        # A kernel that is longer by one costs less than a layer more, one that is longer by two does not.
        (
            ("conv f=2 r=2 p=2:0 d=8 as one, conv f=3 p=2:0 d=8", "conv f=3 p=0:2 d=8, conv f=2 r=2 p=1 d=8"),
            "give one a kernel of 3 padded by 0 before and 4 behind",
        ),
        (
            ("conv f=3 r=2 p=3:1 d=8, conv f=3 r=2 p=4:0 d=8", "conv f=5 p=0:4 d=8 as two"),
            "put `pad padding=5:-5` between two and the join",
        ),
    ],
)
def test_the_hint_says_which_layer_and_with_which_numbers(branches: tuple[str, ...], hint: str) -> None:
    (finding,) = joined(*branches)
    assert finding.hint == f"to put them in line, {hint}"


def test_every_branch_that_must_change_is_listed() -> None:
    branches = ("conv f=3 p=1 d=8 as a", "conv f=3 p=0:2 d=8 as b", "conv f=3 p=2:0 d=8 as c")
    (finding,) = joined(*branches, how="concat")
    assert finding.hint == (
        "to put them in line, pad b by 1 before and 1 behind and pad c by 1 before and 1 behind"
    )


class Layer(NamedTuple):
    """A convolution in a test: its name, kernel, stride, dilation and padding."""

    name: str
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    def __str__(self) -> str:
        return (
            f"conv f={self.kernel} s={self.stride} r={self.dilation} p={self.before}:{self.after} d=8 "
            f"as {self.name}"
        )


@st.composite
def branches_that_meet(draw: st.DrawFn) -> list[list[Layer | str]]:
    """Two to four branches of the same size and rate, the padding of each as chance has it."""
    halved, spread = draw(st.booleans()), draw(st.booleans())
    branches: list[list[Layer | str]] = []
    for number in range(draw(st.integers(2, 4))):
        length = draw(st.integers(1 if halved and not spread else 0, 3))
        strided = draw(st.integers(0, length - 1)) if halved and length else None
        branch: list[Layer | str] = []
        for place in range(length):
            stride = 2 if place == strided else 1
            kernel, dilation = draw(st.integers(stride, 5)), draw(st.sampled_from([1, 1, 2, 3]))
            padding = dilation * (kernel - 1) - (stride - 1 if draw(st.booleans()) else 0)
            before = draw(st.integers(0, max(padding, 0)))
            branch.append(
                Layer(f"n{number}x{place}", kernel, stride, dilation, before, max(padding, 0) - before)
            )
        if halved and spread and length:
            branch.append("upsample scale=2")
        branches.append(branch)
    return branches


def written(branches: list[list[Layer | str]]) -> str:
    lines = "".join(f"      - [{', '.join(map(str, branch))}]\n" for branch in branches)
    return f"input: 64x8\nlayers:\n  - conv f=1 d=8 as start\n  - concat:\n{lines}"


def changed(branches: list[list[Layer | str]], hint: str) -> list[list[Layer | str]]:
    """The branches after what a hint says has been done."""
    new = [list(branch) for branch in branches]
    names = {str(each.name): each for branch in branches for each in branch if isinstance(each, Layer)}
    done = 0
    for name, kernel, before, after in re.findall(
        r"(?:pad|give) (\w+) (?:a kernel of (\d+) padded )?by (\d+) before and (\d+) behind", hint
    ):
        layer = names[name]
        better = layer._replace(before=int(before), after=int(after), kernel=int(kernel or layer.kernel))
        new = [[better if each == layer else each for each in branch] for branch in new]
        done += 1
    pads = r"put `(pad padding=-?\d+:-?\d+)` between (\w+) and the join(?:, each of the (\d+) times)?"
    for padding, name, times in re.findall(pads, hint):
        place = next(
            (number for number, branch in enumerate(branches) if branch and name in str(branch[-1])),
            next((number for number, branch in enumerate(branches) if not branch), 0),
        )
        if name.startswith("upsample"):
            widened = [number for number, branch in enumerate(branches) if branch]
            place = widened[int(name.removeprefix("upsample")) - 1]
        # Empty branches hand on the same map.
        places = [place] if branches[place] else [n for n, branch in enumerate(branches) if not branch]
        for place in places[: int(times or 1)]:
            new[place].append(padding)
        done += 1
    assert done == hint.count("before and") + hint.count("`pad")
    return new


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(branches_that_meet())
@example([[Layer("n0x0", 2, 2, 1, 1, 0), Layer("n0x1", 3, 1, 1, 0, 2), "upsample scale=2"], [], []])
def test_following_the_hint_puts_the_branches_in_line(branches: list[list[Layer | str]]) -> None:
    findings = found(written(branches), "RF105")
    assume(findings)
    (finding,) = findings
    if "no padding and no longer kernel" in finding.hint:
        # Half a position at an even dilation: every kernel of such a branch has the same middle.  Or a
        # position and a half and more, for which a kernel would have to grow by three.
        even = any(each.dilation == 2 for branch in branches for each in branch if isinstance(each, Layer))
        apart = finding.figures["distance"]
        assert even or (isinstance(apart, float) and apart >= 1)
        return
    assert not found(written(changed(branches, finding.hint)), "RF105")


def work(text: str) -> int:
    description = read_text(text, "net.yaml")
    subject = Subject(description.network, analyze(description))
    return lines_run(lambda: list(find_rule("RF105").find(subject)))[1]


@pytest.mark.parametrize(
    "line",
    [
        # Each join comes after all others, and each way back is as long as the network.
        "add: [[conv f=3 p=0:2 d=8], []]",
        # Each way leads back to the input.
        "add: [[conv f=3 p=0:2 d=8], [identity from=start]]",
        "add: [[conv f=3 p=causal d=8], [identity from=start]]",
    ],
)
def test_the_work_grows_as_the_network_does(line: str) -> None:
    def text(joins: int) -> str:
        return "input: 64x8\nlayers:\n  - conv f=1 d=8 as start\n" + f"  - {line}\n" * joins

    few, many = work(text(50)), work(text(200))
    assert many < 5 * few


def test_the_work_grows_as_the_branches_of_a_join_do() -> None:
    def text(branches: int) -> str:
        # Each branch is centred at a place of its own.
        lines = "".join(f"      - [pad p={n}:{200 - n}, conv f=201 d=8]\n" for n in range(branches))
        return f"input: 64x8\nlayers:\n  - concat:\n{lines}"

    few, many = work(text(50)), work(text(200))
    assert many < 5 * few
    (finding,) = found(text(12), "RF105")
    assert finding.hint.endswith("and likewise 3 more branches")


def test_a_join_is_judged_however_much_there_was_to_look_at_before() -> None:
    # Each of these joins is causal, and its ways lead back to the input.
    causal = "{add: [[conv f=3 p=causal d=8], [identity from=start]]}"
    text = f"input: 64x8\nlayers:\n  - conv f=1 d=8 as start\n  - {{repeat: 500, do: [{causal}]}}\n"
    (finding,) = found(f"{text}  - add: [[conv f=3 s=2 p=0:1 d=8], [conv f=3 s=2 p=1:0 d=8]]\n", "RF105")
    assert finding.figures["distance"] == 1
