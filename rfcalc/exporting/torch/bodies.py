"""What a part does, before it is known which parts are of one class.

A body is a part's modules and statements. Bodies that are the same but for the values that modules are made
with can be one class, whose parameters are the values that differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rfcalc.exporting.layer import WrittenLayer, number, reads_flat, refusal
from rfcalc.exporting.torch.identifiers import FreeNames, identifier
from rfcalc.exporting.torch.layer import TARGET, made
from rfcalc.exporting.torch.program import Construction, Export, Statement
from rfcalc.exporting.torch.registry import exporter_of
from rfcalc.graph.ir import Graph
from rfcalc.graph.layer_spans import LayerSpan, SpanItem
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

# What is made: a module of PyTorch, several one behind the other, or a part that has a class.
MadeModule: TypeAlias = "Construction | ModuleRow | ClassBody"

# What reads as many examples of one operand as of another.
_READ_AS_MANY = frozenset({"concat", "attention"})


class ModuleRow(NamedTuple):
    """Modules one behind the other, which need no class."""

    elements: tuple[MadeModule, ...]


class HeldModule(NamedTuple):
    """A module that a class holds."""

    attribute: str
    made: MadeModule


class ClassBody(NamedTuple):
    """A part that is to be a class."""

    part: LayerSpan
    wanted: str
    comment: str
    held: tuple[HeldModule, ...]
    operands: tuple[str, ...]
    statements: tuple[Statement, ...]
    returns: tuple[str, ...]


def channels_first(shape: Shape) -> str:
    """A size as the tensors of PyTorch have it, without that of the batch."""
    return "x".join(map(str, (shape.channels, *shape.axes)))


class Bodies:
    """Makes the bodies of the parts of a graph.  Raises DescriptionError for what cannot be written."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        # Which layers' outputs come without axes.
        self.flat: dict[int, bool] = {
            index: not graph.nodes[index].facts.output.axes for index in graph.inputs
        }
        # Which layers need axes of all that they read.
        self.needs_axes: dict[int, bool] = {}
        # Which outputs are one for all examples, (1, C, axes): what is made of learned tensors alone.
        self.single: dict[int, bool] = dict.fromkeys(graph.inputs, False)
        self.exports: dict[int, Export] = {}
        self._made: dict[str, MadeModule] = {}
        self._layers: dict[str, frozenset[int]] = {}
        for index in range(len(graph.inputs), len(graph.nodes)):
            self._export(index)

    def _export(self, index: int) -> None:
        node = self.graph.nodes[index]
        found = exporter_of(node.op)
        if found is None:
            raise refusal(node, TARGET, "nothing in PyTorch that rfcalc writes is like it")
        shapes = tuple(self.graph.nodes[operand].facts.output for operand in node.inputs)
        flat = tuple(self.flat[operand] for operand in node.inputs)
        # Where one operand has axes, all have them.
        function = found
        flat_too = reads_flat(node)
        if not flat_too or not all(flat):
            flat = tuple(not shape.axes and len(shapes) == 1 for shape in shapes)
        self.needs_axes[index] = not flat_too or not all(self.flat[operand] for operand in node.inputs)
        layer = WrittenLayer(node, shapes, flat, TARGET)
        self.exports[index] = self._tied(index, layer) or function(layer)
        self.flat[index] = self.exports[index].flat or not node.facts.output.axes
        self.single[index] = all(self.single[operand] for operand in node.inputs)

    def _tied(self, index: int, layer: WrittenLayer) -> Export | None:
        """A layer whose weight alone is that of another, as it is or transposed; None for other layers."""
        node = self.graph.nodes[index]
        if node.shared is None or "weight" not in node.shares or self._alike(index):
            return None
        own, given = (
            (self.graph.nodes[each].facts.weights or {}).get("weight", ()) for each in (index, node.shared)
        )
        flat = self.flat[node.inputs[0]]
        if node.op == "conv":
            pointwise = all(length == 1 for length in (*layer.lengths("kernel"), *layer.lengths("stride")))
            fits = pointwise and not any(map(any, layer.pads())) and layer.integer("groups") == 1
        else:
            fits = node.op == "fc" and flat
        if not fits:
            refuse_shared(self.graph, index)
        weight = "{weight}" if len(given) == 2 else "{weight}.flatten(1)"
        if own[:2] != given[:2]:
            weight += ".mT"
        call = f"nn.functional.linear({{0}}, {weight})"
        if not flat:
            call = f"nn.functional.linear({{0}}.movedim(1, -1), {weight}).movedim(-1, 1)"
        if "bias" not in (node.facts.weights or {}):
            return Export(None, call, flat)
        return Export(made("Offset", number(own[0])), f"{{module}}({call})", flat)

    def _alike(self, index: int) -> bool:
        """Whether a layer can be a call of the module of the one whose weights it uses."""
        node = self.graph.nodes[index]
        other = self.graph.nodes[node.shared or 0]
        return node.op == other.op and dict(node.arguments) == dict(other.arguments) and node.own_params == 0

    def size(self, index: int) -> str:
        """The size of a layer's output, as its tensor has it."""
        shape = self.graph.nodes[index].facts.output
        return channels_first(Shape((), shape.channels) if self.flat[index] else shape)

    def shared(self, item: SpanItem) -> int:
        """The first layer of the item whose modules this one uses; -1 where it has its own.

        What is shared in a way that cannot be told by calling a module twice is an item of its own, whose
        first layer is nobody's.
        """
        if isinstance(item, LayerSpan):
            return item.shared
        node = self.graph.nodes[item]
        if node.shared is None or not node.facts.weights:
            return -1
        if not self._alike(item):
            if "{weight}" not in self.exports[item].call:
                refuse_shared(self.graph, item)
            return -1
        return node.shared

    def _own_layers(self, part: LayerSpan) -> frozenset[int]:
        """The layers that a part holds itself, not those of parts in it."""
        if part.path not in self._layers:
            self._layers[part.path] = frozenset(item for item in part.items if isinstance(item, int))
        return self._layers[part.path]

    def source(self, part: LayerSpan, index: int) -> int:
        """The layer of a part, or its operand, whose tensor this one passes on as it is; itself if none."""
        own = self._own_layers(part)
        while index in own:
            export = self.exports[index]
            before = self.graph.nodes[index].inputs[0] if self.graph.nodes[index].inputs else -1
            if export.module is not None or export.call != "{0}" or self.operand(index, before, "x") != "x":
                break
            index = before
        return index

    def operand(self, index: int, operand: int, variable: str) -> str:
        """A variable as an operand of a layer, with axes where the layer needs them."""
        if not self.flat[operand] or not self.needs_axes[index]:
            return variable
        node = self.graph.nodes[index]
        joined = [self.graph.nodes[each].facts.output for each in node.inputs]
        rank = max(len(shape.axes) for shape in joined)
        return f"{variable}[:, :{', None' * rank}]" if rank else variable

    def made(self, item: SpanItem) -> MadeModule | None:
        """What an item is made of, where it is a module of one tensor; None for an expression."""
        if isinstance(item, int):
            export = self.exports[item]
            operands = self.graph.nodes[item].inputs
            plain = [self.operand(item, operand, "x") == "x" for operand in operands] == [True]
            return export.module if plain and export.call == "{module}({0})" else None
        # A part is asked for again where what stands around it is no row of modules after all.
        if item.path not in self._made:
            self._made[item.path] = (None if item.label else self.chain(item)) or self.body(item)
        return self._made[item.path]

    def chain(self, part: LayerSpan) -> ModuleRow | None:
        """A part as modules one behind the other; None where it is no such thing."""
        if len(part.operands) != 1 or len(part.results) != 1:
            return None
        before = part.operands[0]
        elements: list[MadeModule] = []
        for item in part.items:
            read = self.graph.nodes[item].inputs if isinstance(item, int) else item.operands
            left = item if isinstance(item, int) else item.results[0] if len(item.results) == 1 else -1
            if read != (before,) or self.shared(item) >= 0:
                return None
            made = self.made(item)
            if made is None or left < 0:
                return None
            elements.append(made)
            before = left
        return ModuleRow(tuple(elements)) if before == part.results[0] else None

    def body(self, part: LayerSpan) -> ClassBody:
        """A part as a class."""
        graph = self.graph
        attributes = FreeNames()
        variables = FreeNames(frozenset({"self", "torch", "nn", "Tensor", "len"}))
        held: list[HeldModule] = []
        statements: list[Statement] = []
        modules: dict[int, str] = {}
        last_read = self._last_read(part)
        named = self._operand_names(part, variables, last_read)
        values: dict[int, str] = dict(zip(part.operands, named, strict=True))
        passing = "x" if len(named) == 1 and last_read.get(part.operands[0], 0) == 0 else variables.free("y")
        place = -1
        for item in part.items:
            if isinstance(item, int) and (source := self.source(part, item)) != item:
                values[item] = values[source]
                continue
            place += 1
            name = graph.nodes[item].name if isinstance(item, int) else item.path
            word = identifier(name[len(part.path) + 1 :] if part.path else name, "layer")
            comment, expression, module, results = self._item(item, values)
            expression = self._with_module(part, item, word, module, expression, modules, attributes, held)
            read = [result for result in results if result in last_read]
            if not read:
                # A tensor for training alone is held, and whoever trains calls it.
                continue
            targets = []
            for result in results:
                own = word if len(results) == 1 else self._own_name(part, result)
                passed_on = len(results) == 1 and last_read[result] == place + 1
                targets.append(passing if passed_on and self._reads(item) else variables.free(own))
            statements.append(Statement(tuple(targets), expression, comment))
            values.update(zip(results, targets, strict=True))
        shapes = " and ".join(self.size(each) for each in part.operands)
        results_text = " and ".join(self.size(each) for each in part.results)
        comment = f"{shapes} to {results_text}" if shapes else results_text
        returns = tuple(values[self.source(part, result)] for result in part.results)
        wanted = part.label or part.path.rpartition(".")[2] or graph.name
        if part.path and not part.label and wanted.isdigit():
            wanted = f"{part.path.split('.')[-2]} turn"
        return ClassBody(part, wanted, comment, tuple(held), named, tuple(statements), returns)

    def _item(
        self, item: SpanItem, values: Mapping[int, str]
    ) -> tuple[str, str, MadeModule | None, tuple[int, ...]]:
        """The comment of an item, its expression, what it is made of, and the layers that it passes on."""
        graph = self.graph
        if isinstance(item, int):
            export = self.exports[item]
            read = graph.nodes[item].inputs
            operands = [self.operand(item, each, values[each]) for each in read]
            examples = next((values[each] for each in read if not self.single[each]), "")
            if graph.nodes[item].op in _READ_AS_MANY and examples:
                operands = [
                    self._repeated(each, text, examples, rank=len(graph.nodes[item].facts.output.axes))
                    for each, text in zip(read, operands, strict=True)
                ]
            expression = export.call
            for place, operand in enumerate(operands):
                expression = expression.replace(f"{{{place}}}", operand)
            return self.size(item), expression, export.module, (item,)
        # What uses the modules of another part makes none; that it stands before, `_with_shared` saw.
        made = self.made(item) if item.shared < 0 else None
        operands = [values[each] for each in item.operands]
        comment = " and ".join(self.size(each) for each in item.results)
        return comment, f"{{module}}({', '.join(operands)})", made, item.results

    def _with_module(
        self,
        part: LayerSpan,
        item: SpanItem,
        word: str,
        module: MadeModule | None,
        expression: str,
        modules: dict[int, str],
        attributes: FreeNames,
        held: list[HeldModule],
    ) -> str:
        """An expression with the attribute that it calls, which is held from now on."""
        index, last = (item, item + 1) if isinstance(item, int) else (item.first, item.last)
        shared = self.shared(item)
        if shared in modules:
            modules[index] = modules[shared]
        elif module is not None:
            for each in range(index, last) if shared >= 0 else ():
                refuse_shared(self.graph, each)
            modules[index] = attributes.free(word)
            held.append(HeldModule(modules[index], module))
        if "{weight}" in expression:
            owner = self.graph.nodes[index].shared
            if owner is None or owner not in self._own_layers(part) or owner not in modules:
                raise refusal(
                    self.graph.nodes[index], TARGET, "its weights are those of a layer in another class"
                )
            expression = expression.replace("{weight}", f"self.{modules[owner]}.weight")
        return expression.replace("{module}", f"self.{modules.get(index, '')}")

    def _reads(self, item: SpanItem) -> bool:
        return bool(self.graph.nodes[item].inputs if isinstance(item, int) else item.operands)

    def _own_name(self, part: LayerSpan, index: int) -> str:
        """What a layer within a part is called there."""
        return identifier(self.graph.nodes[index].name[len(part.path) + 1 if part.path else 0 :], "layer")

    def _repeated(self, operand: int, text: str, examples: str, rank: int) -> str:
        """What is one for all examples, as many times as there are."""
        if not self.single[operand]:
            return text
        return f"{text}.expand(len({examples}), {', '.join(['-1'] * (1 + rank))})"

    def _last_read(self, part: LayerSpan) -> dict[int, int]:
        """The number of the last item that reads each tensor; past them all for what the part passes on."""
        found: dict[int, int] = {}
        place = -1
        for item in part.items:
            if isinstance(item, int) and self.source(part, item) != item:
                continue
            place += 1
            read = self.graph.nodes[item].inputs if isinstance(item, int) else item.operands
            found.update(dict.fromkeys((self.source(part, each) for each in read), place))
        found.update(dict.fromkeys((self.source(part, each) for each in part.results), place + 1))
        return found

    def _operand_names(
        self, part: LayerSpan, variables: FreeNames, last_read: Mapping[int, int]
    ) -> tuple[str, ...]:
        if len(part.operands) == 1:
            return (variables.free("x"),)
        names = [self.graph.nodes[each].name.rpartition(".")[2] for each in part.operands]
        return tuple(variables.free(identifier(name, "x")) for name in names)


def refuse_shared(graph: Graph, index: int) -> None:
    """Raise DescriptionError for a layer whose weights are those of another in a way that is not written."""
    node = graph.nodes[index]
    if node.shared is not None and node.facts.weights:
        raise refusal(node, TARGET, f"its weights are those of {graph.nodes[node.shared].name}")
