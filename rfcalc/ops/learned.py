"""A learned tensor that is no layer's weight: a class token, a position embedding, a gain."""

from collections.abc import Mapping
from typing import Annotated, cast

from rfcalc.ops.attributes import CountKind, Dimensions
from rfcalc.ops.axes import shape_of
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.shapes import Shape, Size, product


def _sizes(_inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    *axes, channels = size = cast("tuple[Size, ...]", arguments["size"])
    params = cast("Size | None", arguments["params"])
    return {"m": tuple(axes), "d": channels, "P": product(size) if params is None else params}


@operator(
    label="learned tensor",
    chinese="可学习张量",
    operands=(0, 0),
    formulas=Formulas(
        "m",
        "d",
        {"weight": "P if P > 0"},
        derive=_sizes,
        meanings={
            "m": ("the length `size` gives the axis", "`size`为该轴给出的长度"),
            "d": ("the channels `size` gives, the last of its numbers", "`size`给出的通道数（末项）"),
            "P": ("`params` where that is stated, else Πm · d", "给出`params`时为其值，否则为Πm · d"),
        },
    ),
)
def learned(
    inputs: tuple[Shape, ...],
    *,
    size: Annotated[tuple[Size, ...], Dimensions("its size: spatial axes, then channels (197x768)")],
    params: Annotated[
        Size | None,
        CountKind("how many learned numbers it is made of, where these are not its elements", minimum=0),
    ] = None,
) -> Facts:
    """A tensor that is learned and reads nothing, the same for every example.

    Other work: none.
    Source: Dosovitskiy et al. 2021 (ViT: class token, position embedding).
    """
    return Facts(
        output=shape_of(size, "size"),
        reads=(),
        weights={"weight": size} if params is None else {"weight": (params,)} if params != 0 else {},
        macs=0,
        work=Work(),
        channels="all",
    )
