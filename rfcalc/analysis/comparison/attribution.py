"""What each edit accounts for of every cost: parameters, multiply-accumulates, activations and so on.

Edits are made one after the other in the order of their causes.  A layer whose operands get another
size when an edit is made gets other figures then, and that is charged to the edit; what a layer's own
change does is charged to that.  A layer that comes or goes is charged with all its figures.  The
amounts add up to the differences of the totals exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rfcalc.analysis.analyze import analyze_layer
from rfcalc.analysis.comparison.causes import Causes
from rfcalc.analysis.comparison.course import Course, edits_of, undone
from rfcalc.analysis.comparison.entries import Entries
from rfcalc.analysis.comparison.layer_states import LayerState, lone_shapes, paired_states
from rfcalc.analysis.fields.figures import NodeField
from rfcalc.analysis.figures import COUNTS
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape, Size
from rfcalc.symbolic.polynomial import sum_of

# Differences of costs by their names; what is not known counts as 0, as it does in totals.
Deltas = Mapping[str, Size]


COSTS = tuple(count for count in COUNTS.values() if count.cost and count.adds_up and not count.in_bytes)


def together(deltas: Iterable[Deltas]) -> Deltas:
    """Several differences added up."""
    every = list(deltas)
    return {count.name: sum_of(each[count.name] for each in every if count.name in each) for count in COSTS}


class Effect(NamedTuple):
    """What edits do to an entry.

    resized: whether edits elsewhere give it other sizes to read or to pass on.  deltas: its difference.
    causes: the numbers of those that bring it about.
    """

    resized: bool
    deltas: Deltas
    causes: tuple[int, ...]


def attribute(entries: Entries, causes: Causes, batch: int) -> tuple[list[Deltas], list[Effect]]:
    """Charge every difference to the causes: the amounts of each, and the effect on each entry."""
    charged: list[list[Deltas]] = [[] for _ in causes.causes]
    shapes: list[Course[Shape | None]] = []
    effects = []
    for number, entry in enumerate(entries.entries):
        own = causes.of_entry.get(number)
        if entry.left is None or entry.right is None:
            side, node = (entries.right, entry.right) if entry.left is None else (entries.left, entry.left)
            assert own is not None
            assert node is not None
            figures = _figures(LayerState.of(side.graph, node), batch)
            gone = {name: -amount for name, amount in figures.items()}
            amounts: Mapping[int, Deltas] = {own: figures if entry.left is None else gone}
            shapes.append(lone_shapes(entries, causes, number, shapes))
            felt = set()
        else:
            states = paired_states(entries, causes, number, shapes)
            amounts = _charges(states, batch)
            shapes.append(_shapes_of(states))
            # By these what both read, or what the layer passes on, has another size.
            both = {*entries.left.operands(entry.left)} & {*entries.right.operands(entry.right)}
            felt = edits_of(shapes[operand] for operand in (*both, number))
        for cause, amount in amounts.items():
            charged[cause].append(amount)
        itself = set() if own is None else {own}
        felt -= itself
        felt |= {cause for cause, amount in amounts.items() if any(each != 0 for each in amount.values())}
        # A layer that is not changed itself does other work only where it works on other sizes.
        resized = bool(felt - itself)
        effects.append(Effect(resized, together(amounts.values()), tuple(sorted(felt | itself))))
    return list(map(together, charged)), effects


def _figures(state: LayerState, batch: int) -> Deltas:
    """What the totals count of a layer; inputs have none of it."""
    if not state.inputs:
        return {}
    layer = analyze_layer(state.node, state.facts, state.inputs, batch, (NodeField(()),), 0)
    # A count that depends on symbols has no truth value where it may be 0.
    found = ((count.name, count.value(layer)) for count in COSTS)
    return {name: 0 if amount is None else amount for name, amount in found}


def _charges(states: Course[LayerState], batch: int) -> Mapping[int, Deltas]:
    """What each edit that a layer feels changes in its figures."""
    if not states.steps:
        return {}
    first = _figures(states.start, batch)
    later = [(edit, _figures(state, batch)) for edit, state in states.steps]
    charges: dict[int, dict[str, Size]] = {}
    for name, start in first.items():
        course = undone(Course(start, tuple((edit, figures[name]) for edit, figures in later)))
        for edit, amount in course.differences(lambda after, before: after - before):
            charges.setdefault(edit, {})[name] = amount
    return charges


def _shapes_of(states: Course[LayerState]) -> Course[Shape | None]:
    """The course of the shape alone; a length that is the same in the end never changed."""
    start = states.start.facts.output
    later = [(edit, state.facts.output) for edit, state in states.steps]
    if not later or start == later[-1][1]:
        return Course(start)
    rank = len(later[-1][1].axes)
    first = len(later)
    while first and len(later[first - 1][1].axes) == rank:
        first -= 1
    if first or len(start.axes) != rank:
        # Where the number of axes changes, lengths are followed from then on.
        changed, *later = later[first:]
        return Course(start, (changed, *_steps_of_shape(changed[1], later)))
    return Course(start, _steps_of_shape(start, later))


def _steps_of_shape(start: Shape, later: Sequence[tuple[int, Shape]]) -> tuple[tuple[int, Shape | None], ...]:
    """The steps of a shape whose number of axes stays the same, length by length."""
    if not later:
        return ()
    lengths = [
        undone(Course(length, tuple((edit, shape.sizes()[place]) for edit, shape in later)))
        for place, length in enumerate(start.sizes())
    ]
    steps: list[tuple[int, Shape | None]] = []
    for edit in sorted(edits_of(lengths)):
        sizes = [length.at(edit) for length in lengths]
        steps.append((edit, Shape(tuple(sizes[:-1]), sizes[-1])))
    return tuple(steps)
