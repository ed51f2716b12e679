"""The dilated layers behind a field with holes, and the smallest change of their rates that closes them.

Along one axis the units of a map see the union, over all ways back to the input, of sums of taps.  The
layers on those ways are a small program from which the exact set follows for any rates, one operation on
sets of positions per layer; other rates are tried in the order of how much they change in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rfcalc.analysis.supports import Support, progression, union
from rfcalc.lint.network.fields import local_taps
from rfcalc.lint.rule import Subject
from rfcalc.ops.reads import AxisMap, Window

# Layers, all tries taken together, that are worked out in search of better rates.
MOST_STEPS = 20_000
# The furthest rates are changed in all.
MOST_CHANGE = 8
# A mask longer than this is not tried.
MASK_BITS = 2**14


class _Reading(NamedTuple):
    """How a layer reads an earlier one; both by their place in the program."""

    operand: int
    window: Window


class _Layer(NamedTuple):
    """One layer of a program: the node it is, what it reads; nothing for an input of the network."""

    node: int
    reads: tuple[_Reading, ...]


class DilatedStack(NamedTuple):
    """The layers before a map that decide what its units see along one axis.

    node: the map.  program: the layers, inputs first.  rates: the dilation of each layer that has one.
    """

    node: int
    program: tuple[_Layer, ...]
    rates: Mapping[int, int]

    def support(self, rates: Mapping[int, int]) -> Support | None:
        """What unit 0 sees of the input, with other rates for some layers."""
        seen: list[Support | None] = []
        strides: list[int] = []
        for node, reads in self.program:
            if not reads:
                seen.append(Support(0, 0))
                strides.append(1)
                continue
            parts = []
            for operand, window in reads:
                part, stride = seen[operand], strides[operand]
                if part is not None:
                    rate = rates.get(node, window.dilation)
                    before = _padding(window, rate)
                    parts.append(
                        progression(part.shifted(-stride * before), stride * rate, window.kernel, MASK_BITS)
                    )
            seen.append(union(parts, MASK_BITS))
            strides.append(strides[reads[0].operand] * reads[0].window.stride)
        return seen[-1]

    def better_rates(self) -> tuple[Mapping[int, int], int] | None:
        """The rates changed as little as possible so that no hole is left, and the span of the field then.

        Of equally small changes the one with the longest field.  None when none is found within the limits.
        """
        nodes = tuple(self.rates)
        tries = MOST_STEPS // len(self.program)
        for change in range(1, MOST_CHANGE + 1):
            best: tuple[int, Mapping[int, int]] | None = None
            for rates in _changed([self.rates[node] for node in nodes], change):
                tries -= 1
                if tries < 0:
                    return None
                chosen = dict(zip(nodes, rates, strict=True))
                seen = self.support(chosen)
                if seen is not None and seen.holes == 0 and (best is None or seen.span > best[0]):
                    best = seen.span, chosen
            if best is not None:
                return best[1], best[0]
        return None

    @property
    def longest_gap(self) -> int:
        """How many positions in a row are not seen, at most; 0 where there are none or they are not known."""
        seen = self.support({})
        if seen is None or not seen.mask:
            return 0
        return max(map(len, f"{seen.mask:b}".split("1")))

    @property
    def is_cause(self) -> bool:
        """Whether rates of 1 leave no hole: otherwise strides do."""
        seen = self.support(dict.fromkeys(self.rates, 1))
        return seen is not None and seen.holes == 0


def dilated_stack(subject: Subject, node: int, axis: int, source: int) -> DilatedStack | None:
    """The layers before a node along one of its axes; None where not all of them read through windows.

    Only what comes from input number `source` counts.
    """
    nodes = subject.graph.nodes
    fields = subject.analysis.fields.nodes
    # Backwards: which axis of each node the axis runs along.
    along = {node: axis}
    readings: dict[int, list[tuple[int, AxisMap]]] = {}
    for index in range(node, -1, -1):
        if index not in along:
            continue
        readings[index] = []
        for operand, reads in zip(nodes[index].inputs, nodes[index].facts.reads or (), strict=False):
            if fields[operand].inputs[source] is None:
                continue
            for place, read in enumerate(reads):
                taps = local_taps(read)
                if read is None or taps is None or read.axis != along[index]:
                    continue
                if not isinstance(taps, Window) or along.setdefault(operand, place) != place:
                    return None
                readings[index].append((operand, taps))
        if nodes[index].inputs and not readings[index]:
            return None
    return _stack(node, readings)


def _stack(node: int, readings: Mapping[int, Sequence[tuple[int, AxisMap]]]) -> DilatedStack | None:
    """The program, without the layers that hand on what one layer sees."""
    program: list[_Layer] = []
    places: dict[int, int] = {}
    rates: dict[int, int] = {}
    for index in sorted(readings):
        found = tuple(
            dict.fromkeys(
                _Reading(places[operand], window)
                for operand, window in readings[index]
                if isinstance(window, Window)
            )
        )
        if len(found) == 1 and found[0].window[:4] == (1, 1, 0, 1):
            places[index] = found[0].operand
            continue
        for reading in found:
            if reading.window.kernel > 1 and reading.window.dilation > 1:
                rates[index] = reading.window.dilation
        places[index] = len(program)
        program.append(_Layer(index, found))
    if sum(not layer.reads for layer in program) != 1 or places[node] != len(program) - 1:
        return None
    return DilatedStack(node, tuple(program), rates)


def _padding(window: Window, rate: int) -> int:
    """The padding in front that a window has with another rate: as much of its reach as before."""
    scaled, rest = divmod(window.before * rate, window.dilation)
    return window.before if rest else scaled


def _changed(rates: Sequence[int], change: int) -> Iterator[tuple[int, ...]]:
    """The rates with changes of `change` in all; no rate falls below 1."""
    if not rates:
        if change == 0:
            yield ()
        return
    first, rest = rates[0], rates[1:]
    for own in range(change + 1):
        if not rest and own != change:
            continue
        for rate in dict.fromkeys((first - own, first + own)):
            if rate >= 1:
                for others in _changed(rest, change - own):
                    yield (rate, *others)
