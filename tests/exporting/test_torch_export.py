"""Networks written as modules of PyTorch: what is written is the network, to the digit."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from rfcalc import DescriptionError
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.description import build_graph
from rfcalc.exporting.torch.writing import torch_source
from rfcalc.graph.ir import Graph
from rfcalc.library import load

SHIPPED = sorted(path.stem for path in (Path(__file__).parents[2] / "specs").glob("*.yaml"))
# The shipped networks that are refused, and what is said of them.
REFUSED = {
    "bert-base": "prediction (conv) cannot be exported to PyTorch: its weights are those of word",
    "conv3x3-stack": "C stands for any number; say which",
    "conv7x7": "C stands for any number; say which",
    "deformable": "deformed (deformconv) cannot be exported",
    "swin-t": "attention in windows",
}
# The class of the network stands last.
RUN = """
import json, sys, torch
named = {}
for path, sizes in json.load(sys.stdin):
    scope = {}
    exec(compile(open(path, encoding="utf-8").read(), path, "exec"), scope)
    classes = [each for each in scope.values() if isinstance(each, type) and each.__module__ == "builtins"]
    with torch.device("meta"):
        module = classes[-1]().eval()
        outputs = module(*[torch.zeros(1, *size) for size in sizes])
    if isinstance(outputs, torch.Tensor):
        outputs = (outputs,)
    parameters = sum(each.numel() for each in module.parameters())
    named[path] = parameters, [list(each.shape[1:]) for each in outputs]
print(json.dumps(named))
"""


def graph_of(name: str) -> Graph:
    return build_graph(load(name))


def sizes(graph: Graph, nodes: tuple[int, ...]) -> list[list[object]]:
    shapes = [graph.nodes[index].facts.output for index in nodes]
    return [[shape.channels, *shape.axes] for shape in shapes]


def without_ones(size: list[object]) -> list[object]:
    """A size with one position as that of a plain vector, as which a fully connected layer leaves it."""
    return size[:1] if all(length == 1 for length in size[1:]) else size


def figures(found: NetworkAnalysis) -> object:
    """What both reports are held to: outputs, their fields, and every layer that learns."""
    graph = found.graph
    learning = Counter(
        (str(node.facts.params), str(node.facts.macs)) for node in graph.layers if node.facts.weights
    )
    return learning


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exported")
    paths = {}
    for name in SHIPPED:
        if name not in REFUSED:
            paths[name] = folder / f"net_{name.replace('-', '_').replace('.', '_')}.py"
            paths[name].write_text(torch_source(graph_of(name)), encoding="utf-8")
    return paths


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_is_refused_at_its_line(name: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        torch_source(graph_of(name))
    assert REFUSED[name] in str(raised.value)
    assert f"{name}.yaml:" in str(raised.value)


def test_sizes_and_parameters_of_shipped_networks_are_those_of_the_table(
    written: dict[str, Path], torch_python: str
) -> None:
    asked = [(str(path), sizes(graph := graph_of(name), graph.inputs)) for name, path in written.items()]
    done = subprocess.run(
        [torch_python, "-W", "ignore", "-c", RUN],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    for name, path in written.items():
        graph = graph_of(name)
        parameters, outputs = found[str(path)]
        assert parameters == sum(int(node.own_params) for node in graph.nodes), name  # type: ignore[arg-type]
        # A plain vector is one position.
        expected = sizes(graph, graph.outputs)
        assert [*map(without_ones, outputs)] == [*map(without_ones, expected)], name
