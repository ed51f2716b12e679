"""Calls of other frameworks: what is proposed for them can be built."""

from __future__ import annotations

import re

import pytest

from rfcalc.description import build_graph
from rfcalc.library import read_expression
from rfcalc.ops.foreign import FOREIGN_CALLS
from rfcalc.ops.registry import find_operator
from rfcalc.spec.foreign_calls import as_lines


@pytest.mark.parametrize(
    "line",
    [
        "conv f=3 d=4",
        "add from=a+b",
        "relu",
        "conv f=(2 * 3) d=4",
        "head(d)",
        "stuff(3, 4)",
        "((((",
        "a = (",
        "()",
    ],
)
def test_what_is_no_call_of_a_framework_is_left_alone(line: str) -> None:
    assert as_lines(line) == ""


# The lines are those that the frameworks' documentation of the arguments makes of the calls.
@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ("Conv2d(3, 64, kernel_size=3)", ["conv f=3 d=64"]),
        ("nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2), dilation=(3, 1))", None),
        ("nn.Conv2d(8, 8, 3, 1, 1, 1, 8, False)", ["conv f=3 s=1 p=1 d=8 r=1 g=8 bias=no"]),
        ("layers.Conv2D(64, 3, activation='relu')", ["conv f=3 d=64", "relu"]),
        ("layers.Conv2D(64, 3, activation=None)", ["conv f=3 d=64"]),
        ("nn.ConvTranspose2d(8, 4, 2, stride=2)", ["deconv f=2 s=2 d=4"]),
        ("nn.MaxPool2d(3, 2, 1)", ["maxpool f=3 s=2 p=1"]),
        ("MaxPooling2D(pool_size=(2, 2), strides=2)", ["maxpool f=2 s=2"]),
        ("nn.BatchNorm2d(8, eps=1e-5, momentum=0.1)", ["bn"]),
        ("nn.GroupNorm(4, 8)", ["gn g=4"]),
        ("nn.LocalResponseNorm(5, alpha=1e-4)", ["lrn n=5 alpha=1e-4"]),
        ("nn.Dropout(0.5, inplace=True)", ["dropout rate=0.5"]),
        ("nn.LeakyReLU(0.2)", ["leakyrelu slope=0.2"]),
        ("nn.Upsample(scale_factor=2, mode='nearest')", ["upsample scale=2 mode=nearest"]),
        ("nn.PixelShuffle(2)", ["pixelshuffle factor=2"]),
        ("nn.AdaptiveAvgPool2d((1, 1))", ["adaptiveavgpool size=1"]),
        ("x = F.max_pool2d(x, 2)", ["maxpool f=2"]),
        ("x = Dense(10, activation='softmax')(x)", ["fc d=10", "softmax"]),
        ("self.fc = nn.Linear(512 * 7 * 7, 10)", ["fc d=10"]),
    ],
)
def test_the_proposed_lines_can_be_built(call: str, lines: list[str] | None) -> None:
    proposed = re.findall("`([^`]+)`", as_lines(call))
    assert lines is None or proposed == lines
    build_graph(read_expression("; ".join(proposed)), input="32x32x8")


@pytest.mark.parametrize("name", FOREIGN_CALLS)
def test_every_argument_leads_to_an_attribute_or_to_nothing(name: str) -> None:
    call = FOREIGN_CALLS[name]
    attributes = find_operator(call.operator).attributes
    for theirs, ours in call.arguments:
        assert not ours or ours in attributes or theirs == "activation", (name, theirs, ours)


def test_what_has_no_counterpart_is_said() -> None:
    assert as_lines("nn.Conv2d(3, 64, 3, foo=bar(1, 2))") == (
        "write `conv f=3 d=64`; foo=bar(1, 2) has no counterpart"
    )
