"""What a broken promise says: what was measured, what was promised, and the difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.lint.promises.judgement import Compared, Pair
from rfcalc.lint.promises.values import amount, entries_of, places, sizes
from rfcalc.spec.nodes import cut
from rfcalc.symbolic.polynomial import SymbolicError, format_number
from rfcalc.units import format_share

if TYPE_CHECKING:
    from rfcalc.symbolic.polynomial import Exact

# So many layers or axes are told of one comparison; then how many more there are.
MOST_PARTS = 4
# A difference of more times what was promised is not told in per cent.
MOST_TIMES = 100


def written(text: str) -> str:
    """A promise on one line, as a message quotes it."""
    return cut(" ".join(text.split())) or "an empty promise"


def broken_text(text: str, causes: Iterable[Compared]) -> str:
    """Why a promise does not hold: `params <= 60M does not hold: params is 61,100,840, 1,100,840 more`."""
    details = dict.fromkeys(map(_detail, causes))
    reason = f": {'; '.join(details)}" if details else ""
    return f"{written(text)} does not hold{reason}"


def figures_of(causes: Iterable[Compared]) -> dict[str, object]:
    """The numbers of the first comparison that fails: measured, promised and their difference."""
    for cause in (cause.measured_first() for cause in causes):
        for pair in cause.pairs:
            if pair.holds is False:
                value, bound = _worst(pair, cause.operator)
                return {
                    "measured": _plain(value),
                    "promised": _plain(bound),
                    "difference": _plain(value - bound),
                }
    return {}


def change(value: Exact, bound: Exact, kind: str = "count") -> str:
    """How far a value is from a bound: `1,100,840 more (+1.8 %)`; "" where there is no telling."""
    difference = value - bound
    try:
        more = difference > 0
        if difference == 0:
            return ""
    except SymbolicError:
        return ""
    size = difference if more else -difference
    word = "more" if more else "less"
    if kind == "share":
        return f"{format_share(size, 1).removesuffix(' %')} percentage points {word}"
    return f"{amount(size)} {word}{percent(difference, bound)}"


def percent(difference: Exact, whole: Exact) -> str:
    """A difference as part of what it differs from: ` (+1.8 %)`; "" where that is no number above 0."""
    if not isinstance(whole, int) or whole <= 0 or hasattr(difference, "terms"):
        return ""
    sign, size = ("+", difference) if difference > 0 else ("-", -difference)
    if size > MOST_TIMES * whole:
        return ""
    share = format_share(size, whole)
    return f" ({sign}{share})" if share[0].isdigit() else f" ({share[0]}{sign}{share[1:]})"


def _detail(cause: Compared) -> str:
    """What one comparison finds."""
    cause = cause.measured_first()
    failing = [pair for pair in cause.pairs if pair.holds is False]
    parts = list(dict.fromkeys(pair.part for pair in failing))
    several = bool(cause.left.reading) and len(cause.left.parts) > 1
    details = []
    for part in parts[:MOST_PARTS]:
        own = [pair for pair in failing if pair.part is part or pair.part == part]
        label = f" {part.label}" if part.label and several else ""
        details.append(_part_detail(cause, own, label))
    if len(parts) > MOST_PARTS:
        details.append(f"and so on for {len(parts) - MOST_PARTS} more")
    return "; ".join(details)


def _part_detail(cause: Compared, failing: list[Pair], label: str) -> str:
    """What one comparison finds of one layer, or of the whole network."""
    first, kind = failing[0], cause.left.kind
    entries = cause.left.entries(first.part)
    shown = f"{cause.left.text}{label} is {sizes(entries, kind)}"
    if first.axis < 0:
        return f"{shown}, which has {entries_of(first.left.low)} and not {first.right.low}"
    if cause.operator == "!=":
        return f"{shown}, which it must not be"
    told = [_distance(pair, cause.operator, kind, cause.right.literal) for pair in failing]
    # A number is compared with each entry of a size.
    count = max(len(entries), len(cause.right.entries(first.part)))
    if len(failing) == count and len(set(told)) == 1:
        told = told[:1]
    else:
        along = places(kind, count)
        told = [f"{each} {along[pair.axis]}" for each, pair in zip(told, failing, strict=True)]
    return ", ".join([shown, *told])


def _distance(pair: Pair, operator: str, kind: str, literal: bool) -> str:
    """How far a value is from what was promised."""
    value, bound = _worst(pair, operator)
    told = change(value, bound, kind)
    if not told:
        if operator in ("<", ">") and _same(value, bound):
            return "which is not less" if operator == "<" else "which is not more"
        return f"not {_relation(operator)}{amount(bound, kind)}"
    if literal:
        return told
    number, _, rest = told.partition(" (")
    return f"{number} than {amount(bound, kind)}{rest and ' ('}{rest}"


def _relation(operator: str) -> str:
    return {"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}.get(operator, "")


def _worst(pair: Pair, operator: str) -> tuple[Exact, Exact]:
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
    return format_number(number) if hasattr(number, "terms") else float(number)
