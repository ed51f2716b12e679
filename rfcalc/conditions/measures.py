"""The values of the figures in conditions, for one network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from rfcalc.analysis.field_values import LOST, FieldFigure, Span, Unsure, Views
from rfcalc.analysis.figures import COUNTS, FIGURES, Count, ShapeFigure, total
from rfcalc.conditions.text import LEGAL, SHARE, Measure, WrittenCondition, read_condition
from rfcalc.conditions.words import FigureKind, not_known, settings
from rfcalc.errors import UsageError, nearest, quoted
from rfcalc.graph.scope import MOST_CANDIDATES
from rfcalc.ops.attributes import PerAxis, Value
from rfcalc.records import NamedTuple
from rfcalc.spec.tokens import ExpressionError
from rfcalc.spec.trees import Name
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient, format_number
from rfcalc.units import FP32, NumberFormats
from rfcalc.wildcards import compared_characters, is_glob, name_glob

if TYPE_CHECKING:
    from fractions import Fraction

    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.trial import Trials
    from rfcalc.shapes import Shape, Size
    from rfcalc.symbolic.polynomial import Exact

# Looking through the layers, in looks at a name; seconds at the worst.
MOST_LOOKS = 20_000_000
# What comparing the figure of one layer costs more, and comparing one character with one of a glob less.
_PART = 20
_CHARACTERS = 10
# Products of terms of polynomials, about a microsecond each, for all conditions on a network.
MOST_PRODUCTS = 2_000_000
# Sizes at which a network is built, some milliseconds each.
MOST_TRIALS = 100


class MeasuredPart(NamedTuple):
    """The value of a figure of one layer, one output or one input: an entry for each axis, or one.

    node: whose it is; None for the whole network.  label: what tells it from the others, as
    the end of what is said of it (`of pool5 over left`); "" if it is alone.
    rate: of a field, how many positions along the first axis are a second; None where that is not known.
    """

    node: int | None
    label: str
    entries: tuple[Span, ...]
    rate: int | Fraction | None = None


class Reading(NamedTuple):
    """The value of a figure.

    layers: those it was read of, by index; `named`: by the names that they or their scopes have.
    """

    figure: str
    kind: FigureKind
    parts: tuple[MeasuredPart, ...]
    layers: tuple[int, ...]
    named: bool


class LayerSelection(NamedTuple):
    """The layers that an argument names.

    layers: all, those within scopes included, by index among the nodes.  last: for each name that fits
    the layer itself, or the last one within the scope.
    """

    layers: tuple[int, ...]
    last: tuple[int, ...]


class Measures:
    """The figures of a network, and what other names mean in a condition.  Values are kept.

    dtype: the formats of numbers that take bytes.  values: what names mean that the network does not know.
    trials: how the network can be built at other sizes; None where that cannot be asked for.
    written: the figures of the condition that is evaluated, by the names they have in its tree.
    """

    def __init__(
        self,
        network: NetworkAnalysis,
        dtype: NumberFormats = FP32,
        values: Mapping[str, int] = {},
        trials: Callable[[], Trials] | None = None,
    ) -> None:
        self.network = network
        self.dtype = dtype
        self.trials = trials
        self._legal: dict[tuple[str, ...], tuple[bool, str]] = {}
        self.written: Mapping[str, Measure] = {}
        self._looks = 0
        self._products = 0
        self._readings: dict[tuple[str, tuple[str, ...]], Reading] = {}
        self._selections: dict[str, LayerSelection] = {}
        self._views = Views(network)
        graph = network.graph
        self._others: dict[str, Value] = {
            **{name: Polynomial.symbol(name) for name in graph.symbols},
            **graph.declared,
            **graph.parameters,
            **values,
        }

    def read(self, text: str) -> WrittenCondition:
        """A condition on this network, to be evaluated from now on; raises ExpressionError."""
        condition = read_condition(text, self._others)
        self.written = condition.measures
        return condition

    def spend(self, products: int) -> None:
        """Count products of terms; raises ExpressionError when they are too many."""
        self._products += products
        if self._products > MOST_PRODUCTS:
            raise ExpressionError("the conditions on this network ask for more algebra than is done", 0, 1)

    def value(self, name: str) -> Value | None:
        """What a name means within arithmetic; None when it means nothing.  Raises ExpressionError."""
        measure = self.written.get(name)
        if measure is None:
            return self._others.get(name)
        return self.legal(measure)[0] if measure.figure == LEGAL else _number(self.reading(measure), measure)

    def legal(self, measure: Measure) -> tuple[bool, str]:
        """Whether the network can be built at a size, and what is said of that; raises ExpressionError.

        What the description promises of its sizes is set aside.
        """
        key = tuple([argument.text for argument in measure.arguments])
        place = measure.start, measure.end
        if key not in self._legal:
            if self.trials is None:
                raise ExpressionError("the network cannot be built at another size here", *place)
            if len(self._legal) >= MOST_TRIALS:
                raise ExpressionError(f"more than {MOST_TRIALS} sizes are not tried", *place)
            from rfcalc.graph.trial import Refused, sizes_meant

            trials = self.trials()
            try:
                trials.at(sizes_meant(trials.shapes(), key))
            except UsageError as error:
                raise ExpressionError(str(error), *place, "write legal(512x512)") from None
            except Refused as refused:
                refusal = refused.refusal
                if not refusal.decided:
                    raise ExpressionError(f"it is not known: {refusal.message}", *place) from None
                self._legal[key] = False, f"{refusal.layer}: {refusal.message}"
            else:
                self._legal[key] = True, "it can be built there"
        return self._legal[key]

    def unknown(self, name: str) -> tuple[str, str]:
        """The message and the hint of an error about a name that means nothing."""
        if name == SHARE:
            return f"{name} speaks of a layer", f"write {name}(layer, params)"
        hint = nearest(name, [*FIGURES, *self._others])
        if name.casefold() == "causal":
            hint = "write lookahead <= 0"
        return f"no figure is called {quoted(name)}", hint or f"the figures are {', '.join(FIGURES)}"

    def reading(self, measure: Measure) -> Reading:
        """The value of a figure; raises ExpressionError, with its place, when it is not known."""
        key = measure.figure, tuple(argument.text for argument in measure.arguments)
        found = self._readings.get(key)
        if found is None:
            try:
                found = self._readings[key] = self._read(measure)
            except Unsure as reason:
                symbols = self.network.graph.symbols if str(reason).endswith(LOST) else ()
                hint = (
                    f"it may be known with a number in place of {' and '.join(symbols)}: {settings(symbols)}"
                )
                place = measure.start, measure.end
                raise ExpressionError(str(reason), *place, hint if symbols else "") from None
        self._look(_PART * len(found.parts), measure)
        return found

    def _read(self, measure: Measure) -> Reading:
        name, arguments = measure.figure, measure.arguments
        if name == LEGAL:
            message = "legal(…) is true or false, and no number"
            raise ExpressionError(message, measure.start, measure.end, "write it alone, or `not legal(…)`")
        if name == SHARE:
            return self._share(measure)
        figure = FIGURES.get(name)
        selection = self._selected(arguments[0]) if arguments else None
        graph = self.network.graph
        if isinstance(figure, FieldFigure):
            layers = selection.last if selection else (self.network.fields.network,)
            source = arguments[1] if len(arguments) > 1 else None
            parts = tuple(
                part for index in layers for part in self._field(figure, index, len(layers), source)
            )
            return Reading(name, "part of field" if figure.share else "field", parts, layers, bool(selection))
        if isinstance(figure, ShapeFigure):
            layers = selection.last if selection else graph.outputs
            names = [graph.nodes[index].name for index in layers] if selection else graph.output_names
            shapes: Iterable[Shape | None] = figure.of_network(self.network)
            if selection:
                shapes = [figure.of_layer(self.network.layer_at(index)) for index in layers]
            made: list[MeasuredPart] = []
            for index, label, shape in zip(layers, names, shapes, strict=True):
                if shape is None:
                    raise Unsure(f"{label} passes nothing on: it has no output")
                lengths = tuple(Span(length, length) for length in shape.sizes())
                made.append(MeasuredPart(index, f"of {label}" if len(layers) > 1 else "", lengths))
            return Reading(name, "size", tuple(made), tuple(layers), bool(selection))
        assert figure is not None
        layers = selection.layers if selection else tuple(self._views.places.values())
        kind: FigureKind = "bytes" if figure.in_bytes else "count"
        whole = not figure.adds_up
        value = figure.value_of_all(self.network, self.dtype) if whole else self._total(figure, layers)
        if value is None:
            why = "of some layer it is not known what it learns"
            if "peak_activations" in (name, *figure.taken_by):
                why = "when most is held depends on the values of its symbols"
            raise Unsure(f"{name} is not known: {why}")
        return Reading(name, kind, (_part(value),), layers, bool(selection))

    def _share(self, measure: Measure) -> Reading:
        layers, counted = measure.arguments
        name = counted.text
        count = COUNTS.get(name) or COUNTS.get(name.casefold())
        if count is None or not count.adds_up:
            names = [each.name for each in COUNTS.values() if each.adds_up]
            hint = nearest(name, names) or "write share(layer, params), or another count"
            message = f"{quoted(name)} does not add up over layers"
            raise ExpressionError(message, counted.start, counted.end, hint)
        selection = self._selected(layers)
        part = self._total(count, selection.layers)
        whole = self._total(count, tuple(self._views.places.values()))
        try:
            share = exact_quotient(part, whole)
        except ZeroDivisionError:
            raise Unsure(f"{count.name} of the network is 0: there is no share of it") from None
        except SymbolicError as error:
            hint = f"compare products: {count.name}({layers.text}) <= 50% * {count.name}"
            raise ExpressionError(str(error), measure.start, measure.end, hint) from None
        return Reading(count.name, "share", (_part(share),), selection.layers, named=True)

    def _total(self, count: Count, layers: tuple[int, ...]) -> Size:
        found = total(count, map(self.network.layer_at, layers), self.dtype)
        if not found.complete:
            raise Unsure(not_known(count, map(self.network.layer_at, layers)))
        return found.known

    def _field(
        self, figure: FieldFigure, index: int, layers: int, source: Name | None
    ) -> Iterator[MeasuredPart]:
        """A figure of the field of one of some layers, over every input it sees or the one that is named."""
        graph = self.network.graph
        inputs = self.network.input_names
        if source is not None and source.text not in inputs:
            hint = nearest(source.text, inputs) or f"the inputs are {', '.join(inputs)}"
            message = f"no input is called {quoted(source.text)}"
            raise ExpressionError(message, source.start, source.end, hint)
        layer = graph.nodes[index].name
        seen, flat = False, ""
        for number, along in self._views.of(index):
            if source is not None and inputs[number] != source.text:
                continue
            if not along:
                flat = inputs[number]
                continue
            seen = True
            try:
                entries = tuple(figure.value(view) for view in along)
            except Unsure as reason:
                raise Unsure(f"{figure.name} of {layer} is not known: {reason}") from None
            label = f"of {layer}" if layers > 1 else ""
            if len(inputs) > 1:
                label = f"{label} over {inputs[number]}".strip()
            yield MeasuredPart(index, label, entries, along[0].rate)
        if flat and not seen:
            raise Unsure(f"{flat} has no spatial axis: nothing has a field over it")
        if not seen:
            raise Unsure(f"{layer} does not depend on {source.text if source else 'an input'}")

    def _selected(self, argument: Name) -> LayerSelection:
        """The layers an argument names; raises ExpressionError when there are none."""
        found = self._selections.get(argument.text)
        if found is None:
            found = self._selections[argument.text] = self._find(argument)
        return found

    def _find(self, argument: Name) -> LayerSelection:
        text, places = argument.text, self._views.places
        if text in places:
            return LayerSelection((places[text],), (places[text],))
        graph = self.network.graph
        glob = is_glob(text)
        known = (*places, *graph.scopes)
        self._look(len(known) + (compared_characters(text, known) // _CHARACTERS if glob else 0), argument)
        fits = name_glob(text) if glob else text.__eq__
        layers = [index for name, index in places.items() if fits(name)]
        last = list(layers)
        if scopes := frozenset(filter(fits, graph.scopes)):
            within: dict[str, list[int]] = {}
            for name, index in places.items():
                for scope in scopes.intersection(graph.scopes_around(name)):
                    within.setdefault(scope, []).append(index)
            layers += chain.from_iterable(within.values())
            last += (members[-1] for members in within.values())
        if layers:
            return LayerSelection(tuple(sorted(set(layers))), tuple(sorted(set(last))))
        names = [*list(places)[:MOST_CANDIDATES], *list(graph.scopes)[:MOST_CANDIDATES]]
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

    def _look(self, steps: int, place: Name | Measure) -> None:
        """Count the work that grows with the number of layers; raises ExpressionError when it is too much."""
        self._looks += steps
        if self._looks > MOST_LOOKS:
            message = "the conditions on this network speak of more layers than are looked at"
            raise ExpressionError(message, place.start, place.end)


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


def _part(value: Exact) -> MeasuredPart:
    return MeasuredPart(None, "", (Span(value, value),))
