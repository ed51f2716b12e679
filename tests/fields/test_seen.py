"""How many positions a unit sees, all axes together, by numbers counted by hand; and where they are shown."""

from __future__ import annotations

import json

import pytest

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.seen import SeenPositions
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.cli.main import main
from rfcalc.library import analyze, load, read_text
from rfcalc.report.cells import Style
from rfcalc.report.network_table.layers import View, build_table
from rfcalc.report.table import Table


def network(size: str, *layers: str) -> NetworkAnalysis:
    return analyze(
        read_text("\n".join([f"input: {size}", "layers:", *(f"  - {layer}" for layer in layers), ""]))
    )


def counted(analysis: NetworkAnalysis) -> tuple[int, int]:
    found = SeenPositions(analysis.fields).of(len(analysis.graph.nodes) - 1, 0)
    return found.positions, found.box


def aspp(*rates: int) -> str:
    branches = ", ".join(f"[conv f=3 r={rate} p={rate} d=8]" for rate in rates)
    return f"concat: [[conv f=1 d=8], {branches}]"


CROSS = "add: [[conv f=1x7 p=0x3 d=4], [conv f=7x1 p=3x0 d=4]]"


@pytest.mark.parametrize(
    ("layers", "positions", "box"),
    [
        # Where no branches of unequal shape meet, the product of what each axis has.
        (["conv f=3 p=1 d=4", "conv f=3 p=1 d=4"], 25, 25),
        (["conv f=3 r=2 p=2 d=4"], 9, 25),
        (["conv f=1x7 p=0x3 d=4", "conv f=7x1 p=3x0 d=4"], 49, 49),
        (["conv f=3 d=4", "globalavgpool"], 32 * 32, 32 * 32),
        # A cross; behind a further window it is thicker and still no box.
        ([CROSS], 13, 49),
        ([CROSS, "conv f=3 p=1 d=4"], 45, 81),
        # The middle and eight positions around it for each rate.
        ([aspp(2, 4, 6)], 25, 13 * 13),
        ([aspp(6, 12, 18)], 25, 37 * 37),
    ],
)
def test_what_a_unit_sees_is_counted_in_the_plane(layers: list[str], positions: int, box: int) -> None:
    assert counted(network("32x32x4", *layers)) == (positions, box)


def test_behind_a_global_path_what_is_real_counts() -> None:
    strips = [
        "conv f=3 p=1 d=8 as base",
        "add: [[adaptiveavgpool size=20x1 from=base, upsample like=base], "
        "[adaptiveavgpool size=1x20 from=base, upsample like=base]]",
    ]
    # Three rows and three columns through the middle of a map of 20x20.
    assert counted(network("20x20x4", *strips)) == (3 * 20 + 3 * 20 - 9, 400)
    assert counted(network("20x20x4", "conv f=3 p=1 d=8", "attention heads=2")) == (400, 400)


def test_beside_a_gate_the_local_field_is_counted() -> None:
    gated = "mul: [identity, [globalavgpool, conv f=1 d=4, sigmoid]]"
    assert counted(network("20x20x4", "conv f=3 p=1 d=4", gated)) == (9, 9)


def test_the_phases_of_an_upsampled_map_are_those_of_the_unit_in_the_middle() -> None:
    # Bilinear by 2: the unit in the middle of 40, 20, lies between positions 9 and 10.
    assert counted(network("20x20x4", "upsample scale=2 mode=bilinear")) == (4, 4)
    # By 3 without a rest, the second of every three units lies on a position.
    assert counted(network("21x21x4", "upsample scale=3 mode=bilinear")) == (1, 1)


def test_a_bound_has_no_count_and_the_table_says_why() -> None:
    shuffled = network("16x16x4", "concat: [[conv f=1 d=6], [conv f=5 p=2 d=2]]", "pixelshuffle factor=2")
    with pytest.raises(OutOfReachError, match="only a bound"):
        counted(shuffled)
    table = build_table(shuffled, View(columns=("name", "seen")))
    assert cells(table)[-1] == "?"
    assert any("not known for pixelshuffle1: only a bound" in note.text for note in table.notes)


def cells(table: Table) -> list[str]:
    return [row[-1].text(Style()) for row in table.rows]


def test_the_column_has_both_numbers() -> None:
    table = build_table(network("32x32x4", aspp(6, 12, 18)), View(columns=("name", "seen")))
    assert cells(table)[0] == "1/1"
    assert cells(table)[-1] == "25/1,369"


def test_where_nothing_local_is_left_there_is_no_centre_either() -> None:
    strip = network("20x20x4", "conv f=3 p=1 d=8 as base", "adaptiveavgpool size=20x1", "upsample like=base")
    table = build_table(strip, View(columns=("centre", "mean_centre")))
    assert [cell.text(Style()) for cell in table.rows[-1]] == ["0x–", "0x–"]


def test_json_counts_where_the_columns_ask_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["conv7x7", "--set", "C=4", "--input", "16x16x4", "--format", "json"]
    assert main(asked) == 0
    assert "seen" not in json.loads(capsys.readouterr().out)["layers"][0]["receptive_field"]
    assert main([*asked, "--columns", "seen"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["layers"][0]["receptive_field"]["seen"] == {
        "count": 49,
        "box": 49,
        "density": 1.0,
        "reason": None,
    }
    assert captured.err == ""


def test_of_an_input_without_axes_nothing_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-e", "fc d=4", "--input", "8", "--format", "json", "--columns", "seen"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert "seen" not in data["network"]["receptive_field"]
    assert "seen" not in data["layers"][0]["receptive_field"]


# Axes


def strides(*layers: str) -> list[object]:
    (axes,) = network("16x16x4", *layers).layers[-1].field.inputs
    return [axis.stride for axis in axes or ()]


def test_an_axis_that_is_two_put_together_has_no_stride_along_either() -> None:
    assert strides("reshape to=16x16x4") == [1, 1]
    assert strides("reshape to=256x4", "reshape to=16x16x4") == [1, 1]
    # An axis of one position moves nothing.
    assert strides("slice h=0:1", "reshape to=16x4", "conv f=1 s=2 d=4") == [None, 2]
    # The units of a row stay where they are in height, and the first of the next is one further.
    assert strides("reshape to=256x4") == [None, None]
    assert strides("reshape to=256x4", "conv f=3 s=8 d=4") == [None, None]
    # Units a whole row apart do advance evenly, in height alone.
    assert strides("reshape to=256x4", "conv f=3 s=16 d=4") == [1, None]


def test_axes_say_which_axis_of_a_layer_runs_along_each_of_the_input() -> None:
    analysis = network("20x30x4", "conv f=3 p=1 d=8", "permute order=1x0x2", "reshape to=600x8")
    assert [layer.field.axes for layer in analysis.layers] == [((0, 1),), ((1, 0),), ((0, 0),)]
    # What becomes channels is no axis any more.
    turned = network("20x30x4", "permute order=2x1x0")
    assert turned.layers[-1].field.axes == ((None, 1),)


# Windows that cover their map


def notes(analysis: NetworkAnalysis) -> list[str]:
    return [note.text for note in build_table(analysis, View()).notes]


def test_a_window_smaller_than_its_map_and_a_layer_that_covers_by_definition_are_not_remarked() -> None:
    for analysis in (analyze(load("vgg16")), analyze(load("resnet50")), network("1x1x4", "conv f=1 d=4")):
        assert not any("cover their whole map" in note for note in notes(analysis))


@pytest.mark.parametrize(
    ("name", "size", "layer"), [("vgg16", "32x32x3", "pool5"), ("googlenet", "224x224x3", "pool5")]
)
def test_a_window_as_large_as_its_map_is_remarked(name: str, size: str, layer: str) -> None:
    told = f"at this size the windows of {layer} cover their whole map; the field is that of a sliding window"
    assert told in notes(analyze(load(name), input=size))
