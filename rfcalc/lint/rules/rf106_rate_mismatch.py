"""RF106: branches that meet though they advance at different rates.

Finds: A join whose operands have maps of one size, but move over the input by different numbers of positions
from one unit to the next. Silent where, over the whole map, that comes to less than a unit of the coarsest
map before it: an odd map that is resized to the size of a shortcut is made so (DeepLabv3+).
Why: The same position of the two maps stands for different places of the input, and the further from the
corner the more so: values that are added belong to different things. Mostly a stride or an upsampling is
missing in one branch, and padding or cropping hides it.
Source: Araujo, Norris and Sim 2019, section on alignment
Instead: Give both branches the same product of strides.
"""

from __future__ import annotations

from rfcalc.analysis.fields.findings import DIFFERENT_RATES
from rfcalc.analysis.fields.steps import stride_along
from rfcalc.lint.network.wiring import by_line, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule

_HINT = (
    "give the branches the same product of strides: a stride more in the one that advances by less, or an "
    "upsampling in the one that advances by more"
)


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - add: [[conv f=3 s=2 p=1 d=8], [conv f=17 d=8]]\n",
    silent="input: 32x32x3\nlayers:\n  - add: [[conv f=3 s=2 p=1 d=8], [conv f=1 s=2 d=8]]\n",
)
def find(subject: Subject) -> Reported:
    fields = subject.analysis.fields
    told = {remark.node: remark.diagnostic for remark in fields.remarks if remark.kind == DIFFERENT_RATES}
    # The analysis says for the first few which layers make the rates differ.
    joins = (*told, *fields.more.get(DIFFERENT_RATES, ()))
    for line in by_line(subject, [join for join in joins if not _is_close(subject, join)]):
        diagnostic = told.get(line[0])
        if diagnostic is not None:
            message, related = diagnostic.message, diagnostic.related
        else:
            name = subject.graph.nodes[line[0]].name
            message, related = f"the branches that meet in {name} advance at different rates", ()
        yield Found(f"{message}{more_of(subject, line)}", line[0], related=related, hint=_HINT)


def _is_close(subject: Subject, join: int) -> bool:
    """Whether operands that part from each other are less than a unit of the coarsest map apart at the end.

    Along every axis of every input, from where they stand at their first position.
    """
    fields, nodes = subject.analysis.fields, subject.graph.nodes
    before = subject.graph.ancestors(join)
    for slot in fields.slots:
        strides = {
            stride
            for operand in nodes[join].inputs
            if (stride := stride_along(fields, operand, slot)) is not None
        }
        if len(strides) < 2:
            continue
        length = max((n for n in nodes[join].facts.output.axes if isinstance(n, int)), default=0)
        every = (stride_along(fields, node, slot) for node in before)
        coarsest = max(stride for stride in every if stride is not None)
        if not length or (length - 1) * (max(strides) - min(strides)) >= coarsest:
            return False
    return True
