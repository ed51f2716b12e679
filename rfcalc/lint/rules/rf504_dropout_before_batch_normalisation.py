"""RF504: dropout directly before batch normalisation.

Finds: Dropout whose output comes to batch normalisation with no layer with weights between them. Where there
is one, as in Wide ResNets (behind an activation, before a convolution), in DeepLab and in generators of which
the dropout is the noise, networks are trained well, and nothing is said.
Why: Dropout raises the variance of what passes in training and not at inference; the statistics that batch
normalisation learned of just these numbers are then wrong (the variance shift).
Source: Li, Chen, Hu and Yang 2019 (Understanding the disharmony between dropout and batch normalization);
Zagoruyko and Komodakis 2016, section 2.4, for where dropout stands in a residual block
Instead: Put dropout behind the normalisation and its activation.
"""

from __future__ import annotations

from rfcalc.analysis.depth import weighted
from rfcalc.errors import Related
from rfcalc.lint.network.wiring import by_line, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "info",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - dropout rate=0.5\n  - bn\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 bias=no\n  - bn\n  - globalavgpool\n"
    "  - dropout rate=0.5\n  - fc d=10\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    # For each node the first batch normalisation that its output comes to; None when it comes to none.
    after: list[int | None] = [None] * len(nodes)
    for index in reversed(range(len(nodes))):
        ends = []
        for reader in subject.readers[index]:
            if has(nodes[reader], "normalisation"):
                # Batch normalisation is linear at inference, since its statistics were learned.  One by the
                # statistics of the example itself undoes the change of variance, and ends the way.
                ends.append(reader if has(nodes[reader], "linear") else None)
            elif not weighted(nodes[reader]):
                ends.append(after[reader])
        after[index] = min((end for end in ends if end is not None), default=None)
    found = [
        index
        for index, node in subject.layers()
        if has(node, "dropping") and node.arguments.get("rate") != 0 and after[index] is not None
    ]
    for line in by_line(subject, found):
        index, next_one = line[0], after[line[0]]
        assert next_one is not None
        # With the rate r the variance at training is at least 1 / (1 - r) times that at inference.
        yield Found(
            f"{nodes[index].name} drops elements before {nodes[next_one].name} normalises: the variance "
            f"learned there in training is larger than the one met at inference{more_of(subject, line)}",
            index,
            related=(Related("batch normalisation stands here", nodes[next_one].position),),
            hint=f"move it behind {nodes[next_one].name} and its activation",
        )
