"""Which units of a layer see some positions of an input: one pass forwards for all units at once.

`support` asks of one unit what it reads; this asks of the positions who reads them.  Each layer takes from
its operands, as a Boolean array, which of their elements see any of the positions, so that no unit is
followed by itself.  What is read, by which channels and past which borders, is what `plane` sweeps back over.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.axis_state import UNKNOWN
from rfcalc.analysis.fields.global_paths import GlobalPaths
from rfcalc.analysis.fields.patches import (
    ONE_BY_ONE,
    ONE_LAYER,
    PatchEffort,
    any_channel,
    known,
    source_places,
)
from rfcalc.analysis.fields.products import real_positions
from rfcalc.analysis.fields.taken_apart import shows_channels
from rfcalc.ops.axis_maps import Window, count_of
from rfcalc.ops.reads import Everything, local_taps
from rfcalc.records import NamedTuple

if TYPE_CHECKING:
    from rfcalc.analysis.fields.axis_state import Reads
    from rfcalc.analysis.fields.patches import Array, Places
    from rfcalc.analysis.fields.receptive_field import FieldAnalysis
    from rfcalc.graph.ir import Node
    from rfcalc.ops.axis_maps import AxisMap
    from rfcalc.ops.facts import Facts

# The entries that one pass may take, some seconds, and those of one array: 32 MiB.
_EFFORT, _MOST_POSITIONS = 2**32, 2**25


class _ReadOperand(NamedTuple):
    """That a node reads an operand, of which channels are told apart or not; see Patch.

    place: which of its operands.  moved: whether elements are rearranged on the way.
    """

    operand: int
    told: bool
    place: int
    moved: bool


def units_seeing(
    fields: FieldAnalysis, node: int, positions: Sequence[Array], source: int, *, everything: bool
) -> Array:
    """Whether each unit of a node sees any of a product of positions of input number `source`.

    positions: along each axis of the input, whether each belongs to them.  Nothing outside of a map is seen;
    everything: as for `support`.  Raises OutOfReachError, with the reason, where that is not known.
    """
    for slot, state in zip(fields.slots, fields.states[node], strict=True):
        if slot.source == source and state is not None and state.remarks & UNKNOWN:
            raise OutOfReachError(state.reason)
    return _Seeing(fields, source, everything).of(node, positions)


class _Seeing:
    """The pass: first what of each layer is asked, backwards, then the answers, forwards."""

    def __init__(self, fields: FieldAnalysis, source: int, everything: bool) -> None:
        self.graph = fields.graph
        self.fields = fields
        self.everything = everything
        self.paths = GlobalPaths(fields, source)
        self.source = fields.graph.inputs[source]
        self.slots = [number for number, slot in enumerate(fields.slots) if slot.source == source]
        self.budget = PatchEffort(_EFFORT, _MOST_POSITIONS)
        self.places: dict[tuple[AxisMap, int, int], Places] = {}

    def of(self, node: int, positions: Sequence[Array]) -> Array:
        import numpy as np

        asked = self._asked(node)
        last = {
            (each.operand, each.told): index for index, told in sorted(asked) for each in asked[index, told]
        }
        sizes = [known(size) for size in self.graph.nodes[node].facts.output.axes]
        region = np.ones((1,) * len(positions), dtype=np.bool_)
        self.budget.room(prod(len(each) for each in positions))
        for axis, along in enumerate(positions):
            region = region & along.reshape([-1 if axis == other else 1 for other in range(len(positions))])
        found: dict[tuple[int, bool], Array] = {(self.source, False): region[..., None]}
        for index, told in sorted(asked):
            if index == self.source:
                continue
            self.budget.take(ONE_LAYER)
            answers = [
                self._answer(index, each, found[each.operand, each.told])
                for each in asked[index, told]
                if (each.operand, each.told) in found
            ]
            if answers:
                result = answers[0]
                for answer in answers[1:]:
                    result = result | answer
                found[index, told] = result
            for each in asked[index, told]:
                if last[each.operand, each.told] <= index:
                    found.pop((each.operand, each.told), None)
        seen = found.get((node, False))
        if seen is None:
            return np.zeros(sizes, dtype=np.bool_)
        return np.broadcast_to(np.asarray(seen.any(axis=-1)), sizes)

    def _asked(self, node: int) -> dict[tuple[int, bool], list[_ReadOperand]]:
        """What is to be known of which layers: for each what it reads; channels told apart or not."""
        asked: dict[tuple[int, bool], list[_ReadOperand]] = {}
        open_ = {(node, False)}
        while open_:
            # The last layer first: whoever reads a layer has been there by then.
            key = max(open_)
            open_.remove(key)
            asked[key] = [] if key[0] == self.source else self._read_operands(*key)
            open_ |= {(each.operand, each.told) for each in asked[key]}
        return asked

    def _read_operands(self, index: int, told: bool) -> list[_ReadOperand]:
        node = self.graph.nodes[index]
        facts, found = node.facts, []
        if not node.inputs:
            return []
        if facts.reads is None or len(facts.reads) != len(node.inputs):
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        order = facts.rearranged
        shown = told or (order is not None and shows_channels(order))
        for place, (operand, reads) in enumerate(zip(node.inputs, facts.reads, strict=True)):
            if all(self.fields.states[operand][slot] is None for slot in self.slots):
                # Nothing of the input is behind it.
                continue
            moved = order is not None and (
                None in reads or facts.spreads_channels or index in self.fields.needed
            )
            told_before = shown and operand in self.fields.by_channel
            if not moved:
                told_before = told_before and self._tells(index, operand)
            if self.everything or not self.paths.spreads(index, operand, told, told_before, reads):
                found.append(_ReadOperand(operand, told_before, place, moved))
        return found

    def _tells(self, index: int, operand: int) -> bool:
        """Whether channels of an operand that are told apart still are in a node."""
        facts = self.graph.nodes[index].facts
        width = self.graph.nodes[operand].facts.output.channels
        if width == 1 or operand not in self.fields.needed:
            return False
        return facts.channels == "select" or (
            index in self.fields.needed and facts.channels in ("stack", "each", "group")
        )

    def _answer(self, index: int, reading: _ReadOperand, seen: Array) -> Array:
        """Which elements of a node see something by what they read of one operand."""
        import numpy as np

        node = self.graph.nodes[index]
        assert node.facts.reads is not None
        if reading.moved:
            return self._kept(index, self._moved(node.facts, seen))
        reads = node.facts.reads[reading.place]
        flat = self._channels(seen, index, reading)
        # Of others a unit sees what the map holds; itself also past its borders.
        itself = any(isinstance(read, Everything) and read.local is not None for read in reads)
        answers = [
            answer
            for alone in ((False, True) if itself else (False,))
            if (answer := self._through(flat, reads, node, reading.operand, alone=alone)) is not None
        ]
        if not answers:
            return np.zeros((1,) * (len(node.facts.output.axes) + 1), dtype=np.bool_)
        return self._kept(index, answers[0] if len(answers) == 1 else answers[0] | answers[1])

    def _kept(self, index: int, result: Array) -> Array:
        """Channels apart where a later layer tells them apart."""
        return result if index in self.fields.needed else any_channel(result)

    def _channels(self, seen: Array, index: int, reading: _ReadOperand) -> Array:
        """What channels of a node see at each place of an operand; one entry where they all see the same."""
        import numpy as np

        node, operand = self.graph.nodes[index], self.graph.nodes[reading.operand]
        facts, width, count = node.facts, operand.facts.output.channels, node.facts.output.channels
        whole = any_channel(seen)
        if (
            not (isinstance(width, int) and isinstance(count, int))
            or reading.operand not in self.fields.needed
            or (reading.place and facts.data_dependent)
        ):
            return whole
        apart = index in self.fields.needed
        if facts.channels == "select":
            start, step = facts.part or (None, None)
            if not isinstance(start, int) or not isinstance(step, int):
                raise OutOfReachError("each position of a layer reads some of the channels")
            chosen = range(start, start + count * step, step)
            real = [place for place in chosen if 0 <= place < width]
            if not apart:
                return any_channel(seen[..., real]) if seen.shape[-1] > 1 else seen
            result = np.zeros((*seen.shape[:-1], count), dtype=np.bool_)
            first = chosen.index(real[0]) if real else 0
            result[..., first : first + len(real)] = seen[..., real] if seen.shape[-1] > 1 else seen
            return result
        if facts.channels is None or (facts.channels == "some" and apart):
            raise OutOfReachError("which channels a layer reads is not known")
        if not apart:
            return whole
        if facts.channels == "stack":
            before = [self.graph.nodes[each].facts.output.channels for each in node.inputs[: reading.place]]
            numbers = [each for each in before if isinstance(each, int)]
            if len(numbers) < len(before):
                return whole
            result = np.zeros((*seen.shape[:-1], count), dtype=np.bool_)
            result[..., sum(numbers) : sum(numbers) + width] = seen
            return result
        if facts.channels == "each" and width == count:
            return seen
        if facts.channels == "group":
            if not isinstance(facts.groups, int):
                if facts.groups is None:
                    raise OutOfReachError("each channel of a layer reads those beside it")
                return whole
            if seen.shape[-1] == 1:
                return seen
            groups = np.asarray(seen.reshape(*seen.shape[:-1], facts.groups, -1).any(axis=-1))
            return groups.repeat(count // facts.groups, axis=-1)
        return whole

    def _through(
        self, seen: Array, reads: Reads, node: Node, operand: int, *, alone: bool = False
    ) -> Array | None:
        """What units see by what they read along the axes of an operand; alone: of itself, as in `plane`."""
        import numpy as np

        axes, target = self.graph.nodes[operand].facts.output.axes, node.facts.output.axes
        if len(reads) != len(axes) or None in reads:
            raise OutOfReachError(f"{node.name} does not say which positions it reads")
        fed: list[int] = []
        for place, read in enumerate(reads):
            taps = local_taps(read)
            if isinstance(read, Everything):
                if not alone and (self.everything or not self.paths.leads(operand, place)):
                    taps = None
                elif taps is None:
                    return None
            if taps is None:
                seen = np.asarray(seen.any(axis=len(fed)))
                continue
            assert read is not None
            assert read.axis is not None
            seen = self._along(seen, len(fed), taps, known(axes[place]), known(target[read.axis]))
            fed.append(read.axis)
        if len(set(fed)) < len(fed):
            raise OutOfReachError(f"{node.name} makes two axes of one")
        order = sorted(range(len(fed)), key=fed.__getitem__)
        seen = seen.transpose([*order, len(fed)])
        # Along the other axes of the node all see the same.
        shape = [known(length) if axis in fed else 1 for axis, length in enumerate(target)]
        return seen.reshape([*shape, seen.shape[-1]])

    def _along(self, seen: Array, axis: int, taps: AxisMap, size: int, length: int) -> Array:
        """What units see that read along one axis."""
        import numpy as np

        if seen.shape[axis] == 1 and size > 1:
            seen = seen.repeat(size, axis=axis)
        places = self._places(taps, size, length)
        result: Array | None = None
        # One entry more that sees nothing, for what lies outside.
        blank = np.zeros([1 if each == axis else n for each, n in enumerate(seen.shape)], dtype=np.bool_)
        padded = np.concatenate((seen, blank), axis=axis)
        for tap in range(places.shape[1]):
            self.budget.room(padded.size // padded.shape[axis] * length)
            taken = padded.take(places[:, tap], axis=axis)
            result = taken if result is None else np.logical_or(result, taken, out=result)
        if result is None:
            return np.zeros([length if each == axis else n for each, n in enumerate(seen.shape)], np.bool_)
        return result

    def _places(self, taps: AxisMap, size: int, length: int) -> Places:
        """For each unit the positions that it reads; `size` in place of those outside."""
        import numpy as np

        key = taps, size, length
        found = self.places.get(key)
        if found is not None:
            return found
        border = taps.border if isinstance(taps, Window) else "zero"
        if taps.period == 1 and border == "zero":
            only = taps.taps(0)
            self.budget.room(length * count_of(only))
            places = np.arange(length)[:, None] * taps.shift + np.array(only, dtype=np.int_)[None, :]
            places = np.where((places < 0) | (places >= size), size, places)
        else:
            self.budget.take(ONE_BY_ONE * length)
            reads = [real_positions(taps, unit, size) for unit in range(length)]
            most = max(map(len, reads), default=0)
            self.budget.room(length * most)
            places = np.full((length, most), size, dtype=np.int_)
            for unit, read in enumerate(reads):
                places[unit, : len(read)] = read
        self.places[key] = places
        return places

    def _moved(self, facts: Facts, seen: Array) -> Array:
        """What elements see that come from elsewhere in an operand."""
        import numpy as np

        order = facts.rearranged
        assert order is not None
        shape = [known(size) for size in (*facts.output.axes, facts.output.channels)]
        self.budget.room(prod(shape))
        self.budget.take(16 * prod(shape))
        elements = np.indices(shape, dtype=np.int_).reshape(len(shape), -1).T
        places = source_places(elements, order)
        # Where all see the same along an axis there is one entry for all.
        index = [
            places[:, axis] if length > 1 else places[:, axis] * 0 for axis, length in enumerate(seen.shape)
        ]
        return seen[tuple(index)].reshape(shape)
