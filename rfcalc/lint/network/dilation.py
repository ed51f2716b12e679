"""The dilated layers behind a field with holes, and the smallest change of their rates that closes them.

A stack are the layers before a map that read it through windows, along one axis, back to an input or to maps
that are resampled.  Other rates are tried by composing the fields of its layers anew, from the first layer
that changes, in the order of how much they change in all.  In a row of layers sums of taps do not depend on
the order, so of rates that are the same for layers that are alike one order is tried.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from rfcalc.analysis.fields.axis_field import Effort, Field, OutOfReachError, Periodic, joined, through
from rfcalc.analysis.fields.axis_state import Slot
from rfcalc.analysis.fields.figures import Status, holes_of
from rfcalc.analysis.fields.steps import BackStep, steps_along
from rfcalc.lint.rule import Subject, reached
from rfcalc.ops.axis_maps import Window, count_of, in_place
from rfcalc.records import NamedTuple

# Readings of a layer, all tries taken together, that are spent in search of better rates.
MOST_STEPS = 20_000
# The furthest rates are changed in all.
MOST_CHANGE = 8
# A longer field is not tried.
LONGEST_FIELD = 2**14


class Stack(NamedTuple):
    """Layers in the order of execution, without their nodes, so that stacks of the same layers are equal.

    readings: for each layer the earlier ones it reads, by their place here, each with its windows.
    begins: the places of the maps where the stack begins, which read nothing here, each with its field.
    """

    readings: tuple[tuple[tuple[int, Window], ...], ...]
    begins: tuple[tuple[int, Periodic], ...]

    @property
    def alike(self) -> dict[tuple[int, int, int], list[int]]:
        """The places of the dilated layers, those together that are alike in a row, the last key their rate.

        What a unit sees does not depend on which of these has which rate.
        """
        rows: list[int] = []
        found: dict[tuple[int, int, int], list[int]] = {}
        readers = Counter(operand for reads in self.readings for operand, _ in reads)
        for place, reads in enumerate(self.readings):
            rows.append(place)
            if len(reads) == 1:
                operand, window = reads[0]
                before = self.readings[operand]
                if readers[operand] == len(before) == 1 and before[0][1].stride == 1:
                    rows[place] = rows[operand]
                if window.dilation > 1:
                    found.setdefault((rows[place], window.kernel, window.dilation), []).append(place)
        return found

    @property
    def side_by_side(self) -> bool:
        """Whether some dilated layers stand in branches of their own: none reads the other."""
        dilated = {*chain.from_iterable(self.alike.values())}
        # The most dilated layers on a way to each layer, itself included.
        most: list[int] = []
        for place, reads in enumerate(self.readings):
            most.append(max((most[operand] for operand, _ in reads), default=0) + (place in dilated))
        return max(most) < len(dilated)

    def fields(self, rates: Mapping[int, int], before: Sequence[Field], effort: Effort) -> list[Field]:
        """The fields of all layers with other rates of some; before: those of the first ones.

        Raises OutOfReachError, also when no effort is left.
        """
        found = list(before)
        begins: dict[int, Field] = dict(self.begins)
        for place, reads in enumerate(self.readings[len(before) :], len(before)):
            if not effort.take(len(reads)):
                raise OutOfReachError("there are too many layers to compose")
            # Only a list of positions would need the size of the map.
            seen = [through(found[i], _at_rate(window, rates.get(place)), 0, effort) for i, window in reads]
            found.append(joined(seen, 0, effort) if len(seen) > 1 else seen[0] if seen else begins[place])
        return found


class DilatedStack(NamedTuple):
    """A stack that leaves holes by its dilation; nodes and fields: those of its layers."""

    stack: Stack
    nodes: tuple[int, ...]
    fields: tuple[Field, ...]

    def rates(self, changes: Mapping[int, int]) -> dict[int, int]:
        """The rate of each dilated layer by its node, in the order of execution; changes: by place."""
        rates = {place: rate for (*_, rate), places in self.stack.alike.items() for place in places}
        return {self.nodes[place]: changes.get(place, rates[place]) for place in sorted(rates)}


def _at_rate(window: Window, rate: int | None) -> Window:
    """A window with another rate, of whose reach as much as before is padding where that is whole."""
    if rate is None:
        return window
    scaled, rest = divmod(window.before * rate, window.dilation)
    return window._replace(dilation=rate, before=window.before if rest else scaled)


def blamed_stack(subject: Subject, node: int, slot: Slot, effort: Effort) -> DilatedStack | None:
    """The first stack before a node whose dilation leaves holes along an axis; None where there is none.

    It ends at the node, or at a map before it that is resampled later.
    Raises OutOfReachError when looking at its layers takes more effort than is left.
    """
    readings: dict[int, tuple[BackStep, ...]] = {}

    def operands(index: int) -> Iterator[int]:
        if not effort.take(1 + len(subject.graph.nodes[index].inputs)):
            raise OutOfReachError("there are too many layers before it")
        readings[index] = tuple(steps_along(subject.analysis.fields, index, slot))
        return (step.operand for step in readings[index])

    for _ in reached([node], operands):
        pass
    resampled = {step.operand for found in readings.values() for step in found if step.taps.period > 1}
    for end in sorted({node, *resampled}):
        holes = (subject.analysis.fields.nodes[end].inputs[slot.source] or ())[slot.axis].holes
        if not holes or not holes[0] or (found := _stack_before(subject, end, slot, readings)) is None:
            continue
        stack, nodes = found
        dilated = [*chain.from_iterable(stack.alike.values())]
        # Where rates of 1 leave holes as well, strides make them.
        left = holes_of(stack.fields(dict.fromkeys(dilated, 1), (), effort)[-1]) if dilated else (1, 1)
        if left is None:
            raise OutOfReachError("its layers see too far, or have too many phases")
        if not left[1]:
            return DilatedStack(stack, nodes, tuple(stack.fields({}, (), effort)))
    return None


def _stack_before(
    subject: Subject, end: int, slot: Slot, readings: Mapping[int, Sequence[BackStep]]
) -> tuple[Stack, tuple[int, ...]] | None:
    """The stack that ends at a node, with its nodes; None where it begins at a map with holes or unknown."""
    places: dict[int, int] = {}
    nodes: list[int] = []
    read: list[tuple[tuple[int, Window], ...]] = []
    begins: list[tuple[int, Periodic]] = []

    def through_windows(index: int) -> Sequence[BackStep]:
        return readings[index] if all(step.taps.period == 1 for step in readings[index]) else ()

    for index in sorted(reached([end], lambda index: (step.operand for step in through_windows(index)))):
        windows: dict[tuple[int, Window], None] = {}
        for step in through_windows(index):
            taps, count = step.taps.taps(0), count_of(step.taps.taps(0))
            window = Window(count, step.taps.shift, -taps.start, taps.step if count > 1 else 1)
            windows[places[step.operand], window] = None
        own = tuple(windows)
        if len(own) == 1 and in_place(own[0][1]):
            places[index] = own[0][0]
            continue
        places[index] = len(nodes)
        if not own:
            field = _known_field(subject, index, slot)
            if field is None:
                return None
            begins.append((len(nodes), field))
        read.append(own)
        nodes.append(index)
    return Stack(tuple(read), tuple(begins)), tuple(nodes)


def _known_field(subject: Subject, index: int, slot: Slot) -> Periodic | None:
    """The exact field of a map whose units leave no holes; None for any other."""
    figures = (subject.analysis.fields.nodes[index].inputs[slot.source] or ())[slot.axis]
    if figures.holes != (0, 0) or figures.status not in (Status.EXACT, Status.BOUND, Status.EXTENT):
        return None
    state = subject.analysis.fields.state(index, *slot)
    return state.field if state and isinstance(state.field, Periodic) and not state.digits else None


def _span_without_holes(
    stack: Stack, rates: Mapping[int, int], before: Sequence[Field], effort: Effort
) -> int | None:
    """How many positions the units span with other rates; 0 with holes, None where too long or not known.

    before and effort: as for Stack.fields.
    """
    try:
        field = stack.fields(rates, before, effort)[-1]
    except OutOfReachError:
        return None
    holes = holes_of(field)
    if not isinstance(field, Periodic) or holes is None or _span(field) > LONGEST_FIELD:
        return None
    return 0 if holes[1] else _span(field)


def _span(field: Periodic) -> int:
    return max(support.span if support else 0 for support in field.supports)


def closing_kernel(last: Field) -> int | None:
    """The least kernel of a layer without dilation that leaves no hole behind a field; None if unknown."""
    if not isinstance(last, Periodic):
        return None

    def closes(kernel: int) -> bool:
        return holes_of(through(last, Window(kernel), 0, Effort())) == (0, 0)

    # Once copies a stride apart leave no hole, more of them leave none.
    kernels = range(1, _span(last) * last.period // last.shift + 2)
    return kernels[bisect_left(kernels, True, key=closes)] if closes(kernels[-1]) else None


class Better(NamedTuple):
    """What a search for rates that leave no hole came to.

    changes: other rates of some layers, by their place; None where none were found.
    span: how many positions the field spans then.  tried: up to which change in all every one was tried.
    """

    changes: Mapping[int, int] | None
    span: int
    tried: int


NOT_TRIED = Better(None, 0, 0)


def better_rates(stack: Stack, unchanged: Sequence[Field]) -> Better:
    """The rates changed as little as possible so that no hole is left; unchanged: the fields as they are.

    Of equally small changes the one with the longest field.  The search ends at a limit of steps.
    """
    effort = Effort(MOST_STEPS)
    alike = stack.alike
    nearer: Iterable[Mapping[int, int]] = [{}]
    for change in range(1, MOST_CHANGE + 1):
        best = Better(None, 0, change - 1)
        tried: dict[frozenset[tuple[int, int]], Mapping[int, int]] = {}
        for further in (each for changes in nearer for each in _one_further(alike, changes)):
            if (key := frozenset(further.items())) in tried:
                continue
            tried[key] = further
            span = _span_without_holes(stack, further, unchanged[: min(further)], effort)
            if span is None:
                # Too long to be known, as are the longer ones, or too many.
                return best
            if span > best.span:
                best = Better(further, span, change)
        if best.changes is not None:
            return best
        nearer = tried.values()
    return Better(None, 0, MOST_CHANGE)


def _one_further(
    alike: Mapping[tuple[int, int, int], Sequence[int]], changes: Mapping[int, int]
) -> Iterator[dict[int, int]]:
    """Changed rates by place, one of them by one more; of layers that are alike the last is changed most."""
    for (*_, rate), places in reversed([*alike.items()]):
        rates = [changes.get(place, rate) for place in places]
        for own in dict.fromkeys(rates):
            for other in (own - 1, own + 1):
                if other >= 1 and abs(other - rate) > abs(own - rate):
                    moved = rates.copy()
                    moved[rates.index(own)] = other
                    moved.sort(key=lambda each: (abs(each - rate), each))
                    new = {place: each for place, each in zip(places, moved, strict=True) if each != rate}
                    yield {**changes, **new}
