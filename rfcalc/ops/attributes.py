"""The kinds of attribute an operator's signature may have, and how a written value becomes one.

A written value is an integer, an exact fraction, a polynomial, a flag, a word, a list per axis
(`1x7`) or a span (`0:1`).  A kind turns it into the form the operator computes with, or raises
`OperatorProblem`; it also knows how the textbook prints it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, Union

from rfcalc.ops.facts import OperatorProblem
from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE, Shape, Size, format_length
from rfcalc.symbolic.notation import Notation
from rfcalc.symbolic.polynomial import Polynomial, format_number, is_integral, not_whole

if TYPE_CHECKING:
    from fractions import Fraction

# Everything an expression can evaluate to.
Value: TypeAlias = Union["int | Fraction | Polynomial", "Word", "SpanValue", "PerAxis", "SizeReference"]


class Word(str):
    """A bare word that names a choice (`same`, `bilinear`, `yes`)."""

    __slots__ = ()


class PerAxis(tuple[Value, ...]):
    """A value written `AxB` or `AxBxC`: one entry per axis."""

    __slots__ = ()


class SpanValue(NamedTuple):
    """A value written `start:stop` or `start:stop:step`; an end left out is None."""

    start: Value | None
    stop: Value | None
    step: Value | None = None


class SizeReference(NamedTuple):
    """A layer named by an attribute (`like=enc1`), with the shape of its output."""

    name: str
    shape: Shape


YES = frozenset({"yes", "true", "on"})
NO = frozenset({"no", "false", "off"})


def format_value(value: object, style: Notation = "unicode") -> str:
    """A value as a description writes it: `3`, `0.75`, `1e-4`, `1x7`, `0:1`, `same`, `yes`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Word | str):
        return str(value)
    if isinstance(value, SizeReference):
        return value.name
    if isinstance(value, SpanValue):
        ends = [value.start, value.stop, *([] if value.step is None else [value.step])]
        return ":".join("" if end is None else format_value(end, style) for end in ends)
    if isinstance(value, tuple):
        last = len(value) - 1
        return "x".join(
            format_length(entry, style, last=place == last)
            if isinstance(entry, Polynomial)
            else format_value(entry, style)
            for place, entry in enumerate(value)
        )
    if isinstance(value, int | Polynomial):
        return format_number(value, style=style)
    # Only a description with a fraction in it comes here, and has loaded the module by then.
    from fractions import Fraction

    if isinstance(value, Fraction):
        return format_number(value, style=style)
    raise TypeError(f"no value of a description: {value!r}")


class Kind(ABC):
    """One kind of attribute.

    about: what the attribute is, for the reference; letter: the textbook's name for it, a second
    spelling in a description; symbol: what the book's column prints (α for alpha).
    always: the book's column shows it even at its default.  words: the bare words it accepts.
    minimum: the least that a number of it may be; None where there is none.
    refers: its value is no expression but the name of a layer.  any_word: a word that names no value is one.
    """

    words: frozenset[str] = frozenset()
    # Whether a value may be a list per axis, so that an x in it separates entries.
    per_axis: bool = False
    refers: bool = False
    any_word: bool = False
    minimum: int | None = None
    # What a value must look like, for messages and the reference.
    expects: str = ""

    def __init__(
        self,
        about: str,
        letter: str = "",
        *,
        symbol: str = "",
        minimum: int | None = None,
        always: bool = False,
    ) -> None:
        self.about = about
        self.minimum = self.minimum if minimum is None else minimum
        self.expects = self.expects.format(minimum=self.minimum)
        self.letter = letter
        self.symbol = symbol or letter
        self.always = always

    @abstractmethod
    def convert(self, value: Value, rank: int) -> object:
        """The value in the form the operator computes with, for an input of `rank` spatial axes.

        Raises OperatorProblem when the value is of another kind or out of range.
        """

    def positive(self, value: object) -> Iterator[Polynomial]:
        """What must be at least 1 for no number of a converted value to be below the minimum."""
        if isinstance(value, Polynomial) and self.minimum is not None:
            yield from (more for more in (value - self.minimum + 1,) if isinstance(more, Polynomial))
        elif isinstance(value, tuple):
            for entry in value:
                yield from self.positive(entry)

    def default(self, value: object, rank: int) -> object:
        """The signature's default in the form the operator computes with."""
        return value

    def text(self, value: object, style: Notation = "language") -> str:
        """The converted value as a description writes it, and as it reads it again."""
        return format_value(value, style)

    def printed(self, value: object) -> str:
        """The converted value as the book's parameter column prints it."""
        return self.text(value, "unicode")

    def refuse(self, value: object) -> OperatorProblem:
        """The problem that this value is not what the kind expects."""
        return OperatorProblem(f"expected {self.expects}, got {format_value(value)}")


def _whole(value: object, kind: Kind) -> Size:
    """An integer or an integer polynomial, within range; raises OperatorProblem."""
    if isinstance(value, bool):
        raise kind.refuse(value)
    if isinstance(value, int):
        if kind.minimum is not None and value < kind.minimum:
            raise OperatorProblem(f"expected {kind.expects}, got {value}")
        if abs(value) > LARGEST_SIZE:
            raise OperatorProblem("a length or count may not pass 2^63")
        return value
    if isinstance(value, Polynomial) and is_integral(value):
        # What is only undecided may be: it is the operator that knows which sizes it can work with.
        above = value - kind.minimum if kind.minimum is not None else 0
        if isinstance(above, Polynomial) and above.sign() == -1:
            raise kind.refuse(value)
        return value
    if isinstance(value, Polynomial):
        raise kind.refuse(value) from not_whole(value)
    raise kind.refuse(value)


def _entries(value: Value, rank: int, kind: Kind) -> tuple[Value, ...]:
    """The value's entry for each of `rank` axes; a single value stands for all of them."""
    if isinstance(value, PerAxis):
        if len(value) != rank:
            raise OperatorProblem(
                f"{format_value(value)} has {len(value)} entries, but the input has {_axes(rank)}"
            )
        return tuple(value)
    # A plain vector keeps the entry as written: the operator says what it thinks of it.
    return (value,) * max(rank, 1)


def _axes(rank: int) -> str:
    return {0: "no spatial axis", 1: "1 spatial axis"}.get(rank, f"{rank} spatial axes")


class CountKind(Kind):
    """A whole number, or a polynomial: channels, groups, heads."""

    minimum = 1
    expects = "a whole number of at least {minimum}"

    def convert(self, value: Value, rank: int) -> Size:
        return _whole(value, self)


class _AxisKind(Kind):
    """A value per axis; one stands for every axis."""

    per_axis = True

    def default(self, value: object, rank: int) -> object:
        return value * rank if isinstance(value, tuple) else value

    def text(self, value: object, style: Notation = "language") -> str:
        if isinstance(value, tuple) and value and all(entry == value[0] for entry in value[1:]):
            return format_value(value[0], style)
        return format_value(value, style)


class Lengths(_AxisKind):
    """A whole number per axis."""

    minimum = 1
    expects = "a whole number of at least {minimum}, or one per axis (3x5)"

    def convert(self, value: Value, rank: int) -> tuple[Size, ...]:
        return tuple(_whole(entry, self) for entry in _entries(value, rank, self))


# The padding before and after each axis.
Pads = tuple[tuple[Size, Size], ...]


class Padding(_AxisKind):
    """Padding: `1`, `0:1` (before:after), `1x2` per axis, or a word that the sizes decide."""

    def __init__(
        self,
        about: str,
        letter: str = "p",
        *,
        words: Iterable[str] = (),
        negative: bool = False,
    ) -> None:
        super().__init__(about, letter, minimum=None if negative else 0)
        self.words = frozenset(words)
        choices = "".join(f", {word}" for word in sorted(self.words))
        self.expects = f"a whole number, before:after (0:1), or one per axis (1x0:1){choices}"

    def convert(self, value: Value, rank: int) -> object:
        if isinstance(value, Word):
            if value in self.words:
                return str(value)
            raise self.refuse(value)
        return tuple(self._pair(entry) for entry in _entries(value, rank, self))

    def _pair(self, entry: Value) -> tuple[Size, Size]:
        if isinstance(entry, SpanValue):
            if entry.start is None or entry.stop is None or entry.step is not None:
                raise self.refuse(entry)
            return _whole(entry.start, self), _whole(entry.stop, self)
        both = _whole(entry, self)
        return both, both

    def text(self, value: object, style: Notation = "language") -> str:
        if not isinstance(value, tuple):
            return format_value(value, style)
        return super().text(tuple(one if one == two else SpanValue(one, two) for one, two in value), style)


class ChannelPadding(Padding):
    """Padding of the channels alone: `8`, or `0:8` (before:after)."""

    per_axis = False

    def convert(self, value: Value, rank: int) -> object:
        return self._pair(value)

    def default(self, value: object, rank: int) -> object:
        return value

    def text(self, value: object, style: Notation = "language") -> str:
        return super().text((value,), style)


class Flag(Kind):
    """Yes or no."""

    words = YES | NO
    expects = "yes or no"

    def convert(self, value: Value, rank: int) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, Word) and value in self.words:
            return value in YES
        if value in (0, 1):
            return value == 1
        raise self.refuse(value)


class Choice(Kind):
    """One of a few words."""

    def __init__(self, about: str, words: Iterable[str], letter: str = "") -> None:
        super().__init__(about, letter)
        self.order = tuple(words)
        self.words = frozenset(self.order)
        self.expects = "one of " + ", ".join(self.order)

    def convert(self, value: Value, rank: int) -> str:
        if isinstance(value, Word) and value in self.words:
            return str(value)
        raise self.refuse(value)


class Real(Kind):
    """An exact number in a range: a rate, a coefficient."""

    def __init__(
        self,
        about: str,
        letter: str = "",
        *,
        symbol: str = "",
        minimum: int | None = None,
        maximum: int | None = None,
        always: bool = False,
    ) -> None:
        super().__init__(about, letter, symbol=symbol, minimum=minimum, always=always)
        self.maximum = maximum
        ends = [
            *([] if minimum is None else [f"at least {minimum}"]),
            *([] if maximum is None else [f"at most {maximum}"]),
        ]
        self.expects = " of ".join(["a number", " and ".join(ends)] if ends else ["a number"])

    def convert(self, value: Value, rank: int) -> object:
        if isinstance(value, bool | Word | PerAxis | SpanValue | SizeReference | Polynomial):
            raise self.refuse(value)
        if (self.minimum is not None and value < self.minimum) or (
            self.maximum is not None and value > self.maximum
        ):
            raise self.refuse(value)
        return value

    def printed(self, value: object) -> str:
        # The book writes a power of ten as one: 10^-4.
        numerator, slash, digits = str(value).partition("/")
        if slash and numerator == "1" and len(digits) > 3 and digits.strip("0") == "1":
            return f"10^-{len(digits) - 1}"
        return super().printed(value)


class Factors(_AxisKind):
    """A positive number per axis, whole or not: the factor of a resampling."""

    expects = "a positive number, or one per axis (2x1.5)"

    def convert(self, value: Value, rank: int) -> tuple[object, ...]:
        entries = _entries(value, rank, self)
        for entry in entries:
            if (
                isinstance(entry, bool | Word | PerAxis | SpanValue | SizeReference | Polynomial)
                or entry <= 0
            ):
                raise self.refuse(entry)
        return entries


class IndexRange(Kind):
    """A span of indices, `start:stop` or `start:stop:step`, counted as Python counts them."""

    expects = "start:stop or start:stop:step"

    def convert(self, value: Value, rank: int) -> SpanValue:
        if not isinstance(value, SpanValue):
            raise self.refuse(value)
        ends = [None if end is None else _whole(end, self) for end in value]
        return SpanValue(*ends)


class Dimensions(Kind):
    """A list of lengths of any number: the target of a reshape, the order of a permutation."""

    per_axis = True

    minimum = 1
    expects = "whole numbers of at least {minimum}, joined by x"

    def convert(self, value: Value, rank: int) -> tuple[Size, ...]:
        entries = tuple(value) if isinstance(value, PerAxis) else (value,)
        return tuple(_whole(entry, self) for entry in entries)


class AxisNumbers(Kind):
    """Some spatial axes by their numbers, the first is 0, joined by x; or a word for what they are."""

    per_axis = True

    def __init__(self, about: str, words: Iterable[str]) -> None:
        super().__init__(about, minimum=0)
        order = tuple(words)
        self.words = frozenset(order)
        self.expects = f"one of {', '.join(order)}, or numbers of axes (0, 0x1)"

    def convert(self, value: Value, rank: int) -> object:
        if isinstance(value, Word) and value in self.words:
            return str(value)
        return tuple(_whole(entry, self) for entry in (value if isinstance(value, PerAxis) else (value,)))


class LayerReference(Kind):
    """The name of an earlier layer whose size is followed."""

    expects = "the name of an earlier layer"
    refers = True

    def convert(self, value: Value, rank: int) -> SizeReference:
        if isinstance(value, SizeReference):
            return value
        raise self.refuse(value)
