"""The rules about training, RF5: what each must leave alone, and what it tells."""

from __future__ import annotations

import pytest
from effort import lines_run
from looked_at import found, found_in, subject_of

from rfcalc.lint.checking import run_rules


@pytest.mark.parametrize(
    "lines",
    [
        ["conv f=3 p=1 d=8 bias=no", "bn"],
        ["conv f=3 p=1 d=8", "gn g=2"],
        ["conv f=3 p=1 d=8", "ln"],
        ["conv f=3 p=1 d=8", "lrn"],
        ["conv f=3 p=1 d=8", "relu", "bn"],
        ["conv f=3 p=1 d=8", "scale bias=yes"],
        # Something else reads it as well.
        ["conv f=3 p=1 d=8 as one", "bn", "add from=one"],
        ["conv f=3 p=1 d=8 as one", "identity", "bn", "add from=one"],
        # It comes to some of the channels or positions, and is another for each of them.
        ["conv f=3 p=1 d=8", "pixelshuffle factor=2", "bn"],
        ["conv f=3 p=1 d=8", "flatten", "reshape to=8x8x8", "bn"],
        ["add: [[], [globalavgpool, conv f=1 d=4]]", "bn"],
        ["mul: [[], [conv f=1 d=4]]", "bn"],
        ["max: [[], [conv f=1 d=4]]", "bn"],
        # In training it is there or not.
        ["conv f=3 p=1 d=8", "dropout rate=0.5", "bn"],
    ],
)
def test_a_bias_that_has_an_effect_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF501", "8x8x4", *lines) == ()


def test_a_bias_that_an_output_shows_is_of_use() -> None:
    text = "input: 8x8x4\nlayers:\n  - conv f=3 d=8 as raw\n  - bn\noutputs: [raw, bn1]\n"
    assert found(text, "RF501") == ()


@pytest.mark.parametrize("line", ["conv f=3 p=1 d=8", "deconv f=2 s=2 d=8", "fc d=8", "deformconv f=1 d=8"])
@pytest.mark.parametrize("norm", ["bn", "in"])
def test_a_bias_before_a_mean_of_each_channel_is_cancelled(line: str, norm: str) -> None:
    (finding,) = found_in("RF501", "8x8x4", line, norm)
    assert finding.figures == {"params": 8, "layers": 1}
    assert finding.hint == "write bias=no; it saves 8 parameters"
    assert finding.related[0].position.line == 4


@pytest.mark.parametrize(
    ("lines", "layers"),
    [
        (["conv f=3 p=1 d=8", "identity", "dropout rate=0", "bn"], 1),
        (["concat: [[conv f=3 p=1 d=8], [conv f=1 d=4, identity]]", "bn"], 2),
        (["add: [[conv f=3 p=1 d=4], [conv f=1 d=4]]", "bn"], 2),
        (["sub: [[relu], [conv f=1 d=4]]", "bn"], 1),
        (["add: [[relu, conv f=3 p=1 d=4], []]", "add: [[bn, relu, conv f=3 p=1 d=4], []]", "bn"], 2),
    ],
)
def test_a_bias_is_followed_through_what_only_adds_or_stacks(lines: list[str], layers: int) -> None:
    (finding,) = found_in("RF501", "8x8x4", *lines)
    assert finding.figures["layers"] == layers


def test_what_is_mended_alike_is_one_finding_for_the_network() -> None:
    lines = [line for number in range(8) for line in (f"conv f=3 p=1 d=4 as c{number}", "bn", "relu")]
    (finding,) = found_in("RF501", "8x8x4", *lines)
    assert finding.layer == "c0"
    assert finding.message.startswith("the biases of 8 layers of 8 lines are cancelled")
    assert finding.hint == "write bias=no in all 8 lines; it saves 32 parameters"
    assert finding.related[0].message == "the mean of each channel is taken away here"
    assert [related.position.line for related in finding.related[1:]] == [3 + 3 * n for n in range(1, 8)]
    assert {related.message for related in finding.related[1:]} == {
        "the bias is cancelled by the normalisation that follows: 4 parameters without effect"
    }


def test_what_stands_in_several_blocks_is_one_finding_too() -> None:
    text = """
input: 8x8x4
blocks:
  unit(d): [conv f=3 p=1 d=d, bn, relu]
  head(d): [conv f=1 d=d, bn, relu]
layers:
  - conv f=3 p=1 d=4
  - bn
  - unit d=8
  - unit d=8
  - head d=4
"""
    (finding,) = found(text, "RF501")
    assert finding.position is not None
    assert (finding.position.line, finding.figures) == (7, {"params": 24, "layers": 4})
    assert [related.position.line for related in finding.related] == [8, 4, 5]
    assert "16 parameters" in finding.related[1].message
    assert finding.hint == "write bias=no in all 3 lines; it saves 24 parameters"


SHARED = """
input: {a: 8x8x4, b: 8x8x4}
layers:
  - conv f=1 d=4 from=a as one
  - bn
  - relu as left
  - conv f=1 d=4 from=b weights=one
  - bn
  - add from=left
"""


def test_a_bias_that_is_shared_is_to_be_left_out_of_all_lines_that_share_it() -> None:
    (finding,) = found(SHARED, "RF501")
    assert "write bias=no here and in line 7, where the weights are shared" in finding.hint
    (finding,) = found(f"{SHARED}  - conv f=1 d=4\n  - bn\n", "RF501")
    assert finding.hint == (
        "write bias=no in both lines, and where their weights are shared; it saves 8 parameters"
    )
    assert found(SHARED.replace("d=4", "d=4 bias=no"), "RF501") == ()


def test_a_line_that_only_sometimes_meets_the_normalisation_must_not_lose_its_bias() -> None:
    text = """
input: 8x8x4
blocks:
  unit(norm): [conv f=3 p=1 d=4, {when: norm == 1, do: [bn]}, relu]
layers:
  - unit norm=1
  - unit norm=0
  - unit norm=1
"""
    (finding,) = found(text, "RF501")
    assert finding.message.startswith("the biases of 2 of the 3 layers made here are cancelled")
    assert "only 2 of the 3 layers" in finding.hint
    (finding,) = found(f"{text}  - conv f=1 d=4\n  - bn\n", "RF501")
    assert finding.layer == "conv1"
    assert finding.hint == (
        "write bias=no in 1 of these lines; in 1 of these lines only some of the layers can do without: bias "
        "must follow that; it saves 12 parameters"
    )
    (finding,) = found(
        text + "  - {each: {norm: [1, 0]}, do: [fc d=4, {when: norm == 1, do: [bn]}]}\n", "RF501"
    )
    assert finding.hint.startswith("in each of these lines only some of the layers can do without")


@pytest.mark.parametrize(
    "lines",
    [
        # The upsampler of EDSR, and a head that several maps share.
        ["conv f=3 p=1 d=128", "pixelshuffle factor=2", "conv f=3 p=1 d=3"],
        ["conv f=3 p=1 d=32", "conv f=3 p=1 d=32 as head", "relu", "conv f=3 p=1 d=32 weights=head"],
    ],
)
def test_a_pair_that_cannot_be_made_one_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF502", "8x8x32", *lines) == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["conv f=3 p=1 d=32", "relu", "conv f=3 p=1 d=32"],
        ["conv f=3 p=1 d=32", "maxpool f=2 s=2", "conv f=3 p=1 d=32"],
        ["conv f=3 p=1 d=32", "gn g=4", "conv f=3 p=1 d=32"],
        ["dwconv f=3 p=1", "bn", "conv f=1 d=32"],
        ["conv f=1 d=32", "dwconv f=3 p=1"],
        ["conv f=1x7 p=0x3 d=32", "conv f=7x1 p=3x0 d=32"],
        ["conv f=3 p=1 d=32 g=4", "conv f=1 d=32"],
        # Fewer channels between the two than before and after.
        ["conv f=1 d=4", "bn", "conv f=3 p=1 d=64"],
        ["flatten", "fc d=8", "fc d=100"],
        # 16·4 + 9·4·4 weights, and one 3x3 from 16 to 4 would have 9·16·4.
        ["conv f=1 d=4", "conv f=3 p=1 d=4"],
        ["conv f=1 d=4", "deconv f=4 s=4 d=4"],
        # Between a layer to fewer channels and one back to more.
        ["conv f=1 d=4", "conv f=3 p=1 d=4", "conv f=1 d=16"],
        # Another layer reads what lies between.
        ["conv f=3 p=1 d=16 as one", "conv f=3 p=1 d=16", "add from=one"],
        ["conv f=3 p=1 d=16", "add: [[], [relu]]", "conv f=3 p=1 d=16"],
        # Half of what the last one reads has passed an activation.
        ["concat: [[conv f=1 d=16], [conv f=1 d=16, relu]]", "conv f=1 d=16"],
        ["conv f=3 p=1 d=32", "attention heads=2", "conv f=1 d=32"],
    ],
)
def test_layers_with_something_between_them_or_that_factorise_one_are_no_finding(lines: list[str]) -> None:
    assert found_in("RF502", "8x8x16", *lines) == ()


@pytest.mark.parametrize(
    "lines",
    [
        # More channels between the two than before, though fewer than after.
        ["conv f=3 p=1 d=32", "conv f=3 p=1 d=64"],
        ["conv f=1 d=32", "conv f=3 p=1 d=32"],
        # 16·4 + 4·4 weights, and one 1x1 from 16 to 4 has 16·4.
        ["conv f=1 d=4", "conv f=1 d=4"],
        ["conv f=3 p=1 d=16", "conv f=3 p=1 d=16"],
        # 9·16·16 + 16·16 weights, and one 3x3 has 9·16·16.
        ["conv f=3 p=1 d=16", "conv f=1 d=16"],
        ["flatten", "fc d=8", "fc d=8"],
    ],
)
def test_two_linear_layers_that_save_no_weights_are_told(lines: list[str]) -> None:
    assert len(found_in("RF502", "8x8x16", *lines)) == 1


@pytest.mark.parametrize(
    "between", ["bn", "avgpool f=2", "upsample scale=2", "dropout rate=0.5", "scale", "pad padding=1"]
)
def test_nothing_but_linear_layers_between_two_makes_them_one(between: str) -> None:
    (finding,) = found_in("RF502", "8x8x16", "conv f=3 p=1 d=32", between, "conv f=3 p=1 d=32", "relu")
    assert (finding.layer, finding.severity) == ("conv2", "info")
    assert finding.related[0].position.line == 3


def test_a_classifier_of_two_fully_connected_layers_without_activation_is_one() -> None:
    (finding,) = found_in("RF502", "8x8x16", "globalavgpool", "fc d=64", "dropout rate=0.5", "fc d=10")
    assert finding.layer == "fc2"


@pytest.mark.parametrize(
    "lines",
    [
        ["relu", "bn", "relu"],
        ["relu", "maxpool f=2 s=2", "relu"],
        ["relu", "softmax"],
        # The second has an effect on what the first gives: softplus and tanh make Mish.
        ["mul: [[], [softplus, tanh]]"],
        ["tanh", "relu"],
        ["relu", "sigmoid"],
        ["relu6", "hardsigmoid"],
        ["leakyrelu", "relu"],
        ["softplus", "relu6"],
        ["gelu", "relu"],
        ["relu", "flatten", "fc d=4", "relu"],
        ["relu", "gn g=2", "relu"],
        ["relu", "add: [[], [conv f=1 d=4]]", "relu"],
    ],
)
def test_activations_with_a_layer_between_them_are_no_finding(lines: list[str]) -> None:
    assert found_in("RF503", "8x8x4", *lines) == ()


def test_the_same_activation_twice_is_graver_than_two_different_ones() -> None:
    (finding,) = found_in("RF503", "8x8x4", "relu", "dropout rate=0.5", "identity", "relu")
    assert finding.severity == "warning"
    (finding,) = found_in("RF503", "8x8x4", "sigmoid", "relu")
    assert (finding.severity, finding.message) == (
        "info",
        "relu follows sigmoid with nothing in between that learns or mixes",
    )
    text = "input: 8x8x4\nblocks:\n  unit: [relu, conv f=1 d=4]\nlayers: [sigmoid, unit, relu, unit]\n"
    (finding,) = found(text, "RF503")
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    ("first", "second", "idle"),
    [
        ("sigmoid", "relu", "relu"),
        ("relu", "leakyrelu", "leakyrelu"),
        ("softplus", "elu", "elu"),
        ("relu6", "relu", "relu"),
        # The second cuts at 6 as well, so it is the first that does nothing.
        ("relu", "relu6", "relu"),
    ],
)
def test_of_two_activations_the_one_that_does_nothing_is_to_go(first: str, second: str, idle: str) -> None:
    (finding,) = found_in("RF503", "8x8x4", first, second)
    assert (finding.severity, finding.hint) == ("info", f"leave {idle} out")


@pytest.mark.parametrize("between", ["flatten", "pixelshuffle factor=2", "channelshuffle groups=2"])
def test_an_activation_is_seen_through_layers_that_move_elements(between: str) -> None:
    (finding,) = found_in("RF503", "8x8x4", "relu", between, "relu")
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "lines",
    [
        ["conv f=3 d=8 bias=no", "bn", "globalavgpool", "dropout rate=0.5", "fc d=10"],
        ["dropout rate=0", "conv f=3 d=8", "bn"],
        # Statistics of the example itself undo the change of variance.
        ["dropout rate=0.5", "conv f=3 d=8", "gn g=2", "conv f=3 d=8", "bn"],
        # Stochastic depth drops a whole branch, and is not what the paper speaks of.
        ["droppath rate=0.5", "conv f=3 d=8", "bn"],
        ["conv f=3 d=8", "bn", "add: [[dropout rate=0.5, conv f=1 d=8], [relu]]", "fc d=10"],
    ],
)
def test_dropout_that_no_batch_normalisation_follows_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF504", "8x8x4", *lines) == ()


def test_dropout_is_followed_through_branches_to_the_first_batch_normalisation() -> None:
    lines = ["dropout rate=0.5", "add: [[relu], []]", "bn as first", "conv f=3 d=4", "bn"]
    (finding,) = found_in("RF504", "8x8x4", *lines)
    assert "before first normalises" in finding.message


@pytest.mark.parametrize(
    "lines",
    [
        # Wide ResNet: between convolutions and after ReLU.
        ["bn", "relu", "dropout rate=0.3", "conv f=3 p=1 d=4", "bn", "relu"],
        # The decoder of pix2pix, and DeepLab's projection.
        ["deconv f=4 s=2 p=1 d=4", "bn", "dropout rate=0.5", "relu", "deconv f=4 s=2 p=1 d=4", "bn"],
        ["conv f=1 d=4", "bn", "relu", "dropout rate=0.1", "conv f=3 p=1 d=4", "bn"],
    ],
)
def test_dropout_with_a_convolution_before_the_normalisation_is_how_networks_are_made(
    lines: list[str],
) -> None:
    assert found_in("RF504", "8x8x4", *lines) == ()


def test_many_dropouts_cost_no_more_than_their_number() -> None:
    text = "input: 8x8x4\nlayers:\n  - {repeat: 20000, do: [dropout rate=0.5, relu]}\n"
    assert found(text, "RF504") == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["softmax"],
        ["softmaxloss"],
        ["softmax", "fc d=10", "softmaxloss"],
        ["sigmoid", "softmaxloss"],
        ["add: [[softmax], [relu]]", "softmaxloss"],
    ],
)
def test_one_softmax_is_no_finding(lines: list[str]) -> None:
    assert found_in("RF505", "10", *lines) == ()


@pytest.mark.parametrize("last", ["softmax", "softmaxloss"])
def test_a_softmax_is_seen_through_flattening(last: str) -> None:
    (finding,) = found_in("RF505", "1x1x10", "softmax", "flatten", last)
    # log(1 + 9 / e) = log(4.311).
    assert ("cannot fall below 1.461" in finding.message) == (last == "softmaxloss")
    # Over the numbers of several positions it is no loss over 10 classes.
    assert "cannot" not in found_in("RF505", "2x2x10", "softmax", "flatten", last)[0].message


def test_the_least_loss_of_two_softmaxes_is_that_of_the_classes() -> None:
    # log(1 + 999 / e) = log(368.5), and log(1 + 1 / e) = log(1.368).
    (finding,) = found_in("RF505", "1000", "softmax", "softmaxloss")
    assert "over 1,000 classes it cannot fall below 5.909" in finding.message
    (finding,) = found_in("RF505", "2", "softmax", "identity", "softmaxloss")
    assert "cannot fall below 0.313" in finding.message
    assert "cannot" not in found_in("RF505", "1", "softmax", "softmaxloss")[0].message


@pytest.mark.parametrize(
    "text",
    [
        "layers:\n  - {repeat: 30, do: [conv f=3 p=1 d=4, relu]}\n",
        "layers:\n  - {repeat: 99, do: [{add: [[conv f=3 p=1 d=4, relu], []]}]}\n",
        "layers:\n  - {repeat: 99, do: [bn, relu]}\n",
        # What leads around may be long: a network in a network, with a way past all of it.
        "layers:\n  - add: [[{repeat: 40, do: [conv f=3 p=1 d=4, relu]}], []]\n",
    ],
)
def test_a_network_with_a_short_way_is_no_deep_chain(text: str) -> None:
    assert found(f"input: 8x8x4\n{text}", "RF506") == ()


def test_a_branch_that_leads_to_no_output_is_not_the_one_to_blame() -> None:
    text = """
input: 8x8x4
layers:
  - {repeat: 31, do: [conv f=3 p=1 d=4, relu], as: side}
  - identity from=input
  - {repeat: 32, do: [conv f=3 p=1 d=4, relu], as: main}
"""
    (finding,) = found(text, "RF506")
    assert finding.layer == "main.30.conv1"
    assert finding.figures["layers"] == 32


def test_the_deepest_of_several_outputs_is_named() -> None:
    text = """
input: 8x8x4
layers:
  - conv f=3 p=1 d=4 as shallow
  - {repeat: 31, do: [conv f=3 p=1 d=4, relu]}
  - conv f=1 d=2 as deep
outputs: [shallow, deep]
"""
    (finding,) = found(text, "RF506")
    assert "to the output deep passes at least 33 layers" in finding.message


def test_the_layer_to_blame_lies_on_the_shortest_way() -> None:
    text = """
input: 8x8x4
layers:
  - {repeat: 30, do: [conv f=3 p=1 d=4, relu]}
  - add: [[conv f=1 d=4 as short, relu], [conv f=1 d=4 as long, relu, conv f=1 d=4, relu]]
"""
    (finding,) = found(text, "RF506")
    assert finding.layer == "short"


@pytest.mark.parametrize("code", ["RF501", "RF502", "RF503", "RF504", "RF505", "RF506"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("dropout rate=0.1", "relu from=z"),
        ("identity", "softmax from=z"),
        ("conv f=1 d=4", "bn from=z"),
        ("{add: [[], [conv f=1 d=4]]}", "bn from=z"),
        ("bn", "conv f=1 d=4 from=z"),
    ],
)
def test_the_cost_is_linear_in_the_layers(code: str, first: str, second: str) -> None:
    def cost(count: int) -> int:
        text = f"""
input: 4x4x4
layers:
  - relu
  - {{repeat: {count}, do: [{first}]}}
  - identity as z
  - {{repeat: {count}, do: [{second}]}}
"""
        subject = subject_of(text)
        return lines_run(lambda: run_rules(subject, [code]))[1]

    assert cost(400) < 5.5 * cost(100)
