"""Operators that rename positions and channels without computing anything."""

from collections.abc import Mapping
from typing import Annotated, cast

from rfcalc.ops.attributes import Dimensions
from rfcalc.ops.axes import shape_of
from rfcalc.ops.axis_maps import IDENTITY, Window
from rfcalc.ops.elementwise import PASSED_ON, in_place, unlearned
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formulas import AS_INPUT, Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything
from rfcalc.ops.reads import identity as identity_reads
from rfcalc.ops.rearrangement import Rearrangement, composed, permuted, reshaped
from rfcalc.shapes import Shape, Size, format_sizes, product
from rfcalc.symbolic.polynomial import format_number

# Each is a digit, and what sees elements is followed digit by digit.
_MOST_LENGTHS = 12


def _reshaped(_inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    *axes, channels = cast("tuple[Size, ...]", arguments["to"])
    return {"m": tuple(axes), "d": channels}


def _permuted(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    sizes = cast("tuple[Size, ...]", arguments["split"] or inputs[0].sizes())
    in_order = tuple(sizes[place] for place in cast("tuple[int, ...]", arguments["order"]))
    *axes, channels = cast("tuple[Size, ...]", arguments["to"] or in_order)
    return {"m": tuple(axes), "d": channels}


@operator(label="identity", traits=("unchanged", "linear"), chinese="恒等映射", formulas=AS_INPUT)
def identity(inputs: tuple[Shape, ...]) -> Facts:
    """The identity: a place to hang a name on, an empty branch, the start of a branch elsewhere.

    Other work: none.
    Source: He et al. 2016 (identity shortcuts); 解析卷积神经网络 section 3.2.4.
    """
    return in_place(inputs[0], gain=PASSED_ON)


@operator(
    label="flatten", traits=("rearranging", "linear"), chinese="展平操作", formulas=Formulas("", "Πn · c")
)
def flatten(inputs: tuple[Shape, ...]) -> Facts:
    """All elements in one plain vector.

    Other work: none.
    Source: PyTorch Flatten, Keras Flatten.
    """
    shape = inputs[0]
    output = Shape((), shape.elements)
    reads = tuple(Collapsed() for _ in shape.axes)
    return rearranged(output, reads, reshaped(shape.sizes(), output.sizes()))


@operator(
    label="reshape",
    traits=("rearranging", "linear"),
    chinese="变形操作",
    formulas=Formulas(
        "m",
        "d",
        derive=_reshaped,
        meanings={
            "m": ("the length `to` gives the axis", "`to`为该轴给出的长度"),
            "d": ("the channels `to` gives, the last of its numbers", "`to`给出的通道数（末项）"),
        },
        remarks={"output": "the input must hold as many elements"},
    ),
)
def reshape(
    inputs: tuple[Shape, ...],
    *,
    to: Annotated[
        tuple[Size, ...],
        Dimensions("the new size: spatial axes, then channels (14x14x3)"),
    ],
) -> Facts:
    """The same elements, in row order with the channels last, in another size.

    Other work: none.
    Source: NumPy reshape.
    """
    shape = inputs[0]
    output = shape_of(to, "to")
    _require_elements(to, shape, "to")
    order = reshaped(shape.sizes(), to)
    if output.axes == shape.axes:
        return rearranged(output, identity_reads(len(shape.axes)), order)
    return rearranged(output, tuple(_reshaped_axis(i, shape, output) for i in range(len(shape.axes))), order)


def _require_elements(sizes: tuple[Size, ...], shape: Shape, attribute: str) -> None:
    """Refuse sizes that hold more or fewer elements than the input."""
    held = product(sizes)
    if held != shape.elements:
        raise OperatorProblem(
            f"{format_sizes(sizes)} holds {format_number(held)} elements, but the input {shape} has "
            f"{format_number(shape.elements)}",
            attribute,
        )


def _reshaped_axis(axis: int, shape: Shape, output: Shape) -> AxisReads | None:
    """What is still known of an axis when a reshape changes the spatial axes."""
    if not output.axes:
        return Collapsed()
    if shape.axes[axis] == 1 and len(output.axes) == len(shape.axes):
        # The one position there was is all there is to read.
        return Along(axis, IDENTITY) if output.axes[axis] == 1 else Everything(axis)
    return None


@operator(
    label="permute",
    traits=("rearranging", "linear"),
    chinese="换轴操作",
    formulas=Formulas(
        "m",
        "d",
        derive=_permuted,
        meanings={
            "m": (
                "the length that `to` gives the axis; else that of the place `order` names for it",
                "`to`为该轴给出的长度；未给出时为`order`所指位置上的大小",
            ),
            "d": (
                "the last number of `to`; else the length at the last place of `order`",
                "`to`的末项；未给出时为`order`末项所指位置上的大小",
            ),
        },
    ),
)
def permute(
    inputs: tuple[Shape, ...],
    *,
    split: Annotated[
        tuple[Size, ...] | None,
        Dimensions("lengths that axes and channels are taken apart into before, in row order (4x4x4x4x32)"),
    ] = None,
    order: Annotated[
        tuple[Size, ...],
        Dimensions(
            "for each place of the output the place it comes from, from 0: axes, then channels",
            minimum=0,
        ),
    ],
    to: Annotated[
        tuple[Size, ...] | None,
        Dimensions("the size that the result is read as, in row order: spatial axes, then channels"),
    ] = None,
) -> Facts:
    """The axes and channels in another order; `order=1x0x2` exchanges the two axes of an image.

    With `split` and `to` it is any rearrangement that einops writes: axes and channels taken apart, put in
    order, and put together.  `split=4x4x4x4x32 order=0x2x1x3x4 to=16x16x32` makes of a 16x16 map of 32
    channels its 16 windows of 16 positions.

    Other work: none.
    Source: PyTorch permute, NumPy transpose; Rogozhnikov 2022 (einops).
    """
    shape = inputs[0]
    sizes = split or shape.sizes()
    if len(sizes) > _MOST_LENGTHS:
        raise OperatorProblem(f"{len(sizes)} lengths; the most is {_MOST_LENGTHS}", "split")
    _require_elements(sizes, shape, "split")
    places = [place for place in order if isinstance(place, int)]
    if sorted(places) != list(range(len(sizes))) or len(places) != len(order):
        expected = "x".join(map(str, range(len(sizes))))
        what = f"the split is {format_sizes(sizes)}" if split else f"the input is {shape}"
        raise OperatorProblem(
            f"expected each of {expected} once ({what}), got {format_sizes(order)}", "order"
        )
    in_order = tuple(sizes[place] for place in places)
    output = shape_of(to or in_order, "to" if to else "order")
    _require_elements(output.sizes(), shape, "to")
    found: Rearrangement | None = permuted(sizes, places)
    if split:
        found = composed(reshaped(shape.sizes(), sizes), found)
    if to:
        found = composed(found, reshaped(in_order, to))
    rank = len(shape.axes)
    if found is None:
        return rearranged(output, (None,) * rank, None)
    facts = rearranged(output, tuple(_read_in(found, axis) for axis in range(rank)), found)
    kept = found.target[-1] == ((rank, 0),) and len(found.source[rank]) == 1
    return facts._replace(channels="each") if kept else facts


def _read_in(order: Rearrangement, axis: int) -> AxisReads | None:
    """How an axis is read that stays whole; None for one that is taken apart."""
    for place, made in enumerate(order.target):
        if made == ((axis, 0),) and len(order.source[axis]) == 1 and place < len(order.target) - 1:
            return Along(place, IDENTITY)
    own = [(axis, number) for number in range(len(order.source[axis]))]
    # An axis that becomes channels is seen whole by whatever reads them all.
    return Collapsed() if own and set(own) <= set(order.target[-1]) else None


def rearranged(output: Shape, reads: tuple[AxisReads | None, ...], order: Rearrangement | None) -> Facts:
    """The facts of an operator that moves elements and computes nothing."""
    # Each channel of a position is one of the elements that the taps read together.
    windows = [read.taps for read in reads if isinstance(read, Along)]
    taken = product(taps.kernel for taps in windows if isinstance(taps, Window))
    return unlearned(output, reads, channels="shuffle", gain=(1, taken))._replace(rearranged=order)
