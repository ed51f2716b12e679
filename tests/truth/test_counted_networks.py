"""Shipped networks against what is counted by hand from the tables and the code of their authors."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load, read_text

NAMES = """
bert-base resnest50 convnext-v2-atto siamese resnet18-blur crnn resnet50-cbam resnet50-eca non-local-block
bifpn-d0 pyramidnet110
""".split()


@cache
def network(name: str) -> NetworkAnalysis:
    return analyze(load(name))


def sizes(name: str, *layers: str) -> list[str]:
    return [str(network(name).layer(layer).output) for layer in layers]


def field(name: str, layer: str, over: int = 0) -> list[tuple[object, ...]]:
    """Of each axis of an input: the size seen, the stride, and what makes the whole of it seen."""
    axes = network(name).layer(layer).field.inputs[over]
    assert axes is not None
    return [(axis.size, axis.stride, axis.path) for axis in axes]


def conv(inputs: int, outputs: int, kernel: int = 9, bias: bool = True) -> int:
    """The parameters of a convolution with so many taps."""
    return inputs * outputs * kernel + (outputs if bias else 0)


def test_bert_base_shares_its_table_of_words_with_its_output() -> None:
    words, width, depth, length = 30_522, 768, 12, 512
    table = words * width
    embeddings = table + length * width + 2 * width + 2 * width
    block = 4 * conv(width, width, 1) + conv(width, 4 * width, 1) + conv(4 * width, width, 1) + 2 * 2 * width
    head = conv(width, width, 1) + 2 * width + words
    found = network("bert-base")
    assert found.totals.params == embeddings + depth * block + head == 109_514_298
    assert found.layer("prediction").params == words
    # The pooler in the place of the head: what transformers counts for BertModel.
    assert found.totals.params - head + conv(width, width, 1) == 109_482_240
    products = 4 * width**2 + 2 * 4 * width**2 + 2 * length * width
    assert found.totals.macs == length * (depth * products + width**2 + table)
    assert sizes("bert-base", "embedded", "encoder.11.ln2", "prediction") == [
        "512x768",
        "512x768",
        "512x30522",
    ]


def test_every_token_of_bert_sees_all_tokens_and_segments_behind_the_first_attention() -> None:
    assert field("bert-base", "embedded") == [((1, 1), 1, "")]
    for over in (0, 1):
        ((_, _, path),) = field("bert-base", "encoder.0.add1", over)
        assert path == "main"


def test_resnest50_takes_of_two_maps_what_a_softmax_over_them_says() -> None:
    places = 112**2
    params, macs = 27 * 32 + 9 * 32 * 32 + 9 * 32 * 64 + 2 * (32 + 32 + 64), 0
    macs += places * (27 * 32 + 9 * 32 * 32 + 9 * 32 * 64)
    entering, before = 64, 56**2
    for d, blocks, places in ((64, 3, 56**2), (128, 4, 28**2), (256, 6, 14**2), (512, 3, 7**2)):
        inner = max(32, d // 2)
        for c in [entering] + [4 * d] * (blocks - 1):
            shortcut = c * 4 * d if c != 4 * d else 0
            # 9d² weights lead from d channels to 2d in two groups, as many as from d to d.
            params += c * d + 9 * d * d + 3 * d * inner + 4 * d * d + shortcut
            macs += before * (c * d + 9 * d * d) + 3 * d * inner + places * (4 * d * d + shortcut)
            # Biases of the attention; factors and offsets of all normalisations.
            params += inner + 2 * d + 2 * (d + 2 * d + inner + 4 * d + (4 * d if shortcut else 0))
            before = places
        entering = 4 * d
    totals = network("resnest50").totals
    assert totals.params == params + conv(2048, 1000, 1) == 27_483_240
    assert totals.macs == macs + 2048 * 1000
    attended = "layer1.0.split_attention1"
    assert sizes("resnest50", f"{attended}.weigh1.softmax1", f"{attended}.mul1", f"{attended}.add1") == [
        "2x64",
        "56x56x128",
        "56x56x64",
    ]
    # Without the attention: 15 behind the stem; 3x3 convolutions, 3, 4, 6 and 3; 3x3 poolings between them.
    last = 15 + 3 * 8 + (8 + 8) + 3 * 16 + (16 + 16) + 5 * 32 + (32 + 32) + 2 * 64
    assert last == 487
    assert field("resnest50", "layer4.2.relu1") == [((last, last), 32, "side")] * 2


def test_convnext_v2_atto_has_a_factor_and_an_offset_for_each_response_it_normalises() -> None:
    def block(c: int) -> int:
        return conv(1, c, 49) + 2 * c + conv(c, 4 * c, 1) + 2 * 4 * c + conv(4 * c, c, 1)

    widths, blocks = (40, 80, 160, 320), (2, 2, 6, 2)
    params = conv(3, 40, 16) + 2 * 40 + 2 * 320 + conv(320, 1000, 1)
    params += sum(n * block(c) for c, n in zip(widths, blocks, strict=True))
    params += sum(2 * c + conv(c, 2 * c, 4) for c in widths[:-1])
    totals = network("convnext-v2-atto").totals
    assert totals.params == params == 3_708_400
    macs = 56**2 * 48 * 40 + 320 * 1000
    macs += sum((56 >> i) ** 2 * blocks[i] * (49 * c + 8 * c * c) for i, c in enumerate(widths))
    macs += sum((28 >> i) ** 2 * 8 * c * c for i, c in enumerate(widths[:-1]))
    assert totals.macs == macs
    # A statistic of the whole map is a side path: 4 at first, 6 steps more in each block, and one in between.
    first = 4 + 2 * 6 * 4
    assert field("convnext-v2-atto", "stage1.1.add1") == [((first, first), 4, "side")] * 2
    last = first + 4 + 2 * 6 * 8 + 8 + 6 * 6 * 16 + 16 + 2 * 6 * 32
    assert field("convnext-v2-atto", "stage4.1.add1") == [((last, last), 32, "side")] * 2


def test_the_towers_of_the_siamese_network_are_one() -> None:
    kernels = ((1, 64, 100, 96), (64, 128, 49, 42), (128, 128, 16, 18), (128, 256, 16, 6))
    tower = sum(conv(*kernel) for *kernel, _ in kernels) + conv(6 * 6 * 256, 4096, 1)
    macs = sum(c * d * taps * out**2 for c, d, taps, out in kernels) + 6 * 6 * 256 * 4096
    found = network("siamese")
    assert found.totals.params == tower + 4097 == 38_951_745
    assert found.totals.macs == 2 * macs + 4096
    assert sizes("siamese", "first.relu4", "second.relu4", "distance") == ["6x6x256", "6x6x256", "1x1x4096"]
    # 10, 11, 23, 25, 37, 41, and 3 steps of 8 more.
    assert field("siamese", "first.relu4") == [((65, 65), 8, "")] * 2
    # The distance sees both images, the towers one each.
    inputs = found.layer("distance").field.inputs
    assert [axes is not None and axes[0].size for axes in inputs] == [(105, 105)] * 2
    assert found.layer("first.relu4").field.inputs[1] is None
    assert found.layer("second.relu4").field.inputs[0] is None


def test_the_filters_that_blur_are_work_but_no_parameters() -> None:
    plain, blurred = network("resnet18"), network("resnet18-blur")
    assert blurred.totals.params == plain.totals.params == 11_689_512
    # One of 4x4 for each channel: behind the stem, before the second convolution, in the shortcut.
    blurs = [(64, 56)] + [(c, size) for c, size in ((128, 28), (256, 14), (512, 7))]
    blurs += [(c // 2, size) for c, size in blurs[1:]]
    filters = [layer for layer in blurred.layers if layer.op == "dwconv"]
    assert [layer.params for layer in filters] == [0] * len(blurs)
    assert sum(layer.buffers or 0 for layer in filters) == sum(16 * c for c, _ in blurs) == 22_528
    assert sum(layer.macs or 0 for layer in filters) == sum(16 * c * size**2 for c, size in blurs)
    # What had a stride has none: four times the positions of the first convolution of three stages.
    first = [(64, 128, 28), (128, 256, 14), (256, 512, 7)]
    more = sum(3 * 9 * c * d * size**2 for c, d, size in first)
    assert blurred.totals.macs == (plain.totals.macs or 0) + more + sum(16 * c * size**2 for c, size in blurs)
    # 7, pooled to 9 and blurred to 15; 4 convolutions; blur by 3 steps between the first two of each stage.
    last = 15 + 4 * 8
    for stride in (4, 8, 16):
        last += 2 * stride + 3 * stride + 3 * 2 * 2 * stride
    assert last == 523
    assert field("resnet18-blur", "layer4.1.relu2") == [((last, last), 32, "")] * 2


def test_crnn_reads_a_line_of_text_from_both_ends() -> None:
    maps = (1, 64, 128, 256, 256, 512, 512)
    params = sum(conv(c, d) for c, d in pairwise(maps)) + conv(512, 512, 4)
    params += 2 * (256 + 512 + 512)
    for entering, leaving in ((512, 256), (256, 37)):
        gates = 4 * 256 * (entering + 256) + 2 * 4 * 256
        # The code has this layer twice, once for each direction, and so its bias.
        params += 2 * gates + conv(2 * 256, leaving, 1)
    totals = network("crnn").totals
    assert totals.params == params == 8_331_301
    places = (32 * 100, 16 * 50, 8 * 25, 8 * 25, 4 * 26, 4 * 26)
    macs = sum(9 * c * d * n for (c, d), n in zip(pairwise(maps), places, strict=True)) + 4 * 512 * 512 * 26
    macs += 26 * 2 * (4 * 256 * (512 + 256) + 256 * 256 + 4 * 256 * (256 + 256) + 256 * 37)
    assert totals.macs == macs
    # The sizes that the comments of the authors' code give.
    layers = ("maxpool1", "maxpool2", "maxpool3", "columns.relu1", "reshape1", "softmax1")
    assert sizes("crnn", *layers) == ["16x50x64", "8x25x128", "4x26x256", "1x26x512", "26x512", "26x37"]
    # Along the width 3, 4, 8, 10, 18, 26, and with a stride of 4 from there: 30, 38, 46, 50, 54.
    assert field("crnn", "columns.relu1") == [((86, 86), 16, ""), ((54, 54), 4, "")]
    assert field("crnn", "recurrent1.lstm1")[1][1:] == (4, "main")


def test_cbam_gates_each_channel_and_each_position_of_resnet50() -> None:
    plain, gated = network("resnet50").totals, network("resnet50-cbam").totals
    more, macs = 0, 0
    for c, blocks, size in ((256, 3, 56), (512, 4, 28), (1024, 6, 14), (2048, 3, 7)):
        matrices = 2 * c * c // 16
        more += blocks * (matrices + c // 16 + c + 2 * 49 + 2)
        # The two layers of the first gate work on the mean and on the largest.
        macs += blocks * (2 * matrices + 2 * 49 * size**2)
    assert gated.params == (plain.params or 0) + more == 28_089_624
    assert gated.macs == (plain.macs or 0) + macs
    gates = ("layer1.0.channel_gate1.add1", "layer1.0.spatial_gate1.concat1", "layer1.0.spatial_gate1.mul1")
    assert sizes("resnet50-cbam", *gates) == ["1x1x256", "56x56x2", "56x56x256"]
    assert network("resnet50-cbam").layer("layer1.0.channel_gate1.mlp1.conv1").params == 0
    # The gate of the positions adds a kernel of 7 to each block: 6 steps more.
    last = 427 + 6 * (3 * 4 + 4 * 8 + 6 * 16 + 3 * 32)
    assert field("resnet50-cbam", "layer4.2.relu3") == [((last, last), 32, "side")] * 2


def test_the_kernel_of_efficient_channel_attention_depends_on_the_channels() -> None:
    plain, gated = network("resnet50").totals, network("resnet50-eca").totals
    # 256 channels have a logarithm of 8: 4 of (8 + 1) / 2, hence 5.  2048: (11 + 1) / 2 is 6, hence 7.
    kernels = {"layer1": (5, 3), "layer2": (5, 4), "layer3": (5, 6), "layer4": (7, 3)}
    for stage, (kernel, _) in kernels.items():
        assert network("resnet50-eca").layer(f"{stage}.0.gate1.conv1").params == kernel
    assert gated.params == (plain.params or 0) + sum(k * n for k, n in kernels.values()) == 25_557_118
    macs = 5 * (3 * 256 + 4 * 512 + 6 * 1024) + 7 * 3 * 2048
    assert gated.macs == (plain.macs or 0) + macs
    assert sizes("resnet50-eca", "layer1.0.gate1.conv1", "layer1.0.gate1.mul1") == ["256x1", "56x56x256"]
    assert field("resnet50-eca", "layer4.2.relu3") == [((427, 427), 32, "side")] * 2


def test_a_non_local_block_is_attention_without_heads() -> None:
    positions, channels, inner = 4 * 14 * 14, 1024, 512
    found = network("non-local-block")
    assert found.totals.params == 3 * conv(channels, inner, 1) + conv(inner, channels, 1)
    assert found.totals.macs == positions * (4 * channels * inner + 2 * positions * inner)
    attention = analyze(read_text(f"input: 4x14x14x1024\nlayers: [attention key_channels={inner}]\n"))
    assert found.totals.params == attention.totals.params
    assert found.totals.macs == attention.totals.macs
    assert sizes("non-local-block", "theta", "weights", "matmul2") == [
        "4x14x14x512",
        "4x14x14x784",
        "4x14x14x512",
    ]
    assert [path for _, _, path in field("non-local-block", "add1")] == ["main"] * 3


def test_the_bifpn_weighs_with_one_number_what_it_adds() -> None:
    d, cells = 64, 3
    node = 9 * d + conv(d, d, 1) + 2 * d
    # The pyramid enters with other channels: its middle maps twice, the last once more for what is pooled.
    fits = sum(conv(c, d, 1) + 2 * d for c in (40, 112, 112, 320, 320, 320))
    found = network("bifpn-d0")
    weights = [layer for layer in found.layers if layer.op == "scale"]
    # Two of them where maps come down, three where they go up, and two at the end.
    assert len(weights) == sum(layer.params or 0 for layer in weights) == cells * (4 * 2 + 3 * 3 + 2)
    assert found.totals.params == fits + cells * (8 * node + 19) == 196_281
    places = {3: 64**2, 4: 32**2, 5: 16**2, 6: 8**2, 7: 4**2}
    nodes = sum(places[level] for level in (6, 5, 4, 3, 4, 5, 6, 7))
    macs = cells * nodes * (9 * d + d * d)
    macs += d * (40 * places[3] + 2 * 112 * places[4] + 3 * 320 * places[5])
    assert found.totals.macs == macs
    assert [str(shape) for shape in found.outputs] == ["64x64x64", "32x32x64", "16x16x64", "8x8x64", "4x4x64"]
    # Of the last map a unit of the sixth sees 3, one of the seventh 7, which two of the sixth share.
    # A kernel of 3 looks at two of these, 4 apart.
    assert field("bifpn-d0", "cells.0.add1", over=2) == [((7, 7), 2, "")] * 2
    assert field("bifpn-d0", "cells.0.down6.bn1", over=2) == [((11, 11), 2, "")] * 2


def test_every_block_of_pyramidnet_is_wider_than_the_one_before() -> None:
    for alpha, published in ((48, 1_772_706), (84, 3_904_446), (270, 28_485_477)):
        widths = [16] + [round(16 + Fraction(alpha * i, 54)) for i in range(1, 55)]
        params = conv(3, 16, bias=False) + 2 * 16 + 2 * widths[-1] + conv(widths[-1], 10, 1)
        params += sum(9 * c * d + 9 * d * d + 2 * c + 4 * d for c, d in pairwise(widths))
        assert analyze(load("pyramidnet110"), params={"alpha": alpha}).totals.params == params == published
    assert sizes("pyramidnet110", "blocks.0.add1", "blocks.17.add1", "blocks.18.add1", "blocks.53.add1") == [
        "32x32x17",
        "32x32x32",
        "16x16x33",
        "8x8x64",
    ]
    # 110 layers of 3x3: 2 for the first, 4 steps for each block, less half of what the first of a stage has.
    last = 3 + 18 * 4 + (2 + 4) + 17 * 8 + (4 + 8) + 17 * 16
    assert field("pyramidnet110", "blocks.53.add1") == [((last, last), 4, "")] * 2


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_counted_network_is_unknown(name: str) -> None:
    found = network(name)
    assert not found.totals.unknown
    assert {axis.status for layer in found.layers for axes in layer.field.inputs for axis in axes or ()} <= {
        "exact",
        "global",
        "collapsed",
    }
