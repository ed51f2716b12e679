"""What an ONNX file holds, as far as it matters here: the graph, and no weights.

Names and numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/docs/IR.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rfcalc.records import NamedTuple

# A length: a number, the name of a dynamic one, or None where nothing is said.
StatedLength: TypeAlias = int | str | None


class StoredTensor(NamedTuple):
    """A tensor of the file.

    lengths: its size.  element: its element type, such as `float32`, `int64`, `int8`.
    values: its elements in row order where they are few and stand in the file itself, else None.
    """

    name: str
    lengths: tuple[int, ...]
    element: str
    values: tuple[int | float | bool, ...] | None = None


class TensorInfo(NamedTuple):
    """What the file says of a tensor that is computed or given; lengths: None where it states no rank."""

    name: str
    element: str
    lengths: tuple[StatedLength, ...] | None


class ModelNode(NamedTuple):
    """One node.

    operator: its type, with its domain before a `::` where that is not ONNX's own
    (`com.microsoft::FusedConv`).  inputs, outputs: names of tensors, "" for one that is left out.
    scopes: the modules it stands in, from the outermost, where an exporter says so
    (`pkg.torch.onnx.name_scopes`).  place: its number among the nodes of its graph.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, AttributeValue]
    name: str = ""
    scopes: tuple[str, ...] = ()
    place: int = 0


class ModelGraph(NamedTuple):
    """A graph: nodes in the order of the file; stored: its initialisers, by name.

    inputs: what is given when it runs, initialisers left out.  known: what the file says of tensors that are
    computed, by name (`value_info` and the outputs).
    """

    name: str
    nodes: tuple[ModelNode, ...]
    stored: Mapping[str, StoredTensor]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    known: Mapping[str, TensorInfo]


class Function(NamedTuple):
    """An operator that the file defines by nodes; attributes: the names of those that a call gives."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[str, ...]
    nodes: tuple[ModelNode, ...]
    defaults: Mapping[str, AttributeValue]


class AttributeReference(NamedTuple):
    """An attribute whose value is that of an attribute of the function's call."""

    attribute: str


AttributeValue: TypeAlias = (
    int
    | float
    | str
    | StoredTensor
    | ModelGraph
    | AttributeReference
    | tuple[int, ...]
    | tuple[float, ...]
    | tuple[str, ...]
    | tuple[ModelGraph, ...]
    | None
)


class Model(NamedTuple):
    """An ONNX file; versions: that of each set of operators, by domain ("" is ONNX's own)."""

    producer: str
    versions: Mapping[str, int]
    graph: ModelGraph
    functions: Mapping[str, Function]
