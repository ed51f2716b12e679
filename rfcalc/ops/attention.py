"""Attention over positions: of a map to itself, whole or in windows, or to those of another tensor."""

from collections.abc import Mapping
from typing import Annotated

from rfcalc.ops.activation import softmax_work
from rfcalc.ops.attributes import CountKind, Flag, Lengths
from rfcalc.ops.axis_maps import Tile
from rfcalc.ops.conv import share_of_group
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads, identity
from rfcalc.ops.shuffle import divide_axis
from rfcalc.ops.windows import read_by_all, require_axes, whole_map
from rfcalc.shapes import Shape, Size, product


def _seen(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: the positions and the channels of what is attended to."""
    return {"K": inputs[-1].positions, "b": inputs[-1].channels}


@operator(
    label="attention",
    traits=("attending",),
    chinese="自注意力操作",
    operands=(1, 2),
    formulas=Formulas(
        "n",
        "d",
        {
            "query": "e · c if projections",
            "query_bias": "e if projections and bias",
            "key": "e · b if projections",
            "key_bias": "e if projections and bias",
            "value": "v · b if projections",
            "value_bias": "v if projections and bias",
            "output": "d · v if projections",
            "output_bias": "d if projections and bias",
            "relative_bias": "Π(2 · window − 1) · heads if relative_bias",
        },
        "N · M · (e + v) + N · (c · e + v · d) + K · b · (e + v) if projections else N · M · (e + v)",
        where={
            "N": "Πn",
            "M": "Πwindow if window else K",
            "e": "key_channels",
            "v": "value_channels if value_channels else key_channels",
        },
        derive=_seen,
        meanings={
            "N": ("positions", "位置数"),
            "K": ("positions of what is attended to, the second tensor if there is one", "被关注者的位置数"),
            "b": ("channels of what is attended to", "被关注者的通道数"),
            "M": ("positions that each one sees", "每个位置所见的位置数"),
            "e": ("inner channels of query and key", "查询与键的内部通道数"),
            "v": ("inner channels of the value", "值的内部通道数"),
        },
        remarks={
            "macs": "N · M · (e + v) is for the products with keys and values, the rest for the projections"
        },
    ),
)
def attention(
    inputs: tuple[Shape, ...],
    *,
    heads: Annotated[Size, CountKind("number of heads the inner channels are divided among")] = 1,
    key_channels: Annotated[
        Size | None,
        CountKind("inner channels of query and key, all heads together; the input's when left out"),
    ] = None,
    value_channels: Annotated[
        Size | None, CountKind("inner channels of the value; those of query and key when left out")
    ] = None,
    out_channels: Annotated[Size | None, CountKind("output channels; the input's when left out", "d")] = None,
    window: Annotated[
        tuple[Size, ...] | None,
        Lengths("size of the windows attention stays in; the whole map when left out"),
    ] = None,
    shift: Annotated[
        tuple[Size, ...],
        Lengths("how far the windows are moved; those at the borders are cut off, not joined", minimum=0),
    ] = (0,),
    relative_bias: Annotated[
        bool, Flag("whether each head learns a bias for each distance within a window")
    ] = False,
    bias: Annotated[bool, Flag("whether the projections learn a bias")] = True,
    projections: Annotated[bool, Flag("whether query, key, value and output are projected")] = True,
) -> Facts:
    """Multi-head attention: a weighted mean over all of the map, a window or a second tensor.

    N positions, M seen by each, c channels, e inner channels, v those of the value, H heads.  A second tensor
    of K positions gives keys and values (cross-attention, pooled keys).

    Other work: H · N · M divisions by √(e / H); a softmax over M numbers H · N times; a relative bias
        H · N · M additions; biases N (e + d) + K (e + v) additions.
    Source: Vaswani et al. 2017; Wang et al. 2018 (non-local); Liu et al. 2021 (Swin, windows, relative bias).
    """
    shape = inputs[0]
    other = inputs[-1]
    if len(inputs) == 1:
        require_axes(inputs, "attention")
    channels = shape.channels
    inner = channels if key_channels is None else key_channels
    value = inner if value_channels is None else value_channels
    outer = channels if out_channels is None else out_channels
    if not projections:
        _refuse_widths(channels, other.channels, inner, value, outer)
    share_of_group(inner, heads, "inner channels", "heads", "heads")
    share_of_group(value, heads, "inner channels of the value", "heads", "heads")
    positions, seen = shape.positions, other.positions
    reads: tuple[tuple[AxisReads | None, ...], ...]
    if window is not None:
        if len(inputs) == 2:
            raise OperatorProblem("windows are those of one map; there is a second tensor", "window")
        for size, length in zip(shape.axes, window, strict=True):
            divide_axis(size, length, "window")
        seen = product(window)
        # Windows stay windows where one is as large as the map.
        moved = shift * len(shape.axes) if len(shift) == 1 else shift
        reads = (tuple(_in_window(axis, *each) for axis, each in enumerate(zip(window, moved, strict=True))),)
    elif relative_bias or any(amount != 0 for amount in shift):
        name = "relative_bias" if relative_bias else "shift"
        raise OperatorProblem("there is no window whose size is known: say window=…", name)
    elif len(inputs) == 2:
        # Each position is read as the query; all of the second tensor by every one.
        reads = (identity(len(shape.axes)), read_by_all(other.axes, shape.axes))
    else:
        reads = (whole_map(shape.axes, "main"),)
    pairs = heads * positions * seen
    work = softmax_work(heads * positions, seen).plus(Work(divide=pairs))
    macs = positions * seen * (inner + value)
    weights: dict[str, tuple[Size, ...]] = {}
    if projections:
        macs = macs + positions * (channels * inner + value * outer)
        macs = macs + other.positions * other.channels * (inner + value)
        for name, dimensions in (
            ("query", (inner, channels)),
            ("key", (inner, other.channels)),
            ("value", (value, other.channels)),
            ("output", (outer, value)),
        ):
            weights[name] = dimensions
            if bias:
                weights[f"{name}_bias"] = dimensions[:1]
        if bias:
            work = work.plus(Work(add=positions * (inner + outer) + other.positions * (inner + value)))
    if relative_bias:
        assert window is not None
        weights["relative_bias"] = (product([2 * length - 1 for length in window]), heads)
        work = work.plus(Work(add=pairs))
    return Facts(
        output=Shape(shape.axes, outer),
        reads=reads,
        weights=weights,
        macs=macs,
        work=work,
        channels="all" if projections or heads == 1 else "group",
        groups=heads,
        decided={
            **({"key_channels": inner} if key_channels is None else {}),
            **({"out_channels": outer} if out_channels is None else {}),
        },
    )


def _in_window(axis: int, length: Size, shift: Size) -> AxisReads | None:
    """Each position reads the window it stands in; None for a symbolic one."""
    if not isinstance(length, int) or not isinstance(shift, int):
        return None
    if shift >= length:
        raise OperatorProblem(f"windows of {length} are moved by less than {length}", "shift")
    return Along(axis, Tile(length, shift))


def _refuse_widths(channels: Size, seen: Size, inner: Size, value: Size, outer: Size) -> None:
    """Without projections there is nothing that could change the number of channels."""
    if seen != channels:
        raise OperatorProblem("without projections both tensors have as many channels", "projections")
    for attribute, width in (("key_channels", inner), ("value_channels", value), ("out_channels", outer)):
        if width != channels:
            raise OperatorProblem(
                f"without projections {attribute} can only be the input's channels", attribute
            )
