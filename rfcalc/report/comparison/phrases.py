"""Edits in words: what was changed, inserted, removed or moved, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rfcalc.analysis.comparison.causes import CHANGED, INPUT, INSERTED, MOVED, REMOVED
from rfcalc.analysis.comparison.entries import OPERATOR, READS, WEIGHTS
from rfcalc.ops.attributes import CountKind
from rfcalc.ops.registry import find_operator
from rfcalc.report.cells import Cell, Style
from rfcalc.report.comparison.cells import ARROW, DOTS, Turned, factor_text
from rfcalc.report.comparison.folding import turn_before
from rfcalc.report.comparison.words import say
from rfcalc.report.network_table.columns import operation
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.causes import SharedEdit
    from rfcalc.analysis.comparison.comparison import Comparison, Edit
    from rfcalc.analysis.comparison.entries import Change
    from rfcalc.analysis.network import LayerAnalysis

# Of more places, or more pairs of values, the rest is counted.
_MOST_PLACES = 3
_MOST_VALUES = 3


def phrase(comparison: Comparison, cause: SharedEdit, language: Language) -> str:
    """One edit as a phrase: `stride 2 moves from conv2 to conv1 in layer2.0, layer3.0`."""
    if cause.kind in (INSERTED, REMOVED):
        return say(cause.kind, language, what=_what(comparison, cause, language))
    if cause.kind == INPUT:
        change = cause.changes[0]
        key = "input" if len(comparison.left.graph.inputs) == 1 else "named input"
        return say(key, language, name=change.attribute, old=str(change.old), new=str(change.new))
    if cause.kind == MOVED:
        return _move(comparison, cause, language)
    if cause.kind == CHANGED:
        return _changed(comparison, cause, language)
    return say("path", language)


def merged_operation(old: LayerAnalysis, new: LayerAnalysis, changes: Sequence[Change]) -> Cell:
    """The operation of a layer in both networks; attributes that were changed show both values: `s=1→2`."""
    if old.op != new.op:
        return Turned(*(operation(layer.op, layer.node) for layer in (old, new)))
    before = {change.attribute: old.node.arguments.get(change.attribute) for change in changes}
    return operation(new.op, new.node, before)


def value_text(op: str, name: str, value: object) -> str:
    """A value of an attribute for people; `-` for none."""
    if value is None:
        return "-"
    return find_operator(op).attributes[name].kind.text(value, "unicode")


def _changed(comparison: Comparison, cause: SharedEdit, language: Language) -> str:
    edits = [comparison.edits[number] for number in cause.edits]
    op = _right(edits[0]).op
    texts = [
        _change_text(op, [edit.changes[place] for edit in edits], language)
        for place, change in enumerate(cause.changes)
        if change.attribute != OPERATOR
    ]
    places = listed_places([edit.layer.name for edit in edits], language)
    changes = say("comma", language).join(texts)
    if len(texts) < len(cause.changes):
        old = edits[0].layer.op
        text = say("operator changed", language, old=old, new=op, places=places)
        return say("moved also", language, move=text, changes=changes) if changes else text
    return say("changed", language, op=op, changes=changes, places=places)


def _change_text(op: str, changes: Sequence[Change], language: Language) -> str:
    """A change of one attribute in one or several layers: `out_channels x 1/4 (256 → 64, 512 → 128)`."""
    name = changes[0].attribute
    if name == OPERATOR:
        return f"{changes[0].old}{ARROW}{changes[0].new}"
    if name == READS:
        sides = changes[0].old, changes[0].new
        old, new = (" + ".join(map(str, side)) for side in sides if isinstance(side, tuple))
        return f"{say('reads', language)} {old}{ARROW}{new}"
    if name == WEIGHTS:
        own = say("own", language)
        return f"{say('weights', language)} {changes[0].old or own}{ARROW}{changes[0].new or own}"
    both = ((value_text(op, name, change.old), value_text(op, name, change.new)) for change in changes)
    pairs = list(dict.fromkeys(map(ARROW.join, both)))
    if len(pairs) == 1:
        return f"{name} {pairs[0]}"
    values = ", ".join(pairs[:_MOST_VALUES]) + (f" {DOTS}" if len(pairs) > _MOST_VALUES else "")
    first = changes[0]
    counted = type(find_operator(op).attributes[name].kind) is CountKind
    if counted and type(first.old) is int and type(first.new) is int:
        factor = Fraction(first.new, first.old)
        shown = str(factor) if max(factor.numerator, factor.denominator) < 100 else factor_text(factor)
        return say("scaled", language, attribute=name, factor=shown, values=values)
    return f"{name} {values}"


def _move(comparison: Comparison, cause: SharedEdit, language: Language) -> str:
    source, target = (comparison.edits[number] for number in cause.edits[:2])
    moved = next(
        change
        for change in source.changes
        for other in target.changes
        if (change.attribute, change.old, change.new) == (other.attribute, other.new, other.old)
    )
    rest = []
    for edit in (source, target):
        others = [change for change in edit.changes if change.attribute != moved.attribute]
        texts = [_change_text(_right(edit).op, [change], language) for change in others]
        if texts:
            rest.append(f"{edit.layer.name.rpartition('.')[2]}: {say('comma', language).join(texts)}")
    scopes = [comparison.edits[number].layer.name.rpartition(".")[0] for number in cause.edits[::2]]
    places = say("moved in", language, places=listed_places(scopes, language, 8)) if all(scopes) else ""
    text = say(
        "moved",
        language,
        attribute=moved.attribute,
        value=value_text(_right(source).op, moved.attribute, moved.old),
        source=source.layer.name.rpartition(".")[2],
        target=target.layer.name.rpartition(".")[2],
        places=places,
    )
    return say("moved also", language, move=text, changes=say("comma", language).join(rest)) if rest else text


def _what(comparison: Comparison, cause: SharedEdit, language: Language) -> str:
    """What came or went, how often, and where."""
    edits = [comparison.edits[number] for number in cause.edits]
    graph = (comparison.right if cause.kind == INSERTED else comparison.left).graph
    if not edits:
        change = cause.changes[0]
        return say("an input", language, name=change.attribute, size=str(change.old or change.new))
    if cause.scopes:
        names = list(cause.scopes)
        first = graph.scopes[names[0]]
        what = first.label or first.kind
    else:
        names = [edit.layer.name for edit in edits]
        layer = edits[0].layer
        what = operation(layer.op, layer.node).text(Style())
    if len(names) > 1:
        what = say("counted", language, count=len(names), what=what)
    return say("of places", language, what=what, places=listed_places(names, language))


def listed_places(names: Sequence[str], language: Language, most: int = _MOST_PLACES) -> str:
    """Names as a list: neighbouring turns as `layer3.1 … layer3.5`, the rest of many as a number."""
    # Two turns are no run.
    parts = [part for run in _runs(names) for part in ([run] if len(run) > 2 else zip(run, strict=True))]
    shown = [
        part[0] if len(part) == 1 else say("to", language, first=part[0], last=part[-1]) for part in parts
    ]
    text = say("comma", language).join(shown[:most])
    count = sum(map(len, parts[most:]))
    return say("and more", language, names=text, count=count, total=len(names)) if count else text


def _runs(names: Sequence[str]) -> Iterator[list[str]]:
    """The names, those of neighbouring turns of one repeat together."""
    run: list[str] = []
    for name in names:
        if run and turn_before(name) != run[-1]:
            yield run
            run = []
        run.append(name)
    if run:
        yield run


def _right(edit: Edit) -> LayerAnalysis:
    assert edit.right is not None
    return edit.right
