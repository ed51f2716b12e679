"""What the units of all layers see of the inputs, for a page on which any of them can be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import UsageError
from rfcalc.records import NamedTuple
from rfcalc.report.location.asking import locate_layers
from rfcalc.report.location.chart import location_chart
from rfcalc.report.location.runs import FieldRuns, field_runs

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.chart import Chart
    from rfcalc.report.words import Language


class UnitFields(NamedTuple):
    """What all units see, and one picture of it for who has nothing but paper.

    picture: of units of the layer `shown`, or the reason that there is none.
    inputs: name and lengths of each; () for lengths that are symbolic.
    """

    shown: str
    picture: Chart | str
    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    runs: FieldRuns


def unit_fields(analysis: NetworkAnalysis, effective: EffectiveFields, language: Language) -> UnitFields:
    """What the units of all layers of a network see."""
    graph = analysis.graph
    inputs = []
    for index in graph.inputs:
        node = graph.nodes[index]
        axes = node.facts.output.axes
        lengths = tuple([length for length in axes if isinstance(length, int)])
        inputs.append((node.name, lengths if len(lengths) == len(axes) else ()))
    try:
        located = locate_layers(analysis)[:1]
        shown = located[0].name
        picture: Chart | str = location_chart(
            located, "fields", effective=effective, language=language
        )._replace(title="")
    except UsageError as reason:
        shown, picture = "", str(reason)
    return UnitFields(shown, picture, tuple(inputs), field_runs(analysis, effective))
