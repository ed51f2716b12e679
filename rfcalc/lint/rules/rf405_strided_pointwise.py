"""RF405: a 1x1 convolution with a stride.

Finds: A convolution with a kernel of 1 and a stride, where no other layer reads what it skips. Beside a
branch that reads every position, as the shortcut of a residual block stands, nothing is thrown away.
Why: It reads one position of every stride; a 1x1 convolution of stride 2 ignores three quarters of its input,
which cost work to make.
Source: He, T. et al. 2019 (Bag of tricks for image classification), section 4.2: ResNet-B and ResNet-D
Instead: Let the 3x3 convolution stride (ResNet-B), or put `avgpool f=2 s=2` before the 1x1 (ResNet-D).
"""

from __future__ import annotations

from math import prod

from rfcalc.conditions.words import amount
from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import per_axis, strided_kernel, windows_of
from rfcalc.lint.network.wiring import by_line, has, more_of, read_through
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.operator import Trait
from rfcalc.units import format_share

# What leaves each position where it is.
_IN_PLACE: tuple[Trait, ...] = ("unchanged", "activation", "normalisation")


@rule(
    "info",
    fires="input: 32x32x16\nlayers:\n  - conv f=1 s=2 d=32\n  - relu\n",
    silent="input: 32x32x16\nlayers:\n  - avgpool f=2 s=2\n  - conv f=1 d=32\n  - conv f=3 s=2 p=1 d=32\n",
)
def find(subject: Subject) -> Reported:
    found = {index: seen for index, _ in subject.layers() if (seen := _positions(subject, index))}
    ways = _ways(subject) if found else []
    # What this layer skips another one may read, as beside the shortcut of a residual block, or whoever
    # takes the output.
    found = {index: seen for index, seen in found.items() if len(ways[index]) == 1}
    for line in by_line(subject, found):
        read, there = found[line[0]]
        yield Found(
            f"a 1x1 convolution with a stride reads {amount(read)} of {amount(there)} positions of what "
            f"enters and throws {format_share(there - read, there)} away, and no other layer reads the rest"
            f"{more_of(subject, line)}",
            line[0],
            hint="move the stride to a convolution that covers it, or let an average pooling take it first",
            figures={"read": read, "positions": there},
        )


def _positions(subject: Subject, index: int) -> tuple[int, int] | None:
    """How many positions a layer reads, and of how many; None where it is no 1x1 convolution that skips any.

    Along an axis whose length is a symbol, one of each stride.
    """
    node = subject.graph.nodes[index]
    if not _is_pointwise(node):
        return None
    windows = {each.axis: each for each in windows_of(subject, index)}
    read, there = [], []
    for axis, step in enumerate(per_axis(node, "stride")):
        known = windows.get(axis)
        if known is not None:
            # A window of one tap reads one position, or lies in the padding.
            read.append(known.number - (known.without_input or 0))
            there.append(known.size)
        elif isinstance(step, int):
            read.append(1)
            there.append(step)
        else:
            return None
    return (prod(read), prod(there)) if prod(read) < prod(there) else None


def _is_pointwise(node: Node) -> bool:
    """Whether it is a convolution of one tap that strides."""
    kernel = strided_kernel(node)
    return bool(kernel) and all(length == 1 for length in kernel) and has(node, "convolution")


def _ways(subject: Subject) -> list[set[tuple[object, ...]]]:
    """For each layer the different ways in which what it reads is read: stride and padding of one tap, or ().

    An activation or a normalisation of its own does not make of a map one that nobody else reads.
    """
    nodes, reads = subject.graph.nodes, read_through(subject, *_IN_PLACE)
    kept = [any(has(node, trait) for trait in _IN_PLACE) for node in nodes]
    ways: list[set[tuple[object, ...]]] = [set() for _ in nodes]
    taken = [
        (index, _way(node))
        for node, keeps in zip(nodes, kept, strict=True)
        if not keeps
        for index in node.inputs
    ]
    for index, way in (*taken, *((output, ()) for output in subject.graph.outputs)):
        ways[reads[index] if kept[index] else index].add(way)
    return [ways[index] for index in reads]


def _way(node: Node) -> tuple[object, ...]:
    return (node.arguments.get("stride"), node.arguments.get("padding")) if _is_pointwise(node) else ()
