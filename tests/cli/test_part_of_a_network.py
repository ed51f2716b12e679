"""What some layers need of a network, and nothing else: `--output LAYER`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rfcalc import UsageError, analyze, check, load, read_text, shipped_names
from rfcalc.cli.main import main
from rfcalc.description import leading_to

TWO = """
input: {left: 8x8x3, right: 8x8x3}
layers:
  - conv f=3 d=4 from=left as first
  - conv f=3 d=4 from=right weights=first as second
  - {concat: [], from: first+second, as: both}
check:
  - params == 1
"""


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    return (code, *capsys.readouterr())


@pytest.mark.parametrize(
    "name", [name for name in shipped_names() if name not in ("conv3x3-stack", "conv7x7")]
)
@pytest.mark.slow
def test_the_layers_that_are_left_have_the_figures_that_they_had(name: str) -> None:
    whole = analyze(load(name))
    end = whole.layers[len(whole.layers) * 2 // 3].node.name
    part = analyze(leading_to(load(name), [end]))
    assert [part.graph.nodes[index].name for index in part.graph.outputs] == [end]
    had = {layer.node.name: layer for layer in whole.layers}
    needed = {whole.graph.nodes[index].name for index in whole.graph.ancestors(had[end].place)}
    assert {node.name for node in part.graph.nodes} == needed
    for layer in part.layers:
        before = had[layer.node.name]
        assert (layer.output, layer.macs) == (before.output, before.macs)
        if len(part.graph.inputs) == len(whole.graph.inputs):
            assert layer.field == before.field


def test_inputs_that_are_not_needed_go_and_parameters_stay_with_whom_is_left() -> None:
    description = read_text(TWO)
    second = analyze(leading_to(description, ["second"]))
    assert [second.graph.nodes[index].name for index in second.graph.inputs] == ["right"]
    assert second.totals.params == 112
    assert analyze(leading_to(description, ["first", "second"])).totals.params == 112
    # Promises are of the whole.
    assert [finding.code for finding in check(description)] == ["RF301"]
    assert check(leading_to(description, ["both"])) == ()


def test_a_block_stands_for_its_last_layer_and_several_layers_are_several_outputs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = run(
        "resnet50", "--output", "layer2", "--output", "layer4.2.conv3", "--format", "json", capsys=capsys
    )[1]
    network = json.loads(out)["network"]
    assert network["output_names"] == ["layer2.3.relu3", "layer4.2.conv3"]


def test_every_command_that_shows_networks_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "conv1_2" in run("vgg16", "--output", "conv1_2", capsys=capsys)[1]
    assert "pool1" not in run("vgg16", "--output", "conv1_2", capsys=capsys)[1]
    assert "14.7" not in run("vgg16", "--output", "conv1_2", "--units", "si", capsys=capsys)[1]
    assert "conv1_2" in run("explain", "vgg16", "--output", "conv1_2", capsys=capsys)[1]
    out = run("compare", "vgg16", "vgg16", "--output", "B:conv1_2", "--summary", capsys=capsys)[1]
    assert "38,720" in out
    assert "138,357,544" in out
    out = run("check", "lenet5", "--output", "S2", "--no-config", "--format", "json", capsys=capsys)[1]
    assert json.loads(out)["descriptions"][0]["layers"] < 5


@pytest.mark.parametrize(
    ("layer", "hint"),
    [
        ("conv1_9", "did you mean 'conv1_2'?"),
        ("conv9*", "no layer of VGG-16 matches"),
        ("conv1_*", "2 layers"),
    ],
)
def test_a_wrong_name_is_answered_with_the_near_ones(
    layer: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run("vgg16", "--output", layer, capsys=capsys)
    assert (code, out) == (2, "")
    assert hint in err
    with pytest.raises(UsageError, match="no layer|layers"):
        analyze(leading_to(load("vgg16"), [layer]))


@pytest.mark.parametrize("file", ["vgg16.json", "out/table", "rfcalc.sarif", "NET.CSV"])
def test_a_file_is_not_taken_for_a_layer(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("vgg16", "--output", file, capsys=capsys)
    assert code == 2
    assert f"-o {file} writes to a file" in err
    assert not Path(file).exists()


def test_an_ignore_in_the_rest_of_a_network_is_not_said_to_be_idle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: 32x32x3\nlayers:\n  - relu as first\n  - relu as second  # rfcalc: ignore[RF503] on purpose\n"
        "  - relu  # rfcalc: ignore[RF999] misspelt\n"
    )
    found = run("check", str(path), "--output", "first", "--format", "json", "--no-config", capsys=capsys)[1]
    messages = [finding["message"] for finding in json.loads(found)["descriptions"][0]["findings"]]
    assert messages == ["no rule is called 'RF999'"]
