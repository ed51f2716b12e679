"""For which values of a symbol a condition holds: `params <= 136M`.

Between two values at which the difference of two sides changes its sign a condition holds for all values or
for none; as the sides are exact polynomials, none of these is missed.  Usually a difference only grows, or
only falls; then anybody can check the answer by two numbers: the last value at which the condition holds, and
the next, at which it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.existence import Range, existence, lengths_under_windows, stretches
from rfcalc.conditions.evaluation import Clause, Comparison, Condition, Pair, evaluated
from rfcalc.conditions.judgement import decided, truth, undecided_problem
from rfcalc.conditions.measures import Measures
from rfcalc.conditions.values import places
from rfcalc.errors import DescriptionError, Diagnostic, UsageError
from rfcalc.spec.tokens import ExpressionError
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.spec.nodes import ScalarNode
    from rfcalc.symbolic.polynomial import Exact


# Each value at which a window is as large as its map asks for a network of its own.
MOST_COVERED = 64


class Inequality(NamedTuple):
    """Two numbers that are compared; left_text and right_text: what they are, as the condition has it."""

    left_text: str
    operator: str
    right_text: str
    left: Exact
    right: Exact

    def holds(self, left: Exact, right: Exact) -> bool:
        """Whether it holds for numbers in place of its sides."""
        return bool(decided(left, self.operator, right))


class Directed(NamedTuple):
    """A comparison, and how left - right goes with the symbol.

    direction: 1 where it only grows, -1 where it only falls, 0 where it stays, None for none of these.
    """

    comparison: Inequality
    direction: int | None


class Certificate(NamedTuple):
    """What one value of the symbol gives.

    sides: left and right of every comparison, None where they are not known.  holds: whether the condition
    does.  analysed: whether a network built with this value, as a number, has these figures.
    """

    value: int
    sides: tuple[tuple[Exact, Exact] | None, ...]
    holds: bool
    analysed: bool = False


class Solution(NamedTuple):
    """The answer.

    network: the network the condition is about.  condition: as written.  in_bytes: whether bytes are in it.
    exists: the values for which every size of the network is at least 1.
    holds: those of them that fulfil the condition; None when there are none.
    certificates: for each end of `holds` the last value that fulfils it and the next, which does not;
    where none does, what the values come to where they come nearest.  In ascending order.
    """

    network: NetworkAnalysis
    condition: str
    in_bytes: bool
    symbol: str
    comparisons: tuple[Directed, ...]
    exists: Range
    holds: Range | None
    certificates: tuple[Certificate, ...]

    @property
    def smallest(self) -> int | None:
        """The smallest value that fulfils the condition; None when none does."""
        return self.holds and self.holds.first

    @property
    def largest(self) -> int | None:
        """The largest value that fulfils the condition; None when none does, or there is no largest."""
        return self.holds and self.holds.last


def at(number: Exact, symbol: str, value: int) -> Exact:
    """The number with a value in place of a symbol."""
    return number.evaluate({symbol: value}) if isinstance(number, Polynomial) else number


def solve(
    network: NetworkAnalysis,
    condition: ScalarNode,
    length: int,
    analysed: Callable[[str, int], NetworkAnalysis],
) -> Solution:
    """For which values of its one symbol a condition on the figures of a network holds.

    length: the bytes of one number.  analysed: the network with a number in place of a symbol; raises
    DescriptionError where there is none.  Raises DescriptionError, at the place in the condition, when it
    cannot be answered, and UsageError where the answer is not that of the networks with numbers.
    """
    evaluation = evaluated(condition.text, Measures(network, length))
    problems = [ExpressionError(*problem) for problem in evaluation.problems]
    if not problems:
        try:
            return _Search(network, evaluation, length, analysed).solution()
        except SymbolicError as error:
            problems = [ExpressionError(str(error), 0, len(condition.text))]
        except ExpressionError as error:
            problems = [error]
    raise DescriptionError(
        Diagnostic(each.message, condition.at(each.start, each.end), hint=each.hint) for each in problems
    )


class _Search:
    """The search for the values of one symbol.

    numeric: the condition on networks with some values as numbers: those for which a window is as large as
    its map, where fields are others than for all larger ones.  stretches: the values, so that within one each
    comparison holds for all or for none.
    """

    def __init__(
        self,
        network: NetworkAnalysis,
        condition: Condition,
        length: int,
        analysed: Callable[[str, int], NetworkAnalysis],
    ) -> None:
        self.network = network
        self.condition = condition
        self.length = length
        self.analysed = analysed
        self.inequalities = [each for one in condition.comparisons for each in _inequalities(one)]
        self.symbol = self._symbol()
        self.exists = self._existence()
        self.numeric = {value: self._with_number(value) for value in self._covered()}
        self.stretches = tuple(self._stretches())

    def solution(self) -> Solution:
        """The answer, its certificates compared with networks built with numbers."""
        condition, exists = self.condition, self.exists
        found = self._holding(condition.clause)
        if len(found) > 1:
            raise self._several(found)
        holds = found[0] if found else None
        certificates = [self._certificate(value) for value in sorted(self._telling(holds))]
        # Of comparisons of the same numbers, as along two axes, the first one tells.
        first: dict[object, int] = {}
        for number, one in enumerate(self.inequalities):
            first.setdefault((one.operator, one.left, one.right), number)
        return Solution(
            self.network,
            condition.text.strip(),
            any(reading.kind == "bytes" for one in condition.comparisons for reading in one.readings),
            self.symbol,
            tuple(
                Directed(self.inequalities[n], self._direction(self.inequalities[n])) for n in first.values()
            ),
            exists,
            holds,
            tuple(
                one._replace(sides=tuple(one.sides[number] for number in first.values()))
                for one in certificates
            ),
        )

    def _telling(self, holds: Range | None) -> set[int]:
        """The values that prove the answer, or that come nearest to one."""
        if holds is not None:
            return set(_ends(holds, self.exists))
        ends: set[int] = set()
        for one in self.condition.comparisons:
            # What equals is what is neither too small nor too large: where nothing does, those ends tell.
            whole = one.operator != "==" or bool(self._holding(one))
            for part in [one] if whole else [one._replace(operator=each) for each in ("<=", ">=")]:
                ranges: list[Range | None] = [*self._holding(part)]
                ends.update(end for each in ranges or [None] for end in _ends(each, self.exists))
        return ends or set(_ends(None, self.exists))

    def _holding(self, clause: Clause) -> list[Range]:
        """The values for which a part of the condition holds, as few ranges as possible.

        Raises ExpressionError where it is not decided whether the whole condition does.
        """
        found: list[Range] = []
        for stretch in self.stretches:
            whole = clause is self.condition.clause
            holds = self._holds(stretch.first) if whole else truth(clause, {self.symbol: stretch.first})
            if holds and found and found[-1].last == stretch.first - 1:
                found[-1] = Range(found[-1].first, stretch.last)
            elif holds:
                found.append(stretch)
        return found

    def _holds(self, value: int) -> bool:
        """Whether the condition holds for a value; raises ExpressionError where that is not decided."""
        if value in self.numeric:
            numeric = self.numeric[value]
            return isinstance(numeric, Condition) and truth(numeric.clause, {}) is True
        values = {self.symbol: value}
        holds = truth(self.condition.clause, values)
        if holds is None:
            undecided = (one for one in self.condition.comparisons if truth(one, values) is None)
            raise ExpressionError(*undecided_problem(next(undecided), values))
        return holds

    def _certificate(self, value: int) -> Certificate:
        """What a value gives, compared with the network that has it as a number."""
        symbol, holds = self.symbol, self._holds(value)
        known = [(at(one.left, symbol, value), at(one.right, symbol, value)) for one in self.inequalities]
        numeric = self.numeric.get(value) or self._with_number(value)
        if not isinstance(numeric, Condition):
            if holds:
                shown = _shortened(str(value))
                raise UsageError(
                    f"the condition holds for {symbol} = {shown}, but the network cannot be built with that: "
                    f"{numeric.diagnostics[0].message}"
                )
            return Certificate(value, tuple(known), holds)
        there = {one.place: [each[-2:] for each in _inequalities(one)] for one in numeric.comparisons}
        sides: list[tuple[Exact, Exact] | None] = []
        for one in self.condition.comparisons:
            # Behind a window as large as its map some figures of fields are not known.
            length = len(list(_inequalities(one)))
            found = there.get(one.place, [])
            sides += found if len(found) == length else [None] * length
        if value not in self.numeric and sides != known:
            raise UsageError(
                f"the network with {symbol} = {value} has other figures than its polynomials say"
            )
        return Certificate(value, tuple(sides), holds, analysed=True)

    def _with_number(self, value: int) -> Condition | DescriptionError:
        """The condition on the network with a number in place of the symbol, or why there is none."""
        try:
            network = self.analysed(self.symbol, value)
        except DescriptionError as error:
            return error
        return evaluated(self.condition.text, Measures(network, self.length, {self.symbol: value}))

    def _symbol(self) -> str:
        """The one symbol the condition depends on."""
        symbols = self.network.graph.symbols
        sides = (side for one in self.inequalities for side in (one.left, one.right))
        used = sorted({name for side in sides if isinstance(side, Polynomial) for name in side.symbols})
        if len(used) == 1:
            return used[0]
        if used:
            raise self._error(
                f"this depends on {_listed(used)}, and one symbol can be solved for",
                f"give the others a value: {' '.join(f'--set {name}=…' for name in used[1:])}",
            )
        if len(symbols) == 1:
            return symbols[0]
        always = truth(self.condition.clause, {})
        holds = "is not decided" if always is None else "holds" if always else "does not hold"
        if symbols:
            raise self._error(f"this depends on none of {_listed(symbols)}: it {holds} for all their values")
        parameters = [f"--set {name}={name[0].upper()}" for name in self.network.graph.parameters]
        advice = " or ".join([*parameters[:3], "--input '(32*h)x(32*h)x3'"])
        raise self._error(
            f"the network has no symbol to solve for; as it is, this {holds}",
            f"leave a parameter or a size open, as in {advice}",
        )

    def _existence(self) -> Range:
        """The values of the symbol for which the network exists; ExpressionError where they are no range."""
        symbol = self.symbol
        exists, size = existence(self.network.graph)[symbol]
        if exists is not None:
            return exists
        assert size is not None
        others = [name for name in size.symbols if name != symbol]
        if others:
            raise self._error(
                f"for which {symbol} the network exists depends on {_listed(others)} as well: "
                f"one of its sizes is {size}",
                f"give the others a value: {' '.join(f'--set {name}=…' for name in others)}",
            )
        raise self._error(
            f"the values of {symbol} for which the network exists are no range: one of its sizes is {size}"
        )

    def _covered(self) -> Iterator[int]:
        """The values for which a window is as large as its map, where the condition speaks of fields."""
        readings = (reading for one in self.condition.comparisons for reading in one.readings)
        if all(reading.kind != "field" for reading in readings):
            return
        found: set[int] = set()
        for length in dict.fromkeys(lengths_under_windows(self.network.graph)):
            if length.symbols == (self.symbol,):
                wider = length - 1
                assert isinstance(wider, Polynomial)
                found.update(each.first for each, sign in stretches(wider) if not sign)
        if len(found) > MOST_COVERED:
            raise self._error(f"for more than {MOST_COVERED} values of {self.symbol} a window covers its map")
        yield from (value for value in found if self.exists.meet(Range(value, value)))

    def _stretches(self) -> Iterator[Range]:
        """The values for which the network exists, cut where a comparison may begin or cease to hold."""
        starts = {self.exists.first}
        for one in self.inequalities:
            difference = one.left - one.right
            if isinstance(difference, Polynomial):
                starts.update(stretch.first for stretch, _ in stretches(difference))
        for value in self.numeric:
            starts |= {value, value + 1}
        inside = sorted(start for start in starts if self.exists.meet(Range(start, start)))
        yield from (Range(start, following - 1) for start, following in pairwise(inside))
        yield Range(inside[-1], self.exists.last)

    def _direction(self, one: Inequality) -> int | None:
        """How left - right goes with the symbol: see Directed."""
        difference = one.left - one.right
        if not isinstance(difference, Polynomial):
            return 0
        first, last = self.exists
        # A step is taken from one value to the next, so the last value takes none.
        steps = Range(first, None if last is None else last - 1)
        step = difference.evaluate({self.symbol: Polynomial.symbol(self.symbol) + 1}) - difference
        if not isinstance(step, Polynomial):
            return (step > 0) - (step < 0)
        signs = {sign for stretch, sign in stretches(step) if sign and stretch.meet(steps)}
        return signs.pop() if len(signs) == 1 else None if signs else 0

    def _several(self, found: Sequence[Range]) -> ExpressionError:
        """The error about a condition that holds over several ranges."""
        told = _listed([_range_text(one) for one in found[:4]])
        hint = ""
        if len(self.inequalities) == 1:
            difference = self.inequalities[0].left - self.inequalities[0].right
            shown = _shortened(str(difference))
            hint = f"{shown} neither only grows nor only falls with {self.symbol}"
        return self._error(f"no one value is the answer: this holds for {self.symbol} {told}", hint)

    def _error(self, message: str, hint: str = "") -> ExpressionError:
        text = self.condition.text
        return ExpressionError(message, len(text) - len(text.lstrip()), len(text.rstrip()), hint)


def _inequalities(one: Comparison) -> Iterator[Inequality]:
    """The numbers that a comparison compares; of a span both ends."""
    several = len({(pair.left, pair.right) for pair in one.pairs}) > 1
    for group in one.groups:
        for pair in group:
            where = _where(one, pair, len(group)) if several else ""
            for (end, left), (_, right) in product(_span_ends(pair.left), _span_ends(pair.right)):
                yield Inequality(f"{one.left.text}{where}{end}", one.operator, one.right.text, left, right)


def _where(one: Comparison, pair: Pair, axes: int) -> str:
    """Of which layer and along which axis the two values of a pair are."""
    label = f" {pair.part.label}" if pair.part.label else ""
    return f"{label} {places(one.left.kind, axes)[pair.axis]}" if axes > 1 else label


def _span_ends(span: Span) -> tuple[tuple[str, Exact], ...]:
    """The values of which a comparison must hold, and what each is."""
    if span.at_most:
        return ((" (at most)", span.high),)
    return (("", span.low),) if span.low == span.high else ((" (least)", span.low), (" (most)", span.high))


def _ends(found: Range | None, exists: Range) -> Iterator[int]:
    """The values that prove the ends of a range: those on both sides of it, as far as the network exists."""
    if found is None or found == exists:
        yield exists.first
        if exists.last is not None:
            yield exists.last
        return
    if found.first > exists.first:
        yield from (found.first - 1, found.first)
    if found.last is not None:
        yield found.last
        if found.last != exists.last:
            yield found.last + 1


def _range_text(values: Range) -> str:
    if values.first == values.last:
        return str(values.first)
    return f"from {values.first} {'up' if values.last is None else f'to {values.last}'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
