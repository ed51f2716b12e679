"""What all sliding windows share: their attributes, output size, padding and reading."""

from collections.abc import Collection
from typing import Annotated, Literal, get_args

from rfcalc.ops.attributes import Choice, Lengths, Padding, Pads
from rfcalc.ops.axis_maps import IDENTITY, Border, Weights, Window
from rfcalc.ops.facts import OperatorProblem, undecided
from rfcalc.ops.reads import Along, AxisReads, Collapsed, Everything, PathKind
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import format_number

Kernel = Annotated[tuple[Size, ...], Lengths("kernel size", "f", always=True)]
Stride = Annotated[tuple[Size, ...], Lengths("stride", "s", always=True)]
Dilation = Annotated[tuple[Size, ...], Lengths("dilation: the step between two taps", "r")]
# What padding may be called that the sizes decide.
PaddingWord = Literal["same", "same_lower", "valid", "causal"]
WindowPadding = Annotated[
    Pads | PaddingWord,
    Padding(
        "padding; `same` is TensorFlow's (what is odd goes after), `same_lower` puts it before, "
        "`causal` puts all of it before, `valid` is none",
        words=get_args(PaddingWord),
    ),
]
BorderWord = Literal["zeros", "reflect", "replicate", "circular"]
BORDERS: dict[BorderWord, Border] = {
    "zeros": "zero",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}
PaddingMode = Annotated[BorderWord, Choice("what the padding holds", BORDERS)]

# The number of windows along one axis, as a formula (rfcalc.ops.formulas); window_length computes it.
WINDOWS = "floor((n + p0 + p1 − r · (f − 1) − 1) / s) + 1"

ONE: tuple[Size, ...] = (1,)
NO_PADDING: Pads = ((0, 0),)


def require_axes(inputs: tuple[Shape, ...], name: str) -> Shape:
    """The operator's first operand, which must have one to three spatial axes."""
    shape = inputs[0]
    if not 1 <= len(shape.axes) <= 3:
        raise OperatorProblem(
            f"{name} needs an input of one to three spatial axes, but it is {shape}",
            operand=0,
        )
    return shape


def surely_negative(size: Size) -> bool:
    """Whether a number is below 0 whatever its symbols stand for; an undecided one is not."""
    return size < 0 if isinstance(size, int) else size.sign() == -1


def resolve_padding(
    padding: Pads | PaddingWord,
    axes: tuple[Size, ...],
    kernel: tuple[Size, ...],
    stride: tuple[Size, ...],
    dilation: tuple[Size, ...],
) -> Pads:
    """The padding before and after each axis, in positions.

    `same` makes the output ceil(n / s) long, as TensorFlow does: max((ceil(n/s) − 1)·s + r(f − 1) + 1 − n, 0)
    in all, the odd one after (`same_lower`: before).  `causal` puts r(f − 1) before and nothing after.
    Raises OperatorProblem when symbols leave it undecided.
    """
    if not isinstance(padding, str):
        return padding
    if padding == "valid":
        return ((0, 0),) * len(axes)
    return tuple(
        _resolve(padding, *geometry) for geometry in zip(axes, kernel, stride, dilation, strict=True)
    )


def _resolve(word: PaddingWord, size: Size, kernel: Size, stride: Size, dilation: Size) -> tuple[Size, Size]:
    reach = dilation * (kernel - 1)
    if word == "causal":
        return reach, 0
    if stride == 1:
        total = reach
    else:
        if not isinstance(stride, int):
            raise OperatorProblem(f"padding {word} needs a stride that is a number", "padding")
        with undecided("padding", f"padding {word} at stride {stride}"):
            outputs = (size + stride - 1) // stride
        needed = (outputs - 1) * stride + reach + 1 - size
        if not isinstance(needed, int):
            raise OperatorProblem(f"padding {word} at stride {stride} depends on a symbol", "padding")
        total = max(needed, 0)
    return split_padding(total, word)


def split_padding(total: Size, word: PaddingWord) -> tuple[Size, Size]:
    """Padding divided between both ends: what is odd goes after, or before with `same_lower`."""
    with undecided("padding", f"padding {word}"):
        smaller = total // 2
    larger = total - smaller
    return (larger, smaller) if word == "same_lower" else (smaller, larger)


def require_border(mode: BorderWord, pads: Pads, axes: tuple[Size, ...]) -> tuple[Size, ...]:
    """Refuse padding that repeats more of the input than there is; what must be at least 1 for it.

    Reflection leaves the outermost position out, so it pads at most n − 1; a circle at most n.
    """
    most = {"reflect": 1, "circular": 0}.get(mode)
    if most is None:
        return ()
    positive: list[Size] = []
    for size, pair in zip(axes, pads, strict=True):
        for amount in pair:
            positive.append(size - most - amount + 1)
            if surely_negative(positive[-1] - 1):
                raise OperatorProblem(
                    f"{mode} padding of {format_number(amount)} is more than an axis of "
                    f"{format_number(size)} can fill; the most is {format_number(size - most)}",
                    "padding",
                )
    return tuple(positive)


def window_length(
    size: Size,
    kernel: Size,
    stride: Size,
    padding: tuple[Size, Size],
    dilation: Size,
    *,
    ceil: bool = False,
) -> Size:
    """The number of windows along one axis (see WINDOWS).

    With `ceil` the division rounds up and a last window that would start past the input and the left
    padding is dropped, as PyTorch does; a single window may then hang over the end.
    Raises OperatorProblem when not one window fits or symbols leave the number undecided.
    """
    reach = dilation * (kernel - 1) + 1
    room = size + padding[0] + padding[1] - reach
    if not isinstance(stride, int):
        raise OperatorProblem("a symbolic stride leaves the output size undecided", "stride")
    if surely_negative(room + stride - 1 if ceil else room):
        raise OperatorProblem(
            f"the window spans {format_number(reach)} positions, but the padded input has only "
            f"{format_number(size + padding[0] + padding[1])}",
            "kernel",
        )
    with undecided("stride", "the number of windows"):
        if not ceil or stride == 1:
            return room // stride + 1
        length = (room + stride - 1) // stride + 1
        return length - 1 if (length - 1) * stride >= size + padding[0] else length


def window_reads(
    axis: int,
    kernel: Size,
    stride: Size,
    padding: tuple[Size, Size],
    dilation: Size,
    border: Border = "zero",
    weights: Weights = "learned",
    *,
    ceil: bool = False,
) -> AxisReads | None:
    """What one output unit reads along one axis; None when the window is symbolic.

    A window that happens to be as long as its map is a sliding window all the same: what a unit sees does
    not depend on the size of the input.
    """
    numbers = whole(kernel, stride, *padding, dilation)
    if numbers is None:
        return None
    length, step, before, after, rate = numbers
    return Along(axis, Window(length, step, before, rate, border, weights, after, ceil))


class Sliding(NamedTuple):
    """Windows over a map.

    axes: how many there are along each axis.  reads: what each reads.  decided: the padding, where a word
    stood for it.  positive: see Facts.
    """

    axes: tuple[Size, ...]
    reads: tuple[AxisReads | None, ...]
    decided: dict[str, object]
    positive: tuple[Size, ...] = ()


def sliding(
    shape: Shape,
    kernel: tuple[Size, ...],
    padding: Pads | PaddingWord,
    stride: tuple[Size, ...],
    dilation: tuple[Size, ...],
    mode: BorderWord = "zeros",
    weights: Weights = "learned",
    *,
    ceil: bool = False,
) -> Sliding:
    """The windows over a map; raises OperatorProblem where not one fits, or padding cannot be filled."""
    pads = resolve_padding(padding, shape.axes, kernel, stride, dilation)
    positive = require_border(mode, pads, shape.axes)
    geometry = tuple(zip(shape.axes, kernel, stride, pads, dilation, strict=True))
    border = BORDERS[mode]
    return Sliding(
        tuple(window_length(*axis, ceil=ceil) for axis in geometry),
        tuple(window_reads(i, *axis[1:], border, weights, ceil=ceil) for i, axis in enumerate(geometry)),
        {"padding": pads} if isinstance(padding, str) else {},
        positive,
    )


def whole(*sizes: Size | None) -> tuple[int, ...] | None:
    """The sizes as numbers; None where one depends on a symbol or is not known."""
    numbers = tuple(size for size in sizes if isinstance(size, int))
    return numbers if len(numbers) == len(sizes) else None


def shifted(axis: int, before: Size, after: Size, stride: int, border: Border = "zero") -> AxisReads | None:
    """One input position per output: o reads o·stride − before; None when that is symbolic."""
    if isinstance(before, int) and isinstance(after, int):
        return Along(axis, Window(1, stride, before, 1, border, "copied", after))
    return None


def whole_map(
    axes: tuple[Size, ...], path: PathKind, taken: Collection[int] | None = None
) -> tuple[AxisReads, ...]:
    """Every unit reads the whole map and, locally, its own position; one position is read as it is.

    taken: the axes that are read whole, where not all are.
    """
    return tuple(
        Along(axis, IDENTITY)
        if size == 1 or (taken is not None and axis not in taken)
        else Everything(axis, IDENTITY, path)
        for axis, size in enumerate(axes)
    )


def read_by_all(axes: tuple[Size, ...], output: tuple[Size, ...]) -> tuple[Collapsed | Everything, ...]:
    """Every unit of the output reads all of another tensor: a global path where there are several units.

    What the output has fewer axes for lies along its last one.
    """
    if not output:
        return (Collapsed(),) * len(axes)
    places = [min(axis, len(output) - 1) for axis in range(len(axes))]
    return tuple((Collapsed if output[place] == 1 else Everything)(place) for place in places)
