"""The chains of layers that set the ends of a receptive field, on networks and against an enumeration."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle, Step, reads

from rfcalc.analysis.fields.path import Chain, FieldPath, field_chains
from rfcalc.analysis.fields.path import Step as ChainStep
from rfcalc.analysis.fields.receptive_field import FieldAnalysis, receptive_fields
from rfcalc.description import build_graph
from rfcalc.errors import Position, Source
from rfcalc.graph.ir import Graph, Node
from rfcalc.library import load, read_expression, read_text
from rfcalc.ops.axis_maps import AxisMap, Bins, Repeat, Resample, Tile, Transposed, Window
from rfcalc.ops.facts import Facts
from rfcalc.ops.reads import Along
from rfcalc.shapes import Shape

HERE = Path(__file__).parent
CASES = HERE.parent / "data" / "cases"


def graph_of(layers: str, size: str) -> Graph:
    return build_graph(read_expression(layers), input=size)


def node_of(graph: Graph, name: str) -> int:
    return next(index for index, node in enumerate(graph.nodes) if node.name == name)


def field_path(
    fields: FieldAnalysis, node: int, axis: int = 0, source: int = 0
) -> tuple[ChainStep, ...] | None:
    """The one chain that sets both ends of a field; None where there is none."""
    path = field_chains(fields, node, axis, source)
    return path.chains[0].steps if path is not None and len(path.chains) == 1 else None


def contributions(graph: Graph, name: str) -> list[tuple[str, int, int, int]]:
    """The layers of a chain that contribute: name, extent, stride before, contribution."""
    steps = field_path(receptive_fields(graph), node_of(graph, name))
    assert steps is not None
    return [
        (graph.nodes[step.node].name, step.extent, int(step.stride), int(step.contribution))
        for step in steps
        if step.contribution
    ]


def path_of(graph: Graph, name: str) -> FieldPath:
    path = field_chains(receptive_fields(graph), node_of(graph, name))
    assert path is not None
    return path


def test_vgg16_up_to_pool5_is_the_sum_of_the_chapter() -> None:
    # 1 + 2·1 + 2·1 + 1·1 + 2·2 + 2·2 + 1·2 + 3·2·4 + 1·4 + 3·2·8 + 1·8 + 3·2·16 + 1·16 = 212.
    found = contributions(build_graph(load("vgg16")), "pool5")
    blocks = ((2, 1), (2, 2), (3, 4), (3, 8), (3, 16))
    expected = []
    for number, (layers, stride) in enumerate(blocks, 1):
        expected += [(f"conv{number}_{layer}", 2, stride, 2 * stride) for layer in range(1, layers + 1)]
        expected.append((f"pool{number}", 1, stride, stride))
    assert found == expected
    assert 1 + sum(contribution for *_, contribution in found) == 212


def test_alexnet_up_to_pool5_is_195() -> None:
    # conv1 11x11 s4, pool1 3x3 s2, conv2 5x5, pool2 3x3 s2, conv3 to conv5 3x3, pool5 3x3.
    found = contributions(build_graph(load("alexnet")), "pool5")
    assert [each[1:] for each in found] == [
        *((10, 1, 10), (2, 4, 8), (4, 8, 32), (2, 8, 16)),
        *((2, 16, 32), (2, 16, 32), (2, 16, 32), (2, 16, 32)),
    ]
    assert 1 + sum(contribution for *_, contribution in found) == 195


@pytest.mark.parametrize(
    ("network", "strided", "size"), [("resnet50", "conv2", 427), ("resnet50-v1", "conv1", 483)]
)
def test_resnet50_goes_by_the_3x3_convolution_of_every_block(network: str, strided: str, size: int) -> None:
    # The stem 7x7 s2 and 3x3 s2, then 3, 4, 6 and 3 blocks.  Where the 3x3 has the stride, the first of a
    # stage still sees the stride before it; where the 1x1 has it, all see the stride behind.
    found = contributions(build_graph(load(network)), "layer4.2.relu3")
    expected = [("conv1", 6, 1, 6), ("maxpool1", 2, 2, 4)]
    for stage, (blocks, stride) in enumerate(((3, 4), (4, 8), (6, 16), (3, 32)), 1):
        for block in range(blocks):
            before = stride // 2 if strided == "conv2" and stage > 1 and block == 0 else stride
            expected.append((f"layer{stage}.{block}.conv2", 2, before, 2 * before))
    assert found == expected
    assert 1 + sum(contribution for *_, contribution in found) == size


def test_an_inception_module_goes_by_its_largest_kernel() -> None:
    found = contributions(build_graph(load("googlenet")), "inception3a.concat1")
    # Stem: 7x7 s2, pool 3x3 s2, 1x1, 3x3, pool 3x3 s2; then 5x5 at stride 8.
    assert [each[1:] for each in found] == [(6, 1, 6), (2, 2, 4), (2, 4, 8), (2, 4, 8), (4, 8, 32)]


def test_densenet_goes_by_the_3x3_convolution_of_every_layer() -> None:
    graph = build_graph(load("densenet121"))
    found = contributions(graph, "relu2")
    counts = {
        stride: sum(1 for _, extent, s, _ in found if (extent, s) == (2, stride)) for stride in (4, 8, 16, 32)
    }
    # 6, 12, 24 and 16 layers; each transition pools 2x2 between them.
    assert counts == {4: 6, 8: 12, 16: 24, 32: 16}
    assert [each[1:] for each in found if each[1] == 1] == [(1, 4, 4), (1, 8, 8), (1, 16, 16)]
    assert 1 + sum(contribution for *_, contribution in found) == 2071


def test_unet_reaches_204_where_a_unit_lies_across_positions_of_the_coarser_maps() -> None:
    path = path_of(build_graph(load("unet")), "segmentation")
    assert (path.size, len(path.chains), path.chains[0].reach) == (204, 1, 203)
    graph = build_graph(load("unet"))
    fields = receptive_fields(graph).nodes[-1].inputs[0]
    assert fields is not None
    assert fields[0].size == (188, 204)


def test_a_window_over_the_whole_map_spans_it() -> None:
    # 404 = 212 + 6·32: the book's fc6 on the 7x7 map.
    steps = field_path(
        receptive_fields(build_graph(load("vgg16"))), node_of(build_graph(load("vgg16")), "fc6")
    )
    assert steps is not None
    assert (steps[-1].extent, steps[-1].stride, steps[-1].contribution) == (6, 32, 192)
    assert 1 + sum(step.contribution for step in steps) == 404


def test_the_rows_and_columns_of_a_factorised_kernel_have_paths_of_their_own() -> None:
    graph = graph_of("conv f=1x7 d=2; conv f=3x1 d=2", "9x9x2")
    assert [
        sum(step.contribution for step in field_path(receptive_fields(graph), 2, axis) or ())
        for axis in (0, 1)
    ] == [2, 6]


def test_two_inputs_have_paths_of_their_own() -> None:
    graph = build_graph(load(HERE / "two_inputs.yaml"))
    sums = [
        sum(step.contribution for step in field_path(receptive_fields(graph), 5, 0, source) or ())
        for source in (0, 1)
    ]
    assert sums == [4, 6]


def test_a_dilated_window_reaches_past_its_taps() -> None:
    (step,) = field_path(receptive_fields(graph_of("conv f=3 r=4 d=2", "20x2")), 1) or ()
    assert (step.extent, step.stride, step.contribution) == (8, 1, 8)


def test_a_gate_is_no_part_of_the_path() -> None:
    graph = build_graph(load(CASES / "se_block.yaml"))
    assert [each[0] for each in contributions(graph, "b")] == ["a", "b"]


def test_ends_that_come_by_different_branches_have_two_chains() -> None:
    # One branch looks two positions back, the other two ahead; behind them a window of 3.
    layers = "[{concat: [[pad p=2:0, conv f=3 d=2], [pad p=0:2, conv f=3 d=2]]}, conv f=3 d=2]"
    graph = graph_of(layers, "16x2")
    path = path_of(graph, "conv3")
    assert field_path(receptive_fields(graph), node_of(graph, "conv3")) is None
    assert (path.unit, path.low, path.high, path.size) == (0, -2, 4, 7)
    low, high = path.chains
    assert (low.end, low.reach, high.end, high.reach) == ("low", 2, "high", 4)
    assert [graph.nodes[step.node].name for step in low.steps] == ["pad1", "conv1", "concat1", "conv3"]
    assert [graph.nodes[step.node].name for step in high.steps] == ["pad2", "conv2", "concat1", "conv3"]


def test_one_branch_that_carries_both_ends_is_the_path_though_the_other_is_off_centre() -> None:
    graph = build_graph(load(CASES / "branch_misaligned.yaml"))
    assert contributions(graph, "post") == [("a", 2, 1, 2), ("post", 2, 2, 4)]


def test_of_branches_that_reach_equally_far_the_first_is_the_path() -> None:
    graph = graph_of("[{add: [[conv f=3 p=1 d=2 as a], [conv f=3 p=1 d=2 as b]]}]", "8x2")
    assert [each[0] for each in contributions(graph, "add1")] == ["a"]


def test_a_join_of_different_rates_is_followed_at_one_position() -> None:
    # 5 windows of 3 at stride 2 beside 5 windows of 7 at stride 1, on 11 positions.
    graph = graph_of("[{concat: [[conv f=3 s=2 d=2 as a], [conv f=7 d=2 as b]]}, conv f=3 d=2 as c]", "11x2")
    path = path_of(graph, "c")
    # Position 0: b's units 0 … 2 see 0 … 8, a's 0 … 6.
    assert (path.unit, path.low, path.high) == (0, 0, 8)
    assert [(graph.nodes[step.node].name, step.contribution) for step in path.chains[0].steps] == [
        *(("b", 6), ("concat1", 0), ("c", 2)),
    ]


def test_an_unknown_field_has_no_path() -> None:
    assert field_path(receptive_fields(graph_of("reshape to=4x4x2", "8x2x2")), 1) is None


def test_what_no_input_has_an_axis_for_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="not in"):
        field_path(receptive_fields(graph_of("fc d=3", "8")), 1)


def test_a_position_that_sees_nothing_is_not_followed() -> None:
    path = path_of(graph_of("deconv f=2 s=3 d=2", "9x2"), "deconv1")
    assert (path.unit, path.size) == (0, 1)


def test_half_positions_behind_upsampling_are_exact() -> None:
    # Doubled, then windows of 3 and 2: units lie 1/2 apart, and the layers add 1/2, 1 and 1/2 at most.
    path = path_of(graph_of("upsample scale=2; conv f=3 p=1 d=2; conv f=2 d=2", "9x2"), "conv2")
    assert [step.contribution for step in path.chains[0].steps] == [Fraction(1, 2), 1, Fraction(1, 2)]
    assert path.size == 3


def test_a_symbolic_map_has_the_path_of_any_size() -> None:
    graph = graph_of("conv f=3 p=1 d=C; conv f=5 p=2 d=C", "HxWxC")
    assert contributions(graph, "conv2") == [("conv1", 2, 1, 2), ("conv2", 4, 1, 4)]


# Random graphs: the path must be a witness that the enumeration of positions accepts.

small = st.integers(1, 4)
kinds = st.one_of(
    st.tuples(st.just("conv"), st.tuples(st.integers(1, 4), small, st.integers(-3, 4), st.integers(1, 4))),
    st.tuples(st.just("conv"), st.tuples(st.integers(1, 5), st.just(1), st.integers(0, 3), small)),
    st.tuples(st.just("deconv"), st.tuples(st.integers(1, 5), small, st.integers(-2, 3), st.integers(1, 3))),
    st.tuples(st.sampled_from(["nearest", "bilinear", "bicubic"]), st.tuples(small, st.integers(1, 5))),
    st.tuples(st.just("adaptive"), st.tuples(st.integers(1, 7), st.integers(1, 5))),
    st.tuples(st.sampled_from(["shuffle", "windows"]), st.tuples(small)),
)


def taps_of(step: Step) -> AxisMap:
    kind, numbers = step.kind, step.numbers
    if kind == "conv":
        return Window(*numbers)
    if kind == "deconv":
        return Transposed(*numbers)
    if kind in ("nearest", "bilinear", "bicubic"):
        size, target = numbers
        if kind == "nearest":
            return Resample(size, 0, target, kind)
        return Resample(2 * size, size - target, 2 * target, kind)
    if kind == "adaptive":
        return Bins(*numbers)
    return Repeat(*numbers) if kind == "shuffle" else Tile(*numbers) if kind == "windows" else Window(1)


@st.composite
def networks(draw: st.DrawFn) -> list[Step]:
    """Chains with joins of branches that advance at the same rate."""
    steps: list[Step] = []
    rates = {-1: Fraction(1)}
    for index in range(draw(st.integers(1, 7))):
        last = index - 1
        peers = [other for other in rates if other != last and rates[other] == rates[last]]
        joins: bool = draw(st.booleans())
        if peers and joins:
            step = Step("join", (last, draw(st.sampled_from(peers))))
            rates[index] = rates[last]
        else:
            operand = draw(st.sampled_from([last, last, *rates]))
            kind, numbers = draw(kinds)
            step = Step(kind, (operand,), numbers)
            taps = taps_of(step)
            rates[index] = rates[operand] * Fraction(taps.shift, taps.period)
        steps.append(step)
    return steps


def network(steps: list[Step]) -> Graph:
    """The graph of some steps, on a line so long that it has no ends."""
    shape = Shape((1000,), 2)
    position = Position(Source("test", ""), 1, 1, 2)
    nodes = [Node("input", "input", Facts(shape), position)]
    for number, step in enumerate(steps):
        taken = tuple((Along(0, taps_of(step)),) for _ in step.operands)
        facts = Facts(shape, reads=taken, channels="all")
        operands = tuple(operand + 1 for operand in step.operands)
        nodes.append(Node(f"layer{number}", "layer", facts, position, operands))
    return Graph(
        name="test",
        source="",
        nodes=tuple(nodes),
        inputs=(0,),
        outputs=(len(steps),),
        output_names=("",),
        scopes={},
        parameters={},
        symbols=(),
        notes=(),
    )


def witnesses(steps: list[Step], chain: Chain, end: str, position: int) -> bool:
    """Whether each unit of a chain reads the one before it, from an input position on."""
    unit = position
    for step in chain.steps:
        following = step.first if end == "low" else step.last
        if unit not in reads(steps[step.node - 1], following) or step.operand not in (
            operand + 1 for operand in steps[step.node - 1].operands
        ):
            return False
        unit = following
    return True


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_a_chain_leads_from_the_unit_to_the_ends_of_what_it_sees(steps: list[Step]) -> None:
    oracle = Oracle(steps)
    graph = network(steps)
    path = field_chains(receptive_fields(graph), len(steps))
    seen = oracle.support(len(steps) - 1, 0 if path is None else path.unit)
    if path is None:
        assert not seen
        return
    assert (path.low, path.high) == (min(seen), max(seen))
    reaches = {}
    for chain in path.chains:
        assert chain.steps[-1].node == len(steps)
        for end, position in (("low", path.low), ("high", path.high)):
            if chain.end in (end, "both"):
                assert witnesses(steps, chain, end, position)
        reaches[chain.end] = chain.reach
    if "both" in reaches:
        assert reaches["both"] == path.size - 1
    else:
        low, high = path.chains
        assert path.low == path.unit * low.stride - low.reach
        assert path.high == path.unit * high.stride + high.reach


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_a_known_field_always_has_a_path_and_it_is_the_largest_one(steps: list[Step]) -> None:
    graph = network(steps)
    axes = receptive_fields(graph).nodes[-1].inputs[0]
    assert axes is not None
    path = field_chains(receptive_fields(graph), len(steps))
    if axes[0].status == "exact" and axes[0].size is not None and axes[0].size[1]:
        assert path is not None
        assert path.size == axes[0].size[1]
    else:
        assert path is None


def test_a_collapsed_operand_that_sees_the_same_ends_is_no_part_of_the_chain() -> None:
    """It is a global path, which the field leaves out, though its two ends are those of the field."""
    text = "input: 3x3x3\nlayers:\n  - add: [[globalavgpool], [conv f=3 p=0:2 d=3]]\n"
    graph = build_graph(read_text(text))
    steps = field_path(receptive_fields(graph), node_of(graph, "add1"))
    assert steps is not None
    assert [graph.nodes[step.node].op for step in steps] == ["conv", "add"]
