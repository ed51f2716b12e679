"""Receptive fields of random graphs, figure by figure, against an oracle that enumerates what units read."""

from __future__ import annotations

from fractions import Fraction

from field_graphs import Net, seen_positions
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle import Oracle, Step

from rfcalc.analysis.fields.receptive_field import AxisField, receptive_fields
from rfcalc.ops.axis_maps import AxisMap, Bins, Repeat, Resample, Tile, Transposed, Window
from rfcalc.ops.reads import Along

# Sizes do not matter where nothing collapses and all rates agree; the oracle's line has no ends.
LENGTH = 1000


def taps_of(step: Step) -> AxisMap:
    """The way a step reads its operands, as an operator states it."""
    kind, numbers = step.kind, step.numbers
    if kind in ("nearest", "bilinear", "bilinear_corners", "bicubic"):
        size, target = numbers
        if kind == "nearest":
            return Resample(size, 0, target, "nearest")
        if kind == "bilinear_corners":
            return Resample(size - 1, 0, target - 1, "bilinear")
        return Resample(2 * size, size - target, 2 * target, kind)
    if kind in ("conv", "deconv"):
        kernel, stride, padding, dilation = numbers
        make = Window if kind == "conv" else Transposed
        return make(kernel, stride, padding, dilation)
    if kind == "adaptive":
        return Bins(*numbers)
    return Repeat(*numbers) if kind == "shuffle" else Tile(*numbers) if kind == "windows" else Window(1)


def rate_of(step: Step) -> Fraction:
    taps = taps_of(step)
    return Fraction(taps.shift, taps.period)


def net_of(steps: list[Step], length: int = LENGTH) -> Net:
    net = Net(length)
    for step in steps:
        reads = tuple((Along(0, taps_of(step)),) for _ in step.operands)
        net.layer(reads, (length,), of=tuple(operand + 1 for operand in step.operands))
    return net


small = st.integers(1, 4)
step_kinds = st.one_of(
    st.tuples(st.just("conv"), st.tuples(st.integers(1, 4), small, st.integers(-3, 4), st.integers(1, 5))),
    st.tuples(st.just("conv"), st.tuples(st.integers(1, 5), st.just(1), st.integers(0, 3), small)),
    st.tuples(st.just("deconv"), st.tuples(st.integers(1, 5), small, st.integers(-2, 3), st.integers(1, 3))),
    st.tuples(st.sampled_from(["nearest", "bilinear", "bicubic"]), st.tuples(small, st.integers(1, 6))),
    st.tuples(st.just("bilinear_corners"), st.tuples(st.integers(2, 5), st.integers(2, 6))),
    st.tuples(st.just("adaptive"), st.tuples(st.integers(1, 9), st.integers(1, 6))),
    st.tuples(st.sampled_from(["shuffle", "windows"]), st.tuples(small)),
)


@st.composite
def graphs(draw: st.DrawFn) -> list[Step]:
    """Chains with joins of branches that advance at the same rate."""
    steps: list[Step] = []
    rates = {-1: Fraction(1)}
    length: int = draw(st.integers(1, 7))
    for index in range(length):
        last = index - 1
        peers = [other for other in rates if other != last and rates[other] == rates[last]]
        joins: bool = draw(st.booleans())
        if peers and joins:
            step = Step("join", (last, draw(st.sampled_from(peers))))
            rates[index] = rates[last]
        else:
            operand = draw(st.sampled_from([last, last, *rates]))
            kind, numbers = draw(step_kinds)
            step = Step(kind, (operand,), numbers)
            rates[index] = rates[operand] * rate_of(step)
        steps.append(step)
    return steps


def stride_of(axis: AxisField) -> Fraction:
    assert axis.stride is not None
    return Fraction(*axis.stride) if isinstance(axis.stride, tuple) else Fraction(axis.stride)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs())
def test_every_figure_of_every_layer_is_that_of_the_enumerated_positions(steps: list[Step]) -> None:
    oracle = Oracle(steps)
    graph = net_of(steps).graph()
    for step, field in enumerate(receptive_fields(graph).nodes[1:]):
        assert field.inputs[0] is not None
        axis = field.inputs[0][0]
        assume(axis.phases <= 200)
        assert axis.status == "exact"
        seen = [oracle.support(step, unit) for unit in range(axis.phases)]
        assert axis.offsets == tuple(min(unit, default=None) for unit in seen)
        spans = tuple(max(unit) - min(unit) + 1 if unit else 0 for unit in seen)
        assert axis.sizes == spans
        assert axis.size == (min(spans), max(spans))
        holes = [span - len(unit) for span, unit in zip(spans, seen, strict=True)]
        assert axis.holes == (min(holes), max(holes))
        if seen[0]:
            assert axis.padding == -min(seen[0])
            assert axis.centre == (min(seen[0]) + max(seen[0])) / 2
        turn = stride_of(axis) * axis.phases
        assert turn.denominator == 1
        for unit, support in enumerate(seen):
            for turns in (-1, 1, 3):
                moved = {position + turns * turn for position in support}
                assert oracle.support(step, unit + turns * axis.phases) == moved


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_no_shorter_period_would_describe_the_field(steps: list[Step]) -> None:
    oracle = Oracle(steps)
    last = len(steps) - 1
    field = receptive_fields(net_of(steps).graph()).nodes[-1].inputs[0]
    assert field is not None
    phases, stride = field[0].phases, stride_of(field[0])
    assume(1 < phases <= 60)
    for shorter in (divisor for divisor in range(1, phases) if phases % divisor == 0):
        moved = stride * shorter
        assert moved.denominator > 1 or any(
            oracle.support(last, unit + shorter) != {p + moved for p in oracle.support(last, unit)}
            for unit in range(phases)
        )


@settings(max_examples=100, deadline=None)
@given(graphs(), st.integers(-40, 60))
def test_a_single_unit_sees_exactly_the_enumerated_positions(steps: list[Step], unit: int) -> None:
    graph = net_of(steps).graph()
    assert seen_positions(graph, len(steps), unit) == Oracle(steps).support(len(steps) - 1, unit)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.integers(1, 30))
def test_a_window_over_the_whole_map_sees_what_its_positions_see(steps: list[Step], length: int) -> None:
    net = net_of(steps, length)
    net.collapse()
    oracle = Oracle(steps)
    expected = frozenset().union(*(oracle.support(len(steps) - 1, unit) for unit in range(length)))
    axis = receptive_fields(net.graph()).nodes[-1].inputs[0]
    assert axis is not None
    (field,) = axis
    assert (field.collapsed, field.stride, field.phases) == (True, None, 1)
    if expected:
        span = max(expected) - min(expected) + 1
        assert (field.padding, field.sizes) == (-min(expected), (span,))
        assert field.holes == (span - len(expected),) * 2
    else:
        assert field.sizes == (0,)


@st.composite
def branches_of_different_rates(draw: st.DrawFn) -> tuple[list[Step], int]:
    """Two branches from the input whose rates differ, their join, and up to three layers behind it."""
    one, two = draw(step_kinds), draw(step_kinds)
    steps = [Step(one[0], (-1,), one[1]), Step(two[0], (-1,), two[1])]
    assume(rate_of(steps[0]) != rate_of(steps[1]))
    steps.append(Step("join", (0, 1)))
    for index in range(2, 2 + draw(st.integers(0, 3))):
        kind, numbers = draw(step_kinds)
        steps.append(Step(kind, (index,), numbers))
    return steps, draw(st.integers(3, 12))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(branches_of_different_rates())
def test_behind_a_join_of_different_rates_every_position_of_the_map_is_listed(
    drawn: tuple[list[Step], int],
) -> None:
    steps, length = drawn
    oracle = Oracle(steps)
    # Where a branch sees nothing at all, what leaves the join is unknown.
    assume(all(any(oracle.listed(branch, unit, {}) for unit in range(length)) for branch in (0, 1)))
    # All maps have one length; positions outside it are nobody's from the join on.
    sizes = dict.fromkeys(range(2, len(steps)), length)
    listed = {2: [oracle.listed(2, unit, {}) for unit in range(length)]}
    fields = receptive_fields(net_of(steps, length).graph()).nodes
    for step in range(2, len(steps)):
        if step > 2:
            listed[step] = [oracle.listed(step, unit, sizes) for unit in range(length)]
        axis = fields[step + 1].inputs[0]
        assert axis is not None
        (field,) = axis
        assert (field.status, field.stride, field.phases, field.holes) == (
            "per-position",
            None,
            length,
            None if any(listed[step]) else (0, 0),
        )
        assert field.offsets == tuple(ends[0] if ends else None for ends in listed[step])
        assert field.sizes == tuple(ends[1] - ends[0] + 1 if ends else 0 for ends in listed[step])


def test_the_oracle_knows_a_hand_counted_chain() -> None:
    # A 3-tap window with dilation 2, then one of 2 taps with stride 2: positions -2, 0, 2 and -1, 1, 3.
    oracle = Oracle([Step("conv", (-1,), (3, 1, 2, 2)), Step("conv", (0,), (2, 2, 0, 1))])
    assert oracle.support(1, 0) == {-2, -1, 0, 1, 2, 3}
    assert oracle.support(1, 3) == {4, 5, 6, 7, 8, 9}
