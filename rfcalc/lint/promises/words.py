"""What a broken promise says: what was measured, what was promised, and the difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rfcalc.analysis.layer_figures import Span
from rfcalc.lint.promises.judgement import MIRRORED, Compared, Operand, Pair
from rfcalc.ops.attributes import PerAxis, format_value
from rfcalc.spec.nodes import cut
from rfcalc.symbolic import SymbolicError, format_number
from rfcalc.units import format_bytes, format_share

if TYPE_CHECKING:
    from rfcalc.symbolic import Exact

# So many layers or axes are told of one comparison; then how many more there are.
MOST_PARTS = 4
# A difference of more times what was promised is not told in per cent.
MOST_TIMES = 100


def written(text: str) -> str:
    """A promise on one line, as a message quotes it."""
    return cut(" ".join(text.split()))


def broken_text(text: str, causes: Iterable[Compared]) -> str:
    """Why a promise does not hold: `params <= 60M does not hold: params is 61,100,840, 1,100,840 more`."""
    details = dict.fromkeys(map(_detail, causes))
    reason = f": {'; '.join(details)}" if details else ""
    return f"{written(text)} does not hold{reason}"


def figures_of(causes: Iterable[Compared]) -> dict[str, object]:
    """The numbers of the first comparison that fails: measured, promised and their difference."""
    for cause in map(_measured_first, causes):
        for pair in cause.pairs:
            if pair.holds is False:
                value, bound = _worst(pair, cause.operator)
                return {
                    "measured": _plain(value),
                    "promised": _plain(bound),
                    "difference": _plain(value - bound),
                }
    return {}


def amount(number: Exact, kind: str = "count") -> str:
    """A number as a message shows it: `61,100,840`, `74.3 %`, `114,603,936 (109.3 MiB)`, `-1.5`."""
    if kind == "share":
        return format_share(number, 1)
    if not isinstance(number, int):
        return _decimal(number)
    if kind == "bytes" and abs(number) >= 1024:
        return f"{number:,} ({format_bytes(number)})"
    return f"{number:,}"


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
    if cause.holds:
        # Under `not` it is what holds that breaks the promise.
        return f"{cause.left.text} {cause.operator} {cause.right.text} holds"
    cause = _measured_first(cause)
    kind = cause.left.reading.kind if cause.left.reading else "count"
    failing = [pair for pair in cause.pairs if pair.holds is False]
    parts = list(dict.fromkeys(pair.part for pair in failing))
    several = bool(cause.left.reading) and len(cause.left.parts) > 1
    details = []
    for part in parts[:MOST_PARTS]:
        own = [pair for pair in failing if pair.part is part or pair.part == part]
        label = f" {part.label}" if part.label and several else ""
        details.append(_part_detail(cause, own, label, kind))
    if len(parts) > MOST_PARTS:
        details.append(f"and so on for {len(parts) - MOST_PARTS} more")
    return "; ".join(details)


def _part_detail(cause: Compared, failing: list[Pair], label: str, kind: str) -> str:
    """What one comparison finds of one layer, or of the whole network."""
    reading = cause.left.reading
    alone = cause.left.single or not reading
    entries = cause.left.parts[0].entries if alone else failing[0].part.entries
    subject = f"{cause.left.text}{label}"
    first = failing[0]
    if first.axis < 0:
        counts = f"{first.left.low} {'entry' if first.left.low == 1 else 'entries'}"
        return f"{subject} is {_sizes(entries, kind)}, which has {counts} and not {first.right.low}"
    shown = f"{subject} is {_sizes(entries, kind)}"
    if cause.operator == "!=":
        return f"{shown}, which it must not be"
    told = [_distance(pair, cause.operator, kind, cause.right.literal) for pair in failing]
    if len(failing) == len(entries) and len(set(told)) == 1:
        told = told[:1]
    else:
        places = _places(cause.left, len(entries))
        told = [f"{each} {places[pair.axis]}" for each, pair in zip(told, failing, strict=True)]
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


def _measured_first(cause: Compared) -> Compared:
    """The comparison with the side that speaks of figures on the left."""
    if cause.left.measures or not cause.right.measures:
        return cause
    pairs = tuple(pair._replace(left=pair.right, right=pair.left) for pair in cause.pairs)
    return cause._replace(left=cause.right, operator=MIRRORED[cause.operator], right=cause.left, pairs=pairs)


def _sizes(entries: tuple[Span, ...], kind: str) -> str:
    """The value of one part: one number where all its entries are the same."""
    if kind != "size" and all(entry == entries[0] for entry in entries):
        return _span(entries[0], kind)
    if any(entry.low != entry.high for entry in entries):
        return ", ".join(_span(entry, kind) for entry in entries)
    return format_value(PerAxis(entry.low for entry in entries))


def _span(entry: Span, kind: str) -> str:
    if entry.low == entry.high:
        return amount(entry.low, kind)
    if entry.at_most:
        return f"at most {amount(entry.high, kind)}"
    return f"{amount(entry.low, kind)} to {amount(entry.high, kind)}, depending on the unit"


def _places(side: Operand, count: int) -> list[str]:
    """Where the entries of a value are, as the end of what is said of them."""
    if side.reading and side.reading.kind == "size":
        return [*(f"along axis {number}" for number in range(1, count)), "in channels"]
    return [f"along axis {number}" for number in range(1, count + 1)]


def _plain(number: Exact) -> int | float | str:
    """A number for programs: text where it depends on a symbol."""
    if isinstance(number, int):
        return number
    return format_number(number) if hasattr(number, "terms") else float(number)


def _decimal(number: Exact) -> str:
    """A fraction as a decimal of up to four places where that is exact, else as it is; a polynomial."""
    if hasattr(number, "terms") or 10_000 % number.denominator:
        return cut(format_number(number))
    sign, value = ("-", -number) if number < 0 else ("", number)
    whole, rest = divmod(value.numerator * 10_000 // value.denominator, 10_000)
    return f"{sign}{whole:,}.{rest:04d}".rstrip("0").rstrip(".")
