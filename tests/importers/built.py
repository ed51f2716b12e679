"""ONNX models made for a test, and the lines that they become."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from rfcalc.importers.onnx.importing import read
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.writing.flat import flat

Shape = Sequence[int | str | None]


def weight(name: str, *lengths: int, element: Any = np.float32) -> onnx.TensorProto:
    """A stored tensor."""
    return numpy_helper.from_array(np.full(lengths, 0.5).astype(element), name)


def constant(name: str, values: Any, element: Any = np.int64) -> onnx.TensorProto:
    """A stored tensor of these values."""
    return numpy_helper.from_array(np.array(values, dtype=element), name)


def node(operator: str, inputs: str, outputs: str, **attributes: Any) -> onnx.NodeProto:
    """A node; names are separated by blanks, `-` is one left out."""
    names = [["" if name == "-" else name for name in text.split()] for text in (inputs, outputs)]
    return helper.make_node(operator, *names, **attributes)


def model(
    nodes: Sequence[onnx.NodeProto],
    stored: Sequence[onnx.TensorProto] = (),
    *,
    x: Shape = (1, 3, 16, 16),
    output: str = "y",
    version: int = 17,
    inputs: Sequence[tuple[str, Shape]] | None = None,
    element: int = TensorProto.FLOAT,
    functions: Sequence[onnx.FunctionProto] = (),
    known: Sequence[onnx.ValueInfoProto] = (),
) -> onnx.ModelProto:
    """A model of one input `x` and one output."""
    given = [("x", x)] if inputs is None else inputs
    graph = helper.make_graph(
        list(nodes),
        "test",
        [helper.make_tensor_value_info(name, element, lengths) for name, lengths in given],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in output.split()],
        list(stored),
        value_info=list(known),
    )
    imports = [helper.make_opsetid("", version), helper.make_opsetid("com.microsoft", 1)]
    imports += [helper.make_opsetid(function.domain, 1) for function in functions]
    return helper.make_model(graph, opset_imports=imports, functions=list(functions))


def imported(made: onnx.ModelProto, **inputs: tuple[int, ...]) -> ImportedNetwork:
    """The network of a model; inputs: sizes by name, `only` for the only one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(made.SerializeToString())
        return read(
            str(path), "model", {name.removeprefix("only"): size for name, size in inputs.items()}, {}
        )


def lines(made: onnx.ModelProto, **inputs: tuple[int, ...]) -> list[str]:
    """The layers of the description that a model becomes, without their names."""
    text = flat(imported(made, **inputs)).text
    layers = text.partition("layers:\n")[2].partition("\noutputs:")[0]
    return [line.removeprefix("  - ").partition(" as ")[0] for line in layers.splitlines()]
