"""RF908: a layer that does nothing, whatever its input is.

Finds: Layers whose numbers make an identity of them: dropout with a rate of 0, pooling by 1 at stride 1,
upsampling by 1, a slice of everything, padding and cropping by 0; and dropout with a rate of 1, which leaves
nothing. Only where the numbers are written as such and every layer of the line does nothing: a parameter may
have another value elsewhere, and `identity` says what it is.
Why: It stands there for a reason that its numbers do not serve: most often a rate for a probability of
keeping, or a stride that was left out.
Source: the operators' definitions; Srivastava et al. 2014, whose p is the probability of keeping a unit,
where frameworks' is that of dropping it
Instead: Leave it out, or give it the numbers that were meant.
"""

from __future__ import annotations

from rfcalc.graph.ir import Node
from rfcalc.lint.network.mentions import names_in
from rfcalc.lint.network.windows import per_axis
from rfcalc.lint.network.wiring import by_line, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.ops.axis_maps import AxisMap
from rfcalc.ops.reads import Along
from rfcalc.ops.registry import find_operator

# Arguments that follow the size of something: at another input the layer does its work.
_FOLLOWING = {"size", "like"}


@rule(
    "warning",
    fires="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n  - maxpool f=1 s=1\n  - dropout rate=1\n",
    silent="input: 32x32x16\nparams: {rate: 0}\nlayers:\n  - conv f=3 p=1 d=16\n  - maxpool f=1 s=2\n"
    "  - dropout rate=rate\n  - identity\n  - upsample size=16\n  - adaptiveavgpool size=16\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    written = [index for index, node in subject.layers() if _by_numbers(node)]
    emptied = [i for i in written if has(nodes[i], "dropping") and nodes[i].arguments.get("rate") == 1]
    idle = [index for index in written if _does_nothing(subject, index)]
    for line in by_line(subject, emptied):
        yield Found(
            f"{nodes[line[0]].name} drops everything in training: the rate is that of dropping"
            f"{more_of(subject, line)}",
            line[0],
            hint="write the share to be dropped, 0.5 say",
        )
    for line in by_line(subject, idle):
        if len(line) < subject.made_by[nodes[line[0]].position]:
            continue
        yield Found(
            f"{nodes[line[0]].name} hands on what it reads: its numbers make an identity of it"
            f"{more_of(subject, line)}",
            line[0],
            hint="leave it out, or give it the numbers that were meant",
        )


def _by_numbers(node: Node) -> bool:
    """Whether a layer's line gives it numbers, no names, and no size to follow."""
    spellings = find_operator(node.op).spellings if node.as_written else {}
    written = {spellings[each.name]: each for each in node.as_written if each.name in spellings}
    # A word such as `bilinear` is no name.
    numbers = tuple(each for name, each in written.items() if not isinstance(node.arguments.get(name), str))
    return bool(numbers) and not written.keys() & _FOLLOWING and not names_in(numbers)


def _does_nothing(subject: Subject, index: int) -> bool:
    node, layer = subject.graph.nodes[index], subject.layer(index)
    if has(node, "unchanged") and "rate" in node.arguments:
        return node.arguments.get("rate") == 0
    facts = node.facts
    if len(node.inputs) != 1 or facts.weights != {} or facts.channels != "each" or has(node, "rearranging"):
        return False
    if facts.output != subject.graph.nodes[node.inputs[0]].facts.output or facts.reads is None:
        return False
    if not facts.output.axes or has(node, "unchanged"):
        return False
    in_place = all(
        isinstance(read, Along) and read.axis == axis and _in_place(read.taps)
        for axis, read in enumerate(facts.reads[0])
    )
    # Where values are computed it is no identity; a mean of one number, and interpolation in place, are.
    moves = any(
        isinstance(read, Along)
        and (per_axis(node, "kernel") or read.taps.weights != "copied" or "mode" in node.arguments)
        for read in facts.reads[0]
    )
    return in_place and (moves or (layer.work is not None and not any(layer.work)))


def _in_place(taps: AxisMap) -> bool:
    return taps.period == taps.shift == 1 and taps.taps(0) == range(1)
