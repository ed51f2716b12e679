"""RF305: a baseline that does not fit the networks: entries too many, entries too few.

Finds: An entry of the baseline whose network is gone; a network whose growth is limited that could not be
built at the revision that it is compared with; and, as an info, one of which the baseline or the revision has
nothing.
Why: What is not in the baseline is compared with nothing, so that its growth passes unseen; and an entry that
nothing reads hides that a network was moved without its figures.
Source: none: a convention of this tool
Instead: Update the baseline: entries of networks that are gone are dropped, new ones are added.
"""

from __future__ import annotations

from rfcalc.analysis.figures import network_count
from rfcalc.errors import Related
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires='# [[budgets]]\n# network = "*"\n# max_increase = "2%"       # and no baseline\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n",
    silent='# [[budgets]]\n# network = "*"\n# require = ["params <= 3K"]\n'
    "input: 32x32x3\nlayers:\n  - conv f=3 d=16\n",
    applies=lambda subject: bool(subject.budgets),
)
def find(subject: Subject) -> Reported:
    previous = subject.previous
    entry = previous.entry if previous else None
    # A figure that is no number now is RF302's.
    held = [
        limit
        for _, limit in subject.limits
        if entry is None or limit.figure not in entry.figures
        if isinstance(network_count(limit.figure, subject.analysis), int)
    ]
    if not held:
        return
    missing = list(dict.fromkeys(limit.figure for limit in held))
    names = ", ".join(missing)
    hint = ""
    if previous is None:
        what = f"the growth of {names} is limited, but there is no baseline to compare with"
        hint = "`--update-baseline` writes one; `--against REVISION` compares with a git revision"
    elif previous.problem:
        what = f"at {previous.where} this network could not be built ({previous.problem}), so {names} "
        what += "cannot be compared with what was then"
        hint = (
            "compare with a revision at which it could be built, or leave RF305 out this once: --ignore RF305"
        )
    elif entry is None:
        what = f"{previous.where} has nothing of this network to compare {names} with"
    else:
        what = f"{previous.where} has no figure of this network for {names}"
        if any(name in entry.missing for name in missing):
            what += ": it was not known, or depended on a symbol"
    if previous and previous.accept:
        hint = f"to record it: {previous.accept}"
    yield Found(
        what,
        severity="warning" if previous and previous.problem else "info",
        related=(Related("the budget is stated here", held[0].position),),
        hint=hint,
        figures={"figures": missing},
        promise=held[0].text,
    )
