"""The printer: what it prints is read as the same tree, and looks as somebody would write it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from descriptions import descriptions, values
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mutations import TEXTS, mutations

from rfcalc.errors import DescriptionError, Position, Source
from rfcalc.library import shipped_names, shipped_text
from rfcalc.spec.expression_printer import expression_text, number_text
from rfcalc.spec.expressions import parse_value
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.printer import print_network
from rfcalc.spec.reader import read_layers, read_network
from rfcalc.spec.syntax import Argument, Formula, Network
from rfcalc.spec.tokens import ExpressionError
from rfcalc.units import parse_amount

FOLDERS = ("cases", "truth", "book")
FILES = [
    path for folder in FOLDERS for path in (Path(__file__).parents[1] / "data" / folder).glob("**/*.yaml")
]


def without_places(tree: object) -> object:
    """A syntax tree as nested tuples, without positions."""
    if isinstance(tree, Position | Source):
        return None
    if isinstance(tree, Formula):
        return without_places(tree.tree)
    if isinstance(tree, Argument):
        return (tree.name, without_places(tree.value))
    if isinstance(tree, ScalarNode):
        return tree.text
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        fields = zip(tree._fields, tree, strict=True)
        parts = [without_places(part) for name, part in fields if name not in ("start", "end")]
        return (type(tree).__name__, *parts)
    if isinstance(tree, tuple):
        return tuple(map(without_places, tree))
    return (type(tree).__name__, tree)


def read(text: str) -> Network:
    return read_network(Source("net.yaml", text))


def assert_printed_is_the_same(network: Network) -> str:
    text = print_network(network)
    again = read(text)
    assert without_places(again) == without_places(network._replace(open=False))
    assert print_network(again) == text
    return text


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_network_is_printed_as_the_same(name: str) -> None:
    text = assert_printed_is_the_same(read(shipped_text(name)))
    # Nothing but a text that somebody wrote is longer than a line.
    assert all(len(line) <= 100 or re.match(r" *(text|zh|source): ", line) for line in text.splitlines())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_descriptions_under_tests_are_printed_as_the_same(path: Path) -> None:
    assert_printed_is_the_same(read(path.read_text("utf-8")))


@given(descriptions())
@settings(max_examples=300, deadline=None)
def test_any_description_is_printed_as_the_same(text: str) -> None:
    try:
        network = read(text)
    except DescriptionError:
        assume(False)
    assert_printed_is_the_same(network)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_spoilt_description_that_can_still_be_read_is_printed_as_the_same(data: st.DataObject) -> None:
    text = data.draw(mutations(TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]))
    try:
        network = read(text)
    except DescriptionError:
        return  # most spoilt descriptions cannot be read, and other tests are about those
    assert_printed_is_the_same(network)


@given(values, st.booleans(), st.booleans())
@example("not not HxW", True, False)
@example(":(a+a)xa", False, True)
@example("a:maxwidth and a", True, False)
@example("(ma)x(a or b)", True, True)
@settings(max_examples=500, deadline=None)
def test_an_expression_is_printed_as_the_same(text: str, per_axis: bool, in_line: bool) -> None:
    try:
        tree = parse_value(text, per_axis=per_axis)
    except ExpressionError:
        assume(False)
    printed = expression_text(tree, per_axis=per_axis, in_line=in_line)
    assert without_places(parse_value(printed, per_axis=per_axis)) == without_places(tree)
    if in_line:
        assert " " not in re.sub(r"\(.*\)", "", printed)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("2 * c", "2*c"),
        ("(a + b) * c", "(a+b)*c"),
        ("a + (b * c)", "a+b*c"),
        ("a - (b - c)", "a-(b-c)"),
        ("(2 ** 3) ** 2", "(2**3)**2"),
        ("2 ** 3 ** 2", "2**3**2"),
        ("(-2) ** 2", "(-2)**2"),
        ("a<b and not(c==1)", "a < b and not c == 1"),
        ("max( a,b )", "max(a, b)"),
        ("--a", "a"),
        ("1 : 2", "1:2"),
    ],
)
def test_parentheses_stand_where_they_must_and_spaces_around_comparisons(written: str, printed: str) -> None:
    assert expression_text(parse_value(written)) == printed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("1000000", "1000000"),
        ("5M", "5000000"),
        ("0.750", "0.75"),
        ("1e-4", "1e-4"),
        ("0.001", "0.001"),
        ("1e40", "1e40"),
        ("3.001e-40", "3.001e-40"),
        ("12345678901234567890123456789012345TiB", "12345678901234567890123456789012345TiB"),
    ],
)
def test_numbers_are_digits_where_they_are_not_too_many(written: str, printed: str) -> None:
    value = parse_amount(written)
    assert number_text(value) == printed
    assert parse_amount(printed) == value


def test_a_line_puts_what_it_promises_after_its_arguments_and_its_name_last() -> None:
    network = read_layers(Source("<expression>", "conv as c1 -> 30x30x4 d=(2 * 2) in=32x32x8 kernel=3"))
    assert print_network(network).splitlines()[-1] == "  - conv d=2*2 kernel=3 in=32x32x8 -> 30x30x4 as c1"


def test_what_is_short_stands_on_one_line_and_what_is_long_does_not() -> None:
    branch = [f"conv f=3 p=1 d={64 * 2**i} bias=no" for i in range(4)]
    text = json.dumps({"layers": [{"add": [["relu"], []], "as": "sum"}, {"add": [branch, []]}]})
    assert print_network(read(text)) == (
        "layers:\n"
        "  - {add: [[relu], []], as: sum}\n"
        "  - add:\n"
        "      - - conv f=3 p=1 d=64 bias=no\n"
        "        - conv f=3 p=1 d=128 bias=no\n"
        "        - conv f=3 p=1 d=256 bias=no\n"
        "        - conv f=3 p=1 d=512 bias=no\n"
        "      - []\n"
    )


def test_a_comma_or_an_open_end_within_brackets_is_quoted() -> None:
    text = json.dumps({"layers": [{"add": [["conv f=1 d=max(cin, 8)"], ["slice h=1:"], ["pad p=0:1"]]}]})
    assert print_network(read(text)) == (
        'layers:\n  - add: [["conv f=1 d=max(cin, 8)"], ["slice h=1:"], [pad p=0:1]]\n'
    )


def test_texts_that_yaml_would_read_as_something_else_are_quoted() -> None:
    texts = ["a: b", "a #b", "[a]", "null", "it's", 'say "a"', "2.0", "no", "- a"]
    text = json.dumps({"layers": ["relu"], "check": texts})
    printed = print_network(read(text))
    assert printed.splitlines()[3:] == [
        *(
            '  - "a: b"',
            '  - "a #b"',
            '  - "[a]"',
            '  - "null"',
            "  - it's",
            '  - say "a"',
            "  - 2.0",
            "  - no",
        ),
        '  - "- a"',
    ]
