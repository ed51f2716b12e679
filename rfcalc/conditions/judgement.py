"""Whether a condition holds for a network, for values of its symbols or for all of them.

A comparison holds for everything it is about, every phase, axis and layer; what is not known to hold and
not known to fail is undecided, which is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rfcalc.conditions.evaluation import MIRRORED, Clause, ClauseComparison, Junction, SpanPair, evaluated
from rfcalc.conditions.words import RELATIONS, amount, ends, places, sizes
from rfcalc.records import NamedTuple
from rfcalc.spec.evaluate import COMPARED
from rfcalc.spec.tokens import ComparisonSign, ExpressionError
from rfcalc.symbolic.polynomial import SymbolicError

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.conditions.measures import Measures
    from rfcalc.symbolic.polynomial import Exact


class Failed(NamedTuple):
    """A comparison that does not hold, and the pairs by which it does not."""

    comparison: ClauseComparison
    pairs: tuple[SpanPair, ...]


class Verdict(NamedTuple):
    """What is found of a condition.

    holds: None when that is undecided.  causes: when it does not hold, the comparisons to which that is
    due.  problems: what cannot be evaluated, whether or not the condition depends on it.
    """

    text: str
    holds: bool | None
    causes: tuple[Failed, ...]
    problems: tuple[ExpressionError, ...]


def judge(text: str, measures: Measures) -> Verdict:
    """Whether a condition holds for the network that is measured, for all values of its symbols."""
    condition = evaluated(text, measures)
    left: list[ClauseComparison] = []
    holds, causes = _truth(condition.clause, {}, left)
    problems = (*condition.problems, *map(undecided, left))
    return Verdict(text, holds, causes, tuple(sorted(problems, key=lambda each: (each.start, each.end))))


def truth(clause: Clause, values: Mapping[str, int]) -> bool | None:
    """Whether a part of a condition holds for values of the symbols; None when that is undecided."""
    return _truth(clause, values, [])[0]


_Decision = tuple[bool | None, tuple[Failed, ...]]


def _truth(clause: Clause, values: Mapping[str, int], left: list[ClauseComparison]) -> _Decision:
    """Whether a part holds, and the comparisons by which it does not; those left undecided are noted."""
    if isinstance(clause, Junction):
        parts = [_truth(part, values, left) for part in clause.clauses]
        holds = _joined((each for each, _ in parts), any_of=clause.any_of)
        causes = tuple(cause for each, causes in parts if each is False for cause in causes)
        return holds, causes if holds is False else ()
    if not isinstance(clause, ClauseComparison):
        return clause, ()
    failed: list[SpanPair] = []
    results = []
    for group in clause.groups:
        pairs = [pair.at(values) for pair in group] if values else group
        found = [_holds(pair.left, clause.operator, pair.right) for pair in pairs]
        results.append(_joined(found, any_of=clause.any_of))
        if results[-1] is False:
            failed += (pair for pair, each in zip(pairs, found, strict=True) if each is False)
    holds = _joined(results, any_of=False)
    if holds is None:
        left.append(clause)
    return holds, (Failed(clause, tuple(failed)),) if holds is False else ()


def _joined(results: Iterable[bool | None], *, any_of: bool) -> bool | None:
    """What several parts come to: one that fails settles that all hold, one that holds that any does."""
    known = list(results)
    if any_of in known:
        return any_of
    return None if None in known else not any_of


def _holds(left: Span, operator: ComparisonSign, right: Span) -> bool | None:
    """Whether a comparison holds for all values of both sides."""
    if left.at_most and right.at_most:
        return None
    if right.at_most:
        return _holds(right, MIRRORED[operator], left)
    if left.at_most:
        return _bounded(left.high, operator, right)
    lefts = (left.low,) if left.low == left.high else (left.low, left.high)
    rights = (right.low,) if right.low == right.high else (right.low, right.high)
    results = [decided(one, operator, two) for one in lefts for two in rights]
    if all(results):
        # A value between two ends may be one of those that are not allowed.
        several = len(lefts) + len(rights) > 2
        overlap = several and left.low < right.high and right.low < left.high
        return None if operator == "!=" and overlap else True
    if None in results and False not in results:
        return None
    # Of two spans it is not known which values go together.
    mixed = len(lefts) > 1 and len(rights) > 1 and any(result is not False for result in results)
    return None if mixed else False


def _bounded(most: Exact, operator: ComparisonSign, right: Span) -> bool | None:
    """Whether a comparison holds for a value of which only the most it can be is known."""
    below = decided(most, "<", right.low)
    if operator in ("<", "<="):
        return True if decided(most, operator, right.low) else None
    if operator == "!=":
        return True if below else None
    if operator == ">" and decided(most, "<=", right.low):
        return False
    return False if below else None


def decided(one: Exact, operator: ComparisonSign, two: Exact) -> bool | None:
    """Whether a comparison of two numbers holds; None when that depends on a symbol."""
    try:
        return COMPARED[operator](one, two)
    except SymbolicError:
        return None


def undecided(compared: ClauseComparison, values: Mapping[str, int] = {}) -> ExpressionError:
    """Why a comparison is neither known to hold nor known to fail, for values of the symbols or for all."""
    left, right, place = compared.left, compared.right, compared.place
    pairs = (pair.at(values) for pair in compared.pairs)
    pair = next(pair for pair in pairs if _holds(pair.left, compared.operator, pair.right) is None)
    of = f" {pair.part.label}" if pair.part.label else ""
    for side, value in ((left, pair.left), (right, pair.right)):
        if value.at_most:
            message = f"{side.text}{of} is only known to be at most {amount(value.high)}"
            return ExpressionError(message, *place, "an upper limit that is not smaller can be promised")
    if pair.left.low != pair.left.high or pair.right.low != pair.right.high:
        message = f"{left.text}{of} is {ends(pair.left)} and {right.text} is {ends(pair.right)}"
        return ExpressionError(f"{message}, depending on the unit", *place)
    entries = left.entries(pair.part)
    several = max(len(entries), len(right.entries(pair.part)))
    along = f" {places(left.kind, several)[pair.axis]}" if several > 1 else ""
    symbols = sorted({name for side in (pair.left, pair.right) for name in getattr(side.low, "symbols", ())})
    message = (
        f"{left.text}{of} is {sizes(entries, left.kind)}: whether that is "
        f"{RELATIONS[compared.operator]}{amount(pair.right.low)}{along} depends on {', '.join(symbols)}"
    )
    return ExpressionError(message, *place, "a promise must hold for all values of a symbol")
