"""How far layers look ahead: by hand, and against enumeration."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle, Step

from rfcalc.analysis.durations import duration
from rfcalc.analysis.field_figures import FIELD_FIGURES
from rfcalc.analysis.field_values import Span, Unsure, Views, lookahead
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, read_text


def ahead(network: NetworkAnalysis, layer: str = "", axis: int = 0) -> Span:
    """The look-ahead of a layer over the first input it sees, by default of the last one."""
    place = network.layer(layer).place if layer else len(network.graph.nodes) - 1
    _, views = next(Views(network).of(place))
    return lookahead(views[axis])


def of(layers: str, size: str = "4000x1") -> NetworkAnalysis:
    return analyze(read_text(f"input: {size}\nlayers: [{layers}]\n"))


def why_unsure(network: NetworkAnalysis) -> str:
    with pytest.raises(Unsure) as raised:
        ahead(network)
    return str(raised.value)


# By hand


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("relu", 0),
        ("conv f=3 p=causal d=1", 0),
        ("conv f=3 p=1 d=1", 1),
        # Everything is before the unit itself: what predicts the next sample.
        ("pad p=1:0, conv f=2 p=causal d=1, crop p=0:1", -1),
        # Unit q reads q to q + 2.
        ("conv f=3 d=1", 2),
        # Unit q reads 4q - 4 to 4q + 3: the samples of its own block.
        ("conv f=8 s=4 p=4:0 d=1", 3),
        # 2 of 2 steps, each 4 samples long, and 3 samples on the way.
        ("conv f=8 s=4 p=4:0 d=1, conv f=5 p=2 d=1", 11),
        # A block is there once its last sample is: the first sample waits for three.
        ("conv f=4 s=4 d=1, deconv f=4 s=4 d=1", 3),
        ("conv f=4 s=4 d=1, upsample scale=4", 3),
        # The second of two sees as much as the first, and stands half a step later.
        ("upsample scale=2", 0),
        ("conv f=3 p=1 d=1, globalavgpool", None),
    ],
)
def test_it_is_the_last_position_seen_less_the_units_own(layers: str, expected: int | None) -> None:
    if expected is None:
        assert "no position of its own" in why_unsure(of(layers))
    else:
        assert ahead(of(layers)) == Span(expected, expected)


def test_a_phase_that_stands_between_samples_counts_from_there() -> None:
    # Output 2q + 1 stands at q + 1/2 and reads up to q + 1.
    assert ahead(of("deconv f=4 s=2 p=1 d=1")) == Span(Fraction(1, 2), Fraction(1, 2))


def test_each_axis_has_its_own() -> None:
    video = of("conv f=3x3x3 p=2:0x1x1 d=4", "16x32x32x3")
    assert [ahead(video, axis=axis).high for axis in range(3)] == [0, 1, 1]


# What sees all that was, and what sees all that will be


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_recurrent_layer_sees_no_further_than_what_it_reads(kind: str) -> None:
    assert ahead(of(f"conv f=3 p=causal d=4, {kind} d=4, conv f=3 p=causal d=4")) == Span(0, 0)
    assert ahead(of(f"conv f=3 p=1 d=4, {kind} d=4, conv f=5 p=2 d=4")) == Span(3, 3)


@pytest.mark.parametrize(
    "layers",
    [
        "gru d=4 bidirectional=yes",
        "lstm d=4 layers=2 bidirectional=yes, conv f=3 p=causal d=4",
        "conv f=3 p=causal d=4, attention heads=1",
        # The statistics are those of the whole signal.
        "conv f=3 p=causal d=4, gn g=1",
        "conv f=3 p=causal d=4, in",
        "{mul: [[conv f=3 p=causal d=4], [globalavgpool, conv f=1 d=4, sigmoid]]}",
        "gru d=4 bidirectional=yes, gru d=4",
    ],
)
def test_nothing_is_causal_where_a_path_sees_the_whole_input(layers: str) -> None:
    assert ahead(of(layers)) == Span(3999, 3999, whole=True)


def test_statistics_of_training_and_of_one_position_see_nothing_ahead() -> None:
    assert ahead(of("conv f=3 p=causal d=4, bn, ln, softmax")) == Span(0, 0)


def test_it_is_not_known_behind_what_does_not_say_what_it_reads() -> None:
    deformed = of("conv f=3 p=causal d=4, deformconv f=3x3 p=1 d=4", "40x40x1")
    assert why_unsure(deformed) == "the positions it reads depend on the data"


def test_a_recurrent_layer_remembers_units_that_saw_further_ahead() -> None:
    # Of three outputs the first reads q, the second q - 1, which stands a third of a step later: the second
    # recurrent unit has seen q by the first one.
    widened = "deconv f=3 s=3 r=2 d=1"
    assert [ahead(of(f"{widened}, gru d=1, crop p={cut}:0, conv f=1 s=3 d=1")).high for cut in (0, 1)] == [
        0,
        0,
    ]


# By enumeration

sizes = st.integers(1, 4)
steps = st.one_of(
    st.tuples(st.just("conv"), st.tuples(sizes, st.integers(1, 3), st.integers(0, 3), st.integers(1, 3))),
    st.tuples(st.just("deconv"), st.tuples(sizes, st.integers(1, 3), st.just(0), st.integers(1, 2))),
    st.tuples(st.just("past"), st.just((40,))),
)


def line(kind: str, numbers: tuple[int, ...]) -> str:
    if kind == "past":
        return "gru d=1"
    kernel, stride, padding, dilation = numbers
    return f"{kind} f={kernel} s={stride} p={padding} r={dilation} d=1"


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, min_size=1, max_size=5))
def test_it_is_the_most_that_enumeration_finds_over_the_phases(
    chosen: list[tuple[str, tuple[int, ...]]],
) -> None:
    network = of(", ".join(line(kind, numbers) for kind, numbers in chosen))
    oracle = Oracle([Step(kind, (number - 1,), numbers) for number, (kind, numbers) in enumerate(chosen)])
    stride = Fraction(1)
    for kind, numbers in chosen:
        stride *= numbers[1] if kind == "conv" else Fraction(1, numbers[1]) if kind == "deconv" else 1
    seen = ((unit, oracle.support(len(chosen) - 1, unit)) for unit in range(3**5))
    most = max((max(positions) - unit * stride for unit, positions in seen if positions), default=None)
    if most is None:
        assert why_unsure(network) == "its units see nothing"
    else:
        assert ahead(network) == Span(most, most)


# What papers say

# Every convolution of EnCodec is padded before its first sample alone, and a transposed one loses what it
# adds behind its last; the kernels of both are twice the stride.
ENCODEC = """
input: 24000x1
rate: 24kHz
blocks:
  unit(d): [{add: [[conv f=3 p=causal d=d//2, conv f=1 d=d], [identity]]}]
  down(s, d): [unit d=cin, conv f=2*s s=s p=s:0 d=d]
  up(s, d): [deconv f=2*s s=s d=d, crop p=0:s, unit d=d]
layers:
  - conv f=7 p=causal d=32
  - {each: {s: [2, 4, 5, 8], d: [64, 128, 256, 512]}, do: [down s=s d=d]}
  - lstm d=512 layers=2
  - conv f=7 p=causal d=128 as code
  - conv f=7 p=causal d=512
  - lstm d=512 layers=2
  - {each: {s: [8, 5, 4, 2], d: [256, 128, 64, 32]}, do: [up s=s d=d]}
  - conv f=7 p=causal d=1
check:
  - lookahead(code) < 13.4ms and lookahead < 13.4ms
"""


def test_encodec_puts_out_320_samples_once_it_has_received_as_many() -> None:
    # Défossez et al. 2022, section 3.1: "the model can output 320 samples (13 ms) as soon as the first 320
    # samples (13 ms) are received".
    network = analyze(read_text(ENCODEC))
    assert ahead(network, "code") == ahead(network) == Span(319, 319)
    assert network["code"].output.axes == (24000 // 320,)
    assert not network.check(select="RF3")


FIELD = next(figure for figure in FIELD_FIGURES if figure.name == "receptive_field")
# Of Conv-TasNet the encoder, and what makes its masks.
CONV_TASNET = """
input: 8000x1
rate: 8kHz
blocks:
  turn(r): [{add: [[conv f=1 d=16, dwconv f=3 p=PAD r=r, conv f=1 d=8], [identity]]}]
layers:
  - conv f=16 s=8 d=8 as encoder
  - {repeat: 3, do: [{repeat: 8, index: i, do: [turn r=2**i]}]}
"""


def test_conv_tasnet_sees_1_53_seconds() -> None:
    # Luo and Mesgarani 2019, table III: L = 16, P = 3, X = 8, R = 3 see 1.53 s; of the causal one, an encoder
    # with windows of 2 ms is all that looks ahead.
    both = analyze(read_text(CONV_TASNET.replace("PAD", "same")))
    causal = analyze(read_text(CONV_TASNET.replace("PAD", "causal")))
    for network in (both, causal):
        _, views = next(Views(network).of(len(network.graph.nodes) - 1))
        assert round(float(duration(FIELD, views).high), 2) == 1.53
    assert ahead(causal) == Span(15, 15)
    assert ahead(both).high == 15 + 8 * 3 * 255
