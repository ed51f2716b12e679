"""Whether the engine and the enumeration agree on a network, layer by layer and axis by axis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np
from patches import Position, TooLargeError
from plane_oracle import PlaneOracle, Seen

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.fields.axis_field import Outer, OutOfReachError, Periodic
from rfcalc.analysis.fields.axis_state import BOUND, WITHIN
from rfcalc.analysis.fields.plane import PositionSet, support
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.description import build_graph
from rfcalc.graph.ir import Graph
from rfcalc.library import read_text

Ends = tuple[int, int] | None


class View(NamedTuple):
    """What the engine says of a node along one axis of one input.

    status: "exact", "bound", "per-position", "data-dependent", "unknown", or "nothing" where the node does
    not depend on that input.  offsets, sizes: of each phase, or of each position of a per-position field;
    empty where nothing is left without a global path.  stride: None where there is none.
    global_path: "none", "main", "side", or "some" where the engine does not say which.
    digits: where it runs along several axes together, what the index of a unit is made of: for an axis a
    divisor, a size and a step.
    within: nothing is said of units outside the map.
    bounded: at most this is seen, whatever the status is; then data moves at most what is seen.
    """

    status: str
    offsets: tuple[int | None, ...] = ()
    sizes: tuple[int, ...] = ()
    holes: tuple[int, int] | None = None
    stride: Fraction | None = None
    global_path: str = "none"
    digits: tuple[tuple[int, int, int, int], ...] = ()
    within: bool = False
    bounded: bool = False

    def index(self, unit: Position) -> int:
        """The index of a unit that runs along several axes together."""
        return sum(unit[axis] // divisor % size * step for axis, divisor, size, step in self.digits)


def engine_view(analysis: NetworkAnalysis, node: int, source: int, axis: int) -> View:
    """The engine's public record of a field; the one place that knows how it looks."""
    axes = analysis.fields.nodes[node].inputs[source]
    if axes is None:
        return View("nothing")
    field = axes[axis]
    state = analysis.fields.state(node, source, axis)
    together = state is not None and len({digit.axis for digit in state.digits}) > 1
    status = "exact" if field.status in ("global", "extent") else field.status
    # Along an axis of several put together units do not advance evenly, but what one period sees comes again.
    rated = state.field if state is not None and isinstance(state.field, Periodic | Outer) else None
    stride = Fraction(rated.shift, rated.period) if rated else None
    if stride == 0 and field.phases < 2 and not together:
        stride = None
    digits: tuple[tuple[int, int, int, int], ...] = ()
    if together:
        # It runs along several axes of the node, which have no stride each.
        assert state is not None
        digits = tuple(
            (digit.axis, int(digit.divisor), int(digit.size), digit.step) for digit in state.digits
        )
    within, bounded = (state is not None and bool(state.remarks & remark) for remark in (WITHIN, BOUND))
    path = field.path or "none"
    return View(status, field.offsets, field.sizes, field.holes, stride, path, digits, within, bounded)


class Agreement(NamedTuple):
    """differences: one line each.  counts: how many axes of nodes have which status, by operator."""

    differences: list[str]
    counts: Counter[tuple[str, str]]


def agreement(graph: Graph, *, plane: bool = True) -> Agreement:
    """How far the engine and the enumeration agree on a network; that it fails is a difference."""
    try:
        analysis = analyze_graph(graph)
    except Exception as error:
        return Agreement([f"the analysis fails (): {type(error).__name__}: {error}"], Counter())
    return compare(graph, analysis, plane=plane)


def disagreements(text: str) -> list[str]:
    """The differences of the network of a description."""
    return agreement(build_graph(read_text(text))).differences


def compare(graph: Graph, analysis: NetworkAnalysis, *, plane: bool = True) -> Agreement:
    """Everything the engine says of a network, against the enumeration.

    plane: whether sets of positions in the plane are compared too.
    """
    differences: list[str] = []
    counts: Counter[tuple[str, str]] = Counter()
    try:
        oracle = PlaneOracle(graph)
    except TooLargeError:
        return Agreement([], Counter({("network", "too large"): 1}))
    gaps: list[bool] = []
    for node in range(len(graph.nodes)):
        gaps.append(any(gaps[operand] for operand in graph.nodes[node].inputs))
        units = units_of(oracle.sizes[node][:-1], node)
        name = f"{graph.nodes[node].name} ({graph.nodes[node].op})"
        try:
            seen = oracle.seen(node, units)
            gaps[node] |= _has_gaps(oracle, node, seen, units)
            for number, slot in enumerate(oracle.slots):
                view = engine_view(analysis, node, *slot)
                untold = number in oracle.untold[node]
                counts[graph.nodes[node].op, "untold" if untold else view.status] += 1
                if not untold and view.status != "unknown":
                    along = f"{name} along axis {slot.axis} of input {slot.source}"
                    # What runs along the only axis of its map has no gaps but its own.
                    several = len(oracle.sizes[node]) > 2 or view.stride is None or bool(view.digits)
                    several |= sum(slot.source == each.source for each in oracle.slots) > 1
                    lenient = gaps[node] and several
                    found = _axis_differences(oracle, node, number, seen, units, view, lenient)
                    differences += [f"{along}: {text}" for text in found]
            if plane:
                sets = list(_plane_differences(oracle, analysis, node, seen, units))
                wrong = [text for status, text in sets if status == "differs"]
                differences += [f"{name} in the plane: {text}" for text in wrong[:1]]
                counts.update((graph.nodes[node].op, f"plane {status}") for status, _ in sets)
        except TooLargeError:
            counts[graph.nodes[node].op, "too large"] += 1
    return Agreement(differences, counts)


def units_of(axes: Sequence[int], salt: int) -> list[Position]:
    """Some units of a map: along each axis several real positions, and some outside the map."""
    if not axes:
        return [()]
    real = [
        tuple((turn * (k + 1) + turn // 2 + salt * k) % size for k, size in enumerate(axes))
        for turn in range(7)
    ]
    corners = [(0,) * len(axes), tuple(size - 1 for size in axes)]
    outside = [
        tuple(-1 - k for k in range(len(axes))),
        tuple(size + 2 * k + salt % 3 for k, size in enumerate(axes)),
        *(
            tuple(size + 1 if k == axis else size // 2 for k, size in enumerate(axes))
            for axis in range(len(axes))
            if len(axes) > 1
        ),
    ]
    return list(dict.fromkeys([*corners, *real, *outside]))


def _axis_differences(
    oracle: PlaneOracle,
    node: int,
    slot: int,
    seen: Seen,
    units: Sequence[Position],
    view: View,
    gaps: bool,
) -> Iterator[str]:
    """What the engine says otherwise along one axis.

    gaps: some unit on the way sees nothing.  Where that is so along another axis, a branch can be blind that
    would see something along this one.
    """
    axes = oracle.sizes[node][:-1]
    listed = bool(oracle.nobodys[node].get(slot))
    within = listed or view.within or view.stride is None
    usable = [
        number
        for number, unit in enumerate(units)
        if not seen.undefined[number] and (_inside(unit, axes) or not within)
    ]
    sees = any(seen.strict(number, slot) for number in usable)
    if view.status == "nothing" and sees:
        yield "it sees positions, but is said not to depend on the input"
    if view.status == "nothing" or not sees:
        return
    if seen.moved(slot, "local") and view.status != "data-dependent":
        yield f"it sees what the data moves, but is said to be {view.status}"
    moved = seen.moved(slot, "local", "global", "either")
    if view.status == "data-dependent" and not (moved or view.bounded):
        yield "it is said to depend on the data, which moves nothing that it sees"
    wrong = list(_global_difference(seen, slot, usable, view))
    if wrong and gaps:
        # Those that see by such a path may not be among the units.
        every = list(product(*map(range, axes)))
        wrong = list(_global_difference(oracle.seen(node, every), slot, range(len(every)), view))
    yield from wrong
    texts = []
    if view.digits:
        real = {number: units[number] for number in usable if _inside(units[number], axes)}
        places = [view.index(unit) for unit in real.values()]
        views = [
            each._replace(place=place)
            for each, place in zip(_Local.of(seen, slot, real, None), places, strict=True)
        ]
        text = _difference_along(views, view, listed, gaps)
        if text is not None:
            yield text
        return
    told = {number: units[number] for number in usable}
    several = range(len(axes)) if len(axes) > 1 else ()
    for along in several or (0,):
        views = _Local.of(seen, slot, told, along if axes else None)
        text = _difference_along(views, view, listed, gaps and not several)
        if text is None:
            return
        texts.append(text)
    for along in several:
        # Where branches have gaps along another axis, a field along this one is that of a whole line.
        views = _lines(oracle, node, slot, {unit[along] for unit in told.values()}, along)
        text = _difference_along(views, view, listed, gaps)
        if text is None:
            return
        texts[along] = text
    # Of several, what is said of the axis of the same number is most likely what was meant.
    yield texts[min(oracle.slots[slot].axis, len(texts) - 1)]


def _has_gaps(oracle: PlaneOracle, node: int, seen: Seen, units: Sequence[Position]) -> bool:
    """Whether a real unit of a layer sees nothing at all."""
    axes = oracle.sizes[node][:-1]
    return any(
        not any(seen.strict(number, slot) for slot in range(len(oracle.slots)))
        for number, unit in enumerate(units)
        if _inside(unit, axes) and not seen.undefined[number]
    )


def _global_difference(seen: Seen, slot: int, usable: Sequence[int], view: View) -> Iterator[str]:
    ways = [seen.global_side(slot, number) for number in usable]
    sure = min((way for way, _ in ways if way is not None), default=None)
    perhaps = min((way for _, way in ways if way is not None), default=None)
    if view.global_path == "none":
        if sure is not None:
            yield f"there is a global path ({('main', 'main or side', 'side')[sure]}), which is not said"
        return
    if sure is None and perhaps is None:
        yield f"there is no global path, but {view.global_path} is said"
    elif perhaps is None and sure != 1 and view.global_path not in ("some", "main" if sure == 0 else "side"):
        yield f"the global path is {'main' if sure == 0 else 'side'}, but {view.global_path} is said"


class _Local(NamedTuple):
    """By the place of a unit along an axis of its map: what it sees by local paths, and perhaps besides.

    unit: how the unit is called.
    """

    place: int
    unit: str
    surely: frozenset[int]
    perhaps: frozenset[int]

    @classmethod
    def of(cls, seen: Seen, slot: int, units: dict[int, Position], along: int | None) -> list[_Local]:
        """One for each of some units."""
        return [
            cls(
                0 if along is None else unit[along],
                f"unit {'x'.join(map(str, unit))}",
                frozenset(seen.positions(number, slot, "local")),
                frozenset(seen.positions(number, slot, "local", "either")),
            )
            for number, unit in units.items()
        ]


def _lines(oracle: PlaneOracle, node: int, slot: int, places: set[int], along: int) -> list[_Local]:
    """What all units at some places along an axis see together."""
    axes = oracle.sizes[node][:-1]
    result = []
    for place in sorted(places):
        ranges = [[place] if axis == along else _spread(size) for axis, size in enumerate(axes)]
        units = list(product(*ranges))
        seen = oracle.seen(node, units)
        usable = {number: unit for number, unit in enumerate(units) if not seen.undefined[number]}
        if usable:
            every = _Local.of(seen, slot, usable, along)
            surely = frozenset().union(*(each.surely for each in every))
            perhaps = frozenset().union(*(each.perhaps for each in every))
            result.append(_Local(place, f"line {place} across axis {along}", surely, perhaps))
    return result


def _spread(size: int) -> list[int]:
    """Positions of an axis, all of a short one."""
    return sorted({*range(min(size, 6)), size // 2, size - 1})


def _difference_along(locals_: Sequence[_Local], view: View, listed: bool, gaps: bool) -> str | None:
    """The first thing that differs where the field is taken to run along one axis of the node.

    gaps: a unit may see less.
    """
    text = _difference(locals_, view, listed)
    return text and _difference(locals_, view._replace(status="bound"), listed) if gaps else text


def _difference(locals_: Sequence[_Local], view: View, listed: bool) -> str | None:
    holes: list[int] = []
    phases: set[int] = set()
    certain = True
    for place, unit, surely, perhaps in locals_:
        said = _predicted(view, place)
        ends = [(min(seen), max(seen)) if seen else None for seen in (surely, perhaps)]
        true = ends[0]
        if view.status in ("bound", "data-dependent"):
            if true and (said is None or said[0] > true[0] or said[1] < true[1]):
                return f"{unit} sees {_span(true)}, outside {_span(said)}, which is said to hold it"
            continue
        if surely != perhaps:
            # Anything between both can be said.
            certain = False
            if not _between(said, *ends):
                return f"{unit} sees {_span(true)}, or {_span(ends[1])}, not {_span(said)}"
            continue
        if said != true:
            return f"{unit} sees {_span(true)}, not {_span(said)}"
        if listed or not view.sizes:
            continue
        holes.append(true[1] - true[0] + 1 - len(surely) if true else 0)
        phases.add(place % len(view.sizes))
        if view.holes is not None and not view.holes[0] <= holes[-1] <= view.holes[1]:
            return f"{unit} has {holes[-1]} holes, not {view.holes[0]} to {view.holes[1]}"
        if view.holes is None and view.status == "exact":
            return f"{unit} has {holes[-1]} holes, which are said to be unknown"
    every = certain and len(phases) == len(view.sizes)
    if view.holes and holes and every and view.holes != (min(holes), max(holes)):
        return f"there are {min(holes)} to {max(holes)} holes, not {view.holes[0]} to {view.holes[1]}"
    return None


def _between(said: Ends, least: Ends, most: Ends) -> bool:
    if said is None:
        return least is None
    if most is None or said[0] < most[0] or most[1] < said[1]:
        return False
    return least is None or (said[0] <= least[0] and least[1] <= said[1])


def _predicted(view: View, place: int) -> Ends:
    """The first and last position that the unit at a place is said to see."""
    if not view.offsets:
        return None
    period = len(view.offsets)
    if view.stride is None:
        # One position that has seen everything, or a list by position.
        phase, moved = (place if period > 1 else 0), Fraction(0)
        if not 0 <= phase < period:
            return None
    else:
        turn, phase = divmod(place, period)
        moved = turn * view.stride * period
    offset = view.offsets[phase]
    if offset is None:
        return None
    if moved.denominator != 1:
        return (-(2**63), -(2**63))
    return int(moved) + offset, int(moved) + offset + view.sizes[phase] - 1


def _plane_differences(
    oracle: PlaneOracle, analysis: NetworkAnalysis, node: int, seen: Seen, units: Sequence[Position]
) -> Iterator[tuple[str, str]]:
    """Of the sets of positions that some units see, whether each "agrees", "differs" or is "unknown"."""
    axes = oracle.sizes[node][:-1]
    real = [number for number, unit in enumerate(units) if _inside(unit, axes)][:3]
    clipped = oracle.seen(node, [units[number] for number in real], clipped=True)
    for source in range(len(oracle.graph.inputs)):
        slots = [number for number, slot in enumerate(oracle.slots) if slot.source == source]
        # What lies outside the maps behind a join of different rates differs from axis to axis.
        plain = not any(
            oracle.nobodys[each].get(slot) or slot in oracle.behind[each]
            for slot in slots
            for each in range(node + 1)
        )
        # Which paths are global is not claimed of a join of what advances in ways that are not known.
        untold = any(slot in oracle.untold[node] for slot in slots)
        for place, number in enumerate(real):
            for everything in (True,) if untold else (True, False):
                yield _set_difference(
                    analysis.fields, node, units[number], source, clipped, place, True, everything
                )
                if plain and not seen.undefined[number]:
                    yield _set_difference(
                        analysis.fields, node, units[number], source, seen, number, False, everything
                    )


def _set_difference(
    fields: FieldAnalysis,
    node: int,
    unit: Position,
    source: int,
    seen: Seen,
    number: int,
    clipped: bool,
    everything: bool,
) -> tuple[str, str]:
    most, least = (
        seen.plane(number, source, everything=everything, either=either) for either in (True, False)
    )
    try:
        found = support(fields, node, [unit], source, clipped=clipped, everything=everything)
    except OutOfReachError as reason:
        return "unknown", str(reason)
    except Exception as error:
        return "differs", f"it fails: {type(error).__name__}: {error}"
    said = _members(found)
    if least <= said <= most:
        return "agrees", ""
    mode = f"{'clipped' if clipped else 'unclipped'}, {'strict' if everything else 'local'}"
    extra, missing = sorted(said - most), sorted(least - said)
    text = f"unit {'x'.join(map(str, unit))} sees {len(most)} positions of input {source} ({mode})"
    text += f", not {len(said)}"
    text += f"; too many: {extra[:3]}" if extra else ""
    return "differs", text + (f"; missing: {missing[:3]}" if missing else "")


def _members(found: PositionSet) -> set[Position]:
    if not found.seen.size:
        return set()
    offsets = np.argwhere(found.seen)
    if not found.origin:
        return {()}
    return set(map(tuple, (offsets + np.array(found.origin)).tolist()))


def _inside(unit: Position, axes: Sequence[int]) -> bool:
    return all(0 <= place < size for place, size in zip(unit, axes, strict=True))


def _span(ends: Ends) -> str:
    return "nothing" if ends is None else f"{ends[0]} … {ends[1]}"
