"""The order of nodes, and the modules that they stand in."""

from __future__ import annotations

from random import Random

import pytest
from effort import lines_run
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError
from rfcalc.importers.onnx.model import AttributeValue, Function, ModelGraph, ModelNode, TensorInfo
from rfcalc.importers.onnx.order import ordered
from rfcalc.importers.onnx.scopes import listed_scopes, path_scopes


def graph(*edges: tuple[str, str], **attributes: AttributeValue) -> ModelGraph:
    """A graph of nodes that read and make the tensors of which each letter is the name."""
    nodes = tuple(
        ModelNode(
            "Op", tuple(inputs), tuple(outputs), attributes if not place else {}, f"n{place}", (), place
        )
        for place, (inputs, outputs) in enumerate(edges)
    )
    return ModelGraph("g", nodes, {}, (), (), {})


def places(found: ModelGraph | Function) -> list[int]:
    return [node.place for node in ordered(found)]


def test_nodes_in_order_stay_as_they_are() -> None:
    found = graph(("x", "a"), ("xw", "b"), ("ab", "c"), ("", "d"))
    assert ordered(found) is found.nodes


def test_what_is_read_before_it_is_made_moves_behind_it() -> None:
    assert places(graph(("b", "c"), ("x", "a"), ("a", "b"), ("c", "d"))) == [1, 2, 0, 3]
    assert places(Function("f", ("x",), ("b",), (), graph(("a", "b"), ("x", "a")).nodes, {})) == [1, 0]


def test_a_node_reads_what_graphs_within_it_read_from_outside() -> None:
    within = graph(("a", "z"), ("z", "y"))
    assert places(graph(("x", "q"), ("x", "a"), then=within)) == [1, 0]
    assert places(graph(("x", "q"), ("x", "a"), then=(graph(("x", "y"), inner=within),))) == [1, 0]
    own = ModelGraph("g", within.nodes, {}, (TensorInfo("a", "", None),), (), {})
    assert places(graph(("x", "q"), ("x", "a"), then=own)) == [0, 1]
    result = ModelGraph("g", (), {}, (), (TensorInfo("a", "", None),), {})
    assert places(graph(("x", "q"), ("x", "a"), then=result)) == [1, 0]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (graph(("a", "a")), "node 'n0' reads what it makes"),
        (graph(("x", "q"), ("qb", "a"), ("a", "b")), "nodes 'n1' and 'n2' read each other's outputs"),
        (
            graph(*((chr(97 + (n + 1) % 9), chr(97 + n)) for n in range(9))),
            "'n4' … (9 nodes) read each other's",
        ),
        (graph(("a", "b"), then=graph(("b", "z"))), "node 'n0' reads what it makes"),
    ],
)
def test_nodes_in_a_circle_are_refused(found: ModelGraph, message: str) -> None:
    with pytest.raises(DescriptionError) as error:
        ordered(found)
    assert message in str(error.value)


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_shuffled_nodes_are_put_in_an_order_that_runs(seed: int, count: int) -> None:
    random = Random(seed)
    edges = [
        ([f"t{random.randrange(place)}" for _ in range(random.randrange(4)) if place], [f"t{place}"])
        for place in range(count)
    ]
    random.shuffle(edges)
    found = graph(*edges)
    made: set[str] = set()
    for node in ordered(found):
        assert made.issuperset(node.inputs)
        made.update(node.outputs)
    assert sorted(places(found)) == list(range(count))


def test_a_long_chain_that_is_written_backwards_is_put_in_order_in_linear_time() -> None:
    def chain(count: int) -> ModelGraph:
        return graph(*(([f"t{n}"], [f"t{n + 1}"]) for n in reversed(range(count))))

    order, _ = lines_run(lambda: ordered(chain(4000)), 4000 * 60)
    assert order[0].outputs == ("t1",)


# Scopes


def test_scopes_are_read_from_the_list_of_an_exporter() -> None:
    assert listed_scopes("['', 'layer1', 'layer1.0', 'conv2d_1']") == ("layer1", "layer1.0")
    assert listed_scopes("['', 'add']") == listed_scopes("['add']") == listed_scopes("[]") == ()
    for text in ("", "x", "[", "None", "['a', 'b'", "__import__('os')"):
        assert listed_scopes(text) == ()


@given(st.lists(st.text(min_size=1), max_size=5))
def test_any_names_in_such_a_list_are_read_back(names: list[str]) -> None:
    assert listed_scopes(repr([*names, "op"])) == tuple(names)


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("", ()),
        ("Conv_12", ()),
        ("model/conv/Conv2D", ()),
        ("/Add", ()),
        ("/conv1/Conv", ("conv1",)),
        ("/layer1/layer1.0/conv1/Conv", ("layer1", "layer1.0", "layer1.0.conv1")),
        (
            "/features/features.2/conv/conv.0/conv.0.2/Clip",
            ("features", "features.2", "features.2.conv", "features.2.conv.0", "features.2.conv.0.2"),
        ),
        # A list of modules is not called itself.
        ("/blocks.0/attn/MatMul_1", ("blocks.0", "blocks.0.attn")),
        ("/blocks.0/blocks/Add", ("blocks.0", "blocks.0.blocks")),
        ("/a/ab/Add", ("a", "a.ab")),
    ],
)
def test_scopes_are_read_from_the_path_in_a_name(name: str, scopes: tuple[str, ...]) -> None:
    assert path_scopes(name) == scopes
