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

# How many channels images and volumes have: grey, colour, with transparency.
_CHANNELS = (1, 3, 4)
# The least length of a square image, and of any other.
_LEAST = 16
_LEAST_OBLONG = 32


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
        sizes = (*node.facts.output.axes, node.facts.output.channels)
        if not _may_be(sizes):
            continue
        # What stands before the first layer with a kernel keeps the axes.
        behind = reached([index], lambda each: () if _kernel(nodes[each]) else subject.readers[each])
        first = next((each for each in behind if _kernel(nodes[each])), None)
        if first is None or len(kernel := _kernel(nodes[first])) != len(sizes) - 1 or kernel[0] == 1:
            continue
        meant = format_sizes((*sizes[1:], sizes[0]))
        yield Found(
            f"{format_sizes(sizes)} reads as {format_sizes(sizes[:-1])} positions with {sizes[-1]} channels, "
            f"over which {nodes[first].name} moves a kernel of {format_sizes(kernel)}",
            index,
            hint=f"write {meant}: channels come last",
            figures={"channels": sizes[0]},
        )


def _kernel(node: Node) -> tuple[Size, ...]:
    """The lengths of a kernel that is moved over a map; () for every other layer."""
    return per_axis(node, "kernel") if has(node, "convolution") or has(node, "pooling") else ()


def _may_be(sizes: tuple[Size, ...]) -> bool:
    """Whether sizes, written channels first, are those of an image or a volume."""
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) < len(sizes) or len(numbers) < 3 or numbers[0] not in _CHANNELS:
        return False
    square = numbers[-2] == numbers[-1] >= _LEAST
    return square or (numbers[0] == 3 and min(numbers[1:]) >= _LEAST_OBLONG)
