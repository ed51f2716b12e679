"""A graph as the source of modules of PyTorch."""

from __future__ import annotations

from rfcalc.errors import DescriptionError, Diagnostic
from rfcalc.exporting.torch.bodies import channels_first
from rfcalc.exporting.torch.classes import program
from rfcalc.exporting.torch.text import program_text
from rfcalc.graph.ir import Graph


def torch_source(graph: Graph) -> str:
    """The source of a network; the class of the network stands last.

    Raises DescriptionError for what cannot be written, at its line: a layer of an operator that PyTorch has
    not, weights that are shared across blocks, sizes that depend on a symbol.
    """
    if graph.symbols:
        first = graph.nodes[0].position
        raise DescriptionError((Diagnostic(f"{graph.symbols[0]} stands for any number; say which", first),))
    classes, helpers = program(graph)
    sizes = [
        f"{graph.nodes[index].name}: Nx{channels_first(graph.nodes[index].facts.output)}"
        for index in graph.inputs
    ]
    return program_text(classes, helpers, [f"{classes[-1].name} reads {'; '.join(sizes)}."])
