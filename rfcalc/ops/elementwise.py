"""What operators share that learn nothing, or work on each element, or each position, by itself."""

from rfcalc.ops.facts import NO_WORK, Channels, Facts, Work
from rfcalc.ops.reads import AxisReads, identity
from rfcalc.shapes import Shape, Size

Gain = tuple[Size, Size] | None
# Of an operator that multiplies by nothing but the coefficients of its taps.
PASSED_ON = (1, 1)


def unlearned(
    output: Shape,
    *reads: tuple[AxisReads | None, ...],
    work: Work = NO_WORK,
    channels: Channels = "each",
    gain: Gain = PASSED_ON,
) -> Facts:
    """The facts of an operator that learns nothing and so multiplies by nothing it has learned."""
    return Facts(output=output, reads=reads, weights={}, macs=0, work=work, channels=channels, gain=gain)


def in_place(
    shape: Shape,
    work: Work = NO_WORK,
    weights: dict[str, tuple[Size, ...]] | None = None,
    channels: Channels = "each",
    gain: Gain = None,
) -> Facts:
    """The facts of an operator that keeps the shape and reads, for each unit, its own position."""
    facts = unlearned(shape, identity(len(shape.axes)), work=work, channels=channels, gain=gain)
    return facts._replace(weights=weights or {})


def per_element(shape: Shape, work: Work, gain: Gain = None) -> Facts:
    """The facts of an operator that does this work for each element."""
    return in_place(shape, work.times(shape.elements), gain=gain)
