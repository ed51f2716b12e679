"""How the figures of a network differ from what they were, against the limits of its budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rfcalc.analysis.depth import longest_path
from rfcalc.analysis.figures import COUNTS, network_count
from rfcalc.conditions.words import not_known
from rfcalc.lint.budgets.baseline import entry_of
from rfcalc.lint.budgets.budget import Budget, Limit
from rfcalc.lint.budgets.counterparts import LayerFigures, counterparts, layers_of
from rfcalc.lint.network.wiring import LineShare, causes
from rfcalc.lint.rule import Subject
from rfcalc.records import NamedTuple


class Increase(NamedTuple):
    """A figure that has grown by more than is allowed; most: the largest that is allowed.

    lines: those that have grown, by how much, the one that has grown most first.  layers: what the layers
    were before, by index; those that are new are not in it.
    """

    budget: Budget
    limit: Limit
    before: int
    after: int
    most: int
    lines: tuple[LineShare, ...]
    layers: Mapping[int, LayerFigures]


def limits(subject: Subject) -> Iterator[tuple[Budget, Limit]]:
    """Every limit of growth that applies to a network."""
    for budget in subject.budgets:
        for limit in budget.increase:
            yield budget, limit


def unmeasured(subject: Subject) -> Iterator[tuple[Limit, str]]:
    """The limits that cannot be compared with anything since the figure is no number now, and why."""
    for _, limit in limits(subject):
        value = network_count(limit.figure, subject.analysis)
        if value is None:
            yield limit, not_known(COUNTS[limit.figure], subject.analysis.layers)
        elif not isinstance(value, int):
            yield limit, f"{limit.figure} depends on {', '.join(value.symbols)}"


def unrecorded(subject: Subject) -> tuple[str, ...]:
    """The figures with a limit of growth, of which nothing is recorded to compare with."""
    figures = dict.fromkeys(limit.figure for _, limit in limits(subject))
    entry = subject.previous.entry if subject.previous else None
    return tuple(
        figure
        for figure in figures
        if (entry is None or figure not in entry.figures)
        and isinstance(network_count(figure, subject.analysis), int)
    )


def increases(subject: Subject) -> Iterator[Increase]:
    """The figures that have grown by more than a limit allows."""
    entry = subject.previous.entry if subject.previous else None
    if entry is None:
        return
    layers: dict[int, LayerFigures] | None = None
    for budget, limit in limits(subject):
        before = entry.figures.get(limit.figure)
        after = network_count(limit.figure, subject.analysis)
        if before is None or not isinstance(after, int):
            continue
        most = limit.most(before)
        if after > most:
            if layers is None:
                found = counterparts(layers_of(entry.layers), layers_of(entry_of(subject.analysis).layers))
                first = len(subject.graph.inputs)
                layers = {first + number: layer for number, layer in found.items()}
            lines = causes(subject, _grown(subject, layers, limit.figure))
            yield Increase(budget, limit, before, after, most, lines, layers)


def _grown(subject: Subject, layers: Mapping[int, LayerFigures], figure: str) -> Iterator[tuple[int, int]]:
    """By how much each layer has grown; a layer that was not there has grown by all it has.

    The depth is no sum over the layers: to it each adds one that is on the longest path.
    """
    count = COUNTS[figure]
    if count.of_layer is None:
        yield from ((index, 1) for index in longest_path(subject.graph) if index not in layers)
        return
    for index, _ in subject.layers():
        now = count.value(subject.layer(index))
        before = layers.get(index)
        if isinstance(now, int):
            yield index, now - (before.figure(figure) if before else 0)
