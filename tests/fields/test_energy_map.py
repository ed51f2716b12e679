"""The effective field of a unit in the plane: by its definition, closed forms, and the other way there."""

from __future__ import annotations

from math import comb
from random import Random

import numpy as np
import pytest
from energy_oracle import Array, Map, described, source

from rfcalc import analyze
from rfcalc.analysis.effective import EffectiveFields
from rfcalc.analysis.energy_map import EnergyMap, energy_map
from rfcalc.analysis.fields.axis_field import OutOfReachError
from rfcalc.analysis.fields.figures import BRANCH_WEIGHTS, BranchWeights
from rfcalc.library import read_text, shipped_names


def mapped(
    text: str, unit: tuple[int, ...], *, weights: BranchWeights = "kaiming", clipped: bool = True
) -> EnergyMap:
    """The map of a unit of the last layer over the only input."""
    network = analyze(read_text(text))
    last = len(network.graph.nodes) - 1
    return energy_map(network.fields, last, unit, weights=weights, clipped=clipped)


def spread(found: EnergyMap, sizes: tuple[int, ...]) -> Array:
    """The energies over a whole input, all of them 1 together."""
    result = np.zeros(sizes)
    place = tuple(slice(low, low + n) for low, n in zip(found.origin, found.energies.shape, strict=True))
    result[place] = found.energies
    return result / result.sum()


def of_unit(expected: Map, size: int, channels: int, unit: tuple[int, int]) -> Array:
    return expected.energies.reshape(*expected.shape, size, size, channels)[unit].sum(axis=(0, 3))


def agrees(text: str, expected: Map, size: int, channels: int) -> None:
    """Whether the maps of units at corners, at sides and inside are those of the definition."""
    height, width, _ = expected.shape
    for unit in {(0, 0), (height // 2, width // 2), (height - 1, width // 3), (height // 3, width - 1)}:
        energies = of_unit(expected, size, channels, unit)
        found = mapped(text, unit)
        assert spread(found, (size, size)) == pytest.approx(energies / energies.sum(), abs=1e-12), unit
        assert found.energies.sum() + (found.lost or 0) + (found.elsewhere or 0) == pytest.approx(1)


# The definition, with the borders of every layer.


def test_a_residual_block_behind_a_strided_stem() -> None:
    text = described(
        "11x11x2",
        "- conv f=3 s=2 p=1 d=3",
        "- relu",
        "- maxpool f=3 s=1 p=1 as stem",
        "- add:",
        "    - [conv f=3 p=1 d=4, bn, relu, conv f=3 p=1 d=3, bn]",
        "    - []",
        "- relu",
    )
    stem = source(11, 2).conv(3, 3, stride=2, padding=1).relu().maxpool(3, 1, 1)
    branch = stem.conv(3, 4, padding=1).relu().conv(3, 3, padding=1)
    agrees(text, branch.plus(stem).relu(), 11, 2)


def test_a_small_unet() -> None:
    text = described(
        "8x8x1",
        "- conv f=3 p=1 d=2",
        "- relu as skip",
        "- maxpool f=2",
        "- conv f=3 p=1 d=3",
        "- relu",
        "- deconv f=2 s=2 d=2",
        "- concat from=skip",
        "- conv f=3 p=1 d=1",
    )
    skip = source(8, 1).conv(3, 2, padding=1).relu()
    up = skip.pool(2, mean=False).conv(3, 3, padding=1).relu().deconv(2, 2, 2)
    agrees(text, up.beside(skip).conv(3, 1, padding=1), 8, 1)


def test_a_transposed_convolution_whose_phases_read_differently_many_positions() -> None:
    # Along one axis alone this is unknown where branches meet; in the plane it is not.
    text = described(
        "5x5x1", "- conv f=3 p=1 d=2 as skip", "- deconv f=3 s=2 d=2", "- add: [[conv f=3 p=1 d=2], []]"
    )
    up = source(5, 1).conv(3, 2, padding=1).deconv(3, 2, 2)
    agrees(text, up.conv(3, 2, padding=1).plus(up), 5, 1)


def test_interpolation_repeats_the_border() -> None:
    text = described("5x5x1", "- conv f=3 p=1 d=2", "- upsample scale=2 mode=bilinear", "- conv f=3 p=1 d=1")
    agrees(text, source(5, 1).conv(3, 2, padding=1).bilinear().conv(3, 1, padding=1), 5, 1)


def test_a_border_that_mirrors_shows_inner_positions() -> None:
    text = described("6x6x1", "- conv f=3 p=1 d=2", "- conv f=5 p=2 d=1 padding_mode=reflect")
    agrees(text, source(6, 1).conv(3, 2, padding=1).mirrored(2).conv(5, 1), 6, 1)


def test_what_is_padded_is_never_the_largest() -> None:
    text = described("7x7x1", "- conv f=3 p=1 d=2", "- maxpool f=3 s=2 p=1")
    agrees(text, source(7, 1).conv(3, 2, padding=1).maxpool(3, 2, 1), 7, 1)


@pytest.mark.parametrize(
    ("arguments", "length", "shape"),
    [
        ("f=3 s=1 p=1", 7, (3, 1, 1, 1)),
        ("f=3 s=1 p=1 count_include_pad=no", 7, (3, 1, 1, 0)),
        ("f=3 s=2 p=1 count_include_pad=no", 4, (3, 2, 1, 0)),
        # The last window hangs over the padding, over which no mean is taken.
        ("f=3 s=3 p=1 ceil=yes", 3, (3, 3, 1, 1)),
        ("f=4 s=2 p=1 ceil=yes", 4, (4, 2, 1, 1)),
        ("f=4 s=2 p=1 ceil=yes count_include_pad=no", 4, (4, 2, 1, 0)),
        ("f=3 s=2 ceil=yes", 3, (3, 2, 0, 0)),
    ],
)
def test_a_mean_over_the_border_is_of_what_it_is_divided_by(
    arguments: str, length: int, shape: tuple[int, int, int, int]
) -> None:
    text = described("7x7x1", "- conv f=3 p=1 d=2", f"- avgpool {arguments}", "- conv f=3 p=1 d=1")
    kernel, stride, padding, counted = shape
    means = source(7, 1).conv(3, 2, padding=1).mean((length, length), kernel, stride, padding, counted)
    agrees(text, means.conv(3, 1, padding=1), 7, 1)


def random_plane(draw: Random) -> tuple[str, Map]:
    """A description of a network of two axes and one channel, and its energies."""
    found, lines = source(9, 1), []
    for _ in range(4):
        kernel, dilation, channels = draw.choice((1, 3)), draw.choice((1, 2)), draw.choice((1, 2))
        shape, padding = (
            f"conv f={kernel} p={dilation * (kernel // 2)} dilation={dilation}",
            dilation * (kernel // 2),
        )
        kept = found.shape[2]
        match draw.choice(("conv", "stride", "maxpool", "avgpool", "add", "project", "concat", "up")):
            case "conv":
                lines.append(f"- {shape} d={channels}")
                found = found.conv(kernel, channels, padding=padding, dilation=dilation)
            case "stride" if found.shape[0] > 4:
                lines.append(f"- conv f=3 s=2 p=1 d={channels}")
                found = found.conv(3, channels, stride=2, padding=1)
            case "maxpool":
                lines.append("- maxpool f=3 s=1 p=1")
                found = found.maxpool(3, 1, 1)
            case "avgpool" if found.shape[0] > 4:
                lines += ["- avgpool f=2", "- conv f=1 d=2"]
                found = found.pool(2, mean=True).conv(1, 2)
            case "add":
                lines.append(f"- add: [[{shape} d=2, relu, conv f=3 p=1 d={kept}], []]")
                behind = found.conv(kernel, 2, padding=padding, dilation=dilation).relu()
                found = behind.conv(3, kept, padding=1).plus(found)
            case "project":
                lines.append(f"- add: [[{shape} d={channels}], [conv f=1 d={channels}]]")
                one = found.conv(kernel, channels, padding=padding, dilation=dilation)
                found = one.plus(found.conv(1, channels))
            case "concat":
                lines.append(f"- concat: [[{shape} d={channels}], []]")
                found = found.conv(kernel, channels, padding=padding, dilation=dilation).beside(found)
                lines.append("- conv f=1 d=1")
                found = found.conv(1, 1)
            case "up" if found.shape[0] < 6:
                lines += ["- upsample scale=2 mode=bilinear", "- conv f=3 p=1 d=1"]
                found = found.bilinear().conv(3, 1, padding=1)
    return described("9x9x1", *(lines or ["- relu"])), found


@pytest.mark.parametrize("seed", range(40))
def test_random_networks(seed: int) -> None:
    text, expected = random_plane(Random(seed))
    agrees(text, expected, 9, 1)


# Closed forms.


def test_pairs_of_taps_make_products_of_binomials() -> None:
    found = mapped(described("20x30x1", *["- conv f=2 d=3"] * 9), (5, 7), clipped=False)
    row = np.array([comb(9, place) for place in range(10)]) / 2**9
    assert found.origin == (5, 7)
    assert found.energies == pytest.approx(np.outer(row, row))
    assert (found.lost, found.elsewhere) == (0, 0)


def test_of_a_chain_variances_add_up_along_each_of_three_axes() -> None:
    chain = ("- conv f=7x3x1 s=2x1x1 d=8", "- maxpool f=3x1x2 s=2x1x2", "- conv f=3 d=8 dilation=1x1x2")
    found = mapped(described("60x40x50x1", *chain), (1, 2, 3), clipped=False)
    expected = (
        (7**2 - 1) + 2**2 * (3**2 - 1) + 4**2 * (3**2 - 1),
        (3**2 - 1) + (3**2 - 1),
        (2**2 - 1) + (2 * 2) ** 2 * (3**2 - 1),
    )
    for axis, sum_of_squares in enumerate(expected):
        figures = found.figures(axis)
        assert figures is not None
        assert figures.sigma[0] ** 2 == pytest.approx(sum_of_squares / 12)


# What falls off at borders, and what global paths carry.


def test_at_a_corner_three_quarters_of_a_large_window_fall_off() -> None:
    found = mapped(described("9x9x1", "- conv f=8 p=4:3 d=1"), (0, 0))
    assert (found.origin, found.energies.shape) == ((0, 0), (4, 4))
    assert found.lost == pytest.approx(0.75)


def test_what_falls_off_is_what_a_unit_in_the_middle_has_more() -> None:
    text = described(
        "13x13x1",
        "- conv f=3 p=1 d=3",
        "- relu",
        "- add: [[conv f=3 p=1 d=4, relu, conv f=3 p=1 d=3], []]",
        "- conv f=3 s=2 p=1 d=2",
    )
    stem = source(13, 1).conv(3, 3, padding=1).relu()
    expected = (
        stem.conv(3, 4, padding=1).relu().conv(3, 3, padding=1).plus(stem).conv(3, 2, stride=2, padding=1)
    )
    middle, corner, side = (of_unit(expected, 13, 1, unit).sum() for unit in ((3, 3), (0, 0), (0, 3)))
    assert mapped(text, (0, 0)).lost == pytest.approx(1 - corner / middle)
    assert mapped(text, (0, 3)).lost == pytest.approx(1 - side / middle)
    assert mapped(text, (3, 3)).lost == 0


def test_a_branch_over_the_whole_map_has_a_share_that_is_left_out() -> None:
    text = described("10x10x2", "- add: [[conv f=3 p=1 d=2], [globalavgpool, conv f=1 d=2]]")
    found = mapped(text, (4, 4))
    assert found.energies.shape == (3, 3)
    # A mean over 100 positions has their squared coefficients: 100 / 100².
    assert found.elsewhere == pytest.approx(0.01 / 1.01)


def test_a_gate_alone_changes_nothing() -> None:
    gate = "- mul: [[], [globalavgpool, conv f=1 d=4, sigmoid]]"
    plain = described("9x9x2", "- conv f=3 p=1 d=4")
    found, expected = mapped(f"{plain}  {gate}\n", (0, 4)), mapped(plain, (0, 4))
    assert found.energies == pytest.approx(expected.energies)


def test_a_unit_that_reads_the_whole_map_sees_all_of_it_alike() -> None:
    found = mapped(described("6x4x2", "- conv f=1 d=2", "- flatten", "- fc d=3"), ())
    assert found.energies == pytest.approx(np.full((6, 4), 1 / 24))


# What is not known is said.


def test_what_no_operator_states_is_out_of_reach_where_branches_meet() -> None:
    for layer in ("scale", "softmax"):
        with pytest.raises(OutOfReachError, match="how much of the gradient"):
            mapped(described("9x9x4", f"- add: [[conv f=3 p=1 d=4, {layer}], []]"), (4, 4))
    # A factor that all of it has makes no difference.
    assert mapped(described("9x9x4", "- add: [[conv f=3 p=1 d=4], []]", "- scale"), (4, 4)).energies.size


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("deformconv f=3 p=1 d=4", "depend on the data"),
        ("conv f=3 p=1 d=4 learned=no", "over their taps"),
        ("opaque type=X size=9x9x4", "."),
        ("attention heads=1", "global path"),
    ],
)
def test_layers_that_do_not_state_it_have_no_map(layer: str, reason: str) -> None:
    with pytest.raises(OutOfReachError, match=reason):
        mapped(described("9x9x4", "- conv f=3 p=1 d=4", f"- {layer}"), (4, 4))


def test_a_unit_that_there_is_not_is_no_unit() -> None:
    text = described("9x9x4", "- conv f=3 p=1 d=4")
    for unit in ((9, 0), (0, -1), (0,)):
        with pytest.raises(ValueError, match="no unit"):
            mapped(text, unit)


@pytest.mark.slow
def test_work_is_bounded() -> None:
    with pytest.raises(OutOfReachError, match="positions of a map"):
        mapped(described("1x1x1", *["- conv f=3 s=2 p=1 d=1"] * 40), (0, 0), clipped=False)


def test_long_chains_stay_in_range() -> None:
    text = "name: N\ninput: 400x1\nlayers:\n  - {repeat: 900, do: [conv f=7 p=3 d=1, relu]}\n"
    figures = mapped(text, (200,), clipped=False).figures(0)
    assert figures is not None
    assert figures.sigma[0] ** 2 == pytest.approx(900 * 4)


# The way forwards makes its numbers along one axis, of lists and for all layers at once.


def agrees_with_densities(name: str, weights: BranchWeights) -> int:
    """How many axes of the outputs of a network there are whose figures both ways have; they are the same."""
    network = analyze(name)
    forward = EffectiveFields(network.graph, weights)
    compared = 0
    for node in {*network.fields.of_outputs, *network.graph.outputs}:
        axes = network.graph.nodes[node].facts.output.axes
        for number in range(len(network.graph.inputs)):
            seen = forward.of(node, number)
            if seen is None or not all(isinstance(size, int) for size in axes):
                continue
            unit = [size // 2 for size in axes if isinstance(size, int)]
            try:
                found = energy_map(network.fields, node, unit, number, weights=weights, clipped=False)
            except OutOfReachError:
                continue
            for axis, along in enumerate(seen):
                figures = found.figures(axis)
                if along.figures is None or figures is None:
                    continue
                compared += 1
                # Of a share that depends on the data the way forwards may know what the sweep does not.
                if found.elsewhere is not None:
                    assert along.elsewhere == pytest.approx(found.elsewhere)
                # One of its phases.
                least, most = along.figures.sigma
                assert least - 1e-6 <= figures.sigma[0] <= most + 1e-6
                for (width, _), (low, high) in zip(figures.widths, along.figures.widths, strict=True):
                    assert low <= width <= high
    return compared


@pytest.mark.parametrize("weights", BRANCH_WEIGHTS)
@pytest.mark.parametrize(
    "name",
    ["resnet152", "vgg16", "unet", "fcn-resnet50", "unet-3d", "yolov3", "inception-v3", "deeplabv3-resnet50"],
)
def test_marginals_are_those_of_the_densities(name: str, weights: BranchWeights) -> None:
    assert agrees_with_densities(name, weights) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("weights", BRANCH_WEIGHTS)
def test_marginals_of_all_shipped_networks_are_those_of_the_densities(weights: BranchWeights) -> None:
    assert sum(agrees_with_densities(name, weights) for name in shipped_names()) > 150
