"""Which elements of the input a unit sees, by enumeration: in the plane, for whole graphs.

An element is a position along each axis, and a channel.  What one element reads stands in readings.py, in raw
definition.  One sweep back from some units, layer by layer, marks every element that is read, on and on to
the inputs.  Elements come in groups that share what their paths have been through (marks.py), so that paths
that see a whole axis from everywhere can be told from the others.

Nothing is clipped, unless it is asked for: padding is part of the signal, and a map runs on to all whole
numbers by the definition of its layer.  Behind a join of branches that advance at different rates along an
axis of an input (rates.py), positions outside the maps are nobody's along that axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from marks import (
    Digit,
    Place,
    Sides,
    all_alike,
    either,
    merged,
    on_axis,
    passed,
    read_by_all,
    through_axis,
    through_channels,
    through_rearranged,
)
from patches import (
    Patch,
    Position,
    channels_read,
    empty,
    matrix,
    rearranged,
    room,
    trimmed,
    union,
)
from rates import Places, advancing, moves, onward, rate, rates, still
from readings import Axis, Parts, Reading, Rearranged, Separable, concat_axis, readings, sizes_of

from rfcalc.graph.ir import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.bool_]


# What reads where the data says.
DATA_MOVES = ("deformconv", "roipool")


class Slot(NamedTuple):
    """One axis of one input."""

    source: int
    axis: int


class State(NamedTuple):
    """What the paths of a group of elements have been through.

    places: the digits of each axis, then of the channels.  side: for each slot the worst that was passed.
    lost: the slots along which the path leads through a position that is nobody's.  beside: the slots along
    which it leads through an operand that is the same from everywhere, beside one that runs: "global", or
    "either" where they are channels side by side, with the side that had been passed.  shown: channels have
    become positions further on, so that what all positions see alike may be called spread over them.
    moved: it leads through what the data moves.
    """

    places: tuple[Place, ...]
    side: Sides
    lost: frozenset[int] = frozenset()
    beside: frozenset[tuple[int, str, int]] = frozenset()
    shown: bool = False
    moved: bool = False


class Found(NamedTuple):
    """What was found at one input by paths that have been through the same.

    paths: for each axis "local", "global" or "either".  side, lost, moved: see State.
    """

    source: int
    paths: tuple[str, ...]
    side: tuple[int, ...]
    lost: frozenset[int]
    moved: bool
    patch: Patch


class Seen:
    """What some units see, each by itself."""

    def __init__(self, slots: Sequence[Slot], found: Sequence[Found], undefined: Array) -> None:
        self.slots = slots
        self.found = found
        # The units of which something lies outside a map that has no outside.
        self.undefined = undefined

    def positions(self, unit: int, slot: int, *kinds: str) -> set[int]:
        """The positions along one axis that are seen by the paths of these kinds along that axis."""
        source, axis = self.slots[slot]
        seen: set[int] = set()
        for each in self._at(source):
            if each.paths[axis] in kinds and slot not in each.lost:
                mine = each.patch.seen[unit]
                along = mine.any(axis=tuple(other for other in range(mine.ndim) if other != axis))
                seen.update((np.flatnonzero(along) + each.patch.origin[axis]).tolist())
        return seen

    def strict(self, unit: int, slot: int) -> set[int]:
        """The positions along one axis seen by any path."""
        return self.positions(unit, slot, "local", "global", "either")

    def moved(self, slot: int, *kinds: str) -> bool:
        """Whether any path of these kinds along an axis leads through what the data moves."""
        source, axis = self.slots[slot]
        return any(
            each.moved and each.paths[axis] in kinds and slot not in each.lost for each in self._at(source)
        )

    def global_side(self, slot: int, unit: int | None = None) -> tuple[int | None, int | None]:
        """The best way a global path takes, of those that surely are one and of those that may be one.

        0: a main path, 2: only side paths, 1: either could be said; None where there is no such path.
        """
        source, axis = self.slots[slot]
        best: dict[str, int] = {}
        for each in self._at(source):
            kind = each.paths[axis]
            seen = each.patch.seen if unit is None else each.patch.seen[unit]
            if kind != "local" and slot not in each.lost and seen.any():
                best[kind] = min(best.get(kind, 2), each.side[axis])
        return best.get("global"), best.get("either")

    def plane(self, unit: int, source: int, *, everything: bool, either: bool = True) -> set[Position]:
        """The positions of an input that a unit sees, all axes together.

        everything: by any path; else by those that are global along no axis (either: nor surely so).
        """
        allowed = (
            {"local", "global", "either"} if everything else {"local", "either"} if either else {"local"}
        )
        seen: set[Position] = set()
        for each in self._at(source):
            if allowed.issuperset(each.paths):
                offsets = np.argwhere(each.patch.seen[unit].any(axis=-1)) + np.array(
                    each.patch.origin, dtype=int
                )
                seen.update(map(tuple, offsets.tolist()))
        return seen

    def _at(self, source: int) -> Iterator[Found]:
        return (each for each in self.found if each.source == source)


class PlaneOracle:
    """Everything that can be enumerated of one graph.

    slots: the axes of all inputs.  nobodys: for each node, for each slot, the axes of the node outside which
    its positions are nobody's.  untold: for each node the slots of which nothing is claimed: it joins what
    cannot be compared.  behind: for each node the slots of which several operands that stand one behind the
    other see something, and in which channels: there what lies outside one of them is another's.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sizes = [sizes_of(graph, index) for index in range(len(graph.nodes))]
        self.slots = tuple(
            Slot(source, axis)
            for source, index in enumerate(graph.inputs)
            for axis in range(len(self.sizes[index]) - 1)
        )
        self.readings: list[tuple[Reading, ...]] = [
            readings(graph, index) if node.inputs else () for index, node in enumerate(graph.nodes)
        ]
        self.nobodys: list[dict[int, frozenset[int]]] = []
        self.untold: list[frozenset[int]] = []
        self.behind: list[dict[int, Array]] = []
        self._steps: list[list[Places | None]] = []
        # Of a join: for each operand the slots along which it stands still beside one that runs.
        self._still: dict[int, list[set[int]]] = {}
        # Of a product: for each output channel the sides its operands are on.
        self._sides: dict[int, list[Sides]] = {}
        self._matrices: dict[tuple[object, ...], tuple[int, NDArray[np.float32]] | None] = {}
        for index in range(len(graph.nodes)):
            self._prepare(index)

    def seen(self, node: int, units: Iterable[Position], *, clipped: bool = False) -> Seen:
        """What the units at some positions of a node see, each by itself, all of its channels together."""
        channels = self.sizes[node][-1]
        places = [tuple(unit) for unit in units]
        low = tuple(map(min, zip(*places, strict=True)))
        high = tuple(map(max, zip(*places, strict=True)))
        shape = tuple(b - a + 1 for a, b in zip(low, high, strict=True))
        array = empty((len(places), *shape, channels))
        for number, place in enumerate(places):
            array[(number, *(p - a for p, a in zip(place, low, strict=True)))] = True
        return self._sweep(node, Patch(low, array), clipped)

    def _prepare(self, index: int) -> None:
        """The rates of a node, where its positions are nobody's, and the sides of its operands."""
        node, sizes = self.graph.nodes[index], self.sizes[index]
        own: list[Places | None] = [still(sizes) for _ in self.slots]
        nobodys: dict[int, frozenset[int]] = {}
        untold: set[int] = set()
        behind: dict[int, Array] = {}
        self._steps.append(own)
        self.untold.append(frozenset())
        self.behind.append(behind)
        self.nobodys.append(nobodys)
        if not node.inputs:
            for number, slot in enumerate(self.slots):
                if self.graph.inputs[slot.source] == index:
                    own[number] = advancing(sizes, slot.axis)
            return
        views = (
            [self._view(index, number) for number in range(len(node.inputs))] if len(node.inputs) > 1 else []
        )
        still_slots: list[set[int]] = [set() for _ in node.inputs]
        whole: list[set[int]] = [set() for _ in node.inputs]
        for slot in range(len(self.slots)):
            present, possible = self._present(views, slot) if views else ([0], [0])
            arriving = {
                number: self._onward(index, number, slot, untold)
                for number in dict.fromkeys(present + possible)
            }
            for number, (steps, _) in arriving.items():
                if steps is not None and not moves(steps) and not any(step.rate for step in steps[-1]):
                    # Its channels may see what lies apart, no position stands beside another.
                    whole[number].add(slot)
            running = {number for number, (steps, _) in arriving.items() if steps is None or moves(steps)}
            if any(arriving[number][0] is not None for number in running):
                for number in arriving.keys() - running:
                    still_slots[number].add(slot)
                    del arriving[number]
                present = [number for number in present if number in arriving]
            outside = frozenset().union(*(axes for _, axes in arriving.values()))
            steps = [arriving[number][0] for number in present]
            if not present:
                # What may be local moves as far as it does.
                steps = [each for each, _ in arriving.values()] or [still(sizes)]
            own[slot] = steps[0]
            if len(arriving) > 1:
                own[slot], outside = self._joined(slot, arriving, set(present), untold, sizes)
            elif None in steps:
                own[slot] = None
            if concat_axis(node.arguments) is not None:
                several = _several_see(views, slot, sizes[-1])
                behind.update({slot: several} if several.any() else {})
            nobodys[slot] = outside
        self.untold[index] = frozenset(untold)
        self._still[index] = still_slots
        if node.op in ("mul", "div") and views:
            self._sides[index] = self._sides_of(views, whole, sizes[-1])

    def _onward(
        self, index: int, number: int, slot: int, untold: set[int]
    ) -> tuple[Places | None, frozenset[int]]:
        """The rates that come from one operand, and the axes outside which positions are nobody's."""
        operand, reading = self.graph.nodes[index].inputs[number], self.readings[index][number]
        if isinstance(reading, Parts):
            reading = reading.together
        if slot in self.untold[operand]:
            untold.add(slot)
        before = self._steps[operand][slot]
        read = self.readings[index][number]
        steps = None if before is None else onward(before, read, self.sizes[operand], self.sizes[index])
        outside = self.nobodys[operand].get(slot, frozenset())
        if not outside:
            return steps, outside
        if isinstance(reading, Separable):
            placed = bool(reading.axes) and not reading.everywhere
            kept = (k for k in outside if placed and reading.axes[k].kind not in ("whole", "spread"))
            return steps, frozenset(kept)
        if reading.flat is not None:
            untold.add(slot)
            return steps, frozenset()
        digits = {digit for k in outside for digit in reading.operand[k]}
        return steps, frozenset(k for k, ids in enumerate(reading.output[:-1]) if digits.intersection(ids))

    def _joined(
        self,
        slot: int,
        arriving: dict[int, tuple[Places | None, frozenset[int]]],
        present: set[int],
        untold: set[int],
        sizes: tuple[int, ...],
    ) -> tuple[Places | None, frozenset[int]]:
        """The same of a join of several operands that see something of the slot."""
        known = [(steps, outside) for steps, outside in arriving.values() if steps is not None]
        if len(known) < len(arriving) or any(None in rates(steps).values() for steps, _ in known):
            untold.add(slot)
            return None, frozenset()
        vectors = [rates(steps) for steps, _ in known]
        outside = frozenset().union(*(axes for _, axes in known))
        if not outside and all(vector == vectors[0] for vector in vectors[1:]):
            if all(steps == known[0][0] for steps, _ in known[1:]):
                return known[0][0], frozenset()
            axes = [
                (still([size])[0][0]._replace(rate=vectors[0].get(k, 0)),) for k, size in enumerate(sizes)
            ]
            inner = (place for steps, _ in known for place in steps[:-1] if rate(place) == 0)
            if any(step.rate != 0 for place in inner for step in place):
                # Each moves in its own way inside of what stands still.
                untold.add(slot)
                return None, frozenset()
            mixed = any(step.rate != 0 for steps, _ in known for step in steps[-1])
            axes[-1] = (axes[-1][0]._replace(rate=None if mixed else 0),)
            return tuple(axes), frozenset()
        if set(arriving) != present:
            untold.add(slot)
        return known[0][0], outside.union(*vectors)

    def _view(self, index: int, number: int) -> Seen:
        """What each channel of a join sees through one operand, from all real positions together."""
        *axes, channels = self.sizes[index]
        array = empty((channels, *axes, channels))
        for channel in range(channels):
            array[(channel, ..., channel)] = True
        return self._sweep(index, Patch((0,) * len(axes), array), False, number)

    def _present(self, views: Sequence[Seen], slot: int) -> tuple[list[int], list[int]]:
        """The operands of which something is seen without a global path, surely and possibly."""
        found: tuple[list[int], list[int]] = ([], [])
        for number, view in enumerate(views):
            units = range(len(view.undefined))
            if any(view.positions(unit, slot, "local") for unit in units):
                found[0].append(number)
            elif any(view.positions(unit, slot, "either") for unit in units):
                found[1].append(number)
        return found

    def _sides_of(self, views: Sequence[Seen], whole: Sequence[set[int]], channels: int) -> list[Sides]:
        """For each channel of a product, which side its operands are on, slot by slot.

        They are on the main path where all of them are global on theirs, or the same from everywhere.
        whole: for each operand the slots along which it is that.
        """
        result = []
        for channel in range(channels):
            sides = []
            for slot in range(len(self.slots)):
                ways = []
                for view, without in zip(views, whole, strict=True):
                    if view.strict(channel, slot):
                        sure, perhaps = view.global_side(slot, channel)
                        ways.append(0 if slot in without else 2 if sure is None else sure)
                        if perhaps is not None:
                            ways[-1] = min(ways[-1], max(1, perhaps))
                absent = len(ways) < len(views)
                sides.append(max([int(absent), *ways]) if ways else 0)
            result.append(tuple(sides))
        return result

    # --- the sweep

    def _sweep(self, node: int, start: Patch, clipped: bool, only: int | None = None) -> Seen:
        """Back from some elements; only: through this operand of the node alone."""
        none = (0,) * len(self.slots)
        *axes, channels = self.sizes[node]
        places = (*(on_axis((Digit(size),), size, none) for size in axes), (Digit(channels),))
        pending: list[dict[State, Patch]] = [{} for _ in range(node + 1)]
        pending[node][State(places, none)] = start
        undefined = np.zeros(start.seen.shape[0], dtype=np.bool_)
        found: list[Found] = []
        for index in range(node, -1, -1):
            for state, patch in self._parted(index, pending[index], clipped):
                if index in self.graph.inputs:
                    found.append(self._found(index, state, patch))
                    continue
                for number, operand in enumerate(self.graph.nodes[index].inputs):
                    if index == node and only not in (None, number):
                        continue
                    reads = self._read(index, number, state, patch, clipped, undefined)
                    for after, read in self._placed(index, number, reads, clipped):
                        earlier = pending[operand].get(after)
                        pending[operand][after] = read if earlier is None else union(earlier, read)
            pending[index] = {}
        return Seen(self.slots, found, undefined)

    def _parted(self, index: int, states: dict[State, Patch], clipped: bool) -> Iterator[tuple[State, Patch]]:
        """The elements of a node, with those apart whose positions are nobody's along some axis."""
        parts = list(states.items())
        if not clipped:
            for slot, axes in self.nobodys[index].items():
                if not axes:
                    continue
                parts = [
                    part for state, patch in parts for part in self._lost(index, axes, slot, state, patch)
                ]
        return iter(parts)

    def _placed(
        self, index: int, number: int, reads: Iterable[tuple[State, Patch]], clipped: bool
    ) -> Iterator[tuple[State, Patch]]:
        """What is read of an operand, with that apart which lies outside it, where others stand."""
        operands = self.graph.nodes[index].inputs
        axis, parts = concat_axis(self.graph.nodes[index].arguments), list(reads)
        ends = (number == 0, number == len(operands) - 1)
        for slot, channels in () if axis is None or clipped else self.behind[index].items():
            parts = [
                part
                for state, patch in parts
                for part in self._lost(operands[number], {axis}, slot, state, patch, ends, channels)
            ]
        return iter(parts)

    def _lost(
        self,
        index: int,
        axes: AbstractSet[int],
        slot: int,
        state: State,
        patch: Patch,
        ends: tuple[bool, bool] = (False, False),
        channels: Array | None = None,
    ) -> Iterator[tuple[State, Patch]]:
        """The elements of a node inside its map, and those that are lost for a slot.

        ends: whether the map runs on before its first position, and behind its last one.
        channels: those that are lost outside of it, where not all are.
        """
        inside = np.ones(patch.seen.shape[1:-1], dtype=np.bool_)
        for axis in axes:
            where = np.arange(inside.shape[axis]) + patch.origin[axis]
            within = (ends[0] | (where >= 0)) & (ends[1] | (where < self.sizes[index][axis]))
            inside &= within.reshape([-1 if k == axis else 1 for k in range(inside.ndim)])
        kept = inside[None, ..., None] | (False if channels is None else ~channels)
        for mask, lost in ((kept, state.lost), (~kept, state.lost | {slot})):
            seen = patch.seen & mask
            if seen.any():
                yield state._replace(lost=lost), Patch(patch.origin, seen)

    def _found(self, index: int, state: State, patch: Patch) -> Found:
        source = self.graph.inputs.index(index)
        own = [slot for slot in self.slots if slot.source == source]
        kinds, sides = [], []
        for slot in own:
            place = state.places[slot.axis]
            number = self.slots.index(slot)
            told = [digit.side[number] for digit in place if digit.kind == "G" and digit.side]
            kind = _path_kind(place)
            for beside, which, side in state.beside:
                if beside == number:
                    told.append(side)
                    kind = "global" if which == "global" else kind if kind != "local" else "either"
            kinds.append(kind)
            # Where its digits are read by different ways, either could be said.
            sides.append(told[0] if len(set(told)) == 1 else 1 if told else 0)
        return Found(source, tuple(kinds), tuple(sides), state.lost, state.moved, patch)

    def _read(
        self,
        index: int,
        number: int,
        state: State,
        patch: Patch,
        clipped: bool,
        undefined: Array,
    ) -> Iterator[tuple[State, Patch]]:
        """The elements of an operand that some elements of a node read."""
        node = self.graph.nodes[index]
        operand, reading = node.inputs[number], self.readings[index][number]
        sizes = self.sizes[operand]
        if node.op in DATA_MOVES:
            state = state._replace(moved=True)
        if isinstance(reading, Rearranged):
            places = through_rearranged(state.places, reading, sizes, state.shown)
            moved, lost = rearranged(reading, patch, sizes, self.sizes[index])
            undefined |= lost
            if moved is not None:
                made = {number for ids in reading.output[:-1] for number in ids}
                from_channels = made.intersection(*reading.operand[-1:])
                shown = state.shown or any(reading.sizes[number] > 1 for number in from_channels)
                yield self._arrived(state._replace(places=places, shown=shown), moved, sizes)
            return
        for sides, channels in self._by_side(index, reading):
            seen = patch.seen if channels is None else patch.seen & channels
            if seen.any():
                side = tuple(map(max, state.side, sides))
                still = self._still[index][number] if index in self._still else ()
                kind = "either" if node.op == "concat" else "global"
                beside = state.beside.union((slot, kind, side[slot]) for slot in still)
                part = state._replace(side=side, beside=beside)
                for each in reading.parts if isinstance(reading, Parts) else (reading,):
                    yield from self._separable(index, operand, each, part, Patch(patch.origin, seen), clipped)

    def _by_side(self, index: int, reading: Separable | Parts) -> Iterator[tuple[Sides, Array | None]]:
        """The output channels of a node by the side that the operand is on."""
        sides = self._sides.get(index)
        if sides is None:
            yield (0,) * len(self.slots), None
            return
        for each in sorted(set(sides)):
            yield each, np.array([side == each for side in sides])

    def _separable(
        self, index: int, operand: int, reading: Separable, state: State, patch: Patch, clipped: bool
    ) -> Iterator[tuple[State, Patch]]:
        *axes, _ = sizes = self.sizes[operand]
        if not reading.axes and patch.seen.ndim > 2:
            # A vector beside a map: every position reads all of it.
            patch = Patch((), patch.seen.any(axis=tuple(range(1, patch.seen.ndim - 1))))
            sides = [
                state.side if digit.kind in ("P", "F") else digit.side
                for place in state.places[:-1]
                for digit in place
                if digit.side
            ]
            channel = state.places[-1]
            if sides:
                # Which axis of the input lies along which of the map is not told: where ways differ, either.
                way = either(sides)
                told = [any(digit.side for digit in place) for place in state.places[:-1]]
                channel = tuple(
                    d._replace(kind="S" if all(told) else "A", side=way)
                    if d.kind in ("", "F")
                    else d._replace(side=either([d.side, way]))
                    if d.kind == "G"
                    else d
                    for d in channel
                )
            state = state._replace(places=(channel,))
        if reading.everywhere:
            # One position of each axis stands for all that read it.
            along = tuple(range(1, patch.seen.ndim - 1))
            seen = patch.seen.any(axis=along).reshape(len(patch.seen), *(1,) * len(axes), -1)
            patch = Patch((0,) * len(axes), seen)
            places = read_by_all(state.places, len(axes))
            # Of what channels hold it is not told whether it is shown along the axes that the operand lacks.
            more = any(digit.side for place in state.places[len(axes) : -1] for digit in place)
            channel = all_alike(state.places[-1], ("", "F")) if more else state.places[-1]
            state = state._replace(places=(*places, channel))
        elsewhere = [(False, True) if axis.kind == "others" else (False,) for axis in reading.axes]
        relation = reading.channels.table
        own = tuple((c,) for c in range(len(relation)))
        rest = tuple(tuple(d for d in row if d != c) for c, row in enumerate(relation))
        tables = ((own, 0), (rest, 1)) if reading.statistics else ((relation, 0),)
        for chosen in product(*elsewhere):
            current = patch
            for k, (axis, other) in enumerate(zip(reading.axes, chosen, strict=True)):
                # Only an element itself may lie outside the map: all else that is read of it is real.
                part = "other" if other else "real" if any(chosen) and axis.kind == "others" else "own"
                moved = self._along(current, k, axis, part, axes[k], clipped)
                if moved is None:
                    break
                current = moved
            else:
                for table, statistic in tables:
                    side = 2 if reading.statistics and any(chosen) else statistic
                    sides = tuple(max(each, side) for each in state.side)
                    read = channels_read(current, table, sizes[-1])
                    if read is None:
                        continue
                    places = [
                        through_axis(place, axis, other, size, sides)
                        for place, axis, other, size in zip(
                            state.places, reading.axes, chosen, axes, strict=False
                        )
                    ]
                    channels = through_channels(state.places[-1], reading.channels, sizes[-1], sides)
                    places.append(all_alike(channels) if state.shown else channels)
                    after = state._replace(places=tuple(places), side=sides)
                    yield self._arrived(after, read, sizes)

    def _arrived(self, state: State, patch: Patch, sizes: tuple[int, ...]) -> tuple[State, Patch]:
        places = [on_axis(place, n, state.side) for place, n in zip(state.places[:-1], sizes, strict=False)]
        # Where positions are still to be mixed, what counts is the side by which they are.
        told = tuple(passed(place, state.side) for place in (*places, state.places[-1]))
        return state._replace(places=told), trimmed(patch)

    def _along(self, patch: Patch, k: int, axis: Axis, part: str, size: int, clipped: bool) -> Patch | None:
        """What is read along one axis; None for nothing.

        part: of an axis that is read as a whole beside the own position "own", the own one where it is
        "real", or each "other" one.
        """
        low, length = patch.origin[k], patch.seen.shape[k + 1]
        key = (axis, part, size, clipped, low, length)
        if key not in self._matrices:
            self._matrices[key] = matrix(axis, part, size, clipped, low, length)
        read = self._matrices[key]
        if read is None:
            return None
        first, table = read
        room((*patch.seen.shape[: k + 1], table.shape[1], *patch.seen.shape[k + 2 :]))
        moved = np.moveaxis(patch.seen, k + 1, -1).astype(np.float32) @ table > 0
        origin = (*patch.origin[:k], first, *patch.origin[k + 1 :])
        return Patch(origin, np.moveaxis(moved, -1, k + 1)) if moved.any() else None


def _several_see(views: Sequence[Seen], slot: int, channels: int) -> Array:
    """Of which channels more than one of the operands of a join sees something of a slot."""
    return np.array([sum(bool(view.strict(c, slot)) for view in views) > 1 for c in range(channels)])


def _path_kind(place: Place) -> str:
    """Whether a path that arrives at an axis of an input has been global along it."""
    return {"G": "global", "A": "either", "S": "either"}.get(merged(place).kind, "local")
