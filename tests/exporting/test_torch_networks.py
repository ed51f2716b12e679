"""Whole networks in PyTorch: random ones, those of files of every kind, and training."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from compare.networks import Pair, pairs
from exporting.exported_models import model_bytes
from exporting.exported_networks import hold, ran
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc import DescriptionError
from rfcalc.description import build_graph
from rfcalc.errors import UsageError
from rfcalc.export import exported
from rfcalc.library import load

_DATA = Path(__file__).parents[1] / "data"
# Descriptions, and files of every importer.
FILES = sorted(
    path
    for path in _DATA.rglob("*")
    if path.suffix in {".yaml", ".onnx", ".pt2", ".json", ".keras", ".h5", ".cfg", ".prototxt"}
    and "golden" not in path.parts
)
TRAINED = (
    "lenet5",
    "resnet20",
    "resnet18-cifar",
    "convnext-v2-atto",
    "crnn",
    "mixnet-s",
    "bifpn-d0",
    "dcgan",
)


def test_what_a_file_holds_is_written_or_refused(share_of_files: list[Path]) -> None:
    written = 0
    for path in share_of_files:
        try:
            network = load(str(path))
            written += bool(model_bytes(build_graph(network)))
            source = exported(network)
        except (DescriptionError, UsageError):
            continue
        compile(ast.parse(source), str(path), "exec")
        written += 1
    assert written > len(share_of_files) // 5


@pytest.fixture(params=range(8))
def share_of_files(request: pytest.FixtureRequest) -> list[Path]:
    """A share of all files."""
    return FILES[request.param :: 8]


def test_cases_of_fields_are_the_same_networks(torch_python: str, tmp_path: Path) -> None:
    graphs = {path.stem: build_graph(load(str(path))) for path in sorted((_DATA / "cases").glob("*.yaml"))}
    found = ran(torch_python, tmp_path, graphs)
    for name, graph in graphs.items():
        hold(graph, found[name])


@settings(max_examples=2)
@given(drawn=st.lists(pairs(), min_size=12, max_size=12))
def test_random_networks_are_the_same_networks(
    drawn: list[Pair], torch_python: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    graphs = {}
    for number, pair in enumerate(drawn):
        graphs |= {f"{number}{side}": each.graph for side, each in zip("ab", pair.networks(), strict=True)}
    found = ran(torch_python, tmp_path_factory.mktemp("random"), graphs)
    for name, graph in graphs.items():
        hold(graph, found[name])


def test_every_weight_of_an_exported_network_is_trained(torch_python: str, tmp_path: Path) -> None:
    graphs = {name: build_graph(load(name)) for name in TRAINED}
    found = ran(torch_python, tmp_path, graphs, {name: {"train": True} for name in TRAINED})
    for name in TRAINED:
        assert found[name]["trained"] == found[name]["tensors"], name
        assert found[name]["finite"], name
