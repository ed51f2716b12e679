"""Networks that are exported to ONNX and run there, many in one process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exporting.exported_networks import sizes_of, without_ones

from rfcalc.exporting.onnx.nodes import WeightChoice
from rfcalc.exporting.onnx.writing import onnx_file
from rfcalc.graph.ir import Graph
from rfcalc.importers.onnx.model import Model
from rfcalc.importers.onnx.reading import model_of

_RUNNER = Path(__file__).with_name("onnx_runner.py")


def model_bytes(graph: Graph, weights: WeightChoice = "none") -> bytes:
    """The file of a network."""
    return b"".join(onnx_file(graph, weights, "1.2.3").pieces())


def model_read(graph: Graph, weights: WeightChoice = "none") -> Model:
    """The model of a network, as it is read back."""
    data = model_bytes(graph, weights)
    return model_of(lambda at, count: data[at : at + count], len(data))


@contextmanager
def written(folder: Path, graphs: Mapping[str, Graph], weights: WeightChoice) -> Iterator[dict[str, Path]]:
    """A file of each network, which are taken away again: those of large ones fill a disk."""
    paths = {}
    for number, (name, graph) in enumerate(graphs.items()):
        paths[name] = folder / f"net_{number}.onnx"
        with paths[name].open("wb") as file:
            file.writelines(onnx_file(graph, weights, "1.2.3").pieces())
    yield paths
    for path in paths.values():
        path.unlink()


def ran(
    onnx_python: str,
    folder: Path,
    graphs: Mapping[str, Graph],
    weights: WeightChoice = "random",
    asked: Mapping[str, Mapping[str, object]] | None = None,
) -> dict[str, Any]:
    """What ONNX's checker and runtime say of each network (onnx_runner.py); asked: what is asked beside."""
    with written(folder, graphs, weights) as paths:
        requests = [{"model": str(path), **(asked or {}).get(name, {})} for name, path in paths.items()]
        done = subprocess.run(
            [onnx_python, "-W", "ignore", str(_RUNNER)],
            input=json.dumps(requests),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip(graphs, json.loads(done.stdout), strict=True))


def hold(graph: Graph, found: Mapping[str, Any]) -> None:
    """What must be true of every exported network: it runs, and its sizes are those of the table."""
    assert "error" not in found, found["error"]
    expected = sizes_of(graph, dict.fromkeys(graph.outputs))
    assert [*map(without_ones, found["sizes"])] == [*map(without_ones, expected)]
    # What the file says of its outputs is what they are.
    assert found["stated"] == found["sizes"]
    assert found["finite"]
