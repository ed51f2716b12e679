"""Damaged files of every format, a few of those of benchmarks/damaged_models.py, and what these showed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from damage_outcome import outcome
from damaged_formats import FORMATS, damaged_file
from effort import lines_run

from rfcalc import analyze, load
from rfcalc.errors import DescriptionError, RfcalcError, UsageError
from rfcalc.export import exported
from rfcalc.importers.caffe.importing import imported as caffe
from rfcalc.importers.tracing.collector import MOST_STEPS

PROTOTXT = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\n'
ROWS = "nc: 4\nbackbone:\n  - [-1, 1, Conv, [16, 3, 2]]\n"


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("format", FORMATS)
def test_damaged_files_are_read_to_the_end_or_refused(format: str, part: int, tmp_path: Path) -> None:
    found = [
        outcome(damaged_file(format, seed), tmp_path, whole=seed % 10 == 0) for seed in range(part, 200, 4)
    ]
    assert any(one.startswith("refused") for one in found)
    assert any(one.startswith("read") for one in found)


def refusal(path: Path, data: str | bytes) -> str:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(RfcalcError) as refused:
        analyze(load(path))
    return str(refused.value)


@pytest.mark.parametrize("name", ["\x1b[2J", "\0", "\ud800", "\u202e", "a\nb", "\x9b2J"], ids=ascii)
def test_the_class_of_a_layer_commands_no_terminal(name: str, tmp_path: Path) -> None:
    config = [{"class_name": "Dense", "config": {"units": 3, "batch_input_shape": [None, 8]}}]
    config.append({"class_name": name, "config": {"name": "x"}})
    told = refusal(tmp_path / "m.json", json.dumps({"class_name": "Sequential", "config": config}))
    assert all(line.isprintable() for line in told.split("\n"))
    assert len(told.split("\n")) == len(
        refusal(
            tmp_path / "m.json",
            json.dumps(
                {
                    "class_name": "Sequential",
                    "config": [config[0], {"class_name": "xy", "config": {"name": "x"}}],
                }
            ),
        ).split("\n")
    )


def test_what_a_message_has_from_a_file_ends(tmp_path: Path) -> None:
    rows = f"{ROWS}head:\n  - [[{', '.join(['[0]'] * 20_000)}], 1, Concat, [1]]\n"
    assert len(refusal(tmp_path / "m.yaml", rows)) < 20_000
    assert len(refusal(tmp_path / "m.prototxt", "a" * 100_000)) < 5000


def test_a_repeat_of_two_hundred_million_is_refused_soon(tmp_path: Path) -> None:
    rows = f"{ROWS}  - [-1, 200000000, C2f, [16]]\nhead:\n  - [-1, 1, Classify, [nc]]\n"
    told, _ = lines_run(lambda: refusal(tmp_path / "m.yaml", rows), 2_000_000)
    assert f"up to here there are {MOST_STEPS:,} layers" in told


@pytest.mark.parametrize("option", ["", "output=8\n"])
def test_sections_of_many_layers_are_counted_as_these(option: str, tmp_path: Path) -> None:
    sections = f"[net]\ninputs=8\n{f'[lstm]{chr(10)}{option}' * 2000}"
    told, _ = lines_run(lambda: refusal(tmp_path / "m.cfg", sections), 3_000_000)
    assert f"at most {MOST_STEPS:,} are read" in told


def test_models_that_call_models_many_times_are_counted_as_all_their_layers(tmp_path: Path) -> None:
    entering = {"class_name": "InputLayer", "name": "in", "config": {"batch_shape": [None, 3], "name": "in"}}
    layer = {"class_name": "Dense", "config": {"units": 3}}
    for _ in range(6):
        calls = [[[["in", 0, 0, {}]]], *([[["x", at, 0, {}]]] for at in range(7))]
        layer = {
            "class_name": "Functional",
            "config": {
                "layers": [entering, {**layer, "name": "x", "inbound_nodes": [one[0] for one in calls]}],
                "input_layers": [["in", 0, 0]],
                "output_layers": [["x", 7, 0]],
            },
        }
    told, _ = lines_run(lambda: refusal(tmp_path / "m.json", json.dumps(layer)), 6_000_000)
    assert f"at most {MOST_STEPS:,} are read" in told


def test_fields_that_nobody_knows_cost_no_search_each() -> None:
    def layer(fields: str) -> str:
        return f'{PROTOTXT}layer {{ type: "ReLU" bottom: "data" top: "y" {fields} }}'

    found, _ = lines_run(lambda: caffe(layer("zz: 1 " * 5000), "m", {}, {}), 3_000_000)
    told = [text for text, _ in found.remarks]
    assert len(told) == 51
    assert told[0] == "a layer has no field 'zz'; it is passed over"
    assert told[-1] == "4,950 more remarks are left out"
    many = "".join(f"zz{number}: 1 " for number in range(5000))
    with pytest.raises(DescriptionError, match="more than 200 fields that nobody knows"):
        lines_run(lambda: caffe(layer(many), "m", {}, {}), 3_000_000)


@pytest.mark.parametrize(
    "decoy",
    [b'{"name": "', b'{"name": "' + b"x" * 20, b'{"config": {"a":"b"},', b'{"name": "\\', b'{"name": ""'],
    ids=repr,
)
def test_what_begins_like_a_model_in_hdf5_is_not_looked_through_again_and_again(
    decoy: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(90) + decoy * 4000)

    def refused() -> None:
        with pytest.raises(UsageError, match="no configuration of a model"):
            load(path)

    lines_run(refused, 1_000_000)


def test_the_configuration_is_found_behind_others_and_when_it_is_long(tmp_path: Path) -> None:
    layers = [
        {
            "class_name": "Dense",
            "config": {"units": 3, "batch_input_shape": [None, 8], "name": "d" + "\\" * 9},
        }
    ]
    layers[0]["note"] = '"}\\"{' * 400_000
    text = json.dumps({"class_name": "Sequential", "config": layers}).replace(
        '"config": [', '"config": {"layers": [', 1
    )
    text = text[:-1] + "}}"
    path = tmp_path / "m.h5"
    other = b'{"class_name": "Adam", "config": {"name": "adam"}}' + b'{"name": "' + bytes(9) + b'"'
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(90) + other * 3 + text.encode() + bytes(100))
    assert analyze(load(path)).totals.params == 27


def test_rows_that_nobody_reads_are_exported_as_modules_that_return_something(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        f"{ROWS}  - [0, 1, C2f, [16]]\n  - [0, 1, Conv, [16, 3]]\nhead:\n  - [-1, 1, Classify, [nc]]\n"
    )
    source = exported(load(path, input=(32, 32, 3)))
    compile(source, "m.py", "exec")
    assert "tuple[]" not in source
    assert "return \n" not in source
