"""From the syntax tree to the graph: inputs, parameters and symbols, then the layers, then the outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rfcalc.errors import Position, nearest, quoted
from rfcalc.graph.bodies import BodyBuilder, TooLarge
from rfcalc.graph.findings import Poisoned
from rfcalc.graph.ir import Graph, Note
from rfcalc.graph.scope import POISON, Scope, SettingNames
from rfcalc.ops.attributes import Value
from rfcalc.shapes import Shape
from rfcalc.spec.body import Problems
from rfcalc.spec.evaluate import evaluate
from rfcalc.spec.expressions import Expression, ExpressionError, Name, Number
from rfcalc.spec.syntax import Formula, Network
from rfcalc.symbolic import Polynomial

NOTE_COLUMNS = ("", "operation", "parameters", "input", "output")


def build(
    network: Network, inputs: Mapping[str, Formula] = {}, settings: Mapping[str, Formula] = {}
) -> Graph:
    """The graph of a description.

    inputs: sizes that replace those of the description, by the name of the input ("" for the one
    unnamed input).  settings: values that replace those of parameters and symbols.  A name in either
    that the description does not declare is a symbol.  Raises DescriptionError with every mistake.
    """
    return _Network(network, inputs, settings).graph()


class _Network:
    """Builds one network."""

    def __init__(
        self, network: Network, inputs: Mapping[str, Formula], settings: Mapping[str, Formula]
    ) -> None:
        self.network = network
        self.inputs = inputs
        self.settings = settings
        self.problems = Problems()
        # Every block sees parameters and symbols; values that the layers name are theirs alone.
        self.top = Scope("")
        self.outermost = Scope("", top=self.top)
        self.builder = BodyBuilder(network, self.problems, self.top)
        self.symbols: dict[str, None] = {}

    def graph(self) -> Graph:
        network = self.network
        self.bind_symbols()
        self.bind_parameters()
        entering = self.add_inputs()
        self.outermost.entering = entering
        if entering is not None:
            self.outermost.cin_block = self.builder.maker.shape(entering).channels
        self.outermost.reserved = self.builder.explicit(network.layers)
        current = entering
        try:
            current = self.builder.body(network.layers, self.outermost, entering)
        except TooLarge:
            self.problems.raise_any()
        outputs = self.outputs(current)
        notes = self.notes()
        self.problems.raise_any()
        maker = self.builder.maker
        return Graph(
            network.name or "network",
            network.citation,
            tuple(maker.nodes),
            tuple(range(len(self.input_names()))),
            tuple(outputs.values()),
            tuple(outputs),
            self.builder.groups,
            {binding.name: self.top.values[binding.name] for binding in network.parameters},
            tuple(self.symbols),
            notes,
            (),
        )

    # Names of the top level

    def bind_symbols(self) -> None:
        """Give the declared symbols their values: themselves, or a multiple of a symbol.

        Names that only a setting or an input brings in are symbols too.
        """
        for binding in self.network.symbols:
            written = self.settings.get(binding.name, binding.value)
            try:
                value = self.evaluate(written, symbols=True)
            except Poisoned:
                value = Polynomial.symbol(binding.name)
            self.bind(binding.name, value, binding.position)
        declared = {binding.name for binding in (*self.network.symbols, *self.network.parameters)}
        for name in self.settings:
            if name not in declared:
                self.unknown_setting(name, declared)
        brought = [written.tree for written in (*self.settings.values(), *self.inputs.values())]
        for tree in brought:
            for name in dict.fromkeys(_names(tree)):
                if name not in declared and isinstance(SettingNames(self.top).value(name), Polynomial):
                    self.bind(name, Polynomial.symbol(name), self.network.layers_position)

    def unknown_setting(self, name: str, declared: set[str]) -> None:
        known = f"it has {', '.join(sorted(declared))}" if declared else "it has none"
        self.problems.add(
            f"the description has no parameter {quoted(name)}; {known}",
            self.settings[name].position,
            nearest(name, declared),
        )

    def bind_parameters(self) -> None:
        for binding in self.network.parameters:
            written = self.settings.get(binding.name, binding.value)
            try:
                # A parameter may be set to a symbol of its own name.
                value = self.evaluate(written, symbols=written is not binding.value)
            except Poisoned:
                value = 1
            self.bind(binding.name, value, binding.position)

    def bind(self, name: str, value: Value, place: Position) -> None:
        if self.builder.values.is_free(name, place, self.top):
            self.top.bind(name, value, place)
        if isinstance(value, Polynomial):
            self.symbols |= dict.fromkeys(value.symbols)

    def evaluate(self, written: Formula, *, symbols: bool) -> Value:
        """The value of a top-level formula; names of nothing are symbols if `symbols` is set."""
        if not symbols:
            return self.builder.values.value(written, self.top, None)
        try:
            return evaluate(written.tree, SettingNames(self.top))
        except ExpressionError as error:
            self.problems.add(error.message, written.at(error.start, error.end), error.hint)
            raise Poisoned from None

    # Inputs and outputs

    def input_names(self) -> tuple[str, ...]:
        declared = tuple(binding.name for binding in self.network.inputs)
        return declared or ("",)

    def add_inputs(self) -> int | None:
        """Add the inputs; the node that enters the first layer, None when there are several."""
        names = self.input_names()
        for name, written in self.inputs.items():
            if name not in names and not (name == "" and len(names) == 1):
                known = ", ".join(filter(None, names))
                message = (
                    f"the network has no input {quoted(name)}" if name else "the network has several inputs"
                )
                hint = f"say --input {names[0]}=SIZE; its inputs are {known}" if known else "say --input SIZE"
                self.problems.add(message, written.position, hint)
        for name in names:
            self.add_input(name)
        return 0 if len(names) == 1 else None

    def add_input(self, name: str) -> None:
        written = self.inputs.get(name)
        if written is None and len(self.input_names()) == 1:
            written = self.inputs.get("")
        declared = next((binding for binding in self.network.inputs if binding.name == name), None)
        if written is None and declared is not None:
            written = declared.value
        place = declared.position if declared else self.network.layers_position
        shape: Shape | None = None
        if written is None:
            self.problems.add(
                "the description states no input size",
                place,
                "add `input: 224x224x3`, or say --input 224x224x3",
            )
        else:
            try:
                shape = self.builder.values.size(written, self.top, None)
            except Poisoned:
                shape = None
        maker = self.builder.maker
        if shape is None:
            # A stand-in keeps the numbering of nodes; nothing is built on it.
            maker.add_input(name or "input", Shape((), 1), place)
            self.problems.raise_any()
        else:
            self.add_declared(name, maker.add_input(name or "input", shape, place), place)

    def add_declared(self, name: str, node: int, place: Position) -> None:
        if name:
            self.builder.names.give(name, node, place)

    def outputs(self, current: int | None) -> dict[str, int]:
        """The nodes of the outputs by name; the last layer's when the description names none."""
        found: dict[str, int] = {}
        for reference in self.network.outputs:
            try:
                found[reference.text] = self.builder.find(reference, self.outermost)
            except Poisoned:
                continue
        if not self.network.outputs:
            if current is None:
                self.problems.add("the network has several inputs and no layer", self.network.layers_position)
            elif current != POISON:
                found[self.builder.maker.nodes[current].name] = current
        return found

    def notes(self) -> tuple[Note, ...]:
        found = []
        known = self.builder.names.nodes
        for remark in self.network.notes:
            if remark.layer and remark.layer not in known:
                message = f"no layer is called {quoted(remark.layer)}"
                self.problems.add(message, remark.position, nearest(remark.layer, list(known)[:2000]))
            if remark.column not in NOTE_COLUMNS:
                self.problems.add(
                    f"a note has no column {quoted(remark.column)}",
                    remark.position,
                    f"the columns are {', '.join(NOTE_COLUMNS[1:])}",
                )
            found.append(Note(remark.layer, remark.column, remark.text, remark.chinese))
        return tuple(found)


def _names(tree: Expression) -> Iterable[str]:
    """The names an expression uses, a name that reads as a list taken apart."""
    pending: list[object] = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, Name):
            pending.extend(part.parts)
            if not part.parts:
                yield part.text
        elif isinstance(part, tuple) and not isinstance(part, Number):
            pending.extend(part)
