"""What holds for every comparison: amounts add up to the differences exactly, and no layer is lost."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from networks import Pair, hold, pairs, shipped

from rfcalc.analysis.comparison.comparison import compare

SHIPPED = (
    ("resnet50", "resnet50-v1"),
    ("vgg19", "resnet34"),
    ("googlenet-bn", "googlenet"),
    ("unet", "fcn-resnet50"),
    ("densenet121", "mobilenet-v2"),
    ("efficientnet-b0", "convnext-tiny"),
    ("wavenet", "lenet5"),
    ("r3d-18", "resnet18"),
    ("highway19", "plain20"),
    ("conv7x7", "context-module"),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(pairs())
def test_the_amounts_of_edits_add_up_to_the_difference_of_the_networks(pair: Pair) -> None:
    left, right = pair.networks()
    hold(compare(left, right))
    hold(compare(right, left))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(pairs())
def test_a_network_does_not_differ_from_itself(pair: Pair) -> None:
    for network in pair.networks():
        comparison = compare(network, network)
        assert comparison.equal
        assert all(edit.kind == "kept" and not edit.resized for edit in comparison.edits)


def test_they_add_up_for_shipped_networks_that_have_little_in_common() -> None:
    for left, right in SHIPPED:
        hold(compare(shipped(left), shipped(right)))


def test_they_add_up_for_polynomials() -> None:
    hold(compare(shipped("vgg16", classes="K"), shipped("resnet50", classes="K")))
    hold(compare(shipped("basic-block", C="C"), shipped("bottleneck-block", C="C")))
