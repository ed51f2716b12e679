"""Models of Ultralytics and of YOLOv5 against what was measured of them in PyTorch.

The measurements hold every row with the arguments that its module was made with.  Rows of these arguments
are a file that needs no scale, so that all modules are judged without the package's files, which are not ours
to ship.  Those files themselves, with their scales, are judged where the wheels are there: RFCALC_ULTRALYTICS
and RFCALC_YOLOV5 are their paths (`pip download --no-deps ultralytics yolov5==7.0.14`).
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from measured import DATA

from rfcalc.analysis.network import LayerAnalysis
from rfcalc.errors import DescriptionError
from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.ultralytics import importing
from rfcalc.importers.ultralytics.following import load_modules
from rfcalc.importers.ultralytics.registry import MODULES, TEXT_MODULES
from rfcalc.importers.writing.flat import flat
from rfcalc.importers.writing.folded import folded
from rfcalc.library import analyze, read_text

ARCHIVE = DATA / "models" / "ultralytics.zip"
# What each path of a wheel begins with, by the variable that names the wheel.
WHEELS = {"RFCALC_ULTRALYTICS": "ultralytics/cfg/models/", "RFCALC_YOLOV5": "yolov5/models/"}
# How many arguments a file does not give: of modules that read several rows the last ones, where not three.
APPENDED = {"Concat": 0, "CBFuse": 0, "SemanticSegment": 1, "Depth": 1, "v10Detect": 1}
# Modules besides those whose width is scaled that are told how many channels they read.
TOLD = ("HGStem", "HGBlock", "AIFI", "CBLinear")


@cache
def truths() -> Mapping[str, Any]:
    with zipfile.ZipFile(ARCHIVE) as packed:
        found = [json.loads(packed.read(name)) for name in packed.namelist() if name != "head_fields.json"]
    return {one["name"]: one for one in found}


TEXTS = [name for name, one in truths().items() if any(row[3] in TEXT_MODULES for row in one["layers"])]
NAMES = [name for name in truths() if name not in TEXTS]


def yaml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(yaml, value))}]"
    return "None" if value is None else str(value)


def row_of(row: Sequence[Any], *, original: bool) -> str:
    """A row as a file has it, of the arguments that its module was made with."""
    _, source, repeats, name, arguments = row[:5]
    given, found = list(arguments), MODULES[name]
    if name == "RTDETRDecoder":
        del given[1]
    elif found.several:
        appended = 1 if original else APPENDED.get(name, 3)
        given = given[: len(given) - appended]
    elif name == "TorchVision":
        given = [row[7][1], *given]
    elif found.width != "kept" or name in TOLD:
        if found.inside:
            del given[4 if name == "HGBlock" else 2]
        del given[0]
    return f"  - [{yaml(source)}, {repeats}, {name}, {yaml(given)}]"


def text_of(truth: Mapping[str, Any]) -> str:
    """A file of the rows of a measurement."""
    rows = [row_of(row, original="anchors" in truth) for row in truth["layers"]]
    last = truth["layers"][-1]
    lines = [f"nc: {truth['nc']}"]
    if "anchors" not in truth and last[3] not in ("Classify", "RTDETRDecoder", "v10Detect"):
        reg_max, end2end = last[4][-3:-1] if len(last[4]) > 3 else (16, None)
        lines += [f"reg_max: {reg_max}", f"end2end: {end2end}"]
    return "\n".join([*lines, "backbone:", *rows[:-1], "head:", rows[-1], ""])


class Read(NamedTuple):
    """What was made of a file: its layers by row, and each with its figures."""

    layers: Sequence[tuple[ImportedStep, LayerAnalysis]]
    inputs: Mapping[int, Sequence[int]]
    output: str
    text: str


def read(path: Path, truth: Mapping[str, Any], settings: Mapping[str, str]) -> Read:
    channels, *axes = truth["input"][1:]
    network = importing.read(str(path), path.stem, {"": (*axes, channels)}, settings)
    analysis = analyze(read_text(flat(network).text))
    steps = [step for step in network.steps if step.operator != "input"]
    entering = {
        number: [int(str(network.steps[one].shape.channels)) for one in step.operands]
        for number, step in enumerate(steps)
    }
    output = str(network.steps[network.outputs[-1]].shape)
    return Read(list(zip(steps, analysis.layers, strict=True)), entering, output, folded(network))


def judge(found: Read, truth: Mapping[str, Any]) -> None:
    """Everything that is measured is what was read."""
    params: Counter[int] = Counter()
    macs: Counter[int] = Counter()
    sizes: dict[int, list[int]] = {}
    kinds: Counter[str] = Counter()
    convolutions = []
    linear = {leaf[0] for leaf in truth["leaves"] if leaf[1] == "l"}
    for number, (step, layer) in enumerate(found.layers):
        row = int(step.name.split(".")[1])
        assert isinstance(layer.params, int)
        assert isinstance(layer.macs, int)
        params[row] += layer.params
        macs[row] += layer.macs
        sizes[row] = [int(str(length)) for length in (step.shape.channels, *step.shape.axes)]
        if step.operator in ("conv", "dwconv", "deconv", "fc"):
            reads = found.inputs[number][0]
            groups = step.values.get("groups", reads if step.operator == "dwconv" else 1)
            kernel = step.values.get("kernel", 1)
            stride = step.values.get("stride", 1)
            convolutions.append((reads, step.shape.channels, kernel, stride, groups))
            # A part that runs again is numbered.
            name = step.name if step.name in linear else re.sub(r"_\d+$", "", step.name)
            kinds["linear" if name in linear else "conv"] += layer.macs
        else:
            kinds["matmul"] += layer.macs
    leaves = [
        (leaf[2], leaf[3], *((1, 1, 1) if leaf[1] == "l" else (leaf[4], leaf[5], leaf[7])))
        for leaf in truth["leaves"]
    ]
    assert convolutions == leaves
    fixed = truth["params"] - truth.get("trainable_params", truth["params"])
    rows = truth["layers"]
    last = rows[-1][0]
    assert {row[0]: params[row[0]] for row in rows} == {
        row[0]: row[5] - (fixed if row[0] == last else 0) for row in rows
    }
    assert {row[0]: macs[row[0]] for row in rows} == {row[0]: row[6] for row in rows}
    # What a row of several tensors leaves last is not what it leaves.
    single = [row for row in rows[:-1] if row[3] != "CBLinear"]
    assert {row[0]: sizes[row[0]] for row in single if row[0] in sizes} == {
        row[0]: row[7][1:] for row in single if row[0] in sizes
    }
    assert sum(params.values()) == truth["params"] - fixed
    assert sum(macs.values()) == truth["macs"]
    stated = truth.get("macs_by_kind")
    # Attention that uses its weights as functions do has no leaf for them.
    if stated and "RTDETRDecoder" not in [row[3] for row in rows]:
        assert {kind: count for kind, count in kinds.items() if count} == stated
    if "anchors" not in truth:
        output = rows[-1][7]
        while isinstance(output[0], list):
            output = output[0]
        lengths = [int(length) for length in re.findall(r"\d+", found.output)]
        assert sorted(length for length in lengths if length != 1) == sorted(
            length for length in output if length != 1
        )


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_what_was_measured(name: str, tmp_path: Path) -> None:
    load_modules()
    truth = truths()[name]
    path = tmp_path / "rows.yaml"
    path.write_text(text_of(truth))
    judge(read(path, truth, {}), truth)


@pytest.mark.parametrize("name", NAMES[::7])
def test_what_is_written_for_people_has_the_same_figures(name: str, tmp_path: Path) -> None:
    load_modules()
    truth = truths()[name]
    path = tmp_path / "rows.yaml"
    path.write_text(text_of(truth))
    analysis = analyze(read_text(read(path, truth, {}).text))
    assert sum(layer.params for layer in analysis.layers) == truth.get("trainable_params", truth["params"])
    assert sum(layer.macs for layer in analysis.layers) == truth["macs"]


@cache
def fields() -> Mapping[str, Any]:
    with zipfile.ZipFile(ARCHIVE) as packed:
        found: Mapping[str, Any] = json.loads(packed.read("head_fields.json"))
        return found


@pytest.mark.parametrize("name", ["yolov3", "yolov5n", "yolov8n", "yolo11n"])
def test_what_heads_read_has_the_field_that_was_measured(name: str, tmp_path: Path) -> None:
    load_modules()
    path = tmp_path / "rows.yaml"
    path.write_text(text_of(truths()[name]))
    size = fields()[name]["input"]
    network = importing.read(str(path), name, {"": (size, size, 3)}, {})
    rows = analyze(read_text(flat(network).text)).rows(columns=["local"])
    steps = [step for step in network.steps if step.operator != "input"]
    # Of positions apart the field is of one size or another; attention is cut where it was measured.
    found: dict[int, list[int]] = {}
    for step, row in zip(steps, rows, strict=True):
        found[int(step.name.split(".")[1])] = [int(n) for n in re.findall(r"\d+", str(row["local"]))]
    for head in fields()[name]["heads"]:
        least, most = min(found[head["layer"]]), max(found[head["layer"]])
        assert (least, most) == (head["min_size"], head["max_size"])


def test_all_measurements_but_those_of_models_that_read_texts_are_judged() -> None:
    assert (len(NAMES), len(TEXTS)) == (116, 20)


@cache
def members(variable: str) -> Mapping[str, str]:
    """The files of a wheel by their names in it."""
    with zipfile.ZipFile(os.environ[variable]) as wheel:
        return {
            name: wheel.read(name).decode()
            for name in wheel.namelist()
            if name.startswith(WHEELS[variable]) and name.endswith(".yaml")
        }


@pytest.mark.parametrize("variable", WHEELS)
def test_files_of_a_package_are_what_was_measured(variable: str, tmp_path: Path) -> None:
    if not os.environ.get(variable):
        pytest.skip(f"{variable} names no wheel, and the files in it are not ours to ship")
    for name, truth in truths().items():
        if ("package" in truth) != (variable == "RFCALC_YOLOV5"):
            continue
        path = tmp_path / truth["yaml"].rpartition("/")[2]
        path.write_text(members(variable)[WHEELS[variable] + truth["yaml"]])
        settings = {"scale": truth["scale"]} if truth.get("scale_constants") else {}
        if name in TEXTS:
            with pytest.raises(DescriptionError, match="compares maps with features of texts"):
                read(path, truth, settings)
        else:
            judge(read(path, truth, settings), truth)
