"""Which sizes of the inputs a network takes: the lengths along its axes, and what it is at some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rfcalc.analysis.analyze import analyze_graph, analyze_layer, shapes_read
from rfcalc.analysis.evenness import with_rests
from rfcalc.analysis.fields.smallest import smallest_fields
from rfcalc.analysis.figures import COUNTS, total
from rfcalc.analysis.legal_sizes import NOTHING_SHOWN, LegalSizes, Pattern, legal_sizes, pattern_of
from rfcalc.analysis.productive import covering
from rfcalc.errors import UsageError, counted, option
from rfcalc.graph.trial import Misfit, Refused, sizes_meant
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape, Size, format_sizes

if TYPE_CHECKING:
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.graph.ir import Graph
    from rfcalc.graph.trial import Trials

    # A number, or the text of the command line: "512", "512x384".
    AskedSize = int | str | Sequence[int]

FIRST, LAST = 32, 1024
# The counts that there is room for.
SHOWN = ("params", "macs", "activations")
# Rows that are shown unasked; sizes that can be asked for, and the longest.
FEW = 12
MOST_ROWS = 2**12
# So many layers are built for all rows together.
MOST_BUILT = 2**22
# An axis of an input by the place of the input.
InputSlot = tuple[int, int]


class SizeRow(NamedTuple):
    """The network at one size of its inputs.

    length: that of the axes that move; None where lengths differ.  inputs: their sizes.
    uneven: the layers that leave a rest; () for an even one.  outputs: of the network there; costs: its
    counts by name.  changed: the layers with other numbers of parameters than at the size it was written for.
    idle: how many layers have fields as large as the input before them; None where that means nothing.
    refusal: why it cannot be built; then there are none of these.
    """

    length: int | None
    inputs: tuple[Shape, ...]
    uneven: tuple[str, ...] = ()
    outputs: tuple[Shape, ...] = ()
    costs: Mapping[str, Size | None] = {}
    changed: tuple[str, ...] = ()
    idle: int | None = None
    refusal: Misfit | None = None

    @property
    def legal(self) -> bool:
        """Whether it can be built."""
        return self.refusal is None


class SizesAlong(NamedTuple):
    """What is known of some axes that have one length and move together, the others staying as they are.

    slots: these axes.  length: as it is written.  sizes: what is shown.  legal, even: the patterns of the
    lengths at which it can be built, and at which no division leaves a rest; None where none is shown.
    same: the ranges of lengths within those asked for with the parameters of the network as it is written.
    changing: the layers whose parameters depend on the length.
    field: how many positions the field of the network has; infinite where it is global, None for unknown.
    idle: from how small a length on the layers are past the border of productive layers, by their names.
    """

    slots: tuple[InputSlot, ...]
    length: int
    sizes: LegalSizes
    legal: Pattern | None
    even: Pattern | None
    same: tuple[tuple[int, int], ...]
    changing: tuple[str, ...]
    field: float | None
    idle: Mapping[str, int]


class AskedSizes(NamedTuple):
    """The sizes that a network takes, see `input_sizes`.

    analysis: the network at `inputs`, the size it was written for or else the nearest at which it can be
    built.  written: the sizes as they are written.  first, last: the lengths asked for.
    """

    trials: Trials
    analysis: NetworkAnalysis
    written: tuple[Shape, ...]
    first: int
    last: int
    along: tuple[SizesAlong, ...]
    rows: tuple[tuple[SizesAlong | None, SizeRow], ...]
    batch: int

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.analysis.input_names

    def axes_name(self, along: SizesAlong) -> tuple[tuple[str, int, int], ...]:
        """For each input whose axes move: its name, which axis alone, -1 for all, and how many it has."""
        found = []
        for source, shape in enumerate(self.written):
            axes = [axis for place, axis in along.slots if place == source]
            if len(axes) == len(shape.axes):
                found.append((self.input_names[source], -1, len(axes)))
            else:
                found += [(self.input_names[source], axis, len(shape.axes)) for axis in axes]
        return tuple(found)


def input_sizes(
    trials: Trials,
    sizes: Iterable[AskedSize] = (),
    *,
    first: int = FIRST,
    last: int = LAST,
    each: bool = False,
    every: bool = False,
    batch: int = 1,
) -> AskedSizes:
    """At which sizes of its inputs a network can be built, and what it is there.

    Axes of one length move together, those of all inputs; each: every axis moves by itself.
    sizes: those that are asked for, a number for all axes, or 512x384; else some from first to last, or with
    `every` all of them.  batch: the number of examples.
    Raises UsageError for what is no size, and where lengths are symbols; DescriptionError where the network
    can be built at no size, or states none.
    """
    if not 1 <= first <= last:
        raise UsageError(f"the lengths from {first:,} to {last:,} are none")
    if last > MOST_ROWS * 4:
        raise UsageError(f"lengths up to {MOST_ROWS * 4:,} are looked at, not up to {last:,}")
    if every and last - first >= MOST_ROWS:
        raise UsageError(f"there are {last - first + 1:,} sizes; more than {MOST_ROWS:,} are not listed")
    shapes = trials.shapes()
    lengths = [length for shape in shapes.values() for length in shape.sizes()]
    if not all(isinstance(length, int) for length in lengths):
        raise UsageError(f"sizes are counted in numbers: say an input size with {option('input')}")
    if not any(shape.axes for shape in shapes.values()):
        raise UsageError("the input has no spatial axis, and so one size")
    return _Asking(trials, shapes, first, last, batch).asked([*sizes], each, every)


class _Asking:
    """What is worked out for one network."""

    def __init__(self, trials: Trials, shapes: dict[str, Shape], first: int, last: int, batch: int) -> None:
        self.trials = trials
        self.shapes = shapes
        self.first = first
        self.last = last
        self.batch = batch

    def asked(self, given: list[AskedSize], each: bool, every: bool) -> AskedSizes:
        chosen = [self._given(size) for size in given]
        groups = self._groups(each)
        found = [(slots, length, self._legal(slots)) for slots, length in groups]
        analysis = self._analysis(found)
        along = [self._along(analysis, *one) for one in found]
        shown: list[tuple[SizesAlong | None, int | None, Mapping[str, Shape]]] = [
            (None, None, shapes) for shapes in chosen
        ]
        if not given:
            for one in along:
                lengths = range(self.first, self.last + 1) if every else _telling(one, self.first, self.last)
                shown += [(one, length, _with(self.shapes, one.slots, length)) for length in lengths]
        _refuse_work(len(shown), analysis)
        rows = [
            (one, self._row(shapes, analysis, length, along if one is None else [one]))
            for one, length, shapes in shown
        ]
        return AskedSizes(
            trials=self.trials,
            analysis=analysis,
            written=tuple(self.shapes.values()),
            first=self.first,
            last=self.last,
            along=tuple(along),
            rows=tuple(rows),
            batch=self.batch,
        )

    def _groups(self, each: bool) -> list[tuple[tuple[InputSlot, ...], int]]:
        """The axes that move together, with their length."""
        slots: dict[object, list[InputSlot]] = {}
        for source, shape in enumerate(self.shapes.values()):
            for axis, length in enumerate(shape.axes):
                slots.setdefault((source, axis) if each else length, []).append((source, axis))
        groups = [tuple(group) for group in slots.values()]
        return [(group, self._length(group[0])) for group in groups]

    def _length(self, slot: InputSlot) -> int:
        length = [*self.shapes.values()][slot[0]].axes[slot[1]]
        assert isinstance(length, int)
        return length

    def _at(self, slots: Sequence[InputSlot], length: Size) -> Graph:
        """The network with another length along some axes; raises Refused."""
        return self.trials.at(_with(self.shapes, slots, length))

    def _legal(self, slots: Sequence[InputSlot]) -> LegalSizes:
        if self.trials.again is not None:
            return NOTHING_SHOWN
        return legal_sizes(partial(self._at, slots), partial(_starts, slots=slots), self.last)

    def _analysis(self, found: list[tuple[tuple[InputSlot, ...], int, LegalSizes]]) -> NetworkAnalysis:
        """The analysis of the network as it is written, or else at the nearest size that can be built."""
        try:
            return analyze_graph(self.trials.at(self.shapes))
        except Refused as refused:
            for slots, length, sizes in found:
                for near in sorted(range(1, 2 * self.last), key=partial(_distance, length)):
                    verdict = sizes.at(near)
                    if verdict is not None and verdict.legal:
                        return analyze_graph(self.trials.at(_with(self.shapes, slots, near)))
            raise refused.refusal.error from None

    def _along(
        self, analysis: NetworkAnalysis, slots: tuple[InputSlot, ...], length: int, sizes: LegalSizes
    ) -> SizesAlong:
        params = _costs(analysis.graph, 1)["params"]
        changing: dict[str, None] = {}
        same: list[tuple[int, int]] = []
        for at in range(1, self.last + 1):
            verdict = sizes.at(at)
            if verdict is None or not verdict.legal:
                continue
            changing |= dict.fromkeys(verdict.changing)
            if verdict.params == params:
                joined = bool(same) and same[-1][1] == at - 1
                same.append((same.pop()[0], at) if joined else (at, at))
        return SizesAlong(
            slots=slots,
            length=length,
            sizes=sizes,
            legal=pattern_of(sizes, lambda verdict: verdict.legal),
            even=pattern_of(sizes, lambda verdict: verdict.legal and verdict.even),
            same=tuple(same),
            changing=tuple(changing),
            field=_field(analysis, slots),
            idle=_idle(analysis, slots),
        )

    def _given(self, given: AskedSize) -> dict[str, Shape]:
        """The sizes of all inputs that are meant."""
        text = (
            given if isinstance(given, str) else str(given) if isinstance(given, int) else format_sizes(given)
        )
        return sizes_meant(self.shapes, [text])

    def _row(
        self,
        shapes: Mapping[str, Shape],
        analysis: NetworkAnalysis,
        length: int | None,
        along: Sequence[SizesAlong],
    ) -> SizeRow:
        inputs = tuple(shapes.values())
        slots = [slot for one in along for slot in one.slots]
        if length is None:
            lengths = {inputs[source].axes[axis] for source, axis in slots}
            single = next(iter(lengths)) if len(lengths) == 1 else None
            length = single if isinstance(single, int) else None
        try:
            graph = self.trials.at(shapes)
        except Refused as refused:
            return SizeRow(length=length, inputs=inputs, refusal=refused.refusal)
        written = {node.name: node.own_params for node in analysis.graph.layers}
        idle = None
        if any(one.idle for one in along) and length is not None:
            idle = sum(length <= border for one in along for border in one.idle.values())
        starts = _starts(graph, slots)
        return SizeRow(
            length=length,
            inputs=inputs,
            uneven=tuple([node.name for node in with_rests(graph, starts)]),
            outputs=tuple([graph.nodes[index].facts.output for index in graph.outputs]),
            costs=_costs(graph, self.batch),
            changed=tuple([node.name for node in graph.layers if written.get(node.name) != node.own_params]),
            idle=idle,
        )


def cost_at(asked: AskedSizes, along: SizesAlong, length: int) -> dict[str, int]:
    """What is known in numbers of the counts SHOWN at a length; raises Refused."""
    shapes = dict(zip(asked.trials.shapes(), asked.written, strict=True))
    graph = asked.trials.at(_with(shapes, along.slots, length))
    return {name: value for name, value in _costs(graph, asked.batch).items() if isinstance(value, int)}


def _costs(graph: Graph, batch: int) -> dict[str, Size | None]:
    """The counts SHOWN of a network; None where one is not known."""
    layers = [
        analyze_layer(node, node.facts, shapes_read(graph, node), batch, (), place)
        for place, node in enumerate(graph.layers, len(graph.inputs))
    ]
    sums = {name: total(COUNTS[name], layers) for name in SHOWN}
    return {name: found.known if found.complete else None for name, found in sums.items()}


def _with(shapes: Mapping[str, Shape], slots: Sequence[InputSlot], length: Size) -> dict[str, Shape]:
    """Sizes of inputs with another length along some axes."""
    return {
        name: shape._replace(
            axes=tuple(length if (source, axis) in slots else n for axis, n in enumerate(shape.axes))
        )
        for source, (name, shape) in enumerate(shapes.items())
    }


def _refuse_work(rows: int, analysis: NetworkAnalysis) -> None:
    """Raise UsageError for more sizes than a network of so many layers is built at."""
    most = max(min(MOST_ROWS, MOST_BUILT // len(analysis.graph.nodes)), FEW * 4)
    if rows > most:
        layers = counted(len(analysis.layers), "layer")
        raise UsageError(f"{rows:,} sizes were asked for; with {layers} no more than {most:,} are shown")


def _starts(graph: Graph, slots: Iterable[InputSlot]) -> dict[int, tuple[int, ...]]:
    """Some axes of the inputs by the nodes of these."""
    found: dict[int, tuple[int, ...]] = {}
    for source, axis in slots:
        node = graph.inputs[source]
        found[node] = (*found.get(node, ()), axis)
    return found


def _field(analysis: NetworkAnalysis, slots: tuple[InputSlot, ...]) -> float | None:
    """How many positions the field of the network has along some axes, the most of these."""
    fields = analysis.fields.nodes[analysis.fields.network].inputs
    found = []
    for source, axis in slots:
        axes = fields[source]
        if axes is None:
            continue
        reported = axes[axis].reported
        high = reported[1] if isinstance(reported, tuple) else reported
        if not isinstance(high, int | float):
            return None
        found.append(high)
    return max(found, default=None)


def _idle(analysis: NetworkAnalysis, slots: tuple[InputSlot, ...]) -> dict[str, int]:
    """The layers whose smallest field covers the input where that is so small, the longest such length.

    None in networks that do not decide about their input as a whole.
    """
    graph = analysis.graph
    if not graph.outputs:
        return {}
    last = analysis.fields.nodes[graph.outputs[0]].inputs
    decided = [
        axes is not None and axes[axis].collapsed for source, axis in slots for axes in (last[source],)
    ]
    if not all(decided):
        return {}
    places: dict[InputSlot, int] = {}
    for source, index in enumerate(graph.inputs):
        for axis in range(len(graph.nodes[index].facts.output.axes)):
            places[source, axis] = len(places)
    smallest = smallest_fields(graph)
    return covering(graph, smallest, [places[slot] for slot in slots])


# The parts of its own length at which a model is read again, unasked.
_QUARTERS = (1, 2, 3, 4, 5, 6, 8)


def _telling(one: SizesAlong, first: int, last: int) -> list[int]:
    """Some lengths that tell most: even ones, else legal ones, evenly spread, and an illegal one beside."""
    pattern = one.even if one.even is not None and one.even.first is not None else one.legal
    known = one.sizes.at
    holds = (
        pattern.holds
        if pattern is not None and pattern.first is not None
        else lambda n: (found := known(n)) is not None and found.legal
    )
    lengths = [n for n in range(first, last + 1) if holds(n)]
    if one.sizes is NOTHING_SHOWN:
        lengths = [n for quarter in _QUARTERS if first <= (n := one.length * quarter // 4) <= last]
    chosen = _spread(lengths, FEW)
    extra = {one.length} if first <= one.length <= last else set()
    smallest = one.legal.first if one.legal else None
    if smallest is not None and first <= smallest <= last:
        extra.add(smallest)
    near = min(max(one.length, first), last)
    refused = [n for n in range(near, max(near - 64, first - 1), -1) if not _legal(one, n)]
    refused += [n for n in range(first, last + 1) if not _legal(one, n)][-1:] if not refused else []
    return sorted({*chosen, *extra, *refused[:1]})


def _legal(one: SizesAlong, length: int) -> bool:
    found = one.sizes.at(length)
    return found is None or found.legal


def _spread(lengths: list[int], number: int) -> list[int]:
    """So many of some lengths, at steps that are about equal ratios."""
    if len(lengths) <= number:
        return lengths
    low, high = lengths[0], lengths[-1]
    wanted = [low * (high / low) ** (place / (number - 1)) for place in range(number)]
    return sorted({min(lengths, key=partial(_distance, at)) for at in wanted})


def _distance(one: float, other: float) -> float:
    return abs(one - other)
