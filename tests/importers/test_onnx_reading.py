"""What is read of an ONNX file, against the `onnx` package as oracle."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnx_oracle
import pytest
from damage import number
from onnx import TensorProto, helper, numpy_helper

from rfcalc import files
from rfcalc.errors import UsageError
from rfcalc.importers.onnx import reading
from rfcalc.importers.onnx.model import AttributeReference, Model, ModelGraph, StoredTensor, TensorInfo
from rfcalc.importers.onnx.reading import read_model
from rfcalc.importers.onnx.wire import PIECE

KEPT = sorted((Path(__file__).parents[1] / "data" / "onnx").glob("*.onnx"))
LIGHT = sorted((Path(onnx.__file__).parent / "backend" / "test" / "data" / "light").glob("*.onnx"))
ELEMENTS = sorted(set(TensorProto.DataType.values()) - {TensorProto.UNDEFINED})


def model_of(data: bytes) -> Model:
    return reading.model_of(lambda at, count: data[at : at + count], len(data))


x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)


def built(nodes: list[onnx.NodeProto], initializer: tuple = (), **options: object) -> onnx.ModelProto:
    """A model of these nodes from `x` to `y`."""
    graph = helper.make_graph(nodes, "g", [x], [y], list(initializer))
    return helper.make_model(graph, **options)


def read(model: onnx.ModelProto) -> Model:
    """What is read of a model, which the oracle says too."""
    data = model.SerializeToString()
    found = model_of(data)
    # Two numbers that are none are not equal, but alike.
    assert repr(found) == repr(onnx_oracle.model(data))
    return found


def stored(tensor: onnx.TensorProto) -> StoredTensor:
    (found,) = read(built([helper.make_node("Relu", ["x"], ["y"])], (tensor,))).graph.stored.values()
    return found


# Real files


def test_there_are_files_of_both_exporters_and_of_older_programs() -> None:
    assert {path.stem.rpartition("-")[2] for path in KEPT} == {"legacy", "dynamo"}
    assert len(KEPT) > 25
    assert len(LIGHT) == 9


@pytest.mark.parametrize("path", KEPT + LIGHT, ids=lambda path: path.stem)
def test_a_file_is_read_as_the_onnx_package_reads_it(path: Path) -> None:
    assert repr(read_model(str(path))) == repr(onnx_oracle.model(path.read_bytes()))


def test_both_exporters_say_which_module_a_convolution_stands_in() -> None:
    def scopes(exporter: str) -> list[tuple[str, ...]]:
        (path,) = (path for path in KEPT if path.name == f"unet3-{exporter}.onnx")
        return [node.scopes for node in read_model(str(path)).graph.nodes if node.operator == "Conv"]

    assert scopes("legacy") == scopes("dynamo")
    assert scopes("legacy")[:2] == [("e1", "e1.0"), ("e1", "e1.2")]


def test_a_known_network_has_its_parts() -> None:
    (path,) = (path for path in KEPT if path.name == "resnet18-legacy.onnx")
    model = read_model(str(path))
    assert model.producer.startswith("pytorch 2.")
    assert model.versions == {"": 17}
    graph = model.graph
    assert graph.inputs == (TensorInfo("input", "float32", (1, 3, 224, 224)),)
    assert graph.outputs == (TensorInfo("191", "float32", (1, 1000)),)
    assert graph.stored["fc.weight"] == StoredTensor("fc.weight", (1000, 512), "float32", None)
    first = graph.nodes[0]
    assert (first.operator, first.name, first.place, first.scopes) == ("Conv", "/conv1/Conv", 0, ("conv1",))
    assert first.attributes == {
        "dilations": (1, 1),
        "group": 1,
        "kernel_shape": (7, 7),
        "pads": (3, 3, 3, 3),
        "strides": (2, 2),
    }


# Nodes, attributes, functions


def test_every_kind_of_attribute_is_read() -> None:
    tensor = numpy_helper.from_array(np.array([1, -2], np.int64), "t")
    inner = helper.make_graph([helper.make_node("Relu", ["x"], ["z"])], "inner", [], [y])
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(np.array([5.0], np.float32), "values"),
        numpy_helper.from_array(np.array([3], np.int64), "indices"),
        [7],
    )
    values = {
        "f": 0.1,
        "i": -3,
        "large": 2**62,
        "s": "text",
        "bytes": b"\xff\x00",
        "t": tensor,
        "g": inner,
        "floats": [0.5, float("inf")],
        "ints": [-1, 2**40, 0],
        "strings": ["a", ""],
        "tensors": [tensor],
        "graphs": [inner, inner],
        "sparse": sparse,
        "sparses": [sparse],
        "type": y.type,
        "types": [y.type, y.type],
    }
    node = helper.make_node("Mine", ["x"], ["y"], domain="com.mine", **values)
    for name, kind in (("none", onnx.AttributeProto.INTS), ("zero", onnx.AttributeProto.INT)):
        node.attribute.append(helper.make_attribute(name, [] if name == "none" else 0, attr_type=kind))
    attributes = read(built([node])).graph.nodes[0].attributes
    assert attributes["f"] == struct.unpack("f", struct.pack("f", 0.1))[0]
    assert (attributes["i"], attributes["large"], attributes["ints"]) == (-3, 2**62, (-1, 2**40, 0))
    assert (attributes["s"], attributes["bytes"], attributes["strings"]) == ("text", "\ufffd\0", ("a", ""))
    assert attributes["t"] == StoredTensor("t", (2,), "int64", (1, -2))
    assert isinstance(attributes["g"], ModelGraph)
    assert attributes["graphs"] == (attributes["g"], attributes["g"])
    assert attributes["sparse"] == StoredTensor("values", (7,), "float32")
    assert (attributes["none"], attributes["zero"]) == ((), 0)
    assert attributes["tensors"] is attributes["type"] is attributes["types"] is None


def test_an_attribute_of_a_file_from_before_there_were_kinds_is_of_that_of_its_value() -> None:
    for given, value in ((3, 3), (0, 0), (0.5, 0.5), ("s", "s"), ([1, 2], (1, 2)), ([0.5], (0.5,))):
        node = helper.make_node("Mine", ["x"], ["y"], a=given)
        node.attribute[0].ClearField("type")
        data = built([node]).SerializeToString()
        assert model_of(data).graph.nodes[0].attributes == {"a": value}


def test_the_program_of_an_accelerator_in_an_attribute_stays_where_it_is() -> None:
    node = helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft", cache=b"\0" * 2**20)
    node = model_of(built([node]).SerializeToString()).graph.nodes[0]
    assert (node.operator, node.attributes) == ("com.microsoft::EPContext", {"cache": None})


def test_functions_are_read_with_their_references_and_defaults() -> None:
    relu = helper.make_node("LeakyRelu", ["a"], ["b"])
    relu.attribute.add(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope")
    versions = [helper.make_opsetid("", 20), helper.make_opsetid("my", 1)]
    function = helper.make_function(
        "my", "Act", ["a"], ["b"], [relu], versions, ["slope"], [helper.make_attribute("other", 2)]
    )
    overloaded = helper.make_function("my", "Act", ["a"], ["b"], [relu], versions, ["slope"], overload="two")
    call = helper.make_node("Act", ["x"], ["z"], domain="my", slope=0.5)
    other = helper.make_node("Act", ["z"], ["y"], domain="my", overload="two", slope=0.5)
    model = read(built([call, other], opset_imports=versions, functions=[function, overloaded]))
    assert model.versions == {"": 20, "my": 1}
    assert list(model.functions) == ["my::Act", "my::Act:two"]
    assert [node.operator for node in model.graph.nodes] == ["my::Act", "my::Act:two"]
    found = model.functions["my::Act"]
    assert (found.attributes, found.defaults) == (("slope",), {"other": 2})
    assert found.nodes[0].attributes == {"alpha": AttributeReference("slope")}


def test_the_domain_of_onnx_has_one_name() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], domain="ai.onnx")
    model = read(built([node], opset_imports=[helper.make_opsetid("ai.onnx", 18)]))
    assert (model.graph.nodes[0].operator, model.versions) == ("Relu", {"": 18})


def test_nodes_keep_the_order_of_the_file_and_leave_operands_out() -> None:
    late = helper.make_node("Clip", ["z", "", "x"], ["y"])
    model = read(built([late, helper.make_node("Relu", ["x"], ["z", ""])]))
    assert [node.operator for node in model.graph.nodes] == ["Clip", "Relu"]
    assert model.graph.nodes[0].inputs == ("z", "", "x")


# Tensors


@pytest.mark.parametrize("number", ELEMENTS, ids=TensorProto.DataType.Name)
@pytest.mark.parametrize("raw", [False, True])
def test_tensors_of_every_type_are_read(number: int, raw: bool) -> None:
    values = [b"a", b"", b"c"] if number == TensorProto.STRING else [1, 0, 1]
    tensor = helper.make_tensor("t", number, [3], values)
    if raw and number != TensorProto.STRING:
        tensor = numpy_helper.from_array(numpy_helper.to_array(tensor), "t")
        assert tensor.raw_data
    found = stored(tensor)
    assert found.lengths == (3,)
    name = TensorProto.DataType.Name(number)
    if "INT" in name or name in ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "BOOL"):
        assert found.values == (1, 0, 1)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (TensorProto.FLOAT, [0.1, -0.0, float("inf"), float("nan")]),
        (TensorProto.FLOAT16, [0.1, -2.0]),
        (TensorProto.BFLOAT16, [0.1, -2.0]),
        (TensorProto.DOUBLE, [0.1, -1e300]),
        (TensorProto.INT64, [-(2**63), 2**63 - 1, -1]),
        (TensorProto.UINT64, [2**64 - 1, 0]),
        (TensorProto.INT8, [-128, 127]),
        (TensorProto.UINT16, [65535, 0]),
        (TensorProto.INT4, [-8, 7, -1, 0, 3]),
        (TensorProto.UINT4, [15, 0, 1]),
        (TensorProto.INT2, [-2, -1, 0, 1, -2]),
        (TensorProto.UINT2, [3, 2, 1, 0, 3]),
    ],
    ids=str,
)
@pytest.mark.parametrize("raw", [False, True])
def test_values_at_the_ends_of_their_types_are_read(kind: int, values: list, raw: bool) -> None:
    tensor = helper.make_tensor("t", kind, [len(values)], values)
    if raw:
        tensor = numpy_helper.from_array(numpy_helper.to_array(tensor), "t")
    found = stored(tensor).values
    assert found is not None
    if all(isinstance(value, int) for value in values):
        assert found == tuple(values)


def test_scalars_empty_tensors_and_files_without_weights_are_read() -> None:
    assert stored(numpy_helper.from_array(np.array(3, np.int64), "t")).values == (3,)
    assert stored(numpy_helper.from_array(np.zeros((2, 0), np.float32), "t")).values == ()
    stripped = TensorProto(name="t", dims=[2, 3], data_type=TensorProto.FLOAT, raw_data=b"")
    assert stored(stripped) == StoredTensor("t", (2, 3), "float32", None)


def test_values_that_are_not_all_of_a_tensor_are_left_alone() -> None:
    # What is here of one whose data are elsewhere, and of one that is cut into segments, is not what counts.
    elsewhere = helper.make_tensor("t", TensorProto.INT64, [2], [1, 2])
    elsewhere.data_location = TensorProto.EXTERNAL
    assert stored(elsewhere).values is None
    segment = helper.make_tensor("t", TensorProto.INT64, [2], [1, 2])
    segment.segment.end = 2
    data = built([helper.make_node("Relu", ["x"], ["y"])], (segment,)).SerializeToString()
    assert model_of(data).graph.stored == {"t": StoredTensor("t", (2,), "int64", None)}


def test_values_of_large_tensors_are_left_alone() -> None:
    assert stored(numpy_helper.from_array(np.arange(4096), "t")).values == tuple(range(4096))
    assert stored(numpy_helper.from_array(np.arange(4097), "t")).values is None
    typed = helper.make_tensor("t", TensorProto.INT32, [4097], [1] * 4097)
    assert stored(typed) == StoredTensor("t", (4097,), "int32", None)


def test_numbers_are_read_packed_and_not() -> None:
    def model(tensor: bytes) -> bytes:
        """A model with one initialiser."""
        graph = b"\x2a" + bytes([len(tensor)]) + tensor
        return b"\x08\x08\x3a" + bytes([len(graph)]) + graph

    lengths, kind, name = b"\x08\x02\x08\x01", b"\x10\x07", b"\x42\x01t"
    packed = model(b"\x0a\x02\x02\x01" + kind + b"\x3a\x03\x05\xac\x02" + name)
    alone = model(lengths + kind + b"\x38\x05\x38\xac\x02" + name)
    mixed = model(lengths + b"\x3a\x01\x05" + kind + b"\x38\xac\x02" + name)
    for data in (packed, alone, mixed):
        assert model_of(data).graph.stored == {"t": StoredTensor("t", (2, 1), "int64", (5, 300))}
        assert repr(model_of(data)) == repr(onnx_oracle.model(data))


def test_sparse_tensors_have_their_size_and_no_values() -> None:
    model = built([helper.make_node("Relu", ["x"], ["y"])])
    values = numpy_helper.from_array(np.array([1.0], np.float32), "w")
    indices = numpy_helper.from_array(np.array([5], np.int64), "i")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [3, 4]))
    assert read(model).graph.stored == {"w": StoredTensor("w", (3, 4), "float32")}


@pytest.mark.parametrize("location", ["/etc/passwd", "../../w.bin", "w.bin", "\0", "CON"])
def test_data_in_another_file_are_never_looked_for(location: str, tmp_path: Path) -> None:
    # So no path is harmful, and the file need not be there.
    tensor = TensorProto(name="t", dims=[2], data_type=TensorProto.FLOAT)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    (tmp_path / "w.bin").write_bytes(b"\0" * 8)
    path = tmp_path / "m.onnx"
    path.write_bytes(built([helper.make_node("Add", ["x", "t"], ["y"])], (tensor,)).SerializeToString())
    with files.keeping():
        assert read_model(str(path)).graph.stored == {"t": StoredTensor("t", (2,), "float32", None)}
        files.refuse_kept(str(tmp_path / "w.bin"))
        with pytest.raises(UsageError, match="is read by this command"):
            files.refuse_kept(str(path))


# What a graph is given and gives


def test_stored_tensors_among_the_inputs_of_an_old_file_are_no_inputs() -> None:
    model = built([helper.make_node("Add", ["x", "w"], ["y"])])
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(2, np.float32), "w"))
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [2]))
    assert [info.name for info in read(model).graph.inputs] == ["x"]


def test_lengths_are_numbers_names_or_not_known() -> None:
    model = built([helper.make_node("Relu", ["x"], ["y"])])
    model.graph.input[0].CopyFrom(
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, None, -1, 0])
    )
    said = [
        helper.make_tensor_value_info("a", TensorProto.INT4, []),
        helper.make_tensor_sequence_value_info("b", TensorProto.FLOAT, [1]),
        onnx.ValueInfoProto(name="c"),
        helper.make_sparse_tensor_value_info("d", TensorProto.DOUBLE, [5]),
    ]
    model.graph.value_info.extend(said)
    graph = read(model).graph
    assert graph.inputs[0].lengths == ("N", 3, None, None, 0)
    assert graph.known == {
        "a": TensorInfo("a", "int4", ()),
        "b": TensorInfo("b", "", None),
        "c": TensorInfo("c", "", None),
        "d": TensorInfo("d", "float64", (5,)),
        "y": TensorInfo("y", "float32", None),
    }


def test_a_file_from_before_there_were_versions_is_of_the_first() -> None:
    model = built([helper.make_node("Relu", ["x"], ["y"])])
    del model.opset_import[:]
    model.ir_version = 2
    assert read(model).versions == {"": 1}
    model.ir_version = 8
    assert read(model).versions == {}


# Large files


@contextmanager
def counted_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many bytes are read of files, one by one."""
    counts: list[int] = []
    seekable = files.seekable

    @contextmanager
    def counting(path: str, *, given: bool = False) -> Iterator[object]:
        with seekable(path, given=given) as (read, size):

            def counted(at: int, count: int) -> bytes:
                data = read(at, count)
                counts.append(len(data))
                return data

            yield counted, size

    monkeypatch.setattr("rfcalc.importers.onnx.reading.seekable", counting)
    yield counts


def test_weights_are_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a gigabyte that is a hole in the file, of which the pieces around it are read."""
    weights, megabyte = 500, 2**20
    path = tmp_path / "large.onnx"

    def field(key: int, length: int) -> bytes:
        """The head of a field of some bytes."""
        return number(key << 3 | 2) + number(length)

    tensors = []
    for place in range(weights):
        name = f"w{place}"
        tensor = TensorProto(dims=[512, 512], data_type=TensorProto.FLOAT, name=name)
        tensors.append(tensor.SerializeToString() + field(9, megabyte))
    nodes = b"".join(
        field(1, len(data)) + data
        for data in (
            helper.make_node("Add", [f"t{n}", f"w{n}"], [f"t{n + 1}"]).SerializeToString()
            for n in range(weights)
        )
    )
    whole = len(nodes) + sum(len(field(5, len(t) + megabyte)) + len(t) + megabyte for t in tensors)
    with path.open("wb") as file:
        file.write(b"\x08\x08" + field(7, whole))
        for tensor in tensors:
            file.write(field(5, len(tensor) + megabyte) + tensor)
            file.seek(megabyte, 1)
        file.write(nodes)
        file.truncate()
    assert path.stat().st_size > 500 * megabyte
    with counted_reads(monkeypatch) as counts:
        model = read_model(str(path))
    assert len(model.graph.nodes) == len(model.graph.stored) == weights
    assert model.graph.stored["w499"] == StoredTensor("w499", (512, 512), "float32", None)
    # Once to find each tensor and once to look at it.
    assert len(counts) <= 2 * weights + 5
    assert max(counts) <= PIECE


def test_messages_that_do_not_fit_in_a_piece_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rfcalc.importers.onnx.wire.PIECE", 40)
    for path in KEPT[:6]:
        assert repr(read_model(str(path))) == repr(onnx_oracle.model(path.read_bytes()))
