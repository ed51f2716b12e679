"""What of a network is explained: a layer, or the receptive field of the whole."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, option, quoted, spoken
from rfcalc.graph.asked import AskedLayer, find_layer
from rfcalc.report.explanation.figures import Explained
from rfcalc.report.explanation.words import SUBJECTS

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.units import NumberFormats


def asked_explanation(
    analysis: NetworkAnalysis, layer: str | None, subjects: Collection[str], dtype: NumberFormats
) -> tuple[Explained, tuple[str, ...]]:
    """The layer that is explained, and which of SUBJECTS of it, in their order; all where none is named.

    Without a layer it is the one whose field is that of the network, and that alone.  Raises UsageError.
    """
    for subject in subjects:
        if subject not in SUBJECTS:
            raise UsageError(f"{option('what')} is one of {', '.join(SUBJECTS)}, got {quoted(subject)}")
        if layer is None and subject != "field":
            names = spoken("`rfcalc NETWORK --columns name` lists them", "`layers` has them")
            raise UsageError(f"which layer? {option('what', subject)} explains a figure of one; {names}")
    node = analysis.fields.network
    if layer is None and node in analysis.graph.inputs:
        raise UsageError(f"{analysis.name} has no layer before its map is covered whole; name a layer")
    if layer in SUBJECTS and subjects and all(each.name != layer for each in analysis.layers):
        each_own = f"each figure has a {option('what')} of its own: {option('what', layer)}"
        raise UsageError(f"{quoted(layer)} is no layer; {each_own}")
    asked = AskedLayer(node, "network", "") if layer is None else find_layer(analysis.graph, layer)
    wanted = subjects or (SUBJECTS if layer else ("field",))
    return Explained(analysis, asked, dtype), tuple(subject for subject in SUBJECTS if subject in wanted)
