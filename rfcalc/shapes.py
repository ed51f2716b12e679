"""Tensor sizes: spatial axes, then channels, as the textbook writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from rfcalc.records import NamedTuple
from rfcalc.symbolic.notation import Notation
from rfcalc.symbolic.polynomial import Number, format_number

# One length; an integer, or a polynomial when it depends on a symbol.
Size = Number

# What a figure is along one axis, for programs: a number, or the least and the most where it differs from
# unit to unit; infinite where all positions are meant, however many there are; None where it is not known,
# or there is none.
AlongAxis: TypeAlias = Number | float | tuple[float, float] | None

# Lengths past this are no tensor anyone can hold; the limit keeps every later figure bounded.
LARGEST_SIZE = 2**63

# How many channels images and volumes have: grey, colour, with transparency.
_CHANNELS_OF_IMAGES = (1, 3, 4)
# The least length of a square image, and of any other.
_LEAST_SQUARE = 16
_LEAST_OBLONG = 32


class Shape(NamedTuple):
    """The size of one example's tensor: none to three spatial axes, and a number of channels."""

    axes: tuple[Size, ...]
    channels: Size

    @property
    def positions(self) -> Size:
        """The number of spatial positions; 1 for a plain vector."""
        return product(self.axes)

    @property
    def elements(self) -> Size:
        """The number of elements: positions times channels."""
        return self.positions * self.channels

    def sizes(self) -> tuple[Size, ...]:
        """Spatial axes, then channels."""
        return (*self.axes, self.channels)

    def channels_first(self) -> Shape | None:
        """The image or volume that is likely meant, where the first size looks like its channels; else None.

        So it does where it is 1, 3 or 4 and the last two are equal, or 3 and none of the others is small.
        """
        channels, *axes = self.sizes()
        numbers = [size for size in axes if isinstance(size, int)]
        if len(axes) < 2 or len(numbers) < len(axes) or channels not in _CHANNELS_OF_IMAGES:
            return None
        square = numbers[-2] == numbers[-1] >= _LEAST_SQUARE
        oblong = channels == 3 and min(numbers) >= _LEAST_OBLONG
        return Shape(tuple(axes), channels) if square or oblong else None

    def __str__(self) -> str:
        return format_sizes(self.sizes())


def along_axes(values: Iterable[AlongAxis]) -> AlongAxis | tuple[AlongAxis, ...]:
    """One number where it is the same along all axes; else what it is along each; None without axes."""
    each = tuple(values)
    alike = len(set(each)) == 1 and not isinstance(each[0], tuple)
    return each[0] if alike else each or None


def product(sizes: Iterable[Size]) -> Size:
    """The product of some lengths; 1 when there are none."""
    result: Size = 1
    for size in sizes:
        result = result * size
    return result


def format_sizes(sizes: Iterable[Size], style: Notation = "unicode") -> str:
    """Lengths joined by `x`: 224x224x3, HxWx4C, (32h)x(32w)x3, (2h - 1)x1.

    A sum and a name that holds an x stand in parentheses, and so does a product before another length.
    style: as for `format_number`, but not "latex".
    """
    lengths = list(sizes)
    return "x".join(
        format_length(size, style, last=place == len(lengths)) for place, size in enumerate(lengths, 1)
    )


def format_length(size: Size, style: Notation = "unicode", *, last: bool = False) -> str:
    """One of several lengths, in parentheses where an x before or after it would be misread."""
    text = format_number(size, style=style)
    if isinstance(size, int) or (text.isidentifier() and "x" not in text):
        return text
    return text if last and " " not in text and "x" not in text and style != "language" else f"({text})"
