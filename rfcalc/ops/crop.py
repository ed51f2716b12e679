"""Adding positions at the borders, and leaving positions or channels out."""

from collections.abc import Mapping
from typing import Annotated, cast

from rfcalc.ops.attributes import (
    ChannelPadding,
    IndexRange,
    LayerReference,
    Lengths,
    Padding,
    Pads,
    SizeReference,
    SpanValue,
    format_value,
)
from rfcalc.ops.axis_maps import Border
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, OperatorProblem, undecided
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import AxisReads
from rfcalc.ops.windows import (
    BORDERS,
    NO_PADDING,
    PaddingMode,
    require_axes,
    require_border,
    shifted,
    surely_negative,
)
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import Polynomial, format_number


def _added_channels(_inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    before, after = cast("tuple[Size, Size]", arguments["channels"])
    return {"q0": before, "q1": after}


def _sliced(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """The first index, the one it ends before, and the step, along each axis and of the channels."""
    shape = inputs[0]
    axes = []
    for name, size in zip(_axis_names(shape, arguments), shape.axes, strict=True):
        axes.append(_ends(cast("SpanValue | None", arguments.get(name)), size, name))
    first, last, every = _ends(
        cast("SpanValue | None", arguments.get("channels")), shape.channels, "channels"
    )
    names = dict(zip(("start", "stop", "step"), zip(*axes, strict=True), strict=False))
    return {**names, "first": first, "last": last, "every": every}


Indices = Annotated[SpanValue | None, IndexRange("indices kept, counted as Python counts them")]


@operator(
    label="padding",
    traits=("linear",),
    chinese="填充操作",
    formulas=Formulas(
        "n + p0 + p1",
        "q0 + c + q1",
        derive=_added_channels,
        meanings={
            "q0": ("channels added before", "前端添加的通道数"),
            "q1": ("channels added after", "后端添加的通道数"),
        },
    ),
)
def pad(
    inputs: tuple[Shape, ...],
    *,
    padding: Annotated[
        Pads, Padding("positions added at both ends, or before:after; negative to cut off", negative=True)
    ] = NO_PADDING,
    channels: Annotated[
        tuple[Size, Size], ChannelPadding("channels of zeros added at both ends, or before:after", "")
    ] = (0, 0),
    mode: PaddingMode = "zeros",
) -> Facts:
    """Padding; where an amount of positions is negative, that much is cut off instead.

    Other work: none.
    Source: PyTorch functional.pad; channels of zeros are the parameter-free shortcut of He et al. 2016.
    """
    shape = inputs[0]
    if padding and not shape.axes:
        raise OperatorProblem(f"a plain vector of {shape} has channels alone to pad", "padding")
    positive = require_border(mode, padding, shape.axes)
    facts = _moved(shape, padding, "padding", BORDERS[mode])
    before, after = channels
    facts = facts._replace(positive=(*facts.positive, *positive))
    if channels == (0, 0):
        return facts
    output = facts.output._replace(channels=before + shape.channels + after)
    return facts._replace(output=output, channels="select", part=(-before, 1))


@operator(
    label="crop",
    traits=("linear",),
    chinese="裁剪操作",
    formulas=Formulas(
        "n − p0 − p1 if padding else size if size else like",
        "c",
        remarks={"output": "a given size m begins at floor((n − m) / 2)"},
    ),
)
def crop(
    inputs: tuple[Shape, ...],
    *,
    padding: Annotated[Pads | None, Padding("positions cut off at both ends, or before:after")] = None,
    size: Annotated[tuple[Size, ...] | None, Lengths("the size that is left, from the middle")] = None,
    like: Annotated[
        SizeReference | None, LayerReference("a layer whose spatial size is left, from the middle")
    ] = None,
) -> Facts:
    """Cropping, by amounts or to a size; the middle is left, and what is odd is cut off after.

    Other work: none.
    Source: Ronneberger, Fischer and Brox 2015 (U-Net); Caffe Crop layer.
    """
    shape = require_axes(inputs, "crop")
    given = only_one("crop", padding=padding, size=size, like=like)
    if padding is not None:
        removed = padding
    else:
        target = size if size is not None else reference_axes(like, shape)
        removed = tuple(_centred(n, m, given) for n, m in zip(shape.axes, target, strict=True))
    facts = _moved(shape, tuple((-before, -after) for before, after in removed), given)
    if padding is not None:
        return facts
    return facts._replace(uneven=tuple(after - before for before, after in removed))


@operator(
    label="slice",
    traits=("linear",),
    chinese="切片操作",
    formulas=Formulas(
        "ceil((stop − start) / step)",
        "ceil((last − first) / every)",
        derive=_sliced,
        meanings={
            "start": ("first index kept", "保留的首个下标"),
            "stop": ("index it ends before", "终止下标（不含）"),
            "step": ("from one index to the next", "下标间隔"),
            "first": ("first channel kept", "保留的首个通道"),
            "last": ("channel it ends before", "终止通道（不含）"),
            "every": ("from one channel to the next", "通道间隔"),
        },
        remarks={"output": "negative ends count from the end"},
    ),
)
def slice_(
    inputs: tuple[Shape, ...],
    *,
    channels: Indices = None,
    t: Indices = None,
    h: Indices = None,
    w: Indices = None,
) -> Facts:
    """A part of the channels or positions, start:stop or start:stop:step.

    The last axis is w, the one before h, the one before that t; with one axis, t is another name of it.

    Other work: none.
    Source: Python and NumPy slices.
    """
    shape = inputs[0]
    given = {name: span for name, span in {"t": t, "h": h, "w": w}.items() if span is not None}
    if channels is None and not given:
        raise OperatorProblem("slice needs one of channels=…, t=…, h=… or w=…")
    names = _axis_names(shape, given)
    kept: list[Size] = []
    reads: list[AxisReads | None] = []
    for axis, size in enumerate(shape.axes):
        start, length, step = _indices(given.pop(names[axis], None), size, names[axis])
        kept.append(length)
        reads.append(shifted(axis, -start, step * (length - 1) + 1 + start - size, step))
    if given:
        name = next(iter(given))
        known = ", ".join(("channels", *names))
        raise OperatorProblem(f"the input {shape} has no axis {name}; it has {known}", name)
    first, left, every = _indices(channels, shape.channels, "channels")
    facts = unlearned(Shape(tuple(kept), left), tuple(reads))
    return facts if left == shape.channels else facts._replace(channels="select", part=(first, every))


@operator(
    label="roll",
    traits=("rearranging", "linear"),
    chinese="循环移位",
    formulas=Formulas("n", "c"),
)
def roll(
    inputs: tuple[Shape, ...],
    *,
    by: Annotated[Pads, Padding("how far along each axis, negative towards the start", "", negative=True)],
) -> Facts:
    """Positions moved along the axes; what leaves one end comes back at the other.

    Other work: none.
    Source: NumPy roll; Liu et al. 2021 (Swin).
    """
    shape = require_axes(inputs, "roll")
    if any(before != after for before, after in by):
        raise OperatorProblem("expected one number per axis", "by")
    reads = tuple(shifted(axis, before, -before, 1, "circular") for axis, (before, _) in enumerate(by))
    return unlearned(shape, reads)


def _axis_names(shape: Shape, given: Mapping[str, object]) -> tuple[str, ...]:
    """What the axes of a map are called in a slice."""
    rank = len(shape.axes)
    if rank == 1 and given.get("t") is not None and given.get("w") is None:
        return ("t",)
    return ("t", "h", "w")[3 - rank :]


def only_one(name: str, **given: object) -> str:
    """The one attribute of these that is given; raises OperatorProblem for none, or a second one."""
    present = [attribute for attribute, value in given.items() if value is not None]
    if not present:
        choices = [f"{attribute}=…" for attribute in given]
        raise OperatorProblem(f"{name} needs one of {', '.join(choices[:-1])} or {choices[-1]}")
    if len(present) > 1:
        raise OperatorProblem(f"{name} takes {present[0]}=… or {present[1]}=…, not both", present[1])
    return present[0]


def reference_axes(like: SizeReference | None, shape: Shape) -> tuple[Size, ...]:
    """The spatial size of a layer that is followed; raises OperatorProblem when it has other axes."""
    assert like is not None
    if len(like.shape.axes) != len(shape.axes):
        raise OperatorProblem(f"{like.name} is {like.shape}, but the input is {shape}", "like")
    return like.shape.axes


def _centred(size: Size, target: Size, attribute: str) -> tuple[Size, Size]:
    """What is cut off before and after to leave the middle `target` positions."""
    surplus = size - target
    with undecided(attribute):
        too_large = surplus < 0
        before = surplus // 2
    if too_large:
        raise OperatorProblem(
            f"an axis of {format_number(size)} cannot be cropped to {format_number(target)}", attribute
        )
    return before, surplus - before


def _moved(shape: Shape, padding: Pads, attribute: str, border: Border = "zero") -> Facts:
    """The facts of adding (or, when negative, cutting off) positions at the ends of each axis."""
    positive: list[Size] = []
    for size, pair in zip(shape.axes, padding, strict=True):
        # What is added at one end does not make up for what is cut off at the other.
        left = [size]
        for amount in pair:
            cut = [length + amount for length in left]
            # Symbols may decide whether it is cut off or added: something is left in either case.
            left = cut if surely_negative(amount) else left + cut
        for length in left:
            if surely_negative(length - 1):
                raise OperatorProblem(
                    f"cutting off {format_number(size - length)} leaves nothing of {format_number(size)}",
                    attribute,
                )
        positive += left
    lengths = tuple(n + before + after for n, (before, after) in zip(shape.axes, padding, strict=True))
    reads = tuple(shifted(axis, *pair, 1, border) for axis, pair in enumerate(padding))
    return unlearned(Shape(lengths, shape.channels), reads)._replace(positive=tuple(positive))


def _indices(span: SpanValue | None, size: Size, name: str) -> tuple[Size, Size, int]:
    """Start, number and step of the indices a slice keeps of `size`; raises OperatorProblem for none."""
    start, stop, step = _ends(span, size, name)
    with undecided(name, name):
        length = (stop - start + step - 1) // step
        empty = surely_negative(length - 1)
    if empty:
        raise OperatorProblem(f"{format_value(span)} leaves nothing of {format_number(size)}", name)
    return start, length, step


def _ends(span: SpanValue | None, size: Size, name: str) -> tuple[Size, Size, int]:
    """Start, stop and step of a slice of `size`, ends counted from the front and within it."""
    if span is None:
        return 0, size, 1
    step = _end(span.step, 1)
    if not isinstance(step, int) or step < 1:
        raise OperatorProblem(f"{name}: the step must be a whole number of at least 1", name)
    with undecided(name, name):
        return _clamped(_end(span.start, 0), size), _clamped(_end(span.stop, size), size), step


def _end(value: object, default: Size) -> Size:
    """An end or step of a converted span."""
    assert value is None or isinstance(value, int | Polynomial)
    return default if value is None else value


def _clamped(index: Size, size: Size) -> Size:
    """An index as Python reads it: from the end when negative, and within 0 … size.

    Raises SymbolicError when symbols leave it undecided where it stands.
    """
    if index < 0:
        index = index + size
        return 0 if index < 0 else index
    return index if index <= size else size
