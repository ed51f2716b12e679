"""What one element of a layer reads of its operands, operator by operator, in raw definition.

Nothing here comes from the package but what a layer is: its operator's name, its attributes and the sizes
of its operands.  Positions are integers along each axis and run on beyond the map by the same definition;
channels are never extended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import prod
from typing import Any, NamedTuple

from oracle import KINDS

from rfcalc.graph.ir import Graph


class Axis(NamedTuple):
    """How the positions along one axis of an operand are read by those along the same axis of the output.

    kind: "along": output o reads the positions reads(o).  "whole": all real positions, whatever o is.
    "others": its own, and by a global path every other real one (attention, statistics).  "spread": the one
    position there is, from everywhere (a broadcast operand).  "resized": as "along", of an axis of one
    position.
    rate: operand positions from one output position to the next.
    border: what a position outside the map shows: "zeros" nothing, else an inner one.
    real: of an axis that is read whole by many outputs or channels together, those that one reads.
    """

    kind: str
    reads: Callable[[int], Iterable[int]] = lambda o: (o,)
    rate: Fraction = Fraction(1)
    border: str = "zeros"
    real: Callable[[int, int], Iterable[int]] = lambda o, size: range(size)


SAME = Axis("along")
WHOLE = Axis("whole")
SPREAD = Axis("spread")


class Channels(NamedTuple):
    """Which channels of an operand each output channel reads, at the same place.

    kind: "each": one or none; "groups": all of its own group (one group: all); "window": neighbours.
    """

    kind: str
    table: tuple[tuple[int, ...], ...]
    groups: int = 1


class Separable(NamedTuple):
    """An operand that is read along each axis and in the channels independently.

    axes: one per axis of the operand; an operand without axes is read from every position.
    statistics: a normalisation, of which everything but the element itself is a statistic.
    everywhere: every position of the output reads the same of it, however many axes either has.
    """

    axes: tuple[Axis, ...]
    channels: Channels
    statistics: bool = False
    everywhere: bool = False


class Parts(NamedTuple):
    """An operand of which different channels are read at different positions.

    parts: what some of the channels read, or are read at, each with its own table.
    together: what all of them read, taken as one.
    """

    parts: tuple[Separable, ...]
    together: Separable


class Rearranged(NamedTuple):
    """The elements of the operand in other places: each coordinate is made of digits of mixed radix.

    sizes: of every digit; output and operand: for each place (axes, then channels) its digits, the leading
    one first.  Only the leading digit of an axis runs beyond its size.
    flat: None, or the sizes of both sides of a reshape whose digits do not fit each other: row order.
    """

    sizes: tuple[int, ...]
    output: tuple[tuple[int, ...], ...]
    operand: tuple[tuple[int, ...], ...]
    flat: tuple[tuple[int, ...], tuple[int, ...]] | None = None


Reading = Separable | Parts | Rearranged


def readings(graph: Graph, index: int) -> tuple[Reading, ...]:
    """What a layer reads, for each of its operands."""
    node = graph.nodes[index]
    sizes = [sizes_of(graph, operand) for operand in node.inputs]
    return READERS[node.op](node.arguments, sizes, sizes_of(graph, index))


def sizes_of(graph: Graph, index: int) -> tuple[int, ...]:
    """The length of every axis of a node, then its channels."""
    sizes = []
    for size in graph.nodes[index].facts.output.sizes():
        assert isinstance(size, int)
        sizes.append(size)
    return tuple(sizes)


Sizes = tuple[int, ...]


# --- channels


def each(channels: int) -> Channels:
    return Channels("each", tuple((c,) for c in range(channels)))


def grouped(channels: int, outputs: int, groups: int) -> Channels:
    """Group i of the outputs reads group i of the channels."""
    share, each_makes = channels // groups, outputs // groups
    table = tuple(
        tuple(range(c // each_makes * share, (c // each_makes + 1) * share)) for c in range(outputs)
    )
    return Channels("groups", table, groups)


# --- layers with windows


def _window(kernel: int, stride: int, before: int, dilation: int, border: str = "zeros") -> Axis:
    return Axis(
        "along", lambda o: KINDS["conv"](o, kernel, stride, before, dilation), Fraction(stride), border
    )


def _transposed(kernel: int, stride: int, before: int, dilation: int) -> Axis:
    return Axis("along", lambda o: KINDS["deconv"](o, kernel, stride, before, dilation), Fraction(1, stride))


def _windows(a: Any, rank: int) -> tuple[Axis, ...]:
    dilation = a.get("dilation") or (1,) * rank
    border = a.get("padding_mode", "zeros")
    return tuple(
        _window(a["kernel"][k], a["stride"][k], a["padding"][k][0], dilation[k], border) for k in range(rank)
    )


def _conv(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    (*axes, channels), d = operands[0], output[-1]
    return (Separable(_windows(a, len(axes)), grouped(channels, d, a["groups"])),)


def _dwconv(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable(_windows(a, len(axes)), grouped(channels, output[-1], channels)),)


def _deformconv(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    (first,) = _conv(a, operands[:1], output)
    offsets = []
    for *axes, channels in operands[1:]:
        # Of each offset group the offsets of all axes, then the masks, all groups one after the other.
        *_, width = operands[0]
        sets, taps = a["offset_groups"], prod(a["kernel"])
        places = len(axes) * sets * taps
        table = []
        for read in first.channels.table:
            used = {channel // (width // sets) for channel in read}
            places_of = {c for c in range(places) if c // (len(axes) * taps) in used}
            masks = {c for c in range(places, channels) if (c - places) // taps in used}
            table.append(tuple(sorted(places_of | masks)))
        offsets.append(Separable((SAME,) * len(axes), Channels("window", tuple(table))))
    return (first, *offsets)


def _unfold(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Channel c · taps + t holds channel c of tap t, the taps in row order."""
    axes = operands[0][:-1]
    taps = list(product(*map(range, a["kernel"])))
    parts = []
    for number, tap in enumerate(taps):
        along = tuple(
            _window(1, stride, before - t * dilation, 1)
            for t, stride, (before, _), dilation in zip(
                tap, a["stride"], a["padding"], a["dilation"], strict=True
            )
        )
        table = tuple((c // len(taps),) if c % len(taps) == number else () for c in range(output[-1]))
        parts.append(Separable(along, Channels("each", table)))
    own = tuple((c // len(taps),) for c in range(output[-1]))
    return (Parts(tuple(parts), Separable(_windows(a, len(axes)), Channels("window", own))),)


def _fold(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Position o sums, over all taps t, channel c · taps + t of the window of which tap t falls on it."""
    taps = list(product(*map(range, a["kernel"])))
    geometry = list(zip(a["kernel"], a["stride"], a["padding"], a["dilation"], strict=True))
    parts = []
    for number, tap in enumerate(taps):
        along = tuple(
            _transposed(1, stride, before - t * dilation, 1)
            for t, (_, stride, (before, _), dilation) in zip(tap, geometry, strict=True)
        )
        table = tuple((c * len(taps) + number,) for c in range(output[-1]))
        parts.append(Separable(along, Channels("each", table)))
    every = tuple(tuple(range(c * len(taps), (c + 1) * len(taps))) for c in range(output[-1]))
    whole = tuple(_transposed(kernel, stride, before, r) for kernel, stride, (before, _), r in geometry)
    return (Parts(tuple(parts), Separable(whole, Channels("window", every))),)


def _deconv(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    along = tuple(
        _transposed(a["kernel"][k], a["stride"][k], a["padding"][k][0], a["dilation"][k])
        for k in range(len(axes))
    )
    return (Separable(along, grouped(channels, output[-1], a["groups"])),)


def _pool(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable(_windows(a, len(axes)), each(channels)),)


def _fc(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable((WHOLE,) * len(axes), grouped(channels, output[-1], 1)),)


def _global_pool(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable((WHOLE,) * len(axes), each(channels)),)


def _adaptive_pool(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    along = tuple(map(_bins, axes, a["size"]))
    return (Separable(along, each(channels)),)


def _region_pool(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """A region lies anywhere in the map."""
    *axes, channels = operands[0]
    return (Separable((WHOLE,) * len(axes), each(channels), everywhere=True),)


def _bins(size: int, bins: int) -> Axis:
    if bins == 1:
        return WHOLE
    kind = "resized" if size == 1 else "along"
    return Axis(kind, lambda o: KINDS["adaptive"](o, size, bins), Fraction(size, bins))


def _upsample(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    (*axes, channels), targets = operands[0], output[:-1]
    along = []
    for k, (size, target) in enumerate(zip(axes, targets, strict=True)):
        factor = Fraction(target, size) if a["scale"] is None else Fraction(a["scale"][k])
        along.append(_resampled(size, target, factor, a["mode"], a["align_corners"]))
    return (Separable(tuple(along), each(channels)),)


def _resampled(size: int, target: int, factor: Fraction, mode: str, corners: bool) -> Axis:
    up, down = factor.numerator, factor.denominator
    if size == 1:
        return SAME if target == 1 else SPREAD
    if mode in ("linear", "trilinear"):
        mode = "bilinear"
    if corners:
        if target in (size, 1):
            # A single output position reads position 0.
            return SAME
        kind, numbers, rate = f"{mode}_corners", (size, target), Fraction(size - 1, target - 1)
    else:
        kind, numbers, rate = mode, (down, up), 1 / factor
    return Axis("along", lambda o: KINDS[kind](o, *numbers), rate, "replicate")


# --- padding, cropping, slicing


def _pad(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    first, _ = a["channels"]
    table = tuple((c - first,) if 0 <= c - first < channels else () for c in range(output[-1]))
    along = tuple(_window(1, 1, before, 1, a["mode"]) for before, _ in a["padding"][: len(axes)])
    return (Separable(along, Channels("each", table)),)


def _crop(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    if a["padding"] is not None:
        cut = [before for before, _ in a["padding"]]
    else:
        cut = [(size - left) // 2 for size, left in zip(axes, output[:-1], strict=True)]
    return (Separable(tuple(_window(1, 1, -before, 1) for before in cut), each(channels)),)


def _slice(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    names = ("t", "h", "w")[3 - len(axes) :]
    if len(axes) == 1 and a["t"] is not None:
        names = ("t",)
    along = []
    for name, size in zip(names, axes, strict=True):
        kept = _kept(a[name], size)
        along.append(_window(1, kept.step, -kept.start, 1))
    table = tuple((c,) for c in _kept(a["channels"], channels))
    return (Separable(tuple(along), Channels("each", table)),)


def _roll(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    channels = operands[0][-1]
    along = tuple(_window(1, 1, by, 1, "circular") for by, _ in a["by"])
    return (Separable(along, each(channels)),)


def _kept(span: Any, size: int) -> range:
    return range(size) if span is None else range(size)[slice(*span)]


# --- element by element, and normalisations


def _element_wise(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable((SAME,) * len(axes), each(channels)),)


def _over_channels(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable((SAME,) * len(axes), grouped(channels, channels, 1)),)


def _over(a: Any, sizes: Sizes) -> tuple[set[int], bool]:
    """Which axes are taken together, and whether the channels are."""
    over = a["over"]
    every = set(range(len(sizes) - 1))
    known = {"channels": (set(), True), "positions": (every, False), "all": (every, True)}
    return known[over] if isinstance(over, str) else (set(over), False)


def _softmax(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    taken, mixes = _over(a, operands[0])
    along = tuple(_everywhere(size) if k in taken else SAME for k, size in enumerate(axes))
    return (Separable(along, grouped(channels, channels, 1) if mixes else each(channels)),)


def _layer_norm(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    (reading,) = _softmax(a, operands, output)
    assert isinstance(reading, Separable)
    return (reading._replace(statistics=True),)


def _reduce(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    taken, mixes = _over(a, operands[0])
    along = tuple(WHOLE if k in taken else SAME for k in range(len(axes)))
    return (Separable(along, grouped(channels, 1, 1) if mixes else each(channels)),)


def _embedding(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    return (Separable((SAME,) * len(axes), grouped(channels, output[-1], 1)),)


def _lrn(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    n = a["n"]
    table = tuple(
        tuple(d for d in range(c - n // 2, c - n // 2 + n) if 0 <= d < channels) for c in range(channels)
    )
    return (Separable((SAME,) * len(axes), Channels("window", table)),)


def _everywhere(size: int) -> Axis:
    """The whole axis, and locally the own position; one position is read as it is."""
    return SAME if size == 1 else Axis("others")


def _group_norm(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    groups = a.get("groups", channels)
    return (Separable(tuple(map(_everywhere, axes)), grouped(channels, channels, groups), True),)


def _response_norm(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Each channel times its norm over the map, relative to the mean of the norms of all channels."""
    return _group_norm({"groups": 1}, operands, output)


def _recurrent(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """A step reads itself and what the steps before it have left; the other direction those behind it."""
    *axes, channels = operands[0]
    every = grouped(channels, output[-1], 1)
    both = Separable(tuple(map(_everywhere, axes)), every)
    if not axes or (a["bidirectional"] and a["layers"] > 1):
        return (both,)
    before = Axis("others", real=lambda o, size: range(min(o + 1, size)))
    behind = Axis("others", real=lambda o, size: range(max(o, 0), size))
    if not a["bidirectional"]:
        return (Separable((before,), every),)
    half = output[-1] // 2
    tables = [
        tuple(row if (c < half) == first else () for c, row in enumerate(every.table)) for first in (1, 0)
    ]
    parts = [
        Separable((axis if axes[0] > 1 else SAME,), Channels("window", table))
        for axis, table in zip((before, behind), tables, strict=True)
    ]
    return (Parts(tuple(parts), both),)


def _attention(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    *axes, channels = operands[0]
    # Without projections a head sees its own share of the channels.
    heads = 1 if a["projections"] else a["heads"]
    relation = grouped(channels, output[-1], heads)
    if len(operands) > 1:
        seen = []
        for number, (*others, width) in enumerate(operands[1:]):
            # Of a tensor that gives the values alone an output is a mean of one channel.
            of_values = number == 1 and not a["projections"]
            of_heads = each(width) if of_values else grouped(width, output[-1], heads)
            seen.append(Separable((WHOLE,) * len(others), of_heads, everywhere=True))
            if a["window"] is not None:
                within = tuple(map(_tile, a["window"], _moved(a, axes)))
                seen[-1] = Separable(within, of_heads)
        return Separable((SAME,) * len(axes), relation), *seen
    if a["window"] is None:
        return (Separable(tuple(map(_everywhere, axes)), relation),)
    return (Separable(tuple(map(_tile, a["window"], _moved(a, axes))), relation),)


def _moved(a: Any, axes: list[int]) -> tuple[int, ...]:
    """How far windows are moved along each axis."""
    return tuple(a["shift"] * len(axes) if len(a["shift"]) == 1 else a["shift"])


def _tile(length: int, moved: int) -> Axis:
    """Windows side by side, one of which begins at the position to which they are moved."""
    return Axis("along", lambda o: {i + moved for i in KINDS["windows"](o - moved, length)})


def _only(position: int) -> Callable[[int, int], tuple[int, ...]]:
    """What a unit reads that reads this one position of an axis, wherever it stands."""
    return lambda unit, size: (position,)


def _matmul(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    (*axes, channels), (*others, width) = operands
    first = Separable((SAME,) * len(axes), grouped(channels, output[-1], 1))
    batch = a["batch"]
    whole = (*(SAME,) * batch, *(WHOLE,) * (len(others) - batch))
    together = Separable(whole, each(width), everywhere=not batch)
    if not a["transposed"]:
        return first, together
    # Output channel q is the product with position q of the second tensor, its positions in row order.
    parts = []
    for number, place in enumerate(product(*map(range, others[batch:]))):
        along = (*(SAME,) * batch, *(Axis("whole", real=_only(position)) for position in place))
        table = tuple(tuple(range(width)) if c == number else () for c in range(output[-1]))
        parts.append(Separable(along, Channels("window", table), everywhere=not batch))
    return first, Parts(tuple(parts), together._replace(channels=grouped(width, output[-1], 1)))


# --- joins


def _join(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    result = []
    for sizes in operands:
        along = tuple(
            SAME if size == full else SPREAD for size, full in zip(sizes[:-1], output[:-1], strict=False)
        )
        channels = sizes[-1]
        table = tuple((c if channels == output[-1] else 0,) for c in range(output[-1]))
        result.append(Separable(along, Channels("each", table)))
    return tuple(result)


def _concat(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Side by side, or one behind the other along an axis: what lies outside an operand is then another's."""
    result = []
    first = 0
    if (axis := concat_axis(a)) is not None:
        for *axes, channels in operands:
            along = tuple(_window(1, 1, first, 1) if k == axis else SAME for k in range(len(axes)))
            result.append(Separable(along, each(channels)))
            first += axes[axis]
        return tuple(result)
    for *axes, channels in operands:
        table = tuple((c - first,) if 0 <= c - first < channels else () for c in range(output[-1]))
        result.append(Separable((SAME,) * len(axes), Channels("each", table)))
        first += channels
    return tuple(result)


def concat_axis(a: Any) -> int | None:
    """The axis along which operands stand one behind the other; None where they do not."""
    axis = a.get("axis")
    assert axis is None or isinstance(axis, int)
    return axis


# --- rearrangements


def _reshape(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    operand = operands[0]
    weights = sorted({*_weights(operand), *_weights(output), prod(output)})
    if any(big % small for small, big in pairwise(weights)):
        return (Rearranged((), (), (), (output, operand)),)
    # A digit for each step from one weight to the next; the largest leads.
    digits = [(small, big // small) for small, big in pairwise(weights)][::-1]
    sizes = [size for _, size in digits]
    places = [
        [
            tuple(d for d, (low, many) in enumerate(digits) if weight <= low and low * many <= weight * size)
            for weight, size in zip(_weights(shape), shape, strict=True)
        ]
        for shape in (output, operand)
    ]
    # What has one value has no digit; where both sides have it at the same place it is the same.
    for place in (*range(min(len(output), len(operand)) - 1), -1):
        if output[place] == operand[place] == 1:
            for side in places:
                side[place] = (len(sizes),)
            sizes.append(1)
    return (Rearranged(tuple(sizes), tuple(places[0]), tuple(places[1])),)


def _weights(shape: Sequence[int]) -> list[int]:
    return [prod(shape[place + 1 :]) for place in range(len(shape))]


def _permute(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Read as the lengths of `split` in row order, these in another order, and in row order as the output.

    A length is cut wherever an axis ends in it, of the operand or of the output.
    """
    operand, order = operands[0], a["order"]
    split = a["split"] or operand
    before, behind = _weights(split), [0] * len(split)
    for place, weight in zip(order, _weights([split[place] for place in order]), strict=True):
        behind[place] = weight
    # Of every digit its size, and what it counts in the index of either side.
    digits: list[tuple[int, tuple[int, int]]] = []
    for size, weights in zip(split, zip(before, behind, strict=True), strict=True):
        cuts = {1, size}
        for weight, side in zip(weights, (operand, output), strict=True):
            cuts |= {
                end // weight for end in _weights(side) if weight < end < weight * size and not end % weight
            }
        steps = list(pairwise(sorted(cuts)))[::-1]
        assert all(high % low == 0 for low, high in steps)
        digits += [(high // low, (weights[0] * low, weights[1] * low)) for low, high in steps]
    places: list[list[tuple[int, ...]]] = [[], []]
    for number, side in enumerate((operand, output)):
        for weight, size in zip(_weights(side), side, strict=True):
            own = [d for d, (_, at) in enumerate(digits) if weight <= at[number] < weight * size]
            places[number].append(tuple(sorted(own, key=lambda d: -digits[d][1][number])))
        assert all(
            prod(digits[d][0] for d in own) == size for own, size in zip(places[number], side, strict=True)
        )
    sizes = [size for size, _ in digits]
    # One position goes on as one, as far as a length of its own is left of it.
    for place, size in enumerate(split):
        source = place if a["split"] is None or place < min(len(split), len(operand)) - 1 else None
        target: int | None = order.index(place)
        if a["to"] is not None and target >= min(len(split), len(output)) - 1:
            target = None
        if size == 1 and source is not None and target is not None and operand[source] == output[target] == 1:
            places[0][source] = places[1][target] = (len(sizes),)
            sizes.append(1)
    return (Rearranged(tuple(sizes), tuple(places[1]), tuple(places[0])),)


def _pixelshuffle(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Channel (c, r, r) of position (h, w) becomes channel c of position (h·r + r, w·r + r)."""
    rank, factor = len(output) - 1, a["factor"]
    sizes = (*operands[0][:-1], *(factor,) * rank, output[-1])
    space = tuple((axis, rank + axis) for axis in range(rank))
    channels = (2 * rank, *range(rank, 2 * rank))
    return (Rearranged(sizes, (*space, (2 * rank,)), (*((axis,) for axis in range(rank)), channels)),)


def _pixelunshuffle(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    (shuffled,) = _pixelshuffle(a, [output], operands[0])
    assert isinstance(shuffled, Rearranged)
    return (Rearranged(shuffled.sizes, shuffled.operand, shuffled.output),)


def _channelshuffle(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """Channel i of group j becomes channel i · g + j."""
    *axes, channels = output
    rank, groups = len(axes), a["groups"]
    own = tuple((axis,) for axis in range(rank))
    sizes = (*axes, groups, channels // groups)
    return (Rearranged(sizes, (*own, (rank + 1, rank)), (*own, (rank, rank + 1))),)


def _learned(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """It is the same for every input."""
    return ()


def _opaque(a: Any, operands: list[Sizes], output: Sizes) -> tuple[Reading, ...]:
    """What it is said to read, of all channels."""
    own = a["reads"] == "each"
    return tuple(
        Separable(
            ((SAME if own else WHOLE),) * len(axes), grouped(channels, output[-1], 1), everywhere=not own
        )
        for *axes, channels in operands
    )


Reader = Callable[[Any, list[Sizes], Sizes], tuple[Reading, ...]]

READERS: dict[str, Reader] = {
    "learned": _learned,
    "opaque": _opaque,
    "conv": _conv,
    "localconv": _conv,
    "unfold": _unfold,
    "fold": _fold,
    "dwconv": _dwconv,
    "deformconv": _deformconv,
    "deconv": _deconv,
    "maxpool": _pool,
    "avgpool": _pool,
    "fc": _fc,
    "globalavgpool": _global_pool,
    "globalmaxpool": _global_pool,
    "adaptiveavgpool": _adaptive_pool,
    "adaptivemaxpool": _adaptive_pool,
    "roipool": _region_pool,
    "upsample": _upsample,
    "pad": _pad,
    "crop": _crop,
    "slice": _slice,
    "roll": _roll,
    "reducemean": _reduce,
    "reducesum": _reduce,
    "reducemax": _reduce,
    "embedding": _embedding,
    "lstm": _recurrent,
    "gru": _recurrent,
    "rnn": _recurrent,
    "softmax": _softmax,
    "softmaxloss": _over_channels,
    "ln": _layer_norm,
    "lrn": _lrn,
    "gn": _group_norm,
    "in": _group_norm,
    "grn": _response_norm,
    "attention": _attention,
    "matmul": _matmul,
    "add": _join,
    "sub": _join,
    "div": _join,
    "min": _join,
    "mul": _join,
    "max": _join,
    "concat": _concat,
    "reshape": _reshape,
    "flatten": _reshape,
    "permute": _permute,
    "pixelshuffle": _pixelshuffle,
    "pixelunshuffle": _pixelunshuffle,
    "channelshuffle": _channelshuffle,
    **dict.fromkeys(
        "bn scale relu relu6 elu gelu silu hardswish hardsigmoid sigmoid tanh softplus oneminus leakyrelu "
        "prelu dropout droppath identity function".split(),
        _element_wise,
    ),
}
