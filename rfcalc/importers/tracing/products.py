"""What is done to tensors of any kind: their forms, joins and products, of which some become attention."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rfcalc.errors import quoted
from rfcalc.importers.tracing import known, parts
from rfcalc.importers.tracing.attention import FollowedTensor, Scores, attention, settled
from rfcalc.importers.tracing.bins import GatheredBins, divided
from rfcalc.importers.tracing.elementwise import joined, with_constant
from rfcalc.importers.tracing.known import SCALE, Known, broadcast
from rfcalc.importers.tracing.layers import multiplied
from rfcalc.importers.tracing.tracer import StepTracer
from rfcalc.importers.tracing.views import Dimension, TensorView


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


def chosen(
    tracer: StepTracer, mask: object, tensors: Sequence[FollowedTensor], batch: Dimension
) -> FollowedTensor:
    """A choice by a mask: of a tensor and constants it is the tensor, cut out."""
    depending = [one for one in tensors if not isinstance(one, Known)]
    if isinstance(mask, Known) and len(depending) == 1:
        whole = broadcast(mask.lengths, *[one.lengths for one in tensors])
        if whole == depending[0].lengths:
            return depending[0]
        if whole is not None:
            return parts.expanded(tracer, settled(tracer, depending[0]), whole, batch)
    raise tracer.mistake("a choice between tensors that depend on the input is not read")


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
