"""Products of two tensors, and the attention that two of them with a softmax between make."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rfcalc.errors import quoted
from rfcalc.importers.tracing import known, parts
from rfcalc.importers.tracing.bins import GatheredBins, divided
from rfcalc.importers.tracing.elementwise import joined, with_constant
from rfcalc.importers.tracing.elementwise import learned as learned_tensor
from rfcalc.importers.tracing.known import SCALE, Known, broadcast
from rfcalc.importers.tracing.layers import multiplied, of_channels
from rfcalc.importers.tracing.tracer import MOST_AXES, StepTracer, per_axis
from rfcalc.importers.tracing.views import Dimension, IndexDigit, TensorView, digit, length
from rfcalc.ops.attributes import Value
from rfcalc.records import NamedTuple


class Scores(NamedTuple):
    """The product of queries and keys that may yet become attention; nothing of it is a step so far.

    query: …, positions, inner channels.  key: …, positions, inner channels.
    weighted: whether the softmax over the keys has been taken.  flipped: the last two dimensions are
    exchanged.
    biases: learned tensors that were added.
    """

    query: TensorView
    key: TensorView
    weighted: bool = False
    flipped: bool = False
    biases: tuple[Known, ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        """The sizes of its dimensions."""
        leading = broadcast(self.query.lengths[:-2], self.key.lengths[:-2]) or ()
        rows, columns = self.query.lengths[-2], self.key.lengths[-2]
        return (*leading, columns, rows) if self.flipped else (*leading, rows, columns)

    def exchanged(self) -> Scores:
        """The same with the last two dimensions exchanged."""
        return self._replace(flipped=not self.flipped)


# What a call of a model reads and leaves.
FollowedTensor: TypeAlias = TensorView | Known | Scores | GatheredBins


def reshaped(tracer: StepTracer, x: FollowedTensor, lengths: Sequence[int]) -> TensorView | Scores | Known:
    """The elements in row order with other dimensions; -1 is what is left, once."""
    wanted = list(lengths)
    total = math.prod(x.lengths)
    if wanted.count(-1) == 1:
        rest = -math.prod(wanted)
        wanted = [total // rest if one == -1 and rest else one for one in wanted]
    if math.prod(wanted) != total:
        raise tracer.mistake(f"a tensor of {x.lengths} cannot be read as {tuple(wanted)}")
    if isinstance(x, Known):
        return known.reshaped(x, wanted)
    if isinstance(x, Scores) and tuple(wanted[-2:]) == x.lengths[-2:]:
        query = x.query.reshaped([*wanted[:-2], *x.query.lengths[-2:]])
        key = x.key.reshaped([*wanted[:-2], *x.key.lengths[-2:]])
        if query is not None and key is not None:
            return x._replace(query=query, key=key)
    return parts.reshaped(tracer, settled(tracer, x), wanted)


def permuted(tracer: StepTracer, x: FollowedTensor, order: Sequence[int]) -> FollowedTensor:
    """The dimensions in another order."""
    rank = len(x.lengths)
    if sorted(order) != list(range(rank)):
        raise tracer.mistake(f"order {tuple(order)} of a tensor of {rank} dimensions")
    if isinstance(x, GatheredBins):
        return x.permuted(order)
    if isinstance(x, Known):
        return known.transposed(x, order)
    if isinstance(x, Scores):
        if list(order) == list(range(rank)):
            return x
        if list(order) == [*range(rank - 2), rank - 1, rank - 2]:
            return x.exchanged()
    return settled(tracer, x).permuted(order)


def combined(
    tracer: StepTracer, name: str, one: FollowedTensor, two: FollowedTensor
) -> TensorView | Scores | GatheredBins:
    """Two tensors joined element by element, of which one may be constant."""
    if isinstance(one, GatheredBins):
        if name == "add" and one == two:
            return one
        if name in ("div", "mul") and isinstance(two, Known) and one.summed:
            return divided(tracer, one)
    scores = _scored(name, one, two)
    if scores is not None:
        return scores
    if isinstance(two, Known) and not isinstance(one, Known):
        if name == "mul" and two.element == SCALE:
            return one
        return with_constant(tracer, name, settled(tracer, one), two)
    if isinstance(one, Known) and not isinstance(two, Known):
        if name == "mul" and one.element == SCALE:
            return two
        return with_constant(tracer, name, settled(tracer, two), one, reverse=True)
    return joined(tracer, name, settled(tracer, one), settled(tracer, two))


def _scored(name: str, one: FollowedTensor, two: FollowedTensor) -> Scores | None:
    """Products of queries and keys after a mask, a scale or a learned bias, which attention takes in."""
    scores, other = (one, two) if isinstance(one, Scores) else (two, one)
    if not isinstance(scores, Scores) or scores.weighted or not isinstance(other, Known):
        return None
    if name in ("mul", "div") and other.size == 1:
        return scores
    if name == "add":
        return scores._replace(biases=(*scores.biases, other)) if other.learned else scores
    return None


def softmax(tracer: StepTracer, x: FollowedTensor, dimension: int) -> TensorView | Scores:
    """A softmax over one dimension; that of products over the keys may yet become attention."""
    keys = len(x.lengths) - (2 if isinstance(x, Scores) and x.flipped else 1)
    if isinstance(x, Scores) and not x.weighted and dimension == keys:
        return x._replace(weighted=True)
    return parts.softmax(tracer, settled(tracer, x), dimension)


def exchanged(tracer: StepTracer, x: FollowedTensor) -> FollowedTensor:
    """A tensor with its last two dimensions exchanged."""
    rank = len(x.lengths)
    if rank < 2:
        raise tracer.mistake(f"a matrix was expected, got a tensor of {x.lengths}")
    return permuted(tracer, x, [*range(rank - 2), rank - 1, rank - 2])


def times_weights(tracer: StepTracer, x: TensorView, weight: Known) -> TensorView:
    """The last dimension of a tensor times a matrix of weights."""
    in_channels, out_channels = weight.lengths if len(weight.lengths) == 2 else (0, 0)
    if not x.dimensions or in_channels != x.lengths[-1]:
        raise tracer.mistake(f"the weight is {weight.lengths}, for an input of {x.lengths}")
    return multiplied(tracer, x, out_channels, {"weight": weight.identity}, bias=False)


def matrix_product(tracer: StepTracer, one: FollowedTensor, two: FollowedTensor) -> TensorView | Scores:
    """The matrix product of the last two dimensions of two tensors, of which one may be weights."""
    if isinstance(two, Known) and not isinstance(one, Known):
        if len(two.lengths) == 1:
            column = two._replace(lengths=(*two.lengths, 1))
            done = times_weights(tracer, settled(tracer, one), column)
            return done.without(len(done.dimensions) - 1)
        matrix = _matrix(two, one)
        if matrix is not None:
            x = settled(tracer, one)
            for _ in range(len(two.lengths) - len(x.dimensions)):
                x = x.with_one(0)
            return times_weights(tracer, x, matrix)
    if isinstance(one, Known) and not isinstance(two, Known):
        matrix = _matrix(one, two)
        if matrix is not None and len(two.lengths) >= len(one.lengths):
            x = settled(tracer, two).exchanged()
            return times_weights(tracer, x, known.transposed(matrix, (1, 0))).exchanged()
    return product(tracer, one, two)


def _matrix(weight: Known, x: FollowedTensor) -> Known | None:
    """Weights as one matrix, where they are the same for each matrix of x; None where they are not."""
    leading, matrix = weight.lengths[:-2], weight.lengths[-2:]
    repeated = weight.learned and not weight.beside and weight.stored == math.prod(matrix)
    alike = all(size == 1 for size in leading) or (
        repeated and broadcast(leading, x.lengths[:-2]) == x.lengths[:-2]
    )
    return weight._replace(lengths=matrix, values=None) if alike and len(matrix) == 2 else None


def product(tracer: StepTracer, one: FollowedTensor, two: FollowedTensor) -> TensorView | Scores:
    """The matrix product of the last two dimensions of two tensors."""
    one, two = (x if isinstance(x, Scores) else settled(tracer, x) for x in (one, two))
    if isinstance(one, Scores) and isinstance(two, TensorView) and one.weighted and not one.flipped:
        return attention(tracer, one, two)
    if isinstance(two, Scores) and isinstance(one, TensorView) and two.weighted and two.flipped:
        return attention(tracer, two.exchanged(), one.exchanged()).exchanged()
    first, second = tracer.spelled(settled(tracer, one)), tracer.spelled(settled(tracer, two))
    if len(first.dimensions) < 2 or len(second.dimensions) < 2:
        raise tracer.mistake("the product of a tensor and a vector that both depend on the input is not read")
    if first.lengths[-1] != second.lengths[-2]:
        raise tracer.mistake(f"sizes {first.lengths} and {second.lengths} do not fit a matrix product")
    return Scores(first, second.exchanged())


def settled(tracer: StepTracer, x: FollowedTensor) -> TensorView:
    """The tensor as the output of a step: a known one as a learned tensor, a product that is no attention."""
    if isinstance(x, TensorView):
        return x
    if isinstance(x, Known):
        return learned_tensor(tracer, x)
    if isinstance(x, GatheredBins):
        raise tracer.mistake("positions that are gathered in this way have no layer in the language")
    found = tracer.products.get(x)
    if isinstance(found, TensorView):
        return found
    done = _multiplied(tracer, x.query, x.key.exchanged())
    for table in x.biases:
        done = joined(tracer, "add", done, learned_tensor(tracer, table, done))
    if x.weighted:
        done = of_channels(tracer, "softmax", done, len(done.dimensions) - 1)
    done = done.exchanged() if x.flipped else done
    tracer.products[x] = done
    return done


def _multiplied(tracer: StepTracer, one: TensorView, two: TensorView) -> TensorView:
    """A matrix product as a step: …, rows, inner by …, inner, columns."""
    rank = max(len(one.dimensions), len(two.dimensions))
    first = one._replace(dimensions=((),) * (rank - len(one.dimensions)) + one.dimensions)
    second = two._replace(dimensions=((),) * (rank - len(two.dimensions)) + two.dimensions)
    leading = broadcast(first.lengths[:-2], second.lengths[:-2])
    if leading is None:
        raise tracer.mistake(f"sizes {first.lengths} and {second.lengths} do not fit a matrix product")
    # Each matrix of one has its own of the other.
    first, second = _led(tracer, first, leading, second), _led(tracer, second, leading, first)
    lead_one = tuple([digit for place in range(rank - 2) for digit in first.own(place)])
    lead_two = tuple([digit for place in range(rank - 2) for digit in second.own(place)])
    if length(lead_one) != length(lead_two):
        raise tracer.mistake("a product of many matrices with one that depends on the input is not read")
    values: dict[str, Value] = {}
    if lead_one:
        values["batch"] = 1
        left = tracer.arranged(first, (lead_one, first.own(rank - 2), first.own(rank - 1)))
        right = tracer.arranged(second, (lead_two, second.own(rank - 2), second.own(rank - 1)))
    else:
        left = tracer.arranged(first, (first.own(rank - 2), first.own(rank - 1)))
        right = tracer.arranged(second, (second.own(rank - 2), second.own(rank - 1)))
    step = tracer.add("matmul", [left.step, right.step], values)
    columns = digit(second.lengths[-1])
    base = (*left.base[:-1], columns)
    return TensorView(step, base, (*left.dimensions[:-1], columns))


def named_product(
    tracer: StepTracer, equation: str, tensors: Sequence[FollowedTensor]
) -> TensorView | Scores:
    """A product by the names of dimensions, `bhid,bhjd->bhij` (einsum), where it is one of matrices."""
    if len(tensors) != 2:
        raise tracer.mistake("a product of other than two tensors is not read")
    one, two = tensors
    if isinstance(two, Known) and not isinstance(one, Known):
        found = _named_weights(tracer, equation, settled(tracer, one), two)
        if found is not None:
            return found
    left, _, right = equation.replace(" ", "").partition("->")
    a, _, b = left.partition(",")
    leading = [name for name in right if name in a and name in b]
    inner = [name for name in a if name in b and name not in right]
    rows = [name for name in right if name in a and name not in b]
    columns = [name for name in right if name in b and name not in a]
    matrices = len(inner) == len(rows) == len(columns) == 1 and len(right) == len(leading) + 2
    if not matrices or "." in equation or len({*a}) != len(a) or len({*b}) != len(b):
        raise tracer.mistake(f"the equation {quoted(equation)} is no product of matrices")
    first = permuted(tracer, one, [a.index(name) for name in [*leading, *rows, *inner]])
    second = permuted(tracer, two, [b.index(name) for name in [*leading, *inner, *columns]])
    done = product(tracer, first, second)
    order = [[*leading, *rows, *columns].index(name) for name in right]
    return done if order == list(range(len(order))) else settled(tracer, done).permuted(order)


def _named_weights(tracer: StepTracer, equation: str, x: TensorView, weight: Known) -> TensorView | None:
    """A product of each position with weights, by names, `btc,chd->bthd`; None of others."""
    left, _, right = equation.replace(" ", "").partition("->")
    a, _, b = left.partition(",")
    inner = [name for name in a if name in b]
    kept = [name for name in a if name not in b]
    fresh = [name for name in b if name not in a]
    plain = "." not in equation and len({*a}) == len(a) == len(x.lengths) and len({*b}) == len(b)
    if not plain or len(b) != len(weight.lengths) or not inner or sorted(right) != sorted([*kept, *fresh]):
        return None
    sizes = {**dict(zip(a, x.lengths, strict=True)), **dict(zip(b, weight.lengths, strict=True))}
    rows, columns = (math.prod(sizes[name] for name in names) for names in (inner, fresh))
    if [sizes[name] for name in inner] != [x.lengths[a.index(name)] for name in inner]:
        raise tracer.mistake(f"sizes {x.lengths} and {weight.lengths} do not fit {quoted(equation)}")
    moved = x.permuted([a.index(name) for name in [*kept, *inner]])
    leading = [sizes[name] for name in kept]
    matrix = weight._replace(lengths=(rows, columns), values=None)
    done = times_weights(tracer, parts.reshaped(tracer, moved, (*leading, rows)), matrix)
    apart = parts.reshaped(tracer, done, (*leading, *[sizes[name] for name in fresh]))
    return apart.permuted([[*kept, *fresh].index(name) for name in right])


def _led(tracer: StepTracer, x: TensorView, leading: tuple[int, ...], other: TensorView) -> TensorView:
    """A tensor of matrices, as many as there are, each an element of its own."""
    if x.lengths[:-2] == leading:
        return x
    examples = other.dimensions[0] if all(one.kind == "batch" for one in other.dimensions[0]) else ()
    return tracer.spelled(parts.expanded(tracer, x, (*leading, *x.lengths[-2:]), examples))


class _Part(NamedTuple):
    """Queries, keys or values: their digits for windows or examples, heads, positions and channels."""

    leading: Dimension
    heads: Dimension
    positions: Dimension
    inner: Dimension


def _part(x: TensorView) -> _Part:
    channels = set(x.channels)
    leading: list[IndexDigit] = []
    heads: list[IndexDigit] = []
    for place in range(len(x.dimensions) - 2):
        for one in x.own(place):
            (heads if one in channels else leading).append(one)
    return _Part(tuple(leading), tuple(heads), x.own(-2), x.own(-1))


def attention(tracer: StepTracer, scores: Scores, value: TensorView) -> TensorView:
    """The mean of values, weighted by the softmax of products of queries and keys."""
    query, key = _unscaled(tracer, scores.query), _unscaled(tracer, scores.key)
    value = tracer.spelled(value)
    roles = [_part(one) for one in (query, key, value)]
    heads = length(roles[0].heads)
    sizes = [length(part.leading) for part in roles]
    # Queries of windows with other keys than those of their own positions are no attention of the language.
    others = sizes[0] != 1 and len({length(part.positions) for part in roles}) != 1
    if others or len(set(sizes)) != 1 or any(length(part.heads) != heads for part in roles):
        return _multiplied(tracer, settled(tracer, scores), value)
    values: dict[str, Value] = {"projections": False}
    if heads > 1:
        values["heads"] = heads
    window = _window(query, roles[0])
    if window is not None and all(
        _window(one, part) == window for one, part in zip((key, value), roles[1:], strict=True)
    ):
        placed = [
            tracer.arranged(one, (*one.base[:-1], part.heads + part.inner))
            for one, part in zip((query, key, value), roles, strict=True)
        ]
        if any(size != 1 for size in window) and roles[0].leading:
            values["window"] = per_axis(list(window))
    else:
        placed = [
            tracer.arranged(
                one,
                (*((part.leading,) if part.leading else ()), part.positions, part.heads + part.inner),
            )
            for one, part in zip((query, key, value), roles, strict=True)
        ]
        if roles[0].leading:
            values["window"] = per_axis([1, length(roles[0].positions)])
    if length(roles[2].inner) != length(roles[0].inner):
        values["value_channels"] = length(roles[2].inner) * heads
    learned: dict[str, str] = {}
    distances = math.prod(2 * size - 1 for size in window or ())
    for number, table in enumerate(scores.biases):
        if "window" in values and table.stored == distances * heads:
            values["relative_bias"] = True
            learned["relative_bias"] = table.name
        else:
            found = values.get("position_bias", 0)
            values["position_bias"] = (found if isinstance(found, int) else 0) + table.stored
            learned[f"position_bias{number or ''}"] = table.name
    steps = [one.step for one in placed]
    step = tracer.add("attention", steps[:1] if len(set(steps)) == 1 else steps, values, learned)
    new_heads = tuple([fresh for one in roles[0].heads for fresh in digit(one.size)])
    channels = tuple([fresh for one in roles[2].inner for fresh in digit(one.size)])
    renamed = dict(zip(roles[0].heads, new_heads, strict=True))
    first = placed[0]
    dimensions = [tuple([renamed.get(one, one) for one in dimension]) for dimension in first.dimensions[:-1]]
    return TensorView(step, (*first.base[:-1], new_heads + channels), (*dimensions, channels))


def attention_of_heads(
    tracer: StepTracer, operands: Iterable[TensorView], heads: Iterable[int]
) -> TensorView:
    """Attention of examples, positions and channels, in which the channels of heads stand side by side.

    operands: queries, keys and values.  heads: how many each of them has.
    """
    apart = []
    for x, count in zip(operands, heads, strict=True):
        n, steps, channels = x.lengths
        split = parts.reshaped(tracer, x, (n, steps, count, channels // count))
        apart.append(split.permuted([0, 2, 1, 3]))
    mixed = attention(tracer, Scores(apart[0], apart[1], weighted=True), apart[2])
    back = mixed.permuted([0, 2, 1, 3])
    n, steps, count, each = back.lengths
    return parts.reshaped(tracer, back, (n, steps, count * each))


def _window(x: TensorView, part: _Part) -> tuple[int, ...] | None:
    """How much of each axis is seen together, where each axis is windows, then the positions within one."""
    if len(x.base) - 1 > MOST_AXES:
        return None
    leading, inner = set(part.leading), list(part.positions)
    found = []
    for axis in x.base[:-1]:
        outer = [one for one in axis if one in leading]
        rest = [one for one in axis if one not in leading]
        if list(axis) != outer + rest or inner[: len(rest)] != rest:
            return None
        inner = inner[len(rest) :]
        found.append(length(rest))
    return None if inner else tuple(found)


def _unscaled(tracer: StepTracer, x: TensorView) -> TensorView:
    """Queries or keys before they are divided by the root of their channels, which attention does itself."""
    step = tracer[x.step]
    if x.step in tracer.constants and step.values.get("of") in ("mul", "div"):
        tracer.absorb(x.step)
        return x._replace(step=step.operands[0])
    return x
