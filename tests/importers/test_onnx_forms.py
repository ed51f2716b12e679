"""Forms in which producers and versions of ONNX write layers: sizes, parameters and multiply-adds of each.

Sizes are compared with the shape inference of the `onnx` package, figures with what is counted by hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from built import constant, imported, lines, model, node, weight
from onnx import shape_inference

from rfcalc.errors import DescriptionError
from rfcalc.importers.writing.flat import flat
from rfcalc.library import analyze, read_text


def number(name: str, value: Any) -> onnx.TensorProto:
    return constant(name, value, np.float32)


def check(
    nodes: Sequence[onnx.NodeProto],
    stored: Sequence[onnx.TensorProto] = (),
    params: int = 0,
    macs: int | None = 0,
    *,
    size: tuple[int, ...] = (),
    **given: Any,
) -> list[str]:
    """The lines of a model whose figures are these, and whose output is as large as the package infers.

    size: that of the output, examples left out, where inference does not say it.
    """
    made = model(nodes, stored, **given)
    made.ir_version = 10
    network = imported(made)
    totals = analyze(read_text(flat(network).text)).totals
    assert (totals.params, totals.macs) == (params, macs)
    inferred = shape_inference.infer_shapes(made, data_prop=True).graph.output[0].type.tensor_type.shape.dim
    examples = given.get("x", (1,))[0] if len(given.get("x", ())) > 2 else 1
    expected = math.prod(size) if size else math.prod(one.dim_value for one in inferred) // examples
    (output,) = network.outputs
    sizes = [one for one in network.steps[output].shape.sizes() if isinstance(one, int)]
    assert math.prod(sizes) == expected
    return lines(made)


# Slopes, factors and biases


@pytest.mark.parametrize("size", [(3, 1, 1), (1, 3, 1, 1), (3,)])
def test_a_slope_for_each_channel_counts_as_many(size: tuple[int, ...]) -> None:
    assert check([node("PRelu", "x w", "y")], [weight("w", *size)], 3) == ["prelu shared=no"]


def test_one_slope_is_shared_and_slopes_of_a_last_dimension_are_those_of_channels() -> None:
    assert check([node("PRelu", "x w", "y")], [weight("w", 1, 1, 1)], 1) == ["prelu shared=yes"]
    last = [
        node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
        node("PRelu", "t w", "p"),
        node("Transpose", "p", "y", perm=[0, 3, 1, 2]),
    ]
    assert check(last, [weight("w", 1, 1, 3)], 3) == ["prelu shared=no"]
    with pytest.raises(DescriptionError, match="differ by position"):
        check([node("PRelu", "x w", "y")], [weight("w", 3, 16, 16)])


def test_a_layer_of_one_channel_learns_tensors_of_one_element() -> None:
    stored = [weight("w", 1, 1, 1, 1), weight("b", 1)]
    assert check([node("Conv", "x w b", "y")], stored, 2, 256, x=(1, 1, 16, 16)) == ["conv f=1 d=1"]
    stored = [weight("w", 1, 30), weight("b", 1)]
    assert check([node("Gemm", "x w b", "y", transB=1)], stored, 31, 30, x=(1, 30)) == ["fc d=1"]


def test_group_normalisation_has_factors_of_groups_before_version_21() -> None:
    layer = [node("GroupNormalization", "x g b", "y", num_groups=2)]
    check(layer, [weight("g", 2), weight("b", 2)], 4, x=(1, 4, 8, 8), version=18, size=(4, 8, 8))
    assert check(layer, [weight("g", 4), weight("b", 4)], 8, x=(1, 4, 8, 8), version=21, size=(4, 8, 8)) == [
        "gn g=2"
    ]


def test_layer_normalisation_may_have_no_offsets() -> None:
    check([node("LayerNormalization", "x g", "y")], [weight("g", 16)], 16, x=(1, 10, 16))
    check([node("LayerNormalization", "x g b", "y")], [weight("g", 16), weight("b", 16)], 32, x=(1, 10, 16))
    whole = [weight("g", 3, 16, 16), weight("b", 3, 16, 16)]
    check([node("LayerNormalization", "x g b", "y", axis=1)], whole, 1536)
    check([node("LayerNormalization", "x g", "y", axis=1)], whole[:1], 768)


# Recurrent layers


@pytest.mark.parametrize("layout", [0, 1])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(("operator", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
@pytest.mark.parametrize("outputs", ["y", "- y"])
def test_a_recurrent_layer_has_the_biases_of_the_file_and_may_leave_its_last_step(
    layout: int, direction: str, operator: str, gates: int, outputs: str
) -> None:
    directions = 2 if direction == "bidirectional" else 1
    d = gates * 8
    nodes = [
        node("Transpose", "x", "t", perm=[0, 1, 2] if layout else [1, 0, 2]),
        node(operator, "t w r b", outputs, hidden_size=8, direction=direction, layout=layout),
    ]
    stored = [weight("w", directions, d, 6), weight("r", directions, d, 8), weight("b", directions, 2 * d)]
    params = directions * (d * 6 + d * 8 + 2 * d)
    size = (directions * 8,) if outputs == "- y" else (10, 8 * directions)
    if outputs == "y" and directions == 2:
        size = (8, 20)
    check(nodes, stored, params, 10 * directions * d * 14, x=(1, 10, 6), size=size)


def test_a_recurrent_layer_without_biases_has_none_and_examples_are_no_steps() -> None:
    stored = [weight("w", 1, 32, 6), weight("r", 1, 32, 8)]
    turned = node("Transpose", "x", "t", perm=[1, 0, 2])
    check([turned, node("LSTM", "t w r", "y")], stored, 32 * 14, 10 * 32 * 14, x=(1, 10, 6), size=(10, 8))
    with pytest.raises(DescriptionError, match="what counts examples"):
        imported(model([node("LSTM", "x w r", "y")], stored, x=(10, 1, 6)))


# Products


@pytest.mark.parametrize(
    ("nodes", "size", "params", "macs", "x"),
    [
        ([node("MatMul", "x w", "y")], (1, 16, 8), 128, 1280, (1, 10, 16)),
        ([node("MatMul", "x w", "y")], (1, 1, 16, 8), 128, 6144, (1, 3, 16, 16)),
        ([node("MatMul", "x w", "y")], (1, 1, 16, 8), 128, 1280, (1, 10, 16)),
        ([node("MatMul", "x w", "y")], (3, 16, 8), 384, 6144, (1, 3, 16, 16)),
        ([node("MatMul", "x w", "y")], (16,), 16, 768, (1, 3, 16, 16)),
        ([node("MatMul", "w x", "y")], (8, 16), 128, 6144, (1, 3, 16, 16)),
        ([node("Gemm", "x x", "y", transA=1)], (), 0, 900, (1, 30)),
        (
            [node("Transpose", "x", "t", perm=[1, 0]), node("Gemm", "w t", "y")],
            (8, 30),
            240,
            240,
            (1, 30),
        ),
        (
            [node("Transpose", "x", "t", perm=[1, 0]), node("Gemm", "t w", "y", transA=1)],
            (30, 8),
            240,
            240,
            (1, 30),
        ),
        ([node("Einsum", "x w", "y", equation="btc,cd->btd")], (16, 3), 48, 480, (1, 10, 16)),
        ([node("Einsum", "x w", "y", equation="btc,chd->bthd")], (16, 2, 4), 128, 1280, (1, 10, 16)),
        ([node("Einsum", "x w", "y", equation="bchw,dc->bdhw")], (8, 3), 24, 6144, (1, 3, 16, 16)),
    ],
)
def test_products_with_weights_in_any_form(
    nodes: list[onnx.NodeProto], size: tuple[int, ...], params: int, macs: int, x: tuple[int, ...]
) -> None:
    check(nodes, [weight("w", *size)] if size else [], params, macs, x=x)


def test_matrices_of_which_one_tensor_has_more_are_multiplied_each() -> None:
    stored = [constant("s", [1, 3, 1, 16, 16]), constant("t", [1, 1, 3, 16, 16])]
    outer = [node("Reshape", "x s", "a"), node("Reshape", "x t", "b"), node("MatMul", "a b", "y")]
    check(outer, stored, 0, 9 * 16**3)
    mean = [node("ReduceMean", "x", "m", axes=[1]), node("MatMul", "x m", "y")]
    check(mean, (), 0, 3 * 16**3)
    batch = [node("Relu", "x", "r"), node("MatMul", "r w", "y")]
    check(batch, [weight("w", 1, 3, 16, 16)], 768, 3 * 16**3, x=(4, 3, 16, 16))


def test_heads_of_queries_may_share_keys() -> None:
    nodes = [
        node("MatMul", "x wq", "q"),
        node("Reshape", "q four", "q1"),
        node("Transpose", "q1", "q2", perm=[0, 2, 1, 3]),
        node("MatMul", "x wk", "k"),
        node("Reshape", "k two", "k1"),
        node("Transpose", "k1", "k2", perm=[0, 2, 1, 3]),
        node("Unsqueeze", "k2 axis", "k3"),
        node("Expand", "k3 size", "k4"),
        node("Reshape", "k4 heads", "k5"),
        node("Transpose", "k5", "k6", perm=[0, 1, 3, 2]),
        node("MatMul", "q2 k6", "s"),
        node("Softmax", "s", "p", axis=-1),
        node("MatMul", "p k5", "y"),
    ]
    sizes = {"four": [1, 10, 4, 4], "two": [1, 10, 2, 4], "axis": [2], "size": [1, 2, 2, 10, 4]}
    stored = [constant(name, size) for name, size in {**sizes, "heads": [1, 4, 10, 4]}.items()]
    stored += [weight("wq", 16, 16), weight("wk", 16, 8)]
    check(nodes, stored, 384, 10 * 384 + 2 * 4 * 10 * 10 * 4, x=(1, 10, 16))


def test_attention_is_an_operator_of_version_23() -> None:
    apart = check([node("Attention", "x x x", "y")], (), 0, 2 * 3 * 16**3, version=23)
    assert any(line.startswith("attention") for line in apart)
    layer = node("Attention", "x x x", "y", q_num_heads=2, kv_num_heads=2)
    check([layer], (), 0, 2 * 10 * 10 * 16, x=(1, 10, 16), version=23, size=(10, 16))


def test_a_product_of_integers_may_have_scales_that_are_found_at_run_time() -> None:
    nodes = [
        node("DynamicQuantizeLinear", "x", "q s z"),
        node("MatMulInteger", "q w z", "m"),
        node("Cast", "m", "f", to=1),
        node("Mul", "s t", "u"),
        node("Mul", "f u", "v"),
        node("Add", "v b", "y"),
    ]
    stored = [weight("w", 30, 8, element=np.int8), number("t", 0.1), weight("b", 8)]
    check(nodes, stored, 248, 240, x=(1, 30))


# Resampling, windows


@pytest.mark.parametrize(
    ("inputs", "values", "attributes"),
    [
        ("x - - s", [20, 33], {"axes": [2, 3]}),
        ("x - - s", [20, 33], {"axes": [3, -2]}),
        ("x - - s", [1, 3, 20, 33], {}),
        ("x - - s", [20, 33], {"axes": [2, 3], "keep_aspect_ratio_policy": "not_larger"}),
        ("x - - s", [20, 33], {"axes": [2, 3], "keep_aspect_ratio_policy": "not_smaller"}),
        ("x - s", [1.5, 2.5], {"axes": [2, 3]}),
        (
            "x - s",
            [1, 1, 2, 2],
            {"mode": "nearest", "coordinate_transformation_mode": "tf_half_pixel_for_nn"},
        ),
        ("x - s", [1, 1, 2, 2], {"coordinate_transformation_mode": "asymmetric"}),
        ("x - s", [1, 1, 2, 2], {"mode": "nearest", "coordinate_transformation_mode": "align_corners"}),
    ],
)
def test_a_map_is_resampled_along_any_axes(
    inputs: str, values: list[float], attributes: dict[str, Any]
) -> None:
    stored = [constant("s", values) if "- -" in inputs else number("s", values)]
    given = {"mode": "linear", "nearest_mode": "floor", **attributes}
    (line,) = check([node("Resize", inputs, "y", **given)], stored, version=18)
    assert line.startswith("upsample")


def test_a_map_with_its_channels_last_is_resampled() -> None:
    resized = node("Resize", "x - s", "y", mode="nearest")
    check([resized], [number("s", [1, 2, 2, 1])], x=(1, 16, 16, 3), version=13)
    with pytest.raises(DescriptionError, match="cannot be resampled"):
        check([resized], [number("s", [1, 2, 2, 2])], x=(1, 16, 16, 3), version=13)


def test_another_rounding_of_positions_is_said() -> None:
    made = model([node("Upsample", "x", "y", mode="linear", scales=[1.0, 1.0, 2.0, 2.0])], version=7)
    assert any("asymmetric is taken as bilinear" in text for text, _ in imported(made).remarks)
    floor = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    plain = node("Resize", "x - s", "y", mode="nearest", **floor)
    assert not imported(model([plain], [number("s", [1, 1, 2, 2])])).remarks


def test_a_mean_with_gaps_is_refused() -> None:
    pool = node("AveragePool", "x", "y", kernel_shape=[3, 3], dilations=[2, 2])
    with pytest.raises(DescriptionError, match="gaps between"):
        imported(model([pool], version=19))
    plain = node("AveragePool", "x", "y", kernel_shape=[3, 3], dilations=[1, 1])
    assert check([plain], version=19) == ["avgpool f=3 s=1"]


def test_a_transposed_convolution_that_cannot_be_as_large_is_refused() -> None:
    stored = [weight("w", 3, 4, 3, 3)]
    stated = node("ConvTranspose", "x w", "y", strides=[3, 3], output_shape=[50, 50])
    check([stated], stored, 108, 108 * 256)
    larger = node("ConvTranspose", "x w", "y", strides=[2, 2], output_shape=[36, 36])
    with pytest.raises(DescriptionError, match="output_padding"):
        imported(model([larger], stored))


# Broadcasting


def test_a_constant_may_be_larger_than_what_it_is_joined_with() -> None:
    mean = node("ReduceMean", "x", "m", axes=[3])
    assert check([mean, node("Add", "m k", "y")], [weight("k", 16)], 16)[-1].startswith("{add")
    pooled = node("GlobalAveragePool", "x", "m")
    assert check([pooled, node("Sub", "k m", "y")], [weight("k", 1, 1, 4, 4)], 16)[-1].startswith("sub")
    chosen = node("Where", "k m z", "y")
    check(
        [pooled, chosen, node("Conv", "y w", "v")],
        [
            constant("k", np.ones((1, 1, 4, 4)), np.bool_),
            number("z", 0),
            weight("w", 4, 3, 3, 3),
        ],
        108,
        108 * 4,
        output="v",
    )
    with pytest.raises(DescriptionError, match="larger constant"):
        imported(model([pooled, node("Pow", "m k", "y")], [weight("k", 1, 1, 4, 4)]))


def test_what_is_repeated_is_as_large_where_a_layer_slides_along_it() -> None:
    nodes = [node("GlobalAveragePool", "x", "m"), node("Expand", "m e", "g"), node("Conv", "g w", "y")]
    stored = [constant("e", [1, 3, 16, 16]), weight("w", 4, 3, 3, 3)]
    check(nodes, stored, 108, 108 * 14 * 14)
    beside = [*nodes[:2], node("Concat", "x g", "c", axis=1), node("Conv", "c v", "y")]
    check(beside, [stored[0], weight("v", 4, 6, 1, 1)], 24, 24 * 256)


def test_a_token_is_the_same_for_each_example_of_a_batch() -> None:
    nodes = [
        node("Reshape", "x s", "r"),
        node("Transpose", "r", "t", perm=[0, 2, 1]),
        node("Expand", "token e", "k"),
        node("Concat", "k t", "c", axis=1),
        node("Add", "c places", "y"),
    ]
    stored = [constant("s", [4, 3, 256]), constant("e", [4, 1, 3]), weight("token", 1, 1, 3)]
    check(nodes, [*stored, weight("places", 1, 257, 3)], 3 + 771, x=(4, 3, 16, 16))


# Parts


@pytest.mark.parametrize(
    ("start", "end", "axis", "step", "expected"),
    [
        (-1, -(2**62), 3, -1, ["opaque type=gather"]),
        (10, 1, 2, -3, ["slice h=10:11", "slice h=7:8", "slice h=4:5"]),
        (2, -9, 1, -1, ["slice channels=2:3", "slice channels=1:2", "slice channels=0:1"]),
    ],
)
def test_indices_may_count_down_and_a_few_are_slices_side_by_side(
    start: int, end: int, axis: int, step: int, expected: list[str]
) -> None:
    stored = [constant(name, [value]) for name, value in zip("abcd", (start, end, axis, step), strict=True)]
    lines = check([node("Slice", "x a b c d", "y")], stored, macs=0)
    for line, begin in zip(lines, expected, strict=False):
        assert line.startswith(begin)
    joined = [line for line in lines if "concat" in line]
    assert len(joined) == (len(expected) > 1)


def test_parts_of_no_stated_size_are_equal_but_the_last() -> None:
    nodes = [node("Split", "x", "a b c", axis=2, num_outputs=3), node("Concat", "c a", "y", axis=2)]
    assert check(nodes, version=18)[:2] == ["slice h=0:6", "slice h=12:16 from=input"]
    stored = [node("Split", "k", "a b c", axis=0, num_outputs=3), node("Reshape", "x c", "y")]
    check(stored, [constant("k", [0, 0, 0, 0, 3, 256])], version=18, x=(1, 3, 16, 16), size=(3, 256))


@pytest.mark.parametrize("operator", ["ReduceMin", "ArgMax", "ArgMin", "TopK"])
def test_what_is_chosen_along_a_dimension_has_its_size(operator: str) -> None:
    layers = {
        "ReduceMin": node("ReduceMin", "x", "y", axes=[1]),
        "TopK": node("TopK", "x k", "y i", axis=1),
    }
    layer = layers.get(operator, node(operator, "x", "y", axis=1))
    size = {"ReduceMin": (16, 16), "TopK": (2, 16, 16)}.get(operator, (16, 16))
    check([layer], [constant("k", [2])], size=size)


# What is stored


def test_two_parts_of_one_stored_tensor_are_two_weights() -> None:
    nodes = [
        node("Split", "w", "w1 w2", axis=0),
        node("Conv", "x w1", "a"),
        node("Conv", "x w2", "b"),
        node("Add", "a b", "y"),
    ]
    found = check(nodes, [weight("w", 8, 3, 3, 3)], 216, 216 * 196)
    assert not any("weights=" in line for line in found)
    whole = [node("Conv", "x w", "a"), node("Conv", "x w", "b"), node("Add", "a b", "y")]
    check(whole, [weight("w", 8, 3, 3, 3)], 216, 2 * 216 * 196)


def test_tensors_side_by_side_are_one_weight_and_all_is_counted() -> None:
    nodes = [node("Concat", "w v", "u", axis=0), node("Conv", "x u", "y")]
    stored = [weight("w", 4, 3, 3, 3), weight("v", 4, 3, 3, 3)]
    check(nodes, stored, 216, 216 * 196)
    assert not imported(model(nodes, stored)).remarks


def test_factors_that_have_learned_nothing_yet_are_factors() -> None:
    layer = node("BatchNormalization", "x bn/gamma:0 bn/beta:0 m v", "y")
    ones, zeros = number("bn/gamma:0", [1, 1, 1]), number("bn/beta:0", [0, 0, 0])
    statistics = [number("m", [0, 0, 0]), number("v", [1, 1, 1])]
    check([layer], [ones, zeros, *statistics], 6)
    constants = node("BatchNormalization", "x g b m v", "y")
    stored = [number("g", [1, 1, 1]), number("b", [0, 0, 0]), *statistics]
    assert check([constants], stored) == ["bn affine=no"]


def test_forms_of_tensorflow_and_weights_that_are_arranged_at_run_time() -> None:
    depthwise = [
        node("Transpose", "x", "t", perm=[0, 3, 1, 2]),
        node("Reshape", "w s", "r"),
        node("Transpose", "r", "u", perm=[3, 2, 0, 1]),
        node("Conv", "t u", "c", auto_pad="SAME_UPPER", group=3),
        node("Mul", "c g", "m"),
        node("Add", "m b", "a"),
        node("Transpose", "a", "y", perm=[0, 2, 3, 1]),
    ]
    stored = [weight("w", 3, 3, 3, 2), constant("s", [3, 3, 1, 6]), weight("g", 1, 6, 1, 1)]
    check(depthwise, [*stored, weight("b", 1, 6, 1, 1)], 54 + 12, 54 * 256, x=(1, 16, 16, 3))
    flat_one = [
        node("Unsqueeze", "x one", "u"),
        node("Conv", "u w", "c", pads=[0, 1, 0, 1]),
        node("Squeeze", "c one", "y"),
    ]
    check(flat_one, [constant("one", [2]), weight("w", 8, 4, 1, 3)], 96, 96 * 32, x=(1, 4, 32))
    normed = [
        node("Mul", "v v", "q"),
        node("ReduceSum", "q d", "n", keepdims=1),
        node("Sqrt", "n", "r"),
        node("Div", "v r", "u"),
        node("Mul", "u g", "w"),
        node("Conv", "x w", "y"),
    ]
    stored = [weight("v", 8, 3, 3, 3), weight("g", 8, 1, 1, 1), constant("d", [1, 2, 3])]
    check(normed, stored, 224, 216 * 196)
