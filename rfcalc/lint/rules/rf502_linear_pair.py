"""RF502: two linear layers with no non-linearity between them.

Finds: A convolution or fully connected layer that feeds another through nothing but linear layers (batch
normalisation is linear). Silent where weights are shared or positions are made of channels between the two,
and on factorisations: depthwise and pointwise, grouped, 1x7 and 7x1, and linear bottlenecks: fewer channels
between the two than after, or a 1x1 beside a larger kernel where one layer in place of the two would have
more weights.
Why: Two linear maps in a row are one linear map: the second adds parameters and work, and nothing that one
layer could not say. Usually an activation was forgotten.
Source: 解析卷积神经网络 section 3.1; Sandler et al. 2018 for linear bottlenecks
Instead: Put an activation between them, or make one layer of the two.
"""

from __future__ import annotations

from rfcalc.analysis.depth import weighted
from rfcalc.errors import Related
from rfcalc.graph.ir import Node
from rfcalc.lint.network.windows import per_axis
from rfcalc.lint.network.wiring import by_line, has, more_of, only_reader, surely_less
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import product


@rule(
    "info",
    fires="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=32 bias=no\n  - bn\n  - conv f=3 p=1 d=32\n"
    "  - relu\n",
    silent="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=32\n  - relu\n  - dwconv f=3 p=1\n  - conv f=1 d=8\n"
    "  - conv f=1 d=32\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    # Weights that stand in several places cannot be merged into the layer of one of them.
    shared = {owner for node in nodes for owner in (node.shared,) if owner is not None}
    pairs = {}
    for index, node in subject.layers():
        if not _weighted(node) or node.shared is not None or index in shared:
            continue
        second = only_reader(subject, index)
        while (
            second is not None
            and has(nodes[second], "linear")
            and not (has(nodes[second], "join") or _weighted(nodes[second]) or _spreads(subject, second))
        ):
            second = only_reader(subject, second)
        if second is None or not _weighted(nodes[second]) or second in shared:
            continue
        if nodes[second].shared is None and not _factorisation(subject, index, second):
            pairs[second] = index
    for line in by_line(subject, pairs):
        first = nodes[pairs[line[0]]]
        yield Found(
            f"no non-linearity stands between {first.name} and {nodes[line[0]].name}: together they are one "
            f"linear map{more_of(subject, line)}",
            line[0],
            related=(Related("the linear layer before it stands here", first.position),),
            hint="put an activation between the two, or make one layer of them",
        )


def _spreads(subject: Subject, index: int) -> bool:
    """Whether a layer makes positions of channels, across which no one layer does what two did (EDSR)."""
    node = subject.graph.nodes[index]
    before = subject.graph.nodes[node.inputs[0]].facts.output
    return has(node, "rearranging") and surely_less(before.positions, node.facts.output.positions)


def _weighted(node: Node) -> bool:
    return weighted(node) and has(node, "linear")


def _factorisation(subject: Subject, first: int, second: int) -> bool:
    """Whether two layers are a known way to write a larger one with fewer weights.

    Depthwise and pointwise (a part that does not mix all channels), 1x7 and 7x1 (kernels of unequal
    sides), a bottleneck: fewer channels between the two than after, and no more than before; and a layer
    of one tap that takes in no fewer channels than it hands on, where one layer would have more weights.
    """
    nodes = subject.graph.nodes
    pair = nodes[first], nodes[second]
    for node in pair:
        if node.facts.channels != "all" or len(set(per_axis(node, "kernel"))) > 1:
            return True
    entering = nodes[nodes[first].inputs[0]].facts.output
    before = entering.elements if has(nodes[first], "dense") else entering.channels
    between, after = nodes[first].facts.output.channels, nodes[second].facts.output.channels
    if surely_less(before, between):
        return False
    # A fully connected layer has one tap.
    taps = [1 if has(node, "dense") else product(per_axis(node, "kernel")) for node in pair]
    written = taps[0] * before * between + taps[1] * between * after
    # A window of one tap and another are together as large as the other.
    merged = taps[0] * taps[1] * before * after
    return surely_less(between, after) or (1 in taps and surely_less(written, merged))
