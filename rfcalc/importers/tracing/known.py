"""Tensors that are known when a file is read: weights by their size, small constants by their elements.

Shape arithmetic consists of calls on small constants; they are carried out here, in row order, on Python's
numbers.  Of a tensor whose elements are not known, or too many, only the size is followed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product as every

from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE

Element = int | float | bool
# More elements than these are not followed: shapes and indices are short.
MOST_ELEMENTS = 4096


# The element type of what numbers are multiplied with to be those that they were before they were quantised.
SCALE = "scale"


class Known(NamedTuple):
    """A tensor that does not depend on the input.

    values: its elements in row order; None where they are not known.  element: its element type.
    name: what the file calls the stored tensor it is or is made of, "" for a constant that is computed.
    learned: whether it is, or is made of, what the network learns.  stored: how many elements the stored
    tensor has that it is made of.  beside: other stored tensors that it is made of, with their sizes.
    part: which elements of the stored tensor it is, "" for all.
    """

    lengths: tuple[int, ...]
    element: str
    values: tuple[Element, ...] | None = None
    name: str = ""
    learned: bool = False
    stored: int = 0
    beside: tuple[tuple[str, int], ...] = ()
    part: str = ""

    @property
    def identity(self) -> str:
        """What tells a layer's weight from others: two parts of one stored tensor are two."""
        return f"{self.name} of {self.part}" if self.part else self.name

    @property
    def size(self) -> int:
        """The number of its elements."""
        return math.prod(self.lengths)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The stored tensors that it is made of, with their sizes."""
        return (self.name, self.stored), *self.beside

    @property
    def scalar(self) -> Element | None:
        """Its one value, whatever its rank; None where it has several or it is not known."""
        if self.values is None or not self.values or any(one != self.values[0] for one in self.values):
            return None
        return self.values[0] if self.size == 1 else None

    def whole(self) -> tuple[int, ...] | None:
        """Its elements as whole numbers; None where they are not known or are none."""
        if self.values is None or any(isinstance(one, float) and not one.is_integer() for one in self.values):
            return None
        return tuple([int(one) for one in self.values])


def scalar(value: Element, element: str = "int64") -> Known:
    """A constant without dimensions."""
    return Known((), element, (value,))


def vector(values: Sequence[Element], element: str = "int64") -> Known:
    """A constant of one dimension."""
    return Known((len(values),), element, tuple(values))


def strides(lengths: Sequence[int]) -> list[int]:
    """How far apart neighbours along each dimension are, in row order."""
    found = [1] * len(lengths)
    for place in range(len(lengths) - 2, -1, -1):
        found[place] = found[place + 1] * lengths[place + 1]
    return found


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...] | None:
    """The size that tensors of these sizes are brought to (NumPy's rule); None where they do not fit."""
    rank = max(map(len, shapes), default=0)
    found = []
    for place in range(-rank, 0):
        lengths = {shape[place] for shape in shapes if len(shape) >= -place} - {1}
        if len(lengths) > 1:
            return None
        found.append(lengths.pop() if lengths else 1)
    return tuple(found)


def elementwise(function: Callable[..., Element], *operands: Known, element: str = "") -> Known | None:
    """A function of the elements of tensors, broadcast; None where their sizes do not fit."""
    lengths = broadcast(*[one.lengths for one in operands])
    if lengths is None:
        return None
    kind = element or operands[0].element
    # What is made of a learned tensor is learned.
    unknown = made_of(operands, lengths, kind)
    if math.prod(lengths) > MOST_ELEMENTS or any(one.values is None for one in operands):
        return unknown
    columns = [spread(one, lengths).values or () for one in operands]
    try:
        values = tuple([function(*row) for row in zip(*columns, strict=True)])
    except (ArithmeticError, ValueError, TypeError):
        return unknown
    # No length is larger; without an end products of products would grow for ever.
    if any(abs(one) > LARGEST_SIZE for one in values if isinstance(one, int)):
        return unknown
    return unknown._replace(values=values)


def made_of(operands: Sequence[Known], lengths: tuple[int, ...], element: str) -> Known:
    """A tensor of unknown elements, made of others: of the largest learned one, and others beside."""
    if any(one.element == SCALE for one in operands):
        return Known(lengths, SCALE)
    learned = [one for one in operands if one.learned]
    if not learned:
        return Known(lengths, element)
    main = max(learned, key=lambda one: one.stored)
    beside: dict[str, int] = {}
    for one in learned:
        beside.update(one.beside)
        beside[one.name] = one.stored
    del beside[main.name]
    return Known(lengths, element, None, main.name, True, main.stored, tuple(beside.items()))


def taken(
    operand: Known, lengths: Sequence[int], origin: Callable[[tuple[int, ...]], Sequence[int] | None]
) -> Known:
    """A tensor of this size, each of whose elements is the one of the operand at `origin` of its indices."""
    size = tuple(lengths)
    if operand.values is None or math.prod(size) > MOST_ELEMENTS:
        return operand._replace(lengths=size, values=None)
    steps = strides(operand.lengths)
    values = operand.values
    found = []
    for indices in every(*map(range, size)):
        place = origin(indices)
        if place is None:
            return operand._replace(lengths=size, values=None)
        found.append(values[sum(step * index for step, index in zip(steps, place, strict=True))])
    return operand._replace(lengths=size, values=tuple(found))


def spread(operand: Known, lengths: Sequence[int]) -> Known:
    """A tensor repeated along the dimensions where it has size 1, to a size that it fits."""
    if operand.lengths == tuple(lengths):
        return operand
    extra = len(lengths) - len(operand.lengths)

    def origin(indices: tuple[int, ...]) -> list[int]:
        own = zip(indices[extra:], operand.lengths, strict=True)
        return [index if size != 1 else 0 for index, size in own]

    return taken(operand, lengths, origin)


def transposed(operand: Known, order: Sequence[int]) -> Known:
    """A tensor with its dimensions in another order."""
    places = sorted(range(len(order)), key=order.__getitem__)
    lengths = [operand.lengths[place] for place in order]
    return taken(operand, lengths, lambda indices: [indices[place] for place in places])


def reshaped(operand: Known, lengths: Sequence[int]) -> Known:
    """The same elements in row order with other dimensions."""
    return operand._replace(lengths=tuple(lengths))


def sliced(operand: Known, parts: Sequence[range]) -> Known:
    """The elements at these indices along each dimension."""
    lengths = [len(part) for part in parts]
    if operand.learned and lengths != list(operand.lengths):
        spans = ", ".join(f"{part.start}:{part.stop}:{part.step}" for part in parts)
        operand = operand._replace(part=f"{operand.part}[{spans}]")
    return taken(
        operand, lengths, lambda indices: [part[index] for part, index in zip(parts, indices, strict=True)]
    )


def gathered(operand: Known, indices: Known, axis: int) -> Known | None:
    """The slices along a dimension that indices name, in the place of that dimension (ONNX Gather)."""
    wanted, size = indices.whole(), operand.lengths[axis]
    lengths = (*operand.lengths[:axis], *indices.lengths, *operand.lengths[axis + 1 :])
    if wanted is None:
        return operand._replace(lengths=lengths, values=None)
    if any(not -size <= index < size for index in wanted):
        return None
    steps, rank = strides(indices.lengths), len(indices.lengths)
    if operand.learned and wanted != tuple(range(size)):
        operand = operand._replace(part=f"{operand.part}[{axis}: {hash(wanted)}]")

    def origin(place: tuple[int, ...]) -> tuple[int, ...]:
        inner = sum(step * index for step, index in zip(steps, place[axis : axis + rank], strict=True))
        return (*place[:axis], wanted[inner] % size, *place[axis + rank :])

    return taken(operand, lengths, origin)


def joined(operands: Sequence[Known], axis: int) -> Known:
    """Tensors one behind the other along a dimension."""
    first = operands[0]
    total = sum(one.lengths[axis] for one in operands)
    lengths = (*first.lengths[:axis], total, *first.lengths[axis + 1 :])
    made = made_of(operands, lengths, first.element)
    if any(one.values is None for one in operands) or math.prod(lengths) > MOST_ELEMENTS:
        return made
    inner = math.prod(lengths[axis + 1 :])
    found: list[Element] = []
    for outer in range(math.prod(lengths[:axis])):
        for one in operands:
            row = one.lengths[axis] * inner
            found += (one.values or ())[outer * row : (outer + 1) * row]
    return made._replace(values=tuple(found))


def reduced(
    operand: Known, axes: Sequence[int], function: Callable[[list[Element]], Element], *, keep: bool
) -> Known:
    """A function of the elements along some dimensions, which are left with size 1 or left out."""
    chosen = {axis % len(operand.lengths) for axis in axes} if operand.lengths else set()
    ones = [1 if place in chosen else size for place, size in enumerate(operand.lengths)]
    lengths = tuple([size for place, size in enumerate(ones) if keep or place not in chosen])
    if operand.values is None:
        return operand._replace(lengths=lengths)
    groups: dict[tuple[int, ...], list[Element]] = {}
    for indices, value in zip(every(*map(range, operand.lengths)), operand.values, strict=True):
        key = tuple([0 if place in chosen else index for place, index in enumerate(indices)])
        groups.setdefault(key, []).append(value)
    try:
        return operand._replace(lengths=lengths, values=tuple([function(group) for group in groups.values()]))
    except (ArithmeticError, ValueError, TypeError):
        return operand._replace(lengths=lengths, values=None)
