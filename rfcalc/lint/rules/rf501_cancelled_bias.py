"""RF501: a bias that the normalisation after it cancels.

Finds: A layer with a bias that comes to nothing but batch or instance normalisation, directly or through
identities, sums and concatenations. Lines of one part of the network (a block, or what stands in none) are
one finding, at the first of them. Group and layer normalisation take a mean over several channels away, which
leaves the bias its effect.
Why: The normalisation takes the mean of each channel away, and the bias with it: it is stored, moved and
given gradients that are zero. The offset of the normalisation does its work.
Source: Ioffe and Szegedy 2015, section 3.2
Instead: Write `bias=no`.
"""

from __future__ import annotations

from collections import Counter

from rfcalc.analysis.depth import weighted
from rfcalc.errors import Position, Related
from rfcalc.graph.ir import Node
from rfcalc.lint.network.wiring import by_line, counted, first_few, has
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import product
from rfcalc.symbolic.polynomial import sum_of

# So many lines a hint names; the others are found when these are changed.
_MOST_LINES = 10
# Of more lines that are mended alike the rest are counted, and not shown.
_MOST_NAMED = 5


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - bn\n  - relu\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16\n  - ln\n  - relu\n"
    "  - conv f=3 p=1 d=16 bias=no\n  - bn\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    cancelled: list[int] = []
    needed: set[int] = set()
    # How many layers with a bias of their own each line makes.
    biased: Counter[Position] = Counter()
    # The places of the layers that share the weights of another.
    sharing: dict[int, list[Position]] = {}
    centred = _centred(subject)
    for index, node in subject.layers():
        if "bias" not in (node.facts.weights or {}) or not weighted(node):
            continue
        biased[node.position] += node.shared is None
        if node.shared is not None:
            sharing.setdefault(node.shared, []).append(node.position)
        if centred[index] is not None:
            cancelled.append(index)
        else:
            # A bias that several layers share is of use where one of them is not normalised.
            needed.add(index if node.shared is None else node.shared)
    idle = [i for i in cancelled if nodes[i].shared is None and i not in needed]
    plain: dict[str, list[tuple[int, ...]]] = {}
    for line in by_line(subject, idle):
        here = nodes[line[0]].position
        others = {place.line: place for index in line for place in sharing.get(index, ())}
        others.pop(here.line, None)
        made = biased[here]
        if made > len(line):
            hint = f"only {len(line)} of the {made} layers of this line can do without: bias must follow that"
            yield _finding(subject, centred, [line], hint)
        elif others:
            several = "s" if len(others) > 1 else ""
            lines = first_few([others[at].place or at for at in sorted(others)], _MOST_LINES)
            named = lines if here.number is None else f"in line{several} {lines}"
            yield _finding(
                subject, centred, [line], f"write bias=no here and {named}, where the weights are shared"
            )
        else:
            plain.setdefault(nodes[line[0]].name.rpartition(".")[0], []).append(line)
    # Lines of one part of the network are mended alike; other parts may be ignored by themselves.
    for alike in plain.values():
        where = {1: "", 2: " in both lines"}.get(len(alike), f" in all {len(alike)} lines")
        yield _finding(subject, centred, alike, f"write bias=no{where}")


def _finding(subject: Subject, centred: list[int | None], lines: list[tuple[int, ...]], hint: str) -> Found:
    """The finding about the layers of some lines, at the first."""
    nodes = subject.graph.nodes
    layers = [index for line in lines for index in line]
    saved = sum_of(product((nodes[index].facts.weights or {})["bias"]) for index in layers)
    normalisation = centred[layers[0]]
    assert normalisation is not None
    if len(lines) > 1:
        what = f"the biases of {len(layers)} layers of {len(lines)} lines are"
    else:
        what = "the bias is" if len(layers) == 1 else f"the biases of {len(layers)} layers made here are"
    further = tuple(
        Related(f"so is the bias of {nodes[line[0]].name}", nodes[line[0]].position)
        for line in lines[1 : 1 + _MOST_NAMED]
    )
    saves = "" if hint.startswith("only") else f"; it saves {counted(saved, 'parameter')}"
    return Found(
        f"{what} cancelled by the normalisation that follows: {counted(saved, 'parameter')} without effect",
        layers[0],
        related=(
            Related("the mean of each channel is taken away here", nodes[normalisation].position),
            *further,
        ),
        hint=f"{hint}{saves}",
        figures={"params": saved, "layers": len(layers)},
    )


def _centred(subject: Subject) -> list[int | None]:
    """For each node the first normalisation that takes away what is added to a whole channel of its output.

    None where an output shows it, or anything reads it to which it makes a difference.
    """
    nodes = subject.graph.nodes
    outputs = set(subject.graph.outputs)
    found: list[int | None] = [None] * len(nodes)
    for index in reversed(range(len(nodes))):
        ends = [
            reader
            if has(nodes[reader], "centring")
            else found[reader]
            if _keeps(nodes[index], nodes[reader])
            else None
            for reader in subject.readers[index]
        ]
        if index not in outputs and None not in ends:
            found[index] = min((end for end in ends if end is not None), default=None)
    return found


def _keeps(node: Node, reader: Node) -> bool:
    """Whether a constant added to a channel of a node is one added to a channel of its reader.

    Dropout scales it in training, and where a join repeats a map it is left out.
    """
    if has(reader, "unchanged"):
        return reader.arguments.get("rate") in (None, 0)
    if not (has(reader, "join") and has(reader, "linear")):
        return False
    return reader.facts.channels == "stack" or node.facts.output == reader.facts.output
