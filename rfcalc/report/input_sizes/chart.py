"""Input sizes against cost, as a chart: what a network costs at each length, and which lengths it takes."""

from __future__ import annotations

from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING

from rfcalc.errors import UsageError, option
from rfcalc.graph.trial import Refused
from rfcalc.report.chart import Chart, ChartMark, Curve, Guide, Panel, Scale
from rfcalc.report.input_sizes.asking import SHOWN, cost_at
from rfcalc.report.input_sizes.words import axes_text, count_word, pattern_text, say
from rfcalc.report.words import axis_name

if TYPE_CHECKING:
    from rfcalc.report.input_sizes.asking import AskedSizes, SizesAlong
    from rfcalc.report.words import Language

# Lengths at which a network is built for its curve, how many are marked of those without a rest, and layers
# that this may take in all.
MOST_POINTS = 160
MOST_MARKED = 40
MOST_LAYERS = 60_000


def sizes_chart(asked: AskedSizes, language: Language) -> Chart:
    """Multiply-adds and activations at the lengths of the range, of each group of axes.

    Parameters as well where they change.  A line joins lengths where all between fit; those at which no
    division leaves a rest are marked.  Else the lengths that fit are.
    Raises UsageError where no cost is a number.
    """
    panels: list[Panel] = []
    costs = [_costs(asked, along) for along in asked.along]
    # The same figure has the same kind of scale along all axes.
    logarithmic = {name: any(_spans_much(each, name) for each in costs) for name in SHOWN}
    for along, found in zip(asked.along, costs, strict=True):
        figures = [name for name in SHOWN if name != "params" or along.changing]
        if found and not any(name in each for each in found.values() for name in figures):
            raise UsageError(
                f"no cost of {asked.analysis.name} is a number, and no picture is drawn: give numbers with "
                f"{option('set')}, or ask for the table"
            )
        for figure in figures:
            panel = _panel(asked, along, found, figure, not panels, language)
            panels.append(panel._replace(y=panel.y._replace(logarithmic=logarithmic[figure])))
    count = sum(map(len, costs))
    about = say("chart about", language, first=asked.first, last=asked.last, count=count)
    notes = [_note(along, language) for along in asked.along]
    if len({*notes}) > 1:
        names = [axes_text(asked, along, language) for along in asked.along]
        notes = [
            say("chart note along", language, axis=name, note=note)
            for name, note in zip(names, notes, strict=True)
        ]
    notes = [*dict.fromkeys(notes)]
    title = say("chart", language, network=asked.analysis.name)
    return Chart(title, tuple(panels), about, min(len(panels), 2), tuple(notes), language)


# The figures at each length.
_Costs = dict[int, dict[str, int]]


def _costs(asked: AskedSizes, along: SizesAlong) -> _Costs:
    """The network at lengths of the range that fit, as many as may be built, and which of the others do not.

    Even ones are among them.
    """
    allowed = min(MOST_POINTS, max(MOST_LAYERS // max(len(asked.analysis.graph.nodes), 1), 2))
    lengths = range(asked.first, asked.last + 1)
    legal = [n for n in lengths if (known := along.sizes.at(n)) is not None and known.legal]
    even = _marked(asked, along)
    chosen = {*even, *_thinned(legal, allowed - len(even))}
    found: _Costs = {}
    for length in sorted(chosen):
        with suppress(Refused):
            found[length] = cost_at(asked, along, length)
    return found


def _marked(asked: AskedSizes, along: SizesAlong) -> list[int]:
    """Lengths of the range without a rest: all of them, or one of every so many."""
    lengths = range(asked.first, asked.last + 1)
    return _thinned([n for n in lengths if along.even is not None and along.even.holds(n)], MOST_MARKED)


def _thinned(lengths: list[int], number: int) -> list[int]:
    """About so many of some lengths, the first and the last among them."""
    step = -(-len(lengths) // max(number, 1)) or 1
    return [*dict.fromkeys([*lengths[::step], *lengths[-1:]])]


def _panel(
    asked: AskedSizes, along: SizesAlong, costs: _Costs, figure: str, first: bool, language: Language
) -> Panel:
    """One figure at the lengths of some axes; first: whether it is the one that the legend explains."""
    points = tuple([(length, each[figure]) for length, each in costs.items() if figure in each])
    even = {*_marked(asked, along)}
    marked = tuple([point for point in points if point[0] in even])
    # A line says that what is between fits as well.
    pattern = along.legal
    whole = pattern is not None and pattern.period == 1 and bool(pattern.rests)
    label = say("chart legal", language) if first else ""
    marks: list[ChartMark] = [Curve(points, 0, label, "solid" if whole else "none", dots=not whole)]
    if marked and whole:
        label = say("chart even", language) if first else ""
        marks.append(Curve(marked, 1, label, "none", dots=True))
    if asked.first <= along.length <= asked.last:
        marks.append(Guide("x", along.length, say("chart written", language, length=along.length)))
    field = along.field
    if field is not None and field != inf and asked.first <= field <= asked.last:
        marks.append(Guide("x", field, say("chart field", language, field=int(field))))
    amounts = [amount for _, amount in points] or [1]
    low, high = max(min(amounts), 1), max(*amounts, 2)
    x = Scale(_axis_label(asked, along, language), asked.first, max(asked.last, asked.first + 1), whole=True)
    y = Scale(count_word(figure, language), low, max(high, low + 1))
    name = axes_text(asked, along, language) if len(asked.along) > 1 else ""
    return Panel(name, x, y, marks=tuple(marks))


def _spans_much(costs: _Costs, figure: str) -> bool:
    """Whether a figure grows so much that its smaller values would lie on the axis."""
    amounts = [each[figure] for each in costs.values() if figure in each] or [1]
    return max(amounts) > 20 * max(min(amounts), 1)


def _note(along: SizesAlong, language: Language) -> str:
    """Which lengths fit, in words."""
    patterns = {key: pattern_text(getattr(along, key), language) for key in ("legal", "even")}
    return say("chart note", language, **patterns)


def _axis_label(asked: AskedSizes, along: SizesAlong, language: Language) -> str:
    """What a length is called."""
    (_, axis, rank), *others = asked.axes_name(along)
    if others or axis < 0:
        return say("length", language)
    return say("length along", language, axis=axis_name(axis, rank, language))
