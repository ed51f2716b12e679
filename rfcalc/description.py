"""A description that has been read, its graph, and how it is built again at other sizes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rfcalc.errors import DescriptionError, Source, UsageError, printable
from rfcalc.graph.build import build, every_mistake
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.graph.ir import Graph
from rfcalc.records import NamedTuple, Result
from rfcalc.shapes import format_sizes
from rfcalc.spec.given import InputGiven, formula_given, settings_as_text, size_given, sizes_by_name
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Formula, Network
from rfcalc.units import FP32, NumberFormats, is_digits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from rfcalc.graph.trial import Trials
    from rfcalc.models import Imported


class Description(Result):
    """A description that has been read: its text, and the syntax tree.

    max_layers: how many layers it may have; all other work is bounded by what as many may take.
    imported: what was read where it is that of a model; the text is the one that was printed of it.
    outputs: the layers that are asked for, with what they need alone; () for the whole network.
    rates: of inputs by name, "" for all, those given in place of what it says.
    """

    source: Source
    network: Network
    max_layers: int = MOST_LAYERS
    imported: Imported | None = None
    outputs: tuple[str, ...] = ()
    rates: Mapping[str, int | Fraction] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {printable(self.name)}: {printable(self.source.name)}>"

    @property
    def dtype(self) -> NumberFormats:
        """The number formats of its values, fp32 where nothing is said of them."""
        return self.imported.dtype if self.imported else FP32

    @property
    def name(self) -> str:
        """The network's name."""
        return self.network.name

    def params_names(self) -> tuple[str, ...]:
        """The names of the parameters that can be set."""
        return tuple(binding.name for binding in self.network.parameters)

    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs; ("",) for the one unnamed input."""
        return tuple(binding.name for binding in self.network.inputs) or ("",)

    def without_promises(self) -> Description:
        """It without what it says of sizes, which holds for the size that it was written for."""
        from rfcalc.spec.promises import without_promises

        return self._replace(network=without_promises(self.network))


def read_source(source: Source, max_layers: int = MOST_LAYERS) -> Description:
    """A description of its text; raises DescriptionError with every mistake, also of building it."""
    try:
        return Description(source, read_network(source), max_layers)
    except DescriptionError:
        raise every_mistake(source) from None


def leading_to(description: Description, layers: Iterable[str]) -> Description:
    """A description of what some layers need of its network alone, which are its outputs.

    layers: names of layers, of blocks, whose last layer is meant, or globs that match one; a wrong one is
    reported when the network is built.  What the description promises of all of it is left out.
    """
    network = description.network._replace(checks=())
    return description._replace(outputs=tuple(layers), network=network)


def build_graph(
    description: Description,
    *,
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
    symbols: Mapping[str, int] | None = None,
) -> Graph:
    """The graph of a description; see `analyze`.  Raises DescriptionError.

    symbols: numbers in place of symbols that it would have.
    """
    description = read_with(description, input, params)
    if description.imported:
        graph = _part(description, build(description.network, max_layers=description.max_layers))
        return graph._replace(warnings=(*description.imported.remarks(), *graph.warnings))
    graph = build(description.network, *formulas(input, params), symbols or {}, description.max_layers)
    return _part(description, graph)


def _part(description: Description, graph: Graph) -> Graph:
    if description.rates:
        from rfcalc.graph.rates import with_rates

        graph = with_rates(graph, description.rates)
    if not description.outputs:
        return graph
    from rfcalc.graph.asked import part_for

    return part_for(graph, description.outputs)


def read_with(
    description: Description, input: InputGiven, params: Mapping[str, object] | None
) -> Description:
    """The description; that of a model read again where other sizes or arguments are given."""
    imported = description.imported
    if imported is None or (again := imported.again(sizes_by_name(input), params or {})) is imported:
        return description
    other = read_source(again.source(), description.max_layers)
    return other._replace(imported=again, outputs=description.outputs, rates=description.rates)


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


def _layers_of(text: str) -> str:
    return text.partition("\nlayers:")[2]


class Resizable(NamedTuple):
    """A description with what else was given for it, so that it can be built at other sizes of its inputs.

    input, params: see `library.analyze`; a model was read with these.
    """

    description: Description
    input: InputGiven
    params: Mapping[str, object] | None

    def trials(self) -> Trials:
        """How to build it at other sizes of its inputs; a model that comes to other layers is read again."""
        from rfcalc.graph.trial import Trials

        read = self.description
        if read.imported is None:
            return Trials(read.network, *formulas(self.input, self.params), read.max_layers, read.outputs)
        again = None if self._same_layers() else self._read_at
        return Trials(read.network, {}, {}, read.max_layers, read.outputs, again)

    def _read_at(self, sizes: Mapping[str, str]) -> Network:
        return read_with(self.description, sizes, self.params).network

    def _same_layers(self) -> bool:
        """Whether a model of twice the size has the same lines, so that they say nothing of a size."""
        larger = {}
        for binding in self.description.network.inputs:
            *axes, channels = binding.value.text.split("x")
            if not all(map(is_digits, axes)):
                return False
            larger[binding.name] = "x".join([*(str(2 * int(axis)) for axis in axes), channels])
        try:
            other = read_with(self.description, larger, self.params)
        except (DescriptionError, UsageError):
            return False
        return _layers_of(other.source.text) == _layers_of(self.description.source.text)

    def graph(self, input: InputGiven) -> Graph:
        """Its graph at other sizes, a model being read again; raises DescriptionError, UsageError.

        What a description says of sizes holds for its own and is set aside.
        """
        return build_graph(self.description.without_promises(), input=input, params=self.params)

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
