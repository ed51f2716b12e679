"""Whole networks against the same models in PyTorch, module by module: sizes, parameters, work."""

from __future__ import annotations

from functools import cache

import measured
import pytest
from leaves import Pair, pair_up, same_sizes

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load

# torchvision's name to ours; its AlexNet is the variant of 2014, which is not shipped.
DESCRIPTIONS = {
    "alexnet": str(measured.TRUTH / "alexnet-2014.yaml"),
    "deeplabv3_resnet50": "deeplabv3-resnet50",
    "densenet121": "densenet121",
    "efficientnet_b0": "efficientnet-b0",
    "fcn_resnet50": "fcn-resnet50",
    "googlenet": "googlenet-bn",
    "mobilenet_v2": "mobilenet-v2",
    "mobilenet_v3_small": "mobilenet-v3-small",
    "r3d_18": "r3d-18",
    "regnet_y_400mf": "regnet-y-400mf",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "resnet50_stride_in_1x1": "resnet50-v1",
    "resnext50_32x4d": "resnext50-32x4d",
    "shufflenet_v2_x1_0": "shufflenet-v2-x1.0",
    "squeezenet1_1": "squeezenet1.1",
    "vgg11": "vgg11",
    "vgg16": "vgg16",
    "vgg16_bn": "vgg16-bn",
}


@cache
def network(name: str) -> NetworkAnalysis:
    return analyze(load(DESCRIPTIONS[name]))


@cache
def pairs(name: str) -> list[Pair]:
    return pair_up(measured.model(name).leaves, network(name).layers)


def test_every_measured_model_has_a_description() -> None:
    assert sorted(DESCRIPTIONS) == measured.names("models")


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_every_module_has_its_layer_with_the_same_output_size(name: str) -> None:
    differing = [
        f"{leaf.name} {leaf.output}, {layer.name} {layer.output}"
        for leaf, layer, _ in pairs(name)
        if not same_sizes(leaf, layer)
    ]
    assert not differing


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_every_module_has_the_parameters_of_its_layer(name: str) -> None:
    differing = [
        f"{leaf.name} {leaf.params}, {layer.name} {layer.params}"
        for leaf, layer, _ in pairs(name)
        if leaf.params != layer.params
    ]
    assert not differing


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_every_module_has_the_multiply_accumulates_of_its_layer(name: str) -> None:
    differing = [
        f"{leaf.name} {leaf.macs}, {layer.name} {layer.macs}"
        for leaf, layer, _ in pairs(name)
        if leaf.macs != layer.macs
    ]
    assert not differing


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_totals_are_those_of_the_model(name: str) -> None:
    model, totals = measured.model(name), network(name).totals
    assert (totals.params, totals.macs) == (model.params, model.macs)
    assert not totals.unknown


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_activations_of_the_paired_layers_add_up_to_those_of_the_modules(name: str) -> None:
    model = measured.model(name)
    paired = {id(pair.leaf) for pair in pairs(name)}
    # The pooling of VGG that changes nothing is called and has no layer.
    idle = sum(_elements(leaf) for leaf in model.leaves if id(leaf) not in paired)
    ours = sum(pair.layer.activations or 0 for pair in pairs(name))
    assert ours + idle == model.activations


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_described_model_has_no_module_without_a_layer_but_idle_poolings(name: str) -> None:
    unpaired = len(measured.model(name).leaves) - len(pairs(name))
    assert unpaired == (1 if name.startswith("vgg") else 0) + (name == "alexnet")


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnext50_32x4d"])
def test_residual_networks_name_their_convolutions_as_torchvision_does(name: str) -> None:
    for leaf, layer, _ in pairs(name):
        if "conv" in leaf.name or (leaf.name.startswith("layer") and ".bn" in leaf.name):
            assert layer.name == leaf.name


def _elements(leaf: measured.Leaf) -> int:
    total = 1
    for size in leaf.output:
        total *= size
    return total
