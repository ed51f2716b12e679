"""The words of a condition: its text on one line, its values, and how far apart two of them are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

from rfcalc.errors import cut, option
from rfcalc.ops.attributes import PerAxis, format_value
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, format_number
from rfcalc.units import format_bytes, format_duration, format_share

if TYPE_CHECKING:
    from rfcalc.analysis.field_values import Span
    from rfcalc.analysis.figures import Count
    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.spec.tokens import ComparisonSign
    from rfcalc.symbolic.polynomial import Exact

# How the value of a figure is shown, and compared.
FigureKind: TypeAlias = Literal["count", "bytes", "share", "size", "field", "part of field", "duration"]
# Those of figures that have an entry for each axis; and of shares.
ALONG_AXES: frozenset[FigureKind] = frozenset(("size", "field", "part of field"))
_SHARES: frozenset[FigureKind] = frozenset(("share", "part of field"))
# What a value is that a comparison holds for, before the other side.
RELATIONS: dict[ComparisonSign, str] = {
    "==": "",
    "!=": "not ",
    "<": "less than ",
    "<=": "at most ",
    ">": "more than ",
    ">=": "at least ",
}
# A difference of more times what was promised is not given in per cent.
MOST_TIMES = 100


def written(text: str) -> str:
    """A promise on one line, as a message quotes it."""
    return cut(" ".join(text.split())) or "an empty promise"


def change(value: Exact, bound: Exact, kind: FigureKind = "count") -> str:
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
    if kind in _SHARES:
        return f"{format_share(size, 1).removesuffix(' %')} percentage points {word}"
    if kind == "duration":
        # In whole parts of a second, as shares are of whole numbers.
        share = (
            "" if isinstance(bound, Polynomial) else percent(difference * bound.denominator, bound.numerator)
        )
        return f"{amount(size, kind)} {word}{share}"
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


def amount(number: Exact, kind: FigureKind = "count") -> str:
    """A number as a message shows it: `61,100,840`, `74.3 %`, `114,603,936 (109.3 MiB)`, `-1.5`."""
    if kind in _SHARES:
        return format_share(number, 1)
    if kind == "duration":
        return format_duration(number)
    if not isinstance(number, int):
        return _decimal(number)
    if kind == "bytes" and abs(number) >= 1024:
        return f"{number:,} ({format_bytes(number)})"
    return f"{number:,}"


def sizes(entries: tuple[Span, ...], kind: FigureKind) -> str:
    """The value of one part: one number where all its entries are the same."""
    if kind != "size" and all(entry == entries[0] for entry in entries):
        return span(entries[0], kind)
    if any(entry.low != entry.high for entry in entries):
        return ", ".join(span(entry, kind) for entry in entries)
    if kind in _SHARES:
        return " x ".join(amount(entry.low, kind) for entry in entries)
    return format_value(PerAxis(entry.low for entry in entries))


def entries_of(count: Exact) -> str:
    """`1 entry`, `3 entries`."""
    return f"{count} {'entry' if count == 1 else 'entries'}"


def span(entry: Span, kind: FigureKind) -> str:
    """One entry: a number, the most it can be, or from where to where it goes."""
    if entry.at_most and entry.low != entry.high:
        return f"at most {amount(entry.high, kind)}"
    return ends(entry, kind) + ("" if entry.low == entry.high else ", depending on the unit")


def ends(entry: Span, kind: FigureKind = "count") -> str:
    """From where to where one entry goes, or the one number that it is."""
    low, high = amount(entry.low, kind), amount(entry.high, kind)
    return low if entry.low == entry.high else f"{low} to {high}"


def not_known(count: Count, layers: Iterable[LayerAnalysis]) -> str:
    """Why a count is not known: of which of these layers it is not, the first few and how many more."""
    lacking = [layer.name for layer in layers if count.value(layer) is None]
    more = f" and {len(lacking) - 3} more" if len(lacking) > 4 else ""
    return f"{count.name} is not known of {', '.join(lacking[: 3 if more else 4])}{more}"


def settings(names: Iterable[str]) -> str:
    """The options that give symbols a value: `--set C=… --set k=…`."""
    return option("set", dict.fromkeys(names, "…"))


def places(kind: FigureKind, count: int) -> list[str]:
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
