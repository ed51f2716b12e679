"""RF402: a fully connected layer over a map that holds most of the parameters.

Finds: A fully connected layer, or a convolution whose window is the whole map, that reads a map of more than
one position, made by convolutions, and holds more than half of all parameters. One whose output becomes a map
again is left out: it must know of positions.
Why: Weights for each position make most of the size of AlexNet and VGG, overfit easily, and tie the network
to one input size. Global average pooling has no parameters.
Source: Lin, Chen and Yan 2014; 解析卷积神经网络 sections 3.2.3 and 3.2.4
Instead: Pool each channel to one number before the classifier: `globalavgpool`. Where the position decides,
as for the next move in a game, it cannot.
"""

from __future__ import annotations

from rfcalc.analysis.figures import network_count
from rfcalc.conditions.words import amount
from rfcalc.graph.ir import Node
from rfcalc.lint.network.wiring import counted, has, surely_less
from rfcalc.lint.rule import Found, Reported, Subject, reached, rule
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import sum_of
from rfcalc.units import format_share


class _Map(NamedTuple):
    """What a vector was made of: its text, and how many numbers a mean over its positions would spare."""

    text: str
    spared: Size


@rule(
    "info",
    fires="input: 28x28x8\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - fc d=100\n",
    silent="input: 28x28x8\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - globalavgpool\n  - fc d=100\n",
)
def find(subject: Subject) -> Reported:
    total = network_count("params", subject.analysis)
    if total is None:
        return
    # More than half is one layer's at most, so a line has one finding.
    for index, node in subject.layers():
        params = subject.layer(index).params
        if params is None or not _is_dense(subject, node) or not surely_less(total, params * 2):
            continue
        made_of = _maps(subject)[node.inputs[0]]
        if made_of is None or _returns(subject, index):
            continue
        saved = made_of.spared * node.facts.output.channels
        yield Found(
            f"{node.name} holds {amount(params)} of {counted(total, 'parameter')} "
            f"({format_share(params, total)}): it has weights of its own for each position of its "
            f"{made_of.text} input",
            index,
            hint="where it does not matter at which position something is seen, global average pooling "
            f"before it leaves {amount(params - saved)}, {counted(saved, 'parameter')} fewer",
            figures={"params": params, "total": total, "saved": saved},
        )


def _is_dense(subject: Subject, node: Node) -> bool:
    """Whether it is a fully connected layer, or a convolution whose one window is the whole map."""
    if has(node, "dense"):
        return True
    axes = subject.graph.nodes[node.inputs[0]].facts.output.axes if node.inputs else ()
    whole = node.facts.channels == "all" and node.facts.output.positions == 1
    return has(node, "convolution") and has(node, "linear") and whole and node.arguments.get("kernel") == axes


def _maps(subject: Subject) -> list[_Map | None]:
    """For each node the map of more than one position that its numbers are, made by convolutions."""
    # Only what was learned is worth a mean over positions.
    convolved: list[bool] = []
    maps: list[_Map | None] = []
    for node in subject.graph.nodes:
        shape = node.facts.output
        entering = [maps[operand] for operand in node.inputs]
        learned = has(node, "convolution") or has(node, "transposed")
        convolved.append(learned or any(convolved[operand] for operand in node.inputs))
        found = None
        if convolved[-1] and surely_less(1, shape.positions):
            found = _Map(str(shape), shape.channels * (shape.positions - 1))
        elif shape.positions == 1 and len(entering) == 1 and _same_numbers(subject, node):
            found = entering[0]
        elif has(node, "join") and shape.positions == 1:
            # Side by side each brings its own; element by element all are of one kind.
            stacked = node.facts.channels == "stack"
            found = _together(entering) if stacked else entering[0] if len(set(entering)) == 1 else None
        maps.append(found)
    return maps


def _same_numbers(subject: Subject, node: Node) -> bool:
    """Whether the numbers of a layer are those of its input, elsewhere or each changed by itself."""
    if has(node, "rearranging"):
        return True
    single = node.facts.channels == "each" or has(node, "normalisation")
    return single and subject.graph.nodes[node.inputs[0]].facts.output == node.facts.output


def _together(maps: list[_Map | None]) -> _Map | None:
    known = [each for each in maps if each is not None]
    if len(known) < 2:
        return known[0] if known else None
    return _Map(f"{known[0].text} (and {len(known) - 1} more)", sum_of(each.spared for each in known))


def _returns(subject: Subject, index: int) -> bool:
    """Whether what a layer makes becomes a map again: then it must know of positions.

    A join with a map is none: there the vector is a gate or an offset.
    """
    nodes = subject.graph.nodes
    vectors = {number for number, node in enumerate(nodes) if node.facts.output.positions == 1}
    behind = reached([index], lambda number: subject.readers[number] if number in vectors else ())
    return any(number not in vectors and not has(nodes[number], "join") for number in behind)
