"""Resampling by interpolation."""

from typing import TYPE_CHECKING, Annotated

from rfcalc.ops.attributes import Choice, Factors, Flag, LayerReference, Lengths, SizeReference
from rfcalc.ops.axis_maps import IDENTITY, Method, Resample
from rfcalc.ops.crop import only_one, reference_axes
from rfcalc.ops.elementwise import unlearned
from rfcalc.ops.facts import Facts, OperatorProblem, Work, undecided
from rfcalc.ops.formulas import Formulas
from rfcalc.ops.operator import operator
from rfcalc.ops.reads import Along, AxisReads, Everything
from rfcalc.ops.windows import require_axes, surely_negative
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError, exact_quotient, format_number

if TYPE_CHECKING:
    from fractions import Fraction

# Every spelling of a method, the first of each being ours.
METHODS: dict[str, Method] = {
    "nearest": "nearest",
    "nearest_exact": "nearest",
    "bilinear": "bilinear",
    "linear": "bilinear",
    "trilinear": "bilinear",
    "bicubic": "bicubic",
}
# How many positions along one axis a value is made of.
NEIGHBOURS: dict[Method, int] = {"nearest": 1, "bilinear": 2, "bicubic": 4}


@operator(
    label="upsampling",
    traits=("linear",),
    chinese="上采样操作",
    formulas=Formulas("floor(n · scale) if scale else size", "c"),
)
def upsample(
    inputs: tuple[Shape, ...],
    *,
    scale: Annotated["tuple[Fraction | int, ...] | None", Factors("the factor of the size")] = None,
    size: Annotated[tuple[Size, ...] | None, Lengths("the output size")] = None,
    like: Annotated[SizeReference | None, LayerReference("a layer whose spatial size is taken")] = None,
    mode: Annotated[
        str,
        Choice(
            "the interpolation; nearest takes the position before, nearest_exact the one that is nearest; "
            "linear and trilinear are bilinear's other names",
            METHODS,
        ),
    ] = "nearest",
    align_corners: Annotated[bool, Flag("whether the corner positions of input and output coincide")] = False,
) -> Facts:
    """Resampling to a multiple of the size, or to a size, as PyTorch's interpolate does it.

    Output o reads the input coordinate o · n/m (nearest: its floor), (2o + 1) · n/2m (nearest_exact: its
    floor; less 1/2 for the others), or, with align_corners, o · (n − 1)/(m − 1); bilinear takes the 2 nearest
    positions per axis, bicubic 4, and what would lie outside repeats the border.  Where a factor is given,
    n/m is 1/factor; all in exact arithmetic, so that nearest can differ from PyTorch, whose factor is
    rounded to a float, and so can a size: 120/88 of 88 positions are 120, of which PyTorch makes 119.

    Other work: none for nearest; per output element 2^a multiplications and 2^a − 1 additions (bilinear)
        or 4^a and 4^a − 1 (bicubic), a being the number of axes; weights are constants, and taps of
        weight 0 count.
    Source: PyTorch functional.interpolate; Keys 1981 (bicubic).
    """
    shape = require_axes(inputs, "upsample")
    given = only_one("upsample", scale=scale, size=size, like=like)
    method = METHODS[mode]
    if align_corners and method == "nearest":
        raise OperatorProblem(f"align_corners has no meaning for mode {mode}", "align_corners")
    if scale is not None:
        factors: tuple[tuple[int, int] | None, ...] = tuple((f.numerator, f.denominator) for f in scale)
        target = tuple(map(_scaled, shape.axes, scale))
    else:
        target = size if size is not None else reference_axes(like, shape)
        factors = tuple(map(_ratio, shape.axes, target))
    output = Shape(target, shape.channels)
    taps = NEIGHBOURS[method] ** len(target)
    reads = tuple(
        _reads(axis, *geometry, method, align_corners, exact=mode == "nearest_exact")
        for axis, geometry in enumerate(zip(shape.axes, target, factors, strict=True))
    )
    work = Work(multiply=taps, add=taps - 1).times(output.elements) if taps > 1 else Work()
    facts = unlearned(output, reads, work=work)
    return facts._replace(decided={"size": target}) if given == "like" else facts


def _scaled(size: Size, factor: "Fraction | int") -> Size:
    """floor(size · factor)."""
    with undecided("scale"):
        length = size * factor.numerator // factor.denominator
    if surely_negative(length - 1):
        raise OperatorProblem(
            f"scaling by {format_number(factor)} leaves nothing of an axis of {format_number(size)}", "scale"
        )
    return length


def _ratio(size: Size, target: Size) -> tuple[int, int] | None:
    """The ratio target / size as numerator and denominator; None when it depends on a symbol."""
    if isinstance(size, int) and isinstance(target, int):
        return target, size
    try:
        ratio = exact_quotient(target, size)
    except SymbolicError:
        return None
    return None if isinstance(ratio, Polynomial) else (ratio.numerator, ratio.denominator)


def _reads(
    axis: int,
    size: Size,
    target: Size,
    factor: tuple[int, int] | None,
    method: Method,
    align_corners: bool,
    *,
    exact: bool,
) -> AxisReads | None:
    """What one output unit reads along one axis; None when it depends on a symbol.  exact: see nearest_exact.

    The coordinate is o / factor, or ((2o + 1) / factor − 1) / 2, or o · (n − 1) / (m − 1), each
    brought to the form (o · step + start) / scale.
    """
    if size == 1:
        return Along(axis, IDENTITY) if target == 1 else Everything(axis)
    if align_corners:
        if target in (size, 1):
            # A single output position reads position 0, as PyTorch's does.
            return Along(axis, IDENTITY)
        if isinstance(size, int) and isinstance(target, int):
            return Along(axis, Resample(size - 1, 0, target - 1, method))
        return None
    if factor is None:
        return None
    up, down = factor
    if method == "nearest":
        return Along(
            axis, Resample(2 * down, down, 2 * up, method) if exact else Resample(down, 0, up, method)
        )
    return Along(axis, Resample(2 * down, down - up, 2 * up, method))
