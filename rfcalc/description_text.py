"""A description written out with what is given beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rfcalc.description import Description, build_graph, read_with
from rfcalc.shapes import format_sizes
from rfcalc.spec.given import formula_given, settings_as_text
from rfcalc.spec.printer import printed
from rfcalc.spec.syntax import Binding
from rfcalc.spec.trees import Name, within


def description_text(
    description: Description,
    *,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, object] | None = None,
) -> str:
    """A description as YAML, without comments, that says by itself what `analyze` would be given beside it.

    With other values its promises are left out.  Bare layers need their input.  Raises DescriptionError where
    something is given that does not fit.
    """
    description = read_with(description, input, params)
    network = description.network
    if description.imported:
        return description.source.text
    if input is None and not params and not network.open:
        return printed(network)
    graph = build_graph(description, input=input, params=params)
    # A parameter that is given its own name is a symbol.
    given = {name: text for name, text in settings_as_text(params).items() if name not in graph.symbols}

    def told(name: str, value: str, per_axis: bool = False) -> Binding:
        return Binding(name, formula_given(name, value, per_axis=per_axis), network.layers_position)

    def kept(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
        return tuple(told(one.name, given.pop(one.name, one.value.text)) for one in bindings)

    symbols = kept(network.symbols)
    parameters = kept(one for one in network.parameters if one.name not in graph.symbols)
    if network.open:
        parameters = tuple(told(name, value) for name, value in given.items())
    inputs = network.inputs
    if input is not None:
        shapes = [graph.nodes[index].facts.output.sizes() for index in graph.inputs]
        sizes = [format_sizes(shape, "language") for shape in shapes]
        inputs = tuple(
            told(name, size, True) for name, size in zip(description.input_names(), sizes, strict=True)
        )
    declared = {name.text for symbol in symbols for name in within(symbol.value.tree, Name)}
    symbols += tuple(told(name, name) for name in graph.symbols if name not in declared)
    name = "" if network.open else network.name
    # What the description promises was said of its own values.
    return printed(
        network._replace(name=name, inputs=inputs, symbols=symbols, parameters=parameters, checks=())
    )
