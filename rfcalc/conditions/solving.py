"""For which values of a symbol a condition holds: `params <= 136M`.

Between two values at which the difference of two sides changes its sign a condition holds for all values or
for none; as the sides are exact polynomials, none of these is missed.  Usually a difference only grows, or
only falls; then anybody can check the answer by two numbers: the last value at which the condition holds, and
the next, at which it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

from rfcalc.analysis.existence import ValueRange, existence, stretches
from rfcalc.conditions.evaluation import ClauseComparison, Condition, evaluated
from rfcalc.conditions.judgement import decided, truth, undecided
from rfcalc.conditions.measures import Measures
from rfcalc.conditions.words import places, settings
from rfcalc.errors import DescriptionError, Diagnostic, UsageError, cut, listed, option, printable
from rfcalc.records import NamedTuple
from rfcalc.spec.tokens import ComparisonSign, ExpressionError
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.spec.nodes import ScalarNode
    from rfcalc.symbolic.polynomial import Exact
    from rfcalc.units import NumberFormats

    # Left and right of a comparison.
    Sides = tuple[Exact, Exact]


# Each value that is reported needs a network of its own.
MOST_TOLD = 16
# Different numbers that are compared, and how often two are, some microseconds each.
MOST_INEQUALITIES = 1_000
MOST_COMPARED = 1_000_000


class Inequality(NamedTuple):
    """Two numbers that are compared; left_text and right_text: what they are, as the condition has it.

    direction: how left - right goes with the symbol: 1 where it only grows, -1 where it only falls, 0
    where it stays, None for none of these.
    """

    left_text: str
    operator: ComparisonSign
    right_text: str
    left: Exact
    right: Exact
    direction: int | None = None

    def at(self, symbol: str, value: int) -> Sides:
        """Both sides with a value in place of a symbol."""
        return at(self.left, symbol, value), at(self.right, symbol, value)

    def holds(self, sides: Sides) -> bool:
        """Whether it holds for numbers in place of its sides."""
        return bool(decided(sides[0], self.operator, sides[1]))


class Certificate(NamedTuple):
    """What one value of the symbol gives.

    sides: left and right of every comparison.  holds: whether the condition does.  analysed: whether a
    network built with this value, as a number, has these figures.
    """

    value: int
    sides: tuple[Sides, ...]
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
    comparisons: tuple[Inequality, ...]
    exists: ValueRange
    holds: ValueRange | None
    certificates: tuple[Certificate, ...]

    def __repr__(self) -> str:
        values = (
            f"{self.symbol} from {self.smallest} to {self.largest or '∞'}"
            if self.holds
            else f"no {self.symbol}"
        )
        return f"<{type(self).__name__} of {self.network.name}: {printable(self.condition)} for {values}>"

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
    dtype: NumberFormats,
    analysed: Callable[[str, int], NetworkAnalysis],
) -> Solution:
    """For which values of its one symbol a condition on the figures of a network holds.

    dtype: the formats of numbers that take bytes.  analysed: the network with a number in place of a symbol;
    raises DescriptionError where there is none.  Raises DescriptionError, at the place in the condition, when
    it cannot be answered, and UsageError where the answer is not that of the networks with numbers.
    """
    evaluation = evaluated(condition.text, Measures(network, dtype))
    problems = list(evaluation.problems)
    if not problems:
        try:
            return _SolutionSearch(network, evaluation, dtype, analysed).solution()
        except SymbolicError as error:
            problems = [ExpressionError(str(error), 0, len(condition.text))]
        except ExpressionError as error:
            problems = [error]
    raise DescriptionError(
        Diagnostic(each.message, condition.at(each.start, each.end), hint=each.hint) for each in problems
    )


class _SolutionSearch:
    """The search for the values of one symbol.

    stretches: the values, so that within one each comparison holds for all or for none.
    """

    def __init__(
        self,
        network: NetworkAnalysis,
        condition: Condition,
        dtype: NumberFormats,
        analysed: Callable[[str, int], NetworkAnalysis],
    ) -> None:
        self.network = network
        self.condition = condition
        self.dtype = dtype
        self.analysed = analysed
        self.inequalities = {one.place: _inequalities(one) for one in condition.comparisons}
        self.compared = [one for ones in self.inequalities.values() for one in ones]
        if len(self.compared) > MOST_INEQUALITIES:
            raise self._error(f"this compares more than {MOST_INEQUALITIES:,} different numbers")
        self.symbol = self._symbol()
        self.exists = self._existence()
        self.stretches = self._stretches()

    def solution(self) -> Solution:
        """The answer, its certificates compared with networks built with numbers."""
        condition, exists = self.condition, self.exists
        found: list[ValueRange] = []
        for stretch in self.stretches:
            if self._holds(stretch.first):
                joined = bool(found) and found[-1].last == stretch.first - 1
                found.append(ValueRange(found.pop().first, stretch.last) if joined else stretch)
        directed = [one._replace(direction=self._direction(one)) for one in self.compared]
        if len(found) > 1:
            ranges = listed([_range_text(one) for one in found[:4]])
            turning = [cut(str(one.left - one.right)) for one in directed if one.direction is None]
            hint = f"{turning[0]} neither only grows nor only falls with {self.symbol}" if turning else ""
            raise self._error(f"no one value is the answer: this holds for {self.symbol} {ranges}", hint)
        # Where nothing holds, the values tell between which some comparison does and another does not.
        cuts = [value for each in self.stretches[1:] for value in (each.first - 1, each.first)]
        ends = _ends(found[0], exists) if found else cuts[:MOST_TOLD] or _ends(exists, exists)
        return Solution(
            self.network,
            condition.text.strip(),
            any(reading.kind == "bytes" for one in condition.comparisons for reading in one.readings),
            self.symbol,
            tuple(directed),
            exists,
            found[0] if found else None,
            tuple(self._certificate(value) for value in sorted(set(ends))),
        )

    def _holds(self, value: int) -> bool:
        """Whether the condition holds for a value; raises ExpressionError where that is not decided."""
        values = {self.symbol: value}
        holds = truth(self.condition.clause, values)
        if holds is None:
            raise next(
                undecided(one, values) for one in self.condition.comparisons if truth(one, values) is None
            )
        return holds

    def _certificate(self, value: int) -> Certificate:
        """What a value gives, compared with the network that has it as a number."""
        symbol, holds = self.symbol, self._holds(value)
        known = {place: [one.at(symbol, value) for one in ones] for place, ones in self.inequalities.items()}
        told = tuple(sides for each in known.values() for sides in each)
        try:
            network = self.analysed(symbol, value)
        except DescriptionError as error:
            if holds:
                raise UsageError(
                    f"the condition holds for {symbol} = {cut(str(value))}, but the network cannot be built "
                    f"with that: {error.diagnostics[0].message}"
                ) from None
            return Certificate(value, told, holds)
        numeric = evaluated(self.condition.text, Measures(network, self.dtype, {symbol: value}))
        for place, sides in known.items():
            there = next((_inequalities(one) for one in numeric.comparisons if one.place == place), ())
            if {(one.left, one.right) for one in there} != set(sides):
                raise UsageError(
                    f"the network with {symbol} = {value} has other figures than its polynomials say"
                )
        return Certificate(value, told, holds, analysed=True)

    def _symbol(self) -> str:
        """The one symbol the condition depends on."""
        symbols = self.network.graph.symbols
        sides = (side for one in self.compared for side in (one.left, one.right))
        used = sorted({name for side in sides if isinstance(side, Polynomial) for name in side.symbols})
        if len(used) == 1 or (not used and len(symbols) == 1):
            return (used or symbols)[0]
        if used:
            message = f"this depends on {listed(used)}, and one symbol can be solved for"
            raise self._error(message, f"give the others a value: {settings(used[1:])}")
        always = truth(self.condition.clause, {})
        holds = "is not decided" if always is None else "holds" if always else "does not hold"
        if symbols:
            raise self._error(f"this depends on none of {listed(symbols)}: it {holds} for all their values")
        parameters = [option("set", {name: name[0].upper()}) for name in self.network.graph.parameters]
        advice = " or ".join([*parameters[:3], option("input", "(32*h)x(32*h)x3")])
        message = f"the network has no symbol to solve for; as it is, this {holds}"
        raise self._error(message, f"leave a parameter or a size open, as in {advice}")

    def _existence(self) -> ValueRange:
        """The values of the symbol for which the network exists; ExpressionError where they are no range."""
        found = existence(self.network.graph)[self.symbol]
        if found.range is not None:
            return found.range
        assert found.cause is not None
        cause = f"{cut(str(found.cause))} must be at least 1"
        values = f"the values of {self.symbol} for which the network exists"
        others = [name for name in found.cause.symbols if name != self.symbol]
        if others:
            message = f"{values} depend on {listed(others)} as well: {cause}"
            raise self._error(message, f"give the others a value: {settings(others)}")
        none = f"the network exists for no value of {self.symbol}"
        raise self._error(f"{f'{values} are no range' if found.ranges else none}: {cause}")

    def _stretches(self) -> list[ValueRange]:
        """The values for which the network exists, cut where a comparison may begin or cease to hold."""
        starts = {self.exists.first}
        for one in self.compared:
            difference = one.left - one.right
            if isinstance(difference, Polynomial):
                starts.update(stretch.first for stretch, _ in stretches(difference))
        inside = sorted(start for start in starts if self.exists.meet(ValueRange(start, start)))
        if len(inside) * sum(len(list(one.pairs)) for one in self.condition.comparisons) > MOST_COMPARED:
            raise self._error("this compares too many layers at too many values")
        ends = [*(following - 1 for following in inside[1:]), self.exists.last]
        return list(map(ValueRange, inside, ends))

    def _direction(self, one: Inequality) -> int | None:
        """How left - right goes with the symbol: see Inequality."""
        difference = one.left - one.right
        if not isinstance(difference, Polynomial):
            return 0
        first, last = self.exists
        # A step is taken from one value to the next, so the last value takes none.
        steps = ValueRange(first, None if last is None else last - 1)
        step = difference.evaluate({self.symbol: Polynomial.symbol(self.symbol) + 1}) - difference
        if not isinstance(step, Polynomial):
            return (step > 0) - (step < 0)
        signs = {sign for stretch, sign in stretches(step) if sign and stretch.meet(steps)}
        return signs.pop() if len(signs) == 1 else None if signs else 0

    def _error(self, message: str, hint: str = "") -> ExpressionError:
        text = self.condition.text
        return ExpressionError(message, len(text) - len(text.lstrip()), len(text.rstrip()), hint)


def _inequalities(one: ClauseComparison) -> tuple[Inequality, ...]:
    """The numbers that a comparison compares, each two once; of a span both ends."""
    several = len({(pair.left, pair.right) for pair in one.pairs}) > 1
    found: dict[Sides, Inequality] = {}
    for group in one.groups:
        axes = places(one.left.kind, len(group)) if len(group) > 1 else [""]
        for pair in group:
            where = f" {pair.part.label} {axes[pair.axis]}".replace("  ", " ").rstrip() if several else ""
            for (end, left), (_, right) in product(_span_ends(pair.left), _span_ends(pair.right)):
                told = f"{one.left.text}{where}{end}"
                found.setdefault((left, right), Inequality(told, one.operator, one.right.text, left, right))
    return tuple(found.values())


def _span_ends(span: Span) -> tuple[tuple[str, Exact], ...]:
    """The values of which a comparison must hold, and what each is."""
    if span.at_most:
        return ((" (at most)", span.high),)
    return (("", span.low),) if span.low == span.high else ((" (least)", span.low), (" (most)", span.high))


def _ends(found: ValueRange, exists: ValueRange) -> Iterator[int]:
    """The values that prove the ends of a range: those on both sides of it, as far as the network exists."""
    if found.first > exists.first:
        yield from (found.first - 1, found.first)
    elif found == exists:
        yield found.first
    if found.last is not None:
        yield found.last
        if found.last != exists.last:
            yield found.last + 1


def _range_text(values: ValueRange) -> str:
    if values.first == values.last:
        return str(values.first)
    return f"from {values.first} {'up' if values.last is None else f'to {values.last}'}"
