"""RF206: a normalisation over one number.

Finds: A normalisation whose mean is taken over a single number: instance normalisation of a 1x1 map, group
normalisation of one with one channel a group, layer normalisation of one channel. Batch normalisation of a
1x1 map is a remark, since its statistics need a batch; behind a fully connected layer that is normal, and no
finding.
Why: A number less its own mean is 0: nothing of the input passes, and no gradient comes back. Batch
normalisation does the same for a batch of one, as on a device that trains large images one at a time.
Source: Ulyanov et al. 2016; Wu and He 2018; PyTorch instance_norm and batch_norm, which raise an error
Instead: Put it before the pooling, normalise over channels (`ln`), or leave it out. Where strides bring the
map of a small image down to one position, change the first layers, as He et al. 2016 did for CIFAR: 3x3 at
stride 1, and no pooling.
"""

from __future__ import annotations

from typing import cast

from rfcalc.analysis.depth import weighted
from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import per_axis, strided_kernel
from rfcalc.lint.network.wiring import by_line, has, more_of, read_through
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axes import OverValue, extent
from rfcalc.shapes import Shape, Size, format_sizes


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
    perceptrons = _perceptrons(subject)
    batch = [
        i
        for i, node in subject.layers()
        if _over_batch(node) and node.facts.output.axes and node.facts.output.positions == 1
        if not has(nodes[reads[i]], "dense") and reads[i] not in perceptrons
    ]
    for line in by_line(subject, batch):
        yield Found(
            f"{nodes[line[0]].name} normalises a map of one position: in training, a batch of one example "
            f"has one number per channel, which frameworks refuse or turn into 0{more_of(subject, line)}",
            line[0],
            hint=_hint(subject, line[0]),
            severity="info",
            figures={"numbers": 1},
        )


def _hint(subject: Subject, index: int) -> str:
    """What is to be changed: the first layers, where strides have left one position of a small input."""
    from_strides = any(
        axis.size is not None and not axis.collapsed and not axis.everything
        for axes in subject.analysis.fields.nodes[index].inputs
        for axis in axes or ()
    )
    stem = _stem(subject, index) if from_strides else ""
    return stem or "train with more than one example on each device, or leave the normalisation out here"


def _perceptrons(subject: Subject) -> frozenset[int]:
    """Layers of one tap, two or more in a row, that work on one position as `fc` would (PointNet)."""
    nodes = subject.graph.nodes
    dense = [
        node.facts.output.positions == 1
        and has(node, "convolution")
        and all(length == 1 for length in per_axis(node, "kernel"))
        for node in nodes
    ]
    reads = read_through(subject, "unchanged", "activation", "normalisation")
    pairs = ((before, index) for index, before in enumerate(reads) if before != index)
    return frozenset(each for pair in pairs if all(dense[end] for end in pair) for each in pair)


def _stem(subject: Subject, index: int) -> str:
    """What to change in the first layers of a network made for larger images; "" where nothing strides."""
    nodes = subject.graph.nodes
    first: int | None = None
    pooled: int | None = None
    for each in subject.graph.ancestors(index):
        strides = bool(strided_kernel(nodes[each]))
        if first is None and strides:
            first = each
        elif first is not None and (strides or weighted(nodes[each])):
            pooled = each if strides and has(nodes[each], "pooling") else None
            break
    if first is None:
        return ""
    name, kernel = nodes[first].name, format_sizes((3,) * len(nodes[first].facts.output.axes))
    without = "" if pooled is None else f" and leave {nodes[pooled].name} out"
    if has(nodes[first], "pooling"):
        return f"the input is small for so many strides: leave {name} out"
    return f"the input is small for so many strides: take a kernel of {kernel} at stride 1 in {name}{without}"


def _over_batch(node: Node) -> bool:
    """Whether its statistics are those of a batch: it is linear at inference, since they were learned."""
    return has(node, "normalisation") and has(node, "linear")


def _numbers(node: Node, shape: Shape) -> Size | None:
    """Over how many numbers a mean is taken; None for layers that take none, or one over the batch."""
    if not has(node, "normalisation") or _over_batch(node):
        return None
    if has(node, "centring"):
        return shape.positions
    if "over" in node.arguments:
        return extent(shape, cast("OverValue", node.arguments["over"])).elements(shape)
    if "groups" in node.arguments:
        # One mean over all positions of the channels of a group: each group must be one channel.
        return shape.positions if node.facts.channels == "each" or shape.channels == 1 else None
    return None
