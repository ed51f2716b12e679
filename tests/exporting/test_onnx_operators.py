"""Every operator that is written in ONNX, with its rarer arguments: sizes, results, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exporting import exported_networks
from exporting.exported_models import hold, model_bytes, ran
from exporting.exported_networks import macs_of, parameters_of
from exporting.operator_cases import CASES, MOVED, graph_of

from rfcalc import DescriptionError
from rfcalc.description import build_graph
from rfcalc.exporting.onnx.nodes import WEIGHTS, WeightChoice
from rfcalc.exporting.onnx.registry import writer_of
from rfcalc.exporting.onnx.writing import onnx_file
from rfcalc.library import load
from rfcalc.ops.registry import OPERATOR_NAMES

# What is said of layers that are not written.
REFUSED = {
    "12x12x4: lrn n=4": "4 neighbours are not as many on both sides",
    "6x6x4: function of=pow": "the number that is the other operand of pow is not said",
    "5: lstm d=6": "a plain vector has no axis to run along",
    "5x3: lstm d=6 biases=3": "it has 3 biases for each unit",
    "5: softmax over=positions": "there is nothing that is taken together",
    "5: ln over=positions": "there is nothing that is taken together",
    "5: grn": "a plain vector has no map",
    "5: in": "a plain vector has no map",
    "12x4: upsample scale=2 mode=bicubic": "bicubic interpolation of other maps than images",
    "12x12x4: avgpool f=2 p=2 count_include_pad=no": "windows may lie in the padding alone",
    "8x8x12: attention position_bias=7": "how its numbers become a bias by position is not said",
    "{a: 4, b: 5x4}: attention from=a+b": "attention of or to a plain vector",
    "{a: 5, b: 5x4}: matmul from=a+b": "a product with a plain vector",
    "8x8x4: deformconv f=3 p=1 d=4": "where its offsets come from is not said",
    "8x8x4: roipool count=3 size=2": "ONNX has no operators for it",
    "8x8x4: opaque type=Odd size=8x8x4": "ONNX has no operators for it",
}
# What else ONNX has, and PyTorch has not.
MORE = """
8x8x4: conv f=3 p=1 d=18 as offsets; deformconv f=3 p=1 d=6 from=input+offsets
8x8x4: conv f=3 p=1 d=54 as o; deformconv f=3 p=1 d=6 groups=2 offset_groups=2 modulated=yes from=input+o
8x8x12: conv f=1 d=12 as k; conv f=1 d=12 as v; attention window=4 heads=2 projections=no from=input+k+v
4x4x4x27: fold f=3 size=6
12x12x4: avgpool f=4 s=2 p=0:1 ceil=yes
12x12x4: maxpool f=2 p=2 s=3
12x12x4: avgpool f=2 p=2:0 s=1
17x8x3: maxpool f=2x3 s=2 p=1 ceil=yes
17x8x3: avgpool f=2x3 s=2 p=1 ceil=yes
""".strip().splitlines()
WRITTEN = [case for case in (*CASES, *MORE) if case not in REFUSED]
# A table that is not learned is made of zeros in ONNX, and drawn in PyTorch.
NOT_COMPARED = {"8x4: learned size=8x4 learned=no as sines; add from=input"}


@pytest.fixture(scope="module")
def found(onnx_python: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    asked = {case: {"values": True} for case in MOVED}
    graphs = {case: graph_of(case) for case in (*WRITTEN, *MOVED)}
    return ran(onnx_python, tmp_path_factory.mktemp("operators"), graphs, asked=asked)


def test_every_operator_that_is_written_has_a_case() -> None:
    used = {node.op for case in WRITTEN for node in graph_of(case).nodes}
    assert {name for name in OPERATOR_NAMES if writer_of(name)} <= used


@pytest.mark.parametrize("case", WRITTEN)
def test_sizes_are_those_of_the_table(case: str, found: dict[str, Any]) -> None:
    hold(graph_of(case), found[case])
    assert set(found[case]["examples"]) == {1 if case in MOVED else 2}


@pytest.mark.parametrize("case", MOVED)
def test_elements_are_moved_as_numpy_moves_them(case: str, found: dict[str, Any]) -> None:
    graph = graph_of(case)
    shapes = [graph.nodes[index].facts.output.sizes() for index in graph.inputs]
    operands = [np.arange(np.prod(shape)).reshape(shape) for shape in shapes]
    hold(graph, found[case])
    assert found[case]["values"] == MOVED[case](*operands).ravel().tolist()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_written_is_refused_at_its_line(case: str) -> None:
    with pytest.raises(DescriptionError, match="cannot be exported to ONNX") as raised:
        onnx_file(graph_of(case), "none", "")
    assert REFUSED[case] in str(raised.value)
    assert raised.value.diagnostics[0].position is not None


def test_with_the_same_weights_pytorch_computes_the_same(
    onnx_python: str, torch_python: str, tmp_path: Path
) -> None:
    graphs = {case: graph_of(case) for case in CASES if case not in REFUSED.keys() | NOT_COMPARED}
    kept = {case: str(tmp_path / f"{number}.npz") for number, case in enumerate(graphs)}
    ran(onnx_python, tmp_path, graphs, asked={case: {"kept": path} for case, path in kept.items()})
    asked = {case: {"numbers": path} for case, path in kept.items()}
    compared = exported_networks.ran(torch_python, tmp_path, graphs, asked)
    wrong = {case: each["apart"] for case, each in compared.items() if max(each["apart"]) > 1e-4}
    assert not wrong


# What a file cannot say: which learned tensor is for training alone; that what is computed of learned tensors
# alone is computed at all.
READ_OTHERWISE = {
    "8x4: learned size=4 training=yes as token; relu from=input",
    "8x4: learned size=3x4 as query; attention heads=2 from=query+input",
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("share", range(8))
def test_parameters_and_work_are_read_back(share: int, weights: WeightChoice, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for case in WRITTEN[share::8]:
        if case in READ_OTHERWISE:
            continue
        graph = graph_of(case)
        path.write_bytes(model_bytes(graph, weights))
        again = build_graph(load(str(path)))
        assert parameters_of(again) == parameters_of(graph), case
        assert macs_of(again) == macs_of(graph), case
