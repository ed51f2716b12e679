"""From the syntax tree to the graph: inputs, parameters and symbols, then the layers, then the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Set
from contextlib import suppress
from typing import TYPE_CHECKING

from rfcalc.errors import (
    DescriptionError,
    Diagnostic,
    Position,
    Related,
    Source,
    nearest,
    option,
    quoted,
)
from rfcalc.graph.bodies import BodyBuilder
from rfcalc.graph.doubts import doubts_of_size
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.graph.findings import Poisoned, Stopped
from rfcalc.graph.ir import Graph, NetworkNote
from rfcalc.graph.scope import BROKEN, MOST_CANDIDATES, POISON, Scope, SettingNames, Tensors
from rfcalc.ops.attributes import Value, format_value
from rfcalc.problems import Problems
from rfcalc.shapes import Shape, Size, format_sizes
from rfcalc.spec.evaluate import evaluate
from rfcalc.spec.given import named_at
from rfcalc.spec.reader import read_network
from rfcalc.spec.syntax import Binding, Formula, Network, Reference
from rfcalc.spec.tokens import ExpressionError
from rfcalc.spec.trees import names_in
from rfcalc.symbolic.polynomial import Number, Polynomial, is_integral

if TYPE_CHECKING:
    from rfcalc.graph.multiples import Where, WrittenFormula
    from rfcalc.graph.rates import Rates

# The effort of building again for the sake of better advice on symbols: a few seconds.
MOST_EFFORT_OF_ADVICE = 2_500_000_000


def build(
    network: Network,
    inputs: Mapping[str, Formula] = {},
    settings: Mapping[str, Formula] = {},
    meanings: Mapping[str, Number] = {},
    max_layers: int = MOST_LAYERS,
) -> Graph:
    """The graph of a description.

    inputs: sizes that replace those of the description, by the name of the input ("" for the one
    unnamed input).  settings: values that replace those of parameters and symbols.  A name in either
    that the description does not declare is a symbol.  meanings: what symbols stand for instead of
    themselves.  max_layers: how many layers it may have, or effort of as many.  Raises DescriptionError
    with every mistake.
    """
    built = NetworkBuilder(network, inputs, settings, Problems(), meanings, max_layers)
    try:
        return built.graph()
    except DescriptionError as error:
        from rfcalc.graph.multiples import needed, with_multiples

        if next(needed(error.diagnostics), None) is None:
            from rfcalc.spec.lookalikes import naming_lookalikes

            raise naming_lookalikes(error) from None

        def attempt(tried: Mapping[str, Number]) -> None:
            NetworkBuilder(network, inputs, settings, Problems(), {**meanings, **tried}, max_layers).graph()

        attempts = MOST_EFFORT_OF_ADVICE // max(built.builder.effort.spent, 1)
        raise with_multiples(error, built.written(), attempt, attempts) from None


def every_mistake(source: Source) -> DescriptionError:
    """All that is wrong with a description that cannot be read: what can be read of it is built, too.

    A description that states no input size is only read: its symbols may come from outside as well.
    """
    problems = Problems()
    try:
        network = read_network(source, problems)
        if network.inputs:
            NetworkBuilder(network, {}, {}, problems).graph()
        problems.raise_any()
    except DescriptionError as error:
        from rfcalc.spec.lookalikes import naming_lookalikes

        return naming_lookalikes(error)
    return DescriptionError([])


def require_known_names(network: Network) -> None:
    """Raises DescriptionError where a line names an operator, an attribute or a parameter that is none.

    Nothing is built, so that it does not matter whether the network can be.
    """
    problems = Problems()
    builder = BodyBuilder(network, problems, Scope(""), MOST_LAYERS)
    builder.callees.look_through_unbuilt(builder.arguments)
    problems.raise_any()


class NetworkBuilder:
    """Builds one network."""

    def __init__(
        self,
        network: Network,
        inputs: Mapping[str, Formula],
        settings: Mapping[str, Formula],
        problems: Problems,
        meanings: Mapping[str, Number] = {},
        max_layers: int = MOST_LAYERS,
    ) -> None:
        self.network = network
        self.input_names = tuple(binding.name for binding in network.inputs) or ("",)
        # The size of the only input need not be given by its name.
        self.inputs = dict(inputs)
        if len(self.input_names) == 1 and "" in inputs:
            self.inputs.setdefault(self.input_names[0], inputs[""])
        self.settings = settings
        self.parameters = {binding.name: binding for binding in network.parameters}
        self.problems = problems
        # Every block sees parameters and symbols; values that the layers name are theirs alone.
        self.top = Scope("")
        self.outermost = Scope("", top=self.top)
        self.builder = BodyBuilder(network, self.problems, self.top, max_layers)
        self.symbols: dict[str, None] = {}
        self.object_sizes: dict[str, tuple[Size, ...]] = {}
        # What was given for symbols, and depends on other symbols.
        self.positive: list[Polynomial] = []
        # The inputs whose sizes are known.
        self.input_nodes: list[int] = []
        self.warnings: list[Diagnostic] = []
        self.meanings: dict[str, Value] = dict(meanings)

    def graph(self) -> Graph:
        """The graph; raises DescriptionError with every mistake."""
        network, maker = self.network, self.builder.maker
        outputs: dict[str, int] = {}
        notes: tuple[NetworkNote, ...] = ()
        rates: Rates = {}
        with suppress(Stopped):
            outputs = self.build_layers()
            notes = self._notes()
            if self.network.rates:
                from rfcalc.graph.rates import rates_of_inputs

                inputs = maker.nodes[: len(self.input_names)]
                rates = rates_of_inputs(self.network.rates, inputs, self.problems)
            self.builder.callees.look_through_unbuilt(self.builder.arguments)
        # What is likely not meant may be why.
        doubts = [Related(each.message, each.position) for each in self.warnings if each.position]
        self.problems.raise_any(tuple(doubts))
        return Graph(
            name=network.name or "network",
            source=network.citation,
            nodes=tuple(maker.nodes),
            inputs=tuple(range(len(self.input_names))),
            outputs=tuple(outputs.values()),
            output_names=tuple(outputs),
            scopes=self.builder.groups,
            parameters={binding.name: self.top.values[binding.name] for binding in network.parameters},
            symbols=tuple(self.symbols),
            notes=notes,
            declared={binding.name: self.top.values[binding.name] for binding in network.symbols},
            object_sizes=self.object_sizes,
            positive=tuple(self.positive),
            warnings=tuple(self.warnings),
            names=(self.outermost.bound, self.top.bound),
            rates=rates,
        )

    def build_layers(self) -> dict[str, int]:
        """Build all there is to build; the outputs by name."""
        self.bind_symbols()
        self.bind_parameters()
        entering = self.add_inputs()
        self.outermost.entering = entering
        self.outermost.cin_block = self.builder.operands.channels(entering)
        self.outermost.reserved = self.builder.names.explicit(self.network.layers)
        outputs = self.outputs(self.builder.body(self.network.layers, self.outermost, entering))
        self.bind_object_sizes(outputs)
        return outputs

    # Names of the top level

    def bind_symbols(self) -> None:
        """Give the declared symbols their values: themselves, or a multiple of a symbol.

        Names that only a setting or an input brings in are symbols too, and a setting may give a symbol
        that is not declared its value.
        """
        symbols: dict[str, Binding] = {}
        for binding in self.network.symbols:
            symbols.setdefault(binding.name, binding)
        declared = symbols.keys() | self.parameters.keys()
        free = self.free_names() - declared
        for name in self.settings:
            if name not in declared and name not in free and not self.network.open:
                self._unknown_setting(name, declared)
        for name in self.in_order([*(name for name in self.settings if name in free), *symbols]):
            if name in self.parameters and name not in symbols:
                self.bind_parameter(name)
                continue
            try:
                value = self.symbol_value(self.settings.get(name) or symbols[name].value)
            except Poisoned:
                value = Polynomial.symbol(name)
            if name in symbols:
                self._bind(name, value, symbols[name].position)
            else:
                self.meanings[name] = value
        for binding in self.network.symbols:
            if binding is not symbols[binding.name]:
                # A second one of the same name, which is noted.
                self.builder.values.is_free(binding.name, binding.position, self.top)
        for tree in [written.tree for written in (*self.settings.values(), *self.inputs.values())]:
            for name in dict.fromkeys(names_in(tree)):
                known = name in declared or name in self.top.values
                if not known and isinstance(
                    SettingNames(self.top, self.builder.effort).value(name), Polynomial
                ):
                    self._bind(name, self.symbol(name), self.network.layers_position)

    def symbol(self, name: str) -> Value:
        """What a symbol stands for: itself, unless something else is said."""
        meaning = self.meanings.get(name)
        return Polynomial.symbol(name) if meaning is None else meaning

    def free_names(self) -> set[str]:
        """The names in what stands for symbols, in settings and in inputs."""
        written = [binding.value for binding in self.network.symbols if binding.name not in self.settings]
        written += [*self.settings.values(), *self.inputs.values()]
        return {name for formula in written for name in names_in(formula.tree)}

    def written(self) -> tuple[WrittenFormula, ...]:
        """The values of all that somebody wrote and that symbols may occur in."""
        from rfcalc.graph.multiples import WrittenFormula

        declared = {
            binding.name: binding.value
            for binding in self.network.symbols
            if binding.name not in self.settings
        }
        places: list[tuple[Where, Mapping[str, Formula]]] = [("symbols", declared), ("set", self.settings)]
        found = [
            WrittenFormula(where, name, (value,), frozenset(names_in(formula.tree)))
            for where, formulas in places
            for name, formula in formulas.items()
            if isinstance(value := self.top.values.get(name, self.meanings.get(name)), Polynomial)
        ]
        found += [
            WrittenFormula(
                "input", name, node.facts.output.sizes(), frozenset(names_in(self.inputs[name].tree))
            )
            for name, node in zip(self.input_names, self.builder.maker.nodes, strict=False)
            if name in self.inputs
        ]
        return tuple(found)

    def symbol_value(self, written: Formula) -> Value:
        """What is given for a symbol; raises Poisoned where that can be no whole number from 1 up."""
        value = self.evaluate(written, symbols=True)
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        if isinstance(value, Polynomial):
            whole = is_integral(value) and value.sign() not in (-1, 0)
            self.positive.append(value)
        if not whole:
            message = f"a symbol stands for whole numbers of at least 1, not for {format_value(value)}"
            raise self.builder.fail(message, written.position)
        return value

    def bind_object_sizes(self, outputs: Mapping[str, int]) -> None:
        """Keep the lengths of what is to be seen, by the names of outputs; note what is what with them."""
        by_layer = {self.named(node): name for name, node in outputs.items()}
        for said, written, position in self.network.object_sizes:
            called = by_layer.get(said, said)
            if called and called not in outputs and "" not in outputs:
                hint = nearest(called, [*outputs]) or f"the outputs are {', '.join([*outputs][:12])}"
                self.problems.add(f"no output is called {quoted(called)}", position, hint)
            with suppress(Poisoned):
                size, nodes = self.builder.values.size(written, self.top, ()), self.builder.maker.nodes
                assert size is not None
                self.object_sizes[called] = lengths = size.sizes()
                ranks = sorted({len(nodes[index].facts.output.axes) for index in self.input_nodes})
                if len(lengths) > 1 and ranks and len(lengths) not in ranks:
                    what = "an object has as many lengths as the input has spatial axes, "
                    what += " or ".join(map(str, ranks))
                    self.problems.add(f"{what}; {format_sizes(lengths)} has {len(lengths)}", written.position)

    def _unknown_setting(self, name: str, declared: Set[str]) -> None:
        known = f"it has {', '.join(sorted(declared))}" if declared else "it has none"
        self.problems.add(
            f"the description has no parameter {quoted(name)}; {known}",
            named_at(name, self.settings[name].position),
            nearest(name, sorted(declared)[:MOST_CANDIDATES]),
        )

    def in_order(self, names: list[str]) -> list[str]:
        """These names; where settings name others, each behind those that its value is worked out from."""
        if not any({*names_in(written.tree)} - {name} for name, written in self.settings.items()):
            return names
        from rfcalc.graph.settings import in_order

        with self.problems:
            return in_order(names, self.network, self.settings)
        return names

    def bind_parameter(self, name: str) -> None:
        """Give a parameter its value, unless a setting that names it has had it before."""
        binding = self.parameters[name]
        if self.top.place_of(name) == binding.position:
            return
        given = self.settings.get(name)
        try:
            # A parameter may be set to a symbol of its own name.
            value = self.evaluate(given or binding.value, symbols=given is not None)
        except Poisoned:
            value = BROKEN
        self._bind(name, value, binding.position, given or binding.value)

    def bind_parameters(self) -> None:
        """Give the parameters their values."""
        for name in self.in_order([*self.parameters]):
            if name in self.parameters:
                self.bind_parameter(name)
        for name, written in self.settings.items():
            if self.network.open and self.top.lookup(name) is None:
                with suppress(Poisoned):
                    self._bind(name, self.evaluate(written, symbols=True), written.position, written)

    def _bind(self, name: str, value: Value, place: Position, written: Formula | None = None) -> None:
        if self.builder.values.is_free(name, place, self.top):
            self.top.bind(name, value, place, written, own=True)
        if isinstance(value, Polynomial):
            self.symbols |= dict.fromkeys(value.symbols)

    def evaluate(self, written: Formula, *, symbols: bool) -> Value:
        """The value of a top-level formula; names of nothing are symbols if `symbols` is set."""
        if not symbols:
            return self.builder.values.value(written, self.top, ())
        try:
            return evaluate(written.tree, SettingNames(self.top, self.builder.effort, self.symbol))
        except ExpressionError as error:
            place = written.at(error.start, error.end)
            raise self.builder.fail(error.message, place, error.hint) from None

    # Inputs and outputs

    def add_inputs(self) -> Tensors:
        """Add the inputs; what enters the first layer: the only one, POISON when its size is not known."""
        names = self.input_names
        for name, written in self.inputs.items():
            if name not in names and (name or len(names) > 1):
                known = ", ".join(filter(None, names))
                message = f"the network has {f'no input {quoted(name)}' if name else 'several inputs'}"
                say = f"say {option('input', {names[0]: 'SIZE'} if known else 'SIZE')}"
                hint = f"{say}; its inputs are {known}" if known else say
                self.problems.add(message, named_at(name, written.position), hint)
        nodes = [self.add_input(name) for name in names]
        return tuple(nodes) if len(nodes) == 1 else ()

    def add_input(self, name: str) -> int:
        """Add one input; its node, POISON when its size is not known."""
        declared = next((binding for binding in self.network.inputs if binding.name == name), None)
        written = self.inputs.get(name) or (declared and declared.value)
        place = declared.position if declared else self.network.layers_position
        shape: Shape | None = None
        if written is None:
            hint = f"add `input: 224x224x3`, or say {option('input', '224x224x3')}"
            self.problems.add("the description states no input size", place, hint)
        else:
            with suppress(Poisoned):
                shape = self.builder.values.size(written, self.top, ())
                if name in self.inputs or not name:
                    self.warnings += doubts_of_size(written, shape, declared and declared.value)
        maker = self.builder.maker
        # A stand-in keeps the numbering of nodes; nothing is built on it.
        given = self.inputs[name].position if name in self.inputs else None
        node = maker.add_input(name or "input", shape or Shape((), 1), place, given)
        if shape is None:
            node = POISON
        else:
            self.input_nodes.append(node)
        if name:
            self.builder.names.give(name, (node,), place)
        return node

    def outputs(self, current: Tensors) -> dict[str, int]:
        """The nodes of the outputs by name; what leaves the last layer when the description names none."""
        found: dict[str, int] = {}
        for reference in self.network.outputs:
            with suppress(Poisoned):
                nodes = self.builder.operands.find(reference, self.outermost, ())
                several = len(nodes) > 1
                found |= {self.named(node) if several else reference.text: node for node in nodes}
        if not self.network.outputs:
            if not current:
                self.problems.add("the network has several inputs and no layer", self.network.layers_position)
            found |= {self.named(node): node for node in current if node != POISON}
        return found

    def named(self, node: int) -> str:
        """The name of a node, "" for POISON."""
        return "" if node == POISON else self.builder.maker.nodes[node].name

    def _notes(self) -> tuple[NetworkNote, ...]:
        found = []
        for number, remark in enumerate(self.network.notes, 1):
            if remark.layer:
                with suppress(Poisoned):
                    about = f"entry {number} of `notes:` is about {quoted(remark.layer)}, which is no layer"
                    reference = Reference(remark.layer, remark.position)
                    self.builder.names.find(reference, self.outermost, about)
            found.append(NetworkNote(remark.layer, remark.column, remark.text, remark.chinese))
        return tuple(found)
