"""Arguments have one order and one spelling, in lines and in tables; the book has an order of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rfcalc import load, shipped_names
from rfcalc.description import build_graph
from rfcalc.graph.ir import Node
from rfcalc.library import read_data, read_expression
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.report.cells import Style
from rfcalc.report.network_table.columns import operation
from rfcalc.spec.formatter import format_text


def operation_text(name: str, node: Node) -> str:
    return operation(name, node).text(Style())


ROOT = Path(__file__).parents[2]
# What the guides say of `rfcalc fmt`.
LETTERS = ("f", "s", "p", "d", "r", "g")


@pytest.mark.parametrize("name", OPERATOR_NAMES)
def test_the_letters_come_first_and_in_the_order_that_the_guide_gives(name: str) -> None:
    spellings = [attribute.spelling for attribute in find_operator(name).attributes.values()]
    letters = [letter for letter in LETTERS if letter in spellings]
    assert spellings[: len(letters)] == letters


def test_the_books_column_has_padding_before_the_stride() -> None:
    node = build_graph(
        read_expression("conv f=5 s=2 p=1 d=4; lrn k=2 n=5 alpha=1e-4 beta=0.75"), input="9x9x3"
    )
    conv, lrn = (find_operator(each.op).parameter_text(each.arguments) for each in node.layers)
    assert conv == "f = 5; p = 1; s = 2; d = 4"
    assert lrn == "k = 2; n = 5; α = 10^-4; β = 0.75"


_READ_BACK = (
    *("conv f=3 d=2*C", "lrn k=2 n=5 alpha=1e-4 beta=0.75", "conv f=1x7 p=0x3 d=C+1", "conv f=2 p=0:1 d=4"),
    *("dropout rate=0.1", "slice channels=0:8", "upsample scale=2x1.5 mode=bilinear", "maxpool f=3 ceil=yes"),
)


def _graph(lines: list[str], size: str) -> list[dict[str, object]]:
    return [
        dict(node.arguments) for node in build_graph(read_expression("; ".join(lines)), input=size).layers
    ]


@pytest.mark.parametrize("line", _READ_BACK)
def test_an_operation_of_the_table_is_a_line_of_a_description(line: str) -> None:
    (node,) = build_graph(read_expression(line), input="12x12x(8*C)").layers
    text = operation_text(node.op, node)
    # Flags are left out of the column.
    flags = [
        f"{name}={'yes' if value else 'no'}"
        for name, value in node.arguments.items()
        if isinstance(value, bool)
    ]
    assert _graph([" ".join([text, *flags])], "12x12x(8*C)") == [dict(node.arguments)]


def test_every_operation_of_the_shipped_networks_is_canonical() -> None:
    texts = {
        operation_text(node.op, node) for name in shipped_names() for node in build_graph(load(name)).layers
    }
    lines = "".join(f"  - {text}\n" for text in sorted(texts))
    text = f"input: 9x9x3\nlayers:\n{lines}"
    assert format_text(read_data(text.encode(), "net.yaml").network) == text


def test_the_examples_of_the_readme_are_canonical() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(# [\w-]+\.yaml\n.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    # Rows of another program's modules are no description.
    examples = [block for block in blocks if "\nbackbone:" not in block]
    assert len(examples) >= 2
    for example in examples:
        assert format_text(read_data(example.encode(), "net.yaml").network) == example
