"""What the reader of a receptive field must know: different rates, gaps, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from rfcalc.analysis.fields.axis_field import Outer, Periodic, lowest_terms
from rfcalc.analysis.fields.axis_state import Slot
from rfcalc.errors import Diagnostic, Related, listed
from rfcalc.graph.ir import Graph
from rfcalc.ops.axis_maps import AxisMap
from rfcalc.ops.reads import local_taps
from rfcalc.records import NamedTuple

# The kinds of findings, in the plural.
DIFFERENT_RATES = "joins of different rates"
GAPS = "layers with gaps"

# Of each kind, findings past this are counted, not listed.
MOST_OF_A_KIND = 5
# Of a join with more branches the rest are not named.
MOST_BRANCHES = 8
# A path is followed back over this many layers; further back lie none that could help the reader.
LONGEST_PATH = 2000

# Stands in a message for the axes it holds for; no name holds it.
_ALONG = "\0"
_AXIS_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class FieldRemark(NamedTuple):
    """A diagnostic of one layer, with the kind of it."""

    kind: str
    node: int
    diagnostic: Diagnostic


class _OpenDiagnostic(NamedTuple):
    """A diagnostic without its axes, for which a mark stands in the message."""

    kind: str
    node: int
    message: str
    severity: Literal["warning", "note"] = "warning"
    related: tuple[Related, ...] = ()
    hint: str = ""


class Findings:
    """Findings by layer, each with all the axes it holds for."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._found: dict[_OpenDiagnostic, list[Slot]] = {}
        self._layers: dict[str, dict[int, None]] = {}
        self._dependants: dict[int, frozenset[int]] = {}

    def different_rates(
        self,
        node: int,
        slot: Slot,
        branches: Mapping[int, tuple[int, Periodic | Outer]],
    ) -> None:
        """A join of operands, each given with its axis and its field, that advance at different rates."""
        if self._room(DIFFERENT_RATES, node):
            self._add(slot, self._rates(node, slot, branches))

    def gaps(self, node: int, slot: Slot, field: Periodic) -> None:
        """A layer some of whose positions see nothing."""
        kind = GAPS
        if self._room(kind, node):
            blind = field.supports.count(None)
            verb = "sees" if blind == 1 else "see"
            what = f"{blind} of every {field.period} positions of {self._graph.nodes[node].name}"
            hint = "a kernel at least as long as the stride reaches every position"
            self._add(
                slot, _OpenDiagnostic(kind, node, f"{what} {verb} nothing of the input{_ALONG}", hint=hint)
            )

    def lost(self, node: int, slot: Slot, reason: str) -> None:
        """A layer whose field is unknown though that of its operands is known."""
        self._note("unknown fields", node, slot, "unknown", reason)

    def bounded(self, node: int, slot: Slot, reason: str) -> None:
        """A layer whose field is an upper bound though that of its operands is not."""
        self._note("bounds", node, slot, "an upper bound", reason)

    def remarks(self) -> tuple[FieldRemark, ...]:
        """All findings in the order of the layers, as far as there is room for their kind."""
        nodes = self._graph.nodes
        return tuple(
            FieldRemark(
                finding.kind,
                finding.node,
                Diagnostic(
                    finding.message.replace(_ALONG, along_axes(self._graph, slots)),
                    nodes[finding.node].position,
                    finding.severity,
                    finding.related,
                    finding.hint,
                ),
            )
            for finding, slots in self._found.items()
        )

    def more(self) -> dict[str, tuple[int, ...]]:
        """Of each kind, the layers for which there was no room."""
        return {
            kind: tuple(layers)[MOST_OF_A_KIND:]
            for kind, layers in self._layers.items()
            if len(layers) > MOST_OF_A_KIND
        }

    def _note(self, kind: str, node: int, slot: Slot, what: str, reason: str) -> None:
        if self._room(kind, node):
            name = self._graph.nodes[node].name
            message = f"the receptive field is {what} from {name} on{_ALONG}: {reason}"
            self._add(slot, _OpenDiagnostic(kind, node, message, "note"))

    def _room(self, kind: str, node: int) -> bool:
        """Whether a finding about this layer is still listed; it is counted in any case."""
        layers = self._layers.setdefault(kind, {})
        layers[node] = None
        return len(layers) <= MOST_OF_A_KIND

    def _add(self, slot: Slot, finding: _OpenDiagnostic) -> None:
        self._found.setdefault(finding, []).append(slot)

    def _rates(
        self,
        node: int,
        slot: Slot,
        branches: Mapping[int, tuple[int, Periodic | Outer]],
    ) -> _OpenDiagnostic:
        nodes = self._graph.nodes
        rates: dict[tuple[int, int], tuple[int, int]] = {}
        for index, (axis, field) in branches.items():
            if len(rates) < MOST_BRANCHES:
                rates.setdefault(lowest_terms(field.shift, field.period), (index, axis))
        paths = {index: self._path(index, axis, slot) for index, axis in rates.values()}
        shared = set.intersection(*(set(path) for path in paths.values())) if paths else set()
        parts = []
        for rate, (index, _) in rates.items():
            steps = []
            for layer, taps in paths[index].items():
                if layer in shared:
                    break
                if taps is not None and taps.period != taps.shift:
                    steps.append(f"{nodes[layer].name}: stride {_fraction(taps.shift, taps.period)}")
            made = ", ".join(_shortened(steps[::-1])) or "no layer changes the rate"
            parts.append(f"{nodes[index].name} by {_fraction(*rate)} ({made})")
        # Layers stand in order of execution, so the last one that all paths share is where they part.
        start = max(shared, default=None)
        since = f" since {nodes[start].name}" if start is not None else ""
        return _OpenDiagnostic(
            DIFFERENT_RATES,
            node,
            f"the branches that meet in {nodes[node].name} advance at different rates{_ALONG}{since}, in "
            f"positions of the input per unit: {listed_in_short(parts)}",
            related=tuple(
                Related(f"advances by {_fraction(*rate)}", nodes[index].position)
                for rate, (index, _) in rates.items()
            ),
            hint="from here on the field has no period; it is listed position by position at this input size",
        )

    def _path(self, node: int, axis: int, slot: Slot) -> dict[int, AxisMap | None]:
        """The layers from one back towards the input along an axis, each with how it reads the one before."""
        path: dict[int, AxisMap | None] = {}
        for _ in range(LONGEST_PATH):
            step = self._back(node, axis, slot)
            path[node] = step[2] if step else None
            if step is None:
                break
            node, axis, _taps = step
        return path

    def _back(self, node: int, axis: int, slot: Slot) -> tuple[int, int, AxisMap] | None:
        """The operand an axis comes from, its axis there, and how it is read; the first of several."""
        reader = self._graph.nodes[node]
        for operand, reads in zip(reader.inputs, reader.facts.reads or (), strict=False):
            if operand not in self._depending(slot.source):
                continue
            for place, read in enumerate(reads):
                taps = local_taps(read)
                if read is not None and read.axis == axis and taps is not None:
                    return operand, place, taps
        return None

    def _depending(self, source: int) -> frozenset[int]:
        """The nodes that depend on an input of the network."""
        found = self._dependants.get(source)
        if found is None:
            depending = {self._graph.inputs[source]}
            for index, node in enumerate(self._graph.nodes):
                if not depending.isdisjoint(node.inputs):
                    depending.add(index)
            found = self._dependants[source] = frozenset(depending)
        return found


def along_axes(graph: Graph, slots: Sequence[Slot]) -> str:
    """Along which axes of the inputs, in words; nothing where all axes of the only input are meant."""
    named = []
    for source, index in enumerate(graph.inputs):
        node = graph.nodes[index]
        rank = len(node.facts.output.axes)
        axes = [slot.axis for slot in slots if slot.source == source]
        if not axes or (len(axes) == rank and len(graph.inputs) == 1):
            continue
        names = _AXIS_NAMES.get(rank) or tuple(f"axis {axis}" for axis in range(rank))
        text = listed_in_short([f"the {names[axis]}" for axis in axes])
        named.append(text if len(graph.inputs) == 1 else f"{text} of {node.name}")
    return f" along {listed_in_short(named)}" if named else ""


def _fraction(numerator: int, denominator: int) -> str:
    above, below = lowest_terms(numerator, denominator)
    return f"{above}" if below == 1 else f"{above}/{below}"


def listed_in_short(parts: Sequence[str]) -> str:
    """Some phrases as one: `a`, `a and b`, `a, b and c`."""
    return listed(_shortened(parts))


def _shortened(parts: Sequence[str]) -> list[str]:
    """The phrases; the middle of a long list is left out."""
    if len(parts) <= MOST_BRANCHES:
        return list(parts)
    return [*parts[: MOST_BRANCHES - 2], f"{len(parts) - MOST_BRANCHES + 1} more", parts[-1]]
