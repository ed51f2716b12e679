"""RF507: a normalisation directly after the same normalisation.

Finds: A normalisation whose input is what the same normalisation gives, identities and dropout aside, where
nothing else reads that. Blocks that begin with one behind a stem that ends with one share it with the
shortcut (Swin, CLIP), and are no finding.
Why: What has mean 0 and variance 1 has them already: the second changes nothing that the scale and offset of
the first could not. It happens where a block ends with one and the next begins with one.
Source: Ioffe and Szegedy 2015, section 3; He et al. 2016 (Identity mappings), on the order of layers in a
block
Instead: Leave one out.
"""

from __future__ import annotations

from rfcalc.errors import Related
from rfcalc.lint.network.wiring import by_line, has, more_of, only_reader
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 bias=no\n  - bn\n  - bn\n  - relu\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - ln\n  - add: [[ln, conv f=1 d=16], []]\n"
    "  - conv f=3 p=1 d=16 bias=no\n  - bn\n  - relu\n  - bn\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    twice: dict[int, int] = {}
    for index, node in subject.layers():
        if not has(node, "normalisation"):
            continue
        second = only_reader(subject, index)
        while second is not None and has(nodes[second], "unchanged"):
            second = only_reader(subject, second)
        if second is not None and nodes[second].op == node.op:
            twice[second] = index
    for line in by_line(subject, twice):
        first = nodes[twice[line[0]]]
        yield Found(
            f"{nodes[line[0]].name} normalises what {first.name} has normalised: nothing stands between them"
            f"{more_of(subject, line)}",
            line[0],
            related=(Related("the first stands here", first.position),),
            hint="leave one of the two out",
        )
