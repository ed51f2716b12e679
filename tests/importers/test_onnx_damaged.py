"""Files that are no ONNX files, damaged or meant to do harm: each is refused with its place, soon."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import re
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from random import Random

import built
import onnx
import pytest
from damage import damaged, number
from effort import lines_run
from onnx import TensorProto, helper

from rfcalc.errors import DescriptionError, RfcalcError, UsageError
from rfcalc.files import begun
from rfcalc.importers.formats import importer_of
from rfcalc.importers.onnx import reading, wire
from rfcalc.importers.onnx.model import Model
from rfcalc.importers.onnx.order import ordered
from rfcalc.importers.onnx.reading import MOST_DEPTH, MOST_NODES, read_model
from rfcalc.importers.onnx.wire import PIECE
from rfcalc.importers.writing.folded import folded

SMALL = [
    path.read_bytes()
    for path in sorted((Path(__file__).parents[1] / "data" / "onnx").glob("*.onnx"))
    if path.stat().st_size < 8000
]


def model_of(data: bytes) -> Model:
    return reading.model_of(lambda at, count: data[at : at + count], len(data))


x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)


def model(nodes: list[onnx.NodeProto], *initializers: TensorProto) -> bytes:
    return helper.make_model(helper.make_graph(nodes, "g", [x], [y], list(initializers))).SerializeToString()


def field(key: int, content: bytes) -> bytes:
    return number(key << 3 | 2) + number(len(content)) + content


def in_graph(content: bytes) -> bytes:
    """A model whose graph is these bytes; they begin at byte 4 where they are fewer than 128."""
    return b"\x08\x08" + field(7, content)


def refusal(data: bytes) -> str:
    """The place in the file and what is wrong there."""
    with pytest.raises(DescriptionError) as error:
        model_of(data)
    (found,) = error.value.diagnostics
    assert found.position is not None
    return f"{found.position}: {found.message}"


# What is another kind of file


def archive(kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("a/data.pkl", b"x" * 2000)
    else:
        with tarfile.open(fileobj=file, mode="w") as packed:
            packed.addfile(tarfile.TarInfo("model.onnx"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(SMALL[0]), "compressed by gzip; `gunzip m.onnx` unpacks it"),
        (bz2.compress(SMALL[0]), "compressed by bzip2; `bunzip2 m.onnx` unpacks it"),
        (lzma.compress(SMALL[0]), "compressed by xz; `unxz m.onnx` unpacks it"),
        (archive("tar"), "a tar archive; `tar xf m.onnx` unpacks it"),
        (archive("zip"), "a pickle of PyTorch"),
        *((pickle.dumps({"a": 1}, version), "a pickle of PyTorch") for version in (2, 3, 4, 5)),
        (b"<!DOCTYPE html>\n<html><body>Log in", "a web page"),
        (b"\n <HTML>", "a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 527\n",
            "a pointer of Git LFS: the file itself was not fetched; git lfs pull fetches it",
        ),
        (str(onnx.load_model_from_string(SMALL[0])).encode(), "an ONNX model written as text"),
        (b"# A comment.\n\nopset_import {\n", "an ONNX model written as text"),
        (b"\x1c\0\0\0TFL3" + bytes(100), "a TensorFlow Lite model"),
        (b"\x1c\0\0\0ORTM" + bytes(100), "a model of ONNX Runtime in its own format"),
    ],
    # The bytes of archives hold the time.
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_what_is_another_kind_of_file_is_named(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as error:
        importer_of("m.onnx", begun(data))
    assert f"'m.onnx' is {message}" in str(error.value)


@pytest.mark.parametrize("data", SMALL)
def test_an_onnx_file_is_none_of_them(data: bytes) -> None:
    found = importer_of("m", begun(data))
    assert found is not None
    assert found.name == "an ONNX model"


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert refusal(b"").endswith("byte 0: the file is empty")


def test_another_protocol_buffer_has_no_graph() -> None:
    assert "no graph: this is no ONNX model" in refusal(TensorProto(dims=[2, 3]).SerializeToString())


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, message in ((tmp_path, "it is a folder"), (tmp_path / "none.onnx", "No such file")):
        with pytest.raises(UsageError, match=message):
            read_model(str(path))
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(UsageError, match="it is a named pipe"):
        read_model(str(tmp_path / "pipe.onnx"))
    with pytest.raises(UsageError, match="is no path"):
        read_model("a\0b")


# What is damaged


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"\x08\x08\x3a\x05\x0a", 2, "a field of 5 bytes, where the model ends after 1 byte"),
        (in_graph(b"\x0a\x7f\x01"), 4, "a field of 127 bytes, where the graph ends after 1 byte"),
        # Within the file, and within the graph, but not within the node.
        (
            in_graph(b"\x0a\x02\x0a\x01\x98\x06\x01"),
            6,
            "a field of 1 byte, where the node ends after 0 bytes",
        ),
        (in_graph(b"\x0a" + b"\xff" * 9 + b"\x01"), 4, "a field of 18,446,744,073,709,551,615 bytes"),
        (in_graph(b"\x0a" + b"\xff" * 10 + b"\x01"), 14, "a number of more than 64 bits"),
        (b"\x08" + b"\xff" * 9 + b"\x02", 10, "a number of more than 64 bits"),
        (b"\x08", 1, "the end of the model in the middle of a field"),
        (in_graph(b"\x0a"), 5, "the end of the graph in the middle of a field"),
        (in_graph(b"\x0b" + bytes(8)), 4, "wire type 3, which ONNX does not use, in the graph"),
        (in_graph(b"\x0f" + bytes(8)), 4, "wire type 7, which ONNX does not use, in the graph"),
        (in_graph(b"\x02\x00"), 4, "field 0 in the graph"),
        (in_graph(b"\x08\x00"), 4, "field 1 (node) of the graph is written as a number, expected a length"),
        (
            in_graph(field(1, b"\x22\x01C\x25" + bytes(4))),
            9,
            "field 4 (op_type) of the node is written as 4 bytes",
        ),
        (in_graph(field(1, b"\x22\x01\xff")), 8, "op_type '�' is no text in UTF-8"),
        (in_graph(b"") + field(7, b""), 6, "a second graph in the model"),
        (in_graph(field(1, b"\x0a\x01x")), 6, "no type of operator (op_type)"),
        (in_graph(field(5, field(1, b"\x05\x81"))), 10, "the end of some numbers in the middle of one"),
        (in_graph(field(5, b"\x08\x81\x80" + b"\x80" * 9)), 16, "a number of more than 64 bits"),
    ],
    ids=str,
)
def test_damage_is_refused_with_its_place(data: bytes, place: int, message: str) -> None:
    found = refusal(data)
    assert f"byte {place}" in found
    assert message in found


def test_the_node_and_the_attribute_are_named_that_damage_is_in() -> None:
    tensor = TensorProto(name="t", dims=[2], data_type=1, raw_data=bytes(3))
    node = helper.make_node("Constant", [], ["y"], name="/c/Constant", one=1, value=tensor)
    data = model([helper.make_node("Relu", ["x"], ["z"]), node])
    place = data.index(tensor.SerializeToString())
    message = "3 bytes of data, expected 8 for 2 of float32"
    assert refusal(data) == (f"byte {place}, node '/c/Constant', attribute 'value', tensor 't': {message}")
    # What has no name yet is named by its number.
    place = data.index(b"\x0a\x05value")
    found = refusal(data[:place] + b"\x0f" + data[place + 1 :])
    assert f"byte {place}, node '/c/Constant', attribute 1: wire type 7" in found
    place = data.index(b"\x22\x04Relu")
    assert f"byte {place}, node 0: field 4" in refusal(data[:place] + b"\x20" + data[place + 1 :])


def test_names_command_no_terminal() -> None:
    node = helper.make_node("", ["x"], ["y"], name="\x1b[2J\n\u202e")
    found = refusal(model([node]))
    assert "node '" in found
    assert found.isprintable()
    assert len(refusal(model([helper.make_node("", ["x"], ["y"], name="n" * 10**6)]))) < 300


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (
            TensorProto(dims=[2, 3], data_type=1, raw_data=bytes(20)),
            "20 bytes of data, expected 24 for 2x3 of float32",
        ),
        (
            TensorProto(dims=[9999], data_type=1, raw_data=bytes(20)),
            "20 bytes of data, expected 39,996 for 9999",
        ),
        (TensorProto(dims=[2], data_type=7, int64_data=[1]), "8 bytes of data, expected 16 for 2 of int64"),
        (
            TensorProto(data_type=7, int64_data=[1, 2]),
            "16 bytes of data, expected 8 for one element of int64",
        ),
        (TensorProto(dims=[2, -1], data_type=1), "a length of -1, expected none below 0"),
        (
            TensorProto(dims=[2**62, 4], data_type=1),
            "4611686018427387904x4 elements, expected fewer than 2^63",
        ),
        (TensorProto(dims=[1] * 1001, data_type=1), "1,001 dimensions, expected 1,000 at most"),
    ],
    ids=str,
)
def test_tensors_with_sizes_that_lie_are_refused(tensor: TensorProto, message: str) -> None:
    tensor.name = "w"
    assert f"tensor 'w': {message}" in refusal(model([helper.make_node("Relu", ["x"], ["y"])], tensor))


@pytest.mark.parametrize("name", ["/m" * 5_000, "/1" * 5_000, "/" + "." * 9_000, "/" + "z" * 9_000])
def test_names_of_very_many_parts_take_memory_in_proportion_to_the_file(name: str) -> None:
    nodes = [
        onnx.helper.make_node(
            "Relu", [f"t{place}" if place else "x"], [f"t{place + 1}"], name=f"/{place}{name}/r"
        )
        for place in range(20)
    ]
    made = built.model(nodes, output="t20")
    tracemalloc.start()
    try:
        found = folded(built.imported(made))
        assert tracemalloc.get_traced_memory()[1] < 10 * made.ByteSize()
    finally:
        tracemalloc.stop()
    assert len(found) < made.ByteSize()


def test_operators_that_nobody_knows_take_work_in_proportion_to_them() -> None:
    def made(count: int) -> onnx.ModelProto:
        names = ["x", *(f"t{place + 1}" for place in range(count))]
        known = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 16, 16]) for name in names]
        nodes = [
            built.node("Strange", f"{name} w{place}", names[place + 1])
            for place, name in enumerate(names[:-1])
        ]
        weights = [built.weight(f"w{place}", 3, 3) for place in range(count)]
        return built.model([*nodes, built.node("Relu", names[-1], "y")], weights, known=known)

    built.imported(made(10))
    found, few = lines_run(lambda: built.imported(made(100)))
    assert [step.values["params"] for step in found.steps[1:-1]] == [9] * 100
    _, many = lines_run(lambda: built.imported(made(400)), 8 * few)
    assert many < 6 * few


def test_a_name_has_one_maker() -> None:
    def relu(source: str, target: str, name: str = "") -> onnx.NodeProto:
        return helper.make_node("Relu", [source], [target], name=name)

    found = refusal(model([relu("x", "y", "a"), relu("x", "y", "b")]))
    assert "node 'b' makes tensor 'y', which node 'a' makes too" in found
    assert "node 0 makes tensor 'x', which an input makes too" in refusal(model([relu("x", "x")]))
    tensor = helper.make_tensor("w", 1, [1], [1])
    assert "node 0 makes tensor 'w', which a stored tensor makes too" in refusal(
        model([relu("x", "w")], tensor)
    )
    assert model_of(model([relu("x", "y")], tensor, tensor)).graph.stored["w"].values == (1,)
    other = helper.make_tensor("w", 1, [2], [1, 2])
    assert "a second tensor 'w', of another size or type" in refusal(model([relu("x", "y")], tensor, other))
    node = relu("x", "y", "a")
    node.attribute.extend([helper.make_attribute("k", 1), helper.make_attribute("k", 1)])
    assert "node 'a': a second attribute 'k'" in refusal(model([node]))
    function = helper.make_function("my", "F", [], [], [], [])
    found = onnx.load_model_from_string(model([relu("x", "y")]))
    found.functions.extend([function, function])
    assert "function 'my::F': a second function of this name" in refusal(found.SerializeToString())


# What is meant to do harm


def nodes_within(depth: int) -> bytes:
    """The nodes of a graph that holds as many graphs, one within the other."""
    graph = b""
    for _ in range(depth):
        graph = field(1, field(4, b"If") + field(5, field(1, b"then") + field(6, graph) + b"\xa0\x01\x05"))
    return graph


def nested(depth: int) -> bytes:
    return in_graph(nodes_within(depth))


def test_graphs_within_graphs_have_a_limit() -> None:
    graph = model_of(nested(MOST_DEPTH)).graph
    for _ in range(MOST_DEPTH):
        graph = graph.nodes[0].attributes["then"]
    assert graph.nodes == ()
    found = refusal(nested(MOST_DEPTH + 1))
    assert f"graphs within graphs more than {MOST_DEPTH} deep" in found
    assert found.count("node 0, attribute 'then'") == MOST_DEPTH + 1
    # Where the innermost one has been read before, too.
    assert "deep" in refusal(in_graph(nodes_within(1) + nodes_within(MOST_DEPTH + 1)))
    found, _ = lines_run(lambda: refusal(nested(2000)), 200_000)
    assert "deep" in found


def test_nodes_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    node = field(1, field(4, b"R"))
    monkeypatch.setattr(reading, "MOST_NODES", 100)
    assert len(model_of(in_graph(node * 100)).graph.nodes) == 100
    assert "more than 100 nodes, the limit for one file" in refusal(in_graph(node * 101))
    # Those of functions and of graphs within nodes are counted too.
    inner = field(1, field(4, b"If") + field(5, field(1, b"g") + field(6, node * 60) + b"\xa0\x01\x05"))
    assert "more than 100 nodes" in refusal(in_graph(inner + node * 40))
    assert "more than 100 nodes" in refusal(
        in_graph(node * 60) + field(25, field(1, b"F") + field(7, field(4, b"R")) * 41)
    )
    assert MOST_NODES == 10**6


NUMBERS = field(1, field(4, b"R") + field(5, field(1, b"a") + field(8, b"\1" * 9000) + b"\xa0\1\7"))
VALUES = field(5, field(1, b"\x80\x20") + b"\x10\2" + field(9, bytes(4096)))


@pytest.mark.parametrize(
    ("repeated", "size"),
    [
        pytest.param(field(1, field(4, b"R") + field(1, b"") * 50), 2**20, id="inputs without a name"),
        pytest.param(field(1, field(4, b"R") + field(1, b"n" * 9000)), 2**21, id="long names"),
        pytest.param(
            field(1, field(4, b"R") + field(1, b"n" * PIECE)), 2**21, id="names longer than a piece"
        ),
        pytest.param(field(1, field(4, b"R") + field(9, b"")), 2**20, id="metadata"),
        pytest.param(NUMBERS, 2**18, id="numbers"),
        pytest.param(VALUES, 2**18, id="values of tensors"),
        pytest.param(field(5, field(8, b"") + b"\x08\x01" * 20), 2**18, id="dimensions"),
        pytest.param(field(13, field(1, b"v") + field(2, b"")), 2**19, id="what is said of tensors"),
        pytest.param(field(99, b""), 2**18, id="unknown fields"),
        pytest.param(b"\x98\x06\x01", 2**18, id="unknown numbers"),
    ],
)
def test_what_is_kept_of_a_file_has_a_limit(
    repeated: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 2**20)
    model_of(in_graph(repeated))
    data = in_graph(repeated * (size // len(repeated)))
    found, _ = lines_run(lambda: refusal(data), 2_000_000)
    assert "more than 1 MiB of fields, names and small values, the limit for one file" in found


def test_a_thousand_million_nodes_are_not_looked_for(tmp_path: Path) -> None:
    """A graph of two thousand million bytes, which are nodes that are empty: most of it is a hole."""
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(b"\x08\x08\x3a" + number(2 * 10**9))
        file.write(field(1, b"") * 10)
        file.truncate(2 * 10**9 + file.tell() - 20)
    with pytest.raises(DescriptionError, match="field 0 in the graph"):
        read_model(str(path))


def test_a_file_that_becomes_shorter_while_it_is_read_is_refused() -> None:
    data = model([helper.make_node("Relu", ["x"], ["y"])])
    reads = iter([data[:20]])
    with pytest.raises(
        DescriptionError, match=f"byte 20: error: the end of a file that had {len(data)} bytes"
    ):
        reading.model_of(lambda at, count: next(reads)[at : at + count], len(data))


# What nobody thought of


def outcome(data: bytes) -> Model | RfcalcError:
    try:
        found = model_of(data)
        ordered(found.graph)
    except RfcalcError as error:
        assert str(error).isprintable() or "\n" in str(error)
        return error
    return found


@pytest.mark.parametrize("seed", range(400))
def test_damaged_files_are_read_or_refused_in_time_that_grows_with_their_size(seed: int) -> None:
    random = Random(seed)
    data = damaged(random.choice(SMALL), random, SMALL)
    lines_run(lambda: outcome(data), 2000 + 40 * len(data))


def numbers(name: str, *values: int) -> TensorProto:
    return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)


@pytest.mark.parametrize(
    ("operator", "axes", "said"),
    [
        ("Unsqueeze", (0, 0), "an axis is given twice: 0 and 0"),
        ("Unsqueeze", (4, -2), "an axis is given twice: 4 and -2"),
        ("Unsqueeze", (7,), "axis 7 of a tensor of 5 dimensions"),
        ("Squeeze", (-9,), "axis -9 of a tensor of 4 dimensions"),
        ("Squeeze", (0, -4), "an axis is given twice: 0 and -4"),
    ],
)
def test_axes_are_those_of_the_tensor_each_once(operator: str, axes: tuple[int, ...], said: str) -> None:
    made = model([built.node(operator, "x axes", "y")], numbers("axes", *axes))
    with pytest.raises(RfcalcError, match=re.escape(said)):
        built.imported(onnx.load_from_string(made))


@pytest.mark.parametrize("length", [2**40, 2**62])
def test_a_part_of_a_dimension_takes_no_work_that_its_length_sets(length: int) -> None:
    long = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, length, 8])
    given = [numbers("starts", 1), numbers("ends", length), numbers("axes", 2), numbers("steps", 2)]
    node = built.node("Slice", "x starts ends axes steps", "y")
    made = helper.make_model(helper.make_graph([node], "g", [long], [y], given))
    found, _ = lines_run(lambda: built.imported(made), 20_000)
    assert len(found.steps) == 2


def test_a_size_is_given_for_each_dimension_that_is_resampled() -> None:
    made = model([built.node("Resize", "x  sizes", "y")], numbers("sizes", 1, 3, 16))
    with pytest.raises(RfcalcError, match="a factor or a size for each of 4 dimensions"):
        built.imported(onnx.load_from_string(made))
