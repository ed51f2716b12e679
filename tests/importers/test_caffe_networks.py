"""Networks of the time of Caffe: what the papers and the published models say of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import caffe_networks as networks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfcalc import analyze
from rfcalc.analysed import AnalysedNetwork
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError
from rfcalc.importers.caffe.importing import imported
from rfcalc.importers.steps import ImportedStep

# Parameters as published: BVLC's AlexNet, CaffeNet and GoogLeNet, the papers' VGG, the authors' files of
# ResNet, SqueezeNet and SSD, the first port of MobileNet; Network in Network is 7,595,176 by hand:
# conv1 34,944 + cccp1 9,312 + cccp2 9,312 + conv2 614,656 + 2 · 65,792 + conv3 885,120 + 2 · 147,840
# + conv4 3,539,968 + cccp7 1,049,600 + cccp8 1,025,000.
PUBLISHED: dict[str, tuple[Callable[[], str], int]] = {
    "alexnet": (networks.alexnet, 60_965_224),
    "alexnet, first form": (lambda: networks.alexnet(first=True), 60_965_224),
    "caffenet": (lambda: networks.alexnet(pool_first=True), 60_965_224),
    "googlenet": (networks.googlenet, 6_998_552),
    "googlenet, first form": (lambda: networks.googlenet(first=True), 6_998_552),
    "vgg16": (lambda: networks.vgg(16), 138_357_544),
    "vgg19, first form": (lambda: networks.vgg(19, first=True), 143_667_240),
    "nin": (networks.nin, 7_595_176),
    "resnet50": (networks.resnet50, 25_557_032),
    "resnet50, names of the authors": (networks.resnet_of_the_authors, 25_557_032),
    "resnext50": (networks.resnext_in_caffe, 25_028_904),
    "nin, names of the authors": (networks.nin_of_the_authors, 7_595_176),
    "squeezenet": (networks.squeezenet, 1_235_496),
    "mobilenet": (networks.mobilenet, 4_231_976),
    "mobilenet, depthwise": (lambda: networks.mobilenet("DepthwiseConvolution"), 4_231_976),
    "ssd300": (networks.ssd300, 26_285_486),
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., AnalysedNetwork]:
    def reading(text: str, **given: str) -> AnalysedNetwork:
        path = tmp_path / "deploy.prototxt"
        path.write_text(text)
        return analyze(str(path), params=given)

    return reading


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_that_were_published(name: str, read: Callable[..., AnalysedNetwork]) -> None:
    write, params = PUBLISHED[name]
    assert read(write()).totals.params == params


# Descriptions that are shipped: made from the papers, checked against their numbers, and not by way of Caffe.
SHIPPED: dict[str, tuple[Callable[[], str], str, dict[str, str]]] = {
    "googlenet": (networks.googlenet, "googlenet", {}),
    "nin": (networks.nin, "nin", {}),
    "vgg16": (lambda: networks.vgg(16), "vgg16", {}),
    "vgg19": (lambda: networks.vgg(19), "vgg19", {}),
    "squeezenet": (networks.squeezenet, "squeezenet1.1", {"input": "227x227x3"}),
    "resnet50": (networks.resnet50, "resnet50-v1", {}),
    "mobilenet": (networks.mobilenet, "mobilenet-v1", {}),
}


def weighted(network: AnalysedNetwork) -> list[tuple[str, int, int]]:
    """Output, parameters and multiply-adds of each convolution and each fully connected layer, sorted.

    Joins stand in another order in a file that has every branch behind the other.
    """
    rows = [row for row in network.rows() if row["macs"]]
    return sorted((str(row["output"]), int(row["macs"])) for row in rows)  # type: ignore[misc]


@pytest.mark.parametrize("name", SHIPPED)
def test_layers_are_those_of_the_shipped_description(name: str, read: Callable[..., AnalysedNetwork]) -> None:
    write, shipped, given_size = SHIPPED[name]
    theirs = analyze(shipped, **given_size)  # type: ignore[arg-type]
    ours = read(write())
    assert weighted(ours) == weighted(theirs)
    assert ours.totals.macs == theirs.totals.macs


def test_a_network_that_is_fully_convolutional_leaves_the_size_of_its_input(
    read: Callable[..., AnalysedNetwork],
) -> None:
    network = read(networks.fcn8s())
    # From the sizes that the authors' net.py gives at 500x500.
    wanted = {
        "pool3": "88x88x256",
        "pool4": "44x44x512",
        "score_fr": "16x16x21",
        "upscore2": "34x34x21",
        "upscore_pool4": "70x70x21",
        "upscore8": "568x568x21",
        "score": "500x500x21",
    }
    assert {name: str(network[name].output) for name in wanted} == wanted


def test_boxes_of_a_detector_are_those_of_the_paper(read: Callable[..., AnalysedNetwork]) -> None:
    network = read(networks.ssd300())
    assert str(network["mbox_conf_softmax"].output) == "8732x21"
    assert str(network["mbox_priorbox"].output) == "2x34928"


def test_both_phases_of_one_file_are_built(tmp_path: Path) -> None:
    path = tmp_path / "train_val.prototxt"
    path.write_text(networks.lenet_train())
    for phase in ("TEST", "train"):
        network = analyze(str(path), input="28x28x1", params={"phase": phase})
        assert [layer.name for layer in network.layers][-1] == "loss"
    with pytest.raises(
        DescriptionError, match=r":5:15: error: how large 'data' is does not stand in the file"
    ):
        analyze(str(path))


def layers(body: str, head: str = "dim: 1 dim: 3 dim: 32 dim: 32") -> list[ImportedStep]:
    """The steps of a few layers of a file, without the input."""
    text = f'input: "data" input_shape {{ {head} }}\n{body}'
    return list(imported(text, "x", {}, {}).steps[1:])


def one_layer(kind: str, parameters: str, head: str = "dim: 1 dim: 3 dim: 32 dim: 32") -> list[str]:
    body = f'layer {{ name: "x" type: "{kind}" bottom: "data" top: "x" {parameters} }}'
    return [f"{step.operator} {step.shape}" for step in layers(body, head)]


def windows_of_caffe(n: int, kernel: int, stride: int, pad: int) -> int:
    """How many windows PoolingLayer::Reshape makes, written out window by window.

    They begin at −pad and follow each other until one reaches the end of the padded map; with padding one
    that would begin behind the map and the padding before it is left out.
    """
    found = 1
    while (found - 1) * stride + kernel < n + 2 * pad:
        found += 1
    if pad and (found - 1) * stride >= n + pad:
        found -= 1
    return found


@given(
    st.integers(1, 40),
    st.integers(1, 7),
    st.integers(1, 6),
    st.integers(0, 6),
    st.sampled_from(["MAX", "AVE"]),
)
def test_pooling_has_the_windows_of_caffe(n: int, kernel: int, stride: int, pad: int, kind: str) -> None:
    if pad >= kernel or kernel > n + 2 * pad:
        return
    text = f"pooling_param {{ pool: {kind} kernel_size: {kernel} stride: {stride} pad: {pad} }}"
    found = one_layer("Pooling", text, f"dim: 1 dim: 3 dim: {n} dim: {n}")
    m = windows_of_caffe(n, kernel, stride, pad)
    assert found == [f"{'max' if kind == 'MAX' else 'avg'}pool {m}x{m}x3"]


# What a layer becomes of 3 channels of 32x32, counted by hand after the code of Caffe.
LAYERS = {
    ("Convolution", "convolution_param { num_output: 8 kernel_h: 3 kernel_w: 1 pad_h: 1 stride_w: 2 }"): [
        "conv 32x16x8"
    ],
    ("Convolution", "convolution_param { num_output: 8 kernel_size: 3 kernel_size: 5 dilation: 2 }"): [
        "conv 28x24x8"
    ],
    ("Convolution", "convolution_param { num_output: 8 kernel_size: 3 hole: 4 }"): ["conv 24x24x8"],
    ("Convolution", "convolution_param < num_output: 6, kernel_size: [3, 3]; group: 3 >"): ["dwconv 30x30x6"],
    ("Deconvolution", "convolution_param { num_output: 8 kernel_size: 4 stride: 2 pad: 1 }"): [
        "deconv 64x64x8"
    ],
    ("Pooling", "pooling_param { kernel_size: 3 stride: 2 round_mode: FLOOR }"): ["maxpool 15x15x3"],
    ("Pooling", "pooling_param { pool: 1 global_pooling: true }"): ["globalavgpool 1x1x3"],
    ("InnerProduct", "inner_product_param { num_output: 10 }"): ["fc 1x1x10"],
    ("BatchNorm", ""): ["bn 32x32x3"],
    ("Scale", "scale_param { bias_term: true }"): ["scale 32x32x3"],
    ("LRN", "lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 }"): [
        "function 32x32x3",
        "avgpool 32x32x3",
        "function 32x32x3",
        "function 32x32x3",
        "function 32x32x3",
        "mul 32x32x3",
    ],
    ("Power", "power_param { power: 2 scale: 0.5 shift: -1 }"): ["function 32x32x3"] * 3,
    ("Power", "power_param { scale: -1 shift: 1 }"): ["oneminus 32x32x3"],
    ("ReLU", "relu_param { negative_slope: 0.1 }"): ["leakyrelu 32x32x3"],
    ("PReLU", ""): ["prelu 32x32x3"],
    ("ELU", ""): ["elu 32x32x3"],
    ("AbsVal", ""): ["function 32x32x3"],
    ("BNLL", ""): ["softplus 32x32x3"],
    ("Flatten", ""): ["flatten 3072"],
    ("Reduction", "reduction_param { operation: MEAN axis: 2 }"): ["globalavgpool 1x1x3"],
    ("Interp", "interp_param { zoom_factor: 2 }"): ["upsample 63x63x3"],
    ("Interp", "interp_param { shrink_factor: 2 pad_beg: -1 }"): ["pad 31x31x3", "upsample 16x16x3"],
    ("Upsample", "upsample_param { scale: 2 }"): ["upsample 64x64x3"],
    ("ShuffleChannel", "shuffle_channel_param { group: 3 }"): ["identity 32x32x3"],
    ("MVN", ""): ["in 32x32x3"],
    ("ArgMax", "argmax_param { axis: 1 }"): ["opaque 32x32x1"],
}


@pytest.mark.parametrize(("kind", "parameters"), LAYERS)
def test_a_layer_becomes_what_caffe_computes(kind: str, parameters: str) -> None:
    assert one_layer(kind, parameters) == LAYERS[kind, parameters]


def named_layer(name: str, kind: str, bottoms: str, tops: str, more: str = "") -> str:
    parts = [f'bottom: "{one}"' for one in bottoms.split()] + [f'top: "{one}"' for one in tops.split()]
    return f'layer {{ name: "{name}" type: "{kind}" {" ".join(parts)} {more} }}\n'


CONV = "convolution_param { num_output: 8 kernel_size: 3 pad: 1 }"


def test_factors_of_channels_are_multiplied_with_the_map() -> None:
    body = (
        named_layer("conv", "Convolution", "data", "conv", CONV)
        + named_layer("pool", "Pooling", "conv", "pool", "pooling_param { pool: AVE global_pooling: true }")
        + named_layer("fc", "InnerProduct", "pool", "fc", "inner_product_param { num_output: 8 }")
        + named_layer("gate", "Sigmoid", "fc", "fc")
        + named_layer("out", "Scale", "conv fc", "out", "scale_param { axis: 0 }")
    )
    *_, gate, out = layers(body)
    assert (gate.operator, out.operator, str(out.shape)) == ("sigmoid", "mul", "32x32x8")


def test_what_layers_share_by_name_is_counted_once(read: Callable[..., AnalysedNetwork]) -> None:
    shared = 'param { name: "w" } param { name: "b" }'
    factors = 'scale_param { bias_term: true } param { name: "f" } param { name: "o" }'
    text = 'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\n'
    for side in "ab":
        text += named_layer(f"conv_{side}", "Convolution", "data", side, f"{shared} {CONV}")
        text += named_layer(f"scale_{side}", "Scale", side, side, factors)
        # Of one name, which shares nothing.
        text += named_layer("prelu", "PReLU", side, side)
    assert read(text).totals.params == 3 * 3 * 3 * 8 + 8 + 2 * 8 + 2 * 8


def test_tensors_are_cut_into_parts_and_joined() -> None:
    body = named_layer("cut", "Slice", "data", "one two", "slice_param { slice_point: 1 }")
    body += named_layer("both", "Concat", "two one", "both")
    assert [f"{step.operator} {step.shape}" for step in layers(body)] == [
        "slice 32x32x1",
        "slice 32x32x2",
        "concat 32x32x3",
    ]


def test_regions_of_a_map_are_classified_each(read: Callable[..., AnalysedNetwork]) -> None:
    text = 'input: "data" input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }\n'
    text += 'input: "rois" input_shape { dim: 300 dim: 5 }\n'
    text += named_layer(
        "pool", "ROIPooling", "data rois", "pool", "roi_pooling_param { pooled_h: 7 pooled_w: 7 }"
    )
    text += named_layer("score", "InnerProduct", "pool", "score", "inner_product_param { num_output: 21 }")
    network = read(text)
    assert str(network["score"].output) == "300x21"
    assert network.totals.params == 7 * 7 * 3 * 21 + 21


def test_a_path_is_the_name_before_a_slash_unless_that_is_a_layer() -> None:
    body = named_layer("a/dw", "Convolution", "data", "x", CONV) + named_layer(
        "a/dw/bn", "BatchNorm", "x", "x"
    )
    assert [step.name for step in layers(body)] == ["a.dw", "a.dw_bn"]


def test_images_that_are_cropped_have_a_size_and_supposed_channels(tmp_path: Path) -> None:
    path = tmp_path / "train_val.prototxt"
    data = (
        'layer { name: "data" type: "Data" top: "data" top: "label" transform_param { crop_size: 24 %s } }\n'
    )
    relu = named_layer("relu", "ReLU", "data", "relu")
    for means, size in (
        ("", "24x24x3"),
        ("mean_value: 1 mean_value: 2", "24x24x2"),
        ("force_gray: true", "24x24x1"),
    ):
        path.write_text(data % means + relu)
        assert str(analyze(str(path)).outputs[0]) == size
    path.write_text(data % "" + relu)
    found = imported(path.read_text(), "x", {}, {}).remarks
    assert [told for told, _ in found] == [
        "the images of 'data' are 24x24, as crop_size says; 3 channels are supposed"
    ]


def test_a_file_that_trains_has_its_losses_at_the_end(read: Callable[..., AnalysedNetwork]) -> None:
    """Two data layers, labels, a loss at a branch, one without a top: the forms of files for training."""
    data = (
        'layer { name: "data" type: "Data" top: "data" top: "label" include { phase: %s }\n'
        "  transform_param { mirror: true crop_size: 32 mean_value: 104 mean_value: 117 mean_value: 123 }\n"
        '  data_param { source: "train_lmdb" batch_size: %s backend: LMDB } }\n'
    )
    text = data % ("TRAIN", 32) + data % ("TEST", 50)
    text += named_layer("conv", "Convolution", "data", "conv", CONV)
    text += named_layer("aux", "InnerProduct", "conv", "aux", "inner_product_param { num_output: 10 }")
    text += named_layer("aux_loss", "SoftmaxWithLoss", "aux label", "aux_loss", "loss_weight: 0.3")
    text += named_layer("noise", "Dropout", "conv", "conv", "include { phase: TRAIN }")
    text += named_layer("fc", "InnerProduct", "conv", "fc", "inner_product_param { num_output: 10 }")
    text += named_layer("accuracy", "Accuracy", "fc label", "accuracy", "accuracy_param { top_k: 5 }")
    text += named_layer("loss", "SoftmaxWithLoss", "fc label", "")
    network = read(text)
    assert [layer.name for layer in network.layers] == ["conv", "aux", "aux_loss", "fc", "loss"]
    assert [str(one) for one in network.outputs] == ["1x1x10", "1x1x10"]
    trained = read(text, phase="TRAIN")
    assert [layer.name for layer in trained.layers] == ["conv", "aux", "aux_loss", "noise", "fc", "loss"]
    told = imported(text, "x", {}, {}).remarks
    assert [one for one, _ in told] == [
        "the network is that of phase TEST; params={'phase': 'TRAIN'} builds the other"
    ]


def test_stages_choose_layers_as_phases_do(tmp_path: Path) -> None:
    path = tmp_path / "digits.prototxt"
    shape = "input_param { shape { dim: 1 dim: 1 dim: 28 dim: 28 } }"
    path.write_text(
        f'layer {{ name: "data" type: "Input" top: "data" {shape} include {{ stage: "deploy" }} }}\n'
        + named_layer("conv", "Convolution", "data", "conv", CONV)
        + named_layer("prob", "Softmax", "conv", "prob", 'include { stage: "deploy" }')
        + named_layer("other", "Sigmoid", "conv", "other", 'exclude { stage: "deploy" }')
    )
    network = analyze(str(path), params={"stage": "deploy"})
    assert [layer.name for layer in network.layers] == ["conv", "prob"]


def test_what_losses_compare_leaves_the_network_and_the_target_does_not(
    read: Callable[..., AnalysedNetwork],
) -> None:
    text = 'input: "data" input_shape { dim: 1 dim: 1 dim: 28 dim: 28 }\n'
    text += named_layer("flat", "Flatten", "data", "flat")
    text += named_layer("encode", "InnerProduct", "data", "encode", "inner_product_param { num_output: 30 }")
    text += named_layer(
        "decode", "InnerProduct", "encode", "decode", "inner_product_param { num_output: 784 }"
    )
    text += named_layer("entropy", "SigmoidCrossEntropyLoss", "decode flat", "entropy")
    text += named_layer("out", "Sigmoid", "decode", "out")
    text += named_layer("error", "EuclideanLoss", "out flat", "error")
    network = read(text)
    assert [layer.name for layer in network.layers] == ["encode", "decode", "out"]
    assert [str(one) for one in network.outputs] == ["1x1x784"]


def test_two_sides_share_the_weights_that_have_names() -> None:
    text = 'layer { name: "pairs" type: "Data" top: "pairs" top: "similar" }\n'
    text += named_layer("cut", "Slice", "pairs", "one two", "slice_param { slice_dim: 1 slice_point: 1 }")
    for side in ("one", "two"):
        shared = 'param { name: "w" lr_mult: 1 } param { name: "b" lr_mult: 2 }'
        text += named_layer(f"conv_{side}", "Convolution", side, f"conv_{side}", f"{shared} {CONV}")
    text += named_layer("loss", "ContrastiveLoss", "conv_one conv_two similar", "loss")
    network = imported(text, "x", {"": (28, 28, 2)}, {})
    assert len(network.outputs) == 2
    assert [step.learned for step in network.steps[-2:]] == [{"weight": "w", "bias": "b"}] * 2


def test_modules_whose_names_have_slashes_become_blocks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deploy.prototxt"
    path.write_text(networks.googlenet())
    assert main(["convert", str(path)]) == 0
    written = capsys.readouterr().out
    assert written.count("concat:") == 1
    assert "inception d=64 d2=96 d3=128 d4=16 d5=32 d6=32 as inception_3a" in written
    (tmp_path / "net.yaml").write_text(written)
    assert analyze(str(tmp_path / "net.yaml")).totals == analyze(str(path)).totals


# Networks whose names have no slashes, or none at the unit: how many lines they may come to, and one of them.
UNITS: dict[str, tuple[Callable[[], str], int, str]] = {
    "resnet50": (networks.resnet50, 52, "  - res d=512 d2=128 s=2 as res3a\n"),
    "resnet50 of the authors": (networks.resnet_of_the_authors, 52, "  - res d=512 d2=128 s=2 as res3a\n"),
    "resnet101 of the authors": (
        lambda: networks.resnet_of_the_authors((3, 4, 23, 3)),
        70,
        "  - res as res4b22\n",
    ),
    "resnext50": (networks.resnext_in_caffe, 54, "  - resx d=512 d2=256 s=2"),
    "se-resnet50": (networks.se_resnet, 62, "  - conv_block d=128 s=2 as conv3_1\n"),
    "nin": (networks.nin, 28, "  - conv_block f=5 p=2 d=256 as conv2\n"),
    "nin of the authors": (networks.nin_of_the_authors, 28, "  - conv_block f=5 p=2 d=256 as conv2\n"),
    "mobilenet": (networks.mobilenet, 38, "  - conv_block d=512 as conv12\n"),
    "vgg16": (lambda: networks.vgg(16), 25, "  - conv_block d=512 as conv5\n"),
}


@pytest.mark.parametrize("name", UNITS)
def test_units_that_share_a_number_in_their_names_become_blocks(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write, most, line = UNITS[name]
    path, converted = tmp_path / "deploy.prototxt", tmp_path / "net.yaml"
    path.write_text(write())
    assert main(["convert", str(path)]) == 0
    written = capsys.readouterr().out
    assert line in written
    assert written.count("\n") <= most
    converted.write_text(written)
    ours, theirs = analyze(str(converted)), analyze(str(path))
    assert ours.totals == theirs.totals
    figures = ("output", "params", "macs", "receptive_field", "stride")
    rows = [sorted(str([row[each] for each in figures]) for row in one.rows()) for one in (ours, theirs)]
    assert rows[0] == rows[1]


_TWO = """input: "a" input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }
input: "b" input_shape { dim: 1 dim: 3 dim: 16 dim: 16 }
layer { name: "conv" type: "Convolution" bottom: "a" bottom: "b" top: "x" top: "y"
  convolution_param { num_output: 20 kernel_size: 5 } pooling_param { kernel_size: 2 } }
"""


def test_a_convolution_of_several_bottoms_learns_once() -> None:
    network = imported(_TWO, "two", {}, {})
    convolutions = [step for step in network.steps if step.operator == "conv"]
    assert [str(step.shape) for step in convolutions] == ["28x28x20", "12x12x20"]
    assert len({step.learned["weight"] for step in convolutions}) == 1
    assert len(network.outputs) == 2


def test_parameters_of_another_type_are_said_to_be_passed_over() -> None:
    remarks = [text for text, _ in imported(_TWO, "two", {}, {}).remarks]
    assert remarks == ["pooling_param is passed over: Convolution reads none"]
