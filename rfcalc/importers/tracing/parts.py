"""Parts of tensors, tensors side by side, padding and other arrangements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.layers import after, dimension_of, slid
from rfcalc.importers.tracing.tracer import MOST_AXES, StepTracer, per_axis
from rfcalc.importers.tracing.views import Dimension, TensorView, digit, length
from rfcalc.ops.attributes import PerAxis, SpanValue, Value, Word

# The names of the last axes.
_AXES = ("t", "h", "w")


def reshaped(tracer: StepTracer, x: TensorView, lengths: Sequence[int]) -> TensorView:
    """The elements in row order with other dimensions."""
    found = x.reshaped(lengths)
    if found is not None:
        return found
    x = tracer.spelled(x)
    digits = [one for each in x.dimensions for one in each]
    batch = tuple([one for one in digits if one.kind == "batch"])
    own = tuple([one for one in digits if one.kind == "own"])
    if tuple(digits) != batch + own:
        raise tracer.mistake("examples of a batch are mixed with what they are made of")
    flat = tracer.arranged(x, (own,), in_order=True)
    every = digit(length(own))
    found = TensorView(flat.step, (every,), (batch, every)).reshaped(lengths)
    if found is None:
        raise tracer.mistake(f"{x.lengths} cannot be read as {tuple(lengths)}")
    return found


def expanded(tracer: StepTracer, x: TensorView, lengths: Sequence[int], batch: Dimension = ()) -> TensorView:
    """Repeated along dimensions of size 1, to a size; that of the examples needs no repeating."""
    missing = len(lengths) - len(x.dimensions)
    x = x._replace(dimensions=((),) * missing + x.dimensions)
    lengths = [*[1] * -missing, *lengths]
    dimensions = []
    for place, (dimension, wanted) in enumerate(zip(x.dimensions, lengths, strict=True)):
        size = length(dimension)
        if size not in (wanted, 1) and wanted not in (1, -1):
            raise tracer.mistake(f"a size of {size} is to be repeated to {wanted}")
        fresh = size == 1 and wanted > 1
        repeated = batch if fresh and place == 0 and length(batch) == wanted else digit(wanted, "repeated")
        dimensions.append(repeated if fresh else dimension)
    return x._replace(dimensions=tuple(dimensions))


def part_of(tracer: StepTracer, x: TensorView, dimension: int, part: range) -> TensorView:
    """The elements at some indices of a dimension."""
    if part == range(length(x.dimensions[dimension])):
        return x
    own = x.own(dimension)
    if not part or part.step < 1:
        raise tracer.mistake(
            "indices that count down have no layer in the language" if part else "no index is taken"
        )
    group = next((place for place, digits in enumerate(x.base) if set(own) <= set(digits)), None)
    if len(own) != len(x.dimensions[dimension]):
        if not own and len(part) >= 1:
            # What is repeated is the same everywhere.
            return _with_dimension(x, dimension, digit(len(part), "repeated"))
        spelled = tracer.spelled(x, [dimension])
        if spelled is not x:
            return part_of(tracer, spelled, dimension, part)
        raise tracer.mistake("a part of the examples of a batch cannot be taken")
    taken = digit(len(part))
    if group is not None:
        digits = x.base[group]
        rest = digits[len(own) :]
        if digits[: len(own)] == own and part.step == 1:
            inner = length(rest)
            chosen = range(part.start * inner, part.stop * inner)
            return _sliced(tracer, x, dimension, group, chosen, taken, taken + rest)
        if digits[-len(own) :] == own and len(part) == 1:
            chosen = range(part.start, length(digits), length(own))
            return _sliced(tracer, x, dimension, group, chosen, taken, digits[: -len(own)])
        if digits == own:
            return _sliced(tracer, x, dimension, group, part, taken, taken)
    place = dimension_of(x, x.channels)
    placed = tracer.by_dimension(x, dimension if place is None else place, in_order=True)
    if next((one for one in placed.base if one == own), None) is None:
        placed = tracer.by_dimension(x, dimension, in_order=True)
    return part_of(tracer, placed, dimension, part)


def _with_dimension(x: TensorView, dimension: int, digits: Dimension) -> TensorView:
    return x._replace(dimensions=(*x.dimensions[:dimension], digits, *x.dimensions[dimension + 1 :]))


def _sliced(
    tracer: StepTracer,
    x: TensorView,
    dimension: int,
    group: int,
    part: range,
    taken: Dimension,
    left: Dimension,
) -> TensorView:
    """A part of one axis, or of the channels, of an output; left: the digits of that axis then."""
    last = len(x.base) - 1
    name = "channels" if group == last else _AXES[3 - last + group]
    stop = min(part.stop, length(x.base[group]))
    span = SpanValue(part.start, stop, part.step if part.step != 1 else None)
    step = tracer.add("slice", [x.step], {name: span})
    # Of a tensor that is cut into parts some may not be read.
    tracer.absorb(step)
    base = (*x.base[:group], left, *x.base[group + 1 :])
    return _with_dimension(x._replace(step=step, base=base), dimension, taken)


def cut(tracer: StepTracer, x: TensorView, dimension: int, sizes: Iterable[int]) -> list[TensorView]:
    """Parts of these sizes along a dimension, one behind the other; what goes beyond its end is left out."""
    found: list[TensorView] = []
    start = 0
    for size in sizes:
        stop = min(start + size, x.lengths[dimension])
        found.append(part_of(tracer, x, dimension, range(start, stop)))
        start = stop
    return found


def selected(tracer: StepTracer, x: TensorView, dimension: int, index: int) -> TensorView:
    """The elements at one index of a dimension, which is left out."""
    size = length(x.dimensions[dimension])
    place = index % size if size else 0
    return part_of(tracer, x, dimension, range(place, place + 1)).without(dimension)


def concatenated(tracer: StepTracer, tensors: Sequence[TensorView], dimension: int) -> TensorView:
    """Tensors one behind the other along a dimension."""
    first = tensors[0]
    if len(tensors) == 1:
        return first
    wrapped = _wrapped(tracer, tensors, dimension)
    if wrapped is not None:
        return wrapped
    rank = len(first.dimensions)
    dimension %= rank
    if any(one.kind == "batch" for each in tensors for one in each.dimensions[dimension]):
        raise tracer.mistake("examples of a batch are joined with others")
    # What is repeated in all of them in the same way may stay so.
    alike = [
        place
        for place in range(rank)
        if place != dimension
        and len({tuple([(one.kind, one.size) for one in each.dimensions[place]]) for each in tensors}) == 1
    ]
    places = [place for place in range(rank) if place not in alike]
    tensors = [tracer.spelled(one, places) for one in tensors]
    first = tensors[0]
    channels_of = {dimension_of(one, one.channels) if one.channels else None for one in tensors}
    known = channels_of - {None}
    channels = known.pop() if len(known) == 1 else None
    whole = all(one.base[-1] == one.own(dimension) for one in tensors)
    same = len({_arrangement(one, dimension) for one in tensors}) == 1
    if whole and same and all(one.channels for one in tensors):
        placed = list(tensors)
        base_axis = len(first.base) - 1
    else:
        if channels is None:
            channels = rank - 1 if dimension != rank - 1 else dimension
        axes = [
            place
            for place in range(rank)
            if place != channels and (place == dimension or any(one.own(place) for one in tensors))
        ]
        groups = [[place] for place in axes]
        if len(axes) > MOST_AXES:
            # What stands before it is one axis, and what stands behind it.
            before = [place for place in axes if place < dimension]
            behind = [place for place in axes if place > dimension]
            middle = [] if dimension == channels else [dimension]
            groups = [group for group in (before, middle, behind) if group]
        placed = [tracer.by_groups(one, channels, groups) for one in tensors]
        base_axis = len(groups) if dimension == channels else groups.index([dimension])
        first = placed[0]
    values: dict[str, Value] = {} if base_axis == len(first.base) - 1 else {"axis": base_axis}
    step = tracer.add("concat", [one.step for one in placed], values)
    joined = digit(sum(length(one.dimensions[dimension]) for one in placed))
    base = (*first.base[:base_axis], joined, *first.base[base_axis + 1 :])
    return _with_dimension(first._replace(step=step, base=base), dimension, joined)


def _wrapped(tracer: StepTracer, tensors: Sequence[TensorView], dimension: int) -> TensorView | None:
    """Circular padding, where a tensor stands between its own ends; None where it does not."""
    if len(tensors) != 3:
        return None
    end, x, start = tensors
    size = x.lengths[dimension]
    pair = (end.lengths[dimension], start.lengths[dimension])
    for one, span in ((end, (size - pair[0], size)), (start, (0, pair[1]))):
        step = tracer[one.step]
        spans = [value[:2] for value in step.values.values() if isinstance(value, SpanValue)]
        if step.operator != "slice" or step.operands != (x.step,) or spans != [span]:
            return None
    tracer.absorb(end.step, start.step)
    amounts = [pair if place == dimension else (0, 0) for place in range(len(x.dimensions))]
    return padded(tracer, x, amounts, "circular")


def _arrangement(x: TensorView, dimension: int) -> object:
    """How the digits of all dimensions but one are arranged, as places and sizes."""
    places = {
        one.number: (place, number) for place, group in enumerate(x.base) for number, one in enumerate(group)
    }
    return tuple(
        [
            tuple([(places.get(one.number), one.size, one.kind) for one in each])
            for place, each in enumerate(x.dimensions)
            if place != dimension
        ]
    ), len(x.base)


def padded(
    tracer: StepTracer, x: TensorView, amounts: Sequence[tuple[int, int]], mode: str = "zeros"
) -> TensorView:
    """Padding before and after each dimension; negative amounts are cut off."""
    rank = len(x.dimensions)
    places = [place for place, pair in enumerate(amounts) if any(pair)]
    if not places:
        return x
    x = tracer.spelled(x, places)
    if any(x.own(place) not in x.base or not x.own(place) for place in places):
        channels = 1 if rank > 2 else rank - 1
        axes = [place for place in range(rank) if place != channels and (place in places or x.own(place))]
        together = max(len(axes) - MOST_AXES, 0)
        if together:
            # The first ones are put together.
            axes.sort(key=lambda place: place in places)
        if set(axes[: together + 1] if together else ()) & set(places):
            raise tracer.mistake(f"a tensor of more than {MOST_AXES} axes is padded here")
        x = tracer.by_dimension(x, channels, axes, in_order=True)
        groups = {place: number - together for number, place in enumerate([*axes, channels])}
    else:
        groups = {place: x.base.index(x.own(place)) for place in places}
    last = len(x.base) - 1
    pads: list[Value] = [0] * last
    values: dict[str, Value] = {}
    base = list(x.base)
    dimensions = list(x.dimensions)
    before_it = tracer[x.step]
    if before_it.operator == "pad" and before_it.values.get("mode", "zeros") == mode:
        # Other axes of the same tensor, padded in the same way.
        given = before_it.values.get("padding")
        apart = "channels" not in before_it.values
        if (
            apart
            and isinstance(given, PerAxis)
            and not any(given[groups[place]] for place in places if groups[place] < last)
        ):
            tracer.absorb(x.step)
            pads, x = list(given), x._replace(step=before_it.operands[0])
    for place in places:
        before, after = amounts[place]
        span: Value = before if before == after else SpanValue(before, after)
        group = groups[place]
        if group == last:
            values["channels"] = span
        else:
            pads[group] = span
        base[group] = digit(length(x.dimensions[place]) + before + after)
        dimensions[place] = base[group]
    if any(pads):
        values["padding"] = per_axis(pads)
    if mode != "zeros":
        values["mode"] = Word(mode)
    return TensorView(tracer.add("pad", [x.step], values), tuple(base), tuple(dimensions))


def rolled(tracer: StepTracer, x: TensorView, dimensions: Sequence[int], shifts: Sequence[int]) -> TensorView:
    """Positions moved along dimensions; what leaves one end comes back at the other."""
    rank = len(x.dimensions)
    if any(x.own(place) not in x.base[:-1] for place in dimensions):
        rest = (place for place in range(rank) if place not in dimensions and x.own(place))
        x = tracer.by_dimension(x, next(rest, rank - 1))
    by = [0] * (len(x.base) - 1)
    for place, shift in zip(dimensions, shifts, strict=True):
        by[x.base.index(x.own(place))] = shift
    return x._replace(step=tracer.add("roll", [x.step], {"by": per_axis(by)}))


def to_space(tracer: StepTracer, x: TensorView, factor: int, *, blocks_first: bool = False) -> TensorView:
    """Channels spread over blocks of two axes: a reshape and a transposition.

    blocks_first: whether the channels of one place in the block stand together, not the places of a channel.
    """
    *leading, c, h, w = x.lengths
    rank, left = len(leading), c // (factor * factor)
    split = (factor, factor, left) if blocks_first else (left, factor, factor)
    order = (2, 3, 0, 4, 1) if blocks_first else (0, 3, 1, 4, 2)
    parted = reshaped(tracer, x, (*leading, *split, h, w))
    moved = parted.permuted([*range(rank), *[rank + place for place in order]])
    return reshaped(tracer, moved, (*leading, left, h * factor, w * factor))


def from_space(tracer: StepTracer, x: TensorView, factor: int, *, blocks_first: bool = False) -> TensorView:
    """Blocks of two axes gathered into channels, see `to_space`."""
    *leading, c, h, w = x.lengths
    rank = len(leading)
    order = (2, 4, 0, 1, 3) if blocks_first else (0, 2, 4, 1, 3)
    parted = reshaped(tracer, x, (*leading, c, h // factor, factor, w // factor, factor))
    moved = parted.permuted([*range(rank), *[rank + place for place in order]])
    return reshaped(tracer, moved, (*leading, c * factor * factor, h // factor, w // factor))


def resampled(
    tracer: StepTracer,
    x: TensorView,
    sizes: Sequence[int],
    scales: Sequence[Value] | None,
    mode: str,
    *,
    align_corners: bool,
) -> TensorView:
    """The axes of a tensor of examples, channels and axes resampled to a size; scales: factors or None."""
    placed, leading = slid(tracer, x)
    examples = [length(group) for group in placed.base[:leading]]
    values: dict[str, Value] = {"size": per_axis([*examples, *sizes])}
    if scales is not None:
        values = {"scale": per_axis([*[1] * leading, *scales])}
    if mode != "nearest":
        values["mode"] = Word(mode)
    if align_corners:
        values["align_corners"] = True
    return after(tracer, placed, tracer.add("upsample", [placed.step], values), leading)


def softmax(tracer: StepTracer, x: TensorView, dimension: int) -> TensorView:
    """A softmax over one dimension."""
    own = x.own(dimension)
    if own and own in x.base[:-1]:
        axis = x.base.index(own)
        return x._replace(step=tracer.add("softmax", [x.step], {"over": axis}))
    placed = tracer.with_channels(x, dimension)
    return placed._replace(step=tracer.add("softmax", [placed.step]))


def embedded(tracer: StepTracer, indices: TensorView, table: Known) -> TensorView:
    """The rows of a table that indices name."""
    words, channels = table.lengths
    axes = [indices.own(place) for place in range(len(indices.dimensions)) if indices.own(place)]
    placed = tracer.arranged(indices, (*axes, ()))
    values: dict[str, Value] = {"words": words, "out_channels": channels}
    step = tracer.add("embedding", [placed.step], values, {"weight": table.name})
    fresh = digit(channels)
    return TensorView(step, (*placed.base[:-1], fresh), (*indices.dimensions, fresh))


def opaque(
    tracer: StepTracer,
    kind: str,
    operands: Sequence[TensorView],
    lengths: Sequence[int],
    batch: Dimension = (),
    weights: Sequence[Known] | None = (),
    *,
    moves: bool = False,
) -> TensorView:
    """A layer of which only the size of its output is known: examples, channels and axes, or fewer.

    weights: the tensors that it reads which do not depend on the input: its parameters are among them;
    None where it may have others.
    moves: it takes elements from elsewhere and neither learns nor multiplies.
    """
    # The first dimension counts examples, where there are as many.
    whole = len(lengths) < 2 or lengths[0] != max(length(batch), 1)
    rest = list(lengths) if whole else list(lengths[1:])
    axes, channels = (rest[1:], rest[0]) if len(rest) > 2 else (rest[:-1], rest[-1] if rest else 1)
    while len(axes) > MOST_AXES:
        axes = [axes[0] * axes[1], *axes[2:]]
    sizes = [*axes, channels]
    word = "".join(one if one.isalnum() else "_" for one in kind)
    values: dict[str, Value] = {
        "type": Word(word),
        "size": PerAxis(sizes) if len(sizes) > 1 else sizes[0],
        **({} if weights is None else {"params": tracer.fresh_parameters(weights)}),
        **({"macs": 0} if moves else {}),
    }
    steps = [one.step for one in operands]
    if not steps:
        # A line reads something: what depends on nothing is made of a constant.
        steps = [tracer.add("learned", [], {"size": 1, "learned": False})]
    step = tracer.add("opaque", steps, values)
    base = tuple([digit(size) for size in sizes])
    dimensions = (base[-1], *base[:-1]) if len(rest) > 2 else base
    plain = TensorView(step, base, dimensions if whole else (batch, *dimensions))
    found = plain.reshaped(list(lengths))
    return plain if found is None else found
