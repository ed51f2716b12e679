"""A network with what it was read with, so that it can be built again at other sizes of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes
from rfcalc.spec.given import InputGiven, formula_given, settings_as_text, size_given, sizes_by_name
from rfcalc.spec.syntax import Formula, Network

if TYPE_CHECKING:
    from rfcalc.graph.ir import Graph
    from rfcalc.graph.trial import Trials


class Resizable(NamedTuple):
    """A description, with what else was given for it.

    model: whether it was printed of a model, which was read with that.  input, params: see `library.analyze`.
    outputs: the layers that are asked for, () for all.
    build: makes the graph of what it takes for a description, as `library.build_graph` does.
    """

    network: Network
    model: bool
    input: InputGiven
    params: Mapping[str, object] | None
    max_layers: int
    outputs: tuple[str, ...]
    build: Callable[..., Graph]
    described: object

    def trials(self) -> Trials:
        """How to build it at other sizes of its inputs, of a model the description as it was read."""
        from rfcalc.graph.trial import Trials

        inputs, settings = ({}, {}) if self.model else formulas(self.input, self.params)
        return Trials(self.network, inputs, settings, self.max_layers, self.outputs)

    def graph(self, input: InputGiven) -> Graph:
        """Its graph at other sizes, a model being read again; raises DescriptionError, UsageError."""
        return self.build(self.described, input=input, params=self.params)

    def at(self, lengths: Mapping[str, Sequence[int]], graph: Graph) -> Graph:
        """Its graph where some inputs of `graph`, by their names, have other lengths; raises as `graph`."""
        sizes = dict(sizes_by_name(self.input))
        alone = len(graph.inputs) == 1
        for index in graph.inputs:
            node = graph.nodes[index]
            if node.name in lengths:
                # The only input has no name where nobody gives it one.
                size = (*lengths[node.name], node.facts.output.channels)
                sizes["" if alone else node.name] = format_sizes(size)
        return self.graph({"": sizes[""]} if alone else sizes)


def formulas(
    input: InputGiven, params: Mapping[str, object] | None
) -> tuple[dict[str, Formula], dict[str, Formula]]:
    """Sizes of inputs and values of parameters as a description has them; raises DescriptionError."""
    inputs = {name: size_given(size, name) for name, size in sizes_by_name(input).items()}
    settings = {
        name: formula_given("set", value, name, per_axis=False)
        for name, value in settings_as_text(params).items()
    }
    return inputs, settings
