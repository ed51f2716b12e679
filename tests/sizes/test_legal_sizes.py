"""What is said of lengths holds for each of them: the network is built at it, and at its neighbours.

The truth is the builder with numbers, one length after the other; what is judged was found by building with
polynomials.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.analysis.evenness import with_rests
from rfcalc.analysis.legal_sizes import LegalSizes, Pattern, legal_sizes, pattern_of
from rfcalc.description import Description, Resizable
from rfcalc.graph.ir import Graph
from rfcalc.graph.trial import Refused, Trials
from rfcalc.library import load, read_text, shipped_names
from rfcalc.shapes import Shape, Size


class Along:
    """A network with one length along some axes of all its inputs; the others stay as they are."""

    def __init__(self, description: Description, axes: tuple[int, ...] | None = None) -> None:
        self.trials: Trials = Resizable(description, None, None).trials()
        self.shapes = self.trials.shapes()
        self.axes = axes

    def at(self, length: Size) -> Graph:
        return self.trials.at({name: self._moved(shape, length) for name, shape in self.shapes.items()})

    def starts(self, graph: Graph) -> Mapping[int, tuple[int, ...]]:
        return {
            index: tuple(range(len(graph.nodes[index].facts.output.axes))) if self.axes is None else self.axes
            for index in graph.inputs
        }

    def sizes(self, last: int = 64) -> LegalSizes:
        return legal_sizes(self.at, self.starts, last)

    def _moved(self, shape: Shape, length: Size) -> Shape:
        axes = self.axes
        return shape._replace(
            axes=tuple(length if axes is None or axis in axes else n for axis, n in enumerate(shape.axes))
        )


def described(layers: str, size: str = "64x64x3") -> Description:
    lines = "".join(f"  - {line.strip()}\n" for line in layers.split(";"))
    return read_text(f"input: {size}\nlayers:\n{lines}")


def assert_each_length_is_as_said(network: Along, lengths: list[int], last: int = 64) -> LegalSizes:
    """Build every length; what is not known is allowed only past `last`."""
    sizes = network.sizes(last)
    legal = pattern_of(sizes, lambda verdict: verdict.legal)
    even = pattern_of(sizes, lambda verdict: verdict.legal and verdict.even)
    for length in lengths:
        said = sizes.at(length)
        if said is None:
            assert sizes.open, length
            assert length > last, length
            continue
        try:
            graph = network.at(length)
        except Refused as refused:
            assert not said.legal, (length, refused.refusal.message)
            built = is_even = False
        else:
            assert said.legal, (length, said.refusal and said.refusal.message)
            built, is_even = True, not [*with_rests(graph, network.starts(graph))]
            assert said.even == is_even, length
            params = [node.own_params for node in graph.layers]
            assert said.params == (None if None in params else sum(each for each in params if each)), length
        for pattern, holds in ((legal, built), (even, is_even)):
            assert pattern is None or pattern.holds(length) == holds, length
    return sizes


def pattern(layers: str, size: str = "64x64x3", *, even: bool = False) -> Pattern:
    """The lengths that fit, after each of the first 200 has been built."""
    network = Along(described(layers, size))
    sizes = assert_each_length_is_as_said(network, [*range(1, 200)])
    found = pattern_of(sizes, lambda verdict: verdict.legal and (verdict.even or not even))
    assert found is not None
    return found


def test_a_chain_that_keeps_its_map_takes_any_size() -> None:
    assert pattern("conv f=3 p=1 d=4; relu; globalavgpool; fc d=10") == Pattern(1, 1, (0,), ())


def test_windows_without_padding_need_a_map_that_holds_them() -> None:
    assert pattern("conv f=5 d=4; conv f=3 d=4") == Pattern(7, 1, (0,), ())


@pytest.mark.parametrize(
    ("layers", "legal"),
    [
        # A skip connection across poolings: the map must come back as long as it was.
        ("concat: [[maxpool f=2 s=2, maxpool f=2 s=2, upsample scale=4], []]", Pattern(1, 4, (0,), ())),
        ("concat: [[maxpool f=2 s=2 ceil=yes, upsample scale=2], []]", Pattern(1, 2, (0,), ())),
        ("concat: [[conv f=3 s=2 p=same d=3, upsample scale=2], []]", Pattern(1, 2, (0,), ())),
        # 3x3 at stride 2 with output padding: n and n - 1 both become n.
        ("concat: [[conv f=3 s=2 p=1 d=3, deconv f=3 s=2 p=1 d=3], []]", Pattern(1, 2, (1,), ())),
        (
            "concat: [[conv f=3 s=2 p=1 d=3, deconv f=3 s=2 p=1 d=3 output_padding=1], []]",
            Pattern(1, 2, (0,), ()),
        ),
        # A crop to the other branch fits any size, a crop by a number one parity.
        (
            "concat: [[identity as up, maxpool f=2, upsample scale=2 as down], [crop p=0:1]]",
            Pattern(2, 2, (1,), ()),
        ),
        ("pixelunshuffle factor=4; conv f=3 p=1 d=48; pixelshuffle factor=4", Pattern(1, 4, (0,), ())),
        ("conv f=4 s=4 d=8; attention heads=2 window=3", Pattern(4, 12, (0, 1, 2, 3), ())),
        ("crop size=20", Pattern(20, 1, (0,), ())),
        ("conv f=3 r=9 d=4; conv f=3 r=2 p=2 s=3 d=4", Pattern(19, 1, (0,), ())),
        ("adaptiveavgpool size=7; flatten; fc d=10", Pattern(1, 1, (0,), ())),
        ("maxpool f=2; adaptivemaxpool size=3x5; flatten; fc d=10", Pattern(2, 1, (0,), ())),
        ("maxpool f=3 s=2 ceil=yes; maxpool f=3 s=2 ceil=yes; flatten; fc d=10", Pattern(4, 1, (0,), ())),
        ("pad p=40 mode=reflect; conv f=3 s=2 d=4", Pattern(41, 1, (0,), ())),
        ("roll by=3; slice h=::3 w=5:40", Pattern(6, 1, (0,), ())),
    ],
)
def test_what_an_operator_asks_of_a_length_is_found(layers: str, legal: Pattern) -> None:
    assert pattern(layers) == legal


@pytest.mark.parametrize(
    ("layers", "even"),
    [
        # 2x2 poolings divide; a 3x3 window at stride 2 with padding 1 sees both borders of odd maps.
        ("maxpool f=2; maxpool f=2", Pattern(1, 4, (0,), ())),
        ("conv f=7 s=2 p=3 d=4; maxpool f=3 s=2 p=1", Pattern(1, 4, (1,), ())),
        # Padding that follows the size: of an even map TensorFlow pads the end alone.
        ("conv f=3 s=2 p=same d=4", Pattern(1, 2, (1,), ())),
        ("conv f=2 s=2 p=same d=4", Pattern(1, 2, (0,), ())),
        # Padding that is written as it is, is meant.
        ("conv f=3 s=2 p=0:1 d=4", Pattern(1, 2, (0,), ())),
        ("maxpool f=2 ceil=yes", Pattern(1, 2, (0,), ())),
        ("crop size=20", Pattern(19, 2, (0,), ())),
        ("conv f=3 p=1 d=4", Pattern(1, 1, (0,), ())),
    ],
)
def test_where_no_division_leaves_a_rest_is_found(layers: str, even: Pattern) -> None:
    assert pattern(layers, even=True) == even


def test_a_fixed_number_of_elements_fits_single_sizes_however_far() -> None:
    """16x16 patches and a table of 196 positions: 224 to 239, and then never again."""
    network = Along(described("conv f=16 s=16 d=8; reshape to=196x8", "224x224x3"))
    sizes = assert_each_length_is_as_said(network, [*range(1, 600), 16 * 768, 16 * 768 + 3])
    assert pattern_of(sizes, lambda verdict: verdict.legal) == Pattern(240, 1, (), tuple(range(224, 240)))


def test_two_rates_meet_at_one_size() -> None:
    """A map of n positions beside one of 2n - 30: they are the same for n = 30 alone."""
    network = Along(described("add: [[upsample scale=2, crop p=15], []]"))
    sizes = assert_each_length_is_as_said(network, [*range(1, 300)])
    found = pattern_of(sizes, lambda verdict: verdict.legal)
    assert found is not None
    assert (found.rests, found.before) == ((), (30,))


def test_a_length_of_one_is_broadcast_where_no_other_is() -> None:
    network = Along(described("add: [[], learned size=40x40x3]", "40x40x3"))
    sizes = assert_each_length_is_as_said(network, [*range(1, 100)])
    found = pattern_of(sizes, lambda verdict: verdict.legal)
    assert found is not None
    assert (found.rests, found.before) == ((), (1, 40))


def test_an_axis_moves_by_itself_while_the_other_stays() -> None:
    layers = "add: [[maxpool f=2x1 s=4x1, upsample scale=4x1], []]"
    tall = Along(described(layers, "64x63x3"), (0,)).sizes()
    wide = Along(described(layers, "64x63x3"), (1,)).sizes()
    assert pattern_of(tall, lambda verdict: verdict.legal) == Pattern(1, 4, (0,), ())
    assert pattern_of(wide, lambda verdict: verdict.legal) == Pattern(1, 1, (0,), ())


def test_the_parameters_of_a_layer_over_the_whole_map_follow_the_size() -> None:
    sizes = Along(described("maxpool f=2; fc d=10 as head; relu; fc d=3", "32x32x4")).sizes()
    at = {length: sizes.at(length) for length in (31, 32, 33, 34)}
    found = {length: verdict.params for length, verdict in at.items() if verdict}
    assert found == {n: (n // 2) ** 2 * 4 * 10 + 10 + 33 for n in (31, 32, 33, 34)}
    assert all(verdict and verdict.changing == ("head",) for verdict in at.values())


def test_what_is_not_shown_is_open_and_the_lengths_asked_for_are_built() -> None:
    """Expressions that depend on a length leave open what holds for all of them."""
    layers = "flatten; fc d=cin%7+1; fc d=2"
    network = Along(described(layers, "8x3"))
    sizes = assert_each_length_is_as_said(network, [*range(1, 90)], last=40)
    assert all(sizes.at(length) is not None for length in range(1, 41))


# Random networks.
number = st.integers(1, 5)
small = st.integers(0, 3)
CHAIN = st.one_of(
    st.builds("conv f={} s={} p={} d=2".format, number, number, small),
    st.builds("conv f={} s={} p=same d=2".format, number, st.integers(1, 3)),
    st.builds("conv f={} s={} p=same_lower d=2".format, number, st.integers(1, 3)),
    st.builds("conv f={} r={} p={} d=2".format, number, number, small),
    st.builds("maxpool f={} s={}".format, number, number),
    st.builds("maxpool f={} s={} ceil=yes".format, number, st.integers(1, 3)),
    st.builds(
        "avgpool f={} s={} p={} ceil=yes".format, st.integers(2, 5), st.integers(1, 3), st.integers(0, 1)
    ),
    st.builds("deconv f={} s={} p={} d=2".format, number, st.integers(1, 3), small),
    st.builds("deconv f=3 s=3 d=2 output_padding={}".format, st.integers(0, 2)),
    st.builds("upsample scale={}".format, st.integers(1, 3)),
    st.builds("upsample size={}".format, st.integers(1, 12)),
    st.builds("adaptiveavgpool size={}".format, number),
    st.builds("crop p={}:{}".format, small, small),
    st.builds("crop size={}".format, st.integers(1, 20)),
    st.builds("pad p={} mode={}".format, small, st.sampled_from(["reflect", "circular", "zeros"])),
    st.builds("pixelunshuffle factor={0}; conv f=1 d=2".format, number),
    st.builds("conv f=1 d=2*{0}*{0}; pixelshuffle factor={0}".format, st.integers(1, 3)),
    st.builds("slice h={}:99 w=0:{}".format, small, st.integers(1, 30)),
    st.builds("slice h=::{0} w=::{0}".format, st.integers(1, 3)),
    st.builds("attention window={}".format, st.integers(1, 4)),
    st.sampled_from(["relu", "bn", "in", "globalavgpool"]),
)
FORK = st.sampled_from(["add", "concat", "mul"])
TAIL = st.sampled_from(["", "; flatten; fc d=3", "; globalavgpool; fc d=3", "; reshape to=6x6x2", "; fc d=2"])


@st.composite
def networks(draw: st.DrawFn) -> str:
    """A chain, a fork that comes together again, another chain."""
    before = draw(st.lists(CHAIN, max_size=2))
    inside = draw(st.lists(CHAIN, min_size=1, max_size=3))
    other = draw(st.lists(CHAIN, max_size=2))
    fork = draw(FORK)
    branches = [", ".join("; ".join(branch).split("; ")) for branch in (inside, other)]
    lines = ["conv f=1 d=2", *before]
    if draw(st.booleans()):
        lines.append(f"{{{fork}: [[{branches[0]}], [{branches[1]}]]}}")
    else:
        lines += inside
    return "; ".join([*lines, *draw(st.lists(CHAIN, max_size=1))]) + draw(TAIL)


@given(networks())
@settings(max_examples=60, deadline=None)
@example("conv f=1 d=2; {add: [[maxpool f=3 s=3, deconv f=3 s=3 d=2 output_padding=2], []]}")
@example("conv f=1 d=2; {mul: [[globalavgpool], [conv f=3 s=2 d=2]]}; crop size=9")
def test_every_length_of_a_random_network_is_as_said(layers: str) -> None:
    lengths = [*range(1, 90), *range(1000, 1020), 4096, 4097]
    assert_each_length_is_as_said(Along(described(layers)), lengths)


@pytest.mark.slow
@given(networks())
@settings(max_examples=250, deadline=None)
def test_every_length_of_very_many_random_networks_is_as_said(layers: str) -> None:
    lengths = [*range(1, 90), *range(1000, 1020), 4096, 4097]
    assert_each_length_is_as_said(Along(described(layers)), lengths)


@pytest.mark.parametrize("name", ["vgg16", "unet", "resnet18", "pyramidnet110", "vit-b16", "siamese", "crnn"])
def test_every_length_of_a_shipped_network_is_as_said(name: str) -> None:
    assert_each_length_is_as_said(Along(load(name)), [*range(1, 260, 3), *range(200, 260)])


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_every_length_of_all_shipped_networks_is_as_said(name: str) -> None:
    network = Along(load(name))
    assert_each_length_is_as_said(network, [*range(1, 72), *range(72, 300, 7), *range(1009, 1025, 3)])
