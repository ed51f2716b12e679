"""Reading an ONNX file, without its weights and without any package.

A file is untrusted.  Nothing of it is run, no path in it is followed, and what is read of it has limits: so
many bytes (`wire.py`), nodes and graphs within graphs.  What is wrong is said with the byte and the node or
tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import unpack
from typing import Any

from rfcalc.errors import counted, in_file, mistake, quoted
from rfcalc.files import seekable
from rfcalc.importers.onnx.messages import (
    ATTRIBUTE,
    ATTRIBUTE_KINDS,
    ENTRY,
    FUNCTION,
    GRAPH,
    MODEL,
    NODE,
    VERSION,
)
from rfcalc.importers.onnx.model import (
    AttributeReference,
    AttributeValue,
    Function,
    Model,
    ModelGraph,
    ModelNode,
    StoredTensor,
)
from rfcalc.importers.onnx.scopes import NAME_SCOPES, listed_scopes, path_scopes
from rfcalc.importers.onnx.tensors import Infos, sparse_tensor, stored_tensor
from rfcalc.importers.onnx.wire import FIELD_BYTES, Range, Ranges, Wire, WireError, pairs

MOST_NODES = 1_000_000
MOST_DEPTH = 16
# Texts of attributes that are longer are programs of some accelerator, not words.
_LONGEST_TEXT = 2**16
# An attribute that is no longer is looked up among those that were read: most are written many times.
_SHORT = 128
_NAME_SCOPES = NAME_SCOPES.encode()
_KINDS = _FLOAT, _INT, _STRING, _TENSOR, _GRAPH, _FLOATS, _INTS, _STRINGS, _GRAPHS, _SPARSE_TENSOR = (
    *ATTRIBUTE_KINDS.values(),
)
# A number or a text that is nothing is not written by some.
_NOTHING: dict[int, AttributeValue] = {_FLOAT: 0.0, _INT: 0, _STRING: ""}


def read_model(path: str, *, given: bool = False) -> Model:
    """The model of an ONNX file, read where its structure is: a file of any size costs what its graph does.

    given: whether a user named the path, as in `files.bytes_of`.
    Raises UsageError where the file cannot be read, DescriptionError, with the byte, where it is damaged.
    """
    with seekable(path, given=given) as (read, size):
        return model_of(read, size)


def model_of(read: Callable[[int, int], bytes], size: int) -> Model:
    """The model in `size` bytes, which are read as `read(at, count)`; errors as of `read_model`."""
    try:
        return _ModelReader(Wire(read, size)).model()
    except WireError as error:
        place = ", ".join([f"byte {error.place:,}", *reversed(error.within)])
        raise mistake(str(error), in_file("", place)) from None


class _ModelReader:
    """What has been read of one file so far."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.infos = Infos(wire)
        self.nodes = 0
        self.attributes: dict[bytes, tuple[str, AttributeValue]] = {}

    def model(self) -> Model:
        record = self.wire.record((0, self.wire.size), MODEL)
        ir_version, producer, producer_version, graph, versions, functions = record
        if graph is None:
            what = "no graph: this is no ONNX model, though it may be another protocol buffer"
            raise WireError(0, what if self.wire.size else "the file is empty")
        return Model(
            f"{producer} {producer_version}".strip(),
            self._versions(versions, ir_version),
            self.graph(graph, 0),
            self._functions(functions),
        )

    def _versions(self, parts: Ranges, ir_version: int | None) -> Mapping[str, int]:
        versions: dict[str, int] = {}
        for part in pairs(parts):
            domain, version = self.wire.record(part, VERSION)
            versions[_own(domain)] = version or 0
        # Files from before there were versions mean the first.
        return versions if versions or (ir_version or 0) > 2 else {"": 1}

    def _functions(self, parts: Ranges) -> Mapping[str, Function]:
        functions: dict[str, Function] = {}
        for part in pairs(parts):
            record = self.wire.record(part, FUNCTION)
            name, inputs, outputs, attributes, nodes, domain, defaults, overload = record
            operator = _operator(domain, name, overload)
            try:
                if operator in functions:
                    raise WireError(part[0], "a second function of this name")
                functions[operator] = Function(
                    operator,
                    tuple(inputs),
                    tuple(outputs),
                    tuple(attributes),
                    self._nodes(nodes, dict.fromkeys(inputs, "an input"), 0),
                    self._attributes(defaults, 0),
                )
            except WireError as error:
                error.within.append(f"function {quoted(operator)}")
                raise
        return functions

    def graph(self, part: Range, depth: int) -> ModelGraph:
        """A graph, which stands in so many others."""
        if depth > MOST_DEPTH:
            raise WireError(part[0], f"graphs within graphs more than {MOST_DEPTH} deep, the limit")
        record = self.wire.record(part, GRAPH)
        nodes, name, tensors, inputs, outputs, known, sparse_tensors = record
        stored: dict[str, StoredTensor] = {}
        for read, parts in ((stored_tensor, tensors), (sparse_tensor, sparse_tensors)):
            for each in pairs(parts):
                tensor = read(self.wire, each)
                before = stored.setdefault(tensor.name, tensor)
                if before[:3] != tensor[:3]:
                    raise WireError(
                        each[0], f"a second tensor {quoted(tensor.name)}, of another size or type"
                    )
                # Some write a tensor twice, and the last counts.
                stored[tensor.name] = tensor
        made = dict.fromkeys(filter(None, stored), "a stored tensor")
        given = []
        for each in pairs(inputs):
            info = self.infos.info(each)
            # Old files list stored tensors among the inputs.
            if info.name not in stored:
                _make(made, info.name, "an input", each[0])
                given.append(info)
        results = tuple(map(self.infos.info, pairs(outputs)))
        said = {info.name: info for info in (*map(self.infos.info, pairs(known)), *results)}
        return ModelGraph(
            name=name,
            nodes=self._nodes(nodes, made, depth),
            stored=stored,
            inputs=tuple(given),
            outputs=results,
            known=said,
        )

    def _nodes(self, parts: Ranges, made: dict[str, str], depth: int) -> tuple[ModelNode, ...]:
        """The nodes of a graph; made: who makes the tensors that there are before, by name."""
        nodes: list[ModelNode] = []
        for part in pairs(parts):
            self.nodes += 1
            if self.nodes > MOST_NODES:
                raise WireError(part[0], f"more than {counted(MOST_NODES, 'node')}, the limit for one file")
            label = f"node {len(nodes)}"
            try:
                record = self.wire.record(part, NODE)
                inputs, outputs, name, kind, attributes, domain, overload, metadata = record
                if name:
                    label = f"node {quoted(name)}"
                if not kind:
                    raise WireError(part[0], "no type of operator (op_type)")
                node = ModelNode(
                    operator=_operator(domain, kind, overload),
                    inputs=tuple(inputs),
                    outputs=tuple(outputs),
                    attributes=self._attributes(attributes, depth),
                    name=name,
                    scopes=self._scopes(metadata) or path_scopes(name),
                    place=len(nodes),
                )
                for output in outputs:
                    _make(made, output, label, part[0])
            except WireError as error:
                error.within.append(label)
                raise
            nodes.append(node)
        return tuple(nodes)

    def _scopes(self, metadata: Ranges) -> tuple[str, ...]:
        for part in pairs(metadata):
            # Most entries are another, and some are long.
            if part[1] - part[0] > _LONGEST_TEXT or _NAME_SCOPES not in self.wire.content(part):
                continue
            key, value = self.wire.record(part, ENTRY)
            if key == NAME_SCOPES and value:
                return listed_scopes(self.wire.text(value))
        return ()

    def _attributes(self, parts: Ranges, depth: int) -> Mapping[str, AttributeValue]:
        attributes: dict[str, AttributeValue] = {}
        for part in pairs(parts):
            data = self.wire.content(part) if part[1] - part[0] <= _SHORT else b""
            found = self.attributes.get(data)
            if found is None:
                found = self._attribute(part, f"attribute {len(attributes)}", depth)
                # How deep a graph is depends on where it stands.
                if data and not _holds_graph(found[1]):
                    self.attributes[data] = found
            if found[0] in attributes:
                raise WireError(part[0], f"a second attribute {quoted(found[0])}")
            attributes[found[0]] = found[1]
        return attributes

    def _attribute(self, part: Range, label: str, depth: int) -> tuple[str, AttributeValue]:
        try:
            name, kind, reference, *values = self.wire.record(part, ATTRIBUTE)
            if not name:
                raise WireError(part[0], "an attribute without a name")
            label = f"attribute {quoted(name)}"
            if reference:
                return name, AttributeReference(reference)
            # In files from before there were kinds, it is of the one that it has a value of.
            kind = kind or next(
                (k for k, value in zip(_KINDS, values, strict=True) if value not in (None, ())), 0
            )
            value = self._value(kind, values[_KINDS.index(kind)], depth) if kind in _KINDS else None
        except WireError as error:
            error.within.append(label)
            raise
        return name, value

    def _value(self, kind: int, value: Any, depth: int) -> AttributeValue:
        """What an attribute of a kind is by the field of that kind, None or () where it is not there."""
        if kind == _FLOATS:
            data = b"".join(map(self.wire.content, pairs(value)))
            if len(data) % 4:
                raise WireError(value[0], f"{counted(len(data), 'byte')} of floats, expected 4 for each")
            self.wire.keep(FIELD_BYTES * len(data) // 4)
            return unpack(f"<{len(data) // 4}f", data)
        if kind == _INTS:
            return tuple(self.wire.numbers(value))
        if kind == _STRINGS:
            return tuple(map(self.wire.text, pairs(value)))
        if kind == _GRAPHS:
            return tuple(self.graph(part, depth + 1) for part in pairs(value))
        if value is None:
            return _NOTHING.get(kind)
        if kind == _STRING:
            return self.wire.text(value) if value[1] - value[0] <= _LONGEST_TEXT else None
        if kind == _TENSOR:
            return stored_tensor(self.wire, value)
        if kind == _SPARSE_TENSOR:
            return sparse_tensor(self.wire, value)
        if kind == _GRAPH:
            return self.graph(value, depth + 1)
        number: int | float = value
        return number


def _own(domain: str) -> str:
    """A domain, that of ONNX by its shorter name."""
    return "" if domain == "ai.onnx" else domain


def _operator(domain: str, name: str, overload: str) -> str:
    """An operator as nodes and functions name it: `domain::name:overload`, without what is empty."""
    domain = _own(domain)
    return (f"{domain}::" if domain else "") + name + (f":{overload}" if overload else "")


def _make(made: dict[str, str], name: str, maker: str, place: int) -> None:
    """Note who makes a tensor; raises WireError where another does."""
    if name in made:
        raise WireError(place, f"{maker} makes tensor {quoted(name)}, which {made[name]} makes too")
    if name:
        made[name] = maker


def _holds_graph(value: AttributeValue) -> bool:
    return isinstance(value, ModelGraph) or (
        isinstance(value, tuple) and any(isinstance(part, ModelGraph) for part in value)
    )
