"""The operators of keras.ops that compute, and what Keras 2 made of functions of TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from rfcalc.importers.keras.call import LayerFollowing, keras_operator
from rfcalc.importers.keras.layers.arguments import (
    axes_of_call,
    given,
    of_size,
    operand,
    several,
)
from rfcalc.importers.keras.layers.merging import joined as joined_layers
from rfcalc.importers.keras.layers.merging import side_by_side
from rfcalc.importers.tracing import elementwise, known, layers, products
from rfcalc.importers.tracing.attention import Scores, attention, settled
from rfcalc.importers.tracing.elementwise import function
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import FollowedResults
from rfcalc.importers.tracing.views import TensorView, digit, length
from rfcalc.ops.attributes import Value, Word

_JOINS: Mapping[str, str] = {
    "Add": "add",
    "Subtract": "sub",
    "Multiply": "mul",
    "Divide": "div",
    "TrueDivide": "div",
    "Maximum": "max",
    "Minimum": "min",
    "Power": "pow",
    "Mod": "mod",
    "Greater": "greater",
    "GreaterEqual": "greater",
    "Less": "less",
    "LessEqual": "less",
    "Equal": "equal",
    "NotEqual": "equal",
    "Fmax": "max",
    "Fmin": "min",
    "LogicalAnd": "min",
    "LogicalOr": "max",
}
# Of what is done to each element only is known where it stands; of what moves or sums them up, not even that.
_UNNAMED = ("NanToNum", "Sinc", "Erfinv", "Erfc", "Squareplus", "SparsePlus", "SparseSigmoid")
_UNNAMED_OF_TWO = ("Where", "FloorDivide", "Arctan2", "Hypot", "Logaddexp", "LogicalXor", "DivideNoNan")
_MOVED = ("Sparsemax", "Cumsum", "Cumprod", "Sort", "Argsort", "Fliplr", "Flipud")
_TRIANGLES = ("Tril", "Triu")
_SUMMED = ("Prod", "Argmax", "Argmin", "Median", "Ptp", "Quantile", "Nanmax", "Nanmin", "Nanmean", "Nansum")
_FUNCTIONS: Mapping[str, str] = {
    "Absolute": "abs",
    "Abs": "abs",
    "Negative": "neg",
    "Exp": "exp",
    "Expm1": "expm1",
    "Log": "log",
    "Log1p": "log1p",
    "Sqrt": "sqrt",
    "Rsqrt": "rsqrt",
    "Reciprocal": "reciprocal",
    "Square": "square",
    "Sin": "sin",
    "Cos": "cos",
    "Tan": "tan",
    "Arcsin": "asin",
    "Arccos": "acos",
    "Arctan": "atan",
    "Sinh": "sinh",
    "Cosh": "cosh",
    "Erf": "erf",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Round": "round",
    "Trunc": "trunc",
    "LogicalNot": "logical_not",
    "Threshold": "threshold",
    "Arcsinh": "asinh",
    "Arccosh": "acosh",
    "Arctanh": "atanh",
    "Log2": "log",
    "Log10": "log",
    "Exp2": "exp",
    "Cbrt": "pow",
    "Deg2rad": "mul",
    "Rad2deg": "mul",
    "Fabs": "abs",
    "Isnan": "equal",
    "Isinf": "equal",
    "Isfinite": "equal",
    "Signbit": "less",
}


@keras_operator(*_JOINS)
def arithmetic(call: LayerFollowing) -> FollowedResults:
    """Two tensors, or a tensor and a number, element by element."""
    name = _JOINS[call.layer.class_name]
    one, two = operand(call, 0, "x1", "x"), operand(call, 1, "x2", "y", "b")
    tensors = [one, two]
    if isinstance(one, Known) and isinstance(two, Known):
        raise call.fail("neither operand is a tensor", call.at_call)
    if isinstance(one, TensorView) and isinstance(two, TensorView):
        if name not in elementwise.JOINS:
            # A condition, of each pair of elements.
            return function(call.tracer, name, elementwise.joined(call.tracer, "sub", one, two))
        return elementwise.joined(call.tracer, name, one, two)
    x = next(each for each in tensors if isinstance(each, TensorView))
    constant = next(each for each in tensors if isinstance(each, Known))
    if name == "pow" and x is one and isinstance(constant.scalar, int | float):
        return elementwise.power(call.tracer, x, float(constant.scalar))
    reverse = one is constant and name in ("sub", "div", "pow")
    return elementwise.with_constant(call.tracer, name, x, constant, reverse=reverse)


@keras_operator("SquaredDifference")
def squared_difference(call: LayerFollowing) -> FollowedResults:
    """The square of what two tensors differ by."""
    call.layer = call.layer._replace(class_name="Subtract")
    done = arithmetic(call)
    assert isinstance(done, TensorView)
    return function(call.tracer, "square", done)


@keras_operator("Moments")
def moments(call: LayerFollowing) -> FollowedResults:
    """A mean and a variance along dimensions."""
    x, keep = call.view(), given(call, -1, "keepdims", "keep_dims") is True
    axes = axes_of_call(call, x, 1, "axes")
    mean = layers.reduced(call.tracer, x, axes, "mean", keep=True)
    apart = function(call.tracer, "square", elementwise.joined(call.tracer, "sub", x, mean))
    variance = layers.reduced(call.tracer, apart, axes, "mean", keep=True)
    if keep:
        return [mean, variance]
    return [reduce(TensorView.without, sorted(axes, reverse=True), one) for one in (mean, variance)]


@keras_operator("Crelu")
def crelu(call: LayerFollowing) -> FollowedResults:
    """What is positive of a tensor beside what is positive of its negative."""
    x = call.view()
    both = [layers.in_place(call.tracer, "relu", one) for one in (x, function(call.tracer, "neg", x))]
    axis = given(call, -1, "axis")
    return side_by_side(call, both, axis if isinstance(axis, int) else -1)


@keras_operator("BiasAdd")
def bias_add(call: LayerFollowing) -> FollowedResults:
    """A number added to each channel that the file does not have."""
    return function(call.tracer, "add", call.view())


@keras_operator(*_FUNCTIONS)
def element_function(call: LayerFollowing) -> FollowedResults:
    """A function of each element."""
    return function(call.tracer, _FUNCTIONS[call.layer.class_name], call.view())


@keras_operator("Clip")
def clip(call: LayerFollowing) -> FollowedResults:
    """Each element cut at two numbers."""
    least, most = given(call, 1, "x_min", "clip_value_min"), given(call, 2, "x_max", "clip_value_max")
    return elementwise.clipped(call.tracer, call.view(), least, most)


@keras_operator("Cast", "StopGradient", "Copy", "Identity", "CastToFloat")
def passed(call: LayerFollowing) -> FollowedResults:
    """What changes no size."""
    return layers.in_place(call.tracer, "identity", call.view())


@keras_operator("Mean", "Sum", "Max", "Min", "Amax", "Amin")
def reduction(call: LayerFollowing) -> FollowedResults:
    """A mean, sum or largest element along dimensions."""
    x = call.view()
    kind = {"Mean": "mean", "Sum": "sum"}.get(call.layer.class_name, "max")
    if kind == "max" and call.layer.class_name in ("Min", "Amin"):
        x = function(call.tracer, "neg", x)
    keep = given(call, 2, "keepdims") is True
    done = layers.reduced(call.tracer, x, axes_of_call(call, x, 1), kind, keep=keep)
    return function(call.tracer, "neg", done) if call.layer.class_name in ("Min", "Amin") else done


@keras_operator("Var", "Std", "Norm", "Logsumexp", "Any", "All", "CountNonzero")
def composed_reduction(call: LayerFollowing) -> FollowedResults:
    """A reduction that is a function, a mean, sum or largest element, and another function."""
    x, tracer, name = call.view(), call.tracer, call.layer.class_name
    if name == "Norm" and given(call, 1, "ord") not in (None, 2, "fro", "euclidean"):
        return summed(call)
    axes, keep = axes_of_call(call, x, 1), given(call, 2, "keepdims") is True
    if name in ("Var", "Std"):
        mean = layers.reduced(tracer, x, axes, "mean", keep=True)
        x = elementwise.joined(tracer, "sub", x, mean)
    first, kind, last = {
        "Var": ("square", "mean", ""),
        "Std": ("square", "mean", "sqrt"),
        "Norm": ("square", "sum", "sqrt"),
        "Logsumexp": ("exp", "sum", "log"),
        "Any": ("", "max", ""),
        "All": ("logical_not", "max", "logical_not"),
        "CountNonzero": ("equal", "sum", ""),
    }[name]
    x = function(tracer, first, x) if first else x
    done = layers.reduced(tracer, x, axes, kind, keep=keep)
    return function(tracer, last, done) if last else done


@keras_operator(*_SUMMED)
def summed(call: LayerFollowing) -> FollowedResults:
    """A reduction that no layer of the language is: its size is known."""
    x = call.view()
    axes, keep = axes_of_call(call, x, 1), given(call, 2, "keepdims") is True
    lengths = [
        1 if place in axes else size for place, size in enumerate(x.lengths) if keep or place not in axes
    ]
    return of_size(call, x, lengths, 0, moves=False)


@keras_operator(*_MOVED, *_TRIANGLES)
def moved(call: LayerFollowing) -> FollowedResults:
    """A tensor of the same size of elements from elsewhere."""
    return of_size(call, call.view(), list(call.view().lengths), 0)


@keras_operator(*_UNNAMED, "ZerosLike", "OnesLike")
def unnamed(call: LayerFollowing) -> FollowedResults:
    """A function of each element that the language has no name for."""
    values: dict[str, Value] = {"type": Word(call.layer.class_name), "reads": Word("each")}
    return layers.in_place(call.tracer, "opaque", call.view(), {**values, "params": 0, "macs": 0})


@keras_operator(*_UNNAMED_OF_TWO)
def unnamed_of_several(call: LayerFollowing) -> FollowedResults:
    """A function of elements of several tensors that the language has no name for."""
    tensors = [call.view(place) for place in range(len(call.tensors))]
    whole = known.broadcast(*[one.lengths for one in tensors])
    if whole is None:
        shown = ", ".join(call.sizes(one) for one in call.tensors)
        raise call.fail(f"its operands do not fit each other: {shown}", call.at_call)
    placed = [call.natural(one) for one in tensors]
    alike = {(one.lengths, call.tracer[one.step].shape) for one in placed}
    if len(alike) > 1 or not 2 <= len(whole) <= 5:
        return of_size(call, call.view(), list(whole), 0)
    values: dict[str, Value] = {"type": Word(call.layer.class_name), "reads": Word("each")}
    values |= {"size": call.along_sizes(list(_plain(placed[0]))), "params": 0, "macs": 0}
    steps = list(dict.fromkeys(one.step for one in placed))
    return placed[0]._replace(step=call.tracer.add("opaque", steps, values))


def _plain(x: TensorView) -> Iterator[int]:
    """The size of the output that a tensor is: axes, then channels."""
    return map(length, x.base)


@keras_operator("Dot", "Tensordot", "Inner")
def dot(call: LayerFollowing) -> FollowedResults:
    """The last dimension times a matrix."""
    one, two = operand(call, 0, "x1"), operand(call, 1, "x2", "b")
    name = call.layer.class_name
    if len(two.lengths) != 2 or isinstance(two, TensorView) or isinstance(one, Known):
        raise call.fail("a product of other than a tensor and a constant matrix is not read", call.at_call)
    if name == "Tensordot" and given(call, 2, "axes") != 1:
        raise call.fail("a product along other than the last dimension is not read", call.at_call)
    inner, units = two.lengths[::-1] if name == "Inner" else two.lengths
    return times_constant(call, one, inner, units)


def times_constant(call: LayerFollowing, x: TensorView, inner: int, units: int) -> TensorView:
    """The last dimension times a matrix of numbers that stand in the file, which nothing has learned."""
    if not x.dimensions or x.lengths[-1] != inner:
        raise call.fail(f"a matrix of {inner} rows for a tensor {call.sizes(x)}", call.at_call)
    last = len(x.dimensions) - 1
    placed = call.tracer.with_channels(x, last)
    if not any(placed.base[:-1]):
        return of_size(call, x, [*x.lengths[:-1], units], 0, moves=False)
    values: dict[str, Value] = {"kernel": 1, "out_channels": units, "learned": False}
    channels = digit(units)
    step = call.tracer.add("conv", [placed.step], values)
    return TensorView(step, (*placed.base[:-1], channels), (*placed.dimensions[:last], channels))


@keras_operator("DotProductAttention")
def dot_product_attention(call: LayerFollowing) -> FollowedResults:
    """Attention of examples, positions, heads and channels."""
    names = ("query", "key", "value")
    tensors = [operand(call, place, name) for place, name in enumerate(names)]
    apart = []
    for one in tensors:
        if isinstance(one, Known) or len(one.dimensions) != 4:
            raise call.fail("it works on tensors of 4 dimensions", call.at_call)
        apart.append(one.permuted([0, 2, 1, 3]))
    query, key, value = apart
    return attention(call.tracer, Scores(query, key, weighted=True), value).permuted([0, 2, 1, 3])


@keras_operator("Matmul")
def matmul(call: LayerFollowing) -> FollowedResults:
    """A matrix product of the last two dimensions."""
    one, two = (
        _transposed(call, operand(call, place, *names), f"transpose_{names[1]}", f"adjoint_{names[1]}")
        for place, names in enumerate((("x1", "a"), ("x2", "b")))
    )
    if isinstance(one, TensorView) and isinstance(two, Known) and len(two.lengths) == 2:
        return times_constant(call, one, *two.lengths)
    return settled(call.tracer, products.matrix_product(call.tracer, one, two))


def _transposed(call: LayerFollowing, x: TensorView | Known, *flags: str) -> TensorView | Known:
    """A matrix, or the transposed one where the call says so."""
    if not any(call.flag(name, default=False) for name in flags):
        return x
    done = products.exchanged(call.tracer, x)
    return done if isinstance(done, Known) else settled(call.tracer, done)


@keras_operator("Einsum")
def einsum(call: LayerFollowing) -> FollowedResults:
    """A product by the names of dimensions."""
    equation = call.word("subscripts", default="")
    if not equation:
        raise call.fail("Keras 2 does not write the operands of an einsum: the file has none", call.at_call)
    operands = [operand(call, place) for place in range(len(call.arguments))]
    return settled(call.tracer, products.named_product(call.tracer, equation, operands))


@keras_operator("Addn", "AddN")
def add_n(call: LayerFollowing) -> FollowedResults:
    """Several tensors added."""
    return joined_layers(call, "add", several(call))
