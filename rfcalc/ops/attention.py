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
from rfcalc.symbolic.polynomial import format_number


def _seen(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: the positions of what is attended to, the channels that give its keys and its values."""
    _, key, value = _query_key_value(inputs)
    return {"K": key.positions, "b": key.channels, "u": value.channels}


def _query_key_value(inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    """The tensors that queries, keys and values are made of; one that is left out is the one before it."""
    return inputs[0], inputs[:2][-1], inputs[-1]


@operator(
    label="attention",
    traits=("attending",),
    chinese="自注意力操作",
    operands=(1, 3),
    formulas=Formulas(
        "n",
        "d",
        {
            "query": "e · c if projections",
            "query_bias": "e if projections and bias",
            "key": "e · b if projections",
            "key_bias": "e if projections and bias",
            "value": "v · u if projections",
            "value_bias": "v if projections and bias",
            "output": "d · v if projections",
            "output_bias": "d if projections and bias",
            "relative_bias": "Π(2 · window − 1) · heads if relative_bias",
            "position_bias": "position_bias if position_bias",
        },
        "N · M · (e + v) + N · (c · e + v · d) + K · (b · e + u · v) if projections else N · M · (e + v)",
        where={
            "N": "Πn",
            "M": "Πwindow if window else K",
            "e": "key_channels",
            "v": "value_channels if value_channels else key_channels if projections else u",
        },
        derive=_seen,
        meanings={
            "N": ("positions", "位置数"),
            "K": ("positions of what is attended to, the second tensor if there is one", "被关注者的位置数"),
            "b": ("channels of what is attended to", "被关注者的通道数"),
            "position_bias": ("numbers of the learned bias by position", "按位置学习的偏置的个数"),
            "u": (
                "channels of what gives the values, the third tensor if there is one",
                "值所取自者的通道数",
            ),
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
    out_channels: Annotated[Size | None, CountKind("output channels; the input's when left out", "d")] = None,
    heads: Annotated[Size, CountKind("number of heads the inner channels are divided among")] = 1,
    key_channels: Annotated[
        Size | None,
        CountKind("inner channels of query and key, all heads together; the input's when left out"),
    ] = None,
    value_channels: Annotated[
        Size | None, CountKind("inner channels of the value; those of query and key when left out")
    ] = None,
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
    position_bias: Annotated[
        Size | None,
        CountKind("how many numbers are learned for a bias of the products by position, of any other kind"),
    ] = None,
    bias: Annotated[bool, Flag("whether the projections learn a bias")] = True,
    projections: Annotated[bool, Flag("whether query, key, value and output are projected")] = True,
) -> Facts:
    """Multi-head attention: a weighted mean over all of the map, a window or a second tensor.

    N positions, M seen by each, c channels, e inner channels, v those of the value, H heads.  A second tensor
    of K positions gives keys and values (cross-attention, pooled keys); of three, the second gives the keys,
    the third the values.

    Other work: H · N · M divisions by √(e / H); a softmax over M numbers H · N times; a relative bias
        and one by position H · N · M additions each; biases N (e + d) + K (e + v) additions.
    Source: Vaswani et al. 2017; Wang et al. 2018 (non-local); Liu et al. 2021 (Swin, windows, relative bias).
    """
    shape, keys, values = _query_key_value(inputs)
    if len(inputs) == 1:
        require_axes(inputs, "attention")
    channels = shape.channels
    inner = channels if key_channels is None else key_channels
    # Without projections the values are what is there.
    value = value_channels or (inner if projections else values.channels)
    outer = out_channels or (channels if projections else values.channels)
    if keys.positions != values.positions:
        message = f"there are keys at {format_number(keys.positions)} positions, but values at "
        raise OperatorProblem(f"{message}{format_number(values.positions)}", operand=2)
    if not projections:
        _refuse_widths(inputs, inner, value, outer)
    share_of_group(inner, heads, "inner channels", "heads", "heads")
    share_of_group(value, heads, "inner channels of the value", "heads", "heads")
    positions = shape.positions
    if window is not None:
        reads = _reads_of_windows(inputs, window, shift)
        seen = product(window)
    elif relative_bias or any(amount != 0 for amount in shift):
        name = "relative_bias" if relative_bias else "shift"
        raise OperatorProblem("there is no window whose size is known: say window=…", name)
    else:
        seen = keys.positions
        reads = (whole_map(shape.axes, "main"),)
        if len(inputs) > 1:
            # Each position is read as the query; all of the other tensors by every one.
            others = (read_by_all(other.axes, shape.axes) for other in inputs[1:])
            reads = (identity(len(shape.axes)), *others)
    pairs = heads * positions * seen
    work = softmax_work(heads * positions, seen).plus(Work(divide=pairs))
    macs = positions * seen * (inner + value)
    weights: dict[str, tuple[Size, ...]] = {}
    if projections:
        macs = macs + positions * (channels * inner + value * outer)
        macs = macs + keys.positions * (keys.channels * inner + values.channels * value)
        for name, dimensions in (
            ("query", (inner, channels)),
            ("key", (inner, keys.channels)),
            ("value", (value, values.channels)),
            ("output", (outer, value)),
        ):
            weights[name] = dimensions
            if bias:
                weights[f"{name}_bias"] = dimensions[:1]
        if bias:
            work = work.plus(Work(add=positions * (inner + outer) + keys.positions * (inner + value)))
    if relative_bias:
        assert window is not None
        weights["relative_bias"] = (product([2 * length - 1 for length in window]), heads)
        work = work.plus(Work(add=pairs))
    if position_bias is not None:
        weights["position_bias"] = (position_bias,)
        work = work.plus(Work(add=pairs))
    return Facts(
        output=Shape(shape.axes, outer),
        reads=reads,
        weights=weights,
        macs=macs,
        work=work,
        # Of a tensor that gives the values alone a channel is read by its own one, not by all of its head.
        channels="all"
        if projections or (heads == 1 and len(inputs) < 3)
        else "group"
        if len(inputs) < 3
        else "some",
        groups=heads,
        decided={
            **({"key_channels": inner} if key_channels is None else {}),
            **({"out_channels": outer} if out_channels is None else {}),
        },
    )


def _reads_of_windows(
    inputs: tuple[Shape, ...], window: tuple[Size, ...], shift: tuple[Size, ...]
) -> tuple[tuple[AxisReads | None, ...], ...]:
    """What is read of each operand where attention stays in windows: those of one map.

    Raises OperatorProblem where they are not, or a window does not fit.
    """
    shape, keys, values = _query_key_value(inputs)
    if len(inputs) == 2 or not shape.axes == keys.axes == values.axes:
        second = "a second tensor" if len(inputs) == 2 else f"one of {keys}, and one of {values}"
        raise OperatorProblem(f"windows are those of one map; there is {second}", "window")
    require_axes(inputs, "attention")
    for size, length in zip(shape.axes, window, strict=True):
        divide_axis(size, length, "window")
    # Windows stay windows where one is as large as the map.
    moved = shift * len(shape.axes) if len(shift) == 1 else shift
    within = tuple(_in_window(axis, *each) for axis, each in enumerate(zip(window, moved, strict=True)))
    # A query is read by its own position alone.
    return (within,) if len(inputs) == 1 else (identity(len(shape.axes)), within, within)


def _in_window(axis: int, length: Size, shift: Size) -> AxisReads | None:
    """Each position reads the window it stands in; None for a symbolic one."""
    if not isinstance(length, int) or not isinstance(shift, int):
        return None
    if shift >= length:
        raise OperatorProblem(f"windows of {length} are moved by less than {length}", "shift")
    return Along(axis, Tile(length, shift))


def _refuse_widths(inputs: tuple[Shape, ...], inner: Size, value: Size, outer: Size) -> None:
    """Without projections there is nothing that could change the number of channels."""
    queries, keys, values = _query_key_value(inputs)
    if keys.channels != queries.channels:
        raise OperatorProblem("without projections query and key have as many channels", "projections")
    for attribute, width, there in (
        ("key_channels", inner, queries),
        ("value_channels", value, values),
        ("out_channels", outer, values),
    ):
        if width != there.channels:
            raise OperatorProblem(
                f"without projections {attribute} can only be the input's channels", attribute
            )
