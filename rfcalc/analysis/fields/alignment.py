"""Which joins of branches that are off-centre to each other are worth telling, and which have one cause.

What is off-centre is a fact of the fields, and often meant.  Causal branches are aligned at their last
position; slices with a stride deal the positions of a map out; where a map was made coarser and finer again,
its positions stand anywhere within the unit that they came from, so that branches of networks with strided
3x3 convolutions and upsampling meet off by less than that unit (Lin et al. 2017, the lateral connections of
feature pyramids); and at one rate less than half a unit is what even and odd windows of one stride differ by.
"""

from __future__ import annotations

from fractions import Fraction
from heapq import heapify, heappop, heappush

from rfcalc.analysis.fields.axis_state import OffCentre, Slot
from rfcalc.analysis.fields.findings import MOST_BRANCHES, along_axes, listed_in_short
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.analysis.fields.steps import steps_along, stride_along
from rfcalc.analysis.fields.ways_back import WaysBack
from rfcalc.errors import Diagnostic, Position, Related
from rfcalc.records import NamedTuple

# Of a branch with more layers that move the centre only so many are looked at for the one that moves it most.
_MOST_MOVERS = 16
# So many maps are looked at, for all joins together, for the coarsest since their branches parted.
MOST_MAPS = 2**17
# A map that both of two branches come from.
_BOTH = 3


class OutOfLine(NamedTuple):
    """Joins that are out of line for one reason, the one whose branches are furthest apart first.

    joins: each with the axes of one input along which it is so.
    """

    joins: tuple[tuple[OffCentre, ...], ...]

    @property
    def worst(self) -> tuple[OffCentre, ...]:
        """The join whose branches are furthest apart, along each axis."""
        return self.joins[0]


class JoinAlignment:
    """The joins of a network that are off-centre, judged.

    ways: the ways back along each axis of an input along which some join is off-centre.
    """

    def __init__(self, fields: FieldAnalysis) -> None:
        self.fields = fields
        slots = {join.slot for join in fields.off_centre}
        self.ways = {slot: WaysBack(fields, slot) for slot in slots}
        # Where nothing resamples, no map is followed by a finer one.
        self._resampled = {slot: self._resamples(slot) for slot in slots}
        self._left = MOST_MAPS

    def unintended(self) -> tuple[OffCentre, ...]:
        """The joins that are not off-centre on purpose, however little."""
        return tuple(join for join in self.fields.off_centre if not self._is_meant(join))

    def out_of_line(self) -> tuple[OutOfLine, ...]:
        """The joins worth telling, those of one cause together, in the order of the layers."""
        found: dict[Position, dict[tuple[int, int], list[OffCentre]]] = {}
        for join in self.unintended():
            room = self.room(join)
            if room is not None and distance(join) >= room:
                cause = self._cause(join)
                # What moves nothing by itself cannot be found; then a line is one place to mend.
                place = self.fields.graph.nodes[join.node if cause is None else cause].position
                key = (join.node, join.slot.source)
                found.setdefault(place, {}).setdefault(key, []).append(join)
        return tuple(
            OutOfLine(tuple(sorted(map(tuple, each.values()), key=_rank))) for each in found.values()
        )

    def _resamples(self, slot: Slot) -> bool:
        every = range(len(self.fields.graph.nodes))
        return any(step.taps.period > 1 for node in every for step in steps_along(self.fields, node, slot))

    def _is_meant(self, join: OffCentre) -> bool:
        """Whether branches are off-centre on purpose: causal, or dealing out the positions of one map."""
        ways = self.ways[join.slot]
        parting = ways.parting(join.operands)
        counts = [ways.since(operand, parting) for operand in join.operands]
        # Branches that see up to the same position and differ in how far back they look may be so by chance
        # (2x2 beside 3x3, both of stride 2), so it is asked of each layer since the branches parted.
        if join.ends_agree and not any(each.ahead for each in counts):
            return True
        # Slices with a stride that are stacked, as a space-to-depth layer does it.
        stride = stride_along(self.fields, join.operands[0], join.slot)
        dealt = parting is not None and not any(each.wide for each in counts)
        return dealt and stride is not None and distance(join) < stride

    def room(self, join: OffCentre) -> Fraction | None:
        """From how far apart on branches are out of line, in positions of the input; None past the effort.

        Where they are closer than half a unit of their map, that is all that is said.
        """
        ends = [operand for _, operand in ends_of(join)]
        own = stride_along(self.fields, ends[0], join.slot)
        if own is None:
            return Fraction(0)
        half = own / 2
        if distance(join) < half or not self._resampled[join.slot]:
            return half
        coarsest = self._coarsest(ends, join.slot)
        return None if coarsest is None else max(half, coarsest)

    def _coarsest(self, ends: list[int], slot: Slot) -> Fraction | None:
        """The largest stride of the maps since two branches parted, by every way; None past the effort.

        These are the maps that one of the two comes from and the other does not.  0 where none of their
        layers resamples.
        """
        # By which of the two a map is reached, the latest first: then nothing reaches it any more.
        reached = {end: 1 << place for place, end in enumerate(ends)}
        pending = [-node for node in reached]
        heapify(pending)
        apart = len(reached)
        coarsest = Fraction(0)
        resamples = False
        while apart:
            node = -heappop(pending)
            by = reached[node]
            if by != _BOTH:
                apart -= 1
                coarsest = max(coarsest, stride_along(self.fields, node, slot) or Fraction(0))
            self._left -= 1
            if self._left < 0:
                return None
            for step in steps_along(self.fields, node, slot):
                operand, before = step.operand, reached.get(step.operand)
                resamples = resamples or (by != _BOTH and step.taps.period > 1)
                if before is None:
                    heappush(pending, -operand)
                reached[operand] = after = (before or 0) | by
                apart += (after != _BOTH) - (before in (1, 2))
        return coarsest if resamples else Fraction(0)

    def _cause(self, join: OffCentre) -> int | None:
        """The layer since the branches parted that moves a centre most; None where none does."""
        ways = self.ways[join.slot]
        ends = [operand for _, operand in ends_of(join)]
        parting = ways.parting(ends)
        moves = [move for end in ends for move in ways.movers(end, parting, _MOST_MOVERS)]
        return max(moves, key=lambda move: (abs(move[1]), -move[0]), default=(None, Fraction(0)))[0]


def _rank(axes: tuple[OffCentre, ...]) -> tuple[Fraction, int]:
    return -max(map(distance, axes)), axes[0].node


def centres_of(join: OffCentre) -> tuple[Fraction, ...]:
    """The centres of all operands of a join, in positions of the input."""
    return tuple(Fraction(*centre) for centre in join.centres)


def distance(join: OffCentre) -> Fraction:
    """How many positions of the input lie between the centres that are furthest apart."""
    return max(centres_of(join)) - min(centres_of(join))


def ends_of(join: OffCentre) -> list[tuple[int, int]]:
    """The two operands that are furthest apart, each with its place among the centres."""
    centres = centres_of(join)
    places = (centres.index(end(centres)) for end in (min, max))
    return [(place, join.operands[place]) for place in places]


def off_centre_warnings(fields: FieldAnalysis) -> tuple[Diagnostic, ...]:
    """A warning for each cause of joins that are out of line."""
    return tuple(_warning(fields, cause) for cause in JoinAlignment(fields).out_of_line())


def _warning(fields: FieldAnalysis, cause: OutOfLine) -> Diagnostic:
    nodes = fields.graph.nodes
    # Axes along which the same is said are told together.
    first, more = cause.worst[0], len(cause.joins) - 1
    alike = [join for join in cause.worst if join.centres == first.centres]
    shown = [
        (nodes[operand], f"{float(centre):g}")
        for operand, centre in zip(first.operands, centres_of(first), strict=True)
    ]
    places = [f"{centre} ({node.name})" for node, centre in shown]
    also = f" (so are those of {more} more join{'s' if more > 1 else ''})" if more else ""
    along = along_axes(fields.graph, [join.slot for join in alike])
    return Diagnostic(
        f"the branches that meet in {nodes[first.node].name} are off-centre to each other{along}: centred at "
        f"input positions {listed_in_short(places)}{also}",
        nodes[first.node].position,
        "warning",
        tuple(Related(f"centred at {centre}", node.position) for node, centre in shown[:MOST_BRANCHES]),
    )
