"""RF403: channels that do not divide by 8 where they cost much.

Finds: Output channels that do not divide by 8, in convolutions and fully connected layers that together do a
tenth or more of all MACs. One finding for the network, at the line that does most. The last layer is left
out: its width is the number of classes.
Why: Matrix units work on 8 or more channels at once and pad what is missing, so that 116 channels cost what
120 do.
Source: NVIDIA, Deep learning performance guide (tensor core requirements); Howard et al. 2019, whose widths
are rounded to multiples of 8
Instead: Choose a multiple of 8: `round_to(x, 8)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import lcm

from rfcalc.analysis.depth import weighted
from rfcalc.graph.ir import Node
from rfcalc.lint.finding import Finding
from rfcalc.lint.network.wiring import by_line, counted, first_few, has, summed
from rfcalc.lint.rule import Found, Reported, Subject, reached, rule
from rfcalc.ops.windows import whole
from rfcalc.units import format_share

# Layers that do at least one part in so many of the network's multiply-adds carry a large share together.
_PARTS = 10
# So many different widths are listed.
_MOST_WIDTHS = 10


def _together(found: Sequence[Finding]) -> Finding:
    """The line that does most, with the work of all and the widths of all."""
    first, total = found[0], found[0].figures["total"]
    macs = summed(found, "macs")
    further: dict[int, int] = {}
    for each in found:
        widths = each.figures["next"]
        assert isinstance(widths, dict)
        further |= {width: max(near, further.get(width, 0)) for width, near in widths.items()}
    assert isinstance(macs, int)
    assert isinstance(total, int)
    lines = counted(len(found) - 1, "more line")
    return first._replace(
        message=f"{first.message}; with those of {lines}, in {format_share(macs, total)} of them",
        hint=_next(further),
        figures={"macs": macs, "total": total, "next": further},
    )


def _next(widths: Mapping[int, int]) -> str:
    """The hint: for each width the next that divides by 8."""
    listed = first_few((f"{width} → {widths[width]}" for width in sorted(widths)), _MOST_WIDTHS)
    return f"the next that do: {listed}"


@rule(
    "info",
    asked=True,
    together=_together,
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=60\n  - relu\n  - conv f=3 p=1 d=60\n  - relu\n"
    "  - conv f=1 d=10\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=64\n  - relu\n  - conv f=3 p=1 d=10\n",
)
def find(subject: Subject) -> Reported:
    layers = [index for index, _ in subject.layers()]
    known = whole(*(subject.layer(index).macs for index in layers))
    if known is None:
        return
    macs = dict(zip(layers, known, strict=True))
    total = sum(known)
    # The width of the last layer with weights is the task's.
    read = (operand for _, node in subject.layers() if _mixes(node) for operand in node.inputs)
    followed = set(reached(read, lambda index: subject.graph.nodes[index].inputs))
    # The kernel of a deformable convolution decides the width of its offsets.
    given = {i for _, node in subject.layers() if node.facts.data_dependent for i in node.inputs[1:]}
    found = [
        index
        for index, node in subject.layers()
        if _mixes(node) and index in followed and _odd(node) and index not in given
    ]
    work = [(sum(macs[index] for index in line), line) for line in by_line(subject, found)]
    every = sum(work_of_line for work_of_line, _ in work)
    if not work or every * _PARTS < total:
        return
    for here, line in sorted(work, key=lambda each: -each[0]):
        widths = sorted({_odd(subject.graph.nodes[index]) for index in line})
        steps = {_odd(subject.graph.nodes[index]): _step(subject, index) for index in line}
        near = {width: width + -width % steps[width] for width in widths}
        listed = first_few(widths, _MOST_WIDTHS)
        yield Found(
            f"{listed} output channels do not divide by 8, in {format_share(here, total)} of the MACs",
            line[0],
            hint=_next(near),
            figures={"macs": here, "total": total, "next": near},
        )


def _step(subject: Subject, index: int) -> int:
    """What a width must divide by: 8, and the groups of the layer and of those that read it."""
    nodes = subject.graph.nodes
    grouped = [index]
    # Layers that keep channels apart hand the width on.
    for each in reached([index], lambda i: subject.readers[i] if i == index or not _mixes(nodes[i]) else ()):
        grouped += [each] if _mixes(nodes[each]) else []
    groups = (nodes[each].arguments.get("groups", 1) for each in grouped)
    return lcm(8, *(number for number in groups if isinstance(number, int)))


def _mixes(node: Node) -> bool:
    return weighted(node) and not has(node, "attending") and node.facts.channels != "each"


def _odd(node: Node) -> int:
    """The number of output channels where it does not divide by 8; 0 where it does or is a symbol.

    One channel is a map of its own (a gate, a mask), and no width that anybody chose.
    """
    channels = node.facts.output.channels
    return channels if isinstance(channels, int) and channels % 8 and channels > 1 else 0
