"""RF501: a bias that the normalisation after it cancels.

Finds: A layer with a bias that comes to nothing but batch or instance normalisation, directly or through
identities, sums and concatenations. One finding for the network, which lists the lines. Group and layer
normalisation take a mean over several channels away, which leaves the bias its effect.
Why: The normalisation takes the mean of each channel away, and the bias with it: it is stored, moved and
given gradients that are zero. The offset of the normalisation does its work.
Source: Ioffe and Szegedy 2015, section 3.2
Instead: Write `bias=no`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rfcalc.analysis.depth import weighted
from rfcalc.conditions.words import amount
from rfcalc.errors import Position, Related
from rfcalc.graph.ir import Node
from rfcalc.lint.finding import Finding
from rfcalc.lint.network.wiring import counted, first_few, has, summed
from rfcalc.lint.rule import Found, Reported, Subject, rule
from rfcalc.shapes import product
from rfcalc.symbolic.polynomial import Number, sum_of

# So many lines a hint names; the others are found when these are changed.
_MOST_LINES = 10


def _together(found: Sequence[Finding]) -> Finding:
    """What is said of several lines: mended alike, or each as its place says."""
    params, layers = summed(found, "params"), summed(found, "layers")
    partly = sum("made" in each.figures for each in found)
    wholly = len(found) - partly
    follow = "only some of the layers can do without: bias must follow that"
    hint = f"in each of these lines {follow}"
    if wholly:
        hint = f"{_remedy(found[0].position)} in {_lines(wholly, len(found))}"
        hint += (
            ", and where their weights are shared" if any("sharing" in each.figures for each in found) else ""
        )
        hint += f"; in {_lines(partly, len(found))} {follow}" if partly else ""
    return found[0]._replace(
        message=f"the biases of {amount(layers)} layers of {len(found)} lines are {_effect(params)}",
        hint=f"{hint}; it saves {counted(params, 'parameter')}",
        figures={"params": params, "layers": layers},
    )


def _lines(count: int, every: int) -> str:
    if count < every:
        return f"{count} of these lines"
    return "both lines" if count == 2 else f"all {count} lines"


def _effect(params: Number) -> str:
    return f"cancelled by the normalisation that follows: {counted(params, 'parameter')} without effect"


@rule(
    "warning",
    together=_together,
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
        biased[_said(node)] += node.shared is None
        if node.shared is not None:
            sharing.setdefault(node.shared, []).append(node.position)
        if centred[index] is not None:
            cancelled.append(index)
        else:
            # A bias that several layers share is of use where one of them is not normalised.
            needed.add(index if node.shared is None else node.shared)
    idle = [i for i in cancelled if nodes[i].shared is None and i not in needed]
    lines: dict[Position, list[int]] = {}
    for index in idle:
        lines.setdefault(_said(nodes[index]), []).append(index)
    # Lines that can do without any bias come first: what is told of several stands at the first of them.
    for here, line in sorted(lines.items(), key=lambda entry: biased[entry[0]] > len(entry[1])):
        others = {place.line: place for index in line for place in sharing.get(index, ())}
        others.pop(here.line, None)
        saved = sum_of(product((nodes[index].facts.weights or {})["bias"]) for index in line)
        saves = f"; it saves {counted(saved, 'parameter')}"
        made = biased[here]
        what = "the bias is" if len(line) == 1 else f"the biases of {len(line)} layers made here are"
        hint = f"{_remedy(here)}{saves}"
        more: dict[str, int] = {}
        if made > len(line):
            more = {"made": made}
            what = f"the biases of {len(line)} of the {made} layers made here are"
            hint = f"only {len(line)} of the {made} layers of this line can do without: bias must follow that"
            if here != nodes[line[0]].position:
                what = f"the biases of {len(line)} of the {made} layers that get one here are"
                hint = f"here it is said for all {made} layers, of which {len(line)} can do without"
        elif others:
            more = {"sharing": len(others)}
            several = "s" if len(others) > 1 else ""
            listed = first_few([others[at].place or at for at in sorted(others)], _MOST_LINES)
            named = listed if here.number is None else f"in line{several} {listed}"
            hint = f"{_remedy(here)} here and {named}, where the weights are shared{saves}"
        normalisation = centred[line[0]]
        assert normalisation is not None
        yield Found(
            f"{what} {_effect(saved)}",
            line[0],
            None if here == nodes[line[0]].position else here,
            related=(Related("the mean of each channel is taken away here", nodes[normalisation].position),),
            hint=hint,
            figures={"params": saved, "layers": len(line), **more},
        )


def _remedy(position: Position | None) -> str:
    """What to do, in the language of a description; a model has its own."""
    return "leave the bias out" if position and position.source.places else "write bias=no"


def _said(node: Node) -> Position:
    """Where it is said that a layer has a bias."""
    return node.position.deciding("bias")


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
