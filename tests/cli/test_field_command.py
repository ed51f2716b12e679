"""`rfcalc field` as it is used: one network and several, formats, languages, terminals, and mistakes."""

from __future__ import annotations

import csv
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

import rfcalc
from rfcalc.cli.main import main

SCHEMA = json.loads((Path(rfcalc.__file__).parent / "report" / "field.schema.json").read_text("utf-8"))

# More than 300 layers: their rows are many, and like those of shorter ones.
LONG_NETWORKS = """
densenet121 densenet201 dpn68 hrnet-w18 inception-v3 mixnet-s pyramidnet110 resnest50 resnet50-cbam resnet101
resnet101-v1 resnet110 resnet152 resnet152-v1
""".split()


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["field", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(output_of(capsys, *arguments, "--format", "csv"))))


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["field", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def data(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found = json.loads(output_of(capsys, *arguments, "--format", "json"))
    jsonschema.validate(found, SCHEMA)
    assert isinstance(found, dict)
    return found


# Tables.


def test_the_layer_at_which_the_field_reaches_the_input_has_an_arrow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrows = [row["layer"] for row in rows(capsys, "resnet50") if "→" in row["theoretical"]]
    assert arrows == []  # Rows alone are numbers.
    shown = output_of(capsys, "resnet50")
    assert [line.split()[0] for line in shown.splitlines() if "→2" in line] == ["layer3.4.conv2"]


def test_all_layers_are_rows_in_execution_order(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "resnet50", "--all")
    assert [row["layer"] for row in found] == [layer.name for layer in rfcalc.analyze("resnet50").layers]
    assert (found[-1]["macs_so_far"], found[-1]["params_so_far"]) == ("100", "100")


def test_several_networks_have_a_table_each_and_one_in_which_they_are_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = output_of(capsys, "vgg16", "resnet50")
    titles = [line for line in shown.splitlines() if "fields by depth" in line or "where fields" in line]
    assert [title.split(":")[0] for title in titles] == [
        "vgg16",
        "resnet50",
        "where fields reach the input, and what lies behind",
    ]
    assert shown.count("depth: layers with weights") == 1


def test_one_network_at_two_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "vgg16", "vgg16", "--input", "B=64x64x3", "--summary")
    reached = [(row["size"], row["reached"], row["behind"]) for row in found if "theoretical" in row["field"]]
    assert reached == [("224", "–", "–"), ("64", "conv4_2", "4")]


def test_an_expression_is_an_operand_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "-e", "conv f=3 d=8", "lenet5", "--input", "32x32x1")
    assert list(dict.fromkeys(row["network"] for row in found)) == ["conv f=3 d=8", "lenet5"]


def test_branch_weights_change_effective_fields_alone(capsys: pytest.CaptureFixture[str]) -> None:
    by_weights = [
        [row["effective"] for row in rows(capsys, "resnet50", "--branch-weights", weights)]
        for weights in ("kaiming", "equal", "residual-only")
    ]
    assert len({tuple(each) for each in by_weights}) == 3
    assert "branches weighted alike" in output_of(capsys, "resnet50", "--branch-weights", "equal")


def test_every_field_of_a_shipped_network_that_is_not_known_is_said_with_its_layer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = output_of(capsys, "vit-b16", "--summary")
    assert "all: from encoder.0.attention1 on a global path sees the whole input" in shown
    assert "effective field not known from" in shown


def test_words_are_chinese_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "vgg16", "--lang", "zh")
    assert "深度" in shown and "最小路径" in shown
    assert "depth" not in shown and "smallest" not in shown


# Data.


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in LONG_NETWORKS))
        for name in rfcalc.shipped_names()
    ],
)
def test_the_data_of_every_shipped_network_keep_to_the_schema(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (network,) = data(capsys, name)["networks"]
    for along in network["inputs"]:
        names = [layer["name"] for layer in along["layers"]]
        assert set(along["trunk"]) <= set(names)
        depths = [layer["depth"] for layer in along["layers"] if layer["name"] in set(along["trunk"])]
        assert depths == sorted(depths) and (depths or [0])[-1] == along["depth"]


def test_data_of_several_networks_stand_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, "vgg16", "lenet5")
    assert [network["name"] for network in found["networks"]] == ["vgg16", "lenet5"]
    (first,) = found["networks"][0]["inputs"]
    whole = first["reached"][-1]
    assert (whole["field"], whole["layer"], whole["behind"]["layers"]) == ("whole", "fc6", 2)


# Charts.


def test_a_chart_is_drawn_in_characters(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "vgg16", "resnet50", "--format", "chart")
    assert "theoretical field" in shown and "input 224" in shown


def test_a_chart_is_written_as_svg(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fields.svg"
    assert output_of(capsys, "resnet50", "-o", str(file)) == ""
    text = file.read_text("utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "layer3.4.conv2" in text


def test_a_chart_of_symbols_is_refused_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    said = mistake(capsys, "conv7x7", "--format", "chart")
    assert "conv7x7 has symbols" in said and "--input and --set" in said
    output_of(capsys, "conv7x7", "--input", "32x32xC", "--set", "C=8", "--format", "chart")


@pytest.mark.parametrize(("lines", "above"), [(24, False), (80, True)])
def test_on_a_terminal_the_curves_stand_above_the_tables_where_both_have_room(
    lines: int, above: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", str(lines))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = output_of(capsys, "vgg16")
    assert ("receptive field" in shown) == above
    assert "conv4_2" in shown
    assert not above or len(shown.splitlines()) < lines


def test_a_terminal_shows_the_tables_of_a_network_with_symbols(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINES", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "HxWxC" in output_of(capsys, "conv7x7")


# Mistakes.


def test_without_a_network_one_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "which network? name one" in mistake(capsys)


def test_a_wrong_name_has_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "resnet50" in mistake(capsys, "resnt50")


def test_layers_are_not_asked_for_and_left_out_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert "leave out --all" in mistake(capsys, "vgg16", "--all", "--summary")


def test_the_letter_of_a_network_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no network is 'C'" in mistake(capsys, "vgg16", "vgg16", "--input", "C:input=64x64x3")


def test_fields_that_are_lost_for_one_reason_are_named_together(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "deformable")
    assert (
        "theoretical, effective and smallest fields not known from deformed on: "
        "the positions it reads depend on the data" in shown
    )
    (row,) = [line.split() for line in shown.splitlines() if line.startswith("deformed ")]
    assert row[2:5] == ["~3", "?", "~3"]
