"""RF907: a join of branches that are the same.

Finds: A sum, difference, maximum or concatenation with two branches of one value: the same layer twice, or
layers that do the same to the same, without weights or with shared ones.
Why: A sum then only doubles, a difference is 0, a maximum is the value itself, and the channels of a
concatenation are there twice: a branch that contributes nothing, mostly since a `from=` names the wrong
layer.
Source: common to compilers: value numbering
Instead: Leave one branch out, or name the layer that was meant.
"""

from __future__ import annotations

from rfcalc.lint.network.wiring import by_line, has, more_of
from rfcalc.lint.rule import Found, Reported, Subject, rule


@rule(
    "warning",
    fires="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n  - concat: [[], [identity]]\n",
    silent="input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n"
    "  - concat: [[], [conv f=1 d=16], [conv f=1 d=16]]\n",
)
def find(subject: Subject) -> Reported:
    nodes = subject.graph.nodes
    # For each node the first one that has the same value: the same operator, on the same, without weights or
    # with the same ones.
    values: list[int] = []
    known: dict[object, int] = {}
    for index, node in enumerate(nodes):
        inputs = tuple(values[operand] for operand in node.inputs)
        if not inputs or "rate" in node.arguments or node.facts.weights is None:
            # Layers that act at random in training have a value of their own.
            values.append(index)
        elif has(node, "unchanged"):
            values.append(inputs[0])
        else:
            owner = (index if node.shared is None else node.shared) if node.facts.weights else None
            key = (node.op, tuple(sorted(node.arguments.items())), inputs, owner)
            values.append(known.setdefault(key, index))
    repeated = {}
    for index, node in subject.layers():
        # A product of a value with itself is a square, and no repetition.
        if not has(node, "join") or has(node, "product"):
            continue
        first: dict[int, int] = {}
        for operand in node.inputs:
            if values[operand] in first:
                repeated[index] = first[values[operand]], operand
                break
            first[values[operand]] = operand
    for line in by_line(subject, repeated):
        one, other = repeated[line[0]]
        which = f"both {nodes[one].name}"
        if one != other:
            which = f"{nodes[one].name} and {nodes[other].name}, which are the same value"
        yield Found(
            f"two of the branches that {nodes[line[0]].name} joins are {which}: the second contributes "
            f"nothing of its own{more_of(subject, line)}",
            line[0],
            hint="leave one out, or let it compute something else",
        )
