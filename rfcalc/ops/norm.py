"""Normalisation by statistics, and the learned scale."""

from typing import Annotated

from rfcalc.ops.attributes import CountKind, Flag
from rfcalc.ops.axes import TOGETHER, Over, extent, taken_together
from rfcalc.ops.conv import Bias, group_relation, kernel_weights, share_of_group
from rfcalc.ops.elementwise import PASSED_ON, in_place
from rfcalc.ops.facts import Channels, Facts, Work
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.windows import whole_map
from rfcalc.shapes import Shape, Size

LearnedFactor = Annotated[bool, Flag("whether the affine map has a factor")]
LearnedOffset = Annotated[bool, Flag("whether the affine map has an offset")]
SharedScalar = Annotated[bool, Flag("whether all channels share one number")]
Affine = Annotated[bool, Flag("whether a factor and an offset per channel are learned")]


AFFINE = Formulas("n", "c", {"weight": "c if affine", "bias": "c if affine"})


@operator(
    label="batch normalization",
    traits=("normalisation", "centring", "linear"),
    chinese="批规范化",
    formulas=AFFINE._replace(
        params={"weight": "c if affine and weight", "bias": "c if affine and bias"},
        remarks={"params": "the running mean and variance are buffers, not parameters"},
    ),
)
def bn(
    inputs: tuple[Shape, ...],
    *,
    affine: Affine = True,
    weight: LearnedFactor = True,
    bias: LearnedOffset = True,
) -> Facts:
    """Batch normalisation with its running statistics: one factor and one offset per channel.

    Other work: 1 multiplication and 1 addition per element, statistics and affine map folded into one.
    Source: Ioffe and Szegedy 2015; 解析卷积神经网络 section 3.4.
    """
    shape = inputs[0]
    work = Work(multiply=1, add=1).times(shape.elements)
    wanted = {"weight": affine and weight, "bias": affine and bias}
    weights: dict[str, tuple[Size, ...]] = {
        name: (shape.channels,) for name, wants in wanted.items() if wants
    }
    facts = in_place(shape, work, weights, gain=PASSED_ON)
    return facts._replace(buffers={"mean": (shape.channels,), "variance": (shape.channels,)})


@operator(
    label="layer normalization",
    traits=("normalisation",),
    chinese="层规范化",
    formulas=Formulas(
        "n",
        "c",
        {"weight": "m if affine", "bias": "m if affine"},
        derive=taken_together,
        meanings=TOGETHER,
    ),
)
def ln(inputs: tuple[Shape, ...], *, over: Over = "channels", affine: Affine = True) -> Facts:
    """Layer normalisation over the channels of each position, as in ConvNeXt, or over more.

    Other work: for a set of m numbers 3m − 1 additions, m multiplications, m + 2 divisions, 1 root (counted
        as exp); the affine map 1 multiplication and 1 addition per element.
    Source: Ba, Kiros and Hinton 2016; Liu et al. 2022 (ConvNeXt).
    """
    shape = inputs[0]
    taken = extent(shape, over)
    sizes = taken.sizes(shape)
    weights = {"weight": sizes, "bias": sizes} if affine else {}
    work = _statistics_work(shape, shape.elements // taken.elements(shape), affine)
    channels: Channels = "all" if taken.channels else "each"
    facts = in_place(shape, work, weights, channels=channels, gain=PASSED_ON)
    return facts._replace(reads=(whole_map(shape.axes, "side", taken.axes),))


@operator(label="group normalization", traits=("normalisation",), chinese="组规范化", formulas=AFFINE)
def gn(
    inputs: tuple[Shape, ...],
    *,
    groups: Annotated[Size, CountKind("number of groups the channels are divided into", "g")],
    affine: Affine = True,
) -> Facts:
    """Group normalisation: over all positions of a group of channels.

    Other work: for a set of m numbers (here m = positions · c / g, g sets) 3m − 1 additions,
        m multiplications, m + 2 divisions, 1 root (counted as exp); the affine map 1 multiplication and
        1 addition per element.
    Source: Wu and He 2018.
    """
    shape = inputs[0]
    share_of_group(shape.channels, groups, "channels")
    return _over_space(shape, groups, affine, group_relation(shape.channels, shape.channels, groups))


@operator(
    label="instance normalization",
    traits=("normalisation", "centring"),
    chinese="实例规范化",
    formulas=AFFINE,
)
def in_(inputs: tuple[Shape, ...], *, affine: Affine = False) -> Facts:
    """Instance normalisation: over all positions of each channel; not affine by default, as in PyTorch.

    Other work: for a set of m numbers (here m = positions, c sets) 3m − 1 additions, m multiplications,
        m + 2 divisions, 1 root (counted as exp); the affine map 1 multiplication and 1 addition per element.
    Source: Ulyanov, Vedaldi and Lempitsky 2016.
    """
    shape = inputs[0]
    return _over_space(shape, shape.channels, affine, "each")


@operator(
    label="global response normalization",
    traits=("normalisation",),
    chinese="全局响应规范化",
    formulas=Formulas("n", "c", {"weight": "c", "bias": "c"}),
)
def grn(inputs: tuple[Shape, ...]) -> Facts:
    """Global response normalisation: each channel times its norm over the map, relative to the mean norm.

    Other work: a square and an addition per element and a root (counted as exp) per channel for the norms;
        c − 1 additions, c + 1 divisions; 2 multiplications and 2 additions per element.
    Source: Woo et al. 2023 (ConvNeXt V2).
    """
    shape = inputs[0]
    channels, elements = shape.channels, shape.elements
    work = Work(
        add=elements - channels + channels - 1 + 2 * elements,
        multiply=3 * elements,
        divide=channels + 1,
        exp=channels,
    )
    facts = in_place(shape, work, _affine_weights(shape, True), channels="all", gain=PASSED_ON)
    return facts._replace(reads=(whole_map(shape.axes, "side"),))


@operator(
    label="scale",
    traits=("linear",),
    chinese="缩放",
    formulas=Formulas("n", "c", {"weight": "1 if shared else c", "bias": "(1 if shared else c) if bias"}),
)
def scale(inputs: tuple[Shape, ...], *, shared: SharedScalar = False, bias: Bias = False) -> Facts:
    """A learned factor per channel, as layer scale or Caffe's Scale layer, or one for all, as in ReZero.

    Other work: 1 multiplication per element, and 1 addition for the bias.
    Source: Touvron et al. 2021 (CaiT); Caffe Scale layer; Bachlechner et al. 2021 (ReZero).
    """
    shape = inputs[0]
    factors = 1 if shared else shape.channels
    weights = kernel_weights((factors,), factors, bias)
    return in_place(shape, Work(multiply=1, add=int(bias)).times(shape.elements), weights)


def _over_space(shape: Shape, groups: Size, affine: bool, relation: Channels) -> Facts:
    """The facts of a normalisation whose statistics are taken over all positions."""
    work = _statistics_work(shape, groups, affine)
    weights = _affine_weights(shape, affine)
    facts = in_place(shape, work, weights, channels=relation, gain=PASSED_ON)
    return facts._replace(reads=(whole_map(shape.axes, "side"),), groups=groups)


def _affine_weights(shape: Shape, affine: bool) -> dict[str, tuple[Size, ...]]:
    return kernel_weights((shape.channels,), shape.channels, True) if affine else {}


def _statistics_work(shape: Shape, sets: Size, affine: bool) -> Work:
    """The work of (x − mean) / √(variance + ε) over `sets` sets of m numbers that divide the elements.

    Mean: m − 1 additions, 1 division.  Difference: m additions, done once.  Variance: m multiplications,
    m − 1 additions, 1 division.  Root: 1 addition of ε and 1 root.  Quotient: m divisions.
    """
    elements = shape.elements
    return Work(
        add=3 * elements - sets + (elements if affine else 0),
        multiply=elements + (elements if affine else 0),
        divide=elements + 2 * sets,
        exp=sets,
    )
