"""What a node says of its attributes and operands: what is written, what is decided, where each stands."""

from __future__ import annotations

import pytest

from rfcalc.description import build_graph
from rfcalc.graph.ir import Graph, Node
from rfcalc.library import read_text
from rfcalc.ops.operator import Arguments


def built(*lines: str, blocks: str = "") -> Graph:
    body = "".join(f"  - {line}\n" for line in lines)
    return build_graph(read_text(f"input: 8x8x4\n{blocks}layers:\n{body}"))


def layer(*lines: str, blocks: str = "") -> Node:
    """The last layer."""
    return built(*lines, blocks=blocks).layers[-1]


def told(arguments: Arguments, name: str) -> tuple[object, object, object]:
    """The value in effect, the written one and the decided one; None where there is none."""
    return arguments[name], arguments.written.get(name), arguments.decided.get(name)


def test_what_is_left_out_and_not_decided_is_neither_written_nor_decided() -> None:
    arguments = layer("conv f=3 d=4").arguments
    assert told(arguments, "stride") == ((1, 1), None, None)
    assert told(arguments, "padding") == (((0, 0), (0, 0)), None, None)
    assert set(arguments.written) == {"kernel", "out_channels"}
    assert arguments.decided == {}


@pytest.mark.parametrize("line", ["conv f=3 p=1 d=4", "deconv f=3 p=1 d=4", "maxpool f=3 p=1 s=3"])
def test_numbers_that_are_written_are_not_decided(line: str) -> None:
    arguments = layer(line).arguments
    assert told(arguments, "padding") == (((1, 1), (1, 1)), ((1, 1), (1, 1)), None)
    assert arguments.decided == {}


def test_a_value_that_is_written_at_its_default_is_written() -> None:
    assert told(layer("conv f=3 s=1 d=4").arguments, "stride") == ((1, 1), (1, 1), None)


def test_a_word_is_written_and_the_sizes_decide_what_it_comes_to() -> None:
    # TensorFlow's same on 8 positions at stride 2: 4 windows, (4 − 1) · 2 + 3 − 8 = 1, after.
    arguments = layer("conv f=3 s=2 p=same d=4").arguments
    assert told(arguments, "padding") == (((0, 1), (0, 1)), "same", ((0, 1), (0, 1)))
    assert arguments.word("padding") == "same"
    assert arguments.word("kernel") is arguments.word("bias") is None


def test_other_attributes_and_layers_that_are_followed_decide_too() -> None:
    assert told(layer("maxpool f=2").arguments, "stride") == ((2, 2), None, (2, 2))
    assert told(layer("attention d=6").arguments, "key_channels") == (4, None, 4)
    assert told(layer("attention d=6").arguments, "out_channels") == (6, 6, None)
    assert told(layer("upsample size=5").arguments, "size") == ((5, 5), (5, 5), None)
    followed = layer("relu as a", "maxpool f=2", "upsample like=a").arguments
    assert told(followed, "size") == ((8, 8), None, (8, 8))


def test_a_kernel_that_the_map_decides_may_be_written_too() -> None:
    assert told(layer("fc d=4").arguments, "kernel") == ((8, 8), None, (8, 8))
    assert told(layer("fc f=8 d=4").arguments, "kernel") == ((8, 8), (8, 8), (8, 8))


def test_the_parameter_of_a_block_is_written_as_the_block_writes_it() -> None:
    node = layer("unit q=same k=3", blocks="blocks:\n  unit(q, k): [conv f=k s=2 p=q d=k*2]\n")
    assert node.arguments.written == {
        "kernel": (3, 3),
        "padding": "same",
        "stride": (2, 2),
        "out_channels": 6,
    }
    padding = node.argument("padding")
    assert padding is not None
    assert padding.text == "p=q"


@pytest.mark.parametrize(
    ("line", "attribute", "text"),
    [
        ("conv f=3 d=4 p=1", "padding", "p=1"),
        ("conv kernel=3 d=4", "kernel", "kernel=3"),
        ("conv f=3 d=max(2, (1+1)*4)", "out_channels", "d=max(2, (1+1)*4)"),
        ("conv f=3 d=(4)", "out_channels", "d=(4)"),
        ('"conv f=3 d=4"', "out_channels", "d=4"),
        ('"conv f=3\\x20d=4"', "out_channels", "d=4"),
    ],
)
def test_an_argument_is_told_as_it_is_written(line: str, attribute: str, text: str) -> None:
    argument = layer(line).argument(attribute)
    assert argument is not None
    assert argument.text == text


def test_an_argument_knows_where_its_name_and_its_value_stand() -> None:
    argument = layer("conv f=3 padding=1 d=4").argument("padding")
    assert argument is not None
    name, value = argument.name_position, argument.value.position
    # Four columns of indentation and dash, then `conv f=3 `.
    assert (name.line, name.column, name.end) == (3, 14, 21)
    assert (value.line, value.column, value.end) == (3, 22, 23)
    assert layer("conv f=3 d=4").argument("padding") is None


def test_what_stands_within_the_branches_of_a_join_is_not_the_joins_own() -> None:
    join = layer("{concat: [[conv f=3 p=1 d=4], []]}")
    assert (join.op, join.as_written, dict(join.arguments)) == ("concat", (), {"axis": None})


def test_equal_layers_share_what_they_say() -> None:
    one, two, three = built("conv f=3 p=same d=4", "conv f=3 p=same d=4", "conv f=3 p=1 d=4").layers
    assert one.arguments is two.arguments
    assert dict(one.arguments) == dict(three.arguments)
    assert (one.arguments.word("padding"), three.arguments.word("padding")) == ("same", None)
    first, second = built("{repeat: 2, do: [conv f=3 p=1 d=4]}").layers
    assert first.as_written is second.as_written
    assert first.routes is second.routes


def test_every_operand_says_why_it_is_read() -> None:
    graph = built(
        "conv f=3 p=1 d=4 as a",
        "relu as b",
        "add from=a as sum",
        "relu from=a as other",
        "{concat: [[relu], [], [tanh]], from: a+b, as: joined}",
        "{concat: [[relu], [tanh]], split: 2, as: halves}",
    )
    reads = {
        node.name: [
            (graph.nodes[index].name, route) for index, route in zip(node.inputs, node.routes, strict=True)
        ]
        for node in graph.nodes
    }
    assert reads["input"] == []
    assert reads["a"] == [("input", "current")]
    assert reads["sum"] == [("b", "current"), ("a", "from")]
    assert reads["other"] == [("a", "from")]
    assert reads["joined"] == [
        ("relu1", "branch"),
        ("other", "branch"),
        ("tanh1", "branch"),
        ("a", "from"),
        ("b", "from"),
    ]
    assert reads["slice2"] == [("joined", "current")]
    assert [route for _, route in reads["halves"]] == ["branch", "branch"]


def test_a_join_where_no_one_tensor_enters_reads_only_what_it_names() -> None:
    text = "input: {left: 4x4x2, right: 4x4x2}\nlayers:\n  - add from=left+right\n"
    assert build_graph(read_text(text)).layers[0].routes == ("from", "from")
