"""Bodies: the items of a description carried out one after another, block by block, turn by turn.

One pass in text order.  A mistake is noted and its layer poisoned, so that what depends on it says
nothing more and every independent mistake is still found.
"""

from __future__ import annotations

from rfcalc.errors import Position, Problems, quoted
from rfcalc.graph.arguments import ArgumentReader
from rfcalc.graph.callees import Callees
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Mistakes, Poisoned, Stopped
from rfcalc.graph.ir import Group, GroupKind
from rfcalc.graph.layers import LayerMaker, Operand, Request
from rfcalc.graph.names import LayerNames, given_names
from rfcalc.graph.scope import BROKEN, POISON, Scope
from rfcalc.graph.sharing import Sharing
from rfcalc.graph.values import Values
from rfcalc.ops.attributes import SizeReference, SpanValue, Value, format_value
from rfcalc.ops.operator import Operator
from rfcalc.ops.registry import PART, find_operator
from rfcalc.shapes import Shape
from rfcalc.spec.syntax import Block, Body, Formula, Item, Join, Let, Line, Loop, Network, Reference, When
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError

DEEPEST_CALLS = 32
# Branches, repeats, conditions and block calls within each other, all blocks together.
DEEPEST_BODIES = 100


class BodyBuilder:
    """Builds the bodies of one network."""

    def __init__(self, network: Network, problems: Problems, top: Scope, most_layers: int) -> None:
        self.findings = Mistakes(problems)
        self.fail = self.findings.fail
        self.effort = BuildEffort(most_layers, network.layers_position, self.findings)
        self.top = top
        self.maker = LayerMaker(self.findings, self.effort)
        self.names = LayerNames(network, self.findings, self.effort)
        self.values = Values(self.findings, self._channels, self.effort)
        self.arguments = ArgumentReader(self.values, self._reference)
        self.callees = Callees(network, self.arguments)
        self.groups: dict[str, Group] = {}
        self._sharing = Sharing(self.names, self.groups, self.findings)
        self._explicit: dict[int, frozenset[str]] = {}
        self._depth = 0

    def body(self, items: Body, scope: Scope, current: int | None, *, alone: bool = False) -> int | None:
        """Build items one after another; the node that leaves the last.

        current: the node that enters, POISON, or None where no one tensor enters.
        alone: the items are all of a turn, so that a single unnamed block call is the turn itself.
        """
        alone = alone and len(items) == 1
        self.callees.built.add(id(items))
        self._depth += 1
        for item in items:
            self.effort.position = item.position
            self.effort.charge("items")
            if self._depth > DEEPEST_BODIES:
                self.fail(f"branches, repeats and calls nest deeper than {DEEPEST_BODIES}", item.position)
                raise Stopped
            try:
                if isinstance(item, Line):
                    current = self._line(item, scope, current, alone)
                elif isinstance(item, Join):
                    current = self._join(item, scope, current)
                elif isinstance(item, Loop):
                    current = self._loop(item, scope, current)
                elif isinstance(item, When):
                    holds = self.values.condition(item.condition, scope, current)
                    current = self.body(item.then if holds else item.otherwise, scope, current, alone=alone)
                else:
                    self._let(item, scope, current)
            except Poisoned:
                self._forget(item, scope)
                current = self._stand_in(item, scope)
        self._depth -= 1
        return current

    def explicit(self, body: Body) -> frozenset[str]:
        """The names a body gives itself, which unnamed layers in it leave free."""
        found = self._explicit.get(id(body))
        if found is None:
            found = self._explicit[id(body)] = frozenset(
                name for name, _, _ in given_names(body, in_turns=False)
            )
        return found

    def _reference(self, reference: Reference, scope: Scope) -> SizeReference:
        """The layer whose size an attribute follows; raises Poisoned."""
        target = self.names.find(reference, scope)
        if target == POISON:
            raise Poisoned
        return SizeReference(self.maker.nodes[target].name, self.maker.shape(target))

    def _path(self, name: str, kind: str, scope: Scope) -> str:
        """The path of what has a name, or else takes the next free one of its kind."""
        if not name:
            before = scope.counters.get(kind, 0)
            name = scope.unnamed(kind, self.names.nodes)
            # Very many may have been taken.
            self.effort.charge("items", scope.counters[kind] - before - 1)
        return scope.path + name

    def _channels(self, node: int | None) -> Value | None:
        if node == POISON:
            return BROKEN
        return None if node is None else self.maker.shape(node).channels

    def _forget(self, item: Item, scope: Scope) -> None:
        """Give the names of an item that cannot be built to nothing, so that no use of them is an error."""
        for name, _, _ in given_names((item,), in_turns=False):
            self.effort.charge("items")
            path = scope.path + name
            if path not in self.names.nodes:
                self.names.give(path, POISON, item.position)

    def _stand_in(self, item: Item, scope: Scope) -> int:
        """What an item leaves that cannot be built: a layer of the size it promises, else POISON."""
        if not isinstance(item, Line | Join):
            return POISON
        self.effort.charge("layers")
        if item.promises is None:
            return POISON
        try:
            promised = self.values.size(item.promises, scope, POISON)
        except Poisoned:
            return POISON
        name = self._path(item.name, item.op, scope)
        node = self.maker.stand_in(
            Request(name=name, op=item.op, operands=(), position=item.position, promised=promised)
        )
        if item.name:
            self.names.give(name, node, item.position)
        return node

    def _let(self, item: Let, scope: Scope, current: int | None) -> None:
        for name, written, place in item.bindings:
            self.effort.charge("items")
            if self.values.is_free(name, place, scope):
                try:
                    value = self.values.value(written, scope, current)
                except Poisoned:
                    value = BROKEN
                scope.bind(name, value, place)

    # Lines

    def _line(self, item: Line, scope: Scope, current: int | None, alone: bool) -> int | None:
        if not item.op:
            # It could not be read, which has been noted.
            raise Poisoned
        block = self.callees.find(item)
        operands = self._operands(item, scope, current, None if block else find_operator(item.op))
        entering = operands[0].node
        promised = self.values.size(item.promises, scope, entering)
        if item.expects is not None:
            expected = self.values.size(item.expects, scope, entering)
            self.maker.check_input(entering, expected, item.expects.position)
        if block is None:
            return self._layer(item, scope, operands, promised)
        made = len(self.maker.nodes)
        node = self._call(block, item, scope, entering, alone)
        if item.promises is not None and node is not None and node >= made:
            self.maker.keep_promise(node, promised, item.promises.position)
        if node == POISON:
            raise Poisoned
        return node

    def _operands(
        self, item: Line, scope: Scope, current: int | None, operator: Operator | None
    ) -> tuple[Operand, ...]:
        """What a line reads: the current tensor and what `from=` names."""
        sources = self._named(item, scope)
        most = 1 if operator is None else operator.operands[1]
        if most == 1 and len(sources) > 1:
            raise self.fail(
                f"{item.op} takes one tensor, but from= names {len(sources)}", item.sources[0].position
            )
        # Where no one tensor enters, a join is of the named ones alone.
        entering = [] if current is None or (most == 1 and sources) else [Operand(current, "current")]
        operands = (*entering, *sources)
        if not operands:
            raise self.fail("there are several inputs; say which one with from=NAME", item.op_position)
        fewest = 1 if operator is None else 2 if most is None else operator.operands[0]
        few = len(operands) < fewest
        if few or (most is not None and len(operands) > most):
            wanted = ("" if most == fewest else "at least ") + f"{fewest}" if few else f"at most {most}"
            message = f"{item.op} takes {wanted} tensors, not {len(operands)}"
            raise self.fail(message, item.op_position, "name others with from=NAME" if few else "")
        return operands

    def _named(self, item: Line | Join, scope: Scope) -> list[Operand]:
        """What `from=` names; raises Poisoned, the mistake noted."""
        return [
            Operand(node, "from") for source in item.sources for node in self.names.find_all(source, scope)
        ]

    def _layer(self, item: Line, scope: Scope, operands: tuple[Operand, ...], promised: Shape | None) -> int:
        operator = find_operator(item.op)
        entering = operands[0].node
        values, sound = self.arguments.attributes(item, operator, scope, entering)
        name = self._path(item.name, item.op, scope)
        try:
            shared, weights_place = self._shares(item, name, scope)
        except Poisoned:
            shared, weights_place, sound = None, None, False
        request = Request(
            name=name,
            op=item.op,
            values=values,
            operands=operands,
            position=item.position,
            as_written=item.arguments,
            blame=item.op_position,
            promised=promised,
            shared=shared,
            weights_place=weights_place,
            whole=sound,
        )
        node = self._made(request, item)
        # What follows a loss reads what the loss read.
        return entering if node != POISON and self.maker.nodes[node].facts.sink else node

    def _shares(self, item: Line, name: str, scope: Scope) -> tuple[int | None, Position | None]:
        """The layer whose parameters this one uses, and where that is said; raises Poisoned."""
        if item.weights is None:
            return self._sharing.counterpart(name, scope) or (None, None)
        node = self.names.find(item.weights, scope)
        owner = "" if node == POISON else self.maker.nodes[node].name
        if owner and all(prefix + item.weights.text != owner for prefix in scope.prefixes):
            message = f"{quoted(item.weights.text)} is no single layer; name the one in it"
            raise self.fail(message, item.weights.position, f"its last layer is {owner!r}")
        return node, item.weights.position

    # Joins

    def _join(self, item: Join, scope: Scope, current: int | None) -> int:
        sources = self._named(item, scope)
        promised = self.values.size(item.promises, scope, current)
        parts = self._split(item, scope, current)
        operands: list[Operand] = []
        for branch, place, part in zip(item.branches, item.branch_positions, parts, strict=True):
            node = self.body(branch, scope, part)
            if node is None:
                self.fail(
                    "an empty branch passes on what enters, but there are several inputs", item.op_position
                )
                node = POISON
            operands.append(Operand(node, "branch", branch[-1].position if branch else place))
        operands += sources
        if len(operands) < 2:
            hint = "an empty branch [] is the identity"
            raise self.fail(f"{item.op} needs two branches or more", item.op_position, hint)
        name = self._path(item.name, item.op, scope)
        return self._made(
            Request(
                name=name, op=item.op, operands=tuple(operands), position=item.position, promised=promised
            ),
            item,
        )

    def _made(self, request: Request, item: Line | Join) -> int:
        """The node of an item's layer, which has its name from here on."""
        node = self.maker.make(request)
        if item.promises is not None:
            self.maker.keep_promise(node, request.promised, item.promises.position)
        self.names.give(request.name, node, item.position)
        return node

    def _split(self, item: Join, scope: Scope, current: int | None) -> list[int | None]:
        """What enters each branch: the current tensor, or the branch's share of its channels."""
        branches = len(item.branches)
        if item.split is None or current is None or current == POISON or not branches:
            return [current] * branches
        count = self.values.value(item.split, scope, current)
        if count != branches:
            message = f"split is {format_value(count)}, but there are {branches} branches"
            raise self.fail(message, item.split.position)
        channels = self.maker.shape(current).channels
        try:
            share = channels // branches
        except SymbolicError as error:
            raise self.fail(str(error), item.split.position) from None
        if share * branches != channels:
            message = f"{format_value(channels)} channels do not divide into {branches} equal parts"
            raise self.fail(message, item.split.position)
        parts: list[int | None] = []
        for index in range(branches):
            name = self._path("", PART, scope)
            values = {"channels": SpanValue(share * index, share * (index + 1))}
            place = item.split.position
            part = self.maker.make(
                Request(
                    name=name, op=PART, operands=(Operand(current, "current"),), position=place, values=values
                )
            )
            self.names.give(name, part, place)
            parts.append(part)
        return parts

    # Scopes

    def _call(self, block: Block, item: Line, scope: Scope, entering: int, alone: bool) -> int | None:
        """Build one call of a block.  A call that is all of a turn takes the turn's path."""
        first = block.body[0] if block.body else None
        if isinstance(first, Line) and not first.op and not block.parameters:
            # Its signature could not be read, which has been noted.
            raise Poisoned
        if any(name == block.name for name, _ in self.findings.calls):
            chain = " → ".join([*(name for name, _ in self.findings.calls), block.name])
            raise self.fail(f"the block {quoted(block.name)} calls itself: {chain}", item.op_position)
        if len(self.findings.calls) >= DEEPEST_CALLS:
            self.fail(f"block calls nest deeper than {DEEPEST_CALLS} levels", item.op_position)
            raise Stopped
        shares = scope.shares
        found = item.weights and self._sharing.find_call(item.weights, block.name, scope)
        elided = alone and not item.name
        path = scope.path
        if not elided:
            path = self._path(item.name, block.name, scope) + "."
        if found and item.weights:
            shares = ((path, found, item.weights.position), *shares)
        inner = Scope(
            path,
            top=self.top,
            shares=shares,
            entering=entering,
            cin_block=self._channels(entering),
            reserved=self.explicit(block.body),
        )
        if elided:
            inner.counters = scope.counters
        self.effort.charge("items", 1 + len(block.parameters))
        self.arguments.bind(block, item, inner, scope, entering)
        self.findings.calls.append((block.name, item.op_position))
        node = self.body(block.body, inner, entering)
        self.findings.calls.pop()
        if not elided:
            self._close(path[:-1], "block", block.name, node, item.position)
        elif path[:-1] in self.groups:
            self.groups[path[:-1]] = self.groups[path[:-1]]._replace(label=block.name)
        return node

    def _loop(self, item: Loop, scope: Scope, current: int | None) -> int | None:
        kind: GroupKind = "each" if item.turns is None else "repeat"
        turns = len(item.variables[0][1]) if item.turns is None else self._turns(item.turns, scope, current)
        self.effort.charge("turns", turns)
        path = self._path(item.name, kind, scope)
        bound = [(name, place) for name, _, place in item.variables]
        bound += [(item.counter, item.counter_position)] if item.counter else []
        if not all(self.values.is_free(name, place, scope) for name, place in bound):
            raise Poisoned
        for turn in range(turns):
            of_turn = f"{path}.{turn}"
            inner = Scope(
                f"{of_turn}.",
                enclosing=scope,
                top=scope.top,
                shares=scope.shares,
                entering=scope.entering,
                cin_block=scope.cin_block,
                reserved=self.explicit(item.body),
            )
            if item.counter:
                inner.bind(item.counter, turn, item.counter_position)
            for name, formulas, place in item.variables:
                inner.bind(name, self.values.value(formulas[turn], scope, current), place)
            self.groups[of_turn] = Group(of_turn, "turn", "", item.position)
            current = self.body(item.body, inner, current, alone=True)
            self._close(of_turn, "turn", self.groups[of_turn].label, current, item.position)
        self._close(path, kind, str(turns), current, item.position)
        return current

    def _turns(self, written: Formula, scope: Scope, current: int | None) -> int:
        count = self.values.value(written, scope, current)
        self.effort.position = written.position
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            message = f"a repeat is a whole number of turns, at least 0; got {format_value(count)}"
            hint = "--set gives a symbol a value" if isinstance(count, Polynomial) else ""
            raise self.fail(message, written.position, hint)
        return count

    def _close(self, path: str, kind: GroupKind, label: str, node: int | None, place: Position) -> None:
        """Record a scope that has been built, and let its name mean what it leaves."""
        self.groups[path] = Group(path, kind, label, place)
        self.names.give(path, POISON if node is None else node, place)
