"""The values of a description's formulas, where they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rfcalc.errors import Position, Related, option, quoted
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Mistakes
from rfcalc.graph.scope import LineNames, Scope, Tensors
from rfcalc.ops.attributes import PerAxis, Value, format_value
from rfcalc.shapes import LARGEST_SIZE, Shape, Size
from rfcalc.spec.evaluate import Names, evaluate, truth
from rfcalc.spec.signature import RESERVED
from rfcalc.spec.syntax import Formula, Loop
from rfcalc.spec.tokens import ExpressionError
from rfcalc.spec.trees import Expression
from rfcalc.symbolic.polynomial import Polynomial, is_integral

_Made = TypeVar("_Made")


class Values:
    """Evaluates formulas, noting mistakes."""

    def __init__(
        self,
        findings: Mistakes,
        channels: Callable[[Tensors], Value | None],
        effort: BuildEffort,
        is_operation: Callable[[str], bool],
    ) -> None:
        self.fail = findings.fail
        self.channels = channels
        self.is_operation = is_operation
        self.effort = effort

    def value(self, written: Formula, scope: Scope, current: Tensors) -> Value:
        """The value of a formula; raises Poisoned, the mistake noted, when it has none."""
        return self._evaluated(evaluate, written, scope, current)

    def condition(self, written: Formula, scope: Scope, current: Tensors) -> bool:
        """Whether a condition holds; raises Poisoned, the mistake noted, when it is undecided."""
        return self._evaluated(truth, written, scope, current)

    def size(self, written: Formula | None, scope: Scope, current: Tensors) -> Shape | None:
        """The size a formula states, None when there is no formula; raises Poisoned."""
        if written is None:
            return None
        try:
            return shape_of(self.value(written, scope, current))
        except ValueError as error:
            raise self.fail(str(error), written.position) from None

    def turns(self, written: Formula, scope: Scope, current: Tensors) -> int:
        """How often a repeat is built; raises Poisoned, the mistake noted."""
        count = self.value(written, scope, current)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            message = f"a repeat is a whole number of turns, at least 0; got {format_value(count)}"
            hint = f"{option('set')} gives a symbol a value" if isinstance(count, Polynomial) else ""
            raise self.fail(message, written.position, hint)
        return count

    def lists(self, loop: Loop, scope: Scope, current: Tensors) -> list[tuple[Formula | Value, ...]]:
        """The entries for each variable of a loop, of a list that is written out or that an expression is.

        Raises Poisoned, the mistake noted, where they are not as many.
        """
        found: list[tuple[Formula | Value, ...]] = []
        for name, written, place in loop.variables:
            if isinstance(written, Formula):
                value = self.value(written, scope, current)
                found.append(tuple(value) if isinstance(value, PerAxis) else (value,))
            else:
                found.append(written)
            if len(found[-1]) != len(found[0]):
                other, _, where = loop.variables[0]
                message = (
                    f"{quoted(name)} has {len(found[-1])} values, but {quoted(other)} has {len(found[0])}"
                )
                raise self.fail(message, place, "", (Related(f"{quoted(other)} stands here", where),))
        return found

    def knows(self, name: str, scope: Scope) -> bool:
        """Whether a name has a value here, or is read as a list of names that have."""
        names = (name, *filter(None, name.split("x")))
        return any(scope.lookup(part) is not None for part in names) or name in ("cin", "cin_block")

    def is_free(self, name: str, place: Position, scope: Scope) -> bool:
        """Whether a name may be given a value here; notes the mistake when it may not."""
        if name in RESERVED:
            self.fail(f"{quoted(name)} has a meaning of its own", place, "choose another name")
            return False
        earlier = scope.place_of(name)
        if earlier is None:
            return True
        first = Related(f"{quoted(name)} is given its value here", earlier)
        self.fail(f"{quoted(name)} already has a value here", place, "choose another name", (first,))
        return False

    def _evaluated(
        self, how: Callable[[Expression, Names], _Made], written: Formula, scope: Scope, current: Tensors
    ) -> _Made:
        tree = written.tree
        self.effort.charge("characters of expressions", tree.end - tree.start)
        # Only the top level itself, which holds parameters and symbols, has none around it.
        meanings = LineNames(
            scope,
            lambda: self.channels(current),
            self.effort,
            in_layers=scope.top is not None,
            is_operation=self.is_operation,
        )
        try:
            return how(tree, meanings)
        except ExpressionError as error:
            place = written.at(error.start, error.end)
            raise self.fail(error.message, place, error.hint, cause=error) from None


def shape_of(value: Value) -> Shape:
    """The shape that a written size states: spatial axes, then channels; raises ValueError."""
    entries = tuple(value) if isinstance(value, PerAxis) else (value,)
    if len(entries) > 4:
        raise ValueError(
            f"a size has up to three spatial axes, then channels; {format_value(value)} has more"
        )
    sizes = tuple(map(length_of, entries))
    return Shape(sizes[:-1], sizes[-1])


def length_of(entry: Value) -> Size:
    """A value that must be a length or a number of channels; raises ValueError for what is neither."""
    if isinstance(entry, int) and not isinstance(entry, bool):
        if not 1 <= entry <= LARGEST_SIZE:
            raise ValueError(f"a length is from 1 to 2^63, got {entry}")
        return entry
    if isinstance(entry, Polynomial) and is_integral(entry):
        if entry.sign() in (-1, 0):
            raise ValueError(f"a length is at least 1, got {format_value(entry)}")
        return entry
    raise ValueError(f"a length is a whole number, got {format_value(entry)}")
