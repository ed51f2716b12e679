"""What an operator states about itself: the one record every analysis reads.

A fact an operator leaves out is unknown (`None`), never identity and never zero: an analysis that
meets `None` reports an unknown figure instead of a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from rfcalc.ops.reads import AxisReads
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape, Size, product
from rfcalc.symbolic.polynomial import SymbolicError, format_number, sum_of

if TYPE_CHECKING:
    from rfcalc.ops.rearrangement import Rearrangement


class Work(NamedTuple):
    """Work other than multiply-accumulates, in elementary operations by kind (docs/conventions.md)."""

    add: Size = 0
    multiply: Size = 0
    compare: Size = 0
    divide: Size = 0
    exp: Size = 0

    @property
    def total(self) -> Size:
        """Operations of all kinds."""
        return self.add + self.multiply + self.compare + self.divide + self.exp

    def times(self, factor: Size) -> Work:
        """The work of doing it `factor` times."""
        return Work(*(kind * factor for kind in self))

    def plus(self, other: Work) -> Work:
        """Both pieces of work."""
        return Work(*(one + two for one, two in zip(self, other, strict=True)))


NO_WORK = Work()

# How the output channels at one position read the input channels: "each" its own, "group" some of them,
# "some" of them all at the same positions, "all" of them, "select" (each its own, but some are left out or
# added), "stack" (operands side by side), "shuffle" (all are still there, but in another order, or spread
# over others).
Channels = Literal["each", "group", "some", "all", "select", "stack", "shuffle"]


class Facts(NamedTuple):
    """The facts of one operator applied to inputs of known shapes.

    output: the shape of the result (of the tensor it passes on, when `sink`).
    reads: for each operand, for each of its spatial axes, what one output unit reads of it.
    weights: the learned tensors by name, each with its dimensions; {} when it learns nothing.
    buffers: tensors that are kept and not learned, such as running statistics and fixed filters; None where
        that is not known.
    macs: multiply-accumulates of one example (docs/conventions.md).
    work: all other work of one example, by kind.
    channels: how the output channels at one position read the input channels (see Channels).
    groups: for "group", how many equal groups of neighbouring channels read one group of channels each;
        None where groups overlap.
    part: for "select", the input channel that is the first of the output, and the step from one to the
        next; a channel outside the input holds zeros.  None where each position takes others.
    rearranged: where each element comes from, for an operator that computes nothing; `reads` then says
        what all channels of a position come from together, and None where an axis is taken apart.
    gain: at initialisation, the expected squared gradient of an output element, summed over the channels it
        reads, with the weights of taps (`tap_energies`) left out: numerator and denominator.  None where
        that is not known, and then a window of learned weights has no known ones either.  Of a product it is
        that but for the squares of the other operands.
    opening: of what may be a gate, the value of an element at initialisation: that for an input of 0.
    looks_back: along its one axis a unit reads its own position, and what the units before it have seen: all
        before it, which is a window of no size.
    gate: the operands multiply or divide each other: what is global in one of them alone is a side path.
    successive: the operands are maps that stand one behind the other: each position is one operand's.
    positive: numbers that must be at least 1 as well, besides the sizes: what cropping leaves before padding
        adds to it, the input that reflection has left.
    uneven: along each axis, how much more is cut off at the end than at the beginning since the sizes do not
        divide; () where they decide nothing.
    affine: whether a function of each element is a number times it plus a number; None where its work tells.
    data_dependent: the positions read depend on the data (deformable convolution).
    sink: nothing downstream reads it, and it is of use all the same: a loss, what training alone uses.
    known_as: where the numbers make it an operation of another name, what is said of that, in English and
        Chinese.
    decided: attributes that the shapes or other attributes decide, with the value that they take
        (`p=same`, the kernel of `fc`, a pooling stride that is left out).
    """

    output: Shape
    reads: tuple[tuple[AxisReads | None, ...], ...] | None = None
    weights: Mapping[str, tuple[Size, ...]] | None = None
    buffers: Mapping[str, tuple[Size, ...]] | None = {}
    macs: Size | None = None
    work: Work | None = None
    channels: Channels | None = None
    groups: Size | None = None
    part: tuple[Size, int] | None = None
    rearranged: Rearrangement | None = None
    gain: tuple[Size, Size] | None = None
    opening: tuple[int, int] | None = None
    looks_back: bool = False
    gate: bool = False
    successive: bool = False
    positive: tuple[Size, ...] = ()
    uneven: tuple[Size, ...] = ()
    affine: bool | None = None
    data_dependent: bool = False
    sink: bool = False
    decided: Mapping[str, object] = {}
    known_as: tuple[str, str] = ("", "")

    @property
    def params(self) -> Size | None:
        """The number of learned parameters; None when unknown."""
        return None if self.weights is None else sum_of(map(product, self.weights.values()))

    @property
    def spreads_channels(self) -> bool:
        """Whether channels become positions, or positions channels."""
        order = self.rearranged
        if order is None:
            return False
        last = len(order.source) - 1
        return any(
            (at == last) != (place == len(order.target) - 1) and order.source[at][number] != 1
            for place, made in enumerate(order.target)
            for at, number in made
        )


class OperatorProblem(Exception):
    """An operator cannot be applied to these inputs with these attributes.

    attribute: the attribute to blame, so that the caret can stand under it.
    operand: the index of the operand to blame, when it is one operand.
    """

    def __init__(self, message: str, attribute: str = "", operand: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.attribute = attribute
        self.operand = operand


@contextmanager
def undecided(attribute: str, what: str = "") -> Iterator[None]:
    """Whatever symbols leave undecided within raises an OperatorProblem that blames this attribute."""
    try:
        yield
    except SymbolicError as error:
        raise OperatorProblem(f"{what}: {error}" if what else str(error), attribute) from None


def divided(size: Size, parts: Size, attribute: str, refusal: str) -> Size:
    """size / parts; raises OperatorProblem, which blames the attribute, when a rest is left.

    refusal: what is said then, with both numbers put in: "{} channels do not divide into {} groups".
    """
    if parts == 1:
        return size
    if size == parts:
        return 1
    with undecided(attribute):
        rest = size % parts
    if rest != 0:
        raise OperatorProblem(refusal.format(format_number(size), format_number(parts)), attribute)
    return size // parts
