"""An explanation in words: the document that renderers lay out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rfcalc.analysis.figures import network_count
from rfcalc.ops.formulas import meaning_of
from rfcalc.report.cells import Amount, Cell, Style, Text
from rfcalc.report.explanation.arithmetic import block_of, formula_of, joined_at
from rfcalc.report.explanation.blocks import Document, Equation, Formulated, Numbers, Passage, Section
from rfcalc.report.explanation.field_text import field_blocks
from rfcalc.report.explanation.figures import Derivation, Explained, Variable, derivation
from rfcalc.report.explanation.layer import written_at
from rfcalc.report.explanation.words import axis_names, listed_in, say
from rfcalc.report.table import Heading, Table
from rfcalc.report.words import Language
from rfcalc.shapes import Size, format_sizes
from rfcalc.units import format_bytes, format_share

if TYPE_CHECKING:
    from rfcalc.errors import Position
    from rfcalc.graph.ir import NetworkNote

# Of the operands of a join this many are named.
_MOST_NAMES = 4


def explanation_document(
    explained: Explained, subjects: Sequence[str], language: Language = "en"
) -> Document:
    """The explanation of some of SUBJECTS in words."""
    operator = explained.operator
    label = operator.chinese if language == "zh" else operator.label
    names = {"layer": explained.layer.name, "network": explained.analysis.name}
    title = say("title", language, **names, operator=label)
    sections = []
    for subject in subjects:
        make = field_blocks if subject == "field" else partial(_derived, subject=subject)
        sections.append(Section(subject, say(subject, language), tuple(make(explained, language))))
    return Document(title, tuple(_opening(explained, language)), tuple(sections))


def _opening(explained: Explained, language: Language) -> Iterator[str]:
    layer, found = explained.layer, explained.found
    if found.how == "scope":
        count = sum(other.name.startswith(f"{found.text}.") for other in explained.analysis.layers)
        yield say("scope", language, text=found.text, count=f"{count:,}", layer=layer.name)
    elif found.how == "network":
        yield say("network", language, layer=layer.name)
    position = layer.node.position
    place = position.called(columns=False)
    yield say("line", language, line=written_at(position), place=place)
    for call in explained.analysis.graph.calls_to(layer.name):
        where = place_of(call.position, position, language)
        yield say("called", language, line=written_at(call.position), name=call.name, place=where)
    output = say("no output", language) if layer.output is None else str(layer.output)
    nodes = explained.analysis.graph.nodes
    inputs = [
        say("from", language, size=shape, layer=nodes[index].name)
        for shape, index in zip(layer.inputs, layer.node.inputs, strict=True)
    ]
    if len(inputs) > _MOST_NAMES:
        inputs = [*inputs[: _MOST_NAMES - 1], f"… {len(inputs) - _MOST_NAMES} …", inputs[-1]]
    yield say("tensors", language, inputs=" + ".join(inputs), output=output)
    yield from layer_remarks(explained, language)
    for note in layer_notes(explained):
        yield say("note", language, text=note.chinese if language == "zh" and note.chinese else note.text)


def layer_remarks(explained: Explained, language: Language) -> Iterator[str]:
    """What a layer is by another name: an operation its numbers make it, arithmetic, the end of a block."""
    graph, found = explained.analysis.graph, explained.found
    if known := explained.layer.node.facts.known_as[language == "zh"]:
        yield say("known as", language, text=known)
    join = joined_at(graph, found.node, found.text if found.how == "scope" else "")
    if formula := formula_of(graph, join):
        yield say("computes", language, layer=graph.nodes[join].name, formula=formula)
    block = block_of(graph, join)
    if block is not None:
        names = {name: graph.nodes[node].name for name, node in block.parts.items()}
        yield say(block.kind, language, **names)


def layer_notes(explained: Explained) -> tuple[NetworkNote, ...]:
    """The description's notes on what was asked for: a layer, a block, the whole network."""
    about = {explained.layer.name, explained.found.text}
    return tuple(note for note in explained.analysis.graph.notes if note.layer in about)


def place_of(position: Position, other: Position, language: Language) -> str:
    """How a place is called beside another: of the same text by its line alone."""
    number = position.number
    if position.source == other.source and number is not None:
        return say("in line", language, number=number)
    return position.called(columns=False)


def _derived(explained: Explained, language: Language, subject: str) -> Iterator[Passage]:
    """The equations of a subject's figures, what stands in them, and what is to be said of them."""
    found = derivation(explained, subject)
    rank = len(explained.layer.node.facts.output.axes)
    for figure in found.figures:
        if figure.axes:
            left = axis_names(figure.axes, rank, language)
        elif subject == "params" and figure.name != "params":
            # A tensor of weights.
            left = figure.name
        else:
            left = say(f"figure {figure.name}", language)
        # What is only a number already is not said twice.
        right = [side for side in (figure.tree, figure.numbers) if side.kind != "constant"]
        aside = format_sizes(figure.dimensions) if len(figure.dimensions) > 1 else ""
        if figure.name.endswith("_bytes") and isinstance(figure.value, int) and figure.value >= 1024:
            aside = format_bytes(figure.value)
        yield Equation(left, tuple(right), figure.value, aside)
    yield from _variables(explained, found, language)
    yield from _REMARKS[subject](explained, found, language)
    if subject != "memory" and found.variables:
        yield say("source", language, source=explained.operator.source.rstrip("."))


def _of_size(explained: Explained, found: Derivation, language: Language) -> Iterator[str]:
    layer = explained.layer
    shape = layer.node.facts.output
    if layer.output is None:
        yield _told("sink", language, size=shape)
    else:
        yield _told("result size", language, size=shape, elements=shape.elements)


def _of_params(explained: Explained, found: Derivation, language: Language) -> Iterator[str]:
    layer = explained.layer
    if layer.node.facts.weights is None:
        yield say("unknown", language)
    elif not found.figures:
        yield say("learns nothing", language)
    elif layer.node.shared is not None:
        owner = explained.analysis.graph.nodes[layer.node.shared].name
        yield say("shared" if layer.params == 0 else "shared weight", language, owner=owner)
    elif layer.params:
        yield from _share(explained, "params", layer.params, language)


def _of_macs(explained: Explained, found: Derivation, language: Language) -> Iterator[str]:
    macs = explained.layer.macs
    if macs is None:
        yield say("unknown", language)
    elif not found.figures:
        yield say("no macs", language)
    else:
        yield from _share(explained, "macs", macs, language)
        yield _told("macs convention", language, flops=macs * 2)


def _of_memory(explained: Explained, found: Derivation, language: Language) -> Iterator[str]:
    layer = explained.layer
    if layer.node.shared is not None and layer.node.facts.weights and layer.params == 0:
        owner = explained.analysis.graph.nodes[layer.node.shared].name
        yield say("shared bytes", language, owner=owner)
    elif layer.params == 0:
        yield say("no params bytes", language)
    elif layer.params is None:
        yield say("unknown", language)
    if layer.output is None:
        yield say("no activations", language)
    yield say("memory convention", language)


_REMARKS = {"size": _of_size, "params": _of_params, "macs": _of_macs, "memory": _of_memory}


def _variables(explained: Explained, found: Derivation, language: Language) -> Iterator[Passage]:
    if not found.variables:
        return
    names = ("variable", "value", "meaning", "origin")
    headings = tuple(
        Heading(
            name,
            say(name, language),
            right=name == "value",
            shorten="wrap" if name in ("meaning", "origin") else "",
        )
        for name in names
    )
    rows = tuple(
        (
            Text(variable.name),
            Numbers(variable.values),
            Text(meaning(explained, variable.name, language)),
            _origin(explained, variable, language),
        )
        for variable in found.variables
    )
    yield Table("", headings, rows, (), (), language)


def meaning(explained: Explained, name: str, language: Language) -> str:
    """What a name in a layer's formulas stands for."""
    if name in ("params", "bytes_per_parameter", "bytes_per_activation", "batch", "channels"):
        return say(f"meaning {name}", language)
    return meaning_of(explained.operator.formulas, name, language == "zh")


def _origin(explained: Explained, variable: Variable, language: Language) -> Cell:
    kind, text, tree, given = variable.origin
    place = explained.layer.node.position
    steps = [
        say("given", language, text=step.text, place=place_of(step.position, place, language))
        for step in given
    ]
    values: dict[str, object] = {"text": say("semicolon", language).join([text, *steps])}
    if kind == "formula" and tree is not None:
        return Formulated(tree)
    if kind == "inputs":
        shapes = explained.layer.inputs
        sizes = listed_in([str(shape) for shape in shapes[:_MOST_NAMES]], language)
        values["sizes"] = sizes if len(shapes) <= _MOST_NAMES else f"{sizes}, …"
    elif kind == "output":
        values["size"] = explained.layer.node.facts.output
    elif kind == "derived":
        values["line"] = written_at(place)
    return Text(say(f"origin {kind}", language, **values))


def _share(explained: Explained, figure: str, part: Size, language: Language) -> Iterator[str]:
    """What share of the network's sum a count is, unless that depends on symbols or is not known."""
    whole = network_count(figure, explained.analysis)
    share = "" if whole is None else format_share(part, whole)
    if whole is not None and "%" in share:
        yield _told("share", language, share=share, total=whole)


def _told(key: str, language: Language, **values: object) -> str:
    """A sentence with numbers and sizes."""
    amounts = {name: Amount(value).text(Style()) for name, value in values.items() if isinstance(value, Size)}
    return say(key, language, **(values | amounts))
