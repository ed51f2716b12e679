"""Pooling by windows, over the whole map, and to a size."""

from __future__ import annotations

from rfcalc.importers.keras.call import LayerFollowing, keras_operator, layer
from rfcalc.importers.keras.layers.convolution import axes_of, windows_of
from rfcalc.importers.tracing import layers
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView
from rfcalc.ops.attributes import Value

_AXES = (1, 2, 3)


@layer(*[f"{kind}Pooling{n}D" for kind in ("Max", "Average") for n in _AXES])
def pooling(call: LayerFollowing) -> FollowedResults:
    """Pooling by windows, which are side by side where the steps are left out."""
    return _pooled(call, axes_of(call), "Max" if call.layer.class_name.startswith("Max") else "Average")


@keras_operator("MaxPool", "AveragePool")
def pooling_operator(call: LayerFollowing) -> FollowedResults:
    """Pooling by windows, as a function."""
    kind = "Max" if call.layer.class_name == "MaxPool" else "Average"
    return _pooled(call, len(call.view().dimensions) - 2, kind)


def _pooled(call: LayerFollowing, axes: int, kind: str) -> TensorView:
    x = call.ordered(call.view(), axes)
    kernel = call.each("pool_size", "pool_length", "ksize", axes=axes, default=2)
    windows = windows_of(call, kernel, ("strides", "stride"), default=kernel)
    values: dict[str, Value] = {}
    if kind == "Average" and windows.padding == "same":
        # What is padded is no part of the mean.
        values["count_include_pad"] = False
    name = "maxpool" if kind == "Max" else "avgpool"
    return call.reordered(layers.windowed(call.tracer, name, x, windows, values))


@layer(*[f"Global{kind}Pooling{n}D" for kind in ("Max", "Average") for n in _AXES])
def global_pooling(call: LayerFollowing) -> FollowedResults:
    """Pooling over the whole map."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    kind = "max" if "Max" in call.layer.class_name else "mean"
    done = layers.reduced(call.tracer, x, range(2, axes + 2), kind, keep=True)
    if done.step == x.step:
        # Of a map of one position.
        done = layers.in_place(call.tracer, "identity", done)
    if call.flag("keepdims", default=False):
        return call.reordered(done)
    return done._replace(dimensions=done.dimensions[:2])


@layer(*[f"Adaptive{kind}Pooling{n}D" for kind in ("Max", "Average") for n in _AXES])
def adaptive(call: LayerFollowing) -> FollowedResults:
    """Pooling to a size."""
    axes = axes_of(call)
    x = call.ordered(call.view(), axes)
    kind = "max" if "Max" in call.layer.class_name else "avg"
    sizes = call.each("output_size", axes=axes)
    return call.reordered(layers.pooled_to(call.tracer, x, sizes, kind))
