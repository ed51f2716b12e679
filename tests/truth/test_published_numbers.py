"""The shipped networks hit the numbers of the papers, of torchvision's documentation and of the book."""

from __future__ import annotations

from functools import cache

import pytest

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load
from rfcalc.symbolic.polynomial import Polynomial

# Parameters and multiply-accumulates.  None: no exact figure is published.
TOTALS = {
    "alexnet": (62_378_344, 1_135_256_096),
    "alexnet-2tower": (60_965_224, 724_406_816),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19_632_062_464),
    "nin": (7_595_176, 1_100_188_800),
    "plain34": (None, 3_644_493_824),
    "resnet34": (21_797_672, 3_663_761_408),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnet50-v1": (25_557_032, 3_857_973_248),
    "resnet152-v1": (None, 11_282_415_616),
    "resnet20": (269_722, None),
    "resnet32": (464_154, None),
    "resnet44": (658_586, None),
    "resnet56": (853_018, None),
    "resnet110": (1_727_962, None),
    "googlenet": (6_998_552, 1_582_671_872),
    "googlenet-bn": (6_624_904, 1_498_376_192),
    "densenet121": (7_978_856, 2_834_161_664),
    "mobilenet-v2": (3_504_872, 300_774_272),
    "unet": (31_030_658, 150_428_424_448),
    # torchvision's documentation prints these parameters.
    "vgg11": (132_863_336, None),
    "vgg13": (133_047_848, None),
    "vgg16-bn": (138_365_992, None),
    "resnet18": (11_689_512, None),
    "resnet101": (44_549_160, None),
    "resnet152": (60_192_808, None),
    "resnext50-32x4d": (25_028_904, None),
    "convnext-tiny": (28_589_128, None),
    # The projections of ResNet-34, their normalisation included: 64·128 + 256, 128·256 + 512, 256·512 + 1024.
    "resnet34-a": (21_797_672 - 8_448 - 33_280 - 132_096, 3_644_493_824),
    # A shortcut without parameters changes nothing.
    "plain20": (269_722, None),
    "plain56": (853_018, None),
    "hrnet-w18": (21_299_004, None),
    "vit-b16": (86_567_656, None),
    "patchgan": (2_768_705, None),
    "resnet18-cifar": (11_173_962, None),
    "densenet201": (20_013_928, None),
    "dcgan": (3_576_704, None),
    "darknet53": (41_609_928, 9_285_115_904),
    "yolov3": (61_949_149, 70_345_950_208),
    "inception-v3": (23_834_568, None),
    "mixer-b16": (59_880_472, None),
    "wide-resnet-28-10": (36_479_194, None),
    "unet-3d": (19_069_955, None),
    "mixnet-s": (4_134_606, None),
    "dpn68": (12_611_602, None),
    "dla34": (15_742_104, None),
    "swin-t": (28_288_354, None),
    # transformers, timm, effdet, and the authors' code.
    "bert-base": (109_514_298, None),
    "resnest50": (27_483_240, None),
    "convnext-v2-atto": (3_708_400, None),
    "siamese": (38_951_745, None),
    "resnet18-blur": (11_689_512, None),
    "crnn": (8_331_301, None),
    "resnet50-cbam": (28_089_624, None),
    "resnet50-eca": (25_557_118, None),
    "bifpn-d0": (196_281, 136_203_264),
    "pyramidnet110": (1_772_706, None),
}

# Published to a few digits, rounded or cut: parameters and multiply-accumulates, in units of the last digit.
ROUNDED = {
    "alexnet-2tower": (("M", 60), None),  # Krizhevsky et al.: 60 million
    "vgg16": (("M", 138), None),  # Simonyan and Zisserman table 2
    "vgg19": (("M", 144), ("0.1G", 196)),  # He et al.: 19.6 billion
    "plain34": (None, ("0.1G", 36)),
    "resnet34-a": (None, ("0.1G", 36)),
    "resnet18": (None, ("0.1G", 18)),
    "resnet50-v1": (None, ("0.1G", 38)),
    "resnet152-v1": (None, ("0.1G", 113)),
    "resnet20": (("0.01M", 27), None),
    "resnet32": (("0.01M", 46), None),
    "resnet44": (("0.01M", 66), None),
    "resnet56": (("0.01M", 85), None),
    "resnet110": (("0.1M", 17), None),
    "mobilenet-v1": (("0.1M", 42), ("M", 569)),  # Howard et al. table 8
    "mobilenet-v2": (None, ("M", 300)),
    "highway19": (("0.1M", 23), None),  # Srivastava et al. table 2
    "nin-cifar10": (("0.01M", 97), None),  # the authors' model: 0.97 million
    "squeezenet1.1": (("0.01M", 124), None),
    "convnext-tiny": (("M", 29), ("0.1G", 45)),  # Liu et al. table 9
    "efficientnet-b0": (("0.1M", 53), ("0.01G", 39)),  # Tan and Le table 2
    "hrnet-w18": (("0.1M", 213), None),  # the authors' model
    "vit-b16": (("M", 86), ("0.01G", 1756)),  # Dosovitskiy et al. table 1; torchvision: 17.56
    "densenet201": (None, ("0.01G", 429)),  # torchvision
    "inception-v3": (None, ("0.01G", 571)),  # torchvision
    "mixer-b16": (("M", 59), None),  # Tolstikhin et al. table 1
    "wide-resnet-28-10": (("0.1M", 365), None),  # Zagoruyko and Komodakis table 4
    "mixnet-s": (("0.1M", 41), None),  # Tan and Le table 3
    "swin-t": (("M", 28), ("0.01G", 449)),  # torchvision
    "bert-base": (("M", 110), None),  # Devlin et al. section 3
    "convnext-v2-atto": (("0.1M", 37), ("0.01G", 55)),  # the authors' model
    "crnn": (("0.1M", 83), None),  # Shi et al.
}
# Width, depth and input size of EfficientNet-B0 to B7; torchvision's parameters and thousandths of a GFLOP.
EFFICIENTNETS = [
    (1, 1, 224, 5_288_548, 386),
    (1, "1.1", 240, 7_794_184, 687),
    ("1.1", "1.2", 288, 9_109_994, 1_088),
    ("1.2", "1.4", 300, 12_233_232, 1_827),
    ("1.4", "1.8", 380, 19_341_616, 4_394),
    ("1.6", "2.2", 456, 30_389_784, 10_266),
    ("1.8", "2.6", 528, 43_040_704, 19_068),
    (2, "3.1", 600, 66_347_960, 37_746),
]
UNITS = {"M": 10**6, "0.1M": 10**5, "0.01M": 10**4, "0.1G": 10**8, "0.01G": 10**7}

# Receptive fields of named layers, the same along both axes.
FIELDS = {
    ("alexnet", "pool5"): 195,
    ("alexnet", "fc6"): 355,
    ("vgg16", "pool5"): 212,
    ("vgg16", "fc6"): 404,
    ("googlenet", "inception5b.concat1"): 715,
    ("googlenet", "pool5"): 907,
    ("context-module", "layer1"): 3,
    ("context-module", "layer2"): 5,
    ("context-module", "layer3"): 9,
    ("context-module", "layer4"): 17,
    ("context-module", "layer5"): 33,
    ("context-module", "layer6"): 65,
    ("context-module", "layer7"): 67,
    ("context-module", "layer8"): 67,
    ("wavenet", "total"): 1024,
    ("yolov3", "y5.conv1"): 917,
    ("yolov3", "y4.conv1"): 949,
}

# The field of the network: that of the last layer before everything is seen at once.
NETWORK_FIELDS = {
    "vgg16": 212,
    "alexnet": 195,
    "resnet18": 435,
    "resnet34": 899,
    "resnet34-a": 899,
    "resnet50": 427,
    "resnet101": 971,
    "resnet152": 1451,
    "resnet50-v1": 483,
    "resnet152-v1": 1507,
    "googlenet-bn": 379,
    "densenet121": 2071,
    "mobilenet-v2": 491,
    "context-module": 67,
    "conv7x7": 7,
    "conv3x3-stack": 7,
    "patchgan": 70,
    "inception-v3": 1311,
}


@cache
def network(name: str) -> NetworkAnalysis:
    return analyze(load(name))


@pytest.mark.parametrize("name", TOTALS)
def test_parameters_and_multiply_accumulates_are_those_published(name: str) -> None:
    params, macs = TOTALS[name]
    totals = network(name).totals
    assert not totals.unknown
    assert params is None or totals.params == params
    assert macs is None or totals.macs == macs


@pytest.mark.parametrize("name", ROUNDED)
def test_totals_are_the_figures_printed_in_papers_to_their_last_digit(name: str) -> None:
    totals = network(name).totals
    for printed, total in zip(ROUNDED[name], (totals.params, totals.macs), strict=True):
        if printed is not None:
            unit, figure = printed
            assert isinstance(total, int)
            step = UNITS[unit]
            assert figure in (total // step, (total + step // 2) // step)


@pytest.mark.parametrize(("name", "layer"), FIELDS)
def test_receptive_fields_of_layers_are_those_published(name: str, layer: str) -> None:
    expected = FIELDS[name, layer]
    axes = network(name).layer(layer).field.inputs[0]
    assert axes is not None
    assert [axis.size for axis in axes] == [(expected, expected)] * len(axes)


@pytest.mark.parametrize("name", NETWORK_FIELDS)
def test_the_field_of_the_network_is_the_one_published(name: str) -> None:
    fields = network(name).fields
    axes = fields.nodes[fields.network].inputs[0]
    assert axes is not None
    assert [axis.size for axis in axes] == [(NETWORK_FIELDS[name],) * 2] * len(axes)


def test_vgg16_pool5_has_stride_32_and_padding_90() -> None:
    axes = network("vgg16").layer("pool5").field.inputs[0]
    assert axes is not None
    assert [(axis.stride, axis.padding, axis.status) for axis in axes] == [(32, 90, "exact")] * 2


def test_the_last_block_of_resnet50_has_stride_32() -> None:
    axes = network("resnet50").layer("layer4.2.relu3").field.inputs[0]
    assert axes is not None
    assert [axis.stride for axis in axes] == [32, 32]


def test_the_two_placements_of_the_stride_differ_in_field_and_work_but_not_in_parameters() -> None:
    paper, torchvision = network("resnet50-v1"), network("resnet50")
    assert paper.totals.params == torchvision.totals.params
    assert paper.totals.macs != torchvision.totals.macs


def test_a_7x7_convolution_has_49_c_squared_weights_and_three_3x3_have_27() -> None:
    channels, height, width = map(Polynomial.symbol, "CHW")
    single, stack = network("conv7x7"), network("conv3x3-stack")
    assert single.totals.params == 49 * channels**2
    assert stack.totals.params == 27 * channels**2
    assert single.totals.macs == 49 * channels**2 * height * width
    assert [layer.op for layer in single.layers].count("relu") == 1
    assert [layer.op for layer in stack.layers].count("relu") == 3
    assert single.outputs == stack.outputs == single.inputs


@pytest.mark.parametrize("name", ["conv7x7", "conv3x3-stack"])
def test_the_symbols_of_section_3_1_1_leave_the_field_exact(name: str) -> None:
    fields = network(name).fields
    axes = fields.nodes[fields.network].inputs[0]
    assert axes is not None
    assert [(axis.size, axis.stride, axis.padding, axis.status) for axis in axes] == [
        ((7, 7), 1, 3, "exact")
    ] * 2


def test_the_bottleneck_block_costs_about_as_much_as_the_basic_block_with_four_times_the_channels() -> None:
    basic, bottleneck = network("basic-block"), network("bottleneck-block")
    assert basic.totals.params == 2 * 9 * 64 * 64
    assert bottleneck.totals.params == 64 * 256 + 9 * 64 * 64 + 256 * 64
    assert basic.inputs[0].channels * 4 == bottleneck.inputs[0].channels == 256


@pytest.mark.parametrize(("name", "factor"), [("basic-block", 18), ("bottleneck-block", 17)])
def test_the_blocks_of_figure_3_10_take_a_symbol_for_their_channels(name: str, factor: int) -> None:
    symbolic = analyze(load(name), params={"C": "C"})
    assert symbolic.totals.params == factor * Polynomial.symbol("C") ** 2


def test_the_unpadded_u_net_turns_572_into_388_and_sees_188_to_204_pixels() -> None:
    unet = network("unet")
    assert str(unet.outputs[0]) == "388x388x2"
    axes = unet.layer("segmentation").field.inputs[0]
    assert axes is not None
    # Four poolings and transposed convolutions give 16 phases; the field depends on the phase.
    assert [(axis.phases, axis.stride, axis.size) for axis in axes] == [(16, 1, (188, 204))] * 2


def test_the_finest_head_of_yolov3_sees_949_to_981_pixels() -> None:
    axes = network("yolov3").layer("y3.conv1").field.inputs[0]
    assert axes is not None
    # Two upsamplings give 4 phases.
    assert [(axis.phases, axis.stride, axis.size) for axis in axes] == [(4, 8, (949, 981))] * 2


def test_wrn_28_10_has_36_536_884_parameters_for_the_100_classes_of_cifar_100() -> None:
    assert analyze(load("wide-resnet-28-10"), params={"classes": 100}).totals.params == 36_536_884


@pytest.mark.parametrize(("width", "depth", "size", "params", "macs"), EFFICIENTNETS)
def test_width_and_depth_make_efficientnet_b0_each_of_its_relatives(
    width: object, depth: object, size: int, params: int, macs: int
) -> None:
    scale = {"width": width, "depth": depth}
    totals = analyze(load("efficientnet-b0"), input=f"{size}x{size}x3", params=scale).totals
    assert isinstance(totals.macs, int)
    assert (totals.params, round(totals.macs, -6)) == (params, macs * 10**6)


def test_efficientnet_sees_everything_through_its_gates_and_851_pixels_without() -> None:
    efficientnet = network("efficientnet-b0")
    axes = efficientnet.fields.nodes[efficientnet.fields.network].inputs[0]
    assert axes is not None
    assert [(axis.size, axis.everything, axis.status) for axis in axes] == [((851, 851), True, "global")] * 2


def test_lenet5_differs_from_the_60_000_parameters_of_1998_by_what_its_description_says() -> None:
    lenet = network("lenet5")
    assert lenet.totals.params == 61_706
    # The table of connections of C3, the coefficients of S2 and S4, and the fixed codes of the output.
    assert 61_706 - (2_416 - 1_516) + 2 * (6 + 16) - 850 == 60_000


def test_the_deformable_convolution_is_marked_as_depending_on_the_data() -> None:
    deformable = network("deformable")
    axes = deformable.layer("deformed").field.inputs[0]
    assert axes is not None
    assert {axis.status for axis in axes} == {"data-dependent"}
    assert deformable.layer("offsets").params == 18 * 64 * 9 + 18


def test_highway_layers_have_a_gate_as_large_as_the_layer() -> None:
    highway = network("highway19")
    weighted = [layer for layer in highway.layers if layer.op in ("conv", "fc")]
    # 17 convolutions, gates beside the 13 of them that keep their channels, and 2 fully connected layers.
    assert len(weighted) == 17 + 13 + 2
