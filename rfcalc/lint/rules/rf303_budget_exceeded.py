"""RF303: a figure past what a budget of the configuration allows.

Finds: A network past a budget: a comparison in the `require` of a `[[budgets]]` entry of the configuration
that covers it does not hold.
Why: Memory and latency of a device are limits for every network that goes there. A budget states them once
for all, by the names of networks, and the line that holds most of the figure is where there is most to save.
Source: none: the configuration states the budget
Instead: Make the network smaller where the message points to, or raise the budget.
"""

from __future__ import annotations

from collections.abc import Iterable

from rfcalc.conditions.judgement import Failed, broken_text, figures_of
from rfcalc.conditions.words import written
from rfcalc.errors import Related
from rfcalc.lint.network.shares import further_notes, parts_past
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "error",
    fires='# [[budgets]]\n# network = "*"\n# require = ["params <= 1K"]\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=16\n",
    silent='# [[budgets]]\n# network = "*"\n# require = ["params <= 3K"]\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=16\n",
    applies=lambda subject: bool(subject.budgets),
)
def find(subject: Subject) -> Reported:
    for judged in subject.verdicts:
        verdict, budget = judged.verdict, judged.budget
        if not budget or verdict.holds is not False:
            continue
        parts = parts_past(subject, verdict.causes)
        notes = [Related(f"a budget of {budget.network}", judged.line.at(0, len(verdict.text)))]
        yield Found(
            broken_text(verdict.text, verdict.causes),
            parts[0].node if parts else _failing(verdict.causes),
            related=(*notes, *further_notes(parts)),
            hint=f"the largest part is in {parts[0].told}" if parts else "",
            figures=figures_of(verdict.causes),
            promise=written(verdict.text),
        )


def _failing(failed: Iterable[Failed]) -> int | None:
    """The first layer by which a promise fails; None where it is about none."""
    nodes = (pair.part.node for _, pairs in failed for pair in pairs)
    return next((node for node in nodes if node is not None), None)
