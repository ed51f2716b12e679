"""Operators that rename positions and channels without computing anything."""

from collections.abc import Mapping
from typing import Annotated, cast

from rfcalc.ops.attributes import Dimensions
from rfcalc.ops.axis_maps import IDENTITY
from rfcalc.ops.elementwise import in_place, unlearned
from rfcalc.ops.facts import Facts, OperatorProblem
from rfcalc.ops.formulas import AS_INPUT, Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything
from rfcalc.ops.reads import identity as identity_reads
from rfcalc.ops.rearrangement import Rearrangement, permuted, reshaped
from rfcalc.shapes import Shape, Size, format_sizes
from rfcalc.symbolic.polynomial import format_number


def _reshaped(_inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    *axes, channels = cast("tuple[Size, ...]", arguments["to"])
    return {"m": tuple(axes), "d": channels}


def _permuted(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    *axes, channels = (inputs[0].sizes()[place] for place in cast("tuple[int, ...]", arguments["order"]))
    return {"m": tuple(axes), "d": channels}


@operator(label="identity", traits=("unchanged", "linear"), chinese="恒等映射", formulas=AS_INPUT)
def identity(inputs: tuple[Shape, ...]) -> Facts:
    """The identity: a place to hang a name on, an empty branch, the start of a branch elsewhere.

    Other work: none.
    Source: He et al. 2016 (identity shortcuts); 解析卷积神经网络 section 3.4.
    """
    return in_place(inputs[0])


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
    if len(to) > 4:
        raise OperatorProblem(
            f"{format_sizes(to)} has {len(to) - 1} spatial axes; the most is 3 (and the channels)",
            "to",
        )
    output = Shape(to[:-1], to[-1])
    if output.elements != shape.elements:
        raise OperatorProblem(
            f"{output} holds {format_number(output.elements)} elements, but the input {shape} has "
            f"{format_number(shape.elements)}",
            "to",
        )
    order = reshaped(shape.sizes(), to)
    if output.axes == shape.axes:
        return rearranged(output, identity_reads(len(shape.axes)), order)
    return rearranged(output, tuple(_reshaped_axis(i, shape, output) for i in range(len(shape.axes))), order)


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
                "the input's size at the place `order` names for the axis",
                "输入在`order`所指位置上的大小",
            ),
            "d": ("the input's size at the last place of `order`", "输入在`order`末项所指位置上的大小"),
        },
    ),
)
def permute(
    inputs: tuple[Shape, ...],
    *,
    order: Annotated[
        tuple[Size, ...],
        Dimensions(
            "for each place of the output the place it comes from, from 0: axes, then channels",
            minimum=0,
        ),
    ],
) -> Facts:
    """The axes and channels in another order; `order=1x0x2` exchanges the two axes of an image.

    Other work: none.
    Source: PyTorch permute, NumPy transpose.
    """
    shape = inputs[0]
    rank = len(shape.axes)
    places = [place for place in order if isinstance(place, int)]
    if sorted(places) != list(range(rank + 1)) or len(places) != len(order):
        expected = "x".join(map(str, range(rank + 1)))
        raise OperatorProblem(
            f"expected each of {expected} once (the input is {shape}), got {format_sizes(order)}",
            "order",
        )
    sizes = [shape.sizes()[place] for place in places]
    # An axis that becomes the channels is seen whole by whatever reads them all.
    reads = tuple(
        Along(places.index(axis), IDENTITY) if places.index(axis) < rank else Collapsed()
        for axis in range(rank)
    )
    facts = rearranged(Shape(tuple(sizes[:-1]), sizes[-1]), reads, permuted(shape.sizes(), places))
    return facts._replace(channels="each") if places[-1] == rank else facts


def rearranged(output: Shape, reads: tuple[AxisReads | None, ...], order: Rearrangement | None) -> Facts:
    """The facts of an operator that moves elements and computes nothing."""
    return unlearned(output, reads, channels="shuffle")._replace(rearranged=order)
