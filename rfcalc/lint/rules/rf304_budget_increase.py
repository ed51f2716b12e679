"""RF304: a figure that has grown by more than a budget of the configuration allows.

Finds: A figure that is larger than it was by more than the `max_increase` of a `[[budgets]]` entry allows. It
is compared with a baseline file, or with the description at another git revision.
Why: A network grows by steps that each look small. Compared with what was accepted last, a step is seen when
it is made, with the layers it comes from, and accepting it is one command that a review shows.
Source: none: the configuration states the budget
Instead: Take the growth back where the message points to, or accept the new figures into the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rfcalc.analysis.figures import COUNTS
from rfcalc.conditions.words import percent
from rfcalc.errors import Related
from rfcalc.lint.network.increases import Increase, increases
from rfcalc.lint.network.wiring import LineShare, related
from rfcalc.lint.rule import Found, Subject, rule


@rule(
    "error",
    fires='# [[budgets]]\n# network = "*"\n# max_increase = "2%"       # the baseline has 2,768 parameters\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=17\n",
    silent='# [[budgets]]\n# network = "*"\n# max_increase = "10%"      # the baseline has 2,768 parameters\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=17\n",
    applies=lambda subject: bool(subject.previous),
)
def find(subject: Subject) -> Iterator[Found]:
    previous = subject.previous
    if previous is None or previous.entry is None:
        return
    for increase in increases(subject):
        limit = increase.limit
        difference = increase.after - increase.before
        lines = increase.lines
        told = partial(_told, subject, increase)

        message = (
            f"{limit.figure} grows from {increase.before:,} to {increase.after:,} against {previous.where}: "
            f"{difference:,} more{percent(difference, increase.before)}, where {increase.most:,} "
            f"{'is' if increase.most == 1 else 'are'} allowed (+{limit.written.removeprefix('+')})"
        )
        if lines:
            message += f"; {told(lines[0])}"
        notes = (Related(f"a budget of {increase.budget.network}", limit.position),)
        yield Found(
            message,
            lines[0].layers[0] if lines else None,
            related=notes + related(subject, lines, told),
            hint=f"to accept the new figures: {previous.accept}" if previous.accept else "",
            figures={
                "figure": limit.figure,
                "unit": COUNTS[limit.figure].unit,
                "before": increase.before,
                "after": increase.after,
                "allowed": increase.most,
                "difference": difference,
                "layers": {cause.name(subject): cause.value for cause in lines[:6]},
            },
            promise=limit.text,
        )


def _told(subject: Subject, increase: Increase, cause: LineShare) -> str:
    """What a line had before and has now."""
    figure, name = increase.limit.figure, cause.name(subject)
    if not COUNTS[figure].cost:
        return f"{name}: {cause.value:,} new"
    known = [increase.layers[index].figure(figure) for index in cause.layers if index in increase.layers]
    if not known:
        return f"{name}: {cause.value:,}, new"
    return f"{name}: {sum(known):,} → {sum(known) + cause.value:,}"
