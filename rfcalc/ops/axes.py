"""Which numbers of a map an operator takes together: those of which axes, and whether the channels too."""

from collections.abc import Mapping
from typing import Annotated, Literal, cast, get_args

from rfcalc.ops.attributes import AxisNumbers
from rfcalc.ops.facts import OperatorProblem
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape, Size, format_sizes, product

OverWord = Literal["channels", "positions", "all"]
# The word, or the numbers of axes.
OverValue = OverWord | tuple[Size, ...]
Over = Annotated[
    OverValue,
    AxisNumbers(
        "what is taken together: the channels of a position, all positions, everything, or the positions "
        "along some axes",
        get_args(OverWord),
    ),
]


class Extent(NamedTuple):
    """What is taken together: which spatial axes, and whether the channels too."""

    axes: tuple[int, ...]
    channels: bool

    def sizes(self, shape: Shape) -> tuple[Size, ...]:
        """The sizes of what is taken together, spatial axes first."""
        axes = tuple(shape.axes[axis] for axis in self.axes)
        return (*axes, shape.channels) if self.channels else axes

    def elements(self, shape: Shape) -> Size:
        """How many numbers that are."""
        return product(self.sizes(shape))


def extent(shape: Shape, over: OverValue, attribute: str = "over") -> Extent:
    """What is meant of a map; raises OperatorProblem for an axis that it lacks."""
    every = tuple(range(len(shape.axes)))
    if isinstance(over, str):
        return Extent(() if over == "channels" else every, over != "positions")
    for number in over:
        if number not in every or over.count(number) > 1:
            known = f"axes {', '.join(map(str, every))}" if every else "no axis"
            raise OperatorProblem(f"the input {shape} has {known}, each named once", attribute)
    return Extent(tuple(axis for axis in every if axis in over), False)


def taken_together(inputs: tuple[Shape, ...], arguments: Mapping[str, object]) -> Mapping[str, object]:
    """For formulas: m, how many numbers are taken together."""
    return {"m": extent(inputs[0], cast("OverValue", arguments["over"])).elements(inputs[0])}


TOGETHER = {"m": ("numbers that are taken together", "合并计算的元素个数")}


def shape_of(sizes: tuple[Size, ...], attribute: str) -> Shape:
    """The shape of these sizes, the channels last; raises OperatorProblem for more axes than there may be."""
    if len(sizes) > 4:
        raise OperatorProblem(
            f"{format_sizes(sizes)} has {len(sizes) - 1} spatial axes; the most is 3 (and the channels)",
            attribute,
        )
    return Shape(sizes[:-1], sizes[-1])
