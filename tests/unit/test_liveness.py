"""Peak activations against running a network by hand, and by brute force: reference counts, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rfcalc
from rfcalc.analysis.figures import COUNTS, network_count
from rfcalc.analysis.liveness import peak_activations
from rfcalc.graph.ir import Graph
from rfcalc.library import read_expression
from rfcalc.symbolic.polynomial import sum_of
from rfcalc.units import number_formats


def run_by_hand(graph: Graph) -> object:
    """Allocate and free tensors as an interpreter with reference counts would; the high-water mark."""
    readers = dict.fromkeys(range(len(graph.nodes)), 0)
    for node in graph.nodes:
        for operand in set(node.inputs):
            readers[operand] += 1
    held = {index: graph.nodes[index].facts.output.elements for index in graph.inputs}
    most = sum_of(held.values())
    for index, node in enumerate(graph.nodes):
        if index not in graph.inputs and not node.facts.sink:
            held[index] = node.facts.output.elements
        most = max(most, sum_of(held.values()))
        for operand in set(node.inputs):
            readers[operand] -= 1
        for gone in [each for each in held if not readers[each] and each <= index]:
            if gone not in graph.outputs:
                del held[gone]
    return most


def peak(text: str, size: str) -> object:
    return peak_activations(rfcalc.analyze(read_expression(text), input=size).graph)


def test_a_chain_holds_the_input_and_the_output_of_its_largest_layer() -> None:
    # 8x8x3 = 192; conv to 16 channels 1024; pooled 256; conv to 8 channels 128.
    assert peak("conv f=3 p=1 d=16; maxpool f=2 s=2; conv f=3 p=1 d=8", "8x8x3") == 1024 + 256
    # The first layer of VGG-16 that reads what it writes in size: 224x224x64, in and out.
    vgg = rfcalc.analyze("vgg16")
    assert network_count("peak_activations", vgg) == 2 * 224 * 224 * 64


def test_a_shortcut_is_held_while_it_is_waited_for() -> None:
    text = "conv f=3 p=1 d=4 as a; conv f=3 p=1 d=4; conv f=3 p=1 d=4 as b; add from=a+b"
    # At the second and third convolution the shortcut is held beside input and output; at the join too.
    assert peak(text, "4x4x1") == 3 * 64
    assert peak("conv f=3 p=1 d=4; conv f=3 p=1 d=4; conv f=3 p=1 d=4", "4x4x1") == 2 * 64


def test_a_batch_and_number_formats_multiply() -> None:
    network = rfcalc.analyze("lenet5", batch=4)
    one = network_count("peak_activations", rfcalc.analyze("lenet5"))
    assert isinstance(one, int)
    assert network_count("peak_activations", network) == 4 * one
    formats = number_formats("int8/fp16")
    params = network_count("params", network)
    assert isinstance(params, int)
    assert network_count("peak_activations_bytes", network, formats) == 8 * one
    assert network_count("peak_memory", network, formats) == 8 * one + params


def test_symbols_leave_it_open_where_they_decide() -> None:
    graph = rfcalc.analyze(read_expression("conv f=3 p=1 d=16; conv f=3 p=1 d=16"), input="HxWx3").graph
    assert str(peak_activations(graph)) == "32HW"
    text = "conv f=1 d=C; conv f=1 d=8; conv f=1 d=8"
    graph = rfcalc.analyze(read_expression(text), input="4x4x1", params={"C": "C"}).graph
    assert peak_activations(graph) is None


@pytest.mark.parametrize(
    "name", ["unet", "densenet121", "hrnet-w18", "yolov3", "googlenet", "bifpn-d0", "swin-t"]
)
def test_shipped_networks_as_if_run(name: str) -> None:
    graph = rfcalc.analyze(name).graph
    assert peak_activations(graph) == run_by_hand(graph)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=8))
def test_random_chains_with_joins(layers: list[tuple[int, int]]) -> None:
    lines = []
    for number, (channels, back) in enumerate(layers):
        lines.append(f"conv f=1 d={channels} as l{number}")
        if back and number >= back:
            lines.append(f"concat from=l{number - back}+l{number} as j{number}")
    graph = rfcalc.analyze(read_expression("; ".join(lines)), input="3x3x2").graph
    assert peak_activations(graph) == run_by_hand(graph)


def test_it_can_be_promised_and_is_no_sum_over_layers() -> None:
    assert not COUNTS["peak_memory"].adds_up
    text = "name: n\ninput: 8x8x3\ncheck:\n  - peak_activations <= 1280\n  - peak_memory < 5000\nlayers:\n"
    text += "  - conv f=3 p=1 d=16\n  - maxpool f=2 s=2\n"
    found = rfcalc.read_text(text)
    assert [finding.code for finding in rfcalc.check(found, select="RF3")] == ["RF301"]
    assert rfcalc.analyze(found).to_dict()["totals"]["peak_activations"] == 1280  # type: ignore[index]
