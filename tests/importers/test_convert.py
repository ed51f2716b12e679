"""`rfcalc convert`: a model written down is the same network, and says where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfcalc import analyze, conversion, load, read_text
from rfcalc.analysis.comparison.comparison import compare
from rfcalc.cli.main import main
from rfcalc.description import leading_to

DATA = Path(__file__).parents[1] / "data" / "onnx"
RESNET = DATA / "resnet50-legacy.onnx"


def convert(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["convert", *arguments])
    return (code, *capsys.readouterr())


def test_resnet50_is_as_long_as_a_person_writes_it_and_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, err = convert(str(RESNET), capsys=capsys)
    assert code == 0
    assert len(text.splitlines()) <= 2 * len(load("resnet50").source.text.splitlines())
    assert "not folded" not in err
    ours, theirs = analyze(read_text(text)), analyze(load(str(RESNET)))
    assert ours.totals == theirs.totals
    assert {edit.kind for edit in compare(ours, theirs).edits} == {"kept"}
    assert ours.totals.macs == analyze(load("resnet50")).totals.macs


@pytest.mark.parametrize("folds", [True, False])
def test_a_formatter_leaves_it_as_it_is(
    folds: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not folds:
        monkeypatch.setattr(conversion, "folded", lambda network: "layers: [cnov]\n")
    file = str(tmp_path / "net.yaml")
    assert convert(str(RESNET), "-o", file, capsys=capsys)[0] == 0
    assert main(["fmt", "--check", file]) == 0
    capsys.readouterr()


def test_it_says_where_it_came_from_and_what_has_to_be_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = convert(str(RESNET), capsys=capsys)[1].splitlines()[:2]
    assert first == f"# Written by rfcalc convert from {RESNET.name}"
    assert second.startswith("# BatchNorm folded: 53 convolutions")


def test_it_is_read_at_the_size_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.yaml"
    assert convert(str(RESNET), "--input", "3,320,320", "-o", str(file), capsys=capsys)[:2] == (0, "")
    assert [str(shape) for shape in analyze(load(file)).inputs] == ["320x320x3"]


@pytest.mark.parametrize(
    "text",
    ["input: 224x224x3\nlayers: [relu]\n", "input: 224x224x3\nlayers: [cnov f=3]\n"],
    ids=["another network", "no network"],
)
def test_what_cannot_be_folded_has_a_line_for_each_layer(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(conversion, "folded", lambda network: text)
    code, out, err = convert(str(RESNET), capsys=capsys)
    assert code == 0
    assert "each layer has a line of its own" in err
    assert analyze(read_text(out)).totals == analyze(load(str(RESNET))).totals


CHANGES = {
    "another attribute": ("conv f=3 p=1 d=8", "conv f=3 p=1 d=8 bias=no"),
    "another order": ("from: first+second", "from: second+first"),
    "an operand more": ("from: first+second", "from: first+second+first"),
    "parameters of its own": (" weights=one", ""),
    "another output": ("outputs: [joined, last]", "outputs: [last]"),
}
NET = """
input: 16x16x8
layers:
  - conv f=3 p=1 d=8 as one
  - relu as first
  - conv f=3 p=1 d=8 weights=one as two
  - tanh as second
  - {concat: [], from: first+second, as: joined}
  - conv f=3 p=1 d=8 as last
outputs: [joined, last]
"""


@pytest.mark.parametrize("layers", [["layer2"], ["layer1.0.conv1", "layer3.0.conv1"]])
def test_a_part_of_it_is_what_some_layers_need(layers: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = [word for layer in layers for word in ("--output", layer)]
    code, text, _ = convert(str(RESNET), *asked, capsys=capsys)
    assert code == 0
    ours, theirs = analyze(read_text(text)), analyze(leading_to(load(str(RESNET)), layers))
    assert (ours.totals, len(ours.outputs)) == (theirs.totals, len(layers))
    assert ours.totals.params < analyze(load(str(RESNET))).totals.params
    assert convert(str(RESNET), "--output", "layr2", capsys=capsys)[2].endswith("did you mean 'layer2'?\n")


@pytest.mark.parametrize("change", CHANGES)
def test_networks_that_differ_are_not_taken_for_one(change: str) -> None:
    from rfcalc.description import build_graph

    def same(other: str) -> bool:
        numbers: dict[object, int] = {}
        graphs = [build_graph(read_text(text)) for text in (NET, other)]
        first, second = (conversion._computation(graph, numbers) for graph in graphs)
        return first == second

    assert same(NET.replace("two", "other").replace("first", "activated"))
    before, after = CHANGES[change]
    assert before in NET
    assert not same(NET.replace(before, after))


@pytest.mark.parametrize("name", ["vgg16", "net.yaml"])
def test_a_description_is_none_to_convert(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET)
    code, out, err = convert(name, capsys=capsys)
    assert (code, out) == (2, "")
    assert "is a description already; `rfcalc spec` prints it" in err
