"""Exchanges between space and channels, and among channels."""

from typing import Annotated

from rfcalc.ops.attributes import CountKind
from rfcalc.ops.axis_maps import Repeat
from rfcalc.ops.conv import share_of_group
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, divided
from rfcalc.ops.formulas import AS_INPUT, Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, identity
from rfcalc.ops.rearrangement import Rearrangement
from rfcalc.ops.reshape import rearranged
from rfcalc.ops.windows import require_axes, window_reads
from rfcalc.shapes import Shape, Size

Factor = Annotated[Size, CountKind("the factor r along each axis")]


@operator(
    label="pixel shuffle",
    traits=("rearranging", "linear"),
    chinese="像素重组",
    formulas=Formulas("n · factor", "c / factor^a"),
)
def pixelshuffle(inputs: tuple[Shape, ...], *, factor: Factor) -> Facts:
    """Channels to space: r^a channels of one position become r positions along each of the a axes.

    Other work: none.
    Source: Shi et al. 2016; PyTorch PixelShuffle.
    """
    shape = require_axes(inputs, "pixelshuffle")
    rank = len(shape.axes)
    parts = factor**rank
    channels = share_of_group(shape.channels, parts, "channels", "factor")
    facts = unlearned(
        Shape(tuple(size * factor for size in shape.axes), channels),
        # How many neighbouring outputs read one position is unknown when that is symbolic.
        tuple(Along(axis, Repeat(factor)) if isinstance(factor, int) else None for axis in range(rank)),
        # One position shows the channels of its own place in the r^a, not those of the others.
        channels="select",
    )
    order = Rearrangement(
        (*((size,) for size in shape.axes), (channels, *(factor for _ in shape.axes))),
        (*(((axis, 0), (rank, 1 + axis)) for axis in range(rank)), ((rank, 0),)),
    )
    return facts._replace(rearranged=order)


@operator(
    label="pixel unshuffle",
    traits=("rearranging", "linear"),
    chinese="像素逆重组",
    formulas=Formulas("n / factor", "c · factor^a"),
)
def pixelunshuffle(inputs: tuple[Shape, ...], *, factor: Factor) -> Facts:
    """Space to channels: r positions along each of the a axes become r^a channels of one position.

    Other work: none.
    Source: PyTorch PixelUnshuffle; TensorFlow space_to_depth.
    """
    shape = require_axes(inputs, "pixelunshuffle")
    rank = len(shape.axes)
    axes = tuple(divide_axis(size, factor, "factor") for size in shape.axes)
    reads = tuple(window_reads(axis, factor, factor, (0, 0), 1, weights="copied") for axis in range(rank))
    order = Rearrangement(
        (*((size, factor) for size in axes), (shape.channels,)),
        (*(((axis, 0),) for axis in range(rank)), ((rank, 0), *((axis, 1) for axis in range(rank)))),
    )
    return rearranged(Shape(axes, shape.channels * factor**rank), reads, order)


@operator(label="channel shuffle", traits=("rearranging", "linear"), chinese="通道重排", formulas=AS_INPUT)
def channelshuffle(
    inputs: tuple[Shape, ...],
    *,
    groups: Annotated[Size, CountKind("number of groups that are interleaved", "g")],
) -> Facts:
    """Channels of g groups interleaved: channel i of group j becomes channel i · g + j.

    Other work: none.
    Source: Zhang et al. 2018 (ShuffleNet).
    """
    shape = inputs[0]
    own = share_of_group(shape.channels, groups, "channels")
    rank = len(shape.axes)
    axes = range(rank)
    order = Rearrangement(
        (*((size,) for size in shape.axes), (groups, own)),
        (*(((axis, 0),) for axis in axes), ((rank, 1), (rank, 0))),
    )
    return rearranged(shape, identity(rank), order)


def divide_axis(size: Size, length: Size, attribute: str) -> Size:
    """The number of tiles of one axis, size / length; raises OperatorProblem when a rest is left."""
    return divided(size, length, attribute, "an axis of {} does not divide into pieces of {}")
