"""Questions about layers that several rules ask: of what kind they are, what reads them, which are one line.

Rules ask for traits and facts, never for the name of an operator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rfcalc.conditions.words import amount
from rfcalc.errors import Position
from rfcalc.graph.ir import Node
from rfcalc.lint.finding import Finding
from rfcalc.lint.rule import Subject
from rfcalc.ops.operator import Trait
from rfcalc.ops.registry import MODULE_OF, find_operator
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, sum_of

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact, Number

# Of the layers of a line the rest are not named.
_MOST_NAMED = 4


def has(node: Node, trait: Trait) -> bool:
    """Whether a layer's operator has this trait; never so for an input of the network."""
    return node.op in MODULE_OF and trait in find_operator(node.op).traits


def only_reader(subject: Subject, index: int) -> int | None:
    """The one layer that reads a node; None where several do, none does, or the node is an output."""
    readers = subject.readers[index]
    return readers[0] if len(readers) == 1 and index not in subject.graph.outputs else None


def read_through(subject: Subject, *passed: Trait) -> list[int]:
    """For each node the node that its first operand is, layers with any of these traits passed over.

    An input of the network reads itself.
    """
    behind: list[int] = []
    reads: list[int] = []
    for index, node in enumerate(subject.graph.nodes):
        reads.append(behind[node.inputs[0]] if node.inputs else index)
        behind.append(reads[index] if any(has(node, trait) for trait in passed) else index)
    return reads


def by_line(
    subject: Subject, indices: Iterable[int], remedy: Callable[[int], object] = lambda _: None
) -> Iterator[tuple[int, ...]]:
    """Layers by the line that made them: a line in a block or a repeat is one place to mend.

    remedy: what would mend a layer; those of one line that need another are told apart.
    """
    found: dict[tuple[Position, object], list[int]] = {}
    for index in indices:
        found.setdefault((subject.graph.nodes[index].position, remedy(index)), []).append(index)
    yield from map(tuple, found.values())


def more_of(subject: Subject, line: Sequence[int], told: int | None = None) -> str:
    """What a message about a layer of a line adds where the line made several that it holds for.

    Where it does not hold for all that the line made, which they are.  told: the layer, the first if None.
    """
    nodes = subject.graph.nodes
    more = [index for index in line if index != (line[0] if told is None else told)]
    if not more:
        return ""
    made = subject.made_by[nodes[line[0]].position]
    if made == len(line):
        return f" (and {counted(len(more), 'more layer')} made by this line)"
    names = first_few((nodes[index].name for index in more), _MOST_NAMED)
    return f" (and {amount(len(more))} more of the {amount(made)} layers made by this line: {names})"


def surely_less(one: Size, two: Size) -> bool:
    """Whether one < two for all values of the symbols; False where that depends on them."""
    try:
        return one < two
    except SymbolicError:
        return False


def counted(count: Exact, noun: str) -> str:
    """A count with its noun: `1 parameter`, `4,160 parameters`, `49C² weights`, `0.5 positions`."""
    return f"{amount(count)} {noun}" if count == 1 else f"{amount(count)} {noun}s"


def summed(findings: Iterable[Finding], figure: str) -> Number:
    """What findings say of a figure that counts, in all."""
    numbers = (each.figures.get(figure) for each in findings)
    return sum_of(number for number in numbers if isinstance(number, int | Polynomial))


def first_few(items: Iterable[object], most: int) -> str:
    """Several things, joined by commas; of more than so many the first: `2, 4, …`."""
    shown = list(map(str, items))
    return ", ".join(shown if len(shown) <= most else [*shown[:most], "…"])
