"""What the units of all layers see of the inputs, for a page on which any of them can be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, quoted
from rfcalc.records import NamedTuple
from rfcalc.report.location.asking import locate_layers
from rfcalc.report.location.chart import location_chart
from rfcalc.report.location.fields_chart import scaling
from rfcalc.report.location.runs import FieldRuns, field_runs

if TYPE_CHECKING:
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.chart import Chart
    from rfcalc.report.location.photo import Image
    from rfcalc.report.words import Language


class UnitFields(NamedTuple):
    """What all units see, and one picture of it for who has nothing but paper.

    picture: of units of the layer `shown`, or the reason that there is none.
    inputs: name and lengths of each; () for lengths that are symbolic.
    photo: for each of these the image that lies behind it and what is done to it, None where none does.
    """

    shown: str
    picture: Chart | str
    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    runs: FieldRuns
    photo: tuple[str | None, ...] = ()


def unit_fields(
    analysis: NetworkAnalysis, effective: EffectiveFields, language: Language, image: Image | None = None
) -> UnitFields:
    """What the units of all layers of a network see.

    image: what lies behind the inputs of two axes.  Raises UsageError where there is none of these.
    """
    graph = analysis.graph
    inputs, scaled = [], []
    for index in graph.inputs:
        node = graph.nodes[index]
        axes = node.facts.output.axes
        lengths = tuple([length for length in axes if isinstance(length, int)])
        inputs.append((node.name, lengths if len(lengths) == len(axes) else ()))
        behind = image if len(lengths) == len(axes) == 2 else None
        scaled.append(behind and (scaling(behind, lengths, language) or behind.name))
    ranks = [len(graph.nodes[index].facts.output.axes) for index in graph.inputs]
    if image and 2 not in ranks:
        raise UsageError(f"an image lies behind an input of 2 axes; {quoted(analysis.name)} has none")
    # Advice to say sizes in numbers is for who asks, not for who reads.
    symbolic = any(
        not isinstance(length, int)
        for index in graph.inputs
        for length in graph.nodes[index].facts.output.axes
    )
    try:
        located = locate_layers(analysis)[:1]
        shown = located[0].name
        under = image if all(ranks[source] == 2 for source in located[0].sources) else None
        picture: Chart | str = location_chart(
            located, "fields", image=under, effective=effective, language=language
        )._replace(title="")
    except UsageError as reason:
        shown, picture = "", f"{analysis.name} has symbols" if symbolic else str(reason)
    return UnitFields(shown, picture, tuple(inputs), field_runs(analysis, effective), tuple(scaled))
