"""Applying one operator in a test, with sizes and attributes written as a description writes them."""

from __future__ import annotations

import re
from fractions import Fraction

from rfcalc.ops.attributes import PerAxis, SizeReference, SpanValue, Value, Word
from rfcalc.ops.facts import Facts
from rfcalc.ops.reads import Along, AxisReads, Collapsed
from rfcalc.ops.registry import find_operator
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import Polynomial


def size(text: str) -> Size:
    """A length: `7`, or some number times some symbol: `C`, `32H`."""
    found = re.fullmatch(r"(\d*)([A-Z]?)", text)
    assert found, text
    factor = int(found[1] or 1)
    return factor * Polynomial.symbol(found[2]) if found[2] else factor


def shape(text: str) -> Shape:
    """A shape: `56x56x64`, `784`, `HxWxC`."""
    *axes, channels = map(size, text.split("x"))
    return Shape(tuple(axes), channels)


def value(text: str) -> Value:
    """A value of an attribute: `3`, `1x7`, `0:1`, `1x0:1`, `0.5`, `same`, `2C`, `enc1@28x28x64`."""
    if "@" in text:
        name, target = text.split("@")
        return SizeReference(name, shape(target))
    if re.fullmatch(r"[a-z_]+", text):
        return Word(text)
    if "x" in text:
        return PerAxis(map(value, text.split("x")))
    if ":" in text:
        return SpanValue(*(value(end) if end else None for end in text.split(":")))
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return Fraction(text) if re.fullmatch(r"[-\d.e]+", text) else size(text)


def called(op: str, sizes: str, written: str = "") -> tuple[dict[str, Value], tuple[Shape, ...]]:
    """The attributes and the operands of an operator called so."""
    spellings = find_operator(op).spellings
    values = {spellings[key]: value(text) for key, text in (w.split("=") for w in written.split())}
    return values, tuple(map(shape, sizes.split()))


def bound(op: str, sizes: str, written: str = "") -> tuple[tuple[Shape, ...], dict[str, object]]:
    """The operands and the converted attributes of an operator called so."""
    values, inputs = called(op, sizes, written)
    return inputs, find_operator(op).bind(values, len(inputs[0].axes) if inputs else 0)


def facts(op: str, sizes: str, written: str = "") -> Facts:
    """The facts of an operator: `facts("conv", "56x56x64", "f=3 p=1 d=64")`."""
    inputs, attributes = bound(op, sizes, written)
    return find_operator(op).function(inputs, **attributes)


def output(op: str, sizes: str, written: str = "") -> str:
    """The output size."""
    return str(facts(op, sizes, written).output)


def cell(op: str, sizes: str, written: str = "") -> str:
    """The book's parameter cell, with what the sizes decide."""
    operator = find_operator(op)
    return operator.parameter_text(operator.apply(*called(op, sizes, written))[0])


def positions_read(reads: AxisReads | None, unit: int, length: int) -> set[int]:
    """The positions 0 … length - 1 of an axis that output `unit` reads."""
    if isinstance(reads, Along):
        period, phase = divmod(unit, reads.taps.period)
        found = {period * reads.taps.shift + tap for tap in reads.taps.taps(phase)}
        return found & set(range(length))
    assert reads is not None
    # A collapsed axis and a global one are seen whole.
    assert isinstance(reads, Collapsed) or reads.local is None or reads.local.period == 1
    return set(range(length))
