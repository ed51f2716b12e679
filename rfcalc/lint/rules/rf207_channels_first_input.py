"""RF207: an input that is written with its channels first.

Finds: An input such as `3x224x224` that reads as 3 rows of 224 columns with 224 channels: the first of its
sizes is 1, 3 or 4, its last two are equal, or both 32 or more beside a first size of 3, and a kernel that
reads it is longer than 1 along the axis of 3.
Why: Sizes are written height, width, channels, as in the book, and PyTorch and Caffe write the channels
first: all sizes, parameters and fields that follow are those of another network.
Source: PyTorch, Conv2d (N, C, H, W) against TensorFlow, data_format NHWC
Instead: Write the channels last: `224x224x3`.
"""

from __future__ import annotations

from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import per_axis
from rfcalc.lint.network.wiring import has
from rfcalc.lint.rule import Found, Reported, Subject, reached, rule
from rfcalc.shapes import Size, format_sizes


@rule(
    "warning",
    fires="input: 3x224x224\nlayers:\n  - conv f=7 s=2 p=3 d=64\n  - relu\n  - globalavgpool\n  - fc d=10\n",
    silent="input: {image: 224x224x3, sound: 1x64x64, points: 1024x3}\nlayers:\n"
    "  - conv f=7 s=2 p=3 d=64 from=image\n  - conv f=1x3 p=same d=64 from=sound as heard\n"
    "  - conv f=1 d=64 from=points as seen\noutputs: [conv1, heard, seen]\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    for index in subject.graph.inputs:
        node = nodes[index]
        shape = node.facts.output
        meant = shape.channels_first()
        if meant is None:
            continue
        # What stands before the first layer with a kernel keeps the axes.
        behind = reached([index], lambda each: () if _kernel(nodes[each]) else subject.readers[each])
        first = next((each for each in behind if _kernel(nodes[each])), None)
        if first is None or len(kernel := _kernel(nodes[first])) != len(shape.axes) or kernel[0] == 1:
            continue
        yield Found(
            f"{shape} reads as {format_sizes(shape.axes)} positions with {shape.channels} channels, "
            f"over which {nodes[first].name} moves a kernel of {format_sizes(kernel)}",
            index,
            hint=f"write {meant}: channels come last",
            figures={"channels": meant.channels},
        )


def _kernel(node: Node) -> tuple[Size, ...]:
    """The lengths of a kernel that is moved over a map; () for every other layer."""
    return per_axis(node, "kernel") if has(node, "convolution") or has(node, "pooling") else ()
