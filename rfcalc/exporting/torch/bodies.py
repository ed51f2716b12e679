"""What a part does, before it is known which parts are of one class.

A body is a part's modules and statements. Bodies that are the same but for the values that modules are made
with can be one class, whose parameters are the values that differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rfcalc.exporting.torch.identifiers import FreeNames, identifier
from rfcalc.exporting.torch.layer import WrittenLayer, refusal
from rfcalc.exporting.torch.program import Construction, Export, Statement
from rfcalc.exporting.torch.registry import exporter_of
from rfcalc.exporting.torch.scopes import LayerSpan, SpanItem, refuse_shared
from rfcalc.graph.ir import Graph
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

# What is made: a module of PyTorch, several one behind the other, or a part that has a class.
MadeModule: TypeAlias = "Construction | ModuleRow | ClassBody"


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
        self.exports: dict[int, Export] = {}
        self._made: dict[str, MadeModule] = {}
        for index in range(len(graph.inputs), len(graph.nodes)):
            self._export(index)

    def _export(self, index: int) -> None:
        node = self.graph.nodes[index]
        found = exporter_of(node.op)
        if found is None:
            raise refusal(node, "nothing in PyTorch that rfcalc writes is like it")
        shapes = tuple(self.graph.nodes[operand].facts.output for operand in node.inputs)
        flat = tuple(self.flat[operand] for operand in node.inputs)
        # Where one operand has axes, all have them.
        function, flat_too = found
        if not flat_too or not all(flat):
            flat = tuple(not shape.axes and len(shapes) == 1 for shape in shapes)
        self.needs_axes[index] = not flat_too or not all(self.flat[operand] for operand in node.inputs)
        export = function(WrittenLayer(node, shapes, flat))
        self.exports[index] = export
        self.flat[index] = export.flat

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
        other = self.graph.nodes[node.shared]
        if node.op != other.op or dict(node.arguments) != dict(other.arguments) or node.own_params != 0:
            refuse_shared(self.graph, item)
        return node.shared

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
        variables = FreeNames(frozenset({"self", "torch", "nn", "Tensor"}))
        held: list[HeldModule] = []
        statements: list[Statement] = []
        modules: dict[int, str] = {}
        last_read = self._last_read(part)
        named = self._operand_names(part, variables, last_read)
        values: dict[int, str] = dict(zip(part.operands, named, strict=True))
        passing = "x" if len(named) == 1 and last_read.get(part.operands[0], 0) == 0 else variables.free("y")
        for number, item in enumerate(part.items):
            index, last = (item, item + 1) if isinstance(item, int) else (item.first, item.last)
            path = graph.nodes[item].name if isinstance(item, int) else item.path
            own = path[len(part.path) + 1 :] if part.path else path
            word = identifier(own, "layer")
            comment, expression, made, results = self._item(item, values)
            shared = self.shared(item)
            if shared in modules:
                modules[index] = modules[shared]
            elif made is not None:
                for each in range(index, last) if shared >= 0 else ():
                    refuse_shared(graph, each)
                modules[index] = attributes.free(word)
                held.append(HeldModule(modules[index], made))
            if index in modules:
                expression = expression.replace("{module}", f"self.{modules[index]}")
            targets = []
            for result in results:
                if (
                    len(results) == 1
                    and last_read.get(result, number + 1) == number + 1
                    and result not in values
                ):
                    targets.append(passing)
                else:
                    targets.append(
                        variables.free(
                            word
                            if len(results) == 1
                            else identifier(
                                graph.nodes[result].name[len(part.path) + 1 if part.path else 0 :], "layer"
                            )
                        )
                    )
            if results:
                if expression == (targets[0] if len(targets) == 1 else ""):
                    values.update(zip(results, targets, strict=True))
                    continue
                statements.append(Statement(tuple(targets), expression, comment))
            values.update(zip(results, targets, strict=True))
        shapes = " and ".join(self.size(each) for each in part.operands)
        results_text = " and ".join(self.size(each) for each in part.results)
        comment = f"{part.path or graph.name}: {shapes} to {results_text}"
        returns = tuple(values[result] for result in part.results)
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
            operands = [self.operand(item, each, values[each]) for each in graph.nodes[item].inputs]
            expression = export.call
            for place, operand in enumerate(operands):
                expression = expression.replace(f"{{{place}}}", operand)
            return self.size(item), expression, export.module, (item,)
        # What uses the modules of another part makes none; that it stands before, `_with_shared` saw.
        made = self.made(item) if item.shared < 0 else None
        operands = [values[each] for each in item.operands]
        comment = " and ".join(self.size(each) for each in item.results)
        return comment, f"{{module}}({', '.join(operands)})", made, item.results

    def _last_read(self, part: LayerSpan) -> dict[int, int]:
        """The number of the last item that reads each tensor; past them all for what the part passes on."""
        found: dict[int, int] = {}
        for number, item in enumerate(part.items):
            read = self.graph.nodes[item].inputs if isinstance(item, int) else item.operands
            found.update(dict.fromkeys(read, number))
        found.update(dict.fromkeys(part.results, len(part.items)))
        return found

    def _operand_names(
        self, part: LayerSpan, variables: FreeNames, last_read: Mapping[int, int]
    ) -> tuple[str, ...]:
        if len(part.operands) == 1:
            return (variables.free("x"),)
        names = [self.graph.nodes[each].name.rpartition(".")[2] for each in part.operands]
        return tuple(variables.free(identifier(name, "x")) for name in names)
