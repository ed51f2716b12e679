"""RF905: layers that no output comes from.

Finds: A layer or an input that no output and no loss comes from: nothing reads what it computes. What is
computed for it alone is counted.
Why: It costs parameters and work and changes nothing; mostly a `from=` names the wrong layer, or an output is
missing from `outputs:`.
Source: common to compilers: dead code
Instead: Leave it out, join it with what goes on, or name it in `outputs:`.
"""

from __future__ import annotations

from rfcalc.lint.network.wiring import by_line, counted, more_of
from rfcalc.lint.rule import Found, Reported, Subject, reached, rule


@rule(
    "warning",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 as stem\n  - conv f=3 p=1 d=16 as lost\n"
    "  - conv f=3 p=1 d=16 from=stem\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 as stem\n  - conv f=3 p=1 d=16 as kept\n"
    "  - conv f=3 p=1 d=16 from=stem\noutputs: [kept, conv1]\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    idle = {index for index in range(len(nodes)) if index not in subject.useful}
    ends = [index for index in sorted(idle) if not subject.readers[index]]
    # Parameters that a useful layer shares are of use.
    needed = {nodes[index].shared for index in subject.useful}
    for line in by_line(subject, ends):
        branch = set(reached(line, lambda index: idle.intersection(nodes[index].inputs)))
        # What two ends have in common is counted with the first.
        idle.difference_update(branch)
        name = nodes[line[0]].name
        layers = [index for index in sorted(branch) if nodes[index].inputs]
        if not layers:
            yield Found(f"nothing reads the input {name}", line[0], hint="use it, or remove it")
            continue
        # What is not known is not counted; it has a finding of its own.
        params = subject.total("params", (index for index in layers if index not in needed))
        macs = subject.total("macs", layers)
        least = "" if params.complete and macs.complete else "at least "
        yield Found(
            f"nothing reads the output of {name}{more_of(subject, line)}; {counted(len(layers), 'layer')} "
            f"with {least}{counted(params.known, 'parameter')} and {counted(macs.known, 'MAC')} contribute "
            "to no output",
            line[0],
            hint="leave the branch out, join it, or name it in outputs:",
            figures={"params": params.known, "macs": macs.known},
        )
