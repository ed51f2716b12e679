"""How the values of a promise are shown: numbers, sizes, what depends on the unit, and along which axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.analysis.layer_figures import Span, find_count
from rfcalc.ops.attributes import PerAxis, format_value
from rfcalc.spec.nodes import cut
from rfcalc.symbolic.polynomial import format_number
from rfcalc.units import DEFAULT_BYTES, format_bytes, format_share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rfcalc.analysis.network import LayerAnalysis
    from rfcalc.symbolic.polynomial import Exact


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


def not_known(name: str, layers: Iterable[LayerAnalysis]) -> str:
    """Why a count is not known: of which of these layers it is not, the first few and how many more."""
    count = find_count(name)
    lacking = [layer.name for layer in layers if count and count.value(layer, DEFAULT_BYTES) is None]
    more = f" and {len(lacking) - 3} more" if len(lacking) > 4 else ""
    return f"{name} is not known of {', '.join(lacking[: 3 if more else 4])}{more}"


def places(kind: str, count: int) -> list[str]:
    """Where the entries of a value are, as the end of what is said of them."""
    if kind == "size":
        return [*(f"along axis {number}" for number in range(1, count)), "in channels"]
    return [f"along axis {number}" for number in range(1, count + 1)]


def _decimal(number: Exact) -> str:
    """A fraction as a decimal of up to four places where that is exact, else as it is; a polynomial."""
    if hasattr(number, "terms") or 10_000 % number.denominator:
        return cut(format_number(number))
    sign, value = ("-", -number) if number < 0 else ("", number)
    whole, rest = divmod(value.numerator * 10_000 // value.denominator, 10_000)
    return f"{sign}{whole:,}.{rest:04d}".rstrip("0").rstrip(".")
