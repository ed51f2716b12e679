"""Channels first, softmax over one number, idle layers, normalisation twice, rectified residuals."""

from __future__ import annotations

import pytest
from looked_at import found, found_in

from rfcalc.library import load, shipped_names

# RF207


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ("224x224x3", "conv f=7 s=2 p=3 d=64"),
        ("28x28x1", "conv f=3 d=8"),
        # Sequences, and a map of one row with as many channels as columns.
        ("3x64", "conv f=3 p=1 d=8"),
        ("1x64x64", "conv f=1x3 p=0x1 d=8"),
        ("3x64x64", "conv f=1x3 p=0x1 d=8"),
        # Fields of few rows.
        ("3x224x64", "conv f=1 d=8"),
        ("4x20x32", "conv f=3 p=1 d=8"),
        ("16x112x112x3", "conv f=3 p=1 d=8"),
        ("7x7x512", "conv f=3 p=1 d=8"),
        # No kernel says along which axes positions lie.
        ("3x64x64", "fc d=10"),
    ],
)
def test_channels_that_come_last_are_no_finding(size: str, line: str) -> None:
    assert found_in("RF207", size, line) == ()


@pytest.mark.parametrize(
    ("size", "meant"),
    [
        ("3x224x224", "224x224x3"),
        ("1x28x28", "28x28x1"),
        ("3x480x640", "480x640x3"),
        ("3x16x112x112", "16x112x112x3"),
    ],
)
def test_channels_that_come_first_are_told_with_what_is_meant(size: str, meant: str) -> None:
    (finding,) = found_in("RF207", size, "identity", "conv f=3 p=1 d=64", "relu")
    assert finding.hint == f"write {meant}: channels come last"
    assert finding.position is not None
    assert finding.position.line == 1


# RF508


@pytest.mark.parametrize(
    "lines", [["fc d=2", "softmax"], ["fc d=1", "sigmoid"], ["conv f=1 d=1", "softmax over=positions"]]
)
def test_a_softmax_over_several_numbers_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF508", "8x8x4", *lines) == ()


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (["fc d=1", "softmax"], "every output is 1"),
        (["conv f=1 d=1", "softmax"], "every output is 1"),
        (["globalavgpool", "softmax over=positions"], "every output is 1"),
        (["fc d=1", "softmaxloss"], "it is 0"),
    ],
)
def test_a_softmax_over_one_number_is_told_by_what_it_gives(lines: list[str], result: str) -> None:
    (finding,) = found_in("RF508", "8x8x4", *lines)
    assert result in finding.message


# RF908


@pytest.mark.parametrize(
    "line",
    [
        "maxpool f=1 s=2",
        "maxpool f=2 s=1 p=0:1",
        "upsample scale=2",
        "slice h=0:4",
        "slice channels=0:2",
        "slice h=::2",
        "dropout rate=0.5",
        "dropout",
        # Meant for inputs of other sizes.
        "upsample size=8",
        "adaptiveavgpool size=8",
        "crop size=8",
        # What says itself that it does nothing, and what does something.
        "identity",
        "droppath",
        "relu",
        "scale",
        "bn",
        "conv f=1 d=4",
        "pad p=1",
        "permute order=1x0x2",
        "channelshuffle groups=2",
        "softmax",
    ],
)
def test_layers_that_do_something_or_may_are_no_finding(line: str) -> None:
    assert found_in("RF908", "8x8x4", line) == ()


def test_a_number_that_a_parameter_has_is_no_finding() -> None:
    text = "input: 8x8x4\nblocks:\n  down(s): [maxpool f=s s=s, dropout rate=s-1]\nlayers: [down s=1]\n"
    assert found(text, "RF908") == ()
    # A line that does nothing in one of its layers alone.
    text = "input: 8x8x4\nlayers:\n  - {repeat: 2, do: [slice h=0:4 w=0:4]}\n"
    assert found(text, "RF908") == ()


@pytest.mark.parametrize(
    "line",
    [
        "maxpool f=1 s=1",
        "avgpool f=1",
        "upsample scale=1",
        "upsample scale=1 mode=bilinear",
        "slice h=0:8",
        "slice h=0:8 w=0:8",
        "pad p=0",
        "crop p=0",
        "dropout rate=0",
        "droppath rate=0",
    ],
)
def test_layers_whose_numbers_make_an_identity_of_them_are_told(line: str) -> None:
    (finding,) = found_in("RF908", "8x8x4", line)
    assert "its numbers make an identity of it" in finding.message
    assert finding.severity == "warning"


def test_dropout_of_everything_is_told() -> None:
    (finding,) = found_in("RF908", "8x8x4", "dropout rate=1")
    assert "drops everything" in finding.message


# RF507


@pytest.mark.parametrize(
    "lines",
    [
        ["bn", "relu", "bn"],
        ["bn", "conv f=1 d=4", "bn"],
        ["bn", "ln"],
        # The shortcut carries what the first gives (Swin, CLIP).
        ["ln", "add: [[ln, conv f=1 d=4], []]"],
        ["add: [[bn], [bn]]", "bn"],
    ],
)
def test_a_normalisation_with_something_between_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF507", "8x8x4", *lines) == ()


@pytest.mark.parametrize("lines", [["bn", "bn"], ["ln", "dropout rate=0.1", "ln"], ["in", "identity", "in"]])
def test_a_normalisation_of_what_is_normalised_is_told(lines: list[str]) -> None:
    (finding,) = found_in("RF507", "8x8x4", *lines)
    assert finding.position is not None
    assert finding.position.line == 2 + len(lines)


# RF509


@pytest.mark.parametrize(
    "lines",
    [
        ["add: [[conv f=3 p=1 d=4, bn], []]", "relu"],
        ["add: [[relu, conv f=3 p=1 d=4], []]"],
        # A decoder that is added to what the encoder has seen (LinkNet).
        ["add: [[conv f=3 s=2 p=1 d=4, relu, deconv f=2 s=2 d=4, relu], []]"],
        # Branches side by side, gates, and what may fall below 0.
        ["add: [[conv f=3 p=1 d=4, relu], [conv f=1 d=4, relu]]"],
        ["concat: [[conv f=3 p=1 d=4, relu], []]"],
        ["sub: [[conv f=3 p=1 d=4, relu], []]"],
        ["mul: [[conv f=1 d=4, sigmoid], []]"],
        ["add: [[conv f=3 p=1 d=4, leakyrelu], []]"],
        ["add: [[conv f=3 p=1 d=4, silu], []]"],
        ["add: [[relu], []]"],
    ],
)
def test_a_branch_that_may_go_either_way_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF509", "8x8x4", *lines) == ()


@pytest.mark.parametrize(
    "branches",
    [
        "[conv f=3 p=1 d=4, relu], []",
        "[], [conv f=3 p=1 d=4, relu, conv f=3 p=1 d=4, relu, dropout rate=0.2]",
        "[conv f=3 p=1 d=4, relu6], [identity]",
    ],
)
def test_a_branch_that_ends_with_a_rectifier_can_only_add(branches: str) -> None:
    (finding,) = found_in("RF509", "8x8x4", f"add: [{branches}]")
    assert "the sum can only grow" in finding.message
    assert (finding.severity, finding.hint) == ("info", "put the activation behind the addition")


def test_where_an_activation_follows_the_addition_the_one_before_it_goes() -> None:
    (finding,) = found_in("RF509", "8x8x4", "add: [[conv f=3 p=1 d=4, relu], []]", "relu")
    assert finding.hint == "leave relu1 out: relu2 stands behind the addition"


@pytest.mark.parametrize("name", shipped_names())
@pytest.mark.slow
def test_shipped_networks_have_none_of_these(name: str) -> None:
    text = load(name).source.text
    for code in ("RF207", "RF507", "RF508", "RF908"):
        assert found(text, code) == ()
