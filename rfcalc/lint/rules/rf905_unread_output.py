"""RF905: layers that no output comes from."""

from __future__ import annotations

from collections.abc import Iterator

from rfcalc.lint.rule import Found, Rule, Subject
from rfcalc.lint.wiring import by_line, counted
from rfcalc.shapes import Size


def _find(subject: Subject) -> Iterator[Found]:
    nodes = subject.graph.nodes
    useful = set(subject.graph.outputs) | {index for index, node in subject.layers() if node.facts.sink}
    for index in reversed(range(len(nodes))):
        if index in useful:
            useful.update(nodes[index].inputs)
    idle = [index for index in range(len(nodes)) if index not in useful]
    ends = [index for index in idle if not subject.readers[index]]
    for line in by_line(subject, ends):
        yield _found(subject, line, set(idle))


def _found(subject: Subject, line: tuple[int, ...], idle: set[int]) -> Found:
    """The finding for layers whose output nothing reads, with all that is done for them alone."""
    nodes = subject.graph.nodes
    pending, branch = list(line), set(line)
    while pending:
        fresh = [
            operand for operand in nodes[pending.pop()].inputs if operand in idle and operand not in branch
        ]
        branch.update(fresh)
        pending += fresh
    layers = sorted(index for index in branch if index >= len(subject.graph.inputs))
    if not layers:
        return Found(f"nothing reads the input {nodes[line[0]].name}", line[0])
    figures: dict[str, Size] = {"params": 0, "macs": 0}
    for index in layers:
        layer = subject.layer(index)
        for name, amount in (("params", layer.params), ("macs", layer.macs)):
            figures[name] = figures[name] + (amount or 0)
    return Found(
        f"nothing reads the output of {nodes[line[0]].name}; {counted(len(layers), 'layer')} with "
        f"{counted(figures['params'], 'parameter')} and {counted(figures['macs'], 'MAC')} "
        "contribute to no output",
        line[0],
        hint="leave the branch out, join it, or name it in outputs:",
        figures=figures,
    )


RULE = Rule(
    code="RF905",
    name="unread-output",
    severity="warning",
    what="A layer or an input that no output and no loss comes from: nothing reads what it computes. What is "
    "computed for it alone is counted.",
    why="It costs parameters and work and changes nothing; mostly a `from=` names the wrong layer, or an "
    "output "
    "is missing from `outputs:`.",
    source="common to compilers: dead code",
    instead="Leave it out, join it with what goes on, or name it in `outputs:`.",
    fires="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 as stem\n  - conv f=3 p=1 d=16 as lost\n"
    "  - conv f=3 p=1 d=16 from=stem\n",
    silent="input: 32x32x3\nlayers:\n  - conv f=3 p=1 d=16 as stem\n  - conv f=3 p=1 d=16 as kept\n"
    "  - conv f=3 p=1 d=16 from=stem\noutputs: [kept, conv1]\n",
    find=_find,
)
