"""Layers that slide over axes, pool, normalise, or multiply the channels of each position."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rfcalc.errors import counted, option, quoted
from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.tracer import MOST_AXES, StepTracer, per_axis
from rfcalc.importers.tracing.views import Dimension, IndexDigit, TensorView, digit, length, own
from rfcalc.ops.attributes import PerAxis, SpanValue, Value, Word
from rfcalc.records import NamedTuple

# Padding before and after each axis, or the word of the language that decides it.
AxisPadding = Sequence[tuple[int, int]] | str


class Windows(NamedTuple):
    """How windows slide along each axis."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...] = ()
    padding: AxisPadding = ()
    dilation: tuple[int, ...] = ()

    @property
    def pads(self) -> bool:
        """Whether anything stands before or after an axis, as far as it is not left to a word."""
        return isinstance(self.padding, str) or any(map(any, self.padding))

    def values(self, leading: int = 0) -> dict[str, Value]:
        """The attributes, defaults left out; leading: how many axes before these nothing slides along."""
        found: dict[str, Value] = {"kernel": _along(leading, self.kernel, 1)}
        if any(step != 1 for step in self.stride):
            found["stride"] = _along(leading, self.stride, 1)
        if isinstance(self.padding, str):
            if self.padding != "valid":
                found["padding"] = Word(self.padding)
        elif self.pads:
            pads = [before if before == after else SpanValue(before, after) for before, after in self.padding]
            found["padding"] = _along(leading, pads, 0)
        if any(rate != 1 for rate in self.dilation):
            found["dilation"] = _along(leading, self.dilation, 1)
        return found


def _along(leading: int, values: Sequence[Value], none: Value) -> Value:
    return per_axis([*[none] * leading, *values])


def slid(tracer: StepTracer, x: TensorView) -> tuple[TensorView, int]:
    """A tensor of examples, channels and axes as an output with these axes; how many axes stand before them.

    Examples that are made of positions (windows taken out of a map) are an axis of their own.
    """
    axes = list(range(2, len(x.dimensions)))
    if not axes:
        raise tracer.mistake("expected a tensor of examples, channels and axes, got one without axes")
    x = tracer.spelled(x)
    leading = [0] if x.own(0) else []
    if len(axes) + len(leading) > MOST_AXES:
        raise tracer.mistake(
            f"a description has at most {MOST_AXES} axes, this tensor {len(axes) + len(leading)}"
        )
    return tracer.by_dimension(x, 1, [*leading, *axes]), len(leading)


def after(tracer: StepTracer, x: TensorView, step: int, leading: int) -> TensorView:
    """The tensor of examples, channels and axes that a step leaves of another; see `slid`."""
    rank = len(x.dimensions) - 2
    shape = tracer[step].shape
    axes = [digit(int(size)) for size in shape.axes if isinstance(size, int)]
    channels = digit(int(shape.channels)) if isinstance(shape.channels, int) else ()
    examples: list[IndexDigit] = []
    for one in x.dimensions[0]:
        # Those that are made of positions are one axis now.
        fresh = (one,) if one.kind == "batch" else axes[0] if leading else ()
        examples += [each for each in fresh if each not in examples[-1:]]
    if leading and len([one for one in examples if one.kind != "batch"]) > 1:
        raise tracer.mistake("examples of a batch stand between those that are made of positions")
    return TensorView(step, (*axes, channels), (tuple(examples), channels, *axes[len(axes) - rank :]))


def windowed(
    tracer: StepTracer, operator: str, x: TensorView, windows: Windows, values: Mapping[str, Value] = {}
) -> TensorView:
    """A pooling: windows over the axes of a tensor of examples, channels and axes."""
    placed, leading = slid(tracer, x)
    if operator == "avgpool" and any(rate != 1 for rate in windows.dilation):
        raise tracer.mistake("a mean over positions with gaps between them has no layer in the language")
    given = windows.values(leading)
    if tuple(windows.stride) == tuple(windows.kernel) and not leading:
        given.pop("stride", None)
    elif "stride" not in given:
        given["stride"] = 1
    return after(tracer, x, tracer.add(operator, [placed.step], {**given, **values}), leading)


def convolved(
    tracer: StepTracer,
    x: TensorView,
    weight: Known,
    bias: Known | None,
    windows: Windows,
    groups: int = 1,
    *,
    mode: str = "zeros",
) -> TensorView:
    """A convolution; weight: out_channels, in_channels of a group, kernel."""
    placed, leading = slid(tracer, x)
    channels, out_channels = length(placed.channels), weight.lengths[0]
    before = tracer[placed.step]
    within = before.operator == "pad" and before.name and before.name == tracer.caller.path
    if within and not windows.pads and _pads_axes(before):
        # A module that pads before it convolves, as those of a `padding_mode` do.
        tracer.absorb(placed.step)
        windows = windows._replace(padding=_pairs(before.values["padding"], len(windows.kernel)))
        mode = str(before.values.get("mode", mode))
        placed = placed._replace(step=before.operands[0])
    values = windows.values(leading)
    operator = "conv"
    if groups == channels > 1 and out_channels % groups == 0:
        operator = "dwconv"
        if out_channels != groups:
            values["multiplier"] = out_channels // groups
    else:
        values["out_channels"] = out_channels
        if groups != 1:
            values["groups"] = groups
    if weight.lengths[1] * groups != channels:
        grouped = f" in each of {groups} groups" if groups != 1 else ""
        raise tracer.mistake(
            f"the kernels read {counted(weight.lengths[1], 'channel')}{grouped}, the input has {channels}",
            # The size of an input that was given in another order.
            f"{option('input')} has the channels first with commas, 3,224,224, and last with x, 224x224x3"
            if before.operator == "input" and weight.lengths[1] * groups in before.shape.axes
            else "",
        )
    learned = {"weight": weight.identity} if weight.learned else {}
    if not learned:
        values["learned"] = False
    if bias is None or not learned:
        values["bias"] = False
    else:
        learned["bias"] = bias.name
    if mode != "zeros":
        values["padding_mode"] = Word(mode)
    if not learned:
        del values["bias"]
    step = tracer.add(operator, [placed.step], values, learned)
    return scaled(tracer, after(tracer, x, step, leading), 1, weight)


def deformed(
    tracer: StepTracer,
    x: TensorView,
    offsets: TensorView,
    weight: Known,
    bias: Known | None,
    windows: Windows,
    values: Mapping[str, Value],
) -> TensorView:
    """A deformable convolution; weight: out_channels, in_channels of a group, kernel.

    values: attributes beside those of the windows.
    """
    placed, leading = slid(tracer, x)
    moved, _ = slid(tracer, offsets)
    given = {**windows.values(leading), "out_channels": weight.lengths[0], **values, "bias": bias is not None}
    defaults = {"groups": 1, "offset_groups": 1, "modulated": False, "bias": True}
    learned = {"weight": weight.identity, **({"bias": bias.name} if bias else {})}
    found = {name: value for name, value in given.items() if value != defaults.get(name)}
    return after(tracer, x, tracer.add("deformconv", [placed.step, moved.step], found, learned), leading)


def scaled(tracer: StepTracer, x: TensorView, dimension: int, weight: Known) -> TensorView:
    """What a layer leaves whose weight is made of several tensors: factors of channels follow it."""
    if weight.size >= sum(size for _, size in weight.parts):
        # Tensors that stand side by side in it.
        return x
    for name, size in weight.beside:
        values: dict[str, Value] = {} if size == length(x.own(dimension)) else {"shared": True}
        if size not in (1, length(x.own(dimension))):
            tracer.remark(f"{size:,} learned numbers that {quoted(weight.name)} is made of are not counted")
            continue
        x = of_channels(tracer, "scale", x, dimension, values, {"weight": name})
    return x


def _pads_axes(step: ImportedStep) -> bool:
    return "padding" in step.values and "channels" not in step.values


def _pairs(value: Value, axes: int) -> list[tuple[int, int]]:
    """Padding as the language writes it, before and after each axis."""
    each = value if isinstance(value, PerAxis) else [value] * axes
    found = []
    for one in each:
        before, after = (one.start, one.stop) if isinstance(one, SpanValue) else (one, one)
        assert isinstance(before, int) and isinstance(after, int)
        found.append((before, after))
    return found


def deconvolved(
    tracer: StepTracer,
    x: TensorView,
    weight: Known,
    bias: Known | None,
    windows: Windows,
    groups: int = 1,
    output_padding: Sequence[int] = (),
) -> TensorView:
    """A transposed convolution; weight: in_channels, out_channels of a group, kernel."""
    placed, leading = slid(tracer, x)
    if weight.lengths[0] != length(placed.channels):
        raise tracer.mistake(f"the weight is {weight.lengths}, for an input of {x.lengths}")
    values = windows.values(leading)
    values["out_channels"] = weight.lengths[1] * groups
    if groups != 1:
        values["groups"] = groups
    if any(output_padding):
        values["output_padding"] = _along(leading, tuple(output_padding), 0)
    learned = {"weight": weight.identity, **({"bias": bias.name} if bias else {})}
    if bias is None:
        values["bias"] = False
    return after(tracer, x, tracer.add("deconv", [placed.step], values, learned), leading)


def multiplied(
    tracer: StepTracer, x: TensorView, out_channels: int, learned: Mapping[str, str], *, bias: bool
) -> TensorView:
    """The last dimension of a tensor times a matrix of weights, for each of its positions."""
    x = tracer.spelled(x)
    last = len(x.dimensions) - 1
    values: dict[str, Value] = {"out_channels": out_channels, **({} if bias else {"bias": False})}
    positions = [one for place in range(last) for one in x.own(place)]
    if not positions:
        # All there is: a layer that covers the map, in whatever order its elements stand.
        step = tracer.add("fc", [x.step], values, learned)
        channels = digit(out_channels)
        base = (*[() for _ in tracer[step].shape.axes], channels)
        return TensorView(step, base, (*x.dimensions[:last], channels))
    placed = tracer.with_channels(x, last)
    step = tracer.add("conv", [placed.step], {"kernel": 1, **values}, learned)
    channels = digit(out_channels)
    return TensorView(step, (*placed.base[:-1], channels), (*placed.dimensions[:last], channels))


def dropped(tracer: StepTracer, x: TensorView, rate: float) -> TensorView:
    """A dropout; rate: the probability of dropping an element, as the model states it."""
    from rfcalc.importers.tracing.idioms import exact

    return in_place(tracer, "dropout", x, {} if rate == 0.5 else {"rate": exact(rate)})


def in_place(
    tracer: StepTracer,
    operator: str,
    x: TensorView,
    values: Mapping[str, Value] = {},
    learned: Mapping[str, str] = {},
) -> TensorView:
    """A layer that works on single elements, wherever they stand; on a vector where a map was flattened."""
    if len(x.base) > 1 and len([one for one in x.dimensions if own(one)]) == 1 and any(x.base[:-1]):
        x = tracer.by_dimension(x, next(place for place, one in enumerate(x.dimensions) if own(one)))
    return x._replace(step=tracer.add(operator, [x.step], values, learned))


def of_channels(
    tracer: StepTracer,
    operator: str,
    x: TensorView,
    dimension: int,
    values: Mapping[str, Value] = {},
    learned: Mapping[str, str] = {},
) -> TensorView:
    """A layer that works on the channels of each position; dimension: which one holds the channels."""
    placed = tracer.with_channels(x, dimension)
    return placed._replace(step=tracer.add(operator, [placed.step], values, learned))


def over_map(
    tracer: StepTracer,
    operator: str,
    x: TensorView,
    values: Mapping[str, Value] = {},
    learned: Mapping[str, str] = {},
) -> TensorView:
    """A normalisation of examples, channels and axes by the statistics of an example."""
    axes = [place for place in range(2, len(x.dimensions)) if x.own(place)]
    if x.own(0):
        raise tracer.mistake("statistics of parts of a map have no layer in the language")
    whole = set(x.channels) == set(x.own(1)) and x.channels == x.own(1)
    placed = x if whole else tracer.by_dimension(x, 1, axes)
    return placed._replace(step=tracer.add(operator, [placed.step], values, learned))


def instance_normalised(
    tracer: StepTracer, x: TensorView, weight: Known | None, bias: Known | None
) -> TensorView:
    """Instance normalisation; of groups of channels that stand apart, that of groups.

    weight, bias: None where the factors are all 1 and the offsets all 0.
    """
    affine = weight is not None or bias is not None
    groups, rest = x.own(1), [one for place in range(2, len(x.dimensions)) for one in x.own(place)]
    inner = x.channels[len(groups) :]
    if not affine and x.channels[: len(groups)] == groups and inner and tuple(rest[: len(inner)]) == inner:
        step = tracer.add("gn", [x.step], {"groups": length(groups), "affine": False})
        return x._replace(step=step)
    learned = {"weight": weight.name if weight else "", "bias": bias.name if bias else ""} if affine else {}
    return over_map(tracer, "in", x, {"affine": True} if affine else {}, learned)


def layer_normalised(
    tracer: StepTracer, x: TensorView, dimensions: int, weight: Known | None, bias: Known | None
) -> TensorView:
    """Layer normalisation over the last dimensions; weight and bias: both, or neither."""
    first = len(x.dimensions) - dimensions
    learned = {"weight": weight.name, "bias": bias.name} if weight and bias else {}
    values: dict[str, Value] = {} if learned else {"affine": False}
    taken = {one for place in range(first, len(x.dimensions)) for one in x.own(place)}
    everything = {one for group in x.base for one in group}
    if taken == everything and any(x.base[:-1]):
        values["over"] = Word("all")
        return in_place(tracer, "ln", x, values, learned)
    if dimensions == 1:
        return of_channels(tracer, "ln", x, first, values, learned)
    merged = x.reshaped((*x.lengths[:first], math.prod(x.lengths[first:])))
    assert merged is not None
    done = of_channels(tracer, "ln", merged, first, values, learned)
    back = done.reshaped(x.lengths)
    assert back is not None
    return back


def group_normalised(
    tracer: StepTracer, x: TensorView, groups: int, weight: Known | None, bias: Known | None
) -> TensorView:
    """Group normalisation of examples, channels and axes."""
    learned = {"weight": weight.name, "bias": bias.name if bias else ""} if weight else {}
    values: dict[str, Value] = {"groups": groups, **({} if weight else {"affine": False})}
    return over_map(tracer, "gn", x, values, learned)


def pooled_to(tracer: StepTracer, x: TensorView, sizes: Sequence[int], kind: str) -> TensorView:
    """Adaptive pooling of examples, channels and axes to a size; kind: `avg` or `max`."""
    if all(size == 1 for size in sizes) and not x.own(0):
        return reduced(tracer, x, range(2, len(x.dimensions)), "mean" if kind == "avg" else "max", keep=True)
    placed, leading = slid(tracer, x)
    if leading:
        sizes = [length(x.own(0)), *sizes]
    value = per_axis([int(size) for size in sizes])
    return after(tracer, x, tracer.add(f"adaptive{kind}pool", [placed.step], {"size": value}), leading)


# The operator over all axes, None where there is none, and that over some axes or channels.
_REDUCTIONS = {
    "mean": ("globalavgpool", "reducemean"),
    "max": ("globalmaxpool", "reducemax"),
    "sum": (None, "reducesum"),
}


def reduced(
    tracer: StepTracer, x: TensorView, dimensions: Sequence[int], kind: str, *, keep: bool
) -> TensorView:
    """A reduction of this kind over dimensions, which are left with size 1 or left out."""
    whole, operator = _REDUCTIONS[kind]
    rank = len(x.dimensions)
    chosen = sorted({place % rank for place in dimensions})
    if kind == "sum":
        # Of a mean or the largest it does not matter how often each element is there.
        x = tracer.spelled(x, chosen)
    taken = [one for place in chosen for one in x.own(place)]
    left = tuple([() if place in chosen else each for place, each in enumerate(x.dimensions)])
    if not taken:
        result = x._replace(dimensions=left)
        return result if keep else _without(result, chosen)
    whole_groups = [place for place, group in enumerate(x.base) if group and set(group) <= set(taken)]
    if sum(len(x.base[place]) for place in whole_groups) != len(taken):
        # Parts of axes: what is taken together is an axis of its own, and so is what is left of all others.
        kept = [one for group in x.base[:-1] for one in group if one not in taken]
        channels = tuple([one for one in x.channels if one not in taken])
        x = tracer.arranged(x, (*((tuple(kept),) if kept else ()), tuple(taken), channels))
        whole_groups = [place for place, group in enumerate(x.base) if group and set(group) <= set(taken)]
    axes = len(x.base) - 1
    positions = {place for place in range(axes) if x.base[place]}
    if whole and set(whole_groups) == positions and positions:
        step = tracer.add(whole, [x.step])
    else:
        over: list[Value] = [Word("channels") if place == axes else place for place in whole_groups]
        if len(over) > 1 and axes in whole_groups:
            x = x._replace(step=tracer.add(operator, [x.step], {"over": Word("channels")}))
            over = [place for place in whole_groups if place != axes]
        step = tracer.add(operator, [x.step], {"over": over[0] if len(over) == 1 else PerAxis(over)})
    base = tuple([() if set(group) <= set(taken) else group for group in x.base])
    result = TensorView(step, base, left)
    return result if keep else _without(result, chosen)


def _without(view: TensorView, dimensions: Sequence[int]) -> TensorView:
    for place in reversed(dimensions):
        view = view.without(place)
    return view


def dimension_of(x: TensorView, group: Dimension) -> int | None:
    """The dimension that is made of the same digits as a group; None where none is."""
    return next((place for place in range(len(x.dimensions)) if x.own(place) == group), None)
