"""Every operator that is written in PyTorch, with its rarer arguments: sizes, parameters, results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from exporting.exported_networks import hold, ran
from exporting.operator_cases import CASES, MOVED, graph_of, text_of

from rfcalc import DescriptionError
from rfcalc.exporting.torch.registry import exporter_of
from rfcalc.exporting.torch.writing import torch_source
from rfcalc.library import analyze, read_text
from rfcalc.ops.registry import OPERATOR_NAMES

# What is said of layers that are not written.
REFUSED = {
    "12x12x4: avgpool f=4 s=2 p=0:1 ceil=yes": "it rounds up, with padding of unequal amounts",
    "6x6x4: function of=pow": "the number that is the other operand of pow is not said",
    "5: lstm d=6": "a plain vector has no axis to run along",
    "5x3: lstm d=6 biases=3": "it has 3 biases for each unit",
    "5: softmax over=positions": "there is nothing that is taken together",
    "5: grn": "a plain vector has no map",
    "5: in": "a plain vector has no map",
    "5: lrn": "PyTorch's reads maps alone",
    "4x4x4x27: fold f=3 size=6": "PyTorch has it for images alone",
    "8x8x12: attention position_bias=7": "how its numbers become a bias by position is not said",
    "{a: 4, b: 5x4}: attention from=a+b": "attention of or to a plain vector",
    "{a: 8x8x12, b: 8x8x12, c: 8x8x12}: attention from=a+b+c window=4": "attention in windows to other",
    "{a: 5, b: 5x4}: matmul from=a+b": "a product with a plain vector",
    "8x8x4: conv f=3 p=1 d=4 as one; conv f=3 p=2 d=4 dilation=2 weights=one": "its weights are those of one",
    "8x8x4: roipool count=3 size=2": "nothing in PyTorch that rfcalc writes is like it",
    "8x8x4: opaque type=Odd size=8x8x4": "nothing in PyTorch that rfcalc writes is like it",
}
# Networks of linear layers and smooth functions, whose gradient shows what a unit sees.
SEEING = """
12x12x4: conv f=3x5 s=2x1 p=1x2 d=6 dilation=2x1
12x12x4: conv f=4 p=same s=3 d=6; dwconv f=3 p=0:2x1:0
12x12x4: conv f=3 p=1 d=6 padding_mode=reflect; conv f=3 p=1 d=2 padding_mode=circular
12x4: conv f=3 p=causal d=6 dilation=4
7x7x4: deconv f=3 s=2 p=0:2x1:0 d=6
7x7x4: deconv f=3 s=2 p=same d=6
12x12x4: avgpool f=3 s=2 p=0:1 count_include_pad=no
12x12x4: avgpool f=4 s=2 p=0:1 ceil=yes count_include_pad=no
12x12x4: adaptiveavgpool size=5x7
12x12x4: upsample scale=3/2 mode=bilinear
3x4x4: localconv f=2 d=6 p=1:0x0:1 s=1x2 dilation=1x2
12x12x4: unfold f=3x2 s=2x1 p=1:0x0:1 dilation=1x2; conv f=1 d=2
12x12x4: roll by=3x-2; conv f=3 p=1 d=2
8x12: attention heads=4 window=4 shift=2 relative_bias=yes
8x8x12: attention heads=4 window=4x2 shift=1x0 relative_bias=yes
8x8x12: attention heads=4 window=8x4 shift=3
""".strip().splitlines()


def test_every_operator_that_is_written_has_a_case() -> None:
    used = {node.op for case in CASES for node in graph_of(case).nodes}
    assert {name for name in OPERATOR_NAMES if exporter_of(name)} <= used


@pytest.fixture(scope="module")
def found(torch_python: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    asked: dict[str, dict[str, object]] = {case: {"values": True} for case in MOVED}
    asked |= {case: {"units": units_of(case)} for case in SEEING}
    graphs = {case: graph_of(case) for case in (*CASES, *MOVED, *SEEING)}
    return ran(torch_python, tmp_path_factory.mktemp("operators"), graphs, asked)


def units_of(case: str) -> list[list[int]]:
    """The units at two corners, and one in the middle."""
    (output,) = graph_of(case).outputs
    axes = [int(length) for length in graph_of(case).nodes[output].facts.output.axes]  # type: ignore[arg-type]
    return [[0] * len(axes), [length - 1 for length in axes], [length // 2 for length in axes]]


@pytest.mark.parametrize("case", CASES)
def test_sizes_and_parameters_are_those_of_the_table(case: str, found: dict[str, Any]) -> None:
    hold(graph_of(case), found[case])
    assert found[case]["finite"]
    assert set(found[case]["examples"]) == {2}


@pytest.mark.parametrize("case", MOVED)
def test_elements_are_moved_as_numpy_moves_them(case: str, found: dict[str, Any]) -> None:
    graph = graph_of(case)
    shapes = [graph.nodes[index].facts.output.sizes() for index in graph.inputs]
    operands = [np.arange(np.prod(shape)).reshape(shape) for shape in shapes]
    assert found[case]["values"] == MOVED[case](*operands).ravel().tolist()


@pytest.mark.parametrize("case", SEEING)
def test_a_unit_sees_what_locate_says(case: str, found: dict[str, Any]) -> None:
    network = analyze(read_text(text_of(case)))
    located = network.locate(units=[tuple(unit) for unit in units_of(case)]).to_dict()
    (layer,) = located["layers"]
    fields = [unit["fields"][0] for unit in layer["units"]]
    said = [[each["visible"]["first"], each["visible"]["last"], each["positions"]] for each in fields]
    assert found[case]["supports"] == said


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_written_is_refused_at_its_line(case: str) -> None:
    with pytest.raises(DescriptionError, match="cannot be exported to PyTorch") as raised:
        torch_source(graph_of(case))
    assert REFUSED[case] in str(raised.value)
    assert raised.value.diagnostics[0].position is not None
