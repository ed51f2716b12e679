"""RF504: dropout before batch normalisation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from rfcalc.errors import Related
from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.lint.traits import has
from rfcalc.lint.wiring import by_line


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    found = [i for i, node in subject.layers() if has(node, "dropping") and node.arguments.get("rate") != 0]
    for line in by_line(subject, found):
        for index in line:
            after = _normalised(subject, index)
            if after is None:
                continue
            # With the rate r the variance at training is 1 / (1 - r) times that at inference.
            yield Found(
                f"{nodes[index].name} drops elements before {nodes[after].name} normalises: the variance "
                f"that is "
                "learned there in training is larger than the one met at inference",
                index,
                related=(Related("batch normalisation stands here", nodes[after].position),),
                hint="move it behind the last batch normalisation",
            )
            break


def _normalised(subject: Subject, index: int) -> int | None:
    """The nearest batch normalisation that a layer's output comes to; None when it comes to none."""
    seen = {index}
    pending = deque([index])
    while pending:
        current = pending.popleft()
        node = subject.graph.nodes[current]
        # It is the one normalisation that is linear at inference, since its statistics were learned.
        if has(node, "normalisation") and has(node, "linear"):
            return current
        fresh = [reader for reader in subject.readers[current] if reader not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    return None


RULE = Rule(
    code="RF504",
    name="dropout-before-batch-normalisation",
    severity="warning",
    what="Dropout with batch normalisation somewhere after it.",
    why="Dropout raises the variance of what passes in training and not at inference; the statistics that "
    "batch "
    "normalisation learned are then wrong, more so in every layer (the variance shift).",
    source="Li, Chen, Hu and Yang 2019 (Understanding the disharmony between dropout and batch "
    "normalization)",
    instead="Put dropout after the last batch normalisation, before the classifier.",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - dropout rate=0.5\n"
    "  - conv f=3 p=1 d=16 bias=no\n  - bn\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 bias=no\n  - bn\n  - globalavgpool\n"
    "  - dropout rate=0.5\n"
    "  - fc d=10\n",
    find=_find,
)
