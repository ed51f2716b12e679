"""Questions that people ask in public of networks, with values derived by hand, enumerated or published."""

from __future__ import annotations

import pytest

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load, read_text


def network(text: str) -> NetworkAnalysis:
    return analyze(read_text(text))


CHANNEL_ATTENTION = """
input: 32x32x64
blocks:
  mlp: [conv f=1 d=cin//16 bias=no, relu, conv f=1 d=cin_block bias=no]
layers:
  - reducemean over=positions as means
  - mlp as first
  - reducemax over=positions from=input
  - mlp weights=first as second
  - add from=first
  - sigmoid
  - mul from=input
"""
SPATIAL_GATE = """
input: 32x32x64
layers:
  - tensors: [[reducemean over=channels], [reducemax over=channels]]
  - concat
  - conv f=7 p=3 d=1 bias=no
  - sigmoid
  - mul from=input
"""
ECA = """
input: 32x32x64
params: {b: 1, gamma: 2}
layers:
  - let: {k: "floor(abs((log2(cin) + b) / gamma))"}
  - globalavgpool
  - reshape to=64x1
  - conv f=(k + 1 - k % 2) p=k//2 d=1 bias=no
  - reshape to=1x1x64
  - sigmoid
  - mul from=input
"""
TIED = "input: 784\nlayers: [fc d=32 as encoder, relu, fc d=784 weights=encoder]\n"
OUTPUT_HEAD = """
input: 20x1
layers:
  - embedding words=1000 d=64 as table
  - tanh
  - fc d=1000 bias=no weights=table
"""
REZERO = """
input: 2
layers: [{repeat: 2, do: [add: [[], [fc d=2, scale shared=yes]]]}]
"""
SIAMESE = """
input: {exemplar: 6x6x256, search: 22x22x256}
layers:
  - reshape to=9216x1 from=exemplar as kernel
  - unfold f=6 from=search
  - matmul from=kernel
"""
DETECTOR = """
input: 50x50x256
layers:
  - roipool count=512 size=7
  - conv f=1x7x7 d=1024
  - conv f=1 d=1024 as head
  - conv f=1 d=81
  - conv f=1 d=320 from=head
outputs: [conv2, conv3]
"""
DEFORMABLE = """
input: 32x32x64
layers:
  - conv f=3 p=1 d=18 as offsets
  - conv f=3 p=1 d=64 from=input as features
  - relu
  - deformconv f=3 p=1 d=128 from=features+offsets
"""
BLUR = """
input: 56x56x64
layers: [maxpool f=2 s=1, dwconv f=3 s=2 p=1 padding_mode=reflect learned=no]
"""
EXPERT_KERNELS = """
input: 56x56x64
layers:
  - globalavgpool
  - fc d=4 bias=no
  - softmax
  - reshape to=1x4 as mix
  - learned size=4x36864 as experts
  - matmul from=mix+experts
  - reshape to=576x64 as kernel
  - unfold f=3 p=1 from=input
  - matmul from=kernel
"""


@pytest.mark.parametrize(
    ("text", "params", "macs"),
    [
        # Two matrices of 64·4, used twice; 98 weights of a 7x7 on two channels; a kernel of 3.
        (CHANNEL_ATTENTION, 512, 2 * 512),
        (SPATIAL_GATE, 98, 32 * 32 * 98),
        (ECA, 3, 64 * 3),
        (TIED, 25_904, 2 * 25_088),
        (OUTPUT_HEAD.replace("20x1", "1"), 64_000, 64_000),
        (REZERO, 14, 8),
        (SIAMESE, 0, 2_663_424),
        (DETECTOR, 14_306_705, 7_323_779_072),
        (BLUR, 0, 28 * 28 * 64 * 9),
        # Four kernels and 64·4 of the choice; the mixing takes 4 · 36,864, the convolution the rest.
        (EXPERT_KERNELS, 147_456 + 256, 115_605_504 + 147_456 + 256),
    ],
    ids="channel-attention gate eca tied head rezero siamese detector blur experts".split(),
)
def test_counts_are_those_derived_by_hand(text: str, params: int, macs: int) -> None:
    totals = network(text).totals
    assert (totals.params, totals.macs) == (params, macs)


def sizes(found: NetworkAnalysis, name: str) -> list[tuple[tuple[int, int] | None, str, str]]:
    fields = found.layer(name).field.inputs[0]
    assert fields is not None
    return [(axis.size, axis.status, axis.path) for axis in fields]


def test_a_spatial_gate_sees_its_window_and_nothing_else() -> None:
    assert sizes(network(SPATIAL_GATE), "mul1") == [((7, 7), "exact", "")] * 2


def test_permutations_that_undo_each_other_leave_the_field() -> None:
    found = network("input: 8x8x4\nlayers: [permute order=2x0x1, permute order=1x2x0, conv f=3 p=1 d=4]\n")
    assert sizes(found, "conv1") == [((3, 3), "exact", "")] * 2
    assert found.graph.nodes[found.fields.network].name == "conv1"


def test_a_fixed_blur_behind_pooling_is_a_buffer_and_widens_the_field() -> None:
    found = network(BLUR)
    assert [layer.output and layer.output.axes for layer in found.layers] == [(55, 55), (28, 28)]
    assert sizes(found, "dwconv1") == [((4, 4), "exact", "")] * 2
    assert found.layer("dwconv1").buffers == 576


def test_deformable_convolution_takes_both_operands_by_name() -> None:
    layer = network(DEFORMABLE).layer("deformconv1")
    assert layer.params == 9 * 64 * 128 + 128
    assert [str(shape) for shape in layer.inputs] == ["32x32x64", "32x32x18"]


def test_the_moving_statistics_of_mobilenet_are_buffers() -> None:
    found = analyze(load("mobilenet-v1"))
    buffers = sum(layer.buffers for layer in found.layers if isinstance(layer.buffers, int))
    assert (found.totals.params, buffers) == (4_231_976, 21_888)


@pytest.mark.parametrize(
    ("name", "params", "macs"),
    [
        ("vit-b16", 86_567_656, None),
        ("swin-t", 28_288_354, 4_490_566_656),
        ("hrnet-w18", 21_299_004, None),
    ],
)
def test_a_shipped_network_has_the_published_counts(name: str, params: int, macs: int | None) -> None:
    totals = analyze(load(name)).totals
    assert totals.params == params
    assert macs in (None, totals.macs)


def test_every_unit_of_a_transformer_behind_its_first_block_sees_all() -> None:
    found = analyze(load("vit-b16"))
    assert all(
        axis.path == "main" and axis.whole for axis in found.layer("encoder.0.add1").field.inputs[0] or ()
    )
    assert sizes(found, "encoder.11.add2")[0][2] == "main"


def test_maps_one_behind_the_other_are_no_exact_field() -> None:
    layers = "[{tensors: [[conv f=1 d=4], [conv f=3 p=1 d=4]]}, concat axis=0]"
    (axis,) = sizes(network(f"input: 8x4\nlayers: {layers}\n"), "concat1")
    assert axis[1] == "unknown"
    # Behind a token that sees nothing unit 1 sees what was unit 0.
    text = "input: 8x4\nlayers: [{tensors: [[learned size=1x4], []]}, concat axis=0]\n"
    (field,) = network(text).layer("concat1").field.inputs[0] or ()
    assert (field.size, field.padding, field.status) == ((1, 1), 1, "exact")


def test_windows_that_move_see_one_more_at_every_block() -> None:
    found = analyze(load("swin-t"), input="896x896x3")
    ends = [f"stage{number}.pair.{turn}.layer2.add2" for number, turn in ((1, 0), (2, 0), (3, 2))]
    assert [sizes(found, end)[0][:2] for end in ends] == [
        ((56, 56), "exact"),
        ((168, 168), "exact"),
        ((840, 840), "exact"),
    ]
