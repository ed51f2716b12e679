"""Boolean arrays of elements of a map, and what is read of an operand for them: the steps of a way back.

An array has one dimension for each axis and one for the channels; the latter has one entry where all
channels are treated alike, which is so in nearly every layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.ops.axis_maps import AxisMap, Window, count_of, taps_of
from rfcalc.ops.facts import Facts
from rfcalc.ops.rearrangement import Rearrangement
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size, product

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.bool_]
    # Indices, of whatever the array says.
    Places: TypeAlias = NDArray[np.int_]

# The largest array that is made, and how many entries all of them may have together: about 0.1 s.
MOST_POSITIONS = 2**22
EFFORT = 2**27
# What it costs in entries to handle one position by itself, to go through one layer, and to pass one by.
ONE_BY_ONE = 2**10
ONE_LAYER = 2**15
ONE_PASSED = 2**7


class Patch(NamedTuple):
    """Elements of one node: `seen[i]` stands for the position origin + i; the last dimension is channels.

    told: channels have become positions further on, and do not all see the same.
    """

    origin: tuple[int, ...]
    seen: Array
    told: bool = False


class PatchEffort:
    """What is left of the entries that may be worked out; largest: the most that one array may have."""

    def __init__(self, entries: int = EFFORT, largest: int = MOST_POSITIONS) -> None:
        self.entries = entries
        self.largest = largest

    def take(self, entries: int) -> None:
        """Pay for so many entries.  Raises OutOfReachError when they are not left."""
        self.entries -= entries
        if self.entries < 0:
            raise OutOfReachError("following it position by position takes too long")

    def room(self, size: int) -> None:
        """Pay for an array of so many entries.  Raises OutOfReachError."""
        if size > self.largest:
            raise OutOfReachError(
                f"following it position by position needs more than {self.largest:,} positions of a map"
            )
        self.take(size)

    def empty(self, shape: Sequence[int]) -> Array:
        """An array in which nothing is seen.  Raises OutOfReachError."""
        import numpy as np

        size = 1
        for length in shape:
            size *= length
        self.room(size)
        return np.zeros(shape, dtype=np.bool_)


def known(size: Size) -> int:
    """A size as a number that arrays can have.  Raises OutOfReachError."""
    if not isinstance(size, int):
        raise OutOfReachError("a map has a symbolic size")
    if size > MOST_POSITIONS:
        raise OutOfReachError(f"a map spans more than {MOST_POSITIONS:,} positions")
    return size


def patch_of(units: Iterable[Sequence[int]], rank: int) -> Patch:
    """Some positions of a map of `rank` axes, all channels of each."""
    import numpy as np

    places = [tuple(unit) for unit in units]
    if not places:
        return Patch((0,) * rank, np.zeros((*(0,) * rank, 1) if rank else (1,), dtype=np.bool_))
    lows = tuple(map(min, zip(*places, strict=True)))
    shape = [max(each) - low + 1 for each, low in zip(zip(*places, strict=True), lows, strict=True)]
    if product(shape) > MOST_POSITIONS:
        raise OutOfReachError(f"the units span more than {MOST_POSITIONS:,} positions")
    seen = np.zeros((*shape, 1), dtype=np.bool_)
    for place in places:
        seen[tuple(map(int.__sub__, place, lows))] = True
    return Patch(lows, seen)


def inside(patch: Patch, sizes: Sequence[Size]) -> Patch:
    """The part of a patch that lies inside its map."""
    starts = [max(0, -low) for low in patch.origin]
    cut = tuple(
        slice(start, max(start, known(size) - low))
        for start, low, size in zip(starts, patch.origin, sizes, strict=True)
    )
    return patch._replace(origin=tuple(map(int.__add__, patch.origin, starts)), seen=patch.seen[cut])


def either(one: Patch, two: Patch, budget: PatchEffort) -> Patch:
    """The elements of either of two patches of one node."""
    lows = tuple(map(min, one.origin, two.origin))
    ends = [
        max(a + n, b + m)
        for a, n, b, m in zip(one.origin, one.seen.shape[:-1], two.origin, two.seen.shape[:-1], strict=True)
    ]
    channels = max(one.seen.shape[-1], two.seen.shape[-1])
    shape = [end - low for low, end in zip(lows, ends, strict=True)]
    result = budget.empty([*shape, channels])
    for origin, seen, _ in (one, two):
        place = tuple(
            slice(low - start, low - start + n)
            for low, start, n in zip(origin, lows, seen.shape[:-1], strict=True)
        )
        result[place] |= seen
    return Patch(lows, result, one.told)


def channels_read(seen: Array, facts: Facts, operand: int, widths: Sequence[Size], told: bool) -> Array:
    """What is read of the channels of one operand, where it is read.

    widths: how many channels each operand has.  told: whether it matters to the operand which they are.
    """
    width = widths[operand]
    if not isinstance(width, int) or not told or not isinstance(facts.output.channels, int):
        return any_channel(seen)
    if operand and facts.data_dependent:
        # Offsets, all of which decide what is read.
        return any_channel(seen)
    if facts.channels == "select" and facts.part is None:
        raise OutOfReachError("each position of a layer reads some of the channels")
    if facts.channels == "stack":
        before = [each for each in widths[:operand] if isinstance(each, int)]
        if seen.shape[-1] == 1 or len(before) < operand:
            return any_channel(seen)
        return seen[..., sum(before) : sum(before) + width]
    if facts.channels == "select" and facts.part is not None and isinstance(facts.part[0], int):
        return _selected(seen, facts.part[0], facts.part[1], width, facts.output.channels)
    if facts.channels == "each" and width == facts.output.channels:
        return seen
    if facts.channels is None or (facts.channels == "some" and seen.shape[-1] > 1):
        raise OutOfReachError("which channels a layer reads is not known")
    if facts.channels == "group" and isinstance(facts.groups, int) and seen.shape[-1] > 1:
        groups = seen.reshape(*seen.shape[:-1], facts.groups, -1).any(axis=-1)
        return groups.repeat(width // facts.groups, axis=-1)
    if facts.channels == "group" and facts.groups is not None:
        return seen
    if facts.channels == "group" and seen.shape[-1] > 1:
        raise OutOfReachError("each channel of a layer reads those beside it")
    return any_channel(seen)


def any_channel(seen: Array) -> Array:
    """Where any channel is read, with one entry for all of them."""
    import numpy as np

    return np.asarray(seen.any(axis=-1, keepdims=True))


def _selected(seen: Array, start: int, step: int, width: int, count: int) -> Array:
    import numpy as np

    result = np.zeros((*seen.shape[:-1], width), dtype=np.bool_)
    first = -(start // step) if start < 0 else 0
    last = min(count, (width - 1 - start) // step + 1)
    place = slice(start + first * step, start + (last - 1) * step + 1, step)
    result[..., place] = seen if seen.shape[-1] == 1 else seen[..., first:last]
    return result


def along(
    origin: int, seen: Array, axis: int, taps: AxisMap, size: Size, clipped: bool, budget: PatchEffort
) -> tuple[int, Array]:
    """What is read along one axis, which stays where it is; where it is clipped, inside the map alone."""
    import numpy as np

    length = seen.shape[axis]
    moved = np.moveaxis(seen, axis, 0)
    border = taps.border if isinstance(taps, Window) else "zero"
    if taps.period == 1:
        only = taps.taps(0)
        kernel, low = count_of(only), origin * taps.shift + only.start
        result = budget.empty([(length - 1) * taps.shift + (kernel - 1) * only.step + 1, *moved.shape[1:]])
        result[: (length - 1) * taps.shift + 1 : taps.shift] = moved
        _spread(result, kernel, only.step, budget)
    else:
        budget.take(ONE_BY_ONE * length)
        reads = [taps_of(taps, unit) for unit in range(origin, origin + length)]
        kept = [(place, read) for place, read in enumerate(reads) if count_of(read)]
        if not kept:
            return 0, np.zeros((*seen.shape[:axis], 0, *seen.shape[axis + 1 :]), dtype=np.bool_)
        low = min(read.start for _, read in kept)
        high = max(read.start + (count_of(read) - 1) * read.step for _, read in kept)
        result = budget.empty([high - low + 1, *moved.shape[1:]])
        for place, read in kept:
            budget.take(count_of(read) * moved[place].size)
            result[read.start - low : read.stop - low : read.step] |= moved[place]
    if clipped:
        if border != "zero":
            budget.take(ONE_BY_ONE * max(0, -low, low + len(result) - known(size)))
        low, result = _folded(low, result, known(size), border)
    return low, np.moveaxis(result, 0, axis)


def _spread(seen: Array, count: int, step: int, budget: PatchEffort) -> None:
    """Add to an array its copies `step`, 2·`step`, … further on, `count` in all with itself."""
    made = 1
    while made < count:
        more = min(made, count - made)
        budget.take(seen.size)
        seen[more * step :] |= seen[: seen.shape[0] - more * step].copy()
        made += more


def _folded(low: int, seen: Array, size: int, border: str) -> tuple[int, Array]:
    """What lies inside a map of `size` positions, with that which its border repeats; from position 0 on."""
    import numpy as np

    result = np.zeros((size, *seen.shape[1:]), dtype=np.bool_)
    high = low + seen.shape[0] - 1
    first, last = max(low, 0), min(high, size - 1)
    if first <= last:
        result[first : last + 1] = seen[first - low : last + 1 - low]
    if border == "zero":
        return 0, result
    for position in (*range(low, min(0, high + 1)), *range(max(size, low), high + 1)):
        result[repeated(position, size, border)] |= seen[position - low]
    return 0, result


def repeated(position: int, size: int, border: str) -> int:
    """The position of a map of `size` that a border other than zeros shows at a position outside."""
    if border == "replicate":
        return min(max(position, 0), size - 1)
    if border == "reflect" and size > 1:
        around = position % (2 * size - 2)
        return min(around, 2 * size - 2 - around)
    return position % size


def rearranged(patch: Patch, order: Rearrangement, channels: Size, told: bool, budget: PatchEffort) -> Patch:
    """The elements of the operand that elements of a result come from (see Rearrangement).

    channels: of the result.  told: whether channels are told apart even where all are read alike.
    """
    import numpy as np

    seen = patch.seen
    if seen.shape[-1] == 1:
        budget.room(seen.size * known(channels))
        seen = seen.repeat(known(channels), axis=-1)
    budget.take(16 * int(seen.sum()))
    places = np.argwhere(seen) + np.array([*patch.origin, 0])
    result = source_places(places, order)
    # Past a border the leading digit of an axis runs on; of channels there are no more.
    width = known(product(order.source[-1]))
    chosen = result[(result[:, -1] >= 0) & (result[:, -1] < width)]
    if not len(chosen):
        return patch_of((), len(order.source) - 1)
    lows = chosen[:, :-1].min(axis=0) if chosen.shape[1] > 1 else np.zeros(0, dtype=np.int_)
    highs = chosen[:, :-1].max(axis=0) if chosen.shape[1] > 1 else np.zeros(0, dtype=np.int_)
    array = budget.empty([*(highs - lows + 1).tolist(), width])
    array[tuple((chosen - np.array([*lows, 0])).T)] = True
    if not told and (array.all(axis=-1) == array.any(axis=-1)).all():
        array = array[..., :1]
    return Patch(tuple(map(int, lows)), array, told)


def source_places(places: Places, order: Rearrangement) -> Places:
    """Where elements of a result come from: of each its place in the operand, axes first, then channel."""
    import numpy as np

    digits: dict[tuple[int, int], Places] = {}
    for axis, made in enumerate(order.target):
        rest = places[:, axis]
        for number, found in enumerate(reversed(made)):
            if number == len(made) - 1:
                digits[found] = rest
            else:
                rest, digits[found] = np.divmod(rest, known(order.source[found[0]][found[1]]))
    result = []
    for axis, sizes in enumerate(order.source):
        index = np.zeros(len(places), dtype=np.int_)
        for number, size in enumerate(sizes):
            # A digit of size 1 that the result leaves out is 0.
            index = index * known(size) + digits.get((axis, number), index * 0)
        result.append(index)
    return np.stack(result, axis=-1)
