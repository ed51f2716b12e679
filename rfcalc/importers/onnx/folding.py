"""Calls on constants, carried out: shapes, indices and what is made of weights."""

from __future__ import annotations

import math
from collections.abc import Callable

from rfcalc.importers.onnx.call import NodeCall
from rfcalc.importers.onnx.model import StoredTensor
from rfcalc.importers.onnx.operators.arranging import slices, split_sizes
from rfcalc.importers.onnx.tensors import element_name
from rfcalc.importers.tracing.known import (
    MOST_ELEMENTS,
    Element,
    Known,
    broadcast,
    elementwise,
    gathered,
    joined,
    made_of,
    reduced,
    reshaped,
    sliced,
    spread,
    vector,
)
from rfcalc.importers.tracing.views import length

_ConstantFold = Callable[[NodeCall, list[Known]], Known | list[Known] | None]


def _quotient(one: Element, two: Element) -> Element:
    if isinstance(one, float) or isinstance(two, float):
        return one / two
    # Whole numbers are divided towards 0.
    found = abs(one) // abs(two)
    return found if (one < 0) == (two < 0) else -found


def _remainder(one: Element, two: Element) -> Element:
    return math.fmod(one, two) if isinstance(one, float) else one - two * int(_quotient(one, two))


_FUNCTIONS: dict[str, Callable[..., Element]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": _quotient,
    "Mod": lambda a, b: a % b,
    "Pow": lambda a, b: a**b if abs(b) < 64 else math.nan,
    "Min": min,
    "Max": max,
    "Abs": abs,
    "Neg": lambda a: -a,
    "Sqrt": math.sqrt,
    "Exp": math.exp,
    "Log": math.log,
    "Sin": math.sin,
    "Cos": math.cos,
    "Erf": math.erf,
    "Sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "Tanh": math.tanh,
    "Reciprocal": lambda a: 1 / a,
    "Floor": math.floor,
    "Ceil": math.ceil,
    "Round": round,
    "Relu": lambda a: max(a, 0),
    "Not": lambda a: not a,
    "Where": lambda c, a, b: a if c else b,
}
_COMPARISONS: dict[str, Callable[..., Element]] = {
    "Equal": lambda a, b: a == b,
    "Less": lambda a, b: a < b,
    "Greater": lambda a, b: a > b,
    "LessOrEqual": lambda a, b: a <= b,
    "GreaterOrEqual": lambda a, b: a >= b,
    "And": lambda a, b: bool(a) and bool(b),
    "Or": lambda a, b: bool(a) or bool(b),
    "Xor": lambda a, b: bool(a) != bool(b),
}
_REDUCTIONS: dict[str, Callable[[list[Element]], Element]] = {
    "ReduceSum": sum,
    "ReduceProd": math.prod,
    "ReduceMax": max,
    "ReduceMin": min,
    "ReduceMean": lambda values: sum(values) / len(values),
    "ReduceL2": lambda values: math.sqrt(sum(value * value for value in values)),
}


def known_of(stored: StoredTensor, *, learned: bool) -> Known:
    """A tensor of the file."""
    name = stored.name if learned else ""
    return Known(stored.lengths, stored.element, stored.values, name, learned, math.prod(stored.lengths))


def folded(call: NodeCall, operands: list[Known]) -> Known | list[Known] | None:
    """What a call leaves whose operands do not depend on the input; None where it cannot be said."""
    name = call.node.operator
    if name in _FUNCTIONS:
        element = operands[1].element if name == "Where" else ""
        # With `fmod` a remainder has the sign of what is divided.
        function = _remainder if name == "Mod" and call.integer("fmod", 0) else _FUNCTIONS[name]
        return elementwise(function, *operands, element=element)
    if name in _COMPARISONS:
        return elementwise(_COMPARISONS[name], *operands, element="bool")
    if name in _REDUCTIONS:
        axes = call.numbers(1, "axes")
        if not axes:
            axes = [] if call.integer("noop_with_empty_axes", 0) else list(range(len(operands[0].lengths)))
        return reduced(operands[0], axes, _REDUCTIONS[name], keep=bool(call.integer("keepdims", 1)))
    fold = _FOLDS.get(name)
    return fold(call, operands) if fold else None


def _constant(call: NodeCall, operands: list[Known]) -> Known | None:
    stored = call.stored("value")
    if stored is not None:
        return known_of(stored, learned=False)
    sparse = call.stored("sparse_value")
    if sparse is not None:
        return _made(call, sparse.lengths, sparse.element, None)
    attributes = call.node.attributes
    for name, element in (("value_int", "int64"), ("value_float", "float32")):
        value = attributes.get(name)
        if isinstance(value, int | float):
            return Known((), element, (value,))
    for name, element in (("value_ints", "int64"), ("value_floats", "float32")):
        values = attributes.get(name)
        if isinstance(values, tuple):
            return vector([one for one in values if isinstance(one, int | float)], element)
    return None


def _constant_of_shape(call: NodeCall, operands: list[Known]) -> Known | None:
    lengths = operands[0].whole()
    if lengths is None or any(size < 0 for size in lengths):
        return None
    stored = call.stored("value")
    element = stored.element if stored else "float32"
    value = stored.values[0] if stored and stored.values else 0.0
    size = math.prod(lengths)
    return _made(call, lengths, element, (value,) * size if size <= MOST_ELEMENTS else None)


def _made(
    call: NodeCall, lengths: tuple[int, ...], element: str, values: tuple[int | float, ...] | None
) -> Known:
    """A tensor that a node makes of its size alone: in files without weights these are made so."""
    size = math.prod(lengths)
    learned = element.startswith("float") and size > 1
    return Known(lengths, element, values, call.node.outputs[0] if learned else "", learned, size)


def _cast(call: NodeCall, operands: list[Known]) -> Known:
    (x,) = operands
    element = element_name(call.integer("to", 1))
    values = x.values
    if values is not None and element.startswith(("int", "uint")):
        whole = all(not isinstance(one, float) or math.isfinite(one) for one in values)
        values = tuple([int(one) for one in values]) if whole else None
    elif values is not None and element == "bool":
        values = tuple([bool(one) for one in values])
    elif values is not None:
        values = tuple([float(one) for one in values])
    return x._replace(element=element, values=values)


def _dequantised(call: NodeCall, operands: list[Known]) -> Known:
    # The element type of the file stays: it says how many bytes there are.
    return operands[0]._replace(values=None)


def _gather(call: NodeCall, operands: list[Known]) -> Known | None:
    x, indices = operands
    return gathered(x, indices, call.axis(0, len(x.lengths)))


def _concat(call: NodeCall, operands: list[Known]) -> Known:
    return joined(operands, call.axis(0, len(operands[0].lengths)))


def _slice(call: NodeCall, operands: list[Known]) -> Known:
    return sliced(operands[0], slices(call, operands[0].lengths))


def _split(call: NodeCall, operands: list[Known]) -> list[Known]:
    x = operands[0]
    axis = call.axis(0, len(x.lengths))
    sizes = split_sizes(call, x.lengths[axis])
    found = []
    start = 0
    for size in sizes:
        chosen = [range(length) for length in x.lengths]
        chosen[axis] = range(start, start + size)
        found.append(sliced(x, chosen))
        start += size
    return found


def _expand(call: NodeCall, operands: list[Known]) -> Known | None:
    x, wanted = operands[0], operands[1].whole()
    lengths = broadcast(x.lengths, wanted) if wanted is not None else None
    if lengths is None:
        return None
    examples = length(call.batch)
    if x.learned and lengths[0] == examples > 1 and (len(x.lengths) < len(lengths) or x.lengths[0] == 1):
        # The same for each example.
        return None
    missing = len(lengths) - len(x.lengths)
    return spread(reshaped(x, (*(1,) * missing, *x.lengths)), lengths)


def _tile(call: NodeCall, operands: list[Known]) -> Known | None:
    x, times = operands[0], operands[1].whole()
    if times is None:
        return None
    for axis, count in enumerate(times):
        if count * x.size > MOST_ELEMENTS:
            lengths = [size * n for size, n in zip(x.lengths, times, strict=True)]
            return x._replace(lengths=tuple(lengths), values=None)
        x = joined([x] * count, axis) if count > 0 else x
    return x


def _range(call: NodeCall, operands: list[Known]) -> Known | None:
    start, stop, step = (one.scalar for one in operands)
    if start is None or stop is None or not step:
        return None
    count = max(math.ceil((stop - start) / step), 0)
    if count > MOST_ELEMENTS:
        return Known((count,), operands[0].element)
    return vector([start + step * place for place in range(count)], operands[0].element)


def _shape(call: NodeCall, operands: list[Known]) -> Known:
    return shape_of(call, operands[0].lengths)


def shape_of(call: NodeCall, lengths: tuple[int, ...]) -> Known:
    """The size of a tensor, as a tensor."""
    found: tuple[int, ...] = lengths[call.integer("start", 0) :]
    end = call.node.attributes.get("end")
    if isinstance(end, int):
        found = lengths[call.integer("start", 0) : end]
    return vector(found)


def _size(call: NodeCall, operands: list[Known]) -> Known:
    return Known((), "int64", (operands[0].size,))


def _pad(call: NodeCall, operands: list[Known]) -> Known | None:
    x, amounts = operands[0], call.numbers(1, "pads") or []
    rank = len(x.lengths)
    if len(amounts) != 2 * rank:
        return None
    lengths = [n + amounts[place] + amounts[place + rank] for place, n in enumerate(x.lengths)]
    return x._replace(lengths=tuple(lengths), values=None)


def _unchanged(call: NodeCall, operands: list[Known]) -> Known:
    # Of the same size, with other elements.
    return operands[0]._replace(values=None)


def _like_indices(call: NodeCall, operands: list[Known]) -> Known:
    return operands[0]._replace(lengths=operands[1].lengths, values=None)


def _gathered_nd(call: NodeCall, operands: list[Known]) -> Known | None:
    x, indices = operands
    if not indices.lengths or call.integer("batch_dims", 0):
        return None
    return x._replace(lengths=(*indices.lengths[:-1], *x.lengths[indices.lengths[-1] :]), values=None)


def _nonzero(call: NodeCall, operands: list[Known]) -> Known | None:
    x = operands[0]
    if x.values is None or len(x.lengths) != 1:
        return None
    places = [place for place, value in enumerate(x.values) if value]
    return Known((1, len(places)), "int64", tuple(places))


def _matmul(call: NodeCall, operands: list[Known]) -> Known | None:
    one, two = operands[:2]
    if len(one.lengths) < 2 or len(two.lengths) < 2:
        return None
    leading = broadcast(one.lengths[:-2], two.lengths[:-2])
    if leading is None:
        return None
    return made_of([one, two], (*leading, one.lengths[-2], two.lengths[-1]), one.element)


_FOLDS: dict[str, _ConstantFold] = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Cast": _cast,
    "DequantizeLinear": _dequantised,
    "Gather": _gather,
    "Concat": _concat,
    "Slice": _slice,
    "Split": _split,
    "Expand": _expand,
    "Tile": _tile,
    "Range": _range,
    "Shape": _shape,
    "Size": _size,
    "Pad": _pad,
    "Trilu": _unchanged,
    "CumSum": _unchanged,
    "NonZero": _nonzero,
    "MatMul": _matmul,
    "GatherND": _gathered_nd,
    "GatherElements": _like_indices,
    "ScatterND": _unchanged,
    "ScatterElements": _unchanged,
}
# The operators that are carried out on constants, but for those that follow them as they follow any tensor.
CARRIED_OUT = tuple(sorted({*_FUNCTIONS, *_COMPARISONS, *_REDUCTIONS, *_FOLDS}))
