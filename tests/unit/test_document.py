"""Reading YAML into a tree with positions: what is kept, where it stands, and what is refused how."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml
from effort import lines_run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rfcalc.errors import DescriptionError, Diagnostic, Source
from rfcalc.spec import document
from rfcalc.spec.document import read_document
from rfcalc.spec.nodes import (
    DocumentValue,
    MappingNode,
    ScalarNode,
    SequenceNode,
    colon_hint,
    is_null,
    unbalanced,
)


@pytest.fixture(params=[False, True], ids=["libyaml", "pure"])
def pure(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def read(text: str, pure: bool = False) -> DocumentValue:
    with pytest.MonkeyPatch.context() as patch:
        if pure:
            # As where PyYAML was built without libyaml.
            patch.setattr(yaml, "__with_libyaml__", False)
            patch.delattr(yaml, "CSafeLoader", raising=False)
        return read_document(Source("net.yaml", text))


def refusals(text: str, pure: bool = False) -> tuple[Diagnostic, ...]:
    with pytest.raises(DescriptionError) as caught:
        read(text, pure)
    # Laying the messages out must work for every refusal.
    assert str(caught.value)
    return caught.value.diagnostics


def refusal(text: str, pure: bool = False) -> Diagnostic:
    found = refusals(text, pure)
    assert len(found) == 1, found
    return found[0]


def place(finding: Diagnostic) -> tuple[int, int]:
    assert finding.position is not None
    return finding.position.line, finding.position.column


def plain_data(value: DocumentValue) -> object:
    """The tree as lists, pairs and texts."""
    if isinstance(value, ScalarNode):
        return value.text
    if isinstance(value, SequenceNode):
        return [plain_data(item) for item in value.items]
    return {key.text: plain_data(entry) for key, entry in value.entries}


def scalars(value: DocumentValue) -> Iterator[ScalarNode]:
    if isinstance(value, ScalarNode):
        yield value
    elif isinstance(value, SequenceNode):
        for item in value.items:
            yield from scalars(item)
    else:
        for key, entry in value.entries:
            yield key
            yield from scalars(entry)


def scalar(value: DocumentValue, text: str) -> ScalarNode:
    (found,) = [node for node in scalars(value) if node.text == text]
    return found


DESCRIPTION = """\
name: AlexNet          # a comment
source: 解析卷积神经网络 table 3.1
input: 227x227x3
params: {classes: 1000}
blocks:
  conv_bn(d, f, s=1): [conv d=d f=f s=s, bn]
layers:
  - conv f=11 s=4 d=96 -> 55x55x96
  - {repeat: 3, do: [relu, "lrn k=2"], as: layer1}
  - add: [[], ['relu', identity from=a]]
  - fc d=classes
check: [output == 1x1x1000, params <= 63M]
"""


# What is read


def test_a_description_is_read_as_texts_lists_and_mappings(pure: bool) -> None:
    assert plain_data(read(DESCRIPTION, pure)) == {
        "name": "AlexNet",
        "source": "解析卷积神经网络 table 3.1",
        "input": "227x227x3",
        "params": {"classes": "1000"},
        "blocks": {"conv_bn(d, f, s=1)": ["conv d=d f=f s=s", "bn"]},
        "layers": [
            "conv f=11 s=4 d=96 -> 55x55x96",
            {"repeat": "3", "do": ["relu", "lrn k=2"], "as": "layer1"},
            {"add": [[], ["relu", "identity from=a"]]},
            "fc d=classes",
        ],
        "check": ["output == 1x1x1000", "params <= 63M"],
    }


@pytest.mark.parametrize(
    "word", ["no", "010", "1:30", "1e3", "0x10", "2001-01-01", "=", "~", "null", "1_000"]
)
def test_no_scalar_is_turned_into_anything_but_its_text(word: str, pure: bool) -> None:
    assert read(f"a: {word}", pure) == read(f"a: {word}")
    assert plain_data(read(f"a: {word}", pure)) == {"a": word}


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_is_read_however_it_is_indented(indent: int | str | None, pure: bool) -> None:
    data = {"name": "a/b \\ c", "layers": ["conv f=3", {"do": ["x: y", "é"]}], "check": [], "params": {}}
    assert plain_data(read(json.dumps(data, indent=indent), pure)) == data


def test_a_flow_list_alone_is_a_document(pure: bool) -> None:
    tree = read("[conv f=3 d=64, relu]", pure)
    assert isinstance(tree, SequenceNode)
    assert tree.flow
    assert plain_data(tree) == ["conv f=3 d=64", "relu"]


@pytest.mark.parametrize(
    "text", ["---\na: b\n", "a: b\n...\n", "\ufeffa: b", "# c\n\na: b  # d?", "a: b\n\t\n"]
)
def test_what_surrounds_a_document_does_not_matter(text: str, pure: bool) -> None:
    assert plain_data(read(text, pure)) == {"a": "b"}


def test_flow_and_block_collections_say_which_they_are(pure: bool) -> None:
    tree = read("a: [b]\nc:\n- d: {e: f}\n", pure)
    assert isinstance(tree, MappingNode)
    assert not tree.flow
    first, second = (value for _, value in tree.entries)
    assert isinstance(first, SequenceNode)
    assert isinstance(second, SequenceNode)
    assert (first.flow, second.flow) == (True, False)


@pytest.mark.parametrize(
    ("written", "null"),
    [(word, True) for word in ("", "~", "null", "Null", "NULL")]
    + [(word, False) for word in ("'~'", '""', "nUll", "none", "0", "[]")],
)
def test_null_is_an_unquoted_word_of_the_core_schema(written: str, null: bool, pure: bool) -> None:
    tree = read(f"a: {written}", pure)
    assert isinstance(tree, MappingNode)
    assert is_null(tree.entries[0][1]) is null


def test_only_unquoted_scalars_are_plain(pure: bool) -> None:
    tree = read("[a, 'b', \"c\"]", pure)
    assert [node.plain for node in scalars(tree)] == [True, False, False]


@pytest.mark.parametrize(
    "text", ["- a\n  b", "- 'a\n  b'", '- "a\n  b"', "- |\n  a", "- >\n  a", "- [a\n  b]"]
)
def test_scalars_past_one_line_say_so(text: str, pure: bool) -> None:
    (node,) = scalars(read(text, pure))
    assert node.multiline
    assert node.position.line == 1


# Positions


@pytest.mark.parametrize(
    ("text", "word", "line", "column", "end"),
    [
        ("name: AlexNet", "AlexNet", 1, 7, 14),
        ("name: AlexNet", "name", 1, 1, 5),
        ("a:\n  - conv f=3   # c\n", "conv f=3", 2, 5, 13),
        ("网络: 卷积 f=3", "卷积 f=3", 1, 5, 11),
        ("[é, 😀, relu]", "relu", 1, 8, 12),
        ("[é, 😀, relu]", "😀", 1, 5, 6),
        ("😀: [\n  é, 'x y']", "x y", 2, 6, 11),
        ("a: b\r\nc:\r\n  - d e\r\n", "d e", 3, 5, 8),
        ("a: b\rc: d", "d", 2, 4, 5),
        ("\ufeffa: b\nc: d", "b", 1, 5, 6),
        ("\ufeffa: b\nc: d", "d", 2, 4, 5),
        ("{\n\t\"a\":\t[1,\t2]}", "2", 2, 11, 12),
        ("- &here  conv f=3", "conv f=3", 1, 10, 18),
        ("- &here  # why\n  conv f=3", "conv f=3", 2, 3, 11),
        ("- &here\r\n    'x'", "x", 2, 5, 8),
        ("- conv a\n   b", "conv a b", 1, 3, 9),
        ("- |\n  text", "text", 1, 3, 4),
        ("- a: 1\n  b: 2\n", "2", 2, 6, 7),
        ("a: {b: {c: d}}", "d", 1, 12, 13),
    ],
)  # fmt: skip
def test_a_scalar_spans_its_text_on_its_first_line(
    text: str, word: str, line: int, column: int, end: int, pure: bool
) -> None:
    assert scalar(read(text, pure), word).position[1:] == (line, column, end)


@pytest.mark.parametrize(
    ("text", "line", "column", "end"),
    [
        ("[a, b]", 1, 1, 7),
        ("  {a: b}", 1, 3, 9),
        ("[a,\n b]", 1, 1, 2),
        ("- a\n- b", 1, 1, 2),
        ("\nname: x\nb: c", 2, 1, 5),
        ("\ufeff[a]", 1, 2, 5),
    ],
)
def test_a_collection_stands_at_its_bracket_its_first_dash_or_its_first_key(
    text: str, line: int, column: int, end: int, pure: bool
) -> None:
    assert read(text, pure).position[1:] == (line, column, end)


def test_a_missing_value_stands_at_its_key(pure: bool) -> None:
    for text in ("a: {slice h=1: }", "a: [slice h=1: ]", "a:\n  slice h=1:\n\n# c"):
        tree = read(text, pure)
        assert scalar(tree, "").position == scalar(tree, "slice h=1").position


@pytest.mark.parametrize(
    ("text", "column"),
    [("- conv f=3 d=64", 8), ("- 'conv f=3 d=64'", 9), ('- "conv f=3 d=64"', 9), ("[&a conv f=3 d=64]", 10)],
)
def test_a_word_within_a_scalar_has_its_own_position(text: str, column: int, pure: bool) -> None:
    node = scalar(read(text, pure), "conv f=3 d=64")
    start = node.text.index("f=3")
    assert node.at(start, start + 3) == node.position._replace(column=column, end=column + 3)
    assert text[column - 1 :].startswith("f=3")


@pytest.mark.parametrize("text", ["- 'it''s'", r'- "a\tb"', "- |\n  a b", "- a\n  b", "- 'a\n  b'"])
def test_a_word_stands_where_its_scalar_does_when_columns_do_not_correspond(text: str, pure: bool) -> None:
    (node,) = scalars(read(text, pure))
    assert node.at(1, 2) == node.position


# Aliases


def test_an_alias_shares_the_node_of_its_anchor(pure: bool) -> None:
    tree = read("a: &x [conv, relu]\nb: *x\nc: [*x, *x]\n", pure)
    assert isinstance(tree, MappingNode)
    (_, first), (_, second), (_, third) = tree.entries
    assert first is second
    assert isinstance(third, SequenceNode)
    assert all(item is first for item in third.items)


def test_an_alias_inside_its_own_anchor_is_refused(pure: bool) -> None:
    finding = refusal("a: &x [b, *x]", pure)
    assert finding.message == "the alias '*x' stands inside its own anchor"
    assert place(finding) == (1, 11)
    assert finding.related[0].position.column == 4


def test_an_alias_of_nothing_is_refused_with_the_nearest_anchor(pure: bool) -> None:
    finding = refusal("a: &stem x\nb: *stm", pure)
    assert finding.message == "no anchor '&stm' stands before this alias"
    assert "'stem'" in finding.hint
    assert place(finding) == (2, 4)


def test_an_anchor_defined_twice_is_refused_with_both_places(pure: bool) -> None:
    finding = refusal("- &x a\n- &x b\n", pure)
    assert finding.message == "the anchor '&x' is defined twice"
    assert finding.position is not None
    assert (finding.position.line, finding.related[0].position.line) == (2, 1)


def bomb(levels: int) -> str:
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_aliases_expand_to_a_million_nodes_and_no_further(pure: bool) -> None:
    # Level n holds 10**(n + 1) scalars and lists below it, roughly: 10, 101, 1011, 10111, 101111, …
    # so five levels expand to 112,345 nodes and the sixth alone to 1,011,111.
    read(bomb(5), pure)
    finding = refusal(bomb(6), pure)
    assert finding.message == "aliases expand to more than 1,000,000 values"
    assert place(finding)[0] == 6


def test_aliases_do_not_nest_past_the_cap(pure: bool) -> None:
    chain = "- &a1 [x]\n" + "".join(f"- &a{n} [*a{n - 1}]\n" for n in range(2, 100))
    finding = refusal(chain, pure)
    assert finding.message == "aliases nest lists and mappings more than 64 deep"
    # The outer list is one level; &a63, made on line 63, is 63 more.
    assert place(finding)[0] == 64


# Caps


def test_sixty_four_levels_are_read_and_one_more_is_not(pure: bool) -> None:
    read("[" * 64 + "]" * 64, pure)
    finding = refusal("[" * 65 + "]" * 65, pure)
    assert finding.message == "lists and mappings nest more than 64 deep"
    assert place(finding) == (1, 65)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        # libyaml counts brackets itself before it tells of them: those on one line, 1,000 and more.
        ("[" * 2000, (1, 65)),
        ("a:\n  - " + "[" * 2000, (2, 67)),
        ("[\n" * 3 + "[" * 2000, (4, 62)),
        ("[\n" * 60 + "&b [\n" + "[" * 2000, (62, 4)),
        ("[x,\n [y, '[[[', " + "[" * 2000, (2, 75)),
        ('["[", "]\\"",\n' + "[" * 2000, (2, 64)),
        ("[[], {}, " + "[" * 2000, (1, 73)),
        ("[" * 64 + "\n" + "[" * 2000, (2, 1)),
    ],
)
def test_the_first_bracket_past_the_limit_is_blamed(text: str, where: tuple[int, int], pure: bool) -> None:
    finding = refusal(text, pure)
    assert finding.message == "lists and mappings nest more than 64 deep"
    assert place(finding) == where


@pytest.mark.parametrize("text", ["[", "{", "- ", "? ", "[{a: ", "&a [", "- - ? ", "[?", "'", "!", "(,"])
@pytest.mark.slow
def test_a_hundred_thousand_openings_are_refused_at_once(text: str, pure: bool) -> None:
    try:
        lines_run(lambda: read(text * 100_000, pure), limit=5 * 10**7)
    except DescriptionError as error:
        assert str(error)


def test_nested_blocks_are_refused_at_once(pure: bool) -> None:
    assert "64 deep" in refusal("".join(" " * n + "a:\n" for n in range(500)), pure).message


def test_text_past_the_cap_is_refused_with_both_sizes(pure: bool) -> None:
    text = "#" * (8 * 1024 * 1024 + 1)
    assert refusal(text, pure).message == (
        "the description has 8,388,609 characters; at most 8,388,608 are read"
    )


def test_more_nodes_than_the_cap_are_refused(pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert document.MOST_NODES == 1_000_000
    monkeypatch.setattr(document, "MOST_NODES", 10)
    read("[" + "a," * 9 + "]", pure)
    finding = refusal("[" + "a," * 10 + "]", pure)
    assert finding.message == "the description has more than 10 values"
    assert place(finding) == (1, 20)


@pytest.mark.slow
def test_very_long_lines_cost_in_proportion() -> None:
    def cost(count: int) -> int:
        scalar_count, read_cost = lines_run(
            lambda: len(list(scalars(read("[" + "conv f=3, " * count + "]"))))
        )
        assert scalar_count == count
        one, broken_cost = lines_run(lambda: len(refusals("[" + "a(b, " * count + "]")))
        assert one == 1
        fifty, repeated_cost = lines_run(lambda: len(refusals("{" + "a: 1, " * count + "}")))
        assert fifty == 50
        return read_cost + broken_cost + repeated_cost

    assert cost(40_000) < 4.5 * cost(10_000)


@pytest.mark.parametrize(
    "text", ["[a({0},{0})]", "a: *{0}", "a: &{0} [*{0}]", "[a?{0}]", "{{{0}: 1, {0}: 2}}"]
)
def test_messages_about_very_long_words_stay_short(text: str, pure: bool) -> None:
    assert all(len(str(finding)) < 1000 for finding in refusals(text.format("x" * 900), pure))


def test_hints_about_very_long_lines_stay_short(pure: bool) -> None:
    for text in ("conv f=3: {0}", "conv f=3: {0} x", "conv f={0}:"):
        tree = read(text.format("x" * 900), pure)
        assert isinstance(tree, MappingNode)
        assert 0 < len(colon_hint(tree)) < 400


# What the language leaves out of YAML


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "# only a comment\n", "---\n", "\t\n", "\ufeff", "---\n...\n"]
)
def test_an_empty_description_is_called_empty(text: str, pure: bool) -> None:
    assert refusal(text, pure).message == "the description is empty"


def test_a_key_that_stands_twice_is_refused_with_both_places(pure: bool) -> None:
    finding = refusal('a:\n  - name: x\n    other: y\n    "name": z\n', pure)
    assert finding.message == "the key 'name' stands twice in this mapping"
    assert place(finding) == (4, 5)
    assert finding.related[0].position[1:] == (2, 5, 9)


def test_equal_keys_of_different_mappings_are_fine(pure: bool) -> None:
    read("a: {x: 1}\nb: {x: 1, a: 2}\n", pure)


def test_every_finding_is_reported_in_the_order_of_the_text(pure: bool) -> None:
    text = "a: 1\na: 2\nb: *none\nc: !tag x\nd: [f(x, y)]\ne: {k: 1, k: 2}\n"
    assert [place(finding)[0] for finding in refusals(text, pure)] == [2, 3, 4, 5, 6]


def test_findings_before_a_syntax_error_are_reported_with_it(pure: bool) -> None:
    assert [place(finding)[0] for finding in refusals("a: 1\na: 2\nb: [x\n", pure)] == [2, 3]


def test_at_most_fifty_findings_are_reported(pure: bool) -> None:
    assert len(refusals("a: 1\n" * 200, pure)) == 50


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("a: !foo b", (1, 4), "'!' starts a YAML tag"),
        ("a: !!int 3", (1, 4), "'!' starts a YAML tag"),
        ("- !!python/object/apply:os.system [ls]", (1, 3), "'!' starts a YAML tag"),
        ("a: ! b", (1, 4), "'!' starts a YAML tag"),
        ("a: !<x b", (1, 4), "'!' starts a YAML tag"),
        ("a: 1\n---\nb: 2\n", (2, 1), "a second document starts here"),
        ("%YAML 1.2\n---\na: b\n", (1, 1), "a line that starts with '%' is a YAML directive"),
        ("%TAG ! !x\n---\na: b\n", (1, 1), "a line that starts with '%' is a YAML directive"),
        ("%OTHER x\n---\na: b\n", (1, 1), "a line that starts with '%' is a YAML directive"),
        ("{[a]: b}", (1, 2), "a key must be a text, not a list or a mapping"),
        ("{{ a }}", (1, 2), "a key must be a text, not a list or a mapping"),
        ("- &x a\n- *x : b", (2, 3), "a key must be a text, not an alias"),
        ("? a\n: b", (1, 1), "a '?' here makes a complex key"),
        ("a:\n- ? b", (2, 3), "a '?' here makes a complex key"),
        ("{&x : a}", (1, 4), "the key before this colon is missing"),
    ],
)
def test_yaml_that_the_language_leaves_out_is_refused(
    text: str, where: tuple[int, int], message: str, pure: bool
) -> None:
    finding = refusal(text, pure)
    assert finding.message.startswith(message)
    assert place(finding) == where


def test_a_merge_key_is_a_key_like_any_other(pure: bool) -> None:
    assert plain_data(read("a: &x {b: c}\nd: {<<: *x}", pure)) == {"a": {"b": "c"}, "d": {"<<": {"b": "c"}}}


def test_a_question_mark_within_a_block_text_is_fine(pure: bool) -> None:
    assert plain_data(read("a: why? # really?\nb: ['a?']\n", pure)) == {"a": "why?", "b": ["a?"]}


@pytest.mark.parametrize("text", ["[a?b]", "[a ?]", "[?]", "{a?: b}", "{a, ?b: c}", "[? a]", "{a: [b?, c]}"])
def test_a_question_mark_unquoted_within_brackets_is_refused(text: str, pure: bool) -> None:
    assert refusals(text, pure)


# Syntax errors, in words


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("layers:\n\t- conv", (2, 1), "a tab indents this line; YAML indents with spaces"),
        ("layers:\n  - conv\n \t- relu", (3, 1), "a tab indents this line; YAML indents with spaces"),
        ("a:\n\tb: c", (2, 1), "a tab indents this line; YAML indents with spaces"),
        ("a: [b, c\n", (1, 4), "this '[' is never closed"),
        ("- {a: b\n", (1, 3), "this '{' is never closed"),
        ("a: 'b\nc: d\n", (1, 4), "this quote is never closed"),
        ('- "b\n', (1, 3), "this quote is never closed"),
        ("layers:\n-conv f=3\n-relu\n", (2, 1), "this line is neither 'key: value' nor '- item'"),
        ("layers:\n  -conv f=3\n  -relu\n", (2, 3), "a list item needs a space after its dash"),
        ("a: b\nc\n", (2, 1), "this line is neither 'key: value' nor '- item'"),
        ("- @x", (1, 3), "an unquoted text cannot start with '@'"),
        ("- %x", (1, 3), "an unquoted text cannot start with '%'"),
        ("- `x`", (1, 3), "an unquoted text cannot start with '`'"),
        ("- *.skip", (1, 3), "'&' and '*' start the name of an anchor"),
        ("source: Simonyan: 2014", (1, 17), "a colon and a space make a key"),
        ("layers: - conv", (1, 9), "a list item cannot start here"),
        ("a:\n  - b\n - c\n", (3, 2), "this line is indented by 1 space, like none above it"),
        ("a:\n    - b\n  - c\n", (3, 3), "this line is indented by 2 spaces, like none above it"),
        ("a: 1\n- b\n", (2, 1), "expected another 'key: value', indented like the first"),
        ("- b\na: 1\n", (2, 1), "expected another '- item', indented like the first"),
        ("name: 'it's'", (1, 11), "this stands after the closing quote"),
        ("[a] b", (1, 5), "this stands after the end of the description"),
        ("[a,, b]", (1, 4), "something is missing before ','"),
        ("a: [b}", (1, 6), "expected ',' or ']' before '}'"),
        ('{"a": 1 "b": 2}', (1, 12), "expected ',' or '}' before ':'"),
        ("a: |x\n", (1, 5), "after '|' or '>' a new line must follow"),
        ("[slice h=1:, relu]", (1, 11), "a colon at the end of an item makes a YAML key of it"),
        ("[pad p=0:]", (1, 9), "a colon at the end of an item makes a YAML key of it"),
    ],
)
def test_a_syntax_error_says_what_is_wrong_and_where(
    text: str, where: tuple[int, int], message: str, pure: bool
) -> None:
    finding = refusal(text, pure)
    assert finding.message.startswith(message)
    assert place(finding) == where


def test_a_dash_without_its_space_is_explained(pure: bool) -> None:
    assert "space after its dash" in refusal("layers:\n-conv f=3\n-relu\n", pure).hint


def test_a_bracket_open_since_an_earlier_line_is_shown(pure: bool) -> None:
    finding = refusal("layers: [conv, relu\nname: x\n", pure)
    assert finding.related[0].position[1:3] == (1, 9)


# The two frequent mistakes


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("[conv d=max(c,8)]", "conv d=max(c,8)"),
        ("[relu, conv d=max(c, 8) -> 3x3, bn]", "conv d=max(c, 8) -> 3x3"),
        ("[conv d=f((1,2),3), relu]", "conv d=f((1,2),3)"),
        ("[conv d=max(c,\n  8), relu]", "conv d=max(c, 8)"),
        ("{when: min(a, b) == 1, do: [relu]}", "min(a, b) == 1"),
        ("{block(d, f, s=1): [relu]}", "block(d, f, s=1)"),
        ("[conv d=max(c, s: 3)]", "conv d=max(c, s: 3)"),
        ("[{do: [conv d=max(c,8)]}]", "conv d=max(c,8)"),
    ],
)
def test_an_item_that_a_comma_split_is_shown_whole_with_its_quotes(text: str, whole: str, pure: bool) -> None:
    finding = refusal(text, pure)
    assert repr(whole) in finding.message
    assert finding.hint == f'quote it: "{whole}"'
    assert finding.position is not None
    assert text[finding.position.column - 1 :].startswith(whole[:5])


def test_the_quoted_form_of_a_split_item_is_read(pure: bool) -> None:
    assert plain_data(read('["conv d=max(c,8)", relu]', pure)) == ["conv d=max(c,8)", "relu"]
    assert plain_data(read("layers:\n- conv d=max(c,8)\n", pure)) == {"layers": ["conv d=max(c,8)"]}


def test_every_split_item_is_reported_once(pure: bool) -> None:
    found = refusals("{a(d, f): [x], b(d, f): [conv d=max(c,8)]}", pure)
    assert [finding.hint for finding in found] == [
        'quote it: "a(d, f)"',
        'quote it: "b(d, f)"',
        'quote it: "conv d=max(c,8)"',
    ]


@pytest.mark.parametrize("text", ["[conv d=(c, relu]", "[conv d=c), relu]", "[conv d=(c, 'x)']"])
def test_parentheses_within_brackets_that_never_balance_are_refused(text: str, pure: bool) -> None:
    assert "parenthesis" in refusal(text, pure).message


def test_only_unquoted_scalars_can_be_unbalanced(pure: bool) -> None:
    tree = read("- conv d=max(c\n- conv d=max(c,8)\n- 'conv d=max(c'\n", pure)
    assert [bool(unbalanced(node)) for node in scalars(tree)] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("slice h=1:", 'write both ends, as in "slice h=1:-1", or quote the line: "slice h=1:"'),
        ("pad p=0: 1", "write it without the space: pad p=0:1"),
        ("identity from: a", 'quote the line: "identity from: a"'),
        ('say "a b": c', "quote the line: 'say \"a b\": c'"),
        ("conv f=3: [a]", "quote the line if it is a layer"),
    ],
)
def test_a_line_with_a_colon_that_became_a_mapping_is_recognised(text: str, advice: str, pure: bool) -> None:
    tree = read(text, pure)
    assert isinstance(tree, MappingNode)
    assert colon_hint(tree).endswith(advice)


@pytest.mark.parametrize("text", ["repeat: 3", "add: [a b]", "a: b\nc d: e", "{}", "relu:"])
def test_a_mapping_meant_as_one_is_not_taken_for_a_line(text: str, pure: bool) -> None:
    tree = read(text, pure)
    assert isinstance(tree, MappingNode)
    assert colon_hint(tree) == ""


# Hostile text


@pytest.mark.parametrize(
    ("text", "where", "code"),
    [
        ("a: b\0", (1, 5), "U+0000"),
        ("a: b\nc: \x07", (2, 4), "U+0007"),
        ("a: b\nc\x0bd", (2, 2), "U+000B"),
        ("\x7f", (1, 1), "U+007F"),
        ("a: \x85", (1, 4), "U+0085"),
        ("é: \u2028", (1, 4), "U+2028"),
        ("a: \ud800", (1, 4), "U+D800"),
        ("a\r\n\r\n \udfff", (3, 2), "U+DFFF"),
        ("\ufeff\ufeff", (1, 2), "U+FEFF"),
        ("a: \uffff", (1, 4), "U+FFFF"),
        (r'a: "\0"', (1, 4), "U+0000"),
        (r'a: "x\u2028"', (1, 4), "U+2028"),
        (r'[a, "\e"]', (1, 5), "U+001B"),
    ],
)
def test_invisible_and_broken_characters_are_named(
    text: str, where: tuple[int, int], code: str, pure: bool
) -> None:
    finding = refusal(text, pure)
    assert code in finding.message
    assert place(finding) == where


@pytest.mark.parametrize(
    "escape", [r"\ud800", r"\ud83d\ude00", r"\U00110000", r"\UFFFFFFFF", r"\q", r"\xg", r"\u12"]
)
def test_escapes_of_no_character_are_refused(escape: str, pure: bool) -> None:
    assert place(refusal(f'a: 1\nb: "{escape}"', pure))[0] == 2


PIECES = [
    *[
        "conv f=3",
        "a",
        "中",
        "😀",
        "max(a,b)",
        "-x",
        "=",
        "(",
        ")",
        "\\",
        "\\u00e9",
        "\\ud800",
        "\\U00110000",
    ],
    *[": ", ":", "- ", "-", "? ", "?", ", ", ",", "[", "]", "{", "}", '"a"', "'b'", '"', "'"],
    *[" #c", "#", "|\n", ">-\n", "|2\n", "|#", "&a ", "*a ", "&", "*", "!t ", "!", "<<: ", "@", "`", "%"],
    *["---\n", "--- ", "...\n", "%YAML 1.2\n", "%X\n", "\n", "\n  ", "\n    ", "\n\t", "\r\n", "\r"],
    *[" ", "  ", "\t", "\ufeff", "\xa0", "\x85", "\0", "\ud800", "\u3000"],
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.text(max_size=60),
    st.text("ab:-?,[]{}&*!|>'\"#%@` \n\t\\u0(", max_size=60),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)


def outcome(text: str, pure: bool) -> DocumentValue | None:
    """The tree; None for a refusal whose every finding has a place within, or right after, the text."""
    try:
        return read(text, pure)
    except DescriptionError as error:
        assert str(error)
        assert error.diagnostics
        lines = text.splitlines() or [""]
        for finding in error.diagnostics:
            line, column = place(finding)
            assert 1 <= line <= len(lines)
            assert 1 <= column <= len(lines[line - 1]) + 1
        return None


@settings(max_examples=600, deadline=None)
@given(TEXTS)
@example("[a?b]")
@example("{b :}")
@example("!]")
@example("|#")
@example("a\t")
@example("a:\tb\n\tc")
@example('"\\U00110000"')
@example('"\\ud800"')
@example("%X\na: b")
def test_both_parsers_give_the_same_tree_or_both_a_refusal(text: str) -> None:
    assert outcome(text, pure=False) == outcome(text, pure=True)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_scalar_that_maps_to_columns_stands_there_in_the_source(text: str) -> None:
    tree = outcome(text, pure=False)
    for node in scalars(tree) if tree else ():
        if node.inset is not None:
            where = node.at(0, len(node.text))
            shown = where.source.line(where.line).replace("\t", " ")
            assert shown[where.column - 1 : where.end - 1] == node.text
            assert where.end + node.inset == node.position.end


def survives(text: str) -> bool:
    return outcome(json.dumps(text, ensure_ascii=False), pure=False) is not None


TREES = st.recursive(
    st.text(min_size=1, max_size=8).filter(survives),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc é中", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(TREES, st.sampled_from([None, 1, 4, "\t"]))
def test_what_json_writes_is_read_back(data: object, indent: int | str | None) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    for pure in (False, True):
        assert plain_data(read(text, pure)) == data
