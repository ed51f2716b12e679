"""What a row stands for: one layer, or a scope folded into the sum of its layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.ops.facts import NO_WORK, Work
from rfcalc.report.network_table.fields import SeenField, seen_field
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import total

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.graph.ir import Graph, Node, Scope


class Figure(NamedTuple):
    """A count as far as it is known; `complete` is false when unknown parts are missing from it."""

    known: Size
    complete: bool

    @classmethod
    def of(cls, value: Size | None) -> Figure:
        """The figure of one layer; None is unknown."""
        return cls(0, False) if value is None else cls(value, True)

    @classmethod
    def total(cls, figures: Sequence[Figure]) -> Figure:
        """All counts."""
        return cls(total(figure.known for figure in figures), all(figure.complete for figure in figures))


class Entry(NamedTuple):
    """A row's subject: a layer, or several layers and their sums.

    node: the layer's; None for a scope or a total.  scope: the folded scope; None otherwise.
    turns: for a folded repeat of one block, that block's name; else "".
    inputs: of its first layer; output: of its last.  seen: the field of its last layer.
    layers: how many layers it stands for.  work: the known part; work_complete: whether that is all.
    """

    name: str
    node: Node | None
    scope: Scope | None
    inputs: tuple[Shape, ...]
    output: Shape | None
    seen: SeenField | None
    params: Figure
    macs: Figure
    activations: Figure
    work: Work
    work_complete: bool
    layers: int
    turns: str = ""


def layer_entry(layer: LayerAnalysis) -> Entry:
    """The entry of one layer."""
    return Entry(
        name=layer.node.name,
        node=layer.node,
        scope=None,
        inputs=layer.inputs,
        output=layer.output,
        seen=seen_field(layer.field),
        params=Figure.of(layer.params),
        macs=Figure.of(layer.macs),
        activations=Figure.of(layer.activations),
        work=NO_WORK if layer.work is None else layer.work,
        work_complete=layer.work is not None,
        layers=1,
    )


def summed(name: str, entries: Sequence[Entry], scope: Scope | None = None) -> Entry:
    """One entry for several: sums of their counts, the first one's inputs, the last one's output and field.

    Sums without a scope (the totals) have neither sizes nor a field.
    """
    spans = bool(scope and entries)
    return Entry(
        name=name,
        node=None,
        scope=scope,
        inputs=entries[0].inputs if spans else (),
        output=entries[-1].output if spans else None,
        seen=entries[-1].seen if spans else None,
        params=Figure.total([entry.params for entry in entries]),
        macs=Figure.total([entry.macs for entry in entries]),
        activations=Figure.total([entry.activations for entry in entries]),
        work=Work.total(entry.work for entry in entries),
        work_complete=all(entry.work_complete for entry in entries),
        layers=sum(entry.layers for entry in entries),
    )


def _folded_scope(graph: Graph, name: str, entries: Sequence[Entry]) -> Entry:
    """The entry of a scope; one that repeats a single block knows that block's name."""
    scope = graph.scopes[name]
    first = graph.scopes.get(f"{name}.0") if scope.kind == "repeat" else None
    entry = summed(name, entries, scope)
    return entry if first is None else entry._replace(turns=first.label)


def folded(graph: Graph, entries: Iterable[Entry], depth: int | None) -> tuple[Entry, ...]:
    """Entries in order, each scope at `depth` levels replaced by its sum; None folds nothing."""
    if depth is None:
        return tuple(entries)
    return tuple(_folded(graph, entries, depth))


def _folded(graph: Graph, entries: Iterable[Entry], depth: int) -> Iterator[Entry]:
    name = ""
    group: list[Entry] = []
    for entry in entries:
        scope = _scope_name(graph, entry.name, depth)
        if group and scope != name:
            yield _folded_scope(graph, name, group)
            group = []
        if scope:
            name = scope
            group.append(entry)
        else:
            yield entry
    if group:
        yield _folded_scope(graph, name, group)


def _scope_name(graph: Graph, name: str, depth: int) -> str:
    """The scope of the first `depth` parts of a layer's name; "" when the layer stands no deeper."""
    parts = name.split(".", depth)
    if len(parts) <= depth:
        return ""
    scope = ".".join(parts[:depth])
    return scope if scope in graph.scopes else ""
