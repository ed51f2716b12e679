"""Typed table cells: what a cell holds, the text it shows as, its value for programs, and how it sorts.

A cell stays a value until a renderer asks for its text, so one table serves every format, unit
and character set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from rfcalc.errors import printable
from rfcalc.records import NamedTuple
from rfcalc.shapes import AlongAxis, Shape, Size, along_axes, format_sizes
from rfcalc.symbolic.notation import Notation
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient, format_number, sum_of
from rfcalc.units import format_bytes, format_share, format_si

if TYPE_CHECKING:
    from fractions import Fraction

UNKNOWN = "?"
# Between the ends of a range, and for what does not exist; before a sum that misses unknown parts; before an
# upper bound.
DASH, AT_LEAST, AT_MOST = "–", "≥ ", "≤"

Units: TypeAlias = Literal["raw", "si"]


class Style(NamedTuple):
    """How cells are written; what an output cannot hold is written in other characters by its renderer.

    units: "si" for 15.47 G; grouped: thousands separators in raw numbers; notation: of
    polynomials; formulas of LaTeX are marked as such.  form: of items, 1 leaves out what is at its default,
    2 all that a layer need not have.
    """

    units: Units = "raw"
    grouped: bool = True
    notation: Notation = "unicode"
    form: int = 0


class Cell(Protocol):
    """What a table cell can do."""

    def text(self, style: Style) -> str:
        """The cell as text; never cut."""
        ...

    @property
    def data(self) -> object:
        """What the cell says, as a plain value: a number, words, sizes as tuples; None where it is none."""
        ...


class Sortable(Cell, Protocol):
    """A cell of a column that a table can be sorted by."""

    def measure(self) -> Size | float | str | None:
        """What the cell sorts by; None where it is unknown."""
        ...


def sort_key(cell: Sortable) -> tuple[int, float, str]:
    """The key of a cell in its column: numbers descending or text ascending, unknown ones last."""
    measure = cell.measure()
    if measure is None:
        return (1, 0, "")
    if isinstance(measure, str):
        return (0, 0, measure)
    return (0, -(measure if isinstance(measure, float) else magnitude(measure)), "")


class Text(NamedTuple):
    """Words and names; what a terminal might obey is made harmless."""

    content: str

    def text(self, style: Style) -> str:
        return printable(self.content)

    @property
    def data(self) -> str | None:
        return self.content or None

    def measure(self) -> str | None:
        return self.content or None


class Items(NamedTuple):
    """A word and items behind it, such as an operation and its attributes.

    items: each with the last form in which it is there (see Style): 0 is at its default, 2 must be given.
    """

    word: str
    items: tuple[tuple[str, int], ...]

    def text(self, style: Style) -> str:
        return printable(" ".join([self.word, *(text for text, last in self.items if last >= style.form)]))

    @property
    def data(self) -> str:
        return self.text(Style())

    def measure(self) -> str | None:
        return self.text(Style())


class Amount(NamedTuple):
    """A count; None is unknown.

    complete: false when the count misses unknown parts, which make it a lower bound.
    binary: a number of bytes, for which "si" means KiB, MiB, ….
    """

    value: Size | None
    complete: bool = True
    binary: bool = False

    def text(self, style: Style) -> str:
        value = self.value
        if value is None or (not self.complete and value == 0):
            return UNKNOWN
        if isinstance(value, Polynomial):
            text = formula(value, style)
        elif style.units == "si":
            text = format_bytes(value) if self.binary else format_si(value)
        else:
            text = f"{value:,}" if style.grouped else str(value)
        return text if self.complete else AT_LEAST + text

    @property
    def data(self) -> Size | None:
        # What a count is at least is not what it is.
        return self.value if self.complete else None

    def measure(self) -> Size | None:
        return self.value


class Bytes(NamedTuple):
    """A number of bytes, rounded in IEC units for people and in full for programs; None is unknown."""

    number: int | None

    def text(self, style: Style) -> str:
        if self.number is None:
            return UNKNOWN
        return format_bytes(self.number) if style.grouped else str(self.number)

    @property
    def data(self) -> int | None:
        return self.number


class Share(NamedTuple):
    """A part of a whole in percent; None is unknown."""

    part: Size | None
    whole: Size

    def text(self, style: Style) -> str:
        if self.part is None:
            return UNKNOWN
        return format_share(self.part, self.whole, rounded=style.grouped).removesuffix(" %")

    @property
    def data(self) -> float | None:
        try:
            share = None if self.part is None else exact_quotient(self.part, self.whole)
        except (SymbolicError, ZeroDivisionError):
            return None
        return None if share is None or isinstance(share, Polynomial) else float(share * 100)

    def measure(self) -> Size | None:
        return self.part


class CellPart(NamedTuple):
    """So many of so many; None is unknown, and `reason` says why."""

    number: int | None
    whole: int | None
    reason: str = ""

    def text(self, style: Style) -> str:
        if self.number is None:
            return UNKNOWN
        return f"{Amount(self.number).text(style)}/{Amount(self.whole).text(style)}"

    @property
    def data(self) -> int | None:
        return self.number

    def measure(self) -> int | None:
        return self.number


class Sizes(NamedTuple):
    """The sizes of some tensors; empty where there is none."""

    shapes: tuple[Shape, ...]

    def text(self, style: Style) -> str:
        return " + ".join(_sizes_text(shape.sizes(), style) for shape in self.shapes) or "-"

    @property
    def data(self) -> tuple[object, ...] | None:
        sizes = tuple([shape.sizes() for shape in self.shapes])
        return sizes[0] if len(sizes) == 1 else sizes or None

    def measure(self) -> Size | None:
        return sum_of(shape.elements for shape in self.shapes) if self.shapes else None


class Extremes(NamedTuple):
    """The smallest and the largest of values that differ by position."""

    low: int
    high: int

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}{DASH}{self.high}"

    def __float__(self) -> float:
        return magnitude(self.high)


class Fractional(NamedTuple):
    """A fraction that is not whole."""

    numerator: int
    denominator: int

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    def __float__(self) -> float:
        return self.numerator / self.denominator


class Percentages(NamedTuple):
    """The smallest and the largest of shares that differ by position, shown in percent."""

    low: Fraction | int
    high: Fraction | int

    def text(self, style: Style) -> str:
        ends = (format_share(end, 1, rounded=style.grouped).removesuffix(" %") for end in self)
        return DASH.join(dict.fromkeys(ends))

    @property
    def data(self) -> AlongAxis:
        low, high = (float(100 * end) for end in self)
        return low if low == high else (low, high)

    def __float__(self) -> float:
        return float(self.high)


class Worded(NamedTuple):
    """A word in place of a number, and what it means for programs."""

    word: str
    value: AlongAxis

    def __str__(self) -> str:
        return self.word


# What does not exist along an axis, where another has it.
ABSENT = Worded(DASH, None)

AxisValue = int | float | Extremes | Fractional | Percentages | Worded | None


class EachAxis(NamedTuple):
    """One value per axis, written once where all agree; None is unknown.

    before and after: marks around the text.
    """

    values: tuple[AxisValue, ...]
    before: str = ""
    after: str = ""

    def text(self, style: Style) -> str:
        if not self.values:
            return "-"
        texts = [
            value.text(style) if isinstance(value, Percentages) else _axis_text(value)
            for value in self.values
        ]
        body = texts[0] if len(set(texts)) == 1 else "x".join(texts)
        return f"{self.before}{body}{self.after}"

    @property
    def data(self) -> object:
        return along_axes(map(_axis_data, self.values))

    def measure(self) -> float | None:
        known = (value for value in self.values if value is not None and not isinstance(value, Worded))
        numbers = (magnitude(value) if isinstance(value, int) else float(value) for value in known)
        return max(numbers, default=None)


class Coordinates(NamedTuple):
    """A place: a coordinate for each axis."""

    coordinates: tuple[int | float, ...]

    def text(self, style: Style) -> str:
        return ",".join(map(_axis_text, self.coordinates)) or "-"

    @property
    def data(self) -> tuple[int | float, ...]:
        return self.coordinates


class Marked(NamedTuple):
    """A cell with the mark of a footnote."""

    cell: Text | Sizes
    mark: int

    def text(self, style: Style) -> str:
        return f"{self.cell.text(style)} {footnote_mark(self.mark)}"

    @property
    def data(self) -> object:
        return self.cell.data


BLANK = Text("")

# What encloses a formula in the style "latex"; no other text holds them.
FORMULA_START, FORMULA_END = "\x0e", "\x0f"


def formula(value: Polynomial, style: Style) -> str:
    """A polynomial as text; a LaTeX formula is enclosed in marks for the renderer."""
    return marked(format_number(value, style.notation), style)


def marked(text: str, style: Style) -> str:
    """A formula as a cell's text; one for LaTeX carries the marks that tell the renderer so."""
    return f"{FORMULA_START}{text}{FORMULA_END}" if style.notation == "latex" else text


def _sizes_text(sizes: tuple[Size, ...], style: Style) -> str:
    if style.notation != "latex":
        return format_sizes(sizes)
    return "x".join(str(size) if isinstance(size, int) else formula(size, style) for size in sizes)


def footnote_mark(number: int) -> str:
    """The mark of a footnote; a superscript would be read as a power."""
    return f"[{number}]"


# Polynomials are sorted by their values for this number in place of every symbol.  Where one is larger
# for all values, it is so for this one: only an order that depends on the symbols is decided by it.
REPRESENTATIVE = 1000


def magnitude(value: Size) -> float:
    """A number to sort by."""
    if isinstance(value, Polynomial):
        result = value.evaluate(dict.fromkeys(value.symbols, REPRESENTATIVE))
        value = result if isinstance(result, int) else 0
    # Counts past the range of a float sort as infinite.
    return float(value) if value.bit_length() < 1000 else float("inf")


def _axis_data(value: AxisValue) -> AlongAxis:
    match value:
        case Extremes(low, high):
            return low if low == high else (low, high)
        case Fractional():
            return float(value)
        case Worded():
            return value.value
        case Percentages():
            return value.data
    return value


def _axis_text(value: AxisValue) -> str:
    if value is None:
        return UNKNOWN
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
