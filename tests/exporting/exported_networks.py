"""Networks that are exported to PyTorch and run there, many in one process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rfcalc.description import Description, build_graph
from rfcalc.exporting.torch.writing import torch_source
from rfcalc.graph.ir import Graph
from rfcalc.library import analyze, load

SHIPPED = sorted(path.stem for path in (Path(__file__).parents[2] / "specs").glob("*.yaml"))
# They have every operator that is written, together.  To read back all that are shipped takes minutes.
EVERY_DAY = """
alexnet bert-base bifpn-d0 convnext-tiny convnext-v2-atto crnn highway19 mixer-b16 mobilenet-v2
mobilenet-v3-small non-local-block patchgan resnest50 resnet20 resnet50-cbam shufflenet-v2-x1.0 siamese
swin-t unet wavenet
""".split()
# In what is read back of these, positions that became channels or windows and came back have no known field.
FIELD_NOT_FOLLOWED = {"mixer-b16", "non-local-block", "swin-t"}
_RUNNER = Path(__file__).with_name("torch_runner.py")


@cache
def graph_of(name: str) -> Graph:
    """A shipped network."""
    return build_graph(load(name))


def sizes_of(graph: Graph, nodes: Iterable[int]) -> list[list[int]]:
    """Sizes of layers as tensors have them: channels first."""
    shapes = [graph.nodes[index].facts.output for index in nodes]
    return [[shape.channels, *shape.axes] for shape in shapes]  # type: ignore[list-item]


def without_ones(size: list[int]) -> list[int]:
    """A size with one position as that of a plain vector, as which a fully connected layer leaves it."""
    return size[:1] if all(length == 1 for length in size[1:]) else size


def parameters_of(graph: Graph) -> int:
    """All learned numbers."""
    return sum(int(node.own_params) for node in graph.nodes)  # type: ignore[arg-type]


def macs_of(graph: Graph) -> int:
    """All multiply-accumulates."""
    return sum(int(node.facts.macs) for node in graph.nodes)  # type: ignore[arg-type]


def totals(description: Description) -> list[object]:
    """Parameters, multiply-accumulates, and the sizes of the outputs."""
    graph = build_graph(description)
    columns = zip(*((node.own_params, node.facts.macs) for node in graph.nodes), strict=True)
    return [*map(sum, columns), *map(without_ones, sizes_of(graph, graph.outputs))]


def fields(description: Description) -> list[str]:
    """The receptive field of each output."""
    graph = build_graph(description)
    found = analyze(description)
    return [str(found[graph.nodes[index].name].receptive_field) for index in graph.outputs]


def ran(
    torch_python: str,
    folder: Path,
    graphs: Mapping[str, Graph],
    asked: Mapping[str, Mapping[str, object]] | None = None,
) -> dict[str, Any]:
    """What PyTorch says of each network (torch_runner.py); asked: what is asked of one beside its sizes."""
    requests = []
    for number, (name, graph) in enumerate(graphs.items()):
        path = folder / f"net_{number}.py"
        path.write_text(torch_source(graph), encoding="utf-8")
        inputs = sizes_of(graph, graph.inputs)
        requests.append({"source": str(path), "inputs": inputs, **(asked or {}).get(name, {})})
    done = subprocess.run(
        [torch_python, "-W", "ignore", str(_RUNNER)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip(graphs, json.loads(done.stdout), strict=True))


def hold(graph: Graph, found: Mapping[str, Any]) -> None:
    """What must be true of every exported network: parameters and sizes are those of the table."""
    assert found["parameters"] == parameters_of(graph)
    expected = sizes_of(graph, graph.outputs)
    assert [*map(without_ones, found["sizes"])] == [*map(without_ones, expected)]
