"""`rfcalc locate` as it is used: units, regions, formats, languages, and mistakes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import rfcalc
from rfcalc.cli.main import main

SCHEMA = json.loads((Path(rfcalc.__file__).parent / "report" / "locate.schema.json").read_text("utf-8"))
CASES = Path(__file__).parents[1] / "data" / "cases"


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["locate", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(output_of(capsys, *arguments, "--format", "csv"))))


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["locate", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def layers(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    found = json.loads(output_of(capsys, *arguments, "--format", "json"))
    jsonschema.validate(found, SCHEMA)
    return list(found["layers"])


def test_a_corner_of_vgg16_sees_a_third_of_its_field_and_of_the_input(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (row,) = rows(capsys, "vgg16", "pool5", "0,0")
    assert (row["visible"], row["theoretical"], row["positions"]) == ("122", "212", "14884")
    assert (row["first"], row["last"], row["theoretical_first"]) == ("0,0", "121,121", "-90,-90")
    shares = [round(float(row[name]), 1) for name in ("padding", "of_field", "of_image")]
    assert shares == [66.9, 33.1, 29.7]


def test_without_a_unit_the_middle_and_the_corners_are_shown_once_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    units = [row["unit"] for row in rows(capsys, "vgg16", "pool5")]
    assert units == ["3,3", "0,0", "0,6", "6,0", "6,6"]
    assert [row["unit"] for row in rows(capsys, "resnet18", "avgpool")] == ["0,0"]
    assert len(rows(capsys, "vgg16", "pool5", "--all")) == 49
    corners = rows(capsys, "vgg16", "pool5", "0,6", "1,1", "--corners")
    assert [row["unit"] for row in corners] == ["0,6", "1,1", "0,0", "6,0", "6,6"]


@pytest.mark.parametrize(
    ("layers", "size", "unit", "visible"),
    [
        ("conv f=3 p=1 d=2", "9x1", "0", "2"),
        ("conv f=3x3x3 p=1 d=2", "4x6x8x1", "0,3,7", "2x3x2"),
        ("flatten; fc d=3", "4x6x1", "", "4x6"),
    ],
)
def test_a_unit_has_as_many_numbers_as_its_layer_has_axes(
    layers: str, size: str, unit: str, visible: str, capsys: pytest.CaptureFixture[str]
) -> None:
    last = layers.rpartition(";")[2].split()[0] + "1"
    words = [unit] if unit else []
    (row, *_) = rows(capsys, "-e", layers, "--input", size, last, *words)
    assert row["visible"] == visible


def test_a_pixel_is_seen_by_a_block_of_units(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = rows(capsys, "-e", "conv f=3 p=1 d=2", "--input", "9x9x1", "conv1", "--pixel", "0,4")
    assert (row["region"], row["number"], row["first"], row["last"]) == ("0,4", "6", "0,3", "1,5")


def test_of_a_box_there_are_the_units_that_touch_it_and_those_inside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("-e", "conv f=3 p=1 d=2", "--input", "9x9x1", "conv1", "--box", "0-3,2-4")
    touching, inside = rows(capsys, *words)
    assert (touching["number"], touching["first"], touching["last"]) == ("25", "0,1", "4,5")
    assert (inside["number"], inside["first"], inside["last"]) == ("3", "0,3", "2,3")


def test_several_inputs_have_a_row_each_and_positions_of_one_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = tmp_path / "net.yaml"
    net.write_text(
        "input: {left: 8x8x1, right: 16x16x1}\nlayers:\n"
        "  - conv f=3 p=1 d=2 from=left as a\n  - conv f=3 s=2 p=1 d=2 from=right as b\n"
        "  - {add: [], from: a+b, as: both}\n  - conv f=1 d=1 as last\n"
    )
    found = rows(capsys, str(net), "last", "7,7")
    assert [(row["input"], row["last"]) for row in found] == [("left", "7,7"), ("right", "15,15")]
    assert [row["input"] for row in rows(capsys, str(net), "last", "--pixel", "right=15,15")] == ["right"]
    # Of the smaller input there is no such position.
    assert [row["input"] for row in rows(capsys, str(net), "last", "--pixel", "9,9")] == ["right"]
    assert "no such input; did you mean 'left'?" in mistake(capsys, str(net), "last", "--pixel", "lef=1,1")
    assert [row["visible"] for row in rows(capsys, str(net), "a", "0,0")] == ["2"]


def test_several_layers_are_located_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    found = layers(capsys, "vgg16", "pool4", "pool5", "0,6", "pool4")
    assert [layer["layer"] for layer in found] == ["pool4", "pool5"]
    assert [unit["unit"] for layer in found for unit in layer["units"]] == [[0, 6], [0, 6]]
    assert "a unit of pool5 is 0,0 to 6,6" in mistake(capsys, "vgg16", "pool4", "pool5", "0,7")
    assert "rows alone hold units or regions of one layer" in mistake(
        capsys, "vgg16", "pool4", "pool5", "--format", "csv"
    )


def test_without_a_layer_it_is_the_last_with_positions_of_each_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heads = layers(capsys, "yolov3")
    assert [head["output"][:2] for head in heads] == [[19, 19], [38, 38], [76, 76]]
    assert {head["asked"]["how"] for head in heads} == {"network"}
    (last,) = layers(capsys, "vgg16", "0,6")
    assert [unit["unit"] for unit in last["units"]] == [[0, 6]]
    assert last["layer"] == "pool5"


def test_gates_are_left_out_and_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    case = str(CASES / "se_block.yaml")
    layer = "mul1"
    out = output_of(capsys, case, layer, "0,0")
    assert "left out; --strict counts them" in out
    (strict,) = layers(capsys, case, layer, "0,0", "--strict")
    assert strict["inputs"][0]["global"] == ["side", "side"]
    assert strict["units"][0]["fields"][0]["of_image"] == 1


def test_json_keeps_to_its_schema_and_says_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = layers(capsys, "resnet50", "layer4", "0,0", "--pixel", "0,0", "--box", "0-9,0-9")
    assert found["asked"] == {"how": "scope", "text": "layer4"}
    layers(capsys, "vit-b16", "encoder.0", "--all")
    layers(capsys, "unet", "segmentation", "--corners")
    words = ("-e", "opaque type=Mystery size=8x8x4", "--input", "8x8x4", "opaque1")
    (unit, *_) = layers(capsys, *words)[0]["units"]
    assert unit["fields"][0]["visible"] is None
    assert unit["fields"][0]["reason"] == "the field is not known"
    assert "?: not known for 4,4 and 4 more: the field is not known" in output_of(capsys, *words)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("vgg16", "pool5", "7,0"), "'7,0' lies outside of the map; a unit of pool5 is 0,0 to 6,6"),
        (("vgg16", "pool5", "3"), "'3' has 1 number; a unit of pool5 is 0,0 to 6,6"),
        (("vgg16", "pool5", "a,0"), "'a' is no whole number from 0; a unit of pool5 is 0,0 to 6,6"),
        (("vgg16", "pool5", "0,"), "'' is no whole number from 0"),
        (("vgg16", "pool5", "1" * 30 + ",0"), "is no whole number from 0"),
        (("vgg16", "pool5", "-1,0"), "positions and sizes count from 0, got -1"),
        (("vgg16", "pol5"), "did you mean 'pool5'?"),
        (("vgg16", "pool5", "--pixel", "224,0"), "--pixel 224,0 lies outside of the input; expected ROW,COL"),
        (("vgg16", "pool5", "--pixel", "1-2,0"), "'1-2' is no position"),
        (("vgg16", "pool5", "--box", "5-2,0"), "'5-2' ends before it begins"),
        (("vgg16", "pool5", "--box", "5"), "--box 5 has 1 number; expected FIRST-LAST,FIRST-LAST"),
        (
            ("vgg16", "conv1_1", "--all", "--input", "512x512x3"),
            "there are 262,144 units of conv1_1; more than 65,536 are not listed",
        ),
        (("conv7x7", "conv1"), "conv1 has a symbolic size: say an input size in numbers with --input"),
        (
            ("vgg16", "pool5", "0,0", "--pixel", "0,0", "--format", "csv"),
            "rows alone hold units or regions of one layer",
        ),
    ],
)
def test_a_mistake_is_answered_with_the_range(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in mistake(capsys, *arguments)


def test_words_are_there_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "vgg16", "pool5", "--lang", "zh", "--format", "markdown", "--pixel", "0,0")
    assert "VGG-16的pool5：7x7个单元" in out or "可见" in out


def test_a_network_of_products_loads_no_arrays() -> None:
    code = "import sys; from rfcalc.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    command = (sys.executable, "-c", code, "locate", "resnet50", "layer4", "--format", "csv")
    loaded = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    assert "rfcalc.analysis.fields.products" in loaded
    assert not {"numpy", "rich", "tabulate"} & {*loaded}
