"""Windows that end before their input does: what is dropped, and the sizes at which nothing is."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from looked_at import found, found_in
from window_oracle import Layer, layers

from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, load, read_text, shipped_names
from rfcalc.lint.checking import run_rules
from rfcalc.lint.rule import Subject
from rfcalc.lint.rules.rf201_dropped_border import SHARE_LOST


def dropped(size: str, *lines: str) -> tuple[str, ...]:
    return tuple(finding.message for finding in found_in("RF201", size, *lines))


@pytest.mark.parametrize(
    ("size", "line"),
    [
        # Krizhevsky's first layer, at 227: (227 - 11) / 4 = 54.
        ("227x227x3", "conv f=11 s=4 d=96"),
        ("225x225x3", "conv f=7 s=2 p=3 d=64"),
        # The rest is padding: 3 before and 2 after in effect, as in every ResNet at 224.
        ("224x224x3", "conv f=7 s=2 p=3 d=64"),
        ("224x224x3", "conv f=3 s=2 p=same d=8"),
        ("224x224x3", "maxpool f=3 s=2 p=1"),
        ("224x224x3", "maxpool f=2 s=2"),
        ("224x224x3", "conv f=3 p=1 d=64"),
        # One position in two is read, from the first to the last but one: a regular grid, and no border.
        ("8x8x3", "conv f=1 s=2 d=64"),
        ("7x7x3", "maxpool f=3 s=2 p=0:1"),
        ("12x12x3", "maxpool f=3 s=2 ceil=yes"),
        ("8x8x3", "maxpool f=2 s=2 p=1:2"),
        # One position of 33 is no border worth a word; M5 pools 1981 samples by fours.
        ("33x33x3", "maxpool f=2 s=2"),
        ("1981x128", "maxpool f=4 s=4"),
        ("16000x1", "conv f=2 p=causal r=512 d=32"),
        ("16", "fc d=4"),
    ],
)
def test_windows_that_reach_the_end_or_nearly_are_no_finding(size: str, line: str) -> None:
    assert dropped(size, line) == ()


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "mobilenet-v2", "unet", "darknet53", "alexnet"])
def test_networks_as_published_are_no_finding(name: str) -> None:
    assert found(load(name).source.text, "RF201") == ()


def test_a_symbolic_size_is_no_finding() -> None:
    text = "symbols: {H: 32*h}\ninput: HxHx3\nlayers:\n  - conv f=2 s=2 d=64\n"
    assert found(text, "RF201") == ()


def test_a_deformable_convolution_may_read_anywhere() -> None:
    assert dropped("8x8x3", "deformconv f=2 s=3 d=8") == ()


def test_rows_that_no_window_reads_are_told() -> None:
    (finding,) = found_in("RF201", "7x7x3", "maxpool f=2 s=2")
    assert finding.message == (
        "no window of maxpool1 (2 at stride 2) reads the last position of 7 along each axis"
    )
    assert finding.figures == {"dropped": 1, "size": 7, "layers": 1}
    # 6 and 8 divide by 2.
    assert finding.hint == (
        "ceil=yes gives maxpool1 one more window, which reads it; with an input of 6x6 or 8x8 no window "
        "of the network leaves positions out"
    )


def test_what_the_hint_says_of_a_convolution_reads_the_rest() -> None:
    (finding,) = found_in("RF201", "238x238x3", "conv f=16 s=16 d=8", "conv f=3 p=1 d=8")
    assert finding.hint.startswith("p=0:2 gives conv1 one more window, which reads them; with an input of ")
    assert "224x224 or 240x240" in finding.hint or "240x240 or 224x224" in finding.hint
    assert found_in("RF201", "238x238x3", "conv f=16 s=16 p=0:2 d=8") == ()


def test_exactly_one_position_in_so_many_is_told() -> None:
    assert dropped(f"{SHARE_LOST + 1}x8", "maxpool f=2 s=2") == ()
    assert len(dropped(f"{SHARE_LOST - 1}x8", "maxpool f=2 s=2")) == 1
    # Three of 96 are one in 32; of 100 they are less.
    assert len(dropped("96x8", "conv f=31 s=31 d=8")) == 1
    assert dropped("127x8", "conv f=31 s=31 d=8") == ()


def test_an_axis_that_ends_evenly_is_not_blamed_for_the_other() -> None:
    (message,) = dropped("8x7x3", "maxpool f=2 s=2")
    assert message.endswith("reads the last position of 7 along the width")


def test_a_network_is_one_finding_at_the_layer_that_loses_most() -> None:
    # 31 positions, then 15, then 7: each pooling leaves one out, the last the largest share.
    (finding,) = found_in("RF201", "31x31x3", "maxpool f=2 s=2", "maxpool f=2 s=2", "maxpool f=2 s=2 as last")
    assert (finding.layer, finding.figures["layers"]) == ("last", 3)
    assert finding.message.endswith("; likewise maxpool2 (1 of 15), maxpool1 (1 of 31)")


def test_a_line_of_many_layers_is_named_once() -> None:
    (finding,) = found_in("RF201", "31x31x3", "{repeat: 3, do: [maxpool f=2 s=2]}")
    assert finding.message.endswith(" (and 2 more layers made by this line)")


def test_the_layer_that_is_told_of_is_not_among_the_rest_of_its_line() -> None:
    # Windows of 5 padded by 2 are in the middle; padded by 1 they are off it by one, by 0 by two.
    line = "{each: {b: [2, 1, 0, 2]}, do: [{add: [[conv f=5 p=b:4-b d=8], []]}]}"
    (finding,) = found_in("RF105", "32x32x8", line)
    assert "the branches that meet in each1.2.add1 are centred 2 positions" in finding.message
    assert finding.message.endswith(" (and 1 more of the 4 layers made by this line: each1.1.add1)")


_NEAR = re.compile(r"with an input of (.*) no window of the network leaves positions out$")


def near(size: str, *lines: str) -> str:
    (finding,) = found_in("RF201", size, *lines)
    sizes = _NEAR.search(finding.hint)
    return sizes[1] if sizes else ""


def test_lengths_are_followed_through_everything_that_keeps_or_changes_them() -> None:
    assert near("9x9x3", "pad padding=1", "conv f=2 s=2 d=8") == "8x8 or 10x10"
    # 2n - 1 positions in windows of 3 at stride 4: 2n - 4 divides by 4 when n is even.
    assert near("7x7x3", "deconv f=1 s=2 d=8", "conv f=3 s=4 d=8") == "6x6 or 8x8"
    # Attention in windows of 4 needs sizes that divide by 4, and 4m - 5 by 3.
    assert near("12x12x4", "attention window=4", "conv f=5 s=3 d=8") == "8x8 or 20x20"
    # Half of n has to be odd.
    assert near("8x8x4", "pixelunshuffle factor=2", "conv f=3 s=2 d=8") == "6x6 or 10x10"
    # What is pooled to one position has one whatever the input.
    assert near("7x7x4", "maxpool f=2 s=2", "globalavgpool", "conv f=3 s=2 p=1 d=8") == "6x6 or 8x8"
    # The size of the upsampled map is given, so that the size of the input is of no help.
    assert near("8x8x4", "upsample size=9", "conv f=4 s=3 d=8") == ""
    # Twice n less 3 is odd, so that no size divides.
    assert near("8x8x16", "pixelshuffle factor=2", "conv f=3 s=2 d=8") == ""


@pytest.mark.parametrize(
    ("size", "one", "other", "sizes"),
    [
        # Multiples of 2 and of 3.
        (7, "conv f=2 s=2 d=8", "conv f=3 s=3 d=8", "6x6 or 12x12"),
        # Multiples of 4 that leave 2 when they are divided by 3.
        (12, "conv f=5 s=3 d=8", "attention window=4", "8x8 or 20x20"),
    ],
)
def test_all_that_an_input_leads_to_must_reach_the_end(size: int, one: str, other: str, sizes: str) -> None:
    text = f"input: {size}x{size}x4\nlayers:\n  - identity as entry\n  - {one} as one\n"
    text += f"  - {other} from=entry as other\noutputs: [one, other]\n"
    (finding,) = found(text, "RF201")
    match = _NEAR.search(finding.hint)
    assert match
    assert match[1] == sizes


def test_square_inputs_stay_square_and_others_change_by_axis() -> None:
    assert near("16x31x31x3", "maxpool f=2 s=2") == "16x30x30 or 16x32x32"
    assert near("9x9x9x3", "conv f=3x2x2 s=1x2x2 d=8") == "8x8x8 or 10x10x10"
    assert near("5x9x9x3", "conv f=3x2x2 s=1x2x2 d=8") == "5x8x8 or 5x10x10"


def test_inputs_of_one_size_change_together() -> None:
    text = (
        "input: {left: 9x9x3, right: 9x9x3}\nlayers:\n"
        "  - maxpool f=2 s=2 from=left as one\n"
        "  - maxpool f=2 s=2 from=right as two\n"
        "  - add from=one+two\n"
    )
    (finding,) = found(text, "RF201")
    assert finding.message.endswith("; likewise two (1 of 9)")
    match = _NEAR.search(finding.hint)
    assert match
    assert match[1] == "8x8 or 10x10"


def test_sizes_that_do_not_divide_for_others_are_not_proposed() -> None:
    # A window of 2 wants even sizes and one of 3 odd ones: 3 of 6, 5 of 10.
    assert near("9x9x3", "maxpool f=2 s=2", "conv f=3 s=2 d=4") == "10x10 or 6x6"


@given(layers(), st.integers(1, 12))
def test_what_is_dropped_is_what_no_window_reads(layer: Layer, size: int) -> None:
    windows = layer.windows(size)
    assume(windows)
    last = max(position for taps in windows for position in taps)
    between = layer.stride - (layer.taps(0)[-1] + 1)
    unread = size + layer.after - 1 - last
    findings = found_in("RF201", f"{size}x1", layer.line())
    # Of so few positions each is more than one in 32.
    assert bool(findings) == (last < size - 1 and unread > max(between, 0) and layer.stride > 1)
    for finding in findings:
        assert finding.figures["dropped"] == size - 1 - last


def drops(chain: list[Layer], size: int) -> bool:
    """Whether some window of a chain ends before its input does, or there is none."""
    for layer in chain:
        windows = layer.windows(size)
        if not windows:
            return True
        last = max(position for taps in windows for position in taps)
        between = layer.stride - (layer.taps(0)[-1] + 1)
        if last < size - 1 and size + layer.after - 1 - last > max(between, 0) and layer.stride > 1:
            return True
        size = len(windows)
    return False


@given(st.lists(layers(ceil=False), min_size=1, max_size=3), st.integers(8, 30))
def test_the_sizes_proposed_are_the_nearest_at_which_nothing_is_dropped(
    chain: list[Layer], size: int
) -> None:
    length = size
    for layer in chain:
        length = len(layer.windows(length))
        assume(length)
    findings = found_in("RF201", f"{size}x1", *(layer.line() for layer in chain))
    assume(findings)
    period = 1
    for layer in chain:
        period *= layer.stride
    nearest = [
        next((n for n in numbers if size <= 2 * n <= 4 * size and not drops(chain, n)), None)
        for numbers in (range(size - 1, max(size - period, 1) - 1, -1), range(size + 1, size + period + 1))
    ]
    expected = {f"{n}" for n in nearest if n is not None}
    match = _NEAR.search(findings[0].hint)
    assert set(match[1].split(" or ") if match else ()) == expected


LINES = (
    "conv f=3 s=2 p=1 d=8",
    "conv f=3 s=2 d=8",
    "maxpool f=2 s=2",
    "conv f=4 s=3 p=2 d=8",
    "conv f=1 s=2 d=8",
    "maxpool f=3 s=2 ceil=yes",
    "deconv f=4 s=2 p=1 d=8",
    "deformconv f=3 s=2 p=1 d=8",
    "upsample scale=1.5",
    "upsample size=9",
    "pixelshuffle factor=2",
    "pixelunshuffle factor=2",
    "attention window=4",
    "adaptiveavgpool size=5",
    "pad padding=1:0",
    "crop padding=1",
    "slice w=0:8",
    "permute order=1x0x2",
    "globalavgpool",
    "concat: [[conv f=3 s=2 p=1 d=8], [maxpool f=2 s=2]]",
    "add: [[], [globalavgpool]]",
)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=5), st.sampled_from(["9x9", "1x13", "30x17"]))
def test_whatever_stands_between_windows_nothing_is_dropped_at_the_sizes_proposed(
    lines: list[str], size: str
) -> None:
    text = f"input: {size}x16\nlayers:\n" + "".join(f"  - {line}\n" for line in lines)
    try:
        findings = found(text, "RF201")
    except DescriptionError:
        assume(False)
    assume(findings)
    sizes = _NEAR.search(findings[0].hint)
    for near in re.findall(r"\d+x\d+", sizes[1] if sizes else ""):
        try:
            again = found(text.replace(f"{size}x16", f"{near}x16"), "RF201")
        except DescriptionError:
            continue  # a part that is cut out, or a size that is asked for, may not be there
        assert again == ()


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_network_drops_nothing_at_the_sizes_proposed(name: str) -> None:
    # Output sizes that lines promise hold at the size they were written for.
    description = read_text(re.sub(r" -> \S+", "", load(name).source.text))
    for finding in found(description.source.text, "RF201"):
        sizes = _NEAR.search(finding.hint)
        channels = analyze(description).inputs[0].channels
        for size in sizes[1].split(" or ") if sizes else ():
            analysis = analyze(description, input=f"{size}x{channels}")
            assert run_rules(Subject(description.network, analysis), ["RF201"]) == ()
