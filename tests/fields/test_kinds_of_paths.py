"""The smallest networks of each kind of path that is easily followed wrongly, against the enumeration.

Every description is the input and its layers, separated by bars; what is named is read by name.
"""

from __future__ import annotations

import pytest
from agreement import disagreements


def written(network: str) -> str:
    """The description of a network in one line."""
    size, *layers = map(str.strip, network.split("|"))
    lines = "".join(f"  - {layer}\n" for layer in layers)
    return f"input: {size}\nlayers:\n{lines}"


PER_POSITION = (
    "7x5x1 | deconv f=5 s=2x2 p=1x0 d=2 as a | conv f=15x13 s=3 p=same d=4 | upsample like=a "
    "| conv f=3x1 p=same d=2 as b | {mul: [], from: b+a} | crop p=0:4 | reshape to=11x18 "
    "| adaptiveavgpool size=10 | pixelunshuffle factor=2 | conv f=1 d=2 | pixelshuffle factor=2",
    "12x4 | add: [[conv f=3 d=4], [upsample size=10]] | crop p=0:4 | globalavgpool",
    "3x4x5x6 | conv f=3 d=4 as a | adaptiveavgpool size=3x4x5 as b | conv f=3 p=same d=6 as c "
    "| {mul: [], from: c+input, as: d} | crop size=3x1x4 as e | conv f=3x3x5 p=same d=4 as f "
    "| {concat: [], from: f+e}",
    "6x6x4 | conv f=3 d=16 as a | upsample like=input as b | crop like=a as c | {concat: [], from: c+a} "
    "| pixelshuffle factor=2",
    "4x4x4x4 | deconv f=1x3x3 s=2 p=1:0x0x2 d=2 | upsample size=3 | adaptiveavgpool size=4 as a "
    "| {concat: [], from: a+input} | conv f=3x1x1 p=same d=1",
)
COLLAPSED_THEN_LONGER = (
    "8x3 | globalavgpool | dwconv f=1 p=0:1",
    "5x10x4 | adaptiveavgpool size=1x4 | conv f=1 p=0:1x0 d=1",
    "7x8x6 | adaptiveavgpool size=1 | pad p=0:2",
    "6x3x4 | fc d=16 | pad p=1",
    "5x12x3 | globalmaxpool | adaptivemaxpool size=1x4",
    "7x4 | fc d=4 | pixelshuffle factor=2",
    "6x6x3 | fc d=4 | deconv f=3 d=2",
    "9x11x3 | globalavgpool as a | {mul: [], from: a+a} | avgpool f=1x1 p=2:0x0:1",
    "4x4x8 | permute order=1x0x2 as a | {add: [], from: a+input} | fc d=16 | deconv f=3 d=2",
    "4x8x4 | conv f=3 p=2:0 d=2 | reshape to=2x2x8x2 | globalavgpool | avgpool f=4x1x4 p=1 ceil=yes",
    "6x6x6x3 | adaptiveavgpool size=1x6x6 as a | upsample like=a from=input as b | {concat: [], from: b+a} "
    "| adaptivemaxpool size=4",
)
WINDOWS_AS_LARGE_AS_THEIR_MAP = (
    "7x7x4 | conv f=7 d=4 | deconv f=3 d=2",
    "11x7x4 | attention window=1x7",
    "8x2x2 | avgpool f=8x2 | maxpool f=3 p=same",
    "5x5x4 | deconv f=1 s=3x2 d=2 | conv f=10x7 d=4 | adaptiveavgpool size=5x5",
    "12x12x6 | upsample size=4 | crop p=1 | pixelunshuffle factor=2 | deconv f=1x4 d=4",
    "11x8 | upsample size=2 | pixelunshuffle factor=2 | avgpool f=4 ceil=yes",
    "3x3x4 | adaptiveavgpool size=2x2 | pixelunshuffle factor=2 | conv f=1 d=8 | pixelshuffle factor=2",
    "7x4 | dwconv f=7 as a | adaptiveavgpool size=1 as b | {max: [], from: a+b} | pixelshuffle factor=2",
)
CHANNELS_AND_POSITIONS = (
    "5x4 | permute order=1x0 as a | permute order=1x0 as b | {mul: [], from: b+input}",
    "12x12x8 | permute order=0x2x1 | permute order=0x2x1 as a | {add: [], from: a+input}",
    "8x9x4 | permute order=2x1x0 as a | upsample like=a from=input | conv f=1 d=8 as b "
    "| {max: [], from: b+a}",
    "7x4x4 | permute order=2x1x0 | fc d=16 | reshape to=2x2x4",
    "4x4x8 | permute order=2x1x0 | permute order=2x1x0 | attention",
    "7x3 | adaptivemaxpool size=1 as a | permute order=1x0 as b | permute order=1x0 as c "
    "| {mul: [], from: c+b}",
    "5x5x1 | permute order=2x1x0 | conv f=1 d=5 | permute order=2x1x0 | fc d=1",
    "8x8x2 | permute order=0x2x1 | conv f=1 d=8 | pixelshuffle factor=2",
    "8x4 | permute order=1x0 | conv f=1 d=8 | permute order=1x0",
    "8x3 | pad p=0 channels=2:0 | permute order=1x0",
    "3x1x5x8 | permute order=2x3x0x1 | adaptivemaxpool size=6 | crop like=input as a "
    "| {concat: [], from: a+input} "
    "| deconv f=4 d=2",
    "10x3x1 | permute order=0x2x1 | upsample size=6 | slice channels=0:3:2 | pixelunshuffle factor=2 "
    "| pixelshuffle factor=2",
    "8x8x3 | conv f=3 p=same d=2 as a | {concat: [], from: input+a} | permute order=0x2x1 "
    "| permute order=0x2x1",
    "3x4x8 | gn g=4 | adaptiveavgpool size=2x4 | pixelunshuffle factor=2 | conv f=1 d=4 g=4 "
    "| pixelshuffle factor=2",
    "6x6x6x1 | permute order=1x3x0x2 as a | conv f=1x3x3 p=same d=6 as b | {add: [], from: b+a} "
    "| permute order=0x3x2x1",
    "12x11x4 | permute order=1x2x0 as a | conv f=3 p=causal d=1 as b | {max: [], from: b+a, as: c} "
    "| permute order=0x2x1 | permute order=0x2x1 as d | {add: [], from: c+d}",
    "4x4x4x4 | permute order=2x3x0x1 as a | flatten | fc d=4 as b | {max: [], from: a+b, as: c} "
    "| {concat: [], from: c+c} | permute order=0x3x2x1",
    "5x11x2 | permute order=2x0x1 as a | conv f=2x3 p=same d=2 as b | {concat: [], from: b+a} "
    "| permute order=2x1x0",
)
SLICES_OF_CHANNELS = (
    "4x10x4 | permute order=1x2x0 as a | conv f=1x3 p=same d=4 as b | {add: [], from: b+a} "
    "| conv f=1 d=8 g=2 | slice channels=4:8 | conv f=3x2 d=2",
    "6x6x3 | adaptiveavgpool size=6x1 as a | {max: [], from: a+input, as: b} "
    "| {concat: [], from: input+b, as: c} "
    "| {concat: [], from: c+input} | slice channels=7:8",
    "6x6x6x3 | gn g=1 as a | {concat: [], from: a+input} | slice channels=4:6",
    "7x10x4 | permute order=0x2x1 | slice channels=1:3",
    "8x8x4 | concat: [[conv f=1 d=2], [conv f=3 p=1 d=2]] | slice channels=0:2",
    "8x8x4 | flatten | slice channels=0:64:2",
    "8x8x4 | concat: [[conv f=1 d=2], [conv f=3 p=1 d=2]] | softmax | slice channels=0:2",
    "12x2 | flatten as a | channelshuffle g=2 as b | {sub: [], from: b+a} | slice channels=0:6",
    "8x8x4 | pad p=0 channels=2:0 | slice channels=0:2",
)
DIGITS = (
    "6x6x6x1 | pixelunshuffle factor=2 | pixelshuffle factor=2 | permute order=3x2x0x1 | attention",
    "6x6x8 | reshape to=6x2x3x8 | globalavgpool | upsample scale=1x2x1.5",
    "12x12x1 | pixelunshuffle factor=2 | permute order=0x2x1 | conv f=1 d=3 | permute order=0x2x1 "
    "| globalavgpool | conv f=1x7 p=same d=4",
    "6x4x6x2 | reshape to=6x1x4x12 | upsample scale=0.5x2x2",
    "4x4x2 | conv f=5x5 p=2:0 d=1 | reshape to=1x4x1 | upsample size=2x4",
    "6x6x6x2 | reshape to=6x1x6x12 | reshape to=2x3x6x12",
    "6x8x3 | reshape to=6x8x1x3 | upsample scale=2x1.5x2",
    "8x8x8 | pixelunshuffle factor=2 | pixelshuffle factor=2",
    "6x8 | reshape to=48 | reshape to=8x6",
    "4x4x3 | conv f=1 d=4 | pixelshuffle factor=2 | slice h=0:-1 | conv f=3x3 d=1",
    "3x12x3 | upsample size=4x10 | conv f=1 d=4 | reshape to=8x20",
    "6x5x4x8 | maxpool f=3x5x5 s=2 ceil=yes | reshape to=3x1x1x8 | dwconv f=1x1x2 p=same "
    "| pixelshuffle factor=2",
    "5x4x5x8 | pad p=0:2x-1:1x0:2 | adaptiveavgpool size=5x4x5 as a | {add: [], from: a+input} "
    "| conv f=3 d=16 "
    "| pixelshuffle factor=2",
    "6x6x8 | conv f=3 p=1 d=8 | pixelshuffle factor=2 as a | upsample size=12 from=input | conv f=1 d=2 as b "
    "| {add: [], from: a+b} | conv f=3 p=1 d=2",
    "4x4x1 | pixelunshuffle factor=2 as a | globalavgpool | pixelshuffle factor=2 as b "
    "| {max: [], from: a+b}",
    "11x4x2 | adaptiveavgpool size=10x4 | pixelunshuffle factor=2 | conv f=1 d=4 g=4 | pixelshuffle factor=2 "
    "| permute order=1x2x0",
    "7x3x4 | conv f=3 p=0:1 d=1 | conv f=3x2 p=same d=2 | channelshuffle g=2 | pixelunshuffle factor=2 "
    "| conv f=1 d=4 | pixelshuffle factor=2",
    "8x4x2 | reshape to=4x4x4 | reshape to=16x4 | reshape to=8x2x4 | attention",
    "8x4x2 | reshape to=2x8x4 | reshape to=64x1 | reshape to=4x2x8 | attention",
    "4x4x4x3 | reshape to=2x8x12 as a | conv f=3x3 p=same d=12 as b | {max: [], from: b+a}",
)
GLOBAL_PATHS = (
    "4x4x2 | reshape to=2x8x2 | conv f=1x7 p=same d=2 as a | conv f=7x1 p=same d=2 as b "
    "| {max: [], from: a+b} | permute order=0x2x1 | attention",
    "8x8x1 | reshape to=2x8x4 | attention | reshape to=64x1 | conv f=3 p=1 d=1",
    "8x8x1 | reshape to=2x8x4 | attention | reshape to=64x1 | globalavgpool",
    "8x8x1 | reshape to=4x16x1 as a | attention from=a+input | adaptiveavgpool size=1x16",
    "9x12x6 | reshape to=9x2x2x18 | attention | maxpool f=3x4x3 ceil=yes",
    "9x9x2 | pad p=0:2x0 | dwconv f=3x3 s=3 p=causal m=2 | reshape to=2x2x3x4 | in | avgpool f=4 ceil=yes",
    "6x5x1 | attention | conv f=3 p=2:0x1 d=2 as a | pad p=1 | upsample like=a as b | {max: [], from: b+a} "
    "| flatten | reshape to=2x30",
    "12x9x8 | fc d=8 | flatten as a | {mul: [], from: a+input} | conv f=1 d=8 | pixelshuffle factor=2",
    "6x6x4 | attention | conv f=7x1 p=same d=4",
    "4x4x3 | flatten | fc d=3 as a | {add: [], from: a+input}",
    "4x4x3 | flatten | fc d=3 as a | {mul: [], from: a+input}",
    "4x4x3 | flatten | fc d=3 as a | {max: [], from: a+input}",
    "5x7x1 | fc d=1 | flatten as a | {mul: [], from: input+a} | globalavgpool",
    "8x5x2 | permute order=2x1x0 | conv f=1 d=8 | permute order=2x1x0 as a | {mul: [], from: input+a}",
    "10x10x4 | pixelunshuffle factor=2 | conv f=1 d=4 | pixelshuffle factor=2 | in",
    "3x6x4x6 | globalavgpool as a | {max: [], from: a+input} | maxpool f=4 p=2:0 as b "
    "| {mul: [], from: a+a+b}",
    "6x6x6 | conv f=2 p=same_lower d=2 | reshape to=6x2x3x2 | attention",
    "8x3 | reshape to=8x1x3 | maxpool f=3x1 p=2:0 | attention",
    "4x4x2 | conv f=4x5 p=0x2:0 d=1 as a | deconv f=3x1 s=2 p=1x1 d=1 as b | {max: [], from: b+b+a}",
    "8x3x4 | conv f=3x3 p=same d=1 | adaptiveavgpool size=8x2 | reshape to=4x1x4x1 | deconv f=3 r=3 d=1 "
    "| gn g=1",
    "6x6x2 | reshape to=6x3x2x2 | conv f=6x3x2 p=1 d=1 as a | gn g=1 as b | {concat: [], from: a+b} "
    "| conv f=3 p=same d=2",
    "6x6x4 | conv f=2x2 s=1x2 r=2x3 d=4 as a | fc d=4 | flatten as b | {mul: [], from: a+b, as: c} "
    "| adaptiveavgpool size=1x2 as d | {add: [], from: c+d}",
    "12x4 | reshape to=6x2x4 | upsample scale=2 as a | flatten | fc d=4 as b | {mul: [], from: a+b}",
    "6x2 | unfold f=3 p=1 | globalavgpool as a | {mul: [], from: a+a} | adaptiveavgpool size=4",
    "6x6x2 | globalavgpool | roipool count=1 size=2 | in",
    "8x11x4 | fc d=8 | permute order=0x2x1 as a | flatten | fc d=1 as b | {mul: [], from: b+a}",
    "12x4 | permute order=1x0 as a | flatten as b | pad p=2:0 from=a as c | fc d=12 from=b as d "
    "| matmul transposed=yes from=c+d",
    "12x11x1 | reducesum over=all as a | deconv f=4x4 s=2 p=0x1 r=3x2 d=2 | upsample like=a as b "
    "| {add: [], from: b+a}",
)


# What is held by different axes, or by the channels, and shown at several positions of one of them later.
HELD_BY_SEVERAL = (
    "6x5x5x4 | crop size=5x1x1 | reshape to=5x1x4 | pixelshuffle factor=2",
    "4x6x5x3 | permute order=3x1x2x0 as a | conv f=1x1x1 d=4 | permute order=3x1x2x0 "
    "| adaptiveavgpool size=1x1x5 | conv f=1 d=4 as b | {mul: [], from: b+a}",
    "8x8x8 | globalavgpool as a | conv f=3 p=0:1x1 d=1 from=input | permute order=0x2x1 as b "
    "| {add: [], from: a+a+b} | upsample like=input",
    "12x5x2 | globalmaxpool as a | flatten as b | {sub: [], from: a+b} | permute order=2x1x0",
    "12x12x6 | permute order=2x1x0 as a | conv f=5x2 p=same d=1 as b | {add: [], from: b+a} "
    "| pixelunshuffle factor=2",
    "4x4 | deconv f=1 d=1 | globalavgpool | permute order=1x0 | permute order=1x0 | upsample scale=2",
    "4x1 | globalavgpool | permute order=1x0 | permute order=1x0 | upsample scale=2",
    "4x3x5x4 | slice h=0::2 | conv f=1 d=8 as a | pixelshuffle factor=2 | permute order=3x2x0x1 as b "
    "| adaptiveavgpool size=1x10x8 from=a | conv f=3 p=same d=4 as c | {mul: [], from: c+b}",
    "8x8x4 | globalavgpool as a | flatten | fc d=4 as b | {mul: [], from: a+b} | upsample scale=2",
    "6x4x3 | slice channels=1:3 | flatten | reshape to=2x1x2x12 as a | globalavgpool as b "
    "| crop like=b from=a as c | {concat: [], from: c+b}",
    "5x8x2 | adaptivemaxpool size=5x1 | reshape to=10 | reshape to=5x2",
    "10x12x4 | globalmaxpool | permute order=0x2x1 | permute order=0x2x1 | lrn n=3 | conv f=1 d=4 g=2",
)
# One position of which no axis is left, and what is shown of it at several positions later.
WITHOUT_AN_AXIS = (
    "6x6x4 | adaptivemaxpool size=1 | reshape to=1x4 | pixelshuffle factor=2",
    "4x8x1 | avgpool f=4x8 as a | permute order=0x2x1 | permute order=0x2x1 as b | {add: [], from: a+b}",
)
CHANNELS_THAT_POSITIONS_BECAME = (
    "10x4x3 | pixelunshuffle factor=2 | slice channels=1:5 | reshape to=10x1x4 as a "
    "| permute order=1x2x0 as b | conv f=3x2 p=2:0 r=2 d=1 from=a as c | {add: [], from: b+c}",
    "8x8x4 | permute order=2x1x0 as a | globalavgpool | conv f=1 d=8 as b | {mul: [], from: a+b} "
    "| permute order=2x1x0",
    "9x9x4 | permute order=2x1x0 | adaptiveavgpool size=2x2 | pixelunshuffle factor=2 | conv f=1 d=8 g=2 "
    "| pixelshuffle factor=2",
    "6x5x2 | permute order=0x2x1 as a | attention as b | {concat: [], from: b+a} | slice channels=8:9",
    "6x10x4 | permute order=0x2x1 as a | {concat: [], from: a+a} | slice channels=3:7 | conv f=3 p=same d=2",
    "6x10x4 | permute order=0x2x1 | slice channels=1:9:3",
    "9x9x6 | flatten | slice channels=460:466 as a | {add: [], from: a+input}",
    "5x6x6x4 | globalmaxpool | permute order=0x3x2x1 | permute order=0x3x2x1 as a | {concat: [], from: a+a} "
    "| conv f=3 p=same d=2 g=2",
    "6x6x4 | permute order=0x2x1 as a | {concat: [], from: a+a} | channelshuffle g=3 | slice channels=2:4",
    "6x12x4 | permute order=0x2x1 as a | conv f=1 d=5 as b | conv f=3 p=same d=7 from=a as c "
    "| {concat: [], from: b+c, as: d} | {add: [], from: a+d} | slice channels=4:7",
    "8x8x2 | pixelunshuffle factor=2 | slice channels=3:4",
    "6x10x4 | pixelunshuffle factor=2 | globalmaxpool | pad p=0 channels=2:0 | conv f=1 d=2 as a "
    "| {tensors: [], from: a+a} | concat axis=1",
    "12x12x2 | pixelunshuffle factor=2 | globalmaxpool | pixelshuffle factor=2 | permute order=2x1x0 "
    "| conv f=1 d=2",
    "8x8x2 | permute order=2x1x0 | pixelshuffle factor=2 | in",
    "4x6x8 | permute split=4x2x3x8 order=0x2x1x3 to=4x3x16 | conv f=1 d=4 g=2 | pixelshuffle factor=2",
    "5x6x1 | permute split=5x3x2x1 order=0x1x3x2 | maxpool f=2 ceil=yes | permute order=0x2x3x1 as a "
    "| avgpool f=3 s=2 p=2x2x0:1 as b | {add: [], from: a+b}",
    "8x1 | pixelunshuffle factor=2 | permute order=1x0 | in",
    "4x4x4 | permute order=1x2x0 | pixelshuffle factor=2 | in",
    "4x4x4 | permute order=0x2x1 | pixelshuffle factor=2 | gn g=1",
    "5x4 | gru d=2 bidirectional=yes as a | {concat: [], from: a+input} | flatten | reshape to=5x8 "
    "| globalavgpool",
    "3x10x2 | upsample scale=3x1.5 | flatten | gn g=2 | slice channels=135:270",
    "4x4 | unfold f=3 | permute order=1x0 | upsample like=input as a | {concat: [], from: a+input}",
    "12x12x6 | permute split=24x6x6x1 order=3x1x2x0 to=6x6x24 | fc d=2 | permute order=2x0x1",
)
# Several maps one behind the other, which see the same along an axis.
ONE_BEHIND_THE_OTHER = (
    "7x3x3 | roll by=2x3 as a | {tensors: [], from: a+input} | concat axis=1",
    "4x4x6 | {tensors: [], from: input+input} | concat axis=0 | upsample size=2 | conv f=1 d=16 as a "
    "| matmul from=a+input | reshape to=4x1x6",
    "{x: 8x8x4, y: 8x8x3} | {concat: [], from: y+x, as: a} | conv f=2x2 p=same d=7 as b "
    "| {tensors: [], from: b+a} | concat axis=1 | slice channels=3:7",
)
# No position of the map sees anything along one axis, of one branch or of all.
BLIND = (
    "9x4x1 | upsample size=2 as a | deconv f=1 s=3 d=1 | crop like=a as b | {concat: [], from: b+a} "
    "| pad p=1 channels=0:2 | upsample scale=1.5x2 mode=bicubic",
    "4x5x4x6 | avgpool f=5 p=2 as a | conv f=1x1x1 s=3x3x2 p=1 d=1 as b | {mul: [], from: a+b} "
    "| adaptiveavgpool size=3 | pad p=-1:1x2:0x1 | upsample like=a as c | {add: [], from: c+a} "
    "| adaptivemaxpool size=1x3x8",
    "4x4x4 | avgpool f=3 p=causal as a | in | deconv f=1 s=2x2 p=1 d=4 as b | upsample like=b from=a as c "
    "| {max: [], from: c+b}",
    "4x4x1 | avgpool f=3 p=2:0x1 as a | avgpool f=2x2 p=2 | adaptiveavgpool size=2x2 as b "
    "| {max: [], from: b+a} | avgpool f=2 s=3 p=2:0x0 as c | globalavgpool as d | {mul: [], from: d+c}",
    "3x6x4x4 | avgpool f=1 s=1x1x2 as a | deconv f=3x3x5 d=2 | upsample like=a | conv f=1 d=4 as b "
    "| {add: [], from: a+b} | roll by=2 as c | globalavgpool | upsample like=c",
    "8x8x8 | {concat: [], from: input+input, as: a} | attention | deconv f=1 s=1x2 p=1 d=8 "
    "| unfold f=4x1 s=2 | upsample like=a | conv f=3 p=same d=16 as b | {mul: [], from: b+a}",
)
SEVERAL_INPUTS = (
    "{x: 5x6x8, y: 9x1x3} | adaptiveavgpool size=5x6 from=y as a | {concat: [], from: a+x} "
    "| conv f=1x1 d=3 as b | {add: [], from: b+a}",
    "{x: 3x5x4x3, y: 3x5x4x4} | conv f=3x3x1 p=same d=3 from=y as a | {mul: [], from: a+x} "
    "| adaptivemaxpool size=2 | reshape to=2x1x2x6 as b | adaptiveavgpool size=2x1x2 from=x as c "
    "| {concat: [], from: c+b}",
    "{x: 12x6, y: 12x1} | maxpool f=3 s=2 p=0:1 from=y | flatten as a | {mul: [], from: x+a} "
    "| reshape to=12x3x2x1",
)


@pytest.mark.parametrize(
    "network",
    [
        *PER_POSITION,
        *COLLAPSED_THEN_LONGER,
        *WINDOWS_AS_LARGE_AS_THEIR_MAP,
        *CHANNELS_AND_POSITIONS,
        *SLICES_OF_CHANNELS,
        *DIGITS,
        *GLOBAL_PATHS,
        *HELD_BY_SEVERAL,
        *WITHOUT_AN_AXIS,
        *CHANNELS_THAT_POSITIONS_BECAME,
        *ONE_BEHIND_THE_OTHER,
        *BLIND,
        *SEVERAL_INPUTS,
    ],
)
def test_every_field_is_that_of_the_enumerated_elements(network: str) -> None:
    assert not disagreements(written(network))
