"""RF502: two linear layers with no non-linearity between them."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.errors import Related
from rfcalc.graph.ir import Node
from rfcalc.lint.network.traits import has
from rfcalc.lint.network.wiring import by_line, more_of, only_reader, surely_less
from rfcalc.lint.rule import Found, Rule, Subject


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    pairs = {}
    for index, node in subject.layers():
        if not _weighted(node):
            continue
        second = only_reader(subject, index)
        while second is not None and _passes(nodes[second]):
            second = only_reader(subject, second)
        if second is not None and _weighted(nodes[second]) and not _factorisation(subject, index, second):
            pairs[second] = index
    for line in by_line(subject, pairs):
        first = nodes[pairs[line[0]]]
        yield Found(
            f"no non-linearity stands between {first.name} and {nodes[line[0]].name}: together they are one "
            f"linear map{more_of(line)}",
            line[0],
            related=(Related("the linear layer before it stands here", first.position),),
            hint="put an activation between the two, or make one layer of them",
        )


def _weighted(node: Node) -> bool:
    layer = has(node, "convolution") or has(node, "transposed") or has(node, "dense")
    return layer and has(node, "linear")


def _passes(node: Node) -> bool:
    return has(node, "linear") and not has(node, "join") and not _weighted(node)


def _factorisation(subject: Subject, first: int, second: int) -> bool:
    """Whether two layers are a known way to write a larger one with fewer weights.

    Depthwise and pointwise (a part that does not mix all channels), 1x7 and 7x1 (kernels of unequal
    sides), and a bottleneck: fewer channels between the two than after, and no more than before.
    """
    nodes = subject.graph.nodes
    for node in (nodes[first], nodes[second]):
        kernel = node.arguments.get("kernel")
        if node.facts.channels != "all" or (isinstance(kernel, tuple) and len(set(kernel)) > 1):
            return True
    entering = nodes[nodes[first].inputs[0]].facts.output
    before = entering.elements if has(nodes[first], "dense") else entering.channels
    between, after = nodes[first].facts.output.channels, nodes[second].facts.output.channels
    return not surely_less(before, between) and surely_less(between, after)


RULE = Rule(
    code="RF502",
    name="linear-pair",
    severity="info",
    what="A convolution or fully connected layer that feeds another through nothing but linear layers (batch "
    "normalisation is linear). Silent on factorisations: depthwise and pointwise, grouped, 1x7 and 7x1, and "
    "linear bottlenecks (fewer channels between the two than after).",
    why="Two linear maps in a row are one linear map: the second adds parameters and work, and nothing that "
    "one layer could not say. Usually an activation was forgotten.",
    source="解析卷积神经网络 section 3.1; Sandler et al. 2018 for linear bottlenecks",
    instead="Put an activation between them, or make one layer of the two.",
    fires="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=32 bias=no\n  - bn\n  - conv f=3 p=1 d=32\n"
    "  - relu\n",
    silent="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=32\n  - relu\n  - dwconv f=3 p=1\n  - conv f=1 d=8\n"
    "  - conv f=1 d=32\n",
    find=_find,
)
