"""What operators share that work on each element, or each position, by itself."""

from rfcalc.ops.facts import NO_WORK, Channels, Facts, Work
from rfcalc.ops.reads import identity
from rfcalc.shapes import Shape, Size


def in_place(
    shape: Shape,
    work: Work = NO_WORK,
    weights: dict[str, tuple[Size, ...]] | None = None,
    channels: Channels = "each",
) -> Facts:
    """The facts of an operator that keeps the shape and reads, for each unit, its own position."""
    return Facts(
        shape,
        reads=(identity(len(shape.axes)),),
        weights=weights or {},
        macs=0,
        work=work,
        channels=channels,
    )


def per_element(shape: Shape, work: Work) -> Facts:
    """The facts of an operator that does this work for each element."""
    return in_place(shape, work.times(shape.elements))
