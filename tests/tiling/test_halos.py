"""Halos and steps: known values, brute force over all units in the plane, and what cannot be tiled."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tiled_networks import NEAREST, NETWORKS, TRANSPOSED, random_network, unet

import rfcalc
from rfcalc.analysed import AnalysedNetwork
from rfcalc.analysis.fields.plane import support
from rfcalc.errors import DescriptionError, UsageError
from rfcalc.library import read_expression, read_text


def network_of(layers: str, image: str) -> AnalysedNetwork:
    return rfcalc.analyze(read_expression(layers), input=image)


def halos(network: AnalysedNetwork, axis: int = 0) -> list[tuple[int, int]]:
    return [(halo.before, halo.after) for halo in network.tile().tiling.facts[axis].halos]


def measured(network: AnalysedNetwork) -> list[list[tuple[int, int]]]:
    """For each output along each axis how far units see beyond their places, by sweeps in the plane.

    The place of a unit is worked out here, from sizes alone: with n positions for m units it is
    positions u·n/m to (u + 1)·n/m, at least one.
    """
    found = []
    graph = network.graph
    for output in graph.outputs:
        axes, image = graph.nodes[output].facts.output.axes, graph.nodes[graph.inputs[0]].facts.output.axes
        sides = []
        for axis, (units, positions) in enumerate(zip(axes, image, strict=True)):
            assert isinstance(units, int)
            assert isinstance(positions, int)
            before, after = [], []
            for unit in range(units):
                place = [0] * len(axes)
                place[axis] = unit
                box = support(network.fields, output, [place]).box
                if box is None:
                    continue
                first = unit * positions // units
                last = max(first, -(-(unit + 1) * positions // units) - 1)
                before.append(first - box[axis][0])
                after.append(box[axis][1] - last)
            sides.append((max(before), max(after)))
        found.append(sides)
    return found


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        (NEAREST, (107, 107)),
        (TRANSPOSED, (107, 122)),
        # A 2x2 transposed convolution of stride 2 reads what nearest upsampling reads.
        ("deconv f=2 s=2 d=2", (107, 107)),
    ],
)
def test_a_u_net_of_depth_4(up: str, expected: tuple[int, int]) -> None:
    network = network_of(unet(up), "256x256x1")
    assert halos(network) == halos(network, 1) == [expected]
    facts = network.tile().tiling.facts
    assert [each.step for each in facts] == [16, 16]
    assert measured(network_of(unet(up), "64x64x1")) == [[expected, expected]]


def test_the_u_net_of_2015_leaves_out_92_at_each_end() -> None:
    tiling = rfcalc.analyze("unet").tile().tiling
    assert [each.left_out for each in tiling.facts] == [((92, 92),)] * 2
    # It differs from the padded one by what stands at its border alone.
    assert [[(halo.before, halo.after) for halo in each.halos] for each in tiling.facts] == [[(107, 107)]] * 2
    # The classic tiles of 572 lie 388 apart, which no pooling meets in the same phase: 384 does.
    plan = rfcalc.analyze("unet").tile(image="2108x2108x1", tile=572).tiling.chosen
    assert plan is not None
    assert [along.advance for along in plan.axes] == [384, 384]
    assert plan.axes[0].number == 5


def test_known_halos() -> None:
    # Of a chain of windows of stride 1 half of the field less one on each side.
    assert halos(network_of("conv f=3 p=1 d=2; conv f=5 p=2 d=2", "40x40x1")) == [(3, 3)]
    # A strided unit's place is its block: 7x7 at stride 2 and padding 3 sees 3 before it and 2 behind.
    assert halos(network_of("conv f=7 s=2 p=3 d=2", "40x40x1")) == [(3, 2)]
    # The first of two is all that is seen of a block.
    assert halos(network_of("conv f=1 s=2 d=2", "40x40x1")) == [(0, -1)]
    # An upsampled unit's place is the position in which it stands.
    assert halos(network_of(f"{NEAREST}; conv f=3 p=1 d=2", "40x40x1")) == [(1, 1)]
    assert halos(network_of("conv f=2 p=1:0 d=2; conv f=2 p=4:0 r=4 d=2", "40x1")) == [(5, 0)]


@pytest.mark.parametrize("name", [name for name in NETWORKS if "2015" not in name and "even" not in name])
def test_halos_are_those_of_all_units_in_the_plane(name: str) -> None:
    layers, image, _ = NETWORKS[name]
    *axes, channels = map(int, image.split("x"))
    if len(axes) == 3:
        image = f"16x16x16x{channels}"
    if name in (
        "rest of divisions",
        "rounded up",
        "kernel past its stride",
        "strided encoder",
        "one position left, interpolated",
    ):
        # Sizes that all strides divide, so that the place of a unit follows from them.
        image = f"72x72x{channels}"
    network = network_of(layers, image)
    expected = measured(network)
    found = [halos(network, axis) for axis in range(len(network.inputs[0].axes))]
    assert [[of_axis[number] for of_axis in found] for number in range(len(expected))] == expected


@pytest.mark.parametrize("seed", range(60))
def test_halos_of_random_networks(seed: int) -> None:
    layers, halved = random_network(seed)
    network = network_of(layers, f"{16 * halved}x{16 * halved}x2")
    assert [halos(network), halos(network, 1)] == [
        [each[axis] for each in measured(network)] for axis in (0, 1)
    ]


@pytest.mark.parametrize("name", ["context-module", "wavenet", "fcn-resnet50"])
def test_halos_of_shipped_networks(name: str) -> None:
    size = {"wavenet": (64, 256)}.get(name, (64, 64, 3 if name == "fcn-resnet50" else 21))
    network = rfcalc.analyze(name, input=size if name != "context-module" else None)
    assert [halos(network, axis) for axis in range(len(size) - 1)] == [
        [each[axis] for each in measured(network)] for axis in range(len(size) - 1)
    ]


GRADIENT = """
import json, sys, torch
from torch import nn
class U(nn.Module):
    def __init__(self, up, depth):
        super().__init__()
        self.depth = depth
        conv = lambda c: nn.Sequential(nn.Conv2d(c, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1))
        self.down = nn.ModuleList([conv(1) for _ in range(depth + 1)])
        self.back = nn.ModuleList([conv(2) for _ in range(depth)])
        self.up = nn.ModuleList([
            nn.Upsample(scale_factor=2) if up == "nearest"
            else nn.ConvTranspose2d(1, 1, 3, 2, 1, output_padding=1) for _ in range(depth)])
    def forward(self, x):
        skips = []
        for level in range(self.depth):
            x = self.down[level](x)
            skips.append(x)
            x = nn.functional.avg_pool2d(x, 2)
        x = self.down[-1](x)
        for level in reversed(range(self.depth)):
            x = self.back[level](torch.cat([skips[level], self.up[level](x)], 1))
        return x
found = {}
for up in ("nearest", "transposed"):
    network = U(up, 4)
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.5)
    network.double()
    before, after = [], []
    for unit in range(160, 176):
        x = torch.ones(1, 1, 336, 16, dtype=torch.float64, requires_grad=True)
        network(x)[0, 0, unit].sum().backward()
        seen = x.grad[0, 0].abs().sum(1).nonzero()
        before.append(unit - int(seen.min()))
        after.append(int(seen.max()) - unit)
    found[up] = [max(before), max(after)]
print(json.dumps(found))
"""


def test_gradients_of_a_u_net_reach_as_far(torch_python: str) -> None:
    done = subprocess.run([torch_python, "-c", GRADIENT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"nearest": [107, 107], "transposed": [107, 122]}


def test_what_cannot_be_tiled_is_named() -> None:
    cases = {
        "conv f=3 p=1 d=4 as a; globalavgpool as g; conv f=1 d=4 as b; mul from=a+b": (
            r"g \(globalavgpool\): each unit sees the whole image\n  help: ignore_global"
        ),
        "conv f=3 p=1 d=4; gn g=2": r"gn1 \(gn\): each unit sees the whole image",
        "conv f=3 p=1 d=4; attention heads=2 as look": r"look \(attention\): each unit sees the whole image",
        "conv f=3 p=1 padding_mode=circular d=4": r"conv1 \(conv\): its padding joins the two ends",
        "deformconv f=3 p=1 d=4": r"the positions it reads depend on the data",
        "maxpool f=2 s=2; upsample like=input mode=bilinear align_corners=yes as up": (
            r"up \(upsample\): which positions it reads depends on the size of the image"
        ),
        "adaptiveavgpool size=8x8 as pool": r"pool \(adaptiveavgpool\): which positions it reads depends",
        "localconv f=3 d=4": r"what it adds or has learned depends on the position",
        "opaque type=Fancy size=64x64x4 as secret": r"secret \(opaque\): it does not say which",
    }
    for layers, message in cases.items():
        with pytest.raises(UsageError, match=message):
            network_of(layers, "64x64x4").tile()


def test_what_is_global_can_be_left_out_and_is_said() -> None:
    layers = "conv f=3 p=1 d=4 as a; globalavgpool as g; conv f=1 d=4 as b; mul from=a+b; conv f=3 p=1 d=4"
    tiled = network_of(layers, "64x64x4").tile(ignore_global=True, tile=16)
    assert [each.node for each in tiled.tiling.ignored] == [2]
    assert tiled.to_dict()["exact"] is False
    assert "not exact: left out are paths over the whole image, of g" in tiled.text()
    assert halos(network_of("conv f=3 p=1 d=4; conv f=3 p=1 d=4", "64x64x4")) == [
        (halo.before, halo.after) for halo in tiled.tiling.facts[0].halos
    ]


def test_batch_normalisation_is_local() -> None:
    assert halos(network_of("conv f=3 p=1 d=4; bn; relu; ln", "64x64x4")) == [(1, 1)]


def test_branches_of_different_rates_and_outputs_without_positions() -> None:
    text = "input: 64x64x4\nlayers:\n  - concat: [[maxpool f=2 s=2], [conv f=33 d=4]]\n"
    with pytest.raises(UsageError, match="branches that advance at different rates meet"):
        rfcalc.analyze(read_text(text)).tile()
    with pytest.raises(UsageError, match="has no input with positions"):
        network_of("fc d=3", "8").tile()
    with pytest.raises(UsageError, match="3 inputs with positions"):
        rfcalc.analyze("bifpn-d0").tile()
    with pytest.raises(UsageError, match="symbolic size: say the size of the image in numbers with image"):
        network_of("conv f=3 d=4", "HxWx3").tile()


def test_sizes_that_tiles_cannot_have() -> None:
    network = network_of(unet(NEAREST, 2), "100x104x1")
    with pytest.raises(UsageError, match="axis 0 a tile has at least 48 positions"):
        network.tile(tile="20")
    with pytest.raises(UsageError, match="the image has 104 positions, a multiple of 4, .* 48 or 52"):
        network.tile(tile=(52, 50))
    with pytest.raises(UsageError, match="'5x5x5' has 3 lengths"):
        network.tile(tile="5x5x5")
    for wrong in ("", "a", "0", "-4", "4.5", "9" * 30):
        with pytest.raises(UsageError, match="expected lengths joined by x"):
            network.tile(tile=wrong or "x")
    with pytest.raises(UsageError, match="no tile has room in 10 B: the smallest, 48x48, takes"):
        network.tile(memory=10)
    with pytest.raises(UsageError, match="expected bytes, such as 8GiB"):
        network.tile(memory="lots")
    with pytest.raises(DescriptionError):
        network.tile(image="101x104x1")


def test_a_tile_may_leave_one_position_of_a_map() -> None:
    # What an upsampling reads of that says nothing of how it reads the image's.
    for layers, size, least in (
        ("conv f=2 s=2 d=2; upsample scale=2", "20x20x2", 2),
        ("conv f=3 r=3 d=2; upsample scale=2", "8x12x2", 7),
    ):
        network = network_of(layers, size)
        assert [facts.least for facts in network.tile().tiling.facts] == [least, least]
        assert network.tile(tile=least).tiling.proved
    assert network_of(unet(NEAREST, 4), "32x64x1").tile().tiling.facts[0].least is None


def test_the_shortest_tile_can_be_padded_as_the_image_is() -> None:
    for mode, least in (("zeros", 3), ("replicate", 3), ("reflect", 4)):
        network = network_of(f"conv f=3 p=3:0 padding_mode={mode} d=2", "20x20x2")
        assert [facts.least for facts in network.tile().tiling.facts] == [least, least]
        assert network.tile(tile=least).tiling.proved
    with pytest.raises(UsageError, match="at least 4 positions, since fewer cannot be padded"):
        network.tile(tile="3")


def test_memory_is_that_of_the_largest_tile_that_has_room() -> None:
    network = network_of(unet(NEAREST, 2), "400x400x1")
    for memory in (100_000, 150_000, 400_000, 1_000_000):
        tiling = network.tile(memory=memory).tiling
        assert tiling.largest is not None
        assert tiling.chosen is not None

        def taken(side: int) -> Any:
            at = network_of(unet(NEAREST, 2), f"{side}x{side}x1")
            return at.to_dict()["totals"]["peak_memory"]  # type: ignore[index]

        side = tiling.largest[0]
        assert taken(side) <= memory < taken(side + 4)
        # As many tiles, and of the shortest such.
        number = tiling.chosen.axes[0].number
        assert tiling.chosen.lengths[0] <= side
        assert network.tile(tile=side).tiling.chosen.axes[0].number == number  # type: ignore[union-attr]
        if tiling.chosen.lengths[0] - 4 >= 48:
            shorter = network.tile(tile=tiling.chosen.lengths[0] - 4).tiling.chosen
            assert shorter is not None
            assert shorter.axes[0].number > number


def test_what_is_computed_twice_is_counted_by_running_all_tiles() -> None:
    network = network_of(unet(NEAREST, 2), "200x160x1")
    plan = network.tile(tile="80x64").tiling.chosen
    assert plan is not None
    whole = network.totals.macs
    tile = network_of(unet(NEAREST, 2), "80x64x1").totals.macs
    assert (plan.macs, plan.whole_macs, plan.macs_of_all) == (tile, whole, plan.number * tile)
    # Aligned units see 22 on each side. 80 less 44 is 36 apart, 200 needs 5; 64 less 44 is 20, 160 needs 6.
    assert [along.number for along in plan.axes] == [5, 6]
    covered = [[along.kept(place, 0) for place in range(along.number)] for along in plan.axes]
    for sides, length in zip(covered, (200, 160), strict=True):
        assert [each.first for each in sides] == [0, *(each.first + each.number for each in sides[:-1])]
        assert sides[-1].first + sides[-1].number == length


def test_an_image_too_short_for_tiles() -> None:
    tiled = network_of(unet(NEAREST, 3), "64x256x1").tile()
    assert [each.least for each in tiled.tiling.facts] == [None, 104]
    assert "the image is too short to be tiled" in tiled.text()


def test_models_and_planted_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A halo that is one short does not pass the proof.
    from rfcalc.report.tiling import asking

    genuine = asking.halo_of

    def short(*given: Any) -> Any:
        halo = genuine(*given)
        return halo._replace(before=halo.before - 1)

    network = network_of("conv f=3 p=1 d=2; conv f=3 s=2 p=1 d=2", "64x64x1")
    assert network.tile(tile=16).tiling.proved
    monkeypatch.setattr(asking, "halo_of", short)
    tiled = network.tile(tile=16)
    assert not tiled.tiling.proved
    assert "does NOT find" in tiled.text()
