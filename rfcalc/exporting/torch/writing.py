"""A graph as the source of modules of PyTorch."""

from __future__ import annotations

from rfcalc.exporting.layer import number, require_numbers
from rfcalc.exporting.torch.bodies import channels_first
from rfcalc.exporting.torch.classes import program
from rfcalc.exporting.torch.text import program_text
from rfcalc.graph.ir import Graph


def torch_source(graph: Graph) -> str:
    """The source of a network; the class of the network stands last.

    Raises DescriptionError for what cannot be written, at its line: a layer of an operator that PyTorch has
    not, weights that are shared across blocks, sizes that depend on a symbol.
    """
    require_numbers(graph)
    classes, helpers = program(graph)
    made = classes[-1].name
    read = [
        f"{graph.nodes[each].name} ({channels_first(graph.nodes[each].facts.output)})"
        for each in graph.inputs
    ]
    learned = sum(number(node.own_params) for node in graph.nodes)
    about = f"{made} has {learned:,} parameters and reads {' and '.join(read)}."
    return program_text(classes, helpers, [about])
