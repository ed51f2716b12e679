"""RF906: figures that are not known.

Finds: A layer whose parameters, work, activations or receptive field are not known. A remark where only the
field is not and no number would tell it, as of regions that the data choose.
Why: What is unknown is shown as `?` and is missing from totals, so a budget that holds may be a budget that
was not measured. It never passes in silence.
Source: none: a convention of this tool
Instead: Give sizes as numbers where a symbol leaves the figure open (`--set`), and state what is known of an
`opaque` layer (`params=`, `macs=`, `reads=`).
"""

from __future__ import annotations

from rfcalc.analysis.fields.figures import Status
from rfcalc.analysis.figures import KEPT_BY_LAYER
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule

_HINT = "give numbers where symbols leave it open; a budget that needs it cannot be checked"
# What may be stated of a layer that nobody knows, whose type it names.
_STATED = ("params", "macs", "reads")


@rule(
    "warning",
    fires="symbols: [k]\ninput: 32x32x3\nlayers:\n  - conv f=2*k+1 p=k d=3\n",
    silent="symbols: [H]\ninput: Hx8x3\nlayers:\n  - conv f=3 p=1 d=3\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    layers = range(len(subject.graph.inputs), len(nodes))
    unknown = {index: names for index in layers if (names := _unknown(subject, index))}
    for line in by_line(subject, unknown):
        layer = nodes[line[0]]
        called, hint = layer.name, _HINT
        if "type" in layer.arguments:
            called = f"{called} ({layer.arguments['type']})"
            left_out = [name for name in _STATED if layer.arguments[name] in (None, "unknown")]
            hint = f"state what is known of it: {'=, '.join(left_out)}=" if left_out else ""
        names = list(dict.fromkeys(name for index in line for name in unknown[index]))
        # Regions that the data choose: there is nothing to state or to set.
        by_nature = names == ["receptive field"] and not subject.graph.symbols and called == layer.name
        what = "it" if len(names) == 1 and not names[0].endswith("s") else "them"
        yield Found(
            f"not known of {called}: {', '.join(names)}; totals and checks that need {what} miss {what}"
            f"{more_of(subject, line)}",
            line[0],
            hint="" if by_nature else hint,
            figures={"unknown": names},
            severity="info" if by_nature else None,
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
