"""Bodies: the items of a description carried out one after another, block by block, turn by turn.

One pass in text order.  A mistake is noted and its layer poisoned, so that what depends on it says
nothing more and every independent mistake is still found.
"""

from __future__ import annotations

from rfcalc.errors import Position, quoted
from rfcalc.graph.arguments import ArgumentReader
from rfcalc.graph.callees import Callees
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Mistakes, Poisoned, Stopped
from rfcalc.graph.ir import Group, GroupKind
from rfcalc.graph.layers import LayerMaker, Operand, Request
from rfcalc.graph.names import LayerNames
from rfcalc.graph.operands import OperandFinder
from rfcalc.graph.scope import BROKEN, POISON, Scope, Tensors
from rfcalc.graph.sharing import Sharing
from rfcalc.ops.attributes import SpanValue
from rfcalc.ops.operator import Operator
from rfcalc.ops.registry import PART, find_operator
from rfcalc.problems import Problems
from rfcalc.shapes import Shape, Size
from rfcalc.spec.syntax import (
    Block,
    Body,
    Formula,
    Item,
    Join,
    Let,
    Line,
    Loop,
    NamedPart,
    Network,
    Split,
    When,
)

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
        self.callees = Callees(network, self.findings)
        self.operands = OperandFinder(
            self.maker, self.names, self.findings, self.effort, self.callees.is_known
        )
        self.values = self.operands.values
        self.arguments = ArgumentReader(self.values, self.operands.reference)
        self.groups = self.names.groups
        self._sharing = Sharing(self.names, self.findings)
        self._depth = 0

    def body(self, items: Body, scope: Scope, current: Tensors, *, alone: bool = False) -> Tensors:
        """Build items one after another; what leaves the last.

        current: what enters; POISON stands for what is not known.
        alone: the items are all of a turn, so that a single unnamed block call is the turn itself.
        """
        alone = alone and len(items) == 1
        self.callees.built.add(id(items))
        self._depth += 1
        dotted = self.names.dotted(items)
        for place, item in enumerate(items):
            self.effort.position = item.position
            self.effort.charge("items")
            # The parts of a name are scopes, as if the item stood in them.
            names = dotted.get(place, ())
            deeper = max([name.count(".") for name in names]) if names else 0
            self._depth += deeper
            if self._depth > DEEPEST_BODIES:
                self.fail(f"branches, repeats and calls nest deeper than {DEEPEST_BODIES}", item.position)
                raise Stopped
            try:
                if isinstance(item, Line):
                    current = self._line(item, scope, current, alone)
                elif isinstance(item, Join):
                    current = self._join(item, scope, current)
                elif isinstance(item, Split):
                    current = self._split(item, scope, current)
                elif isinstance(item, NamedPart):
                    current = self._part(item, scope, current)
                elif isinstance(item, Loop):
                    current = self._loop(item, scope, current)
                elif isinstance(item, When):
                    holds = self.values.condition(item.condition, scope, current)
                    current = self.body(item.then if holds else item.otherwise, scope, current, alone=alone)
                else:
                    self._let(item, scope, current)
            except Poisoned:
                self.names.forget(item, scope.path)
                current = self._stand_in(item, scope)
            self._depth -= deeper
            if deeper:
                self.names.give_around(names, scope.path, current, item.position)
        self._depth -= 1
        return current

    def _path(self, name: str, kind: str, scope: Scope) -> str:
        """The path of what has a name, or else takes the next free one of its kind."""
        return scope.path + (name or scope.unnamed(kind, self.names.nodes, self.effort))

    def _stand_in(self, item: Item, scope: Scope) -> Tensors:
        """What an item leaves that cannot be built: a layer of the size it promises, else POISON."""
        if not isinstance(item, Line | Join):
            return (POISON,)
        self.effort.charge("layers")
        if item.promises is None:
            return (POISON,)
        try:
            promised = self.values.size(item.promises, scope, (POISON,))
        except Poisoned:
            return (POISON,)
        name = self._path(item.name, item.op, scope)
        self.effort.charge("characters of names", len(name))
        node = self.maker.stand_in(
            Request(name=name, op=item.op, operands=(), position=item.position, promised=promised)
        )
        if item.name:
            self.names.give(name, (node,), item.position)
        return (node,)

    def _let(self, item: Let, scope: Scope, current: Tensors) -> None:
        for name, written, place in item.bindings:
            self.effort.charge("items")
            if self.values.is_free(name, place, scope):
                try:
                    value = self.values.value(written, scope, current)
                except Poisoned:
                    value = BROKEN
                scope.bind(name, value, place, written, own=True)

    # Lines

    def _line(self, item: Line, scope: Scope, current: Tensors, alone: bool) -> Tensors:
        if not item.op:
            # It could not be read, which has been noted.
            raise Poisoned
        item = self.callees.called(item, scope)
        callee = self.callees.find(item)
        operator = None if isinstance(callee, Block) else callee
        operands = self.operands.of_line(item, scope, current, operator)
        entering = tuple([operand.node for operand in operands])
        promised = self.values.size(item.promises, scope, entering)
        if item.expects is not None and entering:
            expected = self.values.size(item.expects, scope, entering)
            self.maker.check_input(entering[0], expected, item.expects.position)
        if not isinstance(callee, Block):
            return self._layer(item, callee, scope, operands, promised)
        made = len(self.maker.nodes)
        left = self._call(callee, item, scope, entering, alone)
        if item.promises is not None and left and left[-1] >= made:
            self.maker.keep_promise(left[-1], promised, item.promises.position)
        if POISON in left:
            raise Poisoned
        return left

    def _layer(
        self,
        item: Line,
        operator: Operator,
        scope: Scope,
        operands: tuple[Operand, ...],
        promised: Shape | None,
    ) -> Tensors:
        entering = tuple([operand.node for operand in operands[:1]])
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
        return entering if node != POISON and self.maker.nodes[node].facts.sink else (node,)

    def _shares(self, item: Line, name: str, scope: Scope) -> tuple[int | None, Position | None]:
        """The layer whose parameters this one uses, and where that is said; raises Poisoned."""
        if item.weights is None:
            return self._sharing.counterpart(name, scope) or (None, None)
        node = self.operands.single(item.weights, scope)
        owner = "" if node == POISON else self.maker.nodes[node].name
        if owner and all(prefix + item.weights.text != owner for prefix in scope.prefixes):
            message = f"{quoted(item.weights.text)} is no single layer; name the one in it"
            raise self.fail(message, item.weights.position, f"its last layer is {owner!r}")
        return node, item.weights.position

    # Joins

    def _join(self, item: Join, scope: Scope, current: Tensors) -> Tensors:
        sources = self.operands.named(item, scope, current)
        promised = self.values.size(item.promises, scope, current)
        operands = [*self._branches(item, scope, current), *sources]
        if not operands:
            hint = "an empty branch [] is the identity"
            raise self.fail(f"{item.op or 'tensors'} needs a branch", item.op_position, hint)
        tensors = tuple([operand.node for operand in operands])
        if len(operands) == 1 or not item.op:
            # Nothing is to be joined.
            if item.name:
                self.names.give(scope.path + item.name, tensors, item.position)
            if item.promises is not None:
                self.maker.keep_promise(tensors[0], promised, item.promises.position)
            return tensors
        name = self._path(item.name, item.op, scope)
        request = Request(
            name=name, op=item.op, operands=tuple(operands), position=item.position, promised=promised
        )
        return (self._made(request, item),)

    def _branches(self, item: Join, scope: Scope, current: Tensors) -> list[Operand]:
        """What leaves the branches of a join, in their order."""
        if item.split is not None and current and POISON not in current:
            current = self._split(item.split, scope, current)
        operands: list[Operand] = []
        if isinstance(item.branches, Loop):
            ends = self._turns_of(item.branches, scope, current, apart=True)
            self._require_parts(item, len(ends), current)
            return [Operand(node, "branch", item.branches.position) for end in ends for node in end]
        entering = self._shares_of(current, len(item.branches), item)
        for branch, enters in zip(item.branches, entering, strict=True):
            if branch.condition and not self.values.condition(branch.condition, scope, current):
                continue
            left = self.body(branch.body, scope, enters)
            if not left:
                message = "an empty branch passes on what enters, but there are several inputs"
                self.fail(message, item.op_position)
                left = (POISON,)
            place = branch.body[-1].position if branch.body else branch.position
            # Several tensors that enter several branches are more at every turn.
            self.effort.charge("operands", len(left))
            operands += [Operand(node, "branch", place) for node in left]
        return operands

    def _shares_of(self, current: Tensors, branches: int, item: Join) -> list[Tensors]:
        """What enters each of some branches: all that enters, or one of as many tensors."""
        self._require_parts(item, branches, current)
        return [(node,) for node in current] if len(current) == branches else [current] * branches

    def _require_parts(self, item: Join, branches: int, current: Tensors) -> None:
        if item.split is not None and current and POISON not in current and len(current) != branches:
            message = f"the split has {len(current)} parts, but there are {branches} branches"
            raise self.fail(message, item.split.position)

    def _made(self, request: Request, item: Line | Join) -> int:
        """The node of an item's layer, which has its name from here on."""
        node = self.maker.make(request)
        if item.promises is not None:
            self.maker.keep_promise(node, request.promised, item.promises.position)
        self.names.give(request.name, (node,), item.position)
        return node

    def _split(self, item: Split, scope: Scope, current: Tensors) -> Tensors:
        """The parts of one tensor, each a slice of its channels; one alone is the tensor as it is."""
        place = item.position
        line = Line(op="split", op_position=place, position=place, sources=item.sources)
        (operand,) = self.operands.of_line(line, scope, current, find_operator(PART))
        if operand.node == POISON:
            raise Poisoned
        sizes = self.operands.sizes_of_parts(item, scope, operand.node)
        parts: list[int] = []
        start: Size = 0
        for number, size in enumerate(sizes):
            own = item.names[number] if item.names else ""
            part = operand.node
            if len(sizes) > 1:
                values = {"channels": SpanValue(start, start + size)}
                own = self._path(own, PART, scope)[len(scope.path) :]
                path = scope.path + own
                request = Request(name=path, op=PART, operands=(operand,), position=place, values=values)
                part = self.maker.make(request)
            if own:
                self.names.give(scope.path + own, (part,), item.position)
            parts.append(part)
            start = start + size
        if item.name:
            self.names.give(scope.path + item.name, tuple(parts), item.position)
        return tuple(parts)

    # Scopes

    def _call(self, block: Block, item: Line, scope: Scope, entering: Tensors, alone: bool) -> Tensors:
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
            cin_block=self.operands.channels(entering),
            reserved=self.names.explicit(block.body),
        )
        if elided:
            inner.counters = scope.counters
        self.effort.charge("items", 1 + len(block.parameters))
        self.arguments.bind(block, item, inner, scope, entering)
        self.findings.calls.append((block.name, item.op_position))
        left = self.body(block.body, inner, entering)
        self.findings.calls.pop()
        group = Group(path[:-1], "block", block.name, item.position, (inner.bound,))
        if not elided:
            self._close(group, left)
        elif path[:-1] in self.groups:
            self.groups[path[:-1]] = group._replace(kind="turn", names=(inner.bound, scope.bound))
        return left

    def _part(self, item: NamedPart, scope: Scope, current: Tensors) -> Tensors:
        inner = self._inner(f"{scope.path}{item.name}.", item.body, scope)
        left = self.body(item.body, inner, current)
        self._close(Group(scope.path + item.name, "part", item.name, item.position, (inner.bound,)), left)
        return left

    def _inner(self, path: str, body: Body, scope: Scope) -> Scope:
        """A scope within another, whose values and layers are visible in it."""
        return Scope(
            path,
            enclosing=scope,
            top=scope.top,
            shares=scope.shares,
            entering=scope.entering,
            cin_block=scope.cin_block,
            reserved=self.names.explicit(body),
        )

    def _loop(self, item: Loop, scope: Scope, current: Tensors) -> Tensors:
        ends = self._turns_of(item, scope, current, apart=False)
        return ends[-1] if ends else current

    def _turns_of(self, item: Loop, scope: Scope, current: Tensors, *, apart: bool) -> list[Tensors]:
        """What leaves each turn of a loop.

        apart: the turns stand side by side, so that each is entered by what enters the loop, or by one of as
        many tensors; else by what leaves the turn before.
        """
        kind: GroupKind = "each" if item.turns is None else "repeat"
        lists = self.values.lists(item, scope, current)
        self.effort.position = item.turns.position if item.turns else item.position
        turns = self.values.turns(item.turns, scope, current) if item.turns else len(lists[0])
        self.effort.charge("turns", turns)
        path = self._path(item.name, kind, scope)
        bound = [(name, place) for name, _, place in item.variables]
        bound += [(item.counter, item.counter_position)] if item.counter else []
        if not all(self.values.is_free(name, place, scope) for name, place in bound):
            raise Poisoned
        ends: list[Tensors] = []
        for turn in range(turns):
            of_turn = f"{path}.{turn}"
            inner = self._inner(f"{of_turn}.", item.body, scope)
            if item.counter:
                inner.bind(item.counter, turn, item.counter_position, turn)
            for (name, _, place), values in zip(item.variables, lists, strict=True):
                value = values[turn]
                written = value if isinstance(value, Formula) else None
                if isinstance(value, Formula):
                    value = self.values.value(value, scope, current)
                inner.bind(name, value, place, written)
            self.groups[of_turn] = Group(of_turn, "turn", "", item.position, (inner.bound,))
            enters = current
            if apart and len(current) == turns > 1:
                enters = (current[turn],)
            elif ends and not apart:
                enters = ends[-1]
            ends.append(self.body(item.body, inner, enters, alone=True))
            self._close(self.groups[of_turn], ends[-1])
        left = tuple([node for end in ends for node in end]) if apart else ends[-1] if ends else current
        self._close(Group(path, kind, str(turns), item.position), left)
        return ends

    def _close(self, group: Group, left: Tensors) -> None:
        """Record a scope that has been built, and let its name mean what it leaves."""
        self.groups[group.name] = group
        self.names.give(group.name, left or (POISON,), group.position)
