"""The report as data: the published form, its schema, and numbers that lose nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rfcalc import analyze, load, read_expression, read_text, shipped_names
from rfcalc.analysis.analyze import totals_of
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.ops.attributes import SpanValue
from rfcalc.render.data import render_json
from rfcalc.report.network_table.data import data_of, report_data
from rfcalc.symbolic.polynomial import Polynomial


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(files("rfcalc.report").joinpath("report.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read_back(analysis: NetworkAnalysis) -> Any:
    return json.loads(render_json(report_data(analysis)))


def layer_named(report: Any, name: str) -> Any:
    return next(layer for layer in report["layers"] if layer["name"] == name)


def keyed(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The paths of every mapping in a report."""
    if isinstance(value, dict):
        yield path
        for key, entry in value.items():
            yield from keyed(entry, (*path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from keyed(entry, (*path, index))


@pytest.mark.parametrize("network", shipped_names())
@pytest.mark.slow
def test_every_shipped_network_keeps_to_the_schema(network: str, validator: Draft202012Validator) -> None:
    validator.validate(read_back(analyze(load(network))))


def test_a_misspelt_key_anywhere_but_among_names_breaks_the_schema(validator: Draft202012Validator) -> None:
    report = read_back(analyze(read_expression("conv f=3 d=C; softmaxloss"), input="8x8xC"))
    open_ended = ("args", "params", "powers")
    for path in list(keyed(report)):
        if path and path[-1] in open_ended:
            continue
        wrong = json.loads(json.dumps(report))
        target = wrong
        for step in path:
            target = target[step]
        # A further count would be none, as counts may be added.
        target["misspelt"] = "text"
        assert not validator.is_valid(wrong), path


def test_the_totals_of_vgg16_are_the_published_ones() -> None:
    report = read_back(analyze(load("vgg16")))
    assert report["schema"] == "rfcalc.report/1"
    totals = report["totals"]
    assert totals["params"] == 138_357_544
    assert totals["macs"] == 15_470_264_320
    assert totals["flops"] == 2 * 15_470_264_320
    assert totals["params_bytes"] == 4 * 138_357_544
    assert totals["unknown"] == []


def test_the_network_names_its_inputs_outputs_and_parameters() -> None:
    network = read_back(analyze(load("vgg16")))["network"]
    assert network["name"] == "VGG-16"
    assert network["inputs"] == [[224, 224, 3]]
    assert network["outputs"] == [[1, 1, 1000]]
    assert network["params"] == {"classes": 1000}


def test_the_field_of_the_network_comes_with_its_layer() -> None:
    field = read_back(analyze(load("vgg16")))["network"]["receptive_field"]
    assert field["layer"] == "pool5"
    assert field["size"] == [212, 212]
    assert field["stride"] == [32, 32]
    assert field["padding"] == [90, 90]


def test_a_layer_has_the_published_form() -> None:
    report = read_back(analyze(load("resnet50")))
    layer = layer_named(report, "layer1.0.conv2")
    # A 3x3 convolution of 64 on 64 channels at 56x56: 36,864 weights, 56·56 times as many multiply-adds.
    assert layer["op"] == "conv"
    assert layer["inputs"] == [[56, 56, 64]]
    assert layer["output"] == [56, 56, 64]
    assert layer["params"] == 36_864
    assert layer["macs"] == 36_864 * 56 * 56
    assert layer["flops"] == 2 * layer["macs"]
    assert layer["activations"] == 56 * 56 * 64
    assert layer["args"]["kernel"] == [3, 3]
    assert layer["args"]["bias"] is False
    # 7 at stride 2, pooled by 3 at stride 2: 11 at stride 4; 3x3 more: 19.
    field = layer["receptive_field"]
    assert field["size"] == [19, 19]
    assert field["stride"] == [4, 4]
    assert field["padding"] == [9, 9]
    assert field["centre"] == [0.0, 0.0]
    assert field["holes"] == [0, 0]
    assert field["global"] is False
    assert field["status"] == "exact"
    assert "phases" not in field


def test_a_collapsed_axis_has_a_size_and_no_stride() -> None:
    field = layer_named(read_back(analyze(load("vgg16"))), "fc6")["receptive_field"]
    assert field["size"] == [404, 404]
    assert field["stride"] == [None, None]
    assert field["collapsed"] == [True, True]


def test_a_loss_passes_nothing_on() -> None:
    layer = read_back(analyze(load("vgg16")))["layers"][-1]
    assert layer["op"] == "softmaxloss"
    assert layer["output"] is None
    assert layer["activations"] == 0


def test_a_field_with_phases_lists_each() -> None:
    report = read_back(analyze(read_expression("deconv f=2 s=3 d=1"), input="4x4x1"))
    field = report["layers"][0]["receptive_field"]
    # Output 3q and 3q + 1 read input q; 3q + 2 reads nothing.
    assert field["phases"] == [3, 3]
    assert field["sizes"] == [[1, 1, 0], [1, 1, 0]]
    assert field["offsets"] == [[0, 0, None], [0, 0, None]]
    assert field["size"] == [[0, 1], [0, 1]]
    assert field["stride"] == ["1/3", "1/3"]


def test_many_phases_are_counted_and_not_listed() -> None:
    report = read_back(analyze(read_expression("upsample size=65x64; upsample size=64x64"), input="64x63x1"))
    fields = [layer["receptive_field"] for layer in report["layers"]]
    assert fields[0]["phases"] == [65, 64]
    assert fields[0]["offsets"][0] is fields[0]["sizes"][0] is None
    assert len(fields[0]["offsets"][1]) == len(fields[0]["sizes"][1]) == 64


def test_holes_in_the_plane_are_not_counted_along_an_axis() -> None:
    cross = "input: 16x16x2\nlayers:\n  - add: [[conv f=1x7 p=0x3 d=2], [conv f=7x1 p=3x0 d=2]]\n"
    field = read_back(analyze(read_text(cross)))["layers"][-1]["receptive_field"]
    assert (field["status"], field["size"], field["holes"]) == ("extent", [7, 7], [None, None])


def test_several_inputs_have_a_field_each() -> None:
    text = """
    name: Two
    input: {left: 8x8x3, right: 8x8x3}
    layers:
      - conv f=3 p=1 d=4 from=left as a
      - conv f=5 p=2 d=4 from=right as b
      - concat from=a as both
    """
    report = read_back(analyze(read_text(text)))
    assert report["network"]["input_names"] == ["left", "right"]
    fields = layer_named(report, "b")["receptive_fields"]
    assert fields["left"] is None
    assert fields["right"]["size"] == [5, 5]
    assert layer_named(report, "b")["receptive_field"]["size"] == [5, 5]
    both = layer_named(report, "both")["receptive_fields"]
    assert (both["left"]["size"], both["right"]["size"]) == ([3, 3], [5, 5])


def test_one_input_needs_no_field_per_input() -> None:
    assert "receptive_fields" not in read_back(analyze(load("vgg16")))["layers"][0]


def test_unknown_figures_are_null_and_named() -> None:
    analysis = analyze(read_expression("conv f=3 d=4; relu"), input="8x8x3")
    first = analysis.layers[0]._replace(macs=None, work=None)
    layers = (first, *analysis.layers[1:])
    report = read_back(analysis._replace(layers=layers, totals=totals_of([[layer] for layer in layers])))
    assert report["layers"][0]["macs"] is None
    assert report["layers"][0]["flops"] is None
    assert report["layers"][0]["other_ops"] is None
    assert report["totals"]["unknown"] == ["conv1"]


def test_a_symbolic_number_is_its_text_and_its_terms() -> None:
    report = read_back(analyze(load("conv7x7")))
    assert report["totals"]["params"] == {
        "text": "49C²",
        "terms": [{"coefficient": 49, "powers": {"C": 2}}],
    }


def test_a_fraction_is_a_number_only_where_that_says_it_exactly() -> None:
    assert data_of(Fraction(3, 4)) == 0.75
    assert data_of(Fraction(1, 10_000)) == 0.0001
    assert data_of(Fraction(1, 3)) == "1/3"
    # More digits than a float holds.
    assert data_of(Fraction("0.12345678901234567891")) == "12345678901234567891/100000000000000000000"


def test_other_values_keep_their_kind() -> None:
    assert data_of(True) is True
    assert data_of(10**30) == 10**30
    assert data_of("same") == "same"
    assert data_of(((1, 1), (0, 1))) == [[1, 1], [0, 1]]
    assert data_of(SpanValue(0, 4)) == "0:4"
    assert data_of(None) is None
    assert data_of(Polynomial.symbol("C")) == {
        "text": "C",
        "terms": [{"coefficient": 1, "powers": {"C": 1}}],
    }


def test_json_is_read_back_as_it_was_and_is_ascii_where_asked() -> None:
    data = {"a": [1, [2, 3]], "b": {"c": {"d": "卷积", "e": []}}, "f": {}, "g": 10**40}
    assert json.loads(render_json(data)) == data
    text = render_json(data, "ascii")
    assert text.isascii()
    assert json.loads(text) == data


def test_buffers_of_layers_that_learn_nothing_are_counted_once_where_they_are_shared() -> None:
    text = "input: 4x4x8\nlayers: [bn affine=no as a, bn affine=no, bn affine=no weights=a]\n"
    analysis = analyze(read_text(text))
    assert [layer.buffers for layer in analysis.layers] == [16, 16, 0]
    assert (analysis.totals.buffers, analysis.totals.params) == (32, 0)
