"""RF508: a softmax over a single score.

Finds: A softmax, or a loss that takes one, over one channel, or over the positions of a map that has one.
Why: The one number becomes e^x / e^x, which is 1: the output says nothing, the loss is 0, and no gradient
comes back. It is what is left of a softmax where a problem of two classes was written with one output.
Source: Goodfellow, Bengio and Courville 2016, section 6.2.2 (sigmoid units for two classes, softmax for more)
Instead: Take `sigmoid` for one score, or give the layer before it two outputs.
"""

from __future__ import annotations

from typing import cast

from rfcalc.lint.network.wiring import by_line, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axes import OverValue, extent


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - globalavgpool\n  - fc d=1\n"
    "  - softmax\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - globalavgpool\n  - fc d=1\n"
    "  - sigmoid\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    single = []
    for index, node in subject.layers():
        if has(node, "probabilities"):
            entering = nodes[node.inputs[0]].facts.output
            over = cast("OverValue", node.arguments.get("over", "channels"))
            if extent(entering, over).elements(entering) == 1:
                single.append(index)
    for line in by_line(subject, single):
        node = nodes[line[0]]
        result = "it is 0" if has(node, "loss") else "every output is 1"
        yield Found(
            f"{node.name} takes a softmax over one number, e^x / e^x: {result}, whatever the input"
            f"{more_of(subject, line)}",
            line[0],
            hint="take sigmoid for one score, or two outputs before the softmax",
        )
