"""The shipped descriptions as a collection: complete, sourced, readable, and true to what they promise."""

from __future__ import annotations

import re
from functools import cache

import pytest

from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.library import analyze, load, shipped_names, shipped_text
from rfcalc.lint.rule import Subject
from rfcalc.symbolic.polynomial import format_number

# The networks of the textbook's chapter, and those beside it.
CHAPTER = """
alexnet alexnet-2tower zfnet vgg11 vgg13 vgg16 vgg19 vgg16-bn nin nin-cifar10 plain34 resnet18 resnet34
resnet50 resnet101 resnet152 resnet50-v1 resnet101-v1 resnet152-v1 resnet34-a plain20 plain56 resnet20
resnet32 resnet44 resnet56 resnet110 highway19 googlenet googlenet-bn conv7x7 conv3x3-stack basic-block
bottleneck-block context-module deformable
"""
BESIDE = """
lenet5 densenet121 mobilenet-v1 mobilenet-v2 squeezenet1.1 efficientnet-b0 convnext-tiny unet fcn-resnet50
deeplabv3-resnet50 wavenet r3d-18 mobilenet-v3-small regnet-y-400mf resnext50-32x4d shufflenet-v2-x1.0
hrnet-w18 vit-b16 patchgan resnet18-cifar densenet201 dcgan darknet53 yolov3 inception-v3 mixer-b16
wide-resnet-28-10 unet-3d mixnet-s dpn68 dla34 swin-t bert-base resnest50 convnext-v2-atto siamese
resnet18-blur crnn resnet50-cbam resnet50-eca non-local-block bifpn-d0 pyramidnet110
"""
NAMES = shipped_names()
WITH_CLASSES = [name for name in NAMES if "classes" in load(name).params_names()]


@cache
def network(name: str) -> NetworkAnalysis:
    return analyze(load(name))


def test_every_network_of_the_chapter_and_beside_it_is_shipped() -> None:
    assert sorted(NAMES) == sorted((CHAPTER + BESIDE).split())


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_description_has_a_name_and_a_source(name: str) -> None:
    graph = network(name).graph
    assert graph.name
    assert re.search(r"\b(19|20)\d\d\b|解析", graph.source)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_description_is_short_enough_to_read(name: str) -> None:
    lines = shipped_text(name).splitlines()
    assert len(lines) <= 72
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_a_shipped_network_is_known(name: str) -> None:
    assert network(name).totals.unknown == ()


@pytest.mark.parametrize("name", NAMES)
def test_no_layer_of_a_shipped_network_stands_in_an_unnamed_repeat(name: str) -> None:
    assert not [layer.name for layer in network(name).layers if re.search(r"(repeat|each)\d+\.", layer.name)]


@pytest.mark.parametrize("name", WITH_CLASSES)
def test_the_number_of_classes_can_be_a_symbol(name: str) -> None:
    symbolic = analyze(load(name), params={"classes": "C"})
    # YOLO has 3 anchors, each with a box and an objectness beside the classes.
    expected = "3C + 15" if name == "yolov3" else "C"
    assert format_number(symbolic.outputs[0].channels) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_network_keeps_the_checks_it_states(name: str) -> None:
    description = load(name)
    verdicts = Subject(description.network, network(name)).verdicts
    assert len(verdicts) == len(description.network.checks)
    for judged in verdicts:
        assert (judged.verdict.holds, judged.verdict.problems) == (True, ()), judged.line.text


@pytest.mark.parametrize(
    ("name", "blocks"), [("resnet20", 3), ("resnet32", 5), ("resnet44", 7), ("resnet110", 18)]
)
def test_the_cifar_networks_differ_by_one_parameter(name: str, blocks: int) -> None:
    assert analyze(load("resnet56"), params={"n": blocks}).totals == network(name).totals


def test_a_plain_network_is_the_residual_one_without_shortcuts() -> None:
    for plain, residual in (("plain20", "resnet20"), ("plain56", "resnet56"), ("plain34", "resnet34-a")):
        assert network(plain).totals.params == network(residual).totals.params
        assert network(plain).totals.macs == network(residual).totals.macs
        assert not [layer for layer in network(plain).layers if layer.op == "add"]


def test_the_towers_of_alexnet_halve_the_work_of_three_convolutions() -> None:
    one, two = (
        [layer.macs for layer in network(name).layers if layer.op == "conv"]
        for name in ("alexnet", "alexnet-2tower")
    )
    assert one == [(macs or 0) * factor for macs, factor in zip(two, (1, 2, 1, 2, 2), strict=True)]
