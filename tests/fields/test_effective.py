"""The effective field: closed forms, published references, and its definition carried out in matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb, erf, pi, sqrt
from random import Random

import numpy as np
import pytest
from energy_oracle import SIZE, Array, Map, described, random_line, source

from rfcalc import analyze
from rfcalc.analysis.effective import EffectiveAlong, EffectiveFields
from rfcalc.analysis.fields.densities import SHARES, DensityFigures
from rfcalc.analysis.fields.figures import BRANCH_WEIGHTS, BranchWeights
from rfcalc.library import read_text
from rfcalc.ops.axis_maps import Window, tap_energies


def along(text: str, layer: str = "", weights: BranchWeights = "kaiming") -> EffectiveAlong:
    """The effective field of a layer, the last without a name, along the first axis of the first input."""
    graph = analyze(read_text(text)).graph
    names = [node.name for node in graph.nodes]
    place = names.index(layer) if layer else len(names) - 1
    found = EffectiveFields(graph, weights).of(place, 0)
    assert found is not None
    return found[0]


def figures(text: str, layer: str = "", weights: BranchWeights = "kaiming") -> DensityFigures:
    found = along(text, layer, weights)
    assert found.figures is not None, found.reason
    return found.figures


def width(found: DensityFigures, share: int = 95) -> int:
    low, high = found.widths[SHARES.index(share)]
    assert low == high
    return low


# Chains in closed form.


def test_of_a_chain_variances_add_up() -> None:
    chain = (
        "- conv f=7 s=2 p=3 d=8",
        "- maxpool f=3 s=2",
        "- conv f=3 p=same d=8 dilation=2",
        "- conv f=5 p=2 d=8",
    )
    # Kernel, distance of its taps in input positions.
    variance = sum(apart**2 * (kernel**2 - 1) / 12 for kernel, apart in ((7, 1), (3, 2), (3, 8), (5, 4)))
    found = figures(described("97x97x3", *chain))
    assert found.sigma == pytest.approx((sqrt(variance), sqrt(variance)))


def test_of_a_first_unit_that_sees_nothing_the_centre_follows_from_the_next() -> None:
    # Unit 1 sees position 1 and unit 3 position 2: half a position a unit.
    found = figures(described("20x20x3", "- deconv f=1 s=2 p=1 d=4"))
    assert found.of_phases == ((0, 0, 0, 0), (1, 1, 1, 1))
    assert (found.centre, found.firsts) == (0.5, (0.5,) * 4)


def test_pairs_of_taps_make_binomials() -> None:
    for length in (1, 2, 5, 20):
        found = figures(described("64x3", *["- conv f=2 d=3"] * length))
        masses = [comb(length, place) / 2**length for place in range(length + 1)]
        for share in SHARES:
            ends = [
                place
                for place in range(length + 1)
                if min(sum(masses[: place + 1]), sum(masses[place:])) > (100 - share) / 200
            ]
            assert width(found, share) == ends[-1] - ends[0] + 1
        assert found.sigma[0] == pytest.approx(sqrt(length) / 2)
        assert found.centre == pytest.approx(length / 2)


def test_one_window_is_uniform() -> None:
    assert [width(figures(described("99x3", "- conv f=40 d=3")), share) for share in SHARES] == [
        20,
        28,
        38,
        40,
    ]


def test_a_chain_is_the_same_whatever_its_branches_would_weigh() -> None:
    text = described("64x64x3", "- conv f=3 p=1 d=8", "- gelu", "- conv f=3 s=2 p=1 d=8")
    assert len({figures(text, weights=weights) for weights in BRANCH_WEIGHTS}) == 1


# An independent calculation of published networks: σ by weights, and the width of 95 % by Kaiming's.
REFERENCES = {
    "resnet18": (42.3, 38.5, 54.4, 169),
    "resnet50": (41.3, 36.2, 51.1, 163),
    "resnet101": (60.3, 52.5, 74.2, 237),
    "resnet152": (72.3, 62.9, 88.9, 283),
    "vgg16": (27.6, 27.6, 27.6, 108),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_published_networks(name: str) -> None:
    *sigmas, widest = REFERENCES[name]
    network = analyze(name)
    for weights, sigma in zip(BRANCH_WEIGHTS, sigmas, strict=True):
        found = EffectiveFields(network.graph, weights).of(network.fields.network, 0)
        assert found is not None
        vertical, horizontal = (each.figures for each in found)
        assert vertical is not None
        assert vertical == horizontal
        assert vertical.sigma == pytest.approx((sigma, sigma), abs=0.05)
        if weights == "kaiming":
            assert width(vertical) == widest


def marginal(found: Map, size: int, channels: int, unit: tuple[int, int]) -> Array:
    """The energies of the rows of the input, for a unit with all its channels."""
    of_unit = found.energies.reshape(*found.shape, size, size, channels)[unit]
    return of_unit.sum(axis=(0, 2, 3))


def of_rows(energies: Array) -> tuple[float, list[int]]:
    """σ, and the widths of the intervals that leave out at most half of the rest on either side."""
    places = np.arange(len(energies))
    share = energies / energies.sum()
    mean = (share * places).sum()
    before, behind = np.cumsum(share), np.cumsum(share[::-1])
    rests = [(100 - each) / 200 + 1e-9 for each in SHARES]
    widths = [len(share) - int((before <= rest).sum()) - int((behind <= rest).sum()) for rest in rests]
    return sqrt((share * (places - mean) ** 2).sum()), widths


def agrees(found: DensityFigures, units: Sequence[Array]) -> None:
    """Whether figures are those of the marginals of all units of a period."""
    expected = [of_rows(energies) for energies in units]
    sigmas = [sigma for sigma, _ in expected]
    assert found.sigma == pytest.approx((min(sigmas), max(sigmas)))
    for place, ends in enumerate(found.widths):
        widths = [each[place] for _, each in expected]
        assert ends == (min(widths), max(widths))


def test_a_residual_of_two_convolutions_weighs_twice_its_identity() -> None:
    size = 13
    text = described(
        f"{size}x{size}x2",
        "- conv f=3 p=1 d=3",
        "- relu as stem",
        "- add:",
        "    - [conv f=3 p=1 d=4, bn, relu, conv f=3 p=1 d=3, bn]",
        "    - []",
        "- relu",
    )
    stem = source(size, 2).conv(3, 3, padding=1).relu()
    branch = stem.conv(3, 4, padding=1).relu().conv(3, 3, padding=1)
    expected = branch.plus(stem).relu()
    agrees(figures(text), [marginal(expected, size, 2, (6, 6))])
    total = branch.energies.reshape(size, size, 3, -1)[6, 6].sum()
    assert total == pytest.approx(2 * stem.energies.reshape(size, size, 3, -1)[6, 6].sum())


def test_branches_of_a_concatenation_weigh_alike_whatever_their_width() -> None:
    size = 11
    text = described(
        f"{size}x{size}x2",
        "- conv f=3 p=1 d=2",
        "- concat:",
        "    - [conv f=1 d=1]",
        "    - [conv f=5 p=2 d=4]",
        "- conv f=3 p=1 d=2",
    )
    stem = source(size, 2).conv(3, 2, padding=1)
    one, two = stem.conv(1, 1), stem.conv(5, 4, padding=2)
    expected = one.beside(two).conv(3, 2, padding=1)
    agrees(figures(text), [marginal(expected, size, 2, (5, 5))])
    middles = [each.energies.reshape(size, size, -1, size * size * 2)[5, 5].sum() for each in (one, two)]
    assert middles[0] == pytest.approx(middles[1])


@pytest.mark.parametrize("between", ["", "relu, ", "relu, relu, "])
def test_equal_branches_weigh_alike_whatever_they_pass_on(between: str) -> None:
    # Two windows of 3 have the variance 2·(3² − 1)/12, the identity none; by gains they stand 4, 2, 1 to 1.
    branches = f"[[conv f=3 p=1 d=4, {between}conv f=3 p=1 d=4], []]"
    found = figures(f"input: 32x32x4\nlayers:\n  - add: {branches}\n", weights="equal")
    assert found.sigma == pytest.approx([sqrt(16 / 12 / 2)] * 2)


def test_groups_strides_dilations_and_pooling_beside_an_average() -> None:
    size = 16
    text = described(
        f"{size}x{size}x2",
        "- add:",
        "    - [conv f=3 s=2 p=1 d=4 groups=2, relu]",
        "    - [avgpool f=2, conv f=1 d=4]",
        "    - [conv f=3 p=2 d=4 dilation=2, maxpool f=2]",
        "- conv f=3 p=1 d=1",
    )
    start = source(size, 2)
    expected = (
        start.conv(3, 4, stride=2, padding=1, groups=2)
        .relu()
        .plus(start.pool(2, mean=True).conv(1, 4))
        .plus(start.conv(3, 4, padding=2, dilation=2).pool(2, mean=False))
        .conv(3, 1, padding=1)
    )
    agrees(figures(text), [marginal(expected, size, 2, (4, 4))])


def test_a_small_unet_phase_by_phase() -> None:
    size = 16
    text = described(
        f"{size}x{size}x1",
        "- conv f=3 p=1 d=2",
        "- relu as skip",
        "- maxpool f=2",
        "- conv f=3 p=1 d=3",
        "- relu",
        "- deconv f=2 s=2 d=2",
        "- concat from=skip",
        "- conv f=3 p=1 d=1",
    )
    skip = source(size, 1).conv(3, 2, padding=1).relu()
    up = skip.pool(2, mean=False).conv(3, 3, padding=1).relu().deconv(2, 2, 2)
    expected = up.beside(skip).conv(3, 1, padding=1)
    agrees(figures(text), [marginal(expected, size, 1, (unit, 8)) for unit in (8, 9)])


def test_bilinear_upsampling_joined_with_what_it_came_from() -> None:
    size = 12
    text = described(
        f"{size}x{size}x1",
        "- conv f=3 p=1 d=2 as skip",
        "- avgpool f=2",
        "- upsample scale=2 mode=bilinear",
        "- add from=skip",
    )
    skip = source(size, 1).conv(3, 2, padding=1)
    expected = skip.pool(2, mean=True).bilinear().plus(skip)
    agrees(figures(text), [marginal(expected, size, 1, (unit, 6)) for unit in (6, 7)])


def test_a_transposed_convolution_whose_phases_read_differently_many_positions() -> None:
    size = 9
    text = described(f"{size}x{size}x1", "- conv f=3 p=1 d=2", "- deconv f=3 s=2 d=2", "- conv f=3 d=1")
    expected = source(size, 1).conv(3, 2, padding=1).deconv(3, 2, 2).conv(3, 1)
    agrees(figures(text), [marginal(expected, size, 1, (unit, 8)) for unit in (8, 9)])


# Random networks along one axis.


@pytest.mark.parametrize("seed", range(60))
def test_random_networks(seed: int) -> None:
    text, expected = random_line(Random(seed))
    unit = expected.size // 2
    energies = expected.energies.reshape(expected.size, expected.channels, SIZE, 2)[unit].sum(axis=(0, 2))
    agrees(figures(text), [energies])


# What is not known is said.


def test_what_no_operator_states_is_unknown_with_a_reason() -> None:
    block = (
        "- add:",
        "    - [conv f=3 p=1 d=4, {}]",
        "    - []",
    )
    for layer, name in (("softmax as g", "g"), ("scale as s", "s")):
        text = described("9x9x4", "- conv f=1 d=4", *(line.format(layer) for line in block))
        found = along(text)
        assert found.figures is None
        assert (
            found.reason == f"branches meet, and it is not stated how much of the gradient {name} passes on"
        )
        assert figures(text, weights="equal")
    for layers in (
        ["- deformconv f=3 p=1 d=4"],
        ["- conv f=3 p=1 d=4 learned=no"],
        ["- opaque type=X size=9x9x4"],
    ):
        assert along(described("9x9x4", *layers)).reason


def test_a_factor_that_all_branches_have_makes_no_difference() -> None:
    block = "- add: [[conv f=5 p=2 d=4, relu, conv f=1 d=4], []]"
    plain = figures(described("19x19x4", "- conv f=1 d=4", block, block))
    # Of what enters, and of what leaves.
    assert (
        figures(described("19x19x4", "- conv f=1 d=4", "- gelu", block, "- scale", block, "- gelu")) == plain
    )
    # In each branch one, they are not the same.
    own = along(described("9x9x4", "- add: [[conv f=5 p=2 d=4, scale as one], [conv f=1 d=4, scale as two]]"))
    assert own.reason == "branches meet, and it is not stated how much of the gradient two passes on"


def test_attention_carries_a_share_that_is_not_known() -> None:
    found = along(described("9x9x4", "- conv f=3 p=1 d=4", "- attention heads=1"))
    assert found.figures is None
    assert found.elsewhere is None
    assert "global path" in found.reason


def test_a_branch_over_the_whole_map_has_a_share_that_is_left_out() -> None:
    text = described(
        "10x10x2",
        "- add:",
        "    - [conv f=3 p=1 d=2]",
        "    - [globalavgpool, conv f=1 d=2]",
    )
    found = along(text)
    assert found.figures is not None
    assert width(found.figures) == 3
    # A mean over 100 positions has their squared coefficients: 100 / 100².
    assert found.elsewhere == pytest.approx(0.01 / 1.01)


def test_a_gate_alone_changes_nothing_of_a_chain() -> None:
    gate = [
        "- mul:",
        "    - []",
        "    - [globalavgpool, conv f=1 d=4, sigmoid]",
    ]
    plain = figures(described("9x9x2", "- conv f=3 p=1 d=4"))
    assert figures(described("9x9x2", "- conv f=3 p=1 d=4", *gate)) == plain


def test_a_gate_in_a_branch_is_half_open() -> None:
    # Squeeze and excitation, and one that is shown at every position first.
    for gate in ("globalavgpool, fc d=4, {}", "globalavgpool, conv f=1 d=4, {}, flatten"):
        for opening in ("sigmoid", "hardsigmoid"):
            branch = f"[conv f=5 p=2 d=4, {{mul: [[], [{gate.format(opening)}]]}}]"
            found = figures(described("19x19x4", "- conv f=1 d=4", f"- add: [{branch}, [conv f=3 p=1 d=4]]"))
            # Masses of ¼ and 1, of windows of 5 and of 3.
            assert found.sigma[0] ** 2 == pytest.approx((24 / 12 / 4 + 8 / 12) / 1.25)
    other = described("9x9x4", "- add: [[{mul: [[conv f=5 p=2 d=4], [globalavgpool, softmax]]}], []]")
    assert "passes on" in along(other).reason


def normal(z: Array) -> Array:
    return np.exp(-(z**2) / 2) / sqrt(2 * pi)


def logistic(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("name", "derivative"),
    [
        ("relu", lambda z: (z > 0) * 1.0),
        ("gelu", lambda z: np.vectorize(lambda x: (1 + erf(x / sqrt(2))) / 2)(z) + z * normal(z)),
        ("silu", lambda z: logistic(z) * (1 + z * (1 - logistic(z)))),
        ("hardswish", lambda z: np.where(z >= 3, 1.0, np.where(z <= -3, 0.0, (2 * z + 3) / 6))),
        ("sigmoid", lambda z: logistic(z) * (1 - logistic(z))),
        ("hardsigmoid", lambda z: (abs(z) < 3) / 6),
        ("tanh", lambda z: 1 - np.tanh(z) ** 2),
        ("softplus", logistic),
    ],
)
def test_the_gain_of_a_function_is_its_expected_squared_derivative(
    name: str, derivative: Callable[[Array], Array]
) -> None:
    # At an input that is normal with mean 0 and variance 1: by the midpoint rule.
    step = 1e-3
    middles = np.arange(-10 + step / 2, 10, step)
    expected = float((derivative(middles) ** 2 * normal(middles)).sum() * step)
    graph = analyze(read_text(described("9x9x4", f"- {name}"))).graph
    gain = graph.nodes[-1].facts.gain
    assert gain is not None
    assert gain[0] / gain[1] == pytest.approx(expected, abs=6e-5)


def test_some_channels_of_some_that_do_not_see_alike_are_unknown() -> None:
    branches = (
        "- concat:",
        "    - [conv f=1 d=2]",
        "    - [conv f=5 p=2 d=2]",
    )
    found = along(described("9x9x2", *branches, "- slice channels=0:2"))
    assert found.reason == "some channels are read of those that do not all see alike"
    assert along(described("9x9x2", "- conv f=5 p=2 d=4", "- slice channels=0:2")).figures


def test_branches_that_differ_from_unit_to_unit_along_another_axis_are_unknown() -> None:
    text = described(
        "9x9x1", "- conv f=1 d=1", "- add:", "    - [conv f=3 p=1 d=1]", "    - [deconv f=3 p=1 d=1]"
    )
    assert figures(text)
    two = '["upsample scale=2", "conv f=3 p=1 d=1"]', "[deconv f=3 s=2 p=1 output_padding=1 d=1]"
    found = along(described("9x9x1", "- add:", *(f"    - {branch}" for branch in two)))
    assert "along another axis" in found.reason


def test_long_chains_stay_in_range() -> None:
    text = "name: N\ninput: 400x1\nlayers:\n  - {repeat: 900, do: [conv f=7 p=3 d=1]}\n"
    assert figures(text).sigma[0] == pytest.approx(sqrt(900 * 4))


def test_work_is_bounded() -> None:
    text = "name: N\ninput: 1x1x1\nlayers:\n  - {repeat: 60, do: [conv f=3 s=2 p=1 d=1]}\n"
    assert "too many" in along(text).reason


def test_a_mean_of_what_all_positions_show_alike_has_less_of_the_energy() -> None:
    # A position shown everywhere, then averaged over 2 x 2: its gradient has squares of a quarter each.
    shown = "[globalavgpool, upsample size=10, avgpool f=2]"
    found = along(described("10x10x2", f"- add: [[conv f=2 s=2 d=2], {shown}]"))
    mass = 0.01 * 4 / 16
    assert found.elsewhere == pytest.approx(mass / (2 + mass))


def test_a_window_over_one_position_reads_padding_beside_it() -> None:
    text = described("4x4x2", "- add: [[globalavgpool, conv f=3 p=1 d=2], [conv f=2 s=4 d=2]]")
    start = source(4, 2)
    expected = start.pool(4, mean=True).conv(3, 2, padding=1).plus(start.conv(2, 2, stride=4))
    agrees(figures(text), [marginal(expected, 4, 2, (0, 0))])


def test_the_tap_of_a_maximum_is_read_as_often_as_each_other() -> None:
    # One of f positions has the gradient, each as likely: f expected squares that are 1 together, not 1/f.
    for kernel in (2, 3, 5):
        energies = tap_energies(Window(kernel, 1, weights="maximum"), 0)
        assert energies == pytest.approx([1 / kernel] * kernel)
