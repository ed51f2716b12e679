"""The flat form of imported networks: a line a step, and what is read of it is the same network."""

from __future__ import annotations

import pytest
from steps_of import graph_of, network_of

from rfcalc.description import build_graph
from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.importers.writing.flat import flat
from rfcalc.library import load, shipped_names, shipped_text
from rfcalc.ops.attributes import SpanValue, Value
from rfcalc.shapes import Shape

SIZE = Shape((8, 8), 4)


def step(operator: str, *operands: int, name: str = "", shape: Shape = SIZE, **values: Value) -> ImportedStep:
    return ImportedStep(operator, operands, values, shape, name)


def written(*steps: ImportedStep, outputs: tuple[int, ...] = ()) -> str:
    last = (len(steps) - 1,)
    return flat(ImportedNetwork("", steps, outputs or last)).text


def layers(*steps: ImportedStep, outputs: tuple[int, ...] = ()) -> str:
    """The lines behind `layers:`, a `;` between them."""
    text = written(step("input"), *steps, outputs=outputs)
    graph_of(text)
    return "; ".join(line.strip().removeprefix("- ") for line in text.partition("layers:\n")[2].splitlines())


@pytest.mark.parametrize("name", [name for name in shipped_names() if "\nsymbols:" not in shipped_text(name)])
def test_what_is_read_of_the_flat_form_is_the_same_network(name: str) -> None:
    graph = build_graph(load(name))
    network = network_of(graph)
    text, places = flat(network)
    again = network_of(graph_of(text))
    assert again == network
    lines = text.splitlines()
    assert len(places) == len(lines)
    told = {place: line for line, place in zip(lines, places, strict=True) if place}
    for each in network.steps[len(graph.inputs) :]:
        assert told[each.place].endswith(f"as {each.name}") or told[each.place].endswith(f"as: {each.name}}}")


def test_a_chain_names_no_operand() -> None:
    assert layers(step("relu", 0), step("sigmoid", 1), step("relu", 2)) == "relu; sigmoid; relu"


def test_what_stands_elsewhere_is_named_and_what_stands_before_is_not() -> None:
    assert (
        layers(step("relu", 0), step("tanh", 0), step("add", 2, 1))
        == "relu as relu1; tanh from=input; add from=relu1"
    )


def test_operands_keep_their_order() -> None:
    text = layers(
        step("relu", 0), step("tanh", 0), step("sub", 1, 2), step("concat", 1, 2, shape=Shape((8, 8), 8))
    )
    assert text.startswith("relu as relu1; tanh from=input as tanh1; ")
    assert text.endswith("; sub from=relu1+tanh1; {concat: [], from: relu1+tanh1}")


def test_a_join_with_attributes_is_told_its_operands_before_its_line() -> None:
    text = layers(
        step("relu", 0),
        step("tanh", 0),
        step("concat", 1, 2, shape=Shape((16, 8), 4), axis=0),
    )
    assert text.endswith("{tensors: [], from: relu1+tanh1}; concat axis=0")


def test_an_operator_that_a_name_stands_beside_can_read_another_tensor_alone() -> None:
    text = layers(
        step("relu", 0), step("tanh", 1), step("deformconv", 1, kernel=3, padding=1, out_channels=4)
    )
    assert text.endswith("{tensors: [], from: relu1}; deformconv f=3 p=1 d=4")


def test_names_become_names_of_the_language_each_its_own() -> None:
    text = layers(
        step("relu", 0, name="a/b:c"),
        step("relu", 1, name="a b c"),
        step("relu", 2, name="3"),
        step("relu", 3, name="input"),
        step("relu", 4, name="relu"),
        step("relu", 5, name="relu"),
        step("relu", 6, name="relu2"),
        step("relu", 7, name="层"),
        step("relu", 8, name="a.0.0b"),
        step("relu", 9, name=f"a.{'7' * 41}"),
    )
    names = [line.split(" as ")[1] for line in text.split("; ")]
    assert names[:8] == ["a_b_c", "a_b_c2", "_3", "input2", "relu", "relu3", "relu2", "_"]
    assert names[8:] == ["a.0._0b", f"a._{'7' * 41}"]


def test_a_network_of_several_inputs_and_outputs_names_them() -> None:
    inputs = step("input", name="left"), step("input", name="right view")
    text = written(*inputs, step("relu", 0), step("relu", 1), step("sub", 2, 3), outputs=(4, 2))
    graph = graph_of(text)
    assert [graph.nodes[index].name for index in graph.inputs] == ["left", "right_view"]
    assert [node.inputs for node in graph.layers] == [(0,), (1,), (2, 3)]
    assert graph.outputs == (4, 2)


def test_steps_that_learn_the_same_tensor_share_it() -> None:
    same = {"weight": "w", "bias": "b"}
    convolution = ImportedStep(
        "conv", (0,), {"kernel": 3, "padding": 1, "out_channels": 4}, SIZE, "one", learned=same
    )
    text = layers(convolution, convolution._replace(operands=(1,), name="two"))
    assert text == "conv f=3 p=1 d=4 as one; conv f=3 p=1 d=4 weights=one as two"


def test_texts_of_files_are_quoted_where_the_document_would_read_more_in_them() -> None:
    network = ImportedNetwork(
        "a: b #\n\x07c", (step("input"), step("slice", 0, h=SpanValue(1, None))), (1,), "- 'x' \"y\""
    )
    graph = graph_of(flat(network).text)
    assert (graph.name, graph.source) == ("a: b # c", "- 'x' \"y\"")
    assert graph.layers[0].facts.output == Shape((7, 8), 4)
