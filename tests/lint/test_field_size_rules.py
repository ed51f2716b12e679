"""Fields smaller than the input, and layers that add nothing to fields as large as it."""

from __future__ import annotations

import sys

import pytest
from looked_at import found, found_in

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.graph.build import build
from rfcalc.library import analyze, load, read_text, shipped_names
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import MODULE_OF
from rfcalc.lint.rule import Subject


def shipped(name: str, code: str, size: str | None = None) -> tuple[Finding, ...]:
    description = load(name)
    return run_rules(Subject(description.network, analyze(description, input=size)), [code])


# RF101


@pytest.mark.parametrize(
    "name",
    # Their fields are larger than their inputs, or they predict position by position.
    ["resnet50", "mobilenet-v1", "densenet121", "googlenet", "vgg19", "r3d-18", "unet", "fcn-resnet50"],
)
def test_a_network_that_sees_all_of_its_input_is_left_alone(name: str) -> None:
    assert shipped(name, "RF101") == ()


@pytest.mark.parametrize("name", ["efficientnet-b0", "mobilenet-v3-small", "deeplabv3-resnet50"])
def test_gates_and_image_branches_see_everything(name: str) -> None:
    assert shipped(name, "RF101", "1024x1024x3") == ()


def test_a_dense_prediction_needs_no_field_as_large_as_its_input() -> None:
    assert not found_in("RF101", "64x64x3", "conv f=3 p=1 d=8", "relu", "conv f=1 d=2")


def test_a_network_without_spatial_layers_has_no_field_that_could_be_too_small() -> None:
    assert not found_in("RF101", "28x28x1", "fc d=100", "relu", "fc d=10")


def test_what_depends_on_a_symbol_is_no_finding() -> None:
    text = "symbols: [H, W]\ninput: HxWx3\nlayers: [conv f=3 p=1 d=8, relu, globalavgpool]\n"
    assert not found(text, "RF101")


def test_what_is_smaller_for_every_value_of_a_symbol_is_told() -> None:
    text = "symbols: {H: 32*h}\ninput: HxHx3\nlayers: [conv f=3 p=1 d=8, relu, globalavgpool]\n"
    (finding,) = found(text, "RF101")
    assert "3x3 of the (32h)x32h positions" in finding.message
    assert finding.hint == ""


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "vgg11", "siamese", "zfnet"])
def test_a_fully_connected_layer_puts_together_what_lies_further_apart_than_a_field(name: str) -> None:
    # Of VGG-11's pool5 the field spans 150 of 224 positions: it is meant so.
    assert shipped(name, "RF101") == ()


@pytest.mark.parametrize(
    "text",
    [
        # The frameworks' first example for MNIST: 6x6 of 28x28, and weights for each of 12x12 positions.
        "input: 28x28x1\nlayers: [conv f=3 d=32, relu, conv f=3 d=64, maxpool f=2 s=2, flatten, fc d=10]",
        # Points in no order, the statistics of a sound.
        "input: 1024x3\nlayers: [conv f=1 d=64, relu, globalmaxpool, fc d=10]",
        "input: 1024x3x1\nlayers: [conv f=1x3 d=64, relu, globalmaxpool, fc d=10]",
        "input: 8000x1\nlayers: [conv f=80 s=4 d=64, relu, maxpool f=4 s=4, conv f=3 d=64, globalavgpool]",
        "input: 6x6x3\nlayers: [conv f=3 p=1 d=8, globalavgpool]",
    ],
)
def test_a_small_field_that_is_meant_is_left_alone(text: str) -> None:
    assert not found(text, "RF101")


def test_a_field_of_less_than_half_the_input_is_a_warning() -> None:
    (finding,) = found_in("RF101", "7x7x3", "conv f=3 p=1 d=8", "globalavgpool")
    assert (finding.severity, finding.figures) == ("warning", {"field": [3, 3], "wanted": [7, 7]})
    assert "only averaged, in globalavgpool1" in finding.message


def spanned(*layers: str, size: str = "64x64x3") -> int:
    field = analyze(
        read_text(f"input: {size}\nlayers:\n" + "".join(f"  - {line}\n" for line in layers))
    ).fields
    axes = field.nodes[field.network].inputs[0]
    assert axes
    assert axes[0].size
    return axes[0].size[1]


def test_the_hint_names_the_strides_that_do() -> None:
    layers = [f"conv f=3 p=1 d=8 as c{number}" for number in range(8)] + ["globalavgpool"]
    (finding,) = found_in("RF101", "64x64x3", *layers)
    assert finding.hint.startswith("with a stride of 2 in c0, c1 and c2, ")
    strided = [line.replace("p=1", "p=1 s=2") if line[-2:] in ("c0", "c1", "c2") else line for line in layers]
    assert f"the field spans {spanned(*strided)}" in finding.hint
    # One stride is enough, and the last that is stands nearest to the output.
    (finding,) = found_in("RF101", "25x25x3", *(line.replace("f=3 p=1", "f=2") for line in layers))
    assert "a dilation of 2" not in finding.hint


def test_the_hint_names_the_stride_and_the_dilation_that_do() -> None:
    layers = ["conv f=3 s=2 p=1 d=8 as a", "conv f=3 p=1 d=8 as b", "conv f=5 p=2 d=8 as c", "globalavgpool"]
    (finding,) = found_in("RF101", "32x32x3", *layers)
    assert spanned(*layers) == 15
    assert finding.hint.startswith("each further convolution of 3x3 behind c adds 4 positions")
    longer = [*layers[:-1], "conv f=9 p=4 d=8 as last", "globalavgpool"]
    (finding,) = found_in("RF101", "63x63x3", *longer)
    assert spanned(*longer, size="63x63x3") == 31
    last = spanned(*longer[:-2], "conv f=9 p=8 r=2 d=8 as last", "globalavgpool", size="63x63x3")
    assert last < 63
    (stride, _, dilation) = finding.hint.partition("; ")
    doubled = spanned(*longer[:1], "conv f=3 s=2 p=1 d=8", *longer[2:], size="63x63x3")
    assert doubled == 55
    assert dilation == ""
    assert "stride of 2 in b and c" in stride


def test_the_hint_speaks_in_the_dimensions_of_the_network() -> None:
    (finding,) = found_in("RF101", "16x16x16x1", "conv f=3 s=2 p=1 d=8", "globalavgpool")
    assert finding.hint.startswith("each further convolution of 3x3x3 behind conv1 adds 4 positions")


def test_only_the_axis_that_is_too_short_is_named() -> None:
    (finding,) = found_in("RF101", "4x20x3", "conv f=3 p=1 d=8", "globalavgpool")
    assert "spans 3 of the 20 positions of the input along the width" in finding.message


def with_object(size: str) -> tuple[Finding, ...]:
    text = f"input: 64x64x3\nobject_size: {size}\nlayers: [conv f=7 p=3 d=8, relu, conv f=3 p=1 d=2]\n"
    return found(text, "RF101")


@pytest.mark.parametrize("size", ["9", "9x9", "5x9"])
def test_a_dense_prediction_that_sees_its_objects_is_left_alone(size: str) -> None:
    assert not with_object(size)


@pytest.mark.parametrize(("size", "wanted"), [("10", [10, 10]), ("16x12", [16, 12]), ("9x30", [30])])
def test_a_field_smaller_than_the_declared_objects_is_a_warning(size: str, wanted: list[int]) -> None:
    (finding,) = with_object(size)
    assert finding.severity == "warning"
    assert finding.figures["wanted"] == wanted


def test_an_object_that_one_of_several_outputs_sees_is_seen() -> None:
    text = "input: 64x64x3\nobject_size: {}\noutputs: [fine, coarse]\n"
    text += "layers: [conv f=3 p=1 d=8 as fine, conv f=9 p=4 d=8 as coarse]\n"
    assert not found(text.format(11), "RF101")
    (finding,) = found(text.format(12), "RF101")
    assert (finding.layer, finding.figures["field"]) == ("coarse", [11, 11])


def test_a_classifier_that_pools_several_maps_sees_what_the_largest_field_sees() -> None:
    text = "input: 15x15x3\nlayers:\n  - conv f=3 p=1 d=8 as fine\n  - conv f={} p=same d=8 as coarse\n"
    text += "  - concat: [[globalavgpool from=fine], [globalavgpool from=coarse]]\n"
    assert not found(text.format(6), "RF101")
    (finding,) = found(text.format(5), "RF101")
    assert (finding.layer, finding.figures["field"]) == ("coarse", [7, 7])


def test_of_maps_that_see_alike_the_first_is_named() -> None:
    text = "input: 64x64x3\nobject_size: 12\noutputs: [one, other, third]\n"
    text += "layers: [conv f=3 p=1 d=8, conv f=3 p=1 d=8 as one, identity as other, identity as third]\n"
    (finding,) = found(text, "RF101")
    assert finding.layer == "one"
    # Branches side by side, as far in all: 3 + 9 and 9 + 3.
    text = "input: 64x64x3\nobject_size: 12\noutputs: [one, other]\nlayers:\n  - conv f=1 d=8 as start\n"
    text += "  - conv f=3x9 p=same d=8 as one from=start\n  - conv f=9x3 p=same d=8 as other from=start\n"
    (finding,) = found(text, "RF101")
    assert (finding.layer, finding.figures["field"]) == ("one", [3, 9])


HEADS = (
    "input: 64x64x3\noutputs: [fine, coarse]\nobject_size: {}\n"
    "layers: [conv f=3 p=1 d=8 as fine, conv f=9 p=4 d=8 as coarse]\n"
)


@pytest.mark.parametrize("sizes", ["{fine: 3, coarse: 11}", "{coarse: 11x8}", "{fine: 3}"])
def test_outputs_that_see_the_objects_of_their_own_are_left_alone(sizes: str) -> None:
    assert not found(HEADS.format(sizes), "RF101")


def test_each_output_is_judged_by_the_objects_of_its_own() -> None:
    (finding,) = found(HEADS.format("{fine: 4, coarse: 11}"), "RF101")
    assert (finding.layer, finding.figures["wanted"]) == ("fine", [4, 4])
    assert "objects have 4x4 (object_size of fine)" in finding.message
    findings = found(HEADS.format("{fine: 4, coarse: 12x8}"), "RF101")
    assert [(finding.layer, finding.figures["wanted"]) for finding in findings] == [
        ("fine", [4, 4]),
        ("coarse", [12]),
    ]


def test_an_output_without_positions_sees_by_the_map_behind_it() -> None:
    text = "input: 64x64x3\noutputs: [scores]\nobject_size: {{scores: {}}}\n"
    text += "layers: [conv f=3 p=1 d=8 as map, globalavgpool, fc d=2 as scores]\n"
    assert not found(text.format(3), "RF101")
    (finding,) = found(text.format(4), "RF101")
    assert finding.layer == "map"


def test_objects_of_an_output_that_there_is_not_are_a_mistake() -> None:
    with pytest.raises(Exception, match="no output is called 'course'") as raised:
        analyze(read_text(HEADS.format("{course: 4}")))
    assert "coarse" in str(raised.value)


# RF108


def effective_found(layers: str, size: str = "{fine: 44, coarse: 80}") -> tuple[Finding, ...]:
    text = f"input: 256x256x3\noutputs: [fine, coarse]\nobject_size: {size}\nlayers:\n{layers}"
    return found(text, "RF108")


CHAIN = (
    "  - conv f=3 s=2 p=1 d=8\n  - {repeat: 20, do: [conv f=3 p=1 d=8, relu]}\n"
    "  - conv f=3 s=2 p=1 d=8 as fine\n  - {repeat: 20, do: [conv f=3 p=1 d=8, relu]}\n"
    "  - conv f=1 d=8 as coarse\n"
)


def test_half_of_an_object_is_enough_of_an_effective_field() -> None:
    # Of the finer one: a window of 3 taps, and 21 of 3 taps that are 2 apart.
    sigma = (8 / 12 + 21 * 4 * 8 / 12) ** 0.5
    width = 2 * 1.96 * sigma
    assert not effective_found(CHAIN, f"{{fine: {int(2 * width) - 4}}}")
    (finding,) = effective_found(CHAIN, f"{{fine: {int(2 * width) + 4}}}")
    assert finding.severity == "info"
    assert finding.layer == "fine"
    assert "before training" in finding.message
    assert "(object_size of fine)" in finding.message


def test_without_objects_nothing_is_said_of_effective_fields() -> None:
    assert shipped("vgg16", "RF108") == ()
    text = f"input: 256x256x3\nlayers:\n{CHAIN}"
    assert not found(text, "RF108")


def test_a_theoretical_field_that_is_too_small_is_the_business_of_another_rule() -> None:
    text = "input: 256x256x3\nobject_size: 200\nlayers: [conv f=9 p=4 d=8]\n"
    assert not found(text, "RF108")
    assert found(text, "RF101")


def test_where_an_effective_field_is_not_known_nothing_is_said() -> None:
    unknown = CHAIN.replace("conv f=1 d=8 as coarse", "deformconv f=3 p=1 d=8 as coarse")
    assert not effective_found(unknown, "{coarse: 200}")
    assert not effective_found(unknown, "80")


def test_of_maps_that_may_see_an_object_the_one_that_sees_most_counts() -> None:
    assert not effective_found(CHAIN, "80")
    (finding,) = effective_found(CHAIN, "200")
    assert finding.layer == "coarse"


def test_objects_smaller_than_the_input_are_what_counts_for_a_classifier() -> None:
    text = "input: 64x64x3\nobject_size: 3\nlayers: [conv f=3 p=1 d=8, globalavgpool]\n"
    assert not found(text, "RF101")


def test_an_object_with_more_lengths_than_the_input_has_axes_is_a_mistake() -> None:
    with pytest.raises(Exception, match="as many lengths as the input has spatial axes, 2; 8x8x3 has 3"):
        analyze(read_text("input: 32x32x3\nobject_size: 8x8x3\nlayers: [conv f=3 d=4]\n"))


def test_the_graph_keeps_the_lengths_of_the_object() -> None:
    text = "input: {left: 32x32x3, sound: 100x1}\nobject_size: 4*2\nlayers: [conv f=3 d=4 from=left]\n"
    assert build(read_text(text).network).object_sizes == {"": (8,)}


# RF102


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("vgg16", "224x224x3"),
        # Every shortcut hands on the 11 positions of the stem, and no block of its own sees as many as 128.
        ("resnet18", "128x128x3"),
        ("resnet152", "224x224x3"),
        # The 1x1 branches add nothing: 75 positions on the path that sees least.
        ("googlenet", "224x224x3"),
        # Predictions position by position: a unit near the edge gains from every layer.
        ("context-module", "16x16x21"),
        ("unet", "572x572x1"),
    ],
)
def test_layers_that_may_still_see_something_new_are_left_alone(name: str, size: str) -> None:
    assert shipped(name, "RF102", size) == ()


def test_layers_of_one_tap_and_fully_connected_layers_are_never_blamed() -> None:
    layers = ("conv f=9 p=4 d=8", "relu", "conv f=1 d=8", "relu", "globalavgpool", "conv f=1 d=8", "fc d=10")
    assert not found_in("RF102", "8x8x3", *layers)


def test_a_vector_that_is_spread_over_positions_again_has_no_border() -> None:
    layers = ("conv f=3 p=1 d=8", "globalavgpool", "upsample size=8", "conv f=3 p=1 d=8", "globalavgpool")
    assert not found_in("RF102", "8x8x3", *layers)


def test_the_border_of_vgg16_on_small_images() -> None:
    # Fields: conv1 3, 5, pool 6, conv2 10, 14, pool 16, conv3 24, 32: conv3_3 is the first that reads 32.
    (finding,) = shipped("vgg16", "RF102", "32x32x3")
    assert finding.layer == "conv3_3"
    assert "at least 32x32 positions on every path" in finding.message
    params = 590_080 + 1_180_160 + 5 * 2_359_808
    macs = 9 * (256 * 256 * 64 + 256 * 512 * 16 + 2 * 512 * 512 * 16 + 3 * 512 * 512 * 4)
    assert finding.figures == {"layers": 7, "params": params, "macs": macs}


def test_one_position_more_moves_the_border() -> None:
    # conv3_3 reads 32 of 33 positions, conv4_1 reads the 44 of pool3.
    description = load("vgg16")
    (finding,) = run_rules(Subject(description.network, analyze(description, input="33x33x3")), ["RF102"])
    assert finding.layer == "conv4_1"


def test_on_small_images_the_second_layer_of_a_residual_block_may_have_nothing_new() -> None:
    # What enters a block has seen 11 on the path of shortcuts; its first layer adds 32 at stride 16 (also the
    # one that goes to 32), 64 at stride 32: the second reads 43, 43 and 75 of 32 positions.
    (finding,) = shipped("resnet18", "RF102", "32x32x3")
    assert finding.layer == "layer3.1.conv2"
    assert "at least 43x43 positions on every path" in finding.message
    assert "it and 2 later layers with kernels" in finding.message
    kernels = 9 * (256 * 256 + 2 * 512 * 512)
    assert (finding.figures["layers"], finding.figures["params"]) == (3, kernels)


def test_a_tail_of_one_layer_is_how_networks_end() -> None:
    # 3, 7; 11, 19; 27, 43; 59, then five of 32 each: 219, and 32 for the one with stride: what enters the
    # last depthwise layer of MobileNet has seen 251 of 224 positions.
    assert shipped("mobilenet-v1", "RF102") == ()
    # At 219 so has what enters the one before.
    (finding,) = shipped("mobilenet-v1", "RF102", "219x219x3")
    assert "at least 219x219 positions" in finding.message
    assert (finding.severity, finding.figures["layers"]) == ("info", 2)


def test_most_of_the_work_behind_the_border_may_be_meant() -> None:
    # VGG on small images is known to work: what the layers are worth is not for the arithmetic to say.
    layers = ("conv f=9 p=4 d=8", "conv f=9 p=4 d=8 as two", "conv f=9 p=4 d=8", "globalavgpool")
    (finding,) = found_in("RF102", "8x8x8", *layers)
    assert (finding.layer, finding.severity) == ("two", "info")


def test_a_layer_is_judged_along_the_axes_it_reaches_along() -> None:
    # Along the length all 4 positions are seen after the first layer, along the width 5 of 32 are.
    tall, wide = "conv f=3x1 p=1x0 d=8", "conv f=1x3 p=0x1 d=8"
    layers = ("conv f=5 p=2 d=8", f"{tall} as along", wide, tall, "globalavgpool")
    (finding,) = found_in("RF102", "4x32x3", *layers)
    assert (finding.layer, finding.figures["layers"]) == ("along", 2)
    assert "at least 5 positions along the height on every path" in finding.message


def test_no_rule_about_fields_needs_arrays_for_a_shipped_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfcalc.analysis.fields.plane", None)
    # Where kernels of 1x3 and 3x1 stand side by side, no axis shows whether there are holes between them.
    for name in set(shipped_names()) - {"inception-v3"}:
        description = load(name)
        subject = Subject(description.network, analyze_graph(build(description.network)))
        fields = (
            axis for layer in subject.analysis.layers for axes in layer.field.inputs for axis in axes or ()
        )
        # Where branches of unequal shape meet, the plane must be looked at.
        if all(axis.status != "extent" for axis in fields):
            run_rules(subject, [code for code in MODULE_OF if code.startswith("RF1")])
