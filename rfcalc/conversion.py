"""A model as a description that a person reads on with."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Hashable

from rfcalc.description import Description, build_graph
from rfcalc.errors import RfcalcError, UsageError, in_file, printable, quoted
from rfcalc.graph.asked import find_layer
from rfcalc.graph.ir import Graph
from rfcalc.importers.steps import ImportedNetwork, part_for
from rfcalc.importers.writing.flat import flat
from rfcalc.importers.writing.folded import folded
from rfcalc.library import read_text
from rfcalc.records import NamedTuple
from rfcalc.spec.formatter import format_text


class Conversion(NamedTuple):
    """A description; folded: whether repeated layers are blocks and repeats in it, else each has a line."""

    text: str
    folded: bool


def converted(description: Description) -> Conversion:
    """The description of a model, as it was read, with where it came from.

    Raises UsageError for what is no model.
    """
    imported = description.imported
    if imported is None:
        name = description.source.name
        raise UsageError(
            f"{quoted(name)} is a description already; `rfcalc spec` prints it, `rfcalc fmt` formats it"
        )
    name = os.path.basename(imported.model.target)
    of_file = imported.network.text
    remarks = []
    for told, place in imported.network.remarks:
        where = f"line {in_file(name, place, of_file).line}" if of_file and place else place
        remarks.append(f"# {printable(': '.join(filter(None, (where, told))))}")
    head = "\n".join((f"# Written by rfcalc convert from {printable(name)}", *remarks, ""))
    network = imported.network
    if description.outputs:
        # A line of the description is a step, so that both are counted alike.
        whole = build_graph(description._replace(outputs=()))
        network = part_for(network, [find_layer(whole, layer).node for layer in description.outputs])
    text = _folded(network, build_graph(description))
    return Conversion(head + (text or flat(network).text), text is not None)


def _folded(network: ImportedNetwork, graph: Graph) -> str | None:
    """The folded description of a network, as `rfcalc fmt` leaves it; None where it is of another graph."""
    try:
        description = read_text(folded(network))
        text = format_text(description.network)
        again = build_graph(description)
    except RfcalcError:
        return None
    numbers: dict[Hashable, int] = {}
    return text if _computation(again, numbers) == _computation(graph, numbers) else None


def _computation(graph: Graph, numbers: dict[Hashable, int]) -> tuple[Counter[int], list[int]]:
    """What a graph computes, whatever its layers are called and in which order they stand.

    A number for each layer, and those of the outputs: layers with the same operator, attributes and figures
    that read the same have one.  numbers: those that were given so far.
    """
    found: list[int] = []
    for index, node in enumerate(graph.nodes):
        key = (
            index if index in graph.inputs else node.op,
            tuple(sorted((name, repr(value)) for name, value in node.arguments.items())),
            (node.facts.output, node.own_params, node.facts.macs),
            tuple([found[operand] for operand in node.inputs]),
            None if node.shared is None else (found[node.shared], tuple(sorted(node.shares))),
        )
        found.append(numbers.setdefault(key, len(numbers)))
    return Counter(found), [found[index] for index in graph.outputs]
