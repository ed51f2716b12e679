"""Calls on constants, carried out: sizes and elements are those that ONNX's own evaluation gives.

Exporters write the arithmetic of shapes as nodes, so an element that is wrong here is a layer of the wrong
size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from built import node
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from rfcalc.importers.onnx.following import Follower
from rfcalc.importers.onnx.reading import model_of
from rfcalc.importers.tracing.known import Known

Array = NDArray[Any]
COUNTED = np.arange(24).reshape(2, 3, 4)
MIXED = np.array([[7, -7, 5], [-6, 0, 1]])
REAL = np.array([[0.5, 1.5, -2.5], [-0.25, 2.0, 3.75]], np.float32)
TRUTH = np.array([[True, False, True], [False, False, True]])
KEPT = np.array([[True], [False]])


def numbers(*values: int) -> Array:
    return np.array(values, np.int64)


def compare(nodes: list[Any], stored: Mapping[str, Array], version: int = 18) -> int:
    """Carry nodes out on constants, twice; returns how many results have elements that are known."""
    names = [name for each in nodes for name in each.output if name]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 5, 7))],
        [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in names],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in stored.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=10)
    expected = ReferenceEvaluator(made).run(None, {"x": np.zeros((1, 3, 5, 7), np.float32)})
    data = made.SerializeToString()
    model = model_of(lambda start, count: data[start : start + count], len(data))
    follower = Follower(model, trusted=False)
    tensors = follower.graph(model.graph, {"x": Known((1, 3, 5, 7), "float32")})
    known = 0
    for name, wanted in zip(names, expected, strict=True):
        found = tensors[name]
        assert isinstance(found, Known)
        assert found.lengths == np.shape(wanted), name
        if found.values is not None:
            known += 1
            np.testing.assert_allclose(np.array(found.values), np.ravel(wanted), rtol=1e-6, err_msg=name)
    return known


ONE = [
    *[
        (name, "a b", {"a": MIXED, "b": numbers(2, -3, 4)}, {})
        for name in ("Add", "Sub", "Mul", "Div", "Mod")
    ],
    *[(name, "a b", {"a": MIXED, "b": MIXED[::-1]}, {}) for name in ("Min", "Max")],
    *[(name, "a b", {"a": MIXED, "b": numbers(5)}, {}) for name in ("Equal", "Less", "Greater")],
    *[(name, "a b", {"a": MIXED, "b": numbers(5)}, {}) for name in ("LessOrEqual", "GreaterOrEqual")],
    *[(name, "a b", {"a": TRUTH, "b": KEPT}, {}) for name in ("And", "Or", "Xor")],
    *[(name, "a", {"a": REAL}, {}) for name in ("Abs", "Neg", "Floor", "Ceil", "Round", "Relu", "Exp")],
    *[(name, "a", {"a": REAL}, {}) for name in ("Erf", "Sigmoid", "Tanh", "Reciprocal", "Sin", "Cos")],
    *[(name, "a", {"a": np.abs(REAL)}, {}) for name in ("Sqrt", "Log")],
    ("Div", "a b", {"a": REAL, "b": REAL[:, :1]}, {}),
    ("Mod", "a b", {"a": MIXED, "b": numbers(2, -3, 4)}, {"fmod": 1}),
    ("Mod", "a b", {"a": REAL, "b": REAL[:1] * 0.3}, {"fmod": 1}),
    ("Pow", "a b", {"a": MIXED, "b": numbers(3)}, {}),
    ("Not", "a", {"a": TRUTH}, {}),
    ("Where", "c a b", {"c": TRUTH, "a": MIXED, "b": numbers(9)}, {}),
    ("Cast", "a", {"a": REAL}, {"to": TensorProto.INT64}),
    ("Cast", "a", {"a": REAL}, {"to": TensorProto.INT8}),
    ("Cast", "a", {"a": np.abs(REAL)}, {"to": TensorProto.UINT8}),
    ("Cast", "a", {"a": MIXED}, {"to": TensorProto.BOOL}),
    ("Cast", "a", {"a": MIXED}, {"to": TensorProto.DOUBLE}),
    *[(f"Reduce{n}", "a b", {"a": COUNTED, "b": numbers(-1, 0)}, {"keepdims": 0}) for n in ("Sum", "Prod")],
    *[(f"Reduce{n}", "a b", {"a": COUNTED, "b": numbers(1)}, {}) for n in ("Max", "Min")],
    ("ReduceMean", "a b", {"a": REAL, "b": numbers(0)}, {"keepdims": 0}),
    ("ReduceL2", "a", {"a": REAL}, {"keepdims": 0}),
    ("ReduceSum", "a", {"a": MIXED}, {"noop_with_empty_axes": 1}),
    ("Reshape", "a b", {"a": COUNTED, "b": numbers(0, -1, 2)}, {}),
    ("Flatten", "a", {"a": COUNTED}, {"axis": -1}),
    ("Flatten", "a", {"a": COUNTED}, {"axis": 0}),
    ("Flatten", "a", {"a": COUNTED}, {"axis": 3}),
    ("Transpose", "a", {"a": COUNTED}, {"perm": [1, 2, 0]}),
    ("Transpose", "a", {"a": COUNTED}, {}),
    ("Squeeze", "a", {"a": COUNTED.reshape(1, 2, 1, 12)}, {}),
    ("Squeeze", "a b", {"a": COUNTED.reshape(1, 2, 1, 12), "b": numbers(-2)}, {}),
    ("Unsqueeze", "a b", {"a": COUNTED, "b": numbers(-1, 1)}, {}),
    *[
        ("Gather", "a b", {"a": COUNTED, "b": np.array([[1, -1], [0, 1]])}, {"axis": axis})
        for axis in (0, 1, -1)
    ],
    ("Gather", "a b", {"a": COUNTED, "b": np.array(-2)}, {"axis": 2}),
    *[("Concat", "a b", {"a": COUNTED, "b": COUNTED + 50}, {"axis": axis}) for axis in (0, 1, -1)],
    ("Concat", "a b", {"a": COUNTED, "b": COUNTED[:, :1]}, {"axis": 1}),
    ("Slice", "a s e", {"a": COUNTED, "s": numbers(0, 1), "e": numbers(1, 3)}, {}),
    (
        "Slice",
        "a s e x1 t",
        {
            "a": COUNTED,
            "s": numbers(-1, 0),
            "e": numbers(-(2**62), 2**62),
            "x1": numbers(-1, 1),
            "t": numbers(-2, 2),
        },
        {},
    ),
    ("Expand", "a b", {"a": COUNTED[:, :1], "b": numbers(3, 1)}, {}),
    ("Expand", "a b", {"a": MIXED, "b": numbers(2, 1, 3)}, {}),
    ("Tile", "a b", {"a": MIXED, "b": numbers(2, 3)}, {}),
    ("Tile", "a b", {"a": COUNTED, "b": numbers(1, 2, 1)}, {}),
    ("Range", "a b c", {"a": np.array(2), "b": np.array(11), "c": np.array(3)}, {}),
    ("Range", "a b c", {"a": np.array(5), "b": np.array(-1), "c": np.array(-2)}, {}),
    ("Range", "a b c", {"a": np.array(5), "b": np.array(5), "c": np.array(1)}, {}),
    ("Shape", "x", {}, {}),
    ("Shape", "x", {}, {"start": -2}),
    ("Shape", "x", {}, {"start": 1, "end": -1}),
    ("Shape", "x", {}, {"end": 2}),
    ("Size", "a", {"a": COUNTED}, {}),
    (
        "ConstantOfShape",
        "a",
        {"a": numbers(2, 3)},
        {"value": helper.make_tensor("v", TensorProto.INT64, [1], [7])},
    ),
    ("ConstantOfShape", "a", {"a": numbers(2, 3)}, {}),
    ("NonZero", "a", {"a": numbers(0, 3, 0, 5)}, {}),
    ("Identity", "a", {"a": COUNTED}, {}),
    ("Constant", "", {}, {"value_ints": [3, 4]}),
    ("Constant", "", {}, {"value_float": 2.5}),
]


@pytest.mark.parametrize(
    ("operator", "inputs", "stored", "attributes"), ONE, ids=[f"{one[0]}-{n}" for n, one in enumerate(ONE)]
)
def test_a_call_on_constants_has_the_elements_that_onnx_gives(
    operator: str, inputs: str, stored: dict[str, Array], attributes: dict[str, Any]
) -> None:
    assert compare([node(operator, inputs, "y", **attributes)], stored) == 1


@pytest.mark.parametrize(
    ("stored", "outputs", "attributes"),
    [
        ({"a": COUNTED}, "p q", {"axis": 2, "num_outputs": 2}),
        ({"a": COUNTED}, "p q", {"axis": 1, "num_outputs": 2}),
        ({"a": COUNTED, "b": numbers(1, 3)}, "p q", {"axis": -1}),
        ({"a": COUNTED, "b": numbers(1, 1)}, "p q", {}),
    ],
)
def test_parts_of_constants_are_those_that_onnx_gives(
    stored: dict[str, Array], outputs: str, attributes: dict[str, Any]
) -> None:
    assert compare([node("Split", " ".join(stored), outputs, **attributes)], stored) == 2


def test_of_other_calls_the_sizes_are_known() -> None:
    stored = {
        "a": COUNTED.astype(np.float32),
        "p": numbers(1, 0, 2, 0, 3, 1),
        "m": COUNTED[0].T.astype(np.float32),
    }
    stored |= {"i": np.array([[0, 1], [1, 2], [1, 0]]), "g": np.zeros((2, 2, 4), np.int64)}
    calls = [
        node("Pad", "a p", "y1"),
        node("MatMul", "m a", "y2"),
        node("GatherND", "a i", "y3"),
        node("GatherElements", "a g", "y4", axis=1),
        node("Trilu", "a", "y5"),
    ]
    assert compare(calls, stored) == 0
