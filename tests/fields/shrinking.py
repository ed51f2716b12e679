"""A smaller network that is wrong in the same way."""

from __future__ import annotations

from collections.abc import Callable

from random_networks import Line, Network


def shrunk(network: Network, fails: Callable[[Network], bool]) -> Network:
    """A smaller network that still fails: layers that nobody needs are left out, others are passed over."""
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(network):
            if smaller.built() is not None and fails(smaller):
                network, changed = smaller, True
                break
    return network


def _smaller(network: Network) -> list[Network]:
    """Networks with something less, the largest steps first."""
    lines = network.lines
    found = [network._replace(lines=lines[:end]) for end in range(1, len(lines))]
    for number, line in enumerate(lines):
        rest = (*lines[:number], *lines[number + 1 :])
        for operand in dict.fromkeys(line.operands):
            replaced = tuple(_renamed(other, line.name, operand) for other in rest)
            if replaced:
                found.append(network._replace(lines=replaced))
        if len(line.operands) > 1:
            fewer = line._replace(operands=line.operands[:-1])
            found.append(network._replace(lines=(*lines[:number], fewer, *lines[number + 1 :])))
        words = line.text.split()
        for drop in range(1, len(words)):
            simpler = line._replace(text=" ".join(words[:drop] + words[drop + 1 :]))
            found.append(network._replace(lines=(*lines[:number], simpler, *lines[number + 1 :])))
    if len(network.inputs) > 1:
        used = {operand for line in lines for operand in line.operands}
        kept = tuple(each for each in network.inputs if each[0] in used)
        if len(kept) < len(network.inputs):
            found.append(
                Network((("input", kept[0][1]),), tuple(_renamed(o, kept[0][0], "input") for o in lines))
            )
    return found


def _renamed(line: Line, old: str, new: str) -> Line:
    operands = tuple(new if operand == old else operand for operand in line.operands)
    words = [f"like={new}" if word == f"like={old}" else word for word in line.text.split(" ")]
    return line._replace(operands=operands, text=" ".join(words))
