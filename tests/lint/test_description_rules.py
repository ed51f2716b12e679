"""The rules about what a description holds to no purpose, RF9."""

from __future__ import annotations

import pytest
from looked_at import found, found_in, subject_of

from rfcalc.lint.checking import run_rules
from rfcalc.lint.rule import Subject


@pytest.mark.parametrize(
    "text",
    [
        # Called by another block, or under a condition that does not hold.
        "blocks:\n  one: [relu]\n  two: [one]\nlayers: [two]\n",
        "blocks:\n  one: [relu]\nlayers:\n  - {when: 1 > 2, do: [one], else: [tanh]}\n",
        "blocks:\n  one: [relu]\nlayers:\n  - add: [[], [{repeat: 2, do: [one]}]]\n",
    ],
)
def test_a_block_that_some_line_calls_is_no_finding(text: str) -> None:
    assert found(f"input: 8x8x4\n{text}", "RF902") == ()


def test_blocks_that_only_call_each_other_are_never_built() -> None:
    text = "input: 8x8x4\nblocks:\n  one: [relu]\n  two: [one]\nlayers: [relu]\n"
    assert [finding.message for finding in found(text, "RF902")] == [
        "nothing calls the block one",
        "nothing calls the block two",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "params: {n: 4}\nlayers: [conv f=3 d=2*n]\n",
        "params: {n: 4, m: n}\nlayers: [conv f=3 d=m]\n",
        "params: {n: 4}\nlayers:\n  - {repeat: n, do: [relu]}\n",
        "params: {n: 4}\nlayers:\n  - {when: n == 4, do: [relu]}\n",
        "params: {n: 4}\nlayers:\n  - {each: {d: [n, 8]}, do: [conv f=1 d=d]}\n",
        "params: {n: 4}\nlayers:\n  - conv f=1 d=4 -> 8x8xn\n",
        "params: {n: 4}\nlayers:\n  - conv f=1 d=4 in=8x8xn\n",
        "params: {n: 2}\nlayers:\n  - {concat: [[relu], []], split: n}\n",
        "params: {n: 2}\nlayers:\n  - {let: {m: n}}\n  - conv f=1 d=m\n",
        "params: {n: 4}\nblocks:\n  one(d=n): [conv f=1 d=d]\nlayers: [one]\n",
        "params: {n: 200}\nlayers: [conv f=1 d=4]\ncheck:\n  - params <= n\n",
        "blocks:\n  one(act=relu): [conv f=1 d=4, act]\nlayers: [one]\n",
    ],
)
def test_a_parameter_that_something_mentions_is_no_finding(text: str) -> None:
    assert found(f"input: 8x8x4\n{text}", "RF903") == ()


def test_a_parameter_of_the_input_is_used_and_a_symbol_that_nothing_mentions_is_not() -> None:
    assert found("params: {n: 4}\ninput: 8x8xn\nlayers: [relu]\n", "RF903") == ()
    assert found("symbols: {H: 2*h}\ninput: HxHx4\nlayers: [relu]\n", "RF903") == ()
    (finding,) = found("symbols: [C]\ninput: 8x8x4\nlayers: [relu]\n", "RF903")
    assert finding.message.startswith("nothing uses the symbol C")


@pytest.mark.parametrize("check", ["depth <= width", "width == 4 and params < 5k", "params / width < 1M"])
def test_a_parameter_that_a_promise_mentions_is_used(check: str) -> None:
    text = f"params: {{width: 4}}\ninput: 8x8x4\nlayers: [relu as pool]\ncheck: ['{check}']\n"
    assert found(text, "RF903") == ()


@pytest.mark.parametrize("name", ["depth", "pool", "params", "share"])
def test_a_figure_or_a_layer_in_a_promise_is_no_parameter_of_that_name(name: str) -> None:
    checks = "['depth <= 9', 'receptive_field(pool) == 1', 'share(pool, params) <= 50%']"
    text = f"params: {{{name}: 4}}\ninput: 8x8x4\nlayers: [relu as pool]\ncheck: {checks}\n"
    (finding,) = found(text, "RF903")
    assert finding.message.startswith(f"nothing uses the parameter {name}")


def test_a_promise_that_does_not_read_may_mean_any_of_its_words() -> None:
    text = "params: {width: 4}\ninput: 8x8x4\nlayers: [relu]\ncheck: ['depth <= (width']\n"
    assert found(text, "RF903") == ()


def test_a_block_that_is_never_called_is_one_finding() -> None:
    text = "input: 8x8x4\nblocks:\n  one(d): [relu]\nlayers: [relu]\n"
    assert found(text, "RF903") == ()
    (finding,) = found(text.replace("layers: [relu]", "layers: [one d=1]"), "RF903")
    assert "nothing in the block one uses its parameter d" in finding.message


@pytest.mark.parametrize("line", ["one", "one act=gate"])
@pytest.mark.parametrize("default", ["relu", "gate"])
def test_a_block_that_a_parameter_names_is_called(default: str, line: str) -> None:
    gate = "blocks:\n  gate: [{mul: [[], [sigmoid]]}]\n"
    text = f"input: 8x8x4\n{gate}  one(act={default}): [conv f=1 d=4, act]\nlayers: [{line}]\n"
    assert [finding.message for finding in found(text, "RF902")] == (
        ["nothing calls the block gate"] if "gate" not in default + line else []
    )


@pytest.mark.parametrize(
    "text",
    [
        "layers:\n  - {let: {m: 8}}\n  - conv f=1 d=m\n",
        "layers:\n  - {repeat: 2, index: i, do: [conv f=1 d=4*(i+1)]}\n",
        "layers:\n  - {repeat: 2, index: i, do: [{repeat: i + 1, do: [relu]}]}\n",
        "layers:\n  - {repeat: 2, index: i, do: [{let: {m: i + 1}}, conv f=1 d=m]}\n",
        "layers:\n  - {each: {d: [4, 8]}, do: [conv f=1 d=d]}\n",
    ],
)
def test_a_name_that_something_mentions_is_no_finding(text: str) -> None:
    assert found(f"input: 8x8x4\n{text}", "RF904") == ()


def test_a_name_is_used_within_its_own_loop_alone() -> None:
    text = """
input: 8x8x4
layers:
  - {repeat: 2, index: i, do: [conv f=1 d=4*(i+1)]}
  - {repeat: 2, index: i, do: [relu]}
"""
    (finding,) = found(text, "RF904")
    assert finding.message == "nothing uses the index i"
    assert finding.position is not None
    assert finding.position.line == 5


@pytest.mark.parametrize(
    "text",
    [
        "input: 8x8x4\nlayers:\n  - relu as one\n  - tanh\noutputs: [one, tanh1]\n",
        # Both losses are what the network is for.
        "input: 8x8x4\nlayers:\n  - fc d=4 as one\n  - softmaxloss\n  - fc d=2 from=one\n  - softmaxloss\n",
        "input: {a: 8x8x4, b: 8x8x4}\nlayers:\n  - add from=a+b\n",
        "input: 8x8x4\nlayers:\n  - add: [[relu], [tanh]]\n",
    ],
)
def test_a_layer_that_an_output_or_a_loss_comes_from_is_no_finding(text: str) -> None:
    assert found(text, "RF905") == ()


def test_an_input_that_nothing_reads_is_told() -> None:
    text = "input: {a: 8x8x4, b: 8x8x4}\nlayers:\n  - relu from=a\n"
    (finding,) = found(text, "RF905")
    assert finding.message == "nothing reads the input b"
    assert finding.position is not None
    assert finding.position.line == 1


def test_what_two_idle_ends_have_in_common_is_counted_once() -> None:
    text = """
input: 8x8x4
layers:
  - conv f=1 d=4 as kept
  - conv f=1 d=4 as common
  - conv f=1 d=4 as one
  - conv f=1 d=4 from=common as two
  - relu from=kept
"""
    one, two = found(text, "RF905")
    assert "the output of one; 2 layers with 40 parameters and 2,048 MACs" in one.message
    assert "the output of two; 1 layer with 20 parameters" in two.message


def test_parameters_that_a_useful_layer_shares_are_of_use() -> None:
    text = """
input: 8x8x4
layers:
  - relu as start
  - conv f=1 d=4 as one
  - conv f=1 d=4 from=start weights=one
"""
    (finding,) = found(text, "RF905")
    assert "1 layer with 0 parameters and 1,024 MACs" in finding.message


def test_symbolic_amounts_of_idle_layers_are_told() -> None:
    text = "symbols: [C]\ninput: 8x8xC\nlayers:\n  - relu as a\n  - conv f=1 d=C\n  - tanh from=a\n"
    (finding,) = found(text, "RF905")
    assert "C² + C parameters and 64C² MACs" in finding.message


def test_figures_that_symbols_leave_exact_are_known() -> None:
    assert found("symbols: [H, C]\ninput: HxHxC\nlayers:\n  - conv f=3 p=1 d=C\n", "RF906") == ()


def test_unknown_figures_are_named_where_they_begin() -> None:
    text = "symbols: [k]\ninput: 32x32x3\nlayers:\n  - conv f=2*k+1 p=k d=3\n  - relu\n  - conv f=3 p=1 d=3\n"
    (finding,) = found(text, "RF906")
    assert finding.message == "not known of conv1: receptive field; totals and checks that need it miss it"


@pytest.mark.parametrize(
    ("figure", "name"),
    [
        ("params", "parameters"),
        ("macs", "MACs"),
        ("work", "other operations"),
        ("activations", "activations"),
    ],
)
def test_each_figure_that_is_not_known_is_named(figure: str, name: str) -> None:
    whole = subject_of("input: 8x8x4\nlayers:\n  - relu\n")
    (layer,) = whole.analysis.layers
    lacking = whole.analysis._replace(layers=(layer._replace(**{figure: None}),))
    (finding,) = run_rules(Subject(whole.network, lacking), ["RF906"])
    assert f"not known of relu1: {name};" in finding.message


@pytest.mark.parametrize(
    "lines",
    [
        ["concat: [[], [conv f=1 d=4]]"],
        ["add: [[relu], [tanh]]"],
        # A square, and the larger of a value and another.
        ["mul: [[], []]"],
        ["add: [[conv f=1 d=4], [conv f=1 d=4]]"],
        ["add: [[maxpool f=3 s=1 p=1], [maxpool f=5 s=1 p=2]]"],
        # Two draws of dropout differ in training.
        ["add: [[dropout rate=0.5], [dropout rate=0.5]]"],
        ["conv f=1 d=4 as one", "relu", "add: [[], [conv f=1 d=4 weights=one]]"],
        ["add: [[slice channels=0:2], [slice channels=2:4]]"],
    ],
)
def test_branches_that_differ_are_no_finding(lines: list[str]) -> None:
    assert found_in("RF907", "8x8x4", *lines) == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["add: [[], []]"],
        ["sub: [[], [identity]]"],
        ["max: [[], [identity]]"],
        ["concat: [[relu], [relu]]"],
        ["relu as one", "tanh", "add from=one+one"],
        ["add: [[conv f=1 d=4 as one], [conv f=1 d=4 weights=one]]"],
        ["add: [[relu, maxpool f=2 s=2], [tanh, maxpool f=2 s=2], [relu, maxpool f=2 s=2]]"],
    ],
)
def test_branches_of_one_value_are_told(lines: list[str]) -> None:
    (finding,) = found_in("RF907", "8x8x4", *lines)
    assert "contributes nothing of its own" in finding.message
