"""Normalisations that take the mean of one number."""

from __future__ import annotations

import pytest
from effort import lines_run
from looked_at import found, found_in

from rfcalc.library import analyze, load, read_text
from rfcalc.lint.checking import run_rules
from rfcalc.lint.rule import Subject


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ("8x8x16", ["in"]),
        ("1x2x16", ["in"]),
        # Eight channels a group, or all 16.
        ("1x1x16", ["gn g=2"]),
        ("1x1x16", ["gn g=1"]),
        ("8x8x16", ["gn g=16"]),
        ("1x1x16", ["ln"]),
        ("16", ["ln"]),
        ("1x1x16", ["lrn"]),
        # No mean is taken of it.
        ("8x8x1", ["lrn"]),
        ("1x1x16", ["scale"]),
        ("8x8x16", ["bn"]),
        # Statistics over the batch are what a fully connected layer is normalised by.
        ("16", ["fc d=32", "bn"]),
        ("8x8x16", ["fc d=32", "bn", "relu"]),
        ("8x8x16", ["fc d=32", "dropout rate=0.5", "relu", "bn"]),
    ],
)
def test_a_mean_over_several_numbers_is_no_finding(size: str, lines: list[str]) -> None:
    assert found_in("RF206", size, *lines) == ()


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ("1x1x16", "in"),
        ("16", "in"),
        ("1x1x1x16", "in"),
        ("1x1x16", "gn g=16 affine=no"),
        ("16", "gn g=16 affine=no"),
        ("1x1x1", "gn g=1 affine=no"),
        ("8x8x1", "ln affine=no"),
    ],
)
def test_a_mean_over_one_number_leaves_nothing(size: str, line: str) -> None:
    (finding,) = found_in("RF206", size, line)
    assert finding.severity == "error"
    assert finding.message.endswith("every output is 0")


def test_what_is_learned_is_all_that_is_left() -> None:
    (finding,) = found_in("RF206", "1x1x16", "in affine=yes")
    assert finding.message.endswith("every output is the learned offset, whatever the input")


def test_batch_normalisation_of_one_position_is_a_remark() -> None:
    (finding,) = found_in("RF206", "8x8x16", "globalavgpool", "conv f=1 d=8", "bn", "relu")
    assert finding.severity == "info"
    assert finding.layer == "bn1"


def test_strides_that_leave_one_position_are_mended_at_the_first_layers() -> None:
    description = load("resnet18")
    subject = Subject(description.network, analyze(description, input="32x32x3"))
    findings = run_rules(subject, ["RF206"])
    assert {finding.severity for finding in findings} == {"info"}
    assert {finding.hint for finding in findings} == {
        "the input is small for so many strides: take a kernel of 3x3 at stride 1 in conv1 and leave "
        "maxpool1 out"
    }


def test_where_pooling_leaves_one_position_the_first_layers_are_right() -> None:
    layers = ("conv f=3 s=2 p=1 d=8", "globalavgpool", "conv f=1 d=8", "bn")
    (finding,) = found_in("RF206", "32x32x3", *layers)
    assert finding.hint.startswith("train with more than one example")


def test_a_layer_normalisation_over_positions_takes_its_mean_of_these() -> None:
    # SincNet normalises a waveform of one channel.
    assert found_in("RF206", "3200x1", "ln over=all") == ()
    assert found_in("RF206", "3200x1", "ln over=positions") == ()
    assert len(found_in("RF206", "1x8", "ln over=positions affine=no")) == 1


def test_layers_of_one_tap_in_a_row_are_fully_connected_ones() -> None:
    # The transforms of PointNet behind their global maximum.
    lines = ("conv f=1 d=8", "bn", "relu", "conv f=1 d=4", "bn", "relu")
    assert found_in("RF206", "64x16", "globalmaxpool", *lines) == ()


def test_a_symbolic_map_may_have_more() -> None:
    assert found("symbols: [H]\ninput: HxHx16\nlayers:\n  - in\n", "RF206") == ()


def test_the_work_grows_with_the_number_of_layers_alone() -> None:
    def work(layers: int) -> int:
        text = "input: 1x1x8\nlayers:\n"
        text += f"  - {{repeat: {layers}, do: [relu]}}\n  - identity as last\n"
        text += f"  - {{repeat: {layers}, do: [bn from=last]}}\n"
        description = read_text(text)
        subject = Subject(description.network, analyze(description))
        findings, lines = lines_run(lambda: run_rules(subject, ["RF206"]))
        assert len(findings) == 1
        return lines

    assert work(400) < 2.3 * work(200)
