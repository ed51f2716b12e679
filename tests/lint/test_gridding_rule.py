"""Holes in fields: the exact set decides, not a rule of thumb about rates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations_with_replacement, product

import pytest
from effort import lines_run
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_at import found, found_in

from rfcalc.library import analyze, load, read_text
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding
from rfcalc.lint.rule import Subject


def stack(*rates: int, kernel: int = 3, behind: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """What is found behind some layers in a row."""
    layers = [f"conv f={kernel} p={rate * (kernel - 1) // 2} r={rate} d=8" for rate in rates]
    return found_in("RF103", "200x200x8", *layers, *behind)


def seen(rates: tuple[int, ...], kernel: int = 3) -> set[int]:
    """The positions a unit sees behind layers in a row, by enumeration."""
    taps = range(-(kernel // 2), kernel - kernel // 2)
    return {
        sum(rate * tap for rate, tap in zip(rates, chosen, strict=True))
        for chosen in product(taps, repeat=len(rates))
    }


def span(positions: set[int]) -> int:
    return max(positions) - min(positions) + 1


@pytest.mark.parametrize("rates", [(1,), (1, 2, 5), (1, 2, 4, 8), (2, 1), (1, 3, 9), (1, 1, 2, 4, 8, 16, 1)])
def test_rates_that_leave_no_hole_are_left_alone(rates: tuple[int, ...]) -> None:
    assert len(seen(rates)) == span(seen(rates))
    assert not stack(*rates)


@pytest.mark.parametrize(
    "name", ["context-module", "wavenet", "deeplabv3-resnet50", "fcn-resnet50", "deformable", "unet"]
)
def test_shipped_networks_with_dilated_layers_have_no_holes(name: str) -> None:
    description = load(name)
    assert run_rules(Subject(description.network, analyze(description)), ["RF103"]) == ()


def test_holes_that_a_later_layer_fills_are_left_alone() -> None:
    assert not stack(2, 2, 2, behind=("conv f=3 p=1 d=8",))
    assert not stack(2, 2, 2, behind=("relu", "maxpool f=2 s=2"))


def test_holes_in_one_branch_that_another_fills_are_left_alone() -> None:
    text = "input: 64x64x8\nlayers:\n  - concat: [[conv f=3 p=2 r=2 d=8], [conv f=5 p=2 d=8]]\n"
    assert not found(text, "RF103")


def test_a_gate_that_pools_a_map_is_not_its_end() -> None:
    gate = "mul: [[], [globalavgpool, conv f=1 d=8, sigmoid]]"
    assert not stack(2, 2, behind=(gate, "conv f=3 p=1 d=8"))


def test_holes_that_strides_make_belong_to_another_rule() -> None:
    assert not found_in("RF103", "64x64x8", "maxpool f=1 s=2", "conv f=3 p=1 d=8", "conv f=3 p=2 r=2 d=8")


def test_behind_attention_nothing_is_unseen() -> None:
    assert not stack(2, 2, behind=("gn g=2",))
    branches = "concat: [[conv f=3 p=2 r=2 d=8], [conv f=3 p=4 r=4 d=8]]"
    assert found_in("RF103", "64x64x8", branches, "slice channels=0:8")
    assert not found_in("RF103", "64x64x8", branches, "slice channels=0:8", "gn g=2")


def test_the_rule_of_thumb_passes_rates_of_whose_21_positions_19_are_seen() -> None:
    (finding,) = stack(2, 3, 5)
    assert (finding.severity, finding.layer) == ("warning", "conv3")
    assert (finding.figures["seen"], finding.figures["span"]) == (19, 21)
    assert finding.figures["better"] == [1, 3, 5]


@pytest.mark.parametrize(
    "rates", [(2,), (3, 3), (2, 2, 2), (2, 3, 5), (2, 4, 6), (4, 4, 4, 4), (3, 1), (5, 6, 7)]
)
def test_the_change_of_rates_is_the_smallest_there_is(rates: tuple[int, ...]) -> None:
    positions = seen(rates)
    found_here = stack(*rates)
    if len(positions) == span(positions):
        assert not found_here
        return
    (finding,) = found_here
    assert (finding.figures["seen"], finding.figures["span"]) == (len(positions), span(positions))
    better = finding.figures["better"]
    assert isinstance(better, list)
    # Layers without dilation are not changed.
    dilated = [place for place, rate in enumerate(rates) if rate > 1]
    closing: dict[int, int] = {}
    for chosen in product(range(1, 13), repeat=len(dilated)):
        tried = list(rates)
        for place, rate in zip(dilated, chosen, strict=True):
            tried[place] = rate
        after = seen(tuple(tried))
        if len(after) == span(after):
            change = sum(abs(one - two) for one, two in zip(tried, rates, strict=True))
            closing[change] = max(closing.get(change, 0), span(after))
    changed = list(rates)
    for place, rate in zip(dilated, better, strict=True):
        changed[place] = rate
    assert sum(abs(one - two) for one, two in zip(changed, rates, strict=True)) == min(closing)
    assert len(seen(tuple(changed))) == span(seen(tuple(changed))) == closing[min(closing)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.sampled_from([2, 3, 5]))
def test_holes_are_found_exactly_where_enumeration_finds_them(rates: list[int], kernel: int) -> None:
    layers = [f"conv f={kernel} p=causal r={rate} d=8" for rate in rates]
    findings = found_in("RF103", "300x8", *layers)
    positions = seen(tuple(rates), kernel)
    assert [(f.figures["seen"], f.figures["span"]) for f in findings] == (
        [] if len(positions) == span(positions) else [(len(positions), span(positions))]
    )


def test_where_no_small_change_helps_it_is_said_and_what_does_help() -> None:
    # All positions are multiples of 6: the gaps of 5 close under a dense kernel of 6.
    (finding,) = stack(6, 12, 18)
    assert finding.figures["better"] is None
    assert "no small change" in finding.hint
    assert "a kernel of 6 or more" in finding.hint
    assert stack(6, 12, 18, behind=("conv f=5 p=2 d=8",))
    assert not stack(6, 12, 18, behind=("conv f=7 p=3 d=8",))


@pytest.mark.parametrize("rates", [(2, 4, 6), (6, 12, 18), (3, 5)])
def test_of_branches_side_by_side_no_other_rates_are_told(rates: tuple[int, ...]) -> None:
    pyramid = f"concat: [{', '.join(f'[conv f=3 r={rate} p={rate} d=8]' for rate in rates)}]"
    (finding,) = found_in("RF103", "99x8", pyramid)
    assert finding.figures["better"] is None
    kernel = int(finding.hint.split("a kernel of ")[1].split()[0])
    assert finding.hint == (
        f"branches side by side do not fill each other's holes; a kernel of {kernel} or more without "
        "dilation before or behind these layers closes them"
    )
    for length, holes in ((kernel, False), (kernel - 1, True)):
        layer = f"conv f={length} d=8"
        assert bool(found_in("RF103", "99x8", layer, pyramid)) == holes
        assert bool(found_in("RF103", "99x8", pyramid, layer)) == holes


def test_of_layers_in_a_row_beside_shortcuts_other_rates_are_told() -> None:
    (finding,) = found_in("RF103", "99x8", *(f"{{add: [[conv f=3 r={r} p={r} d=8], []]}}" for r in (2, 4)))
    assert finding.hint.startswith("with ")
    assert "before or behind these layers" in finding.hint
    # What stands before a layer that strides does not do what stands behind it does.
    (finding,) = found_in("RF103", "99x8", "conv f=3 r=4 p=4 d=8", "conv f=3 s=2 p=1 d=8")
    assert " without dilation behind these layers " in finding.hint


def test_shortcuts_count_among_the_ways() -> None:
    # 0, ±2, … ±8 over four residual layers of rate 2; one rate of 1 reaches the odd ones.
    text = "input: 64x64x8\nlayers:\n  - {repeat: 4, do: [{add: [[conv f=3 p=2 r=2 d=8, relu], []]}]}\n"
    (finding,) = found(text, "RF103")
    assert (finding.figures["seen"], finding.figures["span"]) == (9, 17)
    assert finding.figures["better"] == [2, 2, 2, 1]


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.tuples(st.integers(1, 4)), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=4
    )
)
def test_with_shortcuts_the_change_of_rates_is_the_smallest_there_is(nested: object) -> None:
    rates, text = written(nested)
    holes, most = seen_past(nested, rates)
    findings = found(f"input: 200x8\nlayers: [{text}]\n", "RF103")
    assert [finding.figures["span"] for finding in findings] == ([most] if holes else [])
    for finding in findings:
        dilated_ones = [place for place, rate in enumerate(rates) if rate > 1]
        closing: dict[int, int] = {}
        for chosen in product(range(1, 7), repeat=len(dilated_ones)):
            tried = list(rates)
            for place, rate in zip(dilated_ones, chosen, strict=True):
                tried[place] = rate
            holes, most = seen_past(nested, tried)
            change = sum(abs(one - two) for one, two in zip(tried, rates, strict=True))
            if not holes:
                closing[change] = max(closing.get(change, 0), most)
        better = finding.figures["better"]
        assert isinstance(better, list)
        changed = list(rates)
        for place, rate in zip(dilated_ones, better, strict=True):
            changed[place] = rate
        assert sum(abs(one - two) for one, two in zip(changed, rates, strict=True)) == min(closing)
        assert seen_past(nested, changed) == (0, closing[min(closing)])


def written(nested: object) -> tuple[list[int], str]:
    """The rates of nested layers in order, and the layers: (r,) is one, [...] some with a shortcut."""
    if isinstance(nested, tuple):
        return [nested[0]], f"conv f=3 p={nested[0]} r={nested[0]} d=8"
    assert isinstance(nested, list)
    parts = [written(part) for part in nested]
    inner = ", ".join(text for _, text in parts)
    return [rate for rates, _ in parts for rate in rates], f"{{add: [[{inner}], []]}}"


def seen_past(nested: object, rates: Sequence[int]) -> tuple[int, int]:
    """How many holes a unit has behind these layers with other rates, and how many positions it spans."""
    left = list(rates)

    def through(part: object, positions: set[int]) -> set[int]:
        if isinstance(part, tuple):
            rate = left.pop(0)
            return {position + tap * rate for position in positions for tap in (-1, 0, 1)}
        assert isinstance(part, list)
        after = positions
        for each in part:
            after = through(each, after)
        return after | positions

    field = through(nested, {0})
    return span(field) - len(field), span(field)


def test_of_equally_small_changes_the_one_with_the_longest_field_is_told() -> None:
    # With kernels of 3 and 5 the rates 2, 1 span 4 + 4 + 1 positions and 1, 2 span 2 + 8 + 1, both filled.
    (finding,) = found_in("RF103", "64x64x8", "conv f=3 p=2 r=2 d=8", "conv f=5 p=4 r=2 d=8")
    assert finding.figures["better"] == [1, 2]
    assert "the field spans 11" in finding.hint


def test_other_rates_have_other_padding() -> None:
    # -3, 0, 3 beside -1, 0, 1: a rate of 2 closes it, as long as its taps stay around the middle.
    (finding,) = found_in("RF103", "64x64x8", "concat: [[conv f=3 p=3 r=3 d=8], [conv f=3 p=1 d=8]]")
    assert (finding.figures["seen"], finding.figures["span"]) == (5, 7)
    assert finding.figures["better"] == [2]


def test_holes_are_told_through_an_upsampling_at_the_end() -> None:
    (finding,) = stack(2, 2, 2, behind=("upsample scale=2 mode=nearest",))
    assert (finding.figures["seen"], finding.figures["span"], finding.layer) == (7, 13, "conv3")
    assert finding.figures["better"] == [2, 2, 1]


# How a unit of one map reads the map before it.
Reads = Callable[[int], Iterable[int]]
UP = ("upsample scale=2", lambda unit: [unit // 2])
HALF = ("adaptiveavgpool size=150", lambda unit: [2 * unit, 2 * unit + 1])
THIRDS = ("adaptiveavgpool size=200", lambda unit: range(unit * 3 // 2, -(-(unit + 1) * 3 // 2)))


def dilated(*rates: int) -> list[tuple[str, Reads]]:
    """Layers of windows of 3 in a row."""

    def layer(rate: int) -> tuple[str, Reads]:
        return f"conv f=3 p={rate} r={rate} d=8", lambda unit: (unit - rate, unit, unit + rate)

    return [layer(rate) for rate in rates]


def holes_and_span(layers: Sequence[tuple[str, Reads]]) -> tuple[set[int], int]:
    """How many holes the units of the last map have, and the most that one spans, by enumeration."""
    fields = []
    for unit in range(60, 72):
        positions = {unit}
        for _, reads in reversed(layers):
            positions = {before for after in positions for before in reads(after)}
        fields.append(positions)
    return {span(field) - len(field) for field in fields}, max(map(span, fields))


@pytest.mark.parametrize(
    ("before", "rates"),
    [(UP, (1, 2, 4)), (HALF, (1, 2)), (UP, (2,)), (THIRDS, (1, 1)), (UP, (2, 2))],
)
def test_rates_that_leave_no_hole_behind_a_resampled_map_are_left_alone(
    before: tuple[str, Reads], rates: tuple[int, ...]
) -> None:
    layers = [before, *dilated(*rates)]
    assert min(holes_and_span(layers)[0]) == 0
    assert not found_in("RF103", "300x8", *(line for line, _ in layers))


@pytest.mark.parametrize(
    ("before", "rates"),
    [
        (UP, (4, 4)),
        (UP, (6,)),
        (UP, (3, 5)),
        (UP, (4, 6, 8)),
        (HALF, (2, 2)),
        (HALF, (3, 3)),
        (THIRDS, (3, 3)),
        (THIRDS, (4, 6)),
    ],
)
def test_behind_a_resampled_map_the_change_of_rates_is_the_smallest_there_is(
    before: tuple[str, Reads], rates: tuple[int, ...]
) -> None:
    holes, most = holes_and_span([before, *dilated(*rates)])
    assert min(holes)
    (finding,) = found_in("RF103", "300x8", before[0], *(line for line, _ in dilated(*rates)))
    assert (finding.figures["seen"], finding.figures["span"]) == (most - min(holes), most)
    closing: dict[int, int] = {}
    for chosen in product(range(1, 10), repeat=len(rates)):
        holes, most = holes_and_span([before, *dilated(*chosen)])
        if holes == {0}:
            change = sum(abs(one - two) for one, two in zip(chosen, rates, strict=True))
            closing[change] = max(closing.get(change, 0), most)
    better = finding.figures["better"]
    assert isinstance(better, list)
    assert holes_and_span([before, *dilated(*better)]) == ({0}, closing[min(closing)])
    assert sum(abs(one - two) for one, two in zip(better, rates, strict=True)) == min(closing)


def test_layers_behind_a_resampled_map_are_not_blamed_for_the_holes_before_it() -> None:
    (finding,) = stack(2, 2, behind=("upsample scale=2", "conv f=3 p=4 r=4 d=8"))
    assert (finding.layer, finding.figures["rates"]) == ("conv2", [2, 2])


def test_the_kernel_that_closes_the_holes_counts_positions_of_the_map() -> None:
    # Three blocks of three positions, 12 apart: units are 3 apart, so that 4 of them close the gaps of 9.
    lines = "conv f=3 s=3 d=8", "conv f=3 r=4 p=4 d=8"
    (finding,) = found_in("RF103", "90x8", *lines)
    assert "; a kernel of 4 or more without dilation" in finding.hint
    assert found_in("RF103", "90x8", *lines, "conv f=3 p=1 d=8")
    assert not found_in("RF103", "90x8", *lines, "conv f=4 p=1:2 d=8")


def test_equal_layers_in_a_row_are_tried_in_one_order() -> None:
    # Eight layers of rate 4, changed by 4 in all.
    (finding,) = stack(*[4] * 8)
    better = finding.figures["better"]
    assert better == [4, 4, 4, 4, 4, 4, 3, 1]
    assert len(seen((4, 4, 4, 4, 4, 4, 3, 1))) == span(seen((4, 4, 4, 4, 4, 4, 3, 1))) == 57
    for chosen in combinations_with_replacement(range(1, 8), 8):
        if sum(abs(rate - 4) for rate in chosen) < 4:
            assert len(seen(chosen)) < span(seen(chosen))


def test_of_many_layers_those_that_change_are_named() -> None:
    (finding,) = stack(*[4] * 9)
    assert finding.hint.startswith("with 3 for conv8, 1 for conv9 there is no hole")


def test_a_search_that_was_given_up_does_not_say_that_nothing_was_found() -> None:
    # 20 residual layers of rate 6: another rate of one leaves holes, and pairs are too many to try.
    text = "input: 999x8\nlayers:\n  - {repeat: 20, do: [{add: [[conv f=3 p=6 r=6 d=8], []]}]}\n"
    (finding,) = found(text, "RF103")
    assert "no small change" not in finding.hint
    assert "no change of the rates by up to 1 in all closes the holes" in finding.hint


def test_a_field_too_long_to_be_tried_is_told_without_other_rates() -> None:
    # 4 · 4,200 + 1 positions.
    (finding,) = found_in("RF103", "60000x8", "conv f=3 p=4200 r=4200 d=8", "conv f=3 p=4200 r=4200 d=8")
    assert (finding.figures["seen"], finding.figures["span"]) == (5, 16801)
    assert finding.hint.startswith("which other rates close the holes was not worked out")
    # 4 · 4,000 + 1 are no more than 2^14.
    (finding,) = found_in("RF103", "60000x8", "conv f=3 p=4000 r=4000 d=8", "conv f=3 p=4000 r=4000 d=8")
    assert finding.hint.startswith("no small change of the rates, by up to 8 in all, closes the holes")


DEEP = "input: 64x64x3\nlayers:\n  - {repeat: COUNT, do: [conv f=3 p=2 r=2 d=4, relu]}\n"
SHARED = DEEP + "  - identity as trunk\nHEADSoutputs: [OUTPUTS]\n"


@pytest.mark.parametrize("text", [DEEP, SHARED])
def test_the_work_grows_with_the_number_of_layers_alone(text: str) -> None:
    def work(layers: int) -> int:
        names = [f"o{index}" for index in range(layers)]
        whole = text.replace("COUNT", str(layers)).replace("OUTPUTS", ", ".join(names))
        whole = whole.replace("HEADS", "".join(f"  - conv f=1 d=8 from=trunk as {name}\n" for name in names))
        description = read_text(whole)
        subject = Subject(description.network, analyze(description))
        findings, lines = lines_run(lambda: run_rules(subject, ["RF103"]))
        assert len(findings) == 1
        return lines

    assert work(1200) < 2.3 * work(600)


def test_maps_behind_more_layers_than_are_looked_at_are_counted() -> None:
    # Each of 120 heads is behind 900 layers and as many operands: the first 72 take about 2^17.
    text = "input: 64x8\nlayers:\n  - {repeat: 900, do: [conv f=3 p=2 r=2 d=8]}\n  - identity as trunk\n"
    text += "".join(f"  - conv f=3 p=2 r=2 d=8 from=trunk as o{index}\n" for index in range(120))
    text += f"outputs: [{', '.join(f'o{index}' for index in range(120))}]\n"
    *told, rest = sorted(found(text, "RF103"), key=lambda finding: "left_out" in finding.figures)
    assert len(told) + int(str(rest.figures["left_out"])) == 120
    assert all("seen" in finding.figures for finding in told)
    assert rest.severity == "info"


@pytest.mark.parametrize(("layers", "told"), [(8, "seen"), (24, "left_out")])
def test_holes_behind_a_map_of_many_phases_are_told_or_counted(layers: int, told: str) -> None:
    lines = [f"conv f=3 p={20000 + index} r={20000 + index} d=8" for index in range(layers)]
    (finding,) = found_in("RF103", "20000x8", "upsample scale=4096", *lines)
    assert told in finding.figures


def heads(number: int, *lines: str) -> str:
    """That many outputs of one line each."""
    text = "".join(f"  - {line} from=input as o{index}\n" for index, line in enumerate(lines * number))
    names = ", ".join(f"o{index}" for index in range(number * len(lines)))
    return f"input: 64x64x8\nlayers:\n{text}outputs: [{names}]\n"


def test_each_of_many_maps_with_holes_is_told() -> None:
    assert len(found(heads(40, "conv f=3 p=2 r=2 d=8"), "RF103")) == 40


def test_all_of_many_different_stacks_are_told_though_rates_are_searched_for_the_first_alone() -> None:
    lines = [f"conv f=3 p={rate} r={rate} d=8" for rate in range(2, 72)]
    hints = [finding.hint for finding in found(heads(1, *lines), "RF103")]
    assert [hint.startswith("which other rates") for hint in hints] == [False] * 64 + [True] * 6
    assert all("; a kernel of " in hint for hint in hints)


def test_maps_with_holes_that_strides_make_do_not_hide_another() -> None:
    text = "input: 64x64x8\nblocks:\n  strided: [maxpool f=1 s=2, conv f=3 p=1 d=8]\nlayers:\n"
    text += "".join(f"  - strided from=input as o{index}\n" for index in range(40))
    text += "  - conv f=3 p=2 r=2 d=8 from=input as last\n"
    text += f"outputs: [{', '.join(f'o{index}' for index in range(40))}, last]\n"
    (finding,) = found(text, "RF103")
    assert finding.layer == "last"


def test_one_line_with_other_rates_in_each_call_is_told_for_each() -> None:
    text = "input: 64x64x8\noutputs: [a, b]\nblocks:\n  context(r): [conv f=3 r=r p=r d=8]\n"
    text += "layers:\n  - context r=2 as a\n  - context r=6 from=input as b\n"
    assert [finding.figures["rates"] for finding in found(text, "RF103")] == [[2], [6]]


def test_each_axis_is_judged_by_itself() -> None:
    (finding,) = found_in("RF103", "64x64x8", "conv f=3 p=1x2 r=1x2 d=8")
    assert "along the width" in finding.message
    assert (finding.figures["seen"], finding.figures["span"]) == (3, 5)


def test_several_outputs_behind_one_stack_are_one_finding() -> None:
    text = "input: 64x8\nlayers:\n  - conv f=3 p=2 r=2 d=8 as base\n"
    text += "  - conv f=1 d=2 from=base as one\n  - conv f=1 d=4 from=base as two\noutputs: [one, two]\n"
    assert len(found(text, "RF103")) == 1


def test_a_line_that_is_built_many_times_is_one_finding() -> None:
    text = "input: 64x8\nlayers:\n  - {repeat: 9, do: [conv f=3 p=2 r=2 d=8 as one], as: each}\n"
    assert len(found(text + "outputs: [each.*.one]\n", "RF103")) == 1


# In the plane


@pytest.mark.parametrize(
    "branches",
    [
        "[conv f=1x7 p=0x3 d=8, conv f=7x1 p=3x0 d=8], []",
        "[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8], [conv f=7 p=3 d=8]",
        # What is left out are the corners of a box, which lie outside the hull.
        "[conv f=1x3 p=0x1 d=8], [conv f=3x1 p=1x0 d=8]",
    ],
)
def test_branches_that_leave_nothing_out_between_what_they_see_are_left_alone(branches: str) -> None:
    assert not found(f"input: 64x64x8\nlayers:\n  - add: [{branches}]\n", "RF103")


CROSS = "input: 64x64x8\nlayers:\n  - add: [[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8]]\n"


def test_branches_side_by_side_see_a_cross() -> None:
    (finding,) = found(CROSS, "RF103")
    assert finding.severity == "info"
    assert finding.figures == {"seen": 13, "hull": 25, "field": [7, 7]}
    assert "26.5 % of its 7x7 field" in finding.message


def test_a_cross_is_told_where_later_layers_leave_its_holes() -> None:
    (finding,) = found(CROSS + "  - relu\n  - conv f=1 d=8\n", "RF103")
    assert (finding.figures["seen"], finding.figures["hull"], finding.layer) == (13, 25, "add1")
    assert finding.related
    (finding,) = found(CROSS + "  - add: [[relu], [conv f=1 d=8]]\n", "RF103")
    assert (finding.figures["seen"], finding.layer) == (13, "add1")


def test_a_cross_that_a_later_layer_thickens_is_left_alone() -> None:
    # Arms of 3 by 9 see 45 of the 57 positions with |y| + |x| <= 5 within 9x9: under a quarter is missing.
    assert not found(CROSS + "  - conv f=3 p=1 d=8\n", "RF103")


def test_a_quarter_that_is_missing_is_told() -> None:
    # Three along one axis and seven along the other from one corner: 9 of the 12 in the triangle they span.
    branches = "[conv f=1x3 p=0x0:2 d=8], [conv f=7x1 p=0:6x0 d=8]"
    (finding,) = found(f"input: 64x64x8\nlayers:\n  - add: [{branches}]\n", "RF103")
    assert (finding.figures["seen"], finding.figures["hull"]) == (9, 12)


def crosses(number: int) -> str:
    """That many outputs, each the end of a block with lines of its own."""
    cross = "add: [[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8]]"
    blocks = "".join(f"  cross{index}:\n    - {cross}\n" for index in range(number))
    calls = "".join(f"  - cross{index} from=input as o{index}\n" for index in range(number))
    names = ", ".join(f"o{index}" for index in range(number))
    return f"input: 64x64x8\nblocks:\n{blocks}layers:\n{calls}outputs: [{names}]\n"


def test_of_more_crosses_than_are_looked_at_the_rest_is_counted() -> None:
    assert [finding.figures.get("seen") for finding in found(crosses(16), "RF103")] == [13] * 16
    *told, rest = found(crosses(19), "RF103")
    assert len(told) == 16
    assert rest.figures == {"left_out": 3}
    assert "of o16.add1 and 2 more maps" in rest.message


def test_a_cross_that_is_built_many_times_is_one_finding() -> None:
    text = "input: 64x64x8\nblocks:\n  cross:\n"
    text += "    - add: [[conv f=1x7 p=0x3 d=8], [conv f=7x1 p=3x0 d=8]]\n"
    text += "layers:\n  - cross from=input as one\n  - cross from=input as two\noutputs: [one, two]\n"
    assert len(found(text, "RF103")) == 1


def test_a_cross_too_large_to_be_looked_at_is_counted() -> None:
    # 6,001 squared are more positions than are handled at once.
    branches = "[conv f=1x6001 p=0x3000 d=8], [conv f=6001x1 p=3000x0 d=8]"
    (finding,) = found(f"input: 9000x9000x8\nlayers:\n  - add: [{branches}]\n", "RF103")
    assert (finding.severity, finding.figures) == ("info", {"left_out": 1})


# Interpolation at the end


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_interpolation_at_the_end_fills_no_holes(mode: str) -> None:
    # At stride 4, behind 7 positions: 7 + 3 · 16 = 55, of which the even grid of the stack leaves 6 out.
    lines = ["conv f=3 s=2 p=1 d=8", "conv f=3 s=2 p=1 d=8", *["conv f=3 p=2 r=2 d=8"] * 3]
    (finding,) = found_in(
        "RF103", "64x64x3", *lines, "conv f=1 d=2", f"upsample scale=4 mode={mode}", "softmax"
    )
    assert (finding.figures["seen"], finding.figures["span"]) == (49, 55)
    assert found_in("RF103", "64x64x3", *lines, "conv f=3 p=1 d=2", f"upsample scale=4 mode={mode}") == ()


def test_other_rates_are_told_with_the_padding_that_keeps_the_map() -> None:
    lines = ["conv f=3 p=2 r=2 d=8 as a", "conv f=3 p=2 r=2 d=8 as b", "conv f=3 p=2 r=2 d=8 as c"]
    (finding,) = found_in("RF103", "64x64x3", *lines)
    assert "(r=1 p=1 in c)" in finding.hint
    assert found_in("RF103", "64x64x3", *lines[:2], "conv f=3 p=1 r=1 d=8") == ()
