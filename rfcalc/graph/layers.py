"""Layers: an operator applied to nodes makes a node, its facts worked out once per set of sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rfcalc.errors import Position, Related
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Mistakes
from rfcalc.graph.ir import Node, Route, argument_of
from rfcalc.graph.scope import POISON
from rfcalc.ops.attributes import PerAxis, Value
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.operator import Arguments, Operator
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE, Shape, Size
from rfcalc.spec.syntax import Argument
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError
from rfcalc.symbolic.terms import sign_work


class Operand(NamedTuple):
    """A node that a layer reads, and how it comes there; place: where from, None for its own line."""

    node: int
    route: Route
    place: Position | None = None


class Request(NamedTuple):
    """A layer to be made.

    values: the attributes that are given, by full name; as_written: those of its line.  blame: the place of
    everything else.
    promised: the output size that the line states.  shared: the node whose parameters it uses, and
    weights_place: where that is said.  whole: every attribute that was written has a value here.
    """

    name: str
    op: str
    operands: tuple[Operand, ...]
    position: Position
    values: Mapping[str, Value] = {}
    as_written: tuple[Argument, ...] = ()
    blame: Position | None = None
    promised: Shape | None = None
    shared: int | None = None
    weights_place: Position | None = None
    whole: bool = True

    @property
    def inputs(self) -> tuple[int, ...]:
        """The nodes it reads."""
        return tuple([operand.node for operand in self.operands])

    def place_of(self, attribute: str) -> Position:
        """Where an attribute is given, or else what to blame."""
        argument = argument_of(self.op, self.as_written, attribute)
        return argument.value.position if argument else self.blame or self.position


class LayerMaker:
    """The nodes made so far, and how to make one more."""

    def __init__(self, findings: Mistakes, effort: BuildEffort) -> None:
        self.fail = findings.fail
        self.effort = effort
        self.nodes: list[Node] = []
        # Whether a polynomial has been among what facts are worked out from.
        self._symbolic = False
        # What layers have in common is kept once: arguments and facts, and the routes of operands.
        self._known: dict[object, tuple[Arguments, Facts]] = {}
        self._routes: dict[tuple[Route, ...], tuple[Route, ...]] = {}
        # Where a size was not as promised, two readings go on: the promise was right, or it is the
        # misprint.  What the nodes after it would be in the second case, until a later promise decides.
        self._otherwise: dict[int, Facts] = {}
        self._unfit: set[Position] = set()
        self._axes = 0
        # Inputs whose sizes are given outside the description, and where.
        self._given: dict[int, Position] = {}
        # The layer that could not be made last, with the sizes that entered it.
        self.refused: tuple[Request, tuple[Shape, ...]] | None = None

    def shape(self, node: int) -> Shape:
        """The size of a node's output."""
        return self.nodes[node].facts.output

    def _origin(self, node: int) -> Position:
        """Where the size of a node comes from."""
        return self._given.get(node, self.nodes[node].position)

    def add_input(self, name: str, shape: Shape, position: Position, given: Position | None) -> int:
        """A new input of the network; given: where its size stands, if outside the description."""
        self._axes += len(shape.axes)
        facts = Facts(output=shape, reads=(), weights={}, macs=0, work=None, channels="all")
        node = self._add(Node(name=name, op="input", facts=facts, position=position))
        if given is not None:
            self._given[node] = given
        return node

    def make(self, request: Request) -> int:
        """The node of a layer; POISON, the mistake noted, when it cannot be made.

        A layer that promises its output size and cannot be made still leaves that size behind.
        """
        nodes = request.inputs
        # One that cannot be made takes as long, and so does what says nothing behind it.
        self.effort.charge_layer(len(nodes), self._axes, len(request.name))
        if POISON in nodes or not request.whole:
            self._find_bad_attributes(request, None)
            return self.stand_in(request)
        inputs = tuple([self.nodes[node].facts.output for node in nodes])
        operator = find_operator(request.op)
        otherwise = self._facts_otherwise(operator, request) if self._otherwise else None
        try:
            arguments, facts = self._facts(operator, request.values, inputs)
        except OperatorProblem as problem:
            self.refused = request, inputs
            if otherwise is None:
                if not self._find_bad_attributes(request, len(inputs[0].axes) if inputs else 0):
                    self._blame(request, problem, inputs)
                return self.stand_in(request)
            arguments, facts = otherwise
        except SymbolicError as error:
            self.refused = request, inputs
            self.fail(f"{request.op}: {error}", request.blame or request.position, cause=error)
            return self.stand_in(request)
        if otherwise is not None and otherwise[1].output != facts.output:
            self._otherwise[len(self.nodes)] = otherwise[1]
        node = self._append(request, nodes, arguments, facts)
        if request.shared is not None and request.shared != POISON:
            self._share(request, request.shared, node)
        return node

    def _facts(
        self, operator: Operator, values: Mapping[str, Value], inputs: tuple[Shape, ...]
    ) -> tuple[Arguments, Facts]:
        # Types are told apart, as 1 and yes are equal in Python.
        key = (operator.name, *values.items(), *map(type, values.values()), *inputs)
        known = self._known.get(key)
        if known is None:
            products = _products(inputs, values.values())
            self._symbolic = self._symbolic or products > 0
            self.effort.charge("products of terms", products)
            known = operator.apply(values, inputs)
            _require_sizes(known[1].output)
            self._known[key] = known
        return known

    def _facts_otherwise(self, operator: Operator, request: Request) -> tuple[Arguments, Facts] | None:
        """The facts of a layer if an unkept promise before it is the misprint; None when there is none."""
        nodes = request.inputs
        if self._otherwise.keys().isdisjoint(nodes):
            return None
        inputs = tuple(
            self._otherwise[node].output if node in self._otherwise else self.shape(node) for node in nodes
        )
        try:
            return self._facts(operator, request.values, inputs)
        except (OperatorProblem, SymbolicError):
            return None

    def has_shape(self, node: int, shape: Shape) -> bool:
        """Whether a node has this output size; if so, that is its size from here on.

        It is also the one that a node has where an unkept promise before it is the misprint.
        """
        made = self.nodes[node]
        otherwise = self._otherwise.pop(node, None)
        if made.facts.output != shape and otherwise is not None and otherwise.output == shape:
            self.nodes[node] = made._replace(facts=otherwise)
        return self.nodes[node].facts.output == shape

    def _append(self, request: Request, inputs: tuple[int, ...], arguments: Arguments, facts: Facts) -> int:
        if self._symbolic:
            self.effort.charge("terms of polynomials", _terms(facts))
        routes = tuple([operand.route for operand in request.operands])
        return self._add(
            Node(
                name=request.name,
                op=request.op,
                arguments=arguments,
                inputs=inputs,
                facts=facts,
                position=request.position,
                routes=self._routes.setdefault(routes, routes),
                as_written=request.as_written,
            )
        )

    def _add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def keep_promise(self, node: int, promised: Shape | None, place: Position) -> None:
        """Note an output size other than its line promised.

        Reading goes on with the promise, or where a later size says so with the size there really is,
        so that one misprint is one finding.
        """
        if promised is None or node == POISON or self.has_shape(node, promised):
            return
        made = self.nodes[node]
        self.fail(f"the line promises {promised}, but its output is {made.facts.output}", place)
        self.nodes[node] = made._replace(facts=made.facts._replace(output=promised))
        self._otherwise[node] = made.facts

    def check_input(self, node: int, expected: Shape | None, place: Position) -> None:
        """Note an input size other than a line states; reading goes on with the actual one."""
        if expected is None or node == POISON or self.has_shape(node, expected):
            return
        source, actual = self.nodes[node], self.shape(node)
        where = Related(f"{source.name} gives {actual} here", self._origin(node))
        self.fail(f"the line states in={expected}, but its input is {actual}", place, "", (where,))

    def stand_in(self, request: Request) -> int:
        """What a layer leaves that cannot be made: one of the size it promises, else POISON."""
        if request.promised is None:
            return POISON
        return self._append(request._replace(operands=()), (), Arguments(), Facts(output=request.promised))

    def _find_bad_attributes(self, request: Request, rank: int | None) -> bool:
        """Note every attribute that is missing or of a wrong kind by itself; whether there is one.

        rank: the number of spatial axes of the input, None when that is not known.
        """
        operator = find_operator(request.op)
        self.effort.charge("products of terms", _products((), request.values.values()))
        found = False
        for name, attribute in operator.attributes.items():
            value = request.values.get(name)
            if value is None and not request.whole:
                continue
            axes = rank if rank is not None else len(value) if isinstance(value, PerAxis) else 2
            try:
                operator._replace(attributes={name: attribute}).bind(request.values, axes)
            except OperatorProblem as problem:
                found = True
                self.fail(problem.message, request.place_of(name), cause=problem)
        return found

    def _blame(self, request: Request, problem: OperatorProblem, inputs: tuple[Shape, ...]) -> None:
        """Note why an operator cannot be applied, at the attribute or the operand to blame."""
        related: list[Related] = []
        if problem.operand is not None and len(inputs) > 1:
            for index in (0 if problem.operand else 1, problem.operand):
                place = request.operands[index].place or self._origin(request.inputs[index])
                related.append(Related(f"this one is {inputs[index]}", place))
        elif problem.operand is not None:
            node = request.inputs[0]
            related.append(
                Related(f"{inputs[0]} comes from {self.nodes[node].name} here", self._origin(node))
            )
        # The description fits its own sizes: numbers from outside are to be seen.
        told = {other.position for other in related}
        for node, place in self._given.items():
            if place not in told and not any(isinstance(n, Polynomial) for n in self.shape(node).sizes()):
                related.append(Related(f"{self.nodes[node].name} is {self.shape(node)} here", place))
        place = request.place_of(problem.attribute)
        self.fail(problem.message, place, related=tuple(related), cause=problem)

    def _share(self, request: Request, shared: int, index: int) -> None:
        """Let a node use the parameters of another; note the mistake when they do not fit.

        All of them where both learn the same; else the weight, as it is or transposed, while every other
        tensor stays its own.
        """
        node, owner = self.nodes[index], self.nodes[shared]
        if owner.shared is not None:
            shared = owner.shared
        mine, theirs = node.facts.weights or {}, owner.facts.weights or {}
        weight, given = _matrix(mine.get("weight", ())), _matrix(theirs.get("weight", ()))
        if owner.op == node.op and mine == theirs:
            self.nodes[index] = node._replace(shared=shared, shares=frozenset(mine))
            return
        if len(weight) > 1 and weight in (given, given[::-1]):
            self.nodes[index] = node._replace(shared=shared, shares=frozenset({"weight"}))
            return
        differ = f": it has {_weights_text(node.facts)}, that has {_weights_text(owner.facts)}"
        if owner.op != node.op:
            differ = f", whose operator is {owner.op}"
        message = f"{node.op} cannot share the parameters of {owner.name}{differ}"
        place = request.weights_place or request.position
        # The layers of a call share in one place; one that does not fit stands for all.
        if place not in self._unfit:
            self._unfit.add(place)
            self.fail(message, place, "", (Related(f"{owner.name} stands here", owner.position),))


def _matrix(sizes: tuple[Size, ...]) -> tuple[Size, ...]:
    """The sizes of a weight without those of a kernel of 1, which is a matrix for each position."""
    while len(sizes) > 2 and sizes[-1] == 1:
        sizes = sizes[:-1]
    return sizes


def _products(inputs: Iterable[Shape], values: Iterable[Value]) -> int:
    """About how many products of terms it takes to work out facts, and to see that sizes are positive."""
    sizes = [size for shape in inputs for size in shape.sizes()]
    symbolic = [value for value in (*sizes, *values) if isinstance(value, Polynomial)]
    if not symbolic:
        return 0
    terms = sum(len(value.terms) for value in symbolic)
    return terms**2 + sum(sign_work(dict(value.terms)) for value in symbolic)


def _terms(facts: Facts) -> int:
    """How many terms the polynomials among some facts have."""
    sizes = [*facts.output.sizes(), facts.macs, *(facts.work or ())]
    sizes += [size for dimensions in (facts.weights or {}).values() for size in dimensions]
    return sum(len(size.terms) for size in sizes if isinstance(size, Polynomial))


def _weights_text(facts: Facts) -> str:
    if not facts.weights:
        return "none"
    return ", ".join(f"{name} {'x'.join(map(str, sizes))}" for name, sizes in facts.weights.items())


def _require_sizes(shape: Shape) -> None:
    for size in shape.sizes():
        if isinstance(size, int) and not 1 <= size <= LARGEST_SIZE:
            limit = "at least 1" if size < 1 else "at most 2^63"
            raise OperatorProblem(f"the output would be {shape}; a length is {limit}")
