"""RF506: a deep network without shortcuts.

Finds: A network in which even the shortest way to the output passes more than 30 layers with weights. A
remark, since normalisation and careful initialisation train such networks too.
Why: Deep plain networks have a higher error than shallow ones, in training too: gradients must pass every
layer. Shortcuts give them a way around.
Source: He, Zhang, Ren and Sun 2016, figures 1 and 6; 解析卷积神经网络 figure 3.8
Instead: Write residual blocks: `add: [[…], []]`.
"""

from __future__ import annotations

from rfcalc.analysis.depth import weighted
from rfcalc.lint.rule import Found, Reported, Subject, rule

# He et al. found plain networks of 18 and 20 layers to train well, and those of 34 and more to do worse.
_MOST = 30


@rule(
    "info",
    fires="input: 32x32x16\nlayers:\n  - {repeat: 31, do: [conv f=3 p=1 d=16, relu]}\n",
    silent="input: 32x32x16\nlayers:\n  - {repeat: 31, do: [{add: [[conv f=3 p=1 d=16, relu], []]}]}\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    # The fewest layers with weights on any way from an input: a shortcut is a way around them.
    least: list[int] = []
    for node in nodes:
        before = min((least[operand] for operand in node.inputs), default=0)
        least.append(before + weighted(node))
    end = max(subject.graph.outputs, key=least.__getitem__, default=0)
    deepest = least[end] if least else 0
    if deepest <= _MOST:
        return
    # Back along a way of the fewest layers, to the first one too many.
    index = end
    while not (weighted(nodes[index]) and least[index] == _MOST + 1):
        index = min(nodes[index].inputs, key=least.__getitem__)
    several = f" {nodes[end].name}" if len(subject.graph.outputs) > 1 else ""
    yield Found(
        f"every way from the input to the output{several} passes at least {deepest} layers with weights: no "
        f"shortcut without weights leads around them; {nodes[index].name} is number {_MOST + 1}",
        index,
        hint="add each pair of layers to what entered it (a residual block)",
        figures={"layers": deepest},
    )
