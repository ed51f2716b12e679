"""Durations in cells, and the notes of a table about time: the rate, how far a network looks ahead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.durations import duration
from rfcalc.analysis.field_values import Absent, FieldFigure, Unsure
from rfcalc.analysis.figures import FIGURES
from rfcalc.report.words import say
from rfcalc.symbolic.polynomial import Polynomial, format_number
from rfcalc.units import format_duration, format_rate

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import AxisView, Views
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.report.network_table.columns import Context
    from rfcalc.report.network_table.entries import RowEntry
    from rfcalc.report.words import Language

# Of a network with more outputs the rest are left to the column.
_MOST_OUTPUTS = 8


def notes_on_time(context: Context, *, asked: bool) -> Iterable[str]:
    """The rates, and of each output how far it looks ahead; asked: see `outlooks_of`."""
    language = context.view.language
    yield from rates_of(context.network, context.views, context.network.fields.network, language)
    for index in list(dict.fromkeys(context.network.fields.of_outputs))[:_MOST_OUTPUTS]:
        yield from outlooks_of(context.network, context.views, index, language, asked=asked)


def rates_of(network: NetworkAnalysis, views: Views, node: int, language: Language) -> Iterable[str]:
    """The rate of each input that has one, and how long a layer sees of it."""
    graph, seen = network.graph, dict(views.of(node))
    for source, name in enumerate(network.input_names):
        rate = graph.rate(source)
        if rate is not None and network.inputs[source].axes:
            told = _seen_and_stepped(graph.nodes[node].name, seen.get(source, ()), language)
            key = "rate" if len(graph.inputs) == 1 else "rate of input"
            yield say(key, language, rate=format_rate(rate), input=name, seen=told)


def outlooks_of(
    network: NetworkAnalysis, views: Views, node: int, language: Language, *, asked: bool = False
) -> Iterable[str]:
    """How far a layer looks ahead over each input that has a rate.

    asked: over those of one axis without a rate too.
    """
    graph = network.graph
    for source, along in views.of(node):
        if along and (along[0].rate is not None or (asked and len(along) == 1)):
            over = say("over", language, input=network.input_names[source])
            layer = graph.nodes[node].name + (over if len(graph.inputs) > 1 else "")
            yield _outlook(layer, along, language)


def _seen_and_stepped(layer: str, views: Sequence[AxisView], language: Language) -> str:
    """How long a layer sees, and how far apart in time its units are; "" where that is not known."""
    try:
        field, stride = (_lasting(name, views[0]) for name in ("receptive_field", "effective_stride"))
    except (Unsure, IndexError):
        return ""
    return say("sees and steps", language, layer=layer, field=field, stride=stride)


def _lasting(name: str, view: AxisView) -> str:
    found = duration(_figure(name), (view,))
    if found.at_most or found.low != found.high:
        raise Unsure("it is not one duration")
    return format_duration(found.high)


def _outlook(layer: str, views: Sequence[AxisView], language: Language) -> str:
    """How far a layer looks ahead along the first axis of an input."""
    figure, view = _figure("lookahead"), views[0]
    said = {"layer": layer, "along": say("along the first", language) if len(views) > 1 else ""}
    try:
        ahead = figure.value(view)
    except Unsure as reason:
        return say("unknown outlook", language, layer=layer, reason=reason)
    if ahead.whole and not ahead.at_most:
        return say("sees the future", language, layer=layer)
    size = f"{ahead.high:,}" if isinstance(ahead.high, int) else format_number(ahead.high)
    if not isinstance(ahead.high, Polynomial):
        if ahead.high <= 0:
            return say("causal", language, **said)
        if ahead.at_most:
            return say("looks ahead at most", language, **said, size=size)
    known = view.rate is not None and not isinstance(ahead.high, Polynomial)
    lasting = format_duration(duration(figure, views).high) if known else ""
    time = say("that is", language, time=lasting) if lasting else ""
    return say("looks ahead", language, **said, size=size, time=time)


def gaps_ahead(context: Context, rows: Sequence[RowEntry]) -> dict[str, list[str]]:
    """Of which rows it is not known how far they look ahead, by reason."""
    reasons: dict[str, list[str]] = {}
    for entry in rows:
        if entry.seen and entry.seen.axes:
            views = dict(context.views.of(entry.layers[-1].place))[entry.seen.input]
            reason = next(filter(None, map(_reason, views)), "")
            if reason:
                reasons.setdefault(reason, []).append(entry.name)
    return reasons


def _reason(view: AxisView) -> str:
    try:
        ahead = _figure("lookahead").value(view)
    except Absent:
        return ""
    except Unsure as reason:
        return str(reason)
    return "only a bound of its field is known" if ahead.at_most else ""


def _figure(name: str) -> FieldFigure:
    figure = FIGURES[name]
    assert isinstance(figure, FieldFigure)
    return figure
