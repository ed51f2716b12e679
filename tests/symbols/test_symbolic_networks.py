"""Polynomials of whole networks: published ones, and against networks with numbers in place of symbols."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.existence import ValueRange, existence
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError
from rfcalc.library import analyze, load, read_expression, read_text, shipped_names
from rfcalc.symbolic.polynomial import Polynomial, exact_quotient, format_number

H, W, C, K = map(Polynomial.symbol, "HWCK")

# ZFNet promises the sizes of its paper, so it exists at one size only; ViT and Mixer learn so many patches,
# the windows of Swin divide maps of other sizes than these, and CRNN makes a list of 26 columns.  BERT,
# the siamese network and the BiFPN have several inputs.
FIXED = {"zfnet", "vit-b16", "mixer-b16", "swin-t", "crnn", "bert-base", "siamese", "bifpn-d0"}
NAMES = [name for name in shipped_names() if name not in FIXED]


def symbolic_size(name: str) -> str:
    """An input with a symbol along every axis, a multiple of what all strides together need."""
    (shape,) = analyze(load(name)).inputs
    channels = format_number(shape.channels)
    if len(shape.axes) == 1:
        return f"Tx{channels}"
    return "x".join([*("(32*t)", "(32*h)", "(32*w)")[3 - len(shape.axes) :], channels])


def symbolic(name: str) -> NetworkAnalysis:
    classes = {"classes": "K"} if "classes" in load(name).params_names() else {}
    return analyze(load(name), input=symbolic_size(name), params=classes)


def concrete(name: str, values: Mapping[str, int]) -> NetworkAnalysis:
    classes = {"classes": "K"} if "classes" in load(name).params_names() else {}
    graph = build_graph(load(name), input=symbolic_size(name), params=classes, symbols=values)
    return analyze_graph(graph)


def with_values(number: object, values: Mapping[str, int]) -> object:
    return number.evaluate(values) if isinstance(number, Polynomial) else number


def figures(layer: LayerAnalysis, values: Mapping[str, int]) -> list[object]:
    sizes = () if layer.output is None else layer.output.sizes()
    numbers = (layer.params, layer.macs, layer.flops, layer.activations, *(layer.work or ()), *sizes)
    return [with_values(number, values) for number in numbers]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_symbolic_network_is_the_concrete_one_wherever_it_exists(name: str) -> None:
    network = symbolic(name)
    firsts = {symbol: one.range.first for symbol, one in existence(network.graph).items() if one.range}
    assert set(firsts) == set(network.graph.symbols)
    # From the first values for which the network exists, and different ones for each symbol.
    for add in (0, 2):
        values = {
            symbol: first + add * (place + 1) for place, (symbol, first) in enumerate(sorted(firsts.items()))
        }
        other = concrete(name, values)
        assert [layer.name for layer in network.layers] == [layer.name for layer in other.layers]
        for one, two in zip(network.layers, other.layers, strict=True):
            assert figures(one, values) == figures(two, {}), one.name
        assert with_values(network.totals.params, values) == other.totals.params
        assert with_values(network.totals.macs, values) == other.totals.macs


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_field_of_a_symbolic_network_is_wrong(name: str) -> None:
    network = symbolic(name)
    # Larger than where a window could be as large as its map.
    firsts = {symbol: one.range.first + 3 for symbol, one in existence(network.graph).items() if one.range}
    other = concrete(name, firsts)
    for one, two in zip(network.layers, other.layers, strict=True):
        for mine, theirs in zip(one.field.inputs, two.field.inputs, strict=True):
            for axis, expected in zip(mine or (), theirs or (), strict=True):
                if axis.status == "unknown":
                    continue
                # What is seen through a global path reaches as far as the input is long.
                lengths = {"strict": axis.strict, "last": axis.last}
                known = {
                    figure: length.evaluate(firsts) if isinstance(length, Polynomial) else length
                    for figure, length in lengths.items()
                }
                assert axis._replace(**known) == expected, one.name


@pytest.mark.parametrize("name", ["alexnet", "unet", "googlenet", "nin"])
def test_below_the_values_for_which_it_exists_a_network_cannot_be_built(name: str) -> None:
    network = symbolic(name)
    firsts = {symbol: one.range.first for symbol, one in existence(network.graph).items() if one.range}
    for symbol in ("h", "w"):
        assert firsts[symbol] > 1
        with pytest.raises(DescriptionError):
            concrete(name, {**firsts, symbol: firsts[symbol] - 1})


def test_the_smallest_inputs_are_those_counted_by_hand() -> None:
    # U-Net loses 188 pixels: 32h - 188 is at least 1 from h = 6 on.
    assert existence(symbolic("unet").graph)["h"].range == ValueRange(6, None)
    # AlexNet at 32h: 8h - 2, 4h - 2, 2h - 2, h - 2 after conv1, pool1, pool2, pool5.
    assert existence(symbolic("alexnet").graph)["w"].range == ValueRange(3, None)
    assert existence(symbolic("vgg16").graph)["h"].range == ValueRange(1, None)


def test_one_7x7_convolution_has_49_weights_for_each_pair_of_channels() -> None:
    network = analyze(load("conv7x7"))
    assert network.totals.params == 49 * C * C
    assert network.totals.macs == 49 * C * C * H * W


def test_three_3x3_convolutions_have_27() -> None:
    network = analyze(load("conv3x3-stack"))
    assert network.totals.params == 27 * C * C
    assert network.totals.macs == 27 * C * C * H * W


def test_vgg16_with_any_number_of_classes() -> None:
    # fc8 reads 4096 channels: 4096 weights and a bias for each class; 138,357,544 has 1000 of them.
    network = analyze(load("vgg16"), params={"classes": "K"})
    assert network.totals.params == 138_357_544 - 4097 * 1000 + 4097 * K
    assert format_number(network.totals.params) == "4097K + 134260544"


def test_a_bottleneck_has_17_weights_for_each_pair_of_its_narrow_channels() -> None:
    # 4C · C, 9 · C · C and C · 4C weights, on 56 x 56 positions.
    network = analyze(load("bottleneck-block"), params={"C": "C"})
    assert network.totals.params == 17 * C * C
    assert network.totals.macs == 17 * 56 * 56 * C * C


def test_several_symbols_at_once() -> None:
    network = analyze(
        read_expression("conv f=3 p=1 d=w*8; relu; globalavgpool; fc d=K"),
        input="HxWxC",
        params={"w": "w", "K": "K"},
    )
    w = Polynomial.symbol("w")
    assert network.totals.params == 9 * C * 8 * w + 8 * w + 8 * w * K + K
    assert network.totals.macs == 9 * C * 8 * w * H * W + 8 * w * K
    assert set(network.graph.symbols) == {"H", "W", "C", "w", "K"}


@pytest.mark.parametrize(
    ("alpha", "millions", "parameters"),
    [("1", 569, 42), ("0.75", 325, 26), ("0.5", 149, 13), ("0.25", 41, 5)],
)
def test_mobilenets_width_multiplier_gives_the_papers_figures(
    alpha: str, millions: int, parameters: int
) -> None:
    # Howard et al. 2017, table 6: million multiply-adds, and parameters in units of 0.1 million.
    network = analyze(load("mobilenet-v1"), params={"alpha": alpha})
    assert isinstance(network.totals.macs, int)
    assert isinstance(network.totals.params, int)
    assert round(network.totals.macs / 10**6) == millions
    assert round(network.totals.params / 10**5) == parameters


def test_a_width_multiplier_may_be_a_symbol_in_quarters() -> None:
    network = analyze(load("mobilenet-v1"), params={"alpha": "a/4"})
    a = Polynomial.symbol("a")
    for quarters, alpha in ((1, "0.25"), (2, "0.5"), (4, "1")):
        expected = analyze(load("mobilenet-v1"), params={"alpha": alpha}).totals.macs
        assert with_values(network.totals.macs, {"a": quarters}) == expected
    assert network.graph.parameters["alpha"] == exact_quotient(a, 4)


def test_a_size_stays_symbolic_through_stride_1_and_through_exact_division() -> None:
    text = (
        "symbols: {H: 32*h, W: 32*w}\ninput: HxWx3\n"
        "layers: [conv f=3 p=1 d=8, maxpool f=2 s=2, conv f=7 s=2 p=3 d=8]\n"
    )
    shapes = [str(layer.output) for layer in analyze(read_text(text)).layers]
    assert shapes == ["(32h)x(32w)x8", "(16h)x(16w)x8", "(8h)x(8w)x8"]


def test_division_need_not_be_exact_where_its_floor_is_one_polynomial() -> None:
    # floor((32h - 11) / 4) + 1 = 8h - 2, as 32h - 11 = 4 (8h - 3) + 1.
    network = analyze(read_expression("conv f=11 s=4 d=96"), input="(32*h)x(32*h)x3")
    assert str(network.layers[0].output) == "(8h - 2)x(8h - 2)x96"


def test_a_symbol_of_an_input_can_be_given_a_value() -> None:
    size = "(32*h)x(32*w)x3"
    network = analyze(load("vgg16"), input=size, params={"w": 7, "h": 7})
    assert network.totals.macs == 15_470_264_320
    half = analyze(load("vgg16"), input=size, params={"w": 7})
    assert half.graph.symbols == ("h",)
    same = analyze(load("vgg16"), input=size, params={"w": "h"})
    assert same.totals.macs == analyze(load("vgg16"), input="(32*h)x(32*h)x3").totals.macs


def test_symbols_are_listed_as_they_were_written() -> None:
    assert analyze(load("conv7x7")).graph.symbols == ("C", "H", "W")
    assert analyze(load("vgg16"), input="(32*h)x(32*w)x3").graph.symbols == ("h", "w")


def test_a_total_of_which_a_part_may_be_nothing_is_still_a_polynomial() -> None:
    # (h - 1)(w - 1) positions: none for h = 1.
    network = analyze(read_expression("conv f=2 d=1 bias=no; relu"), input="hxwx1")
    h, w = Polynomial.symbol("h"), Polynomial.symbol("w")
    assert network.totals.activations == 2 * (h - 1) * (w - 1)


def test_adaptive_pooling_to_bins_that_divide_the_map_is_exact() -> None:
    network = analyze(read_expression("adaptiveavgpool size=7; fc d=10"), input="(7*h)x(14*h)x3")
    assert str(network.layers[0].output) == "7x7x3"
    assert network.totals.params == 7 * 7 * 3 * 10 + 10
