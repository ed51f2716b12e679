"""The figures of receptive fields: what each means, and its value along one axis of one input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from math import lcm
from typing import TYPE_CHECKING

from rfcalc.analysis.fields.figures import AxisField, BranchWeights, Status
from rfcalc.ops.axis_maps import MOST_PHASES
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import SymbolicError, exact_quotient

if TYPE_CHECKING:
    from fractions import Fraction

    from rfcalc.analysis.effective import EffectiveAlong, EffectiveFields
    from rfcalc.analysis.fields.densities import DensityFigures
    from rfcalc.analysis.fields.figures import NodeField
    from rfcalc.analysis.fields.seen import SeenPositions
    from rfcalc.analysis.network import NetworkAnalysis
    from rfcalc.symbolic.polynomial import Exact


# What symbols may be the reason of.
LOST = "a window it sees through has no known extent"


class Unsure(Exception):
    """A figure that is not known; the text is the reason, as the end of a sentence."""


class Absent(Unsure):
    """There is no such figure: nothing is missing."""


class Span(NamedTuple):
    """A figure of a field: the least and the greatest value over the phases, both taken.

    at_most: `high` is an upper bound, and nothing is known of what is below.
    whole: a global path sees the input, whose size decides it.
    """

    low: Exact
    high: Exact
    at_most: bool = False
    whole: bool = False


class AxisView(NamedTuple):
    """A layer's view along one axis of one input.

    positions: of the layer along that axis; None when it is not known which of its axes that is.
    length: of the input.
    effective: how its effective field lies, and ahead: the field that ends where it does, behind recurrent
        layers too, both worked out for all layers when they are first asked for.
    rate: the positions that are a second; None where that is not known, and along axes that are no time.
    """

    field: AxisField
    positions: Size | None
    length: Size
    effective: Callable[[], EffectiveAlong]
    ahead: Callable[[], AxisField]
    rate: int | Fraction | None = None


# What is said in English and in Chinese.
Words = tuple[str, str]


class FieldFigure(NamedTuple):
    """A figure of a receptive field: one value along each axis of each input that is seen.

    value: raises Unsure.  column: what its column is called, where that is another name.
    share: it is a part of something, shown in percent.
    lasting: it is so many positions long, which along time are a duration.
    """

    name: str
    title: Words
    about: Words
    value: Callable[[AxisView], Span]
    heading: Words | None = None
    column: str = ""
    share: bool = False
    lasting: bool = False


class Views:
    """The views of the layers of one network; branch_weights: for their effective fields."""

    def __init__(self, network: NetworkAnalysis, branch_weights: BranchWeights = "kaiming") -> None:
        self._branch_weights = branch_weights
        self._graph = network.graph
        self._fields = network.fields

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Every layer by its name: its index among the nodes."""
        first = len(self._graph.inputs)
        return {node.name: index for index, node in enumerate(self._graph.layers, first)}

    @cached_property
    def seen(self) -> SeenPositions:
        """How many positions they see."""
        # Imported late, as it is worked out only where it is asked for.
        from rfcalc.analysis.fields.seen import SeenPositions

        return SeenPositions(self._fields)

    @cached_property
    def effective(self) -> EffectiveFields:
        """Their effective fields."""
        from rfcalc.analysis.effective import EffectiveFields

        return EffectiveFields(self._graph, self._branch_weights)

    @cached_property
    def ahead(self) -> Sequence[NodeField]:
        """Fields that end where those of the layers do, behind recurrent ones too."""
        if not any(node.facts.looks_back for node in self._graph.nodes):
            return self._fields.nodes
        from rfcalc.analysis.fields.ahead import fields_ahead

        return fields_ahead(self._graph)

    def effective_along(self, node: int, source: int) -> tuple[EffectiveAlong, ...]:
        """The effective field of node `node` along each axis of input number `source`."""
        return self.effective.of(node, source) or ()

    def of(self, index: int) -> Iterator[tuple[int, tuple[AxisView, ...]]]:
        """For each input that node `index` sees, by number, its view along each axis of that input."""
        graph = self._graph
        axes = graph.nodes[index].facts.output.axes
        seen = self._fields.nodes[index]
        for number, (fields, running) in enumerate(zip(seen.inputs, seen.axes, strict=True)):
            if fields is None or running is None:
                continue
            lengths = graph.nodes[graph.inputs[number]].facts.output.axes
            found = []
            for place, (field, along, length) in enumerate(zip(fields, running, lengths, strict=True)):
                positions: Size | None = axes[0] if axes else 1
                if any(other != positions for other in axes):
                    positions = None if along is None else axes[along]
                asked = partial(self._along, index, number, place), partial(self._ahead, index, number, place)
                rate = None if place else graph.rate(number)
                found.append(AxisView(field, positions, length, *asked, rate))
            yield number, tuple(found)

    def _along(self, node: int, source: int, axis: int) -> EffectiveAlong:
        return self.effective_along(node, source)[axis]

    def _ahead(self, node: int, source: int, axis: int) -> AxisField:
        along = self.ahead[node].inputs[source]
        assert along is not None
        return along[axis]


def _sure(view: AxisView) -> AxisField:
    """The field, where its numbers are those of the true field."""
    field = view.field
    if field.status == Status.DATA_DEPENDENT:
        raise Unsure("the positions it reads depend on the data")
    if field.status == Status.UNKNOWN or field.size is None:
        raise Unsure("its field is the whole input" if field.everything else LOST)
    if field.status == Status.BOUND:
        raise Unsure("only a bound of its field is known")
    return field


def receptive_field(view: AxisView) -> Span:
    """The theoretical receptive field: the extent, in pixels of the input, of all a unit depends on."""
    # All of them by any path where a main path sees the whole axis.
    return strict_field(view) if view.field.path == "main" else local_field(view)


def effective_stride(view: AxisView) -> Span:
    """The effective stride: how far, in input pixels, the field moves from one unit to the next."""
    # The distance of neighbouring units is that of the grid, which is known where its taps are not.
    stride = view.field.stride
    if stride is None:
        if view.field.collapsed:
            raise Absent("a window has covered the whole map: one unit has no stride")
        if view.field.status == Status.PER_POSITION:
            raise Unsure("its units are not evenly spaced")
        raise Unsure("its field is the whole input" if view.field.everything else LOST)
    exact = _exact(stride)
    return Span(exact, exact)


def effective_padding(view: AxisView) -> Span:
    """The effective padding: how far the field of unit 0 reaches past the input's edge."""
    padding = _sure(view).padding
    if padding is None:
        raise Unsure("its first unit sees nothing")
    return Span(padding, padding)


def centre(view: AxisView) -> Span:
    """The centre of the field of unit 0, in input coordinates; pixel 0 is at 0."""
    field = _sure(view)
    if field.padding is None:
        raise Unsure("its first unit sees nothing")
    centre = _exact((field.sizes[0] - 1 - 2 * field.padding, 2))
    return Span(centre, centre)


def mean_centre(view: AxisView) -> Span:
    """The centre of the field of unit 0, were all units spaced evenly: the mean over the phases."""
    mean = _sure(view).mean_centre
    if mean is None:
        raise Unsure("its units see nothing")
    centre = _exact(mean)
    return Span(centre, centre)


def centre_offset(view: AxisView) -> Span:
    """How far the mean of all centres lies from the middle of the input; negative: before it."""
    # Σ c / m − (n − 1) / 2 for the m units that see something, their centres c and n input positions.
    field = _sure(view)
    per_position = field.status == Status.PER_POSITION
    if view.positions is None or (field.stride is None and not field.collapsed and not per_position):
        raise Unsure(LOST)
    everywhere, seeing = _doubled_centres(field, len(field.sizes))
    # How often there are units of all listed phases, and of the first few once more.
    turns: Size = 1
    rest = 0
    try:
        if field.stride is not None:
            turns, left_over = view.positions // field.phases, view.positions % field.phases
            assert isinstance(left_over, int)
            rest = left_over
        at_the_end, left = _doubled_centres(field, rest)
        units = seeing * turns + left
        if units == 0:
            raise Unsure("its units see nothing")
        shift = _exact(field.stride or 0) * field.phases
        mean = exact_quotient(everywhere, seeing) + shift * (turns - 1)
        if left:
            total = mean * seeing * turns + at_the_end + 2 * shift * turns * left
            mean = exact_quotient(total, units)
        offset = exact_quotient(mean - (view.length - 1), 2)
    except SymbolicError:
        raise Unsure("which of its phases there are depends on a symbol") from None
    return Span(offset, offset)


def _doubled_centres(field: AxisField, phases: int) -> tuple[int, int]:
    """The sum of twice the centres of those of the first phases that see something; and how many do."""
    lows = [low for low in field.offsets[:phases] if low is not None]
    # What sees nothing has the size 0.
    return 2 * sum(lows) + sum(field.sizes[:phases]) - len(lows), len(lows)


def holes(view: AxisView) -> Span:
    """Positions within the field's extent that the unit does not depend on, as dilation leaves them."""
    if view.field.status == Status.EXTENT:
        raise Unsure("branches of unequal shape meet in it, so that holes are not counted per axis")
    holes = _sure(view).holes
    if holes is None:
        raise Unsure("its holes are not known")
    return Span(*holes)


def phases(view: AxisView) -> Span:
    """The number of positions after which the field repeats itself, as upsampling makes it differ."""
    field = _sure(view)
    if field.status == Status.PER_POSITION:
        raise Unsure("its field has no period")
    return Span(field.phases, field.phases)


def local_field(view: AxisView) -> Span:
    """The size of the receptive field without global paths."""
    field = view.field
    if field.status == Status.BOUND and field.size is not None:
        return Span(0, field.size[1], at_most=True)
    low, high = _sure(view).size or (0, 0)
    return Span(low, high)


def strict_field(view: AxisView) -> Span:
    """The most positions a unit sees by any path, within the input where a global path sees it."""
    strict, status = view.field.strict, view.field.status
    if strict is None or status == Status.DATA_DEPENDENT:
        _sure(view)
        raise Unsure(LOST)
    if status == Status.BOUND and not view.field.whole:
        return Span(0, strict, at_most=True)
    return Span(strict, strict)


def lookahead(view: AxisView) -> Span:
    """The last position a unit sees less its own, q times the stride for unit q: 0 or less is causal."""
    field = view.ahead()
    if field.collapsed:
        raise Absent("it has covered the whole map, so that its one unit has no position of its own")
    bound = field.status == Status.BOUND and field.size is not None
    if not bound and (field.last is None or field.status in (Status.UNKNOWN, Status.DATA_DEPENDENT)):
        _sure(view._replace(field=field))
    if field.last is not None:
        # Unit 0, whose position is 0, sees that far.
        return Span(field.last, field.last, bound and not field.whole, True)
    if field.stride is None:
        raise Unsure("its units are not evenly spaced")
    stride = _exact(field.stride)
    most = max(
        (
            low + size - 1 - phase * stride
            for phase, (low, size) in enumerate(zip(field.offsets, field.sizes, strict=True))
            if low is not None
        ),
        default=None,
    )
    if most is None:
        raise Unsure("its units see nothing")
    return Span(most, most, bound)


def effective_field(view: AxisView) -> Span:
    """The effective receptive field before training: the positions that hold 95 % of a squared gradient."""
    from rfcalc.analysis.fields.densities import SHARES

    return Span(*_energies(view).widths[SHARES.index(95)])


def effective_sigma(view: AxisView) -> Span:
    """The standard deviation of the effective receptive field, in positions, rounded to hundredths."""
    from fractions import Fraction

    low, high = (Fraction(round(100 * sigma), 100) for sigma in _energies(view).sigma)
    return Span(_whole(low), _whole(high))


def effective_ratio(view: AxisView) -> Span:
    """The effective receptive field before training as a part of the theoretical one."""
    from fractions import Fraction

    from rfcalc.analysis.fields.densities import SHARES

    place = SHARES.index(95)
    widths = [each[place] for each in _energies(view).of_phases]
    sizes = _sure(view).sizes
    if len(sizes) == 0 or lcm(len(widths), len(sizes)) > MOST_PHASES:
        raise Unsure(LOST)
    pairs = (
        (widths[unit % len(widths)], sizes[unit % len(sizes)]) for unit in range(lcm(len(widths), len(sizes)))
    )
    parts = [Fraction(width, size) for width, size in pairs if size]
    return Span(_whole(min(parts)), _whole(max(parts)))


def effective_coverage(view: AxisView) -> Span:
    """The effective receptive field before training as a part of the input."""
    widths = effective_field(view)
    try:
        least, most = exact_quotient(widths.low, view.length), exact_quotient(widths.high, view.length)
    except SymbolicError:
        raise Unsure("the input has a symbolic size") from None
    return Span(least, most)


def _energies(view: AxisView) -> DensityFigures:
    """How the energy of a unit's gradient lies; raises Unsure."""
    found = view.effective()
    if found.figures is None:
        raise Unsure(found.reason)
    return found.figures


def _exact(ratio: int | tuple[int, int]) -> int | Fraction:
    """A whole number, or the fraction that a pair states, whole where it is."""
    from fractions import Fraction

    if isinstance(ratio, int):
        return ratio
    return _whole(Fraction(*ratio))


def _whole(exact: Fraction) -> int | Fraction:
    return int(exact) if exact.denominator == 1 else exact
