"""Table cells for two values compared with each other: differences, ratios, one value turned into another."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.report.cells import BLANK, UNKNOWN, Amount, Cell, Style, formula
from rfcalc.report.comparison.words import say
from rfcalc.report.words import Language
from rfcalc.symbolic.polynomial import Polynomial, format_number

if TYPE_CHECKING:
    from rfcalc.analysis.comparison.relations import Multiple
    from rfcalc.symbolic.polynomial import Exact

# A longer ratio of polynomials stands in a note.
_LONGEST_RATIO = 44


class Turned(NamedTuple):
    """A value in both networks, written once where both agree; None for a network that has none."""

    left: Cell | None
    right: Cell | None

    def text(self, style: Style) -> str:
        if self.left is None or self.right is None:
            return (self.left or self.right or BLANK).text(style)
        old, new = self.left.text(style), self.right.text(style)
        return old if old == new else f"{old}{ARROW}{new}"

    @property
    def data(self) -> tuple[object, object]:
        return self.left and self.left.data, self.right and self.right.data


class Difference(NamedTuple):
    """A difference with its sign, along each axis where there are several; () is unknown.

    complete: false when parts of it are not known.  binary: a number of bytes.  ends: the two values
    it is the difference of, where they stand behind it.
    """

    values: tuple[Exact, ...]
    complete: bool = True
    binary: bool = False
    ends: tuple[str, str] | None = None

    def text(self, style: Style) -> str:
        texts = [signed(value, style, binary=self.binary) for value in self.values]
        text = texts[0] if len(set(texts)) == 1 else " x ".join(texts) or UNKNOWN
        if not self.complete and texts:
            text += f" {UNKNOWN}"
        return text if self.ends is None else f"{text} ({ARROW.join(self.ends)})"

    @property
    def data(self) -> object:
        if not self.complete or not self.values:
            return None
        return self.values[0] if len(set(self.values)) == 1 else self.values


class OfBase(NamedTuple):
    """How much of the base's amount another amount is: `0.943 x of A`, `27/49 of A`.

    ratio: None where there is none.  exact: it is shown as a fraction, as those of symbols are.
    """

    ratio: Multiple | None
    base: str
    exact: bool
    language: Language

    def text(self, style: Style) -> str:
        if self.ratio is None:
            return "-"
        constant = self.ratio.constant
        if constant is not None and not style.grouped and (not self.exact or constant == 1):
            return f"{float(constant):.6g}"
        if constant == 1:
            return say("equal", self.language)
        if constant is None or (self.exact and constant.denominator != 1):
            text = ratio_text(self.ratio, style)
            if style.grouped and len(text) > _LONGEST_RATIO:
                return say("depends", self.language, symbols=", ".join(self.ratio.symbols))
            return say("fraction", self.language, fraction=text, base=self.base)
        return say("times", self.language, factor=factor_text(constant), base=self.base)

    @property
    def data(self) -> float | str | None:
        if self.ratio is None:
            return None
        constant = self.ratio.constant
        return ratio_text(self.ratio, Style()) if constant is None else float(constant)


class Titled(NamedTuple):
    """What a row is about: a title for people, a name for programs."""

    name: str
    title: str

    def text(self, style: Style) -> str:
        return self.title if style.grouped else self.name

    @property
    def data(self) -> str:
        return self.name


class Percent(NamedTuple):
    """How much more or less than the base's an amount is: `−5.7 %`; blank where that is no number."""

    ratio: Multiple | None

    def text(self, style: Style) -> str:
        constant = None if self.ratio is None else self.ratio.constant
        if constant is None or constant == 1:
            return ""
        return percent_text(constant) if style.grouped else f"{float((constant - 1) * 100):.6g}"

    @property
    def data(self) -> float | None:
        constant = None if self.ratio is None else self.ratio.constant
        return None if constant is None else float((constant - 1) * 100)


# Renderers write these in other characters where an output lacks them.
ARROW = " → "
DOTS = "…"
MINUS = "−"


def signed(value: Exact, style: Style, *, binary: bool = False) -> str:
    """A difference with its sign; programs read plain numbers, without a plus."""
    if isinstance(value, Polynomial):
        text = formula(value, style)
        if style.grouped and style.notation != "latex":
            text = text.replace("-", MINUS)
        return ("+" if style.grouped and value.sign() == 1 else "") + text
    minus, plus = (MINUS, "+") if style.grouped else ("-", "")
    sign = minus if value < 0 else plus if value > 0 else ""
    number = -value if value < 0 else value
    if number.denominator != 1:
        return sign + format_number(number)
    return sign + Amount(int(number), binary=binary).text(style)


def ratio_text(ratio: Multiple, style: Style) -> str:
    """An exact ratio: `27/49`, `(4097K + 5)/4097`."""
    parts = []
    for part in (ratio.numerator, ratio.denominator):
        if isinstance(part, Polynomial):
            text = formula(part, style)
            parts.append(f"({text})" if len(part.terms) > 1 else text)
        else:
            parts.append(str(part))
    return parts[0] if parts[1] == "1" else "/".join(parts)


def factor_text(factor: Fraction) -> str:
    """A factor to 3 significant digits, or as many as tell it from 1: `0.943`, `3.42`, `1.0004`, `1,234`."""
    if factor >= 1000:
        return f"{round(factor):,}"
    for digits in range(3, 13):
        text = f"{float(factor):.{digits}g}"
        if float(text) != 1 or factor == 1:
            break
    if "e" in text:
        return text
    whole, _, decimals = text.partition(".")
    # Three digits are shown where the last of them is a zero, too; whole numbers stay whole.
    missing = 3 - len((whole + decimals).lstrip("0"))
    return text if factor.denominator == 1 or missing <= 0 else f"{whole}.{decimals}{'0' * missing}"


def percent_text(factor: Fraction) -> str:
    """How much more or less a factor makes of something: `−5.7 %`, `+242 %`."""
    change = abs(factor - 1) * 100
    sign = "+" if factor > 1 else MINUS
    if change < Fraction(1, 20):
        return f"{sign}<0.1 %"
    return f"{sign}{float(change):,.1f} %" if change < 100 else f"{sign}{round(change):,} %"
