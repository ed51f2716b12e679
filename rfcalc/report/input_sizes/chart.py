"""Input sizes against cost, as a chart: what a network costs at each length, and which lengths it takes."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from rfcalc.graph.trial import Refused
from rfcalc.report.chart import Chart, ChartMark, Curve, Guide, Panel, Scale
from rfcalc.report.input_sizes.asking import cost_at
from rfcalc.report.input_sizes.words import axis_word, pattern_text, say

if TYPE_CHECKING:
    from rfcalc.report.input_sizes.asking import InputSizes, SizesAlong
    from rfcalc.report.words import Language

# Lengths at which a network is built for its curve, and layers that this may take in all.
MOST_POINTS = 160
MOST_LAYERS = 60_000
_FIGURES = ("macs", "activations")


def sizes_chart(asked: InputSizes, language: Language) -> Chart:
    """Multiply-accumulates and activations at the lengths of the range, of each group of axes.

    Parameters as well where they change.  Lengths that fit are joined by a line, which has gaps where there
    are others between; those at which no division leaves a rest are marked.
    """
    panels: list[Panel] = []
    count = 0
    for along in asked.along:
        costs = _costs(asked, along)
        count += len(costs)
        figures = (*_FIGURES, "params") if along.changing else _FIGURES
        panels += (
            _panel(asked, along, costs, place, figure, language) for place, figure in enumerate(figures)
        )
    about = say("chart about", language, first=asked.first, last=asked.last, count=count)
    notes = [
        say(
            "chart note",
            language,
            **{key: pattern_text(getattr(along, key), language) for key in ("legal", "even")},
        )
        for along in asked.along
    ]
    title = say("chart", language, network=asked.analysis.name)
    columns = min(len(panels), 2)
    return Chart(title, tuple(panels), about, columns, tuple(notes), language)


# The figures of a length; None where it does not fit.
_Costs = dict[int, dict[str, int] | None]


def _costs(asked: InputSizes, along: SizesAlong) -> _Costs:
    """The network at lengths of the range, as many as may be built; the even ones are among them."""
    allowed = min(MOST_POINTS, max(MOST_LAYERS // max(len(asked.analysis.graph.nodes), 1), 2))
    lengths = range(asked.first, asked.last + 1)
    step = -(-len(lengths) // allowed)
    even = [n for n in lengths if along.even is not None and along.even.holds(n)]
    legal = [n for n in lengths if (found := along.sizes.at(n)) is not None and found.legal]
    rest = [n for n in legal[:: -(-len(legal) // allowed) or 1] if n not in even]
    chosen = {*even[:: -(-len(even) // allowed) or 1], *rest, *lengths[::step]}
    found: _Costs = {}
    for length in sorted(chosen):
        verdict = along.sizes.at(length)
        if verdict is not None and not verdict.legal:
            found[length] = None
            continue
        try:
            found[length] = cost_at(asked, along, length)
        except Refused:
            found[length] = None
    return found


def _panel(
    asked: InputSizes, along: SizesAlong, costs: _Costs, place: int, figure: str, language: Language
) -> Panel:
    """One figure at the lengths of some axes."""
    points = [(length, each[figure]) for length, each in costs.items() if each is not None and figure in each]
    even = along.even
    marked = [point for point in points if even is not None and even.holds(point[0])]
    marks: list[ChartMark] = []
    for run in _runs(costs, figure):
        first = not marks
        marks.append(Curve(run, place, say("chart legal", language) if first else "", dots=len(run) == 1))
    if marked and len(marked) < len(points):
        marks.append(
            Curve(tuple(marked), place + len(_FIGURES) + 1, say("chart even", language), "none", dots=True)
        )
    if asked.first <= along.length <= asked.last:
        marks.append(Guide("x", along.length, say("chart written", language, length=along.length)))
    field = along.field
    if field is not None and field != inf and asked.first <= field <= asked.last and place == 0:
        marks.append(Guide("x", field, say("chart field", language, field=int(field))))
    amounts = [amount for _, amount in points] or [1]
    low, high = max(min(amounts), 1), max(*amounts, 2)
    what = say(figure, language)
    x = Scale(_axis_label(asked, along, language), asked.first, max(asked.last, asked.first + 1), whole=True)
    y = Scale(say("amount", language, what=what), low, max(high, low + 1), logarithmic=high > 20 * low)
    return Panel(what, x, y, tuple(marks))


def _runs(costs: _Costs, figure: str) -> list[tuple[tuple[float, float], ...]]:
    """The points of lengths that fit, in runs between those that do not."""
    runs: list[list[tuple[float, float]]] = [[]]
    for length, each in costs.items():
        if each is None or figure not in each:
            runs.append([])
        else:
            runs[-1].append((length, each[figure]))
    return [tuple(run) for run in runs if run]


def _axis_label(asked: InputSizes, along: SizesAlong, language: Language) -> str:
    """What a length is called."""
    (_, axis, rank), *others = asked.axes_name(along)
    if others or axis < 0:
        return say("length", language)
    return say("length along", language, axis=axis_word(axis, rank, language))
