"""RF304: a figure that has grown by more than a budget of the configuration allows.

Finds: A figure that is larger than it was by more than the `max_increase` of a `[[budgets]]` entry allows. It
is compared with a baseline file, or with the description at another git revision.
Why: A network grows by steps that each look small. Compared with what was accepted last, a step is seen when
it is made, with the layers it comes from, and accepting it is one command that a review shows.
Source: none: the configuration states the budget
Instead: Take the growth back where the message points to. Growth that is meant is accepted with the new
figures: in the baseline, or where the description states them (`check: [params == 3480]`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from rfcalc.analysis.depth import longest_path
from rfcalc.analysis.figures import COUNTS, network_count
from rfcalc.conditions.text import read_condition, stated_figures
from rfcalc.conditions.words import percent
from rfcalc.errors import Related
from rfcalc.lint.budgets.baseline import Previous, entry_of
from rfcalc.lint.budgets.counterparts import LayerFigures, counterparts, layers_of
from rfcalc.lint.network.changed_values import ChangedValues
from rfcalc.lint.network.shares import FigurePart, LineShare, further_notes, line_shares, matters
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.spec.tokens import ExpressionError


@rule(
    "error",
    fires='# [[budgets]]\n# network = "*"\n# max_increase = "2%"       # the baseline has 2,768 parameters\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=17\n",
    silent='# [[budgets]]\n# network = "*"\n# max_increase = "10%"      # the baseline has 2,768 parameters\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=17\n",
    applies=lambda subject: bool(subject.previous),
)
def find(subject: Subject) -> Reported:
    previous = subject.previous
    if previous is None or previous.entry is None:
        return
    entry = previous.entry
    accepted = frozenset(_stated(subject))
    values = ChangedValues(subject, entry)
    for budget, limit in subject.limits:
        figure = limit.figure
        before = entry.figures.get(figure)
        after = network_count(figure, subject.analysis)
        if before is None or not isinstance(after, int) or after <= (most := limit.most(before)):
            continue
        if (figure, after) in accepted:
            continue
        changed, analysis = values.taken_back(figure, before)
        # What is left has grown line by line.
        rest = Subject(subject.network, analysis) if changed else subject
        shares, lines = _grown_lines(rest, previous, figure)
        left = network_count(figure, analysis)
        if changed and not (isinstance(left, int) and matters(left - before, after - before)):
            shares, lines = (), ()
        parts = sorted((*changed, *lines), key=lambda part: -part.value)
        message = (
            f"{figure} grows from {before:,} to {after:,} against {previous.told}: "
            f"{after - before:,} more{percent(after - before, before)}, where {most:,} "
            f"{'is' if most == 1 else 'are'} allowed (+{limit.written.removeprefix('+')})"
        )
        if parts:
            message += f"; {parts[0].told}"
        yield Found(
            message,
            parts[0].node if parts else None,
            position=parts[0].position if parts and parts[0].node is None else None,
            related=(Related(f"a budget of {budget.network}", limit.position), *further_notes(parts)),
            hint=f"to accept the new figures: {previous.accept}"
            if previous.accept
            else f"to accept it, state the new figure under `check:`: {figure} == {after}",
            figures={
                "figure": figure,
                "unit": COUNTS[figure].unit,
                "before": before,
                "after": after,
                "allowed": most,
                "difference": after - before,
                "layers": {share.name(rest): share.value for share in shares[:6]},
            },
            promise=limit.text,
        )


def _stated(subject: Subject) -> Iterator[tuple[str, int]]:
    """The figures that the description states as numbers: growth to them is meant, and seen in a review."""
    for line in subject.network.checks:
        # That it cannot be read is RF302.
        with suppress(ExpressionError):
            yield from stated_figures(read_condition(line.text))


def _grown_lines(
    subject: Subject, previous: Previous, figure: str
) -> tuple[tuple[LineShare, ...], tuple[FigurePart, ...]]:
    """The lines of a network that have grown, the one that has most first, and what is told of each."""
    assert previous.entry is not None
    first = len(subject.graph.inputs)
    found = counterparts(layers_of(previous.entry.layers), layers_of(entry_of(subject.analysis).layers))
    # What each layer was before, by its index; those that are new are not in it.
    layers = {first + number: layer for number, layer in found.items()}
    shares = line_shares(subject, _grown(subject, layers, figure))
    nodes = subject.graph.nodes
    return shares, tuple(
        FigurePart(
            share.value,
            _told(subject, layers, figure, share),
            nodes[share.layers[0]].position,
            share.layers[0],
        )
        for share in shares
    )


def _grown(subject: Subject, layers: Mapping[int, LayerFigures], figure: str) -> Iterator[tuple[int, int]]:
    """By how much each layer has grown; a layer that was not there has grown by all it has.

    The depth is no sum over the layers: to it each adds one that is on the longest path.
    """
    count = COUNTS[figure]
    if not count.adds_up:
        yield from ((index, 1) for index in longest_path(subject.graph) if index not in layers)
        return
    for index, _ in subject.layers():
        now = count.value(subject.layer(index))
        before = layers.get(index)
        if isinstance(now, int):
            yield index, now - (before.figure(figure) if before else 0)


def _told(subject: Subject, layers: Mapping[int, LayerFigures], figure: str, share: LineShare) -> str:
    """What a line had before and has now."""
    name = share.name(subject)
    if not COUNTS[figure].cost:
        return f"{name}: {share.value:,} new"
    known = [layers[index].figure(figure) for index in share.layers if index in layers]
    if not known:
        return f"{name}: {share.value:,}, new"
    return f"{name}: {sum(known):,} → {sum(known) + share.value:,}"
