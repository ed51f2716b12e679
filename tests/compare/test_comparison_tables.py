"""The tables of a comparison: which layers share a line, how edits and amounts read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from networks import compared, network, shipped

from rfcalc import NetworkAnalysis
from rfcalc.analysis.comparison.relations import Multiple
from rfcalc.report.cells import Style
from rfcalc.report.comparison.cells import Difference, OfBase, Percent, factor_text, percent_text, signed
from rfcalc.report.comparison.edits import MOST_EDITS
from rfcalc.report.comparison.phrases import listed_places, phrase
from rfcalc.report.comparison.summary import Compared, ComparisonView
from rfcalc.report.comparison.tables import comparison_tables
from rfcalc.report.table import Table
from rfcalc.symbolic.polynomial import Polynomial

C, K = Polynomial.symbol("C"), Polynomial.symbol("K")
PLAIN = Style(grouped=False)
READABLE = Style()
_BLOCKS = "blocks:\n  unit(d, f=3): [conv f=1 d=d, bn, relu, conv f=f p=f//2 d=d, bn, relu]\n"


def tables(
    left: NetworkAnalysis, right: NetworkAnalysis, view: ComparisonView | None = None
) -> Sequence[Table]:
    networks = [
        Compared.of(letter, name, analysis)
        for letter, name, analysis in (("A", "one", left), ("B", "two", right))
    ]
    return comparison_tables(networks, [compared(left, right)], view or ComparisonView())


def lines(table: Table) -> list[list[str]]:
    """The rows of a table as text."""
    return [[cell.text(Style()) for cell in row] for row in table.rows]


def named(table: Table) -> list[tuple[str, str]]:
    """What became of each line, and what it is called."""
    place = [heading.name for heading in table.headings].index("name")
    return [(row[0], row[place]) for row in lines(table)]


def stage(count: int, unit: str, *, before: str = "") -> NetworkAnalysis:
    """A network with a repeat of a block, and a line before it."""
    first = ["conv f=3 p=1 d=8", *([before] if before else [])]
    return network(*first, f"{{repeat: {count}, do: [{unit}], as: s}}", "relu", blocks=_BLOCKS)


# Which layers share a line


def test_a_short_table_is_shown_whole() -> None:
    table = tables(stage(2, "unit d=8"), stage(2, "unit d=8 f=5"))[-1]
    assert len(table.rows) == 14


def test_equal_layers_and_inserted_blocks_take_one_line_each() -> None:
    table = tables(stage(3, "unit d=8"), stage(6, "unit d=8"))[-1]
    assert named(table) == [("", "… 19 equal"), ("inserted", "s.3 … s.5"), ("", "relu1")]
    assert "3 x unit (18 layers)" in lines(table)[1]


def test_a_line_of_several_blocks_holds_their_sums() -> None:
    table = tables(stage(3, "unit d=8"), stage(6, "unit d=8"))[-1]
    # Per block: 8·8 + 9·8·8 weights, two biases and two normalisations of 8 channels.
    assert lines(table)[1][-2] == f"+{3 * (64 + 576 + 16 + 32):,}"


def test_blocks_that_only_work_on_other_sizes_take_one_line() -> None:
    table = tables(stage(3, "unit d=8"), stage(3, "unit d=8", before="maxpool f=2 s=2"))[-1]
    assert named(table) == [
        ("", "conv1"),
        ("inserted", "maxpool1"),
        ("resized", "s.0 … s.2"),
        ("resized", "relu1"),
    ]


def test_blocks_edited_alike_are_shown_once() -> None:
    table = tables(stage(5, "unit d=8"), stage(5, "unit d=8 f=5"))[-1]
    assert named(table) == [
        ("", "… 4 equal"),
        ("changed", "s.0.conv2"),
        ("", "s.0.bn2"),
        ("", "s.0.relu2"),
        ("changed", "s.1 … s.4"),
        ("", "relu1"),
    ]
    assert "… 4 like s.0" in lines(table)[4]
    # 8·8 · (25 − 9) weights more in each.
    assert lines(table)[4][-2] == "+4,096"


def test_a_block_that_was_edited_otherwise_is_shown() -> None:
    def net(third: str) -> NetworkAnalysis:
        units = ["unit d=8", "unit d=8", third, "unit d=8"]
        do = ", ".join(f"{{when: i == {turn}, do: [{unit}]}}" for turn, unit in enumerate(units))
        return network(f"{{repeat: 4, index: i, do: [{do}], as: s}}", blocks=_BLOCKS)

    table = tables(net("unit d=8"), net("unit d=8 f=5"))[-1]
    changed = [name for word, name in named(table) if word == "changed"]
    assert len(changed) == 1
    assert changed[0].startswith("s.2.")


def test_every_line_is_shown_on_demand() -> None:
    table = tables(stage(5, "unit d=8"), stage(5, "unit d=8 f=5"), ComparisonView(every=True))[-1]
    assert len(table.rows) == 32


def test_the_lines_add_up_to_the_totals() -> None:
    for pair in (("vgg19", "resnet34"), ("googlenet", "googlenet-bn"), ("resnet18", "resnet50")):
        for every in (False, True):
            view = ComparisonView(("name", "params_difference", "macs_difference"), every=every)
            table = tables(shipped(pair[0]), shipped(pair[1]), view)[-1]
            for column in (-1, -2):
                rows = [int(row[column].text(PLAIN) or 0) for row in table.rows]
                assert sum(rows) == int(table.totals[0][column].text(PLAIN))


def test_columns_of_differences_are_shown_where_there_are_some() -> None:
    def shown(left: str, right: str) -> list[str]:
        return [h.name for h in tables(network(left), network(right))[-1].headings if "difference" in h.name]

    assert shown("conv f=3 p=1 d=4", "conv f=5 p=2 d=4") == ["params_difference", "macs_difference"]
    assert shown("conv f=3 p=1 s=1 d=4", "conv f=3 p=1 s=2 d=4") == ["macs_difference"]
    assert shown("maxpool f=3 p=1 s=1", "maxpool f=3 p=1 s=2") == ["activations_difference"]
    assert shown("dropout rate=0.5", "dropout rate=0.4") == []


def test_many_small_edits_stand_in_one_line() -> None:
    def net(offset: int) -> NetworkAnalysis:
        return network(*(f"lrn n=3 k={place + offset} alpha=1e-{place % 5 + 1}" for place in range(60)))

    edits = tables(net(1), net(1000))[1]
    assert len(edits.rows) == MOST_EDITS
    assert lines(edits)[-1][1] == f"{60 - MOST_EDITS + 1} smaller edits"


# How edits read


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("conv f=7 p=3 d=4", "conv f=3 p=1 d=4", "conv kernel 7 → 3, padding 3 → 1 in conv1"),
        ("conv f=3 d=4", "conv f=3 d=4 bias=no", "conv bias yes → no in conv1"),
        ("conv f=3 d=4 as a", "conv f=3 d=8 as a", "conv out_channels 4 → 8 in a"),
        ("conv f=3x1 d=4", "conv f=3x3 d=4", "conv kernel 3x1 → 3 in conv1"),
        ("relu", "gelu", "relu becomes gelu in relu1"),
        (
            "maxpool f=3 s=1 p=1",
            "avgpool f=5 s=1 p=2",
            "maxpool becomes avgpool in maxpool1; kernel 3 → 5, padding 1 → 2",
        ),
        ("dropout rate=0.5", "dropout rate=0.2", "dropout rate 0.5 → 0.2 in dropout1"),
    ],
)
def test_a_change_is_named(old: str, new: str, expected: str) -> None:
    comparison = compared(network(old), network(new))
    assert [phrase(comparison, cause, "en") for cause in comparison.causes] == [expected]


def test_inputs_are_told_one_by_one() -> None:
    def net(inputs: str, *lines: str) -> NetworkAnalysis:
        return network(*lines, input=inputs)

    two = ("identity from=left", "add from=right")
    small, large = (net(f"{{left: {size}, right: {size}}}", *two) for size in ("8x8x3", "16x16x3"))
    comparison = compared(small, large)
    assert [phrase(comparison, cause, "en") for cause in comparison.causes] == [
        "input left 8x8x3 becomes 16x16x3",
        "input right 8x8x3 becomes 16x16x3",
    ]
    comparison = compared(small, net("8x8x3", "identity", "relu"))
    assert phrase(comparison, comparison.causes[0], "en") == "removed: input right 8x8x3"
    comparison = compared(net("8x8x3", "relu"), net("8x6x3", "relu"))
    assert phrase(comparison, comparison.causes[0], "en") == "input 8x8x3 becomes 8x6x3"


def test_what_is_moved_is_named_with_its_places() -> None:
    comparison = compared(shipped("resnet50"), shipped("resnet50-v1"))
    assert phrase(comparison, comparison.causes[0], "en") == (
        "stride 2 moves from conv2 to conv1 in layer2.0, layer3.0, layer4.0"
    )
    assert phrase(comparison, comparison.causes[0], "zh") == (
        "stride 2由conv2移至conv1（layer2.0、layer3.0、layer4.0）"
    )


def test_what_changed_beside_a_move_is_named_too() -> None:
    comparison = compared(
        network("conv f=1 d=4", "relu", "conv f=3 p=1 s=2 d=4"),
        network("conv f=1 s=2 d=4", "relu", "conv f=3 p=1 d=4 bias=no"),
    )
    assert [phrase(comparison, cause, "en") for cause in comparison.causes] == [
        "stride 2 moves from conv2 to conv1; conv2: bias yes → no"
    ]
    comparison = compared(network("scale", "conv f=1 d=4"), network("bn", "conv f=1 d=4 bias=no"))
    assert [phrase(comparison, cause, "en") for cause in comparison.causes] == [
        "bias yes moves from conv1 to scale1; scale1: scale → bn"
    ]


def test_widths_that_scale_are_named_by_their_factor() -> None:
    lines = ["conv f=3 p=1 d={}", "relu", "conv f=3 p=1 d={}"]
    comparison = compared(
        network(*(line.format(8 * (place + 1)) for place, line in enumerate(lines))),
        network(*(line.format(2 * (place + 1)) for place, line in enumerate(lines))),
    )
    assert [phrase(comparison, cause, "en") for cause in comparison.causes] == [
        "conv out_channels x 1/4 (8 → 2, 24 → 6) in conv1, conv2"
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a"], "a"),
        (["a", "b", "c"], "a, b, c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
        (["s.1", "s.2"], "s.1, s.2"),
        (["s.1", "s.2", "t.1", "t.2"], "s.1, s.2, t.1 and 1 more"),
        (["s.1", "s.2", "s.3", "s.4"], "s.1 … s.4"),
        (["s.1", "s.2", "s.3", "t.1", "t.2", "t.3"], "s.1 … s.3, t.1 … t.3"),
        (["s.1", "s.3", "s.5", "s.7"], "s.1, s.3, s.5 and 1 more"),
    ],
)
def test_places_are_listed_briefly(names: list[str], expected: str) -> None:
    assert listed_places(names, "en") == expected


# How amounts read


@pytest.mark.parametrize(
    ("value", "people", "programs"),
    [
        (1234, "+1,234", "1234"),
        (-1234, "−1,234", "-1234"),
        (0, "0", "0"),
        (C * C * 4, "+4C²", "4C²"),
        (C * C * -22, "−22C²", "-22C²"),
        (C * -4097 - 110, "−4097C − 110", "-4097C - 110"),
        (C - 100, "C − 100", "C - 100"),
        (Fraction(1, 3), "+1/3", "1/3"),
    ],
)
def test_a_difference_has_its_sign(value: object, people: str, programs: str) -> None:
    assert signed(value, Style()) == people
    assert signed(value, PLAIN) == programs


def test_an_unknown_part_of_a_difference_is_marked() -> None:
    assert Difference((5,), complete=False).text(Style()) == "+5 ?"
    assert Difference(()).text(Style()) == "?"


@pytest.mark.parametrize(
    ("factor", "expected", "percent"),
    [
        (Fraction(943, 1000), "0.943", "−5.7 %"),
        (Fraction(55, 100), "0.550", "−45.0 %"),
        (Fraction(3), "3", "+200 %"),
        (Fraction(14, 5), "2.80", "+180 %"),
        (Fraction(10004, 10000), "1.0004", "+<0.1 %"),
        (Fraction(1234567, 10), "123,457", "+12,345,570 %"),
        (Fraction(1, 3000), "0.000333", "−100.0 %"),
        (Fraction(999999, 1000000), "0.999999", "−<0.1 %"),
    ],
)
def test_a_factor_shows_three_digits_or_what_tells_it_from_one(
    factor: Fraction, expected: str, percent: str
) -> None:
    assert factor_text(factor) == expected
    assert percent_text(factor) == percent


def test_a_ratio_says_of_what_it_is_one() -> None:
    def text(ratio: Multiple | None, *, exact: bool = False, style: Style = READABLE) -> str:
        return OfBase(ratio, "A", exact, "en").text(style)

    assert text(Multiple(1, 1)) == "equal"
    assert text(Multiple(943, 1000)) == "0.943 x of A"
    assert text(Multiple(27, 49), exact=True) == "27/49 of A"
    assert text(Multiple(3, 1), exact=True) == "3 x of A"
    assert text(Multiple(C + 5, K)) == "(C + 5)/K of A"
    assert text(None) == "-"
    assert text(Multiple(943, 1000), style=PLAIN) == "0.943"
    assert text(Multiple(1, 1), style=PLAIN) == "1"
    long = C * 123456789012 + K * 1234567890123 + 9876543210987
    assert text(Multiple(long, 1 + C)) == "depends on C, K"
    assert Percent(Multiple(C, K)).text(Style()) == ""


def test_networks_that_are_equal_have_neither_edits_nor_layers() -> None:
    found = tables(shipped("resnet18"), shipped("resnet18"))
    assert len(found) == 1
    assert "equal layer by layer" in found[0].notes[0].text
