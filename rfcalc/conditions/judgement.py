"""Whether a condition holds for a network, for values of its symbols or for all, and how far it is from that.

A comparison holds for everything it is about, every phase, axis and layer; what is not known to hold and
not known to fail is undecided, which is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rfcalc.conditions.evaluation import (
    MIRRORED,
    Clause,
    ClauseComparison,
    ClauseFlag,
    Junction,
    SpanPair,
    evaluated,
)
from rfcalc.conditions.words import (
    RELATIONS,
    FigureKind,
    amount,
    change,
    ends,
    entries_of,
    places,
    sizes,
    written,
)
from rfcalc.records import NamedTuple
from rfcalc.spec.evaluate import COMPARED
from rfcalc.spec.tokens import ComparisonSign, ExpressionError
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, format_number

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.conditions.measures import Measures
    from rfcalc.symbolic.polynomial import Exact


# So many layers or axes are named for one comparison; then how many more there are.
MOST_PARTS = 4


class Failed(NamedTuple):
    """A comparison, or a flag, that does not hold; the pairs by which a comparison does not."""

    comparison: ClauseComparison | ClauseFlag
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
    if isinstance(clause, ClauseFlag):
        return clause.holds, () if clause.holds else (Failed(clause, ()),)
    if clause is None:
        return None, ()
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
            message = f"{side.text}{of} is only known to be at most {amount(value.high, left.kind)}"
            return ExpressionError(message, *place, "an upper limit that is not smaller can be promised")
    if pair.left.low != pair.left.high or pair.right.low != pair.right.high:
        shown = (ends(value, left.kind) for value in (pair.left, pair.right))
        message = f"{left.text}{of} is {next(shown)} and {right.text} is {next(shown)}"
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


def broken_text(text: str, causes: Iterable[Failed]) -> str:
    """Why a promise does not hold: `params <= 60M does not hold: params is 61,100,840, 1,100,840 more`."""
    details = dict.fromkeys(filter(None, map(_detail, causes)))
    reason = f": {'; '.join(details)}" if details else ""
    return f"{written(text)} does not hold{reason}"


def figures_of(causes: Iterable[Failed]) -> dict[str, object]:
    """The numbers of the first comparison that fails: measured, promised and their difference."""
    for compared, pairs in causes:
        if isinstance(compared, ClauseFlag):
            continue
        value, bound = _worst(pairs[0], compared.operator)
        return {"measured": _plain(value), "promised": _plain(bound), "difference": _plain(value - bound)}
    return {}


def _detail(cause: Failed) -> str:
    """What one comparison finds; "" where there is nothing to say."""
    compared, failing = cause
    if isinstance(compared, ClauseFlag):
        return compared.found
    parts = list(dict.fromkeys(pair.part for pair in failing))
    several = bool(compared.left.reading) and len(compared.left.parts) > 1
    details = []
    for part in parts[:MOST_PARTS]:
        own = [pair for pair in failing if pair.part is part or pair.part == part]
        label = f" {part.label}" if part.label and several else ""
        details.append(_part_detail(compared, own, label))
    if len(parts) > MOST_PARTS:
        details.append(f"and so on for {len(parts) - MOST_PARTS} more")
    return "; ".join(details)


def _part_detail(compared: ClauseComparison, failing: list[SpanPair], label: str) -> str:
    """What one comparison finds of one layer, or of the whole network."""
    first, kind = failing[0], compared.left.kind
    entries = compared.left.entries(first.part)
    shown = f"{compared.left.text}{label} is {sizes(entries, kind)}"
    if first.axis < 0:
        return f"{shown}, which has {entries_of(first.left.low)} and not {first.right.low}"
    if compared.operator == "!=":
        return f"{shown}, which it must not be"
    told = [_distance(pair, compared.operator, kind, compared.right.literal) for pair in failing]
    # A number is compared with each entry of a size.
    count = max(len(entries), len(compared.right.entries(first.part)))
    if len(failing) == count and len(set(told)) == 1:
        told = told[:1]
    else:
        along = places(kind, count)
        told = [f"{each} {along[pair.axis]}" for each, pair in zip(told, failing, strict=True)]
    return ", ".join([shown, *told])


def _distance(pair: SpanPair, operator: ComparisonSign, kind: FigureKind, literal: bool) -> str:
    """How far a value is from what was promised."""
    value, bound = _worst(pair, operator)
    told = change(value, bound, kind)
    if not told:
        if operator in ("<", ">") and _same(value, bound):
            return "which is not less" if operator == "<" else "which is not more"
        return f"not {RELATIONS[operator]}{amount(bound, kind)}"
    if literal:
        return told
    number, _, rest = told.partition(" (")
    return f"{number} than {amount(bound, kind)}{rest and ' ('}{rest}"


def _worst(pair: SpanPair, operator: ComparisonSign) -> tuple[Exact, Exact]:
    """Of the values along an axis the one that is furthest from what was promised, and that."""
    left, right = pair.left, pair.right
    if operator in ("<", "<="):
        return left.high, right.low
    if operator in (">", ">="):
        return left.low, right.high
    return (left.low, right.low) if not _same(left.low, right.low) else (left.high, right.high)


def _same(one: Exact, two: Exact) -> bool:
    return one - two == 0


def _plain(number: Exact) -> int | float | str:
    """A number for programs: text where it depends on a symbol."""
    if isinstance(number, int):
        return number
    return format_number(number) if isinstance(number, Polynomial) else float(number)
