"""What steps do to elements, carried out with NumPy: a second opinion on how they are arranged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rfcalc.importers.steps import ImportedStep
from rfcalc.ops.attributes import PerAxis, SpanValue, Value

Array = NDArray[Any]


def _each(value: Value, axes: int) -> list[Any]:
    return list(value) if isinstance(value, PerAxis) else [value] * axes


def _whole(value: Value) -> list[int]:
    return [int(cast("int", one)) for one in _each(value, 1)]


def _permute(x: Array, values: Mapping[str, Value]) -> Array:
    if "split" in values:
        x = x.reshape(_whole(values["split"]))
    x = x.transpose(_whole(values["order"]))
    return x.reshape(_whole(values["to"])) if "to" in values else x


def _slice(x: Array, values: Mapping[str, Value]) -> Array:
    axes = x.ndim - 1
    places = {"channels": axes, "w": axes - 1, "h": axes - 2, "t": axes - 3}
    chosen: list[Any] = [slice(None)] * x.ndim
    for name, value in values.items():
        assert isinstance(value, SpanValue)
        assert places[name] >= 0
        chosen[places[name]] = slice(value[0], value[1], value[2])
    return x[tuple(chosen)]


def _pad(x: Array, values: Mapping[str, Value]) -> Array:
    axes = x.ndim - 1
    amounts = [*_each(values.get("padding", 0), axes), values.get("channels", 0)]
    for place, one in enumerate(amounts):
        before, after = cast("tuple[int, int]", one[:2] if isinstance(one, SpanValue) else (one, one))
        mode = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}
        named = str(values.get("mode", "zeros"))
        pads = [(0, 0)] * x.ndim
        pads[place] = (max(before, 0), max(after, 0))
        x = np.pad(x, pads, mode=cast("Any", mode.get(named, named)))
        cut: list[Any] = [slice(None)] * x.ndim
        cut[place] = slice(max(-before, 0), x.shape[place] - max(-after, 0))
        x = x[tuple(cut)]
    return x


def _shuffled(x: Array, values: Mapping[str, Value]) -> Array:
    (groups,) = _whole(values["groups"])
    return x.reshape(*x.shape[:-1], groups, -1).swapaxes(-1, -2).reshape(x.shape)


def _to_space(x: Array, values: Mapping[str, Value]) -> Array:
    (r,), axes = _whole(values["factor"]), x.ndim - 1
    apart = x.reshape(*x.shape[:-1], x.shape[-1] // r**axes, *[r] * axes)
    order = [one for axis in range(axes) for one in (axis, axes + 1 + axis)]
    sizes = [size * r for size in x.shape[:-1]]
    return apart.transpose([*order, axes]).reshape(*sizes, -1)


def _to_channels(x: Array, values: Mapping[str, Value]) -> Array:
    (r,), axes = _whole(values["factor"]), x.ndim - 1
    sizes = [size // r for size in x.shape[:-1]]
    apart = x.reshape(*[one for size in sizes for one in (size, r)], x.shape[-1])
    order = [*range(0, 2 * axes, 2), 2 * axes, *range(1, 2 * axes, 2)]
    return apart.transpose(order).reshape(*sizes, -1)


def _over(values: Mapping[str, Value], x: Array) -> tuple[int, ...]:
    over = values["over"]
    named = {"channels": (x.ndim - 1,), "positions": tuple(range(x.ndim - 1)), "all": tuple(range(x.ndim))}
    return named[str(over)] if isinstance(over, str) else tuple(_whole(over))


def _upsample(x: Array, values: Mapping[str, Value]) -> Array:
    for axis, size in enumerate(_each(values["size"], x.ndim - 1)):
        x = np.take(x, [place * x.shape[axis] // size for place in range(size)], axis)
    return x


_CARRIED_OUT: dict[str, Callable[[Array, Mapping[str, Value]], Array]] = {
    "identity": lambda x, values: x,
    "flatten": lambda x, values: x.reshape(-1),
    "reshape": lambda x, values: x.reshape(_whole(values["to"])),
    "permute": _permute,
    "slice": _slice,
    "pad": _pad,
    "channelshuffle": _shuffled,
    "pixelshuffle": _to_space,
    "pixelunshuffle": _to_channels,
    "relu": lambda x, values: np.maximum(x, 0),
    "upsample": _upsample,
    "reducesum": lambda x, values: x.sum(axis=_over(values, x), keepdims=True),
    "reducemax": lambda x, values: x.max(axis=_over(values, x), keepdims=True),
    "globalmaxpool": lambda x, values: x.max(axis=tuple(range(x.ndim - 1)), keepdims=True),
}


def carried_out(step: ImportedStep, operands: Sequence[Array]) -> Array:
    """What a step leaves of its operands: axes, then channels."""
    if step.operator in ("add", "mul"):
        one, two = operands
        assert one.ndim == two.ndim
        return one + two if step.operator == "add" else one * two
    if step.operator == "concat":
        axis = _whole(step.values["axis"])[0] if "axis" in step.values else -1
        return np.concatenate(operands, axis)
    if step.operator == "matmul":
        return operands[0] @ operands[1]
    (x,) = operands
    return _CARRIED_OUT[step.operator](x, step.values)
