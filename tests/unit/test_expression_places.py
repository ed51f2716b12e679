"""Where the parts of an expression stand: the text of each has all of its parentheses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc.conditions.text import read_condition
from rfcalc.spec.expressions import parse_expression, parse_value
from rfcalc.spec.trees import Expression, Name, Numeral, Operations


def parts(tree: object) -> list[Expression]:
    """Every part of a tree that is an expression."""
    if not isinstance(tree, tuple) or isinstance(tree, Numeral):
        return []
    found: list[Expression] = [tree] if hasattr(tree, "start") else []  # type: ignore[list-item]  # a node
    return found + [part for entry in tree for part in parts(entry)]


def texts(text: str, tree: Expression) -> list[str]:
    return [text[part.start : part.end] for part in parts(tree)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a + b", "a + b"),
        ("(a) + b", "(a) + b"),
        ("((a + b) * (c))", "((a + b) * (c))"),
        ("-(a)", "-(a)"),
        ("(a) ** (b)", "(a) ** (b)"),
        ("not (a <= (b))", "not (a <= (b))"),
    ],
)
def test_the_text_of_an_expression_is_that_it_was_read_from(text: str, told: str) -> None:
    assert texts(text, parse_expression(text))[0] == told


def test_the_sides_of_a_comparison_have_their_parentheses() -> None:
    text = "((params) + 1) * (2) <= (136M) and (macs)*(3) <= ((16G))"
    tree = read_condition(text).tree
    assert isinstance(tree, Operations)
    sides = [text[each.start : each.end] for _, part in [("", tree.first), *tree.rest] for each in part[:1]]
    assert sides == ["((params) + 1) * (2)", "(macs)*(3)"]


def test_a_list_per_axis_has_the_parentheses_of_its_entries() -> None:
    assert texts("(a + 1)x(b)", parse_value("(a + 1)x(b)", per_axis=True))[0] == "(a + 1)x(b)"


LEAVES = st.sampled_from(["a", "b", "12", "5M", "min(a, (b))"])
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(inner, st.sampled_from([" + ", "*", " // ", " ** ", " <= ", " and "]), inner).map("".join),
    ),
    max_leaves=8,
)


@given(TEXTS)
def test_no_part_loses_a_parenthesis(text: str) -> None:
    tree = parse_expression(text)
    for told in texts(text, tree):
        assert told.count("(") == told.count(")"), told
    # Two signs cancel, and leave nothing in the tree.
    if not isinstance(tree, Numeral | Name) and "--" not in text:
        assert texts(text, tree)[0] == text
