"""RF505: softmax before a loss that takes one itself.

Finds: A softmax whose output enters another one, or a loss that takes a softmax itself.
Why: The scores are then numbers between 0 and 1, so the second softmax is nearly even: the loss stays far
from 0 for a perfect network, and gradients are small.
Source: PyTorch CrossEntropyLoss and Caffe SoftmaxWithLoss, which expect scores
Instead: Leave the softmax out; the loss has it.
"""

from __future__ import annotations

from math import e, log

from rfcalc.errors import Related
from rfcalc.lint.network.wiring import by_line, has, more_of, read_through
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - globalavgpool\n  - fc d=10\n  - softmax\n  - softmaxloss\n",
    silent="input: 32x32x3\nlayers:\n  - globalavgpool\n  - fc d=10\n  - softmaxloss\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    reads = read_through(subject, "unchanged", "rearranging")
    found = [
        index
        for index, node in subject.layers()
        if has(node, "probabilities")
        if has(nodes[reads[index]], "probabilities") and not has(nodes[reads[index]], "loss")
    ]
    for line in by_line(subject, found):
        node, before = nodes[line[0]], nodes[reads[line[0]]]
        classes = before.facts.output.channels
        least = ""
        together = nodes[node.inputs[0]].facts.output.channels == classes
        if has(node, "loss") and together and isinstance(classes, int) and classes > 1:
            # At best the first softmax gives 1 for the class and 0 for all others.
            least = f"; over {classes:,} classes it cannot fall below {log(1 + (classes - 1) / e):.3f}"
        yield Found(
            f"{node.name} takes a softmax of what is one already{least}{more_of(subject, line)}",
            line[0],
            related=(Related("the softmax stands here", before.position),),
            hint=f"give {'the loss' if has(node, 'loss') else node.name} the scores themselves: leave the "
            "softmax before it out",
        )
