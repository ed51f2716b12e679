"""RF302: a promise or a budget that cannot be evaluated.

Finds: A line of `check:`, or of a budget, that cannot be evaluated: it names no figure, no layer or no size,
a figure it needs is not known, or it holds for some values of a symbol only.
Why: A promise that nobody can check looks like one that holds. It never passes in silence, and a part of a
line is evaluated even where another part already decides the line.
Source: none: a convention of this tool
Instead: Write what the message asks for; a comparison with a symbol must hold for all its values, or the
symbol needs a value.
"""

from __future__ import annotations

from rfcalc.analysis.figures import COUNTS, network_count
from rfcalc.conditions.words import not_known, written
from rfcalc.errors import Related
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "error",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 d=16 as stem\ncheck:\n  - receptive_field(stemm) == 3\n",
    silent="input: 32x32xC\nsymbols: [C]\nlayers:\n  - conv f=3 d=16 as stem\n"
    "check:\n  - receptive_field(stem) == 3\n  - params >= 144*C\n",
)
def find(subject: Subject) -> Reported:
    for judged in subject.verdicts:
        text = written(judged.verdict.text)
        for problem in judged.verdict.problems:
            place = judged.line.at(problem.start, problem.end)
            message = f"{text} cannot be evaluated: {problem.message}"
            if judged.budget:
                note = Related(f"a budget of {judged.budget.network} says so", place)
                yield Found(message, related=(note,), hint=problem.hint, promise=text)
            else:
                yield Found(message, position=place, hint=problem.hint, promise=text)
    for _, limit in subject.limits:
        value = network_count(limit.figure, subject.analysis)
        if isinstance(value, int):
            continue
        if value is None:
            reason = not_known(COUNTS[limit.figure], subject.analysis.layers)
        else:
            reason = f"{limit.figure} depends on {', '.join(value.symbols)}"
        note = Related("the budget is stated here", limit.position)
        text = limit.text
        yield Found(f"{text} cannot be evaluated: {reason}", related=(note,), promise=text)
