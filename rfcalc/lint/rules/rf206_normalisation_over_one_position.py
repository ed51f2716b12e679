"""RF206: a normalisation over one number.

Finds: A normalisation whose mean is taken over a single number: instance normalisation of a 1x1 map, group
normalisation of one with one channel a group, layer normalisation of one channel. Batch normalisation of a
1x1 map is a remark, since its statistics need a batch; behind a fully connected layer that is normal, and no
finding.
Why: A number less its own mean is 0: nothing of the input passes, and no gradient comes back. Batch
normalisation does the same for a batch of one, as on a device that trains large images one at a time.
Source: Ulyanov et al. 2016; Wu and He 2018; PyTorch instance_norm and batch_norm, which raise an error
Instead: Put it before the pooling, normalise over channels (`ln`), or leave it out.
"""

from __future__ import annotations

from rfcalc.graph.ir import Node
from rfcalc.lint.network.wiring import by_line, has, more_of, read_through
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import Shape, Size


@rule(
    "error",
    fires="input: 8x8x16\nlayers:\n  - globalavgpool\n  - in\n",
    silent="input: 8x8x16\nlayers:\n  - in\n  - globalavgpool\n  - gn g=4\n  - fc d=16\n  - bn\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    alone = [i for i, node in subject.layers() if _numbers(node, nodes[node.inputs[0]].facts.output) == 1]
    for line in by_line(subject, alone):
        node = nodes[line[0]]
        shape = nodes[node.inputs[0]].facts.output
        result = "the learned offset, whatever the input" if "bias" in (node.facts.weights or {}) else "0"
        yield Found(
            f"{node.name} normalises each number of its {shape} input by itself: a number less its own mean "
            f"is 0, so every output is {result}{more_of(subject, line)}",
            line[0],
            hint="normalise where the map still has positions, or over the channels, or leave it out",
            figures={"numbers": 1},
        )
    reads = read_through(subject, "unchanged", "activation")
    batch = [
        i
        for i, node in subject.layers()
        if _over_batch(node) and node.facts.output.axes and node.facts.output.positions == 1
        if not has(nodes[reads[i]], "dense")
    ]
    for line in by_line(subject, batch):
        yield Found(
            f"{nodes[line[0]].name} normalises a map of one position: in training, a batch of one example "
            f"has one number per channel, which frameworks refuse or turn into 0{more_of(subject, line)}",
            line[0],
            hint="train with more than one example on each device, or leave the normalisation out here",
            severity="info",
            figures={"numbers": 1},
        )


def _over_batch(node: Node) -> bool:
    """Whether its statistics are those of a batch: it is linear at inference, since they were learned."""
    return has(node, "normalisation") and has(node, "linear")


def _numbers(node: Node, shape: Shape) -> Size | None:
    """Over how many numbers a mean is taken; None for layers that take none, or one over the batch."""
    if not has(node, "normalisation") or _over_batch(node):
        return None
    if has(node, "centring"):
        return shape.positions
    if "groups" in node.arguments:
        # One mean over all positions of the channels of a group: each group must be one channel.
        return shape.positions if node.facts.channels == "each" or shape.channels == 1 else None
    return shape.channels if node.facts.channels == "all" else None
