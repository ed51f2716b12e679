"""Modules that learn nothing, those of torch.nn, and what brings several rows together."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.errors import nearest
from rfcalc.importers.ultralytics.registry import (
    OneOrMore,
    OneOrMoreEach,
    OneOrMoreOrNone,
    PaddingSize,
    PlacesRead,
    WrongArgument,
    module,
)
from rfcalc.importers.ultralytics.scope import RowScope
from rfcalc.ops.attributes import PerAxis, SpanValue, Value, Word


@module("Concat", width="kept", several=True)
def concat(at: RowScope, tensors: Sequence[int], dimension: int = 1) -> int:
    """The channels of several rows side by side."""
    if dimension not in (1, -3):
        raise WrongArgument("rows are joined by their channels, which is dimension 1", 0)
    return at.concat(*tensors)


@module("nn.Upsample", width="kept")
def upsample(
    at: RowScope, x: int, size: PaddingSize = None, scale_factor: object = None, mode: str = "nearest"
) -> int:
    """Resampling to a multiple of the size, or to a size."""
    modes = {
        "nearest": "nearest",
        "nearest-exact": "nearest_exact",
        "bilinear": "bilinear",
        "bicubic": "bicubic",
    }
    if mode not in modes:
        wrong = f"the mode of nn.Upsample is one of {', '.join(modes)}, not {mode!r}"
        raise WrongArgument(wrong, 2, nearest(mode, modes))
    values: dict[str, Value] = {} if mode == "nearest" else {"mode": Word(modes[mode])}
    if size is None and scale_factor is None:
        raise WrongArgument("nn.Upsample needs a size or a factor: [None, 2, nearest]")
    if size is not None and scale_factor is not None:
        raise WrongArgument("nn.Upsample takes a size or a factor, not both: [None, 2, nearest]", 1)
    if size is not None:
        values["size"] = PerAxis(size) if isinstance(size, tuple) else size
        return at.add("upsample", x, **values)
    factors = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,)
    if not factors or not all(
        isinstance(one, int | float) and not isinstance(one, bool) and one > 0 for one in factors
    ):
        raise WrongArgument("the factor of nn.Upsample is a positive number", 1)
    exact = [_exact(one) for one in factors]
    return at.add("upsample", x, scale=PerAxis(exact) if len(exact) > 1 else exact[0], **values)


def _exact(number: object) -> Value:
    """A number as it is written, in decimal digits."""
    if isinstance(number, int):
        return number
    from fractions import Fraction

    return Fraction(str(number))


def _pooling(k: int, s: int | None, p: int) -> dict[str, Value]:
    values: dict[str, Value] = {"kernel": k}
    if s is not None and s != k:
        values["stride"] = s
    if p:
        values["padding"] = p
    return values


@module("nn.MaxPool2d", width="kept")
def maxpool(
    at: RowScope,
    x: int,
    kernel_size: OneOrMore,
    stride: OneOrMoreOrNone = None,
    padding: int = 0,
    dilation: OneOrMore = 1,
) -> int:
    """The maximum of windows."""
    values = _pooling(kernel_size, stride or kernel_size, padding)
    values["stride"] = stride or kernel_size
    if dilation != 1:
        values["dilation"] = dilation
    return at.add("maxpool", x, **values)


@module("nn.AvgPool2d", width="kept")
def avgpool(
    at: RowScope, x: int, kernel_size: OneOrMore, stride: OneOrMoreOrNone = None, padding: int = 0
) -> int:
    """The mean of windows."""
    return at.add("avgpool", x, **_pooling(kernel_size, stride, padding))


@module("nn.AdaptiveAvgPool2d", width="kept")
def adaptive_avgpool(at: RowScope, x: int, output_size: OneOrMore) -> int:
    """The mean of as many bins along each axis."""
    if output_size == 1:
        return at.add("globalavgpool", x)
    return at.add("adaptiveavgpool", x, size=output_size)


@module("nn.AdaptiveMaxPool2d", width="kept")
def adaptive_maxpool(at: RowScope, x: int, output_size: OneOrMore) -> int:
    """The maximum of as many bins along each axis."""
    if output_size == 1:
        return at.add("globalmaxpool", x)
    return at.add("adaptivemaxpool", x, size=output_size)


@module("nn.ZeroPad2d", width="kept")
def zero_pad(at: RowScope, x: int, padding: PaddingSize) -> int:
    """Left, right, above, below: that is the order of PyTorch."""
    each = padding if isinstance(padding, tuple) else (padding,) * 4
    if len(each) != 4 or None in each:
        raise WrongArgument(
            "the padding of nn.ZeroPad2d is one number, or four: left, right, above, below", 0
        )
    left, right, above, below = each
    return at.add("pad", x, padding=PerAxis((SpanValue(above, below), SpanValue(left, right))))


@module("nn.Identity", width="kept")
def identity(at: RowScope, x: int) -> int:
    """What it reads."""
    return at.add("identity", x)


@module("nn.BatchNorm2d", width="kept")
def batch_norm(at: RowScope, x: int) -> int:
    """Batch normalisation."""
    return at.add("bn", x)


@module("nn.Dropout", "nn.Dropout2d", width="kept")
def dropout(at: RowScope, x: int, p: float = 0.5) -> int:
    """Dropout, at inference the identity."""
    return at.add("dropout", x, **({} if p == 0.5 else {"rate": _exact(p)}))


@module("nn.SiLU", width="kept")
def silu(at: RowScope, x: int) -> int:
    """SiLU."""
    return at.add("silu", x)


@module("nn.ReLU", width="kept")
def relu(at: RowScope, x: int) -> int:
    """ReLU."""
    return at.add("relu", x)


@module("nn.Sigmoid", width="kept")
def sigmoid(at: RowScope, x: int) -> int:
    """The logistic function."""
    return at.add("sigmoid", x)


@module("nn.GELU", width="kept")
def gelu(at: RowScope, x: int) -> int:
    """GELU."""
    return at.add("gelu", x)


@module("nn.LeakyReLU", width="kept")
def leaky_relu(at: RowScope, x: int, negative_slope: float = 0.01) -> int:
    """Leaky ReLU."""
    return at.add("leakyrelu", x, slope=_exact(negative_slope))


@module("CBLinear", width="kept", original=False)
def cblinear(
    at: RowScope,
    x: int,
    c2s: OneOrMoreEach,
    k: OneOrMore = 1,
    s: OneOrMore = 1,
    p: PaddingSize = None,
    g: OneOrMore = 1,
) -> tuple[int, ...]:
    """One convolution whose output is cut into several tensors."""
    y = at.plain("conv", x, sum(c2s), k, s, k // 2 if p is None else p, 1, g)
    found, start = [], 0
    for channels in c2s:
        found.append(at.channels_of(y, start, start + channels) if len(c2s) > 1 else y)
        start += channels
    return tuple(found)


@module("CBFuse", width="kept", several=True, original=False, parts=True)
def cbfuse(at: RowScope, tensors: Sequence[int | tuple[int, ...]], idx: PlacesRead) -> int:
    """One tensor of each of several rows, brought to the size of the last and added to it."""
    last = tensors[-1]
    if not isinstance(last, int):
        raise WrongArgument(
            "the last row that CBFuse reads is to leave one tensor, to which the others are added"
        )
    if len(idx) != len(tensors) - 1:
        raise WrongArgument(
            f"CBFuse takes one tensor of each row before the last: it reads {len(tensors)} rows, and names "
            f"{len(idx)} of {len(tensors) - 1} places",
            0,
        )
    done = []
    for place, several in zip(idx, tensors, strict=False):
        one = several if isinstance(several, tuple) else (several,)
        if not -len(one) <= place < len(one):
            raise WrongArgument(
                f"CBFuse takes place {place} of a row that leaves {len(one)} tensors, from 0", 0
            )
        done.append(at.add("upsample", one[place], size=PerAxis(at.axes(last))))
    return at.add("add", *done, last)


@module("Index", width="kept", original=False, parts=True)
def index(at: RowScope, several: Sequence[int], c2: OneOrMore, place: int = 0) -> int:
    """One of the tensors that a row leaves."""
    if not -len(several) <= place < len(several):
        raise WrongArgument(
            f"Index takes place {place} of a row that leaves {len(several)} tensors, from 0", 1
        )
    found = several[place]
    if at.channels(found) != c2:
        raise WrongArgument(f"place {place} has {at.channels(found)} channels, and the row says {c2}", 0)
    return found
