"""The words and figures of a condition that does not hold: how far its values are from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.conditions.words import RELATIONS, FigureKind, amount, change, entries_of, places, sizes, written
from rfcalc.symbolic.polynomial import Polynomial, format_number

if TYPE_CHECKING:
    from rfcalc.conditions.evaluation import ClauseComparison, SpanPair
    from rfcalc.conditions.judgement import Failed
    from rfcalc.spec.tokens import ComparisonSign
    from rfcalc.symbolic.polynomial import Exact

# So many layers or axes are named for one comparison; then how many more there are.
MOST_PARTS = 4


def broken_text(text: str, causes: Iterable[Failed]) -> str:
    """Why a promise does not hold: `params <= 60M does not hold: params is 61,100,840, 1,100,840 more`."""
    details = dict.fromkeys(map(_detail, causes))
    reason = f": {'; '.join(details)}" if details else ""
    return f"{written(text)} does not hold{reason}"


def figures_of(causes: Iterable[Failed]) -> dict[str, object]:
    """The numbers of the first comparison that fails: measured, promised and their difference."""
    for compared, pairs in causes:
        value, bound = _worst(pairs[0], compared.operator)
        return {"measured": _plain(value), "promised": _plain(bound), "difference": _plain(value - bound)}
    return {}


def _detail(cause: Failed) -> str:
    """What one comparison finds."""
    compared, failing = cause
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
