"""Whole networks in ONNX's checker and runtime: those that are shipped, random ones, those of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from compare.networks import Pair, pairs
from exporting.exported_models import hold, ran
from exporting.exported_networks import SHIPPED, graph_of
from exporting.test_onnx_export import REFUSED
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.description import build_graph
from rfcalc.exporting.onnx.nodes import WEIGHTS, WeightChoice
from rfcalc.library import load

_DATA = Path(__file__).parents[1] / "data"
# Of many families those that are small.
QUICK = (
    "bifpn-d0",
    "convnext-v2-atto",
    "crnn",
    "dcgan",
    "deformable",
    "lenet5",
    "mixnet-s",
    "non-local-block",
    "resnet18-blur",
    "resnet20",
    "squeezenet1.1",
)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_networks_of_many_families_run(weights: WeightChoice, onnx_python: str, tmp_path: Path) -> None:
    graphs = {name: graph_of(name) for name in QUICK}
    for name, found in ran(onnx_python, tmp_path, graphs, weights).items():
        hold(graphs[name], found)
        assert set(found["examples"]) == {2}, name
        # With random weights something comes out, and it says something of what went in.
        assert weights == "none" or all(found["spread"]), name


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in REFUSED])
def test_every_shipped_network_runs(name: str, onnx_python: str, tmp_path: Path) -> None:
    graph = graph_of(name)
    (found,) = ran(onnx_python, tmp_path, {name: graph}, "random").values()
    hold(graph, found)
    assert set(found["examples"]) == {2}


def test_cases_of_fields_run(onnx_python: str, tmp_path: Path) -> None:
    graphs = {path.stem: build_graph(load(str(path))) for path in sorted((_DATA / "cases").glob("*.yaml"))}
    for name, found in ran(onnx_python, tmp_path, graphs).items():
        hold(graphs[name], found)


@settings(max_examples=2)
@given(drawn=st.lists(pairs(), min_size=12, max_size=12))
def test_random_networks_run(
    drawn: list[Pair], onnx_python: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    graphs = {}
    for number, pair in enumerate(drawn):
        graphs |= {f"{number}{side}": each.graph for side, each in zip("ab", pair.networks(), strict=True)}
    for name, found in ran(onnx_python, tmp_path_factory.mktemp("random"), graphs).items():
        hold(graphs[name], found)
