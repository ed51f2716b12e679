"""A case for every operator that is exported, with its rarer arguments, and what moves elements alone."""

from __future__ import annotations

import numpy as np

from rfcalc.description import build_graph
from rfcalc.graph.ir import Graph
from rfcalc.library import read_text


def text_of(case: str) -> str:
    """The description of a case, `SIZE: LAYER; LAYER`, the size being that of one input or of several."""
    end = "}: " if case.startswith("{") else ": "
    size, _, layers = case.partition(end)
    lines = "".join(f"  - {layer}\n" for layer in layers.split("; "))
    return f"input: {size}{end[:-2]}\nlayers:\n{lines}"


CASES = """
12x12x4: conv f=3x5 s=2x1 p=1x2 d=6 dilation=2x1 groups=2
12x12x4: conv f=4 p=same s=3 d=6 bias=no
12x12x4: conv f=4 p=same_lower d=6
12x12x4: conv f=3 p=0:2x1:0 d=6 padding_mode=reflect
12x12x4: conv f=3 p=1 d=6 padding_mode=circular
12x12x4: conv f=3 p=2:1x0:3 d=6 padding_mode=replicate
12x12x4: conv f=3 p=1 d=4 learned=no
12x4: conv f=3 p=causal d=6 dilation=4
12x4: conv f=3 p=1 d=6 learned=no padding_mode=reflect
12x4: conv f=3 p=2:0 d=6 padding_mode=circular
6x7x8x4: conv f=3x1x2 p=1x0x1 d=6 s=1x2x1 groups=2
6x7x8x4: conv f=3 p=1:0x0:1x1 d=6 padding_mode=reflect
6x7x8x4: conv f=2 p=1 d=4 learned=no
12x12x4: dwconv f=5x3 p=2x1 multiplier=3 dilation=1x2
12x4: dwconv f=3 p=causal bias=no
6x7x8x4: dwconv f=3 p=1 learned=no
7x7x4: deconv f=4 s=2 p=1 d=6 groups=2
7x7x4: deconv f=3x2 s=3x2 p=0 d=6 output_padding=2x1 bias=no
7x7x4: deconv f=3 s=2 p=same d=6
7x7x4: deconv f=2 s=3 p=same d=6
7x7x4: deconv f=3 s=2 p=0:2x1:0 d=6 dilation=2
7x4: deconv f=5 s=3 p=1 d=6
4x5x6x4: deconv f=2 s=2 d=6 p=1:0x0x0:1
9x9x4: fc d=7
9x9x4: fc d=7 bias=no; relu; fc d=3
5: fc d=7; bn; dropout rate=1/2; softmax
9x9x4: fc d=7; conv f=1 d=5
3x4x4: localconv f=2 d=6 p=1:0x0:1 s=1x2 groups=2 dilation=1x2
9x4: localconv f=3 d=6 s=2 bias=no
4x4x4x2: localconv f=2 d=3
12x12x4: maxpool f=3 s=2 p=1 ceil=yes
12x12x4: maxpool f=3x2 s=2x3 p=1:0x0:1 dilation=2x1
12x12x4: maxpool f=4 s=2 p=0:1 ceil=yes
11x11x4: maxpool f=2 s=2 p=same
12x4: maxpool f=5 p=2 s=1
12x4: maxpool f=3 p=2 s=3
6x7x8x4: maxpool f=2x1x3 ceil=yes
12x12x4: avgpool f=3 s=2 p=1 ceil=yes count_include_pad=no
12x12x4: avgpool f=3 s=2 p=0:1 count_include_pad=no
12x12x4: avgpool f=4 s=2 p=0:1 ceil=yes count_include_pad=no
11x11x4: avgpool f=2 p=same
12x4: avgpool f=4 p=3:0 s=1
6x7x8x4: avgpool f=2
12x12x4: adaptiveavgpool size=5x1
12x12x4: adaptivemaxpool size=7
12x4: adaptiveavgpool size=5
6x7x8x4: adaptivemaxpool size=2x3x4
12x4: globalavgpool; bn
6x7x8x4: globalmaxpool
12x12x4: reducemean over=channels
12x12x4: reducesum over=positions
12x12x4: reducemax over=all
12x12x4: reducemax over=1
6x7x8x4: reducemean over=0x2
5: reducemean over=channels
5: reducesum over=positions
12x12x4: lrn n=3 k=1 alpha=1/3 beta=1/2
12x12x4: lrn n=4
12x4: lrn
12x12x4: bn affine=no
12x12x4: bn weight=no
12x12x4: bn bias=no
5: bn bias=no
5: bn weight=no; relu
12x4: bn
6x7x8x4: bn
12x12x4: gn groups=2
12x4: gn groups=4 affine=no
5: gn groups=5
12x12x4: ln
12x12x4: ln over=all
12x12x4: ln over=positions
12x12x4: ln over=0
12x12x4: ln over=1 affine=no
5: ln
12x4: ln over=all affine=no
12x12x4: in affine=yes
12x4: in
6x7x8x4: in affine=yes
12x12x4: grn
12x4: grn
12x12x4: scale
12x12x4: scale shared=yes bias=no
5: scale bias=no
12x12x4: relu; relu6; elu alpha=1/2; gelu; silu; hardswish; hardsigmoid; sigmoid; tanh; softplus; oneminus
12x12x4: leakyrelu slope=0.2; prelu; prelu shared=no; dropout; droppath rate=0.3; identity
5: prelu shared=no; leakyrelu; droppath
12x12x4: softmax over=positions
12x12x4: softmax over=all
12x12x4: softmax over=1
6x7x8x4: softmax over=0x2
5: softmax over=all
9x9x4: fc d=7; softmax over=positions
12x12x4: conv f=1 d=5; softmaxloss
12x12x4: flatten; fc d=3
1x1x4: flatten; relu
5: flatten
4x6x4: reshape to=8x12
4x6x4: reshape to=2x12x4
4x6x4: reshape to=96
4x6x4: reshape to=2x2x6x4
96: reshape to=4x6x4; conv f=1 d=2
1x1x8: reshape to=1x8
4x6x5: permute order=1x0x2
4x6x5: permute order=2x0x1
4x5: permute order=1x0
2x4x6x5: permute order=3x1x0x2
5: permute order=0
4x4x5: permute split=2x2x2x2x5 order=0x2x1x3x4 to=4x4x5
4x4x6: permute order=0x1x3x2 split=4x4x2x3 to=16x6
12x12x4: pad p=1:2x0:3
12x12x4: pad p=-1:2x0 channels=2:1
12x12x4: pad p=1 mode=reflect channels=1
12x12x4: pad p=-2:3x1:-1 mode=reflect
12x4: pad p=2:0 mode=circular
6x7x8x4: pad p=1:0x0x2 mode=replicate
5: pad channels=2:3
12x12x4: crop p=1:2x0:3
12x12x4: crop size=7x8
12x4: crop size=5
12x12x4: slice channels=1:3
12x12x4: slice channels=0:4:2 h=1:-1:3 w=-5:12
12x4: slice t=2:9:2
12x4: slice w=3:12
6x7x8x4: slice t=1:3 w=:4
5: slice channels=-3:5
12x12x4: roll by=3x-2
12x4: roll by=5
6x7x8x4: roll by=1x0x-3
12x12x4: upsample scale=2
12x12x4: upsample scale=3/2 mode=bilinear
12x12x4: upsample size=7x30 mode=bicubic
12x12x4: upsample scale=2x3 mode=bilinear align_corners=yes
12x12x4: upsample size=9x5 mode=nearest_exact
12x4: upsample scale=3 mode=linear
6x7x8x4: upsample scale=2 mode=trilinear
6x7x8x4: upsample scale=2x1x2
12x12x8: pixelshuffle factor=2
12x8: pixelshuffle factor=4
4x4x4x8: pixelshuffle factor=2
12x12x4: pixelunshuffle factor=3
12x4: pixelunshuffle factor=2
4x2x6x4: pixelunshuffle factor=2
12x12x6: channelshuffle groups=3
12x6: channelshuffle groups=2
6: channelshuffle groups=2
6x7x8x6: channelshuffle groups=2
12x12x4: unfold f=3x2 s=2x1 p=1:0x0:1 dilation=1x2
12x4: unfold f=3 p=causal dilation=2
4x4x36: fold f=3 s=2 p=1 size=8
5x12: fold f=3 s=1 size=7
4x5x12: fold f=2x3 s=1x2 p=0:1x1 size=4x9
12x4: lstm d=6
12x4: lstm d=6 layers=2 bidirectional=yes biases=2
12x4: lstm d=6 biases=0
12x4: gru d=6 layers=3
12x4: gru d=6 bidirectional=yes biases=2
12x4: rnn d=6 layers=2 bidirectional=yes
12x4: rnn d=6 biases=0
12x1: embedding words=9 d=5
4x5x1: embedding words=9 d=5
1: embedding words=9 d=5
8x8x12: attention heads=3
8x8x12: attention heads=2 key_channels=4 value_channels=6 d=10 bias=no
8x8x12: attention heads=4 projections=no
8x12: attention heads=4 window=4 shift=2 relative_bias=yes
8x8x12: attention heads=4 window=4x2 shift=1x0 relative_bias=yes bias=no
8x8x12: attention heads=4 window=8x4 shift=3 key_channels=8 d=6
4x4x4x12: attention heads=4 window=2x2x4 shift=1x1x1 relative_bias=yes
{a: 8x8x12, b: 5x6}: attention heads=2 from=a+b
{a: 8x8x12, b: 5x6, c: 5x4}: attention heads=2 from=a+b+c value_channels=6
{a: 8x8x12, b: 5x12, c: 5x4}: attention heads=2 from=a+b+c projections=no
{a: 8x8x12, b: 5x12}: attention heads=2 from=a+b projections=no
{a: 8x8x12, b: 3x4x6}: matmul from=a+b
{a: 8x8x6, b: 3x4x6}: matmul from=a+b transposed=yes
{a: 8x12, b: 12x6}: matmul from=a+b
{a: 8x6, b: 3x4x6}: matmul from=a+b transposed=yes
{a: 8x3x6, b: 8x4x6}: matmul from=a+b transposed=yes batch=1
{a: 8x6, b: 8x6}: matmul from=a+b transposed=yes batch=1
{a: 2x8x3x4, b: 2x8x4x6}: matmul from=a+b batch=2
8x4: learned size=1x4 as token; concat from=input axis=0; learned size=9x4 as place; add from=concat1
8x4: learned size=3x4 as query; attention heads=2 from=query+input
8x4: learned size=4 as shift; add from=input
8x4: learned size=8x4 learned=no as sines; add from=input
8x4: learned size=4 training=yes as token; relu from=input
8x8x4: {concat: [[conv f=1 d=2], [conv f=3 p=1 d=3], []]}
8x8x4: slice h=0:3 as top; concat from=input axis=0
8x8x4: {max: [[], [conv f=1 d=4], [globalavgpool]]}
8x8x4: {min: [[], [fc d=4]]}
8x8x4: {sub: [[], [reducemean over=channels]]}
8x8x4: {div: [[conv f=1 d=1], []]}
8x8x4: {mul: [[], [globalavgpool, fc d=4, sigmoid]]}
8x8x4: {add: [[fc d=4], [globalavgpool, fc d=4]]}
8x8x4: {concat: [[fc d=4], [fc d=3]]}
8x8x4: fc d=4 as one; globalavgpool from=input as two; concat from=one axis=1
5: {add: [[fc d=5], []]}
8x1: embedding words=9 d=4 as word; conv f=1 d=4; conv f=1 d=9 weights=word
8x1: embedding words=9 d=4 as word; conv f=1 d=4; conv f=1 d=9 weights=word bias=no
8x8x4: conv f=1 d=6 as one; conv f=1 d=4 weights=one
8x8x4: fc d=6 as one; fc d=256 weights=one bias=no
8x8x4: conv f=3 p=1 d=4 as one; relu; conv f=3 p=1 d=4 weights=one
""".strip().splitlines()
FUNCTIONS = (
    "neg exp sqrt erf sin atan cosh expm1 log1p rsqrt reciprocal square abs floor ceil round trunc sign "
    "hardtanh hardshrink softshrink softsign logsigmoid selu celu mish tanhshrink gelu_tanh quick_gelu "
    "logical_not"
).split()
CASES += [f"6x6x4: conv f=1 d=4; sigmoid; function of={name}" for name in FUNCTIONS]
CASES += ["5: function of=quick_gelu; function of=abs; function of=mish"]
# What only moves elements, as NumPy does it to the numbers 0, 1, 2 …, channels last.
MOVED = {
    "4x6x4: reshape to=8x12": lambda x: x.reshape(8, 12),
    "4x6x4: reshape to=2x2x6x4": lambda x: x.reshape(2, 2, 6, 4),
    "4x6x4: flatten": lambda x: x.reshape(96),
    "96: reshape to=4x6x4": lambda x: x.reshape(4, 6, 4),
    "4x6x5: permute order=2x0x1": lambda x: x.transpose(2, 0, 1),
    "2x4x6x5: permute order=3x1x0x2": lambda x: x.transpose(3, 1, 0, 2),
    "4x4x5: permute split=2x2x2x2x5 order=0x2x1x3x4 to=4x4x5": lambda x: (
        x.reshape(2, 2, 2, 2, 5).transpose(0, 2, 1, 3, 4).reshape(4, 4, 5)
    ),
    "12x12x4: roll by=3x-2": lambda x: np.roll(x, (3, -2), (0, 1)),
    "12x12x4: slice channels=0:4:2 h=1:-1:3 w=-5:12": lambda x: x[1:-1:3, -5:12, 0:4:2],
    "12x12x4: crop p=1:2x0:3": lambda x: x[1:-2, :-3],
    "12x12x4: crop size=7x8": lambda x: x[2:9, 2:10],
    "12x12x4: pad p=1:2x0:3 channels=2:1": lambda x: np.pad(x, ((1, 2), (0, 3), (2, 1))),
    "12x12x4: pad p=-2:3x1:-1 mode=reflect": lambda x: np.pad(
        x[2:, :-1], ((0, 3), (1, 0), (0, 0)), "reflect"
    ),
    "12x6: channelshuffle groups=2": lambda x: x.reshape(12, 2, 3).transpose(0, 2, 1).reshape(12, 6),
    "6: channelshuffle groups=2": lambda x: x.reshape(2, 3).T.reshape(6),
    "12x8: pixelshuffle factor=4": lambda x: x.reshape(12, 2, 4).transpose(0, 2, 1).reshape(48, 2),
    "4x4x8: pixelshuffle factor=2": lambda x: (
        x.reshape(4, 4, 2, 2, 2).transpose(0, 3, 1, 4, 2).reshape(8, 8, 2)
    ),
    "2x3x4x8: pixelshuffle factor=2": lambda x: (
        x.reshape(2, 3, 4, 1, 2, 2, 2).transpose(0, 4, 1, 5, 2, 6, 3).reshape(4, 6, 8, 1)
    ),
    "12x4: pixelunshuffle factor=2": lambda x: x.reshape(6, 2, 4).transpose(0, 2, 1).reshape(6, 8),
    "{a: 2x3, b: 3x4}: matmul from=a+b": lambda a, b: a @ b,
    "{a: 2x2x3, b: 5x3}: matmul from=a+b transposed=yes": lambda a, b: a @ b.T,
    "{a: 2x2x3, b: 2x4x3}: matmul from=a+b transposed=yes batch=1": lambda a, b: a @ b.transpose(0, 2, 1),
}


def graph_of(case: str) -> Graph:
    return build_graph(read_text(text_of(case)))
