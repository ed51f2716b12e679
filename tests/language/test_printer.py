"""The printer: what is read of the text of a syntax tree is that tree, places aside."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError, Position, RfcalcError, Source
from rfcalc.library import analyze, read_text, shipped_names, shipped_text
from rfcalc.spec.printer import printed
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Network

sys.path.append(str(Path(__file__).parents[1] / "language"))

from descriptions import descriptions
from mutations import TEXTS, mutations

ROOT = Path(__file__).parents[2]


def read(text: str) -> Network:
    return read_network(Source("net.yaml", text))


def bare(tree: object) -> object:
    """A syntax tree without places and without the text that its expressions were read from."""
    if isinstance(tree, Position | Source):
        return None
    if not isinstance(tree, tuple):
        return type(tree).__name__, tree
    if not hasattr(tree, "_fields"):
        return tuple(map(bare, tree))
    kind = type(tree).__name__
    fields = dict(zip(tree._fields, tree, strict=True))
    if kind == "Formula":
        return bare((fields["tree"], fields["per_axis"]))
    if kind == "ScalarNode":
        return " ".join(fields["text"].split())
    if kind == "Reference" and fields["pieces"]:
        return bare(fields["pieces"])
    return kind, *(bare(part) for name, part in fields.items() if name not in ("start", "end", "scalar"))


def assert_read_again(text: str) -> str:
    """What is read of the text that is printed is what was read; that text."""
    network = read(text)
    again = printed(network)
    assert bare(read(again)) == bare(network)
    assert printed(read(again)) == again
    return again


def found_in(folder: str, suffix: str) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(f"*{suffix}"))


GUIDES = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def every_text() -> dict[str, str]:
    """All descriptions of the project that can be read: shipped networks, guides, data of the tests."""
    texts = {name: shipped_text(name) for name in shipped_names()}
    for path in [*found_in("tests/data", ".yaml"), *found_in("benchmarks", ".yaml")]:
        texts[path] = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
    for path in found_in("docs", ".md"):
        for number, text in enumerate(GUIDES.findall((ROOT / path).read_text("utf-8"))):
            whole = text if re.search("^layers:", text, re.MULTILINE) else f"input: 32x32x8\nlayers:\n{text}"
            texts[f"{path}:{number}"] = whole
    sound = {}
    for name, text in texts.items():
        try:
            read(text)
        except DescriptionError:
            continue
        sound[name] = text
    return sound


EVERY_TEXT = every_text()


def figures(text: str) -> object:
    """All that is known of a network, or what is wrong with it."""
    try:
        network = analyze(read_text(text))
    except RfcalcError as error:
        return [
            getattr(error, "diagnostics", ()) and each.message for each in getattr(error, "diagnostics", ())
        ]
    layers = [(layer.name, layer.op, layer.output, layer.params, layer.macs) for layer in network.layers]
    fields = [(layer.field.inputs, layer.work) for layer in network.layers]
    return layers, fields, network.totals


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
