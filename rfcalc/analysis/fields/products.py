"""What all units of a layer see at this input size, as products of what they see along each axis.

Where all paths to a unit are alike, it sees a product: some positions along each axis, in every combination.
Along an axis that is one row of bits for each of its units, from the first position on that it sees, and the
rows of a layer are unions of the rows of its operand, so one pass forward through the graph has the units of
all layers at once, for the length of a field each.  Where branches meet,
a unit sees a union of products, of which nearly always one holds the others (convolutions hold the identity
beside them); what is held is left out.  What is no such union, channels that are told apart or moved, is left
to the sweep in the plane.  Outside a map zeros carry nothing, and other borders repeat what is inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import TYPE_CHECKING, TypeAlias

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.global_paths import GlobalPaths
from rfcalc.analysis.fields.patches import PatchEffort, repeated
from rfcalc.ops.axis_maps import Window, in_place, taps_of
from rfcalc.ops.reads import Everything, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.axis_state import Reads
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.graph.ir import Node
    from rfcalc.ops.axis_maps import AxisMap
    from rfcalc.ops.facts import Facts

# The bits that the rows of one layer along an axis may have, what a row takes besides, and the bytes and
# words that all rows may take.
_MOST_BITS, _MOST_EFFORT = 2**26, 2**28
_ROW_BITS = 2**8
# So many products a unit sees at most.
_MOST_TERMS = 6


class SeenRow(NamedTuple):
    """What one unit sees along an axis of the input: bits for positions from `low` on.

    The first of them is 1; both are 0 for a unit that sees nothing.
    """

    low: int
    bits: int


class SeenRows(NamedTuple):
    """What units see along one axis of the input.

    axis: the axis of the layer along which the units stand; None where all see the same.
    rows: for each of them (for all, where there is no axis) the positions that it sees.
    """

    axis: int | None
    rows: tuple[SeenRow, ...]

    def at(self, unit: Sequence[int]) -> int:
        """The positions that the unit at some place of the layer sees, as bits from position 0 on."""
        low, bits = self.rows[0 if self.axis is None else unit[self.axis]]
        return bits << low


# A product, with a view for each axis of the input; a union of some; what one unit sees by one, in bits.
RowProduct: TypeAlias = tuple[SeenRows, ...]
RowProducts: TypeAlias = tuple[RowProduct, ...]
SeenBits: TypeAlias = tuple[int, ...]


def blocks_at(terms: RowProducts, unit: Sequence[int]) -> list[SeenBits]:
    """The products that one unit sees, none of which is empty or holds another."""
    blocks = {tuple([view.at(unit) for view in term]) for term in terms}
    full = [block for block in blocks if all(block)]
    return [one for one in full if not any(one != two and _within(one, two) for two in full)]


def box_of(blocks: Sequence[SeenBits]) -> tuple[tuple[int, int], ...] | None:
    """The first and last position along each axis of a union of products; None where that is empty."""
    if not blocks:
        return None
    along = [reduce(or_, rows) for rows in zip(*blocks, strict=True)]
    return tuple([((row & -row).bit_length() - 1, row.bit_length() - 1) for row in along])


def count_of_union(blocks: Sequence[SeenBits]) -> int:
    """How many positions a union of products has; intersections are products (inclusion, exclusion)."""
    total = 0
    for number in range(1, len(blocks) + 1):
        for chosen in combinations(blocks, number):
            common = 1
            for rows in zip(*chosen, strict=True):
                common *= reduce(and_, rows).bit_count()
            total += common if number % 2 else -common
    return total


def _within(one: SeenBits, two: SeenBits) -> bool:
    return all(not a & ~b for a, b in zip(one, two, strict=True))


class SeenProducts:
    """The products that the units of all layers see of one input, worked out layer by layer when asked for.

    everything: whether global paths count; else they are left out, as in `support`.
    """

    def __init__(self, fields: FieldAnalysis, source: int, *, everything: bool) -> None:
        self._fields = fields
        self._graph = fields.graph
        self._source = fields.graph.inputs[source]
        self._everything = everything
        self._paths = GlobalPaths(fields, source)
        self._effort = PatchEffort(_MOST_EFFORT)
        self._found: list[RowProducts | None] = []
        # Whether all channels of a layer see the same.
        self._alike: list[bool] = []
        # By the identities of rows, which are shared by the layers that pass on what they see; rows are kept.
        self._moves: dict[tuple[object, ...], tuple[SeenRow, ...]] = {}
        self._relations: dict[tuple[int, int], tuple[bool, bool]] = {}
        self._rows: dict[tuple[SeenRow, ...], tuple[SeenRow, ...]] = {}

    def of(self, node: int) -> RowProducts | None:
        """What the units of a layer see; () for nothing, None where it is no union of few products."""
        for index in range(len(self._found), node + 1):
            try:
                self._found.append(self._made(index))
            except OutOfReachError:
                self._found.append(None)
            self._alike.append(self._channels_alike(index))
        return self._found[node]

    def _told_nothing(self, facts: Facts, operand: int) -> bool:
        """Whether a layer that may read some of the channels of an operand sees what all of them see."""
        if facts.channels != "select":
            return facts.channels is not None
        some, _, covered = _selected(facts, self._graph.nodes[operand].facts)
        return covered or (some and self._alike[operand])

    def _channels_alike(self, index: int) -> bool:
        """Whether each channel of a layer surely sees what all of them see."""
        node = self._graph.nodes[index]
        facts, operands = node.facts, [each for each in node.inputs if self._found[each] != ()]
        if index == self._source or facts.channels == "all":
            return True
        if facts.channels == "select":
            every = len(operands) == 1 and _selected(facts, self._graph.nodes[operands[0]].facts)[1]
            return every and self._alike[operands[0]]
        return facts.channels in ("each", "group") and all(self._alike[each] for each in operands)

    def _made(self, index: int) -> RowProducts | None:
        node = self._graph.nodes[index]
        if index == self._source:
            views = []
            for axis, size in enumerate(node.facts.output.axes):
                length = self._known(size)
                self._charge(length, 1)
                views.append(SeenRows(axis, self._kept(("input", length), _diagonal, length)))
            return (tuple(views),)
        operands = [(operand, self._found[operand]) for operand in node.inputs]
        if all(before == () for _, before in operands):
            return ()
        facts = node.facts
        if facts.reads is None or len(facts.reads) != len(operands):
            return None
        terms: list[RowProduct] = []
        for (operand, before), reads in zip(operands, facts.reads, strict=True):
            if before == ():
                continue
            if operand in self._fields.needed and not self._told_nothing(facts, operand):
                return None
            if facts.rearranged is not None and (None in reads or facts.spreads_channels):
                return None
            if not self._everything and self._paths.spreads(index, operand, False, False, reads):
                continue
            if before is None:
                return None
            for term in self._through(before, reads, node, operand):
                self._add(terms, term)
        return tuple(terms) if len(terms) <= _MOST_TERMS else None

    def _through(self, terms: RowProducts, reads: Reads, node: Node, operand: int) -> Iterator[RowProduct]:
        """What units see by what they read of one operand.  Raises OutOfReachError."""
        axes, target = self._graph.nodes[operand].facts.output.axes, node.facts.output.axes
        if len(reads) != len(axes) or None in reads:
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        local: list[tuple[int, AxisMap] | None] = []
        for place, read in enumerate(reads):
            taps = local_taps(read)
            if isinstance(read, Everything):
                if self._everything or not self._paths.leads(operand, place):
                    taps = None
                elif taps is None:
                    return
            assert read is not None
            local.append(None if taps is None or read.axis is None else (read.axis, taps))
        fed = [each[0] for each in local if each]
        if len(set(fed)) < len(fed):
            raise OutOfReachError(f"{node.name} makes two axes of one")
        for term in terms:
            along = [view.axis for view in term if view.axis is not None]
            if len(set(along)) < len(along):
                raise OutOfReachError("two axes of the input run along one")
            for place, each in enumerate(local):
                if each and place not in along:
                    self._all_read_something(each[1], self._known(axes[place]), self._known(target[each[0]]))
            yield tuple([self._moved(view, local, target) for view in term])

    def _moved(
        self, view: SeenRows, local: Sequence[tuple[int, AxisMap] | None], target: Sequence[object]
    ) -> SeenRows:
        each = None if view.axis is None else local[view.axis]
        if view.axis is None:
            return view
        rows = view.rows
        if each is None:
            # All of the axis is seen, from everywhere.
            return SeenRows(None, self._kept(("all", id(rows)), lambda found: (_union_of(found),), rows))
        axis, taps = each
        length = self._known(target[axis])
        if length == len(rows) and in_place(taps):
            return SeenRows(axis, rows)
        read = self._kept((id(rows), taps, length), lambda found: self._read(found, taps, length), rows)
        return SeenRows(axis, read)

    def _read(self, rows: tuple[SeenRow, ...], taps: AxisMap, length: int) -> tuple[SeenRow, ...]:
        """The rows of units that read a map whose positions have some rows."""
        bits = max((row.bits.bit_length() for row in rows), default=0)
        self._charge(length, bits)
        result = []
        for unit in range(length):
            places = real_positions(taps, unit, len(rows))
            self._effort.take(len(places) * (1 + bits // 64))
            result.append(_union_of([rows[place] for place in places]))
        return tuple(result)

    def _all_read_something(self, taps: AxisMap, size: int, length: int) -> None:
        """Raises OutOfReachError unless each of so many units reads a position of an axis of this size."""
        self._effort.take(length)
        if not all(real_positions(taps, unit, size) for unit in range(length)):
            raise OutOfReachError("units that stand along an axis of no input read nothing")

    def _add(self, terms: list[RowProduct], term: RowProduct) -> None:
        """One product more, with those that are one with it."""
        place = 0
        while place < len(terms):
            one = self._together(terms[place], term)
            if one is None:
                place += 1
            else:
                # It may hold others by now, which did not hold it before.
                del terms[place]
                term, place = one, 0
        terms.append(term)

    def _together(self, one: RowProduct, two: RowProduct) -> RowProduct | None:
        """The union of two products where that is a product for every unit."""
        related = [self._related(a, b) for a, b in zip(one, two, strict=True)]
        if all(below for below, _ in related):
            return two
        if all(above for _, above in related):
            return one
        apart = [number for number, relation in enumerate(related) if relation != (True, True)]
        number = apart[0]
        if len(apart) > 1 or one[number].axis != two[number].axis:
            return None
        rows = one[number].rows, two[number].rows
        union = self._kept(
            ("or", *map(id, rows)), lambda both: tuple(map(_union_of, zip(*both, strict=True))), rows
        )
        return (*one[:number], SeenRows(one[number].axis, union), *one[number + 1 :])

    def _related(self, one: SeenRows, two: SeenRows) -> tuple[bool, bool]:
        """Whether each unit sees along an axis by one no more than by the other, and no less."""
        if one.axis != two.axis and None not in (one.axis, two.axis):
            return False, False
        if one.rows is two.rows:
            return True, True
        key = id(one.rows), id(two.rows)
        if key not in self._relations:
            several = max(len(one.rows), len(two.rows))
            first, second = (each.rows * (several // len(each.rows) or 1) for each in (one, two))
            self._relations[key] = (
                all(_held(a, b) for a, b in zip(first, second, strict=True)),
                all(_held(b, a) for a, b in zip(first, second, strict=True)),
            )
        return self._relations[key]

    def _kept(
        self, key: tuple[object, ...], make: Callable[..., tuple[SeenRow, ...]], given: object
    ) -> tuple[SeenRow, ...]:
        """Rows made once for what is the same; equal ones are one, as in deep layers that see everything."""
        found = self._moves.get(key)
        if found is None:
            made = make(given)
            found = self._moves[key] = self._rows.setdefault(made, made)
        return found

    def _charge(self, length: int, bits: int) -> None:
        if length * (bits + _ROW_BITS) > _MOST_BITS:
            raise OutOfReachError("an axis has too many positions for a row of each")
        self._effort.take(length * (bits + _ROW_BITS) // 8)

    def _known(self, size: object) -> int:
        if not isinstance(size, int):
            raise OutOfReachError("a map has a symbolic size")
        return size


def real_positions(taps: AxisMap, unit: int, size: int) -> Sequence[int]:
    """The positions of a map that one unit reads along an axis, a border's repeated ones among them."""
    read = taps_of(taps, unit)
    if not read or (read[0] >= 0 and read[-1] < size):
        return read
    border = taps.border if isinstance(taps, Window) else "zero"
    if border == "zero":
        first = -(read.start // read.step) if read.start < 0 else 0
        last = min(len(read), (size - 1 - read.start) // read.step + 1)
        return read[first : max(first, last)]
    return [place if 0 <= place < size else repeated(place, size, border) for place in read]


def _selected(facts: Facts, operand: Facts) -> tuple[bool, bool, bool]:
    """Whether surely some channels of a layer are those of its operand; all are; none of these is missing."""
    part, width, count = facts.part, operand.output.channels, facts.output.channels
    if part is None or not (isinstance(part[0], int) and isinstance(width, int) and isinstance(count, int)):
        return False, False, False
    channels = range(part[0], part[0] + count * part[1], part[1])
    real = [0 <= each < width for each in (*channels[:1], *channels[-1:])]
    return any(real), all(real), 0 in channels and width - 1 in channels and abs(part[1]) == 1


def _diagonal(length: int) -> tuple[SeenRow, ...]:
    return tuple([SeenRow(place, 1) for place in range(length)])


def _union_of(rows: Sequence[SeenRow]) -> SeenRow:
    """What several units see together."""
    seen = [row for row in rows if row.bits]
    if not seen:
        return SeenRow(0, 0)
    low = min([row.low for row in seen])
    return SeenRow(low, reduce(or_, [row.bits << (row.low - low) for row in seen]))


def _held(one: SeenRow, two: SeenRow) -> bool:
    """Whether a unit sees by one no more than by the other."""
    if not one.bits:
        return True
    return one.low >= two.low and not (one.bits << (one.low - two.low)) & ~two.bits
