"""RF501: a bias that the normalisation after it cancels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rfcalc.errors import Position, Related
from rfcalc.lint.network.traits import has
from rfcalc.lint.network.wiring import by_line, counted
from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.shapes import Size, product


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    cancelled: list[int] = []
    needed: set[int] = set()
    # How many layers with a bias of their own each line makes.
    biased: Counter[Position] = Counter()
    for index, node in subject.layers():
        if "bias" not in (node.facts.weights or {}):
            continue
        if not (has(node, "convolution") or has(node, "transposed") or has(node, "dense")):
            continue
        biased[node.position] += node.shared is None
        readers = subject.readers[index]
        if readers and index not in subject.graph.outputs and all(has(nodes[r], "centring") for r in readers):
            cancelled.append(index)
        else:
            # A bias that several layers share is of use where one of them is not normalised.
            needed.add(index if node.shared is None else node.shared)
    idle = [i for i in cancelled if nodes[i].shared is None and i not in needed]
    for line in by_line(subject, idle):
        saved: Size = 0
        for index in line:
            saved = saved + product((nodes[index].facts.weights or {})["bias"])
        reader = nodes[subject.readers[line[0]][0]]
        what = "the bias is" if len(line) == 1 else f"the biases of {len(line)} layers made here are"
        hint = f"write bias=no; it saves {counted(saved, 'parameter')}"
        if (made := biased[nodes[line[0]].position]) > len(line):
            hint = f"only {len(line)} of the {made} layers of this line can do without: bias must follow that"
        yield Found(
            f"{what} cancelled by the normalisation that follows: {counted(saved, 'parameter')} without "
            "effect",
            line[0],
            related=(Related("the mean of each channel is taken away here", reader.position),),
            hint=hint,
            figures={"params": saved, "layers": len(line)},
        )


RULE = Rule(
    code="RF501",
    name="cancelled-bias",
    severity="warning",
    what="A layer with a bias that is read by nothing but batch or instance normalisation. Group and layer "
    "normalisation take a mean over several channels away, which leaves the bias its effect.",
    why="The normalisation takes the mean of each channel away, and the bias with it: it is stored, moved "
    "and given gradients that are zero. The offset of the normalisation does its work.",
    source="Ioffe and Szegedy 2015, section 3.2",
    instead="Write `bias=no`.",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - bn\n  - relu\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - ln\n  - relu\n"
    "  - conv f=3 p=1 d=16 bias=no\n  - bn\n",
    find=_find,
)
