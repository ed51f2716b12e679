"""What the axes of a map are called, and which of them an operator works over."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from rfcalc.ops.attributes import Choice
from rfcalc.ops.facts import OperatorProblem
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape, Size, product

_AXES = ("t", "h", "w")
# What numbers of one map are taken together.
OverWord = Literal["channels", "positions", "all", "t", "h", "w"]
Over = Annotated[
    OverWord,
    Choice(
        "what is taken together: the channels of a position, all positions, everything, or one axis "
        "(the last axis is w, the one before h, the one before that t)",
        get_args(OverWord),
    ),
]


class Extent(NamedTuple):
    """What is taken together: which spatial axes, and whether the channels too."""

    axes: tuple[int, ...]
    channels: bool

    def elements(self, shape: Shape) -> Size:
        """How many numbers that are."""
        return product([shape.axes[axis] for axis in self.axes]) * (shape.channels if self.channels else 1)

    def sizes(self, shape: Shape) -> tuple[Size, ...]:
        """The sizes of what is taken together, spatial axes first."""
        axes = tuple(shape.axes[axis] for axis in self.axes)
        return (*axes, shape.channels) if self.channels else axes


def axis_names(shape: Shape, given: Mapping[str, object]) -> tuple[str, ...]:
    """What the axes of a map are called; with one axis t is another name of it."""
    rank = len(shape.axes)
    if rank == 1 and given.get("t") is not None and given.get("w") is None:
        return ("t",)
    return _AXES[3 - rank :]


def extent(shape: Shape, over: object, attribute: str = "over") -> Extent:
    """What a word of OverWord takes together of a map; raises OperatorProblem for an axis it lacks."""
    every = tuple(range(len(shape.axes)))
    if over in ("channels", "all"):
        return Extent(every if over == "all" else (), True)
    if over == "positions":
        return Extent(every, False)
    names = axis_names(shape, {str(over): over})
    if over not in names:
        known = ", ".join(("channels", *names))
        raise OperatorProblem(f"the input {shape} has no axis {over}; it has {known}", attribute)
    return Extent((names.index(over),), False)


def taken_together(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: m, how many numbers are taken together."""
    return {"m": extent(inputs[0], arguments["over"]).elements(inputs[0])}


TOGETHER = {"m": ("numbers that are taken together", "合并计算的元素个数")}
