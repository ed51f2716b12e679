"""RF509: a residual branch that ends with a rectifier.

Finds: A sum of a map and of a branch that comes from that map at the same stride, whose last layer gives no
number below 0, such as ReLU.
Why: Such a branch can only add, so what the shortcuts carry grows from block to block and cannot be corrected
downwards. He et al. measured it: of ResNet-110 the error rises where ReLU stands before the addition.
Source: He, Zhang, Ren and Sun 2016 (Identity mappings in deep residual networks), section 4 and figure 4(c)
Instead: Put the activation behind the addition, or begin the branch with it.
"""

from __future__ import annotations

from rfcalc.errors import Related
from rfcalc.lint.network.wiring import by_line, has, more_of, read_through
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "info",
    fires="input: 32x32x16\nlayers:\n  - add: [[conv f=3 p=1 d=16, relu, conv f=3 p=1 d=16, relu], []]\n",
    silent="input: 32x32x16\nlayers:\n  - add: [[conv f=3 p=1 d=16, relu, conv f=3 p=1 d=16], []]\n  - relu\n"
    "  - concat: [[conv f=3 p=1 d=16, relu], []]\n  - mul: [[conv f=1 d=32, sigmoid], []]\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    reads = read_through(subject, "unchanged")
    ends: dict[int, int] = {}
    for index, node in subject.layers():
        if not has(node, "summing") or len(set(node.inputs)) != 2:
            continue
        for branch, shortcut in (node.inputs, node.inputs[::-1]):
            # The last layer of the branch that does something, and where the shortcut really comes from.
            last = reads[branch] if has(nodes[branch], "unchanged") else branch
            start = reads[shortcut] if has(nodes[shortcut], "unchanged") else shortcut
            if (
                has(nodes[last], "nonnegative")
                and has(nodes[last], "activation")
                and _leads(subject, last, start)
            ):
                ends[index] = last
    for line in by_line(subject, ends):
        last = ends[line[0]]
        yield Found(
            f"the branch that {nodes[line[0]].name} adds ends with {nodes[last].name}, which gives no number "
            f"below 0: the sum can only grow{more_of(subject, line)}",
            line[0],
            related=(Related("the branch ends here", nodes[last].position),),
            hint=_hint(subject, line[0], last),
        )


def _hint(subject: Subject, join: int, last: int) -> str:
    nodes = subject.graph.nodes
    behind = [nodes[reader] for reader in subject.readers[join] if has(nodes[reader], "activation")]
    if behind:
        return f"leave {nodes[last].name} out: {behind[0].name} stands behind the addition"
    return "put the activation behind the addition"


def _leads(subject: Subject, last: int, start: int) -> bool:
    """Whether layers in a row, some with weights and all of one size, lead from a node to the last."""
    nodes = subject.graph.nodes
    node, learned = last, False
    while node > start and len(nodes[node].inputs) == 1:
        learned = learned or bool(nodes[node].facts.weights)
        if nodes[node].facts.output.axes != nodes[last].facts.output.axes:
            return False
        node = nodes[node].inputs[0]
    return node == start and learned
