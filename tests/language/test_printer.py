"""The printer: what is read of the text of a syntax tree is that tree, places aside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, read_text, shipped_names
from rfcalc.spec.printer import printed
from rfcalc.spec.syntax import (
    Binding,
    Block,
    Formula,
    Join,
    JoinBranch,
    Let,
    Line,
    Loop,
    NamedPart,
    NoteEntry,
    Parameter,
    Reference,
    Split,
    When,
)
from rfcalc.spec.trees import Expression, within

sys.path.append(str(Path(__file__).parents[1] / "language"))

from descriptions import descriptions
from mutations import TEXTS, mutations
from syntax_trees import EVERY_TEXT, bare, read

KINDS = (Binding, Block, Let, NamedPart, NoteEntry, Parameter, When, *get_args(Expression))


def assert_read_again(text: str) -> str:
    """What is read of the text that is printed is what was read; that text."""
    network = read(text)
    again = printed(network)
    assert bare(read(again)) == bare(network)
    assert printed(read(again)) == again
    return again


def figures(text: str) -> object:
    """All that is known of a network, or what is wrong with it."""
    try:
        network = analyze(read_text(text))
    except DescriptionError as error:
        return [finding.message for finding in error.diagnostics]
    layers = [
        (layer.name, layer.op, layer.output, layer.params, layer.macs, layer.work, layer.field.inputs)
        for layer in network.layers
    ]
    return layers, network.totals


def test_the_descriptions_of_the_project_are_found() -> None:
    assert set(shipped_names()) <= set(EVERY_TEXT)
    assert sum(name.startswith("docs/language.md") for name in EVERY_TEXT) >= 20
    assert sum(name.startswith("tests/data") for name in EVERY_TEXT) >= 20


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_language_is_in_some_description(kind: type) -> None:
    assert any(next(within(tree, kind), None) for tree in map(read, EVERY_TEXT.values()))


def test_every_form_of_joins_splits_and_loops_is_in_some_description() -> None:
    trees = tuple(map(read, EVERY_TEXT.values()))
    joins, splits, loops = tuple(within(trees, Join)), tuple(within(trees, Split)), tuple(within(trees, Loop))
    found = {
        "tensors": any(not join.op for join in joins),
        "turns as branches": any(isinstance(join.branches, Loop) for join in joins),
        "a split of branches": any(join.split for join in joins),
        "a join of one branch": any(len(join.branches) == 1 for join in joins),
        "a branch under a condition": any(branch.condition for branch in within(trees, JoinBranch)),
        "equal parts": any(isinstance(split.parts, Formula) for split in splits),
        "unequal parts": any(not isinstance(split.parts, Formula) and not split.names for split in splits),
        "named parts": any(split.names for split in splits),
        "a split of what is named": any(split.sources for split in splits),
        "a repeat": any(loop.turns for loop in loops),
        "a list that is worked out": any(
            isinstance(values, Formula) for loop in loops for _, values, _ in loop.variables
        ),
        "a name that is worked out": any(name.pieces for name in within(trees, Reference)),
        "shared parameters": any(line.weights for line in within(trees, Line)),
    }
    assert not [form for form, there in found.items() if not there]


@pytest.mark.parametrize("name", sorted(EVERY_TEXT))
@pytest.mark.slow
def test_a_description_is_read_again_and_has_the_same_figures(name: str) -> None:
    text = assert_read_again(EVERY_TEXT[name])
    assert figures(text) == figures(EVERY_TEXT[name])


@pytest.mark.slow
@given(descriptions())
@settings(max_examples=400, deadline=None)
def test_any_description_is_read_again(text: str) -> None:
    try:
        read(text)
    except DescriptionError:
        assume(False)
    assert_read_again(text)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_spoilt_description_that_can_still_be_read_is_read_again(data: st.DataObject) -> None:
    text = data.draw(mutations(TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]))
    try:
        read(text)
    except DescriptionError:
        return  # other tests are about those
    assert_read_again(text)
