"""What nodes of ONNX become, in the forms that exporters and versions of the operator set write."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from built import constant, imported, lines, model, node, weight
from onnx import TensorProto, helper

from rfcalc.errors import DescriptionError, UsageError
from rfcalc.importers.onnx.call import OPERATORS, NodeCall, operator
from rfcalc.importers.tracing.layers import Windows, windowed
from rfcalc.importers.tracing.views import TensorView
from rfcalc.importers.writing.flat import flat
from rfcalc.library import analyze, read_text

CONV = node("Conv", "x w", "y")


@pytest.mark.parametrize(
    ("attributes", "line"),
    [
        ({}, "conv f=3 d=8 bias=no"),
        ({"pads": [1, 1, 1, 1]}, "conv f=3 p=1 d=8 bias=no"),
        ({"pads": [0, 1, 1, 1]}, "conv f=3 p=0:1x1 d=8 bias=no"),
        ({"strides": [2, 1]}, "conv f=3 s=2x1 d=8 bias=no"),
        ({"dilations": [2, 2]}, "conv f=3 r=2 d=8 bias=no"),
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, "conv f=3 s=2 p=same d=8 bias=no"),
        ({"auto_pad": "SAME_LOWER"}, "conv f=3 p=same_lower d=8 bias=no"),
        ({"auto_pad": "VALID"}, "conv f=3 d=8 bias=no"),
    ],
)
def test_a_convolution_has_the_kernel_of_its_weight(attributes: dict[str, object], line: str) -> None:
    made = model([node("Conv", "x w", "y", **attributes)], [weight("w", 8, 3, 3, 3)])
    assert sorted(lines(made)[0].split()) == sorted(line.split())


def test_as_many_groups_as_channels_are_a_depthwise_convolution() -> None:
    grouped = model([node("Conv", "x w", "y", group=2)], [weight("w", 8, 2, 3, 3)], x=(1, 4, 9, 9))
    assert lines(grouped) == ["conv f=3 d=8 g=2 bias=no"]
    depthwise = model([node("Conv", "x w b", "y", group=3)], [weight("w", 6, 1, 3, 3), weight("b", 6)])
    assert lines(depthwise) == ["dwconv f=3 m=2"]


def test_a_dropout_has_the_rate_that_the_file_states() -> None:
    assert lines(model([node("Dropout", "x", "y")])) == ["dropout"]
    assert lines(model([node("Dropout", "x", "y", ratio=0.1)])) == ["dropout rate=0.1"]
    stated = constant("rate", 0.25, np.float32)
    assert lines(model([node("Dropout", "x rate", "y")], [stated])) == ["dropout rate=0.25"]


def test_the_examples_of_a_batch_are_no_axis() -> None:
    made = model([CONV], [weight("w", 8, 3, 3, 3)], x=(32, 3, 16, 16))
    assert imported(made).steps[-1].shape.sizes() == (14, 14, 8)


def test_a_dynamic_batch_is_one_example_and_dynamic_sizes_are_asked_for() -> None:
    made = model([CONV], [weight("w", 8, 3, 3, 3)], x=("N", 3, "H", "W"))
    assert imported(made, only=(20, 30, 3)).steps[-1].shape.sizes() == (18, 28, 8)
    supposed = imported(made)
    assert supposed.steps[-1].shape.sizes() == (222, 222, 8)
    assert any("224 is taken" in text for text, _ in supposed.remarks)
    with pytest.raises(UsageError, match="how many channels"):
        imported(model([CONV], [weight("w", 8, 3, 3, 3)], x=("N", "C", 9, 9)))
    with pytest.raises(UsageError, match="no input 'left'; it has 1 input: 'x'"):
        imported(made, left=(9, 9, 3))
    with pytest.raises(UsageError, match="expected 3 lengths, got 4"):
        imported(made, only=(3, 9, 9, 1))


def test_a_size_with_its_channels_elsewhere_is_said_to_have_another_order() -> None:
    made = model([CONV], [weight("w", 8, 3, 3, 3)], x=("N", 3, "H", "W"))
    for size, said in (((3, 9, 9), True), ((9, 3, 9), True), ((9, 9, 4), False)):
        with pytest.raises(DescriptionError, match="the kernels read 3 channels, the input has") as raised:
            imported(made, only=size)
        assert ("channels first with commas" in str(raised.value)) == said


def test_a_transposed_convolution_may_state_its_output() -> None:
    stored = [weight("w", 3, 8, 3, 3)]
    plain = model([node("ConvTranspose", "x w", "y", strides=[2, 2], pads=[1, 1, 1, 1])], stored)
    assert lines(plain) == ["deconv f=3 s=2 p=1 d=8 bias=no"]
    stated = node("ConvTranspose", "x w", "y", strides=[2, 2], output_shape=[32, 32])
    assert imported(model([stated], stored)).steps[-1].shape.sizes() == (32, 32, 8)
    same = node("ConvTranspose", "x w", "y", strides=[2, 2], auto_pad="SAME_UPPER")
    assert imported(model([same], stored)).steps[-1].shape.sizes() == (32, 32, 8)


def test_pooling_leaves_its_padding_out_of_the_mean() -> None:
    attributes = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    assert lines(model([node("MaxPool", "x", "y", **attributes)])) == ["maxpool f=3 s=2 p=1"]
    average = node("AveragePool", "x", "y", **attributes)
    assert sorted(lines(model([average]))[0].split()) == sorted(
        "avgpool f=3 s=2 p=1 count_include_pad=no".split()
    )
    counted = node("AveragePool", "x", "y", count_include_pad=1, **attributes)
    assert lines(model([counted])) == ["avgpool f=3 s=2 p=1"]


@pytest.mark.parametrize(
    ("operator", "lengths", "attributes"),
    [
        ("MatMul", (4, 3), {}),
        ("MatMul", (4,), {}),
        ("Gemm", (4, 3), {}),
        ("Gemm", (16, 16, 3, 3), {}),
        ("Gemm", (16, 3), {"transB": 1}),
        ("ConvTranspose", (4, 7, 3, 3), {}),
        ("ConvTranspose", (0, 7, 3, 3), {}),
        ("MaxPool", (), {"kernel_shape": [3]}),
        ("AveragePool", (), {"kernel_shape": [3, 3, 3]}),
        ("LSTM", (1, 20, 16), {"hidden_size": 7}),
        ("GRU", (1, 20, 16), {"hidden_size": 5}),
    ],
)
def test_weights_and_kernels_of_another_size_than_the_input_are_refused(
    operator: str, lengths: tuple[int, ...], attributes: dict[str, Any]
) -> None:
    x = {"Gemm": (1, 16), "LSTM": (1, 1, 16), "GRU": (1, 1, 16)}.get(operator, (1, 3, 16, 16))
    inputs = "x" if "Pool" in operator else "x w w" if operator in ("LSTM", "GRU") else "x w"
    made = model([node(operator, inputs, "y", **attributes)], [weight("w", *lengths)], x=x)
    with pytest.raises(DescriptionError):
        lines(made)


@pytest.mark.parametrize(
    ("x", "to", "kernel", "macs"),
    [
        ((1, 3, 1, 1), (1, 3, 8, 8), (4, 3, 3, 3), 6 * 6 * 4 * 27),
        ((1, 3, 1, 1), (1, 3, 8, 8), (4, 3, 1, 1), 64 * 12),
        ((1, 1, 8, 8), (1, 3, 8, 8), (4, 3, 1, 1), 64 * 12),
        ((1, 3, 8, 8), (16, 3, 8, 8), (4, 3, 1, 1), 16 * 64 * 12),
        ((1, 1, 8), (1, 16, 8), (8, 4), 16 * 32),
        ((1, 1, 1), (1, 16, 8), (8, 4), 16 * 32),
    ],
)
def test_a_layer_works_at_all_places_of_what_is_repeated(
    x: tuple[int, ...], to: tuple[int, ...], kernel: tuple[int, ...], macs: int
) -> None:
    nodes = [node("Expand", "x to", "e"), node("Conv" if len(kernel) > 2 else "MatMul", "e w", "y")]
    found = analyze(
        read_text(flat(imported(model(nodes, [constant("to", to), weight("w", *kernel)], x=x))).text)
    )
    assert found.totals.macs == macs


def test_a_branch_without_a_condition_is_refused() -> None:
    with pytest.raises(DescriptionError, match="only one that is decided can be read"):
        imported(model([node("If", "", "y")]))


def test_fewer_sizes_to_expand_to_are_those_of_the_last_dimensions() -> None:
    nodes = [node("Expand", "x to", "e"), node("Conv", "e w", "y")]
    for to in ([1], [16, 1], [3, 16, 16]):
        made = model(nodes, [constant("to", to), weight("w", 8, 3, 3, 3)])
        assert lines(made) == ["conv f=3 d=8 bias=no"]
    with pytest.raises(DescriptionError, match="a size of 16 is to be repeated to 5"):
        lines(model(nodes, [constant("to", [5]), weight("w", 8, 3, 3, 3)]))


def test_what_a_layer_of_the_language_cannot_do_is_not_left_out() -> None:
    plain = node("AveragePool", "x", "y", kernel_shape=[3, 3], dilations=[1, 1])
    assert lines(model([plain])) == ["avgpool f=3 s=1"]
    dilated = node("AveragePool", "x", "y", kernel_shape=[3, 3], dilations=[2, 2])
    with pytest.raises(DescriptionError, match="no layer in the language"):
        imported(model([dilated]))
    made = model([dilated])
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 3, 12, 12)))
    assert lines(made) == ["opaque type=AveragePool size=12x12x3 params=0"]


@pytest.mark.parametrize("operator", ["GlobalAveragePool", "ReduceMean"])
def test_the_mean_of_a_map_is_global_pooling(operator: str) -> None:
    attributes = {"axes": [2, 3]} if operator == "ReduceMean" else {}
    nodes = [
        node(operator, "x", "p", **attributes),
        node("Flatten", "p", "f"),
        node("Gemm", "f w b", "y", transB=1),
    ]
    assert lines(model(nodes, [weight("w", 10, 3), weight("b", 10)])) == ["globalavgpool", "fc d=10"]


def test_a_matrix_of_weights_is_a_layer_of_each_position() -> None:
    nodes = [node("MatMul", "x w", "m"), node("Add", "m b", "y")]
    stored = [weight("w", 16, 32), weight("b", 32)]
    assert lines(model(nodes, stored, x=(1, 49, 16))) == ["permute order=1x0", "conv f=1 d=32"]
    flattened = [node("Flatten", "x", "f"), node("MatMul", "f w", "y")]
    assert lines(model(flattened, [weight("w", 768, 10)])) == ["fc d=10 bias=no"]


def test_weights_and_biases_of_the_same_name_are_shared_and_equal_biases_are_not() -> None:
    twice = [node("Conv", "x w b", "m", pads=[1] * 4), node("Conv", "m w b", "y", pads=[1] * 4)]
    assert lines(model(twice, [weight("w", 3, 3, 3, 3), weight("b", 3)])) == [
        "conv f=3 p=1 d=3",
        "conv f=3 p=1 d=3 weights=conv1",
    ]
    stored = [weight("w", 3, 3, 3, 3), weight("v", 3, 3, 3, 3), weight("b", 3)]
    biases = [node("Conv", "x w b", "m", pads=[1] * 4), node("Conv", "m v b", "y", pads=[1] * 4)]
    assert lines(model(biases, stored)) == ["conv f=3 p=1 d=3"] * 2


@pytest.mark.parametrize(
    ("nodes", "line"),
    [
        ([node("Clip", "x zero six", "y")], "relu6"),
        ([node("Clip", "x zero -", "y")], "relu"),
        ([node("LeakyRelu", "x", "y", alpha=0.1)], "leakyrelu slope=0.1"),
        ([node("HardSigmoid", "x", "y", alpha=1 / 6)], "hardsigmoid"),
        ([node("Sigmoid", "x", "s"), node("Mul", "x s", "y")], "silu"),
        ([node("HardSigmoid", "x", "s", alpha=1 / 6), node("Mul", "s x", "y")], "hardswish"),
        (
            [
                node("Add", "x three", "a"),
                node("Clip", "a zero six", "c"),
                node("Mul", "x c", "m"),
                node("Div", "m six", "y"),
            ],
            "hardswish",
        ),
        (
            [
                node("Div", "x root", "d"),
                node("Erf", "d", "e"),
                node("Add", "e one", "a"),
                node("Mul", "x a", "m"),
                node("Mul", "m half", "y"),
            ],
            "gelu",
        ),
        (
            [
                node("Mul", "x half", "h"),
                node("Div", "x root", "d"),
                node("Erf", "d", "e"),
                node("Add", "e one", "a"),
                node("Mul", "h a", "y"),
            ],
            "gelu",
        ),
        ([node("Softplus", "x", "s"), node("Tanh", "s", "t"), node("Mul", "x t", "y")], "function of=mish"),
        ([node("Mul", "x one", "y")], "identity"),
        ([node("Sub", "one x", "y")], "oneminus"),
    ],
)
def test_what_single_elements_go_through_is_one_activation(nodes: list[onnx.NodeProto], line: str) -> None:
    numbers = {"zero": 0, "one": 1, "three": 3, "six": 6, "half": 0.5, "root": 2**0.5}
    stored = [constant(name, value, np.float32) for name, value in numbers.items()]
    assert lines(model(nodes, stored)) == [line]


def test_an_activation_that_is_read_by_others_too_stays() -> None:
    nodes = [node("Sigmoid", "x", "s"), node("Mul", "x s", "m"), node("Add", "m s", "y")]
    assert [line.split()[0] for line in lines(model(nodes))] == ["sigmoid", "silu", "add"]


def test_layer_normalisation_is_known_by_its_parts() -> None:
    nodes = [
        node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
        node("ReduceMean", "t", "m", axes=[-1]),
        node("Sub", "t m", "d"),
        node("Pow", "d two", "q"),
        node("ReduceMean", "q", "v", axes=[-1]),
        node("Add", "v eps", "e"),
        node("Sqrt", "e", "r"),
        node("Div", "d r", "n"),
        node("Mul", "n g", "s"),
        node("Add", "s b", "o"),
        node("Transpose", "o", "y", perm=[0, 3, 1, 2]),
    ]
    numbers = [constant("two", 2, np.float32), constant("eps", 1e-5, np.float32)]
    assert lines(model(nodes, [*numbers, weight("g", 3), weight("b", 3)])) == ["ln"]
    without = [*nodes[:8], node("Transpose", "n", "y", perm=[0, 3, 1, 2])]
    assert lines(model(without, numbers)) == ["ln affine=no"]


def test_group_normalisation_is_instance_normalisation_of_groups() -> None:
    nodes = [
        node("Reshape", "x shape", "r"),
        node("InstanceNormalization", "r ones zeros", "i"),
        node("Reshape", "i back", "s"),
        node("Mul", "s g", "m"),
        node("Add", "m b", "y"),
    ]
    stored = [
        constant("shape", [0, 2, -1]),
        constant("back", [1, 8, 6, 6]),
        constant("ones", [1, 1], np.float32),
        constant("zeros", [0, 0], np.float32),
        weight("g", 8, 1, 1),
        weight("b", 8, 1, 1),
    ]
    assert lines(model(nodes, stored, x=(1, 8, 6, 6))) == ["gn g=2"]


def test_channels_that_are_interleaved_are_a_channel_shuffle_and_blocks_of_them_space() -> None:
    shuffle = [
        node("Reshape", "x apart", "a"),
        node("Transpose", "a", "t", perm=[0, 2, 1, 3, 4]),
        node("Reshape", "t back", "s"),
        node("Conv", "s w", "y"),
    ]
    stored = [constant("apart", [1, 2, 4, 6, 6]), constant("back", [1, 8, 6, 6]), weight("w", 4, 8, 1, 1)]
    assert lines(model(shuffle, stored, x=(1, 8, 6, 6)))[0] == "channelshuffle g=2"
    pixels = [node("DepthToSpace", "x", "d", blocksize=2, mode="CRD"), node("Conv", "d w", "y")]
    assert lines(model(pixels, [weight("w", 4, 2, 1, 1)], x=(1, 8, 6, 6)))[0] == "pixelshuffle factor=2"
    tensorflow = [node("DepthToSpace", "x", "d", blocksize=2), node("Conv", "d w", "y")]
    first = lines(model(tensorflow, [weight("w", 4, 2, 1, 1)], x=(1, 8, 6, 6)))[0]
    assert first.startswith("permute split=")


def test_what_was_taken_apart_and_put_together_again_can_be_cut_otherwise() -> None:
    sizes = {"a": [1, 3, 8, 7, 4], "b": [1, 3, 56, 4], "c": [1, 3, 28, 2, 4], "d": [1, 6, 28, 4]}
    nodes = [
        node("Reshape", "x a", "r1"),
        node("Reshape", "r1 b", "r2"),
        node("Reshape", "r2 c", "r3"),
        node("Transpose", "r3", "t", perm=[0, 1, 3, 2, 4]),
        node("Reshape", "t d", "r4"),
        node("Conv", "r4 w", "y"),
    ]
    stored = [*[constant(name, size) for name, size in sizes.items()], weight("w", 4, 6, 1, 1)]
    assert lines(model(nodes, stored, x=(1, 3, 56, 4))) == [
        "permute split=28x2x12 order=0x2x1 to=28x4x6",
        "conv f=1 d=4 bias=no",
    ]


def test_whole_numbers_are_divided_towards_nought() -> None:
    nodes = [node("Div", "minus two", "q"), node("Reshape", "x q", "f"), node("Gemm", "f w", "y")]
    stored = [constant("minus", [2, -3]), constant("two", [2, 2]), weight("w", 768, 5)]
    assert lines(model(nodes, stored)) == ["fc d=5 bias=no"]


def test_a_transposition_and_back_is_no_layer() -> None:
    nodes = [
        node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
        node("Relu", "t", "r"),
        node("Transpose", "r", "b", perm=[0, 3, 1, 2]),
        node("Conv", "b w", "y"),
    ]
    assert lines(model(nodes, [weight("w", 4, 3, 1, 1)])) == ["relu", "conv f=1 d=4 bias=no"]


def heads(query: str, key: str, value: str) -> list[onnx.NodeProto]:
    """Attention of two heads over tokens of 8 channels, as the older exporter of PyTorch writes it."""
    apart = []
    for name, order in ((query, [0, 2, 1, 3]), (key, [0, 2, 3, 1]), (value, [0, 2, 1, 3])):
        apart.append(node("Reshape", f"{name} split", f"{name}r"))
        apart.append(node("Transpose", f"{name}r", f"{name}t", perm=order))
    return [
        *apart,
        node("Mul", f"{query}t scale", "qs"),
        node("MatMul", f"qs {key}t", "s"),
        node("Softmax", "s", "p", axis=-1),
        node("MatMul", f"p {value}t", "o"),
        node("Transpose", "o", "ot", perm=[0, 2, 1, 3]),
        node("Reshape", "ot join", "z"),
        node("MatMul", "z wo", "y"),
    ]


def test_attention_is_a_softmax_between_two_products() -> None:
    nodes = [node("MatMul", f"x w{name}", name) for name in "qkv"]
    stored = [weight(f"w{name}", 8, 8) for name in "qkvo"]
    stored += [constant("split", [1, 10, 2, 4]), constant("join", [1, 10, 8])]
    stored.append(constant("scale", 0.5, np.float32))
    made = model([*nodes, *heads("q", "k", "v")], stored, x=(1, 10, 8))
    found = [line.partition(" from=")[0] for line in lines(made) if not line.startswith("permute")]
    assert found == [
        *["conv f=1 d=8 bias=no"] * 3,
        "attention projections=no heads=2",
        "conv f=1 d=8 bias=no",
    ]
    # Four projections, and two products of 10 by 10 by 8.
    assert analyze(read_text(flat(imported(made)).text)).totals.macs == 4 * 10 * 64 + 2 * 10 * 10 * 8


@pytest.mark.parametrize(
    ("version", "nodes", "stored"),
    [
        (7, [node("Upsample", "x", "y", mode="nearest", scales=[1.0, 1.0, 2.0, 2.0])], []),
        (9, [node("Upsample", "x s", "y", mode="nearest")], [constant("s", [1, 1, 2, 2], np.float32)]),
        (10, [node("Resize", "x s", "y", mode="nearest")], [constant("s", [1, 1, 2, 2], np.float32)]),
        (
            13,
            [
                node(
                    "Resize",
                    "x - s",
                    "y",
                    mode="nearest",
                    nearest_mode="floor",
                    coordinate_transformation_mode="asymmetric",
                )
            ],
            [constant("s", [1, 1, 2, 2], np.float32)],
        ),
    ],
)
def test_resampling_is_the_same_in_all_versions(
    version: int, nodes: list[onnx.NodeProto], stored: list[onnx.TensorProto]
) -> None:
    assert lines(model(nodes, stored, version=version)) == ["upsample scale=2"]


def test_bounds_are_attributes_in_older_versions() -> None:
    assert lines(model([node("Clip", "x", "y", min=0.0, max=6.0)], version=6)) == ["relu6"]
    sliced = node("Slice", "x", "y", axes=[2], starts=[1], ends=[2**31])
    assert lines(model([sliced], version=9)) == ["slice h=1:16"]
    padded = node("Pad", "x", "y", pads=[0, 0, 1, 2, 0, 0, 1, 2], mode="reflect")
    assert lines(model([padded], version=2)) == ["pad p=1x2 mode=reflect"]
    parts = [node("Split", "x", "a b", axis=1, split=[1, 2]), node("Concat", "b a", "y", axis=1)]
    assert [line.split()[0] for line in lines(model(parts, version=11))] == ["slice", "slice", "concat"]


def test_numbers_in_another_form_are_the_same_tensors() -> None:
    stored = [
        constant("scale", 0.1, np.float32),
        constant("zero", 0, np.int8),
        weight("w", 8, 3, 3, 3, element=np.int8),
        weight("b", 8, element=np.int32),
    ]
    pairs = [
        node("QuantizeLinear", "x scale zero", "q"),
        node("DequantizeLinear", "q scale zero", "d"),
        node("DequantizeLinear", "w scale zero", "dw"),
        node("Conv", "d dw", "y"),
    ]
    assert lines(model(pairs, stored)) == ["conv f=3 d=8 bias=no"]
    linear = node("QLinearConv", "x scale zero w scale zero scale zero b", "y")
    assert lines(model([linear], stored)) == ["conv f=3 d=8"]
    integer = node("ConvInteger", "x w", "y")
    assert lines(model([integer], stored)) == ["conv f=3 d=8 bias=no"]
    fused = node("FusedConv", "x v", "y", activation="Relu", domain="com.microsoft")
    assert lines(model([fused], [weight("v", 8, 3, 3, 3)])) == ["conv f=3 d=8 bias=no", "relu"]


def test_layers_that_onnx_runtime_fuses_are_the_layers_they_are_made_of() -> None:
    def fused(operator: str, inputs: str, outputs: str = "y", **attributes: object) -> onnx.NodeProto:
        return node(operator, inputs, outputs, domain="com.microsoft", **attributes)

    numbers = [constant("s", 0.1, np.float32), constant("z", 0, np.uint8)]
    assert lines(model([fused("QLinearAdd", "x s z x s z s z")], numbers)) == ["add from=input"]
    pool = fused("QLinearGlobalAveragePool", "x s z s z", channels_last=0)
    assert lines(model([pool], numbers)) == ["globalavgpool"]
    assert lines(model([fused("QLinearSigmoid", "x s z s z")], numbers)) == ["sigmoid"]
    assert lines(model([fused("QLinearConcat", "s z x s z x s z", axis=1)], numbers)) == ["concat from=input"]
    stored = [weight("w", 8, 16), weight("b", 16), weight("g", 16), weight("o", 16)]
    tokens = {"x": (1, 10, 8)}
    product = [fused("FusedMatMul", "x w", "m"), fused("BiasGelu", "m b")]
    found = lines(model(product, stored, **tokens))
    assert found[-2:] == ["conv f=1 d=16", "gelu"]
    skipped = [fused("FusedMatMul", "x w", "m"), fused("SkipLayerNormalization", "m m g o")]
    assert lines(model(skipped, stored, **tokens))[-2:] == ["add from=conv1", "ln"]
    packed = [weight("p", 8, 24), weight("c", 24)]
    attended = lines(model([fused("Attention", "x p c", num_heads=2)], packed, **tokens))
    assert attended[1] == "conv f=1 d=24"
    assert any(line.startswith("attention projections=no heads=2") for line in attended)
    last = fused("NhwcFusedConv", "x k", activation="Relu")
    assert lines(model([last], [weight("k", 4, 3, 3, 3)], x=(1, 16, 16, 3)))[-2:] == [
        "conv f=3 d=4 bias=no",
        "relu",
    ]


def test_a_product_by_the_names_of_dimensions_is_one_of_matrices() -> None:
    nodes = [node("MatMul", "x w", "q"), node("Einsum", "q q", "y", equation="bid,bjd->bij")]
    found = lines(model(nodes, [weight("w", 8, 8)], x=(1, 10, 8)))
    assert found[-1].startswith("matmul")
    with pytest.raises(DescriptionError, match="no product of matrices"):
        imported(model([node("Einsum", "x x", "y", equation="bchw,bchw->b")]))


def test_shapes_are_computed_where_they_are_constant() -> None:
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n", axis=0),
        node("Unsqueeze", "n axis", "u"),
        node("Concat", "u rest", "c", axis=0),
        node("Reshape", "x c", "f"),
        node("Gemm", "f w", "y"),
    ]
    stored = [constant("zero", 0), constant("axis", [0]), constant("rest", [-1]), weight("w", 768, 5)]
    assert lines(model(nodes, stored)) == ["fc d=5 bias=no"]


def test_the_branch_that_a_constant_decides_runs() -> None:
    def branch(operator: str) -> onnx.GraphProto:
        made = helper.make_node(operator, ["x"], ["inner"])
        return helper.make_graph([made], operator, [], [helper.make_tensor_value_info("inner", 1, None)])

    chosen = node("If", "c", "y", then_branch=branch("Relu"), else_branch=branch("Tanh"))
    assert lines(model([chosen], [constant("c", True, np.bool_)])) == ["relu"]
    assert lines(model([chosen], [constant("c", False, np.bool_)])) == ["tanh"]
    open_one = [node("ReduceMax", "x", "m", keepdims=0), node("Cast", "m", "c", to=TensorProto.BOOL), chosen]
    with pytest.raises(DescriptionError, match="depends on the input"):
        imported(model(open_one))


def test_a_function_of_the_file_is_followed_into() -> None:
    body = [helper.make_node("Sigmoid", ["a"], ["s"]), helper.make_node("Mul", ["a", "s"], ["b"])]
    function = helper.make_function("own", "Swish", ["a"], ["b"], body, [helper.make_opsetid("", 17)])
    made = model([node("Swish", "x", "y", domain="own")], functions=[function])
    assert lines(made) == ["silu"]


def test_an_operator_nobody_knows_has_the_size_that_the_file_states() -> None:
    known = [helper.make_tensor_value_info("m", TensorProto.FLOAT, (1, 4, 8, 8))]
    nodes = [node("Strange", "x", "m", domain="com.example"), node("Relu", "m", "y")]
    assert lines(model(nodes, known=known)) == ["opaque type=Strange size=8x8x4", "relu"]
    with pytest.raises(DescriptionError, match="Strange is not known"):
        imported(model(nodes))


def test_words_that_are_looked_up_are_an_embedding() -> None:
    nodes = [node("Gather", "w x", "e"), node("MatMul", "e v", "y")]
    stored = [weight("w", 100, 16), weight("v", 16, 4)]
    made = model(nodes, stored, inputs=[("x", (1, 12))], element=TensorProto.INT64)
    assert lines(made) == ["embedding words=100 d=16", "conv f=1 d=4 bias=no"]


def test_several_inputs_keep_their_names() -> None:
    inputs = [("left", (1, 3, 8, 8)), ("right", (1, 5, 8, 8))]
    network = imported(model([node("Concat", "left right", "y", axis=1)], inputs=inputs))
    text = flat(network).text
    assert "left: 8x8x3" in text
    assert "right: 8x8x5" in text


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([node("Relu", "nothing", "y")], "reads 'nothing'"),
        ([node("Conv", "x", "y")], "operand 1 is missing"),
        ([node("Conv", "x x", "y")], "depends on the input"),
        ([node("Conv", "x thin", "y")], "kernels read 2 channels"),
        ([node("Reshape", "x odd", "y")], "cannot be read as"),
        ([node("Transpose", "x", "y", perm=[0, 0, 1, 2])], "order"),
        ([node("Concat", "x short", "y", axis=1)], "different numbers of dimensions"),
    ],
)
def test_what_does_not_fit_names_the_node(nodes: list[onnx.NodeProto], message: str) -> None:
    stored = [weight("thin", 4, 2, 3, 3), constant("odd", [5, 5]), weight("short", 3)]
    with pytest.raises(DescriptionError, match=message) as caught:
        imported(model(nodes, stored))
    assert "node 'y'" in str(caught.value)


def test_a_caller_says_what_an_operator_of_its_own_is() -> None:
    nodes = [node("Strange", "x", "m", domain="com.example"), node("Relu", "m", "y")]

    @operator("com.example::Strange")
    def strange(call: NodeCall) -> TensorView:
        """The mean of neighbours."""
        windows = Windows((3, 3), (1, 1), [(1, 1), (1, 1)])
        return windowed(call.tracer, "avgpool", call.view(0), windows)

    try:
        assert lines(model(nodes)) == ["avgpool f=3 p=1 s=1", "relu"]
    finally:
        del OPERATORS["com.example::Strange"]
