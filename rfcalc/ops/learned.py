"""A learned tensor that is no layer's weight: a class token, a position embedding, a gain."""

from collections.abc import Mapping
from typing import Annotated, cast

from rfcalc.ops.attributes import Dimensions, Flag
from rfcalc.ops.axes import shape_of
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape, Size


def _sizes(_inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    *axes, channels = cast("tuple[Size, ...]", arguments["size"])
    return {"m": tuple(axes), "d": channels}


@operator(
    label="learned tensor",
    chinese="可学习张量",
    operands=(0, 0),
    formulas=Formulas(
        "m",
        "d",
        {"weight": "Πm · d if learned"},
        derive=_sizes,
        meanings={
            "m": ("the length `size` gives the axis", "`size`为该轴给出的长度"),
            "d": ("the channels `size` gives, the last of its numbers", "`size`给出的通道数（末项）"),
        },
    ),
)
def learned(
    inputs: tuple[Shape, ...],
    *,
    size: Annotated[tuple[Size, ...], Dimensions("its size: spatial axes, then channels (197x768)")],
    learned: Annotated[
        bool, Flag("whether it is learned; else it is a buffer, as a table of sines is")
    ] = True,
    training: Annotated[
        bool, Flag("whether training alone uses it, so that no layer here need read it")
    ] = False,
) -> Facts:
    """A tensor that is learned and reads nothing, the same for every example; with `learned=no` it is fixed.

    Other work: none.
    Source: Dosovitskiy et al. 2021 (ViT: class token, position embedding).
    """
    return Facts(
        output=shape_of(size, "size"),
        reads=(),
        weights={"weight": size} if learned else {},
        buffers={} if learned else {"weight": size},
        macs=0,
        work=Work(),
        channels="all",
        sink=training,
    )
