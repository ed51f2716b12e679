"""RF503: an activation directly after an activation."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Related
from rfcalc.lint.network.traits import has
from rfcalc.lint.network.wiring import by_line, source_of
from rfcalc.lint.rule import Found, Rule, Subject


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    found = [
        index
        for index, node in subject.layers()
        if has(node, "activation") and has(nodes[source_of(subject, index)], "activation")
    ]
    for line in by_line(subject, found):
        # The same activation twice is the graver case, wherever it comes among the layers of a line.
        index = next((i for i in line if nodes[i].op == nodes[source_of(subject, i)].op), line[0])
        node, before = nodes[index], nodes[source_of(subject, index)]
        yield Found(
            f"{node.op} follows {before.op} with nothing in between that learns or mixes",
            index,
            related=(Related(f"{before.op} stands here", before.position),),
            hint="leave one of the two out",
            severity="" if node.op == before.op else "info",
        )


RULE = Rule(
    code="RF503",
    name="activation-twice",
    severity="warning",
    what="An activation whose input is the output of an activation, dropout and identities aside. Two "
    "different ones are only worth a remark.",
    why="A second ReLU does nothing, a second sigmoid squeezes what is squeezed already. It happens where a "
    "block ends with an activation and the next begins with one.",
    source="He et al. 2016 (Identity mappings in deep residual networks), on the order of layers in a block",
    instead="Leave one out.",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - relu\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - conv f=3 p=1 d=16\n  - relu\n",
    find=_find,
)
