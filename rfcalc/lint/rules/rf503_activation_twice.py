"""RF503: an activation directly after an activation.

Finds: An activation whose input is the output of the same activation; dropout, identities and layers that
move elements elsewhere aside. Two different ones are worth a remark where one of them does nothing: ReLU
behind a sigmoid, or before ReLU6. Softplus and then tanh, as in Mish, are one function.
Why: A second ReLU does nothing, a second sigmoid squeezes what is squeezed already. It happens where a block
ends with an activation and the next begins with one.
Source: He et al. 2016 (Identity mappings in deep residual networks), on the order of layers in a block
Instead: Leave one out.
"""

from __future__ import annotations

from rfcalc.errors import Related
from rfcalc.graph.ir import Node
from rfcalc.lint.network.wiring import by_line, has, read_through
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - relu\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - conv f=3 p=1 d=16\n  - relu\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    # What moves elements elsewhere leaves the values that an activation gave them.
    reads = read_through(subject, "unchanged", "rearranging")
    found = [
        index
        for index, node in subject.layers()
        if has(node, "activation") and _idle(nodes[reads[index]], node)
    ]
    for line in by_line(subject, found):
        # The same activation twice is the graver case, wherever it comes among the layers of a line.
        index = next((i for i in line if nodes[i].op == nodes[reads[i]].op), line[0])
        node, before = nodes[index], nodes[reads[index]]
        yield Found(
            f"{node.op} follows {before.op} with nothing in between that learns or mixes",
            index,
            related=(Related(f"{before.op} stands here", before.position),),
            hint=f"leave {_idle(before, node)} out",
            severity=None if node.op == before.op else "info",
        )


def _idle(before: Node, node: Node) -> str:
    """Which of an activation and the one behind it is of no use; "" where both are, or the first is none."""
    if not has(before, "activation"):
        return ""
    if node.op == before.op:
        return "one of the two"
    if has(before, "nonnegative") and has(node, "rectifying"):
        return node.op
    # The second makes 0 of what is negative by itself.
    if has(before, "nonnegative") and has(before, "rectifying") and has(node, "clipping"):
        return before.op
    return ""
