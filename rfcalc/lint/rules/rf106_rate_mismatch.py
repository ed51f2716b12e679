"""RF106: branches that meet though they advance at different rates.

Finds: A join whose operands have maps of one size, but move over the input by different numbers of positions
from one unit to the next.
Why: The same position of the two maps stands for different places of the input, and the further from the
corner the more so: values that are added belong to different things. Mostly a stride or an upsampling is
missing in one branch, and padding or cropping hides it.
Source: Araujo, Norris and Sim 2019, section on alignment
Instead: Give both branches the same product of strides.
"""

from __future__ import annotations

from rfcalc.analysis.fields.findings import DIFFERENT_RATES
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
    for line in by_line(subject, [*told, *fields.more.get(DIFFERENT_RATES, ())]):
        diagnostic = told.get(line[0])
        if diagnostic is not None:
            message, related = diagnostic.message, diagnostic.related
        else:
            name = subject.graph.nodes[line[0]].name
            message, related = f"the branches that meet in {name} advance at different rates", ()
        yield Found(f"{message}{more_of(subject, line)}", line[0], related=related, hint=_HINT)
