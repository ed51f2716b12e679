"""Work other than multiply-accumulates, counted by hand from the convention in docs/conventions.md."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from operator_calls import facts

from rfcalc import analyze, read_text
from rfcalc.analysis.figures import COUNTS
from rfcalc.ops.facts import NO_WORK, Work
from rfcalc.ops.functions import AFFINE, FUNCTIONS
from rfcalc.ops.registry import OPERATOR_NAMES

# 3·4·8 = 96 elements at 12 positions unless the row says otherwise.
MAP = "3x4x8"

COUNTED = [
    # One addition per output for the bias, none without.
    ("conv", "5x6x2", "f=3 d=8", Work(add=96)),
    ("conv", "5x6x2", "f=3 d=8 bias=no", NO_WORK),
    ("dwconv", "5x6x4", "f=3 m=2", Work(add=96)),
    ("dwconv", "5x6x4", "f=3 m=2 bias=no", NO_WORK),
    ("deconv", "1x2x2", "f=3 d=8", Work(add=96)),
    ("deconv", "1x2x2", "f=3 d=8 bias=no", NO_WORK),
    ("fc", MAP, "d=10", Work(add=10)),
    ("fc", MAP, "d=10 bias=no", NO_WORK),
    # 12 outputs of 6 channels' 2·3 windows: 5 comparisons; or 5 additions and a division.
    ("maxpool", "6x6x6", "f=2x3", Work(compare=36 * 5)),
    ("avgpool", "6x6x6", "f=2x3", Work(add=36 * 5, divide=36)),
    # Windows over the border count in full: 4·4·1 outputs.
    ("maxpool", "4x4x1", "f=3 s=1 p=1", Work(compare=16 * 8)),
    ("avgpool", "4x4x1", "f=3 s=1 p=1 count_include_pad=no", Work(add=16 * 8, divide=16)),
    # 12 numbers make one: 11 additions and a division, for each of 8 channels.
    ("globalavgpool", MAP, "", Work(add=88, divide=8)),
    ("globalmaxpool", MAP, "", Work(compare=88)),
    # 7 to 3 bins: positions 0–2, 2–4, 4–6; 6 additions and 3 divisions.
    ("adaptiveavgpool", "7x1", "size=3", Work(add=6, divide=3)),
    ("adaptivemaxpool", "7x1", "size=3", Work(compare=6)),
    # 2 to 4 bins of one position each.
    ("adaptiveavgpool", "2x1", "size=4", Work(divide=4)),
    ("adaptiveavgpool", MAP, "size=1", Work(add=88, divide=8)),
    ("bn", MAP, "", Work(multiply=96, add=96)),
    ("bn", MAP, "affine=no", Work(multiply=96, add=96)),
    # Per set of 8 numbers: mean 7 additions and a division, difference 8 additions, variance 8
    # multiplications, 7 additions and a division, root 1 addition and 1 exp, quotient 8 divisions.
    ("ln", MAP, "affine=no", Work(add=12 * 23, multiply=12 * 8, divide=12 * 10, exp=12)),
    ("ln", MAP, "", Work(add=12 * 23 + 96, multiply=12 * 8 + 96, divide=12 * 10, exp=12)),
    # 2 sets of 48 numbers; 8 sets of 12 numbers.
    ("gn", MAP, "g=2 affine=no", Work(add=2 * 143, multiply=2 * 48, divide=2 * 50, exp=2)),
    ("gn", MAP, "g=2", Work(add=2 * 143 + 96, multiply=2 * 48 + 96, divide=2 * 50, exp=2)),
    ("in", MAP, "", Work(add=8 * 35, multiply=8 * 12, divide=8 * 14, exp=8)),
    ("in", MAP, "affine=yes", Work(add=8 * 35 + 96, multiply=8 * 12 + 96, divide=8 * 14, exp=8)),
    # One set of 96 numbers; 8 sets of 12; 32 sets of 3.
    ("ln", MAP, "over=all affine=no", Work(add=287, multiply=96, divide=98, exp=1)),
    ("ln", MAP, "over=positions affine=no", Work(add=8 * 35, multiply=96, divide=8 * 14, exp=8)),
    ("softmax", MAP, "over=0", Work(compare=32 * 2, add=32 * 5, exp=96, divide=96)),
    # 8 numbers make one at each of 12 positions; 12 make one of each of 8 channels; 3 make one of 32.
    ("reducemean", MAP, "over=channels", Work(add=12 * 7, divide=12)),
    ("reducemean", MAP, "over=positions", Work(add=88, divide=8)),
    ("reducesum", MAP, "over=0", Work(add=32 * 2)),
    ("reducemax", MAP, "over=all", Work(compare=95)),
    ("learned", "", "size=3x4x8", NO_WORK),
    # 2 units in one step of 3 inputs.  LSTM: 3 sigmoids, 2 tangents, 4 sums of gates and 1 of the state, 3
    # products, 4 biases; GRU: 2 sigmoids, 1 tangent, 5 additions, 3 products, 3 biases.
    ("lstm", "3", "d=2", Work(add=2 * (3 + 4 + 5 + 4), multiply=2 * 5, divide=2 * 5, exp=2 * 5)),
    ("lstm", "3", "d=2 biases=0", Work(add=2 * 12, multiply=2 * 5, divide=2 * 5, exp=2 * 5)),
    ("gru", "3", "d=2", Work(add=2 * (2 + 2 + 5 + 3), multiply=2 * 4, divide=2 * 3, exp=2 * 3)),
    ("rnn", "5x3", "d=2", Work(add=10 * (2 + 1 + 1), multiply=10, divide=10, exp=10)),
    ("embedding", "20x1", "words=100 d=8", NO_WORK),
    ("localconv", "5x6x2", "f=3 d=8", Work(add=96)),
    ("matmul", "8x4 4x6", "", NO_WORK),
    ("unfold", MAP, "f=2", NO_WORK),
    # 12 windows of 2x2 reach 4x5 positions of 2 channels: 48 elements, the first of a position is no sum.
    ("fold", MAP, "size=4x5 f=2", Work(add=2 * (48 - 20))),
    # Side by side, and with gaps, nothing is summed; what falls in the padding is.
    ("fold", MAP, "size=6x8 f=2 s=2", NO_WORK),
    ("fold", MAP, "size=8x11 f=2 s=3", NO_WORK),
    ("fold", MAP, "size=2x3 f=2 p=1", Work(add=2 * (48 - 20))),
    ("roll", MAP, "by=1", NO_WORK),
    # 96 squares, 88 additions and 8 roots; the mean 7 additions and a division; 8 quotients; 2 products and 2
    # additions for each of 96.
    ("grn", MAP, "", Work(add=88 + 7 + 192, multiply=96 * 3, divide=9, exp=8)),
    ("roipool", "5x5x2", "count=3 size=2", Work(add=24 * 3, multiply=24 * 4)),
    ("concat", f"{MAP} {MAP}", "axis=1", NO_WORK),
    ("scale", MAP, "shared=yes", Work(multiply=96)),
    ("scale", MAP, "", Work(multiply=96)),
    ("scale", MAP, "bias=yes", Work(multiply=96, add=96)),
    # Each element: its square and α; 4 additions for the sum of 5 squares and 1 for k; a power; a division.
    ("lrn", MAP, "", Work(multiply=192, add=480, exp=96, divide=96)),
    ("lrn", MAP, "n=3", Work(multiply=192, add=288, exp=96, divide=96)),
    ("relu", MAP, "", Work(compare=96)),
    ("relu6", MAP, "", Work(compare=192)),
    ("leakyrelu", MAP, "", Work(compare=96, multiply=96)),
    ("prelu", MAP, "", Work(compare=96, multiply=96)),
    ("prelu", MAP, "shared=no", Work(compare=96, multiply=96)),
    # x > 0, e^x, − 1, · α.
    ("elu", MAP, "", Work(compare=96, exp=96, add=96, multiply=96)),
    # x / √2, erf, + 1, · x, · ½.
    ("gelu", MAP, "", Work(divide=96, exp=96, add=96, multiply=192)),
    # e^−x, + 1, 1 / …; and · x.
    ("sigmoid", MAP, "", Work(exp=96, add=96, divide=96)),
    ("silu", MAP, "", Work(exp=96, add=96, divide=96, multiply=96)),
    # + 3, max, min, / 6; and · x.
    ("hardsigmoid", MAP, "", Work(add=96, compare=192, divide=96)),
    ("hardswish", MAP, "", Work(add=96, compare=192, divide=96, multiply=96)),
    # 2x, e^…, − 1, + 1, /.
    ("tanh", MAP, "", Work(multiply=96, exp=96, add=192, divide=96)),
    # e^x, + 1, log.
    ("softplus", MAP, "", Work(exp=192, add=96)),
    ("function", MAP, "of=exp", Work(exp=96)),
    # A root, and 1 / it.
    ("function", MAP, "of=rsqrt", Work(exp=96, divide=96)),
    # Below, above.
    ("function", MAP, "of=clip", Work(compare=192)),
    # |x|, + 1, x / it.
    ("function", MAP, "of=softsign", Work(compare=96, add=96, divide=96)),
    # As ELU, and · λ.
    ("function", MAP, "of=selu", Work(compare=96, exp=96, add=96, multiply=192)),
    # Softplus, tanh, and · x.
    ("function", MAP, "of=mish", Work(exp=288, add=288, multiply=192, divide=96)),
    # x², · x, · 0.044715, + x, · √(2/π), tanh, + 1, · x, · ½.
    ("function", MAP, "of=gelu_tanh", Work(multiply=96 * 7, add=96 * 4, exp=96, divide=96)),
    # x / c, its whole part, · c, x − that.
    ("function", MAP, "of=mod", Work(divide=96, compare=96, multiply=96, add=96)),
    ("function", MAP, "of=sub", Work(add=96)),
    ("function", MAP, "of=mul", Work(multiply=96)),
    ("function", MAP, "of=div", Work(divide=96)),
    # 12 positions of 8 numbers: 7 comparisons, 8 subtractions, 8 exponentials, 7 additions, 8 divisions.
    ("softmax", MAP, "", Work(compare=12 * 7, add=12 * 15, exp=12 * 8, divide=12 * 8)),
    ("softmax", "10", "", Work(compare=9, add=19, exp=10, divide=10)),
    # 9 comparisons, 10 subtractions, 10 exponentials, 9 additions, a logarithm, a subtraction.
    ("softmaxloss", "1x1x10", "", Work(compare=9, add=20, exp=11)),
    ("oneminus", MAP, "", Work(add=96)),
    ("add", f"{MAP} {MAP}", "", Work(add=96)),
    ("add", f"{MAP} {MAP} {MAP}", "", Work(add=192)),
    ("add", MAP, "", NO_WORK),
    ("sub", f"{MAP} {MAP}", "", Work(add=96)),
    ("div", f"{MAP} {MAP}", "", Work(divide=96)),
    ("min", f"{MAP} {MAP} {MAP}", "", Work(compare=192)),
    ("mul", f"{MAP} 1x1x8", "", Work(multiply=96)),
    ("mul", f"1x1x8 {MAP}", "", Work(multiply=96)),
    ("max", f"{MAP} {MAP} {MAP}", "", Work(compare=192)),
    # 6·8·1 outputs of 2·2 or 4·4 neighbours; in one axis of 2, in three of 8.
    ("upsample", "3x4x1", "scale=2", NO_WORK),
    ("upsample", "3x4x1", "scale=2 mode=bilinear", Work(multiply=48 * 4, add=48 * 3)),
    ("upsample", "3x4x1", "scale=2 mode=bicubic", Work(multiply=48 * 16, add=48 * 15)),
    ("upsample", "3x1", "size=6 mode=linear", Work(multiply=12, add=6)),
    ("upsample", "1x1x1x1", "size=2 mode=trilinear", Work(multiply=64, add=56)),
    # 9 positions, 3 heads, 6 inner channels: 27 rows of 9 scores, each scaled, then a softmax.
    (
        "attention",
        "3x3x6",
        "heads=3 bias=no",
        Work(compare=27 * 8, add=27 * 17, exp=27 * 9, divide=27 * 9 * 2),
    ),
    # 2 heads, 9 queries, 2 keys: 36 scores; biases of 9 queries and outputs, of 2 keys and values.
    ("attention", "3x3x6 2x6", "heads=2", Work(compare=18, add=54 + 9 * 12 + 2 * 12, exp=36, divide=72)),
    # 2 heads, 9 queries, 4 keys: 72 scores, each scaled, 18 softmaxes over 4 numbers.
    (
        "attention",
        "3x3x6 4x6 4x8",
        "heads=2 projections=no",
        Work(compare=18 * 3, add=18 * 7, exp=72, divide=144),
    ),
    # A bias on each of 36 · 9 scores.
    (
        "attention",
        "6x6x6",
        "window=3 bias=no relative_bias=yes",
        Work(compare=36 * 8, add=36 * 17 + 36 * 9, exp=36 * 9, divide=36 * 18),
    ),
    ("attention", "3x3x6", "heads=3 projections=no", Work(compare=216, add=459, exp=243, divide=486)),
    # With biases of query, key, value (4 channels each) and output (5).
    ("attention", "3x3x6", "key_channels=4 d=5", Work(compare=72, add=153 + 9 * 17, exp=81, divide=162)),
    # 36 positions that see 9 each.
    ("attention", "6x6x6", "window=3 bias=no", Work(compare=36 * 8, add=36 * 17, exp=36 * 9, divide=36 * 18)),
    # 4 positions · 9 taps: 4 additions and 4 multiplications for place and weights, per offset group; and of
    # each of 4 channels 4 multiplications and 3 additions; 4·5 biases.
    ("deformconv", "4x4x4", "f=3 d=5", Work(add=36 * 16 + 20, multiply=36 * 20)),
    ("deformconv", "4x4x4", "f=3 d=5 bias=no modulated=yes", Work(add=36 * 16, multiply=36 * 24)),
    ("deformconv", "4x4x4", "f=3 d=5 bias=no offset_groups=2", Work(add=36 * 20, multiply=36 * 24)),
    # In one axis: 2 additions for the place, the weights are the fraction and its complement.
    ("deformconv", "4x4", "f=3 d=5 bias=no", Work(add=6 * 2 + 6 * 4, multiply=6 * 8)),
    *((op, MAP, "", NO_WORK) for op in ("dropout", "droppath", "identity", "flatten")),
    ("reshape", MAP, "to=12x8", NO_WORK),
    ("permute", MAP, "order=1x0x2", NO_WORK),
    ("pad", MAP, "padding=1", NO_WORK),
    ("crop", MAP, "size=1", NO_WORK),
    ("slice", MAP, "channels=0:1", NO_WORK),
    ("concat", f"{MAP} {MAP}", "", NO_WORK),
    ("pixelshuffle", MAP, "factor=2", NO_WORK),
    ("pixelunshuffle", MAP, "factor=1", NO_WORK),
    ("channelshuffle", MAP, "g=2", NO_WORK),
    # What is not known is not nothing.
    ("opaque", MAP, "type=nms size=4 params=0 macs=0", None),
]


@pytest.mark.parametrize(("op", "sizes", "written", "work"), COUNTED)
def test_other_work(op: str, sizes: str, written: str, work: Work | None) -> None:
    assert facts(op, sizes, written).work == work


def test_the_work_of_every_function_is_what_the_conventions_say() -> None:
    text = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text("utf-8")
    table = text.partition("| `function of=` |")[2].partition("\n\n")[0]
    stated = {}
    for line in table.splitlines()[2:]:
        words, *counts = (cell.strip() for cell in line.strip("|").split("|"))
        stated |= dict.fromkeys(words.split(", "), Work(*(int(count or 0) for count in counts)))
    assert stated == FUNCTIONS


def test_functions_are_nonlinearities_and_arithmetic_with_a_constant_is_none() -> None:
    def counted(line: str) -> int | None:
        network = analyze(read_text(f"input: 4x4\nlayers: [{line}]\n"))
        return COUNTS["nonlinearities"].value(network.layers[0])

    for word in FUNCTIONS:
        assert counted(f"function of={word}") == (word not in AFFINE), word
    assert set(AFFINE) == {"add", "sub", "neg", "mul", "div"}


def test_the_work_of_every_operator_is_counted_above() -> None:
    assert {op for op, *_ in COUNTED} == set(OPERATOR_NAMES)


@pytest.mark.parametrize(("n", "m"), list(product(range(1, 13), range(1, 13))))
def test_adaptive_bins_are_counted_as_if_one_by_one(n: int, m: int) -> None:
    held = sum(-(-(i + 1) * n // m) - i * n // m for i in range(m))
    assert facts("adaptivemaxpool", f"{n}x1", f"size={m}").work == Work(compare=held - m)
    assert facts("adaptiveavgpool", f"{n}x{n}x1", f"size={m}").work == Work(add=held**2 - m**2, divide=m**2)


def test_symbols_go_through_the_work() -> None:
    found = facts("softmax", "HxWxC").work
    assert found is not None
    assert [str(kind) for kind in found] == ["2CHW - HW", "0", "CHW - HW", "CHW", "CHW"]
    bins = facts("adaptiveavgpool", "7HxHxC", "size=7xH").work
    assert bins is not None
    # 7H by H positions: H and 1 in each of 7 by H bins.
    assert [str(kind) for kind in bins[:2]] == ["7CH² - 7CH", "0"]


def test_work_adds_up_and_multiplies() -> None:
    assert Work(add=1, exp=2).plus(Work(add=3, divide=4)) == Work(add=4, divide=4, exp=2)
    assert Work(add=1, exp=2).times(3) == Work(add=3, exp=6)
