"""Networks written as ONNX models, without any package: what is read back is the network, to the digit."""

from __future__ import annotations

import os
import pty
from math import prod
from pathlib import Path

import numpy as np
import pytest
from exporting.exported_models import model_bytes, model_read
from exporting.exported_networks import EVERY_DAY, FIELD_NOT_FOLLOWED, SHIPPED, fields, graph_of, totals

from rfcalc import DescriptionError, UsageError
from rfcalc.cli.main import main
from rfcalc.description import build_graph
from rfcalc.export import exported_model
from rfcalc.exporting.onnx.writing import onnx_file
from rfcalc.graph.ir import Graph
from rfcalc.library import load, read_text

_DATA = Path(__file__).parents[1] / "data"
# The shipped networks that are refused, and what is said of them.
REFUSED = {
    "conv3x3-stack": "C stands for any number; say which: params={'C': '64'}, or the input's size with input",
    "conv7x7": "C stands for any number; say which: params={'C': '64'}, or the input's size with input",
}
SMALL = """
name: small
input: 8x9x4
layers:
  - conv f=3 p=1:0x1 d=6 as stem
  - {repeat: 2, do: [bn, relu], as: body}
  - globalavgpool
  - fc d=5 bias=no as head
"""


def small() -> Graph:
    return build_graph(read_text(SMALL))


# PyTorch has no deformable convolution, ONNX has.
_EVERY_DAY = {*EVERY_DAY, "deformable"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name not in _EVERY_DAY))
        for name in SHIPPED
        if name not in REFUSED
    ],
)
def test_what_is_read_back_is_the_network_again(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.onnx"
    path.write_bytes(model_bytes(graph_of(name)))
    given, again = load(name), load(str(path))
    assert totals(again) == totals(given)
    if name not in FIELD_NOT_FOLLOWED:
        assert fields(again) == fields(given)


@pytest.mark.parametrize("name", REFUSED)
def test_sizes_that_depend_on_a_symbol_are_refused_and_what_to_say_is_told(name: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        onnx_file(graph_of(name), "none", "")
    assert REFUSED[name] in str(raised.value)
    assert f"{name}.yaml:" in str(raised.value)


def test_a_symbol_that_is_said_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    settings = [word for name in "HWC" for word in ("--set", f"{name}=16")]
    assert main(["export", "conv7x7", *settings, "-o", str(path)]) == 0
    assert str(build_graph(load(str(path))).nodes[0].facts.output) == "16x16x16"


# What stands in the file.


def test_nodes_are_called_as_layers_and_weights_as_those_of_modules() -> None:
    graph, model = small(), model_read(small(), "random")
    names = [node.name for node in model.graph.nodes]
    assert [name for name in names if name in {node.name for node in graph.layers}] == [
        node.name for node in graph.layers
    ]
    own = {name for node in model.graph.nodes if node.name in names for name in node.outputs}
    assert {node.name for node in graph.layers} <= own
    learned = [name for name in model.graph.stored if name.startswith(("stem", "head"))]
    assert learned == ["stem.weight", "stem.bias", "head.weight"]
    assert [node.operator for node in model.graph.nodes if node.name in ("stem", "body.0.relu1", "head")] == [
        "Conv",
        "Relu",
        "Gemm",
    ]


def test_sizes_of_all_layers_are_stated_for_any_number_of_examples() -> None:
    model = model_read(small())
    assert model.graph.inputs[0].lengths == ("N", 4, 8, 9)
    assert model.graph.known["stem"].lengths == ("N", 6, 7, 9)
    assert model.graph.known["globalavgpool1"].lengths == ("N", 6, 1, 1)
    assert model.graph.outputs[0] == model.graph.known["head"]
    assert model.graph.outputs[0].lengths == ("N", 5)


def test_the_file_says_who_made_it_and_for_which_operators() -> None:
    model = model_read(small())
    assert (model.producer, model.graph.name, model.versions) == ("rfcalc 1.2.3", "small", {"": 21})


def test_padding_before_and_after_is_that_of_the_axes() -> None:
    stem = next(node for node in model_read(small()).graph.nodes if node.name == "stem")
    assert stem.attributes["pads"] == (1, 1, 0, 1)


def test_indices_are_whole_numbers_and_what_is_computed_with_is_not() -> None:
    text = "input: {a: 5x1, b: 5x1}\nlayers:\n  - embedding words=9 d=4 from=a as one\n"
    model = model_read(build_graph(read_text(f"{text}  - {{mul: [[], [relu from=b]]}}\n")))
    assert [info.element for info in model.graph.inputs] == ["int64", "float32"]
    text = "input: 5x1\nlayers:\n  - embedding words=9 d=4 as one\n  - mul from=one+input\n"
    model = model_read(build_graph(read_text(text)))
    assert [info.element for info in model.graph.inputs] == ["float32"]
    assert "Cast" in [node.operator for node in model.graph.nodes]


def test_an_input_that_is_an_output_is_passed_on() -> None:
    text = "input: 5x4\noutputs: [input, relu1]\nlayers: [relu]\n"
    graph = build_graph(read_text(text))
    model = model_read(graph)
    assert [info.name for info in model.graph.outputs] == ["input/Identity", "relu1"]


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31, 2**62, -1, -300])
def test_whole_numbers_are_read_as_they_were_written(value: int) -> None:
    graph = build_graph(read_text(f"input: 4x4x4\nlayers:\n  - function of=neg as n{abs(value)}\n"))
    model = model_read(graph)
    node = model.graph.nodes[0]._replace(attributes={"axis": value, "perm": (value, 1), "alpha": 0.5})
    from rfcalc.exporting.onnx.file import model_file
    from rfcalc.importers.onnx.reading import model_of

    changed = model._replace(graph=model.graph._replace(nodes=(node,)))
    data = b"".join(model_file(changed, ("rfcalc", "1.2.3"), 10, {}).pieces())
    again = model_of(lambda at, count: data[at : at + count], len(data))
    assert again == changed


# WeightChoice.


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "swin-t", "bert-base"])
def test_without_weights_a_file_is_small(name: str) -> None:
    graph = graph_of(name)
    data = model_bytes(graph)
    assert len(data) < 2**18
    assert all(prod(stored.lengths) == 1 for stored in model_read(graph).graph.stored.values())


def test_random_weights_are_the_same_in_every_run_and_as_large_as_kaiming_has_them() -> None:
    graph = build_graph(read_text("input: 8x8x64\nlayers: [conv f=3 d=128, relu, fc d=32]\n"))
    data = model_bytes(graph, "random")
    assert data == model_bytes(graph, "random")
    assert data != model_bytes(graph)
    file = onnx_file(graph, "random", "1.2.3")
    assert file.size == len(data)
    weights = {}
    for part in file.parts:
        if not isinstance(part, bytes):
            values = np.frombuffer(b"".join(part.pieces()), "<f4")
            assert values.nbytes == part.size
            weights[values.size] = values
    # He et al. 2015: a variance of 2 over what a unit reads; biases are 0.
    for read, count in ((64 * 9, 128 * 64 * 9), (36 * 128, 32 * 36 * 128)):
        assert weights[count].var() == pytest.approx(2 / read, rel=0.05)
        assert abs(weights[count].mean()) < 0.01
    assert not weights[128].any()
    assert not weights[32].any()


def test_a_weight_does_not_depend_on_the_layers_beside_it() -> None:
    def first(layers: str) -> bytes:
        graph = build_graph(read_text(f"input: 8x8x3\nlayers: [{layers}]\n"))
        parts = [part for part in onnx_file(graph, "random", "").parts if not isinstance(part, bytes)]
        return b"".join(parts[0].pieces())

    assert first("conv f=3 d=8 as a") == first("conv f=3 d=8 as a, relu, conv f=1 d=9")
    assert first("conv f=3 d=8 as a") != first("conv f=3 d=8 as b")


def test_tied_weights_stand_in_the_file_once() -> None:
    text = """
input: 8x1
layers:
  - embedding words=9 d=4 as word
  - conv f=1 d=4 as inner
  - conv f=1 d=9 weights=word bias=no as back
"""
    model = model_read(build_graph(read_text(text)), "random")
    assert [*model.graph.stored] == ["word.weight", "inner.weight", "inner.bias"]


def test_a_layer_that_uses_the_weights_of_another_in_another_way_reads_them_too() -> None:
    text = "input: 8x8x4\nlayers:\n  - conv f=3 p=1 d=4 as one\n  - conv f=3 p=2 d=4 dilation=2 weights=one\n"
    model = model_read(build_graph(read_text(text)), "random")
    assert [*model.graph.stored] == ["one.weight", "one.bias"]


def test_a_file_that_would_be_too_long_is_refused_before_anything_is_drawn() -> None:
    text = "name: large\ninput: 100x100x10\nlayers: [fc d=6000]\n"
    with pytest.raises(UsageError) as raised:
        exported_model(read_text(text), "random")
    size = 4 * 6000 * 100_001
    said = str(raised.value)
    assert "'large' with its weights is 2,400," in said
    assert f"{2**31 - 1:,}; weights='none' writes it without them" in said
    assert size > 2**31
    assert len(b"".join(exported_model(read_text(text)))) < 4096


# The command.


def test_the_suffix_says_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    assert main(["export", "lenet5", "-o", str(path)]) == 0
    assert path.read_bytes() == b"".join(exported_model(load("lenet5")))
    assert main(["export", "lenet5", "-o", str(tmp_path / "net.py")]) == 0
    assert "import" in (tmp_path / "net.py").read_text("utf-8")
    assert main(["export", "lenet5", "--to", "onnx", "-o", str(tmp_path / "net.bin2")]) == 0
    assert (tmp_path / "net.bin2").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["-o", "a.onnx", "--to", "torch"],
            "--to torch does not write what .onnx says, a model (onnx); call it a.py",
        ),
        (["--to", "onnx", "-o", "a.py"], "--to onnx does not write what .py says, python; call it a.onnx"),
        (["-o", "a.png"], "which this command does not write; it writes .py and .onnx"),
        ([], "say what is written: --to torch or --to onnx, or -o FILE with .py or .onnx"),
        (["-o", "a.txt"], "say what is written"),
        (["--to", "torch", "--weights", "none"], "--weights is for ONNX models"),
        (["--to", "keras"], "'keras' is none of torch, onnx"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "lenet5", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_a_layer_that_cannot_be_written_leaves_the_file_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.onnx"
    path.write_text("before", "utf-8")
    net = tmp_path / "net.yaml"
    net.write_text("input: 8x8x4\nlayers:\n  - relu\n  - roipool count=3 size=2 as regions\n", "utf-8")
    assert main(["export", str(net), "-o", str(path)]) == 2
    said = capsys.readouterr().err
    assert "net.yaml:4:5: error: regions (roipool) cannot be exported to ONNX: ONNX has no operators" in said
    assert path.read_text("utf-8") == "before"


def test_a_model_that_is_read_is_written_again_and_not_over_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, again = tmp_path / "one.onnx", tmp_path / "two.onnx"
    path.write_bytes((_DATA / "onnx" / "alexnet-legacy.onnx").read_bytes())
    assert main(["export", str(path), "-o", str(again)]) == 0
    assert totals(load(str(again))) == totals(load(str(path)))
    assert main(["export", str(path), "-o", str(path)]) == 2
    assert "is read by this command" in capsys.readouterr().err


def test_a_terminal_is_shown_no_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours):
        monkeypatch.setattr("sys.stdout", terminal)
        assert main(["export", "lenet5", "--to", "onnx"]) == 2
    assert "a terminal cannot show what is no text" in capsys.readouterr().err
