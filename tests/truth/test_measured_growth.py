"""How fields grow, against gradients and modules of the same models in PyTorch, and counts by hand."""

from __future__ import annotations

from functools import cache

import measured
import pytest
from test_model_fields import units
from test_models import DESCRIPTIONS, network, pairs

import rfcalc
from rfcalc.report.growth.points import Growth, Reached, growth_of


@cache
def growth(name: str) -> Growth:
    return growth_of(network(name))


def reached(name: str, field: str, size: int | None = None, axis: int = 0) -> Reached:
    """Where a field of a shipped network reaches the input, at its own size or at another."""
    given = None if size is None else (size, size, 3)
    found = growth_of(rfcalc.analyze(name, input=given)).inputs[0].reached
    return next(each for each in found if (each.field, each.axis) == (field, axis))


def layer_of(name: str, field: str, size: int | None = None) -> str | None:
    at = reached(name, field, size).at
    return at and rfcalc.analyze(name).graph.nodes[at.node].name


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_what_is_spent_so_far_is_the_sum_over_the_modules_called_so_far(name: str) -> None:
    points = {point.node: point for point in growth(name).inputs[0].points}
    macs = params = 0
    for leaf, layer, _ in pairs(name):
        macs, params = macs + leaf.macs, params + leaf.params
        spent = points[layer.place].spent
        assert (spent.macs.known, spent.params.known) == (macs, params), leaf.name
    model = measured.model(name)
    assert [total.known for total in growth(name).whole] == [model.macs, model.params]


@pytest.mark.parametrize("name", measured.names("rf"))
def test_a_measured_field_is_as_large_as_the_input_from_the_layer_on_that_is_said(name: str) -> None:
    along = growth(name).inputs[0]
    points = {point.node: point for point in along.points}
    assert {run.input for run in measured.runs(name) if run.kind == "natural"} <= {along.size.axes}
    compared = 0
    for run in measured.runs(name):
        if not run.kind.startswith("unclipped") or run.variant == "with_gate":
            continue
        for unit, layer in units(name, run):
            point = points[layer.place]
            for axis in run.clear_axes:
                assert unit.box is not None
                low, high = unit.box[axis]
                length, span = along.size.axes[axis], point.span("theoretical", axis)
                # At the other size the units may have another phase.
                if low == 0 or high == run.input[axis] - 1 or span is None or span[0] < span[1]:
                    continue
                compared += 1
                assert isinstance(length, int)
                assert (high - low + 1 >= length) == (span[0] >= length), unit.module
                at = next(e.at for e in along.reached if (e.field, e.axis) == ("theoretical", axis))
                if high - low + 1 >= length:
                    assert at is not None and at.node <= point.node, unit.module
    assert compared >= 10


def test_no_convolution_of_vgg16_sees_all_of_its_input() -> None:
    assert reached("vgg16", "theoretical").at is None
    assert reached("vgg16", "theoretical").largest == 212


def test_the_first_layer_of_vgg16_that_sees_all_reads_the_whole_map() -> None:
    whole = growth("vgg16").inputs[0].reached[-1]
    assert whole.field == "whole" and whole.at is not None
    assert growth("vgg16").node(whole.at).name == "fc6"
    # 4096 x 4096 + 4096 and 4096 x 1000 + 1000.
    assert (whole.layers, whole.spent.params.known) == (2, 16_781_312 + 4_097_000)


def test_vgg16_on_images_of_64_pixels_is_counted_by_hand() -> None:
    # Fields: conv1 3 5, pool 6, conv2 10 14, pool 16, conv3 24 32 40, pool 44, conv4 60 76 92.
    assert layer_of("vgg16", "theoretical", 64) == "conv4_2"
    found = reached("vgg16", "theoretical", 64)
    # conv4_3 on 8x8 units and three convolutions on 4x4, each 3x3x512x512 with a bias.
    weights = 3 * 3 * 512 * 512
    assert found.layers == 4
    assert found.spent.params.known == 4 * (weights + 512)
    assert found.spent.macs.known == (64 + 3 * 16) * weights
    # conv4_2 itself reads what sees 60 pixels.
    assert reached("vgg16", "smallest", 64)._replace(field="theoretical") == found


def test_a_field_exactly_as_large_as_the_input_has_reached_it() -> None:
    assert layer_of("vgg16", "theoretical", 76) == "conv4_2"
    assert layer_of("vgg16", "theoretical", 77) == "conv4_3"


def test_shortcuts_keep_the_smallest_field_of_a_residual_network_small() -> None:
    # 7, 11 behind the pooling; the stages add 8 (4 a block), 16, ... : 35, 91, 267; layer3.4 is 203 + 32.
    assert layer_of("resnet50", "theoretical") == "layer3.4.conv2"
    assert layer_of("resnet50", "smallest") is None
    # Projections of 1x1 stand on every short path: 11 pixels, and 64 more within a block of stride 32.
    assert reached("resnet50", "smallest").largest == 11 + 2 * 32


def test_what_lies_behind_in_a_residual_network_is_counted_by_hand() -> None:
    # The weights of a bottleneck with 256 and of one with 512 inner channels, each with its bn.
    inner = 256 * 1024 + 2 * 256, 3 * 3 * 256 * 256 + 2 * 256, 256 * 1024 + 2 * 1024
    projected = 1024 * 512 + 2 * 512, 9 * 512 * 512 + 2 * 512, 512 * 2048 + 2 * 2048, 1024 * 2048 + 2 * 2048
    plain = 2048 * 512 + 2 * 512, 9 * 512 * 512 + 2 * 512, 512 * 2048 + 2 * 2048
    found = reached("resnet50", "theoretical")
    # Behind layer3.4.conv2: its conv3 and bn2, layer3.5, layer4; the fully connected layer is the head.
    assert found.spent.params.known == 2 * 256 + inner[2] + sum(inner) + sum(projected) + 2 * sum(plain)
    assert found.layers == 1 + 3 + 4 + 3 + 3


def test_depth_is_that_of_the_papers() -> None:
    depths = {name: growth_of(rfcalc.analyze(name)).inputs[0].depth for name in ("vgg16", "resnet50")}
    depths |= {name: growth_of(rfcalc.analyze(name)).inputs[0].depth for name in ("densenet121", "googlenet")}
    assert depths == {"vgg16": 16, "resnet50": 50, "densenet121": 121, "googlenet": 22}
