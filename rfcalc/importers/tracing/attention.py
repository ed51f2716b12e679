"""Products of queries and keys, and the attention that they make with a softmax between."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.bins import GatheredBins
from rfcalc.importers.tracing.elementwise import joined
from rfcalc.importers.tracing.elementwise import learned as learned_tensor
from rfcalc.importers.tracing.known import Known, broadcast
from rfcalc.importers.tracing.layers import of_channels
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
