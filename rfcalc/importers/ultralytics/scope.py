"""Where the layers of a module are added: under its path, with the classes of the modules around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.tracing.modules import ModuleScope
from rfcalc.importers.tracing.views import Caller
from rfcalc.ops.attributes import PerAxis, SpanValue, Value, Word
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.shapes import Shape

# What a Conv is called where it becomes a block: a convolution alone is `conv` in the language.
CONV = "ConvBN"

# A length along both axes, or one for each.
AxisLengths = int | tuple[int, ...]


class Activation(NamedTuple):
    """The activation of convolutions: the class of its module, its operator and attributes."""

    kind: str = "SiLU"
    operator: str = "silu"
    values: tuple[tuple[str, Value], ...] = ()


class Conventions(NamedTuple):
    """What a file says of all its modules.

    original: whether it is of YOLOv5's own code, which differs.  scale: the letter of its size, "" for none.
    legacy: whether the heads have the class branches of models before version 11.
    reg_max: steps of the distances to the sides of a box.  end2end: whether heads have all branches twice.
    width: the factor of channels, of which there are at most `most` before.  unscaled: a number of channels
    that is left as it is.
    """

    activation: Activation = Activation()
    original: bool = False
    scale: str = ""
    legacy: bool = True
    reg_max: int = 16
    end2end: bool = False
    width: float = 1.0
    most: float = math.inf
    unscaled: int = 0

    def scaled(self, channels: int) -> int:
        """Channels as the scale of a file has them: always a multiple of 8, rounded up."""
        if channels == self.unscaled:
            return channels
        return math.ceil(min(channels, self.most) * self.width / 8) * 8


class RowScope(ModuleScope):
    """A module of a row that is being made, by the conventions of its file."""

    def __init__(self, collector: StepCollector, caller: Caller, conventions: Conventions) -> None:
        super().__init__(collector, caller)
        self.conventions = conventions

    def part(self, name: str, kind: str) -> RowScope:
        """A module within this one, this one for no name; name: its path from here, kind: its class."""
        if not name:
            return self
        *lists, _ = name.split(".")
        caller = self.within(name, [*["ModuleList"] * len(lists), kind])
        return RowScope(self.collector, caller, self.conventions)

    def add(self, operator: str, *operands: int, **values: Value | str) -> int:
        """The number of a new step; raises DescriptionError where the operator cannot be applied."""
        words = {name: Word(one) if isinstance(one, str) else one for name, one in values.items()}
        return self.step(operator, operands, words)

    def shape(self, x: int) -> Shape:
        """The size of a step's output."""
        return self.collector[x].shape

    def channels(self, x: int) -> int:
        """The channels of a step's output."""
        channels = self.shape(x).channels
        assert isinstance(channels, int)
        return channels

    def axes(self, x: int) -> tuple[int, ...]:
        """The lengths of the spatial axes of a step's output."""
        return tuple([axis for axis in self.shape(x).axes if isinstance(axis, int)])

    def conv(
        self,
        name: str,
        x: int,
        c2: int,
        k: AxisLengths = 1,
        s: int = 1,
        p: AxisLengths | None = None,
        g: int = 1,
        d: int = 1,
        act: Activation | bool = True,
    ) -> int:
        """A part Conv: a convolution without bias, a normalisation and, if wanted, an activation."""
        at = self.part(name, "DWConvBN" if g == self.channels(x) > 1 else CONV)
        padding = p
        if p is None:
            each = k if isinstance(k, tuple) else (k,)
            padding = tuple([((one - 1) * d + 1) // 2 for one in each])
            padding = padding if isinstance(k, tuple) else padding[0]
        assert padding is not None
        y = at.plain("conv", x, c2, k, s, padding, d, g, bias=False)
        y = at.part("bn", "BatchNorm2d").add("bn", y)
        if act is False:
            return y
        return at.activated(y, self.conventions.activation if act is True else act)

    def activated(self, x: int, activation: Activation | None = None, name: str = "act") -> int:
        """A part that is an activation, else the usual one."""
        chosen = activation or self.conventions.activation
        return self.part(name, chosen.kind).add(chosen.operator, x, **dict(chosen.values))

    def plain(
        self,
        name: str,
        x: int,
        c2: int,
        k: AxisLengths = 1,
        s: int = 1,
        p: AxisLengths = 0,
        d: int = 1,
        g: int = 1,
        *,
        bias: bool = True,
    ) -> int:
        """A part that is a bare convolution."""
        values: dict[str, Value] = {"kernel": _along(k)}
        if s != 1:
            values["stride"] = s
        if p != 0 and _along(p) != 0:
            values["padding"] = _along(p)
        if d != 1:
            values["dilation"] = d
        operator = "conv"
        if g == self.channels(x) > 1 and c2 % g == 0 and c2 > 0:
            operator = "dwconv"
            if c2 != g:
                values["multiplier"] = c2 // g
        else:
            values["out_channels"] = c2
            if g != 1:
                values["groups"] = g
        if not bias:
            values["bias"] = False
        return self.part(name, "Conv2d").step(operator, (x,), values)

    def deconv(self, name: str, x: int, c2: int, k: int, s: int, p: int = 0, *, bias: bool = True) -> int:
        """A part that is a bare transposed convolution."""
        values: dict[str, Value] = {"kernel": k, "out_channels": c2}
        if s != 1:
            values["stride"] = s
        if p:
            values["padding"] = p
        if not bias:
            values["bias"] = False
        return self.part(name, "ConvTranspose2d").step("deconv", (x,), values)

    def linear(self, name: str, x: int, c2: int, *, bias: bool = True) -> int:
        """A part that is a matrix by which the channels of each position are multiplied.

        Parts of one name in one module are one part, which runs several times.
        """
        values: dict[str, Value] = {"kernel": 1, "out_channels": c2}
        if not bias:
            values["bias"] = False
        at = self.part(name, "Linear")
        return at.step("conv", (x,), values, learned={"weight": at.caller.path})

    def maxpool(
        self, name: str, x: int, k: int, s: int = 1, p: int | None = None, *, ceil: bool = False
    ) -> int:
        """A part that takes the maximum; p: k // 2 where it is left out."""
        values: dict[str, Value] = {"kernel": k, "stride": s}
        if padding := k // 2 if p is None else p:
            values["padding"] = padding
        if ceil:
            values["ceil"] = True
        return self.part(name, "MaxPool2d").step("maxpool", (x,), values)

    def channels_of(self, x: int, start: int, stop: int) -> int:
        """Some channels of a tensor."""
        return self.add("slice", x, channels=SpanValue(start, stop))

    def halves(self, x: int, c: int | None = None) -> tuple[int, int]:
        """The first c channels of a tensor, else half of them, and the others."""
        channels = self.channels(x)
        c = channels // 2 if c is None else c
        return self.channels_of(x, 0, c), self.channels_of(x, c, channels)

    def concat(self, *tensors: int) -> int:
        """The channels of tensors side by side."""
        return self.add("concat", *tensors) if len(tensors) > 1 else tensors[0]

    def joined(self, x: int, y: int, wanted: bool = True) -> int:
        """A tensor with what it was made of added, where that is wanted and the channels are the same."""
        return self.add("add", x, y) if wanted and self.channels(x) == self.channels(y) else y

    def idle(self, name: str, kind: str, parameters: int) -> None:
        """Parameters of a part that runs in training alone."""
        if parameters:
            self.part(name, kind).add("learned", size=PerAxis((parameters,)), training=True)

    def tokens(self, x: int) -> int:
        """The positions of a map in one row."""
        return self.add("reshape", x, to=PerAxis((math.prod(self.axes(x)), self.channels(x))))


def conv_parameters(c1: int, c2: int, k: int = 1, g: int = 1) -> int:
    """The parameters of a part Conv, those of its normalisation included."""
    return c1 // g * c2 * k * k + 2 * c2


def _along(lengths: AxisLengths) -> Value:
    if isinstance(lengths, int):
        return lengths
    if len(set(lengths)) == 1:
        return lengths[0]
    return PerAxis(lengths)
