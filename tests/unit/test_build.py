"""How descriptions become graphs: names, scopes, branches, sharing, promises."""

from __future__ import annotations

import pytest

from rfcalc.errors import DescriptionError, Source
from rfcalc.graph.build import build
from rfcalc.graph.ir import Graph
from rfcalc.spec.reader import read_layers, read_network


def graph(text: str) -> Graph:
    return build(read_network(Source("net.yaml", text)))


def names(text: str) -> list[str]:
    return [node.name for node in graph(text).layers]


def sizes(text: str) -> list[str]:
    return [str(node.facts.output) for node in graph(text).layers]


def operands(text: str, name: str) -> list[str]:
    built = graph(text)
    (node,) = [node for node in built.nodes if node.name == name]
    return [built.nodes[index].name for index in node.inputs]


def messages(text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        graph(text)
    return [diagnostic.message for diagnostic in caught.value.diagnostics]


HEAD = "input: 32x32x8\nlayers:\n"


def test_unnamed_layers_are_numbered_per_operator_within_their_scope() -> None:
    assert names(HEAD + "- conv f=3 d=4\n- relu\n- conv f=3 d=4\n- relu\n") == [
        "conv1",
        "relu1",
        "conv2",
        "relu2",
    ]


def test_numbers_leave_the_names_free_that_the_description_gives_later() -> None:
    assert names(HEAD + "- relu\n- relu as relu1\n- relu as relu3\n- relu\n") == [
        "relu2",
        "relu1",
        "relu3",
        "relu4",
    ]


def test_a_turn_that_is_one_unnamed_call_gives_its_path_to_the_block() -> None:
    text = "blocks: {b(d): [conv f=1 d=d, relu]}\n" + HEAD + "- {repeat: 2, do: [b d=4], as: stage}\n"
    assert names(text) == ["stage.0.conv1", "stage.0.relu1", "stage.1.conv1", "stage.1.relu1"]


def test_the_call_gives_its_path_also_when_a_condition_chooses_it() -> None:
    text = (
        "blocks: {b(d): [conv f=1 d=d]}\n"
        + HEAD
        + "- {repeat: 2, index: i, do: [{when: i == 0, do: [b d=4], else: [b d=8]}], as: s}\n"
    )
    assert names(text) == ["s.0.conv1", "s.1.conv1"]


def test_calls_and_repeats_without_a_name_are_numbered_scopes() -> None:
    text = "blocks: {b(d): [conv f=1 d=d]}\n" + HEAD + "- b d=4\n- b d=4\n- {repeat: 2, do: [relu, relu]}\n"
    assert names(text) == [
        "b1.conv1",
        "b2.conv1",
        "repeat1.0.relu1",
        "repeat1.0.relu2",
        "repeat1.1.relu1",
        "repeat1.1.relu2",
    ]


def test_each_binds_its_variables_turn_by_turn() -> None:
    text = HEAD + "- {each: {d: [4, 16], f: [1, 3]}, index: i, do: [conv f=f d=d+i], as: e}\n"
    assert sizes(text) == ["32x32x4", "30x30x17"]


def test_cin_is_what_enters_the_line_and_cin_block_what_enters_the_block() -> None:
    text = "blocks: {b(d): [conv f=1 d=d, conv f=1 d=cin+1, conv f=1 d=cin_block]}\n" + HEAD + "- b d=4\n"
    assert sizes(text) == ["32x32x4", "32x32x5", "32x32x8"]


def test_a_default_may_use_earlier_parameters_and_cin() -> None:
    text = "blocks: {'b(d, e=2*d, k=cin)': [conv f=1 d=e, conv f=1 d=k]}\n" + HEAD + "- b d=3\n"
    assert sizes(text) == ["32x32x6", "32x32x8"]


def test_blocks_see_top_level_parameters_but_not_the_names_of_their_caller() -> None:
    text = "params: {n: 5}\nblocks: {b(): [conv f=1 d=n]}\n" + HEAD + "- let: {m: 3}\n- b\n- conv f=1 d=m\n"
    assert sizes(text) == ["32x32x5", "32x32x3"]
    assert messages("blocks: {b(): [conv f=1 d=m]}\n" + HEAD + "- let: {m: 3}\n- b\n") == [
        "'m' is not known here"
    ]


def test_an_empty_branch_is_the_tensor_that_enters() -> None:
    text = HEAD + "- relu as r\n- add: [[], [conv f=1 d=8]]\n"
    assert operands(text, "add1") == ["r", "conv1"]


def test_from_replaces_the_tensor_of_a_line_and_adds_an_operand_to_a_join() -> None:
    text = HEAD + "- relu as a\n- relu as b\n- tanh from=a\n- add from=a+b as s\n"
    assert operands(text, "tanh1") == ["a"]
    assert operands(text, "s") == ["tanh1", "a", "b"]


def test_a_star_stands_for_one_part_of_a_path() -> None:
    text = (
        "blocks: {b(): [relu as skip, {repeat: 1, do: [tanh as skip], as: deep}]}\n"
        + HEAD
        + "- {repeat: 3, do: [b], as: stack}\n- add from=stack.*.skip as total\n"
    )
    assert operands(text, "total") == [
        "stack.2.deep.0.skip",
        "stack.0.skip",
        "stack.1.skip",
        "stack.2.skip",
    ]


def test_a_name_is_seen_by_later_sibling_branches() -> None:
    text = HEAD + "- mul: [[conv f=1 d=8 as T], [identity from=T]]\n"
    assert operands(text, "mul1") == ["T", "identity1"]


def test_input_is_what_entered_the_block_also_within_a_repeat() -> None:
    text = (
        "blocks: {b(): [relu, {repeat: 1, do: [tanh, add from=input], as: r}]}\n"
        + HEAD
        + "- silu as s\n- b as c\n"
    )
    assert operands(text, "c.r.0.add1") == ["c.r.0.tanh1", "s"]


def test_the_name_of_a_call_or_a_repeat_means_what_it_leaves() -> None:
    text = (
        "blocks: {b(): [relu, tanh]}\n"
        + HEAD
        + "- b as c\n- {repeat: 2, do: [silu], as: r}\n- add from=c+r+r.0 as s\n"
    )
    assert operands(text, "s") == ["r.1.silu1", "c.tanh1", "r.1.silu1", "r.0.silu1"]


def test_split_gives_each_branch_its_share_of_the_channels() -> None:
    text = HEAD + "- {concat: [[conv f=1 d=3], []], split: 2}\n"
    assert sizes(text) == ["32x32x4", "32x32x4", "32x32x3", "32x32x7"]


def test_a_split_cuts_what_it_names() -> None:
    text = HEAD + "- conv f=1 d=6 as c\n- relu\n- {split: {a: cin//3, b: cin-2}, from: c}\n- concat from=a\n"
    built = graph(text)
    assert operands(text, "a") == operands(text, "b") == ["c"]
    assert operands(text, "concat1") == ["a", "b", "a"]
    assert [str(built.nodes[node].facts.output) for node in built.outputs] == ["32x32x8"]


@pytest.mark.parametrize("split", ["1", "[8]", "{all: 8}"])
def test_a_split_into_one_part_is_no_layer(split: str) -> None:
    text = HEAD + f"- relu as r\n- {{split: {split}, as: whole}}\n- add from=whole\n"
    assert operands(text, "add1") == ["r", "r"]
    assert [node.op for node in graph(text).layers] == ["relu", "add"]
    text = HEAD + f"- {{add: [[relu]], split: {split}, as: sum}}\n- tanh from=sum\n"
    assert [node.op for node in graph(text).layers] == ["relu", "tanh"]


def test_parts_as_many_as_channels_without_end_are_refused() -> None:
    (found,) = messages(f"input: 8x8x{2**60}\nlayers: [{{split: {2**60}}}, add]\n")
    assert "takes more work than the limit" in found


def test_shared_weights_point_to_their_owner() -> None:
    text = HEAD + "- conv f=3 p=1 d=8 as c\n- conv f=3 p=1 d=8 weights=c as e\n- conv f=3 p=1 d=8 weights=e\n"
    assert [node.shared for node in graph(text).layers] == [None, 1, 1]


@pytest.mark.parametrize(
    "layers",
    [
        "- conv f=3 d=4 as a\n- conv f=3 d=8 weights=a\n",
        "- embedding words=9 d=8 from=indices as a\n- conv f=3 d=9 weights=a\n",
        "- embedding words=9 d=8 from=indices as a\n- dwconv f=1 weights=a\n",
    ],
)
def test_a_kernel_of_several_positions_or_of_one_channel_is_no_matrix_to_be_shared(layers: str) -> None:
    text = "input: {indices: 32x1, map: 32x8}\nlayers:\n- identity from=map\n"
    assert any("cannot share the parameters" in message for message in messages(text + layers))


@pytest.mark.parametrize(
    "layers",
    [
        "- conv f=1 d=4 as a\n- conv f=1 d=8 weights=a\n",
        "- embedding words=9 d=8 from=indices as a\n- conv f=1 d=9 weights=a\n",
        "- globalavgpool\n- fc d=4 as a\n- conv f=1 d=8 weights=a\n",
    ],
)
def test_a_kernel_of_1_is_a_matrix_that_is_shared_as_it_is_or_transposed(layers: str) -> None:
    text = "input: {indices: 32x1, map: 32x8}\nlayers:\n- identity from=map\n"
    last = graph(text + layers).layers[-1]
    assert (last.shared is not None, last.shares) == (True, {"weight"})


def test_a_call_shares_the_weights_of_an_earlier_call_layer_by_layer() -> None:
    text = (
        "blocks: {b(): [conv f=1 d=8, {repeat: 1, do: [bn, relu]}]}\n"
        + HEAD
        + "- b as one\n- b as two weights=one\n"
    )
    assert [node.shared for node in graph(text).layers] == [None, None, None, 1, 2, 3]


def test_several_inputs_are_entered_by_name() -> None:
    text = (
        "input: {left: 8x8x3, right: 8x8x3}\nlayers:\n- conv f=1 d=4 from=left as l\n"
        "- conv f=1 d=4 from=right weights=l as r\n- add from=l\n"
    )
    assert operands(text, "add1") == ["r", "l"]
    assert graph(text).inputs == (0, 1)


def test_several_outputs_are_those_named() -> None:
    built = graph("outputs: [a, b]\n" + HEAD + "- relu as a\n- conv f=1 d=2 as b\n- relu\n")
    assert built.output_names == ("a", "b")
    assert [built.nodes[index].name for index in built.outputs] == ["a", "b"]


def test_a_loss_passes_its_input_on() -> None:
    built = graph(HEAD + "- relu as r\n- softmaxloss\n")
    assert [built.nodes[index].name for index in built.outputs] == ["r"]


def test_a_kept_promise_and_a_true_input_are_silent() -> None:
    assert sizes(HEAD + "- conv f=3 d=4 in=32x32x8 -> 30x30x4\n") == ["30x30x4"]


def test_a_broken_promise_is_one_finding_and_reading_goes_on_with_it() -> None:
    text = HEAD + "- conv f=3 d=4 -> 31x31x4\n- conv f=3 d=4 -> 29x29x4\n"
    assert messages(text) == ["the line promises 31x31x4, but its output is 30x30x4"]


def test_a_wrong_input_is_one_finding_and_reading_goes_on_with_the_actual_one() -> None:
    text = HEAD + "- conv f=3 d=4 in=16x16x8 -> 30x30x4\n"
    assert messages(text) == ["the line states in=16x16x8, but its input is 32x32x8"]


def test_what_depends_on_a_mistake_is_no_further_finding() -> None:
    text = (
        HEAD
        + "- conv f=3 as c\n- bn\n- conv f=3 d=cin\n- add: [[relu], [conv f=3 d=cin from=c]]\n- linear d=3\n"
    )
    found = messages(text)
    assert len(found) == 2
    assert found[0].startswith("conv needs out_channels")
    assert found[1] == "no operator or block is called 'linear'"


def test_a_condition_on_a_symbol_that_is_not_decided_for_all_its_values_is_an_error() -> None:
    text = "symbols: [C]\ninput: 8x8xC\nlayers:\n- {when: C > 0, do: [relu]}\n- {when: C > 5, do: [relu]}\n"
    assert messages(text) == ["whether C > 5 depends on C"]


def test_an_expression_reads_lines_and_lists_alike() -> None:
    one = read_layers(Source("<expression>", "conv f=3 d=64; relu"))
    two = read_layers(Source("<expression>", "[conv f=3 d=64, relu]"))
    assert [item.op for item in one.layers] == [item.op for item in two.layers] == ["conv", "relu"]  # type: ignore[union-attr]  # all are lines


# Lines that are never built, and where they are.
UNBUILT = {
    "blocks: {unused: [LINE]}\ninput: 8x8x3\nlayers: [relu]\n",
    "blocks: {b(c=1): [{when: c == 2, do: [LINE]}, relu]}\ninput: 8x8x3\nlayers: [b, b c=3]\n",
    "input: 8x8x3\nlayers: [{repeat: 0, do: [LINE]}, relu]\n",
    "input: 8x8x3\nlayers: [{when: 1 == 2, do: [LINE]}, relu]\n",
    "input: 8x8x3\nlayers: [{when: 1 == 1, do: [relu], else: [{add: [[], [LINE]]}]}]\n",
    "blocks: {taken(c=1): [relu]}\ninput: 8x8x3\nlayers: [{when: 1 == 2, do: [LINE]}, relu]\n",
}


@pytest.mark.parametrize("text", sorted(UNBUILT))
def test_names_in_lines_that_are_never_built_are_looked_at(text: str) -> None:
    # Their values are not: what they depend on may be so only where they are built.
    assert graph(text.replace("LINE", "conv f=no d=cin//0 from=nowhere")).nodes[-1].op == "relu"
    assert messages(text.replace("LINE", "nonsense f=3")) == ["no operator or block is called 'nonsense'"]
    (found,) = messages(text.replace("LINE", "conv f=3 dd=8"))
    assert found.startswith("conv has no attribute 'dd'; it has f (kernel)")
    if "taken" in text:
        assert messages(text.replace("LINE", "taken d=1")) == ["taken has no parameter 'd'; it has c"]


def test_a_line_of_a_block_that_is_called_and_wrong_is_one_finding() -> None:
    text = "blocks: {b(c=1): [nonsense, {when: c == 1, do: [nonsense]}]}\ninput: 8x8x3\nlayers: [b, b]\n"
    assert len(messages(text)) == 2


@pytest.mark.parametrize(
    "item", ["relu as input", "{add: [[], []], as: input}", "{repeat: 2, do: [relu], as: input}"]
)
def test_no_layer_takes_the_name_of_what_enters(item: str) -> None:
    assert messages(f"{HEAD}- {item}\n- relu from=input\n") == [
        "'input' means what enters, here and in blocks"
    ]


def test_an_input_may_be_called_input() -> None:
    built = graph("input: {other: 8x8x3, input: 4x4x3}\nlayers: [relu from=input]\n")
    assert built.nodes[-1].inputs == (1,)


def test_a_line_reads_its_arguments_anew_where_they_name_something() -> None:
    text = "blocks: {b(k): [conv f=k p=1 d=2*cin]}\n" + HEAD + "- b k=3\n- b k=3\n- b k=2\n"
    assert sizes(text) == ["32x32x16", "32x32x32", "33x33x64"]


@pytest.mark.parametrize("value", ["same", "valid"])
def test_a_word_that_an_attribute_accepts_is_no_name(value: str) -> None:
    # `padding` is the attribute's own word here, whatever a value of this name is.
    text = f"blocks: {{b({value}): [conv f=3 p={value} d=8, relu]}}\n" + HEAD + f"- b {value}=9\n"
    assert sizes(text)[0] == {"same": "32x32x8", "valid": "30x30x8"}[value]


def test_the_arguments_of_a_line_are_those_of_the_operator_that_a_parameter_holds() -> None:
    text = "blocks: {b(op): [op f=2 s=2]}\n" + HEAD + "- b op=maxpool\n- b op=avgpool\n- b op=maxpool\n"
    assert [node.op for node in graph(text).layers] == ["maxpool", "avgpool", "maxpool"]
    wrong = "blocks: {b(op): [op f=2 s=2 ceil=yes]}\n" + HEAD + "- b op=maxpool\n- b op=lrn\n- b op=avgpool\n"
    assert messages(wrong)[0].startswith("lrn has no attribute 'f'")


def test_a_wrong_argument_that_names_nothing_stops_every_layer_of_its_line() -> None:
    text = HEAD + "- {repeat: 3, do: [conv f=1/0 d=8, conv f=99 d=8]}\n"
    assert messages(text) == ["division by zero"]


FLAT = """\
- conv f=3 p=1 d=4 as stem.conv
- relu as stem.relu
- conv f=3 p=1 d=4 as layer1.0.conv1
- relu as layer1.0.relu
- add from=stem as layer1.0.sum
- conv f=3 p=1 d=4 as layer1.1.conv1
- add from=layer1.0 as layer1.1.sum
- add from=layer1+stem.conv as head
"""
NESTED = """\
- {do: [conv f=3 p=1 d=4 as conv, relu as relu], as: stem}
- each: {other: [0, 1]}
  index: i
  do:
    - conv f=3 p=1 d=4 as conv1
    - {when: i == 0, do: [relu as relu]}
    - {when: i == 0, do: [add from=stem as sum], else: [add from=layer1.0 as sum]}
  as: layer1
- add from=layer1+stem.conv as head
"""


def test_a_name_with_dots_stands_in_the_scopes_that_it_names() -> None:
    flat, nested = graph(HEAD + FLAT), graph(HEAD + NESTED)
    assert [node.name for node in flat.nodes] == [node.name for node in nested.nodes]
    assert [node.inputs for node in flat.nodes] == [node.inputs for node in nested.nodes]
    assert flat.scopes.keys() == nested.scopes.keys() == {"stem", "layer1", "layer1.0", "layer1.1"}
    assert {scope.kind for scope in flat.scopes.values()} == {"part"}
    assert list(flat.scopes_around("layer1.0.sum")) == ["layer1", "layer1.0"]


def test_a_scope_that_dots_name_means_what_its_last_layer_so_far_leaves() -> None:
    text = (
        HEAD + "- tanh as a.x\n- relu from=a as r\n- silu as a.y\n- relu from=a as s\n- add from=a.* as t\n"
    )
    assert operands(text, "r") == ["a.x"]
    assert operands(text, "s") == ["a.y"]
    assert operands(text, "t") == ["s", "a.x", "a.y"]


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ("{add: [[silu], []], as: a.b}", ["a.b"]),
        ("{do: [silu as c.d], as: a.b}", ["a.b.c.d"]),
        ("{repeat: 2, do: [silu as c], as: a.b}", ["a.b.1.c"]),
        ("{split: 2, as: a.b}", ["slice1", "slice2"]),
        ("{split: {a.b: 4, a.c: 4}}", ["a.c"]),
        ("u as a.b", ["a.b.silu1"]),
        ("{concat: [[silu]], as: a.b}", ["silu1"]),
    ],
)
def test_whatever_takes_a_name_takes_one_with_dots(item: str, what: list[str]) -> None:
    text = f"blocks: {{u: [silu]}}\n{HEAD}- tanh as t\n- {item}\n- {{concat: [], from: a+a.b+t, as: z}}\n"
    assert operands(text, "z")[: len(what)] == what
    assert operands(text, "z")[-1] == "t"


def test_a_scope_that_dots_name_goes_on_in_one_that_is_there_already() -> None:
    text = HEAD + "- {repeat: 2, do: [silu as c], as: a}\n- tanh as a.2.c\n- add from=a.*.c+a as z\n"
    assert operands(text, "z") == ["a.2.c", "a.0.c", "a.1.c", "a.2.c", "a.2.c"]
    assert graph(text).scopes["a"].kind == "repeat"


def test_an_unnamed_layer_leaves_the_first_part_of_a_later_name_free() -> None:
    assert names(HEAD + "- relu\n- tanh as relu1.x\n") == ["relu2", "relu1.x"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("relu as a", "relu as a.b"), ("relu as a.b", "relu as a"), ("relu as a.b", "{do: [relu], as: a}")],
)
def test_a_name_is_of_a_layer_or_of_a_scope(first: str, second: str) -> None:
    assert messages(f"{HEAD}- {first}\n- {second}\n- {second}\n")[0] == "'a' is already the name of a layer"


def test_what_depends_on_a_mistake_in_a_scope_that_dots_name_is_no_further_finding() -> None:
    assert len(messages(HEAD + "- conv f=99 d=2 as a.b.c\n- relu from=a\n- add from=a.b+a.b.c\n")) == 1


def test_a_name_with_dots_that_is_missing_is_found_by_its_last_part() -> None:
    with pytest.raises(DescriptionError, match=r"did you mean 'a\.b\.skip'"):
        graph(HEAD + "- relu as a.b.skip\n- add from=skip\n")


@pytest.mark.parametrize(
    "name", ["a.", ".a", "a..b", "0.a", "a.0b", "a.b-c", "input.a", "a.*", "a." + "1" * 41]
)
def test_parts_of_a_name_are_names_or_behind_the_first_digits(name: str) -> None:
    assert len(messages(f"{HEAD}- relu as {name}\n")) == 1


def test_parts_of_a_name_nest_no_deeper_than_bodies() -> None:
    names(HEAD + f"- relu as {'a.' * 98}b\n")
    assert "deeper than 100" in messages(HEAD + f"- relu as {'a.' * 4000}b\n")[0]
    assert "deeper than 100" in messages(HEAD + f"- {{do: [relu as {'a.' * 60}b], as: {'a.' * 60}b}}\n")[0]
