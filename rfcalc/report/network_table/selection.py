"""Which rows a table shows: those that words fit, by name, by operator or by what a row carries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.depth import weighted
from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.report.network_table.entries import RowEntry
from rfcalc.wildcards import deeper_hint, name_glob

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.table import View

# The rows that carry nothing: what is left out of a table that is longer than the terminal.
NEUTRAL = "neutral"
WEIGHTED = "weighted"


def shown_rows(rows: Sequence[RowEntry], view: View, network: NetworkAnalysis) -> tuple[RowEntry, ...]:
    """The rows that `only` fits, all without it, and `hide` does not.

    Raises UsageError for a word that fits no row; of `hide` not for an operator or another kind of row.
    """
    kept = list(range(len(rows)))
    if view.only:
        fit = frozenset().union(*(_fitted(rows, word, network, by_name=True) for word in view.only))
        kept = [place for place in kept if place in fit]
    for word in view.hide:
        fit = _fitted(rows, word, network, by_name=not _is_kind(word))
        kept = [place for place in kept if place not in fit]
    return tuple(rows[place] for place in kept)


def _fitted(
    rows: Sequence[RowEntry], word: str, network: NetworkAnalysis, *, by_name: bool
) -> frozenset[int]:
    """The places of the rows that a word fits; by_name: raises UsageError where there are none."""
    graph, fits, is_of_kind = network.graph, name_glob(word), _kind(word, network)
    found = frozenset(
        place
        for place, row in enumerate(rows)
        if is_of_kind(row) or fits(row.name) or any(map(fits, graph.scopes_around(row.name)))
    )
    if found or not by_name:
        return found
    if _is_kind(word):
        raise UsageError(f"no row is {quoted(word)}")
    names = dict.fromkeys(name for row in rows for name in (row.name, *graph.scopes_around(row.name)))
    hint = deeper_hint(word, names) or nearest(word, [*names, *OPERATOR_NAMES, NEUTRAL, WEIGHTED])
    hint = hint or (f"the first is {rows[0].name!r}" if rows else "")
    raise UsageError(f"no layer matches {quoted(word)}; {hint}")


def _is_kind(word: str) -> bool:
    return word in (NEUTRAL, WEIGHTED) or word in OPERATOR_NAMES or word in _traits()


def _traits() -> frozenset[str]:
    return frozenset().union(*(find_operator(name).traits for name in OPERATOR_NAMES))


def _kind(word: str, network: NetworkAnalysis) -> Callable[[RowEntry], bool]:
    """Whether a row is one layer that is neutral, has weights, or is of an operator or a kind of operator."""
    if word == NEUTRAL:
        return lambda row: carries_nothing(row, network)
    if word == WEIGHTED:
        return lambda row: row.node is not None and weighted(row.node)
    return lambda row: (
        row.node is not None and (row.node.op == word or word in find_operator(row.node.op).traits)
    )


def carries_nothing(row: RowEntry, network: NetworkAnalysis) -> bool:
    """Whether a row is a layer without multiply-adds whose output has the size and field of what it reads.

    So are normalisation, activations, dropout and sums of branches; what the network gives out is not, nor a
    join of branches that lie apart.  Where a figure is not known the row is shown.
    """
    if row.node is None or len(row.layers) != 1:
        return False
    (layer,) = row.layers
    graph, node = network.graph, row.node
    if layer.macs != 0 or layer.output is None or weighted(node) or layer.field.misaligned:
        return False
    if not node.inputs or any(shape != layer.output for shape in layer.inputs):
        return False
    if layer.place in graph.outputs:
        return False
    seen = [network.fields.nodes[index].inputs for index in node.inputs]
    return layer.field.inputs in seen and not any(
        axis.size is None and not axis.everything for axes in layer.field.inputs for axis in axes or ()
    )
