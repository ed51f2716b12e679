"""What a row stands for: one layer, or a scope folded into the sum of its layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.network_table.fields import SeenField, seen_field

if TYPE_CHECKING:
    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.graph.ir import Graph, Group, Node
    from rfcalc.shapes import Shape


class RowEntry(NamedTuple):
    """A row's subject: a layer, or several layers and the sums of their counts.

    node: that of the one layer it is; None for several.  scope: the folded scope; None otherwise.
    turns: for a folded repeat of one block, that block's name; else "".  spans: what enters the first layer
    enters it, and the last one's output and field are its own; totals have neither.
    """

    name: str
    layers: tuple[LayerAnalysis, ...]
    node: Node | None = None
    scope: Group | None = None
    turns: str = ""
    spans: bool = True

    @property
    def inputs(self) -> tuple[Shape, ...]:
        """What the first layer reads."""
        return self.layers[0].inputs if self._last else ()

    @property
    def seen(self) -> SeenField | None:
        """The field of the last layer."""
        return seen_field(self._last.field) if self._last else None

    @property
    def _last(self) -> LayerAnalysis | None:
        return self.layers[-1] if self.spans and self.layers else None


def layer_entry(layer: LayerAnalysis) -> RowEntry:
    """The entry of one layer."""
    return RowEntry(layer.name, (layer,), layer.node)


def summed(name: str, entries: Iterable[RowEntry], scope: Group | None = None) -> RowEntry:
    """One entry for several; those without a scope (the totals) have neither sizes nor a field."""
    layers = tuple(layer for entry in entries for layer in entry.layers)
    return RowEntry(name, layers, scope=scope, spans=scope is not None)


def folded(graph: Graph, entries: Iterable[RowEntry], depth: int | None) -> tuple[RowEntry, ...]:
    """Entries in order, each scope at `depth` levels replaced by its sum; None folds nothing."""
    if depth is None:
        return tuple(entries)
    # The layers of a scope need not follow each other.
    groups: dict[str, list[RowEntry]] = {}
    for entry in entries:
        groups.setdefault(_scope_name(graph, entry.name, depth) or entry.name, []).append(entry)
    rows: list[RowEntry] = []
    for name, group in groups.items():
        scope = graph.scopes.get(name)
        if scope is None:
            rows += group
            continue
        # What repeats a single block knows that block's name.
        first = graph.scopes.get(f"{name}.0") if scope.kind == "repeat" else None
        rows.append(summed(name, group, scope)._replace(turns=first.label if first else ""))
    return tuple(rows)


def _scope_name(graph: Graph, name: str, depth: int) -> str:
    """The scope of the first `depth` parts of a layer's name; "" when the layer stands no deeper."""
    parts = name.split(".", depth)
    if len(parts) <= depth:
        return ""
    scope = ".".join(parts[:depth])
    return scope if scope in graph.scopes else ""
