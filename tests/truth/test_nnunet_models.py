"""Networks of nnU-Net's plans against what was measured of the same networks in PyTorch.

The plans are of our own making; each has beside it the parameters, multiply-adds, sizes, convolutions in
the order of their calls and fields that were measured of the network that nnU-Net 2.8.1 makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from intervals import axes_of, interval
from measured import DATA

from rfcalc import AnalysedNetwork, analyze, load
from rfcalc.analysis.network import LayerAnalysis
from rfcalc.conversion import converted
from rfcalc.library import read_text

PLANS = DATA / "nnunet"
NAMES = sorted(path.name.partition(".")[0] for path in PLANS.glob("*.truth.json"))


def truth_of(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((PLANS / f"{name}.truth.json").read_text("utf-8"))["configurations"]
    return found


CONFIGURATIONS = [(name, configuration) for name in NAMES for configuration in truth_of(name)]


def network(name: str, configuration: str, **params: str) -> AnalysedNetwork:
    return analyze(load(f"{PLANS / name}.plans.json:{configuration}", params=params))


def lengths(value: object, axes: int) -> tuple[int, ...]:
    found = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    assert len(found) == axes and all(isinstance(one, int) for one in found)
    return found


def convolution(layer: LayerAnalysis) -> list[Any]:
    """A layer as the measurements have it, with a length for each axis."""
    arguments = layer.node.arguments
    axes = len(layer.inputs[0].axes)
    kernel, stride, dilation = [lengths(arguments[name], axes) for name in ("kernel", "stride", "dilation")]
    padding = tuple(before for before, after in arguments["padding"] if before == after)
    assert layer.output is not None
    kind = "c" if layer.op == "conv" else "t"
    sizes = (layer.inputs[0].channels, layer.output.channels, kernel, stride, padding)
    return [
        layer.name,
        kind,
        *sizes,
        arguments["groups"],
        dilation,
        int(arguments["bias"]),
        layer.output.axes,
    ]


@pytest.mark.parametrize(("name", "configuration"), CONFIGURATIONS)
def test_counts_are_those_that_were_measured(name: str, configuration: str) -> None:
    truth = truth_of(name)[configuration]
    found = network(name, configuration)
    assert str(found.inputs[0]) == "x".join(map(str, [*truth["patch_size"], truth["input_channels"]]))
    assert found.totals.params == truth["params"]
    assert found.totals.macs == truth["deep_supervision_false"]["macs"]
    assert [shape.sizes() for shape in found.outputs] == [
        of_example(truth["deep_supervision_false"]["output"])
    ]
    idle = sum(layer.params or 0 for layer in found.layers if layer.op == "learned")
    assert found.totals.params - idle == truth["params_trained_without_deep_supervision"]
    trained = network(name, configuration, deep_supervision="yes")
    assert trained.totals.params == truth["params"]
    assert trained.totals.macs == truth["deep_supervision_true"]["macs"]
    outputs = [of_example(one) for one in truth["deep_supervision_true"]["outputs"]]
    assert [shape.sizes() for shape in trained.outputs] == outputs


def of_example(shape: list[int]) -> tuple[int, ...]:
    _, channels, *axes = shape
    return (*axes, channels)


@pytest.mark.parametrize(("name", "configuration"), CONFIGURATIONS)
def test_convolutions_are_those_that_were_measured_in_their_order(name: str, configuration: str) -> None:
    truth = truth_of(name)[configuration]
    found = [layer for layer in network(name, configuration).layers if layer.op in ("conv", "deconv")]
    if "leaves" not in truth:
        # Of the older form, which makes the same network.
        truth = truth_of(name.removesuffix("_flat"))[configuration]
    axes = len(truth["patch_size"])
    expected = [
        [*leaf[:4], *[lengths(one, axes) for one in leaf[4:7]], leaf[7], lengths(leaf[8], axes), leaf[9]]
        for leaf in truth["leaves"]
    ]
    assert [convolution(layer)[:10] for layer in found] == expected
    assert [list(convolution(layer)[10]) for layer in found] == [leaf[10] for leaf in truth["leaves"]]


@pytest.mark.parametrize(("name", "configuration"), CONFIGURATIONS)
def test_stages_have_the_sizes_that_were_measured(name: str, configuration: str) -> None:
    layers = network(name, configuration).layers
    for path, shape in truth_of(name)[configuration].get("stage_output_shapes", {}).items():
        assert last_of(layers, path).output.sizes() == (*shape[1:], shape[0]), path


def last_of(layers: tuple[LayerAnalysis, ...], path: str) -> Any:
    return [layer for layer in layers if layer.name == path or layer.name.startswith(f"{path}.")][-1]


WITH_FIELDS = [
    (name, configuration)
    for name, configuration in CONFIGURATIONS
    if "receptive_field" in truth_of(name)[configuration]
]


@pytest.mark.parametrize(("name", "configuration"), WITH_FIELDS)
def test_fields_are_those_that_a_gradient_reaches(name: str, configuration: str) -> None:
    layers = network(name, configuration).layers
    compared = 0
    for axis in truth_of(name)[configuration]["receptive_field"]["axes"].values():
        for path, unit in axis["modules"].items():
            field = axes_of(last_of(layers, path))[axis["axis"]]
            position, first, last, size, clipped = unit["centre"]
            assert not clipped
            assert interval(field, position) == (first, last), path
            assert field.sizes[position % field.phases] == size
            sizes = [one for one in field.sizes if one is not None]
            assert min(sizes) <= unit["min"] <= unit["max"] <= max(sizes)
            if unit["phases"] == field.phases or unit["phases"] > 4:
                assert (min(sizes), max(sizes)) == (unit["min"], unit["max"]), path
            compared += 1
    assert compared >= 20


@pytest.mark.parametrize("form", ["flat", "new"])
def test_a_residual_encoder_has_the_counts_that_were_measured(tmp_path: Path, form: str) -> None:
    path = tmp_path / "nnUNetPlans.json"
    path.write_text(json.dumps(residual(form)))
    found = analyze(load(path, params={"classes": "14"}))
    assert found.totals.params == 102_359_430
    assert found.totals.macs == 1_402_750_976_000
    trained = analyze(load(path, params={"classes": "14", "deep_supervision": "yes"}))
    assert (trained.totals.params, trained.totals.macs) == (102_359_430, 1_403_357_568_000)
    convolutions = [layer.name for layer in found.layers if layer.op == "conv"]
    assert convolutions[:5] == [
        "encoder.stem.convs.0.conv",
        "encoder.stages.0.blocks.0.conv1.conv",
        "encoder.stages.0.blocks.0.conv2.conv",
        "encoder.stages.1.blocks.0.skip.1.conv",
        "encoder.stages.1.blocks.0.conv1.conv",
    ]
    bottom, output = (axes_of(last_of(found.layers, name))[0] for name in ("encoder", "decoder.seg_layers.4"))
    assert (set(bottom.sizes), bottom.stride) == ({1377}, 32)
    sizes = {size for size in output.sizes if size is not None}
    assert (min(sizes), max(sizes)) == (1409, 1441)


def residual(form: str) -> dict[str, object]:
    """Plans of the large preset with residual encoder, at a patch of 160."""
    features, blocks, decoder = [32, 64, 128, 256, 320, 320], [1, 3, 4, 6, 6, 6], [1] * 5
    strides = [[1] * 3, *[[2] * 3] * 5]
    if form == "flat":
        network: dict[str, object] = {
            "UNet_class_name": "ResidualEncoderUNet",
            "UNet_base_num_features": 32,
            "unet_max_num_features": 320,
            "n_conv_per_stage_encoder": blocks,
            "n_conv_per_stage_decoder": decoder,
            "num_pool_per_axis": [5, 5, 5],
            "pool_op_kernel_sizes": strides,
            "conv_kernel_sizes": [[3] * 3] * 6,
        }
    else:
        arguments = {
            "n_stages": 6,
            "features_per_stage": features,
            "conv_op": "torch.nn.modules.conv.Conv3d",
            "kernel_sizes": 3,
            "strides": strides,
            "n_blocks_per_stage": blocks,
            "n_conv_per_stage_decoder": 1,
            "conv_bias": True,
            "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
            "norm_op_kwargs": {"eps": 1e-05, "affine": True},
            "dropout_op": None,
            "dropout_op_kwargs": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        }
        network = {
            "architecture": {
                "network_class_name": "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet",
                "arch_kwargs": arguments,
                "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
            }
        }
    configuration = {"patch_size": [160] * 3, "normalization_schemes": ["CTNormalization"], **network}
    return {
        "dataset_name": "Dataset904",
        "plans_name": "nnUNetResEncUNetLPlans",
        "configurations": {"3d_fullres": configuration},
    }


@pytest.mark.parametrize(("name", "configuration"), CONFIGURATIONS)
def test_what_is_converted_folds_into_blocks_and_has_the_same_counts(name: str, configuration: str) -> None:
    description = load(f"{PLANS / name}.plans.json:{configuration}")
    conversion = converted(description)
    assert conversion.folded
    again, found = analyze(read_text(conversion.text)), analyze(description)
    assert (again.totals.params, again.totals.macs) == (found.totals.params, found.totals.macs)
    assert len(conversion.text.splitlines()) < len(found.layers) * 2 // 3
