"""RF402: a fully connected layer over a map that holds most of the parameters."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.analysis.figures import count_of
from rfcalc.lint.network.traits import has
from rfcalc.lint.network.wiring import amount, counted, surely_less
from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.units import format_share


def _find(subject: Subject) -> Iterator[Found]:
    total = count_of("params", subject.analysis)
    if total is None:
        return
    nodes = subject.graph.nodes
    convolved = _convolved(subject)
    # More than half is one layer's at most, so a line has one finding.
    for index, node in subject.layers():
        params = subject.layer(index).params
        if not has(node, "dense") or params is None or not surely_less(total, params * 2):
            continue
        origin = node.inputs[0]
        # The map that a vector was flattened from; one position is read as it is.
        while nodes[origin].facts.output.positions == 1 and (
            has(nodes[origin], "reshape") or has(nodes[origin], "unchanged")
        ):
            origin = nodes[origin].inputs[0]
        shape = nodes[origin].facts.output
        if not surely_less(1, shape.positions) or origin not in convolved:
            continue
        saved = shape.channels * (shape.positions - 1) * node.facts.output.channels
        yield Found(
            f"{node.name} holds {amount(params)} of {counted(total, 'parameter')} "
            f"({format_share(params, total)}): it has weights of its own for each position of its {shape} "
            "input",
            index,
            hint=f"global average pooling before it leaves {amount(params - saved)}, "
            f"{counted(saved, 'parameter')} fewer",
            figures={"params": params, "total": total, "saved": saved},
        )


def _convolved(subject: Subject) -> set[int]:
    """The nodes with a convolution before them: only what was learned is worth a mean over positions."""
    found: set[int] = set()
    for index, node in subject.layers():
        if has(node, "convolution") or has(node, "transposed") or any(i in found for i in node.inputs):
            found.add(index)
    return found


RULE = Rule(
    code="RF402",
    name="fully-connected-share",
    severity="info",
    what="A fully connected layer that reads a map of more than one position, made by convolutions, and "
    "holds more than half of all parameters.",
    why="Weights for each position make most of the size of AlexNet and VGG, overfit easily, and tie the "
    "network to one input size. Global average pooling has no parameters.",
    source="Lin, Chen and Yan 2014; 解析卷积神经网络 sections 3.2.3 and 3.2.4",
    instead="Pool each channel to one number before the classifier: `globalavgpool`.",
    fires="input: 28x28x8\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - fc d=100\n",
    silent="input: 28x28x8\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n  - globalavgpool\n  - fc d=100\n",
    find=_find,
)
