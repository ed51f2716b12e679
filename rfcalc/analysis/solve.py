"""For which values of a symbol a comparison of figures holds: `params <= 136M`.

Both sides are exact polynomials, so the search for the values at which the sign of their difference
changes misses none.  Usually the difference only grows, or only falls; then anybody can check the
answer by two numbers: the last value at which the comparison holds, and the next, at which it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rfcalc.analysis.conditions import Comparison, at, comparisons
from rfcalc.analysis.existence import Range, existence, stretches
from rfcalc.errors import DescriptionError, Diagnostic, UsageError
from rfcalc.spec.expressions import Expression
from rfcalc.spec.tokens import ExpressionError
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.spec.syntax import Formula
    from rfcalc.symbolic.polynomial import Exact


class Directed(NamedTuple):
    """A comparison, and how left - right goes with the symbol.

    direction: 1 where it only grows, -1 where it only falls, 0 where it stays, None for none of these.
    """

    comparison: Comparison
    direction: int | None


class Certificate(NamedTuple):
    """What one value of the symbol gives.

    sides: left and right of every comparison; holds: whether all of them do.
    analysed: whether a network built with this value, as a number, has the same figures.
    """

    value: int
    sides: tuple[tuple[Exact, Exact], ...]
    holds: bool
    analysed: bool = False


class Solution(NamedTuple):
    """The answer.

    network: the network the condition is about.  condition: as written.
    exists: the values for which the network exists.
    holds: those of them that fulfil the condition; None when there are none.
    certificates: for each end of `holds` the last value that fulfils it and the next, which does not;
    where none does, what the values come to where they come nearest.  In ascending order.
    """

    network: NetworkAnalysis
    condition: str
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


def solve(network: NetworkAnalysis, condition: Formula, size: int = 4) -> Solution:
    """For which values of its one symbol a condition on the figures of a network holds.

    condition: comparisons of figures joined by `and`; size: the bytes of one number.
    Raises DescriptionError, at the place in the condition, when it cannot be answered.
    """
    try:
        return _solve(network, condition, size)
    except SymbolicError as error:
        raise DescriptionError([Diagnostic(str(error), condition.position)]) from None
    except ExpressionError as error:
        place = condition.at(error.start, error.end)
        raise DescriptionError([Diagnostic(error.message, place, hint=error.hint)]) from None


def _solve(network: NetworkAnalysis, condition: Formula, size: int) -> Solution:
    tree = condition.tree
    read = comparisons(condition, network, size)
    symbol = _symbol(read, network, tree)
    exists = _existence(network, symbol, tree)
    directed = tuple(Directed(one, _direction(one, symbol, exists)) for one in read)
    holds: Range | None = exists
    ends: set[int] = set()
    for one in read:
        found = _fulfilled(one, symbol, exists)
        # What equals is what is neither too small nor too large: where nothing does, those ends tell.
        parts = [one._replace(operator=operator) for operator in ("<=", ">=")]
        for part in [one] if found or one.operator != "==" else parts:
            ends.update(_ends(_fulfilled(part, symbol, exists), exists))
        holds = holds and found and holds.meet(found)
    shown = sorted(set(_ends(holds, exists)) if holds else ends)
    certificates = tuple(_certificate(read, symbol, value) for value in shown)
    text = condition.scalar.text[condition.offset :].strip()
    return Solution(network, text, symbol, directed, exists, holds, certificates)


def _symbol(read: Sequence[Comparison], network: NetworkAnalysis, tree: Expression) -> str:
    """The one symbol the condition depends on."""
    symbols = network.graph.symbols
    sides = [side for one in read for side in (one.left, one.right) if isinstance(side, Polynomial)]
    used = sorted({symbol for side in sides for symbol in side.symbols})
    if len(used) == 1:
        return used[0]
    if used:
        others = " ".join(f"--set {name}=…" for name in used[1:])
        raise ExpressionError(
            f"this depends on {_listed(used)}, and one symbol can be solved for",
            tree.start,
            tree.end,
            f"give the others a value: {others}",
        )
    if len(symbols) == 1:
        return symbols[0]
    if symbols:
        raise ExpressionError(f"this depends on none of {_listed(symbols)}", tree.start, tree.end)
    parameters = [f"--set {name}={name[0].upper()}" for name in network.graph.parameters]
    advice = " or ".join([*parameters[:3], "--input '(32*h)x(32*h)x3'"])
    raise ExpressionError(
        "the network has no symbol to solve for",
        tree.start,
        tree.end,
        f"leave a parameter or a size open, as in {advice}",
    )


def _existence(network: NetworkAnalysis, symbol: str, tree: Expression) -> Range:
    """The values of the symbol for which the network exists; ExpressionError where they are no range."""
    found = existence(network.graph)[symbol]
    if found.range is not None:
        return found.range
    assert found.cause is not None
    cause = f"{_short(str(found.cause))} must be at least 1"
    others = [name for name in found.cause.symbols if name != symbol]
    if others:
        raise ExpressionError(
            f"for which {symbol} the network exists depends on {_listed(others)} as well: {cause}",
            tree.start,
            tree.end,
            f"give the others a value: {' '.join(f'--set {name}=…' for name in others)}",
        )
    none = f"the network exists for no value of {symbol}"
    several = f"the values of {symbol} for which the network exists are no range"
    raise ExpressionError(f"{several if found.ranges else none}: {cause}", tree.start, tree.end)


def _fulfilled(comparison: Comparison, symbol: str, exists: Range) -> Range | None:
    """The values that fulfil a comparison; None when there are none.

    Raises ExpressionError when they are several ranges.
    """
    difference = comparison.left - comparison.right
    if not isinstance(difference, Polynomial):
        return exists if comparison.allows(_sign(difference)) else None
    ranges: list[Range] = []
    for stretch, sign in stretches(difference):
        part = stretch.meet(exists) if comparison.allows(sign) else None
        if part and ranges and ranges[-1].last == part.first - 1:
            ranges[-1] = Range(ranges[-1].first, part.last)
        elif part:
            ranges.append(part)
    if len(ranges) > 1:
        shown = [_range_text(one) for one in ranges[:4]]
        raise ExpressionError(
            f"no one value is the answer: this holds for {symbol} {_listed(shown)}",
            comparison.start,
            comparison.end,
            f"{_short(str(difference))} neither only grows nor only falls with {symbol}",
        )
    return ranges[0] if ranges else None


def _direction(comparison: Comparison, symbol: str, exists: Range) -> int | None:
    """How left - right goes with the symbol: see Directed."""
    difference = comparison.left - comparison.right
    if not isinstance(difference, Polynomial):
        return 0
    # A step is taken from one value to the next, so the last value takes none.
    steps = Range(exists.first, None if exists.last is None else exists.last - 1)
    step = difference.evaluate({symbol: Polynomial.symbol(symbol) + 1}) - difference
    if not isinstance(step, Polynomial):
        return _sign(step)
    signs = {sign for stretch, sign in stretches(step) if sign and stretch.meet(steps)}
    return signs.pop() if len(signs) == 1 else None if signs else 0


def _sign(number: Exact) -> int:
    return (number > 0) - (number < 0)


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


def _certificate(read: Sequence[Comparison], symbol: str, value: int) -> Certificate:
    sides = tuple((at(one.left, symbol, value), at(one.right, symbol, value)) for one in read)
    return Certificate(value, sides, all(one.holds(symbol, value) for one in read))


def confirmed(
    solution: Solution, analysed: Callable[[int], NetworkAnalysis], condition: Formula, size: int
) -> Solution:
    """The solution, its certificates compared with networks built with the values in place of the symbol.

    analysed: the network with a value for the symbol; raises DescriptionError where there is none.
    Raises UsageError where the condition holds but no network can be built, or has other figures.
    """
    certificates = []
    symbol = solution.symbol
    for certificate in solution.certificates:
        try:
            network = analysed(certificate.value)
        except DescriptionError as error:
            if certificate.holds:
                raise UsageError(
                    f"the condition holds for {symbol} = {_short(str(certificate.value))}, but the network "
                    f"cannot be built with that: {error.diagnostics[0].message}"
                ) from None
            certificates.append(certificate)
            continue
        read = comparisons(condition, network, size, {symbol: certificate.value})
        if tuple((one.left, one.right) for one in read) != certificate.sides:
            raise UsageError(
                f"the network with {symbol} = {certificate.value} has other figures than its polynomials say"
            )
        certificates.append(certificate._replace(analysed=True))
    return solution._replace(certificates=tuple(certificates))


def _range_text(values: Range) -> str:
    if values.first == values.last:
        return str(values.first)
    return f"from {values.first} {'up' if values.last is None else f'to {values.last}'}"


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
