"""RF303: a figure past what a budget of the configuration allows.

Finds: A network past a budget: a comparison in the `require` of a `[[budgets]]` entry of the configuration
that covers it does not hold.
Why: Memory and latency of a device are limits for every network that goes there. A budget states them once
for all, by the names of networks, and the line that holds most of the figure is where there is most to save.
Source: none: the configuration states the budget
Instead: Make the network smaller where the message points to, or raise the budget.
"""

from __future__ import annotations

from rfcalc.analysis.figures import COUNTS
from rfcalc.conditions.judgement import Failed, broken_text, figures_of
from rfcalc.conditions.words import amount, written
from rfcalc.errors import Related
from rfcalc.lint.network.wiring import LineShare, causes, related
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import Size


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
        figure, blamed = _blamed(subject, verdict.causes)
        notes = [Related(f"a budget of {budget.network}", judged.line.at(0, len(verdict.text)))]

        def told(cause: LineShare, figure: str = figure) -> str:
            unit = COUNTS[figure].unit if figure in COUNTS else ""
            return f"{cause.name(subject)}: {amount(cause.value)} {unit}".rstrip()

        if figure:
            notes += related(subject, blamed, told)
        yield Found(
            broken_text(verdict.text, verdict.causes),
            blamed[0].layers[0] if blamed else None,
            related=tuple(notes),
            hint=f"the largest part is in {told(blamed[0])}" if figure and blamed else "",
            figures=figures_of(verdict.causes),
            promise=written(verdict.text),
        )


def _blamed(subject: Subject, failed: tuple[Failed, ...]) -> tuple[str, tuple[LineShare, ...]]:
    """The count that is past its budget with the lines that have most of it; else the layers that fail."""
    past = figures_of(failed).get("difference", 0)
    for compared, pairs in failed:
        for reading in compared.readings:
            count = COUNTS.get(reading.figure)
            values: dict[int, Size | None] = {}
            if count is not None and count.adds_up:
                values = {index: count.value(subject.layer(index)) for index in reading.layers}
            found = causes(subject, ((i, value) for i, value in values.items() if isinstance(value, int)))
            # Of what is too little no layer is the cause.
            if found and isinstance(past, int | float) and past > 0:
                return reading.figure, found
        for pair in pairs:
            if pair.part.node is not None:
                return "", (LineShare((pair.part.node,), 0),)
    return "", ()
