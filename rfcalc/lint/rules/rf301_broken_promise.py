"""RF301: a promise of the description that does not hold.

Finds: A line of `check:` that does not hold for the network as it is described.
Why: A description states in `check:` what its readers rely on: the figures a paper prints, the size that a
decoder needs, what fits on a device. A change that breaks one of them is seen here, with the numbers, before
anything is trained.
Source: none: the description itself states what it promises
Instead: Mend the layers, or the promise where the new figure is what was meant.
"""

from __future__ import annotations

from rfcalc.conditions.judgement import MOST_PARTS, broken_text, figures_of
from rfcalc.conditions.words import written
from rfcalc.errors import Related
from rfcalc.lint.network.shares import parts_past
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "error",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=16\n"
    "check:\n  - params <= 2K\n  - receptive_field == 5\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 d=16\n  - conv f=3 d=16\n"
    "check:\n  - params <= 3K\n  - receptive_field == 5\n",
)
def find(subject: Subject) -> Reported:
    for judged in subject.verdicts:
        verdict = judged.verdict
        if judged.budget or verdict.holds is not False:
            continue
        # The layers by name of which it does not hold.
        named = dict.fromkeys(
            pair.part.node
            for compared, pairs in verdict.causes
            if any(reading.named for reading in compared.readings)
            for pair in pairs
            if pair.part.node is not None
        )
        nodes = [subject.graph.nodes[index] for index in [*named][:MOST_PARTS]]
        notes = [Related(f"{node.name} is this line", node.position) for node in nodes]
        if not notes:
            parts = parts_past(subject, verdict.causes)
            notes = [Related(f"the largest part is in {part.told}", part.position) for part in parts[:1]]
        spans = [each.comparison.place for each in verdict.causes] or [(0, len(verdict.text))]
        yield Found(
            broken_text(verdict.text, verdict.causes),
            position=judged.line.at(min(start for start, _ in spans), max(end for _, end in spans)),
            related=tuple(notes),
            figures=figures_of(verdict.causes),
            promise=written(verdict.text),
        )
