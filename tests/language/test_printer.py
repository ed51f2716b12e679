"""The printer: what is read of the text of a syntax tree is that tree, places aside."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, read_text, shipped_names
from rfcalc.spec.printer import printed

sys.path.append(str(Path(__file__).parents[1] / "language"))

from descriptions import descriptions
from mutations import TEXTS, mutations
from syntax_trees import EVERY_TEXT, bare, read


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


@pytest.mark.parametrize("name", sorted(EVERY_TEXT))
def test_a_description_is_read_again_and_has_the_same_figures(name: str) -> None:
    text = assert_read_again(EVERY_TEXT[name])
    assert figures(text) == figures(EVERY_TEXT[name])


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
