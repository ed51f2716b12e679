"""Functions of single elements, and of two tensors element by element."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.tracing import idioms, layers
from rfcalc.importers.tracing.idioms import exact
from rfcalc.importers.tracing.known import Known, broadcast
from rfcalc.importers.tracing.layers import dimension_of, in_place
from rfcalc.importers.tracing.tracer import MOST_AXES, StepTracer
from rfcalc.importers.tracing.views import Dimension, TensorView, digit, length, own, refined
from rfcalc.ops.attributes import PerAxis, Value, Word

# The joins of the language by what is done to the elements.
JOINS = frozenset({"add", "sub", "mul", "div", "max", "min"})
_WITHOUT_EFFECT = {"add": 0, "sub": 0, "mul": 1, "div": 1, "pow": 1}


def function(tracer: StepTracer, name: str, x: TensorView, constant: float | None = None) -> TensorView:
    """A function of each element, with a number where it takes one."""
    done = in_place(tracer, "function", x, {"of": Word(name)})
    if constant is not None:
        tracer.constants[done.step] = constant
    return idioms.recognised(tracer, done)


def power(tracer: StepTracer, x: TensorView, exponent: float) -> TensorView:
    """A power of each element."""
    name = {2: "square", 0.5: "sqrt", -1: "reciprocal"}.get(exponent, "pow")
    return function(tracer, name, x, float(exponent) if name == "pow" else None)


def clipped(tracer: StepTracer, x: TensorView, least: object, most: object) -> TensorView:
    """Each element cut at two numbers, None for none; from 0 to 6 it is ReLU6, from 0 alone ReLU."""
    if least == 0 and most == 6:
        return in_place(tracer, "relu6", x)
    if least == 0 and most is None:
        return in_place(tracer, "relu", x)
    return function(tracer, "clip", x)


def leaky_relu(tracer: StepTracer, x: TensorView, slope: float = 0.01) -> TensorView:
    """Leaky ReLU."""
    return in_place(tracer, "leakyrelu", x, {} if abs(slope - 0.01) < 1e-9 else {"slope": exact(slope)})


def elu(tracer: StepTracer, x: TensorView, alpha: float = 1.0) -> TensorView:
    """An exponential linear unit."""
    return in_place(tracer, "elu", x, {} if alpha == 1 else {"alpha": exact(alpha)})


def joined(tracer: StepTracer, operator: str, one: TensorView, two: TensorView) -> TensorView:
    """Two tensors joined element by element; where one has size 1 along a dimension it is repeated."""
    rank = max(len(one.dimensions), len(two.dimensions))
    first, second = _of_rank(one, rank), _of_rank(two, rank)
    for a, b in zip(first.lengths, second.lengths, strict=True):
        if a != b and 1 not in (a, b):
            raise tracer.mistake(f"sizes {first.lengths} and {second.lengths} do not fit each other")
    swapped = _elements(second) > _elements(first)
    large, small = (second, first) if swapped else (first, second)
    fitted = _fitted(tracer, large, small) or _by_dimensions(tracer, large, small)
    large, moved, base = fitted
    operands = [moved, large.step] if swapped else [large.step, moved]
    dimensions = tuple(
        [a or b for a, b in zip(large.dimensions, small.dimensions, strict=True)]
        if base is None
        else large.dimensions
    )
    step = tracer.add(operator, operands)
    return idioms.recognised(tracer, TensorView(step, large.base if base is None else base, dimensions))


def with_constant(
    tracer: StepTracer, operator: str, x: TensorView, other: Known, *, reverse: bool = False
) -> TensorView:
    """A tensor joined with a known one; reverse: the known one comes first."""
    value = other.scalar
    whole = broadcast(x.lengths, other.lengths)
    if whole is None:
        raise tracer.mistake(f"sizes {x.lengths} and {other.lengths} do not fit each other")
    if whole[len(whole) - len(x.lengths) :] != x.lengths:
        # Repeated along its dimensions of size 1.
        if operator not in JOINS:
            raise tracer.mistake(f"{operator} with a larger constant is not read")
        table = learned(tracer, other, x)
        one, two = (table, x) if reverse else (x, table)
        return joined(tracer, operator, one, two)
    if value is not None and not other.learned:
        if not reverse and value == _WITHOUT_EFFECT.get(operator):
            return x
        if reverse and operator == "sub" and value == 1:
            return idioms.recognised(tracer, in_place(tracer, "oneminus", x))
        name = operator
        if reverse and operator in ("sub", "div", "pow"):
            name = {"sub": "sub", "div": "reciprocal", "pow": "pow"}[operator]
        return _shaped(function(tracer, name, x, float(value)), x, other)
    if not other.learned or operator not in ("add", "mul"):
        return _shaped(function(tracer, operator, x), x, other)
    channels = _channels_of(x, other)
    if other.size == 1 and not x.channels:
        # One number for one channel.
        channels = len(x.dimensions) - 1
    if channels is not None:
        done = idioms.per_channel(tracer, operator, x, channels, other)
        if done is not None:
            return done
    if other.size == 1 and operator == "mul":
        return in_place(tracer, "scale", x, {"shared": True}, {"weight": other.name})
    return joined(tracer, operator, x, learned(tracer, other, x))


def layer_normalised(
    tracer: StepTracer, x: TensorView, dimensions: int, weight: Known | None, bias: Known | None
) -> TensorView:
    """Layer normalisation over the last dimensions; the language's layer has factors and offsets, or none."""
    if weight is not None and bias is not None:
        return layers.layer_normalised(tracer, x, dimensions, weight, bias)
    done = layers.layer_normalised(tracer, x, dimensions, None, None)
    for operator, one in (("mul", weight), ("add", bias)):
        if one is not None:
            done = with_constant(tracer, operator, done, one)
    return done


def learned(tracer: StepTracer, tensor: Known, like: TensorView | None = None) -> TensorView:
    """A tensor of weights as a step, arranged like another that it is joined with."""
    rank = len(tensor.lengths)
    dimensions = tuple([digit(size) for size in tensor.lengths])
    last = rank - 1
    if like is not None:
        place = dimension_of(like, like.channels)
        if place is not None and like.channels and len(like.dimensions) - place <= rank:
            last = rank - (len(like.dimensions) - place)
    # The first dimension is that of the examples; any other of size 1 is an axis where it stands alone.
    lone = like is None and rank > 2 and tensor.lengths[0] == 1
    axes: list[Dimension] = [
        one for place, one in enumerate(dimensions) if place != last and (one or (lone and place))
    ]
    while len(axes) > MOST_AXES:
        axes = [axes[0] + axes[1], *axes[2:]]
    base = (*axes, dimensions[last] if rank else ())
    sizes = [length(group) for group in base]
    size = PerAxis(sizes) if len(sizes) > 1 else sizes[0]
    if tensor.learned and (tensor.stored not in (0, tensor.size) or tensor.beside):
        # Rows of a table, chosen by constant indices, or made of several tensors: these are what is learned.
        table = _stored(tracer, tensor, tensor.stored)
        params = tracer.fresh_parameters([tensor])
        values: dict[str, Value] = {"type": Word("gather"), "size": size, "params": params, "macs": 0}
        return TensorView(tracer.add("opaque", [table], values), base, dimensions)
    return TensorView(_stored(tracer, tensor, size), base, dimensions)


def _stored(tracer: StepTracer, tensor: Known, size: Value) -> int:
    """The step that is a tensor of the file, one for all who read it."""
    key = (tensor.name, size)
    if tensor.name and key in tracer.stored:
        return tracer.stored[key]
    values: dict[str, Value] = {"size": size, **({} if tensor.learned else {"learned": False})}
    step = tracer.stored[key] = tracer.add("learned", [], values)
    tracer.counted_by(step, [tensor.name])
    return step


def _of_rank(view: TensorView, rank: int) -> TensorView:
    missing = rank - len(view.dimensions)
    return view._replace(dimensions=((),) * missing + view.dimensions) if missing else view


def _elements(view: TensorView) -> int:
    return length(one for group in view.base for one in group)


def _shaped(done: TensorView, x: TensorView, other: Known) -> TensorView:
    """What a constant of higher rank leaves: dimensions of size 1 in front."""
    return _of_rank(done, max(len(other.lengths), len(x.dimensions)))


def _fitted(tracer: StepTracer, large: TensorView, small: TensorView) -> tuple[TensorView, int, None] | None:
    """The smaller tensor with its elements as those of the larger one stand; None where they cannot."""
    cut = [_common(a, b) for a, b in zip(large.dimensions, small.dimensions, strict=True)]
    if any(sizes is None for sizes in cut):
        return None
    sizes = [each or () for each in cut]
    cut_large = refined(large, [s if a else () for s, a in zip(sizes, large.dimensions, strict=True)])
    cut_small = refined(small, [s if a else () for s, a in zip(sizes, small.dimensions, strict=True)])
    if cut_large is None or cut_small is None:
        return None
    partner: dict[int, Dimension] = {}
    for a, b in zip(cut_large.dimensions, cut_small.dimensions, strict=True):
        if not a and any(one.kind == "own" for one in b):
            return None
        for place, one in enumerate(a):
            other = b[place] if b else None
            if other is not None and other.kind == "own":
                if one.kind != "own":
                    return None
                partner[one.number] = (other,)
    groups = tuple(
        [tuple([other for one in group for other in partner.get(one.number, ())]) for group in cut_large.base]
    )
    for group, mine in zip(groups, cut_large.base, strict=True):
        # Of an axis all of it or nothing is repeated.
        if group and len(group) != len(mine):
            return None
    if sum(map(len, groups)) != sum(map(len, cut_small.base)):
        return None
    return cut_large, tracer.arranged(cut_small, groups).step, None


def _common(one: Dimension, two: Dimension) -> list[int] | None:
    """The sizes of digits that both dimensions can be taken apart into; None where there are none."""
    first, second = [d.size for d in one], [d.size for d in two]
    if not first or not second:
        return first or second
    found = []
    first.reverse()
    second.reverse()
    while first and second:
        a, b = first.pop(), second.pop()
        if a % b == 0:
            found.append(b)
            if a != b:
                first.append(a // b)
        elif b % a == 0:
            found.append(a)
            second.append(b // a)
        else:
            return None
    return found


def _by_dimensions(
    tracer: StepTracer, large: TensorView, small: TensorView
) -> tuple[TensorView, int, tuple[Dimension, ...]]:
    """Both tensors arranged as their dimensions stand."""
    rank = len(large.dimensions)
    place = dimension_of(large, large.channels) if large.channels else None
    channels = rank - 1 if place is None else place
    axes = [
        number for number in range(rank) if number != channels and (large.own(number) or small.own(number))
    ]
    groups: list[list[int]] = []
    for number in axes:
        alike = (
            groups
            and len(axes) > MOST_AXES
            and _sides(large, small, number) == _sides(large, small, groups[-1][-1])
        )
        if alike:
            # What is repeated in the same way is one axis, where there are too many.
            groups[-1].append(number)
        else:
            groups.append([number])
    if len(groups) > MOST_AXES:
        raise tracer.mistake(f"tensors of more than {MOST_AXES} axes are joined here in different orders")
    mixed = [number for number in range(rank) if _is_mixed(large, number) or _is_mixed(small, number)]
    first = tracer.by_groups(tracer.spelled(large, mixed), channels, groups)
    # Digits of its own: both may be forms of one tensor.
    second = tracer.by_groups(tracer.spelled(small, mixed).renewed(), channels, groups)
    base = tuple([a or b for a, b in zip(first.base, second.base, strict=True)])
    dimensions = tuple(
        [
            b if (own(b) and not own(a)) or not a else a
            for a, b in zip(first.dimensions, second.dimensions, strict=True)
        ]
    )
    return first._replace(dimensions=dimensions), second.step, base


def _sides(one: TensorView, two: TensorView, place: int) -> tuple[bool, bool]:
    return bool(one.own(place)), bool(two.own(place))


def _is_mixed(x: TensorView, place: int) -> bool:
    return len({one.kind for one in x.dimensions[place]}) > 1


def _channels_of(x: TensorView, other: Known) -> int | None:
    """The dimension of x that holds its channels, where a known tensor has one number for each."""
    missing = len(x.dimensions) - len(other.lengths)
    if missing < 0 or not x.channels:
        return None
    place = dimension_of(x, x.channels)
    if place is None or place < missing:
        return None
    sizes: Sequence[int] = other.lengths
    wanted = [1] * len(sizes)
    wanted[place - missing] = x.lengths[place]
    return place if list(sizes) == wanted else None
