"""RF304: a figure that has grown by more than a budget of the configuration allows.

Finds: A figure that is larger than it was by more than the `max_increase` of a `[[budgets]]` entry allows. It
is compared with a baseline file, or with the description at another git revision.
Why: A network grows by steps that each look small. Compared with what was accepted last, a step is seen when
it is made, with the layers it comes from, and accepting it is one command that a review shows.
Source: none: the configuration states the budget
Instead: Take the growth back where the message points to, or accept the new figures into the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from rfcalc.analysis.depth import longest_path
from rfcalc.analysis.figures import COUNTS, network_count
from rfcalc.conditions.words import percent
from rfcalc.errors import Related
from rfcalc.lint.budgets.baseline import entry_of
from rfcalc.lint.budgets.counterparts import LayerFigures, counterparts, layers_of
from rfcalc.lint.network.wiring import LineShare, causes, related
from rfcalc.lint.rule import Found, Reported, Subject, rule


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
    # What each layer was before, by its index; those that are new are not in it.
    layers: dict[int, LayerFigures] | None = None
    for budget, limit in subject.limits:
        before = entry.figures.get(limit.figure)
        after = network_count(limit.figure, subject.analysis)
        if before is None or not isinstance(after, int) or after <= (most := limit.most(before)):
            continue
        if layers is None:
            found = counterparts(layers_of(entry.layers), layers_of(entry_of(subject.analysis).layers))
            first = len(subject.graph.inputs)
            layers = {first + number: layer for number, layer in found.items()}
        # The line that has grown most comes first.
        lines = causes(subject, _grown(subject, layers, limit.figure))
        told = partial(_told, subject, layers, limit.figure)
        message = (
            f"{limit.figure} grows from {before:,} to {after:,} against {previous.where}: "
            f"{after - before:,} more{percent(after - before, before)}, where {most:,} "
            f"{'is' if most == 1 else 'are'} allowed (+{limit.written.removeprefix('+')})"
        )
        if lines:
            message += f"; {told(lines[0])}"
        notes = (Related(f"a budget of {budget.network}", limit.position),)
        yield Found(
            message,
            lines[0].layers[0] if lines else None,
            related=notes + related(subject, lines, told),
            hint=f"to accept the new figures: {previous.accept}" if previous.accept else "",
            figures={
                "figure": limit.figure,
                "unit": COUNTS[limit.figure].unit,
                "before": before,
                "after": after,
                "allowed": most,
                "difference": after - before,
                "layers": {cause.name(subject): cause.value for cause in lines[:6]},
            },
            promise=limit.text,
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


def _told(subject: Subject, layers: Mapping[int, LayerFigures], figure: str, cause: LineShare) -> str:
    """What a line had before and has now."""
    name = cause.name(subject)
    if not COUNTS[figure].cost:
        return f"{name}: {cause.value:,} new"
    known = [layers[index].figure(figure) for index in cause.layers if index in layers]
    if not known:
        return f"{name}: {cause.value:,}, new"
    return f"{name}: {sum(known):,} → {sum(known) + cause.value:,}"
