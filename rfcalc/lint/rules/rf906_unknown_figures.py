"""RF906: figures that are not known.

Finds: A layer whose parameters, work, activations or receptive field are not known.
Why: What is unknown is shown as `?` and is missing from totals, so a budget that holds may be a budget that
was not measured. It never passes in silence.
Source: none: a convention of this tool
Instead: Give sizes as numbers where a symbol leaves the figure open (`--set`).
"""

from __future__ import annotations

from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.figures import KEPT_BY_LAYER
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="symbols: [k]\ninput: 32x32x3\nlayers:\n  - conv f=2*k+1 p=k d=3\n",
    silent="symbols: [H]\ninput: Hx8x3\nlayers:\n  - conv f=3 p=1 d=3\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    unknown = {index: names for index, _ in subject.layers() if (names := _unknown(subject, index))}
    for line in by_line(subject, unknown):
        names = list(dict.fromkeys(name for index in line for name in unknown[index]))
        what = "it" if len(names) == 1 and not names[0].endswith("s") else "them"
        yield Found(
            f"not known of {nodes[line[0]].name}: {', '.join(names)}; totals and checks that need {what} "
            f"miss {what}{more_of(subject, line)}",
            line[0],
            hint="give numbers where symbols leave it open; a budget that needs it cannot be checked",
            figures={"unknown": names},
        )


def _unknown(subject: Subject, index: int) -> list[str]:
    """The figures of a layer that are not known.

    A field that is unknown because an operand's is not is no finding of its own.
    """
    layer = subject.layer(index)
    found = [count.title[0] for count in KEPT_BY_LAYER.values() if count.value(layer) is None]
    operands = subject.graph.nodes[index].inputs
    if _lost(subject, index) and not any(_lost(subject, operand) for operand in operands):
        found.append("receptive field")
    return found


def _lost(subject: Subject, node: int) -> bool:
    inputs = subject.analysis.fields.nodes[node].inputs
    return any(axis.status == Status.UNKNOWN for axes in inputs for axis in axes or ())
