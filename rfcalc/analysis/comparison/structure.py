"""What a layer is to an alignment: its operator, attributes and sizes, and how alike two of them are."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.analysis.depth import weighted, works_in_place
from rfcalc.analysis.fields.figures import NodeField
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.graph.ir import Graph, Node
from rfcalc.ops.attributes import SizeReference
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size

# How much a layer counts in an alignment: a layer with a matrix or kernel of weights carries the
# network's structure, a window, a join or a normalisation some of it, an activation hardly any.
HEAVY, MEDIUM, LIGHT = 128, 48, 24
# What the same name, or the same last part of it, adds.  It decides between equals, no more.
SAME_NAME = 12
SAME_LAST_PART = 4

# Two layers of one operator correspond only when at least this part of their attributes is equal.
LEAST_EQUAL_PART = 0.5


class Form(NamedTuple):
    """The structure of a layer without its place; layers of equal form do the same to the same sizes.

    number: of the form, over both networks.  attributes: its arguments, those left out that are at
    their default.  role: what it does, whatever it is called (see `_role`).  entering, leaving: the
    resolution of its first operand and of its output.  weight: HEAVY, MEDIUM or LIGHT.
    """

    number: int
    op: str
    arguments: Mapping[str, object]
    attributes: Mapping[str, object]
    role: object
    entering: object
    leaving: object
    channels: Size
    weight: int


class LayerToken(NamedTuple):
    """One layer to be aligned: its name, the last part of that, and its form."""

    name: str
    last_part: str
    form: Form


class Forms:
    """The forms of the layers of both networks, each made once.

    relative: the inputs differ in size, so resolutions are given as the stride of the receptive field,
    in input positions, instead of sizes.
    """

    def __init__(self, relative: bool) -> None:
        self._relative = relative
        self._numbers: dict[object, int] = {}
        # Layers that do the same to the same sizes share their record of facts.
        self._known: dict[object, Form] = {}

    def tokens(self, network: NetworkAnalysis) -> tuple[LayerToken, ...]:
        """The layers of a network, in execution order."""
        graph = network.graph
        fields = network.fields.nodes
        resolutions = [
            _rate(field) if self._relative else node.facts.output.axes
            for node, field in zip(graph.nodes, fields, strict=True)
        ]
        result = []
        for node, leaving in zip(graph.layers, resolutions[len(graph.inputs) :], strict=True):
            entering = resolutions[node.inputs[0]] if node.inputs else None
            key = (id(node.facts), entering, leaving)
            form = self._known.get(key)
            if form is None:
                form = self._known[key] = self._form(node, graph, entering, leaving)
            result.append(LayerToken(node.name, node.name.rpartition(".")[2], form))
        return tuple(result)

    def _form(self, node: Node, graph: Graph, entering: object, leaving: object) -> Form:
        inputs = tuple(graph.nodes[index].facts.output for index in node.inputs)
        arguments = tuple(
            (name, type(value), value.shape if isinstance(value, SizeReference) else value)
            for name, value in node.arguments.items()
        )
        identity = (node.op, arguments, inputs, node.facts.output)
        number = self._numbers.setdefault(identity, len(self._numbers))
        light = len(node.inputs) == 1 and works_in_place(node) and not node.facts.weights
        return Form(
            number=number,
            op=node.op,
            arguments=node.arguments,
            attributes=_told(node),
            role=_role(node),
            entering=entering,
            leaving=leaving,
            channels=node.facts.output.channels,
            weight=HEAVY if weighted(node) else LIGHT if light else MEDIUM,
        )


def _rate(field: NodeField) -> object:
    """How far apart the fields of neighbouring units are along each axis of the first input that is seen."""
    axes = next((axes for axes in field.inputs if axes is not None), ())
    return tuple((axis.stride, axis.collapsed) for axis in axes)


def similarity(one: Form, two: Form, same_name: bool) -> int:
    """How alike two layers are; 0 when they do not correspond."""
    same_place = one.entering == two.entering or one.leaving == two.leaving
    if one.op != two.op:
        if one.role != two.role or one.leaving != two.leaving:
            return 0
        return min(one.weight, two.weight) * 3 // 8
    mine, theirs = one.attributes, two.attributes
    names = mine.keys() | theirs.keys()
    equal = [name in mine and name in theirs and same_value(mine[name], theirs[name]) for name in names]
    part = sum(equal) / len(names) if names else 1
    if part < 1 and not same_name and (part < LEAST_EQUAL_PART or not same_place):
        return 0
    score = one.weight * (1 if part == 1 else part * 5 / 8)
    eighths = (one.entering == two.entering) + 2 * (one.leaving == two.leaving)
    eighths += one.channels == two.channels
    return round(score + one.weight * eighths / 8)


def same_value(one: object, two: object) -> bool:
    """Whether two values of an attribute are the same; followed layers are compared elsewhere."""
    if isinstance(one, SizeReference) and isinstance(two, SizeReference):
        return True
    if isinstance(one, tuple) and isinstance(two, tuple) and len(one) != len(two):
        # One value for all of two or of three axes.
        return len({*one}) == 1 and {*one} == {*two}
    # 1 and yes are equal in Python.
    return type(one) is type(two) and one == two


def _told(node: Node) -> dict[str, object]:
    """The attributes that tell a layer from others of its operator: those a description must or does give."""
    operator = find_operator(node.op)
    values = {name: node.arguments.get(name) for name in operator.attributes}
    return {name: value for name, value in values.items() if operator.attributes[name].tells(value)}


def _role(node: Node) -> object:
    """What a layer does in terms of its facts alone, so that one may replace another of the same role."""
    facts = node.facts
    ranks = sorted(len(dimensions) for dimensions in (facts.weights or {}).values())
    works = facts.work is not None and any(count != 0 for count in facts.work)
    return (len(node.inputs), works_in_place(node), facts.channels, ranks[-1:], works, facts.sink)
