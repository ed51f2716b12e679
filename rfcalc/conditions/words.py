"""The words of a condition: its values, and of one that does not hold how far they are from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.errors import cut
from rfcalc.ops.attributes import PerAxis, format_value
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, format_number
from rfcalc.units import format_bytes, format_share

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.analysis.figures import Count
    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.conditions.evaluation import Comparison, Pair
    from rfcalc.conditions.judgement import Failed
    from rfcalc.symbolic.polynomial import Exact

# So many layers or axes are told of one comparison; then how many more there are.
MOST_PARTS = 4
# A difference of more times what was promised is not told in per cent.
MOST_TIMES = 100
# What is said of a comparison that holds.
VERBS = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}


def written(text: str) -> str:
    """A promise on one line, as a message quotes it."""
    return cut(" ".join(text.split())) or "an empty promise"


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
    if not isinstance(whole, int) or whole <= 0 or isinstance(difference, Polynomial):
        return ""
    sign, size = ("+", difference) if difference > 0 else ("-", -difference)
    if size > MOST_TIMES * whole:
        return ""
    share = format_share(size, whole)
    return f" ({sign}{share})" if share[0].isdigit() else f" ({share[0]}{sign}{share[1:]})"


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


def _part_detail(compared: Comparison, failing: list[Pair], label: str) -> str:
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


def _distance(pair: Pair, operator: str, kind: str, literal: bool) -> str:
    """How far a value is from what was promised."""
    value, bound = _worst(pair, operator)
    told = change(value, bound, kind)
    if not told:
        if operator in ("<", ">") and _same(value, bound):
            return "which is not less" if operator == "<" else "which is not more"
        relation = f"{VERBS[operator].removeprefix('is ')} " if operator[0] in "<>" else ""
        return f"not {relation}{amount(bound, kind)}"
    if literal:
        return told
    number, _, rest = told.partition(" (")
    return f"{number} than {amount(bound, kind)}{rest and ' ('}{rest}"


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
    return format_number(number) if isinstance(number, Polynomial) else float(number)


def amount(number: Exact, kind: str = "count") -> str:
    """A number as a message shows it: `61,100,840`, `74.3 %`, `114,603,936 (109.3 MiB)`, `-1.5`."""
    if kind == "share":
        return format_share(number, 1)
    if not isinstance(number, int):
        return _decimal(number)
    if kind == "bytes" and abs(number) >= 1024:
        return f"{number:,} ({format_bytes(number)})"
    return f"{number:,}"


def sizes(entries: tuple[Span, ...], kind: str) -> str:
    """The value of one part: one number where all its entries are the same."""
    if kind != "size" and all(entry == entries[0] for entry in entries):
        return span(entries[0], kind)
    if any(entry.low != entry.high for entry in entries):
        return ", ".join(span(entry, kind) for entry in entries)
    return format_value(PerAxis(entry.low for entry in entries))


def entries_of(count: Exact) -> str:
    """`1 entry`, `3 entries`."""
    return f"{count} {'entry' if count == 1 else 'entries'}"


def span(entry: Span, kind: str) -> str:
    """One entry: a number, the most it can be, or from where to where it goes."""
    if entry.low == entry.high:
        return amount(entry.low, kind)
    if entry.at_most:
        return f"at most {amount(entry.high, kind)}"
    return f"{amount(entry.low, kind)} to {amount(entry.high, kind)}, depending on the unit"


def not_known(count: Count, layers: Iterable[LayerAnalysis]) -> str:
    """Why a count is not known: of which of these layers it is not, the first few and how many more."""
    lacking = [layer.name for layer in layers if count.value(layer) is None]
    more = f" and {len(lacking) - 3} more" if len(lacking) > 4 else ""
    return f"{count.name} is not known of {', '.join(lacking[: 3 if more else 4])}{more}"


def places(kind: str, count: int) -> list[str]:
    """Where the entries of a value are, as the end of what is said of them."""
    if kind == "size":
        return [*(f"along axis {number}" for number in range(1, count)), "in channels"]
    return [f"along axis {number}" for number in range(1, count + 1)]


def _decimal(number: Exact) -> str:
    """A fraction as a decimal of up to four places where that is exact, else as it is; a polynomial."""
    if isinstance(number, Polynomial) or 10_000 % number.denominator:
        return cut(format_number(number))
    sign, value = ("-", -number) if number < 0 else ("", number)
    whole, rest = divmod(value.numerator * 10_000 // value.denominator, 10_000)
    return f"{sign}{whole:,}.{rest:04d}".rstrip("0").rstrip(".")
