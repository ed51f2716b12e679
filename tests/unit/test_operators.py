"""Sizes, parameters and multiply-accumulates of every operator, and how each is written and printed."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest
from operator_calls import bound, cell, facts, output, shape, size

from rfcalc.errors import UsageError
from rfcalc.ops.facts import Facts, Work
from rfcalc.ops.foreign import FOREIGN_ATTRIBUTES, FOREIGN_OPERATORS
from rfcalc.ops.operator import Trait
from rfcalc.ops.registry import (
    JOINS,
    OPERATOR_NAMES,
    PART,
    find_operator,
    is_word,
    suggest_operator,
)
from rfcalc.shapes import product

# operator, operands, attributes, output, parameters, multiply-accumulates; each group with its source.
MEASURED = [
    # torchvision's models run in PyTorch: ResNet-50, ResNeXt-50 32x4d, MobileNetV2, VGG-16, R3D-18.
    ("conv", "224x224x3", "f=7 s=2 p=3 d=64 bias=no", "112x112x64", 9_408, 118_013_952),
    ("bn", "112x112x64", "", "112x112x64", 128, 0),
    ("maxpool", "112x112x64", "f=3 s=2 p=1", "56x56x64", 0, 0),
    ("conv", "56x56x128", "f=3 p=1 d=128 g=32 bias=no", "56x56x128", 4_608, 14_450_688),
    ("dwconv", "112x112x32", "f=3 p=1 bias=no", "112x112x32", 288, 3_612_672),
    ("dwconv", "112x112x96", "f=3 p=1 s=2 bias=no", "56x56x96", 864, 2_709_504),
    ("fc", "25088", "d=4096", "4096", 102_764_544, 102_760_448),
    ("fc", "7x7x512", "d=4096", "1x1x4096", 102_764_544, 102_760_448),
    ("fc", "1x1x4096", "d=1000", "1x1x1000", 4_097_000, 4_096_000),
    ("conv", "16x112x112x3", "f=3x7x7 s=1x2x2 p=1x3x3 d=64 bias=no", "16x56x56x64", 28_224, 1_416_167_424),
    ("conv", "16x56x56x64", "f=1 s=2 d=128 bias=no", "8x28x28x128", 8_192, 51_380_224),
    # SqueezeNet 1.1 and GoogLeNet: rounding up adds a window in the second only.
    ("maxpool", "111x111x64", "f=3 s=2 ceil=yes", "55x55x64", 0, 0),
    ("maxpool", "112x112x64", "f=3 s=2 ceil=yes", "56x56x64", 0, 0),
    # Small layers run in PyTorch.
    ("deconv", "8x8x2", "f=4 s=2 p=1 d=2", "16x16x2", 66, 64 * 2 * 2 * 16),
    ("deconv", "9x9x2", "f=2 s=3 d=2", "26x26x2", 18, 1_296),
    ("deconv", "9x9x2", "f=3 s=2 p=1 output_padding=1 d=2", "18x18x2", 38, 2_916),
    ("conv", "100x1", "f=1 d=4", "100x4", 8, 400),
    ("conv", "400x1", "f=10 s=5 d=4", "79x4", 44, 79 * 4 * 10),
    ("maxpool", "39x4", "f=2 s=2", "19x4", 0, 0),
    ("maxpool", "15x15x2", "f=2 s=3 ceil=yes", "5x5x2", 0, 0),
    ("maxpool", "16x16x2", "f=2 s=2 p=1 ceil=yes", "9x9x2", 0, 0),
    ("avgpool", "9x9x2", "f=3 s=3 p=1 ceil=yes count_include_pad=no", "4x4x2", 0, 0),
    ("avgpool", "17x17x2", "f=2 s=2 p=1 ceil=yes", "9x9x2", 0, 0),
    ("maxpool", "33x33x2", "f=3 s=2 p=1 r=2", "16x16x2", 0, 0),
    ("maxpool", "12x10x10x2", "f=1x3x3 s=1x2x2 p=0x1x1", "12x5x5x2", 0, 0),
    ("conv", "20x20x2", "f=4 p=same d=2", "20x20x2", 66, 400 * 2 * 2 * 16),
    ("conv", "20x20x2", "f=2 r=3 p=same d=2", "20x20x2", 18, 400 * 2 * 2 * 4),
    ("conv", "33x33x2", "f=3x5 s=2x1 p=1x4 r=1x2 d=2", "17x33x2", 62, 17 * 33 * 2 * 2 * 15),
    ("conv", "24x24x8", "f=5 s=2 p=2 g=8 d=16", "12x12x16", 416, 57_600),
    ("adaptiveavgpool", "12x12x2", "size=7", "7x7x2", 0, 0),
    ("adaptiveavgpool", "4x4x2", "size=7", "7x7x2", 0, 0),
    ("gn", "16x16x4", "g=2", "16x16x4", 8, 0),
    ("lrn", "16x16x4", "", "16x16x4", 0, 0),
    ("pixelshuffle", "12x12x4", "factor=2", "24x24x1", 0, 0),
    ("upsample", "9x9x1", "size=14", "14x14x1", 0, 0),
    ("upsample", "4x4x1", "size=10 mode=bilinear align_corners=yes", "10x10x1", 0, 0),
    # x[:, :, 2:-1, 1:-3] and x[:, :, 1::3, 2::2], F.pad(x, (-3, 2, -1, -4)), ZeroPad2d(0, 1, 0, 1).
    ("slice", "12x12x2", "h=2:-1 w=1:-3", "9x8x2", 0, 0),
    ("slice", "24x24x2", "h=1::3 w=2::2", "8x11x2", 0, 0),
    ("pad", "24x24x2", "padding=-1:-4x-3:2", "19x23x2", 0, 0),
    ("pad", "32x32x2", "padding=0:1", "33x33x2", 0, 0),
    # A non-local block: four 1x1 convolutions (64 positions · 16 weights) and two products of 64 x 4 x 64.
    ("attention", "8x8x4", "", "8x8x4", 80, 4 * 1_024 + 32_768),
    # Window attention: linear layers 4 -> 12 and 4 -> 4 at 256 positions, two products of 16 x 4 x 16
    # in each of 16 windows.
    ("attention", "16x16x4", "window=4", "16x16x4", 80, 16_384 + 32_768),
]

UNCHANGED = (
    "relu relu6 leakyrelu elu gelu silu hardswish hardsigmoid sigmoid tanh softplus softmax "
    "oneminus dropout droppath identity softmaxloss"
)

COUNTED = [
    # 解析卷积神经网络 table 3.1; 55·55·96 outputs of 3·11·11 products, 34,848 weights and 96 biases.
    ("conv", "227x227x3", "f=11 s=4 d=96", "55x55x96", 34_944, 290_400 * 363),
    ("fc", "6x6x256", "f=6 d=4096", "1x1x4096", 9_216 * 4_096 + 4_096, 9_216 * 4_096),
    ("fc", "4096", "d=10 bias=no", "10", 40_960, 40_960),
    # Two kernels for each of 3 channels: 6 kernels of 9 weights.
    ("dwconv", "8x8x3", "f=3 m=2", "6x6x6", 60, 6 * 6 * 6 * 9),
    # TensorFlow's same at stride 2: ceil(n / 2).
    ("conv", "7x8x1", "f=3 s=2 p=same d=1", "4x4x1", 10, 16 * 9),
    ("conv", "7x8x1", "f=3 s=2 p=same_lower d=1", "4x4x1", 10, 16 * 9),
    ("conv", "9x1", "f=3 p=causal r=4 d=1", "9x1", 4, 27),
    ("conv", "9x1", "f=3 p=valid d=1", "7x1", 4, 21),
    # Each of 4·4 input positions of 6 channels meets 4 / 2 channels' 3·3 weights.
    ("deconv", "4x4x6", "f=3 d=4 g=2", "6x6x4", 6 * 2 * 9 + 4, 16 * 6 * 2 * 9),
    ("deconv", "7x7x3", "f=2 s=3 p=same d=4", "21x21x4", 3 * 4 * 4 + 4, 49 * 3 * 4 * 4),
    ("deconv", "7x7x3", "f=3 r=2 p=1 d=1 output_padding=1", "10x10x1", 28, 49 * 27),
    # On 5 positions windows at 0 and 2 fill them; on 8 a fourth one, at 6, hangs over.
    ("maxpool", "5x8x1", "f=3 s=2 ceil=yes", "2x4x1", 0, 0),
    # Rounded up, one window may hang over the end of a map smaller than it.
    ("maxpool", "2x2x1", "f=3 s=2 ceil=yes", "1x1x1", 0, 0),
    ("maxpool", "8x8x3", "f=2", "4x4x3", 0, 0),
    ("avgpool", "8x8x3", "f=2x4", "4x2x3", 0, 0),
    ("globalavgpool", "7x7x512", "", "1x1x512", 0, 0),
    ("globalmaxpool", "16x7x7x512", "", "1x1x1x512", 0, 0),
    ("adaptivemaxpool", "9x8x3", "size=3x1", "3x1x3", 0, 0),
    # Offsets: 2 for each of 9 taps; modulated, 3; the convolution itself as any other.
    ("deformconv", "8x8x4 8x8x18", "f=3 p=1 d=5", "8x8x5", 185, 64 * 5 * 36),
    ("deformconv", "8x8x4 8x8x27", "f=3 p=1 d=5 modulated=yes", "8x8x5", 185, 64 * 5 * 36),
    ("deformconv", "8x8x4 4x4x36", "f=3 p=1 s=2 d=5 offset_groups=2", "4x4x5", 185, 16 * 5 * 36),
    ("deformconv", "8x8x4", "f=3 p=1 d=5 bias=no", "8x8x5", 180, 64 * 5 * 36),
    ("bn", "512", "affine=no", "512", 0, 0),
    ("ln", "7x7x96", "", "7x7x96", 192, 0),
    ("ln", "7x7x96", "affine=no", "7x7x96", 0, 0),
    ("in", "7x7x96", "", "7x7x96", 0, 0),
    ("in", "7x7x96", "affine=yes", "7x7x96", 192, 0),
    ("scale", "7x7x96", "", "7x7x96", 96, 0),
    ("scale", "7x7x96", "bias=yes", "7x7x96", 192, 0),
    ("prelu", "7x7x96", "", "7x7x96", 1, 0),
    ("prelu", "7x7x96", "shared=no", "7x7x96", 96, 0),
    # 8 inner channels: 3 · (6·8 + 8) + 8·5 + 5; 9 positions · (3·48 + 40) and 2 · 9 · 9 · 8.
    ("attention", "3x3x6", "heads=2 key_channels=8 d=5", "3x3x5", 213, 9 * 184 + 1_296),
    ("attention", "3x3x6", "bias=no", "3x3x6", 144, 9 * 144 + 972),
    ("attention", "3x3x6", "projections=no", "3x3x6", 0, 972),
    # Cross-attention of 100 queries on 850 keys: four matrices of 256 and their biases; queries and output
    # 2 · 100 · 256², keys and values 2 · 850 · 256², and two products of 100 · 850 · 256.
    ("attention", "100x256 850x256", "heads=8", "100x256", 263_168, 168_038_400),
    # Another width of keys, of values, of the memory: 8·6 + 8, 8·5 + 8, 4·5 + 4, 6·4 + 6.
    # Of 9 queries of 6 channels on 4 keys, whose values have 10 channels: 9·4 products of 6 and of 10.
    ("attention", "3x3x6 2x2x6 4x10", "heads=2 projections=no", "3x3x10", 0, 36 * 16),
    # 4 keys of 5 channels and values of 7, inner channels 8 and 4, output 6: 48+8, 40+8, 28+4, 24+6 learned.
    (
        "attention",
        "3x3x6 4x5 4x7",
        "key_channels=8 value_channels=4",
        "3x3x6",
        166,
        36 * 12 + 9 * (48 + 24) + 4 * (40 + 28),
    ),
    # 36 positions that see the 9 of their window: products of 4 and of 8 channels.
    ("attention", "6x6x4 6x6x4 6x6x8", "window=3 projections=no", "6x6x8", 0, 36 * 9 * 12),
    ("attention", "3x3x6 2x5", "key_channels=8 value_channels=4", "3x3x6", 158, 9 * 72 + 10 * 12 + 18 * 12),
    # Swin: (2 · 7 − 1)² distances for each of 3 heads beside the 4 · 96² + 4 · 96 of the projections.
    ("attention", "56x56x96", "heads=3 window=7 shift=3 relative_bias=yes", "56x56x96", 37_755, 145_108_992),
    ("flatten", "7x7x512", "", "25088", 0, 0),
    ("flatten", "512", "", "512", 0, 0),
    ("reshape", "7x7x512", "to=49x512", "49x512", 0, 0),
    ("reshape", "588", "to=14x14x3", "14x14x3", 0, 0),
    ("permute", "5x6x8", "order=2x0x1", "8x5x6", 0, 0),
    # For each of 4 heads 10 rows of 6 by 6 rows of 8, and of 6 by 9 rows of 6.
    ("matmul", "4x10x6 4x6x8", "batch=1", "4x10x8", 0, 4 * 10 * 6 * 8),
    ("matmul", "4x10x6 4x3x3x6", "batch=1 transposed=yes", "4x10x9", 0, 4 * 10 * 6 * 9),
    ("matmul", "2x4x1 2x4x8", "batch=2", "2x4x8", 0, 64),
    ("permute", "4x6x8", "split=2x2x3x2x8 order=0x2x1x3x4 to=6x4x8", "6x4x8", 0, 0),
    ("function", "5x6x8", "of=exp", "5x6x8", 0, 0),
    # What is stated of it.
    ("opaque", "5x6x8 4", "type=nms size=10x4 params=12 macs=34 reads=all", "10x4", 12, 34),
    ("permute", "5x6x8", "order=1x0x2", "6x5x8", 0, 0),
    ("crop", "64x65x8", "size=56", "56x56x8", 0, 0),
    ("crop", "64x65x8", "like=enc1@56x57x99", "56x57x8", 0, 0),
    ("crop", "64x65x8", "p=1:2", "61x62x8", 0, 0),
    ("slice", "5x6x8", "channels=2:6", "5x6x4", 0, 0),
    ("slice", "8", "channels=::3", "3", 0, 0),
    ("slice", "9x8", "t=1:", "8x8", 0, 0),
    ("slice", "4x5x6x8", "t=0:2 w=:-1", "2x5x5x8", 0, 0),
    ("upsample", "5x5x8", "scale=2", "10x10x8", 0, 0),
    ("upsample", "5x5x8", "scale=1.5x0.5 mode=linear", "7x2x8", 0, 0),
    ("upsample", "5x5x8", "like=skip@9x11x64 mode=bicubic", "9x11x8", 0, 0),
    ("pixelunshuffle", "4x6x3", "factor=2", "2x3x12", 0, 0),
    ("pixelshuffle", "5x6", "factor=3", "15x2", 0, 0),
    ("channelshuffle", "5x6x8", "g=4", "5x6x8", 0, 0),
    ("add", "56x56x64 56x56x64 56x56x64", "", "56x56x64", 0, 0),
    ("add", "64", "", "64", 0, 0),
    ("sub", "56x56x64 56x56x64", "", "56x56x64", 0, 0),
    ("div", "56x56x64 56x1x1", "", "56x56x64", 0, 0),
    ("min", "56x1x64 1x56x1", "", "56x56x64", 0, 0),
    ("mul", "1x1x64 56x56x64", "", "56x56x64", 0, 0),
    ("mul", "56x56x64 56x56x1", "", "56x56x64", 0, 0),
    ("mul", "56x56x64 64", "", "56x56x64", 0, 0),
    ("max", "56x1x64 1x56x1", "", "56x56x64", 0, 0),
    ("concat", "28x28x64 28x28x128 28x28x32", "", "28x28x224", 0, 0),
    ("concat", "10 20", "", "30", 0, 0),
    # ViT's class token before its 196 patches; maps one below the other.
    ("concat", "1x768 196x768", "axis=0", "197x768", 0, 0),
    ("concat", "2x5x8 3x5x8 1x5x8", "axis=0", "6x5x8", 0, 0),
    ("concat", "2x5x8 2x1x8", "axis=1", "2x6x8", 0, 0),
    ("learned", "", "size=197x768", "197x768", 151_296, 0),
    ("learned", "", "size=5", "5", 5, 0),
    ("learned", "", "size=5x4 learned=no", "5x4", 0, 0),
    # Four gates of 256 units, each of 4096 inputs, 256 units and a bias; two directions of two layers.
    ("lstm", "10x4096", "d=256", "10x256", 4_457_472, 44_564_480),
    ("lstm", "4096", "d=256 biases=2", "256", 4_458_496, 4_456_448),
    ("lstm", "10x4096", "d=256 layers=2 bidirectional=yes biases=2", "10x512", 10_493_952, 104_857_600),
    ("gru", "5x6", "d=4", "5x4", 3 * 4 * 11, 5 * 3 * 4 * 10),
    ("rnn", "5x6", "d=4 biases=0", "5x4", 4 * 10, 5 * 4 * 10),
    ("embedding", "20x1", "words=100 d=8", "20x8", 800, 0),
    ("localconv", "6x6x3", "f=3 d=4", "4x4x4", 1_792, 1_728),
    ("dwconv", "55x55x64", "f=3 s=2 p=1 padding_mode=reflect learned=no", "28x28x64", 0, 28 * 28 * 64 * 9),
    ("conv", "8x8x3", "f=3 d=4 learned=no", "6x6x4", 0, 36 * 4 * 27),
    # SiamFC: 289 windows of 6x6x256 against one of them; a product with as many rows as channels.
    ("unfold", "22x22x256", "f=6", "17x17x9216", 0, 0),
    # As PyTorch's page of Fold has it: 12 windows of 2x2 in 3 channels.
    ("fold", "3x4x12", "size=4x5 f=2", "4x5x3", 0, 0),
    ("matmul", "17x17x9216 9216x1", "", "17x17x1", 0, 2_663_424),
    ("matmul", "8x8x4 8x8x4", "transposed=yes", "8x8x64", 0, 64 * 4 * 64),
    ("grn", "7x7x96", "", "7x7x96", 192, 0),
    ("bn", "7x7x96", "weight=no", "7x7x96", 96, 0),
    ("bn", "7x7x96", "affine=no", "7x7x96", 0, 0),
    ("roll", "14x14x96", "by=-3x2", "14x14x96", 0, 0),
    ("roipool", "50x50x256", "count=512 size=7", "512x7x7x256", 0, 0),
    ("upsample", "5x5x8", "scale=2 mode=nearest_exact", "10x10x8", 0, 0),
    # CBAM: over 64 channels, and over all positions; strip pooling: along one axis.
    ("reducemean", "32x32x64", "over=channels", "32x32x1", 0, 0),
    ("reducemean", "32x32x64", "over=positions", "1x1x64", 0, 0),
    ("reducemax", "20x30x8", "over=1", "20x1x8", 0, 0),
    ("reducesum", "4x5x6x8", "over=0x2", "1x5x1x8", 0, 0),
    ("reducesum", "7x8", "over=all", "1x1", 0, 0),
    ("softmax", "7x7x96", "over=positions", "7x7x96", 0, 0),
    # 64·8·8 factors and as many offsets; one for each of 49 positions.
    ("ln", "8x8x64", "over=all", "8x8x64", 8_192, 0),
    ("ln", "7x7x96", "over=positions", "7x7x96", 98, 0),
    ("scale", "7x7x96", "shared=yes", "7x7x96", 1, 0),
    *((op, "7x7x512", "", "7x7x512", 0, 0) for op in UNCHANGED.split()),
]


@pytest.mark.parametrize(("op", "sizes", "written", "out", "params", "macs"), MEASURED + COUNTED)
def test_sizes_parameters_and_macs(
    op: str, sizes: str, written: str, out: str, params: int, macs: int
) -> None:
    found = facts(op, sizes, written)
    assert (str(found.output), found.params, found.macs) == (out, params, macs)


def test_every_operator_is_counted_above() -> None:
    assert {op for op, *_ in MEASURED + COUNTED} == set(OPERATOR_NAMES)


def test_what_makes_one_channel_of_one_is_depthwise() -> None:
    as_groups = facts("conv", "112x112x96", "f=3 p=1 s=2 d=96 g=96")
    assert facts("dwconv", "112x112x96", "f=3 p=1 s=2") == as_groups


@pytest.mark.parametrize(
    ("op", "sizes", "written", "printed"),
    [
        # 解析卷积神经网络 tables 3.1 and 3.2, as printed.
        ("conv", "227x227x3", "f=11 s=4 d=96", "f = 11; s = 4; d = 96"),
        ("conv", "27x27x96", "f=5 p=2 d=256", "f = 5; p = 2; s = 1; d = 256"),
        ("maxpool", "55x55x96", "f=3 s=2", "f = 3; s = 2"),
        ("maxpool", "224x224x64", "f=2", "f = 2; s = 2"),
        ("lrn", "27x27x96", "k=2 n=5 alpha=1e-4 beta=0.75", "k = 2; n = 5; α = 10^-4; β = 0.75"),
        ("lrn", "27x27x96", "", "k = 2; n = 5; α = 10^-4; β = 0.75"),
        ("fc", "6x6x256", "d=4096", "f = 6; s = 1; d = 4096"),
        ("fc", "1x1x4096", "d=4096", "f = 1; s = 1; d = 4096"),
        ("fc", "1x1x4096", "d=C", "f = 1; s = 1; d = C"),
        ("relu", "6x6x256", "", ""),
        ("dropout", "1x1x4096", "rate=0.5", "δ = 0.5"),
        ("dropout", "1x1x4096", "δ=0.5", "δ = 0.5"),
        ("softmaxloss", "1x1x1000", "", "Softmax loss"),
        # What the book has no layer for.
        ("fc", "4096", "d=10", "d = 10"),
        ("fc", "7x9x4", "d=10", "f = 7x9; s = 1; d = 10"),
        ("conv", "9x9x4", "f=1x7 p=0x3 d=8 g=2 bias=no", "f = 1x7; p = 0x3; s = 1; d = 8; g = 2; bias = no"),
        ("conv", "8x8x4", "f=2 p=same d=8 r=3", "f = 2; p = 1:2; s = 1; d = 8; r = 3"),
        ("conv", "8x8x4", "f=3 p=valid d=8", "f = 3; s = 1; d = 8"),
        ("maxpool", "8x8x4", "f=3 s=2 p=1 ceil=yes", "f = 3; p = 1; s = 2; ceil = yes"),
        ("gn", "8x8x4", "g=2", "g = 2"),
        ("adaptiveavgpool", "8x8x4", "size=7", "size = 7"),
        ("upsample", "8x8x4", "scale=2 mode=bilinear", "scale = 2; mode = bilinear"),
        ("slice", "8x8x4", "channels=0:2", "channels = 0:2"),
        ("deconv", "8x8x4", "f=2 s=2 d=8", "f = 2; s = 2; d = 8"),
        ("droppath", "8x8x4", "rate=0.1", "δ = 0.1"),
        ("leakyrelu", "8x8x4", "slope=0.2", "α = 0.2"),
        ("leakyrelu", "8x8x4", "", ""),
        ("attention", "8x8x4", "heads=2 window=4", "d = 4; heads = 2; key_channels = 4; window = 4"),
    ],
)
def test_the_books_parameter_cell(op: str, sizes: str, written: str, printed: str) -> None:
    assert cell(op, sizes, written) == printed


def test_the_books_names_of_operations() -> None:
    names = {
        op: find_operator(op).chinese for op in ("conv", "maxpool", "avgpool", "relu", "lrn", "fc", "dropout")
    }
    assert names == {
        "conv": "卷积操作",
        "maxpool": "最大值汇合操作",
        "avgpool": "平均值汇合操作",
        "relu": "ReLU",
        "lrn": "LRN规范化",
        "fc": "全连接层",
        "dropout": "随机失活",
    }
    assert find_operator("softmaxloss").chinese == "损失函数层"


def test_letters_and_full_names_are_the_same_attributes() -> None:
    short = bound("conv", "8x8x4", "f=3 s=2 p=1 d=8 r=2 g=2")
    full = bound("conv", "8x8x4", "kernel=3 stride=2 padding=1 out_channels=8 dilation=2 groups=2")
    assert short == full


def test_what_the_sizes_decide_is_told() -> None:
    assert facts("conv", "7x8x1", "f=3 s=2 p=same d=1").decided["padding"] == ((1, 1), (0, 1))
    assert facts("conv", "7x8x1", "f=3 s=2 p=same_lower d=1").decided["padding"] == ((1, 1), (1, 0))
    assert facts("conv", "9x1", "f=3 r=4 p=causal d=1").decided["padding"] == ((8, 0),)
    assert facts("deconv", "7x1", "f=4 s=1 p=same d=1").decided == {
        "padding": ((1, 2),),
        "output_padding": (0,),
    }
    assert facts("deconv", "7x1", "f=2 s=3 p=same d=1").decided == {
        "padding": ((0, 0),),
        "output_padding": (1,),
    }
    assert facts("maxpool", "8x8x1", "f=2x4").decided["stride"] == (2, 4)
    assert facts("fc", "6x7x1", "d=1").decided == {"kernel": (6, 7), "stride": (1, 1)}
    assert facts("upsample", "5x5x1", "like=skip@9x8x4").decided == {"size": (9, 8)}
    assert facts("attention", "5x5x6", "").decided == {"key_channels": 6, "out_channels": 6}


@pytest.mark.parametrize(
    ("op", "sizes", "written", "relation"),
    [
        ("conv", "8x8x4", "f=3 d=4", "all"),
        ("conv", "8x8x4", "f=3 d=4 g=2", "group"),
        ("conv", "8x8x4", "f=3 d=4 g=4", "each"),
        ("conv", "8x8x4", "f=3 d=8 g=4", "group"),
        ("dwconv", "8x8x4", "f=3", "each"),
        ("deconv", "8x8x4", "f=3 d=4 g=2", "group"),
        ("fc", "8x8x4", "d=4", "all"),
        ("maxpool", "8x8x4", "f=2", "each"),
        ("bn", "8x8x4", "", "each"),
        ("ln", "8x8x4", "", "all"),
        ("softmax", "8x8x4", "", "all"),
        ("gn", "8x8x4", "g=1", "all"),
        ("gn", "8x8x4", "g=2", "group"),
        ("gn", "8x8x4", "g=4", "each"),
        ("in", "8x8x4", "", "each"),
        ("lrn", "8x8x4", "", "group"),
        ("slice", "8x8x4", "channels=1:3", "select"),
        ("slice", "8x8x4", "channels=0:4", "each"),
        ("slice", "8x8x4", "h=1:3", "each"),
        ("concat", "8x8x4 8x8x4", "", "stack"),
        ("concat", "8x8x4", "", "each"),
        ("add", "8x8x4 8x8x4", "", "each"),
        ("channelshuffle", "8x8x4", "g=2", "shuffle"),
        ("pixelshuffle", "8x8x4", "factor=2", "select"),
        ("pixelunshuffle", "8x8x4", "factor=2", "shuffle"),
        ("flatten", "8x8x4", "", "shuffle"),
        ("permute", "8x8x4", "order=1x0x2", "each"),
        ("permute", "8x8x4", "order=2x0x1", "shuffle"),
        ("attention", "8x8x4", "heads=2", "all"),
        ("attention", "8x8x4", "heads=2 projections=no", "group"),
    ],
)
def test_how_output_channels_read_input_channels(op: str, sizes: str, written: str, relation: str) -> None:
    assert facts(op, sizes, written).channels == relation


def test_weights_have_the_dimensions_frameworks_give_them() -> None:
    assert facts("conv", "8x8x4", "f=3x5 d=6 g=2").weights == {"weight": (6, 2, 3, 5), "bias": (6,)}
    assert facts("deconv", "8x8x4", "f=3x5 d=6 g=2").weights == {"weight": (4, 3, 3, 5), "bias": (6,)}
    assert facts("fc", "2x2x4", "d=6 bias=no").weights == {"weight": (6, 16)}
    assert facts("bn", "8x8x4").weights == {"weight": (4,), "bias": (4,)}
    assert facts("attention", "8x8x4", "key_channels=6 d=5").weights == {
        "query": (6, 4),
        "query_bias": (6,),
        "key": (6, 4),
        "key_bias": (6,),
        "value": (6, 4),
        "value_bias": (6,),
        "output": (5, 6),
        "output_bias": (5,),
    }


def test_only_a_loss_passes_nothing_on_and_only_deformation_and_regions_depend_on_data() -> None:
    found = {op: facts(op, sizes, written) for op, sizes, written, *_ in COUNTED}
    assert [op for op, one in found.items() if one.sink] == ["softmaxloss"]
    assert [op for op, one in found.items() if one.data_dependent] == ["deformconv", "roipool"]


@pytest.mark.parametrize(
    ("op", "sizes", "written", "out", "params", "macs"),
    [
        # Section 3.1.1 of the book: 49C² against 9C².
        ("conv", "HxWxC", "f=7 p=3 d=C bias=no", "HxWxC", "49C²", "49C²HW"),
        ("conv", "HxWxC", "f=3 p=1 d=C bias=no", "HxWxC", "9C²", "9C²HW"),
        ("conv", "HxWxC", "f=3 p=1 d=2C g=C bias=no", "HxWx2C", "18C", "18CHW"),
        ("conv", "HxWxC", "f=3 d=1", "(H - 2)x(W - 2)x1", "9C + 1", "9CHW - 18CH - 18CW + 36C"),
        ("conv", "32Hx32Wx3", "f=7 s=2 p=3 d=64 bias=no", "(16H)x(16W)x64", "9408", "2408448HW"),
        ("conv", "32HxWx3", "f=3 s=2x1 p=same d=1 bias=no", "(16H)xWx1", "27", "432HW"),
        ("deconv", "HxWxC", "f=2 s=2 d=C", "(2H)x(2W)xC", "4C² + C", "4C²HW"),
        ("fc", "HxWxC", "d=K", "1x1xK", "CHKW + K", "CHKW"),
        ("maxpool", "32Hx32Wx3", "f=3 s=2 ceil=yes", "(16H)x(16W)x3", "0", "0"),
        ("upsample", "HxWxC", "scale=2", "(2H)x(2W)xC", "0", "0"),
        ("upsample", "2HxWxC", "scale=1.5x2", "(3H)x(2W)xC", "0", "0"),
        ("adaptiveavgpool", "7HxHxC", "size=7xH", "7xHxC", "0", "0"),
        ("slice", "HxWx2C", "channels=C:2C w=::1 h=1:", "(H - 1)xWxC", "0", "0"),
        ("concat", "HxWxC HxWx3", "", "HxWx(C + 3)", "0", "0"),
        ("mul", "HxWxC 1x1xC", "", "HxWxC", "0", "0"),
        ("gn", "HxWx32C", "g=32", "HxWx32C", "64C", "0"),
        ("flatten", "HxWxC", "", "CHW", "0", "0"),
        ("reshape", "HxWxC", "to=WxHxC", "WxHxC", "0", "0"),
        ("crop", "4Hx4Hx1", "size=2Hx2H", "(2H)x(2H)x1", "0", "0"),
        ("attention", "HxWxC", "bias=no", "HxWxC", "4C²", "2CH²W² + 4C²HW"),
        ("pixelunshuffle", "2Hx2Wx3", "factor=2", "HxWx12", "0", "0"),
    ],
)
def test_symbols_go_through(op: str, sizes: str, written: str, out: str, params: str, macs: str) -> None:
    found = facts(op, sizes, written)
    assert str(found.output) == out
    assert (str(found.params), str(found.macs)) == (params, macs)


def test_numbers_put_for_symbols_give_the_counts_of_numbers() -> None:
    symbolic = facts("conv", "32Hx32WxC", "f=3 s=2 p=1 d=2C")
    numbers = facts("conv", "64x96x5", "f=3 s=2 p=1 d=10")
    values = {"H": 2, "W": 3, "C": 5}
    for one, two in ((symbolic.macs, numbers.macs), (symbolic.params, numbers.params)):
        assert not isinstance(one, int)
        assert one is not None
        assert one.evaluate(values) == two


def test_sizes_of_any_magnitude_take_no_time() -> None:
    huge = 2**61
    assert facts("conv", f"{huge}x{huge}x3", "f=3 s=2 p=1 d=64").output.axes == (2**60, 2**60)
    assert facts("adaptiveavgpool", f"{huge}x{huge}x3", f"size={2**60 + 1}").output.axes == (2**60 + 1,) * 2
    assert facts("attention", f"{huge}x{huge}x3", f"window={2**60}").output.axes == (huge, huge)
    assert output("slice", f"{huge}x3", f"w=0:{huge}:3") == f"{(huge + 2) // 3}x3"


def test_the_operands_an_operator_takes() -> None:
    takes = {op: find_operator(op).operands for op in OPERATOR_NAMES}
    assert [takes.pop(op) for op in ("sub", "div")] == [(2, 2)] * 2
    assert takes.pop("deformconv") == (1, 2)
    assert takes.pop("learned") == (0, 0)
    assert takes.pop("opaque") == (0, None)
    assert takes.pop("attention") == (1, 3)
    assert takes.pop("matmul") == (2, 2)
    assert [takes.pop(op) for op in ("add", "mul", "max", "min", "concat")] == [(1, None)] * 5
    assert set(takes.values()) == {(1, 1)}


@pytest.mark.parametrize("op", OPERATOR_NAMES)
def test_every_operator_is_documented(op: str) -> None:
    operator = find_operator(op)
    assert operator.name == op
    assert operator.label
    assert operator.chinese
    lines = operator.documentation
    assert lines[0]
    for heading in ("Output", "Parameters", "MACs", "Other work", "Source"):
        (line,) = (line for line in lines if line.startswith(f"{heading}:"))
        assert len(line.split(":", 1)[1].strip()) > 2
    for attribute in operator.attributes.values():
        assert attribute.kind.about
        assert attribute.kind.expects


def test_no_two_attributes_of_an_operator_share_a_spelling() -> None:
    for op in OPERATOR_NAMES:
        operator = find_operator(op)
        spelled = [name for a in operator.attributes.values() for name in {a.name, a.kind.letter} - {""}]
        assert len(spelled) == len(set(spelled)) == len(operator.spellings)


def test_a_tensor_that_is_not_learned_is_a_buffer() -> None:
    assert facts("learned", "", "size=5x4 learned=no").buffers == {"weight": (5, 4)}
    assert facts("learned", "", "size=5x4").buffers == {}


def test_every_fact_is_stated() -> None:
    for op, sizes, written, *_ in COUNTED:
        found = facts(op, sizes, written)
        if op == "opaque":
            # Of its work nothing can be stated.
            found = found._replace(work=found.work or Work())
        assert None not in (found.reads, found.weights, found.macs, found.work, found.channels)
        assert_one_reading_per_axis(found, sizes)


def assert_one_reading_per_axis(found: Facts, sizes: str) -> None:
    assert found.reads is not None
    assert [len(reads) for reads in found.reads] == [len(shape(operand).axes) for operand in sizes.split()]


def test_the_wrong_name_of_an_operator_suggests_the_right_one() -> None:
    with pytest.raises(UsageError, match=r"no operator is called 'conw'; did you mean 'conv'\?"):
        find_operator("conw")
    assert suggest_operator("BatchNorm2d") == "did you mean 'bn'?"
    assert suggest_operator("qqqq") == ""
    assert set(FOREIGN_OPERATORS.values()) <= set(OPERATOR_NAMES)
    assert not set(FOREIGN_OPERATORS) & set(OPERATOR_NAMES)


def test_what_others_call_an_attribute_leads_to_one_that_there_is() -> None:
    attributes = {name for operator in map(find_operator, OPERATOR_NAMES) for name in operator.attributes}
    assert set(FOREIGN_ATTRIBUTES.values()) <= attributes
    assert not any(name == ours for name, ours in FOREIGN_ATTRIBUTES.items())


def test_what_the_language_has_keys_for_is_what_the_operators_say_they_are() -> None:
    joins = [name for name in OPERATOR_NAMES if "join" in find_operator(name).traits]
    assert list(JOINS) == joins
    # What shares the channels out and puts them side by side again changes nothing.
    split = [output(PART, "5x5x8", f"channels={start}:{start + 4}") for start in (0, 4)]
    assert output("concat", " ".join(split)) == "5x5x8"


def test_no_trait_is_called_like_an_operator() -> None:
    assert not {*get_args(Trait)} & {*OPERATOR_NAMES}


def test_every_word_of_every_attribute_is_known() -> None:
    words = {"same", "same_lower", "valid", "causal", "yes", "no", "nearest", "bilinear", "reflect"}
    assert all(is_word(word) for word in words)
    assert not is_word("sane")


def test_a_word_of_an_operator_in_use_loads_no_other() -> None:
    program = (
        "import sys; from rfcalc.ops.registry import find_operator, is_word; find_operator('conv');"
        "assert is_word('same') and is_word('no');"
        "print('rfcalc.ops.resize' in sys.modules, is_word('bicubic'))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["False", "True"]


def test_params_are_the_products_of_the_weights_dimensions() -> None:
    found = facts("conv", "8x8xC", "f=3 d=6")
    assert found.params == product((6, size("C"), 3, 3)) + 6
