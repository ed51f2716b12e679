"""Self-attention over positions, global or in windows."""

from typing import Annotated

from rfcalc.ops.activation import softmax_work
from rfcalc.ops.attributes import CountKind, Flag, Lengths
from rfcalc.ops.axis_maps import Tile
from rfcalc.ops.conv import share_of_group
from rfcalc.ops.facts import Facts, OperatorProblem, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads
from rfcalc.ops.shuffle import divide_axis
from rfcalc.ops.windows import require_axes, whole_map
from rfcalc.shapes import Shape, Size, product


@operator(
    label="attention",
    traits=("attending",),
    chinese="自注意力操作",
    formulas=Formulas(
        "n",
        "d",
        {
            "query": "e · c if projections",
            "query_bias": "e if projections and bias",
            "key": "e · c if projections",
            "key_bias": "e if projections and bias",
            "value": "e · c if projections",
            "value_bias": "e if projections and bias",
            "output": "d · e if projections",
            "output_bias": "d if projections and bias",
        },
        "2 · N · M · e + N · (3 · c · e + e · d) if projections else 2 · N · M · e",
        where={"N": "Πn", "M": "Πwindow if window else Πn", "e": "key_channels"},
        meanings={
            "N": ("positions", "位置数"),
            "M": ("positions that each one sees", "每个位置所见的位置数"),
            "e": ("inner channels of query, key and value", "查询、键与值的内部通道数"),
        },
        remarks={
            "macs": "2 · N · M · e is for the products with keys and values, the rest for the projections"
        },
    ),
)
def attention(
    inputs: tuple[Shape, ...],
    *,
    heads: Annotated[Size, CountKind("number of heads the inner channels are divided among")] = 1,
    key_channels: Annotated[
        Size | None, CountKind("inner channels of query, key and value together; the input's when left out")
    ] = None,
    out_channels: Annotated[Size | None, CountKind("output channels; the input's when left out", "d")] = None,
    window: Annotated[
        tuple[Size, ...] | None,
        Lengths("size of the windows attention stays in; the whole map when left out"),
    ] = None,
    bias: Annotated[bool, Flag("whether the projections learn a bias")] = True,
    projections: Annotated[bool, Flag("whether query, key, value and output are projected")] = True,
) -> Facts:
    """Multi-head self-attention: each position is a weighted mean of all positions of the map or window.

    N positions, M of them seen by each, c channels, e inner channels, d output channels, H heads.

    Other work: H · N · M divisions by √(e / H); a softmax over M numbers H · N times; with biases
        N (3 e + d) additions.
    Source: Vaswani et al. 2017; Wang et al. 2018 (non-local); Liu et al. 2021 (Swin, windows).
    """
    shape = require_axes(inputs, "attention")
    channels = shape.channels
    inner = channels if key_channels is None else key_channels
    outer = channels if out_channels is None else out_channels
    if not projections:
        _refuse_widths(channels, inner, outer)
    share_of_group(inner, heads, "inner channels", "heads")
    positions = shape.positions
    seen = positions
    reads: tuple[AxisReads | None, ...] = whole_map(shape.axes, "main")
    if window is not None:
        for size, length in zip(shape.axes, window, strict=True):
            divide_axis(size, length, "window")
        seen = product(window)
        # Windows stay windows where one is as large as the map.
        reads = tuple(
            Along(axis, Tile(length)) if isinstance(length, int) else None
            for axis, length in enumerate(window)
        )
    work = softmax_work(heads * positions, seen).plus(Work(divide=heads * positions * seen))
    macs = 2 * positions * seen * inner
    weights: dict[str, tuple[Size, ...]] = {}
    if projections:
        macs = macs + positions * inner * (3 * channels + outer)
        for name, dimensions in (
            ("query", (inner, channels)),
            ("key", (inner, channels)),
            ("value", (inner, channels)),
            ("output", (outer, inner)),
        ):
            weights[name] = dimensions
            if bias:
                weights[f"{name}_bias"] = dimensions[:1]
        if bias:
            work = work.plus(Work(add=positions * (3 * inner + outer)))
    return Facts(
        output=Shape(shape.axes, outer),
        reads=(reads,),
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


def _refuse_widths(channels: Size, inner: Size, outer: Size) -> None:
    """Without projections there is nothing that could change the number of channels."""
    for attribute, value in (("key_channels", inner), ("out_channels", outer)):
        if value != channels:
            raise OperatorProblem(
                f"without projections {attribute} can only be the input's channels", attribute
            )
