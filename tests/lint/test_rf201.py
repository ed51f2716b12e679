"""Windows that end before their padded input: what is dropped, and the sizes at which nothing is."""

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
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Subject


def dropped(size: str, *lines: str) -> tuple[str, ...]:
    return tuple(finding.message for finding in found_in("RF201", size, *lines))


@pytest.mark.parametrize(
    ("size", "line"),
    [
        # Krizhevsky's first layer, at 227: (227 - 11) / 4 = 54.
        ("227x227x3", "conv f=11 s=4 d=96"),
        ("225x225x3", "conv f=7 s=2 p=3 d=64"),
        ("224x224x3", "maxpool f=2 s=2"),
        ("224x224x3", "conv f=3 p=1 d=64"),
        # One position in two is read, from the first to the last but one: a regular grid, and no border.
        ("224x224x3", "conv f=1 s=2 d=64"),
        # Written uneven, and read to the end.
        ("224x224x3", "conv f=3 s=2 p=0:1 d=64"),
        ("224x224x3", "maxpool f=3 s=2 ceil=yes"),
        # 1 + 8 + 2 positions in windows of 3 at stride 2 leave none; in windows of 2, one of the two.
        ("8x8x3", "maxpool f=2 s=2 p=1:2"),
        # `same` is even here: (4 - 1) * 2 + 3 - 7 = 2.
        ("7x7x3", "conv f=3 s=2 p=same d=8"),
        ("8x8x3", "conv f=2 p=same d=8"),
        ("16000x1", "conv f=2 p=causal r=512 d=32"),
        ("16", "fc d=4"),
    ],
)
def test_windows_that_end_evenly_are_no_finding(size: str, line: str) -> None:
    assert dropped(size, line) == ()


def test_a_symbolic_size_is_no_finding() -> None:
    text = "symbols: {H: 32*h}\ninput: HxHx3\nlayers:\n  - conv f=2 s=2 d=64\n"
    assert found(text, "RF201") == ()


def test_a_deformable_convolution_may_read_anywhere() -> None:
    assert dropped("224x224x3", "deformconv f=3 s=2 p=1 d=8") == ()


def test_padding_that_is_dropped_on_one_side_is_told_in_effect() -> None:
    # 3 + 224 + 3 = 230 = 111 * 2 + 7 + 1.
    (message,) = dropped("224x224x3", "conv f=7 s=2 p=3 d=64")
    assert message == (
        "the windows of conv1 (7 at stride 2) end 1 short of the 3 + 224 + 3 positions along each axis: "
        "the padding is in effect 3 before and 2 after"
    )


def test_rows_that_no_window_reads_are_told() -> None:
    (finding,) = found_in("RF201", "7x7x3", "maxpool f=2 s=2")
    assert "the last one of the input is read by none" in finding.message
    assert finding.figures["unread_input"] == 1
    # 6 and 8 divide by 2.
    assert finding.hint == "with an input of 6x6 or 8x8 the windows of every layer end evenly"


def test_an_axis_that_ends_evenly_is_not_blamed_for_the_other() -> None:
    (message,) = dropped("8x7x3", "maxpool f=2 s=2")
    assert "along the width:" in message
    (message,) = dropped("16000x1", "conv f=2 s=3 d=1")
    assert "15999" not in message
    assert "the 16000 positions: the last 2 of the input are read by none" in message


def test_same_padding_at_a_stride_is_uneven_on_even_sizes() -> None:
    # TensorFlow pads (112 - 1) * 2 + 3 - 224 = 1, all of it after.
    (finding,) = found_in("RF201", "224x224x3", "conv f=3 s=2 p=same d=8")
    assert "a padding of 0 before and 1 after" in finding.message
    assert "223x223 or 225x225" in finding.hint
    (finding,) = found_in("RF201", "224x224x3", "conv f=3 s=2 p=same_lower d=8")
    assert "a padding of 1 before and 0 after" in finding.message


def test_padding_that_a_block_is_given_is_judged_by_what_it_is_given() -> None:
    text = "input: 224x224x3\nblocks:\n  unit(q): [conv f=3 s=2 p=q d=8]\nlayers:\n  - unit q={}\n"
    # 0 before and 1 after: what its author wants who writes it, and what `same` comes to.
    assert found(text.format("0:1"), "RF201") == ()
    (finding,) = found(text.format("same"), "RF201")
    assert "which is what `same` comes to" in finding.message
    assert "223x223 or 225x225" in finding.hint


def test_a_line_of_many_layers_is_one_finding() -> None:
    text = (
        "input: 32x32x8\nlayers:\n"
        "  - {repeat: 3, do: [conv f=3 s=2 p=1 d=8, relu]}\n"
        "  - conv f=3 s=2 p=1 d=8\n"
    )
    one, two = found(text, "RF201")
    assert one.figures["layers"] == 3
    assert two.figures["layers"] == 1
    assert one.message.endswith(" (and 2 more layers made by this line)")
    assert "this line" not in two.message


def test_of_a_line_that_does_so_in_some_of_its_layers_these_are_named() -> None:
    # 60, 29, 14, 6 positions in windows of 3 at stride 2: 29 ends evenly.
    (finding,) = found_in("RF201", "60x60x3", "{repeat: 4, do: [conv f=3 s=2 d=8, relu]}")
    assert finding.message.startswith("the windows of repeat1.0.conv1 (3 at stride 2) end 1 short of the 60 ")
    assert finding.message.endswith(
        " (and 2 more of the 4 layers made by this line: repeat1.2.conv1, repeat1.3.conv1)"
    )


def test_the_layer_that_is_told_of_is_not_among_the_rest_of_its_line() -> None:
    # Windows of 5 padded by 2 are in the middle; padded by 1 they are off it by one, by 0 by two.
    line = "{each: {b: [2, 1, 0, 2]}, do: [{add: [[conv f=5 p=b:4-b d=8], []]}]}"
    (finding,) = found_in("RF105", "32x32x8", line)
    assert "the branches that meet in each1.2.add1 are centred 2 positions" in finding.message
    assert finding.message.endswith(" (and 1 more of the 4 layers made by this line: each1.1.add1)")


def near(size: str, *lines: str) -> str:
    findings = found_in("RF201", size, *lines)
    assert findings
    assert len({finding.hint for finding in findings}) == 1
    return (
        findings[0]
        .hint.removeprefix("with an input of ")
        .removesuffix(" the windows of every layer end evenly")
    )


def test_resnet_is_even_at_225_and_193() -> None:
    # Five layers of odd windows that halve the map: 225 - 1 and 193 - 1 divide by 32.
    description = load("resnet50")
    for finding in found(description.source.text, "RF201"):
        assert finding.hint.startswith("with an input of 225x225 or 193x193 ")


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_network_is_even_at_the_sizes_proposed(name: str) -> None:
    # Output sizes that lines promise hold at the size they were written for.
    description = read_text(re.sub(r" -> \S+", "", load(name).source.text))
    for hint in {finding.hint for finding in found(description.source.text, "RF201")}:
        if hint.startswith("no size near is known"):
            continue
        match = re.fullmatch(r"with an input of (.*) the windows of every layer end evenly", hint)
        assert match
        channels = analyze(description).inputs[0].channels
        for size in match[1].split(" or "):
            analysis = analyze(description, input=f"{size}x{channels}")
            assert run_rules(Subject(description.network, analysis), ["RF201"]) == ()


def test_lengths_are_followed_through_everything_that_keeps_or_changes_them() -> None:
    assert near("8x8x3", "pad padding=1", "conv f=3 s=2 d=8") == "7x7 or 9x9"
    # 2n - 1 positions in windows of 3 at stride 4: 2n - 4 divides by 4 when n is even.
    assert near("7x7x3", "deconv f=1 s=2 d=8", "conv f=3 s=4 d=8") == "6x6 or 8x8"
    # Attention in windows of 4 needs sizes that divide by 4, and 4m - 5 by 3.
    assert near("12x12x4", "attention window=4", "conv f=5 s=3 d=8") == "8x8 or 20x20"
    # Half of n has to be odd.
    assert near("8x8x4", "pixelunshuffle factor=2", "conv f=3 s=2 d=8") == "6x6 or 10x10"
    # What is pooled to one position has one whatever the input.
    assert near("7x7x4", "maxpool f=2 s=2", "globalavgpool", "conv f=3 s=2 p=1 d=8") == "6x6 or 8x8"
    (finding,) = found_in("RF201", "8x8x4", "upsample size=9", "conv f=4 s=3 d=8")
    assert finding.hint == "its own input would have to be 2 positions shorter or 1 longer"
    assert near("7x7x4", "maxpool f=2 s=2", "upsample size=9", "conv f=3 s=2 d=8") == "6x6 or 8x8"
    # Twice n less 3 is odd, so that no size divides; the layer speaks for itself.
    (finding,) = found_in("RF201", "8x8x16", "pixelshuffle factor=2", "conv f=3 s=2 d=8")
    assert finding.hint == "its own input would have to be 1 position shorter or 1 longer"


@pytest.mark.parametrize(
    ("size", "one", "other", "sizes"),
    [
        # Multiples of 2 and of 3.
        (7, "conv f=2 s=2 d=8", "conv f=3 s=3 d=8", "6x6 or 12x12"),
        # Multiples of 4 that leave 2 when they are divided by 3.
        (12, "conv f=5 s=3 d=8", "attention window=4", "8x8 or 20x20"),
    ],
)
def test_all_that_an_input_leads_to_must_end_evenly(size: int, one: str, other: str, sizes: str) -> None:
    text = f"input: {size}x{size}x4\nlayers:\n  - identity as entry\n  - {one} as one\n"
    text += f"  - {other} from=entry as other\noutputs: [one, other]\n"
    hints = {finding.hint for finding in found(text, "RF201")}
    assert hints == {f"with an input of {sizes} the windows of every layer end evenly"}


def test_square_inputs_stay_square_and_others_change_by_axis() -> None:
    assert near("16x112x112x3", "conv f=3 s=2 p=1 d=8") == "15x111x111"
    (finding,) = found_in("RF201", "8x8x8x3", "conv f=3x3x3 s=1x2x2 p=1 d=8")
    assert "7x7x7 or 9x9x9" in finding.hint
    (finding,) = found_in("RF201", "5x8x8x3", "conv f=3 s=1x2x2 p=1 d=8")
    assert "5x7x7 or 5x9x9" in finding.hint


def test_inputs_of_one_size_change_together() -> None:
    text = (
        "input: {left: 8x8x3, right: 8x8x3}\nlayers:\n"
        "  - conv f=3 s=2 p=1 d=8 from=left as one\n"
        "  - conv f=3 s=2 p=1 d=8 from=right as two\n"
        "  - add from=one+two\n"
    )
    one, two = found(text, "RF201")
    assert one.hint == two.hint == "with an input of 7x7 or 9x9 the windows of every layer end evenly"


def test_sizes_that_would_not_join_are_not_proposed() -> None:
    # At 7 the windows of both branches end evenly, but there are 4 of the one and 3 of the other.
    text = "input: 8x8x3\nlayers:\n  - add: [[conv f=3 s=2 p=1 d=8], [conv f=5 s=2 p=1:2 d=8]]\n"
    (finding,) = found(text, "RF201")
    assert finding.layer == "conv1"
    assert finding.hint.endswith("where this is meant, write p=1:0")
    again = text.replace("f=3 s=2 p=1 ", "f=3 s=2 p=1:0 ")
    assert found(again, "RF201") == ()
    assert read_outputs(again) == read_outputs(text)


def test_no_size_is_proposed_at_which_a_map_would_be_broadcast() -> None:
    # At 17 the one branch has 9 positions and the other 1, which would be added to all of them.
    text = "input: 32x32x3\nlayers:\n  - add: [[conv f=3 s=2 p=1 d=8], [conv f=17 d=8]]\n"
    (finding,) = found(text, "RF201")
    assert finding.hint == "with an input of 33x33 the windows of every layer end evenly"


def test_sizes_are_followed_through_parts_that_are_cut_out() -> None:
    # Of n positions n - 2 are left, which windows of 3 at stride 2 divide where n is odd.
    assert near("8x8x3", "slice h=1:-1 w=1:-1", "conv f=3 s=2 d=8") == "7x7 or 9x9"
    assert near("8x8x3", "deformconv f=3 p=1 d=8", "conv f=3 s=2 d=8") == "7x7 or 9x9"


def read_outputs(text: str) -> list[str]:
    return [str(layer.output) for layer in analyze(read_text(text)).layers]


def test_where_a_join_fits_no_even_size_the_padding_in_effect_is_named() -> None:
    # A size of 31 or 33 halves to 16 or 17, and twice that is not what it came from.
    text = "input: 32x64x3\nlayers:\n  - conv f=3 p=1 d=8 as entry\n  - conv f=3 s=2 p=1 d=8\n"
    text += "  - upsample scale=2 as up\n  - add from=up+entry\n"
    (finding,) = found(text, "RF201")
    assert finding.hint.endswith("where this is meant, write p=1:0")
    again = text.replace("s=2 p=1 ", "s=2 p=1:0 ")
    assert found(again, "RF201") == ()
    assert read_outputs(again) == read_outputs(text)


def test_padding_in_effect_is_named_by_axis_where_axes_differ() -> None:
    # Twice n and 2 of padding less 3 is odd at every size; along the width there is no stride.
    (finding,) = found_in("RF201", "8x8x16", "pixelshuffle factor=2", "conv f=3 s=2x1 p=1 d=8")
    assert finding.hint.endswith("where this is meant, write p=1:0x1:1")
    assert found_in("RF201", "8x8x16", "pixelshuffle factor=2", "conv f=3 s=2x1 p=1:0x1:1 d=8") == ()
    # 1x1 at stride 2 leaves the last of 16 positions out, and that is no padding.
    (finding,) = found_in("RF201", "8x8x16", "pixelshuffle factor=2", "conv f=3x1 s=2 p=1x0 d=8")
    assert finding.hint.endswith("where this is meant, write p=1:0x0:0")


@pytest.mark.parametrize("size", [32, 48, 64])
def test_no_size_is_proposed_that_would_be_another_network(size: int) -> None:
    # Five halvings by windows of 3 are even at 1 + 32 n: 1, 33, 65, 97.
    lines = ["conv f=3 s=2 p=1 d=8"] * 5
    expected = {32: "33x33", 48: "33x33 or 65x65", 64: "65x65 or 33x33"}[size]
    assert near(f"{size}x{size}x3", *lines) == expected


def test_windows_with_gaps_between_them_are_even_wherever_they_end() -> None:
    # 1x1 at stride 2 leaves every second position out, so that the last one need not be read either.
    assert found_in("RF201", "8x8x3", "conv f=1 s=2 d=8") == ()
    # n - 1 and (n - 1) / 2 must not both be odd: the first is read by windows of 3, the second by 1x1.
    assert near("12x12x3", "conv f=3 s=2 p=1 d=8", "conv f=1 s=2 d=8") == "11x11 or 13x13"


def test_sizes_that_do_not_divide_for_others_are_not_proposed() -> None:
    # A window of 2 wants even sizes and one of 3 odd ones.
    findings = found_in("RF201", "9x9x3", "maxpool f=2 s=2", "conv f=3 s=2 d=4")
    # The map after the pooling has to be odd: 3 of 6, 5 of 10.
    assert "10x10 or 6x6" in findings[0].hint


@given(layers(), st.integers(1, 12))
def test_what_is_dropped_is_what_no_window_reads(layer: Layer, size: int) -> None:
    windows = layer.windows(size)
    assume(windows)
    last = max(position for taps in windows for position in taps)
    in_effect = last - (size - 1)
    unread = size + layer.after - 1 - last
    between = layer.stride - (layer.taps(0)[-1] + 1)
    findings = found_in("RF201", f"{size}x1", layer.line())
    expected = unread > max(between, 0) and in_effect != layer.before
    assert bool(findings) == expected
    for finding in findings:
        assert finding.figures["unread"] == unread
        assert finding.figures["unread_input"] == max(0, -in_effect)
        assert (finding.figures["before"], finding.figures["after"]) == (layer.before, in_effect)


def ends_evenly(chain: list[Layer], size: int) -> bool:
    """Whether every window of a chain reaches as far past one end as past the other."""
    for layer in chain:
        windows = layer.windows(size)
        if not windows:
            return False
        last = max(position for taps in windows for position in taps)
        unread = size + layer.after - 1 - last
        between = layer.stride - (layer.taps(0)[-1] + 1)
        if unread > max(between, 0) and last - (size - 1) != layer.before:
            return False
        size = len(windows)
    return True


@given(st.lists(layers(ceil=False), min_size=1, max_size=3), st.integers(8, 60))
def test_the_sizes_proposed_are_the_nearest_at_which_all_windows_end_evenly(
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
        next((n for n in numbers if size <= 2 * n <= 4 * size and ends_evenly(chain, n)), None)
        for numbers in (range(size - 1, max(size - period, 1) - 1, -1), range(size + 1, size + period + 1))
    ]
    expected = {f"{n}" for n in nearest if n is not None}
    hint = findings[0].hint
    if not expected:
        assert hint.startswith(("its own input", "no size near"))
        return
    sizes = hint.removeprefix("with an input of ").removesuffix(" the windows of every layer end evenly")
    assert set(sizes.split(" or ")) == expected


LINES = (
    "conv f=3 s=2 p=1 d=8",
    "conv f=3 s=2 p=same d=8",
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


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=5), st.sampled_from(["8x8", "1x12", "30x17"]))
def test_whatever_stands_between_windows_they_end_evenly_at_the_sizes_proposed(
    lines: list[str], size: str
) -> None:
    text = f"input: {size}x16\nlayers:\n" + "".join(f"  - {line}\n" for line in lines)
    try:
        findings = found(text, "RF201")
    except DescriptionError:
        assume(False)
    assume(findings)
    for near in re.findall(r"\d+x\d+", findings[0].hint.partition("write p=")[0]):
        try:
            again = found(text.replace(f"{size}x16", f"{near}x16"), "RF201")
        except DescriptionError:
            continue  # a part that is cut out, or a size that is asked for, may not be there
        assert again == ()


def test_the_bad_example_names_the_next_even_sizes() -> None:
    (finding,) = found(find_rule("RF201").fires, "RF201")
    assert finding.hint == "with an input of 223x223 or 225x225 the windows of every layer end evenly"
