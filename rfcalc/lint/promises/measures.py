"""The values of the figures that promises speak of, for one network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.figures import find_figure
from rfcalc.analysis.layer_figures import Span, Unsure, find_count, find_field_figure, views
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import nearest, quoted
from rfcalc.graph.scope import MOST_CANDIDATES
from rfcalc.lint.promises.text import OF_NETWORK, OUTPUT, SHARE, Argument, Measure, Promise, read_promise
from rfcalc.lint.promises.values import not_known
from rfcalc.ops.attributes import PerAxis, Value
from rfcalc.shapes import Shape, Size
from rfcalc.spec.tokens import ExpressionError
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient, format_number, total
from rfcalc.symbolic.terms import sign_work
from rfcalc.units import DEFAULT_BYTES
from rfcalc.wildcards import Wildcards, wildcards

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

# Looking through the layers, in looks at a name; seconds at the worst.
MOST_LOOKS = 20_000_000
# What matching a glob costs more, and comparing the figure of one layer.
_GLOB = 10
_PART = 20
# Products of terms of polynomials, about a microsecond each, for all promises of a network.
MOST_PRODUCTS = 2_000_000


class Part(NamedTuple):
    """The value of a figure of one layer, one output or one input: an entry for each axis, or one.

    node: whose it is; None for the whole network.  label: what tells it from the others, as
    the end of what is said of it (`of pool5 over left`); "" if it is alone.
    """

    node: int | None
    label: str
    entries: tuple[Span, ...]


class Reading(NamedTuple):
    """The value of a figure.

    kind: "count", "bytes", "share", "size" or "field".  layers: those it was read of, by index.
    """

    figure: str
    kind: str
    parts: tuple[Part, ...]
    layers: tuple[int, ...]


class Selection(NamedTuple):
    """The layers that an argument names.

    layers: all, those within scopes included, by index among the nodes.  last: for each name that fits
    the layer itself, or the last one within the scope.
    """

    layers: tuple[int, ...]
    last: tuple[int, ...]


class Measures:
    """The figures of a network, and what other names mean in a promise.  Values are kept.

    written: the figures of the promise that is evaluated, by the names they have in its tree.
    """

    def __init__(self, network: NetworkAnalysis, size: int = DEFAULT_BYTES) -> None:
        self.network = network
        self.size = size
        self.written: Mapping[str, Measure] = {}
        self._looks = 0
        self._products = 0
        self._readings: dict[tuple[str, tuple[str, ...]], Reading] = {}
        self._selections: dict[str, Selection] = {}
        self._states: dict[tuple[int, int], tuple[int | None, ...]] = {}
        graph = network.graph
        self._others: dict[str, Value] = {
            **{name: Polynomial.symbol(name) for name in graph.symbols},
            **graph.declared,
            **graph.parameters,
        }

    def read(self, text: str) -> Promise:
        """A promise about this network from its text; raises ExpressionError."""
        return read_promise(text, self._others)

    def begin(self, promise: Promise) -> None:
        """Evaluate this promise from now on."""
        self.written = promise.measures

    def spend(self, products: int) -> None:
        """Count products of terms; raises ExpressionError when they are too many."""
        self._products += products
        if self._products > MOST_PRODUCTS:
            raise ExpressionError("the promises of this network ask for more algebra than is done", 0, 1)

    def compared(self, value: object) -> None:
        """Count the work of comparing a value; raises ExpressionError when it is too much."""
        if isinstance(value, Polynomial):
            self.spend(sign_work(dict(value.terms)))

    def value(self, name: str) -> Value | None:
        """What a name means within arithmetic; None when it means nothing.  Raises ExpressionError."""
        measure = self.written.get(name)
        if measure is None:
            return self._others.get(name)
        return _number(self.reading(measure), measure)

    def unknown(self, name: str) -> tuple[str, str]:
        """The message and the hint of an error about a name that means nothing."""
        if name == SHARE:
            return f"{name} speaks of a layer", f"write {name}(layer, params)"
        hint = nearest(name, [*OF_NETWORK, *self._others])
        return f"no figure is called {quoted(name)}", hint or f"the figures are {', '.join(OF_NETWORK)}"

    def reading(self, measure: Measure) -> Reading:
        """The value of a figure; raises ExpressionError, with its place, when it is not known."""
        key = measure.figure, tuple(argument.text for argument in measure.arguments)
        found = self._readings.get(key)
        if found is None:
            try:
                found = self._readings[key] = self._read(measure)
            except Unsure as reason:
                raise ExpressionError(str(reason), measure.start, measure.end) from None
        self._look(_PART * len(found.parts), measure)
        return found

    @property
    def every(self) -> tuple[int, ...]:
        """Every layer."""
        graph = self.network.graph
        return tuple(range(len(graph.inputs), len(graph.nodes)))

    def _read(self, measure: Measure) -> Reading:
        figure = measure.figure
        if figure == SHARE:
            return self._share(measure)
        field = find_field_figure(figure)
        if not measure.arguments:
            if field is not None:
                node = self.network.fields.network
                return Reading(figure, "field", self._field(figure, (node,), None), (node,))
            return self._of_network(figure)
        selection = self._selected(measure.arguments[0])
        if field is not None:
            source = measure.arguments[1] if len(measure.arguments) > 1 else None
            return Reading(figure, "field", self._field(figure, selection.last, source), selection.last)
        if figure == OUTPUT:
            return Reading(figure, "size", self._outputs(selection.last), selection.last)
        total = self._total(figure, selection.layers)
        return Reading(figure, _kind(figure), (_part(total),), selection.layers)

    def _of_network(self, name: str) -> Reading:
        figure = find_figure(name)
        assert figure is not None
        if name == OUTPUT:
            graph = self.network.graph
            parts = tuple(
                Part(index, f"of {label}" if len(graph.outputs) > 1 else "", _lengths(shape))
                for index, label, shape in zip(
                    graph.outputs, graph.output_names, self.network.outputs, strict=True
                )
            )
            return Reading(name, "size", parts, tuple(graph.outputs))
        count = figure.value(self.network, self.size)
        if count is None:
            raise self._missing(name, self.every)
        assert not isinstance(count, tuple)
        return Reading(name, _kind(name), (_part(count),), self.every)

    def _share(self, measure: Measure) -> Reading:
        layers, counted = measure.arguments
        name = counted.text if find_count(counted.text) else counted.text.casefold()
        if find_count(name) is None:
            hint = nearest(counted.text, [figure for figure in OF_NETWORK if find_count(figure)])
            raise ExpressionError(
                f"{quoted(counted.text)} does not add up over layers",
                counted.start,
                counted.end,
                hint or "write share(layer, params), or another count",
            )
        selection = self._selected(layers)
        part = self._total(name, selection.layers)
        whole = self._total(name, self.every)
        try:
            share = exact_quotient(part, whole)
        except ZeroDivisionError:
            raise Unsure(f"{name} of the network is 0: there is no share of it") from None
        except SymbolicError as error:
            raise Unsure(str(error)) from None
        return Reading(name, "share", (_part(share),), selection.layers)

    def _total(self, name: str, layers: tuple[int, ...]) -> Size:
        count = find_count(name)
        assert count is not None
        values = [count.value(self._layer(index), self.size) for index in layers]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            raise self._missing(name, layers)
        return total(known)

    def _missing(self, name: str, layers: tuple[int, ...]) -> Unsure:
        return Unsure(not_known(name, map(self._layer, layers)))

    def _outputs(self, layers: tuple[int, ...]) -> tuple[Part, ...]:
        parts = []
        for index in layers:
            shape = self._layer(index).output
            name = self.network.graph.nodes[index].name
            if shape is None:
                raise Unsure(f"{name} passes nothing on: it has no output")
            parts.append(Part(index, f"of {name}" if len(layers) > 1 else "", _lengths(shape)))
        return tuple(parts)

    def _field(self, name: str, layers: tuple[int, ...], source: Argument | None) -> tuple[Part, ...]:
        """A figure of the fields of some layers, over every input they see or the one that is named."""
        figure = find_field_figure(name)
        assert figure is not None
        graph = self.network.graph
        inputs = [graph.nodes[index].name for index in graph.inputs]
        if source is not None and source.text not in inputs:
            hint = nearest(source.text, inputs) or f"the inputs are {', '.join(inputs)}"
            message = f"no input is called {quoted(source.text)}"
            raise ExpressionError(message, source.start, source.end, hint)
        parts: list[Part] = []
        for index in layers:
            layer = graph.nodes[index].name

            def axis_of(number: int, axis: int, index: int = index) -> int | None:
                return self._axes(number, axis)[index]

            seen, flat = False, ""
            for number, along in views(self.network, index, axis_of):
                if source is not None and inputs[number] != source.text:
                    continue
                if not along:
                    flat = inputs[number]
                    continue
                seen = True
                try:
                    entries = tuple(figure.value(view) for view in along)
                except Unsure as reason:
                    raise Unsure(f"{name} of {layer} is not known: {reason}") from None
                label = f"of {layer}" if len(layers) > 1 else ""
                if len(inputs) > 1:
                    label = f"{label} over {inputs[number]}".strip()
                parts.append(Part(index, label, entries))
            if flat and not seen:
                raise Unsure(f"{flat} has no spatial axis: nothing has a field over it")
            if not seen:
                raise Unsure(f"{layer} does not depend on {source.text if source else 'an input'}")
        return tuple(parts)

    def _axes(self, number: int, axis: int) -> tuple[int | None, ...]:
        """For every node which of its axes runs along an axis of an input."""
        found = self._states.get((number, axis))
        if found is None:
            fields = self.network.fields
            place = fields.slots.index((number, axis))
            found = tuple(None if (state := seen[place]) is None else state.axis for seen in fields.states)
            self._states[number, axis] = found
        return found

    def _selected(self, argument: Argument) -> Selection:
        """The layers an argument names; raises ExpressionError when there are none."""
        found = self._selections.get(argument.text)
        if found is None:
            found = self._selections[argument.text] = self._find(argument)
        return found

    def _find(self, argument: Argument) -> Selection:
        text = argument.text
        if text in self._layers:
            index = self._layers[text]
            return Selection((index,), (index,))
        graph = self.network.graph
        glob = any(mark in text for mark in "*?")
        self._look((len(self._layers) + len(graph.scopes)) * (_GLOB if glob else 1), argument)
        layers: list[int] = []
        last: list[int] = []
        if glob:
            layers = [index for name, index in self._layers.items() if _fits(text, name)]
            last = list(layers)
            scopes = [name for name in graph.scopes if _fits(text, name)]
        else:
            scopes = [text] if text in graph.scopes else []
        if scopes:
            within = self._within(frozenset(scopes))
            for members in within.values():
                layers += members
                last.append(members[-1])
        if layers:
            return Selection(tuple(sorted(set(layers))), tuple(sorted(set(last))))
        names = [*list(self._layers)[:MOST_CANDIDATES], *list(graph.scopes)[:MOST_CANDIDATES]]
        if text in (graph.nodes[index].name for index in graph.inputs):
            raise ExpressionError(f"{quoted(text)} is an input, no layer", argument.start, argument.end)
        if not text:
            raise ExpressionError("expected the name of a layer", argument.start, argument.end)
        deeper = next((name for name in names if name.endswith(f".{text}")), "")
        hint = f"did you mean {deeper!r}?" if deeper else nearest(text, names)
        if not hint:
            hint = f"the layers are {', '.join(names)}" if len(names) <= 12 else ""
        what = "no layer fits" if glob else "no layer is called"
        raise ExpressionError(f"{what} {quoted(text)}", argument.start, argument.end, hint)

    def _look(self, steps: int, place: Argument | Measure) -> None:
        """Count the work that grows with the number of layers; raises ExpressionError when it is too much."""
        self._looks += steps
        if self._looks > MOST_LOOKS:
            message = "the promises of this network speak of more layers than are looked at"
            raise ExpressionError(message, place.start, place.end)

    def _within(self, scopes: frozenset[str]) -> dict[str, list[int]]:
        """The layers within some scopes, by scope."""
        found: dict[str, list[int]] = {}
        for name, index in self._layers.items():
            place = name.rfind(".")
            while place > 0:
                if name[:place] in scopes:
                    found.setdefault(name[:place], []).append(index)
                place = name.rfind(".", 0, place)
        return found

    @cached_property
    def _layers(self) -> dict[str, int]:
        """Every layer by its name."""
        nodes = self.network.graph.nodes
        return {nodes[index].name: index for index in self.every}

    def _layer(self, index: int) -> LayerAnalysis:
        return self.network.layers[index - len(self.network.graph.inputs)]


def _number(reading: Reading, measure: Measure) -> Value:
    """A value for arithmetic: a number, or one for each axis.  Raises ExpressionError for a span."""
    spans = [entry for part in reading.parts for entry in part.entries]
    place = measure.start, measure.end
    for span in spans:
        if span.at_most:
            message = f"of {reading.figure} only a bound is known, at most {format_number(span.high)}"
            raise ExpressionError(f"{message}: nothing can be computed with it", *place)
        if span.low != span.high:
            message = f"{reading.figure} is {format_number(span.low)} to {format_number(span.high)}"
            hint = "compare it by itself: then the comparison must hold for each"
            raise ExpressionError(f"{message}, depending on the unit", *place, hint)
    if all(span == spans[0] for span in spans) and (reading.kind != "size" or len(spans) == 1):
        return spans[0].low
    if len(reading.parts) > 1:
        alike = len({part.node for part in reading.parts}) == 1
        several = "inputs" if alike else "layers" if measure.arguments else "outputs"
        hint = "compare it by itself: then the comparison must hold for each"
        raise ExpressionError(f"{reading.figure} differs between the {several}", *place, hint)
    return PerAxis(span.low for span in spans)


def _kind(figure: str) -> str:
    found = find_figure(figure) or find_count(figure)
    return "bytes" if found is not None and found.unit == "bytes" else "count"


def _part(value: Exact) -> Part:
    return Part(None, "", (Span(value, value),))


def _lengths(shape: Shape) -> tuple[Span, ...]:
    return tuple(Span(length, length) for length in shape.sizes())


def _fits(glob: str, name: str) -> bool:
    """Whether a glob fits the name of a layer; no star crosses a dot."""
    wanted, parts = glob.split("."), name.split(".")
    return len(wanted) == len(parts) and all(map(Wildcards.fits, map(wildcards, wanted), parts))
