"""The number formats of parameters and of outputs, as a file's own element types state them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from built import constant, imported, model, node, weight
from onnx import TensorProto

from rfcalc import analyze, load
from rfcalc.cli.main import main
from rfcalc.units import NumberFormats

QUANTISED = Path(__file__).parents[1] / "data" / "onnx" / "quantised"
# By hand: convolutions of 3x3 from 3 to 8 and from 8 to 8 channels at 16x16, then 8 x 10 weights.
PARAMS = (27 * 8 + 8) + (72 * 8 + 8) + 80
MACS = 256 * 8 * 27 + 256 * 8 * 72 + 80
# The outputs of two convolutions, their sum, the pooling and the product; and of two activations, which the
# static forms have within the range that their quantisers cut to.
STATIC = 3 * 256 * 8 + 8 + 10
ACTIVATIONS = STATIC + 2 * 256 * 8


def elements(*arguments: Any, **options: Any) -> tuple[str, str]:
    return tuple(imported(model(*arguments, **options)).elements)


@pytest.mark.parametrize(
    ("element", "name"), [(np.float32, "float32"), (np.float16, "float16"), (np.float64, "double")]
)
def test_a_model_of_one_type_is_of_that_type(element: Any, name: str) -> None:
    given = {np.float32: TensorProto.FLOAT, np.float16: TensorProto.FLOAT16, np.float64: TensorProto.DOUBLE}
    stored = [weight("a.weight", 8, 3, 3, 3, element=element), constant("s.scale", [0.5], np.float32)]
    found = elements([node("Conv", "x a.weight", "y")], stored, element=given[element])
    assert found == (name.replace("double", "float64"),) * 2


def test_a_few_values_of_another_type_change_nothing() -> None:
    stored = [weight("a.weight", 8, 3, 3, 3), weight("a.bias", 8, element=np.float64)]
    assert elements([node("Conv", "x a.weight a.bias", "y")], stored) == ("float32", "float32")


def test_weights_that_are_cast_where_they_are_read_keep_their_type() -> None:
    nodes = [node("Cast", "half", "w", to=TensorProto.FLOAT), node("Conv", "x w", "y")]
    assert elements(nodes, [weight("half", 8, 3, 3, 3, element=np.float16)]) == ("float16", "float32")


def test_outputs_are_cast_before_they_are_convolved() -> None:
    nodes = [node("Cast", "x", "h", to=TensorProto.FLOAT16), node("Conv", "h w", "y")]
    assert elements(nodes, [weight("w", 8, 3, 3, 3, element=np.float16)]) == ("float16", "float16")


def test_weights_alone_are_quantised() -> None:
    nodes = [node("DequantizeLinear", "small s z", "w"), node("Conv", "x w", "y")]
    stored = [weight("small", 8, 3, 3, 3, element=np.int8)]
    stored += [constant("s", 0.5, np.float32), constant("z", 0, np.int8)]
    assert elements(nodes, stored) == ("int8", "float32")


def test_what_is_quantised_without_a_zero_point_has_no_sign() -> None:
    nodes = [
        node("Conv", "x v", "a"),
        node("QuantizeLinear", "a s", "q"),
        node("DequantizeLinear", "q s", "d"),
    ]
    stored = [weight("v", 8, 3, 3, 3), constant("s", 0.5, np.float32), weight("w", 4, 8, 1, 1)]
    assert elements([*nodes, node("Conv", "d w", "y")], stored) == ("float32", "uint8")


@pytest.mark.parametrize(
    ("form", "formats", "activations"),
    [
        ("none", NumberFormats("fp32", "fp32"), ACTIVATIONS),
        ("dynamic", NumberFormats("int8", "fp32"), ACTIVATIONS),
        ("qdq", NumberFormats("int8", "int8"), STATIC),
        ("operators", NumberFormats("int8", "int8"), STATIC),
    ],
)
def test_forms_that_a_quantiser_writes_are_of_one_network(
    form: str, formats: NumberFormats, activations: int
) -> None:
    description = load(QUANTISED / f"{form}.onnx")
    assert description.imported is not None
    assert description.imported.dtype == formats
    totals = analyze(description).totals
    assert (totals.params, totals.macs, totals.activations) == (PARAMS, MACS, activations)


@pytest.mark.parametrize(
    ("form", "given", "memory"),
    [
        ("none", (), 4 * PARAMS + 4 * ACTIVATIONS),
        ("dynamic", (), PARAMS + 4 * ACTIVATIONS),
        ("qdq", (), PARAMS + STATIC),
        ("qdq", ("--dtype", "fp16"), 2 * PARAMS + 2 * STATIC),
        ("none", ("--dtype", "int8/fp16"), PARAMS + 2 * ACTIVATIONS),
    ],
)
def test_memory_is_counted_in_the_types_of_the_file_unless_others_are_given(
    form: str, given: tuple[str, ...], memory: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(QUANTISED / f"{form}.onnx")
    assert main([file, "--columns", "name,memory", "--format", "json", *given]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["memory"] == memory
